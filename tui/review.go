package tui

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	tea "github.com/charmbracelet/bubbletea"

	"dovetail/merge"
	"dovetail/tui/safe"
	"dovetail/tui/theme"
)

// reviewModel shows what a writing would change, and is the only place from where one is asked for.
type reviewModel struct {
	env           *env
	width, height int

	s      *study
	draft  merge.Draft
	result merge.Document
	// prepared are the lines as they are for every width, lines as they are for this one.
	prepared, lines []reviewLine
	top             int
	err             error // the decisions make no record
	box             box
	inNote          bool
	// noteBefore is the note as it was when its line was opened, noteTyped one that was typed and not taken.
	noteBefore, noteTyped string
	writing               bool
	dry                   bool // the lines show the writing as a command and as JSON
	status                status
}

// reviewLine is a prepared line: a change, with how it came about, or a text.
type reviewLine struct {
	tag, name, now, after safe.Cell
	role                  theme.Role
	text                  []span // instead of all that
	whole                 bool   // the text is not cut
	about                 bool   // it is about the field at path
	path                  string
	// nowTail and afterTail stand for values that are too long for their columns: from where they differ.
	nowTail, afterTail safe.Cell
}

func newReview(e *env) reviewModel { return reviewModel{env: e} }

// start prepares the review of a draft.
func (m reviewModel) start(r resolveModel) reviewModel {
	typed := ""
	if m.s != nil && m.s.Conflict.Number == r.s.Conflict.Number {
		typed = m.noteTyped
	}
	m = reviewModel{env: m.env, width: m.width, height: m.height, s: r.s, draft: r.draft, noteTyped: typed}
	m.result, m.err = r.s.result.Apply(r.draft.Decisions)
	if m.err != nil {
		m.refused(&r, m.err)
		return m
	}
	m.prepare(&r)
	m.prepared = m.lines
	m.lay()
	return m
}

func (m reviewModel) setSize(width, height int) reviewModel {
	m.width, m.height = width, height
	m.lay()
	m.top = scrolled(m.top, len(m.lines), m.page(), noIntent)
	return m
}

// prepare makes the lines: what changes, what is not kept, and what was checked.
func (m *reviewModel) prepare(r *resolveModel) {
	kept := 0
	if m.result == nil && m.s.Sides.Server != nil {
		m.say(theme.Strong, "   The record will be deleted.")
	}
	for i := range m.s.fields {
		f := &m.s.fields[i]
		after := m.s.Rules.Lookup(m.result, f.Path)
		if f.Path == "" {
			m.wholeRecord(f, r.marks[i])
			continue
		}
		if merge.Equal(after, f.Server) {
			if f.section != unchanged {
				kept++
			}
			continue
		}
		value := m.env.glyphs.valueAt(m.s.Rules, f.Path, after)
		if after == merge.Absent {
			value = "removed"
		}
		k := r.marks[i]
		line := reviewLine{tag: k.tag, role: k.role, name: f.name, now: f.server, after: value, about: true, path: f.Path}
		line.nowTail, line.afterTail = m.tails(f, after, value)
		m.lines = append(m.lines, line)
	}
	switch {
	case kept > 0:
		m.say(theme.Dim, safe.Cell("   "+plural(kept, "field")+" as on the server"+m.untouched()))
	case m.s.same > 0:
		m.say(theme.Dim, safe.Cell("   "+plural(m.s.same, "field")+" nobody changed"))
	}
	m.lines = append(m.lines, reviewLine{})
	if m.draft.Decisions.Both() != "" {
		m.keptBoth()
	} else {
		m.notKept()
	}
	m.checks()
}

// untouched counts the fields that nobody changed, if there are any.
func (m *reviewModel) untouched() string {
	if m.s.same == 0 {
		return ""
	}
	return ", " + itoa(m.s.same) + " nobody changed"
}

