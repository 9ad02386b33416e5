package adopt

import (
	"errors"
	"strings"
	"testing"

	"dovetail/merge"
	"dovetail/store"
)

const people = `
	CREATE TABLE customer (id INTEGER PRIMARY KEY, name TEXT, mail TEXT, city TEXT);
	CREATE TABLE invoice (id INTEGER PRIMARY KEY, customer INTEGER REFERENCES customer, text TEXT);
	INSERT INTO customer VALUES (1, 'Ann', 'ann', 'Bern'), (2, 'Bo', 'bo', 'Chur');
	INSERT INTO invoice VALUES (1, 1, 'one')`

const customers = `SELECT group_concat(id || ' ' || name || ' ' || mail || ' ' || city, ', ') FROM (SELECT * FROM customer ORDER BY id)`

// TestARowThatTheLaptopRefusesIsOwed: the exchange goes on, and the row follows once its table takes it.
func TestARowThatTheLaptopRefusesIsOwed(t *testing.T) {
	r := newRoad(t, people)
	r.rep.do(`CREATE UNIQUE INDEX one ON customer (mail)`)
	r.office.do(`UPDATE customer SET mail = 'bo', city = 'Genf' WHERE id = 1`, `INSERT INTO customer VALUES (3, 'Cy', 'bo', 'Zug')`,
		`INSERT INTO customer VALUES (4, 'Di', 'di', 'Brig')`, `INSERT INTO invoice VALUES (2, 3, 'of the third'), (3, 4, 'of the fourth')`)
	for range 2 {
		r.sync()
		const unique = "UNIQUE constraint failed: customer.mail"
		want(t, r.owes(), "customer/1: "+unique+"; customer/3: "+unique+"; invoice/2: "+
			"FOREIGN KEY constraint failed: the row of \"customer\" that \"customer\" names is not there")
		wantRecord(t, r.laptop, "customer/1", 2, `{"city":"Genf","id":1,"mail":"bo","name":"Ann"}`)
		r.rep.want(customers, "1 Ann ann Bern, 2 Bo bo Chur, 4 Di di Brig")
		// It is touched, and no change.
		r.rep.do(`UPDATE customer SET city = 'Bern' WHERE id = 1`)
	}
	if status, err := r.laptop.Status(t.Context(), ""); err != nil || status.Origin.Unanswered != 0 {
		t.Errorf("%+v, %v", status.Origin, err)
	}
	r.rep.do(`DROP INDEX one`)
	r.sync()
	want(t, r.owes(), "")
	want(t, r.rep.answer(`SELECT * FROM customer ORDER BY id`), r.office.answer(`SELECT * FROM customer ORDER BY id`))
	want(t, r.rep.answer(`SELECT * FROM invoice ORDER BY id`), r.office.answer(`SELECT * FROM invoice ORDER BY id`))
}

// TestAnEditOfARowThatIsOwedTakesNothingBack: whoever makes it did not see what the hub has.
func TestAnEditOfARowThatIsOwedTakesNothingBack(t *testing.T) {
	alone(t)
	for name, c := range map[string]struct {
		edit   string
		office string
		kind   merge.Kind // of the conflict that it is; 0 for none
		local  string     // where that is decided for it
	}{
		"of another column": {edit: `UPDATE customer SET name = 'Anna' WHERE id = 1`, office: "1 Anna bo Genf, 2 Bo bo Chur"},
		"to the same":       {edit: `UPDATE customer SET city = 'Genf' WHERE id = 1`, office: "1 Ann bo Genf, 2 Bo bo Chur"},
		"of the same column": {edit: `UPDATE customer SET city = 'Sion', name = 'Anna' WHERE id = 1`, office: "1 Ann bo Genf, 2 Bo bo Chur",
			kind: merge.EditEdit, local: "1 Anna bo Sion, 2 Bo bo Chur"},
		"that deletes it": {edit: `DELETE FROM invoice; DELETE FROM customer WHERE id = 1`, office: "1 Ann bo Genf, 2 Bo bo Chur",
			kind: merge.DeleteEdit, local: "2 Bo bo Chur"},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRoad(t, people)
			r.rep.do(`CREATE UNIQUE INDEX one ON customer (mail)`)
			r.office.do(`UPDATE customer SET mail = 'bo', city = 'Genf' WHERE id = 1`)
			r.sync()
			if r.owes() == "" {
				t.Fatal("nothing is owed")
			}
			r.rep.do(c.edit)
			r.sync()
			r.office.want(customers, c.office)
			page, err := r.hub.Conflicts(t.Context(), merge.Query{})
			if err != nil || len(page.Conflicts) > 1 || (len(page.Conflicts) == 1) != (c.kind != 0) {
				t.Fatal(page.Conflicts, err)
			}
			if c.kind != 0 {
				k, err := r.hub.Case(t.Context(), page.Conflicts[0].Number)
				if err != nil || k.Conflict.Kind != c.kind || k.Sides.BaseLost || !strings.Contains(string(k.Sides.Base), "Bern") {
					t.Errorf("%+v, %v", k, err)
				}
				decide(t, r.hub, page.Conflicts[0].Number, merge.TakeLocal)
				r.office.want(customers, c.local)
			}
			r.rep.do(`DROP INDEX one`)
			r.sync()
			want(t, r.owes(), "")
			want(t, r.rep.answer(`SELECT * FROM customer ORDER BY id`), r.office.answer(`SELECT * FROM customer ORDER BY id`))
		})
	}
}

