package store_test

import (
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"dovetail/merge"
	"dovetail/store"
)

// tasks adopts one table, task (name TEXT PRIMARY KEY, text TEXT, size REAL), by hand.
type tasks struct{ puts []string }

const taskTables = `
	CREATE TABLE dovetail_rows_1 (seq INTEGER PRIMARY KEY, name, text, size, gone);
	CREATE TRIGGER dovetail_1_insert AFTER INSERT ON task BEGIN
		INSERT INTO dovetail_rows_1 (name, text, size) SELECT name, text, size FROM task WHERE name = NEW.name;
	END;
	CREATE TRIGGER dovetail_1_update AFTER UPDATE ON task BEGIN
		INSERT INTO dovetail_rows_1 (name, text, size) SELECT name, text, size FROM task WHERE name = NEW.name;
	END;
	CREATE TRIGGER dovetail_1_delete AFTER DELETE ON task BEGIN
		INSERT INTO dovetail_rows_1 (name, gone) VALUES (OLD.name, 1);
	END`

func (a *tasks) Waiting(s store.Statements) (bool, error) {
	waiting := false
	return waiting, s.Rows(func(rows *sql.Rows) error { return rows.Scan(&waiting) }, `SELECT count(*) > 0 FROM dovetail_rows_1`)
}

func (a *tasks) Adopted(collection string) bool { return collection == "task" }

func (a *tasks) Gather(s store.Statements) ([]store.Row, error) {
	var all []store.Row
	err := s.Rows(func(rows *sql.Rows) error {
		var name string
		var text, size, gone sql.NullString
		if err := rows.Scan(&name, &text, &size, &gone); err != nil {
			return err
		}
		r := store.Row{Record: merge.Key{Collection: "task", ID: name}}
		if !gone.Valid {
			r.Fields = taskOf(name, text, size)
		}
		all = append(all, r)
		return nil
	}, `SELECT name, text, CAST(size AS TEXT), gone FROM dovetail_rows_1 ORDER BY seq`)
	if err == nil {
		_, err = s.Run(`DELETE FROM dovetail_rows_1`)
	}
	return all, err
}

func taskOf(name string, text, size sql.NullString) merge.Document {
	fields := fmt.Sprintf(`{"name":%q,"text":null,"size":null}`, name)
	if text.Valid {
		fields = strings.Replace(fields, `"text":null`, fmt.Sprintf(`"text":%q`, text.String), 1)
	}
	if size.Valid {
		fields = strings.Replace(fields, `"size":null`, `"size":`+size.String, 1)
	}
	return doc(fields)
}

func (a *tasks) Complete(_ string, row, _ merge.Document) merge.Document { return row }

func (a *tasks) Spare(store.Statements, merge.Key, merge.Document) error { return nil }

func (a *tasks) Together(_ store.Statements, fn func() error) ([]merge.Key, error) { return nil, fn() }

func (a *tasks) Put(s store.Statements, k merge.Key, before, after merge.Document, _ []string) (merge.Document, error) {
	a.puts = append(a.puts, fmt.Sprintf("%s: %s -> %s", k.ID, before, after))
	var err error
	if after == nil {
		_, err = s.Run(`DELETE FROM task WHERE name = $1`, k.ID)
	} else {
		_, err = s.Run(`
			INSERT INTO task (name, text, size)
			VALUES ($1, $2 ->> 'text', $2 ->> 'size')
			ON CONFLICT (name) DO UPDATE SET text = excluded.text, size = excluded.size`,
			k.ID, string(after))
	}
	if err != nil {
		if strings.Contains(err.Error(), "constraint") {
			err = &store.ConstraintError{Words: "as SQLite says", Err: err}
		}
		return nil, err
	}
	var now merge.Document
	err = s.Rows(func(rows *sql.Rows) error {
		var name string
		var text, size sql.NullString
		err := rows.Scan(&name, &text, &size)
		now = taskOf(name, text, size)
		return err
	}, `SELECT name, text, CAST(size AS TEXT) FROM task WHERE name = $1`, k.ID)
	return now, err
}

