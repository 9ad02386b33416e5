package tui

import (
	"slices"

	tea "github.com/charmbracelet/bubbletea"

	"dovetail/merge"
	"dovetail/tui/safe"
)

// playMode says who gets the keys.
type playMode uint8

const (
	onWorld playMode = iota
	inValue          // a value is typed
	inQuiz           // it is asked which value survives
)

// playPage is what a small screen shows.
type playPage uint8

const (
	pageWorld playPage = iota
	pageGraph
	pageFates
	playPages
)

// playModel is the playground's screen: devices and a hub with their records, the history that is played on them, and
// what each strategy makes of it.
type playModel struct {
	env           *env
	width, height int

	view     PlayView
	got      bool
	seq      int
	busy     bool // something is under way
	target   int  // the step to go to, one at a time
	strategy merge.Strategy

	side    int // the cursor's holder; 0 is the first device, 1 the hub
	record  int // the cursor's record
	path    string
	onField bool // the cursor is on a field of it
	same    bool // fields that are alike everywhere are shown, too
	page    playPage
	scroll  int // of what each strategy makes of it

	rows  []playRow
	holds []playHolder
	fates playFates
	graph playGraph
	names int // columns of the widest name
	alike int // fields of the record that are folded

	mode      playMode
	box       box
	typing    PlayAct // what the typed text is for
	initial   string  // the text that was there
	left      playLeft
	problem   safe.Cell
	questions bool
	asked     map[playAsked]bool
	quiz      playQuiz
	told      []span // why it came out so
	status    status
}

func newPlay(e *env, questions bool) playModel {
	return playModel{env: e, questions: questions, asked: map[playAsked]bool{}, side: 1, target: -1}
}

func (m playModel) setSize(width, height int) playModel {
	m.width, m.height = width, height
	if m.mode == inValue {
		m.box.lay(max(width-4, 1))
	}
	m.lay()
	return m
}

func (m *playModel) keys() keymap {
	switch m.mode {
	case inValue:
		if m.box.multi {
			return m.env.keys[onBox]
		}
		return m.env.keys[onLine]
	case inQuiz:
		return m.env.keys[onQuiz]
	}
	return m.env.keys[onPlay]
}

// playAsked is a step before which it was asked which value survives, under a strategy.
type playAsked struct {
	step     int
	strategy merge.Strategy
}

func (m *playModel) here() playAsked { return playAsked{m.view.At, m.strategy} }

// begin asks for the world as it stands.
func (m playModel) begin() (playModel, tea.Cmd) {
	m.busy = true
	m.seq++
	return m, m.env.commands.play.goTo(m.seq, -1)
}

// Update handles a key, or an answer of the playground.
func (m playModel) Update(msg tea.Msg) (playModel, action, tea.Cmd) {
	switch msg := msg.(type) {
	case playMsg:
		m, cmd := m.arrived(msg)
		return m, action{}, cmd
	case playShownMsg:
		return m.shown(msg)
	case tea.KeyMsg:
		if m.mode == inValue {
			return m.typed(msg)
		}
		all := m.keys().intents(msg)
		if dropped(msg, all) {
			m.status = status{text: together}
		}
		return inTurn(m, all, playModel.obey)
	}
	return m, action{}, nil
}

// arrived takes a world in.
func (m playModel) arrived(msg playMsg) (playModel, tea.Cmd) {
	if msg.seq != m.seq {
		return m, nil
	}
	m.busy = false
	if msg.err != nil {
		m.target = m.view.At
		if m.mode == inValue {
			m.problem = safe.Text(msg.err.Error())
			return m, nil
		}
		m.status = failed("it cannot be: ", msg.err)
		return m, nil
	}
	before, first := m.view, !m.got
	m.view, m.got = msg.view, true
	if first {
		m.strategy = msg.view.Strategy
	}
	if m.mode == inValue {
		m.mode, m.problem = onWorld, ""
	}
	if first || m.target < 0 || msg.view.At != before.At+1 && m.target == before.At {
		m.target = msg.view.At
	}
	if len(msg.view.Steps) != len(before.Steps) {
		m.target = msg.view.At // a step of one's own
		m.asked = map[playAsked]bool{}
	}
	if !first && msg.view.At > 0 && msg.view.At != before.At {
		m.look()
	}
	m.tell(before)
	m.lay()
	return m.goOn()
}

