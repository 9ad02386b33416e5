package replicate_test

import (
	"errors"
	"testing"

	"dovetail/merge"
	"dovetail/store"
	"dovetail/store/replicate"
	"dovetail/store/replicate/world"
)

// wantNoConflict checks that nothing of a record waits on either side.
func wantNoConflict(t testing.TB, record string, all ...*store.Store) {
	t.Helper()
	for _, s := range all {
		if open := waiting(t, s, record); len(open) > 0 {
			t.Errorf("%s: conflicts %v of %s wait", s.Info().Role, open, record)
		}
	}
}

// TestAConflictResolvedAlikeOnBothSidesIsClosed, whatever was chosen to come to it.
func TestAConflictResolvedAlikeOnBothSidesIsClosed(t *testing.T) {
	for name, choice := range map[string]merge.Choice{"to the local value": merge.TakeLocal, "to the server's": merge.TakeServer} {
		t.Run(name, func(t *testing.T) {
			hub, laptop := conflicting(t)
			resolve(t, hub, "deal/1", choice, "eva")
			resolve(t, laptop, "deal/1", choice, "ana")
			wantReport(t, exchange(t, laptop, hub), replicate.Report{Pushed: 1, Converged: 1, Pulled: 1})
			wantNoConflict(t, "deal/1", hub, laptop)
			want(t, laptop, "deal/1", 3, false, `{"status":"`+map[merge.Choice]string{merge.TakeLocal: "closed", merge.TakeServer: "lost"}[choice]+`"}`)
			agree(t, hub, laptop)
			wantRows(t, hub, `SELECT count(*) FROM dovetail_resolution`, "1")
		})
	}
}

// TestAConflictResolvedOtherwiseOnBothSidesIsMergedAgain: the two decisions are a conflict of their own, on the server version
// that the later one was made on.
func TestAConflictResolvedOtherwiseOnBothSidesIsMergedAgain(t *testing.T) {
	hub := newHub(t)
	set(t, hub, "office", "deal/1", "x:=1", "y:=1")
	laptop := newReplica(t, hub, "laptop")
	set(t, laptop, "ana", "deal/1", "x:=2", "y:=2")
	set(t, hub, "diaz", "deal/1", "x:=3", "y:=3")
	exchange(t, laptop, hub)
	resolve(t, laptop, "deal/1", merge.TakeLocal, "ana")
	resolve(t, hub, "deal/1", merge.TakeBase, "eva")
	wantReport(t, exchange(t, laptop, hub), replicate.Report{Pushed: 1, Conflicts: 1, Pulled: 1})
	for _, s := range []*store.Store{hub, laptop} {
		wantConflict(t, s, "deal/1", merge.EditEdit, `{"x":3,"y":3}`, `{"x":2,"y":2}`, `{"x":1,"y":1}`)
	}
	want(t, laptop, "deal/1", 3, true, `{"x":2,"y":2}`)
	resolve(t, laptop, "deal/1", merge.TakeLocal, "ana")
	exchange(t, laptop, hub)
	wantNoConflict(t, "deal/1", hub, laptop)
	agree(t, hub, laptop)
	wantVersions(t, laptop, "deal/1", `1 write office {"x":1,"y":1}`, `2 write diaz {"x":3,"y":3}`, `3 resolution eva {"x":1,"y":1}`,
		`4 resolution ana {"x":2,"y":2}`)
}

// TestDecisionsOnBothSidesThatGoTogetherAreJoined: they are alike where both decided, and one decided on more.
func TestDecisionsOnBothSidesThatGoTogetherAreJoined(t *testing.T) {
	hub, laptop := conflicting(t)
	resolve(t, laptop, "deal/1", merge.TakeLocal, "ana")
	resolve(t, hub, "deal/1", merge.TakeLocal, "eva")
	set(t, hub, "eva", "deal/1", "note=x")
	wantReport(t, exchange(t, laptop, hub), replicate.Report{Pushed: 1, Converged: 1, Pulled: 2})
	wantNoConflict(t, "deal/1", hub, laptop)
	want(t, laptop, "deal/1", 4, false, `{"note":"x","status":"closed"}`)
	agree(t, hub, laptop)
}

