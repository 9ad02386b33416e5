package store

import "dovetail/merge"

// withWhatTheyName puts before each change those that made the rows which its own refers to, where they have no answer yet: an
// application may have written those later.
func (t *tx) withWhatTheyName(changes []*ownChange) ([]*ownChange, error) {
	if t.store.adoption == nil {
		return changes, nil
	}
	o := ordering{t: t, done: map[int64]bool{}}
	for _, c := range changes {
		if err := o.add(c); err != nil {
			return nil, err
		}
	}
	return o.all, nil
}

// ordering is the order in which changes are sent.
type ordering struct {
	t    *tx
	done map[int64]bool
	all  []*ownChange
}

func (o *ordering) add(c *ownChange) error {
	if o.done[c.id] {
		return nil
	}
	o.done[c.id] = true
	before, err := o.t.madeBy(c)
	for _, parent := range before {
		if err == nil {
			err = o.add(parent)
		}
	}
	o.all = append(o.all, c)
	return err
}

// madeBy finds the changes without an answer that made the rows which the one of a change refers to.
func (t *tx) madeBy(c *ownChange) ([]*ownChange, error) {
	if c.local == 0 {
		return nil, nil
	}
	var record merge.Key
	if _, err := t.row([]any{&record.Collection, &record.ID}, `
		SELECT r.collection, r.name
		FROM dovetail_change c
		JOIN dovetail_record r ON r.id = c.record
		WHERE c.id = $1`,
		c.id); err != nil {
		return nil, wrap("read change", err)
	}
	if !t.store.adoption.Adopted(record.Collection) {
		return nil, nil
	}
	local, err := load(t, c.local)
	if err != nil {
		return nil, err
	}
	names, err := t.store.refersTo(t.foreign(t.ctx), record, local.text)
	var all []*ownChange
	for _, name := range names {
		if err != nil {
			return nil, err
		}
		var first []*ownChange
		first, err = ownChanges(t, `
			WHERE outbox > 0 AND outbox < 3 AND record = (SELECT id FROM dovetail_record WHERE collection = $1 AND name = $2)
			ORDER BY id
			LIMIT 1`,
			name.Record.Collection, name.Record.ID)
		if len(first) > 0 && first[0].makes() {
			all = append(all, first[0])
		}
	}
	return all, err
}

// makes reports whether a change made its record.
func (c *ownChange) makes() bool {
	return c.local > 0 && c.base.fields.id == 0 && !c.base.lost && c.buildsOn == 0 && c.resolves == 0
}
