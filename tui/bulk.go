package tui

import (
	"slices"
	"strings"

	tea "github.com/charmbracelet/bubbletea"

	"dovetail/merge"
	"dovetail/tui/safe"
)

// bulkAsk is what a person wants to decide together: some conflicts, or all that a query finds.
type bulkAsk struct {
	what   safe.Cell // in words
	rows   []merge.Conflict
	query  merge.Query
	filter merge.Filter // which may name a kind, as the group does
}

// bulkStage is how far deciding many has come.
type bulkStage uint8

const (
	bulkChoosing bulkStage = iota
	bulkPlanning
	bulkPreview
	bulkConfirming
	bulkWriting
	bulkDone
	bulkAsking // whether to undo
	bulkUndoing
)

// bulkTyped is from how many records on the number is to be typed before they are written.
const bulkTyped = 50

// bulkModel decides many conflicts by one choice: it shows what would become of each, writes what was not taken out,
// and says of each what became of it.
type bulkModel struct {
	env           *env
	width, height int

	ask    bulkAsk
	stage  bulkStage
	seq    int
	found  bool // the rows are there
	more   bool // beyond them are others
	choice merge.Choice
	lines  []bulkLine
	// longest is how many columns are said of the record of which most is.
	longest int
	next    []int // the lines that are still to be written, or to be undone
	box     box
	list
	status status
}

func newBulk(e *env) bulkModel { return bulkModel{env: e} }

func (m bulkModel) start(ask bulkAsk) (bulkModel, tea.Cmd) {
	m = bulkModel{env: m.env, width: m.width, height: m.height, seq: m.seq + 1, ask: ask, found: len(ask.rows) > 0}
	if m.found {
		return m, nil
	}
	return m, m.env.commands.bulk.rows(m.seq, ask.query)
}

func (m bulkModel) setSize(width, height int) bulkModel {
	m.width, m.height = width, height
	m.went(noIntent)
	return m
}

func (m *bulkModel) keys() keymap {
	switch m.stage {
	case bulkChoosing, bulkPlanning:
		return m.env.keys[onBulkMenu]
	case bulkPreview:
		return m.env.keys[onBulk]
	case bulkConfirming:
		return m.env.keys[onLine]
	case bulkAsking:
		return m.env.keys[onQuestion]
	case bulkWriting, bulkUndoing:
		return m.env.keys[onWriting]
	}
	return m.env.keys[onBulkDone]
}

// Update handles a key or a command's answer.
func (m bulkModel) Update(msg tea.Msg) (bulkModel, action, tea.Cmd) {
	switch msg := msg.(type) {
	case bulkRowsMsg:
		if msg.seq != m.seq {
			return m, action{}, nil
		}
		m.found, m.more, m.ask.rows = msg.err == nil, msg.more, msg.rows
		if msg.err != nil {
			m.status = failed("the queue could not be read: ", msg.err)
		}
		cmd := m.plan()
		return m, action{}, cmd
	case bulkPlanMsg:
		cmd := m.planned(msg)
		return m, action{}, cmd
	case bulkDoneMsg:
		cmd := m.did(msg)
		return m, action{}, cmd
	case tea.KeyMsg:
		if m.stage == bulkConfirming {
			return m.confirmKey(msg)
		}
		return inTurn(m, m.keys().intents(msg), bulkModel.obey)
	}
	return m, action{}, nil
}

func (m bulkModel) obey(what intent) (bulkModel, action, tea.Cmd) {
	m.status = status{}
	switch what {
	case leaveAtOnce:
		return m, action{do: quitAtOnce}, nil
	case showHelp:
		return m, action{do: help}, nil
	case goBack:
		return m.back()
	case pickLocal, pickServer, pickBase, pickCombined:
		m.choice, m.lines, m.longest, m.stage = choiceOf(what), nil, 0, bulkPlanning
		m.seq++
		cmd := m.plan()
		return m, action{}, cmd
	case toggleMark:
		m.toggle()
	case writeMany:
		return m.askWrite()
	case undoWritten:
		if m.stage == bulkDone && m.count(bulkWritten) > 0 {
			m.stage = bulkAsking
		}
	case sayYes:
		cmd := m.undoAll()
		return m, action{}, cmd
	case sayNo:
		m.stage = bulkDone
	case goNextOpen:
		m.nextLeft()
	default:
		m.went(what)
	}
	return m, action{}, nil
}

// back goes one step back. What is being written stops after those that are under way.
func (m bulkModel) back() (bulkModel, action, tea.Cmd) {
	switch m.stage {
	case bulkPreview, bulkPlanning:
		m.seq++ // no answer to the plan counts any more
		m.stage, m.choice, m.lines, m.list = bulkChoosing, merge.Undecided, nil, list{}
		if !m.found {
			return m, action{}, m.env.commands.bulk.rows(m.seq, m.ask.query)
		}
		return m, action{}, nil
	case bulkWriting, bulkUndoing:
		m.next = nil
		m.status.text = "stopping"
		return m, action{}, nil
	}
	return m, action{do: backFromBulk}, nil
}

