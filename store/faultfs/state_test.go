package faultfs_test

import (
	"crypto/sha256"
	"database/sql"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// state is all that the databases of a directory hold, an application's tables with ours, a line for each row; nil where
// there is no database, or nothing in it.
type state []string

// inspect reads all databases in a directory.
func inspect(t *testing.T, dir string) state {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join(dir, "*.db"))
	if err != nil {
		t.Fatal(err)
	}
	var all state
	for _, path := range paths {
		for _, line := range look(t, path) {
			all = append(all, filepath.Base(path)+" | "+line)
		}
	}
	return all
}

// look reads a database by plain SQL, and reports whatever is wrong with it by itself.
func look(t *testing.T, path string) state {
	t.Helper()
	if info, err := os.Lstat(path); err != nil || info.Size() == 0 {
		return nil
	}
	// To roll a journal back, SQLite has to write. Where there is none, whoever comes next is to find all as it was left.
	mode := "ro"
	if _, err := os.Lstat(path + "-journal"); err == nil {
		mode = "rw"
	}
	db, err := sql.Open("sqlite", "file:"+(&url.URL{Path: path}).EscapedPath()+"?_query_only=1&_busy_timeout=5000&mode="+mode)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	db.SetMaxOpenConns(1)
	for _, pragma := range []struct{ query, want string }{
		{`PRAGMA integrity_check`, `text ok`},
		{`PRAGMA foreign_key_check`, ``},
	} {
		if got := strings.Join(rows(t, db, pragma.query), "\n"); got != pragma.want {
			t.Errorf("%s: %s", pragma.query, got)
		}
	}
	now := dump(t, db)
	if now.ours() {
		checkRules(t, db)
		if ids := damaged(t, db); len(ids) > 0 {
			t.Errorf("documents %d do not match their hashes", ids)
		}
	}
	return now
}

// dump reads every row of every table, of tables that later steps of the schema bring as well.
func dump(t *testing.T, db *sql.DB) state {
	t.Helper()
	tables := rows(t, db, `SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'dovetail_conflict_word%' ORDER BY name`)
	if len(tables) == 0 {
		return nil
	}
	all := state(rows(t, db, `SELECT 'schema', type, name, sql FROM sqlite_master ORDER BY type, name`))
	for _, table := range tables {
		name := strings.TrimPrefix(table, "text ")
		lines := rows(t, db, `SELECT * FROM `+name)
		for i := range lines {
			lines[i] = name + " | " + lines[i]
		}
		slices.Sort(lines)
		all = append(all, lines...)
	}
	return all
}

// rows runs a query; each row is its columns, each with its type where that is to be seen.
func rows(t *testing.T, db *sql.DB, query string) []string {
	t.Helper()
	found, err := db.QueryContext(t.Context(), query)
	if err != nil {
		t.Errorf("%s: %v", query, err)
		return nil
	}
	defer found.Close()
	columns, err := found.Columns()
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for found.Next() {
		values, into := make([]any, len(columns)), make([]any, len(columns))
		for i := range values {
			into[i] = &values[i]
		}
		if err := found.Scan(into...); err != nil {
			t.Fatal(err)
		}
		row := make([]string, len(values))
		for i, v := range values {
			row[i] = column(v)
		}
		out = append(out, strings.Join(row, " | "))
	}
	if err := found.Err(); err != nil {
		t.Errorf("%s: %v", query, err)
	}
	return out
}

func column(v any) string {
	switch v := v.(type) {
	case nil:
		return "NULL"
	case string:
		return "text " + v
	case []byte:
		return fmt.Sprintf("blob %x", v)
	}
	return fmt.Sprint(v)
}

// damaged finds the documents that are not what was stored.
func damaged(t *testing.T, db *sql.DB) []int64 {
	t.Helper()
	found, err := db.QueryContext(t.Context(), `SELECT id, hash, body FROM dovetail_document`)
	if err != nil {
		t.Error(err)
		return nil
	}
	defer found.Close()
	var ids []int64
	for found.Next() {
		var id int64
		var hash, body []byte
		if err := found.Scan(&id, &hash, &body); err != nil {
			t.Fatal(err)
		}
		if sum := sha256.Sum256(body); string(sum[:]) != string(hash) {
			ids = append(ids, id)
		}
	}
	if err := found.Err(); err != nil {
		t.Error(err)
	}
	return ids
}

// settled is the state without what tells how often somebody asked: the counts of what came in, the lines that were
// refused, which are counted each time that they come, and the sums over these.
func (s state) settled() state {
	var out state
	for _, line := range s {
		switch {
		case strings.Contains(line, " | dovetail_exchange | "), strings.Contains(line, " | dovetail_seal | "):
		case strings.Contains(line, " | dovetail_count | ") && strings.Contains(line, " | text refused | "):
		case strings.Contains(line, " | dovetail_count | ") && strings.Contains(line, " | text issued | "):
		default:
			out = append(out, line)
		}
	}
	return out
}

// difference tells two states apart in words; empty where they are the same.
func difference(got, want state) string {
	var out []string
	for _, line := range got {
		if !slices.Contains(want, line) {
			out = append(out, "+ "+line)
		}
	}
	for _, line := range want {
		if !slices.Contains(got, line) {
			out = append(out, "- "+line)
		}
	}
	if len(out) == 0 && len(got) != len(want) {
		return fmt.Sprintf("%d rows, not %d", len(got), len(want))
	}
	return strings.Join(out, "\n")
}
