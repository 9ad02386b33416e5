package tui

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"dovetail/merge"
	"dovetail/tui/safe"
	"dovetail/tui/theme"
)

// queueLayout is how many lines each part gets.
type queueLayout struct {
	list, preview, footer int
	rules                 bool
	beside                bool // the preview stands beside the list
}

func (m *queueModel) layout() queueLayout {
	l := queueLayout{footer: footerRows(m.width, m.height), rules: m.height >= 18}
	l.footer = min(l.footer, 2)
	used := 3 + 1 + l.footer + 1 // head, tabs, filter; column heads; status
	if l.rules {
		used += 4
	}
	if l.beside = m.width >= besideWidth; l.beside && l.rules {
		used-- // no rule stands between them
	}
	free := max(m.height-used, 0)
	if l.beside {
		l.list = free
		return l
	}
	const wanted = 7
	l.preview = max(min(wanted, free/2), min(free-max(len(m.w.rows), 4), 2*wanted))
	if free < 6 {
		l.preview = 0
	}
	l.list = free - l.preview
	return l
}

func (m *queueModel) listHeight() int { return m.layout().list }

// View draws the queue.
func (m queueModel) View() string {
	f := m.env.frame
	f.begin(m.width, m.height)
	l := m.layout()
	m.drawHead(f)
	m.drawTabs(f)
	m.drawFilter(f)
	if l.rules {
		f.rule()
	}
	end := m.drawBody(f, l)
	more := m.said().more(f.width, f.left()-end)
	f.lines(f.left() - end - more)
	m.drawStatus(f, 1+more)
	f.line()
	if l.rules {
		f.rule()
	}
	f.footer(m.keys(), l.footer, func(what intent) bool {
		switch what {
		case undoWritten:
			return m.toUndo().Conflict != 0 || m.bulkWritten > 0
		case openCase, goDown, showGroups, toggleMark:
			if m.parked.shown {
				return len(m.parked.rows) > 0
			}
			if m.groups.shown {
				return len(m.groups.rows) > 0
			}
			return len(m.w.rows) > 0
		case retryOne, exportAll:
			return len(m.parked.rows) > 0
		case snoozeIt:
			return m.env.snoozes && len(m.w.rows) > 0 && m.tab != resolvedTab
		case applyToAll:
			switch {
			case m.parked.shown:
				return len(m.parked.rows) > 0
			case m.groups.shown:
				return len(m.groups.rows) > 0
			}
			return len(m.marked) > 0 || len(m.w.rows) > 0 && (m.group != nil || len(m.filter.Terms) > 0)
		}
		return true
	})
	return f.end()
}

// drawBody draws the list with the preview, or the groups. It returns how many lines must be left below it; those above
// that are free.
func (m *queueModel) drawBody(f *frame, l queueLayout) int {
	if m.parked.shown {
		return m.drawParked(f, l)
	}
	if m.groups.shown {
		m.drawGroups(f, l)
		return f.left()
	}
	if l.beside {
		m.drawBeside(f, l)
		return f.left()
	}
	c := queueColumnsFor(f.width, m.w.recordWidth)
	m.drawColumnHeads(f, c)
	if l.rules {
		f.rule()
	}
	m.drawList(f, c, l.list)
	if l.rules {
		f.rule()
	}
	end := f.left() - l.preview
	m.drawPreview(f, l.preview)
	return end
}

func (m *queueModel) drawHead(f *frame) {
	f.put(theme.Plain, " ")
	if m.env.title != "" {
		f.put(theme.Strong, m.env.title+m.env.glyphs.dot)
	}
	f.put(theme.Title, "CONFLICTS")
	if m.counted {
		f.put(theme.Plain, safe.Cell("  "+thousands(m.counts.Open)+" open"))
		if m.counts.Drafts > 0 {
			f.put(theme.Dim, m.env.glyphs.dot+safe.Cell(plural64(m.counts.Drafts, "draft")))
		}
		if m.counts.Parked > 0 {
			f.put(theme.Strong, m.env.glyphs.dot+safe.Cell(thousands(m.counts.Parked)+" parked"))
		}
	}
	f.right(theme.Dim, "as "+f.cut(safe.Text(m.env.you), 20))
	f.line()
}