// TestAnEditBesideAnOpenConflictWaitsInIt, and goes to the hub's as well.
func TestAnEditBesideAnOpenConflictWaitsInIt(t *testing.T) {
	hub, laptop := conflicting(t)
	before := onlyConflict(t, laptop, "deal/1").Conflict
	set(t, laptop, "ana", "deal/1", "amount:=7")
	set(t, laptop, "ana", "deal/1", "amount:=8")
	c := wantConflict(t, laptop, "deal/1", merge.EditEdit, `{"status":"open"}`, `{"amount":8,"status":"closed"}`, `{"status":"lost"}`)
	if c.Conflict.Number != before.Number || c.Conflict.Revision <= before.Revision || c.Conflict.BaseVersion != 1 {
		t.Errorf("%+v after %+v", c.Conflict, before)
	}
	if _, err := laptop.Resolve(t.Context(), merge.Writing{Conflict: before.Number, Revision: before.Revision, ServerVersion: 2, Person: "ana"}); !errors.Is(err, merge.ErrStale) {
		t.Errorf("a decision on what it was is taken: %v", err)
	}
	wantReport(t, exchange(t, laptop, hub), replicate.Report{Pushed: 1, Conflicts: 1})
	wantConflict(t, hub, "deal/1", merge.EditEdit, `{"status":"open"}`, `{"amount":8,"status":"closed"}`, `{"status":"lost"}`)
	remove(t, laptop, "ana", "deal/1")
	exchange(t, laptop, hub)
	for _, s := range []*store.Store{hub, laptop} {
		wantConflict(t, s, "deal/1", merge.DeleteEdit, `{"status":"open"}`, "", `{"status":"lost"}`)
	}
	agree(t, hub, laptop)
	wantSides(t, hub, "deal/1", `local replaced ana {"status":"closed"}`, `local replaced ana {"amount":8,"status":"closed"}`)
}

// TestTheHubResolvesWhileTheReplicaHasNewerEdits: they stand on what the settled change had left, and are merged with what
// the hub made of it.
func TestTheHubResolvesWhileTheReplicaHasNewerEdits(t *testing.T) {
	hub, laptop := conflicting(t)
	set(t, laptop, "ana", "deal/1", "amount:=7")
	resolve(t, hub, "deal/1", merge.TakeServer, "eva")
	var lines []string
	wantReport(t, exchange(t, laptop, recorded(hub, &lines)), replicate.Report{Pushed: 1, Merged: 1, Pulled: 2})
	if sent := parsed(t, lines); len(sent) != 1 || sent[0].BuildsOn == "" || string(sent[0].Local) != `{"amount":7,"status":"closed"}` {
		t.Errorf("%+v is sent", sent)
	}
	wantNoConflict(t, "deal/1", hub, laptop)
	agree(t, hub, laptop)
	// Ana's status was decided on: only what she did after it is news.
	wantVersions(t, laptop, "deal/1", `1 write office {"status":"open"}`, `2 write diaz {"status":"lost"}`, `3 resolution eva {"status":"lost"}`,
		`4 merge ana {"amount":7,"status":"lost"}`)
}

// TestTheHubResolvesAndTheReplicaHearsOfItBeforeItSendsItsNewerEdits: as above, but merged on the replica.
func TestTheHubResolvesAndTheReplicaHearsOfItBeforeItSendsItsNewerEdits(t *testing.T) {
	hub, laptop := conflicting(t)
	resolve(t, hub, "deal/1", merge.TakeServer, "eva")
	set(t, laptop, "ana", "other/1", "x:=1")
	exchange(t, laptop, during(hub, func() { set(t, laptop, "ana", "deal/1", "amount:=7") }))
	wantNoConflict(t, "deal/1", hub, laptop)
	want(t, laptop, "deal/1", 3, true, `{"amount":7,"status":"lost"}`)
	exchange(t, laptop, hub)
	want(t, hub, "deal/1", 4, false, `{"amount":7,"status":"lost"}`)
	agree(t, hub, laptop)
}

