package tui

import (
	"strings"

	tea "github.com/charmbracelet/bubbletea"

	"dovetail/merge"
	"dovetail/tui/safe"
	"dovetail/tui/theme"
)

// startNaming asks for the name of a new record.
func (m *recordsModel) startNaming() {
	m.naming, m.problem = true, ""
	text := ""
	if m.collection != "" {
		text = m.collection + "/"
	}
	m.box = newBox(text, false, max(m.width-14, 10))
}

// typedName takes a key while a new record is named.
func (m recordsModel) typedName(msg tea.KeyMsg) (recordsModel, action, tea.Cmd) {
	b, _ := m.env.keys[onLine].find(msg)
	m.problem = ""
	switch b.intent {
	case leaveAtOnce:
		return m, action{do: quitAtOnce}, nil
	case closeBox:
		m.naming = false
	case acceptLine:
		cmd := m.acceptName()
		return m, action{}, cmd
	default:
		m.box.key(msg)
	}
	return m, action{}, nil
}

// acceptName looks for the record that was named: only where there never was one, it can be made.
func (m *recordsModel) acceptName() tea.Cmd {
	name := strings.TrimSpace(m.box.text)
	if !strings.Contains(name, "/") && m.collection != "" {
		name = m.collection + "/" + name
	}
	if strings.HasSuffix(name, "/") && strings.Count(name, "/") == 1 && m.env.newID != nil {
		name += m.env.newID()
	}
	key, err := merge.ParseKey(name)
	if err != nil {
		m.problem = safe.Text(err.Error())
		return nil
	}
	m.problem = "looking" + m.env.glyphs.ellipsis
	return m.read(key)
}

// isFree reports whether a new record may have the name of one that was looked for, and says why not.
func (m *recordsModel) isFree(r *RecordShown) bool {
	name := safe.Text(r.Record.String())
	switch {
	case r.Deleted:
		m.problem = name + " was deleted; its versions are kept under that id, so that a new record needs another"
	case !r.missing():
		m.problem = name + " is there already: esc, then / finds it"
	default:
		m.problem = ""
	}
	return m.problem == ""
}

// namingWords say what may be typed, or what is wrong with it.
func (m *recordsModel) namingWords() status {
	switch {
	case m.problem != "":
		return status{text: m.problem, bad: true}
	case m.env.newID == nil:
		return status{text: "its collection and id, such as deal/D-7"}
	}
	return status{text: "its collection and id, such as deal/D-7; without an id it gets one"}
}

// rowsApart are the drafts that no record of the list is under. They stand above all others.
func (m *recordsModel) rowsApart(drafts []draftApart) []recordRow {
	var rows []recordRow
	for i := range drafts {
		d := &drafts[i]
		if !strings.Contains(d.Record.ID+strings.Join(d.Fields(), " "), m.text) {
			continue
		}
		row := recordRow{key: d.Record, id: safe.Text(d.Record.ID), text: safe.Cell(plural(len(d.Fields()), "edit") + " not written"), apart: true, notes: "new"}
		if d.deleted {
			row.notes = "deleted"
		}
		rows = append(rows, row)
	}
	return rows
}

// readAgain reads the list again where a record was made that it does not show.
func (m *recordsModel) readAgain() tea.Cmd {
	for i := range m.rows {
		if m.rows[i].key == m.open.Record && !m.rows[i].apart {
			return nil
		}
	}
	return m.reread()
}

// startAdding asks for a field that the record has not.
func (m *recordsModel) startAdding() {
	if m.open.Deleted {
		m.status = status{text: "the record is deleted", bad: true}
		return
	}
	m.open.mode, m.open.edit = recordAdding, editing{}
	m.box = newBox("", false, m.boxWidth())
}

// typedField takes a key while a field is typed that the record has not.
func (m recordsModel) typedField(msg tea.KeyMsg) (recordsModel, action, tea.Cmd) {
	o := *m.open
	m.open = &o
	m.status, o.edit.problem = status{}, ""
	b, _ := m.env.keys[onLine].find(msg)
	switch b.intent {
	case leaveAtOnce:
		return m, action{do: quitAtOnce}, nil
	case closeBox:
		o.mode = recordFields
	case acceptLine:
		cmd := m.acceptField()
		return m, action{}, cmd
	default:
		m.box.key(msg)
	}
	return m, action{}, nil
}

// acceptField takes FIELD=VALUE, as `dovetail set` does.
func (m *recordsModel) acceptField() tea.Cmd {
	o := m.open
	op, err := merge.ParseAssignment(m.box.text, o.fields(), o.Rules)
	switch {
	case err != nil:
		o.edit.problem = safe.Text(strings.TrimPrefix(err.Error(), merge.ErrAssignment.Error()+": "))
	case op.Verb != merge.SetField:
		o.edit.problem = "+= and -= are for a field that is there: e edits it"
	default:
		o.edit.problem = o.refuses(op.Path, op.Value)
	}
	if o.edit.problem != "" {
		return nil
	}
	o.mode = recordFields
	cmd := m.put(op.Path, merge.FieldEdit{Value: op.Value, Was: op.Was})
	m.cursorTo(op.Path)
	return cmd
}

// drawAdding draws the line that it is typed in.
func (m *recordsModel) drawAdding(f *frame) {
	if f.width < tableWidth {
		f.put(theme.Strong, " ADD FIELD=VALUE")
		f.put(theme.Dim, m.env.glyphs.dot+":= is JSON")
	} else {
		f.put(theme.Strong, " ADD A FIELD")
		f.put(theme.Dim, m.env.glyphs.dot+"FIELD=VALUE, as status=open; := is JSON, as amount:=40000")
	}
	f.line()
	if p := m.open.edit.problem; p != "" {
		f.put(theme.Warning, " ! "+p)
		f.line()
	}
	f.spaces(3)
	m.box.drawOneLine(f)
}
