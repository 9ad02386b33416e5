package merge

import (
	"testing"
	"time"
)

// states are the values a field is tried with, by policy: absent, null, and three that the policy is about.
var states = map[Policy][]Value{
	Ask:      {Absent, Null, `"A"`, `"B"`, `{"x":1}`},
	Max:      {Absent, Null, "1", "2", "3"},
	Min:      {Absent, Null, `"2026-01-01T00:00:00Z"`, `"2026-01-01T00:30:00+01:00"`, `"2026-01-02T00:00:00Z"`},
	Counter:  {Absent, Null, "1", "2", "4.5"},
	Set:      {Absent, Null, `["a"]`, `["b","a"]`, `["c","c"]`},
	List:     {Absent, Null, `[1,2,3]`, `[0,1,2,3]`, `[3,1,2]`},
	Keyed:    {Absent, `[]`, `[{"id":1},{"id":2}]`, `[{"id":2},{"id":1,"n":1}]`, `[{"id":2},{"id":1}]`},
	Text:     {Absent, Null, `"one\ntwo\n"`, `"one\n2\n"`, `"1\ntwo\n"`},
	FieldsOf: {Absent, Null, `{"x":1}`, `{"x":2,"y":1}`, `{}`},
}

// policies are all of them.
var policies = []Policy{Ask, PreferLocal, PreferServer, Latest, Max, Min, Counter, Set, List, Keyed, Text, FieldsOf, Ignore, Immutable}

func statesOf(p Policy) []Value {
	if s := states[p]; s != nil {
		return s
	}
	return states[Ask]
}

func ruleOf(p Policy) *Rule {
	rule := &Rule{Policy: p}
	switch p {
	case Keyed:
		rule.Key = "id"
	case Counter:
		rule.Default = "0"
	}
	return rule
}

// records makes every record of the fields, each in each of its states, and the one that is not there.
func records(fields map[string][]Value) []Document {
	all := []Document{Document(`{}`)}
	for _, name := range []string{"f", "g", "h"} {
		var more []Document
		for _, d := range all {
			for _, v := range fields[name] {
				with, _ := With(d, "/"+name, v)
				more = append(more, with)
			}
		}
		if len(fields[name]) > 0 {
			all = more
		}
	}
	return append([]Document{nil}, all...)
}

// timed tells when the fields were edited: of f local's edit is the later one, of g the server's, of h nobody knows.
var timed = &Edits{
	Local:  map[string]time.Time{"/f": time.Unix(4, 0), "/g": time.Unix(1, 0), "/h": time.Unix(1, 0)},
	Server: map[string]time.Time{"/f": time.Unix(3, 0), "/g": time.Unix(2, 0)},
}

// everyTriple checks the laws of all combinations of three records, and returns how many there are.
func everyTriple(t *testing.T, rules *Rules, all []Document, flags Sides) int {
	t.Helper()
	for _, b := range all {
		if flags.BaseLost && b != nil {
			continue
		}
		for _, l := range all {
			for _, s := range all {
				sides := Sides{Base: b, Local: l, Server: s, BaseLost: flags.BaseLost, Recreated: flags.Recreated, Edits: timed}
				if err := laws(sides, rules); err != nil {
					t.Fatalf("base %s local %s server %s, base lost %v, recreated %v: %v", b, l, s, flags.BaseLost, flags.Recreated, err)
				}
			}
		}
	}
	return len(all) * len(all) * len(all)
}

// TestLawsExhaustively tries two fields, the first in all states under every policy. With -long the second is, too:
// 3.4 million merges, each with the twenty others that the laws compare it with.
func TestLawsExhaustively(t *testing.T) {
	tried := 0
	for _, p := range policies {
		seconds, second := []Policy{Ask}, []Value{Absent, `"A"`}
		if *long {
			seconds, second = policies, nil
		}
		for _, q := range seconds {
			fields := map[string][]Value{"f": statesOf(p), "g": second}
			if second == nil {
				fields["g"] = statesOf(q)
			}
			t.Run(p.String()+" and "+q.String(), func(t *testing.T) {
				rules := &Rules{Root: &Rule{Properties: map[string]*Rule{"f": ruleOf(p), "g": ruleOf(q)}}}
				tried += everyTriple(t, rules, records(fields), Sides{})
			})
		}
	}
	t.Logf("tried %d", tried)
}

// TestLawsOfRecordsExhaustively tries the states of records: there, deleted or never made on each side, with a
// tombstone between, with the base lost, and by each way to settle delete against edit.
func TestLawsOfRecordsExhaustively(t *testing.T) {
	few := records(map[string][]Value{"f": states[Ask], "g": states[Ask][:1]})
	for _, p := range policies {
		for _, flags := range []Sides{{}, {Recreated: true}, {BaseLost: true}, {BaseLost: true, Recreated: true}} {
			for _, deletes := range []Policy{Ask, PreferLocal, PreferServer} {
				for _, root := range []Policy{Inherit, FieldsOf} {
					all := few
					if p == Keyed {
						all = records(map[string][]Value{"f": states[Keyed]})
					}
					rules := &Rules{Delete: deletes, Root: &Rule{Policy: root, Properties: map[string]*Rule{"f": ruleOf(p)}}}
					everyTriple(t, rules, all, flags)
				}
			}
		}
	}
}

// TestLawsOfGroupsExhaustively tries three fields that are one unit; with -long in all states.
func TestLawsOfGroupsExhaustively(t *testing.T) {
	for _, p := range []Policy{Ask, Counter} {
		all := statesOf(p)
		if !*long {
			all = all[2:4]
		}
		rule := ruleOf(p)
		rule.Group = "unit"
		rules := &Rules{Root: &Rule{Properties: map[string]*Rule{"f": rule, "g": {Group: "unit"}, "h": {Group: "unit", Policy: PreferServer}}}}
		list := records(map[string][]Value{"f": all, "g": all, "h": all})
		for _, b := range list {
			for _, l := range list {
				for _, s := range list {
					oneUnit(t, Record(Sides{Base: b, Local: l, Server: s}, rules))
				}
			}
		}
		t.Logf("%v: tried %d", p, everyTriple(t, rules, list, Sides{}))
	}
}

// oneUnit: the members of a group come from one side, or are in conflict all together, but for those that no side has.
func oneUnit(t *testing.T, r Result) {
	t.Helper()
	s := r.sides
	if s.Base == nil || s.Local == nil || s.Server == nil || s.Local.Equal(s.Server) {
		return // what both did alike is no dispute of the group
	}
	there := 0
	for _, path := range []string{"/f", "/g", "/h"} {
		if Lookup(s.Base, path)+Lookup(s.Local, path)+Lookup(s.Server, path) != Absent {
			there++
		}
	}
	switch paths := r.Conflicts(); {
	case len(paths) == there && r.Kind == GroupKind:
	case len(paths) > 0:
		t.Fatalf("base %s local %s server %s: a part of the group is in conflict: %q", s.Base, s.Local, s.Server, paths)
	case !r.Document.Equal(s.Local) && !r.Document.Equal(s.Server) && !s.Local.Equal(s.Server):
		t.Fatalf("base %s local %s server %s: the group mixes both: %s", s.Base, s.Local, s.Server, r.Document)
	}
}