// TestWhatSomebodyAsksForIsNotOwed, but refused.
func TestWhatSomebodyAsksForIsNotOwed(t *testing.T) {
	r := newRoad(t, people)
	r.rep.do(`CREATE UNIQUE INDEX one ON customer (mail)`)
	var refused *store.ConstraintError
	if _, err := r.laptop.Write(t.Context(), store.Edit{Record: merge.Key{Collection: "customer", ID: "1"}, Version: 1,
		Fields: merge.Document(`{"city":"Bern","id":1,"mail":"bo","name":"Ann"}`)}); !errors.As(err, &refused) {
		t.Errorf("it is %v", err)
	}
	want(t, r.owes(), "")
}

// TestWhatBelongsTogetherGoesInWhateverTheOrder: a replica sends what it did to a record at the place of the first of it,
// and the hub's versions come in parts.
func TestWhatBelongsTogetherGoesInWhateverTheOrder(t *testing.T) {
	alone(t)
	for _, when := range []string{"", " DEFERRABLE INITIALLY DEFERRED"} {
		r := newRoad(t, strings.ReplaceAll(people, "REFERENCES customer", "REFERENCES customer"+when))
		r.rep.do(`UPDATE invoice SET text = 'first' WHERE id = 1`, `DELETE FROM customer WHERE id = 2`,
			`INSERT INTO customer VALUES (7, 'Eve', 'eve', 'Visp')`, `UPDATE invoice SET customer = 7 WHERE id = 1`,
			`DELETE FROM customer WHERE id = 1`)
		if report := r.sync(); report.Applied != 4 {
			t.Errorf("%+v", report)
		}
		r.office.want(`SELECT group_concat(id || ' ' || customer || ' ' || text) FROM invoice`, "1 7 first")
		r.office.want(customers, "7 Eve eve Visp")
		// At the hub an old row names a new one, which comes after 1 100 others.
		r.office.do(`UPDATE invoice SET text = 'at the hub' WHERE id = 1`,
			`WITH RECURSIVE n (i) AS (SELECT 100 UNION ALL SELECT i + 1 FROM n WHERE i < 1200)
				INSERT INTO invoice SELECT i, 7, 'x' FROM n`,
			`INSERT INTO customer VALUES (8, 'Flo', 'flo', 'Visp')`, `UPDATE invoice SET customer = 8`, `DELETE FROM customer WHERE id = 7`)
		r.sync()
		want(t, r.owes(), "")
		want(t, r.rep.answer(`SELECT * FROM customer ORDER BY id`), r.office.answer(`SELECT * FROM customer ORDER BY id`))
		want(t, r.rep.answer(`SELECT * FROM invoice ORDER BY id`), r.office.answer(`SELECT * FROM invoice ORDER BY id`))
	}
}

