package adopt

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
)

// What cannot be followed is refused, and the reason says why.
func TestRefusals(t *testing.T) {
	var wide []string
	for i := range maxColumns + 1 {
		wide = append(wide, fmt.Sprintf("c%d", i))
	}
	for _, c := range []struct{ table, create, reason string }{
		{"none", ``, "there is no such table"},
		{"sqlite_schema", ``, "a table of SQLite itself"},
		{"dovetail_meta", `CREATE TABLE dovetail_meta (a INTEGER PRIMARY KEY)`, "a table of dovetail"},
		{"v", `CREATE VIEW v AS SELECT 1`, "it is a view"},
		{"f", `CREATE VIRTUAL TABLE f USING fts5(a)`, "it is a virtual table"},
		{"f_content", `CREATE VIRTUAL TABLE f USING fts5(a)`, "it is a shadow table"},
		{"t", `CREATE TABLE t (a, b)`, "it has no key"},
		{"t", `CREATE TABLE t (a UNIQUE, b)`, "it has no key"},
		{"t", `CREATE TABLE t (a NOT NULL, b); CREATE UNIQUE INDEX i ON t (a) WHERE b`, "it has no key"},
		{"t", `CREATE TABLE t (a NOT NULL, b); CREATE UNIQUE INDEX i ON t (lower(a))`, "it has no key"},
		{"t", `CREATE TABLE t (rowid, _rowid_, oid, a TEXT PRIMARY KEY)`, "every name of the rowid"},
		{"t", `CREATE TABLE t (a TEXT PRIMARY KEY); INSERT INTO t VALUES (NULL), (NULL)`, "2 of its rows have NULL in the key"},
		{"t", `CREATE TABLE t (` + strings.Join(wide, ", ") + `, PRIMARY KEY (c0))`, "at most 1900 can be logged"},
		{"t", `CREATE TABLE t (a INTEGER PRIMARY KEY, b); CREATE TABLE u (a); CREATE TRIGGER x AFTER INSERT ON t BEGIN
			INSERT INTO u VALUES (only_the_application(NEW.b)); END`, "no such function: only_the_application"},
		{"t", `CREATE TABLE t (a INTEGER PRIMARY KEY, b DEFAULT '` + "\xff" + `')`, "not valid UTF-8"},
		{"t", `PRAGMA encoding = 'UTF-16'; CREATE TABLE t (a INTEGER PRIMARY KEY)`, "keeps text as UTF-16"},
	} {
		t.Run(c.table+" "+c.reason, func(t *testing.T) {
			app, ours := newPair(t)
			app.do(c.create)
			before := app.answer(`SELECT * FROM sqlite_schema`)
			tables, err := Load(ours)
			if err != nil {
				t.Fatal(err)
			}
			err = ours.within(func() error {
				_, err := tables.Adopt(ours, []Request{{Table: c.table}})
				return err
			})
			var refused *RefusedError
			if !errors.As(err, &refused) || !strings.Contains(refused.Reason, c.reason) {
				t.Fatalf("%v, want %q", err, c.reason)
			}
			want(t, app.answer(`SELECT * FROM sqlite_schema`), before)
		})
	}
}

// A collation that only the application has: dovetail could not keep the index.
func TestRefusesUnknownCollation(t *testing.T) {
	app, ours := newPair(t)
	app.do(`CREATE TABLE t (a INTEGER PRIMARY KEY, b TEXT COLLATE NOCASE UNIQUE)`, `PRAGMA writable_schema = 1`,
		`UPDATE sqlite_schema SET sql = replace(sql, 'NOCASE', 'german')`, `PRAGMA writable_schema = RESET`)
	_, err := Inspect(ours, "t")
	if err == nil || !strings.Contains(err.Error(), `german, which only the application knows`) {
		t.Fatal(err)
	}
}

