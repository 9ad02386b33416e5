package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

// pages has SQLite look at its file: pages, indexes, types and constraints. It does not see a value that became another
// of the same type.
func (c *checkup) pages(n *notes) error {
	err := c.view.rows(func(rows *sql.Rows) error {
		var line string
		if err := rows.Scan(&line); err != nil {
			return err
		}
		if line != "ok" {
			n.wrong("%s", line)
		}
		if c.failed == nil && unread(line) {
			c.failed = fmt.Errorf("look at the pages: %s", line)
		}
		return nil
	}, `PRAGMA integrity_check`)
	c.tick(c.weights["pages"])
	n.looked("%s, each as SQLite wrote it", several(c.weights["pages"], "page"))
	return err
}

// unread reports whether what SQLite found is a page that it could not read, and not one that is wrong.
func unread(line string) bool {
	_, text, coded := strings.Cut(line, "unable to get the page. error code=")
	if !coded {
		return false
	}
	code, err := strconv.Atoi(strings.TrimSpace(text))
	return err == nil && code&0xff == sqlite3.SQLITE_IOERR
}

// references looks for rows that point at no row.
func (c *checkup) references(n *notes) error {
	err := c.view.rows(func(rows *sql.Rows) error {
		var table, parent string
		var row sql.NullInt64
		var key int64
		if err := rows.Scan(&table, &row, &parent, &key); err != nil {
			return err
		}
		n.wrong("row %d of %s points at a row of %s that is not there", row.Int64, table, parent)
		return nil
	}, `PRAGMA foreign_key_check`)
	n.looked("every row points at rows that are there")
	return err
}

// object is a table, an index or a trigger. types are those of its columns in the schema, and whether it has pages.
type object struct{ kind, name, table, sql, types string }

// tables compares our tables, indexes and triggers with those that this program makes.
func (c *checkup) tables(n *notes) error {
	own, err := c.ownHome()
	if err != nil {
		return err
	}
	if !own {
		n.looked("not compared in an application's database")
		return nil
	}
	want, err := freshObjects(c.ctx)
	if err != nil {
		return wrap("make tables to compare with", err)
	}
	is, err := objects(c.view)
	if err != nil {
		return err
	}
	for _, name := range slices.Sorted(maps.Keys(want)) {
		switch got, there := is[name]; {
		case !there:
			n.wrong("the %s %s is gone", want[name].kind, name)
		case got != want[name]:
			n.wrong("the %s %s is not as dovetail makes it", got.kind, name)
		}
		delete(is, name)
	}
	for _, name := range slices.Sorted(maps.Keys(is)) {
		n.wrong("the %s %q on %q is none of dovetail's", is[name].kind, name, is[name].table)
	}
	n.looked("%d tables, indexes and triggers, as dovetail makes them", len(want))
	return nil
}

func (c *checkup) ownHome() (bool, error) {
	var home string
	_, err := c.view.row([]any{&home}, `SELECT home FROM dovetail_meta`)
	return home == "own", err
}

func objects(from source) (map[string]object, error) {
	all := map[string]object{}
	err := from.rows(func(rows *sql.Rows) error {
		var o object
		err := rows.Scan(&o.kind, &o.name, &o.table, &o.sql, &o.types)
		all[o.name] = o
		return err
	}, `
		SELECT type, name, tbl_name, coalesce(sql, ''),
			typeof(type) || typeof(name) || typeof(tbl_name) || typeof(sql) || typeof(rootpage) || (rootpage > 0)
		FROM sqlite_master
		WHERE substr(tbl_name, 1, 9) = 'dovetail_' OR substr(name, 1, 9) = 'dovetail_'`)
	return all, wrap("read the schema", err)
}

// freshObjects are those of a database that was just made; it is one in memory.
func freshObjects(ctx context.Context) (all map[string]object, err error) {
	steps, err := readMigrations(migrations)
	if err != nil {
		return nil, err
	}
	base, err := sqlite.NewConnector("file::memory:?mode=memory")
	if err != nil {
		return nil, err
	}
	db := sql.OpenDB(base)
	defer func() { err = errors.Join(err, db.Close()) }()
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return nil, err
	}
	defer tx.Rollback()
	for _, step := range steps {
		if _, err := tx.ExecContext(ctx, step.script); err != nil {
			return nil, fmt.Errorf("schema %d: %w", step.number, err)
		}
	}
	return objects(&view{ctx: ctx, tx: tx})
}
