package tui

import (
	tea "github.com/charmbracelet/bubbletea"

	"dovetail/merge"
	"dovetail/tui/safe"
	"dovetail/tui/theme"
)

// playQuiz is the question which value survives.
type playQuiz struct {
	met    PlayMeet
	path   string
	act    *PlayAct // that it stands before; nil: the next step
	answer int      // 1, 2, 3; 0: none
	open   bool     // the sync is under way, and the answer is to come
}

// question asks about what a device's sync will bring together; false where that is nothing.
func (m *playModel) question(device string) bool {
	best, points := playQuiz{act: m.quiz.act}, -1
	for _, met := range m.world().Due {
		if met.Device != device || len(met.Fates) == 0 {
			continue
		}
		if path, n := telling(met, m.strategy); n >= points {
			best.met, best.path, points = met, path, n
		}
	}
	if points < 0 {
		m.quiz.act = nil
		return false
	}
	m.quiz, m.mode = best, inQuiz
	m.asked[m.here()] = true
	m.lookAt(best.met.Record)
	m.lay()
	return true
}

// telling is the field that a strategy is understood by best, and how well. Last-write-wins surprises where the side that
// loses was alone in changing a field; the others are told apart where both did.
func telling(met PlayMeet, s merge.Strategy) (best string, points int) {
	points = -1
	loses := met.LocalAt.Before(met.ServerAt) // the local side
	for _, f := range met.Fates {
		both := f.LocalBy != "" && f.ServerBy != "" && !merge.Equal(f.Local, f.Server)
		n := 0
		switch {
		case s == merge.LastWriteWins && (loses && f.ServerBy == "" || !loses && f.LocalBy == ""):
			n = 3
		case both:
			n = 2
		case s == merge.LastWriteWins:
			n = 1
		}
		if n > points {
			best, points = f.Path, n
		}
	}
	return best, points
}

// fate is what is known of the quiz's field.
func (q *playQuiz) fate() PlayFate {
	for _, f := range q.met.Fates {
		if f.Path == q.path {
			return f
		}
	}
	return PlayFate{}
}

// answer takes the answer, and goes on to what becomes of it.
func (m playModel) answer(what intent) (playModel, tea.Cmd) {
	m.status = status{}
	switch what {
	case pickLocal:
		m.quiz.answer = 1
	case pickServer:
		m.quiz.answer = 2
	case pickBase:
		m.quiz.answer = 3
	case stepOn:
	case switchQuestions:
		m.questions = false
	case goBack:
		m.mode, m.target = onWorld, m.view.At
		delete(m.asked, m.here())
		m.quiz = playQuiz{}
		return m, nil
	default:
		return m, nil
	}
	m.mode, m.quiz.open = onWorld, true
	m.target = m.view.At + 1 // a run ends here: what comes of it is to be read
	if act := m.quiz.act; act != nil {
		m.quiz.act = nil
		return m.act(*act)
	}
	return m.ask(m.env.commands.play.goTo, m.view.At+1)
}

// newest is the last meeting of a device's change.
func (m *playModel) newest(device string) *PlayMeet {
	meets := m.world().Meets
	for i := len(meets) - 1; i >= 0; i-- {
		if meets[i].Device == device {
			return &meets[i]
		}
	}
	return nil
}

// newestOf is the last meeting of a change to a record.
func (m *playModel) newestOf(key merge.Key) *PlayMeet {
	meets := m.world().Meets
	for i := len(meets) - 1; i >= 0; i-- {
		if meets[i].Record == key {
			return &meets[i]
		}
	}
	return nil
}

// explainHere tells of the record at the cursor, once that is another one.
func (m *playModel) explainHere() {
	m.told = nil
	if at := m.at(); at != nil {
		m.explain(m.newestOf(at.Record))
	}
}

// tell says why it came out so, where a change just met another one, and whether the answer was right.
func (m *playModel) tell(before PlayView) {
	if m.view.At == before.At && len(m.view.Steps) == len(before.Steps) {
		return
	}
	m.told = nil
	quiz := m.quiz
	m.quiz = playQuiz{}
	if m.view.At == 0 || m.view.At < before.At {
		return
	}
	met := m.newest(m.view.Steps[m.view.At-1].Device)
	if len(m.world().Meets) == len(before.Worlds[m.strategy].Meets) {
		if quiz.open && quiz.answer != 0 {
			m.told = []span{{theme.Plain, "It did not come so far: the line broke before."}}
		}
		return
	}
	if quiz.open {
		for i := range m.world().Meets {
			if one := &m.world().Meets[i]; one.Record == quiz.met.Record && one.Device == quiz.met.Device {
				met = one
			}
		}
		for _, f := range met.Fates {
			if f.Path == quiz.path {
				m.told = append(m.verdict(quiz, f), m.why(met, f)...)
				return
			}
		}
	}
	m.explain(met)
}

// explain says of the most telling field why it came out so.
func (m *playModel) explain(met *PlayMeet) {
	if met == nil || len(met.Fates) == 0 || met.Resolved != 0 {
		return
	}
	best := met.Fates[0]
	for _, f := range met.Fates {
		if points(f) > points(best) {
			best = f
		}
	}
	m.told = m.why(met, best)
}

// points say how much there is to explain about a field.
func points(f PlayFate) int {
	switch {
	case len(f.Lost) > 0 && (f.LocalBy == "" || f.ServerBy == ""):
		return 5
	case len(f.Lost) > 0:
		return 4
	case f.Asked:
		return 3
	case f.Joined:
		return 2
	}
	return 0
}

