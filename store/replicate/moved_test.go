package replicate_test

import (
	"testing"

	"dovetail/merge"
	"dovetail/store"
	"dovetail/store/replicate"
	"dovetail/store/replicate/world"
)

// overtaken is a hub and a replica whose record was edited while an exchange was under way that brings what the hub did
// to it: the replica has merged the two by itself, and the hub knows nothing of it yet.
func overtaken(t testing.TB, base, atHub, offline []string) (hub, laptop *store.Store) {
	t.Helper()
	hub = newHub(t)
	set(t, hub, "office", "deal/1", base...)
	laptop = newReplica(t, hub, "laptop")
	set(t, hub, "diaz", "deal/1", atHub...)
	set(t, laptop, "ana", "other/1", "x:=1")
	wantReport(t, exchange(t, laptop, during(hub, func() { set(t, laptop, "ana", "deal/1", offline...) })),
		replicate.Report{Pushed: 1, Applied: 1, Pulled: 2})
	if open := waiting(t, hub, "deal/1"); len(open) > 0 {
		t.Errorf("the hub has heard of conflicts %v", open)
	}
	return hub, laptop
}

// TestACleanRecordMovesForward.
func TestACleanRecordMovesForward(t *testing.T) {
	hub := newHub(t)
	set(t, hub, "office", "deal/1", "x:=1")
	laptop := newReplica(t, hub, "laptop")
	set(t, hub, "diaz", "deal/1", "x:=2")
	set(t, hub, "diaz", "deal/1", "x:=3")
	wantReport(t, exchange(t, laptop, hub), replicate.Report{Pulled: 2})
	want(t, laptop, "deal/1", 3, false, `{"x":3}`)
	agree(t, hub, laptop)
}

// TestADirtyRecordThatJoinsIsPendingOnTheNewBase, and is applied there.
func TestADirtyRecordThatJoinsIsPendingOnTheNewBase(t *testing.T) {
	hub, laptop := overtaken(t, []string{"x:=1", "y:=1"}, []string{"y:=2"}, []string{"x:=3"})
	want(t, laptop, "deal/1", 2, true, `{"x":3,"y":2}`)
	r, err := laptop.Get(t.Context(), key("deal/1"))
	if err != nil || r.BaseVersion != 2 {
		t.Errorf("it stands on version %d, %v", r.BaseVersion, err)
	}
	set(t, hub, "diaz", "other/2", "x:=1")
	sent := parsed(t, outgoing(t, laptop))
	if len(sent) != 1 || *sent[0].BaseVersion != 2 || string(sent[0].Local) != `{"x":3,"y":2}` {
		t.Errorf("%+v is sent", sent)
	}
	wantReport(t, exchange(t, laptop, hub), replicate.Report{Pushed: 1, Applied: 1, Pulled: 2})
	agree(t, hub, laptop)
	wantVersions(t, hub, "deal/1", `1 write office {"x":1,"y":1}`, `2 write diaz {"x":1,"y":2}`, `3 write ana {"x":3,"y":2}`)
}

// TestADirtyRecordThatIsTheSameAlreadyNeedsNotBeSent.
func TestADirtyRecordThatIsTheSameAlreadyNeedsNotBeSent(t *testing.T) {
	hub, laptop := overtaken(t, []string{"x:=1"}, []string{"x:=2"}, []string{"x:=2"})
	want(t, laptop, "deal/1", 2, false, `{"x":2}`)
	wantReport(t, exchange(t, laptop, hub), replicate.Report{})
	agree(t, hub, laptop)
	wantRows(t, laptop, `SELECT key IS NOT NULL, outcome FROM dovetail_change ORDER BY id`, "1 applied", "1 converged")
}

