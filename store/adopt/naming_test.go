package adopt

import (
	"strings"
	"testing"

	"dovetail/merge"
	"dovetail/store"
)

const byNumber = `
	CREATE TABLE customer (id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT);
	CREATE TABLE invoice (id INTEGER PRIMARY KEY AUTOINCREMENT, customer INTEGER REFERENCES customer, text TEXT);
	CREATE TABLE line (invoice INTEGER REFERENCES invoice, no TEXT, amount INT, PRIMARY KEY (invoice, no)) WITHOUT ROWID;
	INSERT INTO customer VALUES (1, 'Ann')`

// both has both sides make a customer 2, and the laptop an invoice for its own.
func both(r road) {
	r.office.do(`INSERT INTO customer (name) VALUES ('Bo')`)
	r.rep.do(`INSERT INTO customer (name) VALUES ('Cy')`, `INSERT INTO invoice (customer, text) VALUES (2, 'for Cy')`)
}

const invoiced = `SELECT group_concat(i.id || ' ' || text || ' ' || name) FROM invoice i LEFT JOIN customer c ON c.id = i.customer`

// caseOf is the only conflict of a record.
func caseOf(t *testing.T, s *store.Store, record string) merge.Case {
	t.Helper()
	key, err := merge.ParseKey(record)
	if err != nil {
		t.Fatal(err)
	}
	all, err := s.ConflictsOf(t.Context(), key)
	if err != nil || len(all) != 1 {
		t.Fatal(record, all, err)
	}
	c, err := s.Case(t.Context(), all[0])
	if err != nil {
		t.Fatal(err)
	}
	return c
}

const inDispute = "the row that it refers to is in dispute: both sides made a customer/2, and this refers to the local one"

// TestARowThatNamesOneThatBothSidesNumberedAlikeWaits, whether it comes with that one, before or after it.
func TestARowThatNamesOneThatBothSidesNumberedAlikeWaits(t *testing.T) {
	alone(t)
	for name, play := range map[string]func(r road){
		"in one exchange": func(r road) { both(r); r.sync() },
		"in two": func(r road) {
			r.office.do(`INSERT INTO customer (name) VALUES ('Bo')`)
			r.rep.do(`INSERT INTO customer (name) VALUES ('Cy')`)
			r.sync()
			r.rep.do(`INSERT INTO invoice (customer, text) VALUES (2, 'for Cy')`)
			r.sync()
		},
		"before it": func(r road) {
			r.office.do(`INSERT INTO customer (name) VALUES ('Bo')`)
			r.rep.do(`INSERT INTO invoice (text) VALUES ('for Cy')`, `INSERT INTO customer (name) VALUES ('Cy')`, `UPDATE invoice SET customer = 2`)
			r.sync()
		},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRoad(t, byNumber)
			play(r)
			want(t, r.office.answer(invoiced), `<nil> "<nil>"|`)
			for _, s := range []*store.Store{r.hub, r.laptop} {
				if c := caseOf(t, s, "customer/2"); c.Conflict.Kind != merge.CreateCreate {
					t.Error(c.Conflict.Kind)
				}
				c := caseOf(t, s, "invoice/1")
				if c.Conflict.Kind != merge.RuleKind || c.Refused != inDispute || c.Naming == nil || c.Naming.Record.String() != "customer/2" {
					t.Errorf("%v %q %+v", c.Conflict.Kind, c.Refused, c.Naming)
				}
			}
			// Each of the ways in which it is decided shows what it means.
			decide(t, r.hub, caseOf(t, r.hub, "customer/2").Conflict.Number, merge.TakeServer)
			r.sync()
			for _, s := range []*store.Store{r.hub, r.laptop} {
				if c := caseOf(t, s, "invoice/1"); c.Naming == nil || !c.Naming.One || !strings.Contains(c.Refused, "was in dispute") {
					t.Errorf("%q %+v", c.Refused, c.Naming)
				}
			}
			decide(t, r.hub, caseOf(t, r.hub, "invoice/1").Conflict.Number, merge.TakeLocal)
			r.office.want(invoiced, "1 for Cy Bo")
		})
	}
}

