package store

import (
	"context"
	"crypto/sha256"
	"errors"

	"dovetail/merge"
)

// reconcileChunk is how many changes one transaction of [Store.Reconcile] takes.
const reconcileChunk = 2000

// Reconcile merges what was changed on a replica again with what the hub has now. What merges by itself is pending on
// the newer version from then on; the rest waits in the replica's own queue. Where the hub's clock has a say, or a value
// would be dropped, the change is left as it is: the hub decides. progress, if not nil, is called with the records done.
//
// One connection reads and merges a chunk ahead of the one that writes. What was read may be old by then: each write
// names what it was made on, and a record that moved is looked at again under the lock.
func (s *Store) Reconcile(ctx context.Context, progress func(done int64)) error {
	if !s.info.Replica() {
		return wrap("reconcile", ErrNotReplica)
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	chunks := make(chan []*plan, 1)
	read := make(chan error, 1)
	go func() {
		defer close(chunks)
		read <- s.planAll(ctx, chunks)
	}()
	err := s.carryOut(ctx, chunks, progress)
	cancel()
	if e := <-read; err == nil || errors.Is(err, context.Canceled) && !errors.Is(e, context.Canceled) {
		err = errors.Join(err, e)
	}
	return wrap("reconcile", err)
}

// carryOut writes what was planned, a chunk in a transaction.
func (s *Store) carryOut(ctx context.Context, chunks <-chan []*plan, progress func(int64)) error {
	var done int64
	for chunk := range chunks {
		if err := s.following(ctx, func(t *tx) error {
			for _, p := range chunk {
				if err := t.carryOut(p); err != nil {
					return err
				}
			}
			return nil
		}); err != nil {
			return err
		}
		if done += int64(len(chunk)); progress != nil {
			progress(done)
		}
	}
	return ctx.Err()
}

// carryOut writes one plan, or makes another one where the record is not as it was when it was planned.
func (t *tx) carryOut(p *plan) error {
	ok, err := false, error(nil)
	switch p.what {
	case planRebase:
		ok, err = t.rebased(p)
	case planConflict:
		ok, err = t.conflicted(p)
	}
	if err != nil || ok {
		return err
	}
	return t.reconcile(p.head.key)
}

// rebased has a change stand on the head; false where it is not as it was planned.
func (t *tx) rebased(p *plan) (bool, error) {
	made, err := t.keepHashed(p.merged, p.hash)
	if err != nil {
		return false, err
	}
	h, c := p.head, p.change
	result, err := t.run(`
		UPDATE dovetail_change
		SET key = $1, base_version = $2, base_document = $3, local_document = $4
		WHERE id = $5 AND outbox = 1 AND outcome = 'pending' AND local_document = $6 AND base_version = $7`,
		t.store.newID(), h.number, null(h.fields.id), null(made.id), c.id, c.local, c.base.version)
	if moved, e := affected(result, err); !moved {
		return false, wrap("rebase change", e)
	}
	result, err = t.run(`
		UPDATE dovetail_record
		SET pending_document = $1, pending_base = $2
		WHERE id = $3 AND head = $4 AND revision = $5`,
		null(made.id), h.number, h.id, h.number, h.revision)
	moved, err := affected(result, err)
	if moved {
		t.touch(h)
	}
	return moved, wrap("rebase record", err)
}

// conflicted has a change wait for a person; false where it is not as it was planned.
func (t *tx) conflicted(p *plan) (bool, error) {
	h, c := p.head, p.change
	var one int
	there, err := t.row([]any{&one}, `
		SELECT 1
		FROM dovetail_record r
		JOIN dovetail_change c ON c.record = r.id
		WHERE r.id = $1 AND r.head = $2 AND r.revision = $3 AND r.waiting = 0
			AND c.id = $4 AND c.outbox = 1 AND c.outcome = 'pending' AND c.local_document IS $5`,
		h.id, h.number, h.revision, c.id, null(c.local))
	if err != nil || !there {
		return false, wrap("look again", err)
	}
	j := &joining{id: c.id, head: h, base: c.base, local: p.local,
		change: &change{record: h.key, device: c.device, localBy: c.by, localAt: c.at}}
	a, err := t.open(j, p.result)
	if err != nil {
		return false, err
	}
	return true, t.intoConflict(h, []*ownChange{c}, a.Conflict, nil)
}

// planned is what is to become of a change on a replica.
type planned uint8

const (
	planAgain    planned = iota // it is to be looked at under the lock
	planRebase                  // it merges by itself
	planConflict                // it needs a person
)

// plan is what is to become of the changes to one record, as it was when it was read.
type plan struct {
	what   planned
	head   *head
	change *ownChange
	local  body
	// Of planRebase.
	merged merge.Document
	hash   [sha256.Size]byte
	// Of planConflict.
	result merge.Result
}
