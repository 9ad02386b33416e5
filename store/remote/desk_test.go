package remote_test

import (
	"context"
	"errors"
	"net/http"
	"reflect"
	"testing"
	"time"

	"dovetail/merge"
	"dovetail/store"
	"dovetail/store/remote"
)

// writing takes local for all that is in conflict, as it is shown.
func writing(t *testing.T, hub *remote.Hub, conflict int64, side merge.Choice) merge.Writing {
	t.Helper()
	c, err := hub.Case(t.Context(), conflict)
	if err != nil {
		t.Fatal(err)
	}
	r := c.Merge()
	d := merge.Decisions{}
	for _, path := range r.Undecided(nil) {
		f, _ := r.Field(path)
		d[path], _ = f.Choose(side, merge.Absent)
	}
	doc, err := r.Apply(d)
	if err != nil {
		t.Fatal(err)
	}
	return merge.Writing{Conflict: conflict, Revision: c.Conflict.Revision, ServerVersion: c.Conflict.ServerVersion,
		Decisions: d, Result: doc, Note: "said <so>"}
}

func draftOf(t *testing.T, hub *remote.Hub, conflict int64, person string) merge.Draft {
	t.Helper()
	d, err := hub.Draft(t.Context(), conflict, person)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// Two people decide on the same conflict. Each has a draft that the other does not see; one wins, the other hears it and
// keeps the draft; the one who won takes it back.
func TestTwoPeopleAtOnce(t *testing.T) {
	r := newRig(t)
	r.deal()
	ana, bo := r.as("ana"), r.as("bo")
	ours, theirs := writing(t, ana, 1, merge.TakeLocal), writing(t, bo, 1, merge.TakeServer)
	for hub, w := range map[*remote.Hub]merge.Writing{ana: ours, bo: theirs} {
		d := merge.Draft{Conflict: 1, Person: "somebody else", Revision: w.Revision, ServerVersion: w.ServerVersion}
		d.Decide("a side for /status", w.Decisions)
		d.Typed = map[string]string{"/status": "clo\u0000<"}
		if err := hub.SaveDraft(t.Context(), d); err != nil {
			t.Fatal(err)
		}
	}
	if d := draftOf(t, ana, 1, "ana"); d.Person != "ana" || d.Decisions["/status"].Choice != merge.TakeLocal || d.SavedAt.IsZero() {
		t.Errorf("ana's draft: %+v", d)
	}
	was, err := r.file.Draft(t.Context(), 1, "bo")
	if d := draftOf(t, bo, 1, "bo"); err != nil || !reflect.DeepEqual(d, was) || d.Decisions["/status"].Choice != merge.TakeServer {
		t.Errorf("bo's draft: %+v, in the file %+v, %v", d, was, err)
	}
	if d, err := bo.Draft(t.Context(), 1, "ana"); err == nil {
		t.Errorf("bo sees ana's draft: %+v", d)
	}
	if d, err := r.file.Draft(t.Context(), 1, "somebody else"); err != nil || len(d.Decisions) > 0 {
		t.Errorf("a draft of somebody who has no token: %+v, %v", d, err)
	}
	written, err := ana.Resolve(t.Context(), ours)
	if err != nil || written.Version != 3 || string(written.Result) != `{"amount":2,"status":"closed"}` {
		t.Fatalf("written %+v, %v", written, err)
	}
	if _, err := bo.Resolve(t.Context(), theirs); !errors.Is(err, merge.ErrClosed) {
		t.Errorf("bo: %v", err)
	}
	if d := draftOf(t, bo, 1, "bo"); !reflect.DeepEqual(d, was) {
		t.Errorf("bo's draft is now %+v", d)
	}
	log, err := ana.Log(t.Context(), key("deal/D-1"))
	if err != nil || len(log) != 3 || log[2].By != "ana" || log[2].Cause != store.CauseResolution || log[2].Resolution != written.Resolution {
		t.Fatalf("log %+v, %v", log, err)
	}
	if inFile, err := r.file.Log(t.Context(), key("deal/D-1")); err != nil || !reflect.DeepEqual(log, inFile) {
		t.Errorf("log\n%+v\nin the file\n%+v, %v", log, inFile, err)
	}
	undone, err := ana.Undo(t.Context(), written.Resolution, "bo")
	if err != nil || undone.Version != 4 || undone.Conflict != 1 {
		t.Fatalf("undone %+v, %v", undone, err)
	}
	if last, err := ana.LastResolution(t.Context(), key("deal/D-1")); err != nil || last.Resolution != written.Resolution ||
		last.Conflict != written.Conflict || last.Version != written.Version || last.Record != written.Record {
		t.Errorf("last resolution %+v, %v", last, err)
	}
}

// Nothing is written unless all that was shown still holds: each guard goes over the wire.
func TestGuardsGoOverTheWire(t *testing.T) {
	r := newRig(t)
	r.deal()
	hub := r.as("ana")
	for name, spoil := range map[string]func(*merge.Writing){
		"revision":       func(w *merge.Writing) { w.Revision++ },
		"server version": func(w *merge.Writing) { w.ServerVersion-- },
		"result":         func(w *merge.Writing) { w.Result = merge.Document(`{"amount":2,"status":"closed","x":1}`) },
		"deletion":       func(w *merge.Writing) { w.Result = nil },
		"what was seen": func(w *merge.Writing) {
			d := w.Decisions["/status"]
			d.Saw.Local = `"other"`
			w.Decisions = merge.Decisions{"/status": d}
		},
		"rule that was seen": func(w *merge.Writing) {
			d := w.Decisions["/status"]
			d.Saw.Rule = "other"
			w.Decisions = merge.Decisions{"/status": d}
		},
	} {
		w := writing(t, hub, 1, merge.TakeLocal)
		spoil(&w)
		if written, err := hub.Resolve(t.Context(), w); !errors.Is(err, merge.ErrStale) {
			t.Errorf("%s: %+v, %v", name, written, err)
		}
	}
	w := writing(t, hub, 1, merge.TakeLocal)
	w.Decisions = nil
	var undecided *merge.UndecidedError
	if _, err := hub.Resolve(t.Context(), w); !errors.As(err, &undecided) || !reflect.DeepEqual(undecided.Paths, []string{"/status"}) {
		t.Errorf("nothing decided: %v", err)
	}
	if record, err := r.file.Get(t.Context(), key("deal/D-1")); err != nil || record.Version != 2 {
		t.Errorf("something was written: %+v, %v", record, err)
	}
	if _, err := r.as("reader").Resolve(t.Context(), writing(t, hub, 1, merge.TakeLocal)); !errors.Is(err, remote.ErrForbidden) {
		t.Errorf("with a token for reading: %v", err)
	}
	if _, err := hub.Case(t.Context(), 99); !errors.Is(err, merge.ErrNotFound) {
		t.Errorf("no such conflict: %v", err)
	}
}

// lossy is a line on which so many of the next answers to what writes are lost, after it was done.
type lossy struct{ lose int }

var errLost = errors.New("lost")

func (l *lossy) RoundTrip(req *http.Request) (*http.Response, error) {
	res, err := http.DefaultTransport.RoundTrip(req)
	if err == nil && req.Method != http.MethodGet && l.lose > 0 {
		l.lose--
		res.Body.Close()
		return nil, errLost
	}
	return res, err
}

// Whoever did not hear of what they had written asks again, and hears of that, once.
func TestLostAnswers(t *testing.T) {
	r := newRig(t)
	r.deal()
	line := &lossy{lose: 2}
	hub, other := r.over(line, "ana"), r.as("bo")
	w := writing(t, hub, 1, merge.TakeLocal)
	if _, err := hub.Resolve(t.Context(), w); !errors.Is(err, remote.ErrUnreachable) {
		t.Fatalf("the answer came: %v", err)
	}
	if _, err := other.Resolve(t.Context(), w); !errors.Is(err, merge.ErrClosed) {
		t.Errorf("somebody else with the same: %v", err)
	}
	written, err := hub.Resolve(t.Context(), w)
	if err != nil || written.Version != 3 || string(written.Result) != string(w.Result) {
		t.Fatalf("again: %+v, %v", written, err)
	}
	changed := w
	changed.Note = "another"
	if _, err := r.as("ana").Resolve(t.Context(), changed); !errors.Is(err, merge.ErrClosed) {
		t.Errorf("with another note: %v", err)
	}
	line.lose = 1 // it is asked for again by itself
	undone, err := hub.Undo(t.Context(), written.Resolution, "ana")
	if err != nil || undone.Version != 4 || undone.Conflict != 1 {
		t.Fatalf("undone again: %+v, %v", undone, err)
	}
	var moved *store.MovedOnError
	if _, err := other.Undo(t.Context(), written.Resolution, "ana"); !errors.As(err, &moved) || moved.Record != key("deal/D-1") {
		t.Errorf("somebody else undoes it: %v", err)
	}
	if log, err := r.file.Log(t.Context(), key("deal/D-1")); err != nil || len(log) != 4 {
		t.Errorf("%d versions, %v", len(log), err)
	}
	r.write("deal/D-1", `{"amount":9}`, 4)
	if _, err := r.as("ana").Undo(t.Context(), written.Resolution, "ana"); !errors.Is(err, merge.ErrStale) {
		t.Errorf("undone again, and the record has moved: %v", err)
	}
}

// What a rule or an id refuses is told as it would be of a file.
func TestRefusalsAreToldAsOfAFile(t *testing.T) {
	r := newRig(t)
	schema := merge.Document(`{"properties":{"status":{"enum":["new","open","closed"]}}}`)
	if _, err := r.file.SetSchema(t.Context(), "deal", schema, "office"); err != nil {
		t.Fatal(err)
	}
	r.deal()
	hub := r.as("ana")
	w := writing(t, hub, 1, merge.TakeLocal)
	d := w.Decisions["/status"]
	d.Choice, d.Value = merge.Edited, `"odd"`
	w.Decisions, w.Result = merge.Decisions{"/status": d}, merge.Document(`{"amount":2,"status":"odd"}`)
	_, want := r.file.Resolve(t.Context(), w)
	_, err := hub.Resolve(t.Context(), w)
	var broken, wanted *merge.RuleError
	if !errors.As(want, &wanted) || !errors.As(err, &broken) || !reflect.DeepEqual(broken, wanted) {
		t.Errorf("got %v, of the file %v", err, want)
	}
	r.write("both/B", `{"a":1}`, 0)
	r.push(`{"key":"k2","record":"both/B","base_version":0,"local":{"a":2},"local_by":"kim"}`)
	c, err := hub.Case(t.Context(), 2)
	if err != nil {
		t.Fatal(err)
	}
	both, ok := c.Merge().Both("B")
	if !ok {
		t.Fatalf("%+v", c)
	}
	_, err = hub.Resolve(t.Context(), merge.Writing{Conflict: 2, Revision: c.Conflict.Revision, ServerVersion: 1,
		Decisions: merge.Decisions{"": both}, Result: c.Sides.Server})
	var taken *store.KeepBothError
	if !errors.As(err, &taken) || taken.As != "B" || taken.Record != key("both/B") {
		t.Errorf("the id is taken: %v", err)
	}
	both.As = "B-2"
	written, err := hub.Resolve(t.Context(), merge.Writing{Conflict: 2, Revision: c.Conflict.Revision, ServerVersion: 1,
		Decisions: merge.Decisions{"": both}, Result: c.Sides.Server})
	if err != nil || written.KeptAs != "both/B-2" {
		t.Errorf("both: %+v, %v", written, err)
	}
}

func TestSnoozeOverTheWire(t *testing.T) {
	r := newRig(t)
	r.deal()
	hub := r.as("ana")
	until := time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)
	if err := hub.Snooze(t.Context(), 1, until); err != nil {
		t.Fatal(err)
	}
	if counts, err := hub.Counts(t.Context(), "ana"); err != nil || counts.Snoozed != 1 || counts.Open != 0 {
		t.Errorf("%+v, %v", counts, err)
	}
	if err := hub.Wake(t.Context(), 1); err != nil {
		t.Fatal(err)
	}
	if numbers, err := hub.ConflictsOf(t.Context(), key("deal/D-1")); err != nil || !reflect.DeepEqual(numbers, []int64{1}) {
		t.Errorf("%v, %v", numbers, err)
	}
	if err := hub.Snooze(t.Context(), 1, until.AddDate(-1, 0, 0)); !errors.Is(err, store.ErrPast) {
		t.Errorf("until a time that is over: %v", err)
	}
	if _, err := hub.Resolve(t.Context(), writing(t, hub, 1, merge.TakeServer)); err != nil {
		t.Fatal(err)
	}
	if err := hub.Snooze(t.Context(), 1, until); !errors.Is(err, merge.ErrClosed) {
		t.Errorf("resolved: %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := hub.Wake(ctx, 1); !errors.Is(err, context.Canceled) {
		t.Errorf("broken off: %v", err)
	}
}

// Two people see who is at a conflict.
func TestClaimsOverTheWire(t *testing.T) {
	r := newRig(t)
	r.deal()
	ana, bo := r.as("ana"), r.as("bo")
	soon := time.Now().Add(5 * time.Minute)
	if err := ana.Claim(t.Context(), 1, "bo", soon); err != nil {
		t.Fatal(err)
	}
	page, err := bo.Conflicts(t.Context(), merge.Query{})
	if err != nil || len(page.Conflicts) != 1 || page.Conflicts[0].ClaimedBy != "ana" {
		t.Fatalf("%+v, %v", page, err)
	}
	var claimed *merge.ClaimedError
	if err := bo.Claim(t.Context(), 1, "bo", soon); !errors.As(err, &claimed) || claimed.By != "ana" ||
		!claimed.Until.Equal(page.Conflicts[0].ClaimedUntil) {
		t.Errorf("%v", err)
	}
	if was, err := bo.TakeOver(t.Context(), 1, "bo", soon); err != nil || was != "ana" {
		t.Errorf("%q, %v", was, err)
	}
	wantSameCases(t, r.file, ana)
	for _, hub := range []*remote.Hub{ana, bo} {
		if err := hub.Unclaim(t.Context(), 1, "bo"); err != nil {
			t.Error(err)
		}
	}
	if page, err := r.file.Conflicts(t.Context(), merge.Query{}); err != nil || page.Conflicts[0].ClaimedBy != "" {
		t.Errorf("%+v, %v", page, err)
	}
}
