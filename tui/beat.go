package tui

import (
	"time"

	tea "github.com/charmbracelet/bubbletea"
)

// beatEvery is how often the screens look by themselves whether something has changed.
const beatEvery = 2 * time.Second

// beatMsg comes once in a while.
type beatMsg struct{}

// newBeat makes the command that waits for the next beat; nil where nothing is to be looked after.
func newBeat(c Config) func() tea.Cmd {
	if c.Claimer == nil {
		return func() tea.Cmd { return nil }
	}
	return func() tea.Cmd {
		return tea.Tick(beatEvery, func(time.Time) tea.Msg { return beatMsg{} })
	}
}

// beat does what is to be done once in a while.
func (m model) beat() (model, tea.Cmd) {
	return m, both(m.renew(), m.env.commands.beat())
}
