package replicate_test

import (
	"testing"

	"dovetail/merge"
	"dovetail/store"
)

// TestWhatWasWrittenForAnyHubIsTheSameAtItsOwn: carried there in a file, before the replica sends it or after, it has one
// effect, and both get the same answer.
func TestWhatWasWrittenForAnyHubIsTheSameAtItsOwn(t *testing.T) {
	for _, strategy := range []merge.Strategy{merge.FieldMerge, merge.OpReplay} {
		t.Run(strategy.String(), func(t *testing.T) {
			hub := newHub(t)
			setStrategy(t, hub, "deal", strategy)
			set(t, hub, "office", "deal/1", "n:=1", "x:=1")
			set(t, hub, "office", "deal/2", "x:=1")
			set(t, hub, "office", "deal/3", "x:=1")
			laptop := newReplica(t, hub, "laptop")
			set(t, laptop, "ana", "deal/3", "x:=2")
			set(t, hub, "diaz", "deal/3", "x:=3")
			exchange(t, laptop, hub)

			set(t, laptop, "ana", "deal/1", "n+=10")
			set(t, laptop, "ana", "deal/2", "x:=2")
			set(t, hub, "diaz", "deal/2", "x:=3")
			set(t, laptop, "ana", "form/1", "x:=1")
			lines := pendingLines(t, laptop)
			tally := importing(t, hub, lines)
			if wanted := (store.Tally{Applied: 2, Conflicts: 2}); tally != wanted {
				t.Errorf("the file comes to %+v, want %+v", tally, wanted)
			}
			report := exchange(t, laptop, hub)
			if report.Pushed != 3 || report.Applied != 2 || report.Conflicts != 1 {
				t.Errorf("then the exchange comes to %+v", report)
			}
			if again := importing(t, hub, lines); again != tally {
				t.Errorf("once more the file comes to %+v", again)
			}
			want(t, laptop, "deal/1", 2, false, `{"n":11,"x":1}`)
			want(t, laptop, "form/1", 1, false, `{"x":1}`)
			for _, s := range []*store.Store{hub, laptop} {
				wantConflict(t, s, "deal/2", merge.EditEdit, `{"x":1}`, `{"x":2}`, `{"x":3}`)
				wantConflict(t, s, "deal/3", merge.EditEdit, `{"x":1}`, `{"x":2}`, `{"x":3}`)
			}
			resolve(t, hub, "deal/2", merge.TakeLocal, "eva")
			resolve(t, laptop, "deal/3", merge.TakeLocal, "ana")
			exchange(t, laptop, hub)
			want(t, laptop, "deal/2", 3, false, `{"x":2}`)
			want(t, hub, "deal/3", 3, false, `{"x":2}`)
			agree(t, hub, laptop)
		})
	}
}

// TestWhatCameInAFileIsDecidedWithWhatTheReplicaMadeOfItSince.
func TestWhatCameInAFileIsDecidedWithWhatTheReplicaMadeOfItSince(t *testing.T) {
	hub := newHub(t)
	set(t, hub, "office", "deal/1", "x:=1")
	laptop := newReplica(t, hub, "laptop")
	set(t, laptop, "ana", "deal/1", "x:=2")
	set(t, hub, "diaz", "deal/1", "x:=3")
	importing(t, hub, pendingLines(t, laptop))
	exchange(t, laptop, hub)
	set(t, laptop, "ana", "deal/1", "x:=4")
	exchange(t, laptop, hub)
	wantConflict(t, laptop, "deal/1", merge.EditEdit, `{"x":1}`, `{"x":4}`, `{"x":3}`)
	resolve(t, laptop, "deal/1", merge.TakeLocal, "ana")
	exchange(t, laptop, hub)
	want(t, hub, "deal/1", 3, false, `{"x":4}`)
	if left := waiting(t, hub, "deal/1"); len(left) > 0 {
		t.Errorf("conflicts %v are left at the hub", left)
	}
	agree(t, hub, laptop)
}
