package merge

import (
	"fmt"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// The five states a field is tried in; the empty one is absent.
var states = []Value{Absent, Null, `"A"`, `"B"`, `{"x":1}`}

// lawful are the policies that this package joins by without more than the three values.
var lawful = []Policy{Ask, PreferLocal, PreferServer, Ignore, Immutable}

// TestLawsExhaustively tries every combination of states in two fields of the three sides, under every policy.
func TestLawsExhaustively(t *testing.T) {
	records := []Document{nil}
	for _, f := range states {
		for _, g := range states[:3] {
			d := Document("{}")
			d, _ = With(d, "/f", f)
			d, _ = With(d, "/g", g)
			records = append(records, d)
		}
	}
	tried := 0
	for _, policy := range lawful {
		rules := policyFor(policy)
		for _, b := range records {
			for _, l := range records {
				for _, s := range records {
					tried++
					if err := laws(Sides{Base: b, Local: l, Server: s}, rules, policy); err != nil {
						t.Fatalf("policy %v: base %s local %s server %s: %v", policy, b, l, s, err)
					}
				}
			}
		}
	}
	if want := len(lawful) * len(records) * len(records) * len(records); tried != want {
		t.Errorf("tried %d of %d", tried, want)
	}
}

func laws(s Sides, rules *Rules, policy Policy) error {
	r := Record(s, rules)
	if !slices.IsSortedFunc(r.Fields, func(a, b Field) int { return compareText(a.Path, b.Path) }) {
		return fmt.Errorf("fields out of order")
	}
	if (r.Outcome == RecordConflict) != (len(r.Conflicts()) > 0) {
		return fmt.Errorf("outcome %v with %d conflicts", r.Outcome, len(r.Conflicts()))
	}
	if again := Record(s, rules); string(again.Document) != string(r.Document) || len(again.Fields) != len(r.Fields) {
		return fmt.Errorf("not the same twice")
	}
	if err := lawOfSwap(s, rules, policy, r); err != nil {
		return err
	}
	if policy != Immutable && policy != Ignore {
		if err := lawsOfIdentity(s, rules); err != nil {
			return err
		}
	}
	if r.Outcome == RecordConflict {
		return nil
	}
	if r.Document != nil {
		if d, err := Canonical(r.Document); err != nil || string(d) != string(r.Document) {
			return fmt.Errorf("the result %s is not canonical: %v", r.Document, err)
		}
	}
	for _, path := range []string{"/f", "/g"} {
		v := Lookup(r.Document, path)
		if v != Absent && v != Lookup(s.Base, path) && v != Lookup(s.Local, path) && v != Lookup(s.Server, path) {
			return fmt.Errorf("%s = %s is none of the three", path, v)
		}
	}
	if policy == Immutable {
		return nil
	}
	if settled := Record(Sides{Base: s.Server, Local: r.Document, Server: s.Server}, rules); !settled.Document.Equal(r.Document) {
		return fmt.Errorf("merging the result again gave %s, not %s", settled.Document, r.Document)
	}
	return nil
}

func compareText(a, b string) int {
	if a < b {
		return -1
	}
	if a > b {
		return 1
	}
	return 0
}

// lawOfSwap: swapping local and server swaps the outcomes, under a policy that treats them alike.
func lawOfSwap(s Sides, rules *Rules, policy Policy, r Result) error {
	if policy != Ask && policy != Immutable {
		return nil
	}
	swapped := Record(Sides{Base: s.Base, Local: s.Server, Server: s.Local}, rules)
	if len(swapped.Fields) != len(r.Fields) {
		return fmt.Errorf("swapped, it lists %d fields, not %d", len(swapped.Fields), len(r.Fields))
	}
	mirror := map[Outcome]Outcome{Local: Server, Server: Local, Agreed: Agreed, FieldConflict: FieldConflict}
	for i, f := range r.Fields {
		if g := swapped.Fields[i]; g.Path != f.Path || g.Outcome != mirror[f.Outcome] {
			return fmt.Errorf("%s is %v, swapped %s is %v", f.Path, f.Outcome, g.Path, g.Outcome)
		}
	}
	return nil
}

// lawsOfIdentity: merge(B,L,B) = L, merge(B,B,S) = S, and equal edits agree.
func lawsOfIdentity(s Sides, rules *Rules) error {
	for _, c := range []struct {
		name string
		in   Sides
		want Document
	}{
		{"merge(B,L,B) = L", Sides{Base: s.Base, Local: s.Local, Server: s.Base}, s.Local},
		{"merge(B,B,S) = S", Sides{Base: s.Base, Local: s.Base, Server: s.Server}, s.Server},
		{"merge(B,X,X) = X", Sides{Base: s.Base, Local: s.Local, Server: s.Local}, s.Local},
	} {
		if r := Record(c.in, rules); r.Outcome == RecordConflict || !r.Document.Equal(c.want) {
			return fmt.Errorf("%s: got %v %s", c.name, r.Outcome, r.Document)
		}
	}
	return nil
}

// value draws a JSON value with few different leaves, so that sides often agree.
func value(depth int) *rapid.Generator[Value] {
	leaf := rapid.SampledFrom([]Value{Null, "true", "false", "0", "1", "1.0", "-0", `""`, `"a"`, `"é\n"`, "[]", "[1,2]", "9007199254740993"})
	if depth == 0 {
		return leaf
	}
	return rapid.Custom(func(t *rapid.T) Value {
		if rapid.IntRange(0, 2).Draw(t, "shape") > 0 {
			return leaf.Draw(t, "leaf")
		}
		return Value(document(depth-1).Draw(t, "object"))
	})
}

func document(depth int) *rapid.Generator[Document] {
	return rapid.Custom(func(t *rapid.T) Document {
		d := Document("{}")
		for _, name := range []string{"", "a", "a/b", "a~", "b", "\"", "é"} {
			if rapid.Bool().Draw(t, name) {
				path := string(appendToken(nil, []byte(name)))
				d, _ = With(d, path, value(depth).Draw(t, "value"))
			}
		}
		return d
	})
}

func TestLawsAtRandom(t *testing.T) {
	side := rapid.OneOf(rapid.Just(Document(nil)), document(2), document(2), document(2))
	rapid.Check(t, func(t *rapid.T) {
		s := Sides{Base: side.Draw(t, "base"), Local: side.Draw(t, "local"), Server: side.Draw(t, "server")}
		s.Recreated = rapid.IntRange(0, 9).Draw(t, "recreated") == 0
		r := Record(s, nil)
		if r.Document != nil {
			if d, err := Canonical(r.Document); err != nil || string(d) != string(r.Document) {
				t.Fatalf("the result %s is not canonical: %v", r.Document, err)
			}
		}
		if !s.Recreated {
			if err := lawOfSwap(s, nil, Ask, r); err != nil {
				t.Fatal(err)
			}
		}
		if err := lawsOfIdentity(s, nil); err != nil {
			t.Fatal(err)
		}
		everyChangeIsTold(t, s, r)
		anyDecisionsApply(t, s, r)
	})
}

// everyChangeIsTold: what local changed is in the result, or listed, whatever becomes of it.
func everyChangeIsTold(t *rapid.T, s Sides, r Result) {
	if r.Outcome == RecordConflict || s.Local == nil {
		return
	}
	members(s.Local, func(key, val []byte) bool {
		path := string(appendToken(nil, unescape(key[1:len(key)-1])))
		changed := !Equal(Value(val), Lookup(s.Base, path))
		if changed && Value(val).Type() != ObjectType && !Equal(Lookup(r.Document, path), Value(val)) {
			t.Fatalf("local's %s = %s is lost in %s", path, val, r.Document)
		}
		return true
	})
}

// anyDecisionsApply: every way to decide the conflicts makes a sound document that holds what was chosen.
func anyDecisionsApply(t *rapid.T, s Sides, r Result) {
	d := Decisions{}
	for _, f := range r.Fields {
		if f.Outcome != FieldConflict {
			continue
		}
		choice := rapid.SampledFrom([]Choice{TakeLocal, TakeServer, TakeBase, Removed, TakeCombined}).Draw(t, f.Path)
		if decision, ok := f.Choose(choice, Absent); ok {
			d[f.Path] = decision
		} else {
			d[f.Path], _ = f.Choose(TakeLocal, Absent)
		}
	}
	kept, moved := r.Standing(d)
	if len(moved) > 0 && !slices.Contains(r.Conflicts(), "") {
		t.Fatalf("decisions that were just made do not stand: %q", moved)
	}
	_ = kept
	result, err := r.Apply(d)
	if err != nil {
		t.Fatal(err)
	}
	for path, decision := range d {
		if path == "" && len(d) > 1 {
			continue
		}
		if got := Lookup(result, path); !Equal(got, decision.Value) {
			t.Fatalf("%q holds %s, not %s", path, got, decision.Value)
		}
	}
	for _, f := range r.Fields {
		if f.Outcome == Local && !Equal(Lookup(result, f.Path), f.Local) && d[""].Choice == Undecided {
			t.Fatalf("%s was merged and is not written", f.Path)
		}
	}
}
