package replicate_test

import (
	"testing"

	"dovetail/merge"
	"dovetail/store"
	"dovetail/store/replicate"
	"dovetail/store/replicate/world"
)

// TestEachDeviceHasAConflictOfItsOwn with its own base. Resolving one has the others merged again.
func TestEachDeviceHasAConflictOfItsOwn(t *testing.T) {
	hub := newHub(t)
	set(t, hub, "office", "deal/1", "x:=1", "y:=1")
	laptop := newReplica(t, hub, "laptop")
	set(t, hub, "diaz", "deal/1", "y:=2")
	tablet := newReplica(t, hub, "tablet")
	set(t, laptop, "ana", "deal/1", "x:=10")
	set(t, tablet, "bo", "deal/1", "x:=20", "z:=20")
	set(t, hub, "diaz", "deal/1", "x:=3")
	exchange(t, laptop, hub)
	exchange(t, tablet, hub)
	numbers := waiting(t, hub, "deal/1")
	if len(numbers) != 2 {
		t.Fatalf("conflicts %v wait, want two", numbers)
	}
	for i, want := range []struct {
		base          int64
		device, local string
	}{{1, "laptop", `{"x":10,"y":1}`}, {2, "tablet", `{"x":20,"y":2,"z":20}`}} {
		c, err := hub.Case(t.Context(), numbers[i])
		if err != nil {
			t.Fatal(err)
		}
		if c.Conflict.BaseVersion != want.base || c.Conflict.Device[:6] != want.device || string(c.Sides.Local) != want.local ||
			string(c.Sides.Server) != `{"x":3,"y":2}` {
			t.Errorf("conflict %d is %+v of %s", numbers[i], c.Conflict, c.Sides.Local)
		}
	}
	out, err := hub.Resolve(t.Context(), world.Decision(t, hub, numbers[0], merge.TakeLocal, "eva"))
	if err != nil || out.Version != 4 || string(out.Result) != `{"x":10,"y":2}` {
		t.Errorf("written: %+v, %v", out, err)
	}
	c := wantConflict(t, hub, "deal/1", merge.EditEdit, `{"x":1,"y":2}`, `{"x":20,"y":2,"z":20}`, `{"x":10,"y":2}`)
	if c.Conflict.BaseVersion != 2 || c.Conflict.ServerVersion != 4 || c.Conflict.Revision != 2 {
		t.Errorf("it is now %+v", c.Conflict)
	}
	for _, s := range []*store.Store{laptop, tablet} {
		exchange(t, s, hub)
	}
	if open := waiting(t, laptop, "deal/1"); len(open) > 0 {
		t.Errorf("conflicts %v are open on the laptop", open)
	}
	wantConflict(t, tablet, "deal/1", merge.EditEdit, `{"x":1,"y":2}`, `{"x":20,"y":2,"z":20}`, `{"x":10,"y":2}`)
	resolve(t, tablet, "deal/1", merge.TakeLocal, "bo")
	exchange(t, tablet, hub)
	exchange(t, laptop, hub)
	agree(t, hub, laptop, tablet)
	wantVersions(t, laptop, "deal/1", `1 write office {"x":1,"y":1}`, `2 write diaz {"x":1,"y":2}`, `3 write diaz {"x":3,"y":2}`,
		`4 resolution eva {"x":10,"y":2}`, `5 resolution bo {"x":20,"y":2,"z":20}`)
}

// TestADeviceKnowsNothingOfTheConflictsOfOthers.
func TestADeviceKnowsNothingOfTheConflictsOfOthers(t *testing.T) {
	hub, laptop := conflicting(t)
	tablet := newReplica(t, hub, "tablet")
	if open := waiting(t, tablet, "deal/1"); len(open) > 0 {
		t.Errorf("conflicts %v are open on the tablet", open)
	}
	want(t, tablet, "deal/1", 2, false, `{"status":"lost"}`)
	set(t, tablet, "bo", "deal/1", "amount:=1") // work beside another's conflict goes on
	wantReport(t, exchange(t, tablet, hub), replicate.Report{Pushed: 1, Applied: 1, Pulled: 1})
	exchange(t, laptop, hub)
	for _, s := range []*store.Store{hub, laptop} {
		wantConflict(t, s, "deal/1", merge.EditEdit, `{"status":"open"}`, `{"status":"closed"}`, `{"amount":1,"status":"lost"}`)
	}
	agree(t, hub, laptop, tablet)
}

