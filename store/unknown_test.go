package store_test

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"dovetail/store"
)

// withOwn makes an application's database whose schema needs what only the application has, in a table called own: a
// function or a collation, written by one of SQLite's name and then called another.
func withOwn(t *testing.T, table, known, own string) string {
	t.Helper()
	path := application(t, "DELETE")
	foreign(t, path, table+`; INSERT INTO own (a, b) VALUES (1, 'x'), (7, 'y'); PRAGMA writable_schema = 1;
		UPDATE sqlite_master SET sql = replace(sql, '`+known+`', '`+own+`') WHERE tbl_name = 'own'`)
	return path
}

var owns = []struct {
	name, table, known, own string
	blind                   bool // doctor cannot look at all of it
}{
	{"an index", `CREATE TABLE own (a, b); CREATE INDEX i ON own (abs(a))`, "abs", "absolutely", true},
	{"a part of an index", `CREATE TABLE own (a, b); CREATE INDEX i ON own (a) WHERE abs(a) > 1`, "abs", "absolutely", true},
	{"a CHECK", `CREATE TABLE own (a CHECK (abs(a) > 0), b)`, "abs", "absolutely", false},
	{"a generated column", `CREATE TABLE own (a, b, c AS (abs(a)) STORED)`, "abs", "absolutely", false},
	{"a collation", `CREATE TABLE own (a, b TEXT COLLATE NOCASE UNIQUE)`, "NOCASE", "OURCASE", true},
	{"a key by a collation", `CREATE TABLE own (a, b TEXT COLLATE NOCASE PRIMARY KEY) WITHOUT ROWID`, "NOCASE", "OURCASE", true},
	{"a module", `CREATE VIRTUAL TABLE own USING fts5 (a, b)`, "fts5", "fts99", false},
	{"a tokenizer", `CREATE VIRTUAL TABLE own USING fts5 (a, b, tokenize = 'ascii')`, "ascii", "their", false},
}

// TestWhatOnlyTheApplicationHasIsNotNeeded to make dovetail's tables, to look at the file, and to copy all of it.
func TestWhatOnlyTheApplicationHasIsNotNeeded(t *testing.T) {
	alone(t)
	for _, tt := range owns {
		t.Run(tt.name, func(t *testing.T) {
			path := withOwn(t, tt.table, tt.known, tt.own)
			s, err := store.Settle(t.Context(), path, options(), nothing)
			if err != nil {
				t.Fatal(err)
			}
			push(t, s, `{"key":"k","record":"a/1","local":{"x":1}}`)
			if blind := strings.Contains(fmt.Sprint(pagesOf(t, s)), `"own"`); blind != tt.blind {
				t.Errorf("of the pages it says %q", pagesOf(t, s))
			}
			to := filepath.Join(t.TempDir(), "copy.db")
			if _, err := s.Backup(t.Context(), to, nil); err != nil {
				t.Fatal(err)
			}
			leaveSound(t, s)
			again, err := store.Open(t.Context(), to, options())
			if err != nil {
				t.Fatal(err)
			}
			leaveSound(t, again)
			if was, is := raw(t, path), raw(t, to); !slices.Equal(was, is) {
				t.Errorf("the copy has\n%q\nthe database\n%q", is, was)
			}
		})
	}
}

// pagesOf is what a look says of the pages.
func pagesOf(t *testing.T, s *store.Store) []string {
	t.Helper()
	found, err := s.Check(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	at := slices.IndexFunc(found, func(f store.Finding) bool { return f.Check == "pages" })
	if !found[at].OK {
		t.Errorf("the pages are not sound: %q", found[at].Found)
	}
	return found[at].Found
}

// raw is what is in an application's file, with the numbers of rows that have no key, in so far as it can be read without
// what only the application has.
func raw(t *testing.T, path string) []string {
	t.Helper()
	all := theirs(t, path)
	db := plain(t, path)
	defer db.Close()
	for _, query := range []string{`SELECT count(*) || group_concat(sql, ';') FROM sqlite_master`,
		`SELECT group_concat(rowid || text) FROM note`,
		`SELECT count(*) || sum(length(data)) FROM dbstat JOIN sqlite_dbpage ON sqlite_dbpage.pgno = dbstat.pageno WHERE name GLOB 'own*'`,
	} {
		var got string
		if err := db.QueryRowContext(t.Context(), query).Scan(&got); err != nil {
			t.Errorf("%s: %v", query, err)
		}
		all = append(all, got)
	}
	return all
}