// TestAParentThatWasDeletedElsewhereIsAConflict, whenever the database looks at the foreign key.
func TestAParentThatWasDeletedElsewhereIsAConflict(t *testing.T) {
	for _, when := range []string{"", " DEFERRABLE INITIALLY DEFERRED"} {
		r := newRoad(t, strings.ReplaceAll(people, "REFERENCES customer", "REFERENCES customer"+when))
		r.office.do(`DELETE FROM customer WHERE id = 2`)
		r.rep.do(`INSERT INTO invoice VALUES (9, 2, 'for Bo')`, `UPDATE customer SET name = 'Anna' WHERE id = 1`)
		if report := r.sync(); report.Applied != 1 || report.Conflicts != 1 {
			t.Errorf("%+v", report)
		}
		page, err := r.hub.Conflicts(t.Context(), merge.Query{})
		if err != nil || len(page.Conflicts) != 1 || page.Conflicts[0].Kind != merge.RuleKind || page.Conflicts[0].Record.String() != "invoice/9" {
			t.Fatal(page.Conflicts, err)
		}
		r.office.want(customers, "1 Anna ann Bern")
		// The laptop's parent cannot go while its child is there.
		want(t, r.owes(), "customer/2: FOREIGN KEY constraint failed: rows of \"invoice\" name it")
		decide(t, r.hub, page.Conflicts[0].Number, merge.TakeServer)
		r.sync()
		want(t, r.owes(), "")
		r.rep.want(`SELECT count(*) FROM invoice`, "1")
		r.rep.want(customers, "1 Anna ann Bern")
	}
}

// TestARowThatTakesTheTransactionBackIsOwed: the others come in, and it does once the trigger is gone.
func TestARowThatTakesTheTransactionBackIsOwed(t *testing.T) {
	r := newRoad(t, people)
	r.rep.do(`CREATE TRIGGER never BEFORE UPDATE ON customer WHEN NEW.city = 'Genf' BEGIN SELECT RAISE(ROLLBACK, 'not there'); END`)
	r.office.do(`UPDATE customer SET city = 'Genf'`, `UPDATE invoice SET text = 'two'`, `INSERT INTO customer VALUES (3, 'Cy', 'cy', 'Zug')`)
	r.sync()
	want(t, r.owes(), "customer/1: not there; customer/2: not there")
	r.rep.want(customers, "1 Ann ann Bern, 2 Bo bo Chur, 3 Cy cy Zug")
	r.rep.want(`SELECT text FROM invoice`, "two")
	r.rep.do(`DROP TRIGGER never`)
	r.sync()
	want(t, r.owes(), "")
	want(t, r.rep.answer(`SELECT * FROM customer ORDER BY id`), r.office.answer(`SELECT * FROM customer ORDER BY id`))
}

// TestAnEditOfARowThatTakesTheTransactionBack stops nobody who reads or writes: it is tried again with the next exchange alone.
func TestAnEditOfARowThatTakesTheTransactionBack(t *testing.T) {
	r := newRoad(t, people)
	r.rep.do(`CREATE TRIGGER never BEFORE UPDATE ON customer WHEN NEW.city = 'Genf' BEGIN SELECT RAISE(ROLLBACK, 'not there'); END`)
	r.office.do(`UPDATE customer SET city = 'Genf' WHERE id = 1`)
	r.sync()
	r.rep.do(`UPDATE customer SET name = 'Anna' WHERE id = 1`)
	want(t, r.owes(), "customer/1: not there")
	wantRecord(t, r.laptop, "customer/1", 2, `{"city":"Genf","id":1,"mail":"ann","name":"Anna"}`)
	r.sync()
	want(t, r.owes(), "customer/1: not there")
	r.office.want(customers, "1 Anna ann Genf, 2 Bo bo Chur")
	r.rep.do(`DROP TRIGGER never`)
	r.sync()
	want(t, r.owes(), "")
	r.rep.want(customers, "1 Anna ann Genf, 2 Bo bo Chur")
}

