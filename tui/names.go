package tui

import (
	tea "github.com/charmbracelet/bubbletea"
)

// intentNames are what actions are called where they are not asked for by a key.
var intentNames = map[intent]string{
	goUp: "up", goDown: "down", goPageUp: "page-up", goPageDown: "page-down", goFirst: "first", goLast: "last",
	goLeft: "left", goRight: "right", goNextOpen: "next-left", goPrevOpen: "previous-left",
	goNextRecord: "next-conflict", goPrevRecord: "previous-conflict",
	take: "take", takeAndNext: "take-and-next", pickLocal: "local", pickServer: "server", pickBase: "base",
	pickCombined: "combined", pickRemoved: "remove", editValue: "edit", takeBack: "un-decide", applyToAll: "all-left",
	undoStep: "undo", redoStep: "redo", showSame: "same-fields", switchDiff: "compare", showFull: "full-values",
	openReview: "review", openCase: "open", editFilter: "filter", refresh: "refresh", undoWritten: "undo-written",
	tabOpen: "open-conflicts", tabSnoozed: "snoozed-conflicts", tabResolved: "resolved-conflicts",
	tabNext: "next-list", tabPrevious: "previous-list",
	writeAndNext: "write-and-next", writeAndBack: "write-and-back", editNote: "note", sayYes: "yes", sayNo: "no",
	showHelp: "help", goBack: "back", leave: "quit", leaveAtOnce: "quit-at-once",
	acceptText: "accept", acceptLine: "accept-line", closeBox: "close", newLine: "new-line",
	stepOn: "step", stepBack: "step-back", runOn: "to-the-end", removeRecord: "delete", createRecord: "new-record", switchLine: "cut-line",
	syncNow: "sync", takeOut: "take-out", nextStrategy: "next-strategy", prevStrategy: "previous-strategy",
	openQueue: "queue", turnPage: "more", switchQuestions: "questions", showPalette: "actions", switchMouse: "mouse",
	keepBoth: "keep-both", showHistory: "history", makeRule: "make-rule", showDry: "dry-run", editOutside: "edit-outside",
	nextValue: "next-value", tabDrafts: "drafts", showGroups: "groups", toggleMark: "mark", writeMany: "write-many",
	snoozeIt: "snooze", snoozeHour: "snooze-hour", snoozeTomorrow: "snooze-tomorrow", snoozeMonday: "snooze-monday",
	snoozeWeek: "snooze-week", swapOrder: "other-order", pickNewest: "newest", findField: "find", copyValue: "copy",
	discardDraft: "discard-draft", wakeUp: "wake-up", switchOrder: "sort", tabParked: "parked-changes",
	retryOne: "try-again", exportAll: "export", tabRecords: "records", addField: "add-field",
}

// named is the binding of a name.
func (k keymap) named(name string) (binding, bool) {
	for i := range k {
		if name != "" && intentNames[k[i].intent] == name {
			return k[i], true
		}
	}
	return binding{}, false
}

// run does an action of the screen that is shown, whatever asked for it.
func (m model) run(what intent) (model, tea.Cmd) {
	var act action
	var cmd tea.Cmd
	switch what {
	case showPalette:
		m.choosing = true
		m.palette = m.palette.start(m.keysShown())
		return m, nil
	case switchMouse:
		return m.switchMouse()
	}
	switch m.screen {
	case onResolve:
		m.resolve, act, cmd = m.resolve.obey(what)
	case onReview:
		m.review, act = m.review.obey(what)
	case onWritten:
		m.written, act = m.written.obey(what)
	case onPlay:
		m.play, act, cmd = m.play.obey(what)
	case onBulk:
		m.bulk, act, cmd = m.bulk.obey(what)
	case onRecords:
		m.records, act, cmd = m.records.obey(what)
	default:
		m.queue, act, cmd = m.queue.obeyNow(what)
	}
	m, more := m.obey(act)
	return m, both(cmd, more)
}
