package tui

import (
	"fmt"

	"dovetail/merge"
	"dovetail/tui/safe"
	"dovetail/tui/theme"
)

// View draws the screen in the layout that fits.
func (m resolveModel) View() string {
	f := m.env.frame
	f.begin(m.width, m.height)
	switch {
	case m.s == nil && m.err != nil:
		m.drawNothing(f, failed("", m.err))
	case m.s == nil:
		m.drawNothing(f, status{text: safe.Cell(fmt.Sprintf("opening conflict %d", m.number)) + m.env.glyphs.ellipsis})
	case m.mode == inFull || m.mode == inAbout:
		m.drawFull(f)
	case m.width < tableWidth:
		m.drawCard(f)
	default:
		m.drawTable(f)
	}
	return f.end()
}

// drawNothing is for a conflict that is not there, or not yet.
func (m *resolveModel) drawNothing(f *frame, what status) {
	f.put(theme.Title, " RESOLVE")
	f.line()
	f.rule()
	f.line()
	what.draw(f)
	f.lines(f.left() - 2)
	f.put(theme.Key, " q")
	f.put(theme.Dim, " queue")
}

func (m *resolveModel) drawTable(f *frame) {
	l := m.layout()
	m.drawHead(f)
	if l.rules {
		f.rule()
	}
	c := m.columnsFor(f.width)
	m.drawColumnHeads(f, c, l.columns)
	if l.rules {
		f.rule()
	}
	for i := range l.list {
		m.drawRow(f, c, m.top+i, i == 0, i == l.list-1)
	}
	bottom := l.footer + 1
	if l.rules {
		bottom += 2
	}
	gap := f.left() - bottom - len(m.detail)
	if m.mode == inBox {
		gap = 0
	}
	more := m.status.more(f.width, gap)
	f.lines(max(gap, 0) - more)
	if l.rules {
		f.rule()
	}
	if m.mode == inBox {
		m.drawBox(f, f.left()-l.footer-2)
	} else {
		m.drawDetail(f)
	}
	if l.rules {
		f.lines(f.left() - l.footer - 2 - more)
	} else {
		f.lines(f.left() - l.footer - 1 - more)
	}
	m.drawStatus(f, 1+more)
	f.line()
	if l.rules {
		f.rule()
	}
	m.drawKeys(f, l.footer)
}

// drawHead is the title, the progress and, if there is one, the banner.
func (m *resolveModel) drawHead(f *frame) {
	f.put(theme.Plain, " ")
	if m.env.title != "" {
		f.put(theme.Strong, m.env.title+m.env.glyphs.dot)
	}
	f.put(theme.Title, "RESOLVE ")
	if m.place != "" {
		f.put(theme.Dim, m.place+" ")
	}
	saved := m.savedWord()
	f.put(theme.Title, f.cut(m.s.record, max(f.room()-saved.Width()-2, 8)))
	f.right(m.savedRole(), saved)
	f.line()

	m.drawProgress(f)
	f.line()
	m.drawBanner(f)
}

// drawProgress says how much is decided, by the same count that holds a writing back.
func (m *resolveModel) drawProgress(f *frame) {
	total := m.s.conflicts
	switch {
	case m.closed:
		f.put(theme.Strong, " Resolved")
	case total == 0:
		f.put(theme.Plain, " Nothing is in dispute")
	default:
		f.put(theme.Plain, safe.Cell(fmt.Sprintf(" Decided %d of %d ", total-len(m.open), total)))
		f.progress(total-len(m.open), total)
	}
	switch {
	case m.closed:
	case len(m.open) > 0:
		f.put(theme.Plain, " ")
		f.put(theme.Conflict, safe.Cell(fmt.Sprintf(" %d LEFT ", len(m.open))))
		if f.width >= baseWidth {
			f.put(theme.Dim, m.env.words(" → n next"))
		}
	default:
		f.put(theme.Good, m.env.glyphs.check+" w reviews and writes")
	}
	same := safe.Cell(fmt.Sprintf("same %d", m.s.same))
	if m.showSame {
		same += " (a folds)"
	} else if m.s.same > 0 {
		same += " (a shows)"
	}
	f.right(theme.Dim, safe.Cell(fmt.Sprintf("merged %d", m.s.merged))+m.env.glyphs.dot+same)
}