// look puts the cursor on the record of the step that happened.
func (m *playModel) look() {
	step := m.view.Steps[m.view.At-1]
	if met := m.newest(step.Device); step.Sync && met != nil {
		step.Record = met.Record
	}
	if m.quiz.open {
		step.Record = m.quiz.met.Record
	}
	m.lookAt(step.Record)
	m.lookAside(step)
}

// lookAside puts the cursor on the side of the step where not all sides go on the screen: what happens is to be seen.
func (m *playModel) lookAside(step PlayStep) {
	m.layHolders(m.world())
	c := m.columns()
	if len(c.shown) == len(m.holds) {
		return
	}
	side := slices.IndexFunc(m.holds, func(h playHolder) bool {
		return !h.hub && m.world().Devices[h.device].Name == step.Device
	})
	if side < 0 {
		return
	}
	if d := m.world().Devices[m.holds[side].device]; step.Sync || d.Live && d.Up {
		side = slices.IndexFunc(m.holds, func(h playHolder) bool { return h.hub }) // what came of it is at the server
	}
	if !slices.Contains(c.shown, side) {
		m.side = side
	}
}

// lookAt puts the cursor on a record.
func (m *playModel) lookAt(key merge.Key) {
	at := slices.IndexFunc(m.world().Hub, func(c PlayCopy) bool { return c.Record == key })
	if at >= 0 && at != m.record {
		m.record, m.onField, m.scroll = at, false, 0
	}
}

// world is the one under the strategy on the screen.
func (m *playModel) world() *PlayWorld { return &m.view.Worlds[m.strategy] }

// goOn takes the next step towards the target, or asks first.
func (m playModel) goOn() (playModel, tea.Cmd) {
	switch {
	case m.busy || m.mode != onWorld || m.target == m.view.At:
		return m, nil
	case m.target < m.view.At:
		return m.ask(m.env.commands.play.goTo, m.target)
	case m.view.At >= len(m.view.Steps):
		m.target = m.view.At
		return m, nil
	}
	step := m.view.Steps[m.view.At]
	if m.questions && step.Sync && !m.asked[m.here()] && m.question(step.Device) {
		return m, nil
	}
	return m.ask(m.env.commands.play.goTo, m.view.At+1)
}

func (m playModel) ask(goTo func(seq, steps int) tea.Cmd, steps int) (playModel, tea.Cmd) {
	m.busy = true
	m.seq++
	return m, goTo(m.seq, steps)
}

// shown goes on to a screen whose conflicts are now those of the strategy.
func (m playModel) shown(msg playShownMsg) (playModel, action, tea.Cmd) {
	m.busy = false
	switch {
	case msg.seq != m.seq:
		return m, action{}, nil
	case msg.err != nil:
		m.status = failed("", msg.err)
		return m, action{}, nil
	case msg.number == 0:
		return m, action{do: openTheQueue}, nil
	}
	return m, action{do: openNumber, number: msg.number}, nil
}

// obey does what a key asks for.
func (m playModel) obey(what intent) (playModel, action, tea.Cmd) {
	if what == leaveAtOnce {
		return m, action{do: quitAtOnce}, nil
	}
	if what == showHelp {
		return m, action{do: help}, nil
	}
	if m.mode == inQuiz {
		m, cmd := m.answer(what)
		return m, action{}, cmd
	}
	if what == leave {
		return m, action{do: quit}, nil
	}
	if !m.got {
		return m, action{}, nil
	}
	m.status = status{}
	if m.busy && m.target > m.view.At+1 {
		m.target = m.view.At + 1 // any key stops a run
	}
	if next, ok := m.move(what); ok {
		next.lay()
		return next, action{}, nil
	}
	switch what {
	case stepOn, stepBack, runOn, goFirst:
		m, cmd := m.step(what)
		return m, action{}, cmd
	case openCase, openQueue:
		m, cmd := m.openConflict(what)
		return m, action{}, cmd
	case switchQuestions:
		m.questions = !m.questions
		m.status.text = "no more questions; Q asks again"
		if m.questions {
			m.status.text = "before a sync it is asked which value survives"
		}
		return m, action{}, nil
	}
	m, cmd := m.do(what)
	return m, action{}, cmd
}

