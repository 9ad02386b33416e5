package store

import (
	"context"
	"encoding/hex"
	"fmt"
	"slices"

	"dovetail/merge"
)

// Receive takes in a part of the hub's feed, which begins at from, in one transaction: how collections merge, then the
// versions. A clean record moves forward. One that was changed here keeps what it has; [Store.Reconcile] merges it again
// once all is here. A part that does not begin where this replica is, because it was taken in already, has no effect.
//
// [ErrWentBack] where a version does not follow the one that is known here.
func (s *Store) Receive(ctx context.Context, from Place, f Feed) error {
	return wrap("receive", s.following(ctx, func(t *tx) error {
		now, err := s.originOf(t)
		if err != nil || now.Place != from {
			return err
		}
		if err := t.receiveCollections(f.Collections); err != nil {
			return err
		}
		for i := range f.Versions {
			if err := t.receiveVersion(&f.Versions[i]); err != nil {
				return err
			}
		}
		hash, err := hex.DecodeString(f.Place.Hash)
		if err != nil {
			return fmt.Errorf("hash of the feed: %w", err)
		}
		t.proof = proof{`SELECT 1 FROM dovetail_replica WHERE place = $1 AND manners = $2`,
			[]any{f.Place.Number, f.Place.Manners}}
		_, err = t.run(`
			UPDATE dovetail_replica
			SET hub_generation = $1, place = $2, place_hash = $3, manners = $4`,
			f.Place.Generation, f.Place.Number, hash, f.Place.Manners)
		return wrap("move place", err)
	}))
}

// receiveCollections has the collections merge as they do at the hub.
func (t *tx) receiveCollections(all []FeedCollection) error {
	for _, c := range all {
		if err := merge.CheckCollection(c.Name); err != nil {
			return err
		}
		before, err := t.manner(c.Name)
		if err != nil {
			return err
		}
		if before.number == c.Number && before.strategy == c.Strategy && before.text.Equal(c.Schema) {
			continue
		}
		after := before
		after.strategy, after.number, after.text = c.Strategy, c.Number, c.Schema
		if c.Schema != nil {
			if _, err := t.run(`
				INSERT INTO dovetail_schema (collection, number, body, set_at)
				VALUES ($1, $2, $3, $4)
				ON CONFLICT (collection, number) DO NOTHING`,
				c.Name, c.Number, string(c.Schema), micros(t.now)); err != nil {
				return wrap("keep schema", err)
			}
		}
		if err := t.changeManner(c.Name, before, after); err != nil {
			return err
		}
	}
	return nil
}

// receiveVersion takes in one version of the hub's, with what it means for the changes made here.
func (t *tx) receiveVersion(v *FeedVersion) error {
	h, err := t.record(v.Record)
	if err != nil {
		return err
	}
	hash, err := hex.DecodeString(v.Hash)
	if err != nil {
		return fmt.Errorf("hash of version %d of %s: %w", v.Version, v.Record, err)
	}
	var again []*dispute
	if v.Cause == CauseUndo {
		if again, err = t.closedBy(h); err != nil {
			return err
		}
	}
	own, err := t.ownChangeByKey(v.Key)
	if err != nil {
		return err
	}
	fields, err := t.keep(v.Fields)
	if err != nil {
		return err
	}
	e := entry{number: v.Version, fields: fields, cause: v.Cause, by: v.By, device: v.Device, editedAt: v.EditedAt,
		base: v.Base, outside: v.Outside, accepted: v.At, hash: hash}
	if own != nil {
		e.change = own.id
	}
	if err := t.add(h, e); err != nil {
		return err
	}
	if !h.pending && h.waiting == 0 && own == nil && len(again) == 0 && len(v.Opens) == 0 {
		return t.receiveDecisions(h, v)
	}
	// An answer that names an older version was given before this one closed anything, one that names this version after.
	if err := t.landed(h, own, v.Version-1); err != nil {
		return err
	}
	if err := t.receiveDecisions(h, v); err != nil {
		return err
	}
	if err := t.followConflicts(h, v, again); err != nil {
		return err
	}
	if err := t.landed(h, nil, v.Version); err != nil {
		return err
	}
	return t.showLocal(h)
}

func (t *tx) ownChangeByKey(key string) (*ownChange, error) {
	if key == "" {
		return nil, nil
	}
	all, err := ownChanges(t, `WHERE key = $1`, key)
	if err != nil || len(all) == 0 {
		return nil, err
	}
	return all[0], nil
}

