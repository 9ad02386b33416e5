package tui

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"

	tea "github.com/charmbracelet/bubbletea"

	"dovetail/merge"
)

// typing is an editor in which somebody makes something of the text.
func typing(r *rig, into func(string) (string, error)) *rig {
	m := r.root()
	m.env.commands.editor = func(number int64, path, text string) tea.Cmd {
		return func() tea.Msg {
			out, err := into(text)
			return editedMsg{number: number, path: path, initial: text, text: out, err: err}
		}
	}
	return r
}

func TestATextIsEditedOutside(t *testing.T) {
	c := func() *desk {
		return newDesk(conflict(t, 1, "visit/1", `{"n":1,"notes":"a"}`, `{"n":2,"notes":"b\tc"}`, `{"n":3,"notes":"d"}`))
	}
	r := typing(newRig(t, c(), on(1)), func(s string) (string, error) { return s + " and\tmore\n", nil }).press("n", "1", "E")
	if d := r.resolve().draft.Decisions["/notes"]; d.Choice != merge.Edited || d.Value != `"b\tc and\tmore"` {
		t.Errorf("decided is %+v", d)
	}
	r = typing(newRig(t, c(), on(1)), func(s string) (string, error) { return s + "\n", nil }).press("E").sees("nothing was changed")
	r.wantChoice("/n", merge.Undecided)
	// On Windows an editor ends the last line in its own way.
	typing(newRig(t, c(), on(1)), func(s string) (string, error) { return s + "\r\n", nil }).press("n", "1", "E").sees("nothing was changed")
	r = typing(r, func(string) (string, error) { return "many", nil }).press("E").wantChoice("/n", merge.Undecided).sees("E opens it again")
	var again string
	typing(r, func(s string) (string, error) { again = s; return "7", nil }).press("E").wantChoice("/n", merge.Edited)
	if again != "many" {
		t.Errorf("the editor opened %q", again)
	}
	typing(newRig(t, c(), on(1)), func(string) (string, error) { return "", errors.New("no vi") }).press("E").sees("not edited: no vi")
	newRig(t, c(), on(1)).press("E").sees("no editor is set")
}

// TestTypingGoesOnInAnEditor with the text as it is in the box; left there as it came, it stays typed and decides nothing.
func TestTypingGoesOnInAnEditor(t *testing.T) {
	c := func() *desk {
		return newDesk(conflict(t, 1, "visit/1", `{"notes":"a"}`, `{"notes":"b"}`, `{"notes":"d"}`))
	}
	var began string
	keep := func(s string) (string, error) { began = s; return s + "\n", nil }
	r := typing(newRig(t, c(), on(1)), keep).press("e", "x", "y").sees("ctrl+o in the editor").press("ctrl+o")
	if r.wantChoice("/notes", merge.Undecided).sees("the typed text is kept"); began != "bxy" {
		t.Errorf("the editor began with %q", began)
	}
	typing(r, func(s string) (string, error) { return s + "z", nil }).press("e", "ctrl+o").sees("E bxyz", "Last step: edited notes")
	r.wantChoice("/notes", merge.Edited)
	newRig(t, c(), on(1)).press("e", "x").seesNot("ctrl+o").press("ctrl+o").sees("no editor is set", "bx").press("y").sees("bxy")
}

func TestTheFileOfAnEditorIsExactAndPrivate(t *testing.T) {
	name, err := textFile("a\r\n\tb")
	if err != nil {
		t.Fatal(err)
	}
	defer os.Remove(name)
	if info, err := os.Stat(name); err != nil || os.PathSeparator == '/' && info.Mode().Perm() != 0o600 {
		t.Errorf("the file is %v, %v", info.Mode(), err)
	}
	if text, err := readText(name); err != nil || text != "a\r\n\tb" {
		t.Errorf("read is %q, %v", text, err)
	}
}

// An editor on Windows may begin a text with a mark, and ends its lines in its own way.
func TestWhatAnEditorAddsIsNoPartOfTheText(t *testing.T) {
	for _, tt := range []struct{ initial, text, want string }{
		{"a", "\uFEFFa b\r\nc\r\n", "a b\nc"},
		{"a\nb\n", "a\r\nb\r\nc\r\n", "a\nb\nc\n"},
		{"a\r\nb", "a\r\nc\r\n", "a\r\nc"},
		{"\uFEFFa\r", "\uFEFFb\r\n", "\uFEFFb\r"},
		{"a", "a\rb", "a\rb"},
	} {
		if got := byHand(tt.initial, tt.text); got != tt.want {
			t.Errorf("%q made %q is %q, want %q", tt.initial, tt.text, got, tt.want)
		}
	}
}

func TestWhatCannotBeReadBackStaysInItsFile(t *testing.T) {
	for _, tt := range []struct {
		text  string
		ended error
		stays bool
	}{
		{"a", nil, false},
		{"\xfc", nil, true},
		{"a", errors.New("exit status 1"), false},
	} {
		name, err := textFile(tt.text)
		if err != nil {
			t.Fatal(err)
		}
		text, err := takeText(name, tt.ended)
		if fails := tt.stays || tt.ended != nil; fails != (err != nil) || !fails && text != tt.text || tt.stays != strings.Contains(fmt.Sprint(err), name) {
			t.Errorf("%q: %q, %v", tt.text, text, err)
		}
		if err := os.Remove(name); tt.stays != (err == nil) {
			t.Errorf("%q: the file is left: %v", tt.text, err)
		}
	}
}
