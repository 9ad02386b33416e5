package tui

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"unicode/utf8"

	tea "github.com/charmbracelet/bubbletea"

	"dovetail/merge"
	"dovetail/tui/safe"
)

// editedMsg is what came back from an editor.
type editedMsg struct {
	number        int64
	path          string
	initial, text string
	err           error
}

// maxEdited is how many bytes are read back from an editor.
const maxEdited = 16 << 20

// editorCommand makes the command that edits a text in a program; nil where there is none.
func editorCommand(program []string) func(number int64, path, text string) tea.Cmd {
	if len(program) == 0 {
		return nil
	}
	return func(number int64, path, text string) tea.Cmd {
		out := editedMsg{number: number, path: path, initial: text}
		name, err := textFile(text)
		if err != nil {
			out.err = err
			return func() tea.Msg { return out }
		}
		run := exec.Command(program[0], append(append([]string{}, program[1:]...), name)...)
		return tea.ExecProcess(run, func(err error) tea.Msg {
			out.text, out.err = takeText(name, err)
			return out
		})
	}
}

// textFile keeps a text in a file that nobody else reads.
func textFile(text string) (name string, err error) {
	file, err := os.CreateTemp("", "dovetail-*.txt") // which is 0600
	if err != nil {
		return "", err
	}
	_, err = file.WriteString(text)
	if err = errors.Join(err, file.Close()); err != nil {
		return "", errors.Join(err, os.Remove(file.Name()))
	}
	return file.Name(), nil
}

// takeText reads what an editor wrote, and removes the file; ended is how the editor ended. What cannot be read is
// somebody's work all the same: then the file stays, and the error says where.
func takeText(name string, ended error) (string, error) {
	if ended != nil {
		os.Remove(name)
		return "", ended
	}
	text, err := readText(name)
	if err != nil {
		return "", fmt.Errorf("%w; it is in %s", err, name)
	}
	os.Remove(name) // on Windows an editor may still hold it
	return text, nil
}

func readText(name string) (string, error) {
	info, err := os.Stat(name)
	if err != nil {
		return "", err
	}
	if info.Size() > maxEdited {
		return "", errors.New("the text is too long")
	}
	text, err := os.ReadFile(name)
	if err == nil && !utf8.Valid(text) {
		err = errors.New("the text is not UTF-8")
	}
	return string(text), err
}

const noEditor = "no editor is set: EDITOR names one"

// startEditor opens the field in the person's editor, with the text typed before if there is one.
func (m *resolveModel) startEditor(f *field) tea.Cmd {
	switch {
	case m.env.commands.editor == nil:
		m.status = status{text: noEditor, bad: true}
		return nil
	case f.Path == "" || m.halfOpen(f):
		m.startEdit(f) // which says why not
		return nil
	}
	text := wantedFor(f).textOf(m.editFrom(f))
	if typed, ok := m.draft.Typed[f.Path]; ok {
		text = typed
	}
	return m.env.commands.editor(m.number, f.Path, text)
}

// goOnOutside closes the box and opens the editor with what is typed in it.
func (m *resolveModel) goOnOutside() tea.Cmd {
	f := m.focused()
	if m.env.commands.editor == nil || f == nil {
		m.edit.problem = noEditor
		return nil
	}
	keep := m.closeBox()
	m.status = status{}
	return tea.Sequence(keep, m.startEditor(f))
}

// edited decides for the text that came back, if it is another. What cannot be a value is kept as typed.
func (m *resolveModel) edited(msg editedMsg) tea.Cmd {
	if msg.number != m.number || m.s == nil || m.closed {
		return nil
	}
	if msg.err != nil {
		m.status = failed("not edited: ", msg.err)
		return nil
	}
	text := byHand(msg.initial, msg.text)
	m.cursorTo(msg.path)
	f := m.focused()
	if f == nil || f.Path != msg.path {
		return nil
	}
	want := wantedFor(f)
	switch _, typed := m.draft.Typed[f.Path]; {
	case typed && text == msg.initial: // whoever leaves an editor as it was has accepted nothing
		m.status.text = "nothing was changed in the editor: the " + keptWord
		return nil
	case text == want.textOf(m.editFrom(f)):
		m.status.text = "nothing was changed in the text: nothing is decided by it"
		return nil
	}
	value, problem := want.read(text)
	said := safe.Text(problem)
	if problem == "" {
		said = breaks(m.s.Rules, m.s.Sides.Server, f.Path, value)
	}
	d, ok := f.Choose(merge.Edited, value)
	if said != "" || !ok {
		m.draft.Typed = keepTyped(m.draft.Typed, f.Path, &text)
		m.status = status{text: said + "; the text is kept: E opens it again", bad: true}
		return m.saveNow()
	}
	m.bracket = merge.Undecided
	m.draft.Typed = keepTyped(m.draft.Typed, f.Path, nil)
	return m.decide("edited "+merge.PathLabel(f.Path), merge.Decisions{f.Path: d})
}

// byHand is what a person made of a text, without what editors add to it: a line end at the end and, on Windows, a mark
// at the beginning and carriage returns.
func byHand(initial, text string) string {
	const mark = "\uFEFF"
	if !strings.HasPrefix(initial, mark) {
		text = strings.TrimPrefix(text, mark)
	}
	if !strings.Contains(initial, "\r") {
		text = strings.ReplaceAll(text, "\r\n", "\n")
	}
	if line, added := strings.CutSuffix(text, "\n"); added && !strings.HasSuffix(initial, "\n") {
		text = line
		if !strings.HasSuffix(initial, "\r") {
			text = strings.TrimSuffix(line, "\r")
		}
	}
	return text
}
