package tui

import (
	"context"

	tea "github.com/charmbracelet/bubbletea"

	"dovetail/merge"
)

// playMsg is the world after something was asked of the playground.
type playMsg struct {
	seq  int
	view PlayView
	err  error
}

// playShownMsg says that the queue and the desk are those of the strategy on the screen; number is the conflict to open,
// 0 the queue.
type playShownMsg struct {
	seq    int
	number int64
	err    error
}

// playCommands make the commands of the playground.
type playCommands struct {
	goTo    func(seq, steps int) tea.Cmd
	act     func(seq int, s merge.Strategy, act PlayAct) tea.Cmd
	takeOut func(seq int) tea.Cmd
	show    func(seq int, s merge.Strategy, number int64) tea.Cmd
}

func newPlayCommands(ctx context.Context, p Playground) playCommands {
	answer := func(seq int, ask func() (PlayView, error)) tea.Cmd {
		return func() tea.Msg {
			view, err := ask()
			return playMsg{seq: seq, view: view, err: err}
		}
	}
	return playCommands{
		goTo: func(seq, steps int) tea.Cmd {
			return answer(seq, func() (PlayView, error) { return p.Go(ctx, steps) })
		},
		act: func(seq int, s merge.Strategy, act PlayAct) tea.Cmd {
			return answer(seq, func() (PlayView, error) {
				if err := p.Show(ctx, s); err != nil {
					return PlayView{}, err
				}
				return p.Act(ctx, act)
			})
		},
		takeOut: func(seq int) tea.Cmd {
			return answer(seq, func() (PlayView, error) { return p.TakeOut(ctx) })
		},
		show: func(seq int, s merge.Strategy, number int64) tea.Cmd {
			return func() tea.Msg { return playShownMsg{seq: seq, number: number, err: p.Show(ctx, s)} }
		},
	}
}
