package merge

import (
	"slices"
	"testing"
	"time"
)

// policyFor is the rules of a collection in which the field `f` has a policy.
func policyFor(p Policy) *Rules {
	return &Rules{Root: &Rule{Properties: map[string]*Rule{"f": {Policy: p}}}}
}

func TestFieldTable(t *testing.T) {
	const A, B, C = `"a"`, `"b"`, `"c"`
	for _, c := range []struct {
		name                string
		policy              Policy
		base, local, server Value
		outcome             Outcome
		kind                Kind
		result              Value
	}{
		{name: "nobody touched it", base: A, local: A, server: A, outcome: Unchanged},
		{name: "only local changed", base: A, local: B, server: A, outcome: Local, result: B},
		{name: "only the server changed", base: A, local: A, server: B, outcome: Server, result: B},
		{name: "the same change twice", base: A, local: B, server: B, outcome: Agreed, result: B},
		{name: "two changes", base: A, local: B, server: C, outcome: FieldConflict, kind: EditEdit},
		{name: "local added", local: B, outcome: Local, result: B},
		{name: "the server added", server: B, outcome: Server, result: B},
		{name: "both added the same", local: B, server: B, outcome: Agreed, result: B},
		{name: "both added, differently", local: B, server: C, outcome: FieldConflict, kind: EditEdit},
		{name: "local removed", base: A, server: A, outcome: Local},
		{name: "the server removed", base: A, local: A, outcome: Server},
		{name: "both removed", base: A, outcome: Agreed},
		{name: "removed against changed", base: A, server: B, outcome: FieldConflict, kind: EditEdit},
		{name: "changed against removed", base: A, local: B, outcome: FieldConflict, kind: EditEdit},
		{name: "null is not absent", base: A, local: Null, outcome: FieldConflict, kind: EditEdit},
		{name: "absent became null", local: Null, outcome: Local, result: Null},
		{name: "null became absent", base: Null, local: Null, outcome: Server},
		{name: "null is not empty", base: A, local: Null, server: `""`, outcome: FieldConflict, kind: TypeChange},
		{name: "zero is not false", base: A, local: "0", server: "false", outcome: FieldConflict, kind: TypeChange},
		{name: "a number in another spelling is no change", base: "1", local: "1.0", server: "1e0", outcome: Unchanged},
		{name: "the server's spelling is kept", base: "1", local: "2.0", server: "2.00", outcome: Agreed, result: "2.00"},
		{name: "large integers are exact", base: "0", local: "9007199254740993", server: "9007199254740992", outcome: FieldConflict, kind: EditEdit},
		{name: "types differ", base: A, local: "1", server: `"1"`, outcome: FieldConflict, kind: TypeChange},
		{name: "object against scalar", base: `{"x":1}`, local: `{"x":2}`, server: "3", outcome: FieldConflict, kind: TypeChange},
		{name: "object against removed", base: `{"x":1}`, local: `{"x":2}`, outcome: FieldConflict, kind: EditEdit},
		{name: "two objects where there was none", local: `{"x":1}`, server: `{"y":1}`, outcome: FieldConflict, kind: EditEdit},
		{name: "two objects where there was a scalar", base: "1", local: `{"x":1}`, server: `{"y":1}`, outcome: FieldConflict, kind: EditEdit},
		{name: "the same object where there was none", local: `{"x":1.0}`, server: `{"x":1}`, outcome: Agreed, result: `{"x":1}`},
		{name: "arrays are one value", base: "[1]", local: "[1,2]", server: "[0,1]", outcome: FieldConflict, kind: EditEdit},
		{name: "ask asks", policy: Ask, base: A, local: B, server: C, outcome: FieldConflict, kind: EditEdit},
		{name: "local wins", policy: PreferLocal, base: A, local: B, server: C, outcome: Combined, result: B},
		{name: "local wins by removing", policy: PreferLocal, base: A, server: C, outcome: Combined},
		{name: "local does not win where it did nothing", policy: PreferLocal, base: A, local: A, server: C, outcome: Server, result: C},
		{name: "the server wins", policy: PreferServer, base: A, local: B, server: C, outcome: Combined, result: C},
		{name: "the server does not win where it did nothing", policy: PreferServer, base: A, local: B, server: A, outcome: Local, result: B},
		{name: "ignored", policy: Ignore, base: A, local: B, server: C, outcome: Unchanged},
		{name: "ignored though only local changed", policy: Ignore, base: A, local: B, server: A, outcome: Unchanged},
		{name: "immutable, untouched", policy: Immutable, base: A, local: A, server: A, outcome: Unchanged},
		{name: "immutable, changed on one side", policy: Immutable, base: A, local: B, server: A, outcome: FieldConflict, kind: EditEdit},
		{name: "immutable, changed on both alike", policy: Immutable, base: A, local: B, server: B, outcome: FieldConflict, kind: EditEdit},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := Sides{Base: holding(c.base), Local: holding(c.local), Server: holding(c.server)}
			r := Record(s, policyFor(c.policy))
			f, listed := r.Field("/f")
			if listed != (c.outcome != Unchanged) || f.Outcome != c.outcome || f.Kind != c.kind || f.Result != c.result {
				t.Fatalf("got %+v, listed %v", f, listed)
			}
			if listed && (f.Base != c.base || f.Local != c.local || f.Server != c.server) {
				t.Errorf("the sides came back as %+v", f)
			}
			if c.outcome == Combined && f.Rule != c.policy.String() {
				t.Errorf("rule %q", f.Rule)
			}
			if r.Outcome != RecordConflict {
				want := c.result
				if c.outcome == Unchanged {
					want = c.server
				}
				if got := Lookup(r.Document, "/f"); got != want {
					t.Errorf("the document holds %s, want %s", got, want)
				}
			}
		})
	}
}

