package merge

import (
	"encoding/json"
	"errors"
	"reflect"
	"slices"
	"testing"
)

func TestDraftUndoAndRedo(t *testing.T) {
	r := story(t)
	local, server := choose(t, r, "/status", TakeLocal, Absent), choose(t, r, "/status", TakeServer, Absent)
	var d Draft
	d.Decide("local for status", Decisions{"/status": local})
	d.Decide("server for status", Decisions{"/status": server, "/amount": choose(t, r, "/amount", TakeBase, Absent)})
	if what, ok := d.Undo(); !ok || what != "server for status" || d.Decisions["/status"] != local || len(d.Decisions) != 1 {
		t.Errorf("after one undo: %q %+v", what, d.Decisions)
	}
	if _, ok := d.Undo(); !ok || len(d.Decisions) != 0 {
		t.Errorf("the first undo leads back to undecided: %+v", d.Decisions)
	}
	if _, ok := d.Undo(); ok {
		t.Error("there was nothing left to undo")
	}
	d.Redo()
	if what, ok := d.Redo(); !ok || what != "server for status" || d.Decisions["/status"] != server || len(d.Decisions) != 2 {
		t.Errorf("after two redos: %q %+v", what, d.Decisions)
	}
	d.Undo()
	d.Decide("undecided", Decisions{"/status": {}})
	if _, ok := d.Redo(); ok || len(d.Decisions) != 0 {
		t.Errorf("a new step ends what could be redone: %+v", d.Decisions)
	}
}

func TestDraftIsAValue(t *testing.T) {
	r := story(t)
	var d Draft
	d.Decide("local", Decisions{"/status": choose(t, r, "/status", TakeLocal, Absent)})
	before := d
	d.Decide("server", Decisions{"/status": choose(t, r, "/status", TakeServer, Absent)})
	d.Undo()
	d.Decide("base", Decisions{"/status": choose(t, r, "/status", TakeBase, Absent)})
	if before.Decisions["/status"].Choice != TakeLocal || before.Done[0].What != "local" || len(before.Done) != 1 {
		t.Errorf("a copy changed with it: %+v", before)
	}
}

func TestDraftSurvivesStorage(t *testing.T) {
	r := story(t)
	d := Draft{Conflict: 7, Person: "ana", Typed: map[string]string{"/notes": "half a sen"}}
	d.Decide("local", Decisions{"/status": choose(t, r, "/status", TakeLocal, Absent)})
	d.Decide("removed", Decisions{"/notes": choose(t, r, "/notes", Removed, Absent)})
	d.Undo()
	text, err := json.Marshal(d)
	if err != nil {
		t.Fatal(err)
	}
	var back Draft
	if err := json.Unmarshal(text, &back); err != nil || !reflect.DeepEqual(back, d) {
		t.Errorf("%v\nsaved  %+v\nloaded %+v", err, d, back)
	}
}

func TestRebaseKeepsWhatStands(t *testing.T) {
	r := story(t)
	d := Draft{Revision: 1, ServerVersion: 4}
	d.Decide("local for status", Decisions{"/status": choose(t, r, "/status", TakeLocal, Absent)})
	d.Decide("base for amount", Decisions{"/amount": choose(t, r, "/amount", TakeBase, Absent)})
	s := r.Sides()
	s.Server = doc(t, `{"amount":40000,"notes":"added","owner":"ana","status":"won"}`)
	moved := Record(s, nil)
	d.Rebase(moved, 2, 5)
	if !slices.Equal(d.Moved, []string{"/status"}) || len(d.Decisions) != 1 || d.Revision != 2 || d.ServerVersion != 5 {
		t.Fatalf("got %+v", d)
	}
	for {
		if _, ok := d.Undo(); !ok {
			break
		}
		if d.Decisions["/status"].Choice != Undecided {
			t.Fatal("undo brought back a decision on a value that is gone")
		}
	}
	d.Rebase(moved, 2, 5)
	if !slices.Equal(d.Moved, []string{"/status"}) {
		t.Errorf("the mark stays until somebody decides: %q", d.Moved)
	}
	d.Decide("server", Decisions{"/status": choose(t, moved, "/status", TakeServer, Absent)})
	if len(d.Moved) != 0 {
		t.Errorf("decided again and still marked: %q", d.Moved)
	}
}

// TestNoStepBringsBackWhatNoLongerStands, neither undo nor redo, on a merge whose values are others.
func TestNoStepBringsBackWhatNoLongerStands(t *testing.T) {
	r := story(t)
	var d Draft
	for _, choice := range []Choice{TakeLocal, TakeServer, TakeBase} {
		d.Decide(choice.String(), Decisions{"/status": choose(t, r, "/status", choice, Absent)})
	}
	d.Undo()
	s := r.Sides()
	s.Server = doc(t, `{"amount":40000,"notes":"added","owner":"ana","status":"won"}`)
	d.Rebase(Record(s, nil), 2, 5)
	for name, step := range map[string]func() (string, bool){"undo": d.Undo, "redo": d.Redo} {
		for {
			what, ok := step()
			if !ok {
				break
			}
			if d.Decisions["/status"].Choice != Undecided {
				t.Fatalf("%s of %q brought back %+v", name, what, d.Decisions["/status"])
			}
		}
	}
}

func TestADiscardedDraftComesBackWhole(t *testing.T) {
	r := story(t)
	local := choose(t, r, "/status", TakeLocal, Absent)
	d := Draft{Typed: map[string]string{"/notes": "half a sen"}, Note: "ask ana", Moved: []string{"/amount"}}
	if new(Draft).Discard("discarded") {
		t.Error("an empty draft was discarded")
	}
	d.Decide("local", Decisions{"/status": local})
	before := d
	if !d.Discard("discarded") || !d.Empty() {
		t.Fatalf("the draft is not empty: %+v", d)
	}
	if before.Empty() || before.Note == "" {
		t.Errorf("a copy changed with it: %+v", before)
	}
	text, err := json.Marshal(d)
	d = Draft{}
	if err := errors.Join(err, json.Unmarshal(text, &d)); err != nil {
		t.Fatal(err)
	}
	d.Rebase(r, 2, 5)
	d.Undo()
	if d.Decisions["/status"] != local || d.Typed["/notes"] != "half a sen" || d.Note != "ask ana" || !slices.Equal(d.Moved, []string{"/amount"}) {
		t.Errorf("undo brought back %+v", d)
	}
	d.Note = "ask diaz"
	if d.Redo(); !d.Empty() {
		t.Errorf("redo left %+v", d)
	}
	d.Typed = map[string]string{"/notes": "written since"}
	if d.Undo(); d.Typed["/notes"] != "written since" || d.Note != "ask diaz" || d.Decisions["/status"] != local {
		t.Errorf("undo brought back %+v", d)
	}
}
