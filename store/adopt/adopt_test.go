package adopt

import (
	"errors"
	"iter"
	"slices"
	"strings"
	"testing"

	"dovetail/merge"
)

const shop = `
	CREATE TABLE customer (id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT UNIQUE);
	CREATE TABLE "order" (number TEXT PRIMARY KEY, customer REFERENCES customer);
	CREATE INDEX by_customer ON "order" (customer);
	INSERT INTO customer (name) VALUES ('ana'), ('bo');
	ANALYZE;`

// What is left after an undo is what was there, to the last row of every table.
func TestUndoLeavesNoTrace(t *testing.T) {
	app, ours := newPair(t)
	app.do(shop, `PRAGMA user_version = 7`, `PRAGMA application_id = 8`)
	const all = `SELECT type, name, tbl_name, sql FROM sqlite_schema ORDER BY name`
	before := app.answer(all)
	tables := ours.adopt("customer", "order")
	app.do(`INSERT INTO customer (name) VALUES ('cy')`, `REPLACE INTO customer (name) VALUES ('bo')`, `ANALYZE`)
	if strings.Count(app.answer(all), "dovetail_") < 10 {
		t.Fatal("nothing was adopted")
	}
	want(t, app.answer(`SELECT tbl_name FROM sqlite_schema WHERE sql LIKE '%STRICT%' OR sql LIKE '%AUTOINCREMENT%'`), `string "customer"|`)
	if err := ours.within(func() error { return tables.Undo(ours) }); err != nil {
		t.Fatal(err)
	}
	want(t, app.answer(all), before)
	want(t, app.answer(`SELECT name, seq FROM sqlite_sequence`), `string "customer"|int64 "4"|`)
	want(t, app.answer(`SELECT DISTINCT tbl FROM sqlite_stat1`), `string "customer"|`)
	want(t, app.answer(`SELECT user_version, application_id FROM pragma_user_version, pragma_application_id`), `int64 "7"|int64 "8"|`)
	want(t, app.answer(`PRAGMA integrity_check`), `string "ok"|`)
	if tables, err := Load(ours); err != nil || len(tables.Collections()) != 0 {
		t.Fatal(tables.Collections(), err)
	}
	if err := ours.within(func() error { return tables.Undo(ours) }); err != nil {
		t.Fatal(err)
	}
	want(t, ours.gathered(tables), "")
}

// The SQL that is shown is the SQL that is run.
func TestDryRun(t *testing.T) {
	app, ours := newPair(t)
	app.do(shop)
	tables, err := Load(ours)
	if err != nil {
		t.Fatal(err)
	}
	shown, err := tables.DryRun(ours, []Request{{Table: "order"}})
	if err != nil {
		t.Fatal(err)
	}
	if len(shown) != 9 || strings.Contains(app.answer(`SELECT name FROM sqlite_schema`), "dovetail") {
		t.Fatalf("%d: %s", len(shown), shown)
	}
	other, _ := newPair(t)
	other.do(shop)
	other.do(shown...)
	ours.adopt("order")
	const all = `SELECT type, name, tbl_name, sql FROM sqlite_schema ORDER BY name`
	want(t, app.answer(all), other.answer(all))
	if again, _ := tables.DryRun(ours, []Request{{Table: "order"}}); len(again) != 0 {
		t.Fatal(again)
	}
}

// Another table may be adopted later, also a wider one, and one that is adopted is left alone.
func TestAdoptAgain(t *testing.T) {
	app, ours := newPair(t)
	app.do(`CREATE TABLE a (id INTEGER PRIMARY KEY, v)`, `CREATE TABLE b (id INTEGER PRIMARY KEY, v, w, x, y)`)
	tables := ours.adopt("a")
	app.do(`INSERT INTO a VALUES (1, 1)`)
	second := ours.adopt("a", "b")
	app.do(`INSERT INTO b VALUES (1, 2, 3, 4, 5)`)
	// The first handle notices.
	want(t, ours.gathered(tables), `
a/1 {"id":1,"v":1}
b/1 {"id":1,"v":2,"w":3,"x":4,"y":5}`)
	if !tables.Adopted("b") || !second.Adopted("a") {
		t.Fatal("not adopted")
	}
	// An adoption that is taken back leaves the handle as it was.
	app.do(`CREATE TABLE c (id INTEGER PRIMARY KEY)`, `CREATE TABLE d (id INTEGER PRIMARY KEY)`)
	ours.within(func() error {
		if _, err := tables.Adopt(ours, []Request{{Table: "c"}}); err != nil {
			t.Fatal(err)
		}
		return errors.New("no")
	})
	ours.within(func() error { _, err := tables.Adopt(ours, []Request{{Table: "d"}}); return err })
	app.do(`INSERT INTO d VALUES (1)`, `INSERT INTO c VALUES (1)`)
	want(t, ours.gathered(tables), `d/1 {"id":1}`)
	if tables.Adopted("c") {
		t.Fatal("adopted what was taken back")
	}
}