// TestAnEditOfARowThatIsOwedCountsOnce: what the hub has of a counter is no edit of whoever did not see it.
func TestAnEditOfARowThatIsOwedCountsOnce(t *testing.T) {
	alone(t)
	for name, edits := range map[string][]string{
		"as it came":               nil,
		"after an edit":            {`UPDATE customer SET city = 'Brig', visits = 6 WHERE id = 1`},
		"after another column":     {`UPDATE customer SET visits = 6 WHERE id = 1`},
		"with an edit not sent":    {"", `UPDATE customer SET mail = 'a' WHERE id = 1`},
		"with a count not sent":    {"", `UPDATE customer SET visits = 6 WHERE id = 1`},
		"with both, sent and here": {`UPDATE customer SET visits = 6 WHERE id = 1`, `UPDATE customer SET mail = 'a' WHERE id = 1`},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRoad(t, `CREATE TABLE customer (id INTEGER PRIMARY KEY, mail TEXT, phone TEXT, city TEXT, visits INTEGER);
				INSERT INTO customer VALUES (1, 'ann', '1', 'Bern', 5), (2, 'bo', '2', 'Chur', 0)`)
			if _, err := r.hub.SetSchema(t.Context(), "customer", merge.Document(`{"properties":{"visits":{"type":"integer","x-merge":"counter"}}}`), ""); err != nil {
				t.Fatal(err)
			}
			r.sync()
			r.rep.do(`CREATE UNIQUE INDEX one ON customer (phone)`)
			total := "9"
			if len(edits) > 0 && edits[0] != "" {
				r.rep.do(edits[0])
			}
			r.office.do(`UPDATE customer SET phone = '2', visits = visits + 4 WHERE id = 1`)
			r.sync()
			if r.owes() == "" {
				t.Fatal("nothing is owed")
			}
			if len(edits) > 1 {
				r.rep.do(edits[1])
				r.owes()
			}
			for _, edit := range edits {
				if strings.Contains(edit, "visits") {
					total = "10"
				}
			}
			r.office.do(`UPDATE customer SET city = 'Genf' WHERE id = 1`)
			r.rep.do(`UPDATE customer SET phone = '3' WHERE id = 1`)
			r.sync()
			for {
				page, err := r.hub.Conflicts(t.Context(), merge.Query{})
				if err != nil {
					t.Fatal(err)
				}
				if len(page.Conflicts) == 0 {
					break
				}
				decide(t, r.hub, page.Conflicts[0].Number, merge.TakeLocal)
			}
			r.sync()
			want(t, r.owes(), "")
			r.office.want(`SELECT visits FROM customer WHERE id = 1`, total)
			want(t, r.rep.answer(`SELECT * FROM customer ORDER BY id`), r.office.answer(`SELECT * FROM customer ORDER BY id`))
		})
	}
}

// TestAnEditOfARowThatIsOwedBesideAConflict is in conflict too, where it is in the way of what its writer did not see.
func TestAnEditOfARowThatIsOwedBesideAConflict(t *testing.T) {
	alone(t)
	for _, sent := range []bool{true, false} {
		r := newRoad(t, people)
		r.rep.do(`CREATE UNIQUE INDEX one ON customer (mail)`, `UPDATE customer SET name = 'Anna' WHERE id = 1`)
		r.office.do(`UPDATE customer SET mail = 'bo', city = 'Genf' WHERE id = 1`)
		r.sync()
		r.rep.do(`UPDATE customer SET name = 'Anne' WHERE id = 1`)
		r.office.do(`UPDATE customer SET name = 'Ann-Lee' WHERE id = 1`)
		if sent {
			r.sync()
		}
		r.rep.do(`UPDATE customer SET city = 'Sion' WHERE id = 1`)
		r.sync()
		for _, s := range []*store.Store{r.hub, r.laptop} {
			page, err := s.Conflicts(t.Context(), merge.Query{})
			if err != nil || len(page.Conflicts) != 1 || strings.Join(page.Conflicts[0].Fields, " ") != "/city /name" {
				t.Errorf("sent %t: %+v, %v", sent, page.Conflicts, err)
			}
		}
		page, err := r.hub.Conflicts(t.Context(), merge.Query{})
		if err != nil || len(page.Conflicts) != 1 {
			t.Fatal(page, err)
		}
		decide(t, r.hub, page.Conflicts[0].Number, merge.TakeLocal)
		r.office.want(customers, "1 Anne bo Sion, 2 Bo bo Chur")
		r.rep.do(`DROP INDEX one`)
		r.sync()
		want(t, r.owes(), "")
		r.rep.want(customers, "1 Anne bo Sion, 2 Bo bo Chur")
	}
}

