package tui

import (
	"cmp"
	"slices"
	"strings"

	tea "github.com/charmbracelet/bubbletea"

	"dovetail/tui/safe"
	"dovetail/tui/theme"
)

// paletteModel finds an action of the screen below it by its name, and runs it.
type paletteModel struct {
	env           *env
	width, height int
	of            keymap
	title         safe.Cell
	box           box
	found         []binding
	cursor, top   int
	status        status
}

func newPalette(e *env) paletteModel { return paletteModel{env: e} }

func paletteKeys() keymap {
	return keymap{
		step(goUp, "↑", "", "the action above", "up"),
		pair("↑↓", goDown, "↓", "choose", "the action below", "down"),
		must(bind(acceptLine, "enter", "do it", "do the action at the mark", "enter")),
		must(bind(closeBox, "esc", "nothing", "close the list", "esc")),
	}
}

func (m paletteModel) start(of keymap, title safe.Cell) paletteModel {
	m.of, m.title, m.status = of, title, status{}
	m.box = newBox("", false, m.boxWidth())
	m.search()
	return m
}

func (m paletteModel) boxWidth() int { return max(m.width-5, 10) }

func (m paletteModel) setSize(width, height int) paletteModel {
	m.width, m.height = width, height
	m.box.lay(m.boxWidth())
	m.keepInSight()
	return m
}

// search lists the actions in whose name or description every typed word is: first those whose name begins so.
func (m *paletteModel) search() {
	typed := strings.ToLower(m.box.text)
	m.found, m.cursor, m.top = nil, 0, 0
	for _, b := range m.of {
		name := intentNames[b.intent]
		if name == "" || b.intent == showPalette {
			continue
		}
		text := strings.ToLower(name + " " + b.Help().Desc)
		missing := slices.ContainsFunc(strings.Fields(typed), func(word string) bool { return !strings.Contains(text, word) })
		if !missing {
			m.found = append(m.found, b)
		}
	}
	rank := func(b binding) int {
		switch name := intentNames[b.intent]; {
		case strings.HasPrefix(name, strings.TrimSpace(typed)):
			return 0
		case strings.Contains(name, strings.TrimSpace(typed)):
			return 1
		}
		return 2
	}
	slices.SortStableFunc(m.found, func(a, b binding) int { return cmp.Compare(rank(a), rank(b)) })
}

// mark goes to an action; it is false where the list has none such.
func (m *paletteModel) mark(what intent) bool {
	at := slices.IndexFunc(m.found, func(b binding) bool { return b.intent == what })
	if at < 0 {
		return false
	}
	m.cursor = at
	m.keepInSight()
	return true
}

// page is how many lines the list has: the head, the line, two rules, the status and the footer stand around it.
func (m *paletteModel) page() int { return max(m.height-6, 1) }

func (m *paletteModel) keepInSight() {
	m.cursor = max(min(m.cursor, len(m.found)-1), 0)
	m.top = max(min(m.top, m.cursor), m.cursor-m.page()+1)
}

// typed takes a key. It returns the action to do, and whether the list stays.
func (m paletteModel) typed(msg tea.KeyMsg) (next paletteModel, what intent, stays bool) {
	b, _ := m.env.keys[onPalette].find(msg)
	m.status = status{}
	switch b.intent {
	case leaveAtOnce:
		return m, leaveAtOnce, false
	case closeBox:
		return m, noIntent, false
	case goUp, goDown:
		m.cursor++
		if b.intent == goUp {
			m.cursor -= 2
		}
		m.keepInSight()
		return m, noIntent, true
	case acceptLine:
		return m.chosen()
	}
	before := m.box.text
	m.box.key(msg)
	if m.box.text != before {
		m.search()
	}
	return m, noIntent, true
}

// chosen is the action at the mark. Enter never writes, here neither.
func (m paletteModel) chosen() (next paletteModel, what intent, stays bool) {
	if len(m.found) == 0 {
		m.status = status{text: "no action is called so", bad: true}
		return m, noIntent, true
	}
	b := m.found[m.cursor]
	if b.intent == writeAndNext || b.intent == writeAndBack {
		m.status = status{text: "enter never writes: close this list and press " + safe.Cell(b.Help().Key), bad: true}
		return m, noIntent, true
	}
	return m, b.intent, false
}

// View draws the list.
func (m paletteModel) View() string {
	f := m.env.frame
	f.begin(m.width, m.height)
	f.put(theme.Title, " ACTIONS")
	f.put(theme.Dim, m.env.glyphs.dot+m.title)
	f.line()
	f.put(theme.Key, " : ")
	m.box.drawOneLine(f)
	f.line()
	f.rule()
	page := f.left() - 3
	keys := 12
	if f.width < tableWidth {
		keys = 9
	}
	for i := range page {
		if at := m.top + i; at < len(m.found) {
			m.drawAction(f, &m.found[at], keys, at == m.cursor)
			f.hot(f.col, spot{row: at})
		}
		f.line()
	}
	f.rule()
	switch more := len(m.found) - m.top - page; {
	case m.status.text != "":
		m.status.draw(f)
	case len(m.found) == 0:
		f.put(theme.Dim, " nothing is called so")
	case more > 0:
		f.put(theme.Dim, " "+m.env.glyphs.down+safe.Cell(" "+itoa(more)+" more"))
	}
	f.line()
	f.footer(m.env.keys[onPalette], 1, nil)
	return f.end()
}

func (m *paletteModel) drawAction(f *frame, b *binding, keys int, here bool) {
	const name = 20
	f.lit = here
	if here {
		f.glyph(theme.Strong, m.env.glyphs.cursor)
	} else {
		f.spaces(1)
	}
	f.spaces(1)
	f.cell(theme.Strong, safe.Cell(intentNames[b.intent]), name)
	f.cell(theme.Key, m.env.glyphs.words(b.Help().Key), keys)
	f.put(theme.Plain, m.env.words(b.Help().Desc))
}

// paletteKey hands a key to the list of actions, and runs what was chosen.
func (m model) paletteKey(msg tea.KeyMsg) (model, tea.Cmd) {
	var what intent
	m.palette, what, m.choosing = m.palette.typed(msg)
	if what == noIntent {
		return m, nil
	}
	return m.run(what)
}
