package tui

import (
	"fmt"
	"strings"
	"testing"

	"dovetail/merge"
)

// said is what the screen says, without the ends of its lines.
func (r *rig) said() string { return strings.Join(strings.Fields(r.m.View()), " ") }

func (r *rig) says(text string) *rig {
	r.t.Helper()
	if !strings.Contains(r.said(), text) {
		r.t.Errorf("the screen does not say %q:\n%s", text, r.m.View())
	}
	return r
}

func TestLongMessagesTakeTheLinesThatAreFree(t *testing.T) {
	for _, size := range [][2]int{{50, 20}, {80, 24}, {120, 36}} {
		closed := two(t, 1)
		closed.Conflict.State = merge.Resolved
		r := newRig(t, newDesk(closed), on(1)).size(size[0], size[1]).press("w")
		r.says("resolved already: nothing can be written for it; your draft is kept")
		check(t, "closed", r.m.View(), size[0], size[1])

		r = newRig(t, newDesk()).size(size[0], size[1]).press("U")
		r.says("nothing was written in this session; `dovetail undo RECORD` takes back what was written before")
		check(t, "nothing written", r.m.View(), size[0], size[1])

		replica := func(c *Config) { c.Replica = true }
		r = newRig(t, newDesk(), replica).size(size[0], size[1]).press("U")
		r.says("nothing was written in this session; `dovetail undo RECORD` takes back what was not sent yet")
		check(t, "nothing written on a replica", r.m.View(), size[0], size[1])

		d := newDesk(two(t, 1))
		r = newRig(t, d, on(1)).size(size[0], size[1]).press("1", "n", "2", "w")
		newRig(t, d, on(1)).press("A", "2", "w", "y")
		r.press("y").says("Nothing was written: someone else resolved this first.")
		r.says("again.")
		check(t, "second writer", r.m.View(), size[0], size[1])

		d = newDesk(two(t, 1))
		r = newRig(t, d, on(1), replica).size(size[0], size[1]).press("1", "n", "2", "w")
		newRig(t, d, on(1)).press("A", "2", "w", "y")
		r.press("y").says("until it is sent, `dovetail undo deal/D-2` opens it again.")
		check(t, "second writer on a replica", r.m.View(), size[0], size[1])
	}
}

func TestAStatusWithoutAFreeLineIsCut(t *testing.T) {
	for h := minHeight; h < 40; h++ {
		for _, w := range []int{40, 50, 72, 80, 120} {
			for _, c := range []merge.Case{two(t, 1), customer(t, 1), visit(t, 1)} {
				c.Conflict.State = merge.Resolved
				r := newRig(t, newDesk(c), on(1)).size(w, h).press("w").sees("resolved already", "q ")
				check(t, "closed", r.m.View(), w, h)
			}
		}
	}
}

func TestHelpIsReadToTheEndOfItsLines(t *testing.T) {
	for _, size := range [][2]int{{40, 12}, {50, 20}, {80, 24}} {
		r := newRig(t, newDesk(two(t, 1)), on(1)).size(size[0], size[1]).press("?").says("next undecided").sees(" more ")
		seen := r.said()
		for range 16 {
			check(t, "help", r.m.View(), size[0], size[1])
			r.seesNot("…").press("pgdown")
			seen += r.said()
		}
		if !strings.Contains(seen, "joins both, where there is something") || !strings.Contains(seen, "leave at once") ||
			!strings.Contains(seen, "then discard-draft: throw") || !strings.Contains(seen, "SIGNS") {
			t.Errorf("at %v the help says %s", size, seen)
		}
		r.press("end").sees("taken out").seesNot(" more ")
	}
}

// TestPagesTellThatTheyGoOn on every page that is read by pages, and page after page shows each of their lines.
func TestPagesTellThatTheyGoOn(t *testing.T) {
	var local, server strings.Builder
	for i := range 40 {
		fmt.Fprintf(&local, `,"f%02d":"local%02d"`, i, i)
		fmt.Fprintf(&server, `,"f%02d":"server%02d"`, i, i)
	}
	many := func() merge.Case {
		return conflict(t, 1, "note/1", `{}`, `{"t":1`+local.String()+`}`, `{"t":2`+server.String()+`}`)
	}
	for _, at := range []struct {
		keys []string
		want string // of number i
	}{
		{[]string{"A", "1", "w"}, "SERVER  f%02d ="},
		{[]string{"A", "1", "w", "p"}, "\"f%02d\""},
		{[]string{"A", "1", "w", "y"}, "f%02d  server%02[1]d"},
		{[]string{"g", "0", "?"}, ""},
		{[]string{"n", "e", "x", "ctrl+j", strings.Repeat("y", 4000), "ctrl+s", "v"}, ""},
	} {
		for _, size := range [][2]int{{40, 12}, {80, 24}} {
			r := newRig(t, newDesk(many()), on(1)).size(size[0], size[1]).press(at.keys...)
			seen := ""
			for page := 0; page < 100 && strings.Contains(r.m.View(), "↓ "); page++ {
				check(t, at.want, r.m.View(), size[0], size[1])
				seen += r.said()
				r.press("pgdown")
			}
			if seen == "" {
				t.Errorf("%v at %v does not say that it goes on:\n%s", at.keys, size, r.m.View())
			}
			seen += r.said()
			for i := 0; at.want != "" && i < 40; i++ {
				if want := strings.Join(strings.Fields(fmt.Sprintf(at.want, i)), " "); !strings.Contains(seen, want) {
					t.Errorf("%v at %v never shows %s", at.keys, size, want)
					break
				}
			}
		}
	}
}

// TestWhatIsAskedAndSaidIsReadToItsEnd looks at the sizes in which these were cut.
func TestWhatIsAskedAndSaidIsReadToItsEnd(t *testing.T) {
	for _, c := range []struct {
		width, height int
		keys          []string
		want          string
	}{
		{80, 24, []string{"n", "n", "n", "c"},
			"shown, not taken: c again, space or enter takes it; x turns the order round"},
		{50, 20, []string{"2", "A", "1", "w", "y", "U"},
			"Undo customers/4182 v5, resolution 11? Its conflict opens again with its draft."},
		{50, 20, []string{"2", "A", "1", "w", "s", "U"},
			"Undo customers/4182 v5, resolution 11? Its conflict opens again with its draft."},
		{50, 20, []string{"1", "n", "2", "u", "up"}, "Last step: local for address (u undoes)"},
		{40, 12, []string{"e", "x", "esc"}, "typed text is kept: e shows it again"},
		{40, 12, []string{"e", "x", "esc", "2", "A", "1", "w", "G"}, "Typed, but not accepted: address"},
		{40, 12, []string{"e", "x", "enter", "A", "1", "w", "G"}, "Checked: 5 of 5 decided · 1 field typed by hand"},
	} {
		newRig(t, newDesk(customer(t, 1)), on(1)).size(c.width, c.height).press(c.keys...).says(c.want)
	}
}
