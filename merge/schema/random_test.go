package schema

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"reflect"
	"strconv"
	"testing"

	"pgregory.net/rapid"

	"dovetail/merge"
)

var long = flag.Bool("long", false, "draw 1000 times as many cases at random")

func TestMain(m *testing.M) {
	flag.Parse()
	if checks := flag.Lookup("rapid.checks"); *long {
		n, err := strconv.Atoi(checks.Value.String())
		if err == nil {
			err = checks.Value.Set(strconv.Itoa(1000 * n))
		}
		if err != nil {
			panic(err)
		}
	}
	os.Exit(m.Run())
}

// rule draws a rule as a schema can tell it.
func rule(depth int, root bool) *rapid.Generator[*merge.Rule] {
	return rapid.Custom(func(t *rapid.T) *merge.Rule {
		r := &merge.Rule{}
		if !root {
			r.Policy = merge.Policy(rapid.IntRange(int(merge.Inherit), int(merge.Immutable)).Draw(t, "policy"))
			r.Group = rapid.SampledFrom([]string{"", "", "g", "ü/~"}).Draw(t, "group")
			r.Label = rapid.SampledFrom([]string{"", "A label", "\x00"}).Draw(t, "label")
			r.Default = rapid.SampledFrom([]merge.Value{merge.Absent, "0", `"x"`, "9007199254740993"}).Draw(t, "default")
			if fits := types[r.Policy]; rapid.Bool().Draw(t, "typed") && len(fits) > 0 {
				r.Type = fits[0]
			}
		}
		if r.Policy == merge.Keyed {
			r.Key = rapid.SampledFrom([]string{"id", "a/b", "é"}).Draw(t, "key")
			if depth > 0 && rapid.Bool().Draw(t, "items") {
				r.Items = rule(depth-1, false).Draw(t, "element")
			}
		}
		if depth == 0 {
			return r
		}
		for _, name := range rapid.SliceOfNDistinct(rapid.SampledFrom([]string{"", "a", "a/b", "~", "$ref", "x-merge"}), 0, 3, rapid.ID).Draw(t, "names") {
			if r.Properties == nil {
				r.Properties = map[string]*merge.Rule{}
			}
			r.Properties[name] = rule(depth-1, false).Draw(t, name)
		}
		if rapid.IntRange(0, 3).Draw(t, "additional") == 0 {
			r.Additional = rule(depth-1, false).Draw(t, "others")
		}
		return r
	})
}

// written is the schema that says what a rule says.
func written(r *merge.Rule) map[string]any {
	out := map[string]any{}
	put := func(name string, present bool, v any) {
		if present {
			out[name] = v
		}
	}
	put("x-merge", r.Policy != merge.Inherit, r.Policy.String())
	put("x-merge", r.Policy == merge.Keyed, map[string]any{"keyed": r.Key})
	put("x-merge-group", r.Group != "", r.Group)
	put("title", r.Label != "", r.Label)
	put("default", r.Default != merge.Absent, json.RawMessage(r.Default))
	put("type", r.Type != merge.AbsentType, r.Type.String())
	if r.Items != nil {
		out["items"] = written(r.Items)
	}
	if r.Additional != nil {
		out["additionalProperties"] = written(r.Additional)
	}
	if r.Properties != nil {
		properties := map[string]any{}
		for name, p := range r.Properties {
			properties[name] = written(p)
		}
		out["properties"] = properties
	}
	return out
}

// TestAnyRuleIsReadAsWritten, in place and behind a reference.
func TestAnyRuleIsReadAsWritten(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		want := rule(3, true).Draw(t, "rule")
		text, err := json.Marshal(written(want))
		if err != nil {
			t.Fatal(err)
		}
		for _, schema := range []string{string(text), `{"$defs":{"d":` + string(text) + `},"$ref":"#/$defs/d"}`} {
			rules, err := Parse([]byte(schema))
			if err != nil {
				t.Fatalf("%s: %v", schema, err)
			}
			if !reflect.DeepEqual(rules.Root, want) {
				t.Fatalf("%s was read as %+v", schema, rules.Root)
			}
		}
	})
}

// FuzzBroken: what a schema finds wrong with a document comes sorted, twice alike, and leaves the document alone.
func FuzzBroken(f *testing.F) {
	rules, err := Parse([]byte(`{"required":["n"],"properties":{"n":{"type":"integer","minimum":0},"s":{"format":"date-time","maxLength":9},
		"l":{"x-merge":{"keyed":"id"},"items":{"required":["id"],"properties":{"v":{"enum":[1,null]}}}},"t":{"$ref":"#"}},
		"if":{"required":["s"]},"then":{"required":["l"]},"additionalProperties":{"type":["string","null"]}}`))
	if err != nil {
		f.Fatal(err)
	}
	for _, seed := range []string{`{}`, `{"n":-1,"s":"2026"}`, `{"n":1e400,"l":[{"v":2},{"id":1}],"z":0}`, `{"t":{"t":{"n":"1"}}}`} {
		f.Add([]byte(seed), []byte(`{"n":1}`))
	}
	f.Fuzz(func(t *testing.T, local, server []byte) {
		l, err := merge.Canonical(local)
		if err != nil {
			return
		}
		s, err := merge.Canonical(server)
		if err != nil {
			return
		}
		before := bytes.Clone(l)
		if a, b := rules.Check.Broken(l), rules.Check.Broken(l); !reflect.DeepEqual(a, b) || !bytes.Equal(l, before) {
			t.Fatalf("%+v, then %+v", a, b)
		}
		r := merge.Record(merge.Sides{Base: s, Local: l, Server: s}, rules)
		if r.Outcome != merge.RecordConflict {
			return
		}
		d := merge.Decisions{}
		for _, path := range r.Conflicts() {
			field, _ := r.Field(path)
			d[path], _ = field.Choose(merge.TakeServer, merge.Absent)
		}
		var broken *merge.RuleError
		if got, err := r.Apply(d); err != nil && !isRule(err, &broken) {
			t.Fatalf("local %s server %s: the conflicts %q cannot be decided: %s, %v", l, s, r.Conflicts(), got, err)
		}
	})
}

func isRule(err error, into **merge.RuleError) bool {
	e, ok := err.(*merge.RuleError)
	*into = e
	return ok
}