// What an application's statement answers is what it answered.
func TestAnswersStay(t *testing.T) {
	app, ours := newPair(t)
	app.do(shop)
	ours.adopt("customer", "order")
	want(t, app.answer(`INSERT INTO customer (name) VALUES ('cy') RETURNING id, name`), `int64 "3"|string "cy"|`)
	want(t, app.answer(`SELECT last_insert_rowid(), changes()`), `int64 "3"|int64 "1"|`)
	app.do(`UPDATE customer SET name = name || '!'`)
	want(t, app.answer(`SELECT last_insert_rowid(), changes()`), `int64 "3"|int64 "3"|`)
}

type seen struct {
	what  What
	words string
}

// What an application does to a table later breaks nothing, is noticed, and can be taken in.
func TestDrift(t *testing.T) {
	const create = `CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT, b REAL, c UNIQUE); INSERT INTO t VALUES (1, 'x', 1, 1), (2, 'y', 2, 2)`
	for _, c := range []struct {
		name, before, do, write string
		gathered                string // before it is adopted again
		findings                []seen
		again                   string // found by the comparison
	}{
		{name: "column added", do: `ALTER TABLE t ADD COLUMN d DEFAULT 5`, write: `UPDATE t SET b = 9 WHERE id = 1; INSERT INTO t VALUES (3, 'z', 3, 3, 3)`,
			gathered: `
t/1 {"a":"x","b":9.0,"c":1,"id":1}
t/3 {"a":"z","b":3.0,"c":3,"id":3}`,
			findings: []seen{{ColumnNew, `column "d" is new`}},
			again: `
t/1 {"a":"x","b":9.0,"c":1,"d":5,"id":1}
t/2 {"a":"y","b":2.0,"c":2,"d":5,"id":2}
t/3 {"a":"z","b":3.0,"c":3,"d":3,"id":3}`},
		{name: "column dropped", before: `UPDATE t SET a = 'last' WHERE id = 2`, do: `ALTER TABLE t DROP COLUMN a`, write: `UPDATE t SET b = 9 WHERE id = 1`,
			gathered: `
t/2 {"a":"last","b":2.0,"c":2,"id":2}
t/1 {"b":9.0,"c":1,"id":1}
t/2 {"b":2.0,"c":2,"id":2}`,
			findings: []seen{{ColumnGone, `column "a" was dropped`}}},
		{name: "column renamed", do: `ALTER TABLE t RENAME COLUMN a TO "new ""name"`, write: `UPDATE t SET "new ""name" = 'n' WHERE id = 1`,
			gathered: `t/1 {"a":"n","b":1.0,"c":1,"id":1}`,
			findings: []seen{{ColumnName, `column "a" is called "new \"name" now`}},
			again: `
t/1 {"b":1.0,"c":1,"id":1,"new \"name":"n"}
t/2 {"b":2.0,"c":2,"id":2,"new \"name":"y"}`},
		{name: "two columns change names", do: `ALTER TABLE t RENAME COLUMN a TO tmp; ALTER TABLE t RENAME COLUMN b TO a; ALTER TABLE t RENAME COLUMN tmp TO b`,
			write:    `UPDATE t SET b = 'n' WHERE id = 1`,
			gathered: `t/1 {"a":"n","b":1.0,"c":1,"id":1}`,
			findings: []seen{{ColumnName, `column "a" is called "b" now`}, {ColumnName, `column "b" is called "a" now`}},
			again: `
t/1 {"a":1.0,"b":"n","c":1,"id":1}
t/2 {"a":2.0,"b":"y","c":2,"id":2}`},
		{name: "table renamed", do: `ALTER TABLE t RENAME TO "other t"`, write: `INSERT INTO "other t" VALUES (3, 'z', 3, 3)`,
			gathered: `t/3 {"a":"z","b":3.0,"c":3,"id":3}`,
			findings: []seen{{Renamed, `it was called "t" when it was adopted`}}},
		{name: "table made anew", before: `UPDATE t SET a = 'seen' WHERE id = 1`,
			do: `CREATE TABLE new_t (id INTEGER PRIMARY KEY, a TEXT NOT NULL, b REAL, c UNIQUE); INSERT INTO new_t SELECT * FROM t; DROP TABLE t;
				ALTER TABLE new_t RENAME TO t`,
			write:    `UPDATE t SET b = 9 WHERE id = 1; DELETE FROM t WHERE id = 2; INSERT INTO t VALUES (3, 'z', 3, 3)`,
			gathered: "t/1 {\"a\":\"seen\",\"b\":1.0,\"c\":1,\"id\":1}\nt/1 {\"a\":\"seen\",\"b\":9.0,\"c\":1,\"id\":1}",
			findings: []seen{{Rebuilt, `the triggers are gone, as after the table was made anew; what was written since was not logged`}},
			again: `
t/2 gone
t/3 {"a":"z","b":3.0,"c":3,"id":3}`},
		{name: "table gone", before: `UPDATE t SET a = 'seen' WHERE id = 1`, do: `DROP TABLE t`,
			gathered: `t/1 {"a":"seen","b":1.0,"c":1,"id":1}`,
			findings: []seen{{Gone, `the table is gone; its records stay as they were last`}}},
		{name: "key changed", do: `DROP TABLE t; CREATE TABLE t (a TEXT PRIMARY KEY, id)`, write: `INSERT INTO t VALUES ('x', 1)`,
			findings: []seen{{ColumnGone, `column "b" was dropped`}, {ColumnGone, `column "c" was dropped`},
				{ColumnType, `column "id" has the type "", and had "INTEGER"`}, {KeyChanged, `its key is (a), and was (id)`},
				{Rebuilt, `the triggers are gone, as after the table was made anew; what was written since was not logged`},
				{UniqueChange, `its unique indexes are (rowid BINARY), and were (c BINARY)`}},
			again: `
t/1 gone
t/2 gone
t/x {"a":"x","id":1}`},
		{name: "unique index added", do: `CREATE UNIQUE INDEX i ON t (a)`, write: `REPLACE INTO t VALUES (3, 'x', 3, 3)`,
			gathered: `t/3 {"a":"x","b":3.0,"c":3,"id":3}`,
			findings: []seen{{UniqueChange, `its unique indexes are (a BINARY), (c BINARY), and were (c BINARY)`}},
			again:    `t/1 gone`},
		{name: "trigger dropped", do: `DROP TRIGGER dovetail_1_update`, write: `UPDATE t SET b = 9 WHERE id = 1`,
			findings: []seen{{Rebuilt, `1 of the 5 triggers are gone; some of what was written since was not logged`}},
			again:    `t/1 {"a":"x","b":9.0,"c":1,"id":1}`},
		{name: "trigger changed", do: `DROP TRIGGER dovetail_1_update; CREATE TRIGGER dovetail_1_update AFTER UPDATE ON t BEGIN SELECT 1; END`,
			write:    `UPDATE t SET b = 9 WHERE id = 1`,
			findings: []seen{{Altered, `the trigger dovetail_1_update was changed`}},
			again:    `t/1 {"a":"x","b":9.0,"c":1,"id":1}`},
		{name: "nothing", do: `CREATE INDEX i ON t (a); VACUUM; REINDEX; ANALYZE`, write: `UPDATE t SET b = 9 WHERE id = 1`,
			gathered: `t/1 {"a":"x","b":9.0,"c":1,"id":1}`},
	} {
		t.Run(c.name, func(t *testing.T) {
			app, ours := newPair(t)
			app.do(create)
			tables := ours.adopt("t")
			known := ours.walk(tables, "t")
			app.do(c.before)
			app.do(c.do, c.write)
			gathered := ours.gather(tables)
			replay(t, known, gathered)
			want(t, inWords(gathered), c.gathered)
			findings, err := tables.Drift(ours)
			if err != nil {
				t.Fatal(err)
			}
			var got []seen
			for _, f := range findings {
				got = append(got, seen{f.What, f.Words})
			}
			slices.SortFunc(got, func(a, b seen) int { return strings.Compare(a.words, b.words) })
			slices.SortFunc(c.findings, func(a, b seen) int { return strings.Compare(a.words, b.words) })
			if !slices.Equal(got, c.findings) {
				t.Fatalf("got %v\nwant %v", got, c.findings)
			}
			takeIn(t, ours, tables, known, c.again, len(c.findings) > 0 && c.findings[0].what != Gone)
		})
	}
}

