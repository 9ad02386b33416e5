package main

import (
	"strings"
	"testing"

	"dovetail/merge"
)

func TestDiffWords(t *testing.T) {
	for _, test := range []struct {
		name        string
		base, value merge.Value
		want        string
	}{
		{name: "a word replaced", base: `"12 Kiln Rd"`, value: `"12 Kiln Road"`, want: "12 Kiln [-Rd-]{+Road+}"},
		{name: "words added", base: `"12 Kiln Rd"`, value: `"12 Kiln Rd, Unit 4"`, want: "12 Kiln Rd{+, Unit 4+}"},
		{name: "nothing in common", base: `"lead"`, value: `"closed"`, want: "[-lead-]{+closed+}"},
		{name: "absent is no text", base: merge.Absent, value: `"x"`, want: "{+x+}"},
		{name: "removed", base: `"x"`, value: merge.Absent, want: "[-x-]"},
		// A value that holds our marks must not be able to pretend a change.
		{name: "marks in the value", base: `"a b c"`, value: `"a {+b+} c"`, want: `"a {+b+} c"   (was: a b c)`},
	} {
		t.Run(test.name, func(t *testing.T) {
			if got := plainStyle.between(test.base, test.value); got != test.want {
				t.Errorf("got %s, want %s", got, test.want)
			}
		})
	}
}

// Whatever the texts are, what is not added is base and what is not removed is value.
func TestDiffIsComplete(t *testing.T) {
	texts := []string{"", "a", "a b", "b a", "one two three two one", "two one three", strings.Repeat("x y ", 3000), "é ü, 東京 x", "  "}
	for _, base := range texts {
		for _, value := range texts {
			var cut, added string
			for _, e := range wordDiff(splitWords(base), splitWords(value)) {
				if e.side <= 0 {
					cut += e.text
				}
				if e.side >= 0 {
					added += e.text
				}
			}
			if cut != base || added != value {
				t.Errorf("%.20q to %.20q gives %.20q and %.20q", base, value, cut, added)
			}
		}
	}
}