// TestTheHubResolvesWhileTheReplicaEditsTheSameField: that is a new conflict, about the newer edit alone.
func TestTheHubResolvesWhileTheReplicaEditsTheSameField(t *testing.T) {
	hub, laptop := conflicting(t)
	set(t, laptop, "ana", "deal/1", "status=signed")
	resolve(t, hub, "deal/1", merge.TakeServer, "eva")
	wantReport(t, exchange(t, laptop, hub), replicate.Report{Pushed: 1, Conflicts: 1, Pulled: 1})
	for _, s := range []*store.Store{hub, laptop} {
		wantConflict(t, s, "deal/1", merge.EditEdit, `{"status":"closed"}`, `{"status":"signed"}`, `{"status":"lost"}`)
	}
	agree(t, hub, laptop)
}

// TestAnUndoAtTheHubOpensTheConflictAgainOnTheReplica, whoever had decided it.
func TestAnUndoAtTheHubOpensTheConflictAgainOnTheReplica(t *testing.T) {
	for name, offline := range map[string]bool{"decided at the hub": false, "decided offline": true} {
		t.Run(name, func(t *testing.T) {
			hub, laptop := conflicting(t)
			if offline {
				resolve(t, laptop, "deal/1", merge.TakeLocal, "ana")
			} else {
				resolve(t, hub, "deal/1", merge.TakeLocal, "eva")
			}
			exchange(t, laptop, hub)
			wantNoConflict(t, "deal/1", hub, laptop)
			undoLast(t, hub, "deal/1")
			exchange(t, laptop, hub)
			for _, s := range []*store.Store{hub, laptop} {
				wantConflict(t, s, "deal/1", merge.EditEdit, `{"status":"open"}`, `{"status":"closed"}`, `{"status":"lost"}`)
			}
			want(t, laptop, "deal/1", 4, true, `{"status":"closed"}`)
			resolve(t, laptop, "deal/1", merge.TakeServer, "ana")
			exchange(t, laptop, hub)
			wantNoConflict(t, "deal/1", hub, laptop)
			agree(t, hub, laptop)
			who := map[bool]string{false: "eva", true: "ana"}[offline]
			wantVersions(t, laptop, "deal/1", `1 write office {"status":"open"}`, `2 write diaz {"status":"lost"}`,
				`3 resolution `+who+` {"status":"closed"}`, `4 undo eva {"status":"lost"}`, `5 resolution ana {"status":"lost"}`)
		})
	}
}

func undoLast(t testing.TB, hub *store.Store, record string) {
	t.Helper()
	last, err := hub.LastResolution(t.Context(), key(record))
	if err == nil {
		_, err = hub.Undo(t.Context(), last.Resolution, "eva")
	}
	if err != nil {
		t.Fatal(err)
	}
}

// TestAnUndoAtTheHubWithNewerEditsOnTheReplica: one conflict, alike on both sides, with the newer edits as its local side.
func TestAnUndoAtTheHubWithNewerEditsOnTheReplica(t *testing.T) {
	hub, laptop := conflicting(t)
	resolve(t, hub, "deal/1", merge.TakeLocal, "eva")
	exchange(t, laptop, hub)
	set(t, laptop, "ana", "deal/1", "amount:=7")
	undoLast(t, hub, "deal/1")
	exchange(t, laptop, hub)
	exchange(t, laptop, hub)
	c := onlyConflict(t, hub, "deal/1")
	if string(c.Sides.Local) != `{"amount":7,"status":"closed"}` || string(c.Sides.Server) != `{"status":"lost"}` {
		t.Errorf("the hub has %+v", c.Sides)
	}
	wantConflict(t, laptop, "deal/1", c.Conflict.Kind, string(c.Sides.Base), string(c.Sides.Local), string(c.Sides.Server))
	wantSides(t, hub, "deal/1", `server resolution diaz {"status":"lost"}`, `local replaced ana {"status":"closed"}`)
	agree(t, hub, laptop)
}