// TestAConflictOfADeviceClosesWhenAnotherBringsTheSame.
func TestAConflictOfADeviceClosesWhenAnotherBringsTheSame(t *testing.T) {
	hub, laptop := conflicting(t)
	tablet := newReplica(t, hub, "tablet")
	set(t, tablet, "bo", "deal/1", "status=closed")
	exchange(t, tablet, hub)
	exchange(t, laptop, hub)
	for _, s := range []*store.Store{hub, laptop} {
		if open := waiting(t, s, "deal/1"); len(open) > 0 {
			t.Errorf("%s: conflicts %v are open", s.Info().Role, open)
		}
	}
	want(t, laptop, "deal/1", 3, false, `{"status":"closed"}`)
	agree(t, hub, laptop, tablet)
}

// TestASecondPushReplacesWhatWaits: its newer local, a new revision, the same base; the old side is kept.
func TestASecondPushReplacesWhatWaits(t *testing.T) {
	hub, laptop := conflicting(t)
	first := onlyConflict(t, hub, "deal/1")
	set(t, laptop, "ana", "deal/1", "status=signed", "amount:=7")
	wantReport(t, exchange(t, laptop, hub), replicate.Report{Pushed: 1, Conflicts: 1})
	for _, s := range []*store.Store{hub, laptop} {
		c := wantConflict(t, s, "deal/1", merge.EditEdit, `{"status":"open"}`, `{"amount":7,"status":"signed"}`, `{"status":"lost"}`)
		if s == hub && (c.Conflict.Number != first.Conflict.Number || c.Conflict.Revision != first.Conflict.Revision+1 || c.Conflict.BaseVersion != 1) {
			t.Errorf("%+v after %+v", c.Conflict, first.Conflict)
		}
		wantSides(t, s, "deal/1", `local replaced ana {"status":"closed"}`)
		wantRows(t, s, `SELECT what, sum(number) FROM dovetail_count WHERE number <> 0 GROUP BY what ORDER BY what`,
			"issued 2", "open 1", "replaced 1")
	}
	agree(t, hub, laptop)
}

// TestASecondPushThatWantsWhatTheServerHasClosesTheConflict.
func TestASecondPushThatWantsWhatTheServerHasClosesTheConflict(t *testing.T) {
	hub, laptop := conflicting(t)
	set(t, laptop, "ana", "deal/1", "status=lost")
	if open := waiting(t, laptop, "deal/1"); len(open) > 0 {
		t.Errorf("conflicts %v are open", open)
	}
	wantReport(t, exchange(t, laptop, hub), replicate.Report{Pushed: 1, Converged: 1})
	if open := waiting(t, hub, "deal/1"); len(open) > 0 {
		t.Errorf("conflicts %v are open", open)
	}
	agree(t, hub, laptop)
	wantVersions(t, hub, "deal/1", `1 write office {"status":"open"}`, `2 write diaz {"status":"lost"}`)
}

// TestAConflictBlocksNoOtherRecord.
func TestAConflictBlocksNoOtherRecord(t *testing.T) {
	hub, laptop := conflicting(t)
	for _, record := range []string{"account/1", "deal/2"} {
		set(t, laptop, "ana", record, "x:=1")
	}
	wantReport(t, exchange(t, laptop, hub), replicate.Report{Pushed: 2, Applied: 2, Pulled: 2})
	onlyConflict(t, laptop, "deal/1")
	agree(t, hub, laptop)
}
