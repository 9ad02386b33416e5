package adopt

import (
	"database/sql"

	"dovetail/store"
)

// What a store and its adopted tables say to one another.
type (
	Statements      = store.Statements
	Row             = store.Row
	ConstraintError = store.ConstraintError
)

var (
	_ store.Adoption = (*Tables)(nil)
	_ store.Walker   = (*Tables)(nil)
)

// Waiting reports whether the log holds anything.
func (t *Tables) Waiting(s Statements) (bool, error) {
	k, err := t.refresh(s)
	if err != nil || k.width == 0 {
		return false, err
	}
	waiting := 0
	return one(s, []any{&waiting}, `SELECT 1 FROM dovetail_row LIMIT 1`)
}

// one scans the first row of a query; false where there is none.
func one(s Statements, into []any, query string, args ...any) (bool, error) {
	found := false
	err := s.Rows(func(rows *sql.Rows) error {
		if found {
			return nil
		}
		found = true
		return rows.Scan(into...)
	}, query, args...)
	return found, err
}
