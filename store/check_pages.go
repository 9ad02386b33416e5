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
// of the same type. Of an application's tables it looks at the pages, the order of rows and the indexes. Whether the rows
// keep to its constraints is not looked at: it may never have asked for that, and may keep them by functions of its own.
func (c *checkup) pages(n *notes) error {
	own, err := c.ownHome()
	if err != nil {
		return err
	}
	about := several(c.weights["pages"], "page") + ", each as SQLite wrote it"
	if own {
		err = c.integrity(n, "integrity_check")
	} else {
		about, err = c.applicationPages(n)
	}
	c.tick(c.weights["pages"])
	n.looked("%s", about)
	return err
}

// applicationPages looks at an application's database, and at dovetail's tables in it as in a file of their own.
func (c *checkup) applicationPages(n *notes) (about string, err error) {
	ours, err := tableNames(c.view)
	if err != nil {
		return "", err
	}
	for _, table := range ours {
		if err := c.integrity(n, "integrity_check("+quoteName(table)+")"); err != nil {
			return "", err
		}
	}
	if _, err := c.view.row(nil, `PRAGMA ignore_check_constraints = 1`); err != nil {
		return "", err
	}
	about = several(c.weights["pages"], "page") + ", each as SQLite wrote it; the application's CHECKs are not asked"
	if err = c.integrity(n, "integrity_check"); needsMore(err) {
		var blind []string
		blind, err = c.eachTable(n)
		about = several(int64(len(ours)), "table") + " of dovetail's, and what can be read of the application's; these need what only it has: " +
			strings.Join(blind, ", ")
	}
	if err == nil {
		_, err = c.view.row(nil, `PRAGMA ignore_check_constraints = 0`)
	}
	return about, err
}

// eachTable looks at each of an application's tables, and names those of which not all can be looked at: an index, or an
// order, is made by a function or a collation that only the application has.
func (c *checkup) eachTable(n *notes) (blind []string, err error) {
	tables, err := names(c.view, `
		SELECT name
		FROM sqlite_master
		WHERE type = 'table' AND rootpage > 0 AND substr(name, 1, 9) <> 'dovetail_'
		ORDER BY name`)
	if err != nil {
		return nil, err
	}
	for _, table := range tables {
		err := c.integrity(n, "integrity_check("+quoteName(table)+")")
		if needsMore(err) {
			blind = append(blind, strconv.Quote(table))
			err = c.integrity(n, "quick_check("+quoteName(table)+")") // without the indexes
		}
		if err != nil && !needsMore(err) {
			return nil, err
		}
	}
	return blind, nil
}

// needsMore reports whether SQL could not be understood because something is not there that only the application has.
func needsMore(err error) bool {
	return isSQL(err)
}

// integrity has SQLite look at a table, or at the whole file.
func (c *checkup) integrity(n *notes, how string) error {
	return c.view.rows(func(rows *sql.Rows) error {
		var line string
		if err := rows.Scan(&line); err != nil {
			return err
		}
		if line != "ok" && !excused(line) {
			n.wrong("%s", line)
		}
		if c.failed == nil && unread(line) {
			c.failed = fmt.Errorf("look at the pages: %s", line)
		}
		return nil
	}, `PRAGMA `+how)
}

// excused reports whether something that was found of an application's table is as it was written: it breaks a rule of the
// application's, or nobody can say who does not have its tokenizers.
func excused(line string) bool {
	table, about := strings.CutPrefix(line, "NULL value in ")
	if !about && strings.HasPrefix(line, "unable to validate the inverted index for FTS") {
		_, table, about = strings.Cut(line, " table main.")
	}
	return about && !strings.HasPrefix(table, "dovetail_")
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

// references looks for rows that point at no row. An application need not have those of its own kept.
func (c *checkup) references(n *notes) error {
	own, err := c.ownHome()
	if err != nil {
		return err
	}
	err = c.view.rows(func(rows *sql.Rows) error {
		var table, parent string
		var row sql.NullInt64
		var key int64
		if err := rows.Scan(&table, &row, &parent, &key); err != nil {
			return err
		}
		if !own && !strings.HasPrefix(table, "dovetail_") {
			return nil
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
	want, err := freshObjects(c.ctx, own)
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
		if _, ours := want[strings.ToLower(is[name].table)]; !own && !ours {
			continue // a table to adopt others by, or a trigger on one of those
		}
		n.wrong("the %s %q on %q is none of dovetail's", is[name].kind, name, is[name].table)
	}
	n.looked("%d tables, indexes and triggers, as dovetail makes them", len(want))
	return nil
}

func (c *checkup) ownHome() (bool, error) {
	var home string
	_, err := c.view.row([]any{&home}, `SELECT home FROM dovetail_meta`)
	return home == homeOwn, err
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
		WHERE lower(substr(tbl_name, 1, 9)) = 'dovetail_' OR lower(substr(name, 1, 9)) = 'dovetail_'`)
	return all, wrap("read the schema", err)
}

// freshObjects are those of a database that was just made; it is one in memory.
func freshObjects(ctx context.Context, own bool) (all map[string]object, err error) {
	steps, err := stepsFor(own)
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
