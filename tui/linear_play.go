package tui

import (
	"fmt"
	"slices"
	"strings"

	tea "github.com/charmbracelet/bubbletea"

	"dovetail/merge"
	"dovetail/tui/safe"
)

// mostFields is how many fields of a record are told unasked after a step.
const mostFields = 8

// playTold is what was told of the playground last.
type playTold struct {
	story, step, record, side string
	lines                     []safe.Cell // of the record
}

// tellPlay says what happened in the playground since it was told last, and where the cursor stands.
func (l *linear) tellPlay() {
	m := &l.m.play
	if !m.got || m.mode == inValue {
		return
	}
	told := &l.told.play
	if told.story == "" {
		l.say("Playground ", safe.Text(m.view.Name), ": ", safe.Text(m.view.Title), ".")
		l.say(safe.Text(m.view.Lesson))
		l.say("One history, three strategies: ", l.strategies(), ". next-strategy tells the same under the next one.")
		told.story, told.side = "told", l.sideKey()
	}
	if step := fmt.Sprint(m.view.At, len(m.view.Steps), m.strategy); told.step != step {
		told.step = step
		l.tellStep()
		told.record = ""
	}
	if side := l.sideKey(); told.side != side {
		told.side = side
		h := &m.holds[m.side]
		l.say("Side: ", h.name, ", ", h.who, ", ", h.state, ".")
	}
	if record := fmt.Sprint(told.step, m.record, m.onField, m.path, told.side); told.record != record {
		told.record = record
		l.tellPlayRecord()
	}
}

func (l *linear) sideKey() string { return fmt.Sprint(l.m.play.side) }

func (l *linear) strategies() safe.Cell {
	var names []string
	for _, s := range strategiesShown {
		names = append(names, s.String())
	}
	return safe.Cell(strings.Join(names, ", "))
}

// tellStep says what happened last, what came of it under the strategy and why, and what comes next.
func (l *linear) tellStep() {
	m := &l.m.play
	l.say("")
	place := safe.Cell(fmt.Sprintf("Step %d of %d, under %s", m.view.At, len(m.view.Steps), m.strategy))
	if m.view.At == 0 {
		l.say(place, ": the beginning.")
	} else {
		step := m.view.Steps[m.view.At-1]
		own := safe.Cell("")
		if step.Own {
			own = "your step, "
		}
		l.say(place, ": ", own, when(step.At, l.m.env.now(), l.m.env.location), ", ", m.doer(&step), " ", safe.Text(step.Words), ".")
		came := safe.Cell("What came of it: ")
		if m.world().Refused {
			came = "It did not happen: "
		}
		l.say(came, safe.Text(m.world().Said), ".")
	}
	if len(m.told) > 0 {
		l.say("Why: ", l.line(m.told))
		m.told = nil
	}
	if m.fates.any {
		l.tellTallies()
	}
	if m.view.At < len(m.view.Steps) {
		l.say("Next: ", m.doer(&m.view.Steps[m.view.At]), " ", safe.Text(m.view.Steps[m.view.At].Words), ".")
	} else {
		l.say("That is the end of the story.")
	}
}

// tellTallies sums up what became of all records.
func (l *linear) tellTallies() {
	line := safe.Cell("All records: ")
	for i, s := range strategiesShown {
		if i > 0 {
			line += "; "
		}
		line += safe.Cell(s.String()) + " " + l.line(l.m.play.fates.tally[s])
	}
	l.say(line, ".")
}

// line puts the pieces of a line of the screen together.
func (l *linear) line(spans []span) safe.Cell {
	var line safe.Cell
	for _, s := range spans {
		line += s.text
	}
	return l.plain(line)
}

// tellPlayRecord says who has the record at the cursor in which state, and the fields that are not the same everywhere; or
// the field at the cursor.
func (l *linear) tellPlayRecord() {
	m := &l.m.play
	if len(m.rows) == 0 {
		return
	}
	if here := m.cursorRow(); m.rows[here].field {
		l.say(l.playRow(&m.rows[here], "Field "))
		return
	}
	w := m.world()
	m.layRows(w, false)
	defer m.layRows(w, true)
	fields := l.playFields()
	if len(fields) > mostFields {
		fields = []safe.Cell{safe.Cell(itoa(len(fields))) + " fields are not the same everywhere: same-fields tells them all."}
	}
	lines := append([]safe.Cell{l.playRow(&m.rows[m.cursorRow()], "Record ")}, fields...)
	if w.Records[m.record].Conflict != 0 {
		lines = append(lines, "It waits for a person: open decides it.")
	}
	if slices.Equal(lines, l.told.play.lines) {
		return
	}
	l.told.play.lines = lines
	for _, line := range lines {
		l.say(line)
	}
}

// playFields are the fields of the record at the cursor, as far as they are laid out.
func (l *linear) playFields() []safe.Cell {
	m := &l.m.play
	var lines []safe.Cell
	for i := range m.rows {
		if r := &m.rows[i]; r.record == m.record && r.field {
			lines = append(lines, l.playRow(r, "Field "))
		}
	}
	return lines
}

