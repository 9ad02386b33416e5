package tui

import (
	"cmp"
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
	recordFields     recordMode = iota
	recordTyping                // a value, in the box
	recordPast                  // its history is shown
	recordAsking                // whether to write
	recordDiscarding            // whether to throw the draft away
	recordAdding                // a field is typed that the record has not
)

// openRecord is the record that is open, with the draft of what was edited in it and not written. Only writing it and a person's
// yes throw an edit away.
type openRecord struct {
	RecordShown
	rows    []recordField
	draft   merge.RecordDraft
	kept    kept
	mode    recordMode
	edit    editing
	was     merge.Value // the field, when the box was opened
	writing bool
	past    fullView
	moments []merge.Moment
	list
}

// recordField is a field of the open record made ready to be drawn.
type recordField struct {
	field
	kind safe.Cell
}

// tookRecord shows a record. The draft of the one that was shown before stays, if it is the same one.
func (m *recordsModel) tookRecord(msg recordMsg) tea.Cmd {
	if msg.seq != m.readSeq {
		return nil
	}
	if msg.err != nil {
		if m.naming {
			m.problem = safe.Text(msg.err.Error())
		} else if !m.status.bad {
			m.status = failed("the record could not be read: ", msg.err)
		}
		return nil
	}
	if m.naming && !m.isFree(&msg.record) {
		return nil
	}
	m.naming = false
	o := openRecord{draft: msg.draft}
	if m.open != nil && m.open.Record == msg.record.Record {
		m.tellMoved(&msg.record)
		o = *m.open
	} else if at := msg.draft.SavedAt; !at.IsZero() {
		o.kept.at = when(at, m.env.now(), m.env.location)
	}
	o.RecordShown, o.writing = msg.record, false
	m.open = &o
	cmd := m.rebase()
	m.relay()
	m.tellRow(&msg.record)
	return cmd
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
func recordFieldsOf(r *RecordShown, draft *merge.RecordDraft, g *glyphs) []recordField {
	var shape *merge.Rules
	if r.Rules != nil {
		shape = &merge.Rules{Root: r.Rules.Root}
	}
	all := merge.Same(merge.Sides{Base: r.Fields, Local: r.Fields, Server: r.Fields}, shape)
	has := map[string]bool{}
	for _, f := range all {
		has[f.Path] = true
	}
	more := draft.Fields()
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
			kind = cmp.Or(namedType(r.Rules, f.Path), draft.Edits[f.Path].Value.Type())
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

func (m *recordsModel) openKeys() keymap {
	switch m.open.mode {
	case recordTyping:
		return m.env.keys[onBox]
	case recordPast:
		return m.env.keys[onFull]
	case recordAsking, recordDiscarding:
		return m.env.keys[onQuestion]
	case recordAdding:
		return m.env.keys[onLine]
	}
	return m.env.keys[onRecord]
}

// obeyRecord does what a key asks for while a record is open.
func (m recordsModel) obeyRecord(what intent) (recordsModel, action, tea.Cmd) {
	o := *m.open
	m.open = &o
	switch {
	case what == leaveAtOnce:
		return m, action{do: quitAtOnce}, nil
	case what == showHelp:
		return m, action{do: help}, nil
	case o.writing:
		m.status.text = "writing" + m.env.glyphs.ellipsis
		return m, action{}, nil // the answer comes first
	}
	switch o.mode {
	case recordPast:
		if what == goBack {
			m.open.mode, m.open.past, m.open.moments = recordFields, fullView{}, nil
		}
		m.open.past.top = scrolled(o.past.top, len(m.open.past.lines), max(m.height-4, 1), what)
		return m, action{}, nil
	case recordAsking, recordDiscarding:
		cmd := m.answered(what)
		return m, action{}, cmd
	}
	return m.obeyField(what)
}

// answered takes the answer to what was asked.
func (m *recordsModel) answered(what intent) tea.Cmd {
	if what != sayYes && what != sayNo {
		return nil
	}
	asked := m.open.mode
	m.open.mode = recordFields
	switch {
	case what == sayNo:
		return nil
	case asked == recordDiscarding:
		return m.discardDraft()
	}
	return m.write()
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
	case editOutside:
		if at != nil {
			cmd = m.startEditor(at)
		}
	case pickRemoved, takeBack, pickLocal, pickServer:
		if at != nil {
			cmd = m.decideField(at, what)
		}
	case discardDraft:
		m.askDiscard()
	case addField:
		m.startAdding()
	case openReview:
		m.askWrite()
	case showHistory:
		if o.missing() {
			m.status.text = "it has no history: it is not there yet"
			break
		}
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
	o.rows = recordFieldsOf(&o.RecordShown, &o.draft, m.env.glyphs)
	m.cursorTo(path)
}

// cursorTo goes to a field, if it is there.
func (m *recordsModel) cursorTo(path string) {
	o := m.open
	if i := slices.IndexFunc(o.rows, func(r recordField) bool { return r.Path == path }); i >= 0 {
		o.shift(i - o.cursor)
	}
	o.keep(len(o.rows), m.recordPage())
}

// decideField has a field go, takes its edit back, or says which it is to be where both changed it.
func (m *recordsModel) decideField(at *recordField, what intent) tea.Cmd {
	o := m.open
	switch {
	case what == pickLocal, what == pickServer:
		return m.settleClash(at, what)
	case what == takeBack:
		o.draft.Drop(at.Path)
		m.relay()
		return m.saveDraft()
	}
	if problem := o.refuses(at.Path, merge.Absent); problem != "" {
		m.status = status{text: problem, bad: true}
		return nil
	}
	return m.put(at.Path, merge.FieldEdit{Was: at.Base})
}

// leave closes the record. Its draft is kept, and saved. What was asked about the record is not waited for.
func (m recordsModel) leave(after action) (recordsModel, action, tea.Cmd) {
	var cmd tea.Cmd
	if left := m.open.unwritten(); left != "" {
		m.status.text = "the draft of " + safe.Text(m.open.Record.String()) + " is kept: " + left + " not written"
		cmd = m.saveDraft()
	}
	m.open = nil
	m.readSeq++
	return m, after, both(cmd, m.reread())
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
