package tui

import (
	"fmt"

	"dovetail/merge"
	"dovetail/tui/safe"
	"dovetail/tui/theme"
)

// drawCard draws one field at a time, for narrow terminals.
func (m *resolveModel) drawCard(f *frame) {
	const footer = 2
	more := 0 // lines of the status beside its own
	tall := m.height >= 18
	m.drawCardHead(f, tall)
	if tall {
		f.rule()
	}
	below := footer + 3 // result, strip, status
	if tall {
		below++
		more = m.status.more(f.width, 1)
	}
	below += more
	if m.mode == inBox {
		m.drawBox(f, f.left()-below)
	} else if at := m.focused(); at != nil {
		m.drawCardField(f, at, f.left()-below)
	}
	f.lines(f.left() - below)
	if tall {
		f.rule()
	}
	m.drawCardResult(f)
	m.drawStrip(f)
	m.drawStatus(f, 1+more)
	f.line()
	m.drawKeys(f, footer)
}

func (m *resolveModel) drawCardHead(f *frame, tall bool) {
	total := m.s.conflicts
	count := safe.Cell(fmt.Sprintf("%d LEFT of %d", len(m.open), total))
	if m.closed {
		count = "RESOLVED"
	}
	saved := "draft" + m.env.glyphs.check
	switch {
	case m.saveErr != nil:
		saved = "NOT SAVED"
	case m.unsaved || m.loading:
		saved = "saving" + m.env.glyphs.ellipsis
	case m.savedAt.IsZero():
		saved = "no draft"
	}
	f.put(theme.Plain, " ")
	if m.place != "" {
		f.put(theme.Dim, m.place+" ")
	}
	if !tall {
		f.put(theme.Title, f.cut(m.s.record, f.room()-count.Width()-2))
		f.right(theme.Strong, count)
		f.line()
	} else {
		f.put(theme.Title, f.cut(m.s.record, f.room()-saved.Width()-2))
		f.right(m.savedRole(), saved)
		f.line()
		f.put(theme.Strong, " "+f.cut(m.env.title, f.width-count.Width()-4))
		f.right(theme.Strong, count)
		f.line()
	}
	m.drawBanner(f)
}

// drawCardField draws the field and its options in the lines there are: two an option, or one.
func (m *resolveModel) drawCardField(f *frame, at *field, lines int) {
	end := f.row + lines
	k := &m.marks[m.rows[m.cursor].field]
	f.put(theme.Plain, " ")
	f.put(k.role, k.tag)
	place := safe.Cell(fmt.Sprintf("field %d of %d", m.ordinal(), m.fieldRows()))
	f.put(theme.Strong, " "+f.cut(at.name, f.room()-place.Width()-3))
	if room := f.room() - place.Width() - 6; at.label != "" && room > 4 {
		f.put(theme.Dim, m.env.glyphs.dot+f.cut(at.label, room))
	}
	f.right(theme.Dim, place)
	f.line()
	options := m.options
	perOption := 1
	if lines >= 2+2*len(options) {
		perOption = 2
	}
	if lines > 1+perOption*len(options) {
		for _, part := range wrapSpans([]span{{theme.Dim, m.cardReason(at)}}, f.width-2, min(perOption, lines-perOption*len(options)-1)) {
			f.spaces(1)
			f.spans(part)
			f.line()
		}
	}
	spare := end - f.row - perOption*len(options)
	if perOption == 2 && spare > 0 {
		f.line()
		spare--
	}
	indent := 7
	if perOption == 1 {
		indent = 16 // after the label
	}
	needs := make([]int, len(options))
	for i, o := range options {
		needs[i] = len(wrapSpans(o.value, f.width-indent-1, max(spare, 0)+2)) // one more than it can get tells that it does not fit
	}
	given := shares(needs, spare+len(options))
	for i, o := range options {
		if given[i] < needs[i] {
			o.value = at.shortened(&o, m.env.glyphs.ellipsis, f.width-indent-1)
		}
		m.drawCardOption(f, o, wrapSpans(o.value, f.width-indent-1, given[i]), indent, end)
	}
}

