package tui

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	tea "github.com/charmbracelet/bubbletea"

	"dovetail/merge"
	"dovetail/tui/safe"
)

// tellRecords says what the records' screen would show: the list, or the record that is open.
func (l *linear) tellRecords() {
	m := &l.m.records
	if m.open == nil {
		l.tellStatus(&m.status)
		l.tellRecordList()
		return
	}
	l.tellRecord()
	l.tellStatus(&m.status)
}

// tellRecordList lists a page of records from the cursor on, each by a number to open it by.
func (l *linear) tellRecordList() {
	m := &l.m.records
	from := max(m.cursor, 0)
	to := min(from+max(m.page(), 1), len(m.rows))
	state := fmt.Sprint(m.seq, m.collection, m.text, from, to, m.err)
	if l.told.queue == state {
		return
	}
	l.told.queue, l.told.record = state, merge.Key{}
	l.say("")
	if m.err != nil {
		l.say("The records cannot be read: ", safe.Text(m.err.Error()), ".")
		return
	}
	head := "Records of " + safe.Text(m.collection)
	if m.collection == "" {
		head = "Records: none. n makes one"
	}
	if n := len(m.collections); n > 1 {
		head += safe.Cell(fmt.Sprintf(", collection %d of %d, next-list goes on", slices.Index(m.collections, m.collection)+1, n))
	}
	l.say(head, ".")
	if m.text != "" {
		l.say("Holding: ", safe.Text(m.text), ". back lists all.")
	}
	if len(m.rows) == 0 && m.collection != "" {
		l.say("List: empty.")
	}
	for i := from; i < to; i++ {
		r := &m.rows[i]
		line := safe.Cell(itoa(i+1)) + ". " + r.id
		if notes := r.notes + m.draftNote(r); notes != "" {
			line += ", " + notes
		}
		l.say(line, ": ", l.short(r.text))
	}
	if to < len(m.rows) || m.more {
		l.say("More: pgdown goes on.")
	}
}

// tellRecord says the record that is open, a field on a line, and where the draft stands. Once it was told whole, the fields that
// are edited are told.
func (l *linear) tellRecord() {
	o := l.m.records.open
	state := fmt.Sprint(o.Version, o.Revision, o.Deleted, o.Pending, o.kept.changes, o.kept.err, o.Conflicts)
	whole := l.told.record != o.Record
	if !whole && l.told.conflict == state {
		return
	}
	l.told.record, l.told.conflict, l.told.queue = o.Record, state, ""
	l.say("")
	l.say("Record: ", safe.Text(o.Record.String()), ", ", l.recordState())
	for i := range o.rows {
		if r := &o.rows[i]; whole || o.holds(r.Path) {
			l.tellRecordField(i+1, r)
		}
	}
	if len(o.rows) == 0 {
		l.say("Fields: none. add-field adds one.")
	}
	if left := o.unwritten(); left != "" {
		l.say("Not written: ", left, ". The draft is kept; w writes.")
	}
	if o.kept.err != nil {
		l.say("The draft is not saved: ", safe.Text(o.kept.err.Error()), ".")
	}
}

// recordState is what there is to know of a record beside its fields.
func (l *linear) recordState() safe.Cell {
	o := l.m.records.open
	state := safe.Cell(fmt.Sprintf("version %d", o.Version))
	switch {
	case o.missing():
		state = "new, not there yet"
	case o.Version == 0:
		state = "new"
	}
	if o.Deleted {
		state += ", deleted"
	}
	if o.Pending {
		state += ", changed here, to be sent"
	}
	if n := len(o.Conflicts); n > 0 {
		state += safe.Cell(fmt.Sprintf(", %s, open tells conflict %d", plural(n, "conflict"), o.Conflicts[0]))
	}
	return state + "."
}

