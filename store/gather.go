package store

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"dovetail/merge"
)

// lookWait is how long whoever only reads waits for what clients of the application wrote to be taken in.
const lookWait = time.Second

// takeInFirst takes in what clients of the application wrote, before anybody reads what dovetail has of it. While one of
// them holds the lock for long, what was taken in before is read.
func (s *Store) takeInFirst(ctx context.Context) error {
	if s.adoption == nil || s.info.Role == "" {
		return nil
	}
	waiting, err := s.adoption.Waiting(onlyReads{ctx, s})
	if err != nil || !waiting {
		return classify(err)
	}
	soon, cancel := context.WithTimeout(ctx, lookWait)
	defer cancel()
	err = s.write(soon, func(*tx) error { return nil })
	if ctx.Err() == nil && (errors.Is(err, ErrBusy) || soon.Err() != nil && errors.Is(err, soon.Err())) {
		return nil
	}
	return wrap("take in rows", err)
}

// gather takes in what clients of the application wrote.
func (t *tx) gather() error {
	if t.store.adoption == nil || t.store.info.Role == "" {
		return nil
	}
	rows, err := t.store.adoption.Gather(inTransaction{t})
	if err == nil {
		err = t.err
	}
	if err != nil {
		return wrap("gather rows", err)
	}
	for _, r := range rows {
		if err := t.takeRow(r, CauseWrite); err != nil {
			return err
		}
	}
	return nil
}

// takeRow takes in one row as it stands in its table. It may break the rules of the collection, which it does already.
func (t *tx) takeRow(r Row, cause Cause) error {
	if err := r.Record.Check(); err != nil {
		return wrap("take in row", err)
	}
	h, found, err := headOf(t, r.Record)
	if err != nil {
		return err
	}
	t.holdRow(r.Record, r.Fields)
	if h.stands().text.Equal(r.Fields) {
		return nil
	}
	if !found {
		if h, err = t.record(r.Record); err != nil {
			return err
		}
	}
	if r.At.IsZero() {
		r.At = t.now
	}
	if err := t.writeRow(h, r, cause); err != nil {
		return wrap("take in row of "+r.Record.String(), err)
	}
	if h.stands().text.Equal(r.Fields) {
		delete(t.moved, r.Record) // it was the row that moved it
	}
	return nil
}

func (t *tx) writeRow(h *head, r Row, cause Cause) error {
	if t.store.info.Replica() {
		return t.journal(h, Edit{Record: r.Record, Version: h.number, Fields: r.Fields, At: r.At})
	}
	fields, err := t.keep(r.Fields)
	if err != nil {
		return err
	}
	if err := t.add(h, entry{fields: fields, cause: cause, editedAt: r.At}); err != nil {
		return err
	}
	return t.catchUp(h, 0)
}

// holdRow notes what a row holds.
func (t *tx) holdRow(key merge.Key, fields merge.Document) {
	if t.holds == nil {
		t.holds = map[merge.Key]merge.Document{}
	}
	t.holds[key] = fields
}

// touch notes that a record is about to stand otherwise, and so the row with it. Until then the row is as the record
// stands, because all that clients wrote was gathered when the transaction began.
func (t *tx) touch(h *head) {
	if t.store.adoption == nil || !t.store.adoption.Adopted(h.key.Collection) {
		return
	}
	if t.moved == nil {
		t.moved = map[merge.Key]bool{}
	}
	t.moved[h.key] = true
	if _, known := t.holds[h.key]; !known {
		t.holdRow(h.key, h.stands().text)
	}
}

// putRounds is how often a transaction writes rows that the application's triggers have changed others for.
const putRounds = 4

// put brings the rows of adopted tables to how their records stand at the end of the transaction, and takes in what the
// application's triggers made of that.
func (t *tx) put() error {
	for range putRounds {
		if len(t.moved) == 0 {
			return nil
		}
		due, err := t.due()
		if err != nil || len(due) == 0 {
			return err
		}
		for _, h := range due {
			if err := t.putRow(h); err != nil {
				return err
			}
		}
		if err := t.gather(); err != nil {
			return err
		}
	}
	return fmt.Errorf("put rows: the application's triggers change them without an end")
}

// due are the records that stand otherwise than their rows, those first that were here first.
func (t *tx) due() ([]*head, error) {
	var due []*head
	for key := range t.moved {
		h, _, err := headOf(t, key)
		if err != nil {
			return nil, err
		}
		if !h.stands().text.Equal(t.holds[key]) {
			due = append(due, h)
		}
	}
	clear(t.moved)
	slices.SortFunc(due, func(a, b *head) int { return cmp.Compare(a.id, b.id) })
	return due, nil
}

// putRow has a row hold what its record does.
func (t *tx) putRow(h *head) error {
	want := h.stands().text
	t.store.seals.guarded = true
	got, err := t.store.adoption.Put(inTransaction{t}, h.key, t.holds[h.key], want)
	t.store.seals.guarded = false
	if t.store.seals.err != nil {
		return t.store.seals.err
	}
	var refused *ConstraintError
	switch {
	case errors.As(err, &refused) && t.err == nil:
		return t.refusedRow(h, refused)
	case err != nil:
		return fmt.Errorf("put row of %s: %w", h.key, err)
	case t.err != nil:
		return t.err
	}
	if column, same := holdsAll(got, want); !same {
		return &RewrittenError{Record: h.key, Column: column}
	}
	t.holdRow(h.key, got)
	return nil
}

// refusedRow is for a record that the application's table will not hold. The transaction stands as it was before the row.
func (t *tx) refusedRow(h *head, refused *ConstraintError) error {
	if refused.Changed != "" {
		return &RewrittenError{Record: h.key, Column: refused.Changed}
	}
	return fmt.Errorf("put row of %s: %w", h.key, refused)
}

// holdsAll reports whether a row holds what was written to it, and names the first column that it does not. A column that
// nobody wrote may hold what the application gives it: the row is taken in with that, like any other.
func holdsAll(row, written merge.Document) (column string, same bool) {
	if row == nil || written == nil {
		return "", row == nil && written == nil
	}
	var holds, wanted map[string]json.RawMessage
	if json.Unmarshal(row, &holds) != nil || json.Unmarshal(written, &wanted) != nil {
		return "", false
	}
	for _, name := range slices.Sorted(maps.Keys(wanted)) {
		if held, there := holds[name]; !there || !merge.Equal(merge.Value(held), merge.Value(wanted[name])) {
			return name, false
		}
	}
	return "", true
}
