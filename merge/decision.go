package merge

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Choice is what a person picked for one field.
type Choice uint8

const (
	Undecided    Choice = iota // nothing yet
	TakeLocal                  // the local side's value
	TakeServer                 // the server's value
	TakeBase                   // the value both sides started from
	TakeCombined               // the proposal that joins both
	Edited                     // a value typed by hand
	Removed                    // the field goes
	KeepBoth                   // of two records created under one name: the server's stays, local's gets a name of its own
)

var choiceNames = names{"", "local", "server", "base", "combined", "edited", "removed", "both"}

// String returns the word that screens, SQL and JSON use; empty for Undecided.
func (c Choice) String() string { return choiceNames.of(uint8(c)) }

// MarshalText makes the choice its word in JSON.
func (c Choice) MarshalText() ([]byte, error) { return []byte(c.String()), nil }

// UnmarshalText reads the word back.
func (c *Choice) UnmarshalText(text []byte) error {
	return unmarshalName(choiceNames, "choice", text, (*uint8)(c))
}

// Seen is what was in front of a person who decided. A decision stands while it stays the same.
type Seen struct {
	Base   Value  `json:"base,omitzero"`
	Local  Value  `json:"local,omitzero"`
	Server Value  `json:"server,omitzero"`
	Rule   string `json:"rule,omitempty"`
}

// Decision is one person's choice for one field.
type Decision struct {
	Choice Choice `json:"choice"`
	Value  Value  `json:"value,omitzero"` // what will be written; absent removes the field
	Saw    Seen   `json:"saw"`
	As     string `json:"as,omitempty"` // of [KeepBoth]: the id that local's record gets
}

// Decisions are choices by the path of their field; "" is the record as a whole.
type Decisions map[string]Decision

// Choose makes the decision for f that c stands for; v counts for [Edited] alone. It is false where the field does not
// offer the choice: nothing to combine, no base known, no value typed.
func (f Field) Choose(c Choice, v Value) (Decision, bool) {
	d := Decision{Choice: c, Saw: f.seen()}
	switch c {
	case TakeLocal:
		d.Value = f.Local
	case TakeServer:
		d.Value = f.Server
	case TakeBase:
		d.Value = f.Base
		if f.Kind == NoBase || f.Path == "" && f.Base == Absent {
			return Decision{}, false
		}
	case TakeCombined:
		if d.Value = f.Proposal; f.Outcome == Combined {
			d.Value = f.Result
		}
		if d.Value == Absent {
			return Decision{}, false
		}
	case Edited:
		d.Value = v
		if v == Absent || f.Path == "" && v.Type() != ObjectType {
			return Decision{}, false
		}
	case Removed:
	default:
		return Decision{}, false
	}
	return d, true
}

func (f Field) seen() Seen {
	return Seen{Base: f.Base, Local: f.Local, Server: f.Server, Rule: f.Rule}
}

func (s Seen) equal(other Seen) bool {
	return s.Rule == other.Rule && Equal(s.Base, other.Base) && Equal(s.Local, other.Local) && Equal(s.Server, other.Server)
}

// Undecided returns the paths in conflict that d leaves open, sorted.
func (r Result) Undecided(d Decisions) []string {
	if d.Both() != "" {
		return nil
	}
	var open []string
	for _, path := range r.Conflicts() {
		if d[path].Choice == Undecided {
			open = append(open, path)
		}
	}
	return open
}

// Standing keeps the decisions whose field still shows what the person saw, base, local, server and rule alike, and
// lists the paths of the others, sorted. A decision on a field that has since become part of a larger conflict, or
// has fallen into smaller ones, does not stand.
func (r Result) Standing(d Decisions) (kept Decisions, moved []string) {
	kept = Decisions{}
	for _, path := range slices.Sorted(maps.Keys(d)) {
		if r.stands(path, d[path]) {
			kept[path] = d[path]
		} else {
			moved = append(moved, path)
		}
	}
	return kept, moved
}

