package tui

import (
	"strings"

	tea "github.com/charmbracelet/bubbletea"

	"dovetail/tui/safe"
	"dovetail/tui/theme"
)

// helpModel lists the keys of the screen below it.
type helpModel struct {
	env           *env
	width, height int
	of            keymap
	signs         []sign
	lines         []helpLine
	title         safe.Cell
	top           int
	// find is a part of the keys and words that are listed; empty: all. It is typed in the box.
	find    string
	box     box
	finding bool
}

// helpLine is a line of the list: the keys stand on the first one of a binding.
type helpLine struct {
	keys safe.Cell
	text []span
	of   int // the binding
}

// sign is one that a screen draws, and what it stands for.
type sign struct{ drawn, means string }

var fieldSigns = []sign{
	{"!", "left to decide; ~! left again, since the record moved"},
	{"L S B", "decided for local, the server, base"},
	{"C E 0", "combined, edited, removed"},
	{"=L =S", "merged by itself: local alone changed it, or the server"},
	{"==", "merged by itself: both sides made the same change"},
	{"[ ]", "where the arrows are; * what is decided"},
	{"·", "not changed on this side"},
	{"{+x+}", "put in; {1+x+} by local, {2+x+} by the server"},
	{"[-x-]", "taken out"},
}

var queueSigns = []sign{
	{"!", "waits for a person"},
	{"~", "you have a draft, and the record moved since"},
	{"*", "marked for A"},
	{"@", "somebody else is at it"},
}

func newHelp(e *env) helpModel { return helpModel{env: e} }

func (m helpModel) start(of keymap, title safe.Cell, signs []sign) helpModel {
	m.of, m.title, m.signs, m.top = of, title, signs, 0
	m.find, m.finding = "", false
	m.lay()
	return m
}

func (m helpModel) setSize(width, height int) helpModel {
	m.width, m.height = width, height
	m.box.lay(max(width-6, 10))
	m.lay()
	m.top = scrolled(m.top, len(m.lines), m.page(), noIntent)
	return m
}

// helpKeysWidth is how wide the column of the keys is.
const helpKeysWidth = 11

// lay breaks what the keys do, and what the signs stand for, into lines for the width there is.
func (m *helpModel) lay() {
	m.lines = nil
	for i := range m.of {
		if !m.finds(&m.of[i]) {
			continue
		}
		does := m.of[i].Help().Desc
		if len(m.of[i].Keys()) == 0 {
			does = "then " + intentNames[m.of[i].intent] + ": " + does
		}
		m.add(m.env.words(m.of[i].Help().Key), does, i)
	}
	head := safe.Cell("SIGNS")
	for _, s := range m.signs {
		if !contains(s.drawn+"\n"+s.means, m.find) {
			continue
		}
		if head != "" {
			m.lines = append(m.lines, helpLine{keys: head, of: len(m.of)})
			head = ""
		}
		drawn := safe.Cell(s.drawn)
		if drawn == "·" {
			drawn = m.env.glyphs.same
		}
		m.add(drawn, s.means, len(m.of))
	}
}

// add puts keys, or a sign, and what they are for on lines.
func (m *helpModel) add(keys safe.Cell, text string, of int) {
	for _, part := range wrapSpans([]span{{theme.Plain, m.env.words(text)}}, m.width-helpKeysWidth-3, 4) {
		m.lines = append(m.lines, helpLine{keys: keys, text: part, of: of})
		keys = ""
	}
}

// finds reports whether a binding is one of those that are looked for.
func (m *helpModel) finds(b *binding) bool {
	return contains(b.Help().Key+"\n"+b.Help().Desc+"\n"+b.foot+"\n"+intentNames[b.intent], m.find)
}

// contains reports whether a part stands in a text, in letters of either case.
func contains(text, part string) bool {
	return strings.Contains(strings.ToLower(text), strings.ToLower(part))
}

// typed takes a key of the line that keys are looked for by: what is typed counts at once.
func (m helpModel) typed(msg tea.KeyMsg) helpModel {
	b, _ := m.env.keys[onLine].find(msg)
	switch b.intent {
	case acceptLine:
		m.finding = false
		return m
	case closeBox:
		m.finding, m.find = false, ""
	default:
		m.box.key(msg)
		m.find = m.box.text
	}
	m.top = 0
	m.lay()
	return m
}

func (m helpModel) page() int { return max(m.height-4, 1) }

// obey scrolls; it is false when the help is to be closed. What was looked for is left first.
func (m helpModel) obey(what intent) (helpModel, bool) {
	switch {
	case what == findField:
		m.finding, m.box = true, newBox(m.find, false, max(m.width-6, 10))
		return m, true
	case what == goBack && m.find != "":
		m.find, m.top = "", 0
		m.lay()
		return m, true
	case what == goBack:
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
	keys := m.env.keys[onHelp]
	switch {
	case m.finding:
		keys = m.env.keys[onLine]
		f.put(theme.Key, "  / ")
		m.box.drawOneLine(f)
	case m.find != "":
		f.put(theme.Plain, "  / "+safe.Text(m.find))
	}
	f.line()
	f.rule()
	page := f.left() - 2
	if len(m.lines) == 0 {
		f.put(theme.Dim, "  no key is described so")
	}
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
	f.footer(keys, 1, func(what intent) bool { return what != goDown || len(m.lines) > page })
	return f.end()
}
