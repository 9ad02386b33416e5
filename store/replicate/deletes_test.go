package replicate_test

import (
	"testing"

	"dovetail/merge"
	"dovetail/store"
	"dovetail/store/replicate"
)

// collide edits one record at the hub and offline, and has the replica hear of it twice: by the answer to its own change,
// and, on a second replica, by the version that came in before it sent anything.
func collide(t *testing.T, before, atHub, offline func(t testing.TB, s *store.Store, person string), check func(t *testing.T, hub, replica *store.Store)) {
	t.Helper()
	for _, first := range []string{"sent first", "pulled first"} {
		t.Run(first, func(t *testing.T) {
			hub := newHub(t)
			before(t, hub, "office")
			laptop := newReplica(t, hub, "laptop")
			atHub(t, hub, "diaz")
			if first == "sent first" {
				offline(t, laptop, "ana")
				exchange(t, laptop, hub)
			} else {
				set(t, laptop, "ana", "other/1", "x:=1")
				exchange(t, laptop, during(hub, func() { offline(t, laptop, "ana") }))
				onlyConflict(t, laptop, "deal/1")
				if open := waiting(t, hub, "deal/1"); len(open) > 0 {
					t.Errorf("the hub has heard of conflicts %v", open)
				}
				exchange(t, laptop, hub)
			}
			check(t, hub, laptop)
		})
	}
}

func setting(record string, assignments ...string) func(testing.TB, *store.Store, string) {
	return func(t testing.TB, s *store.Store, person string) { set(t, s, person, record, assignments...) }
}

func removing(record string) func(testing.TB, *store.Store, string) {
	return func(t testing.TB, s *store.Store, person string) { remove(t, s, person, record) }
}

func doing(steps ...func(testing.TB, *store.Store, string)) func(testing.TB, *store.Store, string) {
	return func(t testing.TB, s *store.Store, person string) {
		for _, step := range steps {
			step(t, s, person)
		}
	}
}

// decided is a conflict that stands on both sides alike, and what a choice comes to when it is made at the hub or offline.
type decided struct {
	kind                merge.Kind
	base, local, server string
	choice              merge.Choice
	result              string // "" is a deletion
	offline             bool
}

func (d decided) check(t *testing.T, hub, laptop *store.Store) {
	t.Helper()
	for _, s := range []*store.Store{hub, laptop} {
		wantConflict(t, s, "deal/1", d.kind, d.base, d.local, d.server)
	}
	before, err := hub.Get(t.Context(), key("deal/1"))
	if err != nil {
		t.Fatal(err)
	}
	if d.offline {
		resolve(t, laptop, "deal/1", d.choice, "ana")
	} else {
		resolve(t, hub, "deal/1", d.choice, "eva")
	}
	exchange(t, laptop, hub)
	for _, s := range []*store.Store{hub, laptop} {
		want(t, s, "deal/1", before.Version+1, false, d.result)
		if open := waiting(t, s, "deal/1"); len(open) > 0 {
			t.Errorf("%s: conflicts %v are open", s.Info().Role, open)
		}
	}
	agree(t, hub, laptop)
}

// TestAnEditAgainstADeletionAtTheHubGoesToAPerson.
func TestAnEditAgainstADeletionAtTheHubGoesToAPerson(t *testing.T) {
	for _, d := range []decided{
		{choice: merge.TakeLocal, result: `{"x":2}`},
		{choice: merge.TakeServer},
		{choice: merge.TakeLocal, result: `{"x":2}`, offline: true},
		{choice: merge.TakeServer, offline: true},
		{choice: merge.TakeBase, result: `{"x":1}`, offline: true},
	} {
		d.kind, d.base, d.local = merge.EditDelete, `{"x":1}`, `{"x":2}`
		collide(t, setting("deal/1", "x:=1"), removing("deal/1"), setting("deal/1", "x:=2"), d.check)
	}
}

