package tui

import (
	"bytes"
	"encoding/json"
	"strings"
	"time"
	"unicode"

	tea "github.com/charmbracelet/bubbletea"

	"dovetail/merge"
	"dovetail/tui/safe"
	"dovetail/tui/theme"
)

// typingPause is how long after the last key the text of an edit box is saved.
const typingPause = time.Second

// editing is the edit box's field.
type editing struct {
	path    string
	initial string // the text of the value that the box began with
	want    wanted
	problem safe.Cell
	listed  []string // the only values there are, where the schema says so
	naming  bool     // the text is an id for local's record, where both are kept
}

// wanted says what a typed text has to be.
type wanted uint8

const (
	wantText wanted = iota
	wantNumber
	wantBool
	wantList
	wantObject
	wantJSON
)

var wantedWords = [...]string{"text", "a number", "true or false", `a list, as ["a", "b"]`, `an object, as {"a": 1}`,
	"JSON, with text in quotes"}

func (w wanted) String() string { return wantedWords[w] }

// wantedFor says what may be typed for a field: what its sides are, if they are alike.
func wantedFor(f *field) wanted {
	found := merge.AbsentType
	for _, v := range []merge.Value{f.Local, f.Server, f.Base} {
		t := v.Type()
		if t == merge.AbsentType || t == merge.NullType || t == found {
			continue
		}
		if found != merge.AbsentType {
			return wantJSON
		}
		found = t
	}
	return kindWanted(found)
}

// kindWanted says what may be typed for a value of a type.
func kindWanted(t merge.Type) wanted {
	kinds := map[merge.Type]wanted{merge.StringType: wantText, merge.NumberType: wantNumber, merge.BoolType: wantBool,
		merge.ArrayType: wantList, merge.ObjectType: wantObject}
	if want, ok := kinds[t]; ok {
		return want
	}
	return wantJSON
}

// textOf is the text that a value is edited as.
func (w wanted) textOf(v merge.Value) string {
	var s string
	if w == wantText && v.Type() == merge.StringType && json.Unmarshal([]byte(v), &s) == nil {
		return s
	}
	if w == wantText && v == merge.Null {
		return ""
	}
	return string(v)
}

// read makes a value of a typed text; the problem is in words.
func (w wanted) read(text string) (merge.Value, string) {
	if w == wantText {
		var out bytes.Buffer
		encoder := json.NewEncoder(&out)
		encoder.SetEscapeHTML(false)
		if err := encoder.Encode(text); err != nil {
			return merge.Absent, err.Error()
		}
		text = out.String()
	}
	v, err := merge.ParseValue([]byte(strings.TrimSpace(text)))
	if err != nil {
		return merge.Absent, "not " + w.String() + ": " + err.Error()
	}
	types := map[wanted]merge.Type{wantNumber: merge.NumberType, wantBool: merge.BoolType, wantList: merge.ArrayType,
		wantObject: merge.ObjectType}
	if t, fixed := types[w]; fixed && v.Type() != t {
		return merge.Absent, "this field is " + w.String()
	}
	return v, ""
}

// startEdit opens the box on the field, with the text typed before if there is one.
func (m *resolveModel) startEdit(f *field) {
	if f.Path == "" {
		m.status = status{text: "the record as a whole is not typed: take a side", bad: true}
		return
	}
	if m.halfOpen(f) {
		m.status = status{text: "take a side for the " + f.groupName() + " first; e then changes single values of it", bad: true}
		return
	}
	want := wantedFor(f)
	initial := want.textOf(m.editFrom(f))
	if bad := notForBox(initial); bad != "" {
		m.status = status{text: safe.Cell("not to be edited here: the value holds " + bad +
			"; E opens it in an editor, and resolve --set takes any value"), bad: true}
		return
	}
	m.edit = editing{path: f.Path, initial: initial, want: want, listed: listedFor(m.s.Rules, f.Path, want)}
	text := initial
	if typed, ok := m.draft.Typed[f.Path]; ok {
		text = typed
	}
	m.mode = inBox
	m.box = newBox(text, want == wantText && (strings.ContainsAny(text+initial, "\n") || len(initial) > 2*m.boxWidth()), m.boxWidth())
	m.moved()
}

// editFrom is the value that the box begins with: what is decided, or where the choice stands, or the suggestion, or
// local's. It only begins there: accepted without a change, it decides nothing.
func (m *resolveModel) editFrom(f *field) merge.Value {
	if d := m.draft.Decisions[f.Path]; d.Choice != merge.Undecided && d.Value != merge.Absent {
		return d.Value
	}
	if d, ok := f.Choose(m.bracket, merge.Absent); ok && d.Value != merge.Absent {
		return d.Value
	}
	for _, v := range []merge.Value{f.Proposal, f.Result, f.Local, f.Server, f.Base} {
		if v != merge.Absent {
			return v
		}
	}
	return merge.Absent
}

