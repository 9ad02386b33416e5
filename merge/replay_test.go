package merge

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// log makes operations of assignments, done one after the other on base, and the local document they lead to.
func logOf(t testing.TB, base Document, typed ...string) ([]Operation, Document) {
	t.Helper()
	var ops []Operation
	for i, text := range typed {
		op, err := ParseAssignment(text, base, nil)
		if err != nil {
			t.Fatal(err)
		}
		op.ID = fmt.Sprintf("op-%d", i+1)
		if base, err = Perform(base, []Operation{op}); err != nil {
			t.Fatal(err)
		}
		ops = append(ops, op)
	}
	return ops, base
}

func never(string) bool { return false }

func TestReplay(t *testing.T) {
	base := `{"amount":10,"status":"open","tags":["a","b"],"visits":1}`
	for _, c := range []struct {
		name, server, typed, want, outcomes string
	}{
		{"the server is as it was", base, "status=closed visits+=1", `{"amount":10,"status":"closed","tags":["a","b"],"visits":2}`, "/status local /visits local"},
		{"increments add up", `{"amount":10,"status":"open","tags":["a","b"],"visits":2}`, "visits+=1", `{"amount":10,"status":"open","tags":["a","b"],"visits":3}`, "/visits combined"},
		{"adds and removes commute", `{"amount":10,"status":"open","tags":["b","c"],"visits":1}`, "tags+=d tags-=b", `{"amount":10,"status":"open","tags":["c","d"],"visits":1}`, "/tags combined"},
		{"a set that saw something else", `{"amount":10,"status":"won","tags":["a","b"],"visits":1}`, "status=closed", "", "/status conflict"},
		{"a set that is already so", `{"amount":10,"status":"closed","tags":["a","b"],"visits":5}`, "status=closed", `{"amount":10,"status":"closed","tags":["a","b"],"visits":5}`, "/status agreed /visits server"},
		{"a row of sets that ends where the server is", `{"amount":10,"status":"closed","tags":["a","b"],"visits":1}`, "status=pending status=closed", `{"amount":10,"status":"closed","tags":["a","b"],"visits":1}`, "/status agreed"},
		{"a row of sets", `{"amount":11,"status":"open","tags":["a","b"],"visits":1}`, "status=pending status=closed", `{"amount":11,"status":"closed","tags":["a","b"],"visits":1}`, "/amount server /status local"},
		{"what follows a conflict waits with it", `{"amount":10,"status":"won","tags":["a","b"],"visits":7}`, "status=pending status=closed visits+=1", "", "/status conflict /visits combined"},
		{"a set that saw an increment on another number", `{"amount":10,"status":"open","tags":["a","b"],"visits":4}`, "visits+=1 visits=10", "", "/visits conflict"},
		{"a row that ends where the server is", `{"amount":10,"status":"open","tags":["a","b"],"visits":6}`, "visits=5 visits+=1", `{"amount":10,"status":"open","tags":["a","b"],"visits":6}`, "/visits agreed"},
		{"an increment of what became text", `{"amount":10,"status":"open","tags":["a","b"],"visits":"many"}`, "visits+=1", "", "/visits conflict"},
	} {
		t.Run(c.name, func(t *testing.T) {
			ops, local := logOf(t, doc(t, base), strings.Fields(c.typed)...)
			r := Replay(Sides{Base: doc(t, base), Local: local, Server: doc(t, c.server)}, ops, nil, nil)
			var outcomes []string
			for _, f := range r.Fields {
				outcomes = append(outcomes, f.Path+" "+f.Outcome.String())
			}
			if got := strings.Join(outcomes, " "); string(r.Document) != c.want || got != c.outcomes {
				t.Errorf("got %s %s (%s)\nwant %s (%s)", r.Outcome, r.Document, got, c.want, c.outcomes)
			}
		})
	}
}

