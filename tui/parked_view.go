package tui

import (
	"dovetail/tui/safe"
	"dovetail/tui/theme"
)

// parkedDetail is how many lines the change at the cursor gets.
func (m *queueModel) parkedDetail() int {
	if m.height >= 18 {
		return 5
	}
	return 2
}

// parkedRows is how many parked changes are in sight.
func (m *queueModel) parkedRows() int { return max(m.groupsHeight()-m.parkedDetail(), 1) }

// drawParked draws what could not be used, each with the reason, and the one at the cursor as it came. It returns how many lines
// must be left below it; those above that are free.
func (m *queueModel) drawParked(f *frame, l queueLayout) int {
	const width = 4
	record := min(max(f.width/4, 16), 32)
	f.spaces(2)
	f.queueCell(theme.Heading, "RECORD", record)
	f.queueCell(theme.Heading, "AGE", width)
	f.put(theme.Heading, "WHY IT WAITS")
	f.line()
	if l.rules {
		f.rule()
	}
	end := f.left() - m.parkedRows()
	if len(m.parked.rows) == 0 {
		m.drawNoParked(f)
	}
	for i := m.parked.top; i < len(m.parked.rows) && f.left() > end; i++ {
		p := &m.parked.rows[i]
		f.lit = i == m.parked.cursor
		sign := " "
		if f.lit {
			sign = f.glyphs.cursor
		}
		f.glyph(theme.Strong, sign)
		f.spaces(1)
		f.queueCell(theme.Plain, safe.Text(p.Record.String()), record)
		f.queueCell(theme.Dim, age(p.At, m.env.now()), width)
		f.put(theme.Plain, safe.Text(p.Reason))
		f.line()
	}
	f.lines(f.left() - end)
	end -= m.parkedDetail()
	if m.parked.in(len(m.parked.rows)) {
		p := &m.parked.rows[m.parked.cursor]
		text := []span{{theme.Strong, safe.Text(p.Reason)}, {theme.Dim, "  " + safe.Text(p.Line)}}
		for _, part := range wrapSpans(text, f.width-2, m.parkedDetail()) {
			f.spaces(1)
			f.spans(part)
			f.line()
		}
	}
	return end
}

func (m *queueModel) drawNoParked(f *frame) {
	f.line()
	switch {
	case m.parked.err != nil:
		failed("the parked changes could not be read: ", m.parked.err).draw(f)
	case m.parked.loading:
		f.put(theme.Dim, "   reading"+m.env.glyphs.ellipsis)
	default:
		f.put(theme.Plain, "   Nothing is parked.")
	}
	f.line()
}

// drawParkedTab stands behind the lists of conflicts where there is something in it.
func (m *queueModel) drawParkedTab(f *frame) {
	name := safe.Cell("5 Parked " + thousands(m.counts.Parked))
	defer func(from int) { f.hot(f.col-from, spot{tab: tabParked}) }(f.col)
	switch {
	case m.parked.shown:
		f.put(theme.Strong, " ["+name+"] ")
	case m.counts.Parked > 0 && m.env.commands.parked.list != nil && f.width >= tableWidth:
		f.put(theme.Dim, "  "+name+"  ")
	}
}
