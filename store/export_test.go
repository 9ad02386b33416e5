package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"maps"
	"slices"
	"strings"

	"dovetail/merge"
)

// CheckLine parses a line, for tests from outside.
func CheckLine(text []byte) error {
	_, err := parseLine(text)
	return err
}

// Bare opens the file to write as the store does, with nothing in between.
func (s *Store) Bare() (*sql.DB, error) {
	return pool(s.info.Path, "rw", 1, slices.Concat(safe, logged, writing))
}

// Overwrite writes fields as a version, also where somebody else has made that one: what a store without a guard would do.
func (s *Store) Overwrite(ctx context.Context, key merge.Key, version int64, fields merge.Document) error {
	return s.write(ctx, func(t *tx) error {
		h, _, err := headOf(t, key)
		if err != nil {
			return err
		}
		kept, err := t.keep(fields)
		if err != nil {
			return err
		}
		if version > h.number {
			return t.add(h, entry{number: version, fields: kept, cause: CauseWrite, editedAt: t.now})
		}
		_, err = t.run(`UPDATE dovetail_record SET document = $1 WHERE id = $2`, kept.id, h.id)
		return err
	})
}

// ListNames lists the names of conflicts that came into the file by plain SQL, those with a number above after.
func (s *Store) ListNames(ctx context.Context, after int64) error {
	return s.write(ctx, func(t *tx) error {
		return t.rows(func(rows *sql.Rows) error {
			var n name
			err := rows.Scan(&n.place.id, &n.place.openedAt, &n.key.Collection, &n.key.ID)
			t.names = append(t.names, n)
			return err
		}, `SELECT id, opened_at, collection, name FROM dovetail_conflict WHERE id > $1 ORDER BY opened_at, id`, after)
	})
}

// QueuePlan tells how SQLite reads a page.
func (s *Store) QueuePlan(ctx context.Context, q merge.Query) (string, error) {
	var plan strings.Builder
	err := s.glance(ctx, func(g *glance) error {
		if err := g.conn.forget(); err != nil {
			return err
		}
		return nil
	})
	if err != nil {
		return "", err
	}
	if _, err := s.Conflicts(ctx, q); err != nil {
		return "", err
	}
	err = s.glance(ctx, func(g *glance) error {
		for _, asked := range slices.Sorted(maps.Keys(g.conn.kept)) {
			if asked == `BEGIN` || asked == `ROLLBACK` {
				continue
			}
			explain := &query{args: make([]driver.Value, strings.Count(asked, "$"))}
			explain.text.WriteString("EXPLAIN QUERY PLAN " + asked)
			if err := g.rows(func(row *cells) error {
				plan.WriteString(row.text(3) + "\n")
				return nil
			}, explain); err != nil {
				return err
			}
		}
		return nil
	})
	return plan.String(), err
}
