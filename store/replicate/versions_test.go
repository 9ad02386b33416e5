package replicate_test

import (
	"errors"
	"testing"

	"dovetail/merge"
	"dovetail/store"
	"dovetail/store/replicate"
)

// TestTheVersionCounterGoesOnAfterADeletionAndANewCreation, whoever deletes and whoever creates.
func TestTheVersionCounterGoesOnAfterADeletionAndANewCreation(t *testing.T) {
	hub := newHub(t)
	set(t, hub, "office", "deal/1", "x:=1")
	laptop := newReplica(t, hub, "laptop")
	remove(t, laptop, "ana", "deal/1")
	exchange(t, laptop, hub)
	want(t, laptop, "deal/1", 2, false, "")
	set(t, laptop, "ana", "deal/1", "x:=3")
	exchange(t, laptop, hub)
	want(t, hub, "deal/1", 3, false, `{"x":3}`)
	remove(t, hub, "diaz", "deal/1")
	exchange(t, laptop, hub)
	set(t, laptop, "ana", "deal/1", "x:=5")
	exchange(t, laptop, hub)
	remove(t, laptop, "ana", "deal/1")
	exchange(t, laptop, hub)
	set(t, hub, "diaz", "deal/1", "x:=7")
	exchange(t, laptop, hub)
	agree(t, hub, laptop)
	for _, s := range []*store.Store{hub, laptop} {
		wantVersions(t, s, "deal/1", `1 write office {"x":1}`, `2 write ana deleted`, `3 write ana {"x":3}`, `4 write diaz deleted`,
			`5 write ana {"x":5}`, `6 write ana deleted`, `7 write diaz {"x":7}`)
	}
}

// TestARecordDeletedAndCreatedAgainOfflineIsOneChange: the hub never hears that it was away.
func TestARecordDeletedAndCreatedAgainOfflineIsOneChange(t *testing.T) {
	for _, strategy := range []merge.Strategy{merge.FieldMerge, merge.LastWriteWins, merge.OpReplay} {
		t.Run(strategy.String(), func(t *testing.T) {
			hub := newHub(t)
			setStrategy(t, hub, "deal", strategy)
			set(t, hub, "office", "deal/1", "n:=5", "x:=1")
			laptop := newReplica(t, hub, "laptop")
			set(t, laptop, "ana", "deal/1", "n+=1")
			remove(t, laptop, "ana", "deal/1")
			set(t, laptop, "ana", "deal/1", "n+=1")
			wantReport(t, exchange(t, laptop, hub), replicate.Report{Pushed: 1, Applied: 1, Pulled: 1})
			agree(t, hub, laptop)
			wantVersions(t, hub, "deal/1", `1 write office {"n":5,"x":1}`, `2 write ana {"n":1}`)
		})
	}
}

// TestARecordCreatedAndDeletedOfflineIsNothingAtTheHub: it is not even sent, unless the hub may have heard of it before.
func TestARecordCreatedAndDeletedOfflineIsNothingAtTheHub(t *testing.T) {
	hub := newHub(t)
	set(t, hub, "office", "deal/2", "x:=1")
	remove(t, hub, "office", "deal/2")
	laptop := newReplica(t, hub, "laptop")
	for _, record := range []string{"deal/1", "deal/2"} {
		set(t, laptop, "ana", record, "x:=1")
		set(t, laptop, "ana", record, "x:=2")
		remove(t, laptop, "ana", record)
	}
	laptop = reopen(t, laptop)
	wantReport(t, exchange(t, laptop, hub), replicate.Report{})
	wantVersions(t, hub, "deal/1")
	if _, err := laptop.Get(t.Context(), key("deal/1")); !errors.Is(err, merge.ErrNotFound) {
		t.Errorf("the record that never was says %v", err)
	}
	want(t, laptop, "deal/2", 2, false, "")

	set(t, laptop, "ana", "deal/1", "x:=3")
	outgoing(t, laptop)
	remove(t, laptop, "ana", "deal/1")
	wantReport(t, exchange(t, laptop, hub), replicate.Report{Pushed: 2, Applied: 2, Pulled: 2})
	agree(t, hub, laptop)
	wantVersions(t, hub, "deal/1", `1 write ana {"x":3}`, `2 write ana deleted`)
}

