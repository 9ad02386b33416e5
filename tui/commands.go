package tui

import (
	"context"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"dovetail/merge"
)

// commands make the commands of the screens: all that reads, writes or waits. A command answers with a message and
// touches no model.
type commands struct {
	page    func(seq int, ask pageAsk, q merge.Query) tea.Cmd
	counts  func() tea.Cmd
	preview func(number int64) tea.Cmd
	open    func(seq int, number int64) tea.Cmd
	save    func(saveToken) tea.Cmd // saves what was offered
	offer   func(merge.Draft)
	write   func(w merge.Writing, next bool) tea.Cmd
	undo    func(merge.Written) tea.Cmd
	later   func(d time.Duration, msg tea.Msg) tea.Cmd
	leave   func() tea.Cmd
	editor  func(number int64, path, text string) tea.Cmd // nil: none is set
	about   aboutCommands
	play    playCommands // where there is a playground
	bulk    bulkCommands
	groups  func(seq int, q merge.Query) tea.Cmd
	copy    func(text string) tea.Cmd // nil: the terminal has no clipboard that we reach
	snooze  func(numbers []int64, until time.Time) tea.Cmd
	claims  claimCommands
	parked  parkedCommands
	records recordCommands
	// complete says what a filter may become that was typed so far.
	complete func(typed string) tea.Cmd
	beat     func() tea.Cmd // waits for the next one
	look     func() tea.Cmd // whether anything was written; nil: nobody tells
	news     func() tea.Cmd // the counts, where that is so
}

// newCommands makes them for a configuration. They end with ctx, but for saving: a draft is saved even then.
func newCommands(ctx context.Context, c Config, drafts *saver) commands {
	glyphs, always := glyphsFor(c), context.WithoutCancel(ctx)
	return commands{
		parked:   newParkedCommands(ctx, c.Parker),
		records:  newRecordCommands(ctx, c, drafts),
		editor:   editorCommand(c.Editor),
		about:    newAboutCommands(ctx, c),
		play:     newPlayCommands(ctx, c.Play),
		bulk:     newBulkCommands(ctx, c, drafts, glyphs),
		groups:   func(seq int, q merge.Query) tea.Cmd { return groupsCommand(ctx, c, seq, q) },
		copy:     copyCommand(c.Output),
		snooze:   func(numbers []int64, until time.Time) tea.Cmd { return snoozeCommand(ctx, c.Snoozer, numbers, until) },
		claims:   newClaimCommands(ctx, c),
		complete: func(typed string) tea.Cmd { return completeCommand(ctx, c, typed) },
		beat:     newBeat(c),
		look:     newLook(ctx, c),
		news: func() tea.Cmd {
			return func() tea.Msg {
				counts, err := c.Queue.Counts(ctx, c.Person)
				return newsMsg{counts: counts, err: err}
			}
		},
		offer: drafts.offer,
		page: func(seq int, ask pageAsk, q merge.Query) tea.Cmd {
			return func() tea.Msg {
				page, err := c.Queue.Conflicts(ctx, q)
				return pageMsg{seq: seq, ask: ask, page: page, err: err}
			}
		},
		counts: func() tea.Cmd {
			return func() tea.Msg {
				counts, err := c.Queue.Counts(ctx, c.Person)
				return countsMsg{counts: counts, err: err}
			}
		},
		preview: func(number int64) tea.Cmd {
			return func() tea.Msg {
				kase, err := c.Desk.Case(ctx, number)
				if err != nil {
					return previewMsg{number: number, err: err}
				}
				return previewMsg{number: number, study: newStudy(kase, glyphs)}
			}
		},
		open:  func(seq int, number int64) tea.Cmd { return openCommand(ctx, c, drafts, glyphs, seq, number) },
		save:  func(token saveToken) tea.Cmd { return saveCommand(always, drafts, token) },
		write: func(w merge.Writing, next bool) tea.Cmd { return writeCommand(ctx, always, c.Desk, drafts, w, next) },
		undo: func(w merge.Written) tea.Cmd {
			return func() tea.Msg {
				written, err := c.Desk.Undo(ctx, w, c.Person)
				return undoneMsg{was: w, written: written, err: err}
			}
		},
		later: func(d time.Duration, msg tea.Msg) tea.Cmd {
			return tea.Tick(d, func(time.Time) tea.Msg { return msg })
		},
		leave: func() tea.Cmd { return leaveCommand(always, drafts) },
	}
}

func saveCommand(always context.Context, drafts *saver, token saveToken) tea.Cmd {
	return func() tea.Msg {
		at, err := drafts.flush(always)
		return savedMsg{token: token, at: at, err: err}
	}
}

// writeCommand writes, but the draft first: it must survive whatever becomes of the writing.
func writeCommand(ctx, always context.Context, desk Desk, drafts *saver, w merge.Writing, next bool) tea.Cmd {
	return func() tea.Msg {
		if _, err := drafts.flush(always); err != nil {
			return wroteMsg{next: next, err: err}
		}
		written, err := desk.Resolve(ctx, w)
		return wroteMsg{written: written, next: next, err: err}
	}
}

// leaveCommand saves what is not saved. Over a line that is dead it is not waited for long.
func leaveCommand(ctx context.Context, drafts *saver) tea.Cmd {
	return func() tea.Msg {
		soon, cancel := context.WithTimeout(ctx, lastSave)
		defer cancel()
		_, err := drafts.flush(soon)
		return leftMsg{err: err}
	}
}

func groupsCommand(ctx context.Context, c Config, seq int, q merge.Query) tea.Cmd {
	return func() tea.Msg {
		groups, err := c.Queue.Groups(ctx, q)
		return groupsMsg{seq: seq, groups: groups, err: err}
	}
}

// openCommand reads a conflict and the person's draft on it, after the drafts that wait were saved.
func openCommand(ctx context.Context, c Config, drafts *saver, g *glyphs, seq int, number int64) tea.Cmd {
	return func() tea.Msg {
		_, _ = drafts.flush(context.WithoutCancel(ctx)) // what failed stays offered, and is told when it is tried again
		kase, err := c.Desk.Case(ctx, number)
		if err != nil {
			return caseMsg{seq: seq, err: err}
		}
		draft, err := c.Desk.Draft(ctx, number, c.Person)
		if err != nil {
			return caseMsg{seq: seq, err: err}
		}
		return caseMsg{seq: seq, study: newStudy(kase, g), draft: draft}
	}
}

func glyphsFor(c Config) *glyphs {
	if c.ASCII {
		return asciiGlyphs()
	}
	return unicodeGlyphs()
}
