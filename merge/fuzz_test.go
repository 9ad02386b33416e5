package merge

import (
	"bytes"
	"encoding/json"
	"errors"
	"strings"
	"testing"
)

// FuzzMerge: three texts from outside, if they are let in at all, keep every law.
func FuzzMerge(f *testing.F) {
	for _, seed := range [][3]string{
		{`{"f":1}`, `{"f":2}`, `{"f":3}`},
		{`{"f":[{"id":1}],"":0}`, `{"f":[{"id":1.0,"n":2}],"a/b":{"~":[]}}`, `{"f":[{"id":2},{"id":1}]}`},
		{`{"f":"a\nb\n"}`, `{"f":"a\nc\n"}`, `{"f":"x\nb\n"}`},
		{`{"f":{"\u0000":1e400}}`, `{"f":{"\u0000":-0}}`, `{}`},
		{``, `{"f":{}}`, `{"f":{"g":null}}`},
	} {
		for p := range policies {
			f.Add([]byte(seed[0]), []byte(seed[1]), []byte(seed[2]), byte(p))
		}
	}
	f.Fuzz(func(t *testing.T, base, local, server []byte, choice byte) {
		var sides [3]Document
		for i, text := range [][]byte{base, local, server} {
			if d, err := Canonical(text); err == nil {
				sides[i] = d
			} else if len(text) > 0 {
				return
			}
		}
		rules := &Rules{Root: &Rule{Properties: map[string]*Rule{"f": ruleOf(policies[int(choice)%len(policies)])}}}
		rules.Root.Additional = rules.Root.Properties["f"]
		s := Sides{Base: sides[0], Local: sides[1], Server: sides[2], Recreated: choice&64 != 0, BaseLost: choice&128 != 0}
		if s.BaseLost {
			s.Base = nil
		}
		if err := laws(s, rules); err != nil {
			t.Fatalf("%v: %v", rules.Root.Additional.Policy, err)
		}
	})
}

// FuzzOperations: whatever a log says, doing it makes a document or an error, and replaying it a document or a
// conflict that can be decided.
func FuzzOperations(f *testing.F) {
	record := `{"a":{"b":1},"l":[1,{"id":"x","n":1}],"n":1.5,"s":"text"}`
	for _, log := range []string{
		`[{"op":"set","path":"/a/b","value":2,"was":1},{"op":"increment","path":"/n","value":-1e-3}]`,
		`[{"op":"add","path":"/l","value":{"x":[]}},{"op":"remove","path":"/l","value":1},{"op":"unset","path":"/s","was":"text"}]`,
		`[{"op":"set","path":"/l/x/n","value":7,"was":1},{"op":"delete"},{"op":"create","value":{"z":1}}]`,
		`[{"op":"set","path":"no pointer","value":1},{"op":"add","path":"/l"},{"op":"set","path":"","value":1}]`,
	} {
		f.Add([]byte(record), []byte(`{"a":3,"l":[{"id":"x","n":2}],"n":2}`), []byte(log))
	}
	f.Fuzz(func(t *testing.T, base, server, log []byte) {
		b, err := Canonical(base)
		if err != nil {
			return
		}
		s, err := Canonical(server)
		if err != nil {
			return
		}
		var ops []Operation
		if json.Unmarshal(log, &ops) != nil || len(ops) > 50 {
			return
		}
		after, err := Perform(b, ops)
		if err == nil && after != nil {
			if again, err := Canonical(after); err != nil || !bytes.Equal(again, after) {
				t.Fatalf("it made %s: %v", after, err)
			}
		} else if err != nil {
			after = b
		}
		for _, rules := range []*Rules{nil, {Root: &Rule{Properties: map[string]*Rule{"l": ruleOf(Keyed)}}}} {
			r := Replay(Sides{Base: b, Local: after, Server: s}, ops, never, rules)
			if r.sides.Local == nil {
				continue
			}
			if err := errors.Join(lawOfReplay(r), lawOfDeciding(r)); err != nil {
				t.Fatal(err)
			}
		}
	})
}

