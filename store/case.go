package store

import (
	"database/sql"
	"encoding/json"
	"fmt"
	"time"

	"dovetail/merge"
)

// claim is what a merge may have to know of a change besides the documents.
type claim struct {
	record  int64
	head    int64 // the version that is the server's side
	base    int64 // the document that was changed
	localAt time.Time
	changes []sent // those that local came with, in order
}

// sent is one change of a claim.
type sent struct {
	change     int64
	operations []merge.Operation // each with the time of its edit, as far as known
	outdated   bool              // it stood on an older base: nothing of it is to be done any more
}

// operations are the steps from base to local, in order.
func (c claim) operations() []merge.Operation {
	var all []merge.Operation
	for _, s := range c.changes {
		if !s.outdated {
			all = append(all, s.operations...)
		}
	}
	return all
}

// asCase puts together what the strategy and the rules look at.
func (m manner) asCase(from source, sides merge.Sides, c claim) (merge.Case, error) {
	out := merge.Case{Sides: sides, Rules: m.rules}
	var err error
	if m.strategy == merge.OpReplay {
		out.Operations = c.operations()
		if out.Applied, err = appliedElsewhere(from, c); err != nil {
			return out, err
		}
	}
	if m.latest && !sides.BaseLost && !sides.Recreated && sides.Local != nil && sides.Server != nil {
		out.Sides.Edits, err = m.edits(from, sides, c)
	}
	return out, err
}

// asCase is the conflict as it is to be decided; sides are its own.
func (d *dispute) asCase(from source, m manner, sides merge.Sides) (merge.Case, error) {
	c := claim{record: d.record, head: d.serverVersion, base: d.base.fields.id}
	if m.strategy == merge.OpReplay || m.latest {
		var err error
		if c.changes, c.localAt, err = d.sent(from); err != nil {
			return merge.Case{}, err
		}
	}
	return m.asCase(from, sides, c)
}

// merge merges the conflict as it stands.
func (d *dispute) merge(from source, m manner) (merge.Result, error) {
	sides, err := d.sides(from)
	if err != nil {
		return merge.Result{}, err
	}
	c, err := d.asCase(from, m, sides)
	return c.Merge(), err
}

// sent finds the changes that a conflict holds: a replica's newer change builds on those that it replaced. localAt is
// the time of the newest edit.
func (d *dispute) sent(from source) (changes []sent, localAt time.Time, err error) {
	err = from.rows(func(rows *sql.Rows) error {
		var s sent
		var steps words
		var at, received moment
		if err := rows.Scan(&s.change, &steps, &at, &received, &s.outdated); err != nil {
			return err
		}
		operations, err := storedOperations(steps)
		s.operations = dated(operations, at.Time, received.Time)
		if s.change == d.change {
			localAt = earlier(at.Time, received.Time)
		}
		changes = append(changes, s)
		return err
	}, `
		SELECT id, operations, local_at, received_at,
			id <> $1 AND (coalesce(base_version, 0) <> $2 OR coalesce(base_document, 0) <> $3)
		FROM dovetail_change
		WHERE id = $1
			OR id IN (SELECT change FROM dovetail_side WHERE record = $4 AND conflict = $5 AND reason = 'replaced')
		ORDER BY coalesce(sequence, 0), id`,
		d.change, d.base.version, d.base.fields.id, d.record, d.id)
	for i := range changes {
		if err == nil && changes[i].operations == nil {
			// One that a replica did not send has its steps in the journal.
			changes[i].operations, err = stepsOf(from, changes[i].change)
		}
	}
	return changes, localAt, wrap("read changes of conflict", err)
}

// claim is what a change that just came in brings along.
func (j *joining) claim(now time.Time) claim {
	c := j.change
	return claim{record: j.head.id, head: j.head.number, base: j.base.fields.id, localAt: earlier(c.localAt, now),
		changes: []sent{{change: j.id, operations: dated(c.steps, c.localAt, now)}}}
}

