package merge

import (
	"errors"
	"slices"
	"testing"
)

// story is a record in which local and the server both changed the status, and other fields merge.
func story(t *testing.T) Result {
	return Record(Sides{
		Base:   doc(t, `{"amount":40000,"owner":"ana","status":"negotiating"}`),
		Local:  doc(t, `{"amount":50000,"owner":"ana","status":"closed"}`),
		Server: doc(t, `{"amount":40000,"notes":"added","owner":"ana","status":"open"}`),
	}, nil)
}

func choose(t *testing.T, r Result, path string, c Choice, v Value) Decision {
	t.Helper()
	f, ok := r.Field(path)
	if !ok {
		t.Fatalf("%s is not listed", path)
	}
	d, ok := f.Choose(c, v)
	if !ok {
		t.Fatalf("%s does not offer %v", path, c)
	}
	return d
}

func TestApply(t *testing.T) {
	r := story(t)
	for _, c := range []struct {
		name   string
		choice Choice
		value  Value
		want   string
	}{
		{name: "local", choice: TakeLocal, want: `{"amount":50000,"notes":"added","owner":"ana","status":"closed"}`},
		{name: "server", choice: TakeServer, want: `{"amount":50000,"notes":"added","owner":"ana","status":"open"}`},
		{name: "base", choice: TakeBase, want: `{"amount":50000,"notes":"added","owner":"ana","status":"negotiating"}`},
		{name: "removed", choice: Removed, want: `{"amount":50000,"notes":"added","owner":"ana"}`},
		{name: "edited", choice: Edited, value: `"won"`, want: `{"amount":50000,"notes":"added","owner":"ana","status":"won"}`},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := r.Apply(Decisions{"/status": choose(t, r, "/status", c.choice, c.value)})
			if err != nil || string(got) != c.want {
				t.Errorf("got %s, %v", got, err)
			}
		})
	}
}

func TestNothingIsWrittenWhileAFieldIsUndecided(t *testing.T) {
	r := story(t)
	for _, d := range []Decisions{nil, {}, {"/status": {}}, {"/amount": choose(t, r, "/amount", TakeBase, Absent)}} {
		got, err := r.Apply(d)
		var undecided *UndecidedError
		if got != nil || !errors.As(err, &undecided) || !slices.Equal(undecided.Paths, []string{"/status"}) {
			t.Errorf("%v: got %s, %v", d, got, err)
		}
	}
}

func TestAMergedFieldIsOpenToChange(t *testing.T) {
	r := story(t)
	got, err := r.Apply(Decisions{
		"/status": choose(t, r, "/status", TakeLocal, Absent),
		"/amount": choose(t, r, "/amount", TakeServer, Absent),
		"/notes":  choose(t, r, "/notes", TakeLocal, Absent),
		"/owner":  {Choice: Edited, Value: `"diaz"`},
	})
	if err != nil || string(got) != `{"amount":40000,"owner":"diaz","status":"closed"}` {
		t.Errorf("got %s, %v", got, err)
	}
}

func TestChooseOffersOnlyWhatIsThere(t *testing.T) {
	status, _ := story(t).Field("/status")
	lost, _ := Record(Sides{Local: doc(t, `{"a":1}`), Server: doc(t, `{"a":2}`), BaseLost: true}, nil).Field("/a")
	whole, _ := Record(Sides{Base: doc(t, `{"a":1}`), Local: doc(t, `{"a":2}`)}, nil).Field("")
	for _, c := range []struct {
		name   string
		field  Field
		choice Choice
		value  Value
	}{
		{"nothing to combine", status, TakeCombined, Absent},
		{"nothing typed", status, Edited, Absent},
		{"undecided is no choice", status, Undecided, Absent},
		{"no base is known", lost, TakeBase, Absent},
		{"a record is an object", whole, Edited, `"x"`},
	} {
		if d, ok := c.field.Choose(c.choice, c.value); ok {
			t.Errorf("%s: got %+v", c.name, d)
		}
	}
}

func TestDeleteAgainstEdit(t *testing.T) {
	r := Record(Sides{Base: doc(t, `{"a":1}`), Local: doc(t, `{"a":2}`)}, nil)
	for choice, want := range map[Choice]string{TakeLocal: `{"a":2}`, TakeServer: "", TakeBase: `{"a":1}`, Removed: ""} {
		got, err := r.Apply(Decisions{"": choose(t, r, "", choice, Absent)})
		if err != nil || string(got) != want {
			t.Errorf("%v: got %s, %v", choice, got, err)
		}
	}
}

func TestADeletedRecordTakesNoFields(t *testing.T) {
	r := Record(Sides{Base: doc(t, `{"a":1}`), Local: doc(t, `{"a":2}`)}, nil)
	_, err := r.Apply(Decisions{"": choose(t, r, "", TakeServer, Absent), "/a": {Choice: Edited, Value: "3"}})
	if !errors.Is(err, ErrPath) {
		t.Errorf("got %v", err)
	}
}

func TestApplyKeepsTheLimits(t *testing.T) {
	r := story(t)
	deep := Value(nested(MaxDepth))
	if got, err := r.Apply(Decisions{"/status": choose(t, r, "/status", Edited, deep)}); err == nil {
		t.Errorf("%d levels in a field: %s", MaxDepth, got)
	}
}

