package adopt

import (
	"fmt"
	"reflect"
	"strings"
	"testing"

	"dovetail/merge/schema"
)

func TestChecks(t *testing.T) {
	for sql, want := range map[string]map[string][]any{
		`CREATE TABLE t (a TEXT CHECK (a IN ('x', 'it''s')), "B c" INT, CHECK ("B c" in (1,-2,+3)))`:  {"a": {"x", "it's"}, "b c": {int64(1), int64(-2), int64(3)}},
		`CREATE TABLE t (a CHECK(a IN (1.5, .5, 2., -1e3)))`:                                          {"a": {1.5, 0.5, 2.0, -1000.0}},
		`CREATE TABLE t (a CHECK([a] IN ('x')) /* CHECK (b IN (1)) */)`:                               {"a": {"x"}},
		`CREATE TABLE t (a CHECK (a IN ('x') OR b), b CHECK (b IN (SELECT 1)), c CHECK (c IN (inf)))`: {},
		`CREATE TABLE t (d CHECK (d IN ()), e CHECK (e NOT IN (1)))`:                                  {},
		`CREATE TABLE t (a COLLATE NOCASE CHECK (a IN ('x')))`:                                        nil,
		`CREATE TABLE t (a CHECK (a IN (1`:                                                            {},
		`CREATE TABLE t (a CHECK (a IN (1.`:                                                           {},
		`CREATE TABLE t (a CHECK (`:                                                                   {},
	} {
		if got := checks(sql); !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %v, want %v", sql, got, want)
		}
	}
}

// TestSuggestFitsWhatIsThere, whatever that is: it loads, and no row breaks it.
func TestSuggestFitsWhatIsThere(t *testing.T) {
	for i, c := range []struct{ create, leftOut string }{
		{`CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT, b BLOB, c REAL, d)`, ``},
		{`CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT, b BLOB, c REAL, d); INSERT INTO t VALUES (1, 'x', x'01', 1, 1), (2, NULL, NULL, NULL, NULL)`, ``},
		{`CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT); INSERT INTO t VALUES (1, CAST(x'ff' AS TEXT)), (2, x'01')`, `its type of "a", which t/1 breaks`},
		{`CREATE TABLE t (id INTEGER PRIMARY KEY, a REAL); INSERT INTO t VALUES (1, 9e999)`, `its type of "a", which t/1 breaks`},
		{`CREATE TABLE t (id INTEGER PRIMARY KEY, a BLOB); INSERT INTO t VALUES (1, 'text')`, `its type of "a", which t/1 breaks`},
		{`CREATE TABLE t (id INTEGER PRIMARY KEY, a BLOB); INSERT INTO t VALUES (1, CAST(x'ff' AS TEXT))`, `its type of "a", which t/1 breaks`},
		{`CREATE TABLE t ("a/b~" TEXT NOT NULL UNIQUE CHECK ("a/b~" IN ('x')), "" INT, "q""" TEXT)`, ``},
		{`PRAGMA ignore_check_constraints = 1; CREATE TABLE t (id INTEGER PRIMARY KEY, "a/b~" TEXT CHECK ("a/b~" IN ('x'))); INSERT INTO t VALUES (1, 'y')`,
			`the list of its values of "a/b~", which t/1 breaks`},
		{`CREATE TABLE u (x, y, PRIMARY KEY (x, y)); PRAGMA foreign_keys = 0; CREATE TABLE t (a INT, b TEXT, c INT, PRIMARY KEY (a, b), FOREIGN KEY (a, b) REFERENCES u (x, y)) WITHOUT ROWID; INSERT INTO t VALUES (1, 'x', 2)`, ``},
		{`CREATE TABLE t (id INTEGER PRIMARY KEY, a INTEGER CHECK (a IN ('1', 2)), b TEXT CHECK (b IN (1, 2.5))); INSERT INTO t VALUES (1, 1, 2.5)`, ``},
		{`CREATE TABLE t (id INTEGER PRIMARY KEY, a ANY CHECK (a IN (1, 1.0))) STRICT; INSERT INTO t VALUES (1, 1), (2, 1.0)`, ``},
	} {
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			app, ours := newPair(t)
			app.do(c.create)
			tables := ours.adopt("t")
			text, leftOut, err := tables.suggest(ours, tables.known.Load().byCollection["t"])
			if err != nil {
				t.Fatal(err)
			}
			if got := strings.Join(leftOut, "\n"); got != c.leftOut {
				t.Errorf("left out is %q, want %q", got, c.leftOut)
			}
			rules, err := schema.Parse(text)
			if err != nil {
				t.Fatal(err)
			}
			if err := tables.Walk(ours, "t", func(r Row) error {
				if broken := rules.Check.Broken(r.Fields); len(broken) > 0 {
					t.Errorf("%s breaks %v", r.Fields, broken)
				}
				return nil
			}); err != nil {
				t.Fatal(err)
			}
		})
	}
}