// holding is a record with a field `f`, and one that nobody touches.
func holding(v Value) Document {
	if v == Absent {
		return Document(`{"z":0}`)
	}
	return Document(`{"f":` + v + `,"z":0}`)
}

func TestRecordOutcomes(t *testing.T) {
	ask, local, server := (*Rules)(nil), &Rules{Delete: PreferLocal}, &Rules{Delete: PreferServer}
	for _, c := range []struct {
		name                string
		base, local, server string
		sides               Sides // flags alone
		rules               *Rules
		outcome             RecordOutcome
		kind                Kind
		result              string
		paths               []string
		dropped             bool
	}{
		{name: "nothing anywhere", rules: ask, outcome: Converged},
		{name: "nobody changed it", base: `{"a":1}`, local: `{"a":1}`, server: `{"a":1}`, outcome: Converged, result: `{"a":1}`},
		{name: "both made it the same", base: `{"a":1}`, local: `{"a":2}`, server: `{"a":2.0}`, outcome: Converged, result: `{"a":2.0}`, paths: []string{"/a"}},
		{name: "local is still base", base: `{"a":1}`, local: `{"a":1}`, server: `{"a":2}`, outcome: FastForward, result: `{"a":2}`, paths: []string{"/a"}},
		{name: "the server is still base", base: `{"a":1}`, local: `{"a":2}`, server: `{"a":1}`, outcome: KeepLocal, result: `{"a":2}`, paths: []string{"/a"}},
		{name: "different fields", base: `{"a":1,"b":1}`, local: `{"a":2,"b":1}`, server: `{"a":1,"b":2}`, outcome: Merged, result: `{"a":2,"b":2}`, paths: []string{"/a", "/b"}},
		{name: "one field agreed, one local", base: `{"a":1,"b":1}`, local: `{"a":2,"b":2}`, server: `{"a":2,"b":1}`, outcome: Merged, result: `{"a":2,"b":2}`, paths: []string{"/a", "/b"}},
		{name: "one field in conflict", base: `{"a":1,"b":1}`, local: `{"a":2,"b":2}`, server: `{"a":3,"b":1}`, outcome: RecordConflict, kind: EditEdit, paths: []string{"/a", "/b"}},
		{name: "all conflicts of one kind", base: `{"a":1}`, local: `{"a":"2"}`, server: `{"a":3}`, outcome: RecordConflict, kind: TypeChange, paths: []string{"/a"}},
		{name: "conflicts of two kinds", base: `{"a":1,"b":1}`, local: `{"a":"2","b":2}`, server: `{"a":3,"b":3}`, outcome: RecordConflict, kind: EditEdit, paths: []string{"/a", "/b"}},
		{name: "nested leaves", base: `{"o":{"x":1,"y":1}}`, local: `{"o":{"x":2,"y":1}}`, server: `{"o":{"x":1}}`, outcome: Merged, result: `{"o":{"x":2}}`, paths: []string{"/o/x", "/o/y"}},
		{name: "paths come sorted as text", base: `{"a":{"b":1},"a!":1}`, local: `{"a":{"b":2},"a!":2}`, server: `{"a":{"b":1},"a!":1}`, outcome: KeepLocal, result: `{"a":{"b":2},"a!":2}`, paths: []string{"/a!", "/a/b"}},
		{name: "keys with slash and tilde", base: `{"a/b":1,"c~d":1,"":1}`, local: `{"a/b":2,"c~d":1,"":1}`, server: `{"a/b":1,"c~d":2,"":2}`, outcome: Merged, result: `{"":2,"a/b":2,"c~d":2}`, paths: []string{"/", "/a~1b", "/c~0d"}},

		{name: "created here", local: `{"a":1}`, outcome: KeepLocal, result: `{"a":1}`, paths: []string{""}},
		{name: "created there", server: `{"a":1}`, outcome: FastForward, result: `{"a":1}`, paths: []string{""}},
		{name: "created alike", local: `{"a":1.0}`, server: `{"a":1}`, outcome: Converged, result: `{"a":1}`, paths: []string{"/a"}},
		{name: "created differently", local: `{"a":1,"b":1}`, server: `{"a":2,"c":1}`, outcome: RecordConflict, kind: CreateCreate, paths: []string{"/a", "/b", "/c"}},
		{name: "created with nothing in common", local: `{"b":1}`, server: `{"c":1}`, outcome: RecordConflict, kind: CreateCreate, paths: []string{"", "/b", "/c"}},

		{name: "deleted here", base: `{"a":1}`, server: `{"a":1.0}`, outcome: KeepLocal, paths: []string{""}},
		{name: "deleted there", base: `{"a":1}`, local: `{"a":1}`, outcome: FastForward, paths: []string{""}},
		{name: "deleted on both sides", base: `{"a":1}`, outcome: Converged},
		{name: "edited here, deleted there", base: `{"a":1}`, local: `{"a":2}`, outcome: RecordConflict, kind: EditDelete, paths: []string{""}},
		{name: "deleted here, edited there", base: `{"a":1}`, server: `{"a":2}`, outcome: RecordConflict, kind: DeleteEdit, paths: []string{""}},
		{name: "local wins over a delete", base: `{"a":1}`, local: `{"a":2}`, rules: local, outcome: Merged, result: `{"a":2}`, paths: []string{""}},
		{name: "a local delete wins", base: `{"a":1}`, server: `{"a":2}`, rules: local, outcome: Merged, paths: []string{""}},
		{name: "the server's delete wins", base: `{"a":1}`, local: `{"a":2}`, rules: server, outcome: Merged, paths: []string{""}, dropped: true},
		{name: "the server wins over a delete", base: `{"a":1}`, server: `{"a":2}`, rules: server, outcome: Merged, result: `{"a":2}`, paths: []string{""}, dropped: true},

		{name: "deleted and created again, edited here", base: `{"a":1}`, local: `{"a":2}`, server: `{"a":1}`, sides: Sides{Recreated: true}, outcome: RecordConflict, kind: EditDelete, paths: []string{""}},
		{name: "deleted and created again, deleted here", base: `{"a":1}`, server: `{"a":1}`, sides: Sides{Recreated: true}, outcome: RecordConflict, kind: DeleteEdit, paths: []string{""}},
		{name: "deleted and created again, untouched here", base: `{"a":1}`, local: `{"a":1}`, server: `{"b":1}`, sides: Sides{Recreated: true}, outcome: FastForward, result: `{"b":1}`, paths: []string{""}},
		{name: "created here; created and deleted there", local: `{"a":1}`, sides: Sides{Recreated: true}, outcome: RecordConflict, kind: EditDelete, paths: []string{""}},

		{name: "no base, equal", local: `{"a":1}`, server: `{"a":1.0}`, sides: Sides{BaseLost: true}, outcome: Converged, result: `{"a":1.0}`, paths: []string{"/a"}},
		{name: "no base, every difference conflicts", local: `{"a":1,"b":1,"d":1}`, server: `{"a":1,"b":2,"c":1}`, sides: Sides{BaseLost: true}, outcome: RecordConflict, kind: NoBase, paths: []string{"/a", "/b", "/c", "/d"}},
		{name: "no base, local deleted", server: `{"a":1}`, sides: Sides{BaseLost: true}, outcome: RecordConflict, kind: NoBase, paths: []string{""}},
		{name: "no base, the server deleted, no policy decides", local: `{"a":1}`, sides: Sides{BaseLost: true}, rules: server, outcome: RecordConflict, kind: NoBase, paths: []string{""}},
		{name: "no base, created again alike", local: `{"a":1}`, server: `{"a":1.0}`, sides: Sides{BaseLost: true, Recreated: true}, outcome: Converged, result: `{"a":1.0}`},
		{name: "no base, nothing left", sides: Sides{BaseLost: true}, outcome: Converged},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := c.sides
			s.Base, s.Local, s.Server = doc(t, c.base), doc(t, c.local), doc(t, c.server)
			r := Record(s, c.rules)
			if r.Outcome != c.outcome || r.Kind != c.kind || r.Dropped != c.dropped {
				t.Errorf("got %v %v, dropped %v", r.Outcome, r.Kind, r.Dropped)
			}
			if string(r.Document) != c.result || (c.outcome != RecordConflict && (r.Document == nil) != (c.result == "")) {
				t.Errorf("result %s, want %s", r.Document, c.result)
			}
			var paths []string
			for _, f := range r.Fields {
				paths = append(paths, f.Path)
			}
			if !slices.Equal(paths, c.paths) {
				t.Errorf("fields %q, want %q", paths, c.paths)
			}
		})
	}
}

