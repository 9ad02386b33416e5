package tui

import (
	"fmt"

	tea "github.com/charmbracelet/bubbletea"

	"dovetail/tui/safe"
)

// busy reports whether what is shown must stay as it is: something is typed or asked about it, or an answer is under way.
func (m *recordsModel) busy() bool {
	if m.open != nil {
		return m.open.mode != recordFields || m.open.writing
	}
	return m.loading || m.typing || m.naming
}

// readNews reads again what is in sight, because something was written.
func (m *recordsModel) readNews() tea.Cmd {
	if m.open != nil {
		return m.read(m.open.Record)
	}
	m.loading = true
	return m.env.commands.records.collections()
}

// tellMoved says that somebody else wrote the record that is open, where there is no draft to say it of.
func (m *recordsModel) tellMoved(now *RecordShown) {
	o := m.open
	if m.status.text != "" || !o.draft.Empty() || o.Version == now.Version && o.Revision == now.Revision {
		return
	}
	m.status.text = safe.Cell(fmt.Sprintf("written meanwhile: it is v%d now", now.Version))
	switch {
	case now.Deleted:
		m.status.text = "deleted meanwhile"
	case o.Version == now.Version:
		m.status.text = "changed meanwhile"
	}
}
