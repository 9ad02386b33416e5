package tui

import (
	"errors"
	"fmt"
	"strconv"

	tea "github.com/charmbracelet/bubbletea"

	"dovetail/merge"
	"dovetail/tui/safe"
	"dovetail/tui/theme"
)

// model is the root: it holds the screens, hands messages to them and does what they ask for. It decides nothing.
type model struct {
	env           *env
	width, height int
	screen        screen
	helping       bool
	choosing      bool // an action, from the palette

	queue   queueModel
	resolve resolveModel
	review  reviewModel
	written writtenModel
	help    helpModel
	palette paletteModel
	play    playModel
	bulk    bulkModel
	records recordsModel
	// viaQueue says that the conflict on the screen was opened from the queue of a playground.
	viaQueue bool
	held     held
	moment   int64 // of the queue, at which it was read last
	taken    int   // lines of the screen, by what warns above help or a list

	mouse       bool
	leaving     bool
	interrupted bool
	start       int64
}

func newModel(c Config, do commands) model {
	e := newEnv(c, do)
	m := model{env: e, queue: newQueue(e, c.Notice), resolve: newResolve(e), review: newReview(e),
		written: newWritten(e), help: newHelp(e), palette: newPalette(e), play: newPlay(e, c.Ask), bulk: newBulk(e), records: newRecords(e), start: c.Open}
	m.queue.seq = 1 // of the first page, which Init asks for
	m.queue.asking = askFirst
	if e.playing {
		m.screen = onPlay
		m.play.seq, m.play.busy = 1, true // of the world, which Init asks for
	}
	if c.Open != 0 {
		m.screen = onResolve
		m.resolve, _ = m.resolve.start(c.Open, "", status{})
	}
	return m
}

// Init reads the queue, and the conflict to begin with.
func (m model) Init() tea.Cmd {
	do := m.env.commands
	if m.env.playing {
		return do.play.goTo(m.play.seq, -1)
	}
	first := do.page(m.queue.seq, askFirst, merge.Query{Filter: m.queue.query(), Person: m.env.you, Limit: pageRows})
	cmds := []tea.Cmd{first, do.counts(), do.beat()}
	if m.start != 0 {
		cmds = append(cmds, do.open(m.resolve.seq, m.start), do.claims.claim(m.start, false))
	}
	return tea.Batch(cmds...)
}

// Update hands a message to where it belongs.
func (m model) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	m, cmd := m.handed(msg)
	return m.makeRoom(), cmd
}

func (m model) handed(msg tea.Msg) (model, tea.Cmd) {
	var cmd tea.Cmd
	switch msg := msg.(type) {
	case tea.WindowSizeMsg:
		m = m.setSize(msg.Width, msg.Height)
	case tea.KeyMsg:
		m, cmd = m.key(msg)
	case tea.MouseMsg:
		m, cmd = m.moused(msg)
	case snoozedMsg:
		m, cmd = m.snoozed(msg)
	case pageMsg, countsMsg, newsMsg, offersMsg, pausedMsg, parkedMsg, retriedMsg, exportedMsg, previewMsg, groupsMsg:
		m.queue, _, cmd = m.queue.Update(msg)
	case collectionsMsg, foundMsg, recordMsg, recordWroteMsg, recordSavedMsg, recordTypedMsg:
		m.records, _, cmd = m.records.Update(msg)
	case historyMsg:
		m, cmd = m.answered(msg.number, msg)
	case editedMsg:
		m, cmd = m.answered(msg.number, msg)
	case caseMsg, savedMsg, typedMsg, trialMsg, ruledMsg:
		m.resolve, _, cmd = m.resolve.Update(msg)
	case bulkRowsMsg, bulkPlanMsg, bulkDoneMsg:
		m.bulk, _, cmd = m.bulk.Update(msg)
	case playMsg, playShownMsg:
		m, cmd = m.played(msg)
	case claimedMsg:
		m, cmd = m.claimed(msg)
	case beatMsg:
		m, cmd = m.beat()
	case lookedMsg:
		m, cmd = m.looked(msg)
	case wroteMsg:
		m, cmd = m.wrote(msg)
	case undoneMsg:
		m, cmd = m.undone(msg)
	case leaveMsg:
		m, cmd = m.goAway(msg.interrupted)
	case leftMsg:
		cmd = tea.Quit
	}
	return m, cmd
}

func (m model) setSize(width, height int) model {
	m.width, m.height = width, height
	height -= m.taken
	m.queue = m.queue.setSize(width, height)
	m.resolve = m.resolve.setSize(width, height)
	m.review = m.review.setSize(width, height)
	m.written = m.written.setSize(width, height)
	m.help = m.help.setSize(width, height)
	m.palette = m.palette.setSize(width, height)
	m.play = m.play.setSize(width, height)
	m.bulk = m.bulk.setSize(width, height)
	m.records = m.records.setSize(width, height)
	return m
}

