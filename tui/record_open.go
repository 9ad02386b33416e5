package tui

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	tea "github.com/charmbracelet/bubbletea"

	"dovetail/merge"
	"dovetail/tui/safe"
	"dovetail/tui/theme"
)

// recordMode says what the keys are about while a record is open.
type recordMode uint8

const (
	recordFields  recordMode = iota
	recordTyping             // a value, in the box
	recordPast               // its history is shown
	recordAsking             // whether to write
	recordLeaving            // whether to leave what was edited
)

// openRecord is the record that is open, with what was edited in it and not written. Only writing it and a person's yes throw
// an edit away.
type openRecord struct {
	RecordShown
	rows    []recordField
	edits   map[string]recordValue
	typed   map[string]string // texts in boxes that were closed, by path
	mode    recordMode
	edit    editing
	writing bool
	after   action // what to do when it is left
	past    fullView
	moments []merge.Moment
	list
}

// recordValue is what a field is to be, and what it was when that was typed.
type recordValue struct{ value, was merge.Value }

// recordField is a field of the open record made ready to be drawn.
type recordField struct {
	field
	kind safe.Cell
}

// tookRecord shows a record. Edits of the one that was shown before stay, if it is the same one.
func (m *recordsModel) tookRecord(msg recordMsg) {
	if msg.seq != m.readSeq {
		return
	}
	if msg.err != nil {
		if !m.status.bad {
			m.status = failed("the record could not be read: ", msg.err)
		}
		return
	}
	o := openRecord{}
	if m.open != nil && m.open.Record == msg.record.Record {
		o = *m.open
	}
	o.RecordShown, o.writing = msg.record, false
	m.open = &o
	m.relay()
	m.tellRow(&msg.record)
}

// tellRow has the list show what is known of the record now.
func (m *recordsModel) tellRow(r *RecordShown) {
	at := slices.IndexFunc(m.rows, func(row recordRow) bool { return row.key == r.Record })
	if at >= 0 && !r.Deleted {
		m.rows = slices.Clone(m.rows)
		m.rows[at] = newRecordRow(*r)
	}
}

// recordFieldsOf are the record's fields, those that the schema names and the record has not, and those that are edited.
func recordFieldsOf(r *RecordShown, edits map[string]recordValue, g *glyphs) []recordField {
	var shape *merge.Rules
	if r.Rules != nil {
		shape = &merge.Rules{Root: r.Rules.Root}
	}
	all := merge.Same(merge.Sides{Base: r.Fields, Local: r.Fields, Server: r.Fields}, shape)
	has := map[string]bool{}
	for _, f := range all {
		has[f.Path] = true
	}
	more := slices.Collect(maps.Keys(edits))
	if shape != nil && shape.Root != nil {
		for name := range shape.Root.Properties {
			more = append(more, "/"+strings.NewReplacer("~", "~0", "/", "~1").Replace(name))
		}
	}
	for _, path := range more {
		above := slices.ContainsFunc(all, func(f merge.Field) bool { return strings.HasPrefix(f.Path, path+"/") })
		if !has[path] && !above {
			has[path] = true
			v := r.Rules.Lookup(r.Fields, path)
			all = append(all, merge.Field{Path: path, Base: v, Local: v, Server: v, Result: v})
		}
	}
	slices.SortFunc(all, func(a, b merge.Field) int { return cmp.Compare(a.Path, b.Path) })
	rows := make([]recordField, 0, len(all))
	for _, f := range all {
		row := recordField{field: newField(f, unchanged, g)}
		row.label = safe.Text(r.Rules.Label(f.Path))
		kind := f.Base.Type()
		if kind == merge.AbsentType {
			kind = namedType(r.Rules, f.Path)
		}
		row.kind = safe.Cell(kind.String())
		rows = append(rows, row)
	}
	return rows
}

func (o *openRecord) at() *recordField {
	if !o.in(len(o.rows)) {
		return nil
	}
	return &o.rows[o.cursor]
}

// unwritten says what would be lost with the record; empty if nothing is.
func (o *openRecord) unwritten() safe.Cell {
	n := len(o.edits)
	for path := range o.typed {
		if _, both := o.edits[path]; !both {
			n++
		}
	}
	if n == 0 {
		return ""
	}
	return safe.Cell(plural(n, "edit"))
}

