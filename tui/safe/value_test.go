package safe

import (
	"encoding/json"
	"math/rand/v2"
	"strings"
	"testing"

	"dovetail/merge"
)

func TestValue(t *testing.T) {
	for _, tc := range []struct {
		name  string
		v     merge.Value
		want  Cell
		ascii Cell // where it differs
	}{
		{name: "absent", v: merge.Absent, want: "— absent", ascii: "- absent"},
		{name: "null", v: "null", want: "∅ null", ascii: "null"},
		{name: "the empty string", v: `""`, want: `"" empty`},
		{name: "false", v: "false", want: "false"},
		{name: "zero", v: "0", want: "0"},
		{name: "a number as it is written", v: "1.50e3", want: "1.50e3"},
		{name: "a plain string is bare", v: `"on-hold"`, want: "on-hold"},
		{name: "a string that says null", v: `"null"`, want: `"null"`},
		{name: "a string that says True", v: `"True"`, want: `"True"`},
		{name: "a string of digits", v: `"10115"`, want: `"10115"`},
		{name: "a string like a number", v: `"-1.5e9"`, want: `"-1.5e9"`},
		{name: "a telephone number is no number", v: `"+1 555 0199"`, want: "+1 555 0199"},
		{name: "a date is no number", v: `"2026-10-02"`, want: "2026-10-02"},
		{name: "a string like our own absent", v: `"— absent"`, want: `"— absent"`},
		{name: "a string like the other absent", v: `"- absent"`, want: `"- absent"`},
		{name: "a string like our own null", v: `"∅ null"`, want: `"∅ null"`},
		{name: "a string like our own empty", v: `"\"\" empty"`, want: `"\"\" empty"`},
		{name: "a string that looks cut", v: `"abc…"`, want: `"abc…"`},
		{name: "a string like a shown difference", v: `"a {+b+}"`, want: `"a {+b+}"`},
		{name: "blanks at the ends are seen", v: `"acme "`, want: `"acme "`},
		{name: "a string like an object", v: `"{}"`, want: `"{}"`},
		{name: "escapes of JSON are undone", v: `"a\"b\\c"`, want: `a"b\\c`},
		{name: "a control character", v: `"a\u001b]52;c;?\u0007"`, want: `a\e]52;c;?\x07`},
		{name: "an array", v: `["plumbing","vip",3]`, want: `["plumbing", "vip", 3]`},
		{name: "an object", v: `{"city":"Bern","zip":"3011","a b":{"n":null}}`, want: `{city: "Bern", zip: "3011", "a b": {n: null}}`},
		{name: "empty ones", v: `{"a":[],"b":{}}`, want: `{a: [], b: {}}`},
		{name: "hostile names", v: "{\"a\u202e\":\"\u009b\"}", want: `{"a\u{202e}": "\u{9b}"}`},
		{name: "marks of JSON within strings", v: `["a,b:c]","\"]"]`, want: `["a,b:c]", "\"]"]`},
		{name: "what is no JSON is shown all the same", v: "\"a\x1b", want: `"a\e`},
	} {
		if got := Value(tc.v); got != tc.want {
			t.Errorf("%s: Value(%s) = %s, want %s", tc.name, tc.v, got, tc.want)
		}
		if tc.ascii == "" {
			tc.ascii = tc.want
		}
		if got := ValueASCII(tc.v); got != tc.ascii {
			t.Errorf("%s: ValueASCII(%s) = %s, want %s", tc.name, tc.v, got, tc.ascii)
		}
	}
}

// randomValue makes small values that are easily taken for one another.
func randomValue(r *rand.Rand, depth int) any {
	strs := []string{"", "null", "true", "12", "0", "— absent", "- absent", "∅ null", `"" empty`, `""`, `"a"`, "a", "a ", " a", "{}", "[]", `{a: "b"}`,
		"a, b", `a", "b`, "…", "a…", "\\", `\n`, "\n", "\u202e", `\u{202e}`}
	switch n := r.IntN(10); {
	case n < 5 || depth == 0:
		return strs[r.IntN(len(strs))]
	case n == 5:
		return nil
	case n == 6:
		return r.IntN(20)
	case n == 7:
		return r.IntN(2) == 0
	case n == 8:
		list := []any{}
		for range r.IntN(3) {
			list = append(list, randomValue(r, depth-1))
		}
		return list
	default:
		object := map[string]any{}
		for range r.IntN(3) {
			object[strs[r.IntN(len(strs))]] = randomValue(r, depth-1)
		}
		return object
	}
}

func TestDifferentValuesAreDrawnApart(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	for _, draw := range []func(merge.Value) Cell{Value, ValueASCII} {
		seen := map[Cell]merge.Value{draw(merge.Absent): merge.Absent}
		for range 20_000 {
			text, err := json.Marshal(randomValue(r, 3))
			if err != nil {
				t.Fatal(err)
			}
			v, err := merge.ParseValue(text)
			if err != nil {
				t.Fatal(err)
			}
			c := draw(v)
			checkDrawable(t, c)
			if other, ok := seen[c]; ok && other != v {
				t.Fatalf("%s and %s are both drawn %s", v, other, c)
			}
			seen[c] = v
		}
	}
}