func (m *resolveModel) drawBanner(f *frame) { f.warn(m.bannerLines()) }

func (m *resolveModel) savedWord() safe.Cell {
	switch {
	case m.saveErr != nil:
		return "DRAFT NOT SAVED"
	case m.loading:
		return "reading" + m.env.glyphs.ellipsis
	case m.unsaved:
		return "saving" + m.env.glyphs.ellipsis
	case m.savedAt.IsZero():
		return "no draft yet"
	}
	return "draft saved " + when(m.savedAt, m.env.now(), m.env.location) + m.env.glyphs.check
}

func (m *resolveModel) savedRole() theme.Role {
	if m.saveErr != nil {
		return theme.Warning
	}
	return theme.Dim
}

// columns are where things stand in the table.
type columns struct {
	tag, name, side, result int
	base                    bool
	gap                     int // after the bar
}

func (m *resolveModel) columnsFor(width int) columns {
	c := columns{tag: m.s.tagWidth, base: width >= baseWidth}
	sides, longest, named := 3, 14, m.s.nameWidth
	if c.base {
		sides, longest, c.gap, named = 4, 24, 1, m.s.labelledWidth
	}
	c.name = min(max(named, len("FIELD")), longest)
	rest := width - (1 + c.tag + 1 + c.name + 1)
	c.side = rest/sides - 1 - c.gap
	c.result = rest - (sides-1)*(c.side+1+c.gap) - 1 - c.gap
	return c
}

func (f *frame) bar(c columns) {
	f.glyph(theme.Dim, f.glyphs.bar)
	f.spaces(c.gap)
}

func (m *resolveModel) drawColumnHeads(f *frame, c columns, lines int) {
	at := 1 + c.tag + 1
	h := &m.heads
	f.to(at)
	f.cell(theme.Heading, "FIELD", c.name+1)
	f.bar(c)
	f.cell(theme.Local, h.local, c.side)
	f.bar(c)
	f.cell(theme.Server, h.server, c.side)
	f.bar(c)
	if c.base {
		f.cell(theme.Base, h.base, c.side)
		f.bar(c)
	}
	f.cell(theme.Heading, m.env.words("RESULT"), c.result)
	f.line()
	if lines < 2 {
		return
	}
	f.to(at + c.name + 1)
	f.bar(c)
	f.cell(theme.Dim, h.localStamp, c.side)
	f.bar(c)
	f.cell(theme.Dim, h.serverStamp, c.side)
	f.bar(c)
	if c.base {
		f.cell(theme.Dim, h.baseStamp, c.side)
		f.bar(c)
	}
	when := safe.Cell("written after review")
	if when.Width() > c.result {
		when = "after review"
	}
	f.cell(theme.Dim, when, c.result)
	f.line()
}

// columnHeads are what stands over the columns, made when the screen's width is known.
type columnHeads struct {
	local, server, base                safe.Cell
	localStamp, serverStamp, baseStamp safe.Cell
}

func (m *resolveModel) headsFor(c columns) columnHeads {
	var h columnHeads
	var device safe.Cell
	h.local, device = head("1 LOCAL", m.s.Local, m.env, c.side)
	h.localStamp = m.stamp(device, m.s.Local)
	if long := withOffline(h.localStamp, Offline(m.s.Local)); long.Width() <= c.side {
		h.localStamp = long
	}
	h.server, device = head("2 SERVER", m.s.Server, m.env, c.side)
	h.serverStamp = m.stamp(device, m.s.Server)
	h.base, device = head("3 BASE", m.s.Base, m.env, c.side)
	h.baseStamp = m.stamp(device, m.s.Base)
	if m.s.Sides.BaseLost {
		h.baseStamp = "not known"
	}
	return h
}