// put keeps what a field is to be, or takes it back where that is what it is.
func (o *openRecord) put(path string, v merge.Value, back bool) {
	edits := maps.Clone(o.edits)
	if edits == nil {
		edits = map[string]recordValue{}
	}
	is := o.Rules.Lookup(o.Fields, path)
	if back || v == is {
		delete(edits, path)
	} else {
		edits[path] = recordValue{value: v, was: is}
	}
	o.edits = edits
	o.typed = keepTyped(o.typed, path, nil)
}

func (m *recordsModel) openKeys() keymap {
	switch m.open.mode {
	case recordTyping:
		return m.env.keys[onBox]
	case recordPast:
		return m.env.keys[onFull]
	case recordAsking, recordLeaving:
		return m.env.keys[onQuestion]
	}
	return m.env.keys[onRecord]
}

// obeyRecord does what a key asks for while a record is open.
func (m recordsModel) obeyRecord(what intent) (recordsModel, action, tea.Cmd) {
	o := *m.open
	m.open = &o
	switch {
	case what == leaveAtOnce && o.mode == recordLeaving:
		return m, action{do: quitAtOnce}, nil
	case what == leaveAtOnce:
		return m.leave(action{do: quitAtOnce})
	case what == showHelp:
		return m, action{do: help}, nil
	case o.writing:
		return m, action{}, nil // the answer comes first
	}
	switch o.mode {
	case recordPast:
		if what == goBack {
			m.open.mode, m.open.past, m.open.moments = recordFields, fullView{}, nil
		}
		m.open.past.top = scrolled(o.past.top, len(m.open.past.lines), max(m.height-4, 1), what)
		return m, action{}, nil
	case recordAsking:
		if what != sayYes && what != sayNo {
			return m, action{}, nil
		}
		m.open.mode = recordFields
		if what == sayYes {
			cmd := m.write()
			return m, action{}, cmd
		}
		return m, action{}, nil
	case recordLeaving:
		return m.answeredLeave(what)
	}
	return m.obeyField(what)
}

// obeyField does what a key asks of the field at the cursor, or of the record.
func (m recordsModel) obeyField(what intent) (recordsModel, action, tea.Cmd) {
	o, at := m.open, m.open.at()
	var cmd tea.Cmd
	switch what {
	case goBack:
		return m.leave(action{})
	case openCase:
		if len(o.Conflicts) == 0 {
			m.status.text = "nothing of it is in conflict"
			break
		}
		return m.leave(action{do: openNumber, number: o.Conflicts[0]})
	case editValue:
		if at != nil {
			m.startEdit(at)
		}
	case pickRemoved, takeBack:
		if at == nil {
			break
		}
		if problem := m.open.refuses(at.Path, merge.Absent); what == pickRemoved && problem != "" {
			m.status = status{text: problem, bad: true}
			break
		}
		m.open.put(at.Path, merge.Absent, what == takeBack)
		m.relay()
	case openReview:
		m.askWrite()
	case showHistory:
		if m.env.commands.about.history == nil {
			m.status = status{text: "there is no history here", bad: true}
			break
		}
		cmd = m.env.commands.about.history(0, o.Record)
	case refresh:
		cmd = m.read(o.Record)
	default:
		m.open.move(what, len(o.rows), m.recordPage(), max(m.recordPage()-1, 1))
	}
	return m, action{}, cmd
}

// relay makes the rows again. The cursor stays on its field.
func (m *recordsModel) relay() {
	o, path := m.open, ""
	if at := o.at(); at != nil {
		path = at.Path
	}
	o.rows = recordFieldsOf(&o.RecordShown, o.edits, m.env.glyphs)
	if i := slices.IndexFunc(o.rows, func(r recordField) bool { return r.Path == path }); i >= 0 {
		o.shift(i - o.cursor)
	}
	o.keep(len(o.rows), m.recordPage())
}

// leave closes the record, after a question where something was edited and not written.
func (m recordsModel) leave(after action) (recordsModel, action, tea.Cmd) {
	if m.open.unwritten() != "" || m.open.writing {
		m.open.mode, m.open.after = recordLeaving, after
		return m, action{}, nil
	}
	return m.closed(after)
}

// closed is the list again. What was asked about the record is not waited for.
func (m recordsModel) closed(after action) (recordsModel, action, tea.Cmd) {
	m.open = nil
	m.readSeq++
	return m, after, nil
}

