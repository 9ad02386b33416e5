package merge

import (
	"fmt"
	"maps"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"
)

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

var names5 = []string{"", "a", "a/b", "b", "id"}

// rule draws a rule: any policy, at any depth, in groups, with elements and members of their own.
func rule(depth int) *rapid.Generator[*Rule] {
	return rapid.Custom(func(t *rapid.T) *Rule {
		r := &Rule{Policy: rapid.SampledFrom(append([]Policy{Inherit, Inherit}, policies...)).Draw(t, "policy"), Properties: map[string]*Rule{}}
		if rapid.IntRange(0, 3).Draw(t, "grouped") == 0 {
			r.Group = rapid.SampledFrom([]string{"g", "h"}).Draw(t, "group")
		}
		if r.Policy == Counter && rapid.Bool().Draw(t, "from nothing") {
			r.Default = "0"
		}
		if r.Policy == Keyed {
			r.Key = "id"
		}
		if depth == 0 {
			return r
		}
		for _, name := range rapid.SliceOfNDistinct(rapid.SampledFrom(names5), 0, 3, rapid.ID).Draw(t, "members") {
			r.Properties[name] = rule(depth-1).Draw(t, name)
		}
		if rapid.IntRange(0, 3).Draw(t, "additional") == 0 {
			r.Additional = rule(depth-1).Draw(t, "others")
		}
		if r.Policy == Keyed && rapid.Bool().Draw(t, "with items") {
			r.Items = rule(depth-1).Draw(t, "items")
		}
		return r
	})
}

func anyRules(t *rapid.T) *Rules {
	r := &Rules{Root: rule(3).Draw(t, "rules"), Delete: rapid.SampledFrom([]Policy{Ask, PreferLocal, PreferServer}).Draw(t, "delete")}
	r.Root.Group = ""
	if r.Root.Policy != FieldsOf {
		r.Root.Policy = Inherit
	}
	return r
}

// valueFor draws a value that the rule may be about, or any other.
func valueFor(t *rapid.T, r *Rule, depth int) Value {
	policy := r.policyUnder(Ask)
	choices := statesOf(policy)[1:]
	switch kind := rapid.IntRange(0, 9).Draw(t, "kind"); {
	case kind == 0:
		return value(1).Draw(t, "any")
	case kind < 5 && depth > 0 && policy != Keyed || policy == FieldsOf && depth > 0:
		return Value(documentFor(t, r, depth-1))
	case policy == Keyed && depth > 0:
		array := []byte{'['}
		ids := []string{"1", "1.0", "2", `"1"`, `"x/y"`, "3"}
		for _, id := range rapid.SliceOfNDistinct(rapid.SampledFrom(ids), 0, 4, rapid.ID).Draw(t, "ids") {
			element, _ := With(documentFor(t, r.Items, depth-1), "/id", Value(id))
			array = appendElement(array, element)
		}
		return Value(append(array, ']'))
	}
	return rapid.SampledFrom(choices).Draw(t, "fitting")
}

func documentFor(t *rapid.T, r *Rule, depth int) Document {
	d := Document("{}")
	for _, name := range rapid.SliceOfNDistinct(rapid.SampledFrom(names5), 0, 4, rapid.ID).Draw(t, "names") {
		d, _ = With(d, string(appendToken(nil, []byte(name))), valueFor(t, r.member([]byte(name)), depth))
	}
	return d
}

// edited draws a few edits, at any depth, of a record.
func edited(t *rapid.T, d Document, rules *Rules) Document {
	for range rapid.IntRange(0, 3).Draw(t, "edits") {
		path, r := "", rules.root()
		for {
			token := rapid.SampledFrom(names5).Draw(t, "step")
			path = string(appendToken([]byte(path), []byte(token)))
			switch at := rules.Lookup(d, path); {
			case r.isKeyed():
				r = r.Items
			default:
				r = r.member([]byte(token))
				if at.Type() == ArrayType && r.isKeyed() && len(at) > 2 && rapid.Bool().Draw(t, "into") {
					all, _ := keyedItems([]byte(at), r.Key)
					path = string(appendToken([]byte(path), []byte(rapid.SampledFrom(all.list).Draw(t, "element").token)))
					r = r.Items
				}
			}
			if rules.Lookup(d, path).Type() != ObjectType || rapid.Bool().Draw(t, "stop") {
				break
			}
		}
		v := Absent
		if rapid.IntRange(0, 3).Draw(t, "removed") > 0 {
			v = valueFor(t, r, 1)
		}
		if now, err := rules.With(d, path, v); err == nil {
			d = now
		}
	}
	return d
}

// anySides draws three sides of a record: two edits of one base most of the time.
func anySides(t *rapid.T, rules *Rules) Sides {
	base := documentFor(t, rules.root(), 3)
	s := Sides{Base: base, Local: edited(t, base, rules), Server: edited(t, base, rules), Edits: randomEdits(t)}
	switch rapid.IntRange(0, 11).Draw(t, "record") {
	case 0:
		s.Base = nil
	case 1:
		s.Local = nil
	case 2:
		s.Server = nil
	case 3:
		s.Recreated = true
	case 4:
		s.Base, s.BaseLost = nil, true
		s.Recreated = rapid.Bool().Draw(t, "recreated")
	case 5:
		s.Local = documentFor(t, rules.root(), 3)
	}
	return s
}

// randomEdits tells no two times that are the same on both sides: a tie is the server's, which has no mirror.
func randomEdits(t *rapid.T) *Edits {
	e := &Edits{Local: map[string]time.Time{}, Server: map[string]time.Time{}}
	for _, path := range []string{"", "/", "/a", "/b", "/a~1b", "/a/b"} {
		e.Local[path] = time.Unix(2*rapid.Int64Range(0, 3).Draw(t, "local at"), 0)
		e.Server[path] = time.Unix(2*rapid.Int64Range(0, 3).Draw(t, "server at")+1, 0)
	}
	return e
}

func TestLawsAtRandom(t *testing.T) {
	side := rapid.OneOf(rapid.Just(Document(nil)), document(2), document(2), document(2))
	rapid.Check(t, func(t *rapid.T) {
		s := Sides{Base: side.Draw(t, "base"), Local: side.Draw(t, "local"), Server: side.Draw(t, "server")}
		s.Recreated = rapid.IntRange(0, 9).Draw(t, "recreated") == 0
		if err := laws(s, nil); err != nil {
			t.Fatal(err)
		}
	})
}

func TestLawsUnderRandomRules(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		rules := anyRules(t)
		s := anySides(t, rules)
		if err := laws(s, rules); err != nil {
			t.Fatalf("base %s\nlocal %s\nserver %s\nrecreated %v lost %v delete %v\nrules %s\n%v", s.Base, s.Local, s.Server, s.Recreated, s.BaseLost, rules.Delete, ruleText(rules.Root), err)
		}
	})
}

func ruleText(r *Rule) string {
	if r == nil {
		return "-"
	}
	out := r.Policy.String() + r.Key + ":" + r.Group
	for _, name := range slices.Sorted(maps.Keys(r.Properties)) {
		out += fmt.Sprintf(" %q(%s)", name, ruleText(r.Properties[name]))
	}
	if r.Items != nil {
		out += " items(" + ruleText(r.Items) + ")"
	}
	if r.Additional != nil {
		out += " others(" + ruleText(r.Additional) + ")"
	}
	return out
}
