package tui

import (
	"fmt"
	"slices"
	"time"

	"dovetail/merge"
	"dovetail/tui/safe"
	"dovetail/tui/theme"
)

// playHolder is a column: a device or the hub.
type playHolder struct {
	hub    bool
	device int
	name   safe.Cell
	who    safe.Cell
	state  safe.Cell
	short  safe.Cell // the state where there is little room
	ahead  safe.Cell // how wrong the clock is, if it is
	cut    bool
}

// playRow is a row of the table: a record, or a field of the one at the cursor.
type playRow struct {
	record int
	path   string
	field  bool
	name   safe.Cell
	cells  []playCell
}

type playCell struct {
	mark string // "*": not sent, "!": asked
	text safe.Cell
	role theme.Role
}

// lay prepares all that is drawn, but for the size of things.
func (m *playModel) lay() {
	if !m.got {
		return
	}
	w := m.world()
	m.record = min(m.record, max(len(w.Hub)-1, 0))
	m.layHolders(w)
	m.side = min(m.side, len(m.holds)-1)
	m.layFates()
	m.layGraph()
	m.layRows(w, true)
	if !m.same && len(m.rows) > m.layout().table {
		m.layRows(w, false)
	}
}

// layRows makes the rows of the table, with all fields of the record at the cursor, or without those that are the same
// everywhere.
func (m *playModel) layRows(w *PlayWorld, all bool) {
	m.rows, m.names = m.rows[:0:0], 0
	for i := range w.Hub {
		m.rows = append(m.rows, m.recordRow(w, i))
		if i == m.record {
			m.layFields(w, i, all)
		}
	}
	for i := range m.rows {
		indent := 0
		if m.rows[i].field {
			indent = 2
		}
		m.names = max(m.names, widthOf(m.rows[i].name)+indent)
	}
}

func (m *playModel) layHolders(w *PlayWorld) {
	m.holds = m.holds[:0:0]
	server := playHolder{hub: true, name: "SERVER", who: "the hub", state: safe.Cell(plural(waiting(w), "record") + " to decide"),
		short: safe.Cell(itoa(waiting(w)) + " to decide")}
	if waiting(w) == 0 {
		server.state = "nothing to decide"
	}
	for i := range w.Devices {
		d := &w.Devices[i]
		h := playHolder{device: i, name: safe.Text(d.Name), who: person(d.Person, d.Place), cut: !d.Up}
		h.state, h.short = "line up", "up"
		if !d.Up {
			h.state, h.short = "LINE CUT", "CUT"
		}
		if d.Unsent > 0 {
			unsent := safe.Cell(", " + itoa(d.Unsent) + " to send")
			h.state, h.short = h.state+unsent, h.short+unsent
		}
		if d.Ahead != 0 {
			h.ahead = aheadInWords(d.Ahead)
			h.who = "clock " + h.ahead + m.env.glyphs.dot + h.who
		}
		m.holds = append(m.holds, h)
		if i == 0 {
			m.holds = append(m.holds, server)
		}
	}
	if len(w.Devices) == 0 {
		m.holds = append(m.holds, server)
	}
}

func waiting(w *PlayWorld) int {
	n := 0
	for _, r := range w.Records {
		if r.Conflict != 0 {
			n++
		}
	}
	return n
}

// aheadInWords says how wrong a clock is, as in 2h ahead.
func aheadInWords(d time.Duration) safe.Cell {
	way := "ahead"
	if d < 0 {
		way, d = "behind", -d
	}
	if d%time.Hour == 0 {
		return safe.Cell(fmt.Sprintf("%dh %s", d/time.Hour, way))
	}
	return safe.Cell(fmt.Sprintf("%dm %s", d/time.Minute, way))
}

// copyOf is what a holder has of a record.
func (w *PlayWorld) copyOf(h playHolder, record int) *PlayCopy {
	if h.hub {
		return &w.Hub[record]
	}
	return &w.Devices[h.device].Copies[record]
}

