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
	title         safe.Cell
	top           int
}

func newHelp(e *env) helpModel { return helpModel{env: e} }

func (m helpModel) start(of keymap, title safe.Cell) helpModel {
	m.of, m.title, m.top = of, title, 0
	return m
}

func (m helpModel) setSize(width, height int) helpModel {
	m.width, m.height = width, height
	m.top = scrolled(m.top, len(m.of), m.page(), noIntent)
	return m
}

func (m helpModel) page() int { return max(m.height-4, 1) }

// obey scrolls; it is false when the help is to be closed.
func (m helpModel) obey(what intent) (helpModel, bool) {
	if what == goBack {
		return m, false
	}
	m.top = scrolled(m.top, len(m.of), m.page(), what)
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
		if at := m.top + i; at < len(m.of) {
			f.spaces(2)
			f.cell(theme.Key, m.env.glyphs.words(m.of[at].Help().Key), 11)
			f.put(theme.Plain, safe.Cell(m.of[at].Help().Desc))
		}
		f.line()
	}
	f.rule()
	f.footer(m.env.keys[onHelp], 1, func(what intent) bool { return what != goDown || len(m.of) > page })
	return f.end()
}