// adopted makes a store with the table task adopted, on a hub or a replica; more is run by the application first.
func adopted(t *testing.T, replica bool, more string) (*store.Store, *tasks, *sql.DB) {
	t.Helper()
	return adoptedBy(t, options(), replica, more)
}

// adoptedIn is adopted on a hub with so much time for a row.
func adoptedIn(t *testing.T, wait time.Duration, more string) (*store.Store, *tasks, *sql.DB) {
	t.Helper()
	opts := options()
	opts.RowWait = wait
	return adoptedBy(t, opts, false, more)
}

func adoptedBy(t *testing.T, opts store.Options, replica bool, more string) (*store.Store, *tasks, *sql.DB) {
	t.Helper()
	path := application(t, "DELETE")
	foreign(t, path, `CREATE TABLE task (name TEXT PRIMARY KEY, text TEXT CHECK (text <> 'never'), size REAL);
		INSERT INTO task VALUES ('old', 'there', 1.5);`+more)
	a := &tasks{}
	opts.Adoption = a
	begin := func(w store.Adopting) error {
		if _, err := w.Run(taskTables); err != nil {
			return err
		}
		return w.Keep(store.Row{Record: key("task/old"), Fields: doc(`{"name":"old","text":"there","size":1.5}`)})
	}
	s, err := store.Settle(t.Context(), path, opts, begin)
	if replica {
		if err == nil {
			s.Close()
		}
		path = application(t, "DELETE")
		foreign(t, path, `CREATE TABLE task (name TEXT PRIMARY KEY, text TEXT CHECK (text <> 'never'), size REAL);
			INSERT INTO task VALUES ('old', 'there', 1.5);`+more)
		s, err = store.SettleReplica(t.Context(), path, "hub.db", "ana", opts, begin)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { leaveSound(t, s) })
	return s, a, plain(t, path)
}

func client(t *testing.T, db *sql.DB, statements ...string) {
	t.Helper()
	for _, statement := range statements {
		if _, err := db.ExecContext(t.Context(), statement); err != nil {
			t.Fatalf("%s: %v", statement, err)
		}
	}
}

const causes = `
	SELECT r.name, v.number, v.cause, coalesce(v.who, '-'), coalesce(d.body, 'gone')
	FROM dovetail_version v
	JOIN dovetail_record r ON r.id = v.record
	LEFT JOIN dovetail_document d ON d.id = v.document
	ORDER BY v.id`

func TestWhatClientsWroteAreVersions(t *testing.T) {
	s, a, db := adopted(t, false, "")
	client(t, db, `INSERT INTO task VALUES ('new', 'a', 2)`, `UPDATE task SET text = 'b'`, `UPDATE task SET text = text`,
		`DELETE FROM task WHERE name = 'old'`)
	wantRecord(t, s, "task/new", 2, `{"name":"new","size":2.0,"text":"b"}`) // a look is enough
	wantRecord(t, s, "task/old", 3, "")
	wantRows(t, s, causes,
		`old 1 adopt - {"name":"old","size":1.5,"text":"there"}`,
		`new 1 write - {"name":"new","size":2.0,"text":"a"}`,
		`old 2 write - {"name":"old","size":1.5,"text":"b"}`,
		`new 2 write - {"name":"new","size":2.0,"text":"b"}`,
		`old 3 write - gone`)
	if len(a.puts) > 0 {
		t.Errorf("%q were put", a.puts)
	}
	wantSum(t, s)
}

