package merge

import (
	"bytes"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"unicode/utf8"
)

// doc makes a canonical document of a test's text; an empty text is a record that is not there.
func doc(t testing.TB, text string) Document {
	t.Helper()
	if text == "" {
		return nil
	}
	d, err := Canonical([]byte(text))
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return d
}

func TestCanonical(t *testing.T) {
	for _, c := range []struct{ name, in, want string }{
		{"empty", ` { } `, `{}`},
		{"keys sorted by bytes", `{"b":1,"a":2,"B":3,"":4,"é":5,"aa":6}`, `{"":4,"B":3,"a":2,"aa":6,"b":1,"é":5}`},
		{"keys sorted by what they stand for, not by their escapes", `{"\u0022":1,"!":2,"#":3,"\n":4}`, `{"\n":4,"!":2,"\"":1,"#":3}`},
		{"keys that differ only in case are two", `{"ID":1,"id":2}`, `{"ID":1,"id":2}`},
		{"nested", "{\"a\" : [ 1 , {\"z\":1,\"y\":[]} ]\n}", `{"a":[1,{"y":[],"z":1}]}`},
		{"arrays keep their order", `{"a":[3,1,2,1]}`, `{"a":[3,1,2,1]}`},
		{"numbers keep their text", `{"a":1.0,"b":1e0,"c":-0,"d":9007199254740993,"e":0.10}`, `{"a":1.0,"b":1e0,"c":-0,"d":9007199254740993,"e":0.10}`},
		{"shortest escapes", `{"a":"\u0041\/\u00e9\u0001\u001f\u0008\t\u007f\u2028"}`, "{\"a\":\"A/é\\u0001\\u001f\\b\\t\u007f\u2028\"}"},
		{"surrogate pair", `{"a":"\ud83d\ude00"}`, `{"a":"😀"}`},
		{"NUL stays an escape", `{"a":"x\u0000y"}`, `{"a":"x\u0000y"}`},
		{"normal forms stay two", "{\"a\":\"e\u0301\",\"b\":\"\u00e9\"}", "{\"a\":\"e\u0301\",\"b\":\"\u00e9\"}"},
		{"number at the limit", `{"a":` + strings.Repeat("9", MaxNumber) + `}`, `{"a":` + strings.Repeat("9", MaxNumber) + `}`},
		{"exponent at the limit", `{"a":1e400,"b":1E-400}`, `{"a":1e400,"b":1E-400}`},
		{"depth at the limit", nested(MaxDepth), nested(MaxDepth)},
		{"words", `{"a":true,"b":false,"c":null}`, `{"a":true,"b":false,"c":null}`},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := string(doc(t, c.in)); got != c.want {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
			if again := string(doc(t, c.want)); again != c.want {
				t.Errorf("not stable: %s", again)
			}
		})
	}
}

// nested is a document with that many levels.
func nested(levels int) string {
	return strings.Repeat(`{"a":`, levels-1) + "{}" + strings.Repeat("}", levels-1)
}

