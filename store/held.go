package store

import (
	"context"
	"database/sql"
)

// A change that the hub would not take waits on the replica. Nothing that the hub gets may name it, since the hub does not
// know it, or has it where it has no effect. So whatever comes after it takes it along: its base and its steps.

// takesAlong has an edit begin a change that takes a held one along.
func (t *tx) takesAlong(h *head, held, c *ownChange, e Edit) error {
	c.base, c.buildsOn = held.base, held.buildsOn
	if err := t.beginChange(h, c, e); err != nil {
		return err
	}
	return t.goesAlong(held, c.id)
}

// goesAlong moves the steps of a held change to the one that takes it along, before its own.
func (t *tx) goesAlong(held *ownChange, with int64) error {
	if _, err := t.run(`UPDATE dovetail_operation SET change = $1 WHERE change = $2`, with, held.id); err != nil {
		return wrap("move steps", err)
	}
	if err := t.sawNoMore(with, held.id); err != nil {
		return err
	}
	return t.moveOutbox(held.id, outboxDone)
}

// sawNoMore notes on a change that another one goes along with it, of whose edits it is as well what their author had seen.
func (t *tx) sawNoMore(change, along int64) error {
	_, err := t.run(`
		UPDATE dovetail_change
		SET seen = min(seen, (SELECT seen FROM dovetail_change WHERE id = $2))
		WHERE id = $1`,
		change, along)
	return wrap("note what was seen", err)
}

// hold is for what was made on a change before the hub said that it would not take it: an edit takes it along, a decision
// settles it.
func (t *tx) hold(held *ownChange) error {
	after, err := ownChanges(t, `WHERE (builds_on = $1 OR resolves = $1) AND outbox = $2`, held.id, outboxWaiting)
	if err != nil || len(after) == 0 {
		return err
	}
	next := after[0]
	if next.resolves == held.id {
		return t.moveOutbox(held.id, outboxDone)
	}
	if next.outcome == outcomePending {
		next.base = held.base // else it has that of the conflict in which both are
	}
	// It is another line by that, and so has another key.
	if _, err := t.run(`
		UPDATE dovetail_change
		SET key = $1, base_version = $2, base_document = $3, base_lost = $4, builds_on = $5
		WHERE id = $6`,
		t.store.newID(), null(next.base.version), null(next.base.fields.id), next.base.lost, null(held.buildsOn), next.id); err != nil {
		return wrap("take held change along", err)
	}
	return t.goesAlong(held, next.id)
}

// heldAgain has a change that the hub would not take wait again, where the decision that settled it was taken back.
func (t *tx) heldAgain(change int64) error {
	_, err := t.run(`
		UPDATE dovetail_change
		SET outbox = $1
		WHERE id = $2 AND outbox = 0 AND answer IN ('parked', 'refused')`,
		outboxHeld, change)
	return wrap("hold change", err)
}

// Unsettled returns how many changes of a replica the hub did not take, with the first few reasons.
func (s *Store) Unsettled(ctx context.Context, limit int) (n int64, first []Answer, err error) {
	err = s.read(ctx, func(v *view) error {
		if _, err := v.row([]any{&n}, `SELECT count(*) FROM dovetail_change WHERE outbox > 0 AND outbox = $1`, outboxHeld); err != nil {
			return err
		}
		return v.rows(func(rows *sql.Rows) error {
			var a Answer
			var outcome, reason words
			if err := rows.Scan(&a.Key, &a.Record.Collection, &a.Record.ID, &outcome, &reason); err != nil {
				return err
			}
			a.Outcome, a.Error = Outcome(outcome), string(reason)
			first = append(first, a)
			return nil
		}, `
			SELECT c.key, r.collection, r.name, c.answer, c.error
			FROM dovetail_change c
			JOIN dovetail_record r ON r.id = c.record
			WHERE c.outbox > 0 AND c.outbox = $1
			ORDER BY c.id
			LIMIT $2`,
			outboxHeld, limit)
	})
	return n, first, wrap("read outbox", err)
}