func TestCollections(t *testing.T) {
	app, ours := newPair(t)
	app.do(`CREATE TABLE "Order Lines" (a INTEGER PRIMARY KEY)`, `CREATE TABLE "order_lines" (a INTEGER PRIMARY KEY)`,
		`CREATE TABLE "Bücher" (a INTEGER PRIMARY KEY)`)
	tables := ours.adopt("order LINES", "Bücher")
	want(t, fmt.Sprint(tables.Collections()), `[b_cher order_lines]`)
	if !tables.Adopted("order_lines") || tables.Adopted("order") {
		t.Fatal("adopted")
	}
	err := ours.within(func() error { _, err := tables.Adopt(ours, []Request{{Table: "order_lines"}}); return err })
	if err == nil || !strings.Contains(err.Error(), `as that of "Order Lines"`) {
		t.Fatal(err)
	}
	if err := ours.within(func() error {
		_, err := tables.Adopt(ours, []Request{{Table: "order_lines", Collection: "lines"}})
		return err
	}); err != nil {
		t.Fatal(err)
	}
	err = ours.within(func() error {
		_, err := tables.Adopt(ours, []Request{{Table: "order_lines", Collection: "other"}})
		return err
	})
	if err == nil || !strings.Contains(err.Error(), `adopted already, as "lines"`) {
		t.Fatal(err)
	}
	err = ours.within(func() error {
		_, err := tables.Adopt(ours, []Request{{Table: "Bücher", Collection: "Bücher"}})
		return err
	})
	if err == nil {
		t.Fatal("a name that no collection may have")
	}
}

func TestInspect(t *testing.T) {
	app, ours := newPair(t)
	app.do(`CREATE TABLE customer (id INTEGER PRIMARY KEY)`,
		`CREATE TABLE invoice (
			number TEXT NOT NULL, "year" INT, customer INTEGER REFERENCES customer,
			total DECIMAL(10,2) DEFAULT (1 + 1), half AS (total / 2), state TEXT NOT NULL DEFAULT 'open',
			PRIMARY KEY ("year", number COLLATE NOCASE)) WITHOUT ROWID`,
		`CREATE UNIQUE INDEX odd ON invoice (lower("state") COLLATE NOCASE DESC, coalesce(total, 0 /* , ( */)) WHERE state <> ')'`,
		`CREATE TRIGGER touch AFTER UPDATE ON invoice BEGIN SELECT 1; END`)
	shape, err := Inspect(ours, "INVOICE")
	if err != nil {
		t.Fatal(err)
	}
	shape.SQL = ""
	text, err := json.MarshalIndent(shape, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	for _, part := range []string{
		`"table": "invoice"`, `"bare": true`, `"name": "half",`, `"generated": true`, `"default": "1 + 1"`,
		`"affinity": "NUMERIC"`, `"sql": "lower(\"state\")"`, `"sql": "coalesce(total, 0 /* , ( */)"`, `"where": "state \u003c\u003e ')'"`,
		`"triggers": [` + "\n" + `  "touch"`, `"table": "customer"`,
	} {
		if !strings.Contains(string(text), part) {
			t.Errorf("no %s in\n%s", part, text)
		}
	}
	if len(shape.Key) != 2 || shape.Key[0].Column != 1 || shape.Key[1].Collation != "NOCASE" {
		t.Errorf("key %v", shape.Key)
	}
}

func TestAffinities(t *testing.T) {
	for declared, affinity := range map[string]Affinity{
		"": None, "INT": Integer, "FLOATING POINT": Integer, "varchar(10)": Text, "CLOB": Text, "BLOB": None, "DOUBLE": Real,
		"DATE": Numeric, "BOOLEAN": Numeric, "CHARINT": Integer, "STRING": Numeric, "ANY": Numeric,
	} {
		if got := affinityOf(declared, false); got != affinity {
			t.Errorf("%s: %s, want %s", declared, got, affinity)
		}
	}
	if got := affinityOf("any", true); got != None {
		t.Error(got)
	}
}
