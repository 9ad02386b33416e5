package store

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"
)

// unmixed looks for strangers before anything of the file is used.
func (s *Store) unmixed(ctx context.Context) error {
	tx, err := s.readers.BeginTx(ctx, &sql.TxOptions{ReadOnly: true})
	if err != nil {
		return classify(err)
	}
	defer tx.Rollback()
	return classify(strangers(&view{ctx: ctx, tx: tx}, s.own))
}

// strangers refuses a file in which something that dovetail did not make goes by the name of one of its tables, or acts when
// one is written: a view, a virtual table, a trigger. It would run with the rights of whoever opens the file, and might say
// or do anything, or never end. What else may be wrong with the tables is for [Store.Check] to find.
func strangers(from source, own bool) error {
	steps, err := stepsFor(own)
	if err != nil {
		return err
	}
	return from.rows(func(rows *sql.Rows) error {
		var kind, name, text string
		if err := rows.Scan(&kind, &name, &text); err != nil {
			return err
		}
		// SQLite keeps the text of what our scripts make.
		if text != "" && slices.ContainsFunc(steps, func(m migration) bool { return strings.Contains(m.script, text+";") }) {
			return nil
		}
		return fmt.Errorf("%w: the %s %q is none of dovetail's", ErrStranger, kind, strings.ToValidUTF8(name, "\uFFFD"))
	}, `
		SELECT CAST(type AS TEXT), CAST(name AS TEXT), CAST(coalesce(sql, '') AS TEXT)
		FROM sqlite_master
		WHERE (lower(substr(name, 1, 9)) = 'dovetail_' AND type IN ('view', 'table') OR
				lower(substr(tbl_name, 1, 9)) = 'dovetail_' AND type = 'trigger')
			AND coalesce(rootpage, 0) = 0`)
}
