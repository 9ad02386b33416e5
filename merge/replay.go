package merge

import (
	"maps"
	"slices"
)

// Replay joins a change by the strategy [OpReplay]: its operations, in order, are done on the record as the server
// has it now. Increments, adds and removes commute with whatever the server did. A set or unset is done if the field
// is still as it saw it, agreed if the field is already as local left it, and a conflict else.
//
// An operation whose id seen reports, or that came earlier in the log, had its effect and is skipped, so that a log
// replayed any number of times, or cut anywhere and resumed, has one effect. A nil seen reports none. An operation
// without an id is done each time it comes. What the local document holds that the operations do not account for is merged
// by fields, and so are changes of the record as a whole: one that was deleted and created again began from nothing, and
// its operations add to nothing that the server has.
func Replay(s Sides, operations []Operation, seen func(id string) bool, rules *Rules) Result {
	if seen == nil {
		seen = func(string) bool { return false }
	}
	r := Record(s, rules)
	if s.BaseLost || s.Base == nil || s.Local == nil || s.Server == nil || s.Recreated || deletes(operations) {
		return r
	}
	p := replayer{local: s.Local, working: s.Server, rules: rules, settled: map[string]bool{}, disputed: map[string]bool{}}
	for _, op := range fresh(operations, seen) {
		p.do(op)
	}
	return p.result(r, operations)
}

func deletes(operations []Operation) bool {
	return slices.ContainsFunc(operations, func(op Operation) bool { return op.Verb == DeleteRecord })
}

// fresh leaves out what had its effect.
func fresh(operations []Operation, seen func(id string) bool) []Operation {
	done := map[string]bool{}
	return slices.DeleteFunc(slices.Clone(operations), func(op Operation) bool {
		if op.ID == "" {
			return false
		}
		again := done[op.ID] || seen(op.ID)
		done[op.ID] = true
		return again
	})
}

type replayer struct {
	local    Document
	working  Document // the server's, with what was done on it
	rules    *Rules
	settled  map[string]bool // the paths where the server already has what local left
	disputed map[string]bool // the paths on which one could not be done
}

// overlaps reports whether path is one of a set, or above or below one.
func overlaps(set map[string]bool, path string) bool {
	if set[path] {
		return true
	}
	for p := range set {
		if below(p, path) || below(path, p) {
			return true
		}
	}
	return false
}

// dispute leaves the field to a person: the one at path, or above it where the server's record has none there. It
// takes in what was disputed below it, since no two decisions may be about the same value.
func (p *replayer) dispute(path string) {
	if _, err := ParsePath(path); err != nil || path != "" && path[0] != '/' {
		path = ""
	}
	path = p.rules.field(p.working, path, false)
	maps.DeleteFunc(p.disputed, func(other string, _ bool) bool { return below(other, path) })
	p.disputed[path] = true
}

func (p *replayer) do(op Operation) {
	if overlaps(p.disputed, op.Path) {
		return // it builds on something that a person decides
	}
	for path := range p.settled {
		if path == op.Path || below(op.Path, path) {
			return
		}
	}
	switch op.Verb {
	case CreateRecord, DeleteRecord:
		return // the record is there on both sides
	case UnsetField:
		op.Value = Absent
	}
	if op.Verb == SetField || op.Verb == UnsetField {
		now := p.rules.Lookup(p.working, op.Path)
		switch {
		case Equal(now, op.Was):
		case Equal(now, p.rules.Lookup(p.local, op.Path)):
			p.settled[op.Path] = true
			return
		case Equal(now, op.Value):
			return
		default:
			p.dispute(op.Path)
			return
		}
	}
	after, err := perform(p.working, &op, p.rules)
	if err != nil {
		p.dispute(op.Path)
		return
	}
	p.working = after
}

// result takes the leaves of the merge by fields, and says of those that operations tell of what became of them.
func (p *replayer) result(r Result, operations []Operation) Result {
	told := told(p.local, operations, p.rules)
	out := Result{sides: r.sides, rules: r.rules, Dropped: r.Dropped}
	for _, f := range r.Fields {
		switch {
		case overlaps(p.disputed, f.Path):
			continue
		case overlaps(told, f.Path):
			p.judge(&f)
		case f.Outcome == Local || f.Outcome == Combined:
			if after, err := p.rules.With(p.working, f.Path, f.Result); err == nil {
				p.working = after
			}
		}
		out.Fields = append(out.Fields, f)
	}
	for _, path := range slices.Sorted(maps.Keys(p.disputed)) {
		s := r.sides
		out.Fields = append(out.Fields, Field{Path: path, Outcome: FieldConflict, Kind: EditEdit,
			Base: p.rules.Lookup(s.Base, path), Local: p.rules.Lookup(s.Local, path), Server: p.rules.Lookup(s.Server, path)})
	}
	slices.SortFunc(out.Fields, byPath)
	var seen outcomes
	for i := range out.Fields {
		seen[out.Fields[i].Outcome] = true
	}
	return out.conclude(p.working, seen)
}

// told returns the paths whose change the operations account for. Where the last value that they set is not the one that
// the local document has, a step is missing, and the field is merged as one that no operation tells of: no log takes a
// value with it. Increments, adds and removes are taken at their word, since those before them may have come before.
func told(local Document, operations []Operation, rules *Rules) map[string]bool {
	told := map[string]bool{}
	for _, op := range operations {
		switch op.Verb {
		case CreateRecord, DeleteRecord:
		case SetField:
			told[op.Path] = Equal(rules.Lookup(local, op.Path), op.Value)
		case UnsetField:
			told[op.Path] = rules.Lookup(local, op.Path) == Absent
		default:
			told[op.Path] = true
		}
	}
	maps.DeleteFunc(told, func(_ string, accounted bool) bool { return !accounted })
	return told
}

// judge says what became of a leaf that operations tell of.
func (p *replayer) judge(f *Field) {
	f.Kind, f.Rule, f.Group, f.Hunks = NoKind, "", "", nil
	f.Result = p.rules.Lookup(p.working, f.Path)
	switch byServer := !Equal(f.Server, f.Base); {
	case !byServer && !Equal(f.Result, f.Server):
		f.Outcome = Local
	case Equal(f.Result, f.Server) && Equal(f.Local, f.Base):
		f.Outcome = Server
	case Equal(f.Result, f.Server) && Equal(f.Local, f.Server):
		f.Outcome = Agreed
	default:
		f.Outcome, f.Rule = Combined, OpReplay.String()
	}
}