// tellRecordField says one field; its value is the last, so that nothing in it passes for words of ours.
func (l *linear) tellRecordField(number int, r *recordField) {
	m := &l.m.records
	o, g := m.open, l.m.env.glyphs
	name := safe.Cell(itoa(number)) + ". " + r.name
	if r.label != "" {
		name += ", " + r.label
	}
	name += ", " + r.kind
	e, edited := o.draft.Edits[r.Path]
	switch typed, left := o.draft.Typed[r.Path]; {
	case o.clashes(r.Path):
		l.say(name, safe.Cell(fmt.Sprintf(", changed on both sides: local %d keeps yours, server %d takes theirs", number, number)))
		l.say("  when you edited it: ", l.short(l.plain(g.valueAt(o.Rules, r.Path, e.Was))))
		l.say("  now: ", l.short(l.plain(r.base)))
		l.say("  yours: ", l.short(l.plain(g.valueAt(o.Rules, r.Path, e.Value))))
	case edited:
		l.say(name, ", edited, now: ", l.short(l.plain(r.base)))
		l.say("  to be: ", l.short(l.plain(g.valueAt(o.Rules, r.Path, e.Value))))
	case left:
		l.say(name, ", now: ", l.short(l.plain(r.base)))
		l.say("  typed, not accepted: ", l.short(safe.Text(typed.Text)))
	default:
		l.say(name, ": ", l.short(l.plain(r.base)))
	}
}

// recordsPrompt is what stands before the answer.
func (l *linear) recordsPrompt() safe.Cell {
	switch o := l.m.records.open; {
	case o == nil:
		return "Number of a record, / and a text to search, n for a new one, or ? for help:"
	case len(o.draft.Edits) > 0:
		return "Number of a field to edit, w to write, or ? for help:"
	}
	return "Number of a field to edit, or ? for help:"
}

// obeyRecords takes a line that is no key: the number of a record or a field, a text to search for, or nothing, which tells it all
// again. It is false where the line is none such.
func (l *linear) obeyRecords(line string) (bool, error) {
	m := &l.m.records
	text, searches := strings.CutPrefix(line, "/")
	switch {
	case line == "":
		l.told = toldState{screen: l.m.screen}
		return true, nil
	case m.open == nil && searches && text != "":
		m.box = newBox(text, false, 80)
		m.typing = true
		l.send(tea.KeyMsg{Type: tea.KeyEnter})
		return true, nil
	case m.open == nil && isNumber(line):
		return true, l.openRow(line)
	case m.open != nil && (isNumber(line) || m.keyed(line)):
		return true, l.atField(line)
	}
	return false, nil
}

// keyed reports whether a line is an action of a field and the field's number, as in `remove 3`.
func (m *recordsModel) keyed(line string) bool {
	words := strings.Fields(line)
	return len(words) == 2 && isNumber(words[1])
}

func (l *linear) openRow(line string) error {
	m := &l.m.records
	n, err := strconv.Atoi(line)
	if err != nil || n > len(m.rows) {
		l.say("Record ", safe.Text(line), " is not in the list.")
		return nil
	}
	m.shift(n - 1 - m.cursor)
	m.keep(len(m.rows), m.page())
	return l.run(openCase)
}

// atField goes to the field with a number, and does what is asked of it: to be edited, where nothing is said.
func (l *linear) atField(line string) error {
	m := &l.m.records
	words := strings.Fields(line)
	what := editValue
	if len(words) == 2 {
		b, ok := l.find(words[0])
		if !ok {
			l.say("There is no command ", safe.Text(words[0]), " here. ? lists them.")
			return nil
		}
		what = b.intent
	}
	n, err := strconv.Atoi(words[len(words)-1])
	if err != nil || n > len(m.open.rows) {
		l.say("Field ", safe.Text(words[len(words)-1]), " is not in the record.")
		return nil
	}
	open := *m.open
	m.open = &open
	m.open.shift(n - 1 - m.open.cursor)
	m.open.keep(len(m.open.rows), m.recordPage())
	return l.run(what)
}

// askRecord asks what the records' screen asks; it is false where that waits for a command.
func (l *linear) askRecord() (bool, error) {
	m := &l.m.records
	switch {
	case m.open == nil && m.typing:
		return true, l.askBox("Text that the records hold, in their id or fields, Enter for all:", tea.KeyEnter)
	case m.open == nil && m.naming:
		return true, l.askName()
	case m.open == nil:
		return false, nil
	case m.open.mode == recordAsking:
		l.say("Write: ", safe.Text(m.open.Record.String()), ", ", safe.Cell(m.open.unwrittenEdits()), m.whereTo(), ".")
		return true, l.askYes("Type yes to write, Enter to leave it:")
	case m.open.mode == recordDiscarding:
		l.say("Throw away: ", m.open.unwritten(), " not written.")
		return true, l.askYes("Type yes to throw them away, Enter to leave them:")
	case m.open.mode == recordTyping:
		return true, l.askRecordValue()
	case m.open.mode == recordAdding:
		return true, l.askField()
	case m.open.mode == recordPast:
		l.tellPast()
		return true, l.run(goBack)
	}
	return false, nil
}

