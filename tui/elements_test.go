package tui

import (
	"strings"
	"testing"

	"dovetail/merge"
)

// stocked has a list of words that both sides changed, and one of things with keys whose order they could not agree on.
func stocked(t testing.TB, number int64) merge.Case {
	return governed(t, number, `{"properties":{"lines":{"type":"array","title":"Order lines","x-merge":{"keyed":"sku"}}}}`,
		`{"lines":[{"sku":"a","n":1},{"sku":"b","n":1},{"sku":"c","n":1}],"tags":["cold","plumbing","vip -x"]}`,
		`{"lines":[{"sku":"c","n":1},{"sku":"a","n":2},{"sku":"b","n":1}],"tags":["plumbing","vip -x","urgent"]}`,
		`{"lines":[{"sku":"b","n":1},{"sku":"a","n":1},{"sku":"c","n":1},{"sku":"d","n":1}],"tags":["cold","plumbing","night call"]}`)
}

func TestListsShowWhatBecameOfTheirElements(t *testing.T) {
	r := newRig(t, newDesk(stocked(t, 1)), on(1)).press("n")
	r.sees(`-cold +urgent`, `-"vip -x"  +"night call"`, "[plumbing, ", "{2+\"night call\"+}, {1+urgent+}]", "[-cold-]", `[-"vip -x"-]`)
	r.press("v").sees("CHANGES since base", "local · Ana, laptop", "-cold", "server · Diaz", `+"night call"`)
	r.press("esc", "d").sees(`1 LOCAL   ["cold", "plumbing"`[:10], `+cold`, `-urgent`)
}

func TestListsOfThingsShowWhichChanged(t *testing.T) {
	newRig(t, newDesk(stocked(t, 1)), on(1)).size(200, 40).sees("~c moved", "~a n 1→2", `+{n: 1, sku: "d"}`)
}

func TestCombinedIsShownBeforeItIsTakenAndTurnedRoundByX(t *testing.T) {
	r := newRig(t, newDesk(stocked(t, 1)), on(1)).press("n", "c").wantChoice("/tags", merge.Undecided)
	r.sees(`[ ["plumbing", "n`, "c again, space or enter takes it")
	r.press("x").wantChoice("/tags", merge.Undecided).sees(`[ ["plumbing", "u`, "local's first", "{1+urgent+}, {2+")
	r.press("c").wantChoice("/tags", merge.TakeCombined).sees(`C ["plumbing", "urge`)
	if v := r.resolve().draft.Decisions["/tags"].Value; v != `["plumbing","urgent","night call"]` {
		t.Errorf("decided is %s", v)
	}
	r.press("x", " ").wantChoice("/tags", merge.TakeCombined)
	if v := r.resolve().draft.Decisions["/tags"].Value; v != `["plumbing","night call","urgent"]` {
		t.Errorf("decided anew is %s", v)
	}
	r.press("2", "u").wantChoice("/tags", merge.TakeCombined)
	r.press("up", "x").sees("there is none here").press("c").sees("nothing to combine")
}

// The review does not call lost what stands in the joined list, and calls lost what a side loses.
func TestReviewOfACombinedList(t *testing.T) {
	r := newRig(t, newDesk(stocked(t, 1)), on(1)).press("1", "n", "c", "c", "w").wantScreen(onReview)
	r.sees("tags", "lines").seesNot("LOCAL   tags", "SERVER  tags")
	newRig(t, newDesk(stocked(t, 1)), on(1)).press("1", "n", "2", "w").sees("LOCAL   tags")
}

// Two values never look the same for the reason that the same elements changed.
func TestListsOfTheSameChangesAreShownWhole(t *testing.T) {
	c := conflict(t, 1, "note/1", `{"l":["a"]}`, `{"l":["a","b"]}`, `{"l":["b","a"]}`)
	r := newRig(t, newDesk(c), on(1))
	m := r.resolve()
	f := m.focused()
	if f.column(merge.TakeLocal) == f.column(merge.TakeServer) {
		t.Errorf("both are drawn as %s", f.column(merge.TakeLocal))
	}
	r.sees(`["a", "b"]`, `["b", "a"]`)
}

