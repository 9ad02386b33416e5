package schema

import (
	"errors"
	"strings"
	"testing"

	"dovetail/merge"
)

func parse(t *testing.T, text string) *merge.Rules {
	t.Helper()
	rules, err := Parse([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return rules
}

func doc(t *testing.T, text string) merge.Document {
	t.Helper()
	if text == "" {
		return nil
	}
	d, err := merge.Canonical([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// TestEveryPolicyIsInForce tries each policy at the top, in an object, behind a reference, in a keyed list and among
// the additional properties.
func TestEveryPolicyIsInForce(t *testing.T) {
	places := []struct{ name, schema, document string }{
		{"at the top", `{"properties":{"f":%}}`, `{"f":%}`},
		{"in an object", `{"properties":{"o":{"properties":{"p":{"properties":{"f":%}}}}}}`, `{"o":{"p":{"f":%}}}`},
		{"behind a reference", `{"$defs":{"d":%},"properties":{"o":{"properties":{"f":{"title":"F","$ref":"#/$defs/d"}}}}}`, `{"o":{"f":%}}`},
		{"in a schema that refers to itself", `{"properties":{"f":%,"o":{"$ref":"#"}}}`, `{"o":{"o":{"f":%}}}`},
		{"in a keyed list", `{"properties":{"l":{"x-merge":{"keyed":"k"},"items":{"properties":{"f":%}}}}}`, `{"l":[{"k":1,"f":%}]}`},
		{"among additional properties", `{"additionalProperties":%}`, `{"f":%}`},
	}
	for _, c := range []struct{ rule, base, local, server, want string }{
		{`{"x-merge":"ask"}`, `1`, `2`, `3`, "conflict"},
		{`{"x-merge":"local"}`, `1`, `2`, `3`, `2`},
		{`{"x-merge":"server"}`, `1`, `2`, `3`, `3`},
		{`{"x-merge":"latest"}`, `1`, `2`, `3`, "conflict"},
		{`{"x-merge":"max","type":"number"}`, `1`, `5`, `3`, `5`},
		{`{"x-merge":"min"}`, `9`, `5`, `3`, `3`},
		{`{"x-merge":"counter","type":["integer","null"]}`, `1`, `2`, `2`, `3`},
		{`{"x-merge":"counter","default":0}`, ``, `2`, `2`, `4`},
		{`{"x-merge":"set","type":"array"}`, `[1]`, `[1,2]`, `[1,3]`, `[1,3,2]`},
		{`{"x-merge":"list"}`, `[1,2,3]`, `[0,1,2,3]`, `[1,2,4]`, `[0,1,2,4]`},
		{`{"x-merge":{"keyed":"id"}}`, `[]`, `[{"id":1}]`, `[{"id":2}]`, `[{"id":2},{"id":1}]`},
		{`{"x-merge":"text","type":"string"}`, `"a b c"`, `"x b c"`, `"a b y"`, `"x b y"`},
		{`{"x-merge":"fields","type":"object"}`, ``, `{"a":1}`, `{"b":1}`, `{"a":1,"b":1}`},
		{`{"x-merge":"ignore"}`, `1`, `2`, `3`, `3`},
		{`{"x-merge":"immutable"}`, `1`, `2`, `1`, "conflict"},
	} {
		for _, p := range places {
			rules := parse(t, strings.ReplaceAll(p.schema, "%", c.rule))
			side := func(v string) merge.Document {
				if v == "" {
					return doc(t, strings.NewReplacer(`,"f":%`, "", `"f":%`, "").Replace(p.document))
				}
				return doc(t, strings.ReplaceAll(p.document, "%", v))
			}
			r := merge.Record(merge.Sides{Base: side(c.base), Local: side(c.local), Server: side(c.server)}, rules)
			got := string(r.Document)
			want := c.want
			if want != "conflict" {
				want = string(side(c.want))
			}
			if r.Outcome == merge.RecordConflict {
				got = "conflict"
			}
			if got != want {
				t.Errorf("%s %s: got %s, want %s", c.rule, p.name, got, want)
			}
		}
	}
}

func TestParseRefuses(t *testing.T) {
	for _, c := range []struct{ name, schema, path string }{
		{"unknown policy", `{"properties":{"a":{"x-merge":"newest"}}}`, "/properties/a/x-merge"},
		{"empty policy", `{"properties":{"a":{"x-merge":""}}}`, "/properties/a/x-merge"},
		{"keyed without a key", `{"properties":{"a":{"x-merge":"keyed"}}}`, "/properties/a/x-merge"},
		{"keyed by a number", `{"properties":{"a":{"x-merge":{"keyed":1}}}}`, "/properties/a/x-merge"},
		{"a policy that is a number", `{"properties":{"a":{"x-merge":1}}}`, "/properties/a/x-merge"},
		{"counter on a string", `{"properties":{"o":{"properties":{"a/b":{"type":"string","x-merge":"counter"}}}}}`, "/properties/o/properties/a~1b/x-merge"},
		{"set on a number", `{"properties":{"a":{"type":"integer","x-merge":"set"}}}`, "/properties/a/x-merge"},
		{"text on an array", `{"properties":{"a":{"type":"array","x-merge":"text"}}}`, "/properties/a/x-merge"},
		{"fields on a boolean", `{"properties":{"a":{"type":"boolean","x-merge":"fields"}}}`, "/properties/a/x-merge"},
		{"max on an object", `{"properties":{"a":{"type":"object","x-merge":"max"}}}`, "/properties/a/x-merge"},
		{"a policy nobody reads", `{"allOf":[{"properties":{"a":{"x-merge":"max"}}}]}`, "/allOf/0/properties/a/x-merge"},
		{"a policy for names that match a pattern", `{"patternProperties":{"^a":{"x-merge":"max"}}}`, "/patternProperties/^a/x-merge"},
		{"a policy for some elements", `{"properties":{"l":{"x-merge":{"keyed":"k"},"prefixItems":[{"x-merge":"max"}]}}}`, "/properties/l/prefixItems/0/x-merge"},
		{"a policy inside an alternative's elements", `{"anyOf":[{"items":{"properties":{"a":{"x-merge":"max"}}}}]}`, "/anyOf/0/items/properties/a/x-merge"},
		{"a policy inside an array that is one value", `{"properties":{"l":{"x-merge":"set","items":{"properties":{"a":{"x-merge":"max"}}}}}}`, "/properties/l/items/properties/a/x-merge"},
		{"a policy that depends on another field", `{"dependentSchemas":{"b":{"properties":{"a":{"x-merge":"max"}}}}}`, "/dependentSchemas/b/properties/a/x-merge"},
		{"a keyword that is misspelt", `{"properties":{"a":{"x-merge-groups":"g"}}}`, "/properties/a/x-merge-groups"},
		{"a group without a name", `{"properties":{"a":{"x-merge-group":""}}}`, "/properties/a/x-merge-group"},
		{"the record merges by fields", `{"x-merge":"server"}`, "/x-merge"},
		{"delete by another word", `{"x-merge-delete":"latest"}`, "/x-merge-delete"},
		{"delete inside", `{"properties":{"a":{"x-merge-delete":"local"}}}`, "/properties/a/x-merge-delete"},
		{"strategy by another word", `{"x-merge-strategy":"lww"}`, "/x-merge-strategy"},
		{"not a schema", `{"type":"txt"}`, "/type"},
		{"a bad pattern", `{"properties":{"a":{"pattern":"("}}}`, "*"},
		{"a reference that leads nowhere", `{"$ref":"#/$defs/x"}`, "*"},
		{"a reference to elsewhere", `{"$ref":"https://example.org/x"}`, "*"},
		{"a reference to a file", `{"$ref":"file:///etc/passwd"}`, "*"},
	} {
		t.Run(c.name, func(t *testing.T) {
			rules, err := Parse([]byte(c.schema))
			var e *Error
			if rules != nil || !errors.As(err, &e) {
				t.Fatalf("got %v", err)
			}
			if c.path != "*" && e.Path != c.path {
				t.Errorf("path %q, want %q: %v", e.Path, c.path, err)
			}
		})
	}
	for _, text := range []string{``, `[]`, `{"a":1,"a":2}`, `{"type":`} {
		if rules, err := Parse([]byte(text)); rules != nil || err == nil {
			t.Errorf("%q: %v", text, err)
		}
	}
}

func TestHead(t *testing.T) {
	rules := parse(t, `{"x-merge":"fields","x-merge-delete":"server","x-merge-strategy":"op-replay","properties":{"a":{"title":"The A"}}}`)
	if rules.Delete != merge.PreferServer || rules.Strategy != merge.OpReplay || rules.Root.Properties["a"].Label != "The A" {
		t.Errorf("got %+v", rules)
	}
}

func TestGroups(t *testing.T) {
	rules := parse(t, `{"properties":{"a":{"x-merge-group":"g"},"b":{"x-merge-group":"g","x-merge":"server"}}}`)
	r := merge.Record(merge.Sides{Base: doc(t, `{"a":1,"b":1}`), Local: doc(t, `{"a":2,"b":1}`), Server: doc(t, `{"a":1,"b":2}`)}, rules)
	if got := strings.Join(r.Conflicts(), " "); got != "/a /b" || r.Kind != merge.GroupKind {
		t.Errorf("got %s %v", got, r.Kind)
	}
}

func TestRules(t *testing.T) {
	rules := parse(t, `{
		"required": ["name"],
		"properties": {
			"status": {"enum": ["open", "closed"]},
			"amount": {"type": "number", "minimum": 0, "maximum": 9007199254740993},
			"mail": {"type": "string", "format": "email"},
			"tags": {"uniqueItems": true, "maxItems": 2},
			"o": {"additionalProperties": false, "properties": {"x": {"pattern": "^[a-z]+$", "maxLength": 3}}}
		},
		"if": {"properties": {"status": {"const": "closed"}}, "required": ["status"]},
		"then": {"required": ["amount"]}
	}`)
	for _, c := range []struct{ document, want string }{
		{`{"name":"n","status":"open","amount":1,"mail":"a@b.example","tags":[1]}`, ``},
		{`{}`, `"name": is required`},
		{`{"name":"n","status":"won"}`, `"status": is one of "open", "closed"`},
		{`{"name":"n","status":"closed"}`, `"amount", "status": is required`},
		{`{"name":"n","status":"closed","amount":1}`, ``},
		{`{"name":"n","amount":-1}`, `"amount": is at least 0`},
		{`{"name":"n","amount":9007199254740994}`, `"amount": is at most 9007199254740993`},
		{`{"name":"n","amount":9007199254740993}`, ``},
		{`{"name":"n","amount":"1"}`, `"amount": is a number`},
		{`{"name":"n","mail":"nobody"}`, `"mail": has the format email`},
		{`{"name":"n","tags":[1,1.0]}`, `"tags": has no element twice`},
		{`{"name":"n","tags":[1,2,3]}`, `"tags": has at most 2 elements`},
		{`{"name":"n","o":{"x":"ABCD","y":1}}`, `"o/x": has at most 3 characters; "o/x": matches ^[a-z]+$; "o/y": is not allowed`},
	} {
		var got []string
		for _, v := range rules.Check.Broken(doc(t, c.document)) {
			got = append(got, v.String())
		}
		if strings.Join(got, "; ") != c.want {
			t.Errorf("%s\ngot  %s\nwant %s", c.document, strings.Join(got, "; "), c.want)
		}
	}
}

func TestACleanJoinThatBreaksARuleIsAConflict(t *testing.T) {
	rules := parse(t, `{"if":{"properties":{"status":{"const":"closed"}},"required":["status"]},"then":{"required":["amount"]}}`)
	r := merge.Record(merge.Sides{Base: doc(t, `{"amount":1,"status":"open"}`), Local: doc(t, `{"amount":1,"status":"closed"}`), Server: doc(t, `{"status":"open"}`)}, rules)
	if r.Outcome != merge.RecordConflict || r.Kind != merge.RuleKind || strings.Join(r.Conflicts(), " ") != "/amount /status" {
		t.Errorf("got %v %v %q", r.Outcome, r.Kind, r.Conflicts())
	}
	before := merge.Record(merge.Sides{Base: doc(t, `{"a":1,"status":"open"}`), Local: doc(t, `{"a":2,"status":"open"}`), Server: doc(t, `{"a":1,"status":"closed"}`)}, rules)
	if before.Outcome != merge.Merged {
		t.Errorf("what the server's document breaks already is no new conflict: %v", before.Outcome)
	}
}

// TestARuleInsideAnArrayIsAConflictThatCanBeDecided: rules speak of elements by their index, decisions of fields.
func TestARuleInsideAnArrayIsAConflictThatCanBeDecided(t *testing.T) {
	rules := parse(t, `{"properties":{
		"tags": {"items": {"type": "string"}},
		"lines": {"x-merge": {"keyed": "id"}, "items": {"properties": {"n": {"minimum": 0}}}}}}`)
	for _, c := range []struct{ name, base, local, server, paths string }{
		{"an array that is one value", `{"tags":[]}`, `{"tags":["a",1]}`, `{"tags":[]}`, "/tags"},
		{"a keyed array", `{"lines":[{"id":"x/y","n":1}]}`, `{"lines":[{"id":0,"n":1},{"id":"x/y","n":-1}]}`, `{"lines":[{"id":"x/y","n":1}]}`, "/lines/x~1y/n"},
		{"an element whose key is missing", `{"lines":[]}`, `{"lines":[{"n":-1}]}`, `{"lines":[]}`, "/lines"},
		{"what was broken before, at another place", `{"lines":[{"id":1,"n":-1}]}`, `{"lines":[{"id":0},{"id":1,"n":-1}]}`, `{"lines":[{"id":1,"n":-1}]}`, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := merge.Record(merge.Sides{Base: doc(t, c.base), Local: doc(t, c.local), Server: doc(t, c.server)}, rules)
			if got := strings.Join(r.Conflicts(), " "); got != c.paths {
				t.Fatalf("got %v at %q", r.Outcome, got)
			}
			d := merge.Decisions{}
			for _, path := range r.Conflicts() {
				f, _ := r.Field(path)
				d[path], _ = f.Choose(merge.TakeServer, merge.Absent)
			}
			if got, err := r.Apply(d); err != nil {
				t.Errorf("got %s, %v", got, err)
			}
		})
	}
}

func FuzzParse(f *testing.F) {
	for _, seed := range []string{`{}`, `{"properties":{"a":{"x-merge":"set","$ref":"#"}},"x-merge-delete":"local"}`, `{"$defs":{"a":{"$ref":"#/$defs/b"},"b":{"$ref":"#/$defs/a"}},"$ref":"#/$defs/a"}`, `{"properties":{"a":{"x-merge":{"keyed":"k"},"items":{"properties":{"n":{"x-merge":"counter"}}}},"b":{"x-merge-group":"g"}},"additionalProperties":{"x-merge-group":"g","type":"number"}}`} {
		f.Add([]byte(seed), []byte(`{"a":[1],"b":{"a":1}}`))
	}
	f.Fuzz(func(t *testing.T, schema, document []byte) {
		rules, err := Parse(schema)
		if err != nil {
			return
		}
		d, err := merge.Canonical(document)
		if err != nil {
			return
		}
		for _, base := range []merge.Document{nil, merge.Document(`{}`), d} {
			s := merge.Sides{Base: base, Local: d, Server: merge.Document(`{"a":1}`)}
			r := merge.Record(s, rules)
			var m merge.Merger
			if got := m.Merge(nil, s, rules); got.Outcome != r.Outcome || r.Outcome != merge.RecordConflict && string(got.Document) != string(r.Document) {
				t.Fatalf("%s: the merger says %v %s, the record is %v %s", schema, got.Outcome, got.Document, r.Outcome, r.Document)
			}
			if _, err := merge.Canonical(r.Document); r.Document != nil && err != nil {
				t.Fatalf("%s: %s: %v", schema, r.Document, err)
			}
		}
	})
}

func TestSetPolicy(t *testing.T) {
	var text merge.Document
	for _, c := range []struct{ field, policy string }{{"tags", "set"}, {"address/city", "server"}, {"lines", "keyed:no"}, {"/a~1b", "max"}, {"tags", "list"}} {
		var err error
		if text, err = SetPolicy(text, c.field, c.policy); err != nil {
			t.Fatal(err)
		}
	}
	want := `{"properties":{"a/b":{"x-merge":"max"},"address":{"properties":{"city":{"x-merge":"server"}}},"lines":{"x-merge":{"keyed":"no"}},"tags":{"x-merge":"list"}}}`
	if string(text) != want {
		t.Errorf("got %s", text)
	}
	typed := doc(t, `{"properties":{"n":{"type":"string"}}}`)
	for _, c := range []struct{ field, policy string }{{"tags", "sets"}, {"", "set"}, {"n", "counter"}, {"tags", "keyed:"}, {"a~", "\xff"}} {
		if got, err := SetPolicy(typed, c.field, c.policy); err == nil {
			t.Errorf("%v: got %s", c, got)
		}
	}
}
