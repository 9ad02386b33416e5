package store

import (
	"context"
	"errors"
	"fmt"

	"dovetail/merge"
)

// resolveLater closes a conflict on a replica by a change that is to be sent, made on the server's version as shown.
func (t *tx) resolveLater(d *dispute, h *head, w merge.Writing, result body, lost []merge.LostValue) (merge.Written, error) {
	if err := t.bothFree(d, w.Decisions); err != nil {
		return merge.Written{}, err
	}
	waits, err := ownChangeOf(t, d.change)
	if err != nil {
		return merge.Written{}, err
	}
	if waits.outbox == outboxWaiting {
		// The hub is to hear of it as what it was, and not to join it: a person has looked at it.
		// It is another line by that, and so has another key.
		if _, err := t.run(`UPDATE dovetail_change SET decided = 1, key = $1 WHERE id = $2`, t.store.newID(), waits.id); err != nil {
			return merge.Written{}, wrap("mark change", err)
		}
	}
	if waits.outbox == outboxHeld {
		if err := t.moveOutbox(waits.id, outboxDone); err != nil {
			return merge.Written{}, err
		}
	}
	c := &ownChange{outcome: outcomePending, base: base{version: h.number, fields: h.fields}, local: result.id,
		resolves: waits.id, by: w.Person, at: t.now}
	if err := t.beginChange(h, c, Edit{}); err != nil {
		return merge.Written{}, err
	}
	decisions, err := listOrNull(len(w.Decisions), w.Decisions)
	if err != nil {
		return merge.Written{}, err
	}
	if _, err := t.run(`UPDATE dovetail_change SET decisions = $1, note = $2 WHERE id = $3`,
		decisions, text(w.Note), c.id); err != nil {
		return merge.Written{}, wrap("keep decisions", err)
	}
	if local := ofSide(lost, "local"); len(local) > 0 {
		if err := t.aside(aside{head: h, side: "local", document: d.local, reason: reasonResolution, conflict: d.id,
			change: d.change, by: d.localBy, device: d.device, at: d.localAt, lost: local}); err != nil {
			return merge.Written{}, err
		}
	}
	was := d.state
	d.state = merge.Resolved
	h.waiting--
	if err := t.save(d, was); err != nil {
		return merge.Written{}, err
	}
	if err := t.edited(h); err != nil {
		return merge.Written{}, err
	}
	out, err := t.readBackPending(d, h, result)
	if as := w.Decisions.Both(); as != "" {
		out.KeptAs = merge.Key{Collection: d.key.Collection, ID: as}.String()
	}
	return out, err
}

// readBackPending makes sure that the database holds what was just decided.
func (t *tx) readBackPending(d *dispute, h *head, result body) (merge.Written, error) {
	now, found, err := headOf(t, h.key)
	switch {
	case err != nil:
		return merge.Written{}, err
	case !found || !now.pending || now.local.id != result.id || string(now.local.text) != string(result.text):
		return merge.Written{}, fmt.Errorf("%w: %s is not as it was written", ErrCorrupt, h.key)
	}
	return merge.Written{Conflict: d.id, Record: h.key, Pending: true, Result: now.local.text}, nil
}

// ErrSent says that a decision is on its way to the hub, or there: only the hub can take it back.
var ErrSent = errors.New("it was sent to the hub already")

// UndoPending takes back the decision on a conflict that was made on this replica and not sent: the conflict is open
// again, with the decisions as a draft of whoever made them. It is refused with a *[MovedOnError] where the record was
// changed here since, with [ErrSent] where it was sent, and with [merge.ErrNotFound] where no decision waits.
func (s *Store) UndoPending(ctx context.Context, conflict int64, person string) (merge.Written, error) {
	var out merge.Written
	err := s.write(ctx, func(t *tx) error {
		if err := t.onReplica(); err != nil {
			return err
		}
		var err error
		out, err = t.undoPending(conflict, person)
		return err
	})
	if err != nil {
		return merge.Written{}, fmt.Errorf("undo the decision on conflict %d: %w", conflict, err)
	}
	return out, nil
}

func (t *tx) undoPending(conflict int64, person string) (merge.Written, error) {
	d, err := disputeOf(t, conflict)
	if err != nil {
		return merge.Written{}, err
	}
	h, _, err := headOf(t, d.key)
	if err != nil {
		return merge.Written{}, err
	}
	c, err := t.pendingDecision(d, h)
	if err != nil {
		return merge.Written{}, err
	}
	var made merge.Decisions
	var list, note words
	if _, err := t.row([]any{&list, &note}, `SELECT decisions, note FROM dovetail_change WHERE id = $1`, c.id); err != nil {
		return merge.Written{}, wrap("read decisions", err)
	}
	if err := decode(list, &made); err != nil {
		return merge.Written{}, err
	}
	// It was never sent, so nobody but this journal knows of it.
	t.count(h.key.Collection, countIssued, -1)
	t.count(h.key.Collection, string(outcomePending), -1)
	if _, err := t.run(`DELETE FROM dovetail_change WHERE id = $1 AND outbox = 1`, c.id); err != nil {
		return merge.Written{}, wrap("take decision back", err)
	}
	if _, err := t.run(`UPDATE dovetail_change SET decided = 0, key = $1 WHERE id = $2 AND outbox = 1`, t.store.newID(), d.change); err != nil {
		return merge.Written{}, wrap("take decision back", err)
	}
	if err := t.heldAgain(d.change); err != nil {
		return merge.Written{}, err
	}
	if err := t.reopen(d, h, made, string(note), c.by, person); err != nil {
		return merge.Written{}, err
	}
	t.proof = proof{`SELECT 1 WHERE NOT EXISTS (SELECT 1 FROM dovetail_change WHERE id = $1)`, []any{c.id}}
	if err := t.edited(h); err != nil {
		return merge.Written{}, err
	}
	return merge.Written{Conflict: d.id, Record: h.key, Pending: true, Result: h.local.text}, nil
}

// pendingDecision finds the change by which a conflict was decided here, if it can be taken back.
func (t *tx) pendingDecision(d *dispute, h *head) (*ownChange, error) {
	chain, err := unsettledOf(t, h.id)
	if err != nil {
		return nil, err
	}
	for i, c := range chain {
		if c.resolves != d.change {
			continue
		}
		switch {
		case c.outbox != outboxWaiting:
			return nil, ErrSent
		case i+1 < len(chain):
			return nil, &MovedOnError{Record: h.key, Head: h.number,
				Reason: fmt.Sprintf("%s was changed here since: taking the decision back would lose that", h.key)}
		}
		return c, nil
	}
	return nil, merge.ErrNotFound
}

// PendingDecision returns the conflict of a record that was last decided on this replica, where the decision was not
// sent; [merge.ErrNotFound] where none was.
func (s *Store) PendingDecision(ctx context.Context, key merge.Key) (int64, error) {
	var conflict int64
	err := s.read(ctx, func(v *view) error {
		found, err := v.row([]any{&conflict}, `
			SELECT o.id
			FROM dovetail_change c
			JOIN dovetail_record r ON r.id = c.record
			JOIN dovetail_conflict o ON o.change = c.resolves
			WHERE r.collection = $1 AND r.name = $2 AND c.outbox > 0 AND c.outbox = 1
			ORDER BY c.id DESC
			LIMIT 1`,
			key.Collection, key.ID)
		if err == nil && !found {
			err = fmt.Errorf("a decision on %s: %w", key, merge.ErrNotFound)
		}
		return err
	})
	return conflict, err
}