func TestHostileElementsPassForNothingElse(t *testing.T) {
	for _, e := range []string{`+urgent`, `-cold`, `~a moved`, `x, y`, `{1+x+}`, `a b`, `null`, `\u001b[2J`, `\u202e`} {
		c := conflict(t, 1, "note/1", `{"l":["a","cold"]}`, `{"l":["a","cold","`+e+`"]}`, `{"l":["a"]}`)
		r := newRig(t, newDesk(c), on(1))
		for _, size := range [][2]int{{120, 36}, {80, 24}, {50, 20}, {40, 12}} {
			r.size(size[0], size[1])
			check(t, e, r.m.View(), size[0], size[1])
		}
		m := r.resolve()
		cell := string(m.focused().list.localCell)
		if !strings.HasPrefix(cell, `+"`) && !strings.HasPrefix(cell, `+\`) {
			t.Errorf("the element %s is drawn as %s", e, cell)
		}
	}
}

func TestLinearTellsElements(t *testing.T) {
	d := newDesk(stocked(t, 1))
	out := talked(t, d, 1, "1", "x", "c", "w", "yes")
	saysInOrder(t, out, "Field: tags", "Element, local: removed, cold", "Element, local: added, urgent", `Element, server: removed, "vip -x"`,
		`c. combined`, `["plumbing", "night call", "urgent"]`, `["plumbing", "urgent", "night call"]`, "Decided: combined for tags", "Written:")
	if len(d.wrote) != 1 || !strings.Contains(string(d.wrote[0].Result), `"tags":["plumbing","urgent","night call"]`) {
		t.Errorf("wrote %+v\n%s", d.wrote, out)
	}
}

func TestLongTextsThatBeginAlikeAreShownFromWhereTheyDoNot(t *testing.T) {
	long := strings.Repeat("many words that stay ", 20)
	c := conflict(t, 1, "note/1", `{"n":"`+long+`here"}`, `{"n":"`+long+`there"}`, `{"n":"`+long+`gone"}`)
	for _, size := range [][2]int{{120, 36}, {80, 24}} {
		newRig(t, newDesk(c), on(1)).size(size[0], size[1]).sees("…stay there", "…stay gone")
	}
	big := conflict(t, 1, "note/1", `{"a_rather_long_name_of_a_field":9007199254740993}`, `{"a_rather_long_name_of_a_field":9007199254740995}`,
		`{"a_rather_long_name_of_a_field":9007199254740997}`)
	newRig(t, newDesk(big), on(1)).size(100, 30).sees("…40995", "…40997", "…40993")
	// What fits is shown whole, and so is what is another from the start.
	newRig(t, newDesk(conflict(t, 1, "note/1", `{"n":"one two three four"}`, `{"n":"one two three five"}`, `{"n":"one two three six"}`)), on(1)).
		sees("│ one two three five")
}

// TestLongTextsWithoutBlanksAreShownFromWhereTheyDiffer has texts of scripts that put no blanks between words, and long
// words of others: cut at their beginning, both sides would look alike.
func TestLongTextsWithoutBlanksAreShownFromWhereTheyDiffer(t *testing.T) {
	for name, c := range map[string]struct {
		same         string
		local, there string // in the columns
		detail       string
	}{
		"without blanks":  {strings.Repeat("漢字かな交じり文", 12), "│…文東", "│…文西", "[-北-]{+東+}"},
		"combining marks": {strings.Repeat("e\u0301", 40), "│…éééé東", "│…éééé西", "[-北-]{+東+}"},
		"a long word":     {strings.Repeat("много", 30), "│…ногоl", "│…ногоs", "…ногоl"},
		"a long address":  {"https://x/" + strings.Repeat("a", 90) + "/", "│…/l", "│…/s", "aaaa/[-b-]{+l+}"},
	} {
		local, server, base := c.same+"l", c.same+"s", c.same+"b"
		if strings.Contains(c.detail, "東") {
			local, server, base = c.same+"東", c.same+"西", c.same+"北"
		}
		kase := func() merge.Case {
			return conflict(t, 1, "note/1", `{"n":"`+base+`"}`, `{"n":"`+local+`"}`, `{"n":"`+server+`"}`)
		}
		r := newRig(t, newDesk(kase()), on(1)).size(80, 24)
		r.sees(decomposed(c.local), decomposed(c.there), decomposed(c.detail)).size(50, 20).sees(decomposed(c.detail)).size(40, 12).sees(decomposed(c.detail))
		r.size(80, 24).press("1", "w").wantScreen(onReview).sees(decomposed(strings.TrimPrefix(c.local, "│")), decomposed(strings.TrimPrefix(c.there, "│")))
		if t.Failed() {
			t.Fatalf("%s:\n%s", name, r.size(80, 24).m.View())
		}
	}
	made := conflict(t, 1, "note/1", "", `{"n":"`+strings.Repeat("long words ", 30)+`here"}`, `{"n":"`+strings.Repeat("long words ", 30)+`there"}`)
	newRig(t, newDesk(made), on(1)).size(80, 24).sees("│…words here", "│…words there")
}

// decomposed puts the letters of the test's tables together as the record has them.
func decomposed(s string) string { return strings.ReplaceAll(s, "é", "e\u0301") }