func TestReplayMergesWhatNoOperationTells(t *testing.T) {
	s := Sides{Base: doc(t, `{"a":1,"b":1,"c":1}`), Local: doc(t, `{"a":2,"b":2,"c":2}`), Server: doc(t, `{"a":1,"b":1,"c":3}`)}
	ops := []Operation{{ID: "1", Verb: IncrementField, Path: "/a", Value: "1"}}
	r := Replay(s, ops, never, nil)
	if got := r.Conflicts(); !slices.Equal(got, []string{"/c"}) {
		t.Fatalf("conflicts %q", got)
	}
	got, err := r.Apply(Decisions{"/c": choose(t, r, "/c", TakeServer, Absent)})
	if string(got) != `{"a":2,"b":2,"c":3}` || err != nil {
		t.Errorf("got %s, %v", got, err)
	}
}

// TestReplayOfHostileOperations: whatever a log says, the result is a document, or a conflict that can be decided.
func TestReplayOfHostileOperations(t *testing.T) {
	s := Sides{Base: doc(t, `{"a":{"b":1},"l":[1]}`), Local: doc(t, `{"a":{"b":2},"l":[1]}`), Server: doc(t, `{"a":3,"l":[1],"z":1}`)}
	deep := "/d" + strings.Repeat("/d", MaxDepth-1)
	for _, c := range []struct {
		name  string
		op    Operation
		paths string
	}{
		{"through what is no object any more", Operation{Verb: SetField, Path: "/a/b", Value: "2", Was: "1"}, "/a"},
		{"through an array", Operation{Verb: SetField, Path: "/l/0", Value: "2", Was: "1"}, "/a /l"},
		{"a path that is no pointer", Operation{Verb: SetField, Path: "l", Value: "2"}, ""},
		{"a path with a bad escape", Operation{Verb: SetField, Path: "/~7", Value: "2"}, ""},
		{"a path that is no text", Operation{Verb: SetField, Path: "/\xff", Value: "2"}, ""},
		{"deeper than a document", Operation{Verb: SetField, Path: deep, Value: "{}"}, "/a " + deep},
		{"an element deeper than a document", Operation{Verb: AddElement, Path: "/l", Value: Value(nested(MaxDepth - 1))}, "/a /l"},
		{"nothing to add", Operation{Verb: AddElement, Path: "/l"}, "/a /l"},
		{"nothing to count", Operation{Verb: IncrementField, Path: "/z"}, "/a /z"},
	} {
		t.Run(c.name, func(t *testing.T) {
			c.op.ID = "1"
			r := Replay(s, []Operation{c.op}, never, nil)
			if got := strings.Join(r.Conflicts(), " "); r.Outcome != RecordConflict || got != c.paths {
				t.Errorf("%v at %q, want %q", r.Outcome, got, c.paths)
			}
			for _, choice := range []Choice{TakeLocal, TakeServer, TakeBase} {
				d := Decisions{}
				for _, path := range r.Conflicts() {
					d[path] = choose(t, r, path, choice, Absent)
				}
				if got, err := r.Apply(d); err != nil {
					t.Errorf("%v: got %s, %v", choice, got, err)
				}
			}
			if got, err := Perform(s.Server, []Operation{c.op}); err == nil {
				t.Errorf("done on the server's record: %s", got)
			}
		})
	}
}

// TestReplayLosesNothingThatTheLogLacks: a value that no step tells of, or that the steps leave otherwise, is merged by
// its field.
func TestReplayLosesNothingThatTheLogLacks(t *testing.T) {
	base := doc(t, `{"a":1,"b":1}`)
	for name, c := range map[string]struct {
		local string
		steps []Operation
		want  string
	}{
		"deleted and made anew": {`{"c":1}`, []Operation{{ID: "1", Verb: DeleteRecord}}, `{"c":1,"s":1}`},
		"deleted and begun anew": {`{"a":3}`, []Operation{{ID: "1", Verb: IncrementField, Path: "/a", Value: "5"},
			{ID: "2", Verb: DeleteRecord}, {ID: "3", Verb: IncrementField, Path: "/a", Value: "3"}}, `{"a":3,"s":1}`},
		"a step is missing":        {`{"a":3,"b":1}`, []Operation{{ID: "1", Verb: SetField, Path: "/a", Value: "2", Was: "1"}}, `{"a":3,"b":1,"s":1}`},
		"the steps cannot be done": {`{"a":2,"b":1}`, []Operation{{ID: "1", Verb: AddElement, Path: "/a", Value: "2"}}, ""},
	} {
		r := Replay(Sides{Base: base, Local: doc(t, c.local), Server: doc(t, `{"a":1,"b":1,"s":1}`)}, c.steps, never, nil)
		if string(r.Document) != c.want {
			t.Errorf("%s: got %v %s %q, want %s", name, r.Outcome, r.Document, r.Conflicts(), c.want)
		}
	}
}

