package store

import (
	"context"
	"encoding/hex"
	"fmt"
	"slices"
	"time"

	"dovetail/merge"
)

// Outgoing is a change line on its way to the hub.
type Outgoing struct {
	ID   int64 // grows in the order of the changes
	Key  string
	Line []byte
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
// answer, of those with ids above after and up to last. A line is the same whenever it is asked for, but for the time at
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
		for _, c := range changes {
			line, err := t.lineOf(c)
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

// outLine is a change line as a replica writes it.
type outLine struct {
	Type        string            `json:"type"`
	Key         string            `json:"key"`
	Record      merge.Key         `json:"record"`
	BaseVersion *int64            `json:"base_version,omitempty"`
	BaseHash    string            `json:"base_hash,omitempty"`
	Base        *merge.Document   `json:"base,omitempty"`
	BuildsOn    string            `json:"builds_on,omitempty"`
	Local       merge.Document    `json:"local"`
	Operations  []merge.Operation `json:"operations,omitempty"`
	LocalBy     string            `json:"local_by,omitempty"`
	LocalAt     time.Time         `json:"local_at,omitzero"`
	Device      string            `json:"device"`
	Sequence    int64             `json:"sequence"`
	SentAt      time.Time         `json:"sent_at"`
	Resolves    string            `json:"resolves,omitempty"`
	Decisions   merge.Decisions   `json:"decisions,omitempty"`
	Note        string            `json:"note,omitempty"`
	Decided     bool              `json:"decided,omitempty"`
}

// lineOf writes the line of a change, and fixes the change first where it was not sent before.
func (t *tx) lineOf(c *ownChange) ([]byte, error) {
	fresh := c.outbox == outboxWaiting
	if fresh {
		if err := t.number(c); err != nil {
			return nil, err
		}
	}
	l := outLine{Type: "change", Key: c.key, LocalBy: c.by, LocalAt: c.at, Device: c.device, Sequence: c.sequence,
		SentAt: t.now, Decided: c.decided}
	var decisions, note, buildsOn, resolves words
	var record int64
	if _, err := t.row([]any{&record, &l.Record.Collection, &l.Record.ID, &decisions, &note, &buildsOn, &resolves}, `
		SELECT r.id, r.collection, r.name, c.decisions, c.note, b.key, o.key
		FROM dovetail_change c
		JOIN dovetail_record r ON r.id = c.record
		LEFT JOIN dovetail_change b ON b.id = c.builds_on
		LEFT JOIN dovetail_change o ON o.id = c.resolves
		WHERE c.id = $1`,
		c.id); err != nil {
		return nil, wrap("read change", err)
	}
	l.BuildsOn, l.Resolves, l.Note = string(buildsOn), string(resolves), string(note)
	if err := decode(decisions, &l.Decisions); err != nil {
		return nil, err
	}
	local, err := load(t, c.local)
	if err != nil {
		return nil, err
	}
	l.Local = local.text
	if l.Operations, err = stepsOf(t, c.id); err != nil {
		return nil, err
	}
	if err := t.writeBase(&l, c, record); err != nil {
		return nil, err
	}
	line, err := encode(l)
	if err != nil || !fresh {
		return []byte(line), err
	}
	return []byte(line), t.fix(c, []byte(line))
}

// writeBase says what a change was made on.
func (t *tx) writeBase(l *outLine, c *ownChange, record int64) error {
	switch {
	case c.buildsOn > 0:
		return nil
	case c.base.version == 0 && c.base.fields.id > 0:
		l.Base = &c.base.fields.text
		return nil
	case c.base.lost:
		l.BaseHash = "lost"
		return nil
	}
	l.BaseVersion = &c.base.version
	if c.base.version == 0 {
		return nil
	}
	v, found, err := versionOf(t, record, c.base.version)
	if err != nil {
		return err
	}
	if !found || v.document != c.base.fields.id {
		return fmt.Errorf("%w: change %d of %s stands on version %d, which is not here as it was", ErrCorrupt, c.id, l.Record,
			c.base.version)
	}
	l.BaseHash = hex.EncodeToString(v.hash)
	return nil
}

// number gives a change its place among those of this device.
func (t *tx) number(c *ownChange) error {
	_, err := t.row([]any{&c.device, &c.sequence}, `
		UPDATE dovetail_replica
		SET sequence = sequence + 1
		RETURNING device, sequence`)
	return wrap("number change", err)
}

// fix notes that a change is being sent: nothing of it changes from now on.
func (t *tx) fix(c *ownChange, line []byte) error {
	l, err := parseLine(line)
	if err != nil {
		return fmt.Errorf("change %d cannot be sent: %w", c.id, err)
	}
	c.outbox = outboxSent
	_, err = t.run(`
		UPDATE dovetail_change
		SET outbox = $1, device = $2, sequence = $3, identity = $4, operations = $5
		WHERE id = $6`,
		c.outbox, c.device, c.sequence, l.change.identity, text(l.change.operations), c.id)
	return wrap("fix change", err)
}

// Answers takes in what the hub said of changes that were sent. An answer that was taken before has no effect.
func (s *Store) Answers(ctx context.Context, answers []Answer) error {
	return wrap("take answers", s.write(ctx, func(t *tx) error {
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
	c := all[0]
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
