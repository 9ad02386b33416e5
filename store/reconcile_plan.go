package store

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"errors"

	"dovetail/merge"
)

// planner reads the records that stand otherwise than at the hub, and merges them.
type planner struct {
	store   *Store
	merger  merge.Merger
	manners map[string]manner
}

// planAll plans all records, a chunk at a time.
func (s *Store) planAll(ctx context.Context, chunks chan<- []*plan) error {
	p := &planner{store: s, manners: map[string]manner{}}
	var after int64
	for {
		var chunk []*plan
		var last int64
		err := s.read(ctx, func(v *view) error {
			var err error
			chunk, last, err = p.read(v, after)
			return err
		})
		if err != nil || last == 0 {
			return err
		}
		after = last
		if len(chunk) == 0 {
			continue
		}
		select {
		case chunks <- chunk:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// read plans the records after one, by id, and returns the last of them; 0 where there are none. Those on which there is
// nothing to do are left out.
func (p *planner) read(v *view, after int64) (plans []*plan, last int64, err error) {
	var all []*plan
	rows := 0
	err = v.rows(func(row *sql.Rows) error {
		rows++
		one, err := p.scan(row)
		if err != nil {
			return err
		}
		if n := len(all); n > 0 && all[n-1].head.id == one.head.id {
			all[n-1].what, all[n-1].change = planAgain, nil // several changes, each built on the one before
			return nil
		}
		all = append(all, one)
		return nil
	}, pendingQuery, after, reconcileChunk)
	if err != nil || len(all) == 0 {
		return nil, 0, wrap("find pending records", err)
	}
	if rows == reconcileChunk && len(all) > 1 {
		all = all[:len(all)-1] // more of its changes may follow
	}
	last = all[len(all)-1].head.id
	for _, one := range all {
		if one.change != nil {
			done, err := p.plan(v, one)
			if err != nil {
				return nil, 0, err
			}
			if done {
				continue
			}
		}
		plans = append(plans, one)
	}
	return plans, last, nil
}

const pendingQuery = `
	SELECT r.id, r.collection, r.name, r.head, r.waiting, r.revision, v.who, coalesce(v.edited_at, v.accepted_at),
		c.id, c.outbox, c.outcome = 'pending' AND c.builds_on IS NULL AND c.resolves IS NULL AND c.base_lost = 0,
		c.device, c.local_by, c.local_at, c.base_version,
		r.head > c.base_version + 1 AND EXISTS (
			SELECT 1
			FROM dovetail_version t
			WHERE t.record = r.id AND t.number > c.base_version AND t.number < r.head AND t.document IS NULL),
		h.id, h.hash, h.body, b.id, b.hash, b.body, l.id, l.hash, l.body
	FROM dovetail_record r
	JOIN dovetail_change c ON c.record = r.id AND c.outbox > 0
	LEFT JOIN dovetail_version v ON v.record = r.id AND v.number = r.head
	LEFT JOIN dovetail_document h ON h.id = r.document
	LEFT JOIN dovetail_document b ON b.id = c.base_document
	LEFT JOIN dovetail_document l ON l.id = c.local_document
	WHERE r.pending = 1 AND r.id > $1
	ORDER BY r.id, c.id
	LIMIT $2`

// scan reads one row. A plan without a change is one to be made under the lock.
func (p *planner) scan(row *sql.Rows) (*plan, error) {
	h, c := &head{}, &ownChange{outcome: outcomePending}
	one := &plan{head: h, change: c}
	var simple, recreated sql.NullBool
	var by, device, localBy words
	var at, localAt moment
	var baseVersion, fields, base, local number
	var headHash, baseHash, localHash []byte
	if err := row.Scan(&h.id, &h.key.Collection, &h.key.ID, &h.number, &h.waiting, &h.revision, &by, &at,
		&c.id, &c.outbox, &simple, &device, &localBy, &localAt, &baseVersion, &recreated,
		&fields, &headHash, (*[]byte)(&h.fields.text), &base, &baseHash, (*[]byte)(&c.base.fields.text),
		&local, &localHash, (*[]byte)(&one.local.text)); err != nil {
		return nil, err
	}
	h.by, h.at = string(by), at.Time
	h.fields.id, c.base.fields.id, one.local.id, c.local = int64(fields), int64(base), int64(local), int64(local)
	c.device, c.by, c.at, c.base.version = string(device), string(localBy), localAt.Time, int64(baseVersion)
	if c.outbox != outboxWaiting || !simple.Bool || recreated.Bool || h.waiting > 0 {
		one.change = nil
	}
	return one, errors.Join(h.fields.check(headHash), c.base.fields.check(baseHash), one.local.check(localHash))
}

// plan merges a record; true says that there is nothing to do.
func (p *planner) plan(v *view, one *plan) (bool, error) {
	h, c := one.head, one.change
	if c.base.version == h.number && c.base.fields.id == h.fields.id {
		return true, nil
	}
	m, known := p.manners[h.key.Collection]
	if !known {
		var err error
		if m, err = p.store.mannerOf(v, h.key.Collection); err != nil {
			return false, err
		}
		p.manners[h.key.Collection] = m
	}
	if m.strategy != merge.FieldMerge || m.latest || c.base.fields.id == 0 || h.fields.id == 0 || one.local.id == 0 {
		return false, nil
	}
	sides := merge.Sides{Base: c.base.fields.text, Local: one.local.text, Server: h.fields.text}
	joined := p.merger.Merge(make([]byte, 0, len(sides.Local)+len(sides.Server)/4), sides, m.rules)
	switch {
	case joined.Outcome == merge.RecordConflict:
		one.what, one.result = planConflict, merge.Record(sides, m.rules)
	case joined.Dropped || joined.Document.Equal(sides.Server):
	default:
		one.what, one.merged, one.hash = planRebase, joined.Document, sha256.Sum256(joined.Document)
	}
	return false, nil
}