// stamp is what a column's second line says: the device, where the first had no room for it, version and time.
func (m *resolveModel) stamp(device safe.Cell, s merge.Stamp) safe.Cell {
	c := stamped(s, m.env.now(), m.env.location, m.env.glyphs)
	if device == "" || c == "" {
		return device + c
	}
	return device + m.env.glyphs.dot + c
}

// drawRow draws one row of the list; in the first and the last place, how many more there are above and below.
func (m *resolveModel) drawRow(f *frame, c columns, at int, first, last bool) {
	if first && at > 0 && at != m.cursor {
		f.put(theme.Dim, " "+m.env.glyphs.up+safe.Cell(fmt.Sprintf(" %d more", at+1)))
		f.line()
		return
	}
	below := len(m.rows) - at - 1
	if last && below > 0 && at != m.cursor {
		f.put(theme.Dim, " "+m.env.glyphs.down+safe.Cell(fmt.Sprintf(" %d more", below+1)))
		f.line()
		return
	}
	switch r := m.rows[at]; r.kind {
	case fieldRow:
		m.drawField(f, c, r.field, at == m.cursor)
	case touchedRow:
		m.drawTouched(f, c, &m.s.touched[r.field])
	default:
		f.put(theme.Dim, " "+safe.Cell(f.glyphs.rule+f.glyphs.rule)+" "+m.headingText(r)+" ")
		f.rule()
	}
}

func (m *resolveModel) headingText(r row) safe.Cell {
	switch r.kind {
	case groupHeading:
		return m.s.fields[r.field].groupName() + m.env.glyphs.dot + "decided as one"
	case mergedHeading:
		return m.env.words(fmt.Sprintf("%d %s · open to change", m.s.merged, byThemselves(m.s.merged)))
	case sameHeading:
		return safe.Cell(fmt.Sprintf("%d that nobody changed", m.s.same))
	}
	if m.s.Sides.Local == nil {
		return "what the server's side had changed"
	}
	return "what local had changed"
}

func (m *resolveModel) drawField(f *frame, c columns, i int, here bool) {
	fd, k := &m.s.fields[i], &m.marks[i]
	f.lit = here
	sign, name, bracket := " ", theme.Plain, merge.Undecided
	if here {
		sign, name, bracket = f.glyphs.cursor, theme.Strong, m.bracket
	}
	f.glyph(theme.Strong, sign)
	f.tag(k, c.tag)
	f.spaces(1)
	f.fieldName(fd, name, c)
	f.spaces(1)
	f.bar(c)
	f.side(fd.fitted(merge.TakeLocal, c.side), fd.quiet(fd.Local), theme.Local, bracket == merge.TakeLocal, c.side)
	f.hot(c.side, spot{path: fd.Path, choice: merge.TakeLocal})
	f.bar(c)
	f.side(fd.fitted(merge.TakeServer, c.side), fd.quiet(fd.Server), theme.Server, bracket == merge.TakeServer, c.side)
	f.hot(c.side, spot{path: fd.Path, choice: merge.TakeServer})
	f.bar(c)
	if c.base {
		f.side(fd.fitted(merge.TakeBase, c.side), false, theme.Base, bracket == merge.TakeBase, c.side)
		f.hot(c.side, spot{path: fd.Path, choice: merge.TakeBase})
		f.bar(c)
	}
	f.result(k, fd, bracket, here && m.swaps(fd), c)
	f.hot(f.col, spot{path: fd.Path})
	f.line()
}

// fieldName draws a field's name, and beside it, where the screen is wide enough, what people call it.
func (f *frame) fieldName(fd *field, role theme.Role, c columns) {
	used := widthOf(fd.name) + widthOf(f.glyphs.dot)
	if fd.label == "" || !c.base || used+4 > c.name {
		f.cell(role, fd.name, c.name)
		return
	}
	f.put(role, fd.name)
	f.put(theme.Dim, f.glyphs.dot)
	f.cell(theme.Dim, fd.label, c.name-used)
}

