package adopt

import (
	"errors"
	"strings"
	"testing"

	"dovetail/merge"
)

const putCreate = `
	CREATE TABLE parent (id INTEGER PRIMARY KEY);
	CREATE TABLE t (
		id INTEGER PRIMARY KEY,
		name TEXT NOT NULL DEFAULT 'nobody' CHECK (name <> 'bad'),
		amount REAL,
		email TEXT UNIQUE,
		parent INTEGER REFERENCES parent,
		loose,
		doubled AS (amount * 2)
	);
	INSERT INTO parent VALUES (1);
	INSERT INTO t VALUES (1, 'ana', 1.5, 'a@x', NULL, NULL), (2, 'bo', 2, 'b@x', 1, x'00');`

func TestPut(t *testing.T) {
	for _, c := range []struct{ name, record, document, holds string }{
		{"nothing changes", "t/1", `{"id":1,"name":"ana","amount":1.5,"email":"a@x","parent":null,"loose":null}`,
			`{"amount":1.5,"email":"a@x","id":1,"loose":null,"name":"ana","parent":null}`},
		{"an update", "t/1", `{"id":1,"name":"eve","amount":3,"email":"a@x","parent":1,"loose":{"$real":"1.0"}}`,
			`{"amount":3.0,"email":"a@x","id":1,"loose":{"$real":"1.0"},"name":"eve","parent":1}`},
		{"a new row, with defaults", "t/7", `{"email":"c@x","loose":{"$text":"/w=="}}`,
			`{"amount":null,"email":"c@x","id":7,"loose":{"$text":"/w=="},"name":"nobody","parent":null}`},
		{"a field that was taken away", "t/1", `{"id":1,"name":"ana","amount":1.5}`,
			`{"amount":1.5,"email":null,"id":1,"loose":null,"name":"ana","parent":null}`},
		{"a row is deleted", "t/2", ``, `gone`},
		{"a row that is not there is deleted", "t/3", ``, `gone`},
	} {
		t.Run(c.name, func(t *testing.T) {
			app, ours := newPair(t)
			app.do(putCreate)
			tables := ours.adopt("t")
			got, err := ours.put(tables, c.record, c.document)
			if err != nil {
				t.Fatal(err)
			}
			want(t, got, c.holds)
			rows := ours.walk(tables, "t")
			if got := rows[strings.TrimPrefix(c.record, "t/")]; got != c.holds && c.holds != "gone" || c.holds == "gone" && got != "" {
				t.Fatalf("holds %s", got)
			}
			if c.name == "nothing changes" {
				want(t, ours.gathered(tables), "")
			}
		})
	}
}

// Only what differs is written: a column that nobody asked to change fires no trigger.
func TestPutWritesOnlyWhatDiffers(t *testing.T) {
	app, ours := newPair(t)
	app.do(putCreate, `CREATE TRIGGER no BEFORE UPDATE OF email, id, amount ON t BEGIN SELECT RAISE(ABORT, 'touched'); END`)
	tables := ours.adopt("t")
	if _, err := ours.put(tables, "t/2", `{"id":2,"name":"new","amount":2,"email":"b@x","parent":1,"loose":{"$blob":"AA=="}}`); err != nil {
		t.Fatal(err)
	}
}

