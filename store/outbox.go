package store

import (
	"context"
	"errors"
	"slices"
)

// Outgoing is a change line on its way to the hub.
type Outgoing struct {
	ID   int64 // grows in the order of the changes
	Key  string
	Line []byte // nil where no line can hold the change: it is held here, as one that the hub refused
}

// LastChange returns the id of the replica's newest change: what is made after it is not part of an exchange that begins
// now.
func (s *Store) LastChange(ctx context.Context) (int64, error) {
	var last int64
	err := s.read(ctx, func(v *view) error {
		_, err := v.row([]any{&last}, `SELECT coalesce(max(id), 0) FROM dovetail_change WHERE outbox > 0`)
		return err
	})
	return last, wrap("read outbox", err)
}

// Outgoing fixes changes of a replica and returns them as lines, oldest first: of each record the first that has no
// answer, of those with ids above after and up to last. Before one whose row refers to another that was made here too comes
// what made that one, so that it is at the hub first: then there may be more than limit. A line is the same whenever it is asked for, but for the time at
// which it is sent.
func (s *Store) Outgoing(ctx context.Context, after, last int64, limit int) ([]Outgoing, error) {
	var out []Outgoing
	err := s.write(ctx, func(t *tx) error {
		out = out[:0]
		if err := t.onReplica(); err != nil {
			return err
		}
		changes, err := ownChanges(t, `c
			WHERE outbox > 0 AND outbox < 3 AND id > $1 AND id <= $2 AND NOT EXISTS (
				SELECT 1
				FROM dovetail_change e
				WHERE e.record = c.record AND e.outbox > 0 AND e.outbox < 3 AND e.id < c.id)
			ORDER BY id
			LIMIT $3`,
			after, last, limit)
		if err != nil {
			return err
		}
		if changes, err = t.withWhatTheyName(changes); err != nil {
			return err
		}
		for _, c := range changes {
			line, err := t.lineOf(c)
			var unfit *LineError
			if errors.As(err, &unfit) {
				err = t.answered(c, Answer{Key: c.key, Outcome: Refused, Error: unfit.Error()})
			}
			if err != nil {
				return err
			}
			out = append(out, Outgoing{ID: c.id, Key: c.key, Line: line})
		}
		if len(out) > 0 {
			t.proof = proof{`SELECT 1 FROM dovetail_change WHERE id = $1 AND outbox <> 1`, []any{out[len(out)-1].ID}}
		}
		return nil
	})
	return out, wrap("read outbox", err)
}

// Answers takes in what the hub said of changes that were sent. An answer that was taken before has no effect.
func (s *Store) Answers(ctx context.Context, answers []Answer) error {
	return wrap("take answers", s.following(ctx, func(t *tx) error {
		if err := t.onReplica(); err != nil {
			return err
		}
		for _, a := range answers {
			if err := t.takeAnswer(a); err != nil {
				return err
			}
		}
		return t.noteAnswered(answers)
	}))
}

// noteAnswered keeps the last change of which the hub has a receipt from now on.
func (t *tx) noteAnswered(answers []Answer) error {
	for _, a := range slices.Backward(answers) {
		if a.Outcome != Refused {
			_, err := t.run(`UPDATE dovetail_replica SET answered = $1`, a.Key)
			return wrap("note answer", err)
		}
	}
	return nil
}

func (t *tx) takeAnswer(a Answer) error {
	all, err := ownChanges(t, `WHERE key = $1 AND outbox = $2`, a.Key, outboxSent)
	if err != nil || len(all) == 0 {
		return err
	}
	return t.answered(all[0], a)
}

// answered does what an answer says to a change.
func (t *tx) answered(c *ownChange, a Answer) error {
	var collection string
	if _, err := t.row([]any{&collection}, `
		SELECT r.collection
		FROM dovetail_change c
		JOIN dovetail_record r ON r.id = c.record
		WHERE c.id = $1`,
		c.id); err != nil {
		return wrap("read change", err)
	}
	if a.Device != "" {
		if _, err := t.run(`UPDATE dovetail_replica SET device = $1 WHERE device = $2`, a.Device, c.device); err != nil {
			return wrap("take another id", err)
		}
	}
	c.outbox, c.answer, c.version = outboxAnswered, a.Outcome, a.Version
	if a.Outcome == Refused || a.Outcome == Parked {
		c.outbox = outboxHeld
	}
	if c.outcome == outcomePending && a.Outcome != Conflicted {
		c.outcome = a.Outcome
		t.count(collection, string(outcomePending), -1)
		t.count(collection, string(a.Outcome), 1)
	}
	fields, err := fieldList(a.Fields)
	if err != nil {
		return err
	}
	t.proof = proof{`SELECT 1 FROM dovetail_change WHERE id = $1 AND answer = $2`, []any{c.id, string(c.answer)}}
	_, err = t.run(`
		UPDATE dovetail_change
		SET outbox = $1, answer = $2, version = $3, outcome = $4, fields = $5, error = $6
		WHERE id = $7`,
		c.outbox, string(c.answer), null(c.version), string(c.outcome), fields, text(a.Error), c.id)
	if err != nil {
		return wrap("answer change", err)
	}
	if c.outbox == outboxHeld {
		return t.hold(c)
	}
	_, err = t.run(`
		UPDATE dovetail_change
		SET base_version = $1
		WHERE builds_on = $2 AND outbox > 0 AND outcome = 'pending'`,
		null(c.version), c.id)
	return wrap("answer change", err)
}
