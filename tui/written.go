package tui

import (
	"fmt"

	tea "github.com/charmbracelet/bubbletea"

	"dovetail/merge"
	"dovetail/tui/safe"
	"dovetail/tui/theme"
)

// writtenModel shows what was written, as it was read back.
type writtenModel struct {
	env           *env
	width, height int

	written  merge.Written
	record   safe.Cell
	lines    []reviewLine
	left     int64 // conflicts that are still open
	top      int
	question bool
	undone   bool
	status   status
}

func newWritten(e *env) writtenModel { return writtenModel{env: e} }

// start shows a writing; left is how many conflicts are still open.
func (m writtenModel) start(w merge.Written, s *study, left int64) writtenModel {
	m = writtenModel{env: m.env, width: m.width, height: m.height, written: w, record: safe.Text(w.Record.String()), left: left}
	if w.Result == nil {
		m.lines = append(m.lines, reviewLine{text: []span{{theme.Strong, "   The record is deleted."}}})
		return m
	}
	sides := merge.Sides{Base: s.Sides.Server, Local: w.Result, Server: s.Sides.Server}
	for _, f := range merge.Record(sides, s.shape()).Fields {
		if f.Path == "" {
			continue
		}
		before, after := m.env.glyphs.valueAt(s.Rules, f.Path, f.Base), m.env.glyphs.valueAt(s.Rules, f.Path, f.Local)
		if f.Local == merge.Absent {
			after = "removed"
		}
		m.lines = append(m.lines, reviewLine{name: safe.Text(merge.PathLabel(f.Path)), now: before, after: after})
	}
	if n := len(merge.Same(sides, s.shape())); n > 0 {
		m.lines = append(m.lines, reviewLine{text: []span{{theme.Dim, safe.Cell("   " + plural(n, "field") + " as on the server")}}})
	}
	return m
}

func (m writtenModel) setSize(width, height int) writtenModel {
	m.width, m.height = width, height
	return m
}

func (m *writtenModel) keys() keymap {
	if m.question {
		return m.env.keys[onQuestion]
	}
	return m.env.keys[onWritten]
}

// Update handles a key.
func (m writtenModel) Update(msg tea.Msg) (writtenModel, action, tea.Cmd) {
	press, ok := msg.(tea.KeyMsg)
	if !ok {
		return m, action{}, nil
	}
	for _, what := range m.keys().intents(press) {
		var act action
		if m, act = m.obey(what); act.do != nothing {
			return m, act, nil
		}
	}
	return m, action{}, nil
}

func (m writtenModel) obey(what intent) (writtenModel, action) {
	m.status = status{}
	switch what {
	case leaveAtOnce:
		return m, action{do: quitAtOnce}
	case showHelp:
		return m, action{do: help}
	case goBack:
		return m, action{do: backToQueue}
	case undoWritten:
		if m.undone {
			m.status.text = "it is undone already"
		} else {
			m.question = true
		}
	case sayYes:
		m.question = false
		return m, action{do: undo, was: m.written}
	case sayNo:
		m.question = false
	default:
		m.top = scrolled(m.top, len(m.lines), m.page(), what)
	}
	return m, action{}
}

func (m *writtenModel) page() int { return max(m.height-7, 1) }

// View draws what was written.
func (m writtenModel) View() string {
	f := m.env.frame
	f.begin(m.width, m.height)
	f.put(theme.Plain, " ")
	if m.env.title != "" && f.width >= tableWidth {
		f.put(theme.Strong, m.env.title+m.env.glyphs.dot)
	}
	f.put(theme.Title, "WRITTEN  ")
	f.put(theme.Title, m.record)
	f.line()
	f.put(theme.Good, " "+m.sentence()+m.both())
	f.put(theme.Dim, m.env.glyphs.dot+"U undoes it")
	f.line()
	f.rule()
	name := 0
	for i := range m.lines {
		name = max(name, min(m.lines[i].name.Width(), f.width/4))
	}
	said := m.status
	if m.question {
		said = undoQuestion(m.written)
	}
	page := m.page()
	more := said.more(f.width, page-1)
	page -= more
	for i := range page {
		if at := m.top + i; at < len(m.lines) && !f.moreBelow(i == page-1, len(m.lines)-at) {
			m.drawLine(f, &m.lines[at], name)
		}
		f.line()
	}
	f.rule()
	switch {
	case said.text != "":
		said.drawIn(f, 1+more)
	case m.left == 0:
		f.put(theme.Strong, " Nothing is left in the queue.")
	default:
		f.put(theme.Strong, safe.Cell(" "+thousands(m.left)+" open in the queue."))
	}
	f.line()
	f.rule()
	f.footer(m.keys(), 1, func(what intent) bool {
		return what != goDown || len(m.lines) > page
	})
	return f.end()
}

func (m *writtenModel) sentence() safe.Cell {
	if m.written.Pending {
		return "decided here" + m.env.glyphs.dot + "sent with the next sync"
	}
	return safe.Cell(fmt.Sprintf("written v%d", m.written.Version)) + m.env.glyphs.dot +
		safe.Cell(fmt.Sprintf("resolution %d", m.written.Resolution))
}

func (m *writtenModel) drawLine(f *frame, l *reviewLine, name int) {
	if l.name == "" {
		f.spans(l.text)
		return
	}
	f.spaces(3)
	f.cell(theme.Plain, l.name, name+2)
	each := max((f.room()-4)/2, 4)
	f.put(theme.Dim, f.cut(l.now, each))
	f.put(theme.Dim, " "+m.env.glyphs.arrow+" ")
	f.put(theme.Strong, l.after)
}

// wordFor is the line that says elsewhere what was written.
func (m writtenModel) wordFor(w merge.Written) safe.Cell {
	m.written = w
	return m.sentence() + m.both() + m.env.glyphs.dot + safe.Text(w.Record.String()) + m.env.glyphs.dot + "U undoes it"
}

func undoQuestion(w merge.Written) status {
	return status{text: "Undo " + writtenWord(w) + "? Its conflict opens again with its draft."}
}

// writtenWord names what was written: record, version and resolution, or the conflict where that is all that is known.
func writtenWord(w merge.Written) safe.Cell {
	if !w.Pending && w.Resolution == 0 {
		return safe.Text(w.Record.String()) + safe.Cell(fmt.Sprintf(", what decided conflict %d", w.Conflict))
	}
	if w.Pending {
		return safe.Text(w.Record.String()) + ", " + writtenNumbers(w)
	}
	return safe.Text(w.Record.String()) + " " + writtenNumbers(w)
}

func writtenNumbers(w merge.Written) safe.Cell {
	if w.Pending {
		return "to be sent"
	}
	return safe.Cell(fmt.Sprintf("v%d, resolution %d", w.Version, w.Resolution))
}
