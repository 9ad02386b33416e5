package tui

import (
	tea "github.com/charmbracelet/bubbletea"

	"dovetail/merge"
	"dovetail/tui/safe"
	"dovetail/tui/theme"
)

// mayKeepBoth reports whether both sides made a record of the same name, and there is a place for both.
func (m *resolveModel) mayKeepBoth() bool {
	if m.s == nil || m.env.alone {
		return false
	}
	_, ok := m.s.result.Both("x")
	return ok
}

// startBoth asks for the id that local's record gets.
func (m *resolveModel) startBoth() {
	if !m.mayKeepBoth() {
		m.status = status{text: "there is one record here: b is for two that were created under one name", bad: true}
		return
	}
	id := m.draft.Decisions.Both()
	if id == "" {
		id = merge.Aside(m.s.Conflict.Record.ID)
	}
	m.mode, m.edit = inBox, editing{naming: true}
	m.box = newBox(id, false, m.boxWidth())
	m.moved()
}

// acceptBoth decides that both are kept, if the id can be one.
func (m *resolveModel) acceptBoth() tea.Cmd {
	key := merge.Key{Collection: m.s.Conflict.Record.Collection, ID: m.box.text}
	if err := key.Check(); err != nil {
		m.edit.problem = safe.Text(err.Error())
		return nil
	}
	if key == m.s.Conflict.Record {
		m.edit.problem = "the server's record has this id"
		return nil
	}
	both, ok := m.s.result.Both(key.ID)
	if !ok {
		return nil
	}
	m.mode, m.bracket = onFields, merge.Undecided
	cmd := m.decide("both kept, local's as "+key.String(), m.draft.Decisions.OnlyBoth(both))
	m.status.text = "both kept: u takes it back"
	return cmd
}

// bothWords say that both are kept; empty where they are not.
func (m *resolveModel) bothWords() safe.Cell {
	as := m.draft.Decisions.Both()
	if as == "" {
		return ""
	}
	key := merge.Key{Collection: m.s.Conflict.Record.Collection, ID: as}
	return "Both are kept: this one as on the server, local's as " + safe.Text(key.String()) + ". Taking a side of a field takes that back."
}

// bothOptions say under the box what becomes of either record.
func (m *resolveModel) bothOptions() []option {
	return []option{
		{name: "SERVER", role: theme.Server, value: []span{{theme.Plain, "stays " + m.s.record + " as it is"}}},
		{name: "LOCAL", role: theme.Local, value: []span{{theme.Plain, "becomes a record of its own, under the id above"}}},
	}
}

// keptBoth lists what the second record will hold.
func (m *reviewModel) keptBoth() {
	key := merge.Key{Collection: m.s.Conflict.Record.Collection, ID: m.draft.Decisions.Both()}
	m.say(theme.Heading, "   Both are kept. Local's becomes a new record, "+safe.Text(key.String())+":")
	local := m.s.Sides.Local
	for _, f := range merge.Same(merge.Sides{Base: local, Local: local, Server: local}, m.s.shape()) {
		m.lines = append(m.lines, reviewLine{text: []span{{theme.Plain, "     "}, {theme.Local, "LOCAL   "},
			{theme.Plain, safe.Text(merge.PathLabel(f.Path)) + " = " + m.env.glyphs.valueAt(m.s.Rules, f.Path, f.Local)}}})
	}
}

// both names the second record that was written, where there is one.
func (m *writtenModel) both() safe.Cell {
	if m.written.KeptAs == "" {
		return ""
	}
	return m.env.glyphs.dot + "local's as " + safe.Text(m.written.KeptAs)
}
