package store

import (
	"dovetail/merge"
)

// applied notes that the operations of a change had their effect, so that none has it twice. An operation without an
// id cannot be told from another one like it.
func (t *tx) applied(change int64, operations []merge.Operation) error {
	for _, op := range operations {
		if op.ID == "" {
			continue
		}
		if _, err := t.run(`
			INSERT INTO dovetail_applied_operation (id, change, applied_at)
			VALUES ($1, $2, $3)
			ON CONFLICT (id) DO NOTHING`,
			op.ID, change, micros(t.now)); err != nil {
			return wrap("note operation", err)
		}
	}
	return nil
}

// takenBack notes that the operations of a change have no effect any more.
func (t *tx) takenBack(change int64, operations []merge.Operation) error {
	for _, op := range operations {
		if _, err := t.run(`DELETE FROM dovetail_applied_operation WHERE id = $1 AND change = $2`, op.ID, change); err != nil {
			return wrap("forget operation", err)
		}
	}
	return nil
}

// settled notes that the operations of a conflict's changes had their effect: whoever closed it looked at them.
func (t *tx) settled(d *dispute) error {
	m, err := t.manner(d.key.Collection)
	if err != nil || m.strategy != merge.OpReplay {
		return err
	}
	return t.eachSent(d, t.applied)
}

// unsettled takes that back, where a conflict is opened again.
func (t *tx) unsettled(d *dispute) error { return t.eachSent(d, t.takenBack) }

func (t *tx) eachSent(d *dispute, do func(change int64, operations []merge.Operation) error) error {
	changes, _, err := d.sent(t)
	for _, s := range changes {
		if err == nil {
			err = do(s.change, s.operations)
		}
	}
	return err
}

// appliedElsewhere returns the ids of those operations that had their effect by another change to the same record.
func appliedElsewhere(from source, c claim) (map[string]bool, error) {
	own := map[int64]bool{}
	for _, s := range c.changes {
		own[s.change] = true
	}
	elsewhere := map[string]bool{}
	for _, op := range c.operations() {
		var by int64
		found, err := from.row([]any{&by}, `
			SELECT a.change
			FROM dovetail_applied_operation a
			JOIN dovetail_change c ON c.id = a.change
			WHERE a.id = $1 AND c.record = $2`,
			op.ID, c.record)
		if err != nil {
			return nil, wrap("find operation", err)
		}
		if found && !own[by] {
			elsewhere[op.ID] = true
		}
	}
	return elsewhere, nil
}
