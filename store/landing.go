package store

import (
	"dovetail/merge"
)

// landed does what the answers of a record's changes came to that name a version up to one that is here. own is the change
// that made the version which just came in, if it is one of ours.
func (t *tx) landed(h *head, own *ownChange, upTo int64) error {
	if own != nil && own.outbox == outboxHeld {
		if err := t.takenAfterAll(h, own); err != nil {
			return err
		}
	}
	chain, err := unsettledOf(t, h.id)
	if err != nil {
		return err
	}
	for _, c := range chain {
		if c.outbox != outboxAnswered || c.version > upTo {
			continue
		}
		if err := t.land(h, c); err != nil {
			return err
		}
		if err := t.moveOutbox(c.id, outboxDone); err != nil {
			return err
		}
	}
	return nil
}

// takenAfterAll is for a change that the hub had put aside, and has now made a version of.
func (t *tx) takenAfterAll(h *head, c *ownChange) error {
	now := Merged
	if h.cause == CauseWrite {
		now = Applied
	}
	if c.outcome != Conflicted {
		t.count(h.key.Collection, string(c.outcome), -1)
		t.count(h.key.Collection, string(now), 1)
		if err := t.setOutcome(c, now); err != nil {
			return err
		}
	}
	_, err := t.run(`UPDATE dovetail_change SET outbox = 0, answer = $1, version = $2, error = NULL WHERE id = $3`,
		string(now), h.number, c.id)
	return wrap("settle change", err)
}

func (t *tx) setOutcome(c *ownChange, o Outcome) error {
	c.outcome = o
	_, err := t.run(`UPDATE dovetail_change SET outcome = $1 WHERE id = $2`, string(o), c.id)
	return wrap("set outcome", err)
}

// land does what one answer came to. A conflict that stood here and is none at the hub is closed.
func (t *tx) land(h *head, c *ownChange) error {
	d, err := t.ownDispute(h)
	if err != nil {
		return err
	}
	if c.answer == Conflicted {
		return t.landConflict(h, c, d)
	}
	if c.conflict > 0 && (d == nil || d.change != c.id) {
		return t.outOfConflict(h, c)
	}
	switch {
	case d == nil:
		return nil
	case d.change != c.id && c.answer == Converged && d.change < c.id:
		// It went into the conflict at the hub, and was what stood there: that closed it.
		t.count(h.key.Collection, string(Converged), -1)
		t.count(h.key.Collection, string(outcomePending), 1)
		return t.joinDispute(h, d, []*ownChange{c})
	case d.change != c.id:
		return nil
	}
	was := d.state
	d.state = merge.Resolved
	h.waiting--
	return t.save(d, was)
}

// outOfConflict is for a change that waited in a conflict, under newer ones, and joined by itself at the hub. What was
// built on it stands on what it left.
func (t *tx) outOfConflict(h *head, c *ownChange) error {
	d, err := disputeOf(t, c.conflict)
	if err != nil || d.change == c.id {
		return err
	}
	t.count(h.key.Collection, countReplaced, -1)
	t.count(h.key.Collection, string(c.answer), 1)
	if _, err := t.run(`UPDATE dovetail_change SET outcome = answer, replaced = 0, conflict = NULL WHERE id = $1`, c.id); err != nil {
		return wrap("settle change", err)
	}
	left, err := load(t, c.local)
	if err != nil {
		return err
	}
	d.base = base{version: c.version, fields: left}
	if d.state == merge.Resolved {
		return t.save(d, d.state)
	}
	return t.renewOwn(d, h)
}

// landConflict has a change wait here as it does at the hub.
func (t *tx) landConflict(h *head, c *ownChange, d *dispute) error {
	switch {
	case c.outcome == Conflicted:
		return nil // it waits here already, or did
	case d == nil:
		return t.openOwn(h, []*ownChange{c})
	case c.id < d.change:
		t.count(h.key.Collection, string(outcomePending), -1)
		return t.markReplaced(h, c.id, d.id)
	}
	return t.joinDispute(h, d, []*ownChange{c})
}