// plan asks what would become of the next conflicts, once they are known and a choice is made.
func (m *bulkModel) plan() tea.Cmd {
	if m.stage != bulkPlanning || !m.found {
		return nil
	}
	from := len(m.lines)
	if from >= len(m.ask.rows) {
		m.stage = bulkPreview
		m.went(goFirst)
		return nil
	}
	to := min(from+bulkPlans, len(m.ask.rows))
	return m.env.commands.bulk.plan(m.seq, m.ask.rows[from:to], m.choice, m.ask.filter)
}

func (m *bulkModel) planned(msg bulkPlanMsg) tea.Cmd {
	if msg.seq != m.seq {
		return nil
	}
	if msg.err != nil {
		m.stage, m.choice, m.lines = bulkChoosing, merge.Undecided, nil
		m.status = failed("nothing was decided: ", msg.err)
		return nil
	}
	m.lines = append(slices.Clip(m.lines), msg.lines...)
	m.measure(msg.lines)
	return m.plan()
}

// toggle takes the record at the cursor out of what will be written, or back in.
func (m *bulkModel) toggle() {
	if m.stage != bulkPreview || m.cursor >= len(m.lines) {
		return
	}
	m.lines = slices.Clone(m.lines)
	line := &m.lines[m.cursor]
	switch line.state {
	case bulkReady:
		line.state = bulkExcepted
	case bulkExcepted:
		line.state = bulkReady
	default:
		m.status.text = "left alone: " + line.said
		return
	}
	m.went(goDown)
}

// nextLeft goes to the next record that is not written with the others.
func (m *bulkModel) nextLeft() {
	for i := m.cursor + 1; i < len(m.lines); i++ {
		if m.lines[i].apart() {
			m.cursor = i
			m.went(noIntent)
			return
		}
	}
	m.status.text = "none below; home goes to the first record"
}

// apart reports whether a record is not among those that are written.
func (l *bulkLine) apart() bool {
	return l.state == bulkLeft || l.state == bulkExcepted || l.state == bulkFailed
}

func (m *bulkModel) count(state bulkState) int {
	n := 0
	for i := range m.lines {
		if m.lines[i].state == state {
			n++
		}
	}
	return n
}

func (m bulkModel) askWrite() (bulkModel, action, tea.Cmd) {
	if m.stage != bulkPreview {
		return m, action{}, nil
	}
	n := m.count(bulkReady)
	switch {
	case n == 0:
		m.status.text = "there is nothing to write"
		return m, action{}, nil
	case n >= bulkTyped:
		m.stage, m.box = bulkConfirming, newBox("", false, 10)
		return m, action{}, nil
	}
	cmd := m.writeAll()
	return m, action{}, cmd
}

// confirmKey edits the number that is typed before many are written.
func (m bulkModel) confirmKey(msg tea.KeyMsg) (bulkModel, action, tea.Cmd) {
	m.status = status{}
	b, _ := m.env.keys[onLine].find(msg)
	switch b.intent {
	case leaveAtOnce:
		return m, action{do: quitAtOnce}, nil
	case closeBox:
		m.stage = bulkPreview
		return m, action{}, nil
	case acceptLine:
		if n := itoa(m.count(bulkReady)); strings.TrimSpace(m.box.text) != n {
			m.status = status{text: safe.Cell("that is not " + n + ": nothing was written"), bad: true}
			m.stage = bulkPreview
			return m, action{}, nil
		}
		cmd := m.writeAll()
		return m, action{}, cmd
	}
	m.box.key(msg)
	return m, action{}, nil
}

func (m *bulkModel) writeAll() tea.Cmd {
	m.stage, m.next = bulkWriting, m.in(bulkReady)
	m.seq++
	return m.goOn()
}

// undoAll takes back what was written, the last first: where two are of one record, that is the only order.
func (m *bulkModel) undoAll() tea.Cmd {
	m.stage, m.next = bulkUndoing, m.in(bulkWritten)
	slices.Reverse(m.next)
	m.seq++
	return m.goOn()
}

func (m *bulkModel) in(state bulkState) []int {
	var at []int
	for i := range m.lines {
		if m.lines[i].state == state {
			at = append(at, i)
		}
	}
	return at
}

// goOn writes, or undoes, the next ones.
func (m *bulkModel) goOn() tea.Cmd {
	n := min(bulkWrite, len(m.next))
	if n == 0 {
		m.stage = bulkDone
		m.status = status{}
		return m.env.commands.counts()
	}
	at := m.next[:n]
	m.next = m.next[n:]
	lines := make([]bulkLine, n)
	for i, line := range at {
		lines[i] = m.lines[line]
	}
	if m.stage == bulkUndoing {
		return m.env.commands.bulk.undo(m.seq, at, lines)
	}
	return m.env.commands.bulk.write(m.seq, at, lines)
}

func (m *bulkModel) did(msg bulkDoneMsg) tea.Cmd {
	if msg.seq != m.seq {
		return nil
	}
	m.lines = slices.Clone(m.lines)
	m.measure(msg.lines)
	for i, at := range msg.at {
		m.lines[at] = msg.lines[i]
		m.lines[at].draft, m.lines[at].writing = merge.Draft{}, merge.Writing{} // a thousand documents that nobody needs
	}
	return m.goOn()
}

// went moves the cursor.
func (m *bulkModel) went(what intent) { m.move(what, len(m.lines), m.page(), m.page()) }
