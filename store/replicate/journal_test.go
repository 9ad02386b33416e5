package replicate_test

import (
	"context"
	"encoding/json"
	"testing"

	"dovetail/merge"
	"dovetail/store"
	"dovetail/store/replicate"
)

// sentLine is what the tests look at in a change line.
type sentLine struct {
	Key         string          `json:"key"`
	BaseVersion *int64          `json:"base_version"`
	BuildsOn    string          `json:"builds_on"`
	Local       json.RawMessage `json:"local"`
	Operations  []struct {
		Op   string `json:"op"`
		Path string `json:"path"`
	} `json:"operations"`
	Sequence int64  `json:"sequence"`
	Resolves string `json:"resolves"`
	Decided  bool   `json:"decided"`
}

func parsed(t testing.TB, lines []string) []sentLine {
	t.Helper()
	out := make([]sentLine, len(lines))
	for i, line := range lines {
		if err := json.Unmarshal([]byte(line), &out[i]); err != nil {
			t.Fatal(err)
		}
	}
	return out
}

// TestUnsentEditsAreOneChangeOnTheFirstBase, with all their operations.
func TestUnsentEditsAreOneChangeOnTheFirstBase(t *testing.T) {
	hub := newHub(t)
	set(t, hub, "office", "deal/1", "x:=1", "n:=1")
	laptop := newReplica(t, hub, "laptop")
	set(t, laptop, "ana", "deal/1", "x:=2")
	set(t, hub, "diaz", "deal/1", "y:=1")
	set(t, laptop, "ana", "deal/1", "n+=1", "x:=3")
	laptop = reopen(t, laptop)
	set(t, laptop, "bo", "deal/1", "z:=1")
	sent := parsed(t, outgoing(t, laptop))
	if len(sent) != 1 || *sent[0].BaseVersion != 1 || string(sent[0].Local) != `{"n":2,"x":3,"z":1}` || len(sent[0].Operations) != 4 {
		t.Errorf("%+v is sent", sent)
	}
	wantReport(t, exchange(t, laptop, hub), replicate.Report{Pushed: 1, Merged: 1, Pulled: 2})
	agree(t, hub, laptop)
	wantVersions(t, hub, "deal/1", `1 write office {"n":1,"x":1}`, `2 write diaz {"n":1,"x":1,"y":1}`, `3 merge bo {"n":2,"x":3,"y":1,"z":1}`)
}

// TestSendingFreezesAChange: it is the same line whenever it is sent, and what is edited later is a change of its own that
// builds on it.
func TestSendingFreezesAChange(t *testing.T) {
	hub := newHub(t)
	set(t, hub, "office", "deal/1", "x:=1")
	laptop := newReplica(t, hub, "laptop")
	set(t, laptop, "ana", "deal/1", "x:=2")
	first := parsed(t, outgoing(t, laptop))
	set(t, laptop, "ana", "deal/1", "x:=3")
	set(t, laptop, "ana", "deal/1", "y:=3")
	laptop = reopen(t, laptop)
	again := parsed(t, outgoing(t, laptop))
	if len(again) != 1 || again[0].Key != first[0].Key || string(again[0].Local) != `{"x":2}` || again[0].Sequence != 1 {
		t.Errorf("%+v is sent after %+v", again, first)
	}
	var lines []string
	wantReport(t, exchange(t, laptop, recorded(hub, &lines)), replicate.Report{Pushed: 2, Applied: 2, Pulled: 2})
	sent := parsed(t, lines)
	if len(sent) != 2 || sent[1].BuildsOn != sent[0].Key || string(sent[1].Local) != `{"x":3,"y":3}` || sent[1].Sequence != 2 || len(sent[1].Operations) != 2 {
		t.Errorf("%+v is sent", sent)
	}
	agree(t, hub, laptop)
	wantVersions(t, hub, "deal/1", `1 write office {"x":1}`, `2 write ana {"x":2}`, `3 write ana {"x":3,"y":3}`)
}

