package merge

import (
	"maps"
	"slices"
	"time"
)

// Draft is one person's decisions on one conflict, saved and not yet written.
type Draft struct {
	Conflict      int64     `json:"conflict"`
	Person        string    `json:"person"`
	Revision      int64     `json:"revision"`       // of the conflict, when the decisions were last looked at
	ServerVersion int64     `json:"server_version"` // the head they were made on
	Decisions     Decisions `json:"decisions"`
	Undone        []Step    `json:"undone,omitempty"` // what redo would do, last first out
	Done          []Step    `json:"done,omitempty"`   // what undo would take back, last first out
	// Moved lists the fields whose values changed after they were decided, so that they are to be looked at again.
	Moved []string `json:"moved,omitempty"`
	// Typed is text in an edit box that was not accepted, by field.
	Typed   map[string]string `json:"typed,omitempty"`
	Note    string            `json:"note,omitempty"`
	SavedAt time.Time         `json:"saved_at,omitzero"`
}

// Step is one action that undo takes back whole.
type Step struct {
	What    string        `json:"what"` // in words: `local for /status`
	Changes []FieldChange `json:"changes"`
	Dropped *Dropped      `json:"dropped,omitempty"` // what it took out of the draft besides decisions; nil: nothing
}

// Dropped is what a draft that was discarded held besides its decisions.
type Dropped struct {
	Typed map[string]string `json:"typed,omitempty"`
	Note  string            `json:"note,omitempty"`
	Moved []string          `json:"moved,omitempty"`
}

// FieldChange is a field's decision before and after a step; Undecided is none.
type FieldChange struct {
	Path   string   `json:"path"`
	Before Decision `json:"before"`
	After  Decision `json:"after"`
}

// maxSteps bounds the undo list, which is stored with every draft.
const maxSteps = 1000

// Decide records one step, what in words: each path gets its decision, and one that is Undecided takes the old one
// back. What could be redone before cannot any more.
func (d *Draft) Decide(what string, set Decisions) {
	step := Step{What: what}
	for _, path := range slices.Sorted(maps.Keys(set)) {
		step.Changes = append(step.Changes, FieldChange{Path: path, Before: d.Decisions[path], After: set[path]})
	}
	d.Done = append(d.Done, step)
	if len(d.Done) > maxSteps {
		d.Done = slices.Clone(d.Done[len(d.Done)-maxSteps:])
	}
	d.Undone = nil
	for _, c := range step.Changes {
		d.put(c.Path, c.After)
		d.Moved = without(d.Moved, c.Path)
	}
}

// Empty reports whether the draft holds nothing that its person could miss: neither a decision nor a text, nor a field that is
// to be looked at again. What undo and redo could bring back does not count.
func (d *Draft) Empty() bool {
	return len(d.Decisions) == 0 && len(d.Typed) == 0 && d.Note == "" && len(d.Moved) == 0
}

// Discard empties the draft by one step, what in words, which undo takes back like any other; false when it was empty.
func (d *Draft) Discard(what string) bool {
	if d.Empty() {
		return false
	}
	moved := d.Moved // a decision takes its field out of them
	set := Decisions{}
	for path := range d.Decisions {
		set[path] = Decision{}
	}
	d.Decide(what, set)
	d.Moved = moved
	d.Done[len(d.Done)-1].Dropped = d.drop()
	return true
}

// drop takes all out of a draft that is no decision.
func (d *Draft) drop() *Dropped {
	was := &Dropped{Typed: d.Typed, Note: d.Note, Moved: d.Moved}
	d.Typed, d.Note, d.Moved = nil, "", nil
	return was
}

// pickUp puts back what was dropped, but where there is something newer.
func (d *Draft) pickUp(was *Dropped) {
	typed := maps.Clone(was.Typed)
	if typed == nil {
		typed = map[string]string{}
	}
	maps.Copy(typed, d.Typed)
	if len(typed) > 0 {
		d.Typed = typed
	}
	if d.Note == "" {
		d.Note = was.Note
	}
	for _, path := range was.Moved {
		if d.Decisions[path].Choice == Undecided && !slices.Contains(d.Moved, path) {
			d.Moved = append(slices.Clip(d.Moved), path)
		}
	}
	slices.Sort(d.Moved)
}

// Undo takes the last step back and returns what it was in words; false when there is none.
func (d *Draft) Undo() (what string, ok bool) {
	return d.shift(&d.Done, &d.Undone, func(c FieldChange) Decision { return c.Before })
}

// Redo does the step again that was last taken back; false when there is none.
func (d *Draft) Redo() (what string, ok bool) {
	return d.shift(&d.Undone, &d.Done, func(c FieldChange) Decision { return c.After })
}

func (d *Draft) shift(from, to *[]Step, pick func(FieldChange) Decision) (string, bool) {
	n := len(*from)
	if n == 0 {
		return "", false
	}
	step := (*from)[n-1]
	*from = slices.Clone((*from)[:n-1])
	for _, c := range step.Changes {
		d.put(c.Path, pick(c))
	}
	switch {
	case step.Dropped == nil:
	case from == &d.Done:
		d.pickUp(step.Dropped)
	default:
		step.Dropped = d.drop()
	}
	*to = append(slices.Clip(*to), step)
	return step.What, true
}

func (d *Draft) put(path string, decision Decision) {
	decisions := maps.Clone(d.Decisions) // drafts are copied as values: a map that is shared must not change
	if decisions == nil {
		decisions = Decisions{}
	}
	if decision.Choice == Undecided {
		delete(decisions, path)
	} else {
		decisions[path] = decision
	}
	d.Decisions = decisions
}

// Rebase brings the draft to a new merge of its conflict: the decisions that still stand are kept, the others are
// taken out and listed in Moved, and no step brings one of those back.
func (d *Draft) Rebase(r Result, revision, serverVersion int64) {
	kept, moved := r.Standing(d.Decisions)
	d.Decisions, d.Revision, d.ServerVersion = kept, revision, serverVersion
	d.Done, d.Undone = r.standingSteps(d.Done), r.standingSteps(d.Undone)
	for _, path := range d.Moved {
		if _, listed := r.Field(path); listed && !slices.Contains(moved, path) {
			moved = append(moved, path)
		}
	}
	slices.Sort(moved)
	d.Moved = moved
}

func (r Result) standingSteps(steps []Step) []Step {
	var out []Step
	for _, step := range steps {
		var changes []FieldChange
		for _, c := range step.Changes {
			if r.mayRestore(c.Path, c.Before) && r.mayRestore(c.Path, c.After) {
				changes = append(changes, c)
			}
		}
		if len(changes) > 0 || step.Dropped != nil {
			out = append(out, Step{What: step.What, Changes: changes, Dropped: step.Dropped})
		}
	}
	return out
}

func (r Result) mayRestore(path string, d Decision) bool {
	return d.Choice == Undecided || r.stands(path, d)
}

func without(paths []string, path string) []string {
	return slices.DeleteFunc(slices.Clone(paths), func(p string) bool { return p == path })
}