func (m *resolveModel) cardReason(at *field) safe.Cell {
	var said safe.Cell
	if m.isMoved(at.Path) {
		said = "~ changed since you decided; "
	}
	if m.sides {
		said += comparesSides + "; "
	}
	return said + m.why(at)
}

// drawCardOption draws an option: its value beside the name, or under it where the name has a line of its own.
func (m *resolveModel) drawCardOption(f *frame, o option, value [][]span, indent, end int) {
	if f.row >= end {
		return
	}
	f.choiceMark(m.stands(o.choice))
	if o.key != "" {
		f.put(o.role, "("+o.key+") ")
	}
	f.cell(o.role, o.name, 9)
	f.hot(f.col, spot{path: m.focusedPath(), choice: o.choice})
	if indent < f.col {
		f.put(theme.Dim, o.stampIn(f.room()-1))
		f.line()
	}
	for _, part := range value {
		if f.row < end {
			f.to(indent)
			f.spans(part)
			f.hot(f.col, spot{path: m.focusedPath(), choice: o.choice})
			f.line()
		}
	}
}

func (m *resolveModel) ordinal() int {
	n := 0
	for i := 0; i <= m.cursor && i < len(m.rows); i++ {
		if m.rows[i].kind == fieldRow {
			n++
		}
	}
	return n
}

func (m *resolveModel) fieldRows() int {
	n := 0
	for i := range m.rows {
		if m.rows[i].kind == fieldRow {
			n++
		}
	}
	return n
}

// drawCardResult draws what the field becomes.
func (m *resolveModel) drawCardResult(f *frame) {
	f.put(theme.Heading, " RESULT  ")
	if m.focused() != nil {
		k := &m.marks[m.rows[m.cursor].field]
		if m.bracket == merge.TakeCombined {
			_, cell := m.combined(m.focused())
			f.put(theme.Strong, "C [ "+f.cut(cell, f.room()-6)+" ]")
		} else {
			f.put(k.valueRole, k.from+" "+k.value)
		}
	}
	f.line()
}

// drawStrip draws the fields side by side, with the one at the cursor in sight.
func (m *resolveModel) drawStrip(f *frame) {
	sep := m.env.glyphs.bar
	first := m.cursor
	used := m.stripWidth(m.cursor)
	// Half of what is free goes to the fields before.
	for at := m.cursor - 1; at >= 0 && used < f.width/2; at-- {
		if m.rows[at].kind == fieldRow {
			first = at
			used += m.stripWidth(at) + 2
		}
	}
	f.spaces(1)
	for at := first; at < len(m.rows) && f.room() > 0; at++ {
		if m.rows[at].kind != fieldRow {
			continue
		}
		if f.col > 1 {
			f.glyph(theme.Dim, sep)
			f.spaces(1)
		}
		role := theme.Dim
		if at == m.cursor {
			role = theme.Strong
			f.glyph(theme.Strong, m.env.glyphs.cursor)
		}
		i := m.rows[at].field
		if tag := m.marks[i].tag; tag != "" {
			f.put(role, tag+" ")
		}
		f.put(role, m.s.fields[i].name.TruncateWith(16, m.env.glyphs.ellipsis)+" ")
	}
	f.line()
}

func (m *resolveModel) stripWidth(at int) int {
	if at >= len(m.rows) || m.rows[at].kind != fieldRow { // a record may have no fields
		return 0
	}
	i := m.rows[at].field
	return m.marks[i].tag.Width() + 2 + min(m.s.fields[i].name.Width(), 16)
}

// fullView is the values of one field in full.
type fullView struct {
	lines []fullLine
	top   int
}

