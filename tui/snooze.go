package tui

import (
	"context"
	"maps"
	"slices"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"dovetail/tui/safe"
)

// Snoozer puts conflicts off. Where there is none, the queue does not offer it.
type Snoozer interface {
	// Snooze takes a conflict out of the open ones until a time; merge.ErrClosed, merge.ErrNotFound.
	Snooze(ctx context.Context, conflict int64, until time.Time) error
	// Wake opens it before that; the same errors.
	Wake(ctx context.Context, conflict int64) error
}

// snoozedMsg says how many conflicts were put off, or opened where until is zero, and what kept the others from it.
type snoozedMsg struct {
	n     int
	until time.Time
	err   error
}

// snoozeCommand puts conflicts off, or opens them where until is zero. One that fails does not stop the others.
func snoozeCommand(ctx context.Context, s Snoozer, numbers []int64, until time.Time) tea.Cmd {
	return func() tea.Msg {
		msg := snoozedMsg{until: until}
		for _, number := range numbers {
			var err error
			if until.IsZero() {
				err = s.Wake(ctx, number)
			} else {
				err = s.Snooze(ctx, number, until)
			}
			if err == nil {
				msg.n++
			} else if msg.err == nil {
				msg.err = err
			}
		}
		return msg
	}
}

// openSnooze asks until when the marked conflicts are put off, or the one at the cursor.
func (m *queueModel) openSnooze() {
	switch {
	case !m.env.snoozes:
		m.status.text = "nothing can be put off here"
	case len(m.marked) == 0 && len(m.w.rows) == 0:
	case m.tab == resolvedTab:
		m.status.text = "what is resolved cannot be put off"
	default:
		m.snoozing = true
	}
}

// morning is when a day's work begins, in hours.
const morning = 9

// snoozeUntil is the time that a choice stands for.
func snoozeUntil(what intent, now time.Time, in *time.Location) time.Time {
	now = now.In(in)
	days := 1
	switch what {
	case snoozeHour:
		return now.Add(time.Hour)
	case snoozeMonday:
		if days = int(time.Monday-now.Weekday()+7) % 7; days == 0 {
			days = 7
		}
	case snoozeWeek:
		days = 7
	}
	return time.Date(now.Year(), now.Month(), now.Day()+days, morning, 0, 0, 0, in)
}

// snooze takes the answer.
func (m queueModel) snooze(what intent) (queueModel, action, tea.Cmd) {
	m.status = status{}
	var until time.Time
	switch what {
	case leaveAtOnce:
		return m, action{do: quitAtOnce}, nil
	case snoozeHour, snoozeTomorrow, snoozeMonday, snoozeWeek:
		until = snoozeUntil(what, m.env.now(), m.env.location)
	case wakeUp:
	default:
		m.snoozing = false
		return m, action{}, nil
	}
	m.snoozing = false
	numbers := slices.Sorted(maps.Keys(m.marked))
	if at, ok := m.selected(); ok && len(numbers) == 0 {
		numbers = []int64{at.Number}
	}
	return m, action{}, m.env.commands.snooze(numbers, until)
}

// snoozed says what was put off, and reads the list again.
func (m *queueModel) snoozed(msg snoozedMsg) tea.Cmd {
	said := safe.Cell(plural(msg.n, "conflict")) + " open again"
	if !msg.until.IsZero() {
		said = safe.Cell(plural(msg.n, "conflict")) + " snoozed until " + when(msg.until, m.env.now(), m.env.location) +
			", and open again from then on"
	}
	m.status = status{text: said}
	switch {
	case msg.err != nil && msg.n == 0:
		m.status = failed("nothing was changed: ", msg.err)
	case msg.err != nil:
		m.status = status{text: said + "; not all: " + safe.Text(msg.err.Error()), bad: true}
	}
	if msg.n > 0 {
		m.marked = nil
	}
	return m.refresh()
}

// snoozeQuestion says what is asked, in the place of the status.
func (m *queueModel) snoozeQuestion() safe.Cell {
	if n := len(m.marked); n > 0 {
		return safe.Cell(" Snooze " + plural(n, "marked conflict") + " until when?")
	}
	at, _ := m.selected()
	return " Snooze " + at.record + " until when?"
}
