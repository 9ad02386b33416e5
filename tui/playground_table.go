package tui

import (
	"slices"

	"dovetail/tui/safe"
	"dovetail/tui/theme"
)

// drawTable draws the records of every side, and the fields of the one at the cursor.
func (m *playModel) drawTable(f *frame, l playLayout) {
	if l.table <= 0 {
		return
	}
	c := m.columns()
	here, rows := m.cursorRow(), l.table
	foot := m.alike > 0 && rows > 2
	if foot {
		rows--
	}
	top := m.topRow(here, rows)
	m.drawTableHead(f, c, l.tableHead, m.hiddenRows(top, rows, foot))
	drawn := 0
	for i := top; i < len(m.rows) && drawn < rows; i++ {
		m.drawRow(f, c, i, i == here)
		drawn++
	}
	if foot {
		text := safe.Cell("   " + plural(m.alike, "field") + " alike everywhere (a shows)")
		if hidden := len(m.rows) - top - drawn; hidden > 0 {
			text = "   " + m.env.glyphs.down + safe.Cell(" "+itoa(hidden)+" more") + m.env.glyphs.dot + safe.Cell(plural(m.alike, "field")+" alike (a shows)")
		}
		f.put(theme.Dim, text)
		f.line()
		drawn++
	}
	if m.roomy() {
		return
	}
	f.lines(l.table - drawn)
}

// hiddenRows says how many rows there are below, or else above, where no line under the table does; empty where there are none.
func (m *playModel) hiddenRows(top, rows int, foot bool) safe.Cell {
	switch below := len(m.rows) - top - rows; {
	case foot:
		return ""
	case below > 0:
		return m.env.glyphs.down + safe.Cell(" "+itoa(below)+" more")
	case top > 0:
		return m.env.glyphs.up + safe.Cell(" "+itoa(top)+" more")
	}
	return ""
}

// topRow is the first row that is drawn: the fields of the record at the cursor are to be seen, if they go in.
func (m *playModel) topRow(here, rows int) int {
	last := here
	for last+1 < len(m.rows) && m.rows[last+1].record == m.record {
		last++
	}
	top := max(last-rows+1, 0)
	if top >= here {
		top = here - 1 // with the row above, so that one sees that there is one
	}
	return max(min(top, len(m.rows)-rows), here-rows+1, 0)
}

func (m *playModel) drawTableHead(f *frame, c playColumns, rows int, hidden safe.Cell) {
	f.spaces(3)
	left := safe.Cell("RECORD")
	if len(c.shown) < len(m.holds) {
		left = safe.Cell(itoa(len(c.shown)) + " of " + itoa(len(m.holds)))
	}
	if hidden != "" {
		left = hidden
	}
	f.cell(theme.Dim, left, c.name)
	for _, i := range c.shown {
		h := &m.holds[i]
		role := theme.Local
		if h.hub {
			role = theme.Server
		}
		f.glyph(theme.Dim, m.env.glyphs.bar)
		name := " " + h.name + " "
		if i == m.side {
			name = "[" + h.name + "]"
		}
		if rows < 2 {
			if h.cut {
				name += " CUT"
			}
			if h.ahead != "" {
				name += " " + h.ahead
			}
			f.cell(role, name, c.each-1)
			continue
		}
		at := f.col
		f.put(role, f.cut(name, c.each-1))
		if room := c.each - 1 - (f.col - at); room > 6 {
			if i == m.side {
				f.spaces(1)
			}
			who := h.who
			if h.ahead != "" && widthOf(who) > room-2 {
				who = h.ahead
			}
			f.put(theme.Dim, f.cut(who, room-2))
		}
		f.to(at + c.each - 1)
	}
	f.line()
	if rows >= 2 {
		m.drawTableStates(f, c)
	}
}

// drawTableStates is the second line of the head: how each side stands, and what the marks of the rows mean.
func (m *playModel) drawTableStates(f *frame, c playColumns) {
	f.spaces(3)
	legend := safe.Cell("*unsent !asked")
	if widthOf(legend) > c.name {
		legend = ""
	}
	f.cell(theme.Dim, legend, c.name)
	for _, i := range c.shown {
		role := theme.Dim
		if m.holds[i].cut {
			role = theme.Strong
		}
		f.glyph(theme.Dim, m.env.glyphs.bar)
		f.spaces(1)
		state := m.holds[i].state
		if widthOf(state) > c.each-2 {
			state = m.holds[i].short
		}
		f.cell(role, state, c.each-2)
	}
	f.line()
}