// TestADirtyRecordThatDoesNotJoinIsAConflictBeforeTheHubHearsOfIt, with all three documents as they were.
func TestADirtyRecordThatDoesNotJoinIsAConflictBeforeTheHubHearsOfIt(t *testing.T) {
	hub, laptop := overtaken(t, []string{"x:=1"}, []string{"x:=2"}, []string{"x:=3"})
	c := wantConflict(t, laptop, "deal/1", merge.EditEdit, `{"x":1}`, `{"x":3}`, `{"x":2}`)
	if c.Conflict.BaseVersion != 1 || c.Conflict.ServerVersion != 2 || c.Conflict.LocalBy != "ana" || c.Conflict.ServerBy != "diaz" {
		t.Errorf("it is %+v", c.Conflict)
	}
	want(t, laptop, "deal/1", 2, true, `{"x":3}`)
	wantReport(t, exchange(t, laptop, hub), replicate.Report{Pushed: 1, Conflicts: 1})
	wantConflict(t, hub, "deal/1", merge.EditEdit, `{"x":1}`, `{"x":3}`, `{"x":2}`)
	agree(t, hub, laptop)
}

// TestAConflictThatTheHubNeverHeardOfIsResolvedOffline: the hub gets the change, which waits there for what follows it, and
// the decision. Its log shows both sides.
func TestAConflictThatTheHubNeverHeardOfIsResolvedOffline(t *testing.T) {
	hub, laptop := overtaken(t, []string{"x:=1", "y:=1"}, []string{"x:=2"}, []string{"x:=3", "y:=3"})
	w := world.Decision(t, laptop, onlyConflict(t, laptop, "deal/1").Conflict.Number, merge.TakeServer, "ana")
	w.Note = "theirs is newer"
	if out, err := laptop.Resolve(t.Context(), w); err != nil || !out.Pending {
		t.Fatalf("%+v, %v", out, err)
	}
	want(t, laptop, "deal/1", 2, true, `{"x":2,"y":3}`)
	laptop = reopen(t, laptop)
	var lines []string
	wantReport(t, exchange(t, laptop, recorded(hub, &lines)), replicate.Report{Pushed: 2, Applied: 1, Conflicts: 1, Pulled: 1})
	sent := parsed(t, lines)
	if len(sent) != 2 || !sent[0].Decided || sent[1].Resolves != sent[0].Key || string(sent[0].Local) != `{"x":3,"y":3}` ||
		string(sent[1].Local) != `{"x":2,"y":3}` || *sent[1].BaseVersion != 2 {
		t.Errorf("%+v is sent", sent)
	}
	agree(t, hub, laptop)
	for _, s := range []*store.Store{hub, laptop} {
		wantVersions(t, s, "deal/1", `1 write office {"x":1,"y":1}`, `2 write diaz {"x":2,"y":1}`, `3 resolution ana {"x":2,"y":3}`)
		wantRows(t, s, `SELECT n.note, n.who, o.state FROM dovetail_resolution n JOIN dovetail_conflict o ON o.id = n.conflict`,
			"theirs is newer ana resolved")
		s = reopen(t, s)
		log, err := s.Log(t.Context(), key("deal/1"))
		if err != nil {
			t.Fatal(err)
		}
		lost := log[2].NotKept
		if len(lost) != 1 || lost[0].Side != "local" || lost[0].By != "ana" || string(lost[0].Fields) != `{"x":3,"y":3}` ||
			len(lost[0].Values) != 1 || lost[0].Values[0].Path != "/x" || lost[0].Values[0].Value != "3" {
			t.Errorf("the log of the %s says that %+v was not kept", s.Info().Role, lost)
		}
	}
}

// TestADecisionOfflineOnARecordThatMovedMeanwhileIsMergedWithThat, by fields: what goes together is written, as a resolution.
func TestADecisionOfflineOnARecordThatMovedMeanwhileIsMergedWithThat(t *testing.T) {
	hub, laptop := overtaken(t, []string{"x:=1"}, []string{"x:=2"}, []string{"x:=3"})
	resolve(t, laptop, "deal/1", merge.TakeLocal, "ana")
	set(t, hub, "eva", "deal/1", "y:=1")
	exchange(t, laptop, hub)
	want(t, laptop, "deal/1", 4, false, `{"x":3,"y":1}`)
	agree(t, hub, laptop)
	wantVersions(t, hub, "deal/1", `1 write office {"x":1}`, `2 write diaz {"x":2}`, `3 write eva {"x":2,"y":1}`, `4 resolution ana {"x":3,"y":1}`)
}

