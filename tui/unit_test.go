package tui

import (
	"strings"
	"testing"

	"dovetail/merge"
)

func TestANumberHasItsUnitBehindIt(t *testing.T) {
	c := conflict(t, 1, "deal/1", `{"amount":40.00,"n":1,"s":"x"}`, `{"amount":50.50,"n":2,"s":"y"}`, `{"amount":null,"n":1,"s":"x"}`)
	unit := func(name string) *merge.Rule { return &merge.Rule{Unit: name} }
	c.Rules = &merge.Rules{Root: &merge.Rule{Properties: map[string]*merge.Rule{"amount": unit("EUR"), "n": unit("\x1b[2Jpcs"), "s": unit("km")}}}
	for _, size := range [][2]int{{50, 20}, {80, 24}, {120, 36}} {
		r := newRig(t, newDesk(c), on(1)).size(size[0], size[1]).sees("50.50 EUR", "40.00 EUR").seesNot("{+", "null EUR", "y km", "\x1b[2J")
		r.press("v").sees("50.50 EUR").press("esc", "e", "ctrl+u", "7", "enter").sees("7 EUR")
		if d := r.resolve().draft.Decisions["/amount"]; d.Value != "7" {
			t.Errorf("the unit is in the value: %q", d.Value)
		}
		if view := r.press("w").wantScreen(onReview).m.View(); !strings.Contains(view, "7 EUR") || !strings.Contains(view, "50.50 EUR") {
			t.Errorf("the review leaves the unit out:\n%s", view)
		}
	}
	newRig(t, newDesk(c)).sees("40.00 EUR").press("enter").sees(`2 \e[2Jpcs`)
}
