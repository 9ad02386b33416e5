package tui

import (
	"testing"

	"dovetail/merge"
)

// TestTheFooterKeepsTheKeysThatLeadOn has them in the smallest sizes, whatever else there is to say.
func TestTheFooterKeepsTheKeysThatLeadOn(t *testing.T) {
	for _, c := range []struct {
		name string
		kase merge.Case
		keys []string
		want []string
	}{
		{"at the start", customer(t, 1), nil, []string{"w review", "q ", "n next left", "? help"}},
		{"some decided", customer(t, 1), []string{"1", "n", "2", "n"}, []string{"w review", "u undo", "q ", "n next left", "? help"}},
		{"all decided", customer(t, 1), []string{"2", "A", "1"}, []string{"w review", "u undo", "q ", "? help"}},
		{"a rule", closedEmpty(t, 1), []string{"2"}, []string{"w review", "u undo", "q ", "? help"}},
		{"the review", customer(t, 1), []string{"2", "A", "1", "w"}, []string{"y write & next", "s write & back", "esc change", "? help"}},
		{"the edit box", customer(t, 1), []string{"e"}, []string{"enter accept", "esc keep & close"}},
		{"written", deal(t, 1), []string{"1", "w", "y"}, []string{"U undo", "enter queue", "? help"}},
		{"the queue", deal(t, 1), []string{"1", "w", "s"}, []string{"U undo a written one", "q quit", "? help"}},
	} {
		for _, size := range [][2]int{{40, 12}, {50, 20}, {71, 15}, {72, 12}, {80, 24}, {120, 36}} {
			r := newRig(t, newDesk(c.kase), on(1)).size(size[0], size[1]).press(c.keys...).sees(c.want...)
			if t.Failed() {
				t.Fatalf("%s at %v\n%s", c.name, size, r.m.View())
			}
		}
	}
}

// TestTheFooterOffersToTakeBackWhatIsDecided, and nothing else: r says of a field that is left that there is nothing to take
// back.
func TestTheFooterOffersToTakeBackWhatIsDecided(t *testing.T) {
	r := newRig(t, newDesk(two(t, 1)), on(1)).seesNot("r un-decide").press("1").sees("r un-decide")
	r.press("n").seesNot("r un-decide").press("up").sees("r un-decide").press("r").seesNot("r un-decide")
}