// View draws the screen that is shown.
func (m model) View() string {
	m.env.frame.above = m.above()
	switch {
	case m.width == 0 || m.height == 0:
		return ""
	case m.width < minWidth || m.height < minHeight:
		return m.tooSmall()
	case m.helping:
		return m.help.View()
	case m.choosing:
		return m.palette.View()
	case m.screen == onResolve:
		return m.resolve.View()
	case m.screen == onReview:
		return m.review.View()
	case m.screen == onWritten:
		return m.written.View()
	case m.screen == onPlay:
		return m.play.View()
	case m.screen == onBulk:
		return m.bulk.View()
	case m.screen == onRecords:
		return m.records.View()
	}
	return m.queue.View()
}

func (m model) tooSmall() string {
	f := m.env.frame
	f.begin(m.width, m.height)
	f.put(theme.Plain, safe.Cell(fmt.Sprintf("needs %dx%d, is %dx%d", minWidth, minHeight, m.width, m.height)))
	return f.end()
}

// key hands a key to the screen that is shown. In a terminal too small to see anything, only leaving counts.
func (m model) key(msg tea.KeyMsg) (model, tea.Cmd) {
	if m.leaving {
		return m, nil
	}
	if m.width < minWidth || m.height < minHeight {
		if msg.Type == tea.KeyCtrlC {
			return m.goAway(true)
		}
		return m, nil
	}
	if m.helping {
		return m.helpKey(msg)
	}
	if m.choosing {
		return m.paletteKey(msg)
	}
	if what := m.rootAsked(msg); what != noIntent {
		return m.run(what)
	}
	var act action
	var cmd tea.Cmd
	switch m.screen {
	case onResolve:
		m.resolve, act, cmd = m.resolve.Update(msg)
	case onReview:
		m.review, act, cmd = m.review.Update(msg)
	case onWritten:
		m.written, act, cmd = m.written.Update(msg)
	case onPlay:
		m.play, act, cmd = m.play.Update(msg)
	case onBulk:
		m.bulk, act, cmd = m.bulk.Update(msg)
	case onRecords:
		m.records, act, cmd = m.records.Update(msg)
	default:
		m.queue, act, cmd = m.queue.Update(msg)
	}
	m, more := m.obey(act)
	return m, both(cmd, more)
}

func (m model) helpKey(msg tea.KeyMsg) (model, tea.Cmd) {
	if m.help.finding && msg.Type != tea.KeyCtrlC {
		m.help = m.help.typed(msg)
		return m, nil
	}
	for _, what := range m.env.keys[onHelp].intents(msg) {
		if what == leaveAtOnce {
			return m.goAway(true)
		}
		m.help, m.helping = m.help.obey(what)
	}
	return m, nil
}

// obey does what a screen asks for.
func (m model) obey(act action) (model, tea.Cmd) {
	switch act.do {
	case openNumber:
		return m.open(act.number, status{})
	case openTheQueue:
		m.viaQueue = true
		return m.toQueue(status{})
	case openNeighbour:
		return m.openNeighbour(act.step)
	case backToQueue:
		return m.toQueue(status{})
	case backToFields:
		m.screen = onResolve
		m.resolve.draft.Note = m.review.draft.Note
	case toBulk:
		var cmd tea.Cmd
		m.screen = onBulk
		m.bulk, cmd = m.bulk.start(*act.bulk)
		return m, cmd
	case againBulk:
		m.screen, m.bulk.stage = onBulk, bulkAsking
	case backFromBulk:
		return m.backFromBulk()
	case toRecords:
		var cmd tea.Cmd
		m.screen = onRecords
		m.records, cmd = m.records.start(&m.queue)
		return m, cmd
	case toTab:
		return m.toTab(act.tab)
	case toReview:
		m.screen = onReview
		m.review = m.review.start(m.resolve)
	case write:
		return m, m.env.commands.write(m.review.asked(), act.next)
	case undo:
		return m, m.env.commands.undo(act.was)
	case help:
		m.helping = true
		keys, title := m.keysShown()
		m.help = m.help.start(keys, title, m.signsShown())
	case quit:
		if m.env.playing && m.screen == onQueue {
			return m.toPlay(status{})
		}
		return m.goAway(false)
	case quitAtOnce:
		return m.goAway(true)
	}
	return m, nil
}

func (m model) keysShown() (keymap, safe.Cell) {
	switch m.screen {
	case onResolve:
		return m.resolve.keys(), "resolve a conflict"
	case onReview:
		return m.env.keys[onReview], "review"
	case onWritten:
		return m.env.keys[onWritten], "written"
	case onPlay:
		return m.play.keys(), "playground"
	case onBulk:
		return m.bulk.keys(), "decide together"
	case onRecords:
		return m.records.keys(), "records"
	}
	return m.queue.keys(), "queue"
}

