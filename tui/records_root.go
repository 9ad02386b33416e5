package tui

import (
	tea "github.com/charmbracelet/bubbletea"

	"dovetail/tui/safe"
	"dovetail/tui/theme"
)

// openRecords asks for the records.
func (m queueModel) openRecords() (queueModel, action, tea.Cmd) {
	if m.env.commands.records.find == nil {
		m.status.text = "`dovetail ls` lists records, `dovetail set` edits them"
		return m, action{}, nil
	}
	return m, action{do: toRecords}, nil
}

// toTab goes from the records to a list of the queue.
func (m model) toTab(what intent) (model, tea.Cmd) {
	m, cmd := m.toQueue(status{})
	if what == noIntent || m.screen != onQueue {
		return m, cmd
	}
	m.queue.groups.shown = false
	var act action
	var more tea.Cmd
	m.queue, act, more = m.queue.obeyNow(what)
	m, last := m.obey(act)
	return m, both(cmd, both(more, last))
}

// answered hands an answer to the screen that asked: what is about a record has no conflict's number.
func (m model) answered(number int64, msg tea.Msg) (model, tea.Cmd) {
	var cmd tea.Cmd
	if number == 0 {
		m.records, _, cmd = m.records.Update(msg)
	} else {
		m.resolve, _, cmd = m.resolve.Update(msg)
	}
	return m, cmd
}

// drawRecordsTab stands last among the lists, where there is room for it.
func (m *queueModel) drawRecordsTab(f *frame, here bool) {
	name := safe.Cell("6 Records")
	defer func(from int) { f.hot(f.col-from, spot{tab: tabRecords}) }(f.col)
	switch {
	case here && f.room() < name.Width()+3:
		f.put(theme.Strong, " [6]")
	case here:
		f.put(theme.Strong, " ["+name+"] ")
	case m.env.commands.records.find == nil:
	case f.width < 50:
		f.put(theme.Dim, " 6 ")
	case f.room() >= name.Width()+4 && f.width >= tableWidth:
		f.put(theme.Dim, "  "+name+"  ")
	case f.room() >= name.Width()+2:
		f.put(theme.Dim, " "+name+" ")
	}
}
