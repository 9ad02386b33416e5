package store

import (
	"dovetail/merge"
)

// catchUp merges the waiting conflicts of a record again on its new head, but for one that is being decided.
func (t *tx) catchUp(h *head, but int64) error {
	if h.waiting == 0 {
		return nil
	}
	numbers, err := waitingOf(t, h.id)
	if err != nil {
		return err
	}
	for _, n := range numbers {
		if n == but {
			continue
		}
		d, err := disputeOf(t, n)
		if err != nil {
			return err
		}
		if err := t.renew(d, h); err != nil {
			return err
		}
		if d.state == merge.Resolved {
			h.waiting--
		}
	}
	return nil
}

// renew merges a conflict on the head as it is now. It still waits for a person where nothing is undecided any more,
// unless local and server have become the same: then it is closed.
func (t *tx) renew(d *dispute, h *head) error {
	was := d.state
	local, err := load(t, d.local)
	if err != nil {
		return err
	}
	sides, err := t.sides(h, d.base, local.text)
	if err != nil {
		return err
	}
	m, err := t.manner(d.key.Collection)
	if err != nil {
		return err
	}
	d.serverVersion, d.serverDocument, d.recreated = h.number, h.fields.id, sides.Recreated
	d.serverBy, d.serverAt = h.by, h.at
	c, err := d.asCase(t, m, sides)
	if err != nil {
		return err
	}
	r := c.Merge()
	d.fields = r.Conflicts()
	if r.Kind != merge.NoKind {
		d.kind = r.Kind
	}
	if d.state == merge.Resolved {
		d.state, d.resolution = merge.Open, 0
	}
	if sides.Local.Equal(sides.Server) {
		d.state = merge.Resolved
	}
	if err := t.recount(d, r); err != nil {
		return err
	}
	return t.save(d, was)
}

// disputeOfReplica finds the conflict in which the same replica's last change to the record waits.
func (t *tx) disputeOfReplica(j *joining) (*dispute, bool, error) {
	if j.head.waiting == 0 {
		return nil, false, nil
	}
	replica, err := t.replicaOf(j.change)
	if err != nil || replica == "" {
		return nil, false, err
	}
	var id int64
	found, err := t.row([]any{&id}, `
		SELECT id
		FROM dovetail_conflict
		WHERE record = $1 AND state IN ('open', 'snoozed') AND replica = $2`,
		j.head.id, replica)
	if err != nil || !found {
		return nil, false, wrap("find conflict", err)
	}
	d, err := disputeOf(t, id)
	return d, true, err
}

// replace puts a replica's newer change into its conflict: the two build on one another. The older one is kept aside.
func (t *tx) replace(d *dispute, j *joining) (Answer, error) {
	c := j.change
	var sequence int64
	if _, err := t.row([]any{&sequence}, `SELECT sequence FROM dovetail_change WHERE id = $1`, d.change); err != nil {
		return Answer{}, wrap("read change", err)
	}
	t.count(d.key.Collection, countReplaced, 1)
	if c.sequence < sequence {
		// It was overtaken on its way: what waits was built on it.
		return Answer{Outcome: Conflicted, Version: j.head.number, Conflict: d.id, Fields: d.fields},
			t.overtaken(d, j)
	}
	if err := t.aside(aside{head: j.head, side: "local", document: d.local, reason: reasonReplaced, conflict: d.id,
		change: d.change, by: d.localBy, device: d.device, at: d.localAt}); err != nil {
		return Answer{}, err
	}
	if _, err := t.run(`UPDATE dovetail_change SET replaced = 1 WHERE id = $1`, d.change); err != nil {
		return Answer{}, wrap("replace change", err)
	}
	d.change, d.local, d.device, d.localBy, d.localAt = j.id, j.local.id, c.device, c.localBy, c.localAt
	// A change that says what it was made on is merged on that, be it lost. One that says nothing was made on the last.
	older := c.hasVersion && !j.base.lost && j.base.version < d.base.version
	if (c.hasVersion || c.hasBase || c.baseHash != "") && !older {
		d.base = j.base
	}
	if err := t.renew(d, j.head); err != nil {
		return Answer{}, err
	}
	a := Answer{Outcome: Conflicted, Version: j.head.number, Conflict: d.id, Fields: d.fields}
	if d.state == merge.Resolved {
		j.head.waiting--
		a.Outcome, a.Fields = Converged, nil
	}
	return a, nil
}

// overtaken keeps a change that came after the one that was built on it.
func (t *tx) overtaken(d *dispute, j *joining) error {
	if _, err := t.run(`UPDATE dovetail_change SET replaced = 1 WHERE id = $1`, j.id); err != nil {
		return wrap("replace change", err)
	}
	c := j.change
	return t.aside(aside{head: j.head, side: "local", document: j.local.id, reason: reasonReplaced, conflict: d.id,
		change: j.id, by: c.localBy, device: c.device, at: c.localAt})
}
