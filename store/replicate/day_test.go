package replicate_test

import (
	"path/filepath"
	"testing"

	"dovetail/merge"
	"dovetail/store"
)

// TestTheRepsDay: a whole offline day comes back. Every kind of change is told apart, and conflicts stand on both sides.
func TestTheRepsDay(t *testing.T) {
	hub := newHub(t)
	for _, record := range []string{"account/1", "account/2", "deal/1", "deal/2"} {
		set(t, hub, "office", record, "status=open", "amount:=1", "owner=ana")
	}
	laptop := newReplica(t, hub, "laptop")
	want(t, laptop, "deal/1", 1, false, `{"amount":1,"owner":"ana","status":"open"}`)

	set(t, laptop, "ana", "form/1", "text=first")
	set(t, laptop, "ana", "account/1", "amount:=2")
	set(t, laptop, "ana", "account/2", "amount:=3")
	set(t, laptop, "ana", "deal/1", "status=closed", "amount:=5")
	remove(t, laptop, "ana", "deal/2")
	want(t, laptop, "deal/1", 1, true, `{"amount":5,"owner":"ana","status":"closed"}`)
	want(t, laptop, "deal/2", 1, true, "")
	set(t, hub, "diaz", "account/2", "status=hot")
	set(t, hub, "diaz", "deal/1", "status=lost")

	report := exchange(t, laptop, hub)
	if report.Pushed != 5 || report.Applied != 3 || report.Merged != 1 || report.Conflicts != 1 || report.Pulled != 6 {
		t.Errorf("the report is %+v", report)
	}
	for _, s := range []*store.Store{hub, laptop} {
		want(t, s, "form/1", 1, false, `{"text":"first"}`)
		want(t, s, "account/1", 2, false, `{"amount":2,"owner":"ana","status":"open"}`)
		want(t, s, "account/2", 3, false, `{"amount":3,"owner":"ana","status":"hot"}`)
		want(t, s, "deal/2", 2, false, "")
		c := onlyConflict(t, s, "deal/1")
		if c.Conflict.Kind != merge.EditEdit || string(c.Sides.Base) != `{"amount":1,"owner":"ana","status":"open"}` ||
			string(c.Sides.Local) != `{"amount":5,"owner":"ana","status":"closed"}` ||
			string(c.Sides.Server) != `{"amount":1,"owner":"ana","status":"lost"}` || c.Conflict.ServerVersion != 2 {
			t.Errorf("%s has %+v", s.Info().Role, c)
		}
	}
	want(t, hub, "deal/1", 2, false, `{"amount":1,"owner":"ana","status":"lost"}`)
	want(t, laptop, "deal/1", 2, true, `{"amount":5,"owner":"ana","status":"closed"}`)
	settledOn(t, hub, laptop)
}

// TestAConflictResolvedAtTheHubClosesOnTheReplica at its next exchange.
func TestAConflictResolvedAtTheHubClosesOnTheReplica(t *testing.T) {
	hub, laptop := conflicting(t)
	resolve(t, hub, "deal/1", merge.TakeLocal, "eva")
	exchange(t, laptop, hub)
	if open := waiting(t, laptop, "deal/1"); len(open) > 0 {
		t.Errorf("conflicts %v are still open", open)
	}
	want(t, laptop, "deal/1", 3, false, `{"status":"closed"}`)
	log, err := laptop.Log(t.Context(), key("deal/1"))
	if err != nil {
		t.Fatal(err)
	}
	last := log[len(log)-1]
	if last.By != "eva" || last.Cause != store.CauseResolution || len(last.NotKept) != 1 || last.NotKept[0].By != "diaz" {
		t.Errorf("the log ends with %+v", last)
	}
	settledOn(t, hub, laptop)
}

// TestAConflictResolvedAgainstTheReplicaClosesThere: what it has is not what was written, and only the hub's word closes it.
func TestAConflictResolvedAgainstTheReplicaClosesThere(t *testing.T) {
	for choice, status := range map[merge.Choice]string{merge.TakeServer: "lost", merge.TakeBase: "open"} {
		hub, laptop := conflicting(t)
		resolve(t, hub, "deal/1", choice, "eva")
		exchange(t, laptop, hub)
		wantNoConflict(t, "deal/1", hub, laptop)
		want(t, laptop, "deal/1", 3, false, `{"status":"`+status+`"}`)
		settledOn(t, hub, laptop)
	}
}