// TestARowThatComesBeforeTheOneThatItNamesWaits, from whoever sends them in another order.
func TestARowThatComesBeforeTheOneThatItNamesWaits(t *testing.T) {
	r := newRoad(t, byNumber)
	both(r)
	last, err := r.laptop.LastChange(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	out, err := r.laptop.Outgoing(t.Context(), 0, last, 10)
	if err != nil || len(out) != 2 {
		t.Fatal(out, err)
	}
	answers, err := r.hub.Deliver(t.Context(), [][]byte{out[1].Line, out[0].Line})
	if err != nil || len(answers) != 2 || answers[0].Outcome != store.Conflicted || answers[0].Error != inDispute || answers[1].Outcome != store.Conflicted {
		t.Errorf("%+v, %v", answers, err)
	}
	r.office.want(`SELECT count(*) FROM invoice`, "0")
}

// keepsBoth decides a conflict so that both records are kept.
func keepsBoth(t *testing.T, s *store.Store, record, as string) {
	t.Helper()
	c := caseOf(t, s, record)
	r := c.Merge()
	d, ok := r.Both(as)
	if !ok {
		t.Fatal(record, "cannot be two")
	}
	w := merge.Writing{Conflict: c.Conflict.Number, Revision: c.Conflict.Revision, ServerVersion: c.Server.Version, Person: "eva",
		Decisions: merge.Decisions{}.OnlyBoth(d)}
	var err error
	if w.Result, err = r.Apply(w.Decisions); err == nil {
		_, err = s.Resolve(t.Context(), w)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// TestARowThatNamesOneThatGotAnotherKeyIsShownIt, and what is made before a laptop hears of that waits as well.
func TestARowThatNamesOneThatGotAnotherKeyIsShownIt(t *testing.T) {
	alone(t)
	r := newRoad(t, byNumber)
	both(r)
	r.sync()
	keepsBoth(t, r.hub, "customer/2", "7")
	// What is in a row that nobody has sent yet means the laptop's own, too.
	r.rep.do(`INSERT INTO invoice (customer, text) VALUES (2, 'again')`)
	r.sync()
	// From now on 2 is the hub's to everybody.
	r.rep.do(`INSERT INTO invoice (customer, text) VALUES (2, 'for Bo')`)
	r.sync()
	r.office.want(invoiced, "3 for Bo Bo")
	const moved = "the row that it refers to is kept as customer/7 now: customer/2 is another one"
	for _, s := range []*store.Store{r.hub, r.laptop} {
		for _, record := range []string{"invoice/1", "invoice/2"} {
			c := caseOf(t, s, record)
			if c.Refused != moved || c.Naming == nil || c.Naming.As.String() != "customer/7" || c.Naming.Set["/customer"] != "7" {
				t.Errorf("%s: %q %+v", record, c.Refused, c.Naming)
			}
		}
	}
	if found, err := r.hub.Check(t.Context(), nil); err != nil {
		t.Error(found, err)
	}
}

// TestWhoDecidedThatBothAreKeptKnowsIt: what is made on the laptop after that names the hub's row.
func TestWhoDecidedThatBothAreKeptKnowsIt(t *testing.T) {
	r := newRoad(t, byNumber)
	both(r)
	r.sync()
	r.rep.do(`INSERT INTO invoice (customer, text) VALUES (2, 'before')`)
	keepsBoth(t, r.laptop, "customer/2", "7")
	if c := caseOf(t, r.laptop, "invoice/1"); c.Naming == nil || c.Naming.As.String() != "customer/7" {
		t.Errorf("%q %+v", c.Refused, c.Naming)
	}
	r.rep.do(`INSERT INTO invoice (customer, text) VALUES (2, 'after')`)
	r.sync()
	r.office.want(invoiced, "3 after Bo")
	if c := caseOf(t, r.hub, "invoice/2"); c.Naming == nil || c.Naming.As.String() != "customer/7" {
		t.Errorf("%q %+v", c.Refused, c.Naming)
	}
}

// TestRowsOfCompoundKeysThatNameWhatIsInDisputeWait, and those that name one another.
func TestRowsOfCompoundKeysThatNameWhatIsInDisputeWait(t *testing.T) {
	r := newRoad(t, byNumber+`;
		CREATE TABLE leg (trip INTEGER, no INTEGER, text TEXT, PRIMARY KEY (trip, no));
		CREATE TABLE stop (id TEXT PRIMARY KEY, trip INTEGER, leg INTEGER, FOREIGN KEY (trip, leg) REFERENCES leg (trip, no));
		CREATE TABLE pair (id INTEGER PRIMARY KEY, text TEXT, other INTEGER REFERENCES pair DEFERRABLE INITIALLY DEFERRED)`)
	r.office.do(`INSERT INTO leg VALUES (1, 1, 'hub')`, `INSERT INTO pair (id, text) VALUES (1, 'hub'), (2, 'hub')`)
	r.rep.do(`INSERT INTO leg VALUES (1, 1, 'laptop'), (1, 2, 'laptop')`, `INSERT INTO stop VALUES ('a', 1, 1), ('b', 1, 2)`,
		`BEGIN`, `INSERT INTO pair VALUES (3, 'laptop', 1)`, `INSERT INTO pair VALUES (1, 'laptop', 3)`, `COMMIT`)
	r.sync()
	r.office.want(`SELECT group_concat(id) FROM stop`, "b")
	r.office.want(`SELECT group_concat(id) FROM pair`, "1,2")
	want(t, caseOf(t, r.hub, "stop/a").Refused, strings.ReplaceAll(inDispute, "customer/2", "leg/[1,1]"))
	want(t, caseOf(t, r.hub, "pair/3").Refused, strings.ReplaceAll(inDispute, "customer/2", "pair/1"))
	keepsBoth(t, r.hub, "leg/[1,1]", "[5,6]")
	if n := caseOf(t, r.hub, "stop/a").Naming; n == nil || n.Set["/trip"] != "5" || n.Set["/leg"] != "6" || n.InKey {
		t.Errorf("%+v", n)
	}
	// One that has the key of the other in its own cannot be made to name it, but only be written anew.
	r.office.do(`INSERT INTO invoice VALUES (1, NULL, 'hub')`)
	r.rep.do(`INSERT INTO invoice VALUES (1, NULL, 'laptop')`, `INSERT INTO line VALUES (1, 'a', 10)`)
	r.sync()
	keepsBoth(t, r.hub, "invoice/1", "7")
	r.sync()
	if n := caseOf(t, r.laptop, `line/[1,"a"]`).Naming; n == nil || !n.InKey || n.Set["/invoice"] != "7" {
		t.Errorf("%+v", n)
	}
	r.rep.do(`INSERT INTO line VALUES (7, 'a', 10)`)
	decide(t, r.laptop, caseOf(t, r.laptop, `line/[1,"a"]`).Conflict.Number, merge.TakeServer)
	r.sync()
	r.office.want(`SELECT group_concat(invoice || no || amount) FROM line`, "7a10")
	r.rep.want(`SELECT group_concat(invoice || no || amount) FROM line`, "7a10")
}

// TestWhatARowRefersToIsSentBeforeIt, however much was written in between.
func TestWhatARowRefersToIsSentBeforeIt(t *testing.T) {
	r := newRoad(t, byNumber)
	r.rep.do(`INSERT INTO invoice (text) VALUES ('for Cy')`, `BEGIN`, `WITH RECURSIVE n (i) AS (SELECT 100 UNION ALL SELECT i + 1 FROM n WHERE i < 610)
		INSERT INTO customer SELECT i, 'x' FROM n`, `INSERT INTO customer VALUES (5000, 'Cy')`, `UPDATE invoice SET customer = 5000`, `COMMIT`)
	if report := r.sync(); report.Applied != 513 || report.Pushed != 513 {
		t.Errorf("%+v", report)
	}
	r.office.want(invoiced, "1 for Cy Cy")
}