// drawTabs draws the lists with what they hold; the one that is shown is in brackets. Where there is no room for all of
// it, the others have no counts, and then no names.
func (m *queueModel) drawTabs(f *frame) {
	m.drawTabsFrom(f, false)
	if at, ok := m.selected(); ok && !m.groups.shown && !m.parked.shown {
		f.right(theme.Dim, m.place(at.Number))
	}
	f.line()
}

// drawTabsFrom draws them for the list of conflicts, or for the records.
func (m *queueModel) drawTabsFrom(f *frame, records bool) {
	names := [tabs]safe.Cell{"1 Open", "2 Drafts", "3 Snoozed", "4 Resolved"}
	counts := [tabs]int64{m.counts.Open, m.counts.Drafts, m.counts.Snoozed, m.counts.Resolved}
	for t, name := range names {
		here := tab(t) == m.tab && !m.stateInFilter() && !m.parked.shown && !records
		switch {
		case m.counted && (here || f.width >= tableWidth):
			name += " " + safe.Cell(thousands(counts[t]))
		case f.width < 50:
			name = name[:1]
		}
		from := f.col
		switch {
		case here:
			f.put(theme.Strong, " ["+name+"] ")
		case f.width >= tableWidth:
			f.put(theme.Dim, "  "+name+"  ")
		default:
			f.put(theme.Dim, " "+name+" ")
		}
		f.hot(f.col-from, spot{tab: tabOpen + intent(t)})
	}
	m.drawParkedTab(f)
	m.drawRecordsTab(f, records)
}

func (m *queueModel) drawFilter(f *frame) {
	if m.group != nil && !m.inBox {
		m.groupLine(f)
		return
	}
	if m.parked.shown {
		f.put(theme.Dim, " what came in and could not be used; nothing of it is lost")
		f.line()
		return
	}
	f.put(theme.Dim, " filter: ")
	switch {
	case m.inBox:
		m.box.drawOneLine(f)
	case m.typed != "":
		f.put(theme.Strong, f.cut(safe.Text(m.typed), f.room()-22))
		f.right(theme.Dim, "/ edits   esc clears")
	default:
		f.put(theme.Dim, "none")
		if m.newest {
			f.right(theme.Dim, "newest first")
		}
	}
	f.line()
}

// queueColumns are the widths of the list's columns; 0 is a column that is not there.
type queueColumns struct{ record, fields, left, age, local, server int }

func queueColumnsFor(width, record int) queueColumns {
	record = max(record, 16)
	c := queueColumns{left: 8, age: 4}
	rest := width - 5 - c.age - 2 - c.left - 2
	switch {
	case width >= baseWidth:
		c.local, c.server = 18, 14
		rest -= c.local + c.server + 4
		c.record = min(rest*2/5, record)
		c.fields = rest - c.record - 2
	case width >= tableWidth:
		c.local = 13
		rest -= c.local + 2
		c.record = min(rest*9/20, record)
		c.fields = rest - c.record - 2
	default:
		c.record = rest
	}
	return c
}

func (m *queueModel) drawColumnHeads(f *frame, c queueColumns) {
	f.spaces(4)
	f.queueCell(theme.Heading, "RECORD", c.record)
	f.queueCell(theme.Heading, "IN CONFLICT", c.fields)
	f.queueCell(theme.Heading, "LEFT", c.left)
	f.queueCell(theme.Heading, "AGE", c.age)
	f.queueCell(theme.Local, "LOCAL", c.local)
	f.queueCell(theme.Server, "SERVER", c.server)
	f.line()
}

func (f *frame) queueCell(role theme.Role, c safe.Cell, width int) {
	if width > 0 {
		f.cell(role, c, width)
		f.spaces(min(2, f.room()))
	}
}

func (m *queueModel) drawList(f *frame, c queueColumns, rows int) {
	end := f.left() - rows
	if len(m.w.rows) == 0 {
		m.drawEmpty(f)
	}
	for i := 0; i < rows && m.top+i < len(m.w.rows); i++ {
		at := m.top + i
		if _, more := m.w.moreAfter(); i == rows-1 && at != m.cursor && (more || at < len(m.w.rows)-1) {
			f.put(theme.Dim, " "+m.env.glyphs.down+" "+m.moreBelow(at))
			f.line()
			break
		}
		if _, more := m.w.moreBefore(); i == 0 && at != m.cursor && (more || at > 0) {
			f.put(theme.Dim, " "+m.env.glyphs.up+" "+m.moreAbove(at))
			f.line()
			continue
		}
		m.drawRow(f, c, &m.w.rows[at], at == m.cursor)
	}
	f.lines(f.left() - end)
}

