package tui

import (
	"fmt"
	"slices"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"dovetail/merge"
	"dovetail/tui/safe"
	"dovetail/tui/theme"
)

// mode is what the keys go to on the resolve screen.
type mode uint8

const (
	onFields mode = iota
	inBox
	inMenu
	inFull
	inAbout // a page about the record or a rule
	inFind
	inSnooze
)

// row is a line of the list: a field, a heading above a section, or one thing that a side did to a record that the
// other deleted.
type row struct {
	kind  rowKind
	field int // index in the study
}

type rowKind uint8

const (
	fieldRow rowKind = iota
	mergedHeading
	sameHeading
	groupHeading // above the first field of a group
	touchedHeading
	touchedRow
)

// mark is what the list says of a field's decision.
type mark struct {
	tag       safe.Cell
	role      theme.Role
	from      safe.Cell // the letter before the value in the result column
	value     safe.Cell
	valueRole theme.Role
}

// resolveModel is the screen where one conflict is decided. Its decisions are the draft's and nothing else's.
type resolveModel struct {
	env           *env
	width, height int
	number        int64
	seq           int
	loading, keep bool
	err           error
	place         safe.Cell // where in the queue this is

	s      *study
	draft  merge.Draft
	marks  []mark // by field
	open   []string
	rows   []row
	cursor int // in rows, always on a field
	top    int

	// bracket is the choice that the arrows stand on, for the field at the cursor alone. It decides nothing.
	bracket merge.Choice
	// swappedAt is the path of the field whose proposal is shown in the other order.
	swappedAt string
	showSame  bool
	copies    bool // the person knows what Y does
	sides     bool // compare local with server, not both with base
	heads     columnHeads
	options   []option // of the field at the cursor
	detail    []detailLine
	// detailWants is how many lines the detail of any field here can use, so that the parts of the screen do not move
	// with the cursor.
	detailWants int

	mode mode
	// find is a part of the names of the fields that are listed; empty: all.
	find  string
	box   box
	edit  editing
	full  fullView
	about about

	status  status
	banner  safe.Cell
	asked   *merge.ClaimedError // who else is at it: whether to take it over is asked
	closed  bool                // the conflict is resolved: nothing can be written
	savedAt time.Time
	saveErr error
	// savingAgain says that what could not be saved is being saved once more.
	savingAgain bool
	unsaved     bool
	changes     int // of the draft, since the conflict was opened
	typedSeq    int
}

func newResolve(e *env) resolveModel { return resolveModel{env: e} }

// start begins to load a conflict and forgets the one before.
func (m resolveModel) start(number int64, place safe.Cell, note status) (resolveModel, tea.Cmd) {
	next := resolveModel{env: m.env, width: m.width, height: m.height, number: number, place: place, seq: m.seq + 1,
		loading: true, showSame: m.showSame, copies: m.copies, status: note}
	return next, m.env.commands.open(next.seq, number)
}

// reload loads the conflict again and keeps the draft that is on the screen.
func (m resolveModel) reload(note safe.Cell) (resolveModel, tea.Cmd) {
	m.seq++
	m.loading, m.keep, m.mode, m.banner = true, true, onFields, note
	return m, m.env.commands.open(m.seq, m.number)
}

// load takes the conflict that was asked for last.
func (m resolveModel) load(msg caseMsg) (resolveModel, tea.Cmd) {
	if msg.seq != m.seq {
		return m, nil
	}
	m.loading = false
	if m.err = msg.err; m.err != nil {
		return m, nil
	}
	at := m.focusedPath()
	again := m.s != nil
	if !m.keep {
		m.draft = msg.draft
		m.savedAt = msg.draft.SavedAt
	}
	m.keep = false
	m.s = msg.study
	m.closed = m.s.Conflict.State == merge.Resolved
	m.heads = m.headsFor(m.columnsFor(m.width))
	if m.closed && m.banner == "" {
		m.banner = "This conflict is resolved already: here is what it was about. Nothing can be decided or written."
	}
	if again && m.closed {
		m.banner += m.serverMoved()
	}
	if m.s.Refused != "" && !m.closed && m.banner == "" {
		m.banner = safe.Text(m.s.Refused) + m.env.glyphs.dot + m.whatToDo()
	}
	cmd := m.rebase()
	m.relist()
	if again {
		m.cursorTo(at)
	} else {
		m.cursor = m.firstField()
		m.toFirstOpen()
	}
	m.moved()
	return m, cmd
}