// wholeRecord says what is decided about the record as a whole.
func (m *reviewModel) wholeRecord(f *field, k mark) {
	d := m.draft.Decisions[""]
	if d.Choice == merge.Undecided || d.Choice == merge.KeepBoth {
		return
	}
	tag := span{k.role, k.tag}
	for part := range strings.SplitSeq(string(m.s.sentence(f, d.Choice)), "; ") {
		m.lines = append(m.lines, reviewLine{about: true, text: []span{{theme.Plain, "  "}, tag, {theme.Plain, "  " + safe.Cell(part)}}})
		tag = span{theme.Plain, " "}
	}
	for i := range m.s.touched {
		t := &m.s.touched[i]
		now, after := m.s.Rules.Lookup(m.s.Sides.Server, t.Path), m.s.Rules.Lookup(m.result, t.Path)
		if m.result != nil && !merge.Equal(now, after) {
			m.lines = append(m.lines, reviewLine{tag: k.tag, role: k.role, name: t.name, now: m.env.glyphs.valueAt(m.s.Rules, t.Path, now),
				after: m.env.glyphs.valueAt(m.s.Rules, t.Path, after)})
		}
	}
}

func (m *reviewModel) say(role theme.Role, text safe.Cell) {
	m.lines = append(m.lines, reviewLine{text: []span{{role, text}}})
}

// sayWhole is say for what is read to its end, on as many lines as that takes.
func (m *reviewModel) sayWhole(role theme.Role, text safe.Cell) {
	m.lines = append(m.lines, reviewLine{text: []span{{role, text}}, whole: true})
}

func (m *reviewModel) notKept() {
	lost := m.s.result.NotKept(m.result)
	if len(lost) == 0 {
		m.say(theme.Dim, "   Everything that either side changed is kept.")
		return
	}
	m.say(theme.Heading, "   Not kept; the history holds it:")
	for _, v := range lost {
		role, side := theme.Local, safe.Cell("LOCAL   ")
		if v.Side == "server" {
			role, side = theme.Server, "SERVER  "
		}
		value := m.env.glyphs.valueAt(m.s.Rules, v.Path, v.Value)
		switch {
		case v.Value == merge.Absent && v.Path == "":
			value = "its deletion"
		case v.Value == merge.Absent:
			value = "its removal"
		}
		m.lines = append(m.lines, reviewLine{about: true, path: v.Path, text: []span{{theme.Plain, "     "}, {role, side},
			{theme.Plain, safe.Text(merge.PathLabel(v.Path)) + " = " + value}}})
	}
}

func (m *reviewModel) checks() {
	edited, moved := 0, len(m.draft.Moved)
	for _, d := range m.draft.Decisions {
		if d.Choice == merge.Edited {
			edited++
		}
	}
	text := safe.Cell(fmt.Sprintf("   Checked: %d of %d decided", m.s.conflicts, m.s.conflicts))
	if m.s.conflicts == 0 {
		text = "   Checked: nothing is in dispute"
	}
	if edited > 0 {
		text += m.env.glyphs.dot + safe.Cell(plural(edited, "field")+" typed by hand")
	}
	if moved > 0 {
		text += m.env.glyphs.dot + safe.Cell(plural(moved, "field")+" changed since you decided")
	}
	m.sayWhole(theme.Plain, text)
	m.notAccepted()
	m.mixedGroups()
}

// notAccepted names the fields for which something was typed that will not be written.
func (m *reviewModel) notAccepted() {
	var names []string
	for _, path := range slices.Sorted(maps.Keys(m.draft.Typed)) {
		names = append(names, merge.PathLabel(path))
	}
	if len(names) > 0 {
		m.sayWhole(theme.Strong, "   Typed, but not accepted: "+safe.Text(strings.Join(names, ", ")))
	}
}

// Update handles a key.
func (m reviewModel) Update(msg tea.Msg) (reviewModel, action, tea.Cmd) {
	press, ok := msg.(tea.KeyMsg)
	if !ok {
		return m, action{}, nil
	}
	if m.inNote {
		return m.noteKey(press)
	}
	intents := m.env.keys[onReview].intents(press)
	if dropped(press, intents) {
		m.status = status{text: together, bad: true}
	}
	for _, what := range intents {
		var act action
		if m, act = m.obey(what); act.do != nothing {
			return m, act, nil
		}
	}
	return m, action{}, nil
}

