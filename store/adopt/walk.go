package adopt

import (
	"bytes"
	"database/sql"
	"fmt"
	"iter"

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

// compare calls each with what a row is, unless that is the document.
func (t *table) compare(s Statements, id string, document merge.Document, each func(Row) error) error {
	p := putter{s: s, table: t, record: merge.Key{Collection: t.collection, ID: id}}
	var now merge.Document
	// An id or a document that cannot be of the table, as that of a key it had before, is of no row.
	if err := p.prepare(document, nil); err == nil {
		row, err := t.find(s, p.key)
		if err == nil && row != nil {
			now, err = t.makeDocument(row)
		}
		if err != nil {
			return err
		}
	}
	if (now == nil) == (document == nil) && bytes.Equal(now, document) {
		return nil
	}
	return each(Row{Record: p.record, Fields: now})
}
