package tui

import (
	"github.com/charmbracelet/bubbles/key"
	tea "github.com/charmbracelet/bubbletea"

	"dovetail/tui/safe"
)

// intent is what a person asks for by a key, whatever the key is.
type intent uint8

const (
	noIntent intent = iota
	goUp
	goDown
	goPageUp
	goPageDown
	goFirst
	goLast
	goLeft
	goRight
	goNextOpen
	goPrevOpen
	goNextRecord
	goPrevRecord
	take
	takeAndNext
	pickLocal
	pickServer
	pickBase
	pickCombined
	pickRemoved
	swapOrder
	pickNewest
	findField
	copyValue
	discardDraft
	keepBoth
	showHistory
	makeRule
	showDry
	editOutside
	nextValue
	editValue
	takeBack
	applyToAll
	undoStep
	redoStep
	showSame
	switchDiff
	showFull
	openReview
	openCase
	editFilter
	refresh
	undoWritten
	tabOpen
	tabDrafts
	tabSnoozed
	tabResolved
	tabNext
	tabPrevious
	writeAndNext
	writeAndBack
	editNote
	sayYes
	sayNo
	showHelp
	goBack
	leave
	leaveAtOnce
	acceptText
	acceptLine
	closeBox
	newLine
	stepOn
	stepBack
	runOn
	removeRecord
	createRecord
	switchLine
	syncNow
	takeOut
	nextStrategy
	prevStrategy
	openQueue
	turnPage
	switchQuestions
	showPalette
	switchMouse
	showGroups
	toggleMark
	writeMany
	snoozeIt
	snoozeHour
	snoozeTomorrow
	snoozeMonday
	snoozeWeek
	wakeUp
	switchOrder
	tabParked
	retryOne
	exportAll
	tabRecords
	addField
)

// screen says which keys count and which help is shown.
type screen uint8

const (
	onQueue screen = iota
	onResolve
	onCard
	onReview
	onWritten
	onFull
	onMenu
	onBox
	onLine
	onQuestion
	onHelp
	onPlay
	onQuiz
	onPalette
	onTrial
	onGroups
	onBulkMenu
	onBulk
	onWriting
	onBulkDone
	onSnooze
	onClaimed
	onFilter
	onParked
	onRecords
	onRecord
	screens
)

// binding ties keys to an intent. One table of them feeds dispatch, footer and help.
type binding struct {
	key.Binding
	intent intent
	// foot is what the footer says; a binding without it is in the help alone.
	foot string
	// footLabel is what the footer calls the keys, where it speaks of two bindings at once.
	footLabel string
	// motion says that typing the key again has no other effect than going further, so that several that arrive in
	// one message count as many.
	motion bool
	// must says that a small footer shows the binding before those that come earlier in the table.
	must bool
}

// keymap is a screen's bindings, the most important first: a small footer shows the first ones.
type keymap []binding

// bind makes a binding. label is what the keys are called.
func bind(what intent, label, foot, help string, keys ...string) binding {
	return binding{Binding: key.NewBinding(key.WithKeys(keys...), key.WithHelp(label, help)), intent: what, foot: foot}
}

// step makes a binding whose keys may repeat.
func step(what intent, label, foot, help string, keys ...string) binding {
	b := bind(what, label, foot, help, keys...)
	b.motion = true
	return b
}

// pair makes a binding whose keys may repeat, and which stands in the footer for itself and the one that goes the
// other way.
func pair(both string, what intent, label, foot, help string, keys ...string) binding {
	b := step(what, label, foot, help, keys...)
	b.footLabel = both
	return b
}

// must makes a binding one that a small footer shows first.
func must(b binding) binding {
	b.must = true
	return b
}

// intents says what a key message asks for. Fast keys may come several in a message: they count if all are motions,
// and are dropped if one is not, since then they may be a paste that the terminal did not mark. A marked paste asks
// for nothing.
func (k keymap) intents(msg tea.KeyMsg) []intent {
	if msg.Paste {
		return nil
	}
	if msg.Type != tea.KeyRunes || len(msg.Runes) == 1 {
		if b, ok := k.find(msg); ok {
			return []intent{b.intent}
		}
		return nil
	}
	var all []intent
	for _, r := range msg.Runes {
		b, ok := k.find(tea.KeyMsg{Type: tea.KeyRunes, Runes: []rune{r}, Alt: msg.Alt})
		if !ok || !b.motion {
			return nil
		}
		all = append(all, b.intent)
	}
	return all
}

// together is what to say of keys that came in one message and do not count.
const together = "several keys came at once and were left out: press them one by one"

// dropped reports whether a message holds keys that were typed so fast that they do not count.
func dropped(msg tea.KeyMsg, counted []intent) bool {
	return msg.Type == tea.KeyRunes && !msg.Paste && len(msg.Runes) > 1 && len(counted) == 0
}

// inTurn obeys the intents of one key message, until one of them is for the root.
func inTurn[M any](m M, intents []intent, obey func(M, intent) (M, action, tea.Cmd)) (M, action, tea.Cmd) {
	var act action
	var cmds []tea.Cmd
	for _, what := range intents {
		var cmd tea.Cmd
		m, act, cmd = obey(m, what)
		cmds = append(cmds, cmd)
		if act.do != nothing {
			break
		}
	}
	if len(cmds) == 1 {
		return m, act, cmds[0]
	}
	return m, act, tea.Batch(cmds...)
}

func (k keymap) find(msg tea.KeyMsg) (binding, bool) {
	for i := range k {
		if key.Matches(msg, k[i].Binding) {
			return k[i], true
		}
	}
	return binding{}, false
}

// keyFor is what to press for an intent, for a sentence that names it; ":" where it has no key of its own.
func (k keymap) keyFor(what intent) safe.Cell {
	for i := range k {
		if k[i].intent == what && len(k[i].Keys()) > 0 {
			return safe.Text(keyWord(k[i].Keys()[0]))
		}
	}
	return ":"
}

// keymaps are the bindings of every screen.
func keymaps() [screens]keymap {
	return [screens]keymap{
		onQueue:    withAlways(queueKeys()),
		onResolve:  withAlways(resolveKeys()),
		onCard:     withAlways(cardKeys(resolveKeys())),
		onReview:   withAlways(reviewKeys()),
		onWritten:  withAlways(writtenKeys()),
		onFull:     withAlways(fullKeys()),
		onMenu:     withAlways(menuKeys()),
		onBox:      withAlways(boxKeys()),
		onLine:     withAlways(lineKeys()),
		onQuestion: withAlways(questionKeys()),
		onHelp:     withAlways(helpKeys()),
		onPlay:     withAlways(playKeys()),
		onQuiz:     withAlways(quizKeys()),
		onPalette:  withAlways(paletteKeys()),
		onTrial:    withAlways(trialKeys()),
		onGroups:   withAlways(groupKeys()),
		onBulkMenu: withAlways(bulkMenuKeys()),
		onBulk:     withAlways(bulkKeys()),
		onWriting:  withAlways(bulkWritingKeys()),
		onBulkDone: withAlways(bulkDoneKeys()),
		onSnooze:   withAlways(snoozeKeys()),
		onClaimed:  withAlways(claimKeys()),
		onFilter:   withAlways(filterKeys()),
		onParked:   withAlways(parkedKeys()),
		onRecords:  withAlways(recordListKeys()),
		onRecord:   withAlways(recordKeys()),
	}
}

func withAlways(k keymap) keymap {
	return append(k, bind(leaveAtOnce, "ctrl+c", "", "leave at once; drafts are kept", "ctrl+c"))
}
