package merge

import (
	"maps"
	"slices"
	"time"
)

// RecordDraft is what one person has edited in one record, saved and not written.
type RecordDraft struct {
	Record   Key                  `json:"record"`
	Person   string               `json:"person"`
	Version  int64                `json:"version"`            // that the edits were made on; 0: the record is to be made
	Revision int64                `json:"revision,omitempty"` // of a replica's own edits
	Edits    map[string]FieldEdit `json:"edits,omitempty"`    // by path
	// Typed is text in an edit box that was not accepted, by path.
	Typed   map[string]TypedText `json:"typed,omitempty"`
	SavedAt time.Time            `json:"saved_at,omitzero"`
}

// FieldEdit is what a field is to be, and what it was when that was decided.
type FieldEdit struct {
	Value Value `json:"value,omitzero"` // absent removes the field
	Was   Value `json:"was,omitzero"`
}

// TypedText is a text that was typed for a field, and what the field was when that began.
type TypedText struct {
	Text string `json:"text"`
	Was  Value  `json:"was,omitzero"`
}

// Empty reports whether nothing would be lost with the draft.
func (d *RecordDraft) Empty() bool { return len(d.Edits) == 0 && len(d.Typed) == 0 }

// Fields returns the paths that something was edited or typed for, sorted.
func (d *RecordDraft) Fields() []string {
	paths := slices.AppendSeq(slices.Collect(maps.Keys(d.Edits)), maps.Keys(d.Typed))
	slices.Sort(paths)
	return slices.Compact(paths)
}

// Put keeps what a field is to be, in the place of what was typed for it. Where that is what it was, the edit goes.
func (d *RecordDraft) Put(path string, e FieldEdit) {
	d.Drop(path)
	if Equal(e.Value, e.Was) {
		return
	}
	d.Edits = clonedWith(d.Edits, path, e)
}

// Drop forgets what was edited and typed for a field.
func (d *RecordDraft) Drop(path string) {
	d.Edits, d.Typed = clonedWithout(d.Edits, path), clonedWithout(d.Typed, path)
}

// Type keeps a text that is being typed for a field.
func (d *RecordDraft) Type(path string, t TypedText) { d.Typed = clonedWith(d.Typed, path, t) }

// Untype forgets it.
func (d *RecordDraft) Untype(path string) { d.Typed = clonedWithout(d.Typed, path) }

// Rebase brings the draft to the record as it is now. What somebody else changed and the draft did not is theirs, and what the
// draft alone changed stays. An edit that the record holds by now goes: it is counted. Where both changed a field, the edit
// keeps what the field was, so that [RecordDraft.Clash] tells of it until the person has said which it is to be.
func (d *RecordDraft) Rebase(now Document, rules *Rules, version, revision int64) (held int) {
	for path, e := range d.Edits {
		if Equal(rules.Lookup(now, path), e.Value) {
			d.Edits = clonedWithout(d.Edits, path)
			held++
		}
	}
	d.Version, d.Revision = version, revision
	return held
}

// Clash reports whether a field that the draft edits was changed since, by somebody else.
func (d *RecordDraft) Clash(path string, now Document, rules *Rules) bool {
	e, edited := d.Edits[path]
	return edited && !Equal(e.Was, rules.Lookup(now, path))
}

// Clashes returns the paths of all such fields, sorted.
func (d *RecordDraft) Clashes(now Document, rules *Rules) []string {
	return slices.DeleteFunc(slices.Sorted(maps.Keys(d.Edits)), func(path string) bool { return !d.Clash(path, now, rules) })
}

// Keep says that a field is to be what the draft says, whatever it was changed to meanwhile.
func (d *RecordDraft) Keep(path string, now Document, rules *Rules) {
	if e, edited := d.Edits[path]; edited {
		d.Put(path, FieldEdit{Value: e.Value, Was: rules.Lookup(now, path)})
	}
}

// Drafts are copied as values: a map that is shared must not change.
func clonedWith[V any](m map[string]V, path string, v V) map[string]V {
	out := maps.Clone(m)
	if out == nil {
		out = map[string]V{}
	}
	out[path] = v
	return out
}

func clonedWithout[V any](m map[string]V, path string) map[string]V {
	if _, there := m[path]; !there {
		return m
	}
	out := maps.Clone(m)
	delete(out, path)
	return out
}