// TestReplayDisputesNothingTwice: a dispute about the record as a whole takes in the ones about its fields, so that what
// a person decides can be written. Found by FuzzOperations.
func TestReplayDisputesNothingTwice(t *testing.T) {
	s := Sides{Base: doc(t, `{"a":1}`), Local: doc(t, `{"a":2}`), Server: doc(t, `{"a":3}`)}
	r := Replay(s, []Operation{{ID: "1", Verb: SetField, Path: "/a", Value: "2", Was: "1"}, {ID: "2", Verb: SetField, Path: "a", Value: "4"}}, never, nil)
	if got := r.Conflicts(); !slices.Equal(got, []string{""}) {
		t.Fatalf("conflicts at %q", got)
	}
	if got, err := r.Apply(Decisions{"": choose(t, r, "", TakeLocal, Absent)}); err != nil || string(got) != `{"a":2}` {
		t.Errorf("got %s, %v", got, err)
	}
}

func TestReplayLeavesDeletesToThePolicyOfRecords(t *testing.T) {
	r := Replay(Sides{Base: doc(t, `{"a":1}`), Server: doc(t, `{"a":2}`)}, []Operation{{ID: "1", Verb: DeleteRecord}}, never, nil)
	if r.Outcome != RecordConflict || r.Kind != DeleteEdit {
		t.Errorf("got %v %v", r.Outcome, r.Kind)
	}
}

// TestReplayIsBlindToDuplicatesAndCuts: a log with any of its operations repeated, done in parts with what was done
// remembered, has the effect of the log done once. Without ids it has not.
func TestReplayIsBlindToDuplicatesAndCuts(t *testing.T) {
	typed := []string{"visits+=1", "visits+=2.5", "tags+=x", "tags-=a", "tags+=y", "status=closed", "status=won", "amount-=1", "o/n+=1"}
	rapid.Check(t, func(rt *rapid.T) {
		base := doc(t, `{"amount":10,"status":"open","tags":["a","b"],"visits":1}`)
		server := doc(t, `{"amount":`+fmt.Sprint(rapid.IntRange(1, 3).Draw(rt, "amount"))+`,"status":"open","tags":["b","s"],"visits":4}`)
		ops, local := logOf(t, base, rapid.SliceOfN(rapid.SampledFrom(typed), 1, 6).Draw(rt, "log")...)
		s := Sides{Base: base, Local: local, Server: server}
		once := Replay(s, ops, never, nil)

		cut := rapid.IntRange(0, len(ops)).Draw(rt, "cut")
		again := slices.Concat(ops[:cut], ops[:rapid.IntRange(0, cut).Draw(rt, "again")], ops)
		if got := Replay(s, again, never, nil); string(got.Document) != string(once.Document) {
			rt.Fatalf("with duplicates %s, once %s", got.Document, once.Document)
		}

		_, half := logOf(t, base, nil...)
		half, err := Perform(half, ops[:cut])
		if err != nil {
			rt.Fatal(err)
		}
		first := Replay(Sides{Base: base, Local: half, Server: server}, ops[:cut], never, nil)
		if first.Outcome == RecordConflict {
			rt.Fatalf("half the log clashed: %v", first.Conflicts())
		}
		done := func(id string) bool {
			return slices.ContainsFunc(ops[:cut], func(op Operation) bool { return op.ID == id })
		}
		s.Server = first.Document
		if got := Replay(s, ops, done, nil); string(got.Document) != string(once.Document) {
			rt.Fatalf("cut at %d and resumed %s, at once %s", cut, got.Document, once.Document)
		}
	})
}

func TestWithoutIDsTheDoubleEffectShows(t *testing.T) {
	base := doc(t, `{"visits":1}`)
	ops, local := logOf(t, base, "visits+=1")
	ops[0].ID = ""
	r := Replay(Sides{Base: base, Local: local, Server: base}, append(ops, ops...), nil, nil)
	if string(r.Document) != `{"visits":3}` {
		t.Errorf("got %s", r.Document)
	}
}
