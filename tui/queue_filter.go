package tui

import (
	"strings"

	tea "github.com/charmbracelet/bubbletea"

	"dovetail/merge"
	"dovetail/tui/safe"
)

// asked is what the list is of.
func (m *queueModel) asked() merge.Query {
	return merge.Query{Filter: m.query(), Group: m.group, Person: m.env.you, Drafts: m.tab == draftsTab && !m.stateInFilter(),
		Newest: m.newest}
}

// query is the filter with the tab's state, unless it has one of its own.
func (m *queueModel) query() merge.Filter {
	if m.stateInFilter() {
		return m.filter
	}
	terms := append([]merge.Term{}, m.filter.Terms...)
	for _, state := range tabStates[m.tab] {
		terms = append(terms, merge.Term{Name: "state", Op: ':', Value: state.String()})
	}
	return merge.Filter{Terms: terms}
}

func (m *queueModel) stateInFilter() bool {
	for _, t := range m.filter.Terms {
		if t.Name == "state" {
			return true
		}
	}
	return false
}

func (m *queueModel) setFilter(typed string, f merge.Filter) tea.Cmd {
	m.typed, m.filter, m.group = typed, f, nil
	if m.groups.shown {
		m.groups.rows = nil
		return m.openGroups()
	}
	return m.again()
}

func (m *queueModel) openFilter() {
	m.inBox, m.boxErr, m.offers = true, "", offers{}
	m.box = newBox(m.typed, false, max(m.width-12, 10))
}

// clear takes away what narrows the list, the last thing first.
func (m *queueModel) clear() tea.Cmd {
	switch {
	case len(m.marked) > 0:
		m.marked = nil
	case m.group != nil:
		return m.openGroups()
	case m.typed != "":
		return m.setFilter("", merge.Filter{})
	}
	return nil
}

// filterKey edits the filter line. What does not parse is told, and nothing is lost.
func (m queueModel) filterKey(msg tea.KeyMsg) (queueModel, action, tea.Cmd) {
	m.boxErr = ""
	b, _ := m.env.keys[onFilter].find(msg)
	if b.intent != nextValue && b.intent != tabPrevious {
		m.offers = offers{}
	}
	switch b.intent {
	case nextValue:
		cmd := m.complete(1)
		return m, action{}, cmd
	case tabPrevious:
		cmd := m.complete(-1)
		return m, action{}, cmd
	case leaveAtOnce:
		return m, action{do: quitAtOnce}, nil
	case closeBox:
		m.inBox = false
		return m, action{}, nil
	case acceptLine:
		f, err := merge.ParseFilter(m.box.text)
		if err != nil {
			m.boxErr = safe.Text(err.Error())
			return m, action{}, nil
		}
		m.inBox = false
		cmd := m.setFilter(strings.TrimSpace(m.box.text), f)
		return m, action{}, cmd
	}
	m.box.key(msg)
	return m, action{}, nil
}

// switchOrder lists the newest first, or the oldest first again. These are the orders that stand in an index whatever the
// filter asks for.
func (m *queueModel) switchOrder() tea.Cmd {
	m.newest = !m.newest
	m.status.text = "oldest first"
	if m.newest {
		m.status.text = "newest first"
	}
	return m.again()
}
