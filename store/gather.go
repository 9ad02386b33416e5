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
	t.gathers = true
	defer func() { t.gathers = false }()
	rows, err := t.store.adoption.Gather(t.foreign(t.ctx))
	if err == nil {
		err = t.err
	}
	if err == nil {
		err = t.lookOwing()
	}
	if err != nil {
		return wrap("gather rows", err)
	}
	if t.puts {
		rows = lastOf(rows) // nobody has seen what was between
	}
	for _, r := range rows {
		if err := t.takeRow(r, CauseWrite); err != nil {
			return err
		}
	}
	return nil
}

// lastOf keeps the last state of each row, in the order of those.
func lastOf(rows []Row) []Row {
	seen := map[merge.Key]bool{}
	var last []Row
	for _, r := range slices.Backward(rows) {
		if !seen[r.Record] {
			seen[r.Record] = true
			last = append(last, r)
		}
	}
	slices.Reverse(last)
	return last
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
	r.Fields = t.completeRow(h, r)
	t.holdRow(r.Record, r.Fields)
	if owed, err := t.takeOwed(h, r); err != nil || owed {
		return wrap("take in row of "+r.Record.String(), err)
	}
	own, err := t.ownColumns(h)
	if err != nil || sameBut(h.stands().text, r.Fields, own) {
		return err
	}
	if aside, err := t.sideEffect(h, r); err != nil || aside {
		return err
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

// completeRow is the record of a row. A row that REPLACE writes is one that went and came again.
func (t *tx) completeRow(h *head, r Row) merge.Document {
	known := h.stands().text
	if t.store.adoption == nil {
		return r.Fields
	}
	if r.Fields == nil && known != nil {
		if t.gone == nil {
			t.gone = map[merge.Key]merge.Document{}
		}
		t.gone[r.Record] = known
	}
	if known == nil {
		known = t.gone[r.Record]
	}
	return t.store.adoption.Complete(r.Record.Collection, r.Fields, known)
}

// sideEffect is for a row that was changed because another one was written, by a foreign key or a trigger. A change that
// comes in may not take rows along that its author need not have seen: that is for a person to decide. On a replica that
// follows its hub, the hub's own foreign keys and triggers have done what they do; so the row is to hold what its record does,
// or is owed, and what a person changed here is not undone by it. true: there is no more to do.
//
// What the foreign keys of adopted tables would do, Spare has refused by then. What triggers do, and foreign keys by way of a table
// that is not adopted, is seen only once it is done.
func (t *tx) sideEffect(h *head, r Row) (bool, error) {
	stands := h.stands().text
	switch {
	case !t.puts || stands == nil:
	case t.sparing && r.Fields == nil:
		return false, &ConstraintError{Record: r.Record, Words: fmt.Sprintf("%s would be deleted with it", r.Record), ForeignKey: true}
	case t.follows && t.store.info.Replica():
		t.touchRow(h)
		return true, nil
	}
	return false, nil
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
	before, known := t.holds[key]
	t.trail = append(t.trail, was{key, before, known})
	t.holds[key] = fields
}

// touch notes that a record is about to stand otherwise, and so the row with it. Until then the row is as the record
// stands, because all that clients wrote was gathered when the transaction began, unless it is owed.
func (t *tx) touch(h *head) {
	if t.store.adoption == nil || !t.store.adoption.Adopted(h.key.Collection) {
		return
	}
	if !t.gathers && !t.follows {
		if t.asked == nil {
			t.asked = map[merge.Key]bool{}
		}
		t.asked[h.key] = true
	}
	t.touchRow(h)
}

// touchRow is touch, whoever asked for it.
func (t *tx) touchRow(h *head) {
	if t.moved == nil {
		t.moved, t.stood = map[merge.Key]bool{}, map[merge.Key]int64{}
	}
	t.moved[h.key] = true
	if _, known := t.stood[h.key]; !known {
		if t.stood[h.key] = h.number; h.pending {
			t.stood[h.key] = h.pendingBase
		}
	}
	if _, known := t.holds[h.key]; known {
		return
	}
	owed, err := t.debtOf(h)
	switch {
	case err != nil:
		t.fail(err)
	case owed != nil:
		t.holdRow(h.key, owed.holds.text)
	default:
		t.holdRow(h.key, h.stands().text)
	}
}

// fail has the transaction taken back.
func (t *tx) fail(err error) {
	if t.err == nil {
		t.err = err
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
		if err := t.putRows(due); err != nil {
			return err
		}
		t.puts = true
		err = t.gather()
		if t.puts = false; err != nil {
			return err
		}
	}
	return t.endless()
}

// endless is for rows that the application's triggers change again and again.
func (t *tx) endless() error {
	const words = "the application's triggers change it without an end"
	due, err := t.due()
	if err != nil || len(due) == 0 {
		return err
	}
	for _, h := range due {
		if !t.follows || !t.mayOwe(h) {
			return fmt.Errorf("put row of %s: %s", h.key, words)
		}
		if err := t.owe(h, &ConstraintError{Record: h.key, Words: words}); err != nil {
			return err
		}
	}
	return nil
}

// putRows writes rows. One that the table will not take may go in once others are there, or are gone.
func (t *tx) putRows(due []*head) error {
	for len(due) > 0 {
		var again []*head
		var why []error
		for _, h := range due {
			err := t.putRow(h)
			if isRefused(err) && t.err == nil {
				again, why = append(again, h), append(why, err)
			} else if err != nil {
				return err
			}
		}
		if len(again) == len(due) {
			left, whyLeft, err := t.putTogether(again, why)
			if err != nil {
				return err
			}
			if len(left) == len(due) {
				return t.refusedRows(left, whyLeft)
			}
			again = left
		}
		due = again
	}
	return nil
}

// refusedRows is for records that the application's tables will not hold. The transaction stands as it was before
// their rows.
func (t *tx) refusedRows(all []*head, why []error) error {
	for i, h := range all {
		if !t.mayOwe(h) {
			return why[i]
		}
		if err := t.owe(h, why[i]); err != nil {
			return err
		}
	}
	return nil
}

// due are the records that stand otherwise than their rows, those first that were here first.
func (t *tx) due() ([]*head, error) {
	var due []*head
	for key := range t.moved {
		h, _, err := headOf(t, key)
		if err != nil {
			return nil, err
		}
		own, err := t.ownColumns(h)
		if err != nil {
			return nil, err
		}
		if !sameBut(h.stands().text, t.holds[key], own) {
			due = append(due, h)
		} else if err := t.paid(h); err != nil {
			return nil, err
		}
	}
	clear(t.moved)
	slices.SortFunc(due, func(a, b *head) int { return cmp.Compare(a.id, b.id) })
	return due, nil
}

// putRow has a row hold what its record does.
func (t *tx) putRow(h *head) error {
	if back := t.untried[h.key]; back != nil {
		return back
	}
	if err := t.owedStill(h); err != nil {
		return err
	}
	want, before := h.stands().text, t.holds[h.key]
	own, err := t.ownColumns(h)
	if err != nil {
		return err
	}
	if t.store.info.Replica() && want != nil {
		// What the hub has may stand beside the row, where the table here has no column for it.
		if before == nil {
			before = merge.Document(`{}`)
		}
		before = t.store.adoption.Complete(h.key.Collection, before, h.fields.text)
	}
	if want == nil && t.spares(h) {
		// What is deleted with it elsewhere comes as deletions of its own. Others are not to go unseen. It is asked before: a
		// foreign key may empty a column too, which afterwards nobody can tell from what a trigger does with any write, and
		// on a replica a row that went with the one that it names could not be put back.
		if err := t.store.adoption.Spare(t.foreign(t.ctx), h.key, before); err != nil {
			return fmt.Errorf("put row of %s: %w", h.key, err)
		}
	}
	t.store.seals.guarded = true
	got, err := t.putWithin(h, before, want, own)
	t.store.seals.guarded = false
	if t.store.seals.err != nil {
		return wrap("put row of "+h.key.String(), t.store.seals.err)
	}
	var refused *ConstraintError
	switch {
	case errors.As(err, &refused) && t.err == nil && refused.Changed != "":
		return &RewrittenError{Record: h.key, Column: refused.Changed}
	case errors.As(err, new(*TakenBackError)):
		return err
	case err != nil:
		return fmt.Errorf("put row of %s: %w", h.key, err)
	case t.err != nil:
		return t.err
	}
	got = t.store.adoption.Complete(h.key.Collection, got, want)
	if column, same := holdsAll(got, want, own); !same {
		t.fail(&RewrittenError{Record: h.key, Column: column}) // which Put should have found, and taken back
		return t.err
	}
	t.holdRow(h.key, got)
	return t.paid(h)
}

// spares reports whether no other rows are to be deleted or changed with one: it was deleted elsewhere, by somebody who may
// not have seen them.
func (t *tx) spares(h *head) bool {
	if t.store.info.Replica() {
		return !t.asked[h.key]
	}
	return t.sparing
}

// holdsAll reports whether a row holds what was written to it, and names the first column that it does not. A column that
// nobody wrote may hold what the application gives it: the row is taken in with that, like any other.
func holdsAll(row, written merge.Document, own []string) (column string, same bool) {
	if row == nil || written == nil {
		return "", row == nil && written == nil
	}
	var holds, wanted map[string]json.RawMessage
	if json.Unmarshal(row, &holds) != nil || json.Unmarshal(written, &wanted) != nil {
		return "", false
	}
	for _, name := range slices.Sorted(maps.Keys(wanted)) {
		if slices.Contains(own, name) {
			continue
		}
		if held, there := holds[name]; !there || !merge.Equal(merge.Value(held), merge.Value(wanted[name])) {
			return name, false
		}
	}
	return "", true
}
