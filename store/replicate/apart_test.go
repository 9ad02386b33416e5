package replicate_test

import (
	"testing"

	"dovetail/merge"
	"dovetail/store"
	"dovetail/store/replicate"
)

// hears has a replica take in what the hub has, without sending anything.
func hears(t testing.TB, replica, hub *store.Store) {
	t.Helper()
	origin, err := replica.Origin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	feed, err := hub.Feed(t.Context(), origin.Place, 0)
	if err != nil {
		t.Fatal(err)
	}
	if err := replica.Receive(t.Context(), origin.Place, feed); err != nil {
		t.Fatal(err)
	}
	if err := replica.Reconcile(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
}

// TestOppositeDecisionsOnBothSidesAreAskedAgain: of two people who decide on one conflict apart from each other, and not
// alike, neither is put over the other, also where one of them takes what stands there already.
func TestOppositeDecisionsOnBothSidesAreAskedAgain(t *testing.T) {
	values := map[merge.Choice]string{merge.TakeBase: "open", merge.TakeLocal: "closed", merge.TakeServer: "lost"}
	for there, atHub := range values {
		for here, onLaptop := range values {
			for _, heard := range []bool{false, true} {
				if there == here {
					continue
				}
				name := there.String() + " there, " + here.String() + " here"
				if heard {
					name += ", which is heard of first"
				}
				t.Run(name, func(t *testing.T) {
					hub, laptop := conflicting(t)
					resolve(t, laptop, "deal/1", here, "ana")
					resolve(t, hub, "deal/1", there, "eva")
					if heard {
						hears(t, laptop, hub)
						want(t, laptop, "deal/1", 3, true, `{"status":"`+onLaptop+`"}`)
					}
					if r := exchange(t, laptop, hub); r.Conflicts != 1 {
						t.Errorf("the report is %+v", r)
					}
					for _, s := range []*store.Store{hub, laptop} {
						c := wantConflict(t, s, "deal/1", merge.EditEdit, `{"status":"lost"}`, `{"status":"`+onLaptop+`"}`, `{"status":"`+atHub+`"}`)
						if f, _ := c.Merge().Field("/status"); f.Rule != merge.DecidedApart {
							t.Errorf("%s: the field is %+v", s.Info().Role, f)
						}
					}
					want(t, hub, "deal/1", 3, false, `{"status":"`+atHub+`"}`)
					settledOn(t, hub, laptop)
					resolve(t, laptop, "deal/1", merge.TakeLocal, "ana")
					exchange(t, laptop, hub)
					wantNoConflict(t, "deal/1", hub, laptop)
					want(t, hub, "deal/1", 4, false, `{"status":"`+onLaptop+`"}`)
					agree(t, hub, laptop)
				})
			}
		}
	}
}

// TestADecisionOnADeletionIsNotPutOverAnother: one keeps the record, the other has it go.
func TestADecisionOnADeletionIsNotPutOverAnother(t *testing.T) {
	for _, there := range []merge.Choice{merge.TakeLocal, merge.TakeServer} {
		t.Run(there.String()+" at the hub", func(t *testing.T) {
			hub := newHub(t)
			set(t, hub, "office", "deal/1", "x:=1")
			laptop := newReplica(t, hub, "laptop")
			remove(t, laptop, "ana", "deal/1")
			set(t, hub, "diaz", "deal/1", "x:=2")
			exchange(t, laptop, hub)
			here := merge.TakeLocal
			if there == here {
				here = merge.TakeServer
			}
			resolve(t, laptop, "deal/1", here, "ana")
			resolve(t, hub, "deal/1", there, "eva")
			wantReport(t, exchange(t, laptop, hub), replicate.Report{Pushed: 1, Conflicts: 1, Pulled: 1})
			kind := merge.EditDelete
			if here == merge.TakeLocal {
				kind = merge.DeleteEdit
			}
			for _, s := range []*store.Store{hub, laptop} {
				if c := onlyConflict(t, s, "deal/1"); c.Conflict.Kind != kind {
					t.Errorf("%s: %+v", s.Info().Role, c.Conflict)
				}
			}
			resolve(t, hub, "deal/1", merge.TakeServer, "eva")
			exchange(t, laptop, hub)
			wantNoConflict(t, "deal/1", hub, laptop)
			agree(t, hub, laptop)
		})
	}
}

// TestTwoReplicasDecideApart: each has a conflict of its own about the field, and neither knows of the other.
func TestTwoReplicasDecideApart(t *testing.T) {
	hub := newHub(t)
	set(t, hub, "office", "deal/1", "status=open")
	laptop, phone := newReplica(t, hub, "laptop"), newReplica(t, hub, "phone")
	set(t, laptop, "ana", "deal/1", "status=closed")
	set(t, phone, "bo", "deal/1", "status=signed")
	set(t, hub, "diaz", "deal/1", "status=lost")
	exchange(t, laptop, hub)
	exchange(t, phone, hub)
	resolve(t, laptop, "deal/1", merge.TakeLocal, "ana")
	resolve(t, phone, "deal/1", merge.TakeServer, "bo")
	wantReport(t, exchange(t, laptop, hub), replicate.Report{Pushed: 1, Applied: 1, Pulled: 1})
	wantReport(t, exchange(t, phone, hub), replicate.Report{Pushed: 1, Conflicts: 1, Pulled: 1})
	for _, s := range []*store.Store{hub, phone} {
		wantConflict(t, s, "deal/1", merge.EditEdit, `{"status":"lost"}`, `{"status":"lost"}`, `{"status":"closed"}`)
	}
	resolve(t, phone, "deal/1", merge.TakeServer, "bo")
	exchange(t, phone, hub)
	exchange(t, laptop, hub)
	wantNoConflict(t, "deal/1", hub, laptop, phone)
	want(t, laptop, "deal/1", 4, false, `{"status":"closed"}`)
	agree(t, hub, laptop, phone)
}

// TestADecisionThatWasTakenBackStandsInNobodysWay.
func TestADecisionThatWasTakenBackStandsInNobodysWay(t *testing.T) {
	hub, laptop := conflicting(t)
	resolve(t, laptop, "deal/1", merge.TakeLocal, "ana")
	made := resolve(t, hub, "deal/1", merge.TakeServer, "eva")
	if _, err := hub.Undo(t.Context(), made.Resolution, "eva"); err != nil {
		t.Fatal(err)
	}
	wantReport(t, exchange(t, laptop, hub), replicate.Report{Pushed: 1, Merged: 1, Pulled: 3})
	wantNoConflict(t, "deal/1", hub, laptop)
	want(t, hub, "deal/1", 5, false, `{"status":"closed"}`)
	agree(t, hub, laptop)
}

// clashing is a hub, and a replica that has heard of it before it sent its own edit: the conflict stands there alone.
func clashing(t testing.TB) (hub, laptop *store.Store) {
	t.Helper()
	hub, laptop = opposed(t)
	hears(t, laptop, hub)
	onlyConflict(t, laptop, "deal/1")
	return hub, laptop
}

// TestWhatWasDecidedBeforeItWasSentIsNotJoinedByMachine: the hub hears of the edit, and of the decision to drop it. By then
// the edit goes with what it has, and would stand.
func TestWhatWasDecidedBeforeItWasSentIsNotJoinedByMachine(t *testing.T) {
	hub, laptop := clashing(t)
	resolve(t, laptop, "deal/1", merge.TakeServer, "ana")
	set(t, hub, "diaz", "deal/1", "status=open")
	exchange(t, laptop, hub)
	wantNoConflict(t, "deal/1", hub, laptop)
	wantVersions(t, hub, "deal/1", `1 write office {"status":"open"}`, `2 write diaz {"status":"lost"}`,
		`3 write diaz {"status":"open"}`, `4 resolution ana {"status":"open"}`)
	wantSides(t, hub, "deal/1", `local resolution ana {"status":"closed"}`)
	agree(t, hub, laptop)
}

// TestOneOfTwoCopiesDecides: it sends the edit as one that was decided on, the other one as it was. Neither is refused.
func TestOneOfTwoCopiesDecides(t *testing.T) {
	hub, laptop := clashing(t)
	laptop, twin := copied(t, laptop)
	resolve(t, laptop, "deal/1", merge.TakeServer, "ana")
	for _, s := range []*store.Store{twin, laptop, twin, laptop} {
		if r := exchange(t, s, hub); r.Refused > 0 || r.Parked > 0 {
			t.Errorf("the report is %+v", r)
		}
	}
	wantRows(t, hub, `SELECT count(*) FROM dovetail_change WHERE outcome = 'refused'`, "0")
	agree(t, hub, laptop, twin)
}
