package store

import (
	"errors"
	"maps"
	"slices"
	"time"

	"dovetail/merge"
)

// attempt joins a change, and writes the row of an adopted record with it. Where the application's table does not take the
// row as it was to be, all of that is taken back, and refused says why: the change is then to wait for a person.
func (t *tx) attempt(j *joining, fn func() (Answer, error)) (a Answer, refused, err error) {
	if t.store.adoption == nil || !t.store.adoption.Adopted(j.head.key.Collection) {
		a, err = fn()
		return a, nil, err
	}
	if back := t.around[j.change.key]; back != nil {
		return Answer{}, back, nil
	}
	before := *j.head
	t.sparing = j.change.resolves == "" && !j.change.decided
	defer func() { t.sparing = false }()
	refused, err = t.unless(isRefused, func() error {
		if a, err = fn(); err != nil {
			return err
		}
		return t.put()
	})
	if back := (*TakenBackError)(nil); errors.As(err, &back) {
		back.change = j.change.key
	}
	if refused != nil {
		*j.head = before
	}
	return a, refused, err
}

// unless runs fn, and takes back what it wrote where its error is one of these, which is returned.
func (t *tx) unless(these func(error) bool, fn func() error) (taken, err error) {
	mark := t.mark()
	if _, err := t.run(`SAVEPOINT dovetail_try`); err != nil {
		return nil, err
	}
	if err = fn(); err != nil && these(err) && t.err == nil {
		t.back(mark)
		taken = err
		_, err = t.run(`ROLLBACK TO dovetail_try`)
	}
	if err == nil {
		_, err = t.run(`RELEASE dovetail_try`)
	}
	return taken, err
}

// isRefused reports whether an application's table did not take a row as it was written, or it would not be the row that
// was meant.
func isRefused(err error) bool {
	var refused *ConstraintError
	var rewritten *RewrittenError
	return errors.As(err, &refused) || errors.As(err, &rewritten) || errors.As(err, new(*DisputedError)) || errors.Is(err, errEarly)
}

// marked is where a transaction was with what it keeps in memory of what it wrote.
type marked struct {
	counts map[counter]int64
	names  int // how many
	held   int // steps of the trail
	came   int // how many arrived
	moved  map[merge.Key]bool
	sums   map[string]uint64
	proof  proof
}

// was is what was known of a row before something else was noted.
type was struct {
	key    merge.Key
	fields merge.Document
	known  bool
}

func (t *tx) mark() marked {
	return marked{counts: maps.Clone(t.counts), names: len(t.names), held: len(t.trail), came: len(t.arrived), moved: maps.Clone(t.moved),
		sums: maps.Clone(t.store.seals.sums), proof: t.proof}
}

// back forgets what was written since.
func (t *tx) back(m marked) {
	t.counts, t.names, t.moved, t.store.seals.sums, t.proof = m.counts, t.names[:m.names], m.moved, m.sums, m.proof
	for _, w := range slices.Backward(t.trail[m.held:]) {
		if t.holds[w.key] = w.fields; !w.known {
			delete(t.holds, w.key)
		}
	}
	t.trail = t.trail[:m.held]
	for _, c := range t.arrived[m.came:] {
		t.coming[c.record] = c
	}
	t.arrived = t.arrived[:m.came]
}

// arrival is what the application's table said of the change that waits in a conflict, here or at the hub; "" where nothing;
// and when the change came in, where whoever made it sent it here: one that was brought from an outside system had come there.
func (d *dispute) arrival(from source) (said string, at time.Time, err error) {
	var text words
	var received moment
	var outside bool
	_, err = from.row([]any{&text, &received, &outside}, `
		SELECT error, received_at, server_version IS NOT NULL
		FROM dovetail_change
		WHERE id = $1`,
		d.change)
	if outside {
		received = moment{}
	}
	return string(text), received.Time, wrap("read how a change came", err)
}

// waitRefused has a change wait whose row the application's table would not take. Nothing need be in dispute in it: a
// person changes what is in the way, here or in another record.
func (t *tx) waitRefused(j *joining, m manner, refused error) (Answer, error) {
	d, found, err := t.disputeOfReplica(j)
	if err != nil {
		return Answer{}, err
	}
	var a Answer
	if found {
		a, err = t.replace(d, j)
	} else {
		var r merge.Result
		if r, err = t.mergeFields(j, m); err != nil {
			return Answer{}, err
		}
		r.Kind = merge.RuleKind
		a, err = t.open(j, r)
	}
	var constraint *ConstraintError
	if a.Error = refused.Error(); errors.As(refused, &constraint) && t.around[j.change.key] == nil {
		a.Error = constraint.Error() // without the record, which the answer names
	}
	return a, err
}