// result draws what a field becomes, or what stands in brackets where it has no column of its own.
func (f *frame) result(k *mark, fd *field, bracket merge.Choice, swapped bool, c columns) {
	if bracket == merge.TakeCombined || bracket == merge.TakeBase && !c.base {
		f.put(theme.Strong, letter(bracket)+" ")
		cell := fd.side(bracket)
		if bracket == merge.TakeCombined && swapped {
			cell = fd.swappedCell
		}
		f.side(cell, false, theme.Strong, true, c.result-2)
		return
	}
	role := k.valueRole
	if k.from == "!" {
		role = theme.Strong
	}
	f.put(role, k.from+" ")
	f.cell(role, k.value, c.result-k.from.Width()-1)
}

// tag draws how a field stands; a conflict is set off without a hue of its own.
func (f *frame) tag(k *mark, width int) {
	text := f.cut(k.tag, width)
	pad := width - text.Width()
	if k.role == theme.Conflict {
		f.put(k.role, text)
		f.spaces(pad)
		return
	}
	f.cell(k.role, text, width)
}

// side draws one side's value, a dot where it did not change, and brackets where the choice stands on it.
func (f *frame) side(c safe.Cell, quiet bool, role theme.Role, bracket bool, width int) {
	switch {
	case bracket && width > 4:
		text := f.cut(c, width-4)
		f.put(theme.Strong, "[ ")
		f.put(role, text)
		f.put(theme.Strong, " ]")
		f.spaces(width - 4 - text.Width())
	case quiet:
		f.cell(theme.Dim, "  "+f.glyphs.same, width)
	default:
		f.cell(role, c, width)
	}
}

// quiet reports whether a side is to be drawn as not changed.
func (f *field) quiet(side merge.Value) bool {
	if f.Path == "" || f.section == inConflict {
		return false
	}
	return f.section == unchanged || side == f.Base && f.Outcome != merge.Agreed
}

// drawTouched draws what a side had changed in a record that the other deleted.
func (m *resolveModel) drawTouched(f *frame, c columns, t *field) {
	f.to(1 + c.tag + 1)
	f.cell(theme.Dim, t.name, c.name)
	f.spaces(1)
	f.glyph(theme.Dim, f.glyphs.bar)
	f.spaces(c.gap)
	f.put(theme.Dim, t.base)
	f.put(theme.Dim, " "+f.glyphs.arrow+" ")
	f.put(theme.Plain, t.local)
	f.line()
}

// drawStatus says what happened last, on at most so many lines, or what undo would take back.
func (m *resolveModel) drawStatus(f *frame, lines int) {
	switch {
	case m.mode == inFind:
		m.drawFind(f)
	case m.mode == inSnooze:
		f.put(theme.Strong, " Snooze "+m.s.record+" until when?")
	case m.mode == inMenu:
		f.put(theme.Strong, safe.Cell(fmt.Sprintf(" One choice for all that is left (%d):", len(m.open))))
	case m.saveErr != nil:
		failed("the draft could not be saved: ", m.saveErr).draw(f)
	case m.err != nil:
		failed("could not read the conflict again: ", m.err).draw(f)
	case m.status.text != "":
		m.status.drawIn(f, lines)
	case m.find != "":
		m.drawFound(f)
	case m.closed:
	case len(m.draft.Done) > 0:
		last := m.draft.Done[len(m.draft.Done)-1]
		text := " Last step: " + safe.Text(last.What) + " (u undoes"
		if redo := m.redoWord(); !tooWide(text+redo+")", f.room()) {
			text += redo
		}
		f.put(theme.Dim, text+")")
	case len(m.draft.Undone) > 0:
		f.put(theme.Dim, " All steps undone (ctrl+r redoes)")
	}
}

func (m *resolveModel) redoWord() safe.Cell {
	if len(m.draft.Undone) == 0 {
		return ""
	}
	return m.env.glyphs.dot + "ctrl+r redoes"
}
