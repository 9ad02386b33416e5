package tui

import (
	"dovetail/tui/safe"
	"dovetail/tui/theme"
)

// helpModel lists the keys of the screen below it.
type helpModel struct {
	env           *env
	width, height int
	of            keymap
	lines         []helpLine
	title         safe.Cell
	top           int
}

// helpLine is a line of the list: the keys stand on the first one of a binding.
type helpLine struct {
	keys safe.Cell
	text []span
	of   int // the binding
}

func newHelp(e *env) helpModel { return helpModel{env: e} }

func (m helpModel) start(of keymap, title safe.Cell) helpModel {
	m.of, m.title, m.top = of, title, 0
	m.lay()
	return m
}

func (m helpModel) setSize(width, height int) helpModel {
	m.width, m.height = width, height
	m.lay()
	m.top = scrolled(m.top, len(m.lines), m.page(), noIntent)
	return m
}

// helpKeysWidth is how wide the column of the keys is.
const helpKeysWidth = 11

// lay breaks what the keys do into lines for the width there is.
func (m *helpModel) lay() {
	m.lines = nil
	for i := range m.of {
		keys := m.env.glyphs.words(m.of[i].Help().Key)
		for _, part := range wrapSpans([]span{{theme.Plain, m.env.words(m.of[i].Help().Desc)}}, m.width-helpKeysWidth-3, 4) {
			m.lines = append(m.lines, helpLine{keys: keys, text: part, of: i})
			keys = ""
		}
	}
}

func (m helpModel) page() int { return max(m.height-4, 1) }

// obey scrolls; it is false when the help is to be closed.
func (m helpModel) obey(what intent) (helpModel, bool) {
	if what == goBack {
		return m, false
	}
	m.top = scrolled(m.top, len(m.lines), m.page(), what)
	return m, true
}

// View draws the keys.
func (m helpModel) View() string {
	f := m.env.frame
	f.begin(m.width, m.height)
	f.put(theme.Title, " KEYS")
	f.put(theme.Dim, m.env.glyphs.dot+m.title)
	f.line()
	f.rule()
	page := f.left() - 2
	for i := range page {
		if at := m.top + i; at < len(m.lines) && !f.moreBelow(i == page-1, len(m.lines)-at) {
			f.spaces(2)
			f.cell(theme.Key, m.lines[at].keys, helpKeysWidth)
			f.spans(m.lines[at].text)
			f.hot(f.col, spot{row: m.lines[at].of})
		}
		f.line()
	}
	f.rule()
	f.footer(m.env.keys[onHelp], 1, func(what intent) bool { return what != goDown || len(m.lines) > page })
	return f.end()
}
