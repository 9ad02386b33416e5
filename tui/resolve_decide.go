package tui

import (
	"fmt"
	"maps"
	"strings"

	tea "github.com/charmbracelet/bubbletea"

	"dovetail/merge"
	"dovetail/tui/safe"
	"dovetail/tui/theme"
)

// noChoice is what a key that takes says where nothing was chosen.
const noChoice = "1 local  2 server  3 base  c combined  e edit"

// nobodyChanged is what they say where there is no side to take.
const nobodyChanged = "nobody changed this field: e edits it, 0 removes it"

// alreadyResolved is said where a conflict can only be looked at.
const alreadyResolved = "resolved already: nothing can be written for it; your draft is kept"

// decided does what is about decisions.
func (m resolveModel) decided(what intent) (resolveModel, tea.Cmd) {
	f := m.focused()
	if f == nil {
		return m, nil
	}
	if m.closed {
		m.status = status{text: alreadyResolved, bad: true}
		return m, nil
	}
	switch what {
	case take, takeAndNext:
		return m.takeBracket(f, what == takeAndNext)
	case pickLocal, pickServer, pickBase, pickRemoved:
		cmd := m.choose(f, choiceOf(what))
		return m, cmd
	case pickCombined:
		cmd := m.chooseCombined(f)
		return m, cmd
	case swapOrder:
		m.swapOrder(f)
	case editValue:
		m.startEdit(f)
	case editOutside:
		cmd := m.startEditor(f)
		return m, cmd
	case keepBoth:
		m.startBoth()
	case takeBack:
		return m.unDecide(f)
	case discardDraft:
		return m.discard()
	case applyToAll:
		m.openMenu()
	case undoStep, redoStep:
		return m.stepBack(what == redoStep)
	}
	return m, nil
}

func choiceOf(what intent) merge.Choice {
	return map[intent]merge.Choice{pickLocal: merge.TakeLocal, pickServer: merge.TakeServer, pickBase: merge.TakeBase,
		pickCombined: merge.TakeCombined, pickRemoved: merge.Removed}[what]
}

// takeBracket decides for the choice in brackets. Without one it decides nothing.
func (m resolveModel) takeBracket(f *field, next bool) (resolveModel, tea.Cmd) {
	var cmd tea.Cmd
	switch {
	case m.bracket != merge.Undecided:
		cmd = m.choose(f, m.bracket)
	case !next && f.section == unchanged:
		m.status.text = nobodyChanged
		return m, nil
	case !next || m.isOpen(f):
		m.status.text = noChoice
		return m, nil
	}
	if next {
		said := m.status
		m.toOpen(1)
		if m.status.text == "" {
			m.status = said
		}
		m.moved()
	}
	return m, cmd
}

// choose decides a field, and with it the others of its group.
func (m *resolveModel) choose(f *field, c merge.Choice) tea.Cmd {
	if f.section == unchanged && c != merge.Removed {
		m.status.text = nobodyChanged
		return nil
	}
	set, without := m.s.chosenFor(f, c)
	if without != nil {
		m.status = status{text: m.notOffered(without, c), bad: true}
		return nil
	}
	if d := set[f.Path]; c == merge.TakeCombined && m.swaps(f) {
		d.Value = f.swapped
		set[f.Path] = d
	}
	m.bracket = merge.Undecided
	return m.decide(c.String()+" for "+m.s.subject(f), set)
}

// notOffered says why a choice is not there.
func (m *resolveModel) notOffered(f *field, c merge.Choice) safe.Cell {
	switch {
	case c == merge.TakeCombined:
		return "nothing to combine: " + f.notJoined()
	case c == merge.TakeBase && m.s.Sides.BaseLost:
		return "the base of this change is not known"
	case c == merge.TakeBase:
		return "there is no base: both sides created it"
	}
	return "that is not possible for " + f.name
}

// decide records a step, and saves the draft.
func (m *resolveModel) decide(what string, set merge.Decisions) tea.Cmd {
	if _, whole := set[""]; !whole && m.draft.Decisions.Both() != "" {
		set = maps.Clone(set)
		set[""] = merge.Decision{}
	}
	m.draft.Decide(what, set)
	if len(m.draft.Moved) == 0 {
		m.banner = ""
	}
	return m.afterStep()
}

// afterStep brings the screen up to date and saves.
func (m *resolveModel) afterStep() tea.Cmd {
	at := m.focusedPath()
	m.relist()
	m.cursorTo(at)
	m.moved()
	return m.saveNow()
}

// saveNow offers the draft and saves it at once.
func (m *resolveModel) saveNow() tea.Cmd {
	m.offer()
	return m.env.commands.save(m.token())
}

func (m resolveModel) unDecide(f *field) (resolveModel, tea.Cmd) {
	set := merge.Decisions{}
	if m.draft.Decisions.Both() != "" {
		set[""] = merge.Decision{}
	}
	for _, member := range m.s.together(f) {
		if m.draft.Decisions[member.Path].Choice != merge.Undecided {
			set[member.Path] = merge.Decision{}
		}
	}
	if len(set) == 0 {
		m.status.text = "not decided yet: nothing to take back"
		if f.section == byItself {
			m.status.text = "merged by itself: nothing to take back"
		}
		return m, nil
	}
	cmd := m.decide("un-decided "+m.s.subject(f), set)
	return m, cmd
}