// openOwn has changes, each built on the one before, wait for a person as one. Where the first settled a conflict, that
// one is open again.
func (t *tx) openOwn(h *head, chain []*ownChange) error {
	first, last := chain[0], chain[len(chain)-1]
	if err := t.setApart(h, first); err != nil {
		return err
	}
	if first.resolves > 0 {
		settled, err := ownChangeOf(t, first.resolves)
		if err != nil {
			return err
		}
		if settled != nil && settled.conflict > 0 {
			d, err := disputeOf(t, settled.conflict)
			if err != nil {
				return err
			}
			if d.state == merge.Resolved {
				h.waiting++
			}
			return t.joinDispute(h, d, chain)
		}
	}
	local, err := load(t, last.local)
	if err != nil {
		return err
	}
	sides, err := t.sides(h, first.base, local.text)
	if err != nil {
		return err
	}
	m, err := t.manner(h.key.Collection)
	if err != nil {
		return err
	}
	steps, err := t.stepsOfAll(chain)
	if err != nil {
		return err
	}
	k, err := m.asCase(t, sides, claim{record: h.id, head: h.number, base: first.base.fields.id, localAt: last.at, changes: steps})
	if err != nil {
		return err
	}
	j := &joining{id: last.id, head: h, base: first.base, local: local,
		change: &change{record: h.key, device: last.device, localBy: last.by, localAt: last.at}}
	r := k.Merge()
	if last.answer == Conflicted && last.said != "" {
		r.Kind = merge.RuleKind // the hub's table would not take it
	}
	a, err := t.open(j, r)
	if err != nil {
		return err
	}
	return t.intoConflict(h, chain, a.Conflict, nil)
}

func (t *tx) stepsOfAll(chain []*ownChange) ([]sent, error) {
	var all []sent
	for _, c := range chain {
		steps, err := stepsOf(t, c.id)
		if err != nil {
			return nil, err
		}
		all = append(all, sent{change: c.id, operations: steps})
	}
	return all, nil
}

// joinDispute puts changes, each built on the one before, into a conflict in place of what waits in it.
func (t *tx) joinDispute(h *head, d *dispute, chain []*ownChange) error {
	before := d.change
	last := chain[len(chain)-1]
	if err := t.aside(aside{head: h, side: "local", document: d.local, reason: reasonReplaced, conflict: d.id,
		change: d.change, by: d.localBy, device: d.device, at: d.localAt}); err != nil {
		return err
	}
	d.change, d.local, d.localBy, d.localAt = last.id, last.local, last.by, last.at
	if err := t.setApart(h, chain[0]); err != nil {
		return err
	}
	if chain[0].buildsOn == 0 {
		d.base = chain[0].base
	}
	if err := t.intoConflict(h, chain, d.id, []int64{before}); err != nil {
		return err
	}
	return t.renewOwn(d, h)
}

// intoConflict notes that changes which were pending wait in a conflict: the last as what it is about, the others, and
// what waited before, replaced by it. What was not sent goes along with the last.
func (t *tx) intoConflict(h *head, chain []*ownChange, conflict int64, before []int64) error {
	last := chain[len(chain)-1]
	for _, id := range before {
		if err := t.markReplaced(h, id, conflict); err != nil {
			return err
		}
	}
	for _, c := range chain {
		t.count(h.key.Collection, string(outcomePending), -1)
		if c == last {
			continue
		}
		if err := t.markReplaced(h, c.id, conflict); err != nil {
			return err
		}
		if err := t.moveOutbox(c.id, outboxDone); err != nil {
			return err
		}
		if _, err := t.run(`UPDATE dovetail_operation SET change = $1 WHERE change = $2`, last.id, c.id); err != nil {
			return wrap("move steps", err)
		}
		if last.outbox == outboxWaiting {
			if err := t.sawNoMore(last.id, c.id); err != nil {
				return err
			}
		}
	}
	if last.outbox == outboxWaiting {
		last.key, last.base, last.buildsOn = t.store.newID(), chain[0].base, chain[0].buildsOn
	}
	_, err := t.run(`
		UPDATE dovetail_change
		SET key = $1, outcome = 'conflict', conflict = $2, resolves = NULL, decisions = NULL, note = NULL,
			base_version = $3, base_document = $4, base_lost = $5, builds_on = $6
		WHERE id = $7`,
		last.key, conflict, null(last.base.version), null(last.base.fields.id), last.base.lost, null(last.buildsOn), last.id)
	return wrap("put change into conflict", err)
}
