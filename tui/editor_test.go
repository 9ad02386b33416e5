package tui

import (
	"errors"
	"os"
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
