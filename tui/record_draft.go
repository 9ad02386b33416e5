package tui

import (
	"fmt"
	"strings"

	tea "github.com/charmbracelet/bubbletea"

	"dovetail/merge"
	"dovetail/tui/safe"
	"dovetail/tui/theme"
)

// kept says how far the draft of the open record is saved.
type kept struct {
	changes int  // of the draft, since the record was opened
	saved   int  // the change that was the last when it was saved
	again   bool // what could not be saved is being saved once more
	at      safe.Cell
	err     error
}

// unwritten says what was edited and not written; empty if nothing was.
func (o *openRecord) unwritten() safe.Cell {
	n := len(o.draft.Fields())
	if n == 0 {
		return ""
	}
	return safe.Cell(plural(n, "edit"))
}

// changed hands the draft over to be saved by the next save.
func (m *recordsModel) changed() {
	m.open.kept.changes++
	m.env.commands.records.offer(m.open.draft)
}

// saveDraft saves it at once.
func (m *recordsModel) saveDraft() tea.Cmd {
	m.changed()
	return m.env.commands.records.save(m.open.kept.changes)
}

// saveSoon saves it once nothing was typed for a while.
func (m *recordsModel) saveSoon() tea.Cmd {
	m.changed()
	return m.env.commands.later(typingPause, recordTypedMsg{m.open.kept.changes})
}

func (m *recordsModel) typedLast(msg recordTypedMsg) tea.Cmd {
	if m.open == nil || msg.change != m.open.kept.changes {
		return nil
	}
	return m.env.commands.records.save(msg.change)
}

func (m *recordsModel) draftSaved(msg recordSavedMsg) {
	if m.open == nil {
		if msg.err != nil {
			m.status = failed("the draft is not saved: ", msg.err)
		}
		return
	}
	o := *m.open
	m.open = &o
	o.kept.again = false
	if o.kept.err = msg.err; msg.err != nil {
		return
	}
	o.kept.saved = msg.change
	if !msg.at.IsZero() {
		o.kept.at = when(msg.at, m.env.now(), m.env.location)
	}
}

// saveAgain saves what could not be saved before, as over a line that was lost and may be back.
func (m *recordsModel) saveAgain() tea.Cmd {
	if m.open == nil || m.open.kept.err == nil || m.open.kept.again {
		return nil
	}
	m.open.kept.again = true
	return m.env.commands.records.save(m.open.kept.changes)
}

// drawKept says what is not written, and whether that is saved.
func (m *recordsModel) drawKept(f *frame) {
	o := m.open
	switch left := o.unwritten(); {
	case o.kept.err != nil:
		f.right(theme.Warning, "DRAFT NOT SAVED")
	case left == "":
	case o.kept.saved < o.kept.changes:
		f.right(theme.Strong, left+" not written"+m.env.glyphs.dot+"saving"+m.env.glyphs.ellipsis)
	case o.kept.at == "" || f.width < tableWidth:
		f.right(theme.Strong, left+" not written")
	default:
		f.right(theme.Strong, left+" not written"+m.env.glyphs.dot+"draft saved "+o.kept.at)
	}
}

// rebase brings the draft to the record as it is now, and says so where somebody else wrote it meanwhile. Nothing of theirs is
// written over: where both changed a field, the person says which it is to be before anything is written.
func (m *recordsModel) rebase() tea.Cmd {
	o := m.open
	if o.draft.Empty() {
		o.draft.Version, o.draft.Revision = o.Version, o.Revision
		return nil
	}
	if o.draft.Version == o.Version && o.draft.Revision == o.Revision {
		return nil
	}
	held := o.draft.Rebase(o.Fields, o.Rules, o.Version, o.Revision)
	if said := m.movedWords(held); m.status.text == "" {
		m.status = status{text: said}
	} else {
		m.status.text += " " + said
	}
	return m.saveDraft()
}

// movedWords say what became of the draft of a record that somebody wrote meanwhile; held counts the edits that it holds by now.
func (m *recordsModel) movedWords(held int) safe.Cell {
	o := m.open
	clashes := o.draft.Clashes(o.Fields, o.Rules)
	said := safe.Cell(fmt.Sprintf("It is v%d now", o.Version))
	switch {
	case o.Deleted:
		return "It was deleted meanwhile. Your edits are kept, and cannot be written to it."
	case o.Version == 0 || o.Revision > 0:
		said = "It was changed meanwhile"
	}
	var parts []string
	if held > 0 {
		parts = append(parts, plural(held, "edit")+" it holds by now")
	}
	if n := len(o.draft.Edits) - len(clashes); n > 0 {
		parts = append(parts, plural(n, "edit")+" kept")
	}
	if len(clashes) > 0 {
		parts = append(parts, fmt.Sprintf("%d changed on both sides: %s", len(clashes), labels(clashes)))
	}
	if len(parts) == 0 {
		return said + ". What you typed is kept."
	}
	return said + ": " + safe.Text(strings.Join(parts, ", ")) + "."
}

// labels names fields.
func labels(paths []string) string {
	names := make([]string, len(paths))
	for i, path := range paths {
		names[i] = merge.PathLabel(path)
	}
	return strings.Join(names, ", ")
}

// clashes reports whether somebody else changed a field that the draft edits.
func (o *openRecord) clashes(path string) bool { return o.draft.Clash(path, o.Fields, o.Rules) }

// settleClash takes the answer to a field that both changed.
func (m *recordsModel) settleClash(at *recordField, what intent) tea.Cmd {
	o := m.open
	switch {
	case !o.clashes(at.Path):
		m.status.text = "nobody else changed this field meanwhile"
		return nil
	case what == pickLocal:
		o.draft.Keep(at.Path, o.Fields, o.Rules)
		m.status.text = "your edit of " + at.name + " stays"
	default:
		o.draft.Drop(at.Path)
		m.status.text = at.name + " stays as it is now"
	}
	m.relay()
	return m.saveDraft()
}

// toClash goes to the first field that both changed, and says what to do; it is false where there is none.
func (m *recordsModel) toClash() bool {
	o := m.open
	clashes := o.draft.Clashes(o.Fields, o.Rules)
	if len(clashes) == 0 {
		return false
	}
	m.cursorTo(clashes[0])
	m.status = status{text: "changed on both sides, so that nothing is written yet: " + safe.Text(labels(clashes)) + ". 1 keeps yours, 2 takes theirs.", bad: true}
	return true
}

// askDiscard asks whether to throw the draft away.
func (m *recordsModel) askDiscard() {
	if m.open.draft.Empty() {
		m.status.text = "nothing was edited: there is no draft"
		return
	}
	m.open.mode = recordDiscarding
}

func (m *recordsModel) discardDraft() tea.Cmd {
	o := m.open
	m.status.text = "thrown away: " + o.unwritten()
	o.draft = merge.RecordDraft{Record: o.Record, Person: m.env.you, Version: o.Version, Revision: o.Revision}
	m.relay()
	return m.saveDraft()
}
