package tui

import (
	"strings"

	tea "github.com/charmbracelet/bubbletea"

	"dovetail/merge"
	"dovetail/tui/safe"
	"dovetail/tui/theme"
)

// groupList is the queue seen as groups: of a Monday's three hundred conflicts it shows a dozen lines.
type groupList struct {
	shown   bool
	seq     int // of the list that was asked for last
	loading bool
	err     error
	rows    []groupRow
	list
}

// groupRow is a group made ready to be drawn.
type groupRow struct {
	merge.Group
	count, name, by safe.Cell
}

// groupsMsg is the list of groups, asked for with the sequence number.
type groupsMsg struct {
	seq    int
	groups []merge.Group
	err    error
}

func newGroupRow(g merge.Group, gl *glyphs) groupRow {
	row := newQueueRow(merge.Conflict{Fields: g.Fields, Kind: g.Kind}, gl)
	if len(g.Fields) == 0 {
		row.fields = "nothing left to decide"
	}
	return groupRow{Group: g, count: safe.Cell(thousands(g.Count)), name: safe.Text(g.Collection) + gl.dot + row.fields,
		by: person(g.LocalBy, g.Device)}
}

// openGroups reads the groups of what the list shows.
func (m *queueModel) openGroups() tea.Cmd {
	m.group = nil
	m.groups.shown, m.groups.loading, m.groups.err = true, true, nil
	m.groups.seq++
	return m.env.commands.groups(m.groups.seq, m.asked())
}

func (m *queueModel) tookGroups(msg groupsMsg) {
	if msg.seq != m.groups.seq {
		return
	}
	at, had := m.groupAtCursor()
	m.groups.loading, m.groups.err, m.groups.rows = false, msg.err, nil
	for i, g := range msg.groups {
		m.groups.rows = append(m.groups.rows, newGroupRow(g, m.env.glyphs))
		if had && sameGroup(&g, &at.Group) {
			m.groups.shift(i - m.groups.cursor)
			had = false
		}
	}
	m.moveGroup(noIntent)
}

// obeyGroups does what the keys ask for while the groups are shown.
func (m queueModel) obeyGroups(what intent) (queueModel, action, tea.Cmd) {
	m.status, m.news = status{}, news{}
	at, some := m.groupAtCursor()
	if out, ok := leads(what); ok {
		return m, out, nil
	}
	switch what {
	case goBack:
		m.groups.shown = false
		cmd := m.again()
		return m, action{}, cmd
	case editFilter:
		m.openFilter()
	case openCase:
		if !some {
			return m, action{}, nil
		}
		m.groups.shown, m.group = false, &at.Group
		cmd := m.again()
		return m, action{}, cmd
	case applyToAll:
		if !some {
			return m, action{}, nil
		}
		return m, action{do: toBulk, bulk: m.bulkOf(&at.Group)}, nil
	case undoWritten, tabParked, tabRecords:
		return m.obey(what)
	case tabOpen, tabDrafts, tabSnoozed, tabResolved, tabNext, tabPrevious:
		m.groups.shown, m.loaded = false, false // the list below is of another time
		return m.obey(what)
	case refresh:
		cmd := tea.Batch(m.openGroups(), m.env.commands.counts())
		return m, action{}, cmd
	}
	m.moveGroup(what)
	return m, action{}, nil
}

func (m *queueModel) groupAtCursor() (groupRow, bool) {
	if !m.groups.in(len(m.groups.rows)) {
		return groupRow{}, false
	}
	return m.groups.rows[m.groups.cursor], true
}

func (m *queueModel) moveGroup(what intent) {
	page := m.groupsHeight()
	m.groups.move(what, len(m.groups.rows), page, page)
}

// groupsHeight is how many groups are in sight: they have the place of the list and of its preview.
func (m *queueModel) groupsHeight() int {
	l := m.layout()
	height := l.list + l.preview
	if l.rules && !l.beside {
		height++
	}
	return max(height, 1)
}

// groupName says which group it is, on one line.
func groupName(g merge.Group, gl *glyphs) safe.Cell {
	row := newGroupRow(g, gl)
	name := row.name
	if row.by != "" {
		name += gl.dot + row.by
	}
	return name
}

func (m *queueModel) drawGroups(f *frame, l queueLayout) {
	const kind = 13
	count, by := 7, 0
	if f.width >= tableWidth {
		by = f.width / 4
	}
	name := f.width - 2 - count - 2 - 1
	if by > 0 {
		name -= kind + 2 + by + 2
	}
	f.spaces(2)
	f.queueCell(theme.Heading, "  COUNT", count)
	f.queueCell(theme.Heading, "GROUP", name)
	if by > 0 {
		f.queueCell(theme.Heading, "KIND", kind)
		f.queueCell(theme.Local, "LOCAL", by)
	}
	f.line()
	if l.rules {
		f.rule()
	}
	end := f.left() - m.groupsHeight()
	if len(m.groups.rows) == 0 {
		m.drawNoGroups(f)
	}
	for i := m.groups.top; i < len(m.groups.rows) && f.left() > end; i++ {
		if f.beyond(&m.groups.list, i, len(m.groups.rows), m.groupsHeight()) {
			continue
		}
		r := &m.groups.rows[i]
		f.lit = i == m.groups.cursor
		sign := " "
		if f.lit {
			sign = f.glyphs.cursor
		}
		f.glyph(theme.Strong, sign)
		f.spaces(1)
		f.spaces(count - widthOf(r.count))
		f.queueCell(theme.Strong, r.count, min(count, widthOf(r.count)))
		if by == 0 && r.by != "" {
			f.cell(theme.Plain, r.name+f.glyphs.dot+r.by, name)
			f.line()
			continue
		}
		f.queueCell(theme.Plain, r.name, name)
		if by > 0 {
			f.queueCell(theme.Dim, safe.Text(r.Kind.String()), kind)
			f.queueCell(theme.Local, r.by, by)
		}
		f.line()
	}
	f.lines(f.left() - end)
}

func (m *queueModel) drawNoGroups(f *frame) {
	f.line()
	switch {
	case m.groups.err != nil:
		failed("the queue could not be read: ", m.groups.err).draw(f)
	case m.groups.loading:
		f.put(theme.Dim, "   counting"+m.env.glyphs.ellipsis)
	default:
		f.put(theme.Plain, "   There is nothing to group.")
	}
	f.line()
}

// groupLine says in the place of the filter which group is shown.
func (m *queueModel) groupLine(f *frame) {
	f.put(theme.Dim, " group: ")
	name := groupName(*m.group, m.env.glyphs)
	if m.typed != "" {
		name += safe.Cell(strings.Repeat(" ", 2)) + safe.Text(m.typed)
	}
	f.put(theme.Strong, f.cut(name, f.room()-18))
	f.right(theme.Dim, "esc all groups")
	f.line()
}
