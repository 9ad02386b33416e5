package tui

import (
	"testing"
	"unicode/utf16"

	tea "github.com/charmbracelet/bubbletea"

	"dovetail/merge"
)

// consoleRig is a rig whose keys come as those of a Windows console.
type consoleRig struct {
	*rig
	turn int
}

func newConsoleRig(t *testing.T, d *desk, change ...func(*Config)) *consoleRig {
	t.Helper()
	r := &consoleRig{rig: newRig(t, d, change...)}
	before, ok := onConsole("windows", r.root()).(console)
	if !ok {
		t.Fatal("nothing stands before the model on Windows")
	}
	before.wait = func(turn int) tea.Cmd {
		r.turn = turn
		return nil
	}
	r.m = before
	return r
}

// comes sends a text as a console does: a message for each half of a character at most, all at once.
func (r *consoleRig) comes(text string) *consoleRig {
	r.t.Helper()
	for _, half := range utf16.Encode([]rune(text)) {
		switch half {
		case '\n':
			r.send(tea.KeyMsg{Type: tea.KeyEnter})
		case '\t':
			r.send(tea.KeyMsg{Type: tea.KeyTab})
		default:
			r.send(tea.KeyMsg{Type: tea.KeyRunes, Runes: []rune{rune(half)}})
		}
	}
	return r
}

// settles lets the wait for more keys end.
func (r *consoleRig) settles() *consoleRig {
	r.t.Helper()
	r.send(settledMsg(r.turn))
	return r
}

func (r *consoleRig) inner() model { return r.m.(console).Model.(model) }

func TestNobodyElseWaitsForKeys(t *testing.T) {
	if _, ok := onConsole("linux", newRig(t, newDesk(two(t, 1))).root()).(model); !ok {
		t.Error("something stands before the model")
	}
}

func TestAPasteIntoAConsoleIsNotObeyed(t *testing.T) {
	r := newConsoleRig(t, newDesk(two(t, 1)), on(1))
	r.comes("1w\ny").settles().sees("several keys came at once")
	if n := len(r.inner().resolve.draft.Decisions); n != 0 || r.inner().screen != onResolve {
		t.Errorf("it decided %d fields, and shows screen %d", n, r.inner().screen)
	}
	r.comes("1").settles()
	if n := len(r.inner().resolve.draft.Decisions); n != 1 {
		t.Errorf("a key alone decided %d fields", n)
	}
}

func TestATextPastedIntoAConsoleStaysInItsField(t *testing.T) {
	r := newConsoleRig(t, fieldConflict(t, `"x"`, `"a"`, `"y"`), on(1))
	r.comes("e").settles().send(tea.KeyMsg{Type: tea.KeyCtrlJ})
	r.comes("b\nw1\te\n").settles().seesNot("Last step")
	r.comes("c").settles().send(tea.KeyMsg{Type: tea.KeyCtrlS})
	if got := r.inner().resolve.draft.Decisions["/f"]; got.Choice != merge.Edited || got.Value != `"a\nb\nw1 e\nc"` {
		t.Errorf("it is %+v", got)
	}
}

// Whatever is typed before a key that no paste has comes before it, and is waited for no more.
func TestKeysKeepTheirOrderOnAConsole(t *testing.T) {
	r := newConsoleRig(t, fieldConflict(t, `"x"`, `"a"`, `"y"`), on(1))
	r.comes("e").settles().comes("b")
	late := r.turn
	r.send(tea.KeyMsg{Type: tea.KeyLeft})
	r.comes("c").send(settledMsg(late))
	r.sees("a▏b")
	r.settles().comes("\n").settles()
	if got := r.inner().resolve.draft.Decisions["/f"]; got.Value != `"acb"` {
		t.Errorf("it is %+v", got)
	}
}

func TestWhatAConsoleMakesOfCharacters(t *testing.T) {
	r := newConsoleRig(t, fieldConflict(t, `"x"`, `"a"`, `"y"`), on(1))
	r.comes("e").settles()
	for _, k := range []tea.KeyMsg{
		{Type: tea.KeyRunes, Runes: []rune{'@'}, Alt: true},    // AltGr and q
		{Type: tea.KeyRunes, Runes: []rune{'€'}, Alt: true},    // AltGr and e
		{Type: tea.KeyRunes, Runes: []rune{'q'}, Alt: true},    // alt and q
		{Type: tea.KeyRunes, Runes: []rune{0xD83D}},            // the first half of 😀
		{Type: tea.KeyRunes, Runes: []rune{0}},                 // caps lock
		{Type: tea.KeyRunes, Runes: []rune{0xDE00}},            // the second
		{Type: tea.KeyRunes, Runes: []rune{0xDE00}, Alt: true}, // which does not stand alone
	} {
		r.send(k)
		r.settles()
	}
	r.sees("left out: 1 control character")
	r.comes("\n").settles()
	if got := r.inner().resolve.draft.Decisions["/f"]; got.Value != `"a@€😀"` {
		t.Errorf("it is %+v", got)
	}
}