func TestCanonicalRefuses(t *testing.T) {
	for _, c := range []struct{ name, in, path string }{
		{"nothing", ``, ""},
		{"no object", `[1]`, ""},
		{"null", `null`, ""},
		{"cut short", `{"a":`, "/a"},
		{"cut in a string", `{"a":"x`, "/a"},
		{"cut in an escape", `{"a":"\`, "/a"},
		{"cut in an object", `{"a":1`, ""},
		{"trailing data", `{"a":1} {}`, ""},
		{"trailing comma", `{"a":1,}`, ""},
		{"no colon", `{"a" 1}`, "/a"},
		{"no comma", `{"a":[1 2]}`, "/a"},
		{"bare word", `{"a":nil}`, "/a"},
		{"single quotes", `{'a':1}`, ""},
		{"duplicate keys", `{"x":{"b":1,"a":2,"b":3}}`, "/x/b"},
		{"duplicate keys by another escape", `{"a":1,"\u0061":2}`, "/a"},
		{"invalid UTF-8", "{\"a\":\"\xff\"}", "/a"},
		{"invalid UTF-8 after an escape", "{\"a\":\"\\n\xff\"}", "/a"},
		{"invalid UTF-8 in a key", "{\"\xff\":1}", ""},
		{"surrogate in UTF-8", "{\"a\":\"\xed\xa0\x80\"}", "/a"},
		{"lone high surrogate", `{"a":"\ud800"}`, "/a"},
		{"lone low surrogate", `{"a":"\udc00x"}`, "/a"},
		{"high surrogate twice", `{"a":"\ud800\ud800"}`, "/a"},
		{"unknown escape", `{"a":"\x41"}`, "/a"},
		{"raw control character", "{\"a\":\"x\ny\"}", "/a"},
		{"raw control character after an escape", "{\"a\":\"\\n\x01\"}", "/a"},
		{"leading zero", `{"a":01}`, "/a"},
		{"bare point", `{"a":1.}`, "/a"},
		{"plus", `{"a":+1}`, "/a"},
		{"NaN", `{"a":NaN}`, "/a"},
		{"minus alone", `{"a":-}`, "/a"},
		{"exponent without digits", `{"a":1e}`, "/a"},
		{"number over the limit", `{"n":{"a":` + strings.Repeat("9", 100_000) + `}}`, "/n/a"},
		{"exponent over the limit", `{"a":1e401}`, "/a"},
		{"exponent far over the limit", `{"a":[0,1e-999999999999999999]}`, "/a/1"},
		{"depth over the limit", nested(MaxDepth + 1), strings.Repeat("/a", MaxDepth)},
		{"depth far over the limit", strings.Repeat(`{"a":`, 10_000), strings.Repeat("/a", MaxDepth)},
		{"arrays deep", `{"a":` + strings.Repeat("[", 10_000), "/a" + strings.Repeat("/0", MaxDepth-1)},
		{"path with escapes", `{"a/b~c":[true,tru]}`, "/a~1b~0c/1"},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := Canonical([]byte(c.in))
			var e *DocumentError
			if got != nil || !errors.As(err, &e) {
				t.Fatalf("got %.80q, %v", got, err)
			}
			if e.Path != c.path {
				t.Errorf("path %.100q, want %.100q (%v)", e.Path, c.path, e.Reason)
			}
		})
	}
}

func FuzzCanonical(f *testing.F) {
	for _, seed := range []string{`{}`, `{"b":[1,2.50,-0e1,{"x":null}],"a":"\u00e9\n\ud83d\ude00"}`, `{"a":1,"a":2}`, "{\"a\":\"\xff\"}", `{"a":1e999}`} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, src []byte) {
		d, err := Canonical(src)
		if err != nil {
			if d != nil {
				t.Fatalf("a document beside the error %v", err)
			}
			return
		}
		if !json.Valid(src) || !json.Valid(d) || !utf8.Valid(d) {
			t.Fatalf("let in what is no JSON: %q", src)
		}
		again, err := Canonical(d)
		if err != nil || !bytes.Equal(again, d) {
			t.Fatalf("not stable: %q, then %q, %v", d, again, err)
		}
		if !sameMeaning(t, src, d) {
			t.Fatalf("%q became %q", src, d)
		}
	})
}

// sameMeaning compares by the standard library, with the text of numbers.
func sameMeaning(t *testing.T, a, b []byte) bool {
	var texts [2][]byte
	for i, src := range [][]byte{a, b} {
		decoder := json.NewDecoder(bytes.NewReader(src))
		decoder.UseNumber()
		var v any
		if err := decoder.Decode(&v); err != nil {
			t.Fatal(err)
		}
		texts[i], _ = json.Marshal(v)
	}
	return bytes.Equal(texts[0], texts[1])
}

func TestEqual(t *testing.T) {
	for _, c := range []struct {
		a, b Value
		want bool
	}{
		{"1", "1.0", true},
		{"1", "1e0", true},
		{"100", "1e2", true},
		{"0.001", "1E-3", true},
		{"-0", "0", true},
		{"0e5", "-0.000", true},
		{"1", "-1", false},
		{"9007199254740993", "9007199254740992", false},
		{"0.1", "0.10000000000000000001", false},
		{"1e400", "1e399", false},
		{"1", `"1"`, false},
		{"0", "false", false},
		{`""`, Null, false},
		{Null, Absent, false},
		{Absent, Absent, true},
		{"[1,2]", "[1.0,2e0]", true},
		{"[1,2]", "[2,1]", false},
		{"[1]", "[1,1]", false},
		{"[]", "[1]", false},
		{"[[],1]", "[[],1.0]", true},
		{`{"a":[1],"b":1}`, `{"a":[1.0],"b":1}`, true},
		{`{"a":1}`, `{"a":1,"b":1}`, false},
		{`{"a":1}`, `{"b":1}`, false},
		{"\"e\u0301\"", "\"\u00e9\"", false},
	} {
		if Equal(c.a, c.b) != c.want || Equal(c.b, c.a) != c.want {
			t.Errorf("%s and %s: want %v", c.a, c.b, c.want)
		}
	}
}