// takeIn adopts what has drifted, and compares: then everything is known, and the log works.
func takeIn(t *testing.T, ours file, tables *Tables, known map[string]string, wanted string, drifted bool) {
	t.Helper()
	var found []Row
	err := ours.within(func() error {
		taken, err := tables.Adopt(ours, nil)
		if err != nil || (len(taken) == 1) != drifted {
			t.Fatal(taken, err)
		}
		if !drifted {
			return nil
		}
		return tables.Compare(ours, "t", documents(known), func(row Row) error {
			found = append(found, row)
			return nil
		})
	})
	if err != nil {
		t.Fatal(err)
	}
	// By dropping a column nothing is left to be found: what was logged says so already, but for the rows nobody wrote to.
	if wanted != "" {
		slices.SortFunc(found, func(a, b Row) int { return strings.Compare(a.Record.ID, b.Record.ID) })
		want(t, inWords(found), wanted)
	}
	replay(t, known, found)
	if shape, _ := tables.Shape("t"); drifted || shape.Table == "t" && len(known) > 0 && tables.known.Load().byCollection["t"].current != "" {
		same(t, known, ours.walk(tables, "t"))
	}
	findings, err := tables.Drift(ours)
	if err != nil || len(findings) > 0 && findings[0].What != Gone {
		t.Fatal(findings, err)
	}
}

