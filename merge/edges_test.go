package merge

import (
	"errors"
	"slices"
	"strings"
	"testing"
)

// TestEdgeValues takes values that decoders tend to bend through every step: let in, compared, merged, decided,
// written. They come out as they went in.
func TestEdgeValues(t *testing.T) {
	for _, c := range []struct {
		name, a, b string
		same       bool
	}{
		{name: "beyond what a float counts", a: "9007199254740993", b: "9007199254740992"},
		{name: "a sum that floats don't make", a: "0.3", b: "0.30000000000000004"},
		{name: "minus zero", a: "-0", b: "0", same: true},
		{name: "one in three spellings", a: "1", b: "1.0", same: true},
		{name: "one and its text", a: "1", b: `"1"`},
		{name: "one and true", a: "1", b: "true"},
		{name: "zero and nothing", a: "0", b: `""`},
		{name: "null and its text", a: "null", b: `"null"`},
		{name: "null and an empty object", a: "null", b: "{}"},
		{name: "an empty array and an empty object", a: "[]", b: "{}"},
		{name: "the largest exponent", a: "1e400", b: "10e399", same: true},
		{name: "the largest exponents", a: "1e400", b: "-1e400"},
		{name: "the smallest exponents", a: "1e-400", b: "0"},
		{name: "64 digits", a: strings.Repeat("9", 64), b: strings.Repeat("9", 63) + "8"},
		{name: "one letter in two normal forms", a: "\"\u00e9\"", b: "\"e\u0301\""},
		{name: "one letter in two scripts", a: `"a"`, b: "\"\u0430\""},
		{name: "letters that case folds together", a: `"K"`, b: "\"\u212a\""},
		{name: "a blank at the end", a: `"a"`, b: `"a "`},
		{name: "line ends", a: `"a\n"`, b: `"a\r\n"`},
		{name: "a NUL", a: `"a"`, b: `"a\u0000"`},
		{name: "a replacement character", a: "\"\ufffd\"", b: `"?"`},
		{name: "an object in another order", a: `{"x":1,"y":[1]}`, b: `{"y":[1.0],"x":1}`, same: true},
		{name: "an array in another order", a: `[1,2]`, b: `[2,1]`},
		{name: "100 000 elements", a: long100k("1"), b: long100k("2")},
		{name: "the deepest value", a: nested(MaxDepth - 1), b: nested(MaxDepth - 2)},
	} {
		t.Run(c.name, func(t *testing.T) {
			side := func(v string) Document { return doc(t, `{"f":`+v+`,"z":0}`) }
			a, b := side(c.a), side(c.b)
			if a.Equal(b) != c.same {
				t.Fatalf("equal: %v", !c.same)
			}
			outcome := KeepLocal
			if c.same {
				outcome = Converged
			}
			if r := Record(Sides{Base: b, Local: a, Server: b}, nil); r.Outcome != outcome || outcome == KeepLocal && string(r.Document) != string(a) {
				t.Errorf("changed here: %v %.80s", r.Outcome, r.Document)
			}
			r := Record(Sides{Base: holding(`"other"`), Local: a, Server: b}, nil)
			if c.same {
				if r.Outcome != Converged || string(r.Document) != string(b) {
					t.Errorf("the server's spelling stays: %v %.80s", r.Outcome, r.Document)
				}
				return
			}
			if got := r.Conflicts(); !slices.Equal(got, []string{"/f"}) {
				t.Fatalf("conflicts %q", got)
			}
			for choice, want := range map[Choice]Document{TakeLocal: a, TakeServer: b} {
				if got, err := r.Apply(Decisions{"/f": choose(t, r, "/f", choice, Absent)}); err != nil || string(got) != string(want) {
					t.Errorf("%v: got %.80s, %v", choice, got, err)
				}
			}
		})
	}
}

func long100k(last string) string { return "[" + strings.Repeat("0,", 99_999) + last + "]" }

