package tui

import (
	"fmt"
	"strconv"

	tea "github.com/charmbracelet/bubbletea"

	"dovetail/merge"
	"dovetail/tui/safe"
)

// tab is one of the lists.
type tab uint8

const (
	openTab tab = iota
	draftsTab
	snoozedTab
	resolvedTab
	tabs
)

var tabStates = [tabs][]merge.State{{merge.Open}, {merge.Open, merge.Snoozed}, {merge.Snoozed}, {merge.Resolved}}

// queueModel is the list of conflicts. It holds a window of rows around the cursor and asks for more as the cursor
// comes near its ends.
type queueModel struct {
	env           *env
	width, height int

	tab    tab
	filter merge.Filter
	typed  string // the filter as it was typed
	box    box
	inBox  bool
	boxErr safe.Cell
	offers offers
	newest bool // comes first

	w    window
	list // of the window's rows

	seq     int
	asking  pageAsk  // what is under way; askNone is nothing
	spanned heldSpan // what was asked for again
	loaded  bool
	err     error
	counts  merge.Counts
	counted bool

	preview   *study
	previewOf int64 // the conflict that the preview, or its error, is of
	previewEr error
	reading   int64 // the conflict whose preview is under way
	pause     int   // counts the times that the cursor came to another one
	old       bool  // the preview is shown until it was read again

	groups   groupList
	parked   parkedList
	group    *merge.Group             // the one that is stepped through; nil: all
	marked   map[int64]merge.Conflict // by number
	snoozing bool                     // until when is asked

	last        merge.Written // what this session wrote last
	bulkWritten int           // how many conflicts were decided together last, unless one was written since
	question    bool          // whether to undo it
	news        news
	status      status
}

func newQueue(e *env, notice string) queueModel {
	return queueModel{env: e, status: status{text: safe.Text(notice)}}
}

func (m queueModel) setSize(width, height int) queueModel {
	m.width, m.height = width, height
	m.keepInSight()
	return m
}

// Update handles a key or a command's answer.
func (m queueModel) Update(msg tea.Msg) (queueModel, action, tea.Cmd) {
	switch msg := msg.(type) {
	case pageMsg:
		cmd := m.took(msg)
		return m, action{}, cmd
	case countsMsg:
		if msg.err == nil {
			m.counts, m.counted = msg.counts, true
		}
	case parkedMsg:
		m.tookParked(msg)
	case retriedMsg:
		cmd := m.retried(msg)
		return m, action{}, cmd
	case exportedMsg:
		m.exported(msg)
	case pausedMsg:
		if msg.pause == m.pause {
			return m, action{}, m.readNow()
		}
	case newsMsg:
		m.tookNews(msg)
	case offersMsg:
		m.tookOffers(msg)
	case snoozedMsg:
		cmd := m.snoozed(msg)
		return m, action{}, cmd
	case groupsMsg:
		m.tookGroups(msg)
	case previewMsg:
		cmd := m.previewed(msg)
		return m, action{}, cmd
	case tea.KeyMsg:
		if m.inBox {
			return m.filterKey(msg)
		}
		if m.parked.naming {
			return m.exportKey(msg)
		}
		return m.keyed(msg)
	}
	return m, action{}, nil
}

func (m queueModel) keys() keymap {
	switch {
	case m.question:
		return m.env.keys[onQuestion]
	case m.inBox:
		return m.env.keys[onFilter]
	case m.snoozing:
		return m.env.keys[onSnooze]
	case m.parked.naming:
		return m.env.keys[onLine]
	case m.parked.shown:
		return m.env.keys[onParked]
	case m.groups.shown:
		return m.env.keys[onGroups]
	}
	return m.env.keys[onQueue]
}

func (m queueModel) keyed(msg tea.KeyMsg) (queueModel, action, tea.Cmd) {
	intents := m.keys().intents(msg)
	if dropped(msg, intents) {
		m.status = status{text: together, bad: true}
	}
	return inTurn(m, intents, queueModel.obeyNow)
}

func (m queueModel) obey(what intent) (queueModel, action, tea.Cmd) {
	m.status, m.news = status{}, news{}
	if out, ok := leads(what); ok {
		return m, out, nil
	}
	switch what {
	case openCase:
		return m.openAtCursor()
	case snoozeIt:
		m.openSnooze()
	case showGroups, toggleMark, applyToAll:
		return m.obeyTogether(what)
	case undoWritten:
		if m.bulkWritten > 0 && !m.onResolved() {
			return m, action{do: againBulk}, nil
		}
		m.askUndo()
	case sayYes:
		m.question = false
		return m, action{do: undo, was: m.toUndo()}, nil
	case sayNo:
		m.question = false
	case editFilter:
		m.openFilter()
	case goBack:
		cmd := m.clear()
		return m, action{}, cmd
	case tabOpen, tabDrafts, tabSnoozed, tabResolved:
		cmd := m.setTab(tab(what - tabOpen))
		return m, action{}, cmd
	case tabParked:
		cmd := m.openParked()
		return m, action{}, cmd
	case tabRecords:
		return m.openRecords()
	case tabNext:
		cmd := m.setTab((m.tab + 1) % tabs)
		return m, action{}, cmd
	case tabPrevious:
		cmd := m.setTab((m.tab + tabs - 1) % tabs)
		return m, action{}, cmd
	case switchOrder:
		cmd := m.switchOrder()
		return m, action{}, cmd
	case refresh:
		cmd := m.refresh()
		return m, action{}, cmd
	default:
		cmd := m.went(what)
		return m, action{}, cmd
	}
	return m, action{}, nil
}

