package tui

import (
	"fmt"
	"maps"

	"dovetail/merge"
	"dovetail/tui/safe"
)

// bulkState is where one of many conflicts stands.
type bulkState uint8

const (
	bulkReady    bulkState = iota // will be written
	bulkExcepted                  // would be written, but the person took it out
	bulkLeft                      // cannot be decided so
	bulkWritten
	bulkFailed
	bulkUndone
)

// bulkLine is one of many conflicts: what would become of it, and what did.
type bulkLine struct {
	number  int64
	record  safe.Cell
	state   bulkState
	said    safe.Cell // what will be written, or why nothing is; then what became of it
	change  safe.Cell // what will be written alone
	writing merge.Writing
	draft   merge.Draft
	before  merge.Draft // the draft as it was, for an undo: what one choice for many decided is no draft of anybody's
	written merge.Written
}

// planLine finds out what one choice for all that is undecided makes of a conflict. The rules are those of
// `resolve --where`: decisions of the person's draft stand, and a deletion against an edit is left alone unless the
// filter, or the group, names its kind.
func planLine(c merge.Case, draft merge.Draft, choice merge.Choice, filter merge.Filter, g *glyphs) bulkLine {
	s := newStudy(c, g)
	line := bulkLine{number: c.Conflict.Number, record: s.record, state: bulkLeft}
	if c.Conflict.State == merge.Resolved {
		line.said = "resolved already"
		return line
	}
	if kind := c.Conflict.Kind.String(); (c.Sides.Local == nil) != (c.Sides.Server == nil) && !filter.Names("kind", kind) {
		line.said = safe.Text("a deletion against an edit: decided one by one, or where the filter says kind:" + kind)
		return line
	}
	line.before = draft
	draft.Rebase(s.result, c.Conflict.Revision, c.Conflict.ServerVersion)
	set, why := s.chosenForAll(choice, draft.Decisions)
	if why != "" {
		line.said = why
		return line
	}
	kept := len(draft.Decisions)
	for path := range set {
		if draft.Decisions[path].Choice != merge.Undecided {
			kept--
		}
	}
	if len(set) > 0 {
		draft.Decide(fmt.Sprintf("%s for %s", choice, plural(len(set), "field")), set)
	}
	result, err := s.result.Apply(draft.Decisions)
	if err != nil {
		line.said = safe.Text(err.Error())
		return line
	}
	line.state, line.draft, line.change = bulkReady, draft, s.willWrite(draft.Decisions, g)
	line.said = line.change
	if kept > 0 {
		line.said += safe.Cell("; " + itoa(kept) + " from your draft")
	}
	if by := c.Conflict.ClaimedBy; by != "" && by != draft.Person {
		line.said = safe.Text(by) + " is at it; " + line.said // first: the end of a line may not be in sight
	}
	line.writing = merge.Writing{Conflict: line.number, Revision: c.Conflict.Revision, ServerVersion: c.Conflict.ServerVersion,
		Decisions: draft.Decisions, Result: result, Note: draft.Note, Person: draft.Person}
	return line
}

// chosenForAll makes the decision c for every field that is undecided, or says why that cannot be.
func (s *study) chosenForAll(c merge.Choice, decided merge.Decisions) (merge.Decisions, safe.Cell) {
	all := merge.Decisions{}
	for i := range s.fields {
		f := &s.fields[i]
		if f.section != inConflict || decided[f.Path].Choice != merge.Undecided {
			continue
		}
		set, without := s.chosenFor(f, c)
		if without != nil {
			return nil, cannotTake(without, c)
		}
		for path := range set {
			if decided[path].Choice == merge.Edited {
				delete(set, path) // what was typed by hand stands
			}
		}
		maps.Copy(all, set)
	}
	if len(all) > 0 {
		return all, ""
	}
	// Where nothing is undecided but the draft has it otherwise, whoever asks for a side would get another one unasked.
	for _, path := range s.result.Conflicts() {
		f, _ := s.result.Field(path)
		asked, offered := f.Choose(c, merge.Absent)
		if before := decided[path]; !offered || !merge.Equal(before.Value, asked.Value) {
			return nil, safe.Text(fmt.Sprintf("your draft has %s for %s", before.Choice, merge.PathLabel(path)))
		}
	}
	switch {
	case len(decided) > 0 || c == merge.TakeCombined && s.settled():
		return all, ""
	case s.settled():
		return nil, "nothing left to decide: c writes it as it merged"
	}
	return nil, "nothing left to decide, and it was refused: open it"
}

// cannotTake says why a field does not offer a choice.
func cannotTake(f *field, c merge.Choice) safe.Cell {
	name := f.name
	if f.Path == "" {
		name = "the record"
	}
	switch c {
	case merge.TakeCombined:
		return name + ": nothing joins both; it takes 1, 2 or 3"
	case merge.TakeBase:
		return name + ": there is no base; it takes 1 or 2"
	}
	return name + safe.Cell(" cannot be decided as "+c.String())
}

// settled reports whether the rules as they are now leave nothing to decide in a conflict that waits. Where it waits for another
// reason, it is to be looked at.
func (s *study) settled() bool {
	return s.conflicts == 0 && s.Conflict.Kind != merge.RuleKind && s.Naming == nil && s.Refused == ""
}