// TestAConflictResolvedOnTheReplica: offline, as a pending change; the hub makes the version and closes its own.
func TestAConflictResolvedOnTheReplica(t *testing.T) {
	hub, laptop := conflicting(t)
	out := resolve(t, laptop, "deal/1", merge.TakeLocal, "ana")
	if !out.Pending || out.Version != 0 {
		t.Errorf("written: %+v", out)
	}
	want(t, laptop, "deal/1", 2, true, `{"status":"closed"}`)
	report := exchange(t, laptop, hub)
	if report.Pushed != 1 || report.Applied != 1 {
		t.Errorf("the report is %+v", report)
	}
	for _, s := range []*store.Store{hub, laptop} {
		want(t, s, "deal/1", 3, false, `{"status":"closed"}`)
		if open := waiting(t, s, "deal/1"); len(open) > 0 {
			t.Errorf("%s: conflicts %v are still open", s.Info().Role, open)
		}
	}
	log, err := hub.Log(t.Context(), key("deal/1"))
	if err != nil {
		t.Fatal(err)
	}
	last := log[len(log)-1]
	if last.By != "ana" || last.Cause != store.CauseResolution || last.Resolution == 0 || len(last.NotKept) != 1 {
		t.Errorf("the log ends with %+v", last)
	}
	settledOn(t, hub, laptop)
}

// conflicting is a hub and a replica with a conflict on both sides: base open, local closed, server lost.
func conflicting(t testing.TB) (hub, laptop *store.Store) {
	t.Helper()
	hub, laptop = opposed(t)
	exchange(t, laptop, hub)
	onlyConflict(t, hub, "deal/1")
	onlyConflict(t, laptop, "deal/1")
	return hub, laptop
}

// opposed is a hub and a replica that have not heard of one another's edit.
func opposed(t testing.TB) (hub, laptop *store.Store) {
	t.Helper()
	hub = newHub(t)
	set(t, hub, "office", "deal/1", "status=open")
	laptop = newReplica(t, hub, "laptop")
	set(t, laptop, "ana", "deal/1", "status=closed")
	set(t, hub, "diaz", "deal/1", "status=lost")
	return hub, laptop
}

// settledOn checks the sum of what became of all changes, on each side.
func settledOn(t testing.TB, all ...*store.Store) {
	t.Helper()
	for _, s := range all {
		status, err := s.Status(t.Context(), "")
		if err != nil {
			t.Fatal(err)
		}
		if status.Lost != 0 {
			t.Errorf("%s: %d changes are in no place", s.Info().Path, status.Lost)
		}
	}
}

// TestALateEditOfAnUnsentChangeKeepsItsTime: the later edit wins the same on both sides, also where it went into a change
// that was begun before the other edit.
func TestALateEditOfAnUnsentChangeKeepsItsTime(t *testing.T) {
	everybodys := options(0)
	hub, err := store.Create(t.Context(), filepath.Join(t.TempDir(), "hub.db"), everybodys)
	if err != nil {
		t.Fatal(err)
	}
	defer hub.Close()
	if _, err := hub.SetSchema(t.Context(), "deal", merge.Document(`{"properties":{"late":{"x-merge":"latest"}}}`), ""); err != nil {
		t.Fatal(err)
	}
	set(t, hub, "office", "deal/1", "late=base", "status=open")
	var replicas []*store.Store
	for _, name := range []string{"laptop", "other"} {
		r, err := store.CreateReplica(t.Context(), filepath.Join(t.TempDir(), name+".db"), hub.Info().Path, name, everybodys)
		if err != nil {
			t.Fatal(err)
		}
		defer r.Close()
		exchange(t, r, hub)
		replicas = append(replicas, r)
	}
	laptop, other := replicas[0], replicas[1]
	set(t, laptop, "ana", "deal/1", "status=closed")
	set(t, other, "bo", "deal/1", "late=other")
	set(t, laptop, "ana", "deal/1", "late=laptop")
	set(t, hub, "diaz", "deal/1", "status=lost")
	exchange(t, laptop, hub)
	exchange(t, other, hub)
	exchange(t, laptop, hub)
	for _, s := range []*store.Store{hub, laptop} {
		f, _ := onlyConflict(t, s, "deal/1").Merge().Field("/late")
		if string(f.Result) != `"laptop"` {
			t.Errorf("%s: late comes to %s (%v, %s)", s.Info().Role, f.Result, f.Outcome, f.Rule)
		}
	}
}