func (m queueModel) openAtCursor() (queueModel, action, tea.Cmd) {
	at, ok := m.selected()
	if !ok {
		return m, action{}, nil
	}
	return m, action{do: openNumber, number: at.Number}, nil
}

// onResolved reports whether the cursor is on a conflict that was resolved.
func (m *queueModel) onResolved() bool {
	at, ok := m.selected()
	return ok && at.State == merge.Resolved
}

// toUndo is what U takes back: what decided the resolved conflict at the cursor, elsewhere what this session wrote last. Of the
// former nothing but the conflict and its record is known here.
func (m *queueModel) toUndo() merge.Written {
	if at, ok := m.selected(); ok && at.State == merge.Resolved && at.Number != m.last.Conflict {
		return merge.Written{Conflict: at.Number, Record: at.Record}
	}
	return m.last
}

func (m *queueModel) askUndo() {
	if m.toUndo().Conflict == 0 {
		m.status.text = "nothing was written in this session; `dovetail undo RECORD` takes back what was written before"
		if m.env.replica {
			m.status.text = "nothing was written in this session; `dovetail undo RECORD` takes back what was not sent yet"
		}
		return
	}
	m.question = true
}

// went moves the cursor; its ends are the queue's, not the window's.
func (m *queueModel) went(what intent) tea.Cmd {
	switch what {
	case goUp, goDown, goPageUp, goPageDown:
	case goFirst:
		if _, more := m.w.moreBefore(); more {
			return m.ask(askFirst)
		}
	case goLast:
		if _, more := m.w.moreAfter(); more {
			return m.ask(askLast)
		}
	default:
		return nil
	}
	m.move(what, len(m.w.rows), m.listHeight(), max(m.listHeight()-1, 1))
	return m.settle()
}

// keepInSight puts the cursor on a row that is there, and the row on the screen.
func (m *queueModel) keepInSight() { m.keep(len(m.w.rows), m.listHeight()) }

// settle asks for what the cursor's place calls for: rows near the window's ends, and the preview.
func (m *queueModel) settle() tea.Cmd {
	near := max(2*m.listHeight(), 20)
	var page tea.Cmd
	if _, more := m.w.moreAfter(); more && m.asking == askNone && len(m.w.rows)-m.cursor < near {
		page = m.ask(askAfter)
	} else if _, more := m.w.moreBefore(); more && m.asking == askNone && m.cursor < near {
		page = m.ask(askBefore)
	}
	preview := m.readPreview()
	if page == nil {
		return preview
	}
	return tea.Batch(page, preview)
}

// readPreview reads the conflict at the cursor for the preview, after a pause: while a key is held, there is nothing to
// read. One is read at a time, and the cursor may go on meanwhile.
func (m *queueModel) readPreview() tea.Cmd {
	at, ok := m.selected()
	if !ok || m.reading != 0 || m.previewOf == at.Number && !m.old {
		return nil
	}
	if m.previewOf == 0 {
		return m.readNow()
	}
	m.pause++
	return m.env.commands.later(previewPause, pausedMsg{m.pause})
}

// readNow reads it, once the cursor has stayed for a while.
func (m *queueModel) readNow() tea.Cmd {
	at, ok := m.selected()
	if !ok || m.reading != 0 {
		return nil
	}
	m.reading = at.Number
	return m.env.commands.preview(at.Number)
}

func (m *queueModel) previewed(msg previewMsg) tea.Cmd {
	if msg.number == m.reading {
		m.reading = 0
	}
	m.preview, m.previewEr, m.previewOf, m.old = msg.study, msg.err, msg.number, false
	return m.readPreview()
}

func (m *queueModel) selected() (queueRow, bool) {
	if !m.in(len(m.w.rows)) {
		return queueRow{}, false
	}
	return m.w.rows[m.cursor], true
}

// ask asks for a page. What was asked before is not waited for any more where the window begins anew.
func (m *queueModel) ask(what pageAsk) tea.Cmd {
	q := m.asked()
	q.Limit = max(pageRows, 2*m.height)
	switch what {
	case askAfter:
		q.From, _ = m.w.moreAfter()
	case askBefore:
		q.From, _ = m.w.moreBefore()
		q.Backward = true
	case askLast:
		q.Backward = true
	case askAgain:
		s := m.w.span(m.top, m.top+m.listHeight()-1, m.cursor)
		q.From, q.Backward, q.Limit = s.from, s.backward, max(q.Limit, s.rows)
		m.spanned = s
	}
	m.seq++
	m.asking = what
	return m.env.commands.page(m.seq, what, q)
}

