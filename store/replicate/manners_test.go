package replicate_test

import (
	"errors"
	"slices"
	"testing"

	"dovetail/merge"
	"dovetail/store"
	"dovetail/store/replicate"
)

// TestASchemaArrivesByPullAndCountsInTheReplicasOwnMerges, and in what may be written there.
func TestASchemaArrivesByPullAndCountsInTheReplicasOwnMerges(t *testing.T) {
	hub := newHub(t)
	set(t, hub, "office", "deal/1", `tags:=["a"]`, "x:=1")
	laptop := newReplica(t, hub, "laptop")
	setSchema(t, hub, "deal", `{"properties":{"tags":{"type":"array","x-merge":"set"},"x":{"maximum":10,"title":"Exes"}}}`)
	set(t, hub, "diaz", "deal/1", "tags+=h")
	set(t, laptop, "ana", "other/1", "x:=1")
	exchange(t, laptop, during(hub, func() { set(t, laptop, "ana", "deal/1", "tags+=l") }))
	want(t, laptop, "deal/1", 2, true, `{"tags":["a","h","l"],"x":1}`)
	rules, err := laptop.Rules(t.Context(), "deal")
	if err != nil || rules == nil {
		t.Fatal(rules, err)
	}
	var broken *merge.RuleError
	r, err := laptop.Get(t.Context(), key("deal/1"))
	if err == nil {
		_, err = laptop.Write(t.Context(), store.Edit{Record: r.Record, Version: r.Version, Revision: r.Revision, By: "ana",
			Fields: merge.Document(`{"tags":["a","h","l"],"x":11}`)})
	}
	if !errors.As(err, &broken) {
		t.Errorf("a rule of the hub's is broken here: %v", err)
	}
	// Taken away again, it does not count any more.
	if _, err := hub.SetSchema(t.Context(), "deal", nil, "office"); err != nil {
		t.Fatal(err)
	}
	exchange(t, laptop, hub)
	set(t, laptop, "ana", "deal/1", "x:=11")
	exchange(t, laptop, hub)
	agree(t, hub, laptop)
	wantRows(t, laptop, `SELECT number, body FROM dovetail_schema`,
		`1 {"properties":{"tags":{"type":"array","x-merge":"set"},"x":{"maximum":10,"title":"Exes"}}}`)
}

// TestAStrategyArrivesByPullAndCountsInTheReplicasOwnMerges.
func TestAStrategyArrivesByPullAndCountsInTheReplicasOwnMerges(t *testing.T) {
	hub := newHub(t)
	set(t, hub, "office", "deal/1", "n:=1")
	laptop := newReplica(t, hub, "laptop")
	setStrategy(t, hub, "deal", merge.OpReplay)
	set(t, hub, "diaz", "deal/1", "n+=10")
	set(t, laptop, "ana", "other/1", "x:=1")
	exchange(t, laptop, during(hub, func() { set(t, laptop, "ana", "deal/1", "n+=100") }))
	want(t, laptop, "deal/1", 2, true, `{"n":111}`)
	exchange(t, laptop, hub)
	want(t, hub, "deal/1", 3, false, `{"n":111}`)
	agree(t, hub, laptop)
}

// TestASchemaThatChangesMergesWhatWaitsAgain, on both sides.
func TestASchemaThatChangesMergesWhatWaitsAgain(t *testing.T) {
	hub := newHub(t)
	set(t, hub, "office", "deal/1", "x:=1", "y:=1")
	laptop := newReplica(t, hub, "laptop")
	set(t, laptop, "ana", "deal/1", "x:=2", "y:=2")
	set(t, hub, "diaz", "deal/1", "x:=3", "y:=3")
	exchange(t, laptop, hub)
	setSchema(t, hub, "deal", `{"properties":{"x":{"x-merge":"max"}}}`)
	exchange(t, laptop, hub)
	for _, s := range []*store.Store{hub, laptop} {
		if c := onlyConflict(t, s, "deal/1"); !slices.Equal(c.Conflict.Fields, []string{"/y"}) {
			t.Errorf("the %s has %q in conflict", s.Info().Role, c.Conflict.Fields)
		}
	}
	agree(t, hub, laptop)
}

