package tui

import (
	"fmt"
	"slices"

	"dovetail/tui/safe"
	"dovetail/tui/theme"
)

// detailRows is how many lines the record at the cursor gets, to say all of what becomes of it: enough for the one of which most
// is said, so that the list does not jump, but a third of the screen at most.
func (m *bulkModel) detailRows() int {
	if m.height < 18 {
		return 1
	}
	rows := 3
	if width := m.width - 12; width > 0 { // wrapping leaves some columns of each line free
		rows = max(rows, (m.longest+width-1)/width)
	}
	return min(rows, m.height/3)
}

// measure finds out of which record most is said.
func (m *bulkModel) measure(lines []bulkLine) {
	for i := range lines {
		m.longest = max(m.longest, widthOf(lines[i].record)+2+widthOf(lines[i].said))
	}
}

// page is how many records are in sight.
func (m *bulkModel) page() int {
	used := 3 + m.detailRows() + 1 + min(footerRows(m.width, m.height), 2)
	if m.height >= 18 {
		used += 2
	}
	return max(m.height-used, 1)
}

// View draws what would become of each record, or what did.
func (m bulkModel) View() string {
	f := m.env.frame
	f.begin(m.width, m.height)
	airyRules := m.height >= 18
	f.put(theme.Title, " TOGETHER")
	f.put(theme.Plain, "  "+f.cut(m.ask.what, f.room()-4))
	f.line()
	m.drawSum(f)
	f.rule()
	end := f.left() - m.page()
	if len(m.lines) == 0 {
		m.drawNone(f)
	} else {
		m.drawLines(f, end)
	}
	f.lines(f.left() - end)
	if airyRules {
		f.rule()
	}
	m.drawDetail(f)
	m.drawStatus(f)
	if airyRules {
		f.rule()
	}
	rows := min(footerRows(m.width, m.height), 2)
	f.footer(m.keys(), rows, func(what intent) bool { return m.offers(what) })
	return f.end()
}

func (m *bulkModel) offers(what intent) bool {
	switch what {
	case undoWritten:
		return m.stage == bulkDone && m.count(bulkWritten) > 0
	case writeMany:
		return m.count(bulkReady) > 0
	case goDown:
		return len(m.lines) > 1
	case goNextOpen:
		return slices.ContainsFunc(m.lines, func(l bulkLine) bool { return l.apart() })
	case pickLocal, pickServer, pickBase, pickCombined:
		return !m.found || len(m.ask.rows) > 0
	case toggleMark:
		return m.cursor < len(m.lines) && (m.lines[m.cursor].state == bulkReady || m.lines[m.cursor].state == bulkExcepted)
	}
	return true
}

// drawSum says how many come to what.
func (m *bulkModel) drawSum(f *frame) {
	total := thousands(int64(len(m.ask.rows)))
	if m.more {
		total = "the first " + total
	}
	f.spaces(1)
	switch m.stage {
	case bulkChoosing:
		switch {
		case !m.found:
			f.put(theme.Dim, "looking for them"+m.env.glyphs.ellipsis)
		case len(m.ask.rows) == 1:
			f.put(theme.Plain, "1 conflict: take which side?")
		default:
			f.put(theme.Plain, safe.Cell(total+" conflicts: take which side?"))
		}
	case bulkPlanning:
		f.put(theme.Plain, safe.Cell(fmt.Sprintf("%s: looked at %d of %s", m.choice, len(m.lines), total)))
	case bulkPreview, bulkConfirming:
		f.put(theme.Strong, safe.Cell(fmt.Sprintf("%s: %d would be written", m.choice, m.count(bulkReady))))
		f.put(theme.Plain, m.env.glyphs.dot+safe.Cell(fmt.Sprintf("%d left alone", m.count(bulkLeft)+m.count(bulkExcepted))))
		f.right(theme.Dim, "nothing written yet")
	default:
		f.put(theme.Strong, safe.Cell(fmt.Sprintf("%s: %d written", m.choice, m.count(bulkWritten))))
		for _, part := range [...]struct {
			n    int
			what string
		}{{m.count(bulkFailed), " not written"}, {m.count(bulkUndone), " undone"}, {len(m.next), " to go"},
			{m.count(bulkLeft) + m.count(bulkExcepted), " left alone"}} {
			if part.n > 0 {
				f.put(theme.Plain, m.env.glyphs.dot+safe.Cell(itoa(part.n)+part.what))
			}
		}
	}
	f.line()
}

func (m *bulkModel) drawNone(f *frame) {
	f.line()
	switch {
	case m.stage == bulkChoosing && m.found && len(m.ask.rows) == 0:
		f.put(theme.Plain, "   There is nothing to decide.")
	case m.stage == bulkChoosing:
		text := []span{{theme.Plain, "It is taken for all that is undecided in them. What comes of it is shown for each record before " +
			"anything is written; what your drafts decide stays."}}
		for _, part := range wrapSpans(text, f.width-6, 5) {
			f.spaces(3)
			f.spans(part)
			f.line()
		}
	}
	f.line()
}

var bulkMarks = [...]safe.Cell{
	bulkReady: "[x]", bulkExcepted: "[ ]", bulkLeft: " - ", bulkWritten: " ok", bulkFailed: " ! ", bulkUndone: " u ",
}

func (m *bulkModel) drawLines(f *frame, end int) {
	width := 0
	for i := m.top; i < min(m.top+m.page(), len(m.lines)); i++ {
		width = max(width, widthOf(m.lines[i].record))
	}
	width = min(width, f.width*2/5)
	for i := m.top; i < len(m.lines) && f.left() > end; i++ {
		if f.beyond(&m.list, i, len(m.lines), m.page()) {
			continue
		}
		line := &m.lines[i]
		f.lit = i == m.cursor
		sign, role := " ", theme.Plain
		if f.lit {
			sign = f.glyphs.cursor
		}
		if line.state == bulkLeft || line.state == bulkExcepted {
			role = theme.Dim
		}
		f.glyph(theme.Strong, sign)
		f.put(theme.Strong, bulkMarks[line.state])
		f.spaces(1)
		f.cell(role, line.record, width)
		f.spaces(2)
		f.cell(role, line.said, f.room()-1)
		f.line()
	}
}

// drawDetail says all of what becomes of the record at the cursor, where its line is too short for that.
func (m *bulkModel) drawDetail(f *frame) {
	rows := m.detailRows()
	end := f.left() - rows
	if m.cursor < len(m.lines) {
		line := &m.lines[m.cursor]
		text := []span{{theme.Strong, line.record}, {theme.Plain, "  " + line.said}}
		for _, part := range wrapSpans(text, f.width-2, rows) {
			f.spaces(1)
			f.spans(part)
			f.line()
		}
	}
	f.lines(f.left() - end)
}

func (m *bulkModel) drawStatus(f *frame) {
	switch {
	case m.stage == bulkConfirming:
		f.put(theme.Strong, safe.Cell(fmt.Sprintf(" Type %d to write %d records: ", m.count(bulkReady), m.count(bulkReady))))
		m.box.drawOneLine(f)
	case m.stage == bulkAsking:
		f.put(theme.Strong, safe.Cell(fmt.Sprintf(" Undo all %d? ", m.count(bulkWritten))))
		f.put(theme.Plain, "They open again, drafts as before.  y yes  n no")
	default:
		m.status.draw(f)
	}
	f.line()
}
