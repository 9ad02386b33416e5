package tui

import (
	"testing"

	tea "github.com/charmbracelet/bubbletea"

	"dovetail/merge"
)

func TestThePaletteRunsAnActionByItsName(t *testing.T) {
	r := newRig(t, newDesk(two(t, 1)), on(1)).press(":").sees("ACTIONS", "un-decide", "decide for the local side")
	r.press("s", "e", "r", "v").sees(": serv").seesNot("un-decide").press("enter")
	r.wantChoice("/a", merge.TakeServer).wantScreen(onResolve).sees("RESOLVE")
	r.press(":", "u", "n", "d", "o", "enter").wantChoice("/a", merge.Undecided)
	// What is typed there presses no key of the screen, and esc does nothing.
	r.press(":", "1", "2", "esc").wantChoice("/a", merge.Undecided).sees("RESOLVE")
	r.press(":", "f", "l", "y").sees("nothing is called so").press("enter").sees("no action is called so").press("esc")
	r.press(":", "up", "down", "down", "up", "q", "u", "e", "u", "e", "enter").wantScreen(onQueue)
	r.press(":", "s", "n", "o", "o", "z", "e", "d", "enter").wantScreen(onQueue)
	if r.root().queue.tab != snoozedTab {
		t.Error("the palette of the queue does not change the list")
	}
}

func TestThePaletteNeverWritesOnEnter(t *testing.T) {
	d := newDesk(two(t, 1))
	r := newRig(t, d, on(1)).press("A", "1", "w", ":", "w", "r", "i", "t", "e", "enter")
	r.sees("enter never writes").press("down", "enter").sees("enter never writes")
	if len(d.wrote) > 0 {
		t.Errorf("written: %v", d.wrote)
	}
	r.press("esc").wantScreen(onReview).press("y")
	if len(d.wrote) != 1 {
		t.Error("y does not write after the palette")
	}
}

func TestThePaletteIsNotThereWhereTextIsTyped(t *testing.T) {
	r := newRig(t, newDesk(two(t, 1)), on(1)).press("e", ":")
	if r.root().choosing || r.resolve().draft.Typed["/a"] != "la:" {
		t.Errorf("a colon is not typed: %+v", r.resolve().draft.Typed)
	}
	if r = newRig(t, newDesk(two(t, 1))).press("/", ":"); r.root().choosing || r.root().queue.box.text != ":" {
		t.Error("a colon is not typed in the filter")
	}
	// A paste is no key.
	r = newRig(t, newDesk(two(t, 1)), on(1)).send(tea.KeyMsg{Type: tea.KeyRunes, Runes: []rune(":"), Paste: true})
	if r.root().choosing {
		t.Error("a paste opens the palette")
	}
}

func TestThePaletteLeavesAtOnce(t *testing.T) {
	if r := newRig(t, newDesk(two(t, 1)), on(1)).press(":", "ctrl+c"); !r.quit || !r.root().interrupted {
		t.Error("ctrl+c does not leave")
	}
	if r := newRig(t, newDesk(two(t, 1))).press(":", "q", "u", "i", "t", "enter"); !r.quit || r.root().interrupted {
		t.Error("quit does not leave")
	}
}
