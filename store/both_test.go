package store_test

import (
	"errors"
	"strings"
	"testing"

	"dovetail/merge"
	"dovetail/store"
)

// createBoth has two people create the same record.
func createBoth(t *testing.T, s *store.Store) {
	t.Helper()
	load(t, s, `{"type":"record","record":"deal/D-9","fields":{"name":"Acme","stage":"new"},"by":"diaz"}`)
	if a := push(t, s, `{"key":"k1","record":"deal/D-9","base_version":0,"local":{"name":"Bolt","city":"Oslo"},"local_by":"ana","device":"ana-7","sequence":1}`); a.Conflict != 1 {
		t.Fatalf("no conflict: %+v", a)
	}
}

func keepBoth(t testing.TB, s *store.Store, conflict int64, as, person string) merge.Writing {
	t.Helper()
	c, err := s.Case(t.Context(), conflict)
	if err != nil {
		t.Fatal(err)
	}
	r := c.Merge()
	both, ok := r.Both(as)
	if !ok {
		t.Fatal("both cannot be kept")
	}
	w := merge.Writing{Conflict: conflict, Revision: c.Conflict.Revision, ServerVersion: c.Conflict.ServerVersion,
		Decisions: merge.Decisions{"": both}, Person: person}
	if w.Result, err = r.Apply(w.Decisions); err != nil {
		t.Fatal(err)
	}
	return w
}

func TestBothCreatedAreKeptAndUndoTakesBothBack(t *testing.T) {
	s := newStore(t)
	createBoth(t, s)
	written, err := s.Resolve(t.Context(), keepBoth(t, s, 1, "D-9-2", "bo"))
	if err != nil {
		t.Fatal(err)
	}
	if written.KeptAs != "deal/D-9-2" || written.Version != 2 {
		t.Errorf("written is %+v", written)
	}
	wantRecord(t, s, "deal/D-9", 2, `{"name":"Acme","stage":"new"}`)
	wantRecord(t, s, "deal/D-9-2", 1, `{"city":"Oslo","name":"Bolt"}`)
	wantRows(t, s, `SELECT count(*) FROM dovetail_side`, "0")
	var lines []string
	if err := s.EachResolution(t.Context(), 0, func(r store.Resolution) error {
		lines = append(lines, asJSON(t, r))
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	if len(lines) != 1 || !strings.Contains(lines[0], `"decisions":{"":"both"}`) || !strings.Contains(lines[0], `"kept_as":"deal/D-9-2"`) {
		t.Errorf("exported are %s", lines)
	}
	wantSum(t, s)

	if _, err := s.Undo(t.Context(), written.Resolution, "bo"); err != nil {
		t.Fatal(err)
	}
	if got := get(t, s, "deal/D-9-2"); got.Fields != nil || got.Version != 2 {
		t.Errorf("after undo the second is %+v", got)
	}
	wantRows(t, s, `SELECT state FROM dovetail_conflict`, "open")
	draft, err := s.Draft(t.Context(), 1, "bo")
	if err != nil || draft.Decisions.Both() != "D-9-2" {
		t.Errorf("the draft is %+v, %v", draft, err)
	}
	wantSum(t, s)
	wantSound(t, s)
	if _, err := s.Resolve(t.Context(), keepBoth(t, s, 1, "D-9-2", "bo")); err != nil {
		t.Errorf("once more: %v", err)
	}
	wantRecord(t, s, "deal/D-9-2", 3, `{"city":"Oslo","name":"Bolt"}`)
}

func TestBothAreNotKeptUnderATakenOrBadName(t *testing.T) {
	s := newStore(t)
	createBoth(t, s)
	load(t, s, `{"type":"record","record":"deal/D-10","fields":{"name":"Other"}}`)
	for _, as := range []string{"D-10", "D-9", "a\tb", strings.Repeat("x", 600)} {
		_, err := s.Resolve(t.Context(), keepBoth(t, s, 1, as, "bo"))
		if refused := (*store.KeepBothError)(nil); !errors.As(err, &refused) {
			t.Errorf("as %q: %v", as, err)
		}
	}
	wantRows(t, s, `SELECT state FROM dovetail_conflict`, "open")
	wantRecord(t, s, "deal/D-9", 1, `{"name":"Acme","stage":"new"}`)
}

func TestUndoOfBothIsRefusedWhenTheSecondMovedOn(t *testing.T) {
	s := newStore(t)
	createBoth(t, s)
	written, err := s.Resolve(t.Context(), keepBoth(t, s, 1, "D-9-2", "bo"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Write(t.Context(), store.Edit{Record: key("deal/D-9-2"), Version: 1, Fields: doc(`{"name":"Bolt & Co"}`)}); err != nil {
		t.Fatal(err)
	}
	_, err = s.Undo(t.Context(), written.Resolution, "bo")
	if !errors.Is(err, merge.ErrStale) || !strings.Contains(err.Error(), "deal/D-9-2") {
		t.Errorf("undo says %v", err)
	}
	wantRecord(t, s, "deal/D-9", 2, `{"name":"Acme","stage":"new"}`)
}

func TestBothOfAnEditAreNoChoice(t *testing.T) {
	s := newStore(t)
	playDeal(t, s)
	c, err := s.Case(t.Context(), 1)
	if err != nil {
		t.Fatal(err)
	}
	if _, ok := c.Merge().Both("D-2"); ok {
		t.Error("an edit is offered to be kept twice")
	}
	w := decide(t, s, 1, merge.TakeServer, "bo")
	w.Decisions = merge.Decisions{"": {Choice: merge.KeepBoth, As: "D-2", Value: merge.Value(c.Sides.Server)}}
	w.Result = c.Sides.Server
	if _, err := s.Resolve(t.Context(), w); !errors.Is(err, merge.ErrStale) {
		t.Errorf("it is kept twice all the same: %v", err)
	}
}