// TestAnUndoAtTheHubOpensAgainWhatItsResolutionHadClosed of other devices, and they hear of it.
func TestAnUndoAtTheHubOpensAgainWhatItsResolutionHadClosed(t *testing.T) {
	hub := newHub(t)
	set(t, hub, "office", "deal/1", "x:=1")
	laptop, tablet := newReplica(t, hub, "laptop"), newReplica(t, hub, "tablet")
	set(t, laptop, "ana", "deal/1", "x:=2")
	set(t, tablet, "bo", "deal/1", "x:=2")
	set(t, hub, "diaz", "deal/1", "x:=3")
	exchange(t, laptop, hub)
	exchange(t, tablet, hub)
	if _, err := hub.Resolve(t.Context(), world.Decision(t, hub, waiting(t, hub, "deal/1")[0], merge.TakeLocal, "eva")); err != nil {
		t.Fatal(err)
	}
	exchange(t, laptop, hub)
	exchange(t, tablet, hub)
	wantNoConflict(t, "deal/1", hub, laptop, tablet)
	undoLast(t, hub, "deal/1")
	if open := waiting(t, hub, "deal/1"); len(open) != 2 {
		t.Errorf("conflicts %v wait at the hub", open)
	}
	for _, s := range []*store.Store{laptop, tablet} {
		exchange(t, s, hub)
		wantConflict(t, s, "deal/1", merge.EditEdit, `{"x":1}`, `{"x":2}`, `{"x":3}`)
	}
	agree(t, hub, laptop, tablet)
}

// TestAnUnsentDecisionIsTakenBack: the conflict is open again, with the decision as a draft, as if nothing had been decided.
func TestAnUnsentDecisionIsTakenBack(t *testing.T) {
	hub, laptop := conflicting(t)
	number := onlyConflict(t, laptop, "deal/1").Conflict.Number
	resolve(t, laptop, "deal/1", merge.TakeServer, "ana")
	laptop = reopen(t, laptop)
	conflict, err := laptop.PendingDecision(t.Context(), key("deal/1"))
	if err != nil || conflict != number {
		t.Fatalf("the decision is on conflict %d, %v", conflict, err)
	}
	if _, err := laptop.UndoPending(t.Context(), conflict, "ana"); err != nil {
		t.Fatal(err)
	}
	wantConflict(t, laptop, "deal/1", merge.EditEdit, `{"status":"open"}`, `{"status":"closed"}`, `{"status":"lost"}`)
	want(t, laptop, "deal/1", 2, true, `{"status":"closed"}`)
	draft, err := laptop.Draft(t.Context(), number, "ana")
	if err != nil || draft.Decisions["/status"].Choice != merge.TakeServer {
		t.Errorf("the draft is %+v, %v", draft, err)
	}
	if _, err := laptop.UndoPending(t.Context(), conflict, "ana"); !errors.Is(err, merge.ErrNotFound) {
		t.Errorf("it is taken back twice: %v", err)
	}
	wantReport(t, exchange(t, laptop, hub), replicate.Report{})
	onlyConflict(t, hub, "deal/1")
	agree(t, hub, laptop)
}