func TestNoBaseJoinsNothingByMachine(t *testing.T) {
	rules := policyFor(PreferServer)
	r := Record(Sides{Local: doc(t, `{"f":1}`), Server: doc(t, `{"f":2}`), BaseLost: true}, rules)
	if got := r.Conflicts(); !slices.Equal(got, []string{"/f"}) {
		t.Errorf("conflicts %q", got)
	}
}

func TestIgnoredFields(t *testing.T) {
	rules := policyFor(Ignore)
	r := Record(Sides{Base: doc(t, `{"a":1,"f":1}`), Local: doc(t, `{"a":2,"f":2}`), Server: doc(t, `{"a":1,"f":3}`)}, rules)
	if r.Outcome != KeepLocal || string(r.Document) != `{"a":2,"f":3}` {
		t.Errorf("got %v %s", r.Outcome, r.Document)
	}
	if !r.Dropped {
		t.Error("a local value that is left out must be told")
	}
	created := Record(Sides{Local: doc(t, `{"f":2}`)}, rules)
	if string(created.Document) != `{"f":2}` {
		t.Errorf("where the server has no record, local's stays: %s", created.Document)
	}
}

func TestPoliciesReachBelow(t *testing.T) {
	rules := &Rules{Root: &Rule{
		Properties: map[string]*Rule{"o": {Policy: PreferServer, Properties: map[string]*Rule{"mine": {Policy: PreferLocal}}}},
		Additional: &Rule{Policy: PreferLocal},
	}}
	r := Record(Sides{
		Base:   doc(t, `{"o":{"mine":0,"x":0},"other":0}`),
		Local:  doc(t, `{"o":{"mine":1,"x":1},"other":1}`),
		Server: doc(t, `{"o":{"mine":2,"x":2},"other":2}`),
	}, rules)
	if r.Outcome != Merged || string(r.Document) != `{"o":{"mine":1,"x":2},"other":1}` {
		t.Errorf("got %v %s", r.Outcome, r.Document)
	}
}