// took takes a page that was asked for, unless something else was asked for since.
func (m *queueModel) took(msg pageMsg) tea.Cmd {
	if msg.seq != m.seq {
		return nil
	}
	m.asking = askNone
	if m.err = msg.err; m.err != nil {
		return nil
	}
	m.loaded = true
	at, had := m.selected()
	p := heldPage{Page: msg.page}
	g := m.env.glyphs
	switch msg.ask {
	case askFirst:
		m.w.replace(p, 0, g)
		m.cursor = 0
	case askLast:
		p.backward = true
		m.w.replace(p, m.fromEnd(len(p.Conflicts)), g)
		m.cursor = len(m.w.rows) - 1
	case askAgain:
		if len(p.Conflicts) == 0 {
			return m.ask(askFirst) // others resolved all that was in sight
		}
		p.from, p.backward = m.spanned.from, m.spanned.backward
		start := m.w.start
		if start >= 0 {
			start += int64(m.spanned.before)
		}
		m.w.replace(p, start, g)
		m.shift(-m.spanned.before)
		if i := m.w.index(at.Number); had && i >= 0 {
			m.shift(i - m.cursor) // its line on the screen stays the same
			m.old = m.old || !sameRow(&at, &m.w.rows[i])
		}
	case askAfter:
		p.from, _ = m.w.moreAfter()
		m.shift(-m.w.after(p, g))
	case askBefore:
		p.from, _ = m.w.moreBefore()
		p.backward = true
		m.shift(m.w.before(p, g))
	}
	m.w.measure()
	m.keepInSight()
	return m.settle()
}

// fromEnd is where the last rows of the list begin, if it is known how long it is.
func (m *queueModel) fromEnd(rows int) int64 {
	total, ok := m.total()
	if !ok {
		return -1
	}
	return max(total-int64(rows), 0)
}

// total is how many rows the list has, where the counts tell.
func (m *queueModel) total() (int64, bool) {
	if m.group != nil {
		return m.group.Count, true
	}
	if !m.counted || len(m.filter.Terms) > 0 {
		return 0, false
	}
	return [tabs]int64{m.counts.Open, m.counts.Drafts, m.counts.Snoozed, m.counts.Resolved}[m.tab], true
}

func (m *queueModel) setTab(t tab) tea.Cmd {
	if t == m.tab && m.loaded {
		return nil
	}
	m.tab, m.group = t, nil
	return m.again()
}

// again reads the list from its start.
func (m *queueModel) again() tea.Cmd {
	m.w, m.list, m.loaded, m.err = window{}, list{}, false, nil
	m.preview, m.previewEr, m.previewOf = nil, nil, 0
	return tea.Batch(m.ask(askFirst), m.env.commands.counts())
}

// refresh reads what is in sight again, and the counts.
func (m *queueModel) refresh() tea.Cmd {
	m.previewOf = 0
	what := askAgain
	if len(m.w.pages) == 0 || len(m.w.rows) == 0 {
		what = askFirst
	}
	return tea.Batch(m.ask(what), m.env.commands.counts())
}

// neighbour goes to the conflict before or after one, for a screen that shows it. It is false at the end.
func (m queueModel) neighbour(number int64, dir int) (queueModel, int64, tea.Cmd) {
	at := m.w.index(number)
	switch {
	case at >= 0:
		at += dir
	case dir > 0:
		at = m.cursor
	default:
		at = m.cursor - 1
	}
	if at < 0 || at >= len(m.w.rows) || m.w.rows[at].Number == number {
		return m, 0, nil
	}
	m.cursor = at
	m.keepInSight()
	return m, m.w.rows[at].Number, m.settle()
}

// wrote takes the resolved conflict out and returns the one to go on with, 0 if none is left in the window.
func (m queueModel) wrote(w merge.Written) (queueModel, int64, tea.Cmd) {
	m.last, m.bulkWritten = w, 0
	if m.group != nil {
		g := *m.group
		g.Count = max(g.Count-1, 0)
		m.group = &g
	}
	if m.tab != resolvedTab && !m.stateInFilter() {
		if at := m.w.index(w.Conflict); at >= 0 {
			m.cursor = at
		}
		m.w.remove(w.Conflict)
	}
	m.counts.Open = max(m.counts.Open-1, 0)
	m.toFree()
	m.keepInSight()
	next, ok := m.selected()
	ok = ok && m.others(&next.Conflict) == ""
	cmd := tea.Batch(m.settle(), m.env.commands.counts())
	if !ok || next.Number == w.Conflict || next.State == merge.Resolved {
		return m, 0, cmd
	}
	return m, next.Number, cmd
}

// place says where in the queue a conflict is: 3/27, where that is known.
func (m *queueModel) place(number int64) safe.Cell {
	at := m.w.index(number)
	total, ok := m.total()
	if at < 0 || !ok || m.w.start < 0 {
		return ""
	}
	return safe.Cell(fmt.Sprintf("%d/%d", m.w.start+int64(at)+1, max(total, m.w.start+int64(at)+1)))
}

func itoa(n int) string { return strconv.Itoa(n) }