// signsShown are the signs that the screen below the help draws.
func (m model) signsShown() []sign {
	switch {
	case m.screen == onResolve || m.screen == onReview:
		return fieldSigns
	case m.screen == onQueue && !m.queue.parked.shown && !m.queue.groups.shown:
		return queueSigns
	}
	return nil
}

func (m model) open(number int64, note status) (model, tea.Cmd) {
	var cmd tea.Cmd
	m.screen = onResolve
	m.resolve, cmd = m.resolve.start(number, m.queue.place(number), note)
	m, claim := m.claim(number)
	return m, both(cmd, claim)
}

func (m model) openNeighbour(dir int) (model, tea.Cmd) {
	q, number, cmd := m.queue.neighbour(m.resolve.number, dir)
	m.queue = q
	if number == 0 {
		m.resolve.status.text = "this is the last conflict of the list"
		if dir < 0 {
			m.resolve.status.text = "this is the first conflict of the list"
		}
		return m, cmd
	}
	m, open := m.open(number, status{})
	return m, both(cmd, open)
}

// toQueue goes back to the queue, which is read again: drafts and conflicts have changed.
func (m model) toQueue(note status) (model, tea.Cmd) {
	if m.env.playing && !m.viaQueue {
		return m.toPlay(note)
	}
	m.screen = onQueue
	m, back := m.giveUp(0)
	cmd := m.queue.refresh()
	m.queue.status = note
	return m, both(back, cmd)
}

// wrote takes the answer to a writing. Where the record moved, or another was faster, nothing is written, and the
// person goes on with the conflict as it is now, with the draft.
func (m model) wrote(msg wroteMsg) (model, tea.Cmd) {
	m.review.writing = false
	switch {
	case errors.Is(msg.err, merge.ErrStale):
		return m.lookAgain("Nothing was written.")
	case errors.Is(msg.err, merge.ErrClosed):
		until := safe.Cell("")
		if m.env.replica {
			until = "until it is sent, "
		}
		return m.lookAgain("Nothing was written: someone else resolved this first. Your draft is kept; " + until + "`dovetail undo " +
			m.review.s.record + "` opens it again.")
	case errors.As(msg.err, new(*merge.RuleError)):
		m.review.refused(&m.resolve, msg.err)
		return m, nil
	case msg.err != nil:
		m.review.status = failed("not written: ", msg.err)
		return m, nil
	}
	q, next, cmd := m.queue.wrote(msg.written)
	m.queue = q
	m.held = held{} // what is written is given back
	note := status{text: "written " + writtenWord(msg.written) + ": U in the queue undoes it"}
	if !msg.next {
		m, back := m.toQueue(status{text: m.written.wordFor(msg.written)})
		return m, both(cmd, back)
	}
	if next == 0 {
		m.screen = onWritten
		m.written = m.written.start(msg.written, m.review.s, m.queue.counts.Open)
		return m, cmd
	}
	m, open := m.open(next, note)
	return m, both(cmd, open)
}

// backFromBulk goes back to where many were chosen; the counts of the groups are others now.
func (m model) backFromBulk() (model, tea.Cmd) {
	m.queue.afterBulk(m.bulk)
	grouped := m.queue.groups.shown
	m, cmd := m.toQueue(status{})
	if grouped {
		cmd = both(cmd, m.queue.openGroups())
	}
	return m, cmd
}

func (m model) lookAgain(note safe.Cell) (model, tea.Cmd) {
	var cmd tea.Cmd
	m.screen = onResolve
	m.resolve.draft.Note = m.review.draft.Note
	m.resolve, cmd = m.resolve.reload(note)
	return m, cmd
}

// undone takes the answer to an undo.
func (m model) undone(msg undoneMsg) (model, tea.Cmd) {
	if msg.err != nil {
		m.queue.status = failed("not undone: ", msg.err)
		m.written.status = m.queue.status
		return m, nil
	}
	m.queue.last = merge.Written{}
	m.written.undone = true
	before := "resolution " + strconv.FormatInt(msg.was.Resolution, 10)
	if msg.was.Resolution == 0 {
		before = "it was resolved"
	}
	said := safe.Text(msg.written.Record.String()) + safe.Cell(fmt.Sprintf(" is again as before %s, as v%d; its conflict is open",
		before, msg.written.Version))
	if msg.written.Pending {
		said = safe.Text(msg.written.Record.String()) + ": the decision is taken back; its conflict is open"
	}
	return m.toQueue(status{text: said})
}

// goAway saves what is not saved and leaves.
func (m model) goAway(interrupted bool) (model, tea.Cmd) {
	m.interrupted = m.interrupted || interrupted
	if m.leaving {
		return m, nil
	}
	m.leaving = true
	m, back := m.giveUp(0)
	if back == nil {
		return m, m.env.commands.leave()
	}
	return m, tea.Sequence(back, m.env.commands.leave())
}

func both(a, b tea.Cmd) tea.Cmd {
	switch {
	case a == nil:
		return b
	case b == nil:
		return a
	}
	return tea.Batch(a, b)
}
