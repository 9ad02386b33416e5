package tui

import (
	"fmt"
	"slices"

	"dovetail/merge"
	"dovetail/tui/safe"
	"dovetail/tui/theme"
)

// focused returns the field at the cursor; nil where there is none.
func (m *resolveModel) focused() *field {
	if m.s == nil || m.cursor < 0 || m.cursor >= len(m.rows) || m.rows[m.cursor].kind != fieldRow {
		return nil
	}
	return &m.s.fields[m.rows[m.cursor].field]
}

func (m *resolveModel) focusedPath() string {
	if f := m.focused(); f != nil {
		return f.Path
	}
	return ""
}

// firstField is the first row that is a field, 0 where there is none.
func (m *resolveModel) firstField() int {
	return max(slices.IndexFunc(m.rows, func(r row) bool { return r.kind == fieldRow }), 0)
}

// cursorTo goes to the field at a path, or stays near where the cursor is if it is not listed.
func (m *resolveModel) cursorTo(path string) {
	for i, r := range m.rows {
		if r.kind == fieldRow && m.s.fields[r.field].Path == path {
			if i != m.cursor {
				m.bracket = merge.Undecided
			}
			m.cursor = i
			return
		}
	}
	m.cursor = min(max(m.cursor, 0), max(len(m.rows)-1, 0))
	if m.focused() == nil {
		m.cursor = m.firstField()
	}
	m.bracket = merge.Undecided
}

// moveBy goes over n fields, as far as there are any.
func (m *resolveModel) moveBy(n int) {
	dir := 1
	if n < 0 {
		dir, n = -1, -n
	}
	for at := m.cursor + dir; n > 0 && at >= 0 && at < len(m.rows); at += dir {
		if m.rows[at].kind == fieldRow {
			m.cursor, m.bracket = at, merge.Undecided
			n--
		}
	}
}

// toFirstOpen goes to the first undecided field, if there is one. Where what was looked for hides it, all are listed.
func (m *resolveModel) toFirstOpen() {
	m.allListed()
	for at, r := range m.rows {
		if r.kind == fieldRow && m.isOpen(&m.s.fields[r.field]) {
			m.cursor, m.bracket = at, merge.Undecided
			return
		}
	}
}

// toOpen goes to the nearest undecided field in a direction. It does not begin again at the other end.
func (m *resolveModel) toOpen(dir int) {
	m.allListed()
	for at := m.cursor + dir; at >= 0 && at < len(m.rows); at += dir {
		if r := m.rows[at]; r.kind == fieldRow && m.isOpen(&m.s.fields[r.field]) {
			m.cursor, m.bracket = at, merge.Undecided
			return
		}
	}
	m.status.text = m.noneThere(dir)
}

func (m *resolveModel) noneThere(dir int) safe.Cell {
	left := len(m.open)
	if f := m.focused(); f != nil && m.isOpen(f) {
		left--
	}
	switch {
	case len(m.open) == 0:
		return "0 left: w to review"
	case left == 0:
		return "this is the last one left"
	case dir > 0:
		return safe.Cell(fmt.Sprintf("none below: %d left above, N goes there", left))
	}
	return safe.Cell(fmt.Sprintf("none above: %d left below, n goes there", left))
}

// isOpen reports whether the field is one that keeps the conflict from being written.
func (m *resolveModel) isOpen(f *field) bool {
	_, found := slices.BinarySearch(m.open, f.Path)
	return found
}

// choices are what the arrows may stand on, in the order of the columns.
func choices(f *field) []merge.Choice {
	var out []merge.Choice
	for _, c := range []merge.Choice{merge.TakeLocal, merge.TakeServer, merge.TakeBase, merge.TakeCombined} {
		if _, ok := f.Choose(c, merge.Absent); ok && f.section != unchanged {
			out = append(out, c)
		}
	}
	return out
}

// moveBracket puts the choice on the next side, or the one before; from nothing, on the first or the last.
func (m *resolveModel) moveBracket(dir int) {
	f := m.focused()
	if f == nil {
		return
	}
	all := choices(f)
	if len(all) == 0 {
		m.status.text = nobodyChanged
		return
	}
	at := slices.Index(all, m.bracket)
	switch {
	case at < 0 && dir > 0:
		at = 0
	case at < 0:
		at = len(all) - 1
	default:
		at = min(max(at+dir, 0), len(all)-1)
	}
	m.bracket = all[at]
}

// moved brings what depends on the cursor up to date: the part of the list that is seen, and the detail.
func (m *resolveModel) moved() {
	l := m.layout()
	if l.list > 0 {
		m.top = min(max(m.top, m.cursor-l.list+1), m.cursor)
		m.top = max(min(m.top, len(m.rows)-l.list), 0)
		if m.cursor <= l.list-1 {
			m.top = 0 // with the headings above the first field
		}
	}
	m.options = m.optionsOf(m.focused())
	m.detail = m.detailOf(m.focused(), l)
}

func (m *resolveModel) listHeight() int { return m.layout().list }

// resolveLayout is how many lines each part of the screen gets.
type resolveLayout struct {
	head, columns, list, detail, footer int
	rules                               bool // lines between the parts
	banner                              int
}

// bannerLines is the banner on as many lines as it takes, up to four.
func (m *resolveModel) bannerLines() [][]span {
	text := m.banner
	if both := m.bothWords(); both != "" {
		if text != "" {
			text += " "
		}
		text += both
	}
	if text == "" {
		return nil
	}
	return wrapSpans([]span{{theme.Warning, text}}, m.width-4, min(4, m.height/6))
}

// layout shares out the lines: the list comes first, then the detail, and what the list does not need goes to it.
func (m *resolveModel) layout() resolveLayout {
	l := resolveLayout{head: 2, columns: 1, footer: footerRows(m.width, m.height), banner: len(m.bannerLines())}
	l.rules = m.height >= 18
	if m.width >= baseWidth && m.height >= 26 {
		l.columns = 2
	}
	used := l.head + l.columns + l.footer + 1 // and the status
	used += l.banner
	if l.rules {
		used += 4
	}
	free := max(m.height-used, 0)
	wanted := m.detailWants
	if m.height >= airy {
		wanted += 2
	}
	l.list = min(len(m.rows), max(free-wanted, min(free, 3), free/2))
	if m.mode == inBox {
		l.list = min(l.list, max(free/3, 1))
	}
	l.detail = free - l.list
	return l
}