// receiveDecisions keeps what was decided to make a version, and the sides that lost.
func (t *tx) receiveDecisions(h *head, v *FeedVersion) error {
	for _, side := range v.NotKept {
		fields, err := t.keep(side.Fields)
		if err != nil {
			return err
		}
		if err := t.aside(aside{head: h, side: side.Side, document: fields.id, reason: side.Reason, version: v.Version,
			by: side.By, device: side.Device, at: side.At, lost: side.Values}); err != nil {
			return err
		}
	}
	r := v.Resolution
	if r == nil {
		return nil
	}
	decisions, err := listOrNull(len(r.Decisions), r.Decisions)
	if err != nil {
		return err
	}
	lost, err := listOrNull(len(r.Lost), r.Lost)
	if err != nil {
		return err
	}
	_, err = t.run(`
		INSERT INTO dovetail_resolution (id, conflict, change, record, version, made_on, decisions, not_kept, note, who,
			made_at, undoes)
		VALUES ($1, (SELECT conflict FROM dovetail_change WHERE key = $2), (SELECT id FROM dovetail_change WHERE key = $2),
			$3, $4, $5, $6, $7, $8, $9, $10, $11)`,
		r.Number, text(r.Key), h.id, v.Version, r.MadeOn, decisions, lost, text(r.Note), text(r.By), micros(v.At),
		null(r.Undoes))
	return wrap("keep resolution", err)
}

// listOrNull binds a list as JSON; an empty one as NULL.
func listOrNull(n int, list any) (any, error) {
	if n == 0 {
		return nil, nil
	}
	return encode(list)
}

// followConflicts does to the conflicts of a record what the hub did to them with a version.
func (t *tx) followConflicts(h *head, v *FeedVersion, again []*dispute) error {
	for _, key := range v.Closes {
		if err := t.closedAtHub(h, v, key); err != nil {
			return err
		}
	}
	for _, key := range v.Opens {
		c, err := t.ownChangeByKey(key)
		if err != nil {
			return err
		}
		if c != nil && c.conflict > 0 {
			d, err := disputeOf(t, c.conflict)
			if err != nil {
				return err
			}
			again = append(again, d)
		}
	}
	for _, d := range again {
		if err := t.openedAtHub(d, h); err != nil {
			return err
		}
	}
	return t.catchUp(h, 0)
}

// closedAtHub closes the conflict of a change that the hub has settled. What was changed here since is a change of its
// own from then on, on what the settled one had left.
func (t *tx) closedAtHub(h *head, v *FeedVersion, key string) error {
	c, err := t.ownChangeByKey(key)
	if err != nil || c == nil || c.conflict == 0 {
		return err
	}
	d, err := disputeOf(t, c.conflict)
	if err != nil || d.state == merge.Resolved {
		return err
	}
	if d.change != c.id {
		if err := t.detach(d, h, c, v.Version); err != nil {
			return err
		}
	}
	was := d.state
	d.state = merge.Resolved
	// What was decided may have been another conflict, which closed this one because it made what it wants.
	if _, err := t.row([]any{&d.resolution}, `SELECT id FROM dovetail_resolution WHERE record = $1 AND version = $2 AND conflict = $3`,
		h.id, v.Version, d.id); err != nil {
		return wrap("find resolution", err)
	}
	d.serverVersion, d.serverDocument, d.serverBy, d.serverAt = h.number, h.fields.id, h.by, h.at
	h.waiting--
	return t.save(d, was)
}

// openedAtHub opens a conflict again. Where a newer change of this replica waits already, it is that one which the hub has
// in the conflict, or will have, on the base of the older one.
func (t *tx) openedAtHub(d *dispute, h *head) error {
	if d.state != merge.Resolved {
		return nil
	}
	newer, err := t.ownDispute(h)
	if err != nil {
		return err
	}
	if newer == nil {
		return t.reopen(d, h, nil, "")
	}
	newer.base = d.base
	return t.renewOwn(newer, h)
}

// cameAfter reports whether the hub had not seen a change when it made a version, or has not yet.
func (c *ownChange) cameAfter(version int64) bool {
	switch c.outbox {
	case outboxWaiting, outboxSent, outboxHeld:
		return true
	}
	return c.outbox == outboxAnswered && c.version >= version
}

// detach takes the changes that came after one out of a conflict, which is being closed for that one. Each stands on what
// the one before had left.
func (t *tx) detach(d *dispute, h *head, c *ownChange, version int64) error {
	newer, err := ownChanges(t, `WHERE conflict = $1 AND id > $2 ORDER BY id`, d.id, c.id)
	if err != nil {
		return err
	}
	newer = slices.DeleteFunc(newer, func(n *ownChange) bool { return !n.cameAfter(version) })
	if len(newer) == 0 {
		return nil
	}
	before := c
	for _, n := range newer {
		now := n.answer
		if now == "" || now == Conflicted {
			now = outcomePending
		}
		if n.outbox == outboxWaiting {
			n.key = t.store.newID()
		}
		t.count(h.key.Collection, countReplaced, -1)
		t.count(h.key.Collection, string(now), 1)
		if _, err := t.run(`
			UPDATE dovetail_change
			SET key = $1, outcome = $2, conflict = NULL, replaced = 0, builds_on = $3, base_version = $4, base_document = $5
			WHERE id = $6`,
			n.key, string(now), before.id, null(before.version), null(before.local), n.id); err != nil {
			return wrap("detach change", err)
		}
		before = n
	}
	if _, err := t.run(`UPDATE dovetail_change SET replaced = 0 WHERE id = $1`, c.id); err != nil {
		return wrap("detach change", err)
	}
	d.change, d.local, d.localBy, d.localAt = c.id, c.local, c.by, c.at
	return nil
}
