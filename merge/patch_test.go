package merge_test

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"

	"dovetail/merge"
)

func patched(document, patch string) (string, error) {
	d, err := merge.Canonical([]byte(document))
	if err != nil {
		return "", err
	}
	before := bytes.Clone(d)
	p, err := merge.ParsePatch([]byte(patch))
	if err != nil {
		return "", err
	}
	out, err := p.Apply(d)
	if !bytes.Equal(before, d) {
		return "", fmt.Errorf("the document itself became %s", d)
	}
	return string(out), err
}

// The examples of RFC 6902, appendix A, and what it says in words.
func TestPatch(t *testing.T) {
	for _, c := range []struct{ name, document, patch, want string }{
		{"A.1", `{"foo":"bar"}`, `[{"op":"add","path":"/baz","value":"qux"}]`, `{"baz":"qux","foo":"bar"}`},
		{"A.2", `{"foo":["bar","baz"]}`, `[{"op":"add","path":"/foo/1","value":"qux"}]`, `{"foo":["bar","qux","baz"]}`},
		{"A.3", `{"baz":"qux","foo":"bar"}`, `[{"op":"remove","path":"/baz"}]`, `{"foo":"bar"}`},
		{"A.4", `{"foo":["bar","qux","baz"]}`, `[{"op":"remove","path":"/foo/1"}]`, `{"foo":["bar","baz"]}`},
		{"A.5", `{"baz":"qux","foo":"bar"}`, `[{"op":"replace","path":"/baz","value":"boo"}]`, `{"baz":"boo","foo":"bar"}`},
		{"A.6", `{"foo":{"bar":"baz","waldo":"fred"},"qux":{"corge":"grault"}}`,
			`[{"op":"move","from":"/foo/waldo","path":"/qux/thud"}]`,
			`{"foo":{"bar":"baz"},"qux":{"corge":"grault","thud":"fred"}}`},
		{"A.7", `{"foo":["all","grass","cows","eat"]}`, `[{"op":"move","from":"/foo/1","path":"/foo/3"}]`,
			`{"foo":["all","cows","eat","grass"]}`},
		{"A.8", `{"baz":"qux","foo":["a",2,"c"]}`,
			`[{"op":"test","path":"/baz","value":"qux"},{"op":"test","path":"/foo/1","value":2}]`, `{"baz":"qux","foo":["a",2,"c"]}`},
		{"A.10", `{"foo":"bar"}`, `[{"op":"add","path":"/child","value":{"grandchild":{}}}]`, `{"child":{"grandchild":{}},"foo":"bar"}`},
		{"A.11", `{"foo":"bar"}`, `[{"op":"add","path":"/baz","value":"qux","xyz":123}]`, `{"baz":"qux","foo":"bar"}`},
		{"A.14", `{"/":9,"~1":10}`, `[{"op":"test","path":"/~01","value":10}]`, `{"/":9,"~1":10}`},
		{"A.16", `{"foo":["bar"]}`, `[{"op":"add","path":"/foo/-","value":["abc","def"]}]`, `{"foo":["bar",["abc","def"]]}`},
		{"add over what is there", `{"a":1}`, `[{"op":"add","path":"/a","value":null}]`, `{"a":null}`},
		{"add the whole", `{"a":1}`, `[{"op":"add","path":"","value":{"b":2}}]`, `{"b":2}`},
		{"copy the whole into itself", `{"a":1}`, `[{"op":"copy","from":"","path":"/b"}]`, `{"a":1,"b":{"a":1}}`},
		{"a copy is no alias", `{"a":{"x":1}}`,
			`[{"op":"copy","from":"/a","path":"/b"},{"op":"replace","path":"/a/x","value":2}]`, `{"a":{"x":2},"b":{"x":1}}`},
		{"what was opened is copied as it is by now", `{"a":{"x":1}}`,
			`[{"op":"add","path":"/a/y","value":2},{"op":"copy","from":"/a","path":"/b"}]`, `{"a":{"x":1,"y":2},"b":{"x":1,"y":2}}`},
		{"move to where it is", `{"a":1,"b":2}`, `[{"op":"move","from":"/a","path":"/a"}]`, `{"a":1,"b":2}`},
		{"move over what is there", `{"a":1,"b":2}`, `[{"op":"move","from":"/a","path":"/b"}]`, `{"b":1}`},
		{"the empty key", `{"":{"":1}}`, `[{"op":"replace","path":"//","value":2}]`, `{"":{"":2}}`},
		{"a key that is a number", `{"a":{"0":1}}`, `[{"op":"remove","path":"/a/0"}]`, `{"a":{}}`},
		{"numbers keep their text", `{"a":1.0,"b":9007199254740993}`, `[{"op":"add","path":"/c","value":10.50}]`,
			`{"a":1.0,"b":9007199254740993,"c":10.50}`},
		{"numbers test by value", `{"a":[1.0]}`, `[{"op":"test","path":"/a","value":[1e0]}]`, `{"a":[1.0]}`},
		{"keys test in any order", `{"a":{"x":1,"y":2}}`, `[{"op":"test","path":"/a","value":{"y":2,"x":1}}]`, `{"a":{"x":1,"y":2}}`},
		{"no step", `{"a":1}`, `[]`, `{"a":1}`},
		{"members come sorted", `{"m":1}`, `[{"op":"add","path":"/z","value":1},{"op":"add","path":"/a\u0000","value":1}]`,
			`{"a\u0000":1,"m":1,"z":1}`},
	} {
		if got, err := patched(c.document, c.patch); err != nil || got != c.want {
			t.Errorf("%s: %s, %v, want %s", c.name, got, err, c.want)
		}
	}
}