func (m *queueModel) moreBelow(at int) safe.Cell {
	if total, ok := m.total(); ok && m.w.start >= 0 {
		return safe.Cell(thousands(max(total-m.w.start-int64(at), 1)) + " more")
	}
	return "more"
}

func (m *queueModel) moreAbove(at int) safe.Cell {
	if m.w.start >= 0 {
		return safe.Cell(thousands(m.w.start+int64(at)+1) + " more")
	}
	return "more"
}

func (m *queueModel) drawEmpty(f *frame) {
	f.line()
	switch {
	case m.err != nil:
		failed("the queue could not be read: ", m.err).draw(f)
	case !m.loaded:
		f.put(theme.Dim, "   reading"+m.env.glyphs.ellipsis)
	case len(m.filter.Terms) > 0:
		f.put(theme.Plain, "   Nothing matches the filter.")
	case m.group != nil:
		f.put(theme.Plain, "   Nothing is left of this group.")
	case m.tab == openTab && m.counts.Snoozed > 0:
		f.put(theme.Plain, safe.Cell("   Nothing is open; "+thousands(m.counts.Snoozed)+" snoozed (3)."))
	case m.tab == openTab:
		f.put(theme.Plain, "   Nothing is in conflict.")
	default:
		f.put(theme.Plain, "   Nothing here.")
	}
	f.line()
}

// drawRow draws a row. One that is not at the cursor looks as it did in the frame before, mostly.
func (m *queueModel) drawRow(f *frame, c queueColumns, r *queueRow, here bool) {
	_, marked := m.marked[r.Number]
	look := rowLook{columns: c, width: f.width, age: age(r.OpenedAt, m.env.now()), others: m.others(&r.Conflict), marked: marked, theme: f.theme}
	switch start := len(f.buf); {
	case !here && r.drawn != nil && r.drawnFor == look:
		f.buf, f.col = append(f.buf, r.drawn...), f.width
	default:
		m.drawRowAnew(f, look, r, here)
		f.spaces(f.room())
		if !here && f.row < f.height {
			r.drawn, r.drawnFor = slices.Clone(f.buf[start:]), look
		}
	}
	f.hot(f.col, spot{number: r.Number})
	f.line()
}

func (m *queueModel) drawRowAnew(f *frame, look rowLook, r *queueRow, here bool) {
	c := look.columns
	f.lit = here
	sign, name := " ", theme.Plain
	if here {
		sign, name = f.glyphs.cursor, theme.Strong
	}
	f.glyph(theme.Strong, sign)
	mark := theme.Strong
	switch {
	case r.State == merge.Resolved:
		mark = theme.Dim
	case r.Draft != nil && r.Draft.Stale:
		mark = theme.Conflict
	}
	left := r.left
	if look.others != "" {
		f.put(theme.Dim, "@")
		left = "@" + look.others
	} else {
		f.put(mark, r.mark)
	}
	if look.marked {
		f.put(theme.Strong, "*")
	}
	f.to(4)
	f.queueCell(name, r.record, c.record)
	f.queueCell(theme.Plain, r.fields, c.fields)
	f.queueCell(theme.Plain, left, c.left)
	f.queueCell(theme.Dim, look.age, c.age)
	f.queueCell(theme.Local, r.local, c.local)
	f.queueCell(theme.Server, r.server, c.server)
}