func (r Result) stands(path string, d Decision) bool {
	if d.Choice == KeepBoth {
		now, ok := r.Both(d.As)
		return ok && d.Saw.equal(now.Saw)
	}
	if f, listed := r.Field(path); listed {
		return d.Saw.equal(f.seen()) // also beside fields above or below it: what it shows holds all of theirs
	}
	for i := range r.Fields {
		// Part of what merged by itself, as of a record that one side created, is still what it shows.
		if below(path, r.Fields[i].Path) && r.Fields[i].Outcome == FieldConflict || below(r.Fields[i].Path, path) {
			return false
		}
	}
	now := Seen{Base: r.rules.Lookup(r.sides.Base, path), Local: r.rules.Lookup(r.sides.Local, path),
		Server: r.rules.Lookup(r.sides.Server, path)}
	return d.Saw.equal(now)
}

// UndecidedError says which fields in conflict nobody decided.
type UndecidedError struct{ Paths []string }

func (e *UndecidedError) Error() string {
	labels := make([]string, len(e.Paths))
	for i, path := range e.Paths {
		labels[i] = fmt.Sprintf("%q", PathLabel(path))
	}
	return fmt.Sprintf("%d undecided: %s", len(e.Paths), strings.Join(labels, ", "))
}

// Apply returns the document that the decisions make of the merge; nil is a deletion. A decision may also be about a
// field that merged by itself, and about one that nobody changed. It is an *[UndecidedError] while a conflict is
// open; other errors say that a value does not fit where it should go, or that the whole is beyond a document's
// limits. It is a *[RuleError] where the document would break a rule that the server's does not.
func (r Result) Apply(d Decisions) (Document, error) {
	if open := r.Undecided(d); len(open) > 0 {
		return nil, &UndecidedError{Paths: open}
	}
	if d.Both() != "" {
		return r.sides.Server, nil
	}
	doc := r.joined
	for _, path := range slices.Sorted(maps.Keys(d)) {
		if d[path].Choice == Undecided {
			continue
		}
		if path != "" && doc == nil {
			return nil, fmt.Errorf("%w: %s cannot be set in a record that is deleted", ErrPath, path)
		}
		var err error
		if doc, err = r.rules.With(doc, path, d[path].Value); err != nil {
			return nil, err
		}
	}
	if doc == nil {
		return nil, nil
	}
	doc, err := Canonical(doc)
	if err != nil {
		return nil, err
	}
	if broken := r.newlyBroken(doc); len(broken) > 0 {
		return nil, &RuleError{Broken: broken}
	}
	return doc, nil
}

// LostValue is a side's value that is not in the document written. It stays in the history.
type LostValue struct {
	Path  string `json:"path"`
	Side  string `json:"side"` // local or server
	Value Value  `json:"value,omitzero"`
}

// NotKept lists, sorted by path, what each side had changed since base that a document about to be written does not
// hold: a value that is another there, or a removal that is undone. nil stands for a deletion. A join of both values,
// as of two sets, keeps both, be it a policy's or the one suggested.
func (r Result) NotKept(written Document) []LostValue {
	var lost []LostValue
	for i := range r.Fields {
		f := &r.Fields[i]
		now := r.rules.Lookup(written, f.Path)
		if f.joinsBoth() && Equal(now, f.Result) || f.suggested(now) {
			continue
		}
		for _, side := range [...]struct {
			name  string
			value Value
		}{{"local", f.Local}, {"server", f.Server}} {
			changed := r.sides.BaseLost || !Equal(side.value, f.Base)
			if changed && !Equal(side.value, now) && !r.toldBelow(i, now) {
				lost = append(lost, LostValue{Path: f.Path, Side: side.name, Value: side.value})
			}
		}
	}
	return lost
}

// joinsBoth reports whether the field's result is made of both sides, where other policies take one of them.
func (f *Field) joinsBoth() bool {
	switch f.Rule {
	case Counter.String(), Set.String(), List.String(), Text.String(), OpReplay.String():
		return f.Outcome == Combined
	}
	return false
}

// toldBelow reports whether the record as a whole need not be listed as lost, since its fields are.
func (r Result) toldBelow(i int, now Value) bool {
	return r.Fields[i].Path == "" && now != Absent && len(r.Fields) > 1
}