func (m *playModel) recordRow(w *PlayWorld, i int) playRow {
	r := playRow{record: i, name: safe.Text(w.Hub[i].Record.String())}
	for _, h := range m.holds {
		c := w.copyOf(h, i)
		cell := playCell{text: safe.Cell("v" + itoa(int(c.Version))), role: theme.Dim}
		switch {
		case c.Version == 0 && c.Fields == nil && c.Pending:
			cell.text = "deleted"
		case c.Version == 0 && c.Fields == nil:
			cell.text = "not here"
		case c.Version == 0:
			cell.text = "new"
		case c.Fields == nil:
			cell.text += " deleted"
		}
		switch {
		case h.hub && w.Records[i].Conflict != 0:
			cell.mark, cell.role = "!", theme.Strong
			cell.text += ", to decide"
		case c.Conflict:
			cell.text += ", waits"
		case c.Pending && c.Fields == nil:
			cell.mark, cell.role = "*", theme.Strong
			cell.text = "deleted"
		case c.Pending:
			cell.mark, cell.role = "*", theme.Strong
			cell.text += safe.Cell(", " + itoa(len(c.Changed)) + " changed")
		}
		r.cells = append(r.cells, cell)
	}
	return r
}

// layFields makes rows of the fields of a record.
func (m *playModel) layFields(w *PlayWorld, i int, all bool) {
	m.alike = 0
	asked := m.askedPaths(w.Hub[i].Record)
	for _, path := range m.leaves(w, i) {
		row := playRow{record: i, path: path, field: true, name: safe.Text(merge.PathLabel(path))}
		var first *merge.Value
		differs := false
		for _, h := range m.holds {
			c := w.copyOf(h, i)
			if c.Fields == nil {
				row.cells = append(row.cells, playCell{role: theme.Dim})
				continue
			}
			v := merge.Lookup(c.Fields, path)
			cell := playCell{text: m.env.glyphs.value(v), role: theme.Plain}
			switch {
			case !h.hub && c.Pending && touched(c.Changed, path):
				cell.mark, cell.role = "*", theme.Local
				differs = true
			case h.hub && touched(asked, path):
				cell.mark, cell.role = "!", theme.Server
				differs = true
			}
			if first == nil {
				first = &v
			}
			differs = differs || !merge.Equal(*first, v)
			row.cells = append(row.cells, cell)
		}
		if !differs && !all && !(m.onField && path == m.path) {
			m.alike++
			continue
		}
		m.rows = append(m.rows, row)
	}
}

// askedPaths are the fields of a record that a person is asked about.
func (m *playModel) askedPaths(key merge.Key) []string {
	var paths []string
	for i := range m.world().Meets {
		if met := &m.world().Meets[i]; met.Record == key && met.Waits {
			for _, f := range met.Fates {
				if f.Asked {
					paths = append(paths, f.Path)
				}
			}
		}
	}
	return paths
}

// leaves are the fields that somebody has of a record, sorted.
func (m *playModel) leaves(w *PlayWorld, i int) []string {
	var paths []string
	for _, h := range m.holds {
		d := w.copyOf(h, i).Fields
		if d == nil {
			continue
		}
		for _, f := range merge.Same(merge.Sides{Base: d, Local: d, Server: d}, nil) {
			paths = append(paths, f.Path)
		}
	}
	slices.Sort(paths)
	return slices.Compact(paths)
}

func touched(paths []string, path string) bool {
	return slices.ContainsFunc(paths, func(p string) bool { return below(p, path) || below(path, p) })
}

// below reports whether a path is another one, or lies under it.
func below(path, top string) bool {
	return path == top || len(path) > len(top) && path[:len(top)] == top && path[len(top)] == '/'
}

// cursorRow is the row that the cursor is on.
func (m *playModel) cursorRow() int {
	record := 0
	for i := range m.rows {
		if m.rows[i].record != m.record {
			continue
		}
		if !m.rows[i].field {
			record = i
		}
		if m.onField && m.rows[i].field && m.rows[i].path == m.path {
			return i
		}
	}
	return record
}

// moveRow goes to another row.
func (m *playModel) moveRow(dir int) {
	to := m.cursorRow() + dir
	if to < 0 || to >= len(m.rows) {
		return
	}
	r := m.rows[to]
	if r.record != m.record {
		m.scroll = 0
		up := dir < 0
		m.record, m.onField = r.record, false
		m.explainHere()
		if m.lay(); up {
			if last := m.lastField(); last != "" {
				m.path, m.onField = last, true
			}
		}
		return
	}
	m.path, m.onField = r.path, r.field
}

func (m *playModel) lastField() string {
	last := ""
	for i := range m.rows {
		if m.rows[i].record == m.record && m.rows[i].field {
			last = m.rows[i].path
		}
	}
	return last
}