// FuzzParseAssignment: what a person types is an operation that can be done, or an error.
func FuzzParseAssignment(f *testing.F) {
	for _, seed := range []string{"status=closed", "visits+=1", "tags-=a", `zip:="10115"`, "a/b=1", "/a~1b:=[1,{}]", "=", "x:=1e999", "o/n+=1", "a~=\x00"} {
		f.Add(seed)
	}
	now := Document(`{"o":{"n":1},"status":"open","tags":["a"],"visits":9007199254740993}`)
	f.Fuzz(func(t *testing.T, typed string) {
		op, err := ParseAssignment(typed, now, nil)
		if err != nil {
			if !errors.Is(err, ErrAssignment) && !errors.Is(err, ErrPath) {
				t.Fatalf("%q: %v", typed, err)
			}
			return
		}
		after, err := Perform(now, []Operation{op})
		if err != nil {
			return
		}
		if again, err := Canonical(after); err != nil || !bytes.Equal(again, after) {
			t.Fatalf("%q made %s: %v", typed, after, err)
		}
		if op.Verb == SetField && !Equal(Lookup(after, op.Path), op.Value) {
			t.Fatalf("%q: it holds %s", typed, Lookup(after, op.Path))
		}
	})
}

// FuzzParsePath: a path has a label that reads as that path, and what is set at it is found there.
func FuzzParsePath(f *testing.F) {
	for _, seed := range []string{"", "/", "status", "address/city", "/a~1b/~0", "~", "//", "a//b", "/~", "\u202e/é", "/0"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, typed string) {
		path, err := ParsePath(typed)
		if err != nil {
			if !errors.Is(err, ErrPath) {
				t.Fatal(err)
			}
			return
		}
		if path == "" || strings.Count(path, "/") > MaxDepth {
			return
		}
		if again, err := ParsePath(PathLabel(path)); err != nil || again != path {
			t.Fatalf("%q: the label %q reads as %q, %v", path, PathLabel(path), again, err)
		}
		d, err := With(Document(`{"z":1}`), path, "7")
		if errors.Is(err, ErrPath) {
			return // through /z
		}
		if err != nil || Lookup(d, path) != "7" {
			t.Fatalf("%q set in %s, %v", path, d, err)
		}
		if c, err := Canonical(d); err != nil || !bytes.Equal(c, d) {
			t.Fatalf("%q made %s: %v", path, d, err)
		}
		if d, err = With(d, path, Absent); err != nil || Lookup(d, path) != Absent {
			t.Fatalf("%q is still in %s, %v", path, d, err)
		}
	})
}

// FuzzParseFilter: a filter has only terms that are known, and each value is what its name asks for.
func FuzzParseFilter(f *testing.F) {
	for _, seed := range []string{"collection:deal field:status age>2d", `by:"Ana R" word`, "kind:edit-delete state:open", `"`, "age<", "field:/~", "a:b"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, typed string) {
		filter, err := ParseFilter(typed)
		if err != nil {
			if !errors.Is(err, ErrFilter) || len(filter.Terms) > 0 {
				t.Fatalf("%+v, %v", filter, err)
			}
			return
		}
		for _, term := range filter.Terms {
			switch term.Name {
			case "kind":
				_, err = ParseKind(term.Value)
			case "field":
				_, err = ParsePath(term.Value)
			case "age":
				if term.Age < 0 || term.Op == ':' {
					t.Fatalf("%+v", term)
				}
			}
			if err != nil {
				t.Fatalf("%+v: %v", term, err)
			}
		}
	})
}

// FuzzParseKey: a name that is let in prints, and reads back as itself.
func FuzzParseKey(f *testing.F) {
	for _, seed := range []string{"deal/D-1042", "a/b/c", "A/x", "a/", "/", "a/\x1b[2J", "a/é\u200b"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, typed string) {
		k, err := ParseKey(typed)
		if err != nil {
			return
		}
		if k.String() != typed || strings.ContainsAny(typed, "\x00\x1b\n\u202e\u200b") {
			t.Fatalf("%q was let in as %+v", typed, k)
		}
	})
}

// FuzzLayout: whatever a file looks like, what is written in its layout means the document.
func FuzzLayout(f *testing.F) {
	f.Add([]byte("{\n\t\"a\" : [1, {\"b\":2} ],\r\n\"\\u0061b\":null }\n"), []byte(`{"a":[{"b":3}],"c":{}}`))
	f.Add([]byte(`{"id":1}`), []byte(`{}`))
	f.Fuzz(func(t *testing.T, original, now []byte) {
		d, err := Canonical(now)
		if err != nil {
			return
		}
		if _, err := Canonical(original); err != nil {
			return
		}
		text := Layout(original, d, nil, nil)
		if got, err := Canonical(text); err != nil || !got.Equal(d) {
			t.Fatalf("%s laid out like %q is %q, %v", d, original, text, err)
		}
	})
}
