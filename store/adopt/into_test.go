package adopt

import (
	"context"
	"errors"
	"path/filepath"
	"strings"
	"testing"

	"dovetail/merge"
	"dovetail/store"
)

const storeTables = `
	CREATE TABLE customer (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, city TEXT);
	CREATE TABLE invoice (no TEXT PRIMARY KEY, customer INTEGER REFERENCES customer, total REAL, status TEXT CHECK (status <> 'lost'));
	INSERT INTO customer VALUES (1, 'Ana', 'Bern'), (2, 'Bo', NULL);
	INSERT INTO invoice VALUES ('A-1', 1, 40000, 'open'), ('A-2', 2, 10.5, 'open')`

// newShop adopts the tables of an application that is open too.
func newShop(t *testing.T, more string, pragmas ...string) (app file, s *store.Store) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "shop.db")
	app, shut := open(t, path, append(pragmas, "foreign_keys(1)")...)
	t.Cleanup(shut)
	app.do(storeTables + more)
	s, taken, err := Into(t.Context(), path, store.Options{}, []Request{{Table: "customer"}, {Table: "invoice"}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if found, err := s.Check(context.WithoutCancel(t.Context()), nil); err != nil {
			t.Error(err)
		} else {
			for _, f := range found {
				if !f.OK {
					t.Errorf("at the end: %s: %q", f.Check, f.Found)
				}
			}
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	if len(taken) != 2 || taken[0].Records != 2 || taken[1].Records != 2 {
		t.Fatalf("taken in: %+v", taken)
	}
	return app, s
}

func push(t *testing.T, s *store.Store, line string) store.Answer {
	t.Helper()
	a, err := s.Push(t.Context(), []byte(line))
	if err != nil {
		t.Fatalf("%v: %s", err, line)
	}
	return a
}

func wantRecord(t *testing.T, s *store.Store, name string, version int64, fields string) {
	t.Helper()
	key, err := merge.ParseKey(name)
	if err != nil {
		t.Fatal(err)
	}
	r, err := s.Get(t.Context(), key)
	if err != nil {
		t.Fatal(err)
	}
	if r.Version != version || string(r.Fields) != fields {
		t.Errorf("%s is at version %d, %s, want %d, %s", name, r.Version, r.Fields, version, fields)
	}
}

func (f file) want(query, rows string) {
	f.t.Helper()
	var text string
	if _, err := one(f, []any{&text}, query); err != nil {
		f.t.Fatal(err)
	}
	if text != rows {
		f.t.Fatalf("%s: %q, want %q", query, text, rows)
	}
}

const invoices = `SELECT group_concat(no || ' ' || coalesce(customer, '-') || ' ' || total || ' ' || status, ', ') FROM (SELECT * FROM invoice ORDER BY no)`

// TestBothDirections: what the application writes makes versions, and what dovetail writes its rows, in a file with a log
// and in one without.
func TestBothDirections(t *testing.T) {
	for _, mode := range []string{"WAL", "DELETE"} {
		t.Run(mode, func(t *testing.T) {
			app, s := newShop(t, "", "journal_mode("+mode+")")
			wantRecord(t, s, "invoice/A-1", 1, `{"customer":1,"no":"A-1","status":"open","total":40000.0}`)
			app.do(`UPDATE invoice SET status = 'sent' WHERE no = 'A-1'`, `DELETE FROM invoice WHERE no = 'A-2'`)
			wantRecord(t, s, "invoice/A-1", 2, `{"customer":1,"no":"A-1","status":"sent","total":40000.0}`)
			wantRecord(t, s, "invoice/A-2", 2, "")
			a := push(t, s, `{"key":"1","record":"invoice/A-1","base_version":1,"local":{"customer":1,"no":"A-1","status":"open","total":50000.0}}`)
			if a.Outcome != store.Merged || a.Version != 3 {
				t.Errorf("%+v", a)
			}
			app.want(invoices, "A-1 1 50000.0 sent")
			a = push(t, s, `{"key":"2","record":"invoice/A-1","base_version":1,"local":{"customer":1,"no":"A-1","status":"paid","total":40000.0}}`)
			if a.Outcome != store.Conflicted {
				t.Errorf("%+v", a)
			}
			made := decide(t, s, a.Conflict, merge.TakeLocal)
			app.want(invoices, "A-1 1 50000.0 paid")
			if _, err := s.Undo(t.Context(), made.Resolution, "eva"); err != nil {
				t.Fatal(err)
			}
			app.want(invoices, "A-1 1 50000.0 sent")
			app.do(`UPDATE invoice SET status = 'void'`)
			wantRecord(t, s, "invoice/A-1", 6, `{"customer":1,"no":"A-1","status":"void","total":50000.0}`)
		})
	}
}

// decide takes a side for all of a conflict.
func decide(t *testing.T, s *store.Store, conflict int64, choice merge.Choice) merge.Written {
	t.Helper()
	out, err := s.Resolve(t.Context(), writing(t, s, conflict, choice))
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func writing(t *testing.T, s *store.Store, conflict int64, choice merge.Choice) merge.Writing {
	t.Helper()
	w, err := decision(s, conflict, choice)
	if err != nil {
		t.Fatal(err)
	}
	return w
}

// decision takes a side for all that is in dispute.
func decision(s *store.Store, conflict int64, choice merge.Choice) (merge.Writing, error) {
	c, err := s.Case(context.Background(), conflict)
	if err != nil {
		return merge.Writing{}, err
	}
	r := c.Merge()
	w := merge.Writing{Conflict: conflict, Revision: c.Conflict.Revision, ServerVersion: c.Server.Version, Person: "eva",
		Decisions: merge.Decisions{}}
	for _, f := range r.Fields {
		// Where the table refuses what is merged, nothing is in dispute.
		if f.Outcome == merge.FieldConflict || len(r.Conflicts()) == 0 && choice == merge.TakeServer {
			w.Decisions[f.Path], _ = f.Choose(choice, merge.Absent)
		}
	}
	w.Result, err = r.Apply(w.Decisions)
	return w, err
}

// TestWhatTheTableRefusesWaitsForAPerson: nothing of it is written, the others go on, and once what stood in the way is
// gone it can be resolved.
func TestWhatTheTableRefusesWaitsForAPerson(t *testing.T) {
	for name, c := range map[string]struct{ line, words, stays, mend, then string }{
		"a check": {
			line:  `{"key":"1","record":"invoice/A-1","base_version":1,"local":{"customer":1,"no":"A-1","status":"lost","total":40000.0}}`,
			words: "CHECK constraint failed",
			stays: "A-1 1 40000.0 open, A-2 2 10.5 open",
		},
		"a parent that is gone": {
			line:  `{"key":"1","record":"invoice/A-3","base":null,"local":{"customer":7,"no":"A-3","status":"open","total":1.0}}`,
			words: "FOREIGN KEY constraint failed",
			stays: "A-1 1 40000.0 open, A-2 2 10.5 open",
			mend:  `INSERT INTO customer VALUES (7, 'Cy', NULL)`,
			then:  "A-1 1 40000.0 open, A-2 2 10.5 open, A-3 7 1.0 open",
		},
		"a parent that has children": {
			line:  `{"key":"1","record":"customer/1","base_version":1,"local":null}`,
			words: "FOREIGN KEY constraint failed",
			stays: "A-1 1 40000.0 open, A-2 2 10.5 open",
			mend:  `DELETE FROM invoice WHERE customer = 1`,
			then:  "A-2 2 10.5 open",
		},
		"a value that a trigger changes": {
			line:  `{"key":"1","record":"customer/1","base_version":1,"local":{"city":"Rom","id":1,"name":"shout"}}`,
			words: `"name"`,
			stays: "A-1 1 40000.0 open, A-2 2 10.5 open",
			mend:  `DROP TRIGGER loud`,
			then:  "A-1 1 40000.0 open, A-2 2 10.5 open",
		},
	} {
		t.Run(name, func(t *testing.T) {
			app, s := newShop(t, `;CREATE TRIGGER loud AFTER UPDATE OF name ON customer WHEN NEW.name = 'shout' BEGIN
				UPDATE customer SET name = 'SHOUT' WHERE id = NEW.id; END`)
			answers, err := s.Deliver(t.Context(), [][]byte{
				[]byte(`{"key":"0","record":"customer/2","base_version":1,"local":{"city":"Graz","id":2,"name":"Bo"}}`),
				[]byte(c.line),
				[]byte(`{"key":"2","record":"customer/3","base":null,"local":{"city":null,"id":3,"name":"Di"}}`),
			})
			if err != nil {
				t.Fatal(err)
			}
			if answers[0].Outcome != store.Applied || answers[2].Outcome != store.Applied {
				t.Errorf("the others come to %+v", answers)
			}
			a := answers[1]
			if a.Outcome != store.Conflicted || !strings.Contains(a.Error, c.words) {
				t.Fatalf("it comes to %+v", a)
			}
			app.want(invoices, c.stays)
			app.want(`SELECT group_concat(name || coalesce(city, ''), ', ') FROM customer`, "AnaBern, BoGraz, Di")
			k, err := s.Case(t.Context(), a.Conflict)
			if err != nil || k.Conflict.Kind != merge.RuleKind {
				t.Errorf("%+v, %v", k.Conflict, err)
			}
			w := writing(t, s, a.Conflict, merge.TakeLocal)
			var refused *store.ConstraintError
			var rewritten *store.RewrittenError
			if _, err := s.Resolve(t.Context(), w); !errors.As(err, &refused) && !errors.As(err, &rewritten) {
				t.Errorf("resolved as it is: %v", err)
			}
			app.want(invoices, c.stays)
			if c.mend == "" {
				return
			}
			app.do(c.mend)
			decide(t, s, a.Conflict, merge.TakeLocal)
			app.want(invoices, c.then)
			if status, err := s.Status(t.Context(), ""); err != nil || status.Lost != 0 {
				t.Errorf("%+v, %v", status, err)
			}
		})
	}
}

// TestAColumnThatNobodyWroteIsAsTheTableGivesIt, and the record has it then.
func TestAColumnThatNobodyWroteIsAsTheTableGivesIt(t *testing.T) {
	app, s := newShop(t, `;CREATE TABLE visit (id INTEGER PRIMARY KEY, place TEXT DEFAULT 'home', at TEXT)`)
	s2, _, err := Into(t.Context(), s.Info().Path, store.Options{}, []Request{{Table: "visit"}})
	if err != nil {
		t.Fatal(err)
	}
	defer s2.Close()
	push(t, s2, `{"key":"1","record":"visit/7","base":null,"local":{"id":7}}`)
	app.want(`SELECT id || place || coalesce(at, '-') FROM visit`, "7home-")
	wantRecord(t, s2, "visit/7", 2, `{"at":null,"id":7,"place":"home"}`)
}