// TestAnUnsentChangeThatIsTakenBackByHandIsNothing at the hub.
func TestAnUnsentChangeThatIsTakenBackByHandIsNothing(t *testing.T) {
	hub := newHub(t)
	set(t, hub, "office", "deal/1", "x:=1")
	laptop := newReplica(t, hub, "laptop")
	set(t, laptop, "ana", "deal/1", "x:=2")
	set(t, laptop, "ana", "deal/1", "x:=1")
	wantReport(t, exchange(t, laptop, hub), replicate.Report{Pushed: 1, Converged: 1})
	agree(t, hub, laptop)
	wantVersions(t, hub, "deal/1", `1 write office {"x":1}`)
}

// TestEditsWhileAPushIsUnderWayStayPending, and go with the next exchange.
func TestEditsWhileAPushIsUnderWayStayPending(t *testing.T) {
	hub := newHub(t)
	set(t, hub, "office", "deal/1", "x:=1", "y:=1")
	set(t, hub, "office", "deal/2", "x:=1")
	laptop := newReplica(t, hub, "laptop")
	set(t, laptop, "ana", "deal/1", "x:=2")
	set(t, hub, "diaz", "deal/1", "z:=1")
	report := exchange(t, laptop, during(hub, func() {
		set(t, laptop, "ana", "deal/1", "y:=2")
		set(t, laptop, "ana", "deal/2", "x:=2")
		set(t, laptop, "ana", "deal/3", "x:=2")
	}))
	wantReport(t, report, replicate.Report{Pushed: 1, Merged: 1, Pulled: 2})
	want(t, laptop, "deal/1", 3, true, `{"x":2,"y":2,"z":1}`)
	want(t, laptop, "deal/2", 1, true, `{"x":2}`)
	want(t, laptop, "deal/3", 0, true, `{"x":2}`)
	wantReport(t, exchange(t, laptop, hub), replicate.Report{Pushed: 3, Applied: 3, Pulled: 3})
	agree(t, hub, laptop)
	wantVersions(t, hub, "deal/1", `1 write office {"x":1,"y":1}`, `2 write diaz {"x":1,"y":1,"z":1}`, `3 merge ana {"x":2,"y":1,"z":1}`,
		`4 write ana {"x":2,"y":2,"z":1}`)
}

// TestAnEditWhileAConflictIsOnItsWayWaitsInIt.
func TestAnEditWhileAConflictIsOnItsWayWaitsInIt(t *testing.T) {
	hub := newHub(t)
	set(t, hub, "office", "deal/1", "x:=1")
	laptop := newReplica(t, hub, "laptop")
	set(t, laptop, "ana", "deal/1", "x:=2")
	set(t, hub, "diaz", "deal/1", "x:=3")
	wantReport(t, exchange(t, laptop, during(hub, func() { set(t, laptop, "ana", "deal/1", "x:=4", "y:=4") })),
		replicate.Report{Pushed: 1, Conflicts: 1, Pulled: 1})
	wantConflict(t, laptop, "deal/1", merge.EditEdit, `{"x":1}`, `{"x":4,"y":4}`, `{"x":3}`)
	wantConflict(t, hub, "deal/1", merge.EditEdit, `{"x":1}`, `{"x":2}`, `{"x":3}`)
	wantReport(t, exchange(t, laptop, hub), replicate.Report{Pushed: 1, Conflicts: 1})
	wantConflict(t, hub, "deal/1", merge.EditEdit, `{"x":1}`, `{"x":4,"y":4}`, `{"x":3}`)
	agree(t, hub, laptop)
	wantSides(t, hub, "deal/1", `local replaced ana {"x":2}`)
}

// TestAnEditWhileARecordIsBeingDeletedCreatesItAgain.
func TestAnEditWhileARecordIsBeingDeletedCreatesItAgain(t *testing.T) {
	hub := newHub(t)
	set(t, hub, "office", "deal/1", "x:=1")
	laptop := newReplica(t, hub, "laptop")
	remove(t, laptop, "ana", "deal/1")
	exchange(t, laptop, during(hub, func() { set(t, laptop, "ana", "deal/1", "x:=2") }))
	want(t, laptop, "deal/1", 2, true, `{"x":2}`)
	exchange(t, laptop, hub)
	agree(t, hub, laptop)
	wantVersions(t, hub, "deal/1", `1 write office {"x":1}`, `2 write ana deleted`, `3 write ana {"x":2}`)
}