// askBox takes a line into the box, and sends the key that takes it. An empty one is taken too.
func (l *linear) askBox(prompt safe.Cell, key tea.KeyType) error {
	line, err := l.ask(prompt)
	if err != nil {
		return err
	}
	l.m.records.box = newBox(strings.TrimSpace(line), false, 80)
	l.send(tea.KeyMsg{Type: key})
	return nil
}

// askName asks for the name of a new record, until it is one that may be made.
func (l *linear) askName() error {
	m := &l.m.records
	if m.problem != "" {
		l.say("Not that: ", m.problem, ".")
	}
	line, err := l.ask("Collection and id of the new record, such as " + safe.Text(merge.Key{Collection: cmp.Or(m.collection, "deal"), ID: "D-7"}.String()) +
		", a collection and / for an id that is made, Enter to leave it:")
	if err != nil {
		return err
	}
	if line = strings.TrimSpace(line); line == "" {
		l.send(tea.KeyMsg{Type: tea.KeyEsc})
		return nil
	}
	l.m.records.box = newBox(line, false, 80)
	l.send(tea.KeyMsg{Type: tea.KeyEnter})
	return nil
}

// askRecordValue takes a typed value. One that the field cannot hold stays in the draft as it was typed.
func (l *linear) askRecordValue() error {
	o := l.m.records.open
	at := o.at()
	l.say("Field: ", at.name, ", now: ", l.short(l.plain(at.base)))
	if len(o.edit.listed) > 0 {
		l.say("One of: ", safe.Text(strings.Join(o.edit.listed, ", ")))
	}
	if typed, ok := o.draft.Typed[at.Path]; ok {
		l.say("Typed before, not accepted: ", safe.Text(typed.Text))
	}
	line, err := l.askText(o.edit.want, strings.Contains(o.edit.initial, "\n"))
	if err != nil {
		return err
	}
	if bad := notForBox(line); line == "" || bad != "" {
		if bad != "" {
			l.say("Not taken: the line holds ", safe.Cell(bad), ".")
		}
		l.send(tea.KeyMsg{Type: tea.KeyEsc})
		return nil
	}
	m := &l.m.records
	m.box = newBox("", strings.Contains(line, "\n"), m.boxWidth())
	m.box.put(line)
	l.send(tea.KeyMsg{Type: tea.KeyCtrlS})
	m = &l.m.records
	if m.open != nil && m.open.mode == recordTyping {
		l.say("Not taken: ", m.open.edit.problem, ". The text is kept.")
		m.open.draft.Type(m.open.edit.path, merge.TypedText{Text: line, Was: m.open.was})
		l.send(tea.KeyMsg{Type: tea.KeyEsc})
		l.m.records.status = status{}
	}
	return nil
}

// askField asks for a field that the record has not.
func (l *linear) askField() error {
	if p := l.m.records.open.edit.problem; p != "" {
		l.say("Not taken: ", p, ".")
	}
	line, err := l.ask("FIELD=VALUE, as status=open; := is JSON, as amount:=40000; Enter to leave it:")
	if err != nil {
		return err
	}
	if line == "" {
		l.send(tea.KeyMsg{Type: tea.KeyEsc})
		return nil
	}
	l.m.records.box = newBox(line, false, 80)
	l.send(tea.KeyMsg{Type: tea.KeyEnter})
	return nil
}

// tellPast says the record's versions.
func (l *linear) tellPast() {
	l.say("")
	l.say("History of ", safe.Text(l.m.records.open.Record.String()))
	for _, line := range l.m.records.open.past.lines {
		switch {
		case line.spans != nil:
			l.say(l.plain(plainSpans(line.spans)))
		case line.head:
			l.say(l.plain(line.text))
		default:
			l.say("  ", line.text) // so that no line of a value passes for words of ours
		}
	}
}

// recordKeysTold says what can be typed here beside keys and names.
func (l *linear) recordKeysTold() {
	if l.m.records.open == nil {
		l.say("A number: opens that record")
		l.say("/ and a text: the records that hold it")
		l.say("Enter alone: the list once more")
		return
	}
	l.say("A number: edits that field")
	l.say("remove, un-decide, local or server, and a number: does that to the field")
	l.say("Enter alone: the record once more")
}