// discard empties the draft in one step, which undo takes back: what was decided, typed and noted.
func (m resolveModel) discard() (resolveModel, tea.Cmd) {
	n, typed := len(m.draft.Decisions), len(m.draft.Typed) > 0 || m.draft.Note != ""
	said := "discarded " + plural(n, "decision")
	switch {
	case n == 0 && !typed:
		said = "discarded the draft"
	case n == 0:
		said = "discarded what was typed"
	case typed:
		said += " and what was typed"
	}
	if !m.draft.Discard(said) {
		m.status.text = "there is no draft to discard"
		return m, nil
	}
	m.banner = ""
	cmd := m.afterStep()
	m.status.text = safe.Cell(said) + ": u brings it back"
	return m, cmd
}

func (m resolveModel) stepBack(redo bool) (resolveModel, tea.Cmd) {
	verb, back, none := "undone: ", m.draft.Undo, "nothing to undo"
	if redo {
		verb, back, none = "redone: ", m.draft.Redo, "nothing to redo"
	}
	what, ok := back()
	if !ok {
		m.status.text = safe.Cell(none)
		return m, nil
	}
	m.status.text = safe.Cell(verb) + safe.Text(what)
	cmd := m.afterStep()
	return m, cmd
}

// menuChoices are what A offers, by what asks for it, with how many of the undecided fields would get it. A whole record
// is never decided by it.
func (m *resolveModel) menuChoices() map[intent]merge.Decisions {
	out := map[intent]merge.Decisions{}
	for i := range m.s.fields {
		f := &m.s.fields[i]
		if f.Path == "" || !m.isOpen(f) {
			continue
		}
		for _, what := range []intent{pickLocal, pickServer, pickBase, pickCombined, pickNewest} {
			c := choiceOf(what)
			if what == pickNewest {
				c = m.newest(f)
			}
			set, without := m.s.chosenFor(f, c)
			if without != nil {
				continue
			}
			if out[what] == nil {
				out[what] = merge.Decisions{}
			}
			maps.Copy(out[what], set)
		}
	}
	return out
}

// newest is the side that edited a field, or one of its group, later.
func (m *resolveModel) newest(f *field) merge.Choice {
	var paths []string
	for _, member := range m.s.together(f) {
		paths = append(paths, member.Path)
	}
	return m.s.Newest(paths...)
}

func (m *resolveModel) openMenu() {
	if len(m.menuChoices()) == 0 {
		m.status.text = "nothing is left that one choice could be for"
		return
	}
	m.mode = inMenu
}

// chosen takes the menu's answer.
func (m resolveModel) chosen(what intent) (resolveModel, action, tea.Cmd) {
	m.mode = onFields
	if what == goBack {
		return m, action{}, nil
	}
	set := m.menuChoices()[what]
	if len(set) == 0 {
		m.status.text = "no field is left that offers it"
		if what == pickNewest {
			m.status = status{text: "nothing is decided: when the sides were edited is not known", bad: true}
		}
		return m, action{}, nil
	}
	done := fmt.Sprintf("%s for %s", intentNames[what], plural(len(set), "field"))
	cmd := m.decide(done, set)
	m.status.text = safe.Cell(done)
	if n := len(m.open); what == pickNewest && n > 0 {
		m.status = status{text: safe.Cell(done) + "; left, since a time is not known: " + m.listOpen(), bad: true}
	}
	return m, action{}, cmd
}

// drawMenu draws the menu in the place of the keys, with how many fields each choice is for.
func (m *resolveModel) drawMenu(f *frame, rows int) {
	all := m.menuChoices()
	var items [][2]safe.Cell // the key, and what it stands for
	for _, b := range m.env.keys[onMenu] {
		n := len(all[b.intent])
		switch {
		case b.foot == "":
		case b.intent == goBack:
			items = append(items, [2]safe.Cell{safe.Cell(b.Help().Key), " " + safe.Cell(b.foot)})
		case n > 0:
			items = append(items, [2]safe.Cell{safe.Cell(b.Help().Key), safe.Cell(fmt.Sprintf(" %s (%d)", b.foot, n))})
		}
	}
	gap := 3
	for gap > 1 && !fitsIn(items, gap, f.width, rows) {
		gap--
	}
	if !fitsIn(items, gap, f.width, rows) { // the question has told how many there are
		for i := range items {
			text, _, _ := strings.Cut(string(items[i][1]), " (")
			items[i][1] = safe.Cell(text)
		}
	}
	f.spaces(1)
	for _, item := range items {
		if wide := item[0].Width() + item[1].Width(); f.col > 1 && gap+wide > f.room() && rows > 1 {
			f.line()
			f.spaces(1)
			rows--
		} else if f.col > 1 {
			f.spaces(gap)
		}
		f.put(theme.Key, item[0])
		f.put(theme.Plain, item[1])
	}
	f.line()
}

// fitsIn reports whether the items of a menu go on so many lines with a gap between them.
func fitsIn(items [][2]safe.Cell, gap, width, rows int) bool {
	col := 1
	for _, item := range items {
		wide := item[0].Width() + item[1].Width()
		switch {
		case col == 1:
		case col+gap+wide > width:
			col = 1
			rows--
		default:
			col += gap
		}
		col += wide
	}
	return rows > 0 && col <= width
}

// keepTyped returns the texts typed with one more, or with one less where text is nil.
func keepTyped(typed map[string]string, path string, text *string) map[string]string {
	out := maps.Clone(typed)
	if out == nil {
		out = map[string]string{}
	}
	if text == nil {
		delete(out, path)
	} else {
		out[path] = *text
	}
	return out
}