func TestNotKept(t *testing.T) {
	r := story(t)
	written, err := r.Apply(Decisions{
		"/status": choose(t, r, "/status", TakeLocal, Absent),
		"/amount": choose(t, r, "/amount", TakeServer, Absent),
	})
	if err != nil {
		t.Fatal(err)
	}
	want := []LostValue{{Path: "/amount", Side: "local", Value: "50000"}, {Path: "/status", Side: "server", Value: `"open"`}}
	if got := r.NotKept(written); !slices.Equal(got, want) {
		t.Errorf("got %+v", got)
	}
	if got := r.NotKept(nil); len(got) != 4 {
		t.Errorf("a deletion keeps nothing: %+v", got)
	}
}

func TestAJoinOfBothLosesNeither(t *testing.T) {
	r := Record(Sides{Base: holding(`["a"]`), Local: holding(`["a","l"]`), Server: holding(`["a","s"]`)}, policyFor(Set))
	if lost := r.NotKept(r.Document); len(lost) > 0 {
		t.Errorf("the union: %+v", lost)
	}
	if lost := r.NotKept(r.sides.Local); len(lost) != 1 || lost[0].Side != "server" {
		t.Errorf("local alone: %+v", lost)
	}
	larger := Record(Sides{Base: holding("1"), Local: holding("2"), Server: holding("3")}, policyFor(Max))
	if lost := larger.NotKept(larger.Document); len(lost) != 1 || lost[0].Side != "local" {
		t.Errorf("the larger: %+v", lost)
	}
}

func TestAGroupWithoutABaseOffersNone(t *testing.T) {
	rules := &Rules{Root: &Rule{Properties: map[string]*Rule{"f": {Group: "g"}}}}
	r := Record(Sides{Local: holding("1"), Server: holding("2"), BaseLost: true}, rules)
	f, _ := r.Field("/f")
	if d, ok := f.Choose(TakeBase, Absent); ok || f.Group != "g" {
		t.Errorf("got %+v of %+v", d, f)
	}
}

func TestDecisionsStandOnANewMerge(t *testing.T) {
	old := story(t)
	decisions := Decisions{
		"/status": choose(t, old, "/status", TakeLocal, Absent),
		"/amount": choose(t, old, "/amount", TakeBase, Absent),
		"/owner":  {Choice: Edited, Value: `"diaz"`, Saw: Seen{Base: `"ana"`, Local: `"ana"`, Server: `"ana"`}},
	}
	s := old.Sides()
	for _, c := range []struct {
		name   string
		server string
		rules  *Rules
		moved  []string
	}{
		{name: "nothing moved", server: string(s.Server)},
		{name: "another field moved", server: `{"amount":40000.0,"notes":"more","owner":"ana","status":"open"}`},
		{name: "the field moved", server: `{"amount":40000,"owner":"ana","status":"won"}`, moved: []string{"/status"}},
		{name: "a field nobody had changed moved", server: `{"amount":40000,"owner":"eve","status":"open"}`, moved: []string{"/owner"}},
		{name: "the field went", server: `{"owner":"ana","status":"open"}`, moved: []string{"/amount"}},
		{name: "null is not what it was", server: `{"amount":null,"owner":"ana","status":"open"}`, moved: []string{"/amount"}},
		{name: "the record was deleted", server: ``, moved: []string{"/amount", "/owner", "/status"}},
		{name: "a policy decides it now", server: string(s.Server), moved: []string{"/status"},
			rules: &Rules{Root: &Rule{Properties: map[string]*Rule{"status": {Policy: PreferServer}}}}},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := Record(Sides{Base: s.Base, Local: s.Local, Server: doc(t, c.server)}, c.rules)
			kept, moved := r.Standing(decisions)
			if !slices.Equal(moved, c.moved) || len(kept)+len(moved) != len(decisions) {
				t.Errorf("moved %q, want %q", moved, c.moved)
			}
		})
	}
}

// TestADecisionOnTheRecordStandsBesideItsFields: two records created apart are one conflict at the record, with their
// fields listed below it.
func TestADecisionOnTheRecordStandsBesideItsFields(t *testing.T) {
	s := Sides{Local: doc(t, `{"b":1}`), Server: doc(t, `{"c":1}`)}
	d := Decisions{"": choose(t, Record(s, nil), "", TakeCombined, Absent)}
	if kept, moved := Record(s, nil).Standing(d); len(kept) != 1 || len(moved) > 0 {
		t.Errorf("kept %v, moved %q", kept, moved)
	}
	s.Server = doc(t, `{"c":2}`)
	if kept, moved := Record(s, nil).Standing(d); len(kept) != 0 || len(moved) != 1 {
		t.Errorf("after the server moved: kept %v, moved %q", kept, moved)
	}
}

func TestADecisionDoesNotStandInsideALargerConflict(t *testing.T) {
	s := Sides{Base: doc(t, `{"o":{"x":1,"y":1}}`), Local: doc(t, `{"o":{"x":2,"y":1}}`), Server: doc(t, `{"o":{"x":3,"y":1}}`)}
	d := Decisions{"/o/x": choose(t, Record(s, nil), "/o/x", TakeLocal, Absent)}
	s.Server = doc(t, `{"o":[{"x":3}]}`)
	if kept, moved := Record(s, nil).Standing(d); len(kept) != 0 || !slices.Equal(moved, []string{"/o/x"}) {
		t.Errorf("kept %v, moved %q", kept, moved)
	}
}