// The queue is read by other means than the rest.
func TestTheQueueIsReadAfterWhatClientsWrote(t *testing.T) {
	s, _, db := adopted(t, false, "")
	push(t, s, `{"key":"k","record":"task/old","base_version":1,"local":{"name":"old","text":"x","size":1.5}}`)
	answer := push(t, s, `{"key":"l","record":"task/old","base_version":1,"local":{"name":"old","text":"y","size":1.5}}`)
	if answer.Outcome != store.Conflicted {
		t.Fatalf("it is %+v", answer)
	}
	client(t, db, `UPDATE task SET text = 'z' WHERE name = 'old'`)
	page, err := s.Conflicts(t.Context(), merge.Query{})
	if err != nil || len(page.Conflicts) != 1 || page.Conflicts[0].ServerVersion != 3 {
		t.Errorf("the queue is %+v, %v", page, err)
	}
}

func TestWhatIsWrittenIsPutIntoTheTable(t *testing.T) {
	s, a, db := adopted(t, false, "")
	push(t, s, `{"key":"k","record":"task/old","base_version":1,"local":{"name":"old","text":"x","size":1.5}}`)
	client(t, db, `UPDATE task SET size = 7 WHERE name = 'old'`)
	answer := push(t, s, `{"key":"l","record":"task/old","base_version":1,"local":{"name":"old","text":"y","size":1.5}}`)
	resolve(t, s, answer.Conflict, merge.TakeLocal, "bo")
	push(t, s, `{"key":"m","record":"task/more","base":null,"local":{"name":"more","text":null,"size":3}}`)
	push(t, s, `{"key":"n","record":"task/gone","base":null,"local":{"name":"gone","text":null,"size":3}}`)
	push(t, s, `{"key":"o","record":"task/gone","base_version":1,"local":null}`)
	push(t, s, `{"key":"p","record":"deal/1","base":null,"local":{"x":1}}`)
	wantRows(t, s, `SELECT * FROM task ORDER BY name`, "more NULL 3", "old y 7")
	wantRecord(t, s, "task/old", 4, `{"name":"old","size":7.0,"text":"y"}`)
	wantRecord(t, s, "task/more", 1, `{"name":"more","size":3,"text":null}`)
	want := []string{
		`old: {"name":"old","size":1.5,"text":"there"} -> {"name":"old","size":1.5,"text":"x"}`,
		`old: {"name":"old","size":7.0,"text":"x"} -> {"name":"old","size":7.0,"text":"y"}`,
		`more:  -> {"name":"more","size":3,"text":null}`,
		`gone:  -> {"name":"gone","size":3,"text":null}`,
		`gone: {"name":"gone","size":3,"text":null} -> `,
	}
	if !slices.Equal(a.puts, want) {
		t.Errorf("put were\n%s\nwant\n%s", strings.Join(a.puts, "\n"), strings.Join(want, "\n"))
	}
	wantRows(t, s, `SELECT count(*) FROM dovetail_rows_1`, "0")
	wantSum(t, s)
}

// A replica has one change for what was written before it was sent, and none for what dovetail itself wrote.
func TestWhatClientsWroteOnAReplicaIsAChange(t *testing.T) {
	s, a, db := adopted(t, true, "")
	client(t, db, `UPDATE task SET text = 'b'`, `INSERT INTO task VALUES ('new', 'a', 2)`, `UPDATE task SET text = 'c' WHERE name = 'old'`)
	r := get(t, s, "task/old")
	if !r.Pending || string(r.Fields) != `{"name":"old","size":1.5,"text":"c"}` {
		t.Errorf("it is %+v", r)
	}
	written, err := s.Write(t.Context(), store.Edit{Record: key("task/old"), Version: r.Version, Revision: r.Revision,
		Fields: doc(`{"name":"old","size":1.5,"text":"d"}`), By: "ana"})
	if err != nil || !written.Pending {
		t.Fatalf("it is %+v, %v", written, err)
	}
	wantRows(t, s, `SELECT * FROM task ORDER BY name`, "new a 2", "old d 1.5")
	wantRows(t, s, `
		SELECT r.name, c.outcome, d.body
		FROM dovetail_change c
		JOIN dovetail_record r ON r.id = c.record
		JOIN dovetail_document d ON d.id = c.local_document
		ORDER BY c.id`,
		`old pending {"name":"old","size":1.5,"text":"d"}`, `new pending {"name":"new","size":2.0,"text":"a"}`)
	if len(a.puts) != 1 {
		t.Errorf("%q were put", a.puts)
	}
	wantSum(t, s)
}