func TestPutRefused(t *testing.T) {
	for _, c := range []struct{ name, more, record, document, words, changed string }{
		{"unique", ``, "t/1", `{"id":1,"name":"ana","email":"b@x"}`, "UNIQUE constraint failed: t.email", ""},
		{"not null", ``, "t/1", `{"id":1,"name":null}`, "NOT NULL constraint failed: t.name", ""},
		{"check", ``, "t/1", `{"id":1,"name":"bad"}`, "CHECK constraint failed: name <> 'bad'", ""},
		{"foreign key", ``, "t/9", `{"name":"x","parent":5}`, "FOREIGN KEY constraint failed", ""},
		{"a trigger's words", `CREATE TRIGGER x BEFORE UPDATE ON t BEGIN SELECT RAISE(ABORT, 'closed (1)'); END`,
			"t/1", `{"id":1,"name":"x"}`, "closed (1)", ""},
		{"a trigger changes it", `CREATE TRIGGER x AFTER UPDATE OF name ON t BEGIN UPDATE t SET name = 'mine' WHERE id = NEW.id; END`,
			"t/1", `{"id":1,"name":"x"}`, `column "name" holds "mine" where "x" was to be`, "name"},
		{"a type changes it", ``, "t/1", `{"id":1,"name":5}`, `column "name" holds "5" where 5 was to be`, "name"},
		{"a number loses digits", ``, "t/1", `{"id":1,"name":"ana","amount":9007199254740993}`,
			`column "amount" holds 9007199254740992.0 where 9007199254740993 was to be`, "amount"},
		{"a trigger ignores it", `CREATE TRIGGER x BEFORE INSERT ON t BEGIN SELECT RAISE(IGNORE); END`, "t/9", `{}`, "the row is not there", ""},
		{"a trigger keeps it", `CREATE TRIGGER x BEFORE DELETE ON t BEGIN SELECT RAISE(IGNORE); END`, "t/1", ``, "a trigger keeps it", ""},
		{"no such column", ``, "t/1", `{"id":1,"name":"x","zzz":1}`, `no column "zzz"`, ""},
		{"a generated column", ``, "t/1", `{"id":1,"name":"x","doubled":1}`, `no column "doubled"`, ""},
		{"true", ``, "t/1", `{"id":1,"name":true}`, `column "name": a cell holds no true`, ""},
		{"a list", ``, "t/1", `{"id":1,"name":[]}`, `column "name": a cell holds no list`, ""},
		{"another key", ``, "t/1", `{"id":2,"name":"x"}`, `are not the same`, ""},
		{"not a key", ``, "t/007", `{"name":"x"}`, `which takes integers`, ""},
		{"not how a key is written", ``, "t/[7]", `{"name":"x"}`, `is not how the table names a row`, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			app, ours := newPair(t)
			app.do(putCreate)
			if c.more != "" {
				app.do(c.more)
			}
			tables := ours.adopt("t")
			before := app.answer(`SELECT *, (SELECT count(*) FROM dovetail_row) FROM t`)
			_, err := ours.put(tables, c.record, c.document)
			var refused *ConstraintError
			if !errors.As(err, &refused) || !strings.Contains(refused.Words, c.words) || refused.Changed != c.changed {
				t.Fatalf("%v, want %q", err, c.words)
			}
			if refused.ForeignKey != (c.name == "foreign key") {
				t.Fatal("foreign key", refused.ForeignKey)
			}
			want(t, app.answer(`SELECT *, (SELECT count(*) FROM dovetail_row) FROM t`), before)
		})
	}
}

// A constraint that resolves itself would remove another row, or leave this one out, or end the transaction.
func TestPutOnConflict(t *testing.T) {
	for _, way := range []string{"REPLACE", "IGNORE", "ROLLBACK", "FAIL"} {
		t.Run(way, func(t *testing.T) {
			app, ours := newPair(t)
			app.do(`CREATE TABLE t (id INTEGER PRIMARY KEY, u UNIQUE ON CONFLICT `+way+`)`, `INSERT INTO t VALUES (1, 1)`)
			tables := ours.adopt("t")
			_, err := ours.put(tables, "t/2", `{"u":1}`)
			var refused *ConstraintError
			if !errors.As(err, &refused) {
				t.Fatal(err)
			}
			want(t, app.answer(`SELECT id FROM t`), `int64 "1"|`)
		})
	}
}

