package store

import (
	"errors"
	"time"

	"dovetail/merge"
)

// base is what a change stands on. Without fields the record did not exist, or was deleted, there.
type base struct {
	version int64 // 0: not one of ours
	fields  body
	lost    bool // nobody knows what the change was made on
	// apart are the fields that two people decided on apart from each other, since.
	apart []string
}

// joining is one change on its way into a record.
type joining struct {
	id     int64 // of the change
	change *change
	head   *head
	base   base
	local  body

	buildsOn earlierChange // what the change was made on, where it names a change
	resolves earlierChange // whose conflict it settles
}

// baseOf finds what a change was made on.
func (t *tx) baseOf(j *joining) (base, error) {
	h, c := j.head, j.change
	switch {
	case c.buildsOn != "":
		return t.baseOn(j.buildsOn)
	case c.hasVersion && c.baseVersion == 0:
		return base{lost: c.base != nil}, nil
	case c.hasVersion:
		return t.numberedBase(h, c)
	case c.hasBase:
		fields, err := t.keep(c.base)
		return base{fields: fields}, err
	}
	return base{lost: h.number > 0 || c.baseHash != ""}, nil
}

// numberedBase is for a change that names the version it was made on.
func (t *tx) numberedBase(h *head, c *change) (base, error) {
	if c.outside && c.hasBase {
		return t.outsideBase(h, c)
	}
	v, found, err := versionOf(t, h.id, c.baseVersion)
	if c.outside && err == nil {
		if theirs, known, e := outsideVersion(t, h, c.baseVersion); known || e != nil {
			v, found, err = theirs, known, e
		}
	}
	switch {
	case err != nil:
		return base{}, err
	case !found && c.hasBase:
		return t.unknownBase(h, c)
	case !found:
		return base{version: c.baseVersion, lost: true}, nil
	}
	b := base{version: v.number}
	if b.fields, err = load(t, v.document); err != nil {
		return base{}, err
	}
	b.lost = c.hasBase && !b.fields.text.Equal(c.base) || c.baseHash != "" && !v.matches(b.fields, c.baseHash)
	if b.lost {
		b.fields = body{}
	}
	return b, nil
}

// outsideBase is for a change whose base is, by number and document, that of the system that it was brought from. Our
// own version with it is named where there is one: what was deleted here since is counted from there.
func (t *tx) outsideBase(h *head, c *change) (base, error) {
	fields, err := t.keep(c.base)
	if err != nil {
		return base{}, err
	}
	b := base{version: c.baseVersion, fields: fields}
	v, found, err := outsideVersion(t, h, c.baseVersion)
	if err == nil && found && v.document == fields.id {
		b.version = v.number
	}
	return b, err
}

// unknownBase is for a change that brings its base along, under a number that is not known.
func (t *tx) unknownBase(h *head, c *change) (base, error) {
	fields, err := t.keep(c.base)
	if err != nil {
		return base{}, err
	}
	b := base{version: c.baseVersion, fields: fields}
	switch ahead := c.baseVersion > h.number; {
	case ahead && (h.number == 0 || h.cause == CauseImport || h.cause == CauseAdopt):
		if err := t.add(h, entry{number: c.baseVersion, fields: fields, cause: CauseImport}); err != nil {
			return base{}, err
		}
		return b, t.catchUp(h, 0)
	case ahead:
		// What stands here was made here, and the sender never saw it: its base must not take that out.
		return base{version: c.baseVersion, lost: true}, nil
	}
	return b, nil
}

// join merges a change into its record.
func (t *tx) join(j *joining) (Answer, error) {
	m, err := t.manner(j.head.key.Collection)
	if err != nil {
		return Answer{}, err
	}
	a, refused, err := t.attempt(j, func() (Answer, error) { return t.joinMeaning(j, m) })
	var constraint *ConstraintError
	if err == nil && t.patient && (errors.As(refused, &constraint) || errors.Is(refused, errEarly)) {
		return Answer{}, errEarly
	}
	if err == nil && refused != nil {
		a, err = t.waitRefused(j, m, refused)
	}
	return a, err
}

// joinIn is join, but for what an application's table says to it.
func (t *tx) joinIn(j *joining, m manner) (Answer, error) {
	if a, done, err := t.settleConflict(j, m); err != nil || done {
		return a, err
	}
	if d, found, err := t.disputeOfReplica(j); err != nil || found {
		if err != nil {
			return Answer{}, err
		}
		return t.replace(d, j)
	}
	sides, err := t.sides(j.head, j.base, j.local.text)
	if err != nil {
		return Answer{}, err
	}
	c, err := m.asCase(t, sides, j.claim(t.now))
	if err != nil {
		return Answer{}, err
	}
	return t.settle(j, m.strategy, m.decide(c, earlier(j.change.localAt, t.now), earlier(j.head.at, j.head.taken)))
}

