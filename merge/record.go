package merge

import "time"

// Record merges the three sides of a record by the strategy [FieldMerge]. A nil rules asks about every field.
//
// The outcome is about the record: [Converged] if the sides are the same, [FastForward] if local is still base,
// [KeepLocal] if the server is, [Merged] if all could be joined, [RecordConflict] else. A record that is deleted on
// one side and changed on the other is a conflict at the path "", unless rules say who wins. Two different records
// created under one name are a conflict even where no field of theirs differs.
func Record(s Sides, rules *Rules) Result {
	r := Result{sides: s, rules: rules}
	switch {
	case s.Local == nil && s.Server == nil:
		r.Outcome = Converged
		return r
	case s.Local != nil && s.Server != nil && !s.Recreated:
		return r.byFields(rules)
	}
	localSame := s.Local.Equal(s.Base)
	switch {
	case s.Local.Equal(s.Server):
		r.Outcome, r.Document = Converged, s.Server
	case s.BaseLost:
		return r.wholly(NoBase, rules)
	case s.apartAbove(""):
		return r.decidedAgain()
	case localSame:
		r.Outcome, r.Document = FastForward, s.Server
		r.Fields = []Field{r.whole(Server, s.Server)}
	case s.Server.Equal(s.Base) && !s.Recreated:
		r.Outcome, r.Document = KeepLocal, s.Local
		r.Fields = []Field{r.whole(Local, s.Local)}
	case s.Local == nil:
		return r.wholly(DeleteEdit, rules)
	default:
		return r.wholly(EditDelete, rules)
	}
	r.joined = r.Document
	if r.Outcome == KeepLocal {
		r.keepRules()
	}
	if r.Outcome == RecordConflict {
		r.Kind, r.Document = r.commonKind(), nil
	}
	return r
}

// Same lists the leaves that no side changed, sorted by path: what a screen folds away.
func Same(s Sides, rules *Rules) []Field {
	if s.Local == nil || s.Server == nil || s.Recreated {
		return nil
	}
	w := walker{sides: s, listing: true, same: true}
	w.fields(nil, s.Base, s.Local, s.Server, rules.root(), rules.root().policyUnder(Ask))
	return w.sorted()
}

// byFields merges two records that are both there.
func (r Result) byFields(rules *Rules) Result {
	s := r.sides
	w := walker{sides: s, listing: true}
	policy := rules.root().policyUnder(Ask)
	joined := w.fields(make([]byte, 0, max(len(s.Local), len(s.Server))+64), s.Base, s.Local, s.Server, rules.root(), policy)
	r.Fields, r.Dropped = w.sorted(), w.dropped
	return r.conclude(joined, w.seen)
}

// outcomes tells which outcomes the fields of a record have.
type outcomes [FieldConflict + 1]bool

// together reads the record's outcome off its fields. Two records that were created apart are a conflict whatever
// their fields say, unless they are the same.
func (o outcomes) together(s Sides, rules *Rules) RecordOutcome {
	switch {
	case o[FieldConflict]:
		return RecordConflict
	case !o[Local] && !o[Server] && !o[Combined]:
		return Converged
	case s.Base == nil && rules.root().policyUnder(Ask) != FieldsOf:
		return RecordConflict
	case o[Server] && !o[Local] && !o[Combined] && !o[Agreed]:
		return FastForward
	case o[Local] && !o[Server] && !o[Combined] && !o[Agreed]:
		return KeepLocal
	}
	return Merged
}

// conclude gives the record its outcome. A result that is not simply the server's has to keep the rules.
func (r Result) conclude(joined Document, seen outcomes) Result {
	r.joined = joined
	switch r.Outcome = seen.together(r.sides, r.rules); r.Outcome {
	case RecordConflict:
		if !seen[FieldConflict] {
			return r.bothCreated()
		}
	case KeepLocal, Merged:
		r.keepRules()
	}
	if r.Outcome == RecordConflict {
		r.Kind = r.commonKind()
		return r
	}
	r.Document = r.joined
	return r
}