// TestOnlyThoseVersionsCountThatTheHubAccepted: edits that are coalesced, the same already or in conflict make none.
func TestOnlyThoseVersionsCountThatTheHubAccepted(t *testing.T) {
	hub := newHub(t)
	set(t, hub, "office", "deal/1", "x:=1")
	laptop := newReplica(t, hub, "laptop")
	for _, x := range []string{"x:=2", "x:=3", "x:=4"} {
		set(t, laptop, "ana", "deal/1", x)
	}
	set(t, hub, "diaz", "deal/1", "x:=4")
	wantReport(t, exchange(t, laptop, hub), replicate.Report{Pushed: 1, Converged: 1, Pulled: 1})
	set(t, laptop, "ana", "deal/1", "x:=5")
	set(t, hub, "diaz", "deal/1", "x:=6")
	wantReport(t, exchange(t, laptop, hub), replicate.Report{Pushed: 1, Conflicts: 1, Pulled: 1})
	want(t, laptop, "deal/1", 3, true, `{"x":5}`)
	resolve(t, hub, "deal/1", merge.TakeLocal, "eva")
	exchange(t, laptop, hub)
	agree(t, hub, laptop)
	for _, s := range []*store.Store{hub, laptop} {
		wantVersions(t, s, "deal/1", `1 write office {"x":1}`, `2 write diaz {"x":4}`, `3 write diaz {"x":6}`, `4 resolution eva {"x":5}`)
	}
}

// TestALostBaseIsAConflictInEveryField: the change names a version that the hub never had.
func TestALostBaseIsAConflictInEveryField(t *testing.T) {
	hub := newHub(t)
	set(t, hub, "office", "deal/1", "x:=1", "y:=1", "z:=1")
	other := newHub(t)
	set(t, other, "office", "deal/1", "x:=1", "y:=1", "z:=1", "w:=1")
	laptop := newReplica(t, other, "laptop")
	set(t, laptop, "ana", "deal/1", "x:=2", "y:=2")
	for _, line := range outgoing(t, laptop) {
		answers, err := hub.Deliver(t.Context(), [][]byte{[]byte(line)})
		if err != nil || answers[0].Outcome != store.Conflicted {
			t.Fatalf("%+v, %v", answers, err)
		}
	}
	c := wantConflict(t, hub, "deal/1", merge.NoBase, "", `{"w":1,"x":2,"y":2,"z":1}`, `{"x":1,"y":1,"z":1}`)
	if got := c.Conflict.Fields; len(got) != 3 || got[0] != "/w" || got[1] != "/x" || got[2] != "/y" {
		t.Errorf("the fields are %q", got)
	}
	agree(t, hub)
}

// TestABaseAheadOfTheHubIsNoBase: a hub that has fewer versions than the change names merges nothing.
func TestABaseAheadOfTheHubIsNoBase(t *testing.T) {
	hub := newHub(t)
	set(t, hub, "office", "deal/1", "x:=1")
	answers, err := hub.Deliver(t.Context(), [][]byte{[]byte(
		`{"type":"change","key":"k","record":"deal/1","base_version":2,"local":{"x":2},"device":"ana-1","sequence":1}`)})
	if err != nil || answers[0].Outcome != store.Conflicted {
		t.Fatalf("%+v, %v", answers, err)
	}
	wantConflict(t, hub, "deal/1", merge.NoBase, "", `{"x":2}`, `{"x":1}`)
	agree(t, hub)
	wantVersions(t, hub, "deal/1", `1 write office {"x":1}`)
}
