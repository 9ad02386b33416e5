package tui

import (
	"encoding/base64"
	"fmt"
	"io"
	"os"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"dovetail/merge"
	"dovetail/tui/safe"
)

// startSnooze asks until when the conflict is put off.
func (m *resolveModel) startSnooze() {
	switch {
	case !m.env.snoozes:
		m.status = status{text: "nothing can be put off here", bad: true}
	case m.closed:
		m.status = status{text: alreadyResolved, bad: true}
	default:
		m.mode = inSnooze
	}
}

// snoozeAnswer takes until when.
func (m resolveModel) snoozeAnswer(what intent) (resolveModel, action, tea.Cmd) {
	m.mode = onFields
	var until time.Time
	switch what {
	case snoozeHour, snoozeTomorrow, snoozeMonday, snoozeWeek:
		until = snoozeUntil(what, m.env.now(), m.env.location)
	case wakeUp:
	default:
		return m, action{}, nil
	}
	return m, action{}, m.env.commands.snooze([]int64{m.number}, until)
}

// snoozed takes what became of a snooze: the screen that shows the conflict goes on with the next one.
func (m model) snoozed(msg snoozedMsg) (model, tea.Cmd) {
	var cmd tea.Cmd
	queue := m.queue
	m.queue, _, cmd = m.queue.Update(msg)
	if m.screen != onResolve {
		return m, cmd
	}
	said := m.queue.status
	if msg.n == 0 {
		m.resolve.status = said
		return m, cmd
	}
	_, next, _ := queue.neighbour(m.resolve.number, 1)
	if next == 0 || msg.until.IsZero() {
		m, back := m.toQueue(said)
		return m, both(cmd, back)
	}
	m, open := m.open(next, said)
	return m, both(cmd, open)
}

// maxCopied is how many bytes are handed to a terminal's clipboard: several take no more.
const maxCopied = 74 << 10

// copied is the value that is copied, and what it is of: the choice in brackets, else what is decided or merged, else
// local's.
func (m *resolveModel) copied(f *field) (v merge.Value, of string) {
	if d, ok := f.Choose(m.bracket, merge.Absent); ok {
		if m.bracket == merge.TakeCombined {
			d.Value, _ = m.combined(f)
		}
		return d.Value, m.bracket.String()
	}
	if d := m.draft.Decisions[f.Path]; d.Choice != merge.Undecided {
		return d.Value, "decided"
	}
	if f.section != inConflict {
		if f.section == unchanged {
			return f.Base, "unchanged"
		}
		return f.Result, "merged"
	}
	return f.Local, "local"
}

// copyValue asks the terminal to copy the value at the cursor.
func (m resolveModel) copyValue() (resolveModel, tea.Cmd) {
	f := m.focused()
	if f == nil || f.Path == "" {
		m.status = status{text: "there is no single value here to copy", bad: true}
		return m, nil
	}
	if m.env.commands.copy == nil {
		m.status = status{text: "there is no clipboard here", bad: true}
		return m, nil
	}
	v, of := m.copied(f)
	text, escaped := copyText(v)
	if !m.copies {
		m.copies = true
		m.status.text = "Y again copies " + f.name + " (" + safe.Cell(of) + "): it has the terminal write to its clipboard (OSC 52)"
		return m, nil
	}
	switch {
	case v == merge.Absent:
		m.status = status{text: "there is nothing to copy: " + f.name + " is absent", bad: true}
		return m, nil
	case len(text) > maxCopied:
		m.status = status{text: safe.Cell(fmt.Sprintf("not copied: it is %d bytes, a clipboard takes %d", len(text), maxCopied)), bad: true}
		return m, nil
	}
	m.status.text = "copied " + f.name + " (" + safe.Cell(of) + safe.Cell(fmt.Sprintf("), %s, if the terminal allows it", plural(len(text), "byte")))
	if escaped {
		m.status.text += "; it holds signs that act or hide: copied as it is drawn"
	}
	return m, m.env.commands.copy(text)
}

// copyText is what is copied of a value: a string's text, other values as they are written. What could act where it is
// pasted, or hide there, is copied as it is drawn.
func copyText(v merge.Value) (text string, escaped bool) {
	text = string(v)
	if s, ok := v.Text(); ok {
		text = s
	}
	for i := 0; i < len(text); {
		n := clusterLength(text[i:])
		if part := text[i : i+n]; part != "\n" && part != " " && part != "\\" && string(safe.Text(part)) != part {
			return string(safe.Text(text)), true
		}
		i += n
	}
	return text, false
}

// copyCommand makes the command that writes the sequence to the terminal, between two frames: each is one write.
func copyCommand(out io.Writer) func(string) tea.Cmd {
	if out == nil {
		out = os.Stdout
	}
	return func(text string) tea.Cmd {
		return func() tea.Msg {
			// A terminal that does not take it says nothing; base64 holds nothing that it could obey.
			_, _ = io.WriteString(out, "\x1b]52;c;"+base64.StdEncoding.EncodeToString([]byte(text))+"\a")
			return nil
		}
	}
}
