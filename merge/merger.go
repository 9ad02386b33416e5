package merge

// Merger merges many records one after the other and makes no garbage of its own. The zero value is ready to use, by
// one goroutine at a time. It is [Record] for machines: it tells what to write, and leaves it to Record to say of each
// field why, or what is in conflict.
type Merger struct{ w walker }

// Joined is what a [Merger] makes of a record.
type Joined struct {
	Outcome  RecordOutcome
	Document Document // what to write; nil is a deletion. Without meaning where Outcome is RecordConflict
	Dropped  bool     // a policy left out a value that the local side had set
}

// Merge merges the three sides of a record. The document is appended to dst, whose room it uses, or is one of the
// sides.
func (m *Merger) Merge(dst []byte, s Sides, rules *Rules) Joined {
	if s.Local == nil || s.Server == nil || s.Recreated || rules != nil && rules.Check != nil {
		r := Record(s, rules)
		return Joined{Outcome: r.Outcome, Document: r.Document, Dropped: r.Dropped}
	}
	m.w = walker{sides: s, path: m.w.path[:0]}
	start := len(dst)
	dst = m.w.fields(dst, s.Base, s.Local, s.Server, rules.root(), rules.root().policyUnder(Ask))
	return Joined{Outcome: m.w.seen.together(s, rules), Document: dst[start:], Dropped: m.w.dropped}
}