// obey does what a key asks for. While a writing is under way only leaving counts.
func (m reviewModel) obey(what intent) (reviewModel, action) {
	switch {
	case what == leaveAtOnce:
		return m, action{do: quitAtOnce}
	case m.writing:
		return m, action{}
	}
	switch what {
	case showHelp:
		return m, action{do: help}
	case goBack:
		return m, action{do: backToFields}
	case showDry:
		if !m.env.alone {
			m.switchDry()
		}
	case editNote:
		m.startNote()
	case writeAndNext, writeAndBack:
		if m.err != nil {
			m.status = cannotWrite
			return m, action{}
		}
		m.writing, m.status = true, status{}
		return m, action{do: write, next: what == writeAndNext}
	default:
		m.top = scrolled(m.top, len(m.lines), m.page(), what)
	}
	return m, action{}
}

// startNote opens the note's line, with what was typed in it and not taken if there is such.
func (m *reviewModel) startNote() {
	m.inNote, m.noteBefore, m.status = true, m.draft.Note, status{}
	if m.noteTyped != "" {
		m.draft.Note = m.noteTyped
		m.env.commands.offer(m.draft)
	}
	m.box = newBox(m.draft.Note, false, m.noteWidth())
}

func (m reviewModel) noteKey(msg tea.KeyMsg) (reviewModel, action, tea.Cmd) {
	b, _ := m.env.keys[onLine].find(msg)
	switch b.intent {
	case leaveAtOnce:
		return m, action{do: quitAtOnce}, nil
	case closeBox:
		m.inNote = false
		if m.box.text != m.noteBefore {
			m.noteTyped, m.status = m.box.text, status{text: keptWord}
		}
		m.draft.Note = m.noteBefore
		m.env.commands.offer(m.draft)
		return m, action{}, m.env.commands.save(saveToken{})
	case acceptLine:
		m.inNote, m.noteTyped = false, ""
		if m.dry {
			m.layDry()
		}
		return m, action{}, m.env.commands.save(saveToken{})
	}
	m.box.key(msg)
	m.draft.Note = m.box.text
	m.env.commands.offer(m.draft)
	return m, action{}, nil
}

// asked is what the person asks to be written, with all that was on the screen.
func (m *reviewModel) asked() merge.Writing {
	return merge.Writing{
		Conflict: m.s.Conflict.Number, Revision: m.draft.Revision, ServerVersion: m.draft.ServerVersion,
		Decisions: m.draft.Decisions, Result: m.result, Note: m.draft.Note, Person: m.env.you,
	}
}

func (m *reviewModel) noteWidth() int { return max(m.width-20, 10) }

// page is how many lines of the list there is room for.
func (m *reviewModel) page() int { return max(m.height-m.around(), 1) }

// around is how many lines stand around the list.
func (m *reviewModel) around() int {
	n := 2 + 1 + 1 + 1 + m.footer() // head, column heads, note, status
	if m.height >= 16 {
		n += 4
	}
	return n
}

func (m *reviewModel) footer() int {
	if m.width < tableWidth {
		return 2
	}
	return 1
}

func (m *reviewModel) keys() keymap {
	if m.inNote {
		return m.env.keys[onLine]
	}
	return m.env.keys[onReview]
}

// View draws the review.
func (m reviewModel) View() string {
	f := m.env.frame
	f.begin(m.width, m.height)
	rules := m.height >= 16
	m.drawHead(f)
	if rules {
		f.rule()
	}
	c := m.columns(f.width)
	if m.dry {
		f.put(theme.Heading, "  DRY RUN")
		f.line()
	} else {
		c.drawHeads(f)
	}
	if rules {
		f.rule()
	}
	page := m.page()
	for i := range page {
		if at := m.top + i; at < len(m.lines) && !f.moreBelow(i == page-1, len(m.lines)-at) {
			m.drawLine(f, c, &m.lines[at])
			f.hot(f.col, spot{row: at})
		}
		f.line()
	}
	if rules {
		f.rule()
	}
	m.drawNote(f)
	if m.writing {
		f.put(theme.Strong, " writing"+m.env.glyphs.ellipsis)
	} else {
		m.status.draw(f)
	}
	f.line()
	if rules {
		f.rule()
	}
	if m.writing {
		f.put(theme.Dim, " keys count again when it is written")
		f.line()
		return f.end()
	}
	f.footer(m.keys(), m.footer(), func(what intent) bool {
		switch what {
		case writeAndNext, writeAndBack:
			return m.err == nil
		case showDry:
			return m.err == nil && !m.env.alone
		case goDown:
			return len(m.lines) > page
		}
		return true
	})
	return f.end()
}