func TestARowThatIsNotAsItWasWrittenWritesNothing(t *testing.T) {
	tests := []struct{ name, trigger, fields, column string }{
		{"a trigger changes it", `CREATE TRIGGER shout AFTER UPDATE ON task BEGIN UPDATE task SET text = upper(text) WHERE name = NEW.name; END`,
			`{"name":"old","text":"x","size":1.5}`, "text"},
		{"a trigger keeps it", `CREATE TRIGGER keep BEFORE DELETE ON task BEGIN SELECT RAISE(IGNORE); END`,
			"", ""},
		{"the column cannot hold it", "", `{"name":"old","text":"there","size":1.50000000000000001}`, "size"},
		{"there is no such column", "", `{"name":"old","text":"there","size":1.5,"zip":1}`, "zip"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s, _, _ := adopted(t, false, tt.trigger)
			e := store.Edit{Record: key("task/old"), Version: 1, By: "ana"}
			if tt.fields != "" {
				e.Fields = doc(tt.fields)
			}
			_, err := s.Write(t.Context(), e)
			var rewritten *store.RewrittenError
			if !errors.As(err, &rewritten) || rewritten.Record != key("task/old") || rewritten.Column != tt.column {
				t.Errorf("it says %v", err)
			}
			wantRecord(t, s, "task/old", 1, `{"name":"old","size":1.5,"text":"there"}`)
			wantRows(t, s, `SELECT * FROM task`, "old there 1.5")
			wantRows(t, s, `SELECT count(*) FROM dovetail_change`, "0")
		})
	}
}

// Nothing of the transaction is done, and the next one is not hurt, wherever the refusal comes from.
func TestARowThatIsRefusedWritesNothing(t *testing.T) {
	for name, trigger := range map[string]string{
		"by a check":               "",
		"by a trigger":             `CREATE TRIGGER no BEFORE UPDATE ON task WHEN NEW.text = 'never' BEGIN SELECT RAISE(ABORT, 'no'); END`,
		"with the transaction":     `CREATE TRIGGER no BEFORE UPDATE ON task WHEN NEW.text = 'never' BEGIN SELECT RAISE(ROLLBACK, 'no'); END`,
		"with what it did already": `CREATE TRIGGER no AFTER UPDATE ON task WHEN NEW.text = 'never' BEGIN SELECT RAISE(FAIL, 'no'); END`,
	} {
		t.Run(name, func(t *testing.T) {
			s, _, _ := adopted(t, false, trigger)
			_, err := s.Write(t.Context(), store.Edit{Record: key("task/old"), Version: 1, By: "ana",
				Fields: doc(`{"name":"old","text":"never","size":1.5}`)})
			var refused *store.ConstraintError
			if !errors.As(err, &refused) || !strings.Contains(err.Error(), "task/old") {
				t.Errorf("it says %v", err)
			}
			wantRecord(t, s, "task/old", 1, `{"name":"old","size":1.5,"text":"there"}`)
			wantRows(t, s, `SELECT * FROM task`, "old there 1.5")
			push(t, s, `{"key":"l","record":"task/old","base_version":1,"local":{"name":"old","text":"yes","size":1.5}}`)
			wantRows(t, s, `SELECT * FROM task`, "old yes 1.5")
		})
	}
}