func FuzzValue(f *testing.F) {
	f.Add(`{"a":["b",{"c":null}],"d":"\u001b[2J"}`)
	f.Add(`"half`)
	f.Add(`]]}}`)
	f.Fuzz(func(t *testing.T, text string) {
		checkDrawable(t, Value(merge.Value(text)))
		for _, line := range ValueBlock(merge.Value(text), 20) {
			checkDrawable(t, line)
		}
	})
}

func TestShortIsTheBeginningOfValue(t *testing.T) {
	for _, unit := range []string{"a", "東 ", "e\u0301\u0301\u0301\u0301\u0301\u0301", "\u202e", "\n", "[-", "\x1b[2J", strings.Repeat("\u0301", 50)} {
		for _, n := range []int{1, 20, 900} {
			text, err := json.Marshal(strings.Repeat(unit, n))
			if err != nil {
				t.Fatal(err)
			}
			for w := 0; w < 80; w += 3 {
				if got, want := Short(merge.Value(text), w), Value(merge.Value(text)).Truncate(w); got != want {
					t.Fatalf("%d times %q at %d: %s, want %s", n, unit, w, got, want)
				}
			}
		}
	}
}

func TestValueBlock(t *testing.T) {
	for _, tc := range []struct {
		name string
		v    merge.Value
		w    int
		want string
	}{
		{name: "a short string", v: `"Bern"`, w: 20, want: "Bern"},
		{name: "the empty string", v: `""`, w: 20, want: `"" empty`},
		{name: "lines of a string", v: `"leaks\nreplaced the valve"`, w: 12, want: "leaks\\n\nreplaced \nthe valve"},
		{name: "an object", v: `{"city":"Bern","tags":["a","b"],"x":{}}`, w: 30,
			want: "{\n  city: \"Bern\",\n  tags: [\n    \"a\",\n    \"b\"\n  ],\n  x: {}\n}"},
		{name: "a long member keeps its indent", v: `{"notes":"one two three"}`, w: 14,
			want: "{\n  notes: \"one \n  two three\"\n}"},
		{name: "a line break inside is no line of its own without a mark", v: `{"a":"x\ny"}`, w: 20,
			want: "{\n  a: \"x\\n\n  y\"\n}"},
	} {
		var lines []string
		for _, l := range ValueBlock(tc.v, tc.w) {
			lines = append(lines, string(l))
		}
		if got := strings.Join(lines, "\n"); got != tc.want {
			t.Errorf("%s:\n%s\nwant\n%s", tc.name, got, tc.want)
		}
	}
}

func TestDifference(t *testing.T) {
	for _, tc := range []struct {
		name string
		a, b merge.Value
		want string
	}{
		{name: "the same", a: `"a"`, b: `"a"`},
		{name: "plain to see", a: `"open"`, b: `"closed"`},
		{name: "plain to see, of two types", a: `"open"`, b: "4"},
		{name: "case", a: `"Acme"`, b: `"ACME"`, want: "case"},
		{name: "trailing space", a: `"Acme"`, b: `"Acme "`, want: "trailing space"},
		{name: "leading space", a: `"Acme"`, b: `" Acme"`, want: "leading space"},
		{name: "two ways", a: `"acme"`, b: `"Acme "`, want: "case, trailing space"},
		{name: "spaces inside", a: `"a b"`, b: `"a  b"`, want: "spaces"},
		{name: "another blank", a: `"a b"`, b: "\"a\u00a0b\"", want: "spaces"},
		{name: "invisible", a: `"paypal"`, b: "\"pay\u200bpal\"", want: "invisible"},
		{name: "control", a: `"ab"`, b: `"a\u0007b"`, want: "invisible"},
		{name: "normal form", a: "\"\u00e9\"", b: "\"e\u0301\"", want: "normal form"},
		{name: "line ends", a: `"a\nb"`, b: `"a\r\nb"`, want: "line ends"},
		{name: "look-alikes", a: `"ACME"`, b: "\"\u0410CM\u0415\"", want: "look-alike letters"},
		{name: "quotation marks", a: `"it's"`, b: "\"it\u2019s\"", want: "look-alike letters"},
		{name: "text and number", a: `"12"`, b: "12", want: "type: text, number"},
		{name: "text and boolean", a: `"true"`, b: "true", want: "type: text, boolean"},
		{name: "nothing and null", a: merge.Absent, b: "null", want: "type: absent, null"},
		{name: "null and empty", a: "null", b: `""`, want: "type: null, text"},
		{name: "two texts of one number", a: "1.0", b: "1", want: "the way the number is written"},
		{name: "two numbers", a: "10", b: "1"},
		{name: "order", a: `["a","b"]`, b: `["b","a"]`, want: "order"},
		{name: "other elements", a: `["a","b"]`, b: `["b","c"]`},
		{name: "empty arrays do not differ in order", a: `[]`, b: `["b"]`},
	} {
		want := tc.want
		if want != "" {
			want = "differs only in: " + want
		}
		if got := Difference(tc.a, tc.b); got != want {
			t.Errorf("%s: %q, want %q", tc.name, got, want)
		}
	}
}
