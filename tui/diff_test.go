package tui

import (
	"math/rand/v2"
	"strings"
	"testing"

	"dovetail/merge"
	"dovetail/tui/safe"
	"dovetail/tui/theme"
)

func drawn(spans []span) string {
	var out strings.Builder
	for _, s := range spans {
		out.WriteString(string(s.text))
	}
	return out.String()
}

func TestDifference(t *testing.T) {
	for _, c := range []struct{ from, to, want string }{
		{"12 Kiln Rd", "12 Kiln Rd, Unit 4", "12 Kiln Rd{+, Unit 4+}"},
		{"12 Kiln Rd", "12 Kiln Road", "12 Kiln [-Rd-]{+Road+}"},
		{"same", "same", "same"},
		{"lead", "on-hold", "on-hold"},
		{"one two three four", "one 2 3 four", "one [-two three-]{+2 3+} four"},
		{"a b", "a", "a[- b-]"},
		{"plain words", "words {+with marks+}", "words {+with marks+}"},
		{"has [-marks-] words", "words", "words"},
		{"tab\there", "tab\rhere", `tab[-\t-]{+\r+}here`},
	} {
		if got := drawn(difference(safe.Text(c.from), safe.Text(c.to), theme.Plain)); got != c.want {
			t.Errorf("%q to %q: %s, want %s", c.from, c.to, got, c.want)
		}
	}
}

// The quotation marks that a value is drawn in are no part of it: they never stand as what was added or removed.
func TestADifferenceLeavesTheQuotesOfTheDrawingOut(t *testing.T) {
	for _, c := range []struct{ from, to, want string }{
		{`"12 Kiln Rd"`, `"12 Kiln Rd "`, `"12 Kiln Rd{+ +}"`},
		{`" 12 Kiln Rd"`, `"12 Kiln Rd"`, `"[- -]12 Kiln Rd"`},
		{`"say \"hi\" now"`, `"say \"hi\" now "`, `"say \"hi\" now{+ +}"`},
		{`"see more"`, `"see more…"`, `"see more{+…+}"`},
		{`"lead"`, `"12"`, `"12"`},
		{`"12"`, `"lead"`, `lead`},
		{`""`, `"empty"`, `empty`},
		{`"12"`, `12`, `12`},
		{`[12]`, `12`, `12`},
		{`{"a":12}`, `[12]`, `[12]`},
		{`"a b"`, `"a c"`, `a [-b-]{+c+}`},
		{`["a"]`, `["a","b"]`, `["a"{+, "b"+}]`},
	} {
		g := unicodeGlyphs()
		of := func(v merge.Value) compared { return compared{v, g.value(v)} }
		if got := drawn(differenceOf(of(merge.Value(c.from)), of(merge.Value(c.to)), theme.Plain, g)); got != c.want {
			t.Errorf("%s to %s: %s, want %s", c.from, c.to, got, c.want)
		}
	}
	r := newRig(t, newDesk(conflict(t, 1, "note/1", `{"n":"12 Kiln Rd"}`, `{"n":"12 Kiln Rd "}`, `{"n":"12 Kiln St"}`)), on(1))
	r.sees(`"12 Kiln Rd{+ +}"`, "12 Kiln [-Rd-]{+St+}").press("d").sees(`"12 Kiln [-Rd -]{+St+}"`)
}

// TestWhyIsReadToItsEnd where a line is free for the rest of it, and says once that the sides are of different types.
func TestWhyIsReadToItsEnd(t *testing.T) {
	kase := func() merge.Case {
		return conflict(t, 1, "note/1", `{"n":"x","t":false,"w":"a\nb"}`, `{"n":" x","t":"0","w":"a 1\nb"}`, `{"n":"x ","t":0,"w":"a 2\nb"}`)
	}
	r := newRig(t, newDesk(kase()), on(1)).size(80, 24).says("differently; differs only in: leading space, trailing space")
	r.press("j").says("Why: the sides hold a string and a number").seesNot("differs only in")
}

// What a difference shows is always both texts: with what was added, the new one, with what was removed, the old one.
func TestADifferenceHoldsBothTexts(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	words := []string{"a", "bb", " ", " ", ",", "é", "\u202e", "\n", "世界", "\\", "e\u0301", ".", "7"}
	text := func() safe.Cell {
		var s strings.Builder
		for range random.IntN(30) {
			s.WriteString(words[random.IntN(len(words))])
		}
		return safe.Text(s.String())
	}
	for range 5000 {
		from, to := text(), text()
		spans := difference(from, to, theme.Plain)
		var before, after string
		marked := false
		for _, s := range spans {
			piece := string(s.text)
			switch s.role {
			case theme.Added:
				after += piece[2 : len(piece)-2]
				marked = true
			case theme.Removed:
				before += piece[2 : len(piece)-2]
				marked = true
			default:
				before, after = before+piece, after+piece
			}
		}
		if after != string(to) || marked && before != string(from) {
			t.Fatalf("%q to %q is drawn as %q", from, to, drawn(spans))
		}
	}
}

func TestWrappedSpansLoseNothing(t *testing.T) {
	spans := difference(safe.Text("12 Kiln Rd and a rather long tail of words 世界 \x1b[2J"), safe.Text("12 Kiln Road and a rather long tail of words 世界 \x1b]52"), theme.Plain)
	for width := 1; width < 80; width++ {
		for limit := 1; limit < 6; limit++ {
			var all []span
			lines := wrapSpans(spans, width, limit)
			if len(lines) > limit {
				t.Fatalf("width %d: %d lines, want %d at most", width, len(lines), limit)
			}
			for _, line := range lines {
				all = append(all, line...)
			}
			if drawn(all) != drawn(spans) {
				t.Fatalf("width %d, limit %d: %q", width, limit, drawn(all))
			}
		}
	}
}

func TestAHugeValueIsDrawnAtOnce(t *testing.T) {
	huge := strings.Repeat("word after word, ", 60000)
	c := conflict(t, 1, "note/1", `{"n":"`+huge+`"}`, `{"n":"`+huge+`local"}`, `{"n":"`+strings.ToUpper(huge)+`"}`)
	r := newRig(t, newDesk(c), on(1))
	check(t, "huge", r.m.View(), 120, 36)
	check(t, "huge, in full", r.press("v", "G").m.View(), 120, 36)
	check(t, "huge, edited", r.press("esc", "e", "x").m.View(), 120, 36)
	r.press("enter", "ctrl+s").wantChoice("/n", merge.Edited)
}