func (m recordsModel) answeredLeave(what intent) (recordsModel, action, tea.Cmd) {
	switch what {
	case sayYes:
		return m.closed(m.open.after)
	case sayNo:
		m.open.mode = recordFields
	}
	return m, action{}, nil
}

// startEdit opens the box on a field, with the text typed before if there is one.
func (m *recordsModel) startEdit(at *recordField) {
	o := m.open
	if o.Deleted {
		m.status = status{text: "the record is deleted", bad: true}
		return
	}
	want := wantedIn(at, o.Rules)
	value := at.Base
	if e, edited := o.edits[at.Path]; edited {
		value = e.value
	}
	initial := want.textOf(value)
	if bad := notForBox(initial); bad != "" {
		m.status = status{text: safe.Cell("not to be edited here: the value holds " + bad + "; `dovetail set` takes any value"), bad: true}
		return
	}
	o.edit = editing{path: at.Path, initial: initial, want: want, listed: listedFor(o.Rules, at.Path, want)}
	text := initial
	if typed, ok := o.typed[at.Path]; ok {
		text = typed
	}
	o.mode = recordTyping
	m.box = newBox(text, want == wantText && strings.Contains(text+initial, "\n"), m.boxWidth())
}

// wantedIn says what may be typed for a field: what it is, or where it is nothing, what the schema says.
func wantedIn(at *recordField, rules *merge.Rules) wanted {
	want := wantedFor(&at.field)
	if t := at.Base.Type(); t != merge.AbsentType && t != merge.NullType {
		return want
	}
	if t := namedType(rules, at.Path); t != merge.AbsentType {
		return kindWanted(t)
	}
	return want
}

// namedType is the type that the schema names for a field of the record itself; AbsentType where it does not.
func namedType(rules *merge.Rules, path string) merge.Type {
	if rules == nil || rules.Root == nil || path == "" {
		return merge.AbsentType
	}
	rule := rules.Root.Properties[strings.NewReplacer("~1", "/", "~0", "~").Replace(path[1:])]
	switch {
	case rule == nil:
		return merge.AbsentType
	case rule.Type == merge.AbsentType && len(rule.Enum) > 0:
		return rule.Enum[0].Type()
	}
	return rule.Type
}

// typedValue takes a key while the box is open.
func (m recordsModel) typedValue(msg tea.KeyMsg) (recordsModel, action, tea.Cmd) {
	o := *m.open
	m.open = &o
	m.status, o.edit.problem = status{}, ""
	b, _ := m.env.keys[onBox].find(msg)
	switch {
	case b.intent == leaveAtOnce:
		m.keepText()
		return m.leave(action{do: quitAtOnce})
	case b.intent == closeBox:
		if m.keepText() {
			m.status.text = "the typed text is kept: e shows it again"
		}
		return m, action{}, nil
	case b.intent == acceptText, b.intent == acceptLine && !m.box.multi:
		m.accept()
		return m, action{}, nil
	case b.intent == newLine && o.edit.want == wantText:
		m.box.multi = true
	}
	if b.intent != nextValue || !o.edit.nextListed(&m.box) {
		m.box.key(msg)
	}
	if m.box.leftOut > 0 {
		o.edit.problem = safe.Cell("left out: " + plural(m.box.leftOut, "control character"))
	}
	return m, action{}, nil
}

// keepText closes the box and keeps what was typed in it, where that is another text than it began with.
func (m *recordsModel) keepText() bool {
	m.open.mode = recordFields
	other := m.box.text != m.open.edit.initial
	if other {
		m.open.typed = keepTyped(m.open.typed, m.open.edit.path, &m.box.text)
	}
	return other
}

// accept takes the typed text as what the field is to be.
func (m *recordsModel) accept() {
	o := m.open
	if m.box.text == o.edit.initial {
		o.mode = recordFields
		o.typed = keepTyped(o.typed, o.edit.path, nil)
		m.status.text = "nothing was changed in the text"
		return
	}
	value, problem := o.edit.want.read(m.box.text)
	o.edit.problem = safe.Text(problem)
	if problem == "" {
		o.edit.problem = o.refuses(o.edit.path, value)
	}
	if o.edit.problem != "" {
		return
	}
	o.mode = recordFields
	o.put(o.edit.path, value, false)
	m.relay()
}

