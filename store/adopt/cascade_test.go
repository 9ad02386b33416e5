package adopt

import (
	"context"
	"strings"
	"testing"

	"dovetail/merge"
)

const cascading = `
	CREATE TABLE customer (id INTEGER PRIMARY KEY, name TEXT);
	CREATE TABLE invoice (id INTEGER PRIMARY KEY, customer INTEGER NOT NULL REFERENCES customer ON DELETE CASCADE, text TEXT);
	INSERT INTO customer VALUES (1, 'Ann'), (2, 'Bo');
	INSERT INTO invoice VALUES (1, 1, 'one'), (2, 2, 'two')`

const allInvoices = `SELECT group_concat(id || ' ' || text, ', ') FROM (SELECT * FROM invoice ORDER BY id)`

// conflicts are the records in a hub's queue, with the kinds of their conflicts.
func (r road) conflicts() (list []merge.Conflict) {
	r.t.Helper()
	page, err := r.hub.Conflicts(context.Background(), merge.Query{})
	if err != nil {
		r.t.Fatal(err)
	}
	return page.Conflicts
}

// TestADeletionThatComesInTakesNoEditAlong: the laptop's database deletes the rows of a parent that the hub deleted. Nobody
// at the laptop did, and what somebody wrote there still waits for a person.
func TestADeletionThatComesInTakesNoEditAlong(t *testing.T) {
	r := newRoad(t, cascading)
	r.office.do(`DELETE FROM customer WHERE id = 2`)
	r.rep.do(`UPDATE invoice SET text = 'offline' WHERE id = 2`, `INSERT INTO invoice VALUES (7, 2, 'new')`)
	for range 3 {
		r.sync()
		list := r.conflicts()
		if len(list) != 2 || list[0].Record.String() != "invoice/2" || list[0].Kind != merge.EditDelete ||
			list[1].Record.String() != "invoice/7" || list[1].Kind != merge.RuleKind {
			t.Fatalf("the queue has %+v", list)
		}
	}
	r.office.do(`INSERT INTO customer VALUES (2, 'Bo again')`)
	for _, c := range r.conflicts() {
		decide(t, r.hub, c.Number, merge.TakeLocal)
	}
	r.sync()
	want(t, r.owes(), "")
	r.office.want(allInvoices, "1 one, 2 offline, 7 new")
	r.rep.want(allInvoices, "1 one, 2 offline, 7 new")
}

// TestADeletionThatIsSentTakesNothingUnseenAlong: what the hub has of it since waits for a person, with the parent.
func TestADeletionThatIsSentTakesNothingUnseenAlong(t *testing.T) {
	r := newRoad(t, cascading)
	r.rep.do(`DELETE FROM customer WHERE id = 2`, `DELETE FROM customer WHERE id = 1`)
	r.office.do(`UPDATE invoice SET text = 'at the office' WHERE id = 2`, `INSERT INTO invoice VALUES (7, 2, 'precious')`)
	if report := r.sync(); report.Applied != 2 || report.Conflicts != 2 {
		t.Errorf("%+v", report)
	}
	r.office.want(allInvoices, "2 at the office, 7 precious")
	for range 2 {
		list := r.conflicts()
		if len(list) != 2 || list[0].Record.String() != "invoice/2" || list[0].Kind != merge.DeleteEdit ||
			list[1].Record.String() != "customer/2" || list[1].Kind != merge.RuleKind {
			t.Fatalf("the queue has %+v", list)
		}
		r.sync()
	}
	// A person may say that all of it goes.
	decide(t, r.hub, r.conflicts()[0].Number, merge.TakeServer)
	decide(t, r.hub, r.conflicts()[0].Number, merge.TakeLocal)
	r.sync()
	want(t, r.owes(), "")
	r.office.want(`SELECT count(*) FROM invoice`, "0")
	r.rep.want(`SELECT count(*) FROM invoice`, "0")
	r.rep.want(`SELECT count(*) FROM customer`, "0")
}

// TestTriggersOfAFollowerChangeNothing: the hub's own have done it, and it comes with the rows.
func TestTriggersOfAFollowerChangeNothing(t *testing.T) {
	r := newRoad(t, `
		CREATE TABLE bill (id INTEGER PRIMARY KEY, total INT NOT NULL DEFAULT 0);
		CREATE TABLE line (id INTEGER PRIMARY KEY, bill INT, price INT);
		CREATE TRIGGER adds AFTER INSERT ON line BEGIN UPDATE bill SET total = total + NEW.price WHERE id = NEW.bill; END;
		INSERT INTO bill VALUES (1, 0)`)
	r.office.do(`INSERT INTO line VALUES (1, 1, 10), (2, 1, 5)`)
	for range 2 {
		r.sync()
		r.office.want(`SELECT total FROM bill`, "15")
		r.rep.want(`SELECT total FROM bill`, "15")
	}
	if status, err := r.laptop.Status(t.Context(), ""); err != nil || status.Origin.Unanswered != 0 {
		t.Errorf("%+v, %v", status.Origin, err)
	}
}

// TestNothingGoesWithADeletionThatItsAuthorDidNotSee, whatever takes it along: what a foreign key does is seen before it does it,
// what a trigger does, or a foreign key of a table that is not adopted, only once it is done.
func TestNothingGoesWithADeletionThatItsAuthorDidNotSee(t *testing.T) {
	alone(t)
	const tables = `CREATE TABLE customer (id INTEGER PRIMARY KEY, name TEXT);
		CREATE TABLE invoice (id INTEGER PRIMARY KEY, customer INTEGER %, text TEXT);
		INSERT INTO customer VALUES (1, 'Ann'), (2, 'Bo');`
	for name, schema := range map[string]string{
		"a foreign key that deletes": strings.Replace(tables, "%", "REFERENCES customer ON DELETE CASCADE", 1),
		"a foreign key that empties": strings.Replace(tables, "%", "REFERENCES customer ON DELETE SET NULL", 1),
		"a trigger": strings.Replace(tables, "%", "", 1) + `
			CREATE TRIGGER gone AFTER DELETE ON customer BEGIN DELETE FROM invoice WHERE customer = OLD.id; END`,
		"a table that is not adopted": strings.Replace(tables, "%", "REFERENCES log ON DELETE CASCADE", 1) + `
			CREATE TABLE log (id INTEGER PRIMARY KEY REFERENCES customer ON DELETE CASCADE);
			INSERT INTO log VALUES (2)`,
	} {
		t.Run(name, func(t *testing.T) {
			r := newRoad(t, schema)
			r.office.do(`INSERT INTO invoice VALUES (7, 2, 'precious')`)
			r.rep.do(`DELETE FROM customer WHERE id = 2`)
			r.sync()
			r.office.want(`SELECT customer || text FROM invoice`, "2precious")
			if list := r.conflicts(); len(list) != 1 || list[0].Record.String() != "customer/2" || list[0].Kind != merge.RuleKind {
				t.Errorf("the queue has %+v", list)
			}
		})
	}
}
