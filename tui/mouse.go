package tui

import (
	tea "github.com/charmbracelet/bubbletea"

	"dovetail/merge"
)

// spot is what stands at a place of the screen: a conflict of the queue, a field with one of its values, a row of the
// playground with one of its sides, or of a list, or the name of a list.
type spot struct {
	number int64
	path   string
	choice merge.Choice
	row    int
	side   int
	tab    intent
}

// hotArea is a part of a line where a spot is.
type hotArea struct {
	row, from, to int
	at            spot
}

// hot says what the last columns that were drawn show. What was said first of a place counts.
func (f *frame) hot(width int, at spot) {
	if f.row < f.height {
		f.hots = append(f.hots, hotArea{f.row, max(f.col-width, 0), f.col, at})
	}
}

// spotAt is what the last frame shows at a place.
func (f *frame) spotAt(x, y int) (spot, bool) {
	for _, h := range f.hots {
		if h.row == y && x >= h.from && x < h.to {
			return h.at, true
		}
	}
	return spot{}, false
}

// rootAsked is what a key asks of the root, which every screen has: the list of actions, and the mouse.
func (m model) rootAsked(msg tea.KeyMsg) intent {
	if m.screen == onReview && m.review.writing {
		return noIntent
	}
	all := m.liveKeys().intents(msg)
	if len(all) == 1 && (all[0] == showPalette || all[0] == switchMouse) {
		return all[0]
	}
	return noIntent
}

// liveKeys are the bindings that count now, with what is open on the screen.
func (m model) liveKeys() keymap {
	switch m.screen {
	case onResolve:
		return m.resolve.keys()
	case onReview:
		return m.review.keys()
	case onWritten:
		return m.written.keys()
	case onPlay:
		return m.play.keys()
	case onBulk:
		return m.bulk.keys()
	case onRecords:
		return m.records.keys()
	}
	return m.queue.keys()
}

// switchMouse turns the mouse on or off. It is off to begin with: while it is on, the terminal's own selection needs
// another key.
func (m model) switchMouse() (model, tea.Cmd) {
	m.mouse = !m.mouse
	said, cmd := status{text: "the mouse is off: the terminal selects text again"}, tea.DisableMouse
	if m.mouse {
		said, cmd = status{text: "the mouse is on: a click marks, a second one takes; % gives it back to select text"}, tea.EnableMouseCellMotion
	}
	switch m.screen {
	case onQueue:
		m.queue.status = said
	case onResolve:
		m.resolve.status = said
	case onReview:
		m.review.status = said
	case onWritten:
		m.written.status = said
	case onPlay:
		m.play.status = said
	case onRecords:
		m.records.status = said
	}
	return m, cmd
}

// moused takes what the mouse does. The wheel is the arrows; a click is two steps, as the arrows and space are, so that
// a slip decides nothing.
func (m model) moused(msg tea.MouseMsg) (model, tea.Cmd) {
	switch {
	case !m.mouse || m.leaving || msg.Action != tea.MouseActionPress:
		return m, nil
	case msg.Button == tea.MouseButtonWheelUp:
		return m.key(tea.KeyMsg{Type: tea.KeyUp})
	case msg.Button == tea.MouseButtonWheelDown:
		return m.key(tea.KeyMsg{Type: tea.KeyDown})
	case msg.Button != tea.MouseButtonLeft || m.width < minWidth || m.height < minHeight:
		return m, nil
	}
	at, ok := m.env.frame.spotAt(msg.X, msg.Y)
	switch {
	case !ok:
	case m.helping:
		return m.clickedKey(at)
	case m.choosing:
		return m.clickedAction(at)
	case m.screen == onReview && !m.review.inNote && !m.review.writing:
		return m.clickedLine(at)
	case m.screen == onRecords:
		return m.clickedRecords(at)
	case at.tab != noIntent && m.screen == onQueue && !m.queue.busy():
		return m.run(at.tab)
	case m.screen == onQueue && !m.queue.inBox && !m.queue.question:
		return m.clickedConflict(at)
	case m.screen == onResolve && m.resolve.mode == onFields && !m.resolve.loading && m.resolve.s != nil:
		return m.clickedValue(at)
	case m.screen == onPlay:
		return m.clickedSide(at)
	}
	return m, nil
}