// TestWhatDropsAValueIsLeftToTheHub: the replica keeps what was entered there until the hub has put it aside.
func TestWhatDropsAValueIsLeftToTheHub(t *testing.T) {
	for policy, c := range map[string]struct {
		report  replicate.Report
		version int64
		result  string
		side    string
	}{
		"server": {replicate.Report{Pushed: 1, Superseded: 1}, 2, `{"x":2}`, `local policy ana {"x":3}`},
		"latest": {replicate.Report{Pushed: 1, Merged: 1, Pulled: 1}, 3, `{"x":3}`, ``},
		"min":    {replicate.Report{Pushed: 1, Superseded: 1}, 2, `{"x":2}`, `local policy ana {"x":3}`},
	} {
		t.Run(policy, func(t *testing.T) {
			hub, laptop := skewed(t, 0, func(hub *store.Store) {
				setSchema(t, hub, "deal", `{"properties":{"x":{"x-merge":"`+policy+`"}}}`)
				set(t, hub, "office", "deal/1", "x:=1")
			})
			set(t, hub, "diaz", "deal/1", "x:=2")
			set(t, laptop, "ana", "other/1", "x:=1")
			exchange(t, laptop, during(hub, func() { set(t, laptop, "ana", "deal/1", "x:=3") }))
			want(t, laptop, "deal/1", 2, true, `{"x":3}`)
			wantNoConflict(t, "deal/1", hub, laptop)
			wantReport(t, exchange(t, laptop, hub), c.report)
			want(t, laptop, "deal/1", c.version, false, c.result)
			if c.side != "" {
				wantSides(t, hub, "deal/1", c.side)
			}
			agree(t, hub, laptop)
		})
	}
}

// TestTheLastWriteIsLeftToTheHub: only its clock can tell.
func TestTheLastWriteIsLeftToTheHub(t *testing.T) {
	hub := newHub(t)
	setStrategy(t, hub, "deal", merge.LastWriteWins)
	set(t, hub, "office", "deal/1", "x:=1", "y:=1")
	laptop := newReplica(t, hub, "laptop")
	set(t, hub, "diaz", "deal/1", "x:=2")
	set(t, laptop, "ana", "other/1", "x:=1")
	exchange(t, laptop, during(hub, func() { set(t, laptop, "ana", "deal/1", "y:=3") }))
	want(t, laptop, "deal/1", 2, true, `{"x":1,"y":3}`)
	wantNoConflict(t, "deal/1", hub, laptop)
	sent := parsed(t, outgoing(t, laptop))
	if len(sent) != 1 || *sent[0].BaseVersion != 1 {
		t.Errorf("%+v is sent", sent)
	}
	exchange(t, laptop, hub)
	wantNoConflict(t, "deal/1", hub, laptop)
	agree(t, hub, laptop)
}

// TestAChangeOnTheHeadIsAConflictWhereARuleSaysSo, or where a field may not change: the replica did not know yet.
func TestAChangeOnTheHeadIsAConflictWhereARuleSaysSo(t *testing.T) {
	for name, c := range map[string]struct {
		schema string
		kind   merge.Kind
	}{
		"a rule":      {`{"properties":{"x":{"maximum":10}}}`, merge.RuleKind},
		"a fixed one": {`{"properties":{"x":{"x-merge":"immutable"}}}`, merge.EditEdit},
	} {
		t.Run(name, func(t *testing.T) {
			hub := newHub(t)
			set(t, hub, "office", "deal/1", "x:=1")
			laptop := newReplica(t, hub, "laptop")
			setSchema(t, hub, "deal", c.schema)
			set(t, laptop, "ana", "deal/1", "x:=50")
			wantReport(t, exchange(t, laptop, hub), replicate.Report{Pushed: 1, Conflicts: 1})
			for _, s := range []*store.Store{hub, laptop} {
				wantConflict(t, s, "deal/1", c.kind, `{"x":1}`, `{"x":50}`, `{"x":1}`)
			}
			resolve(t, laptop, "deal/1", merge.TakeServer, "ana")
			exchange(t, laptop, hub)
			wantNoConflict(t, "deal/1", hub, laptop)
			want(t, laptop, "deal/1", 2, false, `{"x":1}`)
			agree(t, hub, laptop)
		})
	}
}
