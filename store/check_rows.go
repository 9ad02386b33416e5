package store

import (
	"context"
	"database/sql"

	"dovetail/merge"
)

// Walker is an [Adoption] whose rows can be looked at one by one.
type Walker interface {
	// Watched lists the adopted tables in which all that clients write is noticed, by collection, sorted.
	Watched(Statements) ([]string, error)
	// Walk calls each for every row of an adopted table.
	Walk(s Statements, collection string, each func(Row) error) error
	// Row is the row of a record as it is, nil where it is not there; known is what is known of it.
	Row(s Statements, record merge.Key, known merge.Document) (merge.Document, error)
	// Logged lists the records of which the log holds something that Gather has not taken out.
	Logged(Statements) (map[merge.Key]bool, error)
}

// CheckRows compares every row of the adopted tables in which all is noticed with its record, and finds what was written past
// the triggers, or changed by itself. What is owed is as it should be, and so is what was just written and is not taken in.
func (s *Store) CheckRows(ctx context.Context) (Finding, error) {
	n := notes{do: "where a program wrote such a row while no trigger ran, it is noticed once the row is written again, as by an UPDATE that " +
		"sets a column to what it is; where nobody did, let nobody write, keep a copy of the file, and go back to the last backup that passes"}
	walker, ok := s.adoption.(Walker)
	if !ok {
		return n.finding("rows"), nil
	}
	err := s.read(ctx, func(v *view) error {
		n.found, n.more = nil, 0
		tables, err := walker.Watched(inView{v})
		if err != nil {
			return err
		}
		var rows int64
		for _, collection := range tables {
			c := rowCheck{v: v, walker: walker, collection: collection, notes: &n}
			if err := c.run(); err != nil {
				return wrap("look at the rows of "+collection, err)
			}
			rows += c.rows
		}
		n.looked("%s of %s, as their records", several(rows, "row"), several(int64(len(tables)), "table"))
		return nil
	})
	return n.finding("rows"), err
}

// rowCheck is a look at the rows of one table.
type rowCheck struct {
	v          *view
	walker     Walker
	collection string
	notes      *notes

	own    []string           // columns that are left to the application
	logged map[merge.Key]bool // read once it is needed
	rows   int64
	stand  int64 // rows whose records are there
}

func (c *rowCheck) run() error {
	m, err := c.v.store.mannerOf(c.v, c.collection)
	if err == nil {
		c.own = m.ownColumns()
		err = c.walker.Walk(inView{c.v}, c.collection, c.row)
	}
	if err != nil {
		return err
	}
	var records int64
	if _, err := c.v.row([]any{&records}, `
		SELECT count(*)
		FROM dovetail_record
		WHERE collection = $1 AND CASE WHEN pending THEN pending_document ELSE document END IS NOT NULL`, c.collection); err != nil {
		return err
	}
	if records == c.stand {
		return nil
	}
	return c.missing()
}

// row compares one row with its record.
func (c *rowCheck) row(r Row) error {
	c.rows++
	h, _, err := headOf(c.v, r.Record)
	if err != nil {
		return err
	}
	stands := h.stands().text
	if stands != nil {
		c.stand++
	}
	holds := c.v.store.adoption.Complete(c.collection, r.Fields, stands)
	if sameBut(stands, holds, c.own) {
		return nil
	}
	words := "has a row, and the record is not there"
	if stands != nil {
		words = "has a row that is not as the record"
		if fields := changed(stands, holds); len(fields) > 0 {
			words += ": " + fields[0]
		}
	}
	return c.wrong(h, words)
}

// missing looks for records that are there, and have no row.
func (c *rowCheck) missing() error {
	last := ""
	for {
		var ids []string
		if err := c.v.rows(func(rows *sql.Rows) error {
			var id string
			err := rows.Scan(&id)
			ids = append(ids, id)
			return err
		}, `SELECT name FROM dovetail_record WHERE collection = $1 AND name > $2 ORDER BY name LIMIT $3`, c.collection, last, exportPage); err != nil {
			return err
		}
		for _, id := range ids {
			h, _, err := headOf(c.v, merge.Key{Collection: c.collection, ID: id})
			stands := h.stands().text
			if err != nil || stands == nil {
				if err != nil {
					return err
				}
				continue
			}
			row, err := c.walker.Row(inView{c.v}, h.key, stands)
			if err == nil && row == nil {
				err = c.wrong(h, "has no row, and the record is there")
			}
			if err != nil {
				return err
			}
		}
		if len(ids) < exportPage {
			return nil
		}
		last = ids[len(ids)-1]
	}
}

// wrong notes a row, unless it is known why it is otherwise.
func (c *rowCheck) wrong(h *head, words string) error {
	if c.logged == nil {
		var err error
		if c.logged, err = c.walker.Logged(inView{c.v}); err != nil {
			return err
		}
	}
	owed := false
	if _, err := c.v.row([]any{&owed}, `SELECT EXISTS (SELECT 1 FROM dovetail_owed WHERE record = $1)`, h.id); err != nil {
		return err
	}
	if !owed && !c.logged[h.key] {
		c.notes.wrong("%s %s", h.key, words)
	}
	return nil
}