// A step that cannot be done takes the others with it.
func TestPatchThatDoesNotFit(t *testing.T) {
	const document = `{"a":1,"l":[1,2],"o":{"x":1}}`
	for patch, reason := range map[string]string{
		`{"op":"test","path":"/a","value":"1"}`:                     "not what the test says", // A.15
		`{"op":"test","path":"/none","value":null}`:                 "nothing here",
		`{"op":"add","path":"/none/x","value":1}`:                   "nothing here", // A.12
		`{"op":"remove","path":"/none"}`:                            "nothing here",
		`{"op":"remove","path":""}`:                                 "as a whole",
		`{"op":"replace","path":"/none","value":1}`:                 "nothing here",
		`{"op":"replace","path":"/l/2","value":1}`:                  "not so long",
		`{"op":"add","path":"/l/3","value":1}`:                      "not so long",
		`{"op":"add","path":"/l/01","value":1}`:                     "by its index",
		`{"op":"add","path":"/l/-1","value":1}`:                     "by its index",
		`{"op":"add","path":"/l/1e0","value":1}`:                    "by its index",
		`{"op":"add","path":"/l/9999999999999999999","value":1}`:    "by its index",
		`{"op":"remove","path":"/l/-"}`:                             "by its index",
		`{"op":"add","path":"/a/x","value":1}`:                      "no members",
		`{"op":"move","from":"/o","path":"/o/y"}`:                   "into itself",
		`{"op":"move","from":"","path":"/o"}`:                       "into itself",
		`{"op":"move","from":"/none","path":"/b"}`:                  "from: there is nothing",
		`{"op":"copy","from":"/none","path":"/b"}`:                  "from: there is nothing",
		`{"op":"add","path":"","value":[]}`:                         "a record is an object, not array",
		`{"op":"replace","path":"","value":null}`:                   "a record is an object, not null",
		`{"op":"copy","from":"","path":"/b"},` + doubling(40):       "too much",
		`{"op":"copy","from":"/a","path":""}`:                       "a record is an object, not number",
		`{"op":"add","path":"/a","value":2},{"op":"bad-on-purpose"`: "",
	} {
		got, err := patched(document, "["+patch+"]")
		var fits *merge.PatchError
		switch {
		case reason == "":
			if err == nil {
				t.Errorf("%s: %s", patch, got)
			}
		case !errors.As(err, &fits) || !errors.Is(err, merge.ErrPatch) || !strings.Contains(err.Error(), reason) || got != "":
			t.Errorf("%s: %q, %v, want %q", patch, got, err, reason)
		}
	}
	if got, err := patched(document, `[{"op":"copy","from":"","path":"/b"}`+strings.Repeat(`,{"op":"copy","from":"","path":"/b"}`, 40)+`]`); err == nil {
		t.Errorf("a record of more than %d levels: %s", merge.MaxDepth, got)
	}
}