// refuses says why a field may not become that.
func (o *openRecord) refuses(path string, v merge.Value) safe.Cell {
	if o.Deleted {
		return "the record is deleted"
	}
	return breaks(o.Rules, o.Fields, path, v)
}

// askWrite asks whether to write.
func (m *recordsModel) askWrite() {
	switch o := m.open; {
	case o.Deleted:
		m.status = status{text: "the record is deleted: nothing can be written to it", bad: true}
	case len(o.edits) == 0:
		m.status.text = "nothing was edited: e types a value"
	default:
		o.mode = recordAsking
	}
}

// edited is the record with what was edited, and the steps to it.
func (o *openRecord) edited() (RecordEdit, error) {
	e := RecordEdit{Record: o.Record, Version: o.Version, Revision: o.Revision, Fields: o.Fields}
	for _, path := range slices.Sorted(maps.Keys(o.edits)) {
		v := o.edits[path].value
		was := o.Rules.Lookup(e.Fields, path)
		if was == v {
			continue
		}
		op := merge.Operation{Verb: merge.SetField, Path: path, Value: v, Was: was}
		if v == merge.Absent {
			op.Verb = merge.UnsetField
		}
		var err error
		if e.Fields, err = o.Rules.With(e.Fields, path, v); err != nil {
			return e, fmt.Errorf("%s: %w", merge.PathLabel(path), err)
		}
		e.Steps = append(e.Steps, op)
	}
	return e, nil
}

func (m *recordsModel) write() tea.Cmd {
	e, err := m.open.edited()
	if err != nil {
		m.status = failed("not written: ", err)
		return nil
	}
	m.open.writing = true
	m.status.text = "writing" + m.env.glyphs.ellipsis
	m.readSeq++
	return m.env.commands.records.write(m.readSeq, e)
}

// wrote takes the answer to a writing. Where the record moved nothing was written: it is read again, and the edits stay, to be
// looked at beside what it is now.
func (m *recordsModel) wrote(msg recordWroteMsg) tea.Cmd {
	if m.open == nil || msg.seq != m.readSeq {
		return nil
	}
	o := *m.open
	m.open = &o
	if o.writing = false; o.mode == recordLeaving {
		o.mode = recordFields // what was asked may be another question by now
	}
	switch {
	case errors.Is(msg.err, merge.ErrStale):
		m.status = status{text: "Nothing was written: the record moved. It is shown as it is now; your edits are kept, w writes them.", bad: true}
		return m.read(o.Record)
	case msg.err != nil:
		m.status = failed("Nothing was written: ", msg.err)
		return nil
	}
	m.status.text = safe.Cell(fmt.Sprintf("written %s v%d", safe.Text(o.Record.String()), msg.record.Version))
	switch {
	case msg.record.Version == o.Version && msg.record.Revision == o.Revision:
		m.status.text = "unchanged: the record holds that already"
	case msg.record.Pending:
		m.status.text = safe.Text(o.Record.String()) + " is changed here: the next sync sends it"
	}
	o.edits = nil
	o.Version, o.Revision = msg.record.Version, msg.record.Revision
	o.Fields, o.Pending = msg.record.Fields, msg.record.Pending
	m.relay()
	m.tellRow(&o.RecordShown)
	return m.read(o.Record)
}

// tookPast shows the record's versions.
func (m *recordsModel) tookPast(msg historyMsg) {
	if m.open == nil || m.open.mode != recordFields {
		return
	}
	if msg.err != nil {
		m.status = failed("no history: ", msg.err)
		return
	}
	o := *m.open
	m.open = &o
	o.mode, o.moments = recordPast, msg.moments
	m.layPast()
}

// layPast makes the lines of the history for the width there is.
func (m *recordsModel) layPast() {
	o := m.open
	if o.mode != recordPast {
		return
	}
	o.past.lines = nil
	if o.Pending {
		o.past.tell(m.width-4, theme.Local, true, "changed here; not sent yet")
	}
	o.past.versions(m.env, m.width-4, o.moments, o.Rules)
	o.past.top = scrolled(o.past.top, len(o.past.lines), max(m.height-4, 1), noIntent)
}

func (m *recordsModel) boxWidth() int { return max(m.width-6, 10) }