// TestADecisionOfflineOnAFieldThatMovedMeanwhileIsAskedAgain: nobody's newer value is overwritten unseen.
func TestADecisionOfflineOnAFieldThatMovedMeanwhileIsAskedAgain(t *testing.T) {
	hub, laptop := overtaken(t, []string{"x:=1"}, []string{"x:=2"}, []string{"x:=3"})
	resolve(t, laptop, "deal/1", merge.TakeLocal, "ana")
	set(t, hub, "eva", "deal/1", "x:=4")
	exchange(t, laptop, hub)
	for _, s := range []*store.Store{hub, laptop} {
		c := onlyConflict(t, s, "deal/1")
		if string(c.Sides.Local) != `{"x":3}` || string(c.Sides.Server) != `{"x":4}` || c.Conflict.ServerVersion != 3 {
			t.Errorf("the %s has %+v", s.Info().Role, c.Sides)
		}
	}
	resolve(t, laptop, "deal/1", merge.TakeLocal, "ana")
	exchange(t, laptop, hub)
	want(t, hub, "deal/1", 4, false, `{"x":3}`)
	agree(t, hub, laptop)
}

// TestABaseStaysWhenTheHubMovesOn: every merge of a change that waits is from where it was made.
func TestABaseStaysWhenTheHubMovesOn(t *testing.T) {
	hub, laptop := overtaken(t, []string{"x:=1", "y:=1"}, []string{"x:=2"}, []string{"x:=3", "y:=3"})
	for _, y := range []string{"z:=1", "z:=2"} {
		set(t, hub, "eva", "deal/1", y)
		exchange(t, laptop, hub)
	}
	for _, s := range []*store.Store{hub, laptop} {
		c := wantConflict(t, s, "deal/1", merge.EditEdit, `{"x":1,"y":1}`, `{"x":3,"y":3}`, `{"x":2,"y":1,"z":2}`)
		if c.Conflict.BaseVersion != 1 || c.Conflict.ServerVersion != 4 {
			t.Errorf("the %s has it from %d on %d", s.Info().Role, c.Conflict.BaseVersion, c.Conflict.ServerVersion)
		}
	}
	// Where nothing is in conflict any more it still waits, unless both sides are the same.
	set(t, hub, "eva", "deal/1", "x:=1")
	exchange(t, laptop, hub)
	for _, s := range []*store.Store{hub, laptop} {
		if c := onlyConflict(t, s, "deal/1"); len(c.Conflict.Fields) != 0 {
			t.Errorf("the %s has %q in conflict", s.Info().Role, c.Conflict.Fields)
		}
	}
	set(t, hub, "eva", "deal/1", "x:=3", "y:=3")
	set(t, laptop, "ana", "deal/1", "z:=2")
	exchange(t, laptop, hub)
	for _, s := range []*store.Store{hub, laptop} {
		if open := waiting(t, s, "deal/1"); len(open) > 0 {
			t.Errorf("%s: conflicts %v are open", s.Info().Role, open)
		}
	}
	agree(t, hub, laptop)
}

// TestManyDirtyRecordsAreMergedEachForItself.
func TestManyDirtyRecordsAreMergedEachForItself(t *testing.T) {
	hub := newHub(t)
	names := []string{"deal/0", "deal/1", "deal/2", "deal/3", "deal/4", "deal/5", "deal/6", "deal/7"}
	for _, name := range names {
		set(t, hub, "office", name, "x:=1", "y:=1")
	}
	laptop := newReplica(t, hub, "laptop")
	for i, name := range names {
		set(t, hub, "diaz", name, []string{"x:=2", "y:=2"}[i%2])
	}
	set(t, laptop, "ana", "other/1", "x:=1")
	exchange(t, laptop, during(hub, func() {
		for _, name := range names {
			set(t, laptop, "ana", name, "x:=3")
		}
	}))
	for i, name := range names {
		if i%2 == 0 {
			wantConflict(t, laptop, name, merge.EditEdit, `{"x":1,"y":1}`, `{"x":3,"y":1}`, `{"x":2,"y":1}`)
		} else {
			want(t, laptop, name, 2, true, `{"x":3,"y":2}`)
		}
	}
	wantReport(t, exchange(t, laptop, hub), replicate.Report{Pushed: 8, Applied: 4, Conflicts: 4, Pulled: 4})
	agree(t, hub, laptop)
}