// playRow is a row of the table in words.
func (l *linear) playRow(r *playRow, what safe.Cell) safe.Cell {
	line := what + r.name + ": "
	unsent := safe.Cell(", not sent")
	if l.m.play.world().Records[r.record].Conflict != 0 {
		unsent = ", waits" // it was sent, and a person decides
	}
	for i := range r.cells {
		c := &r.cells[i]
		if c.text == "" {
			continue
		}
		line += l.m.play.holds[i].name + " " + l.short(c.text)
		switch {
		case c.mark == "*" && r.field:
			line += unsent
		case c.mark == "!" && r.field:
			line += ", asked"
		}
		line += "; "
	}
	return safe.Cell(strings.TrimSuffix(string(line), "; ")) + "."
}

// tellPlayFates says what each strategy keeps, asks and loses of the record at the cursor.
func (l *linear) tellPlayFates() {
	m := &l.m.play
	if len(m.fates.rows) == 0 {
		for _, line := range m.noFates(9) {
			if len(line) > 0 {
				l.say(l.line(line))
			}
		}
		return
	}
	for i := range m.fates.rows {
		r := &m.fates.rows[i]
		l.say("Field ", r.name, ":")
		for _, s := range strategiesShown {
			var parts []string
			for _, line := range r.cols[s] {
				parts = append(parts, string(l.line(line)))
			}
			l.say(safe.Cell(s.String()), ": ", safe.Cell(strings.Join(parts, "; ")), ".")
		}
	}
}

// obeyPlay does what a line asks for that is no key: it is the next step, or where the cursor is to go.
func (l *linear) obeyPlay(line string) (bool, error) {
	m := &l.m.play
	if line == "" {
		return true, l.run(stepOn)
	}
	if !m.got {
		return false, nil
	}
	for _, s := range strategiesShown {
		for n := 0; s.String() == line && m.strategy != s && n < len(strategiesShown); n++ {
			if err := l.run(nextStrategy); err != nil {
				return true, err
			}
		}
		if s.String() == line {
			return true, nil
		}
	}
	for i := range m.holds {
		if strings.EqualFold(string(m.holds[i].name), line) {
			m.side = i
			l.told.play.side = ""
			return true, nil
		}
	}
	at := slices.IndexFunc(m.world().Hub, func(c PlayCopy) bool { return c.Record.String() == line })
	if at < 0 {
		return false, nil
	}
	m.lookAt(m.world().Hub[at].Record)
	m.onField = false
	m.lay()
	l.told.play.record, l.told.play.lines = "", nil
	return true, nil
}

// performPlay does an action that the screen shows in another way; false where it does not.
func (l *linear) performPlay(what intent) bool {
	m := &l.m.play
	switch what {
	case turnPage:
		l.tellPlayFates()
	case showSame:
		if m.got && m.record < len(m.world().Hub) {
			m.layRows(m.world(), true)
			for _, line := range l.playFields() {
				l.say(line)
			}
		}
	default:
		return false
	}
	return true
}

// askQuiz asks which value survives.
func (l *linear) askQuiz() error {
	m := &l.m.play
	l.say("")
	for _, line := range m.quizLines(1) {
		l.say(l.line(line))
	}
	line, err := l.ask("1, 2 or 3, Enter just shows it, back leaves it:")
	if err != nil {
		return err
	}
	line = strings.TrimSpace(line)
	if line == "" {
		return l.run(stepOn)
	}
	b, ok := l.find(strings.TrimPrefix(line, ":"))
	if !ok {
		l.say("1, 2 and 3 are the answers. questions asks no more.")
		return nil
	}
	return l.run(b.intent)
}

// askPlayValue takes what is typed for a step of the person's own.
func (l *linear) askPlayValue() error {
	m := &l.m.play
	l.say(l.line(m.typingTitle()), ".")
	if m.typing.Do == PlayEdit && m.initial != "" {
		l.say("Now: ", l.short(safe.Text(m.initial)))
	}
	line, err := l.askPlayText()
	if err != nil {
		return err
	}
	if bad := notForBox(line); line == "" || bad != "" {
		if bad != "" {
			l.say("Not taken: the line holds ", safe.Cell(bad), ".")
		}
		m.box.text = m.initial
		l.send(tea.KeyMsg{Type: tea.KeyEsc})
		return nil
	}
	m.box = newBox(line, m.box.multi, 80)
	key := tea.KeyEnter
	if m.box.multi {
		key = tea.KeyCtrlS
	}
	l.send(tea.KeyMsg{Type: key})
	if m.mode == inValue {
		l.say("It cannot be: ", m.problem, ".")
		m.box.text = m.initial
		l.send(tea.KeyMsg{Type: tea.KeyEsc})
	}
	return nil
}

func (l *linear) askPlayText() (string, error) {
	switch m := &l.m.play; {
	case m.box.multi:
		return l.askText(wantText, true)
	case m.typing.Do == PlayCreate:
		return l.ask("New record, Enter to leave it:")
	case m.typing.Path == "":
		return l.ask("FIELD=VALUE, Enter to leave it:")
	}
	return l.ask("New value, Enter to leave it:")
}

// playKeysTold says what can be typed in the playground beside keys and names.
func (l *linear) playKeysTold() {
	l.say("Enter alone: the next step of the history")
	l.say("The name of a side, such as server: goes to it")
	l.say("The name of a strategy, such as op-replay: the same history under it")
	l.say("The name of a record, such as ", firstRecord(&l.m.play), ": goes to it")
}

func firstRecord(m *playModel) safe.Cell {
	if m.got && len(m.world().Hub) > 0 {
		return safe.Text(m.world().Hub[0].Record.String())
	}
	return safe.Text(merge.Key{Collection: "deal", ID: "D-1"}.String())
}