// clickedConflict goes to a conflict of the list; a click on the one at the cursor opens it.
func (m model) clickedConflict(at spot) (model, tea.Cmd) {
	i := m.queue.w.index(at.number)
	switch {
	case i < 0:
		return m, nil
	case i == m.queue.cursor:
		return m.run(openCase)
	}
	m.queue.cursor = i
	m.queue.keepInSight()
	return m, m.queue.settle()
}

// clickedValue goes to a field and puts the choice on the value; a click on the value that it stands on takes it.
func (m model) clickedValue(at spot) (model, tea.Cmd) {
	r := &m.resolve
	again := r.focusedPath() == at.path && at.choice != merge.Undecided && r.bracket == at.choice
	r.status = status{}
	r.cursorTo(at.path)
	f := r.focused()
	switch {
	case f == nil:
		return m, nil
	case again:
		return m.run(take)
	case at.choice != merge.Undecided:
		if _, without := r.s.chosenFor(f, at.choice); without == nil && f.section != unchanged {
			r.bracket = at.choice
		}
	}
	r.moved()
	return m, nil
}

// busy reports whether something is typed or asked in the queue.
func (m *queueModel) busy() bool { return m.inBox || m.question || m.snoozing || m.parked.naming }

// clickedRecords goes to a list, to a record, or to a field of the one that is open; a click on what is at the cursor opens the
// record, or the box. It does nothing where something is asked or typed.
func (m model) clickedRecords(at spot) (model, tea.Cmd) {
	r := &m.records
	switch {
	case r.open != nil && r.open.mode == recordFields && !r.open.writing && at.tab == noIntent:
		if at.row == r.open.cursor {
			return m.run(editValue)
		}
		open := *r.open
		r.open, r.status = &open, status{}
		r.open.shift(at.row - r.open.cursor)
		r.open.keep(len(r.open.rows), r.recordPage())
	case r.open != nil || r.typing || r.naming:
	case at.tab != noIntent:
		return m.run(at.tab)
	case at.row == r.cursor:
		return m.run(openCase)
	default:
		r.status, r.cursor = status{}, at.row
		r.keep(len(r.rows), r.page())
		return m, r.settle()
	}
	return m, nil
}

// clickedAction marks an action of the list; a click on the one that is marked does it.
func (m model) clickedAction(at spot) (model, tea.Cmd) {
	p := &m.palette
	switch {
	case at.row >= len(p.found):
		return m, nil
	case at.row == p.cursor:
		return m.paletteKey(tea.KeyMsg{Type: tea.KeyEnter})
	}
	p.status, p.cursor = status{}, at.row
	p.keepInSight()
	return m, nil
}

// clickedKey goes from the help to the list of actions, with the one that was clicked marked: a second click does it.
func (m model) clickedKey(at spot) (model, tea.Cmd) {
	if at.row >= len(m.help.of) {
		return m, nil
	}
	asked := m.help.of[at.row].intent
	palette := m.palette.start(m.help.of, m.help.title)
	if !palette.mark(asked) {
		return m, nil
	}
	m.helping, m.choosing, m.palette = false, true, palette
	return m, nil
}

// clickedLine goes from a line of the review to the field that it is about. It writes nothing.
func (m model) clickedLine(at spot) (model, tea.Cmd) {
	if at.row >= len(m.review.lines) || !m.review.lines[at.row].about {
		return m, nil
	}
	path := m.review.lines[at.row].path
	m, cmd := m.run(goBack)
	if m.screen == onResolve {
		m.resolve.findAll()
		m.resolve.cursorTo(path)
		m.resolve.moved()
	}
	return m, cmd
}

// clickedSide goes to a row of the playground and to a side of it. It does nothing where something is asked or typed.
func (m model) clickedSide(at spot) (model, tea.Cmd) {
	p := &m.play
	if p.mode == inValue || p.mode == inQuiz || at.row >= len(p.rows) || at.side >= len(p.holds) {
		return m, nil
	}
	r := p.rows[at.row]
	another := r.record != p.record
	p.status = status{}
	p.record, p.path, p.onField, p.side = r.record, r.path, r.field, at.side
	if another {
		p.scroll = 0
		p.explainHere()
	}
	p.lay()
	return m, nil
}
