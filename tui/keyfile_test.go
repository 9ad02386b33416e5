package tui

import (
	"strings"
	"testing"

	"github.com/charmbracelet/bubbles/key"
	tea "github.com/charmbracelet/bubbletea"

	"dovetail/merge"
)

func parsed(t *testing.T, text string) Keys {
	t.Helper()
	k, bad := ParseKeys(text)
	for _, e := range bad {
		t.Errorf("%v", e)
	}
	return k
}

func with(k Keys) func(*Config) { return func(c *Config) { c.Keys = k } }

func TestKeysOfOnesOwnComeBeforeOurs(t *testing.T) {
	k := parsed(t, "# mine\n\nresolve undo z   # as I am used to\r\nresolve local d ctrl+l\n")
	r := newRig(t, newDesk(two(t, 1)), on(1), with(k))
	r.press("d").wantChoice("/a", merge.TakeLocal)
	r.press("z").wantChoice("/a", merge.Undecided)
	r.press("1").wantChoice("/a", merge.TakeLocal).sees("z undo", "d local") // ours is still there
	r.press("u").wantChoice("/a", merge.Undecided)
	r.press("?").sees("z u ", "d ctrl+l 1")
	r.press("esc").size(50, 20).press("d").wantChoice("/a", merge.TakeLocal)
}

// The line that says what to begin with names the keys that there are.
func TestTheHintOfThePlaygroundNamesOnesOwnKeys(t *testing.T) {
	playing(t, smallStory(t), with(parsed(t, "play step +\nplay sync z"))).sees("+: the next step happens", "e edits, z syncs").
		press("+").seesNot("the next step happens")
}

func TestAKeyThatIsGivenAwayIsTakenFromItsAction(t *testing.T) {
	r := newRig(t, newDesk(two(t, 1)), on(1), with(parsed(t, "resolve edit u")))
	r.press("1", "u")
	if r.resolve().mode != inBox {
		t.Error("u does not open the box")
	}
	r.press("esc").wantChoice("/a", merge.TakeLocal)
	r.sees("u edit").seesNot("u undo ")
}

func TestBadLinesOfKeysSayWhereAndWhy(t *testing.T) {
	for line, reason := range map[string]string{
		"resolve local h":                "h moves, on every screen",
		"queue filter j":                 "j moves",
		"play sync k":                    "k moves",
		"review write-and-next l":        "l moves",
		"review write-and-next enter":    "enter stays as it is",
		"queue quit esc":                 "esc only goes back",
		"queue quit ctrl+c":              "ctrl+c leaves",
		"resolve edit ctrl+i":            "ctrl+i arrives as tab",
		"resolve edit ctrl+shift+x":      "is no key",
		"resolve edit xx":                "xx is no key",
		"resolve edit f13":               "f13 is no key",
		"resolve edit \x1b":              "is no key",
		"resolve fly z":                  "fly is no action of resolve",
		"resolve quit-at-once z":         "quit-at-once is no action",
		"box accept z":                   "box is no screen",
		"resolve undo":                   "it takes a screen, an action and a key",
		"resolve":                        "it takes a screen",
		"resolve undo z\nresolve undo x": "resolve undo has its keys in line",
		"resolve undo z\nresolve edit z": "z is given to",
	} {
		_, bad := ParseKeys("# a comment\n" + line)
		if len(bad) != 1 {
			t.Errorf("%q: %d bad lines, want 1: %v", line, len(bad), bad)
			continue
		}
		if want := 2 + strings.Count(line, "\n"); bad[0].Line != want || !strings.Contains(bad[0].Reason, reason) {
			t.Errorf("%q: %v, want line %d: %s", line, bad[0], want, reason)
		}
		if strings.ContainsRune(bad[0].Reason, 0x1b) {
			t.Errorf("%q: the reason acts on a terminal", line)
		}
	}
}

func TestTheTableOfKeysIsAFileOfKeys(t *testing.T) {
	var file strings.Builder
	table := KeyTable(Keys{})
	for _, line := range table {
		if len(line.Keys) > 0 {
			file.WriteString(line.Screen + " " + line.Action + " " + strings.Join(line.Keys, " ") + " # " + line.Help + "\n")
		}
	}
	again := KeyTable(parsed(t, file.String()))
	if len(again) != len(table) {
		t.Fatalf("%d lines, want %d", len(again), len(table))
	}
	for i := range table {
		if strings.Join(table[i].Keys, " ") != strings.Join(again[i].Keys, " ") {
			t.Errorf("%s %s: %v, want %v", table[i].Screen, table[i].Action, again[i].Keys, table[i].Keys)
		}
	}
}

func TestWindowsUndoesAsItDoesElsewhereThere(t *testing.T) {
	for system, want := range map[string]bool{"windows": true, "linux": false, "darwin": false} {
		if got := key.Matches(tea.KeyMsg{Type: tea.KeyCtrlZ}, undoKey(system).Binding); got != want {
			t.Errorf("on %s ctrl+z undoes: %v", system, got)
		}
	}
}