// TestADeletionAgainstAnEditAtTheHubGoesToAPerson.
func TestADeletionAgainstAnEditAtTheHubGoesToAPerson(t *testing.T) {
	for _, d := range []decided{
		{choice: merge.TakeLocal},
		{choice: merge.TakeServer, result: `{"x":2}`},
		{choice: merge.TakeLocal, offline: true},
		{choice: merge.TakeServer, result: `{"x":2}`, offline: true},
	} {
		d.kind, d.base, d.server = merge.DeleteEdit, `{"x":1}`, `{"x":2}`
		collide(t, setting("deal/1", "x:=1"), setting("deal/1", "x:=2"), removing("deal/1"), d.check)
	}
}

// TestTwoThatCreateTheSameRecordGoToAPerson, in the fields where they differ.
func TestTwoThatCreateTheSameRecordGoToAPerson(t *testing.T) {
	for _, d := range []decided{
		{choice: merge.TakeLocal, result: `{"l":1,"s":1,"same":1,"x":2}`},
		{choice: merge.TakeServer, result: `{"l":1,"s":1,"same":1,"x":3}`},
		{choice: merge.TakeLocal, result: `{"l":1,"s":1,"same":1,"x":2}`, offline: true},
		{choice: merge.TakeServer, result: `{"l":1,"s":1,"same":1,"x":3}`, offline: true},
	} {
		d.kind, d.local, d.server = merge.CreateCreate, `{"l":1,"same":1,"x":2}`, `{"s":1,"same":1,"x":3}`
		collide(t, setting("deal/0", "x:=1"), setting("deal/1", "x:=3", "s:=1", "same:=1"), setting("deal/1", "x:=2", "l:=1", "same:=1"), d.check)
	}
}

// TestTwoThatDoTheSameToARecordAgree: create it alike, or delete it.
func TestTwoThatDoTheSameToARecordAgree(t *testing.T) {
	hub := newHub(t)
	set(t, hub, "office", "deal/1", "x:=1")
	laptop := newReplica(t, hub, "laptop")
	for _, s := range []*store.Store{hub, laptop} {
		set(t, s, "both", "deal/2", "x:=1")
		remove(t, s, "both", "deal/1")
	}
	wantReport(t, exchange(t, laptop, hub), replicate.Report{Pushed: 2, Converged: 2, Pulled: 2})
	want(t, hub, "deal/1", 2, false, "")
	want(t, hub, "deal/2", 1, false, `{"x":1}`)
	agree(t, hub, laptop)
}

// TestADeletionThatNobodyContradictsIsDone, in either direction.
func TestADeletionThatNobodyContradictsIsDone(t *testing.T) {
	hub := newHub(t)
	set(t, hub, "office", "deal/1", "x:=1")
	set(t, hub, "office", "deal/2", "x:=1")
	laptop := newReplica(t, hub, "laptop")
	remove(t, hub, "diaz", "deal/1")
	remove(t, laptop, "ana", "deal/2")
	wantReport(t, exchange(t, laptop, hub), replicate.Report{Pushed: 1, Applied: 1, Pulled: 2})
	want(t, laptop, "deal/1", 2, false, "")
	want(t, hub, "deal/2", 2, false, "")
	agree(t, hub, laptop)
}

// TestADeletionBetweenBaseAndHeadCountsAlsoWhenTheRecordWasCreatedAgain: what was edited offline is another thing.
func TestADeletionBetweenBaseAndHeadCountsAlsoWhenTheRecordWasCreatedAgain(t *testing.T) {
	for _, d := range []decided{
		{choice: merge.TakeLocal, result: `{"x":1,"y":2}`},
		{choice: merge.TakeServer, result: `{"x":1,"z":3}`},
		{choice: merge.TakeLocal, result: `{"x":1,"y":2}`, offline: true},
		{choice: merge.TakeServer, result: `{"x":1,"z":3}`, offline: true},
	} {
		d.kind, d.base, d.local, d.server = merge.EditDelete, `{"x":1}`, `{"x":1,"y":2}`, `{"x":1,"z":3}`
		// No field was changed on both sides.
		collide(t, setting("deal/1", "x:=1"), doing(removing("deal/1"), setting("deal/1", "x:=1", "z:=3")), setting("deal/1", "y:=2"), d.check)
	}
}

