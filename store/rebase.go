package store

import (
	"dovetail/merge"
)

// reconcile brings what was changed of a record to what the hub has of it now.
func (t *tx) reconcile(key merge.Key) error {
	h, _, err := headOf(t, key)
	if err != nil {
		return err
	}
	if err := t.landed(h, nil, h.number); err != nil {
		return err
	}
	unsettled, err := unsettledOf(t, h.id)
	if err != nil {
		return err
	}
	var chain []*ownChange
	for _, c := range unsettled {
		if c.outbox == outboxSent || c.outbox == outboxAnswered {
			return t.showLocal(h) // it is fixed, and so is what builds on it
		}
		if c.outbox == outboxWaiting && c.outcome == outcomePending {
			chain = append(chain, c)
		}
		if c.outbox == outboxHeld && c.local == h.fields.id {
			// The hub has by now what it would not take.
			if err := t.moveOutbox(c.id, outboxDone); err != nil {
				return err
			}
		}
	}
	if len(chain) > 0 {
		if err := t.rebase(h, chain); err != nil {
			return err
		}
	}
	return t.showLocal(h)
}

// rebase merges changes, each built on the one before, with the head.
func (t *tx) rebase(h *head, chain []*ownChange) error {
	d, err := t.ownDispute(h)
	if err != nil {
		return err
	}
	if d != nil {
		return t.joinDispute(h, d, chain)
	}
	first := chain[0]
	if first.buildsOn == 0 && !first.base.lost && first.base.version == h.number && first.base.fields.id == h.fields.id {
		return nil
	}
	if apart, err := t.apartHere(h, first); err != nil || len(apart) > 0 {
		return err // it is for the hub to open the conflict again: only it can tell what it hears of as decided
	}
	m, err := t.manner(h.key.Collection)
	if err != nil {
		return err
	}
	results := make([]body, 0, len(chain))
	on := h.fields
	for i := range chain {
		r, err := t.mergeLink(h, m, chain, i, on)
		if err != nil {
			return err
		}
		if r.Outcome == merge.RecordConflict {
			return t.openOwn(h, chain)
		}
		if !machineMay(m, r) {
			return nil
		}
		made, err := t.keep(r.Document)
		if err != nil {
			return err
		}
		results = append(results, made)
		on = made
	}
	return t.writeRebased(h, chain, results)
}

// mergeLink merges one change of a chain with what the one before came to.
func (t *tx) mergeLink(h *head, m manner, chain []*ownChange, i int, on body) (merge.Result, error) {
	c := chain[i]
	local, err := load(t, c.local)
	if err != nil {
		return merge.Result{}, err
	}
	var sides merge.Sides // one that builds on none was made by who did not see the one before
	if i == 0 || c.buildsOn == 0 {
		if sides, err = t.sides(h, c.base, local.text); err != nil {
			return merge.Result{}, err
		}
	} else {
		before, err := load(t, chain[i-1].local)
		if err != nil {
			return merge.Result{}, err
		}
		sides = merge.Sides{Base: before.text, Local: local.text, Server: on.text}
	}
	steps, err := t.stepsOfAll(chain[i : i+1])
	if err != nil {
		return merge.Result{}, err
	}
	k, err := m.asCase(t, sides, claim{record: h.id, head: h.number, base: c.base.fields.id, localAt: c.at, changes: steps})
	return k.Merge(), err
}

// machineMay reports whether a merge may take the place of a change that the hub has not seen: not where it drops a
// value that the hub would keep aside, nor where the later edit wins, which only the hub's clock can tell.
func machineMay(m manner, r merge.Result) bool {
	if r.Outcome != merge.Merged {
		return !r.Dropped
	}
	if m.strategy == merge.LastWriteWins || r.Dropped {
		return false
	}
	for _, f := range r.Fields {
		if f.Rule == merge.Latest.String() {
			return false
		}
	}
	return true
}

// writeRebased has the changes stand on the head. One that the hub has already needs not be sent, unless it settles a
// conflict there.
func (t *tx) writeRebased(h *head, chain []*ownChange, results []body) error {
	on, before := base{version: h.number, fields: h.fields}, int64(0)
	for i, c := range chain {
		if before == 0 && c.resolves == 0 && results[i].text.Equal(h.fields.text) {
			t.count(h.key.Collection, string(outcomePending), -1)
			t.count(h.key.Collection, string(Converged), 1)
			if _, err := t.run(`
				UPDATE dovetail_change
				SET outbox = 0, outcome = 'converged', version = $1
				WHERE id = $2`,
				h.number, c.id); err != nil {
				return wrap("settle change", err)
			}
			continue
		}
		if _, err := t.run(`
			UPDATE dovetail_change
			SET key = $1, base_version = $2, base_document = $3, base_lost = 0, builds_on = $4, local_document = $5
			WHERE id = $6`,
			t.store.newID(), null(on.version), null(on.fields.id), null(before), null(results[i].id), c.id); err != nil {
			return wrap("rebase change", err)
		}
		on, before = base{fields: results[i]}, c.id
	}
	return nil
}
