package tui

import (
	"strings"

	tea "github.com/charmbracelet/bubbletea"

	"dovetail/merge"
	"dovetail/tui/safe"
	"dovetail/tui/theme"
)

// playLeft is a text that was typed and left, and what it was for.
type playLeft struct {
	act  PlayAct
	text string
}

// startTyping opens the box for a value, with the one that is there, or with what was typed before and left.
func (m playModel) startTyping(act PlayAct) playModel {
	text := ""
	switch at := m.at(); {
	case act.Do == PlayCreate && at != nil:
		text = at.Record.Collection + "/"
	case act.Do == PlayEdit && m.onField:
		act.Path = m.path
		text = wantText.textOf(merge.Lookup(m.world().Devices[m.holds[m.side].device].Copies[m.record].Fields, m.path))
	}
	if bad := notForBox(text); bad != "" {
		m.status = status{text: safe.Cell("not to be typed here: the value holds " + bad), bad: true}
		return m
	}
	m.initial = text
	if m.left.act == act && m.left.text != "" {
		text = m.left.text
	}
	m.mode, m.typing, m.problem, m.left = inValue, act, "", playLeft{}
	m.box = newBox(text, strings.Contains(m.initial+text, "\n"), max(m.width-4, 1))
	return m
}

// typed takes a key while a value is typed.
func (m playModel) typed(msg tea.KeyMsg) (playModel, action, tea.Cmd) {
	b, _ := m.keys().find(msg)
	switch {
	case b.intent == leaveAtOnce:
		return m, action{do: quitAtOnce}, nil
	case b.intent == closeBox:
		m.mode = onWorld
		if m.box.text != m.initial {
			m.left = playLeft{act: m.typing, text: m.box.text}
			m.status = status{text: "nothing happened; what you typed comes again with the same key"}
		}
		return m, action{}, nil
	case m.busy:
	case b.intent == acceptText, b.intent == acceptLine && !m.box.multi:
		m, cmd := m.accept()
		return m, action{}, cmd
	default:
		m.problem = ""
		m.box.key(msg)
	}
	return m, action{}, nil
}

// accept has happen what was typed. A text that was not changed is none: a null would come out as an empty text.
func (m playModel) accept() (playModel, tea.Cmd) {
	if m.box.text == m.initial {
		m.mode = onWorld
		m.status = status{text: "nothing was changed in the text: nothing happened"}
		return m, nil
	}
	m.typing.Typed = m.box.text
	return m.act(m.typing)
}

// boxRows are the lines that the box gets.
func (m *playModel) boxRows() int { return min(len(m.box.lines), max(m.height/4, 2)) }

// typingLines are the title of the box, room for it, and what is wrong with the text.
func (m *playModel) typingLines(width, limit int) [][]span {
	lines := [][]span{m.typingTitle(), nil}
	if m.box.multi {
		lines = append(lines, make([][]span, m.boxRows()-1)...)
	}
	if m.problem != "" {
		lines = append(lines, m.wrap([]span{{theme.Warning, "!"}, {theme.Plain, " " + m.problem}}, width, limit)...)
	}
	return lines
}

func (m *playModel) typingTitle() []span {
	record, hint := safe.Text(m.typing.Record.String()), safe.Cell("a value; +=1 adds, -=1 takes away, := is JSON")
	switch {
	case m.typing.Do == PlayCreate:
		record, hint = "NEW RECORD", "its name and FIELD=VALUE, as deal/D-2 status=open"
		if m.width < tableWidth {
			hint = "ID FIELD=VALUE"
		}
	case m.typing.Path != "":
		record = safe.Text(merge.PathLabel(m.typing.Path)) + " of " + record
	default:
		hint = "FIELD=VALUE, as status=open; += adds, := is JSON"
	}
	return []span{{theme.Strong, record + " on " + safe.Text(m.typing.Device)}, {theme.Dim, m.env.glyphs.dot + hint}}
}
