package main

import (
	"slices"
	"strings"
	"testing"
	"time"

	"dovetail/merge"
	"dovetail/merge/schema"
)

func rulesOf(t *testing.T, text string) *merge.Rules {
	t.Helper()
	rules, err := schema.Parse([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return rules
}

func TestPolicyOf(t *testing.T) {
	rules := rulesOf(t, `{"properties": {
		"a": {"x-merge": "server", "properties": {"b": {}, "c": {"x-merge": "ask"}}},
		"n": {"type": "array", "x-merge": {"keyed": "id"}, "items": {"properties": {"q": {"type": "number", "x-merge": "max", "title": "Quantity"}}}},
		"o": {"type": "object", "x-merge": "fields", "properties": {"p": {}}},
		"x/y": {"x-merge-group": "g"}}, "additionalProperties": {"x-merge": "latest"}}`)
	for _, c := range []struct {
		path string
		want policyAt
	}{
		{"", policyAt{policy: merge.Ask}},
		{"/a", policyAt{policy: merge.PreferServer, declared: true}},
		{"/a/b", policyAt{policy: merge.PreferServer, declared: true}},
		{"/a/b/deep", policyAt{policy: merge.PreferServer, declared: true}},
		{"/a/c", policyAt{policy: merge.Ask, declared: true}},
		{"/n", policyAt{policy: merge.Keyed, declared: true, key: "id"}},
		{"/n/seven/q", policyAt{policy: merge.Max, declared: true, label: "Quantity"}},
		{"/n/seven/r", policyAt{policy: merge.Ask}},
		{"/o/p", policyAt{policy: merge.Ask}},
		{"/x~1y", policyAt{policy: merge.Ask, group: "g"}},
		{"/other", policyAt{policy: merge.Latest, declared: true}},
	} {
		if got := policyOf(rules, c.path); got != c.want {
			t.Errorf("%q: got %+v, want %+v", c.path, got, c.want)
		}
	}
	if got := policyOf(nil, "/a/b"); got != (policyAt{policy: merge.Ask}) {
		t.Errorf("without rules: %+v", got)
	}
}

// TestExplain: each rule of the engine tells why, in words of its own.
func TestExplain(t *testing.T) {
	monday := time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		name, property      string
		base, local, server string
		edits               *merge.Edits
		reason              string
		evidence            []string
	}{
		{name: "no policy", property: `{}`, base: `1`, local: `2`, server: `3`,
			reason: "both sides changed it, differently; the schema names no way to join it"},
		{name: "ask", property: `{"x-merge": "ask"}`, base: `1`, local: `2`, server: `3`,
			reason: "both sides changed it, differently; the schema says that a person is asked (ask)"},
		{name: "one side", property: `{}`, base: `1`, local: `2`, server: `1`, reason: "only local changed it"},
		{name: "agreed", property: `{}`, base: `1`, local: `2`, server: `2`, reason: "both sides made the same change"},
		{name: "local", property: `{"x-merge": "local"}`, base: `1`, local: `2`, server: `3`,
			reason: "both sides changed it; the schema says that local wins"},
		{name: "min", property: `{"type": "number", "x-merge": "min"}`, base: `1`, local: `5`, server: `3`,
			reason: "both sides changed it; min takes the smaller of 5 and 3"},
		{name: "max of words", property: `{"type": "string", "x-merge": "max"}`, base: `"a"`, local: `"b"`, server: `"c"`,
			reason: "both sides changed it, differently; max could not join it, because the two are not both numbers, or both points in time"},
		{name: "types", property: `{}`, base: `1`, local: `"two"`, server: `3`,
			reason: "the sides hold different types: local string, the server number; the schema names no way to join it"},
		{name: "latest", property: `{"x-merge": "latest"}`, base: `1`, local: `2`, server: `3`,
			edits:    &merge.Edits{Local: map[string]time.Time{"/f": monday}, Server: map[string]time.Time{"/f": monday.Add(time.Minute)}},
			reason:   "both sides changed it; latest takes the later edit",
			evidence: []string{"local at 2026-11-23 08:00:00 UTC, server at 2026-11-23 08:01:00 UTC"}},
		{name: "latest of nobody knows when", property: `{"x-merge": "latest"}`, base: `1`, local: `2`, server: `3`,
			reason: "both sides changed it, differently; latest could not join it, because it is not known when each side edited it"},
		{name: "list", property: `{"type": "array", "x-merge": "list"}`, base: `[1,2,3,4]`, local: `[9,2,3,4]`, server: `[1,2,3,8]`,
			reason: "both sides changed it; list joins them, because they changed different places"},
		{name: "keyed without a key", property: `{"type": "array", "x-merge": {"keyed": "id"}}`, base: `[]`, local: `[{"n":1}]`, server: `[{"n":2}]`,
			reason: "both sides changed it, differently; keyed could not join it, because an element has no id, two have the same, or both sides moved them"},
		{name: "alike to the eye", property: `{}`, base: `"x"`, local: `"Ana"`, server: `"ana"`,
			reason: "both sides changed it, differently; the schema names no way to join it", evidence: []string{"local and server differ only in: case"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			rules := rulesOf(t, `{"properties": {"f": `+c.property+`}}`)
			side := func(v string) merge.Document {
				d, err := merge.Canonical([]byte(`{"f": ` + v + `}`))
				if err != nil {
					t.Fatal(err)
				}
				return d
			}
			r := merge.Record(merge.Sides{Base: side(c.base), Local: side(c.local), Server: side(c.server), Edits: c.edits}, rules)
			if len(r.Fields) != 1 {
				t.Fatalf("%d fields", len(r.Fields))
			}
			x := explainer{result: r, rules: rules}.explain(r.Fields[0])
			if x.Reason != c.reason || !slices.Equal(x.Evidence, c.evidence) {
				t.Errorf("got %q %q\nwant %q %q", x.Reason, x.Evidence, c.reason, c.evidence)
			}
		})
	}
}

// What stands in a record or a schema cannot act on a terminal through an explanation.
func TestExplainIsSafe(t *testing.T) {
	const bad = "\x1b]0;x\x07\u202e"
	f := merge.Field{Path: "/f", Outcome: merge.FieldConflict, Kind: merge.RuleKind, Rule: bad, Group: bad}
	for _, kind := range []merge.Kind{merge.RuleKind, merge.GroupKind, merge.EditEdit} {
		f.Kind = kind
		rules := &merge.Rules{Root: &merge.Rule{Properties: map[string]*merge.Rule{
			"f": {Policy: merge.Keyed, Key: bad, Group: bad, Label: bad}}}}
		e := explainer{rules: rules}
		x := e.explain(f)
		for _, text := range append(x.Evidence, x.Reason, e.outcome(f)) {
			if strings.ContainsFunc(text, actsOnTerminal) {
				t.Errorf("%s: %q", kind, text)
			}
		}
	}
}
