package adopt

import (
	"bytes"
	"database/sql"
	"fmt"
	"iter"
	"slices"

	"dovetail/merge"
)

// Walk calls each for every row of an adopted table. It must not write to that table meanwhile.
func (t *Tables) Walk(s Statements, collection string, each func(Row) error) error {
	k, err := t.refresh(s)
	if err != nil {
		return err
	}
	at := k.byCollection[collection]
	if at == nil || !at.findable() {
		return fmt.Errorf("read the rows of %q: %w", collection, ErrDrifted)
	}
	row, into := cells(len(at.logs))
	return s.Rows(func(rows *sql.Rows) error {
		if err := scan(rows, row, into); err != nil {
			return err
		}
		record, ok := at.record(row)
		if !ok {
			return nil
		}
		document, err := at.makeDocument(row)
		if err != nil {
			return err
		}
		return each(Row{Record: record, Fields: document})
	}, `SELECT `+at.selectList()+` FROM `+quote(at.current)+` AS dovetail`)
}

// Compare finds the rows of an adopted table that are not what is known of them, and calls each with what they are. That is
// how what was written while no trigger logged it comes in. The ids of all known records are held in memory.
func (t *Tables) Compare(s Statements, collection string, known iter.Seq2[string, merge.Document], each func(Row) error) error {
	k, err := t.refresh(s)
	if err != nil {
		return err
	}
	at := k.byCollection[collection]
	if at == nil || !at.findable() {
		return fmt.Errorf("compare the rows of %q: %w", collection, ErrDrifted)
	}
	heard := map[string]bool{}
	for id, document := range known {
		heard[id] = true
		if err := at.compare(s, id, document, each); err != nil {
			return fmt.Errorf("compare %s/%s: %w", collection, id, err)
		}
	}
	return t.Walk(s, collection, func(row Row) error {
		if heard[row.Record.ID] {
			return nil
		}
		return each(row)
	})
}

// Row is the row of a record as it is, nil where it is not there; known is what is known of it.
func (t *Tables) Row(s Statements, record merge.Key, known merge.Document) (merge.Document, error) {
	k, err := t.refresh(s)
	if err != nil {
		return nil, err
	}
	at := k.byCollection[record.Collection]
	if at == nil {
		return nil, fmt.Errorf("read the row of %s: %w", record, ErrDrifted)
	}
	return at.row(s, record.ID, known)
}

// Watched lists the adopted tables in which all that clients write is noticed, by collection, sorted.
func (t *Tables) Watched(s Statements) ([]string, error) {
	k, err := t.refresh(s)
	if err != nil {
		return nil, err
	}
	var list []string
	for collection, at := range k.byCollection {
		findings, err := at.drift(s)
		if err != nil {
			return nil, err
		}
		if at.findable() && !slices.ContainsFunc(findings, func(f Finding) bool { return f.What.Unwatched() && f.What != Nameless }) {
			list = append(list, collection)
		}
	}
	slices.Sort(list)
	return list, nil
}

// Logged lists the records of which the log holds something that Gather has not taken out.
func (t *Tables) Logged(s Statements) (map[merge.Key]bool, error) {
	k, err := t.refresh(s)
	if err != nil || k.width == 0 {
		return nil, err
	}
	g := gatherer{known: k, trails: map[merge.Key]*trail{}}
	if err := g.readLog(s); err != nil {
		return nil, fmt.Errorf("read the log of adopted tables: %w", err)
	}
	all := map[merge.Key]bool{}
	for key := range g.trails {
		all[key] = true
	}
	return all, nil
}

// compare calls each with what a row is, unless that is the document.
func (t *table) compare(s Statements, id string, document merge.Document, each func(Row) error) error {
	now, err := t.row(s, id, document)
	if err != nil {
		return err
	}
	if (now == nil) == (document == nil) && bytes.Equal(now, document) {
		return nil
	}
	return each(Row{Record: merge.Key{Collection: t.collection, ID: id}, Fields: now})
}

// row is what a row is of which a document is known; nil where it is not there. An id or a document that cannot be of the
// table, as that of a key it had before, is of no row.
func (t *table) row(s Statements, id string, document merge.Document) (merge.Document, error) {
	p := putter{s: s, table: t, record: merge.Key{Collection: t.collection, ID: id}}
	if p.prepare(document, nil) != nil {
		return nil, nil
	}
	row, err := t.find(s, p.key)
	if err != nil || row == nil {
		return nil, err
	}
	return t.makeDocument(row)
}
