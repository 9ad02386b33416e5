package adopt

import (
	"context"
	"database/sql"
	"fmt"
	"maps"
	"net/url"
	"path/filepath"
	"strings"
	"testing"

	_ "modernc.org/sqlite"
	"pgregory.net/rapid"

	"dovetail/merge"
)

// failer is what a test of either kind can do.
type failer interface {
	Helper()
	Fatal(args ...any)
	Fatalf(format string, args ...any)
}

var (
	_ failer = (*testing.T)(nil)
	_ failer = (*rapid.T)(nil)
)

// file is one connection to a database: the application's, or dovetail's.
type file struct {
	t    failer
	conn *sql.Conn
}

// open opens a database as an application does.
func open(t failer, path string, pragmas ...string) (file, func()) {
	t.Helper()
	return dial(t, path, url.Values{"_pragma": append(pragmas, "synchronous(0)")})
}

// openOurs opens a database as the store does.
func openOurs(t failer, path string) (file, func()) {
	t.Helper()
	return dial(t, path, url.Values{
		"_dqs": {"0"}, "_defensive": {"1"}, "_error_rc": {"1"},
		"_pragma": {"foreign_keys(1)", "trusted_schema(0)", "cell_size_check(1)", "synchronous(0)"},
	})
}

func dial(t failer, path string, how url.Values) (file, func()) {
	t.Helper()
	db, err := sql.Open("sqlite", "file:"+(&url.URL{Path: path}).EscapedPath()+"?"+how.Encode())
	if err != nil {
		t.Fatal(err)
	}
	conn, err := db.Conn(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	return file{t, conn}, func() {
		conn.Close()
		db.Close()
	}
}

// newPair makes an empty database that an application and dovetail have open.
func newPair(t *testing.T, pragmas ...string) (app, ours file) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "app.db")
	app, closeApp := open(t, path, pragmas...)
	t.Cleanup(closeApp)
	ours, closeOurs := openOurs(t, path)
	t.Cleanup(closeOurs)
	return app, ours
}

func (f file) Run(query string, args ...any) (sql.Result, error) {
	return f.conn.ExecContext(context.Background(), query, args...)
}

func (f file) Rows(each func(*sql.Rows) error, query string, args ...any) error {
	rows, err := f.conn.QueryContext(context.Background(), query, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if err := each(rows); err != nil {
			return err
		}
	}
	return rows.Err()
}

// do runs statements that must succeed.
func (f file) do(statements ...string) {
	f.t.Helper()
	for _, statement := range statements {
		if _, err := f.Run(statement); err != nil {
			f.t.Fatalf("%s: %v", statement, err)
		}
	}
}

// answer is all that a query says, types included, or its error.
func (f file) answer(query string, args ...any) string {
	var out strings.Builder
	err := f.Rows(func(rows *sql.Rows) error {
		names, err := rows.Columns()
		if err != nil {
			return err
		}
		row, into := cells(len(names))
		if err := rows.Scan(into...); err != nil {
			return err
		}
		for _, cell := range row {
			fmt.Fprintf(&out, "%T %q|", cell, fmt.Sprint(cell))
		}
		out.WriteByte('\n')
		return nil
	}, query, args...)
	if err != nil {
		fmt.Fprintln(&out, err)
	}
	return out.String()
}

// within runs fn in a transaction that is kept if it succeeds.
func (f file) within(fn func() error) error {
	f.t.Helper()
	f.do(`BEGIN IMMEDIATE`)
	err := fn()
	if err != nil {
		f.Run(`ROLLBACK`)
		return err
	}
	f.do(`COMMIT`)
	return nil
}

// adopt adopts tables, which must succeed.
func (f file) adopt(tables ...string) *Tables {
	f.t.Helper()
	var t *Tables
	err := f.within(func() (err error) {
		if t, err = Load(f); err != nil {
			return err
		}
		var requests []Request
		for _, table := range tables {
			requests = append(requests, Request{Table: table})
		}
		_, err = t.Adopt(f, requests)
		return err
	})
	if err != nil {
		f.t.Fatal(err)
	}
	return t
}

// gather empties the log.
func (f file) gather(t *Tables) (list []Row) {
	f.t.Helper()
	err := f.within(func() (err error) {
		list, err = t.Gather(f)
		return err
	})
	if err != nil {
		f.t.Fatal(err)
	}
	return list
}

// gathered is the log in words, one row a line.
func (f file) gathered(t *Tables) string {
	f.t.Helper()
	return inWords(f.gather(t))
}

func inWords(list []Row) string {
	var out strings.Builder
	for _, row := range list {
		fmt.Fprintf(&out, "%s %s\n", row.Record, body(row.Fields))
	}
	return out.String()
}

func body(d merge.Document) string {
	if d == nil {
		return "gone"
	}
	return string(d)
}

// walk is what a table holds, by id.
func (f file) walk(t *Tables, collection string) map[string]string {
	f.t.Helper()
	list := map[string]string{}
	if err := t.Walk(f, collection, func(row Row) error {
		if list[row.Record.ID] != "" {
			f.t.Fatalf("two rows are called %s", row.Record)
		}
		list[row.Record.ID] = string(row.Fields)
		if canonical, err := merge.Canonical(row.Fields); err != nil || string(canonical) != string(row.Fields) {
			f.t.Fatalf("%s is not canonical: %s, %v", row.Record, row.Fields, err)
		}
		return row.Record.Check()
	}); err != nil {
		f.t.Fatal(err)
	}
	return list
}

// put writes a row in a transaction of its own.
func (f file) put(t *Tables, record, document string) (string, error) {
	f.t.Helper()
	key, err := merge.ParseKey(record)
	if err != nil {
		f.t.Fatal(err)
	}
	var after, held merge.Document
	if document != "" {
		if after, err = merge.Canonical([]byte(document)); err != nil {
			f.t.Fatal(err)
		}
	}
	f.do(`BEGIN IMMEDIATE`)
	held, err = t.Put(f, key, nil, after, nil)
	f.do(`COMMIT`)
	return body(held), err
}

func want(t failer, got, wanted string) {
	t.Helper()
	if strings.TrimSpace(got) != strings.TrimSpace(wanted) {
		t.Fatalf("got\n%s\nwant\n%s", got, wanted)
	}
}

// replay does to a table's rows, by id, what was gathered.
func replay(t failer, rows map[string]string, gathered []Row) {
	t.Helper()
	for _, row := range gathered {
		if row.Fields == nil {
			delete(rows, row.Record.ID)
		} else {
			rows[row.Record.ID] = string(row.Fields)
		}
	}
}

func same(t failer, got, wanted map[string]string) {
	t.Helper()
	if !maps.Equal(got, wanted) {
		t.Fatalf("got\n%v\nwant\n%v", got, wanted)
	}
}
