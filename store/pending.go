package store

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"dovetail/merge"
)

// pendingLine is a change that the hub has not taken, for another hub that knows none of the versions here.
type pendingLine struct {
	Type       string            `json:"type"`
	Key        string            `json:"key"`
	Record     merge.Key         `json:"record"`
	Base       *merge.Document   `json:"base,omitempty"` // not there where nobody knows it
	Local      merge.Document    `json:"local"`
	Operations []merge.Operation `json:"operations,omitempty"`
	LocalBy    string            `json:"local_by,omitempty"`
	LocalAt    time.Time         `json:"local_at,omitzero"`
}

// EachPending calls fn with every change of a replica that is not in its versions from the hub, oldest first, as a change
// line that any hub can take in: the base is with it. One that waits for a person is among them, in place of those that
// went into it. An error of fn ends it.
func (s *Store) EachPending(ctx context.Context, fn func(json.RawMessage) error) error {
	var after int64
	for {
		var lines []json.RawMessage
		err := s.read(ctx, func(v *view) error {
			if !s.info.Replica() {
				return ErrNotReplica
			}
			changes, err := ownChanges(v, `c
				WHERE replaced = 0 AND id > $1 AND (outbox > 0 OR EXISTS (
					SELECT 1
					FROM dovetail_conflict o
					WHERE o.id = c.conflict AND o.state <> 'resolved'))
				ORDER BY id
				LIMIT $2`,
				after, exportPage)
			if err != nil {
				return err
			}
			for _, c := range changes {
				line, err := pendingLineOf(v, c)
				if err != nil {
					return err
				}
				lines, after = append(lines, line), c.id
			}
			return nil
		})
		if err != nil {
			return wrap("read pending changes", err)
		}
		for _, line := range lines {
			if err := fn(line); err != nil {
				return err
			}
		}
		if len(lines) < exportPage {
			return nil
		}
	}
}

func pendingLineOf(v *view, c *ownChange) (json.RawMessage, error) {
	l := pendingLine{Type: "change", Key: c.key, LocalBy: c.by, LocalAt: c.at}
	if _, err := v.row([]any{&l.Record.Collection, &l.Record.ID}, `
		SELECT r.collection, r.name
		FROM dovetail_change c
		JOIN dovetail_record r ON r.id = c.record
		WHERE c.id = $1`,
		c.id); err != nil {
		return nil, err
	}
	stands, steps, err := allOf(v, c)
	if err != nil {
		return nil, err
	}
	if !stands.lost {
		l.Base = &stands.fields.text
	}
	local, err := load(v, c.local)
	if err != nil {
		return nil, err
	}
	l.Local, l.Operations = local.text, steps
	line, _, err := fitting(&l, func() { l.Operations = nil })
	var unfit *LineError
	if errors.As(err, &unfit) {
		err = nil // it is all there is
	}
	return json.RawMessage(line), err
}

// allOf is what a change stands on and its steps; of one that waits for a person with those that went into it.
func allOf(v *view, c *ownChange) (base, []merge.Operation, error) {
	if c.conflict > 0 {
		d, err := disputeOf(v, c.conflict)
		if err != nil {
			return base{}, nil, err
		}
		if d.state != merge.Resolved {
			changes, _, err := d.sent(v)
			return d.base, claim{changes: changes}.operations(), err
		}
	}
	steps, err := stepsOf(v, c.id)
	return c.base, steps, err
}