// move goes over the screen; false where the key is for something else.
func (m playModel) move(what intent) (playModel, bool) {
	if m.page == pageFates {
		// There is no cursor on that page: up and down go over the fields that are told of.
		switch what {
		case goUp:
			what = goPageUp
		case goDown:
			what = goPageDown
		}
	}
	switch what {
	case goUp:
		m.moveRow(-1)
	case goDown:
		m.moveRow(1)
	case goLeft:
		m.side, m.page = max(m.side-1, 0), pageWorld
	case goRight:
		m.side, m.page = min(m.side+1, len(m.holds)-1), pageWorld
	case goPageUp:
		m.scroll = max(m.scroll-1, 0)
	case goPageDown:
		m.scroll = max(min(m.scroll+1, len(m.fates.rows)-1), 0)
	case nextStrategy, prevStrategy:
		dir := 1
		if what == prevStrategy {
			dir = len(strategiesShown) - 1
		}
		m.strategy = strategiesShown[(slices.Index(strategiesShown[:], m.strategy)+dir)%len(strategiesShown)]
		m.explainHere()
	case showSame:
		m.same = !m.same
	case turnPage:
		if m.page = (m.page + 1) % playPages; m.roomy() && m.page == pageGraph {
			m.page = pageFates
		}
	default:
		return m, false
	}
	return m, true
}

// step goes on or back in the history.
func (m playModel) step(what intent) (playModel, tea.Cmd) {
	if m.target < 0 {
		m.target = m.view.At
	}
	switch what {
	case stepOn:
		if m.view.At >= len(m.view.Steps) {
			m.status.text = "that is the end of the story: " + m.env.words("tab shows it under another strategy, ←→ goes to a device where you go on by yourself, q leaves for another story")
			return m, nil
		}
		m.target = min(max(m.target, m.view.At)+1, len(m.view.Steps))
	case stepBack:
		if m.view.At == 0 {
			m.status.text = "this is the beginning"
			return m, nil
		}
		m.target = max(min(m.target, m.view.At)-1, 0)
	case runOn:
		m.target = len(m.view.Steps)
	case goFirst:
		if m.target = m.view.Begin; m.view.At <= m.view.Begin {
			m.target = 0
		}
	}
	if m.target != m.view.At {
		m.told = nil
	}
	return m.goOn()
}

// openConflict opens the record's conflict on the screen where it is decided.
func (m playModel) openConflict(what intent) (playModel, tea.Cmd) {
	var number int64
	if what == openCase {
		at := m.at()
		if at == nil {
			return m, nil
		}
		if number = m.world().Records[m.record].Conflict; number == 0 {
			m.status.text = "nothing of this record waits for a person under " + safe.Cell(m.strategy.String())
			return m, nil
		}
	}
	if m.busy {
		return m, nil
	}
	m.busy = true
	m.seq++
	return m, m.env.commands.play.show(m.seq, m.strategy, number)
}

// at is the hub's copy of the record at the cursor.
func (m *playModel) at() *PlayCopy {
	hub := m.world().Hub
	if m.record >= len(hub) {
		return nil
	}
	return &hub[m.record]
}

// do has something happen on the side at the cursor.
func (m playModel) do(what intent) (playModel, tea.Cmd) {
	if m.busy {
		return m, nil
	}
	if what == takeOut {
		m.seq++
		m.busy, m.told = true, nil
		return m, m.env.commands.play.takeOut(m.seq)
	}
	d, ok := m.device()
	if !ok {
		m.status = status{text: "that is done on a device: " + m.env.words("←→") + " goes to one", bad: true}
		return m, nil
	}
	m.page = pageWorld
	act := PlayAct{Device: d.Name}
	switch what {
	case switchLine:
		act.Do = PlayCut
		if !d.Up {
			act.Do = PlayMend
		}
	case syncNow:
		act.Do = PlaySync
	case createRecord:
		act.Do = PlayCreate
		return m.startTyping(act), nil
	case removeRecord, editValue:
		at := m.at()
		if at == nil {
			return m, nil
		}
		act.Record, act.Do = at.Record, PlayRemove
		if what == editValue {
			act.Do = PlayEdit
			return m.startTyping(act), nil
		}
	default:
		return m, nil
	}
	if m.questions && d.Up && act.Do == PlaySync || m.questions && d.Live && act.Do == PlayMend {
		if m.quiz.act = &act; m.question(d.Name) {
			return m, nil
		}
	}
	return m.act(act)
}

func (m playModel) act(act PlayAct) (playModel, tea.Cmd) {
	m.seq++
	m.busy, m.told = true, nil
	return m, m.env.commands.play.act(m.seq, m.strategy, act)
}

// device is the one at the cursor; false where that is the hub.
func (m *playModel) device() (PlayDevice, bool) {
	if m.side >= len(m.holds) || m.holds[m.side].hub {
		return PlayDevice{}, false
	}
	return m.world().Devices[m.holds[m.side].device], true
}
