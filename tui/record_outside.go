package tui

import (
	tea "github.com/charmbracelet/bubbletea"

	"dovetail/merge"
	"dovetail/tui/safe"
)

// startEditor opens a field in the person's editor, with the text typed before if there is one.
func (m *recordsModel) startEditor(at *recordField) tea.Cmd {
	o := m.open
	switch {
	case o.Deleted:
		m.status = status{text: "the record is deleted", bad: true}
		return nil
	case m.env.commands.editor == nil:
		m.status = status{text: "no editor is set: EDITOR names one", bad: true}
		return nil
	}
	want := o.wanted(at)
	text := want.textOf(o.toBe(at))
	o.edit, o.was = editing{path: at.Path, initial: text, want: want}, at.Base
	if typed, ok := o.draft.Typed[at.Path]; ok {
		text = typed.Text
	}
	return m.env.commands.editor(0, at.Path, text)
}

// edited takes the text that came back, if it is another. What cannot be a value is kept as typed.
func (m *recordsModel) edited(msg editedMsg) tea.Cmd {
	if m.open == nil || m.open.edit.path != msg.path || m.open.mode != recordFields {
		return nil
	}
	o := *m.open
	m.open = &o
	if msg.err != nil {
		m.status = failed("not edited: ", msg.err)
		return nil
	}
	m.cursorTo(msg.path)
	text := byHand(msg.initial, msg.text)
	if text == o.edit.initial {
		m.status.text = "nothing was changed in the text"
		o.draft.Untype(msg.path)
		return m.saveDraft()
	}
	value, problem := o.edit.want.read(text)
	said := safe.Text(problem)
	if problem == "" {
		said = o.refuses(msg.path, value)
	}
	if said != "" {
		o.draft.Type(msg.path, merge.TypedText{Text: text, Was: o.was})
		m.status = status{text: said + "; the text is kept: E opens it again", bad: true}
		return m.saveDraft()
	}
	return m.put(msg.path, merge.FieldEdit{Value: value, Was: o.was})
}