func (m *playModel) drawRow(f *frame, c playColumns, i int, here bool) {
	r := &m.rows[i]
	f.lit = here
	sign := " "
	if here {
		sign = m.env.glyphs.cursor
	}
	f.glyph(theme.Plain, sign)
	f.spaces(1)
	role := theme.Plain
	if r.field {
		f.spaces(2)
	} else if r.record == m.record {
		role = theme.Strong
	}
	f.cell(role, r.name, c.name+2-f.col)
	f.to(c.name + 3)
	texts := r.texts(c.shown)
	if r.field {
		texts = m.env.glyphs.apart(texts, c.each-2)
	}
	for at, side := range c.shown {
		f.glyph(theme.Dim, m.env.glyphs.bar)
		cell := &r.cells[side]
		mark := cell.mark
		if mark == "" {
			mark = " "
		}
		f.glyph(theme.Strong, mark)
		if here && side == m.side {
			f.put(theme.Strong, "[")
			text := f.cut(texts[at], c.each-4)
			f.put(cell.role, text)
			f.put(theme.Strong, "]")
			f.to(c.name + 3 + c.each*(at+1))
			f.hot(c.each, spot{row: i, side: side})
			continue
		}
		f.cell(cell.role, texts[at], c.each-2)
		f.hot(c.each, spot{row: i, side: side})
	}
	f.hot(f.col, spot{row: i, side: m.side})
	f.line()
}

// texts are the texts of the cells that are shown.
func (r *playRow) texts(shown []int) []safe.Cell {
	texts := make([]safe.Cell, len(shown))
	for i, side := range shown {
		texts[i] = r.cells[side].text
	}
	return texts
}

// drawFates draws what each strategy keeps, asks and loses of the record at the cursor.
func (m *playModel) drawFates(f *frame, rows int) {
	if rows <= 0 {
		return
	}
	switch {
	case len(m.fates.rows) == 0 && rows > 0:
		m.drawNoFates(f, rows)
	case f.width < tableWidth:
		m.drawFateList(f, rows)
	default:
		m.drawFateTable(f, rows)
	}
}

// drawNoFates says when there will be something to tell.
func (m *playModel) drawNoFates(f *frame, rows int) {
	drawLines(f, m.noFates(rows), rows)
}

// due reports whether a change of the record at the cursor will meet another one.
func (m *playModel) due() bool {
	at := m.at()
	return at != nil && slices.ContainsFunc(m.world().Due, func(d PlayMeet) bool { return d.Record == at.Record })
}

func (m *playModel) noFates(rows int) [][]span {
	text := safe.Cell("Here stands what each strategy keeps, asks and loses, once a change meets a record that has moved.")
	at := m.at()
	for i := range m.world().Due {
		if due := &m.world().Due[i]; at != nil && due.Record == at.Record {
			text = safe.Text(due.LocalBy) + safe.Cell(" changed v"+itoa(int(due.Base))+" on ") + safe.Text(due.Device) +
				safe.Cell("; the server is at v"+itoa(int(due.Server))+" by now. The next sync brings the two together.")
		}
	}
	if m.fates.any && at != nil && text[0] == 'H' {
		text = "No change of this record has met another one."
	}
	lines := m.wrap([]span{{theme.Dim, text}}, m.width-2, max(rows, 1))
	if text[0] == 'H' {
		switch what := m.strategiesInWords(); {
		case len(lines)+len(what) <= rows:
			lines = append(lines, what...)
		case m.page == pageFates && len(what) <= rows:
			lines = what
		}
	}
	if m.fates.any && rows > len(lines)+1 {
		lines = append(lines, nil)
		lines = append(lines, m.wrap(m.tallies(), m.width-2, rows-len(lines))...)
	}
	return lines
}

// strategiesInWords says what each strategy does.
func (m *playModel) strategiesInWords() [][]span {
	var lines [][]span
	for _, s := range strategiesShown {
		what := [...]safe.Cell{"joins field by field, and asks where both changed one", "the record that was written later wins, as a whole",
			"does each operation again on the record as it is now, once"}[s]
		lines = append(lines, m.wrap([]span{{theme.Strong, safe.Cell(s.String())}, {theme.Dim, " " + what}}, m.width-2, 2)...)
	}
	return lines
}

// tallies sum up all records, for each strategy.
func (m *playModel) tallies() []span {
	line := []span{{theme.Dim, "all records: "}}
	for i, s := range strategiesShown {
		if i > 0 {
			line = append(line, span{theme.Dim, m.env.glyphs.dot})
		}
		line = append(line, span{theme.Plain, safe.Cell(s.String()) + " "})
		line = append(line, m.fates.tally[s]...)
	}
	return line
}

