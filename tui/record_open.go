package tui

import (
	"cmp"
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
		row := recordField{field: newField(f, unchanged, r.Rules, g)}
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
