package tui

import (
	"context"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"dovetail/merge"
)

// Watcher tells when something was written, by whomever.
type Watcher interface {
	// Moment is a number that is another one after each writing. It is asked every few seconds.
	Moment(context.Context) (int64, error)
}

// beatEvery is how often the screens look by themselves whether something has changed.
const beatEvery = 2 * time.Second

// What comes by itself.
type (
	// beatMsg comes once in a while.
	beatMsg struct{}
	// lookedMsg says at which moment the queue is.
	lookedMsg struct {
		moment int64
		err    error
	}
	// newsMsg are the counts, read again because something was written.
	newsMsg struct {
		counts merge.Counts
		err    error
	}
)

// newBeat makes the command that waits for the next beat; it is none where nothing is to be looked after.
func newBeat(c Config) func() tea.Cmd {
	if c.Claimer == nil && c.Watcher == nil {
		return func() tea.Cmd { return nil }
	}
	return func() tea.Cmd {
		return tea.Tick(beatEvery, func(time.Time) tea.Msg { return beatMsg{} })
	}
}

func newLook(ctx context.Context, c Config) func() tea.Cmd {
	if c.Watcher == nil {
		return nil
	}
	return func() tea.Cmd {
		return func() tea.Msg {
			moment, err := c.Watcher.Moment(ctx)
			return lookedMsg{moment, err}
		}
	}
}

// beat does what is to be done once in a while. The next one comes after the look, so that a slow one is not asked for twice.
func (m model) beat() (model, tea.Cmd) {
	again := both(m.renew(), both(m.resolve.saveAgain(), m.records.saveAgain()))
	if m.env.commands.look == nil {
		return m, both(again, m.env.commands.beat())
	}
	return m, both(again, m.env.commands.look())
}

// looked reads the queue, or the records, again where something was written. What is asked or typed there is about what is shown: then it
// waits, as it does while a page is under way.
func (m model) looked(msg lookedMsg) (model, tea.Cmd) {
	next := m.env.commands.beat()
	switch q := &m.queue; {
	case msg.err != nil, msg.moment == m.moment:
	case m.screen == onRecords && !m.records.busy():
		m.moment = msg.moment
		return m, both(m.records.readNews(), next)
	case m.screen != onQueue || q.asking != askNone || q.inBox || q.snoozing || q.question:
	default:
		m.moment = msg.moment
		return m, both(q.readNews(), next)
	}
	return m, next
}
