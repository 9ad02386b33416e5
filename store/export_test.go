package store

import (
	"context"
	"database/sql"
	"strings"

	"dovetail/merge"
)

// CheckLine parses a line, for tests from outside.
func CheckLine(text []byte) error {
	_, err := parseLine(text)
	return err
}

// QueuePlan tells how SQLite would read a page.
func (s *Store) QueuePlan(ctx context.Context, q merge.Query) (string, error) {
	from, err := parseCursor(q.From)
	if err != nil {
		return "", err
	}
	var plan strings.Builder
	err = s.read(ctx, func(v *view) error {
		p, err := newPager(v, q)
		if err != nil {
			return err
		}
		for _, state := range p.states {
			query, args := p.query(state, from, q.Backward, 50)
			if err := v.rows(func(rows *sql.Rows) error {
				var id, parent, unused int
				var detail string
				err := rows.Scan(&id, &parent, &unused, &detail)
				plan.WriteString(detail + "\n")
				return err
			}, "EXPLAIN QUERY PLAN "+query, args...); err != nil {
				return err
			}
		}
		return nil
	})
	return plan.String(), err
}
