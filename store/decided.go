package store

import (
	"errors"
	"time"

	"dovetail/merge"
)

// earlierChange is a change to the same record that a line names; its id is 0 where none is known by that key.
type earlierChange struct {
	id       int64
	local    int64 // document
	version  int64 // that it was answered with
	conflict int64
	parked   bool
}

// earlierChange finds a change by its key, if it is to the same record.
func (t *tx) earlierChange(key string, h *head) (earlierChange, error) {
	var e earlierChange
	if key == "" {
		return e, nil
	}
	var local, version, conflict number
	_, err := t.row([]any{&e.id, &local, &version, &conflict, &e.parked}, `
		SELECT id, local_document, version, conflict, outcome = 'parked'
		FROM dovetail_change
		WHERE key = $1 AND record = $2`,
		key, h.id)
	e.local, e.version, e.conflict = int64(local), int64(version), int64(conflict)
	return e, wrap("find earlier change", err)
}

// baseOn is the base of a change that builds on another one: what that one left, or, while that one waits for a person,
// what it stands on itself. Nobody knows what one that is parked would have left.
func (t *tx) baseOn(e earlierChange) (base, error) {
	if e.id == 0 || e.parked {
		return base{lost: true}, nil
	}
	if e.conflict > 0 {
		d, err := disputeOf(t, e.conflict)
		if err != nil {
			return base{}, err
		}
		if d.state != merge.Resolved {
			return d.base, nil
		}
	}
	fields, err := load(t, e.local)
	return base{version: e.version, fields: fields}, err
}

// correct takes off the times of a change by how much its device's clock differs from ours.
func (c *change) correct(now time.Time) error {
	if c.sentAt.IsZero() || c.unusable != "" {
		return nil
	}
	offset := now.Sub(c.sentAt)
	if c.localAt = shifted(c.localAt, offset); len(c.steps) == 0 {
		return nil
	}
	for i := range c.steps {
		c.steps[i].At = shifted(c.steps[i].At, offset)
	}
	text, err := encode(c.steps)
	if err != nil {
		return wrap("correct times", err)
	}
	c.operations = merge.Value(text)
	return nil
}

// shifted moves a time, unless it is unknown or no line could tell it any more.
func shifted(at time.Time, by time.Duration) time.Time {
	if moved := at.Add(by); !at.IsZero() && writable(moved) {
		return moved.Truncate(time.Microsecond)
	}
	return at
}

// settleConflict writes what a person decided on a replica, as [Store.Resolve] does here. Where the record moved since,
// the result is merged with that by its fields, whatever the strategy: a person's decision loses to no clock. false says
// that the change is to be joined like any other: the conflict is settled already, or there is a new one.
func (t *tx) settleConflict(j *joining, m manner) (Answer, bool, error) {
	h, c := j.head, j.change
	if j.resolves.conflict == 0 || j.base.lost {
		return Answer{}, false, nil
	}
	d, err := disputeOf(t, j.resolves.conflict)
	if err != nil || d.state == merge.Resolved {
		return Answer{}, false, err
	}
	r, err := t.mergeFields(j, m)
	if err != nil || r.Outcome == merge.RecordConflict {
		return Answer{}, false, err
	}
	seen, err := d.merge(t, m)
	if err != nil {
		return Answer{}, false, err
	}
	fields, err := t.keep(r.Document)
	if err != nil {
		return Answer{}, false, err
	}
	decisions, err := t.keepBoth(d, c.decisions, c.localBy, true)
	if errors.As(err, new(*KeepBothError)) || errors.As(err, new(*merge.RuleError)) {
		return Answer{}, false, nil // the hub's table or rules do not take local's record by itself: a person looks again
	}
	if err != nil {
		return Answer{}, false, err
	}
	before := *h
	if err := t.add(h, entry{fields: fields, cause: CauseResolution, by: c.localBy, device: c.device, editedAt: c.localAt,
		base: j.base.version, change: j.id}); err != nil {
		return Answer{}, false, err
	}
	lost := lostTo(seen, r.Document, decisions)
	id, err := t.resolved(verdict{conflict: d.id, change: d.change, head: h, madeOn: &before, decisions: decisions,
		lost: lost, note: c.note, by: c.localBy})
	if err != nil {
		return Answer{}, false, err
	}
	a := Answer{Outcome: Merged, Version: h.number}
	if before.number == j.base.version {
		a.Outcome = Applied
	}
	return a, true, t.closeBy(d, h, &before, id, lost)
}

// closeBy closes a conflict by the resolution that was just written.
func (t *tx) closeBy(d *dispute, h, before *head, resolution int64, lost []merge.LostValue) error {
	if err := t.keepLosers(d, h, before, lost); err != nil {
		return err
	}
	was := d.state
	d.state, d.resolution = merge.Resolved, resolution
	if err := t.save(d, was); err != nil {
		return err
	}
	h.waiting--
	return t.catchUp(h, d.id)
}

// mergeFields joins a change by its fields, whatever the strategy of the collection.
func (t *tx) mergeFields(j *joining, m manner) (merge.Result, error) {
	if m.strategy != merge.FieldMerge {
		m.strategy = merge.FieldMerge
		if m.rules != nil {
			rules := *m.rules
			rules.Strategy = merge.FieldMerge
			m.rules = &rules
		}
	}
	sides, err := t.sides(j.head, j.base, j.local.text)
	if err != nil {
		return merge.Result{}, err
	}
	c, err := m.asCase(t, sides, j.claim(t.now))
	return c.Merge(), err
}