// right is the answer that the world gave.
func (f PlayFate) right() int {
	local, server := merge.Equal(f.Kept, f.Local), merge.Equal(f.Kept, f.Server)
	switch {
	case f.Asked || f.Joined || !local && !server:
		return 3
	case local:
		return 1
	}
	return 2
}

func (m *playModel) verdict(q playQuiz, f PlayFate) []span {
	right := f.right()
	if q.answer == 0 {
		return nil
	}
	if q.answer == right || q.answer != 0 && merge.Equal(f.Local, f.Server) && right != 3 {
		return []span{{theme.Good, "Right. "}}
	}
	text := safe.Cell("neither by itself")
	if right != 3 {
		text = m.valueOf(f.Path, f.Kept)
	}
	return []span{{theme.Good, "No: " + text + ". "}}
}

// valueOf draws a value of a field, or says what was done to a whole record.
func (m *playModel) valueOf(path string, v merge.Value) safe.Cell {
	switch {
	case path != "":
		return m.env.glyphs.value(v).TruncateWith(40, m.env.glyphs.ellipsis)
	case v == merge.Absent:
		return "the deletion"
	}
	return "the edit"
}

// why says in one line why a field came out as it did.
func (m *playModel) why(met *PlayMeet, f PlayFate) []span {
	name := safe.Text(merge.PathLabel(f.Path))
	plain := func(c safe.Cell) span { return span{theme.Plain, c} }
	base := safe.Cell("v" + itoa(int(met.Base)))
	local, server := safe.Text(met.LocalBy), safe.Text(met.ServerBy)
	switch {
	case m.strategy == merge.LastWriteWins:
		return m.whyLast(met, f, name)
	case f.Asked && f.Path == "":
		return []span{plain("One side deleted what the other changed: a person decides, and nothing is lost.")}
	case f.Asked && (f.LocalBy == "" || f.ServerBy == ""):
		return []span{plain("The schema decides " + name + " together with other fields that both changed: a person takes one side of all.")}
	case f.Asked && met.Base == 0:
		return []span{plain(local + " and " + server + " made the record apart from each other, with another " + name + ": a person decides.")}
	case f.Asked && m.strategy == merge.OpReplay:
		return []span{plain(local + " set " + name + " on " + base + "; meanwhile " + server +
			" set it to something else: a person decides" + met.together() + ", and nothing is lost.")}
	case f.Asked:
		return []span{plain(local + " and " + server + " both changed " + name + " since " + base +
			", differently: a person decides" + met.together() + ", and nothing is lost.")}
	case f.Joined && m.strategy == merge.OpReplay:
		line := []span{plain("Each operation is done on the record as it is now, so that both count")}
		if f.Twice != nil {
			return append(line, plain("; sent twice without ids it would be "), span{theme.Strong, m.valueOf(f.Path, *f.Twice)}, plain("."))
		}
		return append(line, plain(", and nothing is lost."))
	case f.Joined:
		return []span{plain("Both changed " + name + ", and the schema's rule for it, " + safe.Text(f.Rule) + ", joins them: nothing is lost.")}
	case f.LocalBy != "" && f.ServerBy != "":
		return []span{plain(local + " and " + server + " made the same change of " + name + ".")}
	case f.LocalBy != "":
		return []span{plain("Only " + local + " changed " + name + " since " + base + ": nobody is asked, and nothing is lost.")}
	}
	return []span{plain("Only " + safe.Text(f.ServerBy) + " changed " + name + " since " + base + ": nobody is asked, and nothing is lost.")}
}

// together names the fields that one side alone changed, and that a person is asked about all the same: the schema has them
// in one group with a field that both changed.
func (met *PlayMeet) together() safe.Cell {
	words := safe.Cell("")
	for _, f := range met.Fates {
		if !f.Asked || f.Path == "" || f.LocalBy != "" && f.ServerBy != "" {
			continue
		}
		if words != "" {
			words += ", "
		}
		words += safe.Text(merge.PathLabel(f.Path))
	}
	if words == "" {
		return ""
	}
	return " it with " + words + " as one group"
}

// whyLast says why the later record won, and what that cost.
func (m *playModel) whyLast(met *PlayMeet, f PlayFate, name safe.Cell) []span {
	at := func(t int) safe.Cell {
		moment := met.LocalAt
		if t == 1 {
			moment = met.ServerAt
		}
		return safe.Cell(moment.In(m.env.location).Format("15:04"))
	}
	winner, loser, first, last := safe.Text(met.ServerBy), safe.Text(met.LocalBy), at(0), at(1)
	if met.Outcome != "superseded" {
		winner, loser, first, last = loser, winner, last, first
	}
	line := []span{{theme.Plain, winner + " wrote last, at " + last + "; " + loser + " at " + first + ". The later record wins as a whole"}}
	if len(f.Lost) > 0 {
		line = append(line, span{theme.Plain, ", so "}, span{theme.Strong, m.valueOf(f.Path, f.Lost[0].Value)},
			span{theme.Plain, " of " + safe.Text(f.Lost[0].By) + " is lost"})
		if f.LocalBy == "" || f.ServerBy == "" {
			line = append(line, span{theme.Plain, ", though nobody else touched " + name})
		}
	}
	line = append(line, span{theme.Plain, "."})
	if met.ByOwnClock {
		would := safe.Cell(" would have won")
		if met.Outcome != "superseded" {
			would = " would have lost"
		}
		line = append(line, span{theme.Plain, " By its own clock, " + aheadInWords(met.Ahead) + ", " + safe.Text(met.Device) + would + "; the hub corrects it."})
	}
	return line
}
