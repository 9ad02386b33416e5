package store

import (
	"context"
	"time"

	"dovetail/merge"
)

// Waiting is what was changed of a record on a replica and is in none of its versions.
type Waiting struct {
	By       string
	At       time.Time      // of the last edit
	Fields   merge.Document // as the record stands here; nil is a deletion
	Changed  []string       // since what it was made on, sorted
	Conflict int64          // in which it waits for a person; 0: in none
	Sent     bool           // the hub may have it, and its version is to come
	Held     bool           // the hub would not take it
}

// Waiting returns what waits of a record; false where nothing does, as on every hub.
func (s *Store) Waiting(ctx context.Context, key merge.Key) (w Waiting, there bool, err error) {
	err = s.read(ctx, func(v *view) error {
		h, _, err := headOf(v, key)
		if err != nil || !h.pending {
			return err
		}
		there, w.Fields = true, h.local.text
		conflicts, err := waitingOf(v, h.id)
		if err != nil {
			return err
		}
		if n := len(conflicts); n > 0 {
			d, err := disputeOf(v, conflicts[n-1])
			if err != nil {
				return err
			}
			w.By, w.At, w.Conflict = d.localBy, d.localAt, d.id
			w.Changed = changed(d.base.fields.text, w.Fields)
			return nil
		}
		chain, err := unsettledOf(v, h.id)
		if err != nil || len(chain) == 0 {
			return err
		}
		last := chain[len(chain)-1]
		w.By, w.At, w.Changed = last.by, last.at, changed(chain[0].base.fields.text, w.Fields)
		w.Sent, w.Held = last.outbox == outboxSent || last.outbox == outboxAnswered, last.outbox == outboxHeld
		return nil
	})
	return w, there, wrap("read what waits", err)
}