// doubling are steps that make a document twice as large each.
func doubling(n int) string {
	return strings.Repeat(`{"op":"copy","from":"","path":"/l/0"},`, n) + `{"op":"copy","from":"","path":"/l/0"}`
}

// What is no JSON Patch is told where.
func TestPatchThatIsNone(t *testing.T) {
	deep := strings.Repeat("[", merge.MaxDepth-1) + strings.Repeat("]", merge.MaxDepth-1)
	if got, err := patched(`{}`, `[{"op":"add","path":"/a","value":`+deep+`}]`); err != nil {
		t.Errorf("as deep as a record may be: %s, %v", got, err)
	}
	for patch, path := range map[string]string{
		`{}`:                                  "",
		``:                                    "",
		`[1]`:                                 "/0",
		`[{}]`:                                "/0/op",
		`[{"op":1,"path":""}]`:                "/0/op",
		`[{"op":"ADD","path":"","value":{}}]`: "/0/op",
		`[{"op":"add","path":"/a"}]`:          "/0/value",
		`[{"op":"test","path":""}]`:           "/0/value",
		`[{"op":"remove"}]`:                   "/0/path",
		`[{"op":"remove","path":"a"}]`:        "/0/path",
		`[{"op":"remove","path":"/~2"}]`:      "/0/path",
		`[{"op":"remove","path":"/~"}]`:       "/0/path",
		`[{"op":"remove","path":["a"]}]`:      "/0/path",
		`[{"op":"move","path":"/a"}]`:         "/0/from",
		`[{"op":"remove","path":"/a","path":"/b"}]`:                                                           "/0/path", // A.13
		`[{"op":"remove","path":"/a"},{"op":"copy","path":"/a","from":"b"}]`:                                  "/1/from",
		`[{"op":"remove","path":"` + strings.Repeat("/a", merge.MaxDepth+1) + `"}]`:                           "/0/path",
		`[{"op":"add","path":"/a","value":1e999}]`:                                                            "/0/value",
		`[` + strings.Repeat(`{"op":"remove","path":"/a"},`, merge.MaxSteps) + `{"op":"remove","path":"/a"}]`: "",
	} {
		_, err := merge.ParsePatch([]byte(patch))
		var wrong *merge.DocumentError
		if !errors.As(err, &wrong) || wrong.Path != path {
			t.Errorf("%.80s: %v, want it at %q", patch, err, path)
		}
	}
}

// FuzzPatch: whatever a patch says, doing it makes a canonical document or an error, and testing the document that came of
// it for what it is changes nothing.
func FuzzPatch(f *testing.F) {
	for _, patch := range []string{
		`[{"op":"add","path":"/l/-","value":{"x":[]}},{"op":"test","path":"/n","value":15e-1}]`,
		`[{"op":"move","from":"/a/b","path":"/l/0"},{"op":"copy","from":"","path":"/a/c"}]`,
		`[{"op":"replace","path":"/~1~0","value":null},{"op":"remove","path":"/s"}]`,
	} {
		f.Add([]byte(`{"a":{"b":1},"l":[1,{"id":"x"}],"n":1.5,"s":"te\u0000xt","/~":0}`), []byte(patch))
	}
	f.Fuzz(func(t *testing.T, document, patch []byte) {
		d, err := merge.Canonical(document)
		if err != nil {
			return
		}
		p, err := merge.ParsePatch(patch)
		if err != nil {
			if p != nil {
				t.Fatalf("an error and a patch: %v", p)
			}
			return
		}
		out, err := p.Apply(d)
		if err != nil {
			if out != nil {
				t.Fatalf("an error and a document: %s", out)
			}
			return
		}
		if again, err := merge.Canonical(out); err != nil || !bytes.Equal(again, out) {
			t.Fatalf("%s is not canonical: %v", out, err)
		}
		same, err := merge.ParsePatch(fmt.Appendf(nil, `[{"op":"test","path":"","value":%s},{"op":"replace","path":"","value":%[1]s}]`, out))
		if err != nil {
			t.Fatal(err)
		}
		if again, err := same.Apply(out); err != nil || !bytes.Equal(again, out) {
			t.Fatalf("%s became %s: %v", out, again, err)
		}
	})
}