func documents(known map[string]string) iter.Seq2[string, merge.Document] {
	return func(yield func(string, merge.Document) bool) {
		for id, document := range known {
			if !yield(id, merge.Document(document)) {
				return
			}
		}
	}
}

// A table that has changed is not taken in over what its log still holds.
func TestAdoptAgainWantsAnEmptyLog(t *testing.T) {
	app, ours := newPair(t)
	app.do(`CREATE TABLE t (id INTEGER PRIMARY KEY, a)`)
	tables := ours.adopt("t")
	app.do(`INSERT INTO t VALUES (1, 1)`, `ALTER TABLE t ADD COLUMN b`)
	err := ours.within(func() error { _, err := tables.Adopt(ours, nil); return err })
	if !errors.Is(err, ErrUndrained) {
		t.Fatal(err)
	}
}

// Rows that nothing names are said to be there.
func TestDriftNameless(t *testing.T) {
	app, ours := newPair(t)
	app.do(`CREATE TABLE t (k TEXT PRIMARY KEY)`)
	tables := ours.adopt("t")
	app.do(`INSERT INTO t VALUES (NULL)`)
	findings, err := tables.Drift(ours)
	if err != nil || len(findings) != 1 || findings[0].What != Nameless {
		t.Fatal(findings, err)
	}
	if err := ours.within(func() error { _, err := tables.Adopt(ours, nil); return err }); err != nil {
		t.Fatal(err)
	}
}

// A row is not written to a table that was made anew with another key.
func TestPutDrifted(t *testing.T) {
	app, ours := newPair(t)
	app.do(`CREATE TABLE t (id INTEGER PRIMARY KEY, a)`)
	tables := ours.adopt("t")
	app.do(`DROP TABLE t`)
	if _, err := ours.put(tables, "t/1", `{}`); !errors.Is(err, ErrDrifted) {
		t.Fatal(err)
	}
	app.do(`CREATE TABLE t (key INTEGER PRIMARY KEY, a)`)
	if _, err := ours.put(tables, "t/1", `{}`); !errors.Is(err, ErrDrifted) {
		t.Fatal(err)
	}
}

// Nor to several rows at once, where the key is none any more.
func TestPutOneRowOnly(t *testing.T) {
	app, ours := newPair(t)
	app.do(`CREATE TABLE t (id INT PRIMARY KEY, a)`)
	tables := ours.adopt("t")
	app.do(`DROP TABLE t`, `CREATE TABLE t (id INT, a)`, `INSERT INTO t VALUES (1, 1), (1, 2)`)
	for _, document := range []string{`{"id":1,"a":3}`, ``} {
		err := ours.within(func() error {
			var after merge.Document
			if document != "" {
				after = merge.Document(document)
			}
			_, err := tables.Put(ours, merge.Key{Collection: "t", ID: "1"}, merge.Document(`{"a":2,"id":1}`), after, nil)
			return err
		})
		if !errors.Is(err, ErrDrifted) {
			t.Fatal(err)
		}
	}
	want(t, app.answer(`SELECT count(DISTINCT a) FROM t`), `int64 "2"|`)
}