// TestARecordDeletedAndCreatedAgainOfflineAgainstAnEditAtTheHub is merged as what it came to: the hub never heard that it was
// away, since the two are one change.
func TestARecordDeletedAndCreatedAgainOfflineAgainstAnEditAtTheHub(t *testing.T) {
	for _, d := range []decided{
		{choice: merge.TakeLocal, result: `{"x":2,"z":3}`},
		{choice: merge.TakeServer, result: `{"x":9,"z":3}`, offline: true},
	} {
		d.kind, d.base, d.local, d.server = merge.EditEdit, `{"x":1}`, `{"x":2,"z":3}`, `{"x":9}`
		collide(t, setting("deal/1", "x:=1"), setting("deal/1", "x:=9"), doing(removing("deal/1"), setting("deal/1", "x:=2", "z:=3")), d.check)
	}
}

// TestADeletionOnItsWayAndANewCreationAfterItWaitTogether: the hub refuses neither, and a person sees the whole.
func TestADeletionOnItsWayAndANewCreationAfterItWaitTogether(t *testing.T) {
	hub := newHub(t)
	set(t, hub, "office", "deal/1", "x:=1")
	laptop := newReplica(t, hub, "laptop")
	set(t, hub, "diaz", "deal/1", "x:=9")
	remove(t, laptop, "ana", "deal/1")
	exchange(t, laptop, during(hub, func() { set(t, laptop, "ana", "deal/1", "x:=2") }))
	wantConflict(t, hub, "deal/1", merge.DeleteEdit, `{"x":1}`, "", `{"x":9}`)
	exchange(t, laptop, hub)
	d := decided{kind: merge.EditEdit, base: `{"x":1}`, local: `{"x":2}`, server: `{"x":9}`, choice: merge.TakeLocal, result: `{"x":2}`}
	d.check(t, hub, laptop)
	wantSides(t, hub, "deal/1", `local replaced ana deleted`, `server resolution diaz {"x":9}`)
}

// TestTheCollectionMaySayWhoWinsADeletion. Where the local edit would be dropped, the hub does it and keeps the side.
func TestTheCollectionMaySayWhoWinsADeletion(t *testing.T) {
	for side, c := range map[string]struct{ editDelete, deleteEdit string }{
		"local":  {editDelete: `{"x":2}`, deleteEdit: ""},
		"server": {editDelete: "", deleteEdit: `{"x":3}`},
	} {
		t.Run(side, func(t *testing.T) {
			hub := newHub(t)
			setSchema(t, hub, "deal", `{"x-merge-delete":"`+side+`"}`)
			set(t, hub, "office", "deal/1", "x:=1")
			set(t, hub, "office", "deal/2", "x:=1")
			laptop := newReplica(t, hub, "laptop")
			set(t, laptop, "ana", "deal/1", "x:=2")
			remove(t, laptop, "ana", "deal/2")
			remove(t, hub, "diaz", "deal/1")
			set(t, hub, "diaz", "deal/2", "x:=3")
			report := exchange(t, laptop, hub)
			if report.Conflicts != 0 || report.Pushed != 2 {
				t.Errorf("it came to %+v", report)
			}
			for record, fields := range map[string]string{"deal/1": c.editDelete, "deal/2": c.deleteEdit} {
				r, err := laptop.Get(t.Context(), key(record))
				if err != nil || string(r.Fields) != fields {
					t.Errorf("%s is %s, %v, want %s", record, r.Fields, err, fields)
				}
			}
			agree(t, hub, laptop)
		})
	}
}