// notForBox names what keeps a text from being edited key by key; empty if nothing does.
func notForBox(s string) string {
	for _, r := range s {
		switch {
		case r == '\n':
		case r == '\r':
			return "a carriage return"
		case r == '\t':
			return "a tab"
		case unicode.IsControl(r):
			return "a control character, " + string(safe.Text(string(r)))
		}
	}
	return ""
}

// typed takes a key while the box is open.
func (m resolveModel) typed(msg tea.KeyMsg) (resolveModel, action, tea.Cmd) {
	m.status, m.edit.problem = status{}, ""
	b, _ := m.env.keys[onBox].find(msg)
	switch {
	case b.intent == leaveAtOnce:
		return m, action{do: quitAtOnce}, nil
	case b.intent == closeBox:
		cmd := m.closeBox()
		return m, action{}, cmd
	case b.intent == acceptText, b.intent == acceptLine && !m.box.multi:
		cmd := m.accept()
		return m, action{}, cmd
	case b.intent == editOutside && !m.edit.naming:
		cmd := m.goOnOutside()
		return m, action{}, cmd
	case b.intent == newLine && !m.edit.naming && m.edit.want == wantText:
		m.box.multi = true
	case !m.edit.naming && m.edit.want == wantText:
		m.box.pasteLines(msg)
	}
	before := m.box.text
	if b.intent != nextValue || !m.edit.nextListed(&m.box) {
		m.box.key(msg)
	}
	m.edit.problem = m.box.changed()
	if m.box.text == before || m.edit.naming {
		return m, action{}, nil
	}
	m.draft.Typed = keepTyped(m.draft.Typed, m.edit.path, &m.box.text)
	m.offer()
	m.typedSeq++
	return m, action{}, m.env.commands.later(typingPause, typedMsg{seq: m.typedSeq})
}

// keptWord says that a text which was typed and not taken is not gone.
const keptWord = "typed text is kept: e shows it again"

// closeBox closes the box and keeps what was typed in it.
func (m *resolveModel) closeBox() tea.Cmd {
	m.mode = onFields
	if m.edit.naming {
		m.moved()
		return nil
	}
	_, kept := m.draft.Typed[m.edit.path]
	if kept {
		m.status.text = keptWord
	}
	m.moved()
	if !kept {
		return nil
	}
	return m.saveNow()
}

// accept decides for the typed text, if it is another than the box began with.
func (m *resolveModel) accept() tea.Cmd {
	if m.edit.naming {
		return m.acceptBoth()
	}
	f := m.focused()
	if f == nil || f.Path != m.edit.path {
		return nil
	}
	if m.box.text == m.edit.initial {
		m.mode = onFields
		m.draft.Typed = keepTyped(m.draft.Typed, m.edit.path, nil)
		m.status.text = "nothing was changed in the text: nothing is decided by it"
		return m.afterStep()
	}
	value, problem := m.edit.want.read(m.box.text)
	if problem != "" {
		m.edit.problem = safe.Text(problem)
		return nil
	}
	if m.edit.problem = breaks(m.s.Rules, m.s.Sides.Server, f.Path, value); m.edit.problem != "" {
		return nil
	}
	d, ok := f.Choose(merge.Edited, value)
	if !ok {
		m.edit.problem = "this field cannot hold a typed value"
		return nil
	}
	m.mode, m.bracket = onFields, merge.Undecided
	m.draft.Typed = keepTyped(m.draft.Typed, m.edit.path, nil)
	return m.decide("edited "+merge.PathLabel(f.Path), merge.Decisions{f.Path: d})
}

// drawBox draws the edit box, and under it the sides, in rows lines.
func (m *resolveModel) drawBox(f *frame, rows int) {
	if rows <= 0 {
		return
	}
	if m.edit.naming {
		f.put(theme.Strong, " KEEP BOTH: local's record as "+safe.Text(m.s.Conflict.Record.Collection)+"/")
	} else {
		f.put(theme.Strong, " EDIT ")
		if at := m.focused(); at != nil {
			f.put(theme.Strong, at.name)
		}
		m.edit.drawWanted(f, m.box.text, m.env.location)
		if m.env.commands.editor != nil {
			f.right(theme.Dim, "ctrl+o in the editor")
		}
	}
	f.line()
	rows--
	if m.edit.problem != "" && rows > 1 {
		f.put(theme.Warning, " ! "+m.edit.problem+" ")
		f.line()
		rows--
	}
	options := m.options
	if m.edit.naming {
		options = m.bothOptions()
	}
	lines := min(len(m.box.lines), max(rows-len(options)-1, (rows+1)/2, 1))
	m.box.draw(f, lines, 3)
	rows -= lines
	if rows > len(options) {
		f.line()
		rows--
	}
	for i := 0; i < len(options) && i < rows; i++ {
		f.spaces(3)
		f.cell(options[i].role, options[i].name, 10)
		f.spans(options[i].value)
		f.line()
	}
}