// dated gives each operation the time of its edit: its own, else that of the whole change. No edit was made after it
// arrived, whatever the device's clock says.
func dated(operations []merge.Operation, localAt, received time.Time) []merge.Operation {
	if operations == nil {
		return nil
	}
	out := make([]merge.Operation, len(operations))
	for i, op := range operations {
		if op.At.IsZero() {
			op.At = localAt
		}
		op.At = earlier(op.At, received)
		out[i] = op
	}
	return out
}

// storedOperations reads the operations of a change that was taken in.
func storedOperations(text words) ([]merge.Operation, error) {
	if text == "" {
		return nil, nil
	}
	var all []merge.Operation
	if err := json.Unmarshal([]byte(text), &all); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrCorrupt, err)
	}
	return all, nil
}

// edits finds out when each field was edited on both sides.
func (m manner) edits(from source, sides merge.Sides, c claim) (*merge.Edits, error) {
	fields := &merge.Rules{Root: m.rules.Root} // what a document breaks is not what somebody edited
	server, err := serverEdits(from, fields, c)
	return &merge.Edits{Local: localEdits(fields, sides, c), Server: server}, err
}

// localEdits takes the last operation on a field, and for what no operation tells of the time of the change.
func localEdits(fields *merge.Rules, sides merge.Sides, c claim) map[string]time.Time {
	edits := map[string]time.Time{}
	for _, op := range c.operations() {
		edits[op.Path] = op.At
	}
	var untold []string
	for _, path := range changedFields(fields, sides.Base, sides.Local) {
		if !touches(edits, path) {
			untold = append(untold, path)
		}
	}
	for _, path := range untold {
		edits[path] = c.localAt
	}
	for path, at := range edits {
		if at.IsZero() {
			delete(edits, path)
		}
	}
	return edits
}

// touches reports whether an edit was of a field, of what it stands in, or of something in it.
func touches(edits map[string]time.Time, path string) bool {
	for edited := range edits {
		if inside(path, edited) || inside(edited, path) {
			return true
		}
	}
	return false
}

// serverEdits takes the last version that changed a field. Versions before the newest that is as base was need no
// look; where none is known, all are looked at, and the first one made all its fields.
func serverEdits(from source, fields *merge.Rules, c claim) (map[string]time.Time, error) {
	var since number
	if _, err := from.row([]any{&since}, `
		SELECT max(number)
		FROM dovetail_version
		WHERE record = $1 AND number <= $2 AND coalesce(document, 0) = $3`,
		c.record, c.head, c.base); err != nil {
		return nil, wrap("find base", err)
	}
	edits := map[string]time.Time{}
	var before merge.Document
	err := from.rows(func(rows *sql.Rows) error {
		var n, document number
		var accepted, edited moment
		var now merge.Document
		var sum []byte
		if err := rows.Scan(&n, &accepted, &edited, &document, &sum, (*[]byte)(&now)); err != nil {
			return err
		}
		if n > since {
			at := edited.Time
			if at.IsZero() {
				at = accepted.Time
			}
			for _, path := range changedFields(fields, before, now) {
				edits[path] = earlier(at, accepted.Time)
			}
		}
		before = now
		return body{id: int64(document), text: now}.check(sum)
	}, `
		SELECT v.number, v.accepted_at, v.edited_at, d.id, d.hash, d.body
		FROM dovetail_version v
		LEFT JOIN dovetail_document d ON d.id = v.document
		WHERE v.record = $1 AND v.number >= $2 AND v.number <= $3
		ORDER BY v.number`,
		c.record, int64(since), c.head)
	return edits, wrap("read edits", err)
}

// changedFields lists the fields in which a document differs from the one before, sorted.
func changedFields(rules *merge.Rules, before, now merge.Document) []string {
	r := merge.Record(merge.Sides{Base: before, Local: now, Server: before}, rules)
	out := []string{}
	for _, f := range r.Fields {
		out = append(out, f.Path)
	}
	return out
}
