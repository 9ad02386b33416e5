package store

import (
	"dovetail/merge"
)

// settledElsewhere finds a resolution of a conflict, by a person, that was made after the version on which somebody else
// decided on it, and was not taken back.
func (t *tx) settledElsewhere(d *dispute, since int64) (bool, error) {
	var one int
	found, err := t.row([]any{&one}, `
		SELECT 1
		FROM dovetail_resolution n
		WHERE n.record = $1 AND n.conflict = $2 AND n.version > $3 AND n.undoes IS NULL
			AND NOT EXISTS (SELECT 1 FROM dovetail_resolution u WHERE u.undoes = n.id)`,
		d.record, d.id, since)
	return found, wrap("find resolution", err)
}

// decidedApart reports whether two people decided on one conflict apart from each other, and not alike: then neither
// decision is put over the other. What one of them decided is in result, made on the version since.
func (t *tx) decidedApart(d *dispute, h *head, since int64, decisions merge.Decisions, result body) (bool, error) {
	if result.text.Equal(h.fields.text) {
		return false, nil
	}
	for path := range decisions {
		if merge.Equal(merge.Lookup(result.text, path), merge.Lookup(h.fields.text, path)) {
			continue
		}
		return t.settledElsewhere(d, since)
	}
	return false, nil
}

// ownApart is decidedApart for a decision of this replica.
func (t *tx) ownApart(h *head, c *ownChange) (bool, error) {
	if c.resolves == 0 {
		return false, nil
	}
	settled, err := ownChangeOf(t, c.resolves)
	if err != nil || settled == nil || settled.conflict == 0 {
		return false, err
	}
	// What waits here as one conflict may have been two at the hub, of which it closed the first.
	var one int
	if same, err := t.row([]any{&one}, `SELECT 1 FROM dovetail_resolution WHERE change = $1 AND version > $2`,
		c.resolves, c.base.version); err != nil || !same {
		return false, wrap("find resolution", err)
	}
	d, err := disputeOf(t, settled.conflict)
	if err != nil {
		return false, err
	}
	var decisions merge.Decisions
	if err := decode(words(c.decisions.String), &decisions); err != nil {
		return false, err
	}
	result, err := load(t, c.local)
	if err != nil {
		return false, err
	}
	return t.decidedApart(d, h, c.base.version, decisions, result)
}

// openApart has a decision wait that another person has decided otherwise. Nothing that the two have in common tells which
// of them is to stand, so that every difference is asked about.
func (t *tx) openApart(j *joining, m manner) (Answer, error) {
	j.base = apart
	r, err := t.mergeFields(j, m)
	if err != nil {
		return Answer{}, err
	}
	return t.open(j, r)
}

// apart is the base of two decisions on one conflict.
var apart = base{lost: true}
