package safe

import (
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/charmbracelet/x/ansi"
)

func TestTruncate(t *testing.T) {
	for _, tc := range []struct {
		name string
		in   Cell
		w    int
		want Cell
	}{
		{name: "what fits stays", in: "abc", w: 3, want: "abc"},
		{name: "a mark shows the cut", in: "abcd", w: 3, want: "ab…"},
		{name: "one column", in: "abcd", w: 1, want: "…"},
		{name: "no column", in: "abcd", w: 0, want: ""},
		{name: "less than none", in: "abcd", w: -3, want: ""},
		{name: "an escape stays whole", in: `ab\u{202e}cd`, w: 8, want: "ab…"},
		{name: "an escape that fits", in: `ab\u{202e}cd`, w: 11, want: `ab\u{202e}…`},
		{name: "a doubled backslash stays whole", in: `a\\b`, w: 3, want: "a…"},
		{name: "a wide letter stays whole", in: "東京都", w: 4, want: "東…"},
		{name: "a composed letter stays whole", in: "e\u0301e\u0301e\u0301", w: 2, want: "e\u0301…"},
		{name: "nothing of nothing", in: "", w: 5, want: ""},
	} {
		if got := tc.in.Truncate(tc.w); got != tc.want {
			t.Errorf("%s: %s to %d = %s, want %s", tc.name, tc.in, tc.w, got, tc.want)
		}
	}
	if got := Cell("abcdef").TruncateWith(5, "..."); got != "ab..." {
		t.Errorf("with another mark: %s", got)
	}
	if got := Cell("abcdef").TruncateWith(2, "..."); got != "" {
		t.Errorf("a mark wider than the room: %s", got)
	}
}

// TestWidths cuts and fits everything to every width: never wider, never inside an escape, filled to the column.
func TestWidths(t *testing.T) {
	texts := []string{strings.Repeat("東a\u202e\\é", 30), strings.Repeat("plain ", 40)}
	for _, s := range attacks {
		texts = append(texts, s+s+s)
	}
	for _, s := range texts {
		c := Text(s)
		for w := range 201 {
			cut := c.Truncate(w)
			if cut.Width() > w {
				t.Fatalf("%s cut to %d is %d wide: %s", c, w, cut.Width(), cut)
			}
			kept, marked := strings.CutSuffix(string(cut), "…")
			if marked == (c.Width() <= w) && w > 0 {
				t.Fatalf("%s cut to %d: %s", c, w, cut)
			}
			if back, err := Unescape(Cell(kept)); err != nil || !strings.HasPrefix(s, back) {
				t.Fatalf("%s cut to %d is no beginning of it: %s", c, w, cut)
			}
			if got := ansi.StringWidth(string(c.Fit(w))); got != w {
				t.Fatalf("%s fitted to %d is %d wide", c, w, got)
			}
		}
	}
}

func TestWords(t *testing.T) {
	for in, want := range map[string]string{
		"":                    "",
		"12 Kiln Rd":          "12| |Kiln| |Rd",
		"a\u202eb\n2":         `a|\u{202e}|b|\n|2`,
		"e\u0301te\u0301 été": "e\u0301te\u0301| |été",
		"1.5-x":               "1|.|5|-|x",
		"漢字かなtea กข":          "漢|字|か|な|tea| |ก|ข",
	} {
		var got []string
		for _, w := range Text(in).Words() {
			got = append(got, string(w))
		}
		if joined := strings.Join(got, "|"); joined != want {
			t.Errorf("%q: %s, want %s", in, joined, want)
		}
	}
}

func TestWrap(t *testing.T) {
	for _, tc := range []struct {
		name, in string
		w        int
		want     []Cell
	}{
		{name: "empty text is one empty line", in: "", w: 10, want: []Cell{""}},
		{name: "breaks after a blank", in: "replaced the valve", w: 12, want: []Cell{"replaced ", "the valve"}},
		{name: "a line break is seen and breaks", in: "a\n\nb", w: 10, want: []Cell{`a\n`, `\n`, "b"}},
		{name: "a line break at the end adds no line", in: "a\n", w: 10, want: []Cell{`a\n`}},
		{name: "a long word is cut", in: "abcdefgh", w: 3, want: []Cell{"abc", "def", "gh"}},
		{name: "an escape stays whole", in: "abc\u202e", w: 8, want: []Cell{"abc", `\u{202e}`}},
		{name: "no room still shows all", in: "ab", w: 0, want: []Cell{"a", "b"}},
	} {
		got := wrap(Text(tc.in), tc.w)
		if len(got) != len(tc.want) {
			t.Errorf("%s: %q, want %q", tc.name, got, tc.want)
			continue
		}
		for i := range got {
			if got[i] != tc.want[i] {
				t.Errorf("%s: line %d is %q, want %q", tc.name, i, got[i], tc.want[i])
			}
		}
	}
}

func TestWrapLosesNothing(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	for range 20_000 {
		s := randomText(r) + " " + randomText(r)
		w := 1 + r.IntN(30)
		var all Cell
		for _, line := range wrap(Text(s), w) {
			if line.Width() > max(w, len(`\u{10ffff}`)) {
				t.Fatalf("%q at %d: a line is %d wide", s, w, line.Width())
			}
			all += line
		}
		if all != Text(s) {
			t.Fatalf("the lines of %q at %d make %s", s, w, all)
		}
	}
}
