package tui

import (
	tea "github.com/charmbracelet/bubbletea"
)

// played hands the playground's answers to its screen, and does what that asks for.
func (m model) played(msg tea.Msg) (model, tea.Cmd) {
	var act action
	var cmd tea.Cmd
	m.play, act, cmd = m.play.Update(msg)
	if act.do == openNumber {
		cmd = both(cmd, m.queue.refresh()) // its neighbours are of this strategy, too
	}
	m, more := m.obey(act)
	return m, both(cmd, more)
}

// toPlay goes back to the playground, which is looked at again: something may have been decided.
func (m model) toPlay(note status) (model, tea.Cmd) {
	var cmd tea.Cmd
	m.screen, m.viaQueue = onPlay, false
	m.play, cmd = m.play.begin()
	m.play.status, m.play.told = note, nil
	return m, cmd
}

// playedKeys call the way back what it is where a playground stands behind the screens.
func playedKeys(keys [screens]keymap) [screens]keymap {
	for _, s := range []screen{onResolve, onCard, onReview, onWritten, onQueue} {
		for i := range keys[s] {
			b := &keys[s][i]
			switch {
			case s == onQueue && b.intent == leave:
				b.foot = "playground"
				b.SetHelp(b.Help().Key, "back to the playground")
			case b.intent == goBack && b.foot == "queue":
				b.foot = "back"
				b.SetHelp(b.Help().Key, "back to the playground, the draft is kept")
			}
		}
	}
	return keys
}