type fullLine struct {
	role theme.Role
	text safe.Cell
	head bool
	// spans are drawn instead of the text.
	spans []span
}

// openFull prepares the values of the field at the cursor for the width there is.
func (m *resolveModel) openFull() {
	f := m.focused()
	if f == nil {
		return
	}
	m.mode = inFull
	now, in, g := m.env.now(), m.env.location, m.env.glyphs
	m.full.lines = append(f.fullHunks(m.width-4), m.fullElements(f)...)
	add := func(role theme.Role, title, note safe.Cell, v merge.Value) {
		if note != "" {
			title += g.dot + note
		}
		title += g.dot + safe.Cell(plural(bytesIn(v), "byte"))
		m.full.lines = append(m.full.lines, fullLine{role: role, text: title, head: true})
		for _, line := range m.env.glyphs.block(v, m.width-4) {
			if v.Type() == merge.NumberType {
				line += pad(g.unitAt(m.s.Rules, f.Path))
			}
			m.full.lines = append(m.full.lines, fullLine{text: line})
		}
		if at := m.hereOf(f, v); at != "" {
			m.full.lines = append(m.full.lines, fullLine{role: theme.Dim, text: at})
		}
		m.full.lines = append(m.full.lines, fullLine{})
	}
	add(theme.Local, "1 LOCAL", whoAndHow(m.s.Local, now, in, g), f.Local)
	add(theme.Server, "2 SERVER", who(m.s.Server, now, in, g), f.Server)
	add(theme.Base, "3 BASE", stamped(m.s.Base, now, in, g), f.Base)
	if f.Proposal != merge.Absent {
		v, _ := m.combined(f)
		add(theme.Strong, "c COMBINED", m.suggestedStamp(f), v)
	}
	if d := m.draft.Decisions[f.Path]; d.Choice != merge.Undecided {
		add(theme.Strong, "RESULT", safe.Cell(d.Choice.String()), d.Value)
	} else if f.section != inConflict {
		add(theme.Strong, "RESULT", m.why(f), f.Result)
	}
	m.full.top = min(m.full.top, max(len(m.full.lines)-1, 0))
}

// bytesIn is how long a value is: a string is as long as its text, without the marks and escapes of JSON.
func bytesIn(v merge.Value) int {
	if v.Type() == merge.StringType {
		return len(textIn(v))
	}
	return len(v)
}

func (m *resolveModel) scrollFull(what intent) {
	if what == goBack {
		m.mode, m.full = onFields, fullView{}
		return
	}
	m.full.top = scrolled(m.full.top, len(m.full.lines), max(m.height-4, 1), what)
}

// scrolled is where a text of n lines, page of them in sight, goes by an intent. A page begins with what the last line of
// the one before said that there is more of.
func scrolled(top, n, page int, what intent) int {
	switch what {
	case goUp:
		top--
	case goDown:
		top++
	case goPageUp:
		top -= max(page-1, 1)
	case goPageDown:
		top += max(page-1, 1)
	case goFirst:
		top = 0
	case goLast:
		top = n
	}
	return max(min(top, n-page), 0)
}

func (m *resolveModel) drawFull(f *frame) {
	if m.mode == inAbout {
		f.put(theme.Title, " "+m.about.title+" ")
		f.put(theme.Title, f.cut(m.s.record, f.room()-1))
	} else if at := m.focused(); at != nil {
		f.put(theme.Title, " "+f.cut(at.name, f.width/2))
		if at.label != "" {
			f.put(theme.Plain, m.env.glyphs.dot+f.cut(at.label, f.width/4))
		}
		f.put(theme.Dim, m.env.glyphs.dot+m.s.record)
	}
	f.line()
	f.rule()
	m.full.draw(f, f.left()-2)
	f.rule()
	f.footer(m.keys(), 1, nil)
}

// boxWidth is how wide the text in the edit box may be.
func (m *resolveModel) boxWidth() int { return max(m.width-6, 10) }
