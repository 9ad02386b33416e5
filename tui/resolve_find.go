package tui

import (
	"fmt"
	"strings"

	tea "github.com/charmbracelet/bubbletea"

	"dovetail/tui/safe"
	"dovetail/tui/theme"
)

// startFind opens the line that fields are looked for by.
func (m *resolveModel) startFind() {
	m.mode = inFind
	m.box = newBox(m.find, false, m.boxWidth())
}

// finds reports whether a field is one of those that are looked for: what was typed is in its name or label.
func (m *resolveModel) finds(f *field) bool {
	return m.find == "" || strings.Contains(strings.ToLower(string(f.name+"\n"+f.label)), strings.ToLower(m.find))
}

// found counts the fields that are listed.
func (m *resolveModel) found() int {
	n := 0
	for i := range m.s.fields {
		if m.finds(&m.s.fields[i]) {
			n++
		}
	}
	return n
}

// findKey takes a key of the line: what is typed counts at once.
func (m resolveModel) findKey(msg tea.KeyMsg) (resolveModel, action, tea.Cmd) {
	m.status = status{}
	b, _ := m.env.keys[onLine].find(msg)
	switch {
	case b.intent == leaveAtOnce:
		return m, action{do: quitAtOnce}, nil
	case b.intent == closeBox:
		m.mode = onFields
		m.findAll()
		return m, action{}, nil
	case b.intent == acceptLine:
		m.mode = onFields
		if m.found() == 0 {
			m.status = status{text: "no field is called so", bad: true}
			m.findAll()
		}
		m.moved()
		return m, action{}, nil
	case msg.Type == tea.KeyUp:
		m.moveBy(-1)
		m.moved()
		return m, action{}, nil
	case msg.Type == tea.KeyDown:
		m.moveBy(1)
		m.moved()
		return m, action{}, nil
	}
	m.box.key(msg)
	m.lookFor(m.box.text)
	return m, action{}, nil
}

// lookFor lists the fields that a text is in the name of, with the cursor on the first. Where there is none, the list
// stays as it was.
func (m *resolveModel) lookFor(text string) {
	before := m.find
	if m.find = text; m.found() == 0 {
		m.find = before
		return
	}
	at := m.focusedPath()
	m.relist()
	m.cursor, m.top = m.firstField(), 0
	if before == "" || text == "" || strings.HasPrefix(text, before) {
		m.cursorTo(at) // it stays where it is as long as that is listed
	}
	m.moved()
}

// findAll lists all fields again, with the cursor where it is: those that nobody changed too, if it is on one of them.
func (m *resolveModel) findAll() {
	if m.find == "" {
		return
	}
	at := m.focusedPath()
	if f := m.focused(); f != nil && f.section == unchanged {
		m.showSame = true
	}
	m.find = ""
	m.relist()
	m.cursorTo(at)
	m.moved()
}

// allListed lists all fields again where one that is undecided is not listed: nothing is left out of what is to do.
func (m *resolveModel) allListed() {
	if m.find == "" {
		return
	}
	for i := range m.s.fields {
		if f := &m.s.fields[i]; m.isOpen(f) && !m.finds(f) {
			m.findAll()
			return
		}
	}
}

func (m *resolveModel) drawFind(f *frame) {
	f.put(theme.Key, " / ")
	none := safe.Cell("")
	if m.box.text != m.find {
		none = " no field is called so"
	}
	whole := f.width
	f.width -= none.Width()
	m.box.drawOneLine(f)
	f.width = whole
	f.put(theme.Dim, none)
}

func (m *resolveModel) drawFound(f *frame) {
	n := m.found()
	const back = "esc lists all"
	f.put(theme.Strong, safe.Cell(fmt.Sprintf(" Found %d of %d: ", n, len(m.s.fields))))
	f.put(theme.Plain, f.cut(safe.Text(m.find), max(f.room()-len(back)-4, 4)))
	f.put(theme.Dim, m.env.glyphs.dot+back)
}