// TestRowsThatNameOneAnotherGoInTogether, and go together, whenever the database looks at the foreign key; a third that
// names one that is not there keeps none of them.
func TestRowsThatNameOneAnotherGoInTogether(t *testing.T) {
	alone(t)
	for _, when := range []string{"", " DEFERRABLE INITIALLY DEFERRED"} {
		r := newRoad(t, `CREATE TABLE dept (id INTEGER PRIMARY KEY, head INTEGER REFERENCES emp`+when+`);
			CREATE TABLE emp (id INTEGER PRIMARY KEY, dept INTEGER NOT NULL REFERENCES dept`+when+`);
			INSERT INTO dept VALUES (9, NULL)`)
		for i, f := range []file{r.office, r.rep} {
			n := string('1' + rune(i))
			f.do(`INSERT INTO dept VALUES (`+n+`, NULL)`, `INSERT INTO emp VALUES (`+n+`, `+n+`)`, `UPDATE dept SET head = `+n+` WHERE id = `+n)
		}
		if report := r.sync(); report.Applied != 2 {
			t.Errorf("%+v", report)
		}
		want(t, r.owes(), "")
		want(t, r.rep.answer(`SELECT * FROM dept, emp`), r.office.answer(`SELECT * FROM dept, emp`))
		for i, f := range []file{r.office, r.rep} {
			n := string('1' + rune(i))
			f.do(`UPDATE dept SET head = NULL WHERE id = `+n, `DELETE FROM emp WHERE id = `+n, `DELETE FROM dept WHERE id = `+n)
		}
		r.sync()
		want(t, r.owes(), "")
		for _, f := range []file{r.office, r.rep} {
			f.want(`SELECT (SELECT count(*) FROM dept) || (SELECT count(*) FROM emp)`, "10")
		}
		r.office.do(`DELETE FROM dept WHERE id = 9`)
		r.rep.do(`INSERT INTO dept VALUES (3, NULL)`, `INSERT INTO emp VALUES (3, 3), (4, 9)`, `UPDATE dept SET head = 3 WHERE id = 3`)
		if report := r.sync(); report.Applied != 2 || report.Conflicts != 1 {
			t.Errorf("%+v", report)
		}
		r.office.want(`SELECT (SELECT count(*) FROM dept) || (SELECT count(*) FROM emp)`, "11")
		for _, s := range []*store.Store{r.hub, r.laptop} {
			found, err := s.Check(t.Context(), nil)
			if err != nil {
				t.Error(err)
			}
			for _, f := range found {
				if !f.OK {
					t.Errorf("%+v", f)
				}
			}
		}
	}
}

// TestWhatIsTakenBackInARowThatIsOwed is so, also where all of it is taken in at once.
func TestWhatIsTakenBackInARowThatIsOwed(t *testing.T) {
	r := newRoad(t, people)
	r.rep.do(`CREATE UNIQUE INDEX one ON customer (mail)`)
	r.office.do(`UPDATE customer SET mail = 'bo', city = 'Genf' WHERE id = 1`)
	r.sync()
	r.rep.do(`UPDATE customer SET name = 'Anna' WHERE id = 1`, `UPDATE customer SET name = 'Ann' WHERE id = 1`)
	r.sync()
	r.office.want(customers, "1 Ann bo Genf, 2 Bo bo Chur")
	// One that is made anew is what its writer saw before it went.
	r.rep.do(`DELETE FROM invoice`, `DELETE FROM customer WHERE id = 1`, `INSERT INTO customer VALUES (1, 'New', 'new', 'Visp')`)
	r.sync()
	page, err := r.hub.Conflicts(t.Context(), merge.Query{})
	if err != nil || len(page.Conflicts) != 1 || page.Conflicts[0].BaseVersion != 1 {
		t.Fatal(page.Conflicts, err)
	}
	decide(t, r.hub, page.Conflicts[0].Number, merge.TakeLocal)
	r.sync()
	want(t, r.owes(), "")
	r.rep.want(customers, "1 New new Visp, 2 Bo bo Chur")
	r.office.want(customers, "1 New new Visp, 2 Bo bo Chur")
}

