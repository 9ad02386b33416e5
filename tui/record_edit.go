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
)

// startEdit opens the box on a field, with the text typed before if there is one.
func (m *recordsModel) startEdit(at *recordField) {
	o := m.open
	if o.Deleted {
		m.status = status{text: "the record is deleted", bad: true}
		return
	}
	want := o.wanted(at)
	initial := want.textOf(o.toBe(at))
	if bad := notForBox(initial); bad != "" {
		m.status = status{text: safe.Cell("not to be edited here: the value holds " + bad + "; E opens it in an editor"), bad: true}
		return
	}
	o.edit = editing{path: at.Path, initial: initial, want: want, listed: listedFor(o.Rules, at.Path, want)}
	if want == wantBool {
		o.edit.listed = []string{"true", "false"}
	}
	text := initial
	if typed, ok := o.draft.Typed[at.Path]; ok {
		text = typed.Text
		if !merge.Equal(typed.Was, at.Base) {
			o.edit.problem = "changed meanwhile: it was " + m.env.glyphs.value(typed.Was) + " when you typed this"
		}
	}
	o.mode, o.was = recordTyping, at.Base
	m.box = newBox(text, want == wantText && strings.Contains(text+initial, "\n"), m.boxWidth())
}

// toBe is what a field is to be: what it is, where it is not edited.
func (o *openRecord) toBe(at *recordField) merge.Value {
	if e, edited := o.draft.Edits[at.Path]; edited {
		return e.Value
	}
	return at.Base
}

// wanted says what may be typed for a field: what it is, or where it is nothing, what the schema says, or what it is to be.
func (o *openRecord) wanted(at *recordField) wanted {
	if t := at.Base.Type(); t != merge.AbsentType && t != merge.NullType {
		return wantedFor(&at.field)
	}
	return kindWanted(cmp.Or(namedType(o.Rules, at.Path), o.draft.Edits[at.Path].Value.Type()))
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
		return m, action{do: quitAtOnce}, nil
	case b.intent == closeBox:
		o.mode = recordFields
		if _, kept := o.draft.Typed[o.edit.path]; kept {
			m.status.text = keptWord
			cmd := m.saveDraft()
			return m, action{}, cmd
		}
		return m, action{}, nil
	case b.intent == acceptText, b.intent == acceptLine && !m.box.multi:
		cmd := m.accept()
		return m, action{}, cmd
	case b.intent == newLine && o.edit.want == wantText:
		m.box.multi = true
	case o.edit.want == wantText:
		m.box.pasteLines(msg)
	}
	before := m.box.text
	if b.intent != nextValue || !o.edit.nextListed(&m.box) {
		m.box.key(msg)
	}
	o.edit.problem = m.box.changed()
	if m.box.text == before {
		return m, action{}, nil
	}
	if o.draft.Untype(o.edit.path); m.box.text != o.edit.initial {
		o.draft.Type(o.edit.path, merge.TypedText{Text: m.box.text, Was: o.was})
	}
	cmd := m.saveSoon()
	return m, action{}, cmd
}

// accept takes the typed text as what the field is to be.
func (m *recordsModel) accept() tea.Cmd {
	o := m.open
	if m.box.text == o.edit.initial {
		o.mode = recordFields
		o.draft.Untype(o.edit.path)
		m.status.text = "nothing was changed in the text"
		return m.saveDraft()
	}
	value, problem := o.edit.want.read(m.box.text)
	o.edit.problem = safe.Text(problem)
	if problem == "" {
		o.edit.problem = o.refuses(o.edit.path, value)
	}
	if o.edit.problem != "" {
		return nil
	}
	o.mode = recordFields
	return m.put(o.edit.path, merge.FieldEdit{Value: value, Was: o.was})
}

// put keeps what a field is to be, or takes it back where the record holds that.
func (m *recordsModel) put(path string, e merge.FieldEdit) tea.Cmd {
	o := m.open
	if o.draft.Put(path, e); merge.Equal(o.Rules.Lookup(o.Fields, path), e.Value) {
		o.draft.Drop(path)
	}
	m.relay()
	return m.saveDraft()
}

// refuses says why a field may not become that.
func (o *openRecord) refuses(path string, v merge.Value) safe.Cell {
	if o.Deleted {
		return "the record is deleted"
	}
	return breaks(o.Rules, o.fields(), path, v)
}

// fields are what edits are made on: none, where the record is to be made.
func (o *openRecord) fields() merge.Document {
	if o.missing() {
		return merge.Document("{}")
	}
	return o.Fields
}

// askWrite asks whether to write.
func (m *recordsModel) askWrite() {
	switch o := m.open; {
	case o.Deleted:
		m.status = status{text: "the record is deleted: nothing can be written to it", bad: true}
	case len(o.draft.Edits) == 0:
		m.status.text = "nothing was edited: e types a value"
	case m.toClash():
	default:
		o.mode = recordAsking
	}
}

// edited is the record with what was edited, and the steps to it.
func (o *openRecord) edited() (RecordEdit, error) {
	e := RecordEdit{Record: o.Record, Version: o.Version, Revision: o.Revision, Fields: o.fields()}
	for _, path := range slices.Sorted(maps.Keys(o.draft.Edits)) {
		v := o.draft.Edits[path].Value
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
	rest := m.open.draft
	rest.Edits = nil
	return m.env.commands.records.write(m.readSeq, e, rest)
}

// wrote takes the answer to a writing. Where the record moved nothing was written: it is read again, and the edits stay, to be
// looked at beside what it is now.
func (m *recordsModel) wrote(msg recordWroteMsg) tea.Cmd {
	if m.open == nil || msg.seq != m.readSeq {
		return nil
	}
	o := *m.open
	m.open = &o
	o.writing = false
	switch {
	case errors.Is(msg.err, merge.ErrStale):
		m.status = status{text: "Nothing was written: the record moved.", bad: true}
		return m.read(o.Record)
	case msg.err != nil:
		m.refused(msg.err)
		return nil
	}
	m.status.text = safe.Cell(fmt.Sprintf("written %s v%d", safe.Text(o.Record.String()), msg.record.Version))
	switch {
	case msg.record.Version == o.Version && msg.record.Revision == o.Revision:
		m.status.text = "unchanged: the record holds that already"
	case msg.record.Pending:
		m.status.text = safe.Text(o.Record.String()) + " is changed here: the next sync sends it"
	}
	o.draft.Edits = nil
	o.Version, o.Revision = msg.record.Version, msg.record.Revision
	o.draft.Version, o.draft.Revision = o.Version, o.Revision
	o.Fields, o.Pending = msg.record.Fields, msg.record.Pending
	m.relay()
	m.tellRow(&o.RecordShown)
	return both(m.read(o.Record), m.readAgain())
}

// refused says why nothing was written, and goes to the field that is at fault.
func (m *recordsModel) refused(err error) {
	m.status = failed("Nothing was written: ", err)
	var rule *merge.RuleError
	if !errors.As(err, &rule) {
		return
	}
	m.status = failed("Nothing was written: ", rule)
	for _, broken := range rule.Broken {
		for _, path := range broken.Paths {
			m.cursorTo(path)
			return
		}
	}
}

func (m *recordsModel) boxWidth() int { return max(m.width-6, 10) }
