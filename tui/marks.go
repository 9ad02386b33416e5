package tui

import (
	"maps"
	"slices"

	tea "github.com/charmbracelet/bubbletea"

	"dovetail/merge"
	"dovetail/tui/safe"
)

// obeyTogether does what is about many conflicts.
func (m queueModel) obeyTogether(what intent) (queueModel, action, tea.Cmd) {
	switch what {
	case showGroups:
		cmd := m.openGroups()
		return m, action{}, cmd
	case toggleMark:
		m.mark()
		cmd := m.went(goDown)
		return m, action{}, cmd
	}
	ask := m.together()
	if ask == nil {
		m.status.text = "space marks conflicts, g groups them, / filters: A decides those together"
		return m, action{}, nil
	}
	if len(m.marked) == 0 && m.loaded && len(m.w.rows) == 0 {
		m.status.text = "there is nothing here to decide"
		return m, action{}, nil
	}
	return m, action{do: toBulk, bulk: ask}, nil
}

// mark marks the conflict at the cursor, or takes its mark away, and goes on to the next.
func (m *queueModel) mark() {
	at, ok := m.selected()
	if !ok {
		return
	}
	marked := maps.Clone(m.marked) // models are copied as values: a map that is shared must not change
	if marked == nil {
		marked = map[int64]merge.Conflict{}
	}
	if _, was := marked[at.Number]; was {
		delete(marked, at.Number)
	} else if len(marked) < bulkMost {
		marked[at.Number] = at.Conflict
	}
	m.marked = marked
}

// together is what A is for: the marked conflicts, else the group that is shown, else what the filter chooses.
func (m *queueModel) together() *bulkAsk {
	switch {
	case len(m.marked) > 0:
		ask := &bulkAsk{what: safe.Cell(plural(len(m.marked), "marked conflict")), filter: m.filter}
		for _, number := range slices.Sorted(maps.Keys(m.marked)) {
			ask.rows = append(ask.rows, m.marked[number])
		}
		return ask
	case m.group != nil:
		return m.bulkOf(m.group)
	case len(m.filter.Terms) > 0:
		return &bulkAsk{what: "filter: " + safe.Text(m.typed), filter: m.filter, query: m.asked()}
	}
	return nil
}

func (m *queueModel) bulkOf(g *merge.Group) *bulkAsk {
	q := m.asked()
	q.Group = g
	// Whoever chose a group of deletions has seen its kind, as whoever wrote it into the filter has.
	named := merge.Filter{Terms: append(slices.Clone(m.filter.Terms), merge.Term{Name: "kind", Op: ':', Value: g.Kind.String()})}
	return &bulkAsk{what: "group: " + groupName(*g, m.env.glyphs), filter: named, query: q}
}

// afterBulk forgets the marks, and has U undo all of it.
func (m *queueModel) afterBulk(b bulkModel) {
	if b.stage != bulkDone {
		return // nothing was decided
	}
	m.marked, m.bulkWritten = nil, b.count(bulkWritten)
	m.last = merge.Written{}
}