// whatToDo says what to do about a change that was not written for another reason than what is in dispute.
func (m *resolveModel) whatToDo() safe.Cell {
	switch n := m.s.Naming; {
	case n == nil:
		return "Change what is in the way, here or in another record, then write."
	case n.One:
		return "Write it, and it is as local has it."
	case n.InKey:
		return "Its own key has that key in it: write it anew with the new one, and take server here."
	case len(n.Set) > 0:
		return "Give the fields that refer to it its key, then write."
	}
	return "Decide that one first."
}

// serverMoved names who wrote what is now on the server, where that is not what the person looked at.
func (m *resolveModel) serverMoved() safe.Cell {
	if by := m.s.Server.By; by != "" && m.s.Server.Version > m.draft.ServerVersion {
		return safe.Cell(fmt.Sprintf(" The server's v%d is by ", m.s.Server.Version)) + safe.Text(by) + "."
	}
	return ""
}

// rebase brings the draft to the conflict as it is now, and says so where that makes a difference.
func (m *resolveModel) rebase() tea.Cmd {
	c := m.s.Conflict
	if m.closed {
		return nil // the draft stays what it was, for when the conflict opens again
	}
	if m.draft.Revision == c.Revision && m.draft.ServerVersion == c.ServerVersion {
		return nil
	}
	what := safe.Cell("The conflict") // its rules are others, or its change is
	if m.draft.ServerVersion != c.ServerVersion {
		what = safe.Cell(fmt.Sprintf("The record moved to v%d and", c.ServerVersion))
	}
	before := len(m.draft.Decisions)
	m.draft.Rebase(m.s.result, c.Revision, c.ServerVersion)
	if before == 0 && len(m.draft.Typed) == 0 && len(m.draft.Moved) == 0 {
		return nil // nobody had decided anything
	}
	said := what + safe.Cell(fmt.Sprintf(" was merged again: %s kept, %d to look at again.",
		plural(len(m.draft.Decisions), "decision"), len(m.draft.Moved)))
	if m.banner != "" {
		said = m.banner + " " + said
	}
	m.banner = said
	return m.saveNow()
}

func (m resolveModel) setSize(width, height int) resolveModel {
	m.width, m.height = width, height
	if m.s != nil {
		m.heads = m.headsFor(m.columnsFor(width))
		m.moved()
		if m.mode == inBox || m.mode == inFind {
			m.box.lay(m.boxWidth())
		}
		switch m.mode {
		case inFull:
			m.openFull()
		case inAbout:
			m.layAbout()
		}
	}
	return m
}

// keys are the bindings that count now.
func (m resolveModel) keys() keymap {
	switch {
	case m.asked != nil:
		return m.env.keys[onClaimed]
	case m.mode == inMenu:
		return m.env.keys[onMenu]
	case m.mode == inBox:
		return m.env.keys[onBox]
	case m.mode == inFull:
		return m.env.keys[onFull]
	case m.mode == inAbout:
		return m.aboutKeys()
	case m.mode == inFind:
		return m.env.keys[onLine]
	case m.mode == inSnooze:
		return m.env.keys[onSnooze]
	case m.width < tableWidth:
		return m.env.keys[onCard]
	}
	return m.env.keys[onResolve]
}

// Update handles a key or a command's answer.
func (m resolveModel) Update(msg tea.Msg) (resolveModel, action, tea.Cmd) {
	switch msg := msg.(type) {
	case caseMsg:
		m, cmd := m.load(msg)
		return m, action{}, cmd
	case savedMsg:
		m.saved(msg)
	case editedMsg:
		cmd := m.edited(msg)
		return m, action{}, cmd
	case historyMsg, trialMsg, ruledMsg:
		return m.told(msg)
	case typedMsg:
		if msg.seq == m.typedSeq {
			return m, action{}, m.env.commands.save(m.token())
		}
	case tea.KeyMsg:
		switch {
		case m.asked != nil: // is answered first
		case m.mode == inBox && !m.loading:
			return m.typed(msg)
		case m.mode == inFind && !m.loading:
			return m.findKey(msg)
		}
		return m.keyed(msg)
	}
	return m, action{}, nil
}

func (m *resolveModel) saved(msg savedMsg) {
	m.savingAgain = false
	if m.saveErr = msg.err; msg.err == nil && msg.token == m.token() {
		m.unsaved = false
		if !msg.at.IsZero() {
			m.savedAt = msg.at
		}
	}
}