func (m *playModel) drawFateTable(f *frame, rows int) {
	name := m.fateNames()
	each := (f.width - name - 3) / len(strategiesShown)
	f.spaces(3)
	f.cell(theme.Dim, "FIELD", name)
	for _, s := range strategiesShown {
		f.glyph(theme.Dim, m.env.glyphs.bar)
		title := " " + safe.Cell(s.String())
		role := theme.Dim
		if s == m.strategy {
			title, role = "["+safe.Cell(s.String())+"]", theme.Strong
		}
		f.cell(role, title, each-1)
	}
	f.line()
	if rows--; rows <= 0 {
		return
	}
	if rows < 7 {
		m.drawFateRows(f, rows, name, each)
		return
	}
	f.spaces(3)
	f.cell(theme.Dim, "all records", name)
	for i, s := range strategiesShown {
		f.glyph(theme.Dim, m.env.glyphs.bar)
		f.spaces(1)
		f.spans(m.fates.tally[s])
		f.to(3 + name + each*(i+1))
	}
	f.line()
	rows--
	m.drawFateRows(f, rows, name, each)
}

func (m *playModel) fateNames() int {
	name := 12
	for i := range m.fates.rows {
		name = max(name, widthOf(m.fates.rows[i].name))
	}
	return min(name, m.width/4)
}

// drawFateRows draws those that go on so many lines.
func (m *playModel) drawFateRows(f *frame, rows, name, each int) {
	from := min(m.scroll, len(m.fates.rows)-1)
	for i := from; i < len(m.fates.rows); i++ {
		r := m.wholeFate(&m.fates.rows[i], each-3, rows-1)
		if left := len(m.fates.rows) - i; r.height() > rows || left > 1 && rows-r.height() < 1 {
			f.put(theme.Dim, "   "+m.env.glyphs.down+safe.Cell(" "+plural(left, "field")+" more (pgdn)"))
			f.line()
			return
		}
		for line := range r.height() {
			f.spaces(3)
			text := safe.Cell("")
			if line == 0 {
				text = r.name
			}
			f.cell(theme.Plain, text, name)
			for k, s := range strategiesShown {
				f.glyph(theme.Dim, m.env.glyphs.bar)
				f.spaces(1)
				if line < len(r.cols[s]) {
					fitSpans(f, r.cols[s][line], each-3)
				}
				f.to(3 + name + each*(k+1))
			}
			f.line()
			rows--
		}
	}
}

// wholeLines is on how many lines a value goes on at most, on the page that has nothing else.
const wholeLines = 3

// wholeFate is a row with its values on several lines, on the page that has nothing else, where that goes in.
func (m *playModel) wholeFate(r *fateRow, width, most int) *fateRow {
	if m.page != pageFates {
		return r
	}
	whole := fateRow{name: r.name}
	for s, lines := range r.cols {
		for _, line := range lines {
			whole.cols[s] = append(whole.cols[s], m.wrap(line, width, wholeLines)...)
		}
	}
	if whole.height() > most {
		return r
	}
	return &whole
}

// fitSpans draws pieces in so many columns: the first value gives way to what follows it.
func fitSpans(f *frame, line []span, width int) {
	total := 0
	for _, s := range line {
		total += widthOf(s.text)
	}
	longest := 0
	for i, s := range line {
		if widthOf(s.text) > widthOf(line[longest].text) {
			longest = i
		}
	}
	for i, s := range line {
		text := s.text
		if over := total - width; over > 0 && i == longest {
			text = f.cut(text, max(widthOf(text)-over, 3))
		}
		f.put(s.role, f.cut(text, max(width, 0)))
		width -= widthOf(text)
		total -= widthOf(text)
		if width <= 0 {
			return
		}
	}
}

// drawFateList draws the same for a narrow screen: a field after the other.
func (m *playModel) drawFateList(f *frame, rows int) {
	var lines [][]span
	for i := range m.fates.rows {
		if i < m.scroll {
			continue
		}
		r := &m.fates.rows[i]
		lines = append(lines, []span{{theme.Strong, r.name}})
		for _, s := range strategiesShown {
			name := [...]safe.Cell{"field-merge", "last-write", "op-replay"}[s]
			sign := safe.Cell("  ")
			if s == m.strategy {
				sign = safe.Cell(m.env.glyphs.cursor) + " "
			}
			for k, line := range r.cols[s] {
				head := sign + name.Fit(12)
				if k > 0 {
					head = safe.Cell(blanks[:14])
				}
				lines = append(lines, append([]span{{theme.Dim, head}}, line...))
			}
		}
	}
	for i := range min(rows, len(lines)) {
		f.spaces(1)
		if i == rows-1 && len(lines) > rows {
			f.put(theme.Dim, m.env.glyphs.down+safe.Cell(" "+itoa(len(lines)-rows+1)+" lines more (pgdn)"))
			f.line()
			return
		}
		fitSpans(f, lines[i], f.room()-1)
		f.line()
	}
}