func (m *reviewModel) drawHead(f *frame) {
	f.put(theme.Plain, " ")
	if m.env.title != "" && f.width >= tableWidth {
		f.put(theme.Strong, m.env.title+m.env.glyphs.dot)
	}
	f.put(theme.Title, "REVIEW  ")
	if f.width < 50 {
		f.put(theme.Title, m.s.record)
	} else {
		f.put(theme.Title, f.cut(m.s.record, f.room()-23))
		f.right(theme.Conflict, " nothing written yet ")
	}
	f.line()
	text := fmt.Sprintf(" A new version on top of the server's v%d, if that is still its last when you write.", m.draft.ServerVersion)
	if f.width < 84 {
		text = fmt.Sprintf(" On top of the server's v%d, if it is still the last", m.draft.ServerVersion)
	}
	if f.width < 52 {
		text = fmt.Sprintf(" On top of the server's v%d", m.draft.ServerVersion)
	}
	if f.width < 50 {
		text = fmt.Sprintf(" On top of v%d, nothing written yet", m.draft.ServerVersion)
	}
	f.put(theme.Dim, safe.Cell(text))
	f.line()
}

// reviewColumns are the widths of the review's columns.
type reviewColumns struct{ tag, name, side, arrow int }

func (c reviewColumns) drawHeads(f *frame) {
	f.put(theme.Heading, "  ")
	f.cell(theme.Heading, "HOW", c.tag)
	f.cell(theme.Heading, "FIELD", c.name)
	now, after := safe.Cell("SERVER NOW"), safe.Cell("AFTER WRITING")
	if after.Width() > c.side {
		now, after = "SERVER", "AFTER"
	}
	f.cell(theme.Heading, now, c.side)
	f.spaces(c.arrow)
	f.cell(theme.Heading, after, c.side)
	f.line()
}

func (m *reviewModel) columns(width int) reviewColumns {
	c := reviewColumns{tag: max(m.s.tagWidth, 3) + 2, arrow: m.env.glyphs.arrow.Width() + 2}
	c.name = min(max(m.s.nameWidth, 5), width/5) + 2
	if width < tableWidth {
		c.name = min(max(m.s.nameWidth, 5), width/4) + 1
	}
	c.side = max((width-2-c.tag-c.name-c.arrow-1)/2, 1)
	return c
}

func (m *reviewModel) drawLine(f *frame, c reviewColumns, l *reviewLine) {
	if l.name == "" {
		f.spans(l.text)
		return
	}
	f.spaces(2)
	f.cell(l.role, l.tag, c.tag)
	f.cell(theme.Plain, f.cut(l.name, c.name-1), c.name)
	now, after := l.now, l.after
	if l.afterTail != "" && (tooWide(now, c.side) || tooWide(after, c.side)) {
		now, after = l.nowTail, l.afterTail
	}
	f.cell(theme.Server, now, c.side)
	f.put(theme.Dim, " "+m.env.glyphs.arrow+" ")
	f.cell(theme.Strong, after, c.side)
}

func (m *reviewModel) drawNote(f *frame) {
	f.put(theme.Plain, " Note (optional): ")
	if !m.inNote {
		if m.draft.Note == "" {
			f.put(theme.Dim, "none, e writes one")
		}
		f.put(theme.Plain, safe.Text(m.draft.Note))
		f.line()
		return
	}
	m.box.drawOneLine(f)
	f.line()
}