// sides puts the three documents together.
func (t *tx) sides(h *head, b base, local merge.Document) (merge.Sides, error) {
	s := merge.Sides{Base: b.fields.text, Local: local, Server: h.fields.text, BaseLost: b.lost, Apart: b.apart}
	if b.lost || b.version == 0 || h.number <= b.version+1 {
		return s, nil
	}
	var one int
	var err error
	s.Recreated, err = t.row([]any{&one}, `
		SELECT 1
		FROM dovetail_version
		WHERE record = $1 AND number > $2 AND number < $3 AND document IS NULL
		LIMIT 1`,
		h.id, b.version, h.number)
	return s, wrap("look for deletions", err)
}

// decide runs the strategy. The times are no later than those edits arrived, whatever a device's clock says: else one
// that is ahead wins until that time has come.
//
// Whole records win only where both sides changed, and a record that breaks a rule wins nothing: then a person decides,
// field by field.
func (m manner) decide(c merge.Case, localAt, serverAt time.Time) merge.Result {
	r := c.Merge()
	s := c.Sides
	if m.strategy != merge.LastWriteWins || len(s.Apart) > 0 {
		return r // a person's decision loses to no clock
	}
	if r.Outcome != merge.Merged && r.Outcome != merge.RecordConflict {
		return r
	}
	won := merge.LastWrite(s, localAt, serverAt)
	onTop := merge.Record(merge.Sides{Base: s.Server, Local: won.Document, Server: s.Server}, m.rules)
	if onTop.Outcome != merge.RecordConflict {
		return won
	}
	if r.Outcome != merge.RecordConflict {
		r.Outcome, r.Kind = merge.RecordConflict, onTop.Kind
	}
	return r
}

func earlier(a, b time.Time) time.Time {
	if b.Before(a) {
		return b
	}
	return a
}

// settle does what the merge came to.
func (t *tx) settle(j *joining, strategy merge.Strategy, r merge.Result) (Answer, error) {
	if r.Outcome == merge.RecordConflict || j.change.decided && r.Outcome != merge.Converged {
		return t.open(j, r)
	}
	if strategy == merge.OpReplay {
		if err := t.applied(j.id, j.change.steps); err != nil {
			return Answer{}, err
		}
	}
	switch r.Outcome {
	case merge.KeepLocal:
		return t.joined(j, CauseWrite, Applied, strategy, r)
	case merge.Merged:
		if !r.Document.Equal(j.head.fields.text) {
			return t.joined(j, CauseMerge, Merged, strategy, r)
		}
	}
	a, err := Answer{Outcome: Converged, Version: j.head.number}, error(nil)
	if r.Dropped {
		a, err = t.superseded(j, strategy, r)
	}
	if err == nil && strategy == merge.OpReplay {
		err = t.catchUp(j.head, 0) // another change that waits may hold the same operations
	}
	return a, err
}

// joined writes what a machine made of a change as a new version.
func (t *tx) joined(j *joining, cause Cause, outcome Outcome, strategy merge.Strategy, r merge.Result) (Answer, error) {
	h, c := j.head, j.change
	before := *h
	fields, err := t.keep(r.Document)
	if err != nil {
		return Answer{}, err
	}
	e := entry{fields: fields, cause: cause, by: c.localBy, device: c.device, editedAt: c.localAt, base: j.base.version, change: j.id}
	if err := t.add(h, e); err != nil {
		return Answer{}, err
	}
	a := Answer{Outcome: outcome, Version: h.number}
	lost := notKept(r)
	if outcome == Merged && strategy == merge.LastWriteWins {
		err = t.aside(aside{head: h, side: "server", document: before.fields.id, reason: reasonLastWrite, version: h.number,
			change: j.id, by: before.by, device: before.device, at: before.at, lost: ofSide(lost, "server")})
	} else if r.Dropped {
		a.Fields = paths(ofSide(lost, "local"))
		err = t.asideLocal(j, reasonPolicy, h.number, lost)
	}
	if err != nil {
		return Answer{}, err
	}
	if outcome == Merged || c.outside {
		if _, err := t.resolved(verdict{change: j.id, head: h, madeOn: &before, by: c.localBy, lost: lost}); err != nil {
			return Answer{}, err
		}
	}
	return a, t.catchUp(h, 0)
}

// superseded keeps a change that lost to what stands already.
func (t *tx) superseded(j *joining, strategy merge.Strategy, r merge.Result) (Answer, error) {
	reason := reasonPolicy
	if strategy == merge.LastWriteWins {
		reason = reasonLastWrite
	}
	lost := notKept(r)
	a := Answer{Outcome: Superseded, Version: j.head.number, Fields: paths(ofSide(lost, "local"))}
	return a, t.asideLocal(j, reason, j.head.number, lost)
}

func (t *tx) asideLocal(j *joining, reason string, version int64, lost []merge.LostValue) error {
	c := j.change
	return t.aside(aside{head: j.head, side: "local", document: j.local.id, reason: reason, version: version, change: j.id,
		by: c.localBy, device: c.device, at: c.localAt, lost: ofSide(lost, "local")})
}