func TestFieldsPolicyWalksWhatBothCreated(t *testing.T) {
	s := Sides{Base: doc(t, `{}`), Local: doc(t, `{"f":{"x":1}}`), Server: doc(t, `{"f":{"y":1}}`)}
	if r := Record(s, policyFor(FieldsOf)); r.Outcome != Merged || string(r.Document) != `{"f":{"x":1,"y":1}}` {
		t.Errorf("got %v %s", r.Outcome, r.Document)
	}
}

func TestSameListsWhatNobodyChanged(t *testing.T) {
	s := Sides{Base: doc(t, `{"a":1,"b":{"c":2,"d":3}}`), Local: doc(t, `{"a":1,"b":{"c":2,"d":4}}`), Server: doc(t, `{"a":1.0,"b":{"c":2,"d":3}}`)}
	var got []string
	for _, f := range Same(s, nil) {
		got = append(got, f.Path+"="+string(f.Result))
	}
	if !slices.Equal(got, []string{"/a=1.0", "/b/c=2"}) {
		t.Errorf("got %q", got)
	}
}

func TestLastWrite(t *testing.T) {
	early, late := time.Unix(100, 0), time.Unix(200, 0)
	s := Sides{Base: doc(t, `{"a":1,"b":1,"c":1}`), Local: doc(t, `{"a":2,"b":2,"c":1}`), Server: doc(t, `{"a":3,"b":1,"c":2}`)}
	for _, c := range []struct {
		name          string
		local, server time.Time
		result        string
		dropped       bool
	}{
		{name: "local is later", local: late, server: early, result: `{"a":2,"b":2,"c":1}`},
		{name: "the server is later", local: early, server: late, result: `{"a":3,"b":1,"c":2}`, dropped: true},
		{name: "a tie goes to the server", local: late, server: late, result: `{"a":3,"b":1,"c":2}`, dropped: true},
		{name: "an unknown time loses", server: early, result: `{"a":3,"b":1,"c":2}`, dropped: true},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := LastWrite(s, c.local, c.server)
			if r.Outcome != Merged || string(r.Document) != c.result || r.Dropped != c.dropped || r.Kind != NoKind {
				t.Errorf("got %v %s, dropped %v", r.Outcome, r.Document, r.Dropped)
			}
			if len(r.Fields) != 3 || len(r.NotKept(r.Document)) == 0 {
				t.Errorf("what is lost must be listed: %+v", r.Fields)
			}
		})
	}
	if r := LastWrite(Sides{Base: s.Base, Local: s.Base, Server: s.Server}, late, early); r.Outcome != FastForward {
		t.Errorf("a side that did nothing does not win: %v", r.Outcome)
	}
	if r := LastWrite(Sides{Base: s.Base, Local: nil, Server: s.Server}, late, early); r.Outcome != Merged || r.Document != nil {
		t.Errorf("a later delete wins: %v %s", r.Outcome, r.Document)
	}
	if r := LastWrite(Sides{Local: doc(t, `{"x":1}`), Server: doc(t, `{"y":1}`)}, late, early); r.Outcome != Merged || string(r.Document) != `{"x":1}` {
		t.Errorf("two creations: %v %s", r.Outcome, r.Document)
	}
}

func TestAReasonNamesTheTypes(t *testing.T) {
	for want, c := range map[string]Field{
		"the sides hold null and a string":      {Local: Null, Server: `"a"`},
		"the sides hold an array and an object": {Local: "[1]", Server: `{"a":1}`},
		"the sides hold a number and a boolean": {Local: "1", Server: "true"},
	} {
		c.Outcome, c.Kind = FieldConflict, TypeChange
		if got := c.Reason(); got != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
}
