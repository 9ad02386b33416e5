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
func (t *tx) ownApart(h *head, c *ownChange) (*dispute, bool, error) {
	if c.resolves == 0 {
		return nil, false, nil
	}
	settled, err := ownChangeOf(t, c.resolves)
	if err != nil || settled == nil || settled.conflict == 0 {
		return nil, false, err
	}
	d, err := disputeOf(t, settled.conflict)
	if err != nil {
		return nil, false, err
	}
	var decisions merge.Decisions
	if err := decode(words(c.decisions.String), &decisions); err != nil {
		return nil, false, err
	}
	result, err := load(t, c.local)
	if err != nil {
		return nil, false, err
	}
	apart, err := t.decidedApart(d, h, c.base.version, decisions, result)
	return d, apart, err
}

// openApart has a decision wait that another person has decided otherwise, on what both had in front of them.
func (t *tx) openApart(j *joining, m manner, d *dispute) (Answer, error) {
	j.base = d.base
	r, err := t.mergeFields(j, m)
	if err != nil {
		return Answer{}, err
	}
	return t.open(j, r)
}