// TestWhatWouldGoWithAParentUnseenStays: a deletion that comes from elsewhere takes along only what is deleted there too.
func TestWhatWouldGoWithAParentUnseenStays(t *testing.T) {
	alone(t)
	const tables = `CREATE TABLE p (id INTEGER PRIMARY KEY, v TEXT);
		CREATE TABLE c (id INTEGER PRIMARY KEY, p INTEGER REFERENCES p ON DELETE CASCADE, v TEXT);
		INSERT INTO p VALUES (1, 'a'), (2, 'b');
		INSERT INTO c VALUES (1, 1, 'x'), (2, 1, 'y'), (3, 2, 'z')`
	both := func(r road, rows string) {
		t.Helper()
		for _, f := range []file{r.office, r.rep} {
			f.want(`SELECT (SELECT count(*) FROM p) || (SELECT group_concat(v) FROM (SELECT v FROM c ORDER BY id))`, rows)
		}
	}
	deletes := `DELETE FROM p WHERE id = 1`

	r := newRoad(t, tables)
	r.office.do(deletes)
	r.sync()
	want(t, r.owes(), "")
	both(r, "1z")

	r = newRoad(t, tables)
	r.rep.do(deletes)
	if report := r.sync(); report.Applied != 3 {
		t.Errorf("%+v", report)
	}
	both(r, "1z")

	// The laptop's edit of a child, and its new one, wait.
	r = newRoad(t, tables)
	r.office.do(deletes)
	r.rep.do(`UPDATE c SET v = 'edited' WHERE id = 1`, `INSERT INTO c VALUES (10, 1, 'new')`)
	r.sync()
	r.sync()
	r.rep.want(`SELECT group_concat(v) FROM c`, "edited,z,new")
	page, err := r.hub.Conflicts(t.Context(), merge.Query{})
	if err != nil || len(page.Conflicts) != 2 {
		t.Fatal(page.Conflicts, err)
	}
	for _, c := range page.Conflicts {
		decide(t, r.hub, c.Number, merge.TakeServer)
	}
	r.sync()
	want(t, r.owes(), "")
	both(r, "1z")

	// The hub's edit of a child, and its new one, stay.
	r = newRoad(t, tables)
	r.rep.do(deletes)
	r.office.do(`UPDATE c SET v = 'edited' WHERE id = 1`, `INSERT INTO c VALUES (10, 1, 'new')`)
	r.sync()
	r.office.want(`SELECT group_concat(v) FROM c`, "edited,z,new")
	page, err = r.hub.Conflicts(t.Context(), merge.Query{})
	if err != nil || len(page.Conflicts) != 2 {
		t.Fatal(page.Conflicts, err)
	}
	for _, c := range page.Conflicts {
		if c.Record.Collection == "p" {
			decide(t, r.hub, c.Number, merge.TakeLocal)
		}
	}
	r.sync()
	want(t, r.owes(), "")
	both(r, "1z")
}

// TestAnEditOfWhatIsTheApplicationsInARowThatIsOwedIsNoChange, as in any other row.
func TestAnEditOfWhatIsTheApplicationsInARowThatIsOwedIsNoChange(t *testing.T) {
	r := newRoad(t, people)
	if _, err := r.hub.SetSchema(t.Context(), "customer", merge.Document(`{"properties":{"city":{"x-merge":"ignore"}}}`), "eva"); err != nil {
		t.Fatal(err)
	}
	r.rep.do(`CREATE UNIQUE INDEX one ON customer (mail)`)
	r.office.do(`UPDATE customer SET mail = 'bo' WHERE id = 1`)
	r.sync()
	if r.owes() == "" {
		t.Fatal("nothing is owed")
	}
	r.rep.do(`UPDATE customer SET city = 'Sion' WHERE id = 1`)
	if report := r.sync(); report.Pushed != 0 {
		t.Errorf("%+v", report)
	}
	// What is the writer's is one, with what the application wrote before.
	r.rep.do(`UPDATE customer SET name = 'Anna' WHERE id = 1`)
	if report := r.sync(); report.Pushed != 1 {
		t.Errorf("%+v", report)
	}
	r.office.want(customers, "1 Anna bo Bern, 2 Bo bo Chur")
}