// TestAnUnsentDecisionOnAConflictThatTheHubNeverHeardOfIsTakenBack: the change goes to the hub as any other then.
func TestAnUnsentDecisionOnAConflictThatTheHubNeverHeardOfIsTakenBack(t *testing.T) {
	hub, laptop := overtaken(t, []string{"x:=1"}, []string{"x:=2"}, []string{"x:=3"})
	number := onlyConflict(t, laptop, "deal/1").Conflict.Number
	resolve(t, laptop, "deal/1", merge.TakeServer, "ana")
	if _, err := laptop.UndoPending(t.Context(), number, "ana"); err != nil {
		t.Fatal(err)
	}
	set(t, hub, "diaz", "deal/1", "x:=1") // so that it joins by itself
	var lines []string
	wantReport(t, exchange(t, laptop, recorded(hub, &lines)), replicate.Report{Pushed: 1, Applied: 1, Pulled: 2})
	if sent := parsed(t, lines); sent[0].Decided {
		t.Errorf("%+v is sent", sent)
	}
	wantNoConflict(t, "deal/1", hub, laptop)
	want(t, laptop, "deal/1", 4, false, `{"x":3}`)
	agree(t, hub, laptop)
}

// TestADecisionIsNotTakenBackOnceItsRecordWasEdited: that would lose the edit.
func TestADecisionIsNotTakenBackOnceItsRecordWasEdited(t *testing.T) {
	hub, laptop := conflicting(t)
	number := onlyConflict(t, laptop, "deal/1").Conflict.Number
	resolve(t, laptop, "deal/1", merge.TakeLocal, "ana")
	set(t, laptop, "ana", "deal/1", "amount:=7")
	var moved *store.MovedOnError
	if _, err := laptop.UndoPending(t.Context(), number, "ana"); !errors.As(err, &moved) || !errors.Is(err, merge.ErrStale) {
		t.Errorf("got %v", err)
	}
	want(t, laptop, "deal/1", 2, true, `{"amount":7,"status":"closed"}`)
	wantReport(t, exchange(t, laptop, hub), replicate.Report{Pushed: 2, Applied: 2, Pulled: 2})
	agree(t, hub, laptop)
	wantVersions(t, hub, "deal/1", `1 write office {"status":"open"}`, `2 write diaz {"status":"lost"}`, `3 resolution ana {"status":"closed"}`,
		`4 write ana {"amount":7,"status":"closed"}`)
}

// TestADecisionIsNotTakenBackOnceItWasSent: only the hub can.
func TestADecisionIsNotTakenBackOnceItWasSent(t *testing.T) {
	hub, laptop := conflicting(t)
	number := onlyConflict(t, laptop, "deal/1").Conflict.Number
	resolve(t, laptop, "deal/1", merge.TakeLocal, "ana")
	broken(t, laptop, deaf(hub))
	if _, err := laptop.UndoPending(t.Context(), number, "ana"); !errors.Is(err, store.ErrSent) {
		t.Errorf("got %v", err)
	}
	if _, err := laptop.PendingDecision(t.Context(), key("deal/1")); !errors.Is(err, merge.ErrNotFound) {
		t.Errorf("it is said to be unsent: %v", err)
	}
	exchange(t, laptop, hub)
	if _, err := laptop.Undo(t.Context(), 1, "ana"); !errors.Is(err, store.ErrSent) {
		t.Errorf("got %v", err)
	}
	agree(t, hub, laptop)
}

// TestOfTwoWhoDecideOnAReplicaOneWins, and the other hears of it.
func TestOfTwoWhoDecideOnAReplicaOneWins(t *testing.T) {
	hub, laptop := conflicting(t)
	number := onlyConflict(t, laptop, "deal/1").Conflict.Number
	mine, theirs := world.Decision(t, laptop, number, merge.TakeLocal, "ana"), world.Decision(t, laptop, number, merge.TakeServer, "bo")
	if _, err := laptop.Resolve(t.Context(), mine); err != nil {
		t.Fatal(err)
	}
	if _, err := laptop.Resolve(t.Context(), theirs); !errors.Is(err, merge.ErrClosed) {
		t.Errorf("got %v", err)
	}
	exchange(t, laptop, hub)
	want(t, hub, "deal/1", 3, false, `{"status":"closed"}`)
	agree(t, hub, laptop)
}
