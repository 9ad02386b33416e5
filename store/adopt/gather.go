package adopt

import (
	"bytes"
	"database/sql"
	"fmt"
	"strings"

	"dovetail/merge"
)

// Gather takes what clients wrote to adopted tables since it was last called out of the log, oldest first. Of a row that
// was written several times every state is there that differs from the one before it; the last is what the table holds.
// A row may be said to be gone that nobody heard of: it came and went within one statement.
func (t *Tables) Gather(s Statements) ([]Row, error) {
	k, err := t.refresh(s)
	if err != nil || k.width == 0 {
		return nil, err
	}
	g := gatherer{known: k, trails: map[merge.Key]*trail{}}
	if err := g.readLog(s); err != nil {
		return nil, fmt.Errorf("read the log of adopted tables: %w", err)
	}
	if g.last == 0 {
		return nil, nil
	}
	if err := g.finish(s); err != nil {
		return nil, fmt.Errorf("compare the log with the tables: %w", err)
	}
	if _, err := s.Run(`DELETE FROM dovetail_row`); err != nil {
		return nil, fmt.Errorf("empty the log of adopted tables: %w", err)
	}
	var list []Row
	for _, e := range g.entries {
		if e.certain {
			list = append(list, e.Row)
		}
	}
	return list, nil
}

// gatherer follows the log, row by row.
type gatherer struct {
	known   *known
	entries []entry
	trails  map[merge.Key]*trail
	order   []*trail
	last    int64 // of the log
}

// entry is a state of a row. One that is not certain is a row that REPLACE may have removed.
type entry struct {
	Row
	certain bool
}

// trail is what was found of one row so far.
type trail struct {
	record merge.Key
	table  *table
	key    []any
	seen   bool           // state is known
	state  merge.Document // the last one
	looked int            // the entry, from 1, that may come to be certain; 0: none
}

func (g *gatherer) readLog(s Statements) error {
	list := []string{"seq", "adopted", "event"}
	for i := range g.known.width {
		list = append(list, fmt.Sprintf("c%d", i))
	}
	row, into := cells(g.known.width)
	return s.Rows(func(rows *sql.Rows) error {
		var number, event int64
		if err := scan(rows, row, append([]any{&g.last, &number, &event}, into...)); err != nil {
			return err
		}
		return g.follow(number, event, row)
	}, `SELECT `+strings.Join(list, ", ")+` FROM dovetail_row ORDER BY seq`)
}

// follow takes in one row of the log.
func (g *gatherer) follow(number, event int64, row []any) error {
	t := g.known.byNumber[number]
	if t == nil || len(t.logs) > len(row) {
		return nil
	}
	record, ok := t.record(row)
	if !ok {
		return nil
	}
	at := g.trails[record]
	if at == nil {
		at = &trail{record: record, table: t, key: t.keyOf(row)}
		g.trails[record] = at
		g.order = append(g.order, at)
	}
	switch event {
	case looked:
		if at.looked == 0 && (!at.seen || at.state != nil) {
			g.entries = append(g.entries, entry{Row: Row{Record: record}})
			at.looked = len(g.entries)
		}
		return nil
	case left:
		g.settle(at, true)
		g.state(at, nil)
		return nil
	}
	g.settle(at, event == arrived)
	document, err := t.makeDocument(row)
	if err == nil {
		g.state(at, document)
	}
	return err
}

// settle decides whether a row that REPLACE may have removed was.
func (g *gatherer) settle(at *trail, removed bool) {
	if at.looked > 0 && removed {
		g.entries[at.looked-1].certain = true
		at.seen, at.state = true, nil
	}
	at.looked = 0
}

// state adds what a row became, unless it is that already.
func (g *gatherer) state(at *trail, document merge.Document) {
	if at.seen && (at.state == nil) == (document == nil) && bytes.Equal(at.state, document) {
		return
	}
	at.seen, at.state = true, document
	g.entries = append(g.entries, entry{Row{Record: at.record, Fields: document}, true})
}

// finish compares the last state of each row with the table. The log may miss what a trigger of the application did in
// the middle of a statement, in an order that no trigger sees.
func (g *gatherer) finish(s Statements) error {
	for _, at := range g.order {
		if !at.table.findable() {
			continue
		}
		row, err := at.table.find(s, at.key)
		if err != nil {
			return err
		}
		g.settle(at, row == nil)
		var document merge.Document
		if row != nil {
			if !at.seen { // it only stood in the way
				continue
			}
			if document, err = at.table.makeDocument(row); err != nil {
				return err
			}
		}
		g.state(at, document)
	}
	return nil
}
