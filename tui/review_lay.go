package tui

import (
	"dovetail/merge"
	"dovetail/tui/safe"
	"dovetail/tui/theme"
)

// lay makes the lines for the width there is.
func (m *reviewModel) lay() {
	if m.dry {
		m.layDry()
		return
	}
	m.lines = m.prepared
	if m.s == nil {
		return
	}
	m.lines = nil
	c := m.columns(m.width)
	for i := range m.prepared {
		switch l := &m.prepared[i]; {
		case l.whole:
			m.layWhole(l)
		case l.name == "" || m.width >= tableWidth || !tooWide(l.now, c.side) && !tooWide(l.after, c.side) && !tooWide(l.name, c.name-1):
			m.lines = append(m.lines, *l)
		default:
			m.unfold(l)
		}
	}
}

// layWhole breaks a text that is not to be cut.
func (m *reviewModel) layWhole(l *reviewLine) {
	const most = 10
	for i, part := range wrapSpans(l.text, m.width-6, most) {
		if i > 0 {
			part = append([]span{{theme.Plain, safe.Cell(blanks[:5])}}, part...)
		}
		m.lines = append(m.lines, reviewLine{text: part})
	}
}

// unfold gives a change lines of its own, where the columns are too narrow to tell what it is.
func (m *reviewModel) unfold(l *reviewLine) {
	const indent, most = 6, 3
	g := m.env.glyphs
	tag := l.tag.Fit(m.columns(m.width).tag) // so that the names stand in one column
	m.lines = append(m.lines, reviewLine{about: l.about, path: l.path, text: []span{{theme.Plain, "  "}, {l.role, tag}, {theme.Plain, l.name}}})
	now, after := l.now, l.after
	if room := most * (m.width - indent - 2); l.afterTail != "" && tooWide(now+after, room-8) {
		now, after = l.nowTail, l.afterTail
	}
	if half := most * (m.width - indent - 2) / 2; tooWide(now, half) {
		now = now.TruncateWith(half-2, g.ellipsis)
	}
	for _, part := range wrapSpans([]span{{theme.Server, now}, {theme.Dim, " " + g.arrow + " "}, {theme.Strong, after}}, m.width-indent-2, most) {
		m.lines = append(m.lines, reviewLine{about: l.about, path: l.path, text: append([]span{{theme.Plain, safe.Cell(blanks[:indent])}}, part...)})
	}
}

func tooWide(c safe.Cell, width int) bool { return len(c) > 4*width || widthOf(c) > width }

// tails are what stands for values that are too long: of a list what becomes of the server's, of a text what follows the
// words that both begin with. They are empty where that says no more.
func (m *reviewModel) tails(f *field, after merge.Value, drawn safe.Cell) (now, then safe.Cell) {
	g := m.env.glyphs
	if len(f.Server)+len(after) > maxListed {
		return "", ""
	}
	key := namingKey(m.s.Rules.Key(f.Path), f.Server, after)
	if all, ok := drawnElements(f.Server, after, key, g); ok && len(all) > 0 && f.Server != merge.Absent {
		return f.server, elementsCell(all)
	}
	scalar := func(v merge.Value) bool { return v.Type() == merge.StringType || v.Type() == merge.NumberType }
	if !scalar(f.Server) || !scalar(after) || len(f.server)+len(drawn) > maxCompared {
		return "", ""
	}
	if last := lastAlike(f.server, drawn); last > 4 {
		return g.ellipsis + f.server[last:], g.ellipsis + drawn[last:]
	}
	return "", ""
}
