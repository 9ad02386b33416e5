package store

import (
	"errors"
	"maps"
	"slices"

	"dovetail/merge"
)

// attempt joins a change, and writes the row of an adopted record with it. Where the application's table does not take the
// row as it was to be, all of that is taken back, and refused says why: the change is then to wait for a person.
func (t *tx) attempt(j *joining, fn func() (Answer, error)) (a Answer, refused, err error) {
	if t.store.adoption == nil || !t.store.adoption.Adopted(j.head.key.Collection) {
		a, err = fn()
		return a, nil, err
	}
	before, taken := *j.head, t.mark()
	if _, err := t.run(`SAVEPOINT dovetail_join`); err != nil {
		return Answer{}, nil, err
	}
	if a, err = fn(); err == nil {
		err = t.put()
	}
	if isRefused(err) && t.err == nil {
		refused, err = err, nil
		*j.head = before
		t.back(taken)
		_, err = t.run(`ROLLBACK TO dovetail_join`)
	}
	if err == nil {
		_, err = t.run(`RELEASE dovetail_join`)
	}
	return a, refused, err
}

// isRefused reports whether an application's table did not take a row as it was written.
func isRefused(err error) bool {
	var refused *ConstraintError
	var rewritten *RewrittenError
	return errors.As(err, &refused) || errors.As(err, &rewritten)
}

// marked is what a transaction keeps in memory of what it wrote so far.
type marked struct {
	counts map[counter]int64
	names  []name
	holds  map[merge.Key]merge.Document
	moved  map[merge.Key]bool
	sums   map[string]uint64
	proof  proof
}

func (t *tx) mark() marked {
	return marked{counts: maps.Clone(t.counts), names: slices.Clone(t.names), holds: maps.Clone(t.holds), moved: maps.Clone(t.moved),
		sums: maps.Clone(t.store.seals.sums), proof: t.proof}
}

// back forgets what was written since.
func (t *tx) back(m marked) {
	t.counts, t.names, t.holds, t.moved, t.store.seals.sums, t.proof = m.counts, m.names, m.holds, m.moved, m.sums, m.proof
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
	if a.Error = refused.Error(); errors.As(refused, &constraint) {
		a.Error = constraint.Error() // without the record, which the answer names
	}
	return a, err
}