// saveAgain saves what could not be saved before, as over a line that was lost and may be back.
func (m *resolveModel) saveAgain() tea.Cmd {
	if m.saveErr == nil || m.savingAgain {
		return nil
	}
	m.savingAgain = true
	return m.env.commands.save(m.token())
}

// token names the draft as it is now.
func (m *resolveModel) token() saveToken { return saveToken{m.number, m.changes} }

// offer hands the draft over to be saved by the next save.
func (m *resolveModel) offer() {
	m.env.commands.offer(m.draft)
	m.changes++
	m.unsaved = true
}

func (m resolveModel) keyed(msg tea.KeyMsg) (resolveModel, action, tea.Cmd) {
	intents := m.keys().intents(msg)
	if dropped(msg, intents) {
		m.status = status{text: together, bad: true}
	}
	return inTurn(m, intents, resolveModel.obey)
}

// obey does what a key asks for. Only leaving counts while the conflict is not there.
func (m resolveModel) obey(what intent) (resolveModel, action, tea.Cmd) {
	switch what {
	case leaveAtOnce:
		return m, action{do: quitAtOnce}, nil
	case showHelp:
		return m, action{do: help}, nil
	}
	if m.asked != nil {
		return m.answerClaim(what)
	}
	if m.s == nil || m.loading {
		if what == goBack {
			return m, action{do: backToQueue}, nil
		}
		return m, action{}, nil
	}
	m.status = status{}
	switch m.mode {
	case inMenu:
		return m.chosen(what)
	case inFull:
		m.scrollFull(what)
		return m, action{}, nil
	case inAbout:
		return m.aboutKey(what)
	case inSnooze:
		return m.snoozeAnswer(what)
	}
	if m.went(what) {
		m.moved()
		return m, action{}, nil
	}
	switch what {
	case goBack:
		if m.find != "" {
			m.findAll()
			return m, action{}, nil
		}
		return m, action{do: backToQueue}, nil
	case snoozeIt:
		m.startSnooze()
		return m, action{}, nil
	case copyValue:
		m, cmd := m.copyValue()
		return m, action{}, cmd
	case goNextRecord:
		return m, action{do: openNeighbour, step: 1}, nil
	case goPrevRecord:
		return m, action{do: openNeighbour, step: -1}, nil
	case openReview:
		return m.askReview()
	case showHistory, makeRule:
		m, cmd := m.askAbout(what)
		return m, action{}, cmd
	}
	m, cmd := m.decided(what)
	return m, action{}, cmd
}

// went moves the cursor or changes the view, and reports whether the intent was about that.
func (m *resolveModel) went(what intent) bool {
	switch what {
	case goUp:
		m.moveBy(-1)
	case goDown:
		m.moveBy(1)
	case goPageUp:
		m.moveBy(-max(m.listHeight()-1, 1))
	case goPageDown:
		m.moveBy(max(m.listHeight()-1, 1))
	case goFirst:
		m.cursor, m.bracket = m.firstField(), merge.Undecided
	case goLast:
		m.moveBy(len(m.rows))
	case goNextOpen:
		m.toOpen(1)
	case goPrevOpen:
		m.toOpen(-1)
	case goLeft:
		m.moveBracket(-1)
	case goRight:
		m.moveBracket(1)
	case showSame:
		m.showSame = !m.showSame
		at := m.focusedPath()
		m.relist()
		m.cursorTo(at)
	case switchDiff:
		m.sides = !m.sides
		m.status.text = "each side compared with base"
		if m.sides {
			m.status.text = comparesSides
		}
	case showFull:
		m.openFull()
	case findField:
		m.startFind()
	default:
		return false
	}
	return true
}

// askReview goes on to the review, or to the first field that is still undecided.
func (m resolveModel) askReview() (resolveModel, action, tea.Cmd) {
	if m.closed {
		m.status = status{text: alreadyResolved, bad: true}
		return m, action{}, nil
	}
	if len(m.open) == 0 {
		return m, action{do: toReview}, nil
	}
	m.toFirstOpen()
	m.moved()
	m.status = status{text: safe.Cell(fmt.Sprintf("%d left: ", len(m.open))) + m.listOpen(), bad: true}
	return m, action{}, nil
}

func (m resolveModel) listOpen() safe.Cell {
	var names safe.Cell
	for i, path := range m.open {
		if i > 0 {
			names += ", "
		}
		names += safe.Text(merge.PathLabel(path))
	}
	return names
}

func (m *resolveModel) isMoved(path string) bool { return slices.Contains(m.draft.Moved, path) }