// drawPreview draws the conflict at the cursor: its fields, and what merges by itself.
func (m *queueModel) drawPreview(f *frame, rows int) {
	at, ok := m.selected()
	if !ok || rows == 0 {
		return
	}
	f.put(theme.Strong, " "+f.cut(at.record, f.width/2))
	f.put(theme.Dim, safe.Cell(fmt.Sprintf("  conflict %d", at.Number)))
	for _, note := range m.notes(&at.Conflict) {
		f.put(theme.Dim, m.env.glyphs.dot)
		f.put(note.role, note.text)
	}
	f.line()
	switch {
	case m.previewOf != at.Number:
		f.put(theme.Dim, "   reading"+m.env.glyphs.ellipsis)
		f.line()
		return
	case m.previewEr != nil:
		failed("", m.previewEr).draw(f)
		f.line()
		return
	}
	s := m.preview
	shown := min(s.conflicts, rows-2)
	name := 0
	for i := range shown {
		name = max(name, min(s.fields[i].name.Width(), f.width/5))
	}
	for i := range shown {
		m.previewField(f, &s.fields[i], name)
	}
	f.put(theme.Dim, "   "+safe.Cell(s.rest(shown)))
	f.line()
}

// rest says what a conflict has besides the fields that are shown.
func (s *study) rest(shown int) string {
	var parts []string
	if more := s.conflicts - shown; more > 0 {
		parts = append(parts, itoa(more)+" more in conflict")
	}
	if s.merged > 0 {
		parts = append(parts, plural(s.merged, "field")+" "+byThemselves(s.merged))
	}
	if s.same > 0 {
		parts = append(parts, itoa(s.same)+" that nobody changed")
	}
	return strings.Join(parts, ", ")
}

// byThemselves says that so many fields merged without a person.
func byThemselves(n int) string {
	if n == 1 {
		return "merged by itself"
	}
	return "merged by themselves"
}

func (m *queueModel) previewField(f *frame, fd *field, name int) {
	f.spaces(3)
	f.cell(theme.Plain, fd.name, name)
	f.spaces(2)
	arrow := " " + f.glyphs.arrow + " "
	each := max((f.room()-len("LOCAL ")-len(" | SERVER "))/2, 4)
	if fd.Path != "" && f.width >= tableWidth {
		each = max((f.room()-arrow.Width()-len("LOCAL ")-len(" | SERVER "))/3, 4)
		f.put(theme.Base, f.cut(fd.base, each))
		f.put(theme.Dim, arrow)
	}
	f.put(theme.Local, "LOCAL "+f.cut(fd.fitted(merge.TakeLocal, each), each))
	f.put(theme.Dim, " "+safe.Cell(f.glyphs.bar)+" ")
	f.put(theme.Server, "SERVER "+f.cut(fd.fitted(merge.TakeServer, each), each))
	f.line()
}

func (m *queueModel) drawStatus(f *frame, lines int) {
	switch {
	case m.question:
		m.said().drawIn(f, lines)
	case m.snoozing:
		f.put(theme.Strong, m.snoozeQuestion())
	case m.parked.naming:
		f.put(theme.Strong, " Write them to the file: ")
		m.box.drawOneLine(f)
	case m.inBox && len(m.offers.all) > 0:
		f.put(theme.Plain, f.cut(m.offers.words(), f.room()))
	case m.boxErr != "":
		status{text: m.boxErr, bad: true}.draw(f)
	case m.err != nil && len(m.w.rows) > 0:
		failed("the queue could not be read: ", m.err).draw(f)
	case m.status.text != "":
		m.status.drawIn(f, lines)
	case m.news != news{}:
		f.put(theme.Strong, " "+m.news.words())
	case len(m.marked) > 0:
		f.put(theme.Strong, safe.Cell(" "+itoa(len(m.marked))+" marked: A decides them together, esc clears the marks"))
	case m.onResolved() && m.toUndo().Conflict != m.last.Conflict: // U is about the row
	case m.bulkWritten > 0:
		f.put(theme.Dim, safe.Cell(" "+itoa(m.bulkWritten)+" written together: U undoes them"))
	case m.last.Conflict != 0:
		f.put(theme.Dim, " "+m.writtenWord()+": U undoes it")
	}
}

// said is what may take more lines than one, where they are free: the question whether to undo, or what just happened.
func (m *queueModel) said() status {
	if m.question {
		return undoQuestion(m.toUndo())
	}
	return m.status
}

func (m *queueModel) writtenWord() safe.Cell { return writtenWord(m.last) }

// thousands writes a number in groups of three.
func thousands(n int64) string {
	s := strconv.FormatInt(n, 10)
	for i := len(s) - 3; i > 0 && s[i-1] != '-'; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

func plural64(n int64, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return thousands(n) + " " + what + "s"
}