// bothCreated is for two records that have no field in dispute and yet are two: only a person knows if they are one.
func (r Result) bothCreated() Result {
	f := r.whole(FieldConflict, nil)
	f.Kind, f.Proposal = CreateCreate, Value(r.joined)
	r.Outcome, r.Kind = RecordConflict, CreateCreate
	r.Fields = append([]Field{f}, r.Fields...)
	r.joined = r.sides.Server
	return r
}

// commonKind is what the conflict as a whole is called.
func (r Result) commonKind() Kind {
	kind := NoKind
	for i := range r.Fields {
		f := &r.Fields[i]
		switch {
		case f.Outcome != FieldConflict:
		case kind == NoKind:
			kind = f.Kind
		case kind != f.Kind:
			kind = EditEdit
		}
	}
	switch {
	case kind == RuleKind:
	case r.sides.BaseLost:
		kind = NoBase
	case r.sides.Base == nil:
		kind = CreateCreate
	}
	return kind
}

// wholly is for a record that is there on one side alone, or is another record of the same name on the server.
func (r Result) wholly(kind Kind, rules *Rules) Result {
	s := r.sides
	policy := rules.deletePolicy()
	if kind == NoBase || policy != PreferLocal && policy != PreferServer {
		return r.asked(kind, "")
	}
	r.Outcome, r.Document = Merged, s.Local
	if policy == PreferServer {
		r.Document, r.Dropped = s.Server, true
	}
	f := r.whole(Combined, r.Document)
	f.Rule = policy.String()
	r.Fields, r.joined = []Field{f}, r.Document
	if r.keepRules(); r.Outcome == RecordConflict {
		r.Kind, r.Document = r.commonKind(), nil
	}
	return r
}

// decidedAgain is for a record that one person kept and another one deleted.
func (r Result) decidedAgain() Result {
	if r.sides.Local == nil {
		return r.asked(DeleteEdit, DecidedApart)
	}
	return r.asked(EditDelete, DecidedApart)
}

// asked leaves the record as a whole to a person.
func (r Result) asked(kind Kind, rule string) Result {
	f := r.whole(FieldConflict, nil)
	f.Kind, f.Rule = kind, rule
	r.Outcome, r.Kind, r.joined = RecordConflict, kind, r.sides.Server
	r.Fields = []Field{f}
	return r
}

// whole is the leaf for the record as a whole.
func (r Result) whole(o Outcome, result Document) Field {
	s := r.sides
	return Field{Path: "", Outcome: o, Base: Value(s.Base), Local: Value(s.Local), Server: Value(s.Server), Result: Value(result)}
}

// LastWrite joins whole records by the strategy [LastWriteWins]: where both sides changed, the one edited later
// stands and the other is left out whole. The times are of the last edit on each side, corrected by whoever knows
// the clocks; a tie goes to the server, and so does an edit whose time is unknown (zero).
//
// The fields tell whose value stands in each leaf that the sides do not share. Dropped says that local lost.
func LastWrite(s Sides, localAt, serverAt time.Time) Result {
	r := Record(s, nil)
	if r.Outcome == Converged || r.Outcome == FastForward || r.Outcome == KeepLocal {
		return r
	}
	winner, document := Server, s.Server
	if localAt.After(serverAt) {
		winner, document = Local, s.Local
	}
	r.Outcome, r.Kind, r.Document, r.joined = Merged, NoKind, document, document
	r.Dropped = winner == Server
	kept := r.Fields[:0]
	for _, f := range r.Fields {
		if f.Path == "" && s.Local != nil && s.Server != nil && !s.Recreated {
			continue // the fields tell it
		}
		if f.Outcome != Agreed {
			f.Outcome, f.Kind, f.Rule, f.Proposal = winner, NoKind, LastWriteWins.String(), Absent
		}
		f.Result = Lookup(document, f.Path)
		kept = append(kept, f)
	}
	r.Fields = kept
	return r
}