// A trigger that ends the transaction: nothing may be sent after it, as if it were still there.
func TestPutRolledBack(t *testing.T) {
	app, ours := newPair(t)
	app.do(`CREATE TABLE t (id INTEGER PRIMARY KEY)`, `CREATE TRIGGER x BEFORE INSERT ON t BEGIN SELECT RAISE(ROLLBACK, 'all'); END`)
	tables := ours.adopt("t")
	ours.do(`BEGIN IMMEDIATE`)
	_, err := tables.Put(ours, merge.Key{Collection: "t", ID: "1"}, nil, merge.Document(`{}`), nil)
	var refused *ConstraintError
	if err == nil || errors.As(err, &refused) || !strings.Contains(err.Error(), "no such savepoint") {
		t.Fatal(err)
	}
}

// What a trigger does to columns that the document does not speak of is allowed, and told; to others it is not.
func TestPutTellsWhatTriggersDid(t *testing.T) {
	app, ours := newPair(t)
	app.do(putCreate, `CREATE TRIGGER x AFTER INSERT ON t BEGIN UPDATE t SET amount = 99 WHERE id = NEW.id; END`,
		`CREATE TRIGGER y AFTER UPDATE OF name ON t BEGIN UPDATE t SET amount = 98 WHERE id = NEW.id; END`)
	tables := ours.adopt("t")
	got, err := ours.put(tables, "t/7", `{"id":7,"name":"x","email":"c@x"}`)
	if err != nil {
		t.Fatal(err)
	}
	want(t, got, `{"amount":99.0,"email":"c@x","id":7,"loose":null,"name":"x","parent":null}`)
	before := app.answer(`SELECT * FROM t`)
	var refused *ConstraintError
	if _, err = ours.put(tables, "t/7", `{"id":7,"name":"z","email":"c@x","amount":99}`); !errors.As(err, &refused) || refused.Changed != "amount" {
		t.Errorf("it is refused with %v", err)
	}
	want(t, app.answer(`SELECT * FROM t`), before)
}

// The application's own ways of resolving a conflict stay what they are in its triggers.
func TestPutKeepsOrIgnoreInTriggers(t *testing.T) {
	app, ours := newPair(t)
	app.do(putCreate, `CREATE TABLE tag (name UNIQUE)`, `INSERT INTO tag VALUES ('x')`,
		`CREATE TRIGGER x AFTER UPDATE ON t BEGIN INSERT OR IGNORE INTO tag VALUES (NEW.name); END`)
	tables := ours.adopt("t")
	if _, err := ours.put(tables, "t/1", `{"id":1,"name":"x"}`); err != nil {
		t.Fatal(err)
	}
}

// Keys that an id does not hold, or that the table takes for another's.
func TestPutOddKeys(t *testing.T) {
	app, ours := newPair(t)
	long := strings.Repeat("k", 600)
	app.do(`CREATE TABLE t (k TEXT COLLATE NOCASE PRIMARY KEY, v)`, `INSERT INTO t VALUES ('`+long+`', 1), ('Abc', 1)`)
	tables := ours.adopt("t")
	var id string
	for known := range ours.walk(tables, "t") {
		if known != "Abc" {
			id = known
		}
	}
	if _, err := ours.put(tables, "t/"+id, `{"k":"`+long+`","v":2}`); err != nil {
		t.Fatal(err)
	}
	if _, err := ours.put(tables, "t/"+id, `{"k":"`+long+`x","v":2}`); err == nil {
		t.Fatal("a key that is not the hashed one")
	}
	var refused *ConstraintError
	if _, err := ours.put(tables, "t/abc", `{"k":"abc","v":2}`); !errors.As(err, &refused) {
		t.Fatal(err)
	}
	if held, err := ours.put(tables, "t/abc", ``); err != nil || held != "gone" {
		t.Fatal(held, err)
	}
	want(t, app.answer(`SELECT count(*), sum(v) FROM t`), `int64 "2"|int64 "3"|`)
	ours.do(`BEGIN`)
	_, err := tables.Put(ours, merge.Key{Collection: "t", ID: id}, merge.Document(`{"k":"`+long+`","v":2}`), nil, nil)
	ours.do(`COMMIT`)
	if err != nil {
		t.Fatal(err)
	}
	want(t, app.answer(`SELECT k FROM t`), `string "Abc"|`)
}
