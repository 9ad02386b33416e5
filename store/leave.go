package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// Unfinished is what a database holds that is nowhere else: it would be lost with dovetail's tables.
type Unfinished struct {
	Conflicts int64 // open or snoozed
	Drafts    int64 // for those, where one that was written stays only for whoever takes that back, and for records
	Unsent    int64 // changes that the hub has not answered
}

// None reports whether there is nothing of the kind.
func (u Unfinished) None() bool { return u == Unfinished{} }

// Unfinished counts what is under way.
func (s *Store) Unfinished(ctx context.Context) (Unfinished, error) {
	var u Unfinished
	err := s.read(ctx, func(v *view) error {
		_, err := v.row([]any{&u.Conflicts, &u.Drafts, &u.Unsent}, `
			SELECT
				(SELECT count(*) FROM dovetail_conflict WHERE state IN ('open', 'snoozed')),
				(SELECT count(*)
					FROM dovetail_draft d
					JOIN dovetail_conflict c ON c.id = d.conflict
					WHERE c.state IN ('open', 'snoozed') AND `+begun("d")+`) + (SELECT count(*) FROM dovetail_record_draft),
				(SELECT count(*) FROM dovetail_change WHERE outbox > 0)`)
		return err
	})
	return u, wrap("count what is under way", err)
}

// PlainSchema is the SQL that makes dovetail's tables in an application's database.
func PlainSchema() ([]string, error) {
	steps, err := stepsFor(false)
	if err != nil {
		return nil, err
	}
	var all []string
	for _, step := range steps {
		all = append(all, step.script)
	}
	return all, nil
}

// MoveOut removes every trace of dovetail from an application's database, in one transaction, with all that its tables
// hold: first does what else is to be undone. [ErrOwnHome] where the file is dovetail's own.
func MoveOut(ctx context.Context, path string, first func(Statements) error) (err error) {
	if path, err = absolute(path); err != nil {
		return err
	}
	if err := process(); err != nil {
		return err
	}
	own, err := probe(ctx, path)
	switch {
	case err != nil:
		return err
	case own:
		return &PathError{Path: path, Err: ErrOwnHome}
	}
	// The tables point at one another in circles, so that none could go first.
	settings := append(slices.DeleteFunc(slices.Clone(safe), func(s setting) bool { return s.name == "foreign_keys" }),
		setting{"foreign_keys", "0", "0"})
	db, err := pool(path, "rw", 1, settings)
	if err != nil {
		return pathError(path, err)
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	conn, err := db.Conn(ctx)
	if err != nil {
		return pathError(path, err)
	}
	defer conn.Close()
	if _, err := conn.ExecContext(ctx, `BEGIN IMMEDIATE`); err != nil {
		return pathError(path, err)
	}
	b := bare{context.WithoutCancel(ctx), conn}
	if err = first(b); err == nil {
		err = b.dropAll()
	}
	if err != nil {
		_, failed := conn.ExecContext(b.ctx, `ROLLBACK`)
		return errors.Join(pathError(path, err), failed)
	}
	_, err = conn.ExecContext(b.ctx, `COMMIT`)
	return pathError(path, err)
}

// bare runs SQL on a connection.
type bare struct {
	ctx  context.Context // of the transaction
	conn *sql.Conn
}

func (b bare) Run(query string, args ...any) (sql.Result, error) {
	return b.conn.ExecContext(b.ctx, query, args...)
}

func (b bare) Rows(each func(*sql.Rows) error, query string, args ...any) error {
	rows, err := b.conn.QueryContext(b.ctx, query, args...)
	if err != nil {
		return err
	}
	return eachRow(rows, each)
}

// dropAll removes our tables, with their indexes and triggers. A virtual one takes its own tables along.
func (b bare) dropAll() error {
	var virtual, tables []string
	err := b.Rows(func(rows *sql.Rows) error {
		var name, text string
		if err := rows.Scan(&name, &text); err != nil {
			return err
		}
		if strings.HasPrefix(text, "CREATE VIRTUAL") {
			virtual = append(virtual, name)
		} else {
			tables = append(tables, name)
		}
		return nil
	}, `
		SELECT name, sql
		FROM sqlite_master
		WHERE type = 'table' AND substr(name, 1, 9) = 'dovetail_'
		ORDER BY name`)
	if err != nil {
		return fmt.Errorf("list tables: %w", err)
	}
	tables = slices.DeleteFunc(tables, func(name string) bool {
		return slices.ContainsFunc(virtual, func(v string) bool { return strings.HasPrefix(name, v+"_") })
	})
	for _, name := range append(tables, virtual...) {
		if _, err := b.Run(`DROP TABLE ` + quoteName(name)); err != nil {
			return fmt.Errorf("remove %s: %w", name, err)
		}
	}
	return nil
}
