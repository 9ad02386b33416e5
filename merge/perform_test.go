package merge

import (
	"errors"
	"testing"
)

func TestAssignments(t *testing.T) {
	now := doc(t, `{"amount":40000,"done":false,"none":null,"o":{"x":1},"status":"open","tags":["cold","vip"],"codes":[1,2],"visits":1,
		"parts":[{"sku":"a","size":2},{"sku":"b"}]}`)
	size := map[string]*Rule{"size": {Type: NumberType}}
	rules := &Rules{Root: &Rule{Properties: map[string]*Rule{"size": {Type: NumberType}, "name": {Type: StringType},
		"parts": {Policy: Keyed, Key: "sku", Items: &Rule{Properties: size}}}}}
	for _, c := range []struct{ typed, path, want string }{
		{"status=closed", "/status", `"closed"`},
		{"status=", "/status", `""`},
		{"status=a=b", "/status", `"a=b"`},
		{"amount=50000", "/amount", `50000`},
		{"amount=1.50", "/amount", `1.50`},
		{"done=true", "/done", `true`},
		{"none=12", "/none", `"12"`},
		{"new=12", "/new", `"12"`},
		{"new:=12", "/new", `12`},
		{`zip:="10115"`, "/zip", `"10115"`},
		{"status:=null", "/status", `null`},
		{"o/x=2", "/o/x", `2`},
		{"size=3", "/size", `3`},
		{"name=7", "/name", `"7"`},
		{"parts/b/size=3", "/parts/b/size", `3`},
		{"parts/a/size+=3", "/parts/a/size", `5`},
		{"visits+=1", "/visits", `2`},
		{"visits-=3", "/visits", `-2`},
		{"visits+=-1.5", "/visits", `-0.5`},
		{"count+=2", "/count", `2`},
		{"tags+=hot", "/tags", `["cold","vip","hot"]`},
		{"tags+=vip", "/tags", `["cold","vip"]`},
		{"tags-=cold", "/tags", `["vip"]`},
		{"tags+=1", "/tags", `["cold","vip","1"]`},
		{"codes+=3", "/codes", `[1,2,3]`},
		{"codes-=1.0", "/codes", `[2]`},
		{"labels+=a b", "/labels", `["a b"]`},
		{`tags:=[]`, "/tags", `[]`},
	} {
		op, err := ParseAssignment(c.typed, now, rules)
		if err != nil {
			t.Errorf("%s: %v", c.typed, err)
			continue
		}
		after, err := rules.Perform(now, []Operation{op})
		if got := rules.Lookup(after, c.path); string(got) != c.want || err != nil {
			t.Errorf("%s: got %s, %v; want %s", c.typed, got, err, c.want)
		}
	}
	for _, bad := range []string{"", "status", "=x", ":=1", "amount=many", "done=1", "amount+=x", "status+=x", "o+=1", "status:=x", "x:={", "a~=\xff", "/a~3=1", "tags=x", "done+=1"} {
		if op, err := ParseAssignment(bad, now, rules); !errors.Is(err, ErrAssignment) && !errors.Is(err, ErrPath) {
			t.Errorf("%q: got %+v, %v", bad, op, err)
		}
	}
}

func TestPerform(t *testing.T) {
	now := doc(t, `{"a":1}`)
	for _, c := range []struct {
		name string
		ops  []Operation
		want string
	}{
		{"in order", []Operation{{Verb: SetField, Path: "/a", Value: "2"}, {Verb: IncrementField, Path: "/a", Value: "0.5"}}, `{"a":2.5}`},
		{"unset", []Operation{{Verb: UnsetField, Path: "/a"}}, `{}`},
		{"an element that is there already", []Operation{{Verb: AddElement, Path: "/l", Value: "1"}, {Verb: AddElement, Path: "/l", Value: "1.0"}}, `{"a":1,"l":[1]}`},
		{"an element that is gone already", []Operation{{Verb: AddElement, Path: "/l", Value: "1"}, {Verb: RemoveElement, Path: "/l", Value: "1.0"}, {Verb: RemoveElement, Path: "/l", Value: "1"}}, `{"a":1,"l":[]}`},
		{"delete", []Operation{{Verb: DeleteRecord}}, ``},
		{"create", []Operation{{Verb: DeleteRecord}, {Verb: CreateRecord, Value: `{"b":1}`}}, `{"b":1}`},
	} {
		if got, err := Perform(now, c.ops); string(got) != c.want || err != nil {
			t.Errorf("%s: got %s, %v", c.name, got, err)
		}
	}
	for _, op := range []Operation{
		{Verb: SetField, Path: "/a/b", Value: "1"},
		{Verb: AddElement, Path: "/a", Value: "1"},
		{Verb: IncrementField, Path: "/a", Value: "1e400"},
		{Verb: IncrementField, Path: "/a", Value: `"x"`},
		{Verb: SetField, Path: "/a", Value: Value(nested(MaxDepth))},
		{Verb: Verb(99)},
	} {
		if got, err := Perform(now, []Operation{op}); err == nil {
			t.Errorf("%+v: got %s", op, got)
		}
	}
	if string(now) != `{"a":1}` {
		t.Errorf("the record given was changed: %s", now)
	}
}