// TestPullStartsOnlyWhenEverySentChangeHasItsAnswer.
func TestPullStartsOnlyWhenEverySentChangeHasItsAnswer(t *testing.T) {
	hub := newHub(t)
	for _, record := range []string{"deal/1", "deal/2"} {
		set(t, hub, "office", record, "x:=1")
	}
	laptop := newReplica(t, hub, "laptop")
	for _, record := range []string{"deal/1", "deal/2", "deal/3"} {
		set(t, laptop, "ana", record, "x:=2")
	}
	outgoing(t, laptop)
	set(t, laptop, "ana", "deal/1", "x:=3") // a second change of the same record
	unanswered := func() []string { return rows(t, laptop, `SELECT count(*) FROM dovetail_change WHERE outbox = 2`) }
	asked := 0
	watched := wire{Store: hub, feed: func(ctx context.Context, from store.Place, limit int) (store.Feed, error) {
		if asked++; asked > 1 && unanswered()[0] != "0" {
			t.Errorf("versions are asked for while %s changes have no answer", unanswered())
		}
		return hub.Feed(ctx, from, limit)
	}}
	wantReport(t, exchange(t, laptop, watched), replicate.Report{Pushed: 4, Applied: 4, Pulled: 4})
	if asked != 2 {
		t.Errorf("asked %d times", asked)
	}
	// Where an answer is lost, nothing is asked for at all but the look at the hub before.
	set(t, laptop, "ana", "deal/1", "x:=4")
	set(t, hub, "diaz", "deal/2", "x:=5")
	asked = 0
	watched.deliver = deaf(hub).deliver
	broken(t, laptop, watched)
	want(t, laptop, "deal/2", 2, false, `{"x":2}`)
	if asked != 1 {
		t.Errorf("asked %d times", asked)
	}
	exchange(t, laptop, hub)
	agree(t, hub, laptop)
}

// TestVersionsComeInTheOrderOfTheCommits, however they are cut, and again without effect.
func TestVersionsComeInTheOrderOfTheCommits(t *testing.T) {
	hub := newHub(t)
	laptop := newReplica(t, hub, "laptop")
	for range 3 {
		set(t, hub, "office", "deal/1", "n+=1")
		set(t, hub, "office", "deal/2", "n+=1")
	}
	var places []int64
	cut := wire{Store: hub, feed: func(ctx context.Context, from store.Place, _ int) (store.Feed, error) {
		f, err := hub.Feed(ctx, from, 1)
		if err == nil && len(f.Versions) > 0 {
			// As if another process had been quicker.
			places = append(places, f.Versions[0].Place)
			if len(places) > 1 {
				err = laptop.Receive(ctx, from, f)
			}
		}
		return f, err
	}}
	wantReport(t, exchange(t, laptop, cut), replicate.Report{Pulled: 6})
	for i, place := range places[1:] {
		if place != int64(i+1) {
			t.Errorf("version %d came as number %d", place, i+1)
		}
	}
	agree(t, hub, laptop)
	wantVersions(t, laptop, "deal/2", `1 write office {"n":1}`, `2 write office {"n":2}`, `3 write office {"n":3}`)
}

// TestChangesGoInTheOrderInWhichTheyWereMade, and so do the versions that come of them.
func TestChangesGoInTheOrderInWhichTheyWereMade(t *testing.T) {
	hub := newHub(t)
	laptop := newReplica(t, hub, "laptop")
	order := []string{"deal/3", "account/9", "deal/1", "form/5", "deal/2"}
	for _, record := range order {
		set(t, laptop, "ana", record, "x:=1")
	}
	set(t, laptop, "ana", "deal/3", "x:=2") // goes into the first
	exchange(t, laptop, hub)
	agree(t, hub, laptop)
	for _, s := range []*store.Store{hub, laptop} {
		wantRows(t, s, `SELECT r.collection || '/' || r.name FROM dovetail_version v JOIN dovetail_record r ON r.id = v.record ORDER BY v.id`, order...)
	}
}