func TestAConstraintIsAnAnswerUnlessTheTransactionWentWithIt(t *testing.T) {
	for how, lives := range map[string]bool{"ABORT": true, "FAIL": true, "ROLLBACK": false} {
		s, _, _ := adopted(t, false, "")
		err := s.Adopt(t.Context(), func(a store.Adopting) error {
			if _, err := a.Run(`INSERT OR ` + how + ` INTO task (name) VALUES ('old')`); err == nil {
				t.Errorf("%s: there are two", how)
			}
			return a.Keep(store.Row{Record: key("task/kept"), Fields: doc(`{"name":"kept"}`)})
		})
		if (err == nil) != lives {
			t.Errorf("after %s it says %v", how, err)
		}
		want := "2"
		if !lives {
			want = "1"
		}
		wantRows(t, s, `SELECT count(*) FROM dovetail_record`, want)
	}
}

// A trigger of the application's may write other rows for one that dovetail wrote; they are clients' then.
func TestWhatTriggersMakeOfAPutIsTakenIn(t *testing.T) {
	s, a, _ := adopted(t, false, `
		CREATE TRIGGER copy AFTER UPDATE ON task WHEN NEW.name = 'old' BEGIN
			INSERT INTO task VALUES ('copy of ' || NEW.text, NEW.text, NEW.size);
		END`)
	push(t, s, `{"key":"k","record":"task/old","base_version":1,"local":{"name":"old","text":"x","size":1.5}}`)
	wantRows(t, s, `SELECT count(*) FROM dovetail_rows_1`, "0")
	wantRows(t, s, causes,
		`old 1 adopt - {"name":"old","size":1.5,"text":"there"}`,
		`old 2 write - {"name":"old","size":1.5,"text":"x"}`,
		`copy of x 1 write - {"name":"copy of x","size":1.5,"text":"x"}`)
	if len(a.puts) != 1 {
		t.Errorf("%q were put", a.puts)
	}
	wantSum(t, s)
}

// Whoever made the file may have put triggers there that write to dovetail's tables when dovetail writes to theirs.
func TestATriggerThatWritesToOurTablesIsRefused(t *testing.T) {
	s, _, db := adopted(t, false, "")
	client(t, db, `CREATE TRIGGER evil AFTER UPDATE ON task BEGIN UPDATE dovetail_meta SET generation = 'theirs'; END`)
	_, err := s.Push(t.Context(), []byte(`{"key":"k","record":"task/old","base_version":1,"local":{"name":"old","text":"x","size":1.5}}`))
	if !errors.Is(err, store.ErrCorrupt) || !strings.Contains(err.Error(), "dovetail_meta") {
		t.Errorf("it says %v", err)
	}
	wantRows(t, s, `SELECT generation = 'theirs' FROM dovetail_meta`, "0")
}

// What is in the file may use nothing that SQLite does not hold harmless.
func TestTriggersHaveNoMoreRightsThanTheirFile(t *testing.T) {
	s, _, db := adopted(t, false, "")
	client(t, db, `CREATE TABLE seen (name)`,
		`CREATE TRIGGER spy AFTER UPDATE ON task BEGIN INSERT INTO seen SELECT name FROM pragma_database_list; END`)
	a := push(t, s, `{"key":"k","record":"task/old","base_version":1,"local":{"name":"old","text":"x","size":1.5}}`)
	if a.Outcome != store.Conflicted || !strings.Contains(a.Error, "unsafe use") {
		t.Errorf("it comes to %+v", a)
	}
	client(t, db, `UPDATE task SET text = 'theirs'`) // who trusts the file may do so
	wantRows(t, s, `SELECT count(*) > 0 FROM seen`, "1")
}

// While the application keeps the lock, what is known is read.
func TestALookDoesNotFailForAnApplicationThatWrites(t *testing.T) {
	s, _, db := adopted(t, false, "")
	db.SetMaxOpenConns(1)
	client(t, db, `UPDATE task SET text = 'b'`, `BEGIN IMMEDIATE`)
	wantRecord(t, s, "task/old", 1, `{"name":"old","size":1.5,"text":"there"}`)
	client(t, db, `COMMIT`)
	wantRecord(t, s, "task/old", 2, `{"name":"old","size":1.5,"text":"b"}`)
}
