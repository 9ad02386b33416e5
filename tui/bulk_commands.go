package tui

import (
	"context"
	"errors"

	tea "github.com/charmbracelet/bubbletea"

	"dovetail/merge"
	"dovetail/tui/safe"
)

const (
	bulkMost  = 2000 // conflicts that are decided together at most
	bulkPlans = 25   // that are looked at before the screen says how far it is
	bulkWrite = 10   // that are written before it does
)

// bulkCommands make the commands that go over many conflicts.
type bulkCommands struct {
	rows  func(seq int, q merge.Query) tea.Cmd
	plan  func(seq int, rows []merge.Conflict, choice merge.Choice, filter merge.Filter) tea.Cmd
	write func(seq int, at []int, lines []bulkLine) tea.Cmd
	undo  func(seq int, at []int, lines []bulkLine) tea.Cmd
}

type (
	// bulkRowsMsg are the conflicts to be decided; more says that there are others beyond them.
	bulkRowsMsg struct {
		seq  int
		rows []merge.Conflict
		more bool
		err  error
	}
	// bulkPlanMsg says what would become of some of them.
	bulkPlanMsg struct {
		seq   int
		lines []bulkLine
		err   error
	}
	// bulkDoneMsg says what became of the lines at some places.
	bulkDoneMsg struct {
		seq   int
		at    []int
		lines []bulkLine
	}
)

func newBulkCommands(ctx context.Context, c Config, drafts *saver, g *glyphs) bulkCommands {
	return bulkCommands{
		rows: func(seq int, q merge.Query) tea.Cmd {
			return func() tea.Msg {
				msg := bulkRowsMsg{seq: seq}
				msg.rows, msg.more, msg.err = bulkRows(ctx, c.Queue, q)
				return msg
			}
		},
		plan: func(seq int, rows []merge.Conflict, choice merge.Choice, filter merge.Filter) tea.Cmd {
			return func() tea.Msg {
				_, _ = drafts.flush(context.WithoutCancel(ctx)) // what failed stays offered, and is told when it is tried again
				msg := bulkPlanMsg{seq: seq}
				for _, row := range rows {
					kase, err := c.Desk.Case(ctx, row.Number)
					if err == nil {
						var draft merge.Draft
						draft, err = c.Desk.Draft(ctx, row.Number, c.Person)
						draft.Person = c.Person
						msg.lines = append(msg.lines, planLine(kase, draft, choice, filter, g))
					}
					if err != nil {
						msg.err = err
						break
					}
				}
				return msg
			}
		},
		write: func(seq int, at []int, lines []bulkLine) tea.Cmd {
			return func() tea.Msg {
				for i := range lines {
					writeLine(ctx, c.Desk, &lines[i])
				}
				return bulkDoneMsg{seq: seq, at: at, lines: lines}
			}
		},
		undo: func(seq int, at []int, lines []bulkLine) tea.Cmd {
			return func() tea.Msg {
				for i := range lines {
					undoLine(ctx, c.Desk, c.Person, &lines[i])
				}
				return bulkDoneMsg{seq: seq, at: at, lines: lines}
			}
		},
	}
}

func bulkRows(ctx context.Context, queue Queue, q merge.Query) (rows []merge.Conflict, more bool, err error) {
	for {
		q.Limit = min(5*pageRows, bulkMost-len(rows))
		page, err := queue.Conflicts(ctx, q)
		if err != nil {
			return nil, false, err
		}
		rows = append(rows, page.Conflicts...)
		if !page.After || len(page.Conflicts) == 0 || len(rows) >= bulkMost {
			return rows, page.After, nil
		}
		q.From = page.Last
	}
}

// writeLine writes one of many. The draft is saved first: it is what is left if the record moves at this moment.
func writeLine(ctx context.Context, desk Desk, line *bulkLine) {
	err := desk.SaveDraft(ctx, line.draft)
	if err == nil {
		line.written, err = desk.Resolve(ctx, line.writing)
	}
	switch {
	case errors.Is(err, merge.ErrStale):
		line.state, line.said = bulkFailed, "not written: the record moved meanwhile; open it to decide anew, your draft is kept"
	case errors.Is(err, merge.ErrClosed):
		line.state, line.said = bulkFailed, "not written: it was resolved meanwhile; `dovetail log "+line.record+"` tells by whom"
	case err != nil:
		line.state, line.said = bulkFailed, "not written: "+safe.Text(err.Error())
	default:
		line.state, line.said = bulkWritten, writtenNumbers(line.written)+": "+line.change
	}
}

// undoLine takes one of many back, and the choice for all with it: a draft that still has that would stand in the way of another
// choice for all.
func undoLine(ctx context.Context, desk Desk, person string, line *bulkLine) {
	if _, err := desk.Undo(ctx, line.written, person); err != nil {
		line.said = "not undone: " + safe.Text(err.Error())
		return
	}
	line.state, line.said = bulkUndone, "undone; its conflict is open"
	if err := desk.SaveDraft(ctx, line.before); err != nil {
		line.said += ", with what was chosen as your draft: " + safe.Text(err.Error())
	}
}