// TestEdgeKeys: names that pointers, terminals and file systems bend name fields of their own.
func TestEdgeKeys(t *testing.T) {
	for _, c := range []struct{ name, a, b, pathA, pathB string }{
		{"a slash", `a/b`, `a`, "/a~1b", "/a"},
		{"a tilde", `a~1b`, `a/b`, "/a~01b", "/a~1b"},
		{"nothing", ``, `/`, "/", "/~1"},
		{"case", `ID`, `id`, "/ID", "/id"},
		{"normal forms", "\u00e9", "e\u0301", "/\u00e9", "/e\u0301"},
		{"a quote and a backslash", `\"`, `\\`, `/"`, `/\`},
		{"a control character", `\u001b`, `\u0000`, "/\x1b", "/\x00"},
		{"an index", `0`, `00`, "/0", "/00"},
		{"a dash", `-`, `--`, "/-", "/--"},
		{"a prototype", `__proto__`, `constructor`, "/__proto__", "/constructor"},
	} {
		t.Run(c.name, func(t *testing.T) {
			record := func(a, b string) Document { return doc(t, `{"`+c.a+`":`+a+`,"`+c.b+`":`+b+`}`) }
			r := Record(Sides{Base: record("1", "1"), Local: record("2", "1"), Server: record("1", "3")}, nil)
			if r.Outcome != Merged || string(r.Document) != string(record("2", "3")) {
				t.Errorf("got %v %s", r.Outcome, r.Document)
			}
			r = Record(Sides{Base: record("1", "1"), Local: record("2", "1"), Server: record("3", "1")}, nil)
			if got := r.Conflicts(); !slices.Equal(got, []string{c.pathA}) {
				t.Fatalf("conflicts %q, want %q", got, c.pathA)
			}
			got, err := r.Apply(Decisions{c.pathA: choose(t, r, c.pathA, Removed, Absent)})
			if err != nil || Lookup(got, c.pathA) != Absent || Lookup(got, c.pathB) != "1" {
				t.Errorf("got %s, %v", got, err)
			}
		})
	}
}

// TestEdgeValuesAreRefusedWithTheirPath, before anything is made of them.
func TestEdgeValuesAreRefusedWithTheirPath(t *testing.T) {
	for _, c := range []struct{ name, value, path string }{
		{"an exponent beyond the limit", "1e401", "/o/a~1b"},
		{"an exponent far below it", "1E-99999999999999999999", "/o/a~1b"},
		{"65 digits", strings.Repeat("9", 65), "/o/a~1b"},
		{"half a pair", `"\ud800"`, "/o/a~1b"},
		{"the other half", `"x\udfff"`, "/o/a~1b"},
		{"half a pair in a key", `{"\ud800":1}`, "/o/a~1b"},
		{"a key twice", `{"k":1,"K":2,"k":1}`, "/o/a~1b/k"},
		{"a key twice by its escape", `{"é":1,"\u00e9":1}`, "/o/a~1b/é"},
		{"a level too many", nested(MaxDepth - 1), "/o/a~1b" + strings.Repeat("/a", MaxDepth-2)},
		{"an array in an array, too deep", strings.Repeat("[", MaxDepth-1) + strings.Repeat("]", MaxDepth-1), "/o/a~1b" + strings.Repeat("/0", MaxDepth-2)},
		{"element 99 999 of 100 000", long100k("NaN"), "/o/a~1b/99999"},
		{"an infinity", "Infinity", "/o/a~1b"},
		{"hexadecimal", "0x1F", "/o"},
	} {
		t.Run(c.name, func(t *testing.T) {
			d, err := Canonical([]byte(`{"o":{"a/b":` + c.value + `}}`))
			var e *DocumentError
			if d != nil || !errors.As(err, &e) || e.Path != c.path {
				t.Errorf("got %.60s, %.300v", d, err)
			}
			if v, err := ParseValue([]byte(c.value)); err == nil && !strings.Contains(c.name, "level") && !strings.Contains(c.name, "deep") {
				t.Errorf("alone it was let in as %.60s", v)
			}
		})
	}
}

// TestEdgeSums: what a counter adds up to is exact, or a person's to decide; it is never bent to fit.
func TestEdgeSums(t *testing.T) {
	for _, c := range []struct{ name, base, local, server, want string }{
		{"tenths", "0", "0.1", "0.2", "0.3"},
		{"beyond what a float counts", "9007199254740991", "9007199254740992", "9007199254740992", "9007199254740993"},
		{"minus zero", "-0", "1", "-1", "0"},
		{"tiny and large", "0", "1e-20", "1e20", "100000000000000000000.00000000000000000001"},
		{"63 and 64 digits", "0", strings.Repeat("9", 63), "1", "1" + strings.Repeat("0", 63)},
		{"65 digits", "0", strings.Repeat("9", 64), "1", "conflict"},
		{"the largest exponents", "0", "1e400", "1e-400", "conflict"},
		{"down to nothing", "5", "0", "0", "-5"},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := Record(Sides{Base: holding(Value(c.base)), Local: holding(Value(c.local)), Server: holding(Value(c.server))}, policyFor(Counter))
			got := string(Lookup(r.Document, "/f"))
			if r.Outcome == RecordConflict {
				got = "conflict"
			}
			if got != c.want {
				t.Errorf("got %s", got)
			}
		})
	}
}
