package store

import (
	"context"
	"fmt"

	"dovetail/merge"
)

// Write changes, creates or deletes a record; on a replica, it is a change that is sent to the hub later. It is [merge.ErrStale], and nothing is written, if the record is not at
// the version and revision that the edit was made on, and *[merge.RuleError] if it would break a rule of the collection that the
// record keeps, or change what may not change. Where the record holds the same already, nothing is written and it is
// returned as it is.
func (s *Store) Write(ctx context.Context, e Edit) (Record, error) {
	if err := e.Record.Check(); err != nil {
		return Record{}, err
	}
	if e.Fields != nil {
		canonical, err := merge.Canonical(e.Fields)
		if err != nil {
			return Record{}, fmt.Errorf("write %s: %w", e.Record, err)
		}
		e.Fields = canonical
	}
	var r Record
	err := s.write(ctx, func(t *tx) error {
		h, err := t.edit(e)
		if err == nil {
			r = s.asRecord(h)
		}
		return err
	})
	return r, wrap("write "+e.Record.String(), err)
}

func (t *tx) edit(e Edit) (*head, error) {
	h, found, err := headOf(t, e.Record)
	if err != nil {
		return nil, err
	}
	if h.number != e.Version {
		return nil, fmt.Errorf("%w: it is at version %d, not %d", merge.ErrStale, h.number, e.Version)
	}
	there := h.number > 0 || h.pending
	if there && h.revision != e.Revision {
		return nil, fmt.Errorf("%w: it was changed here meanwhile", merge.ErrStale)
	}
	if h.stands().text.Equal(e.Fields) {
		if !there {
			return nil, merge.ErrNotFound
		}
		return h, nil
	}
	if err := t.keepsRules(h, e.Fields); err != nil {
		return nil, err
	}
	if !found {
		if h, err = t.record(e.Record); err != nil {
			return nil, err
		}
	}
	if e.At.IsZero() {
		e.At = t.now
	}
	if t.store.info.Replica() {
		return h, t.journal(h, e)
	}
	fields, err := t.keep(e.Fields)
	if err != nil {
		return nil, err
	}
	if err := t.add(h, entry{fields: fields, cause: CauseWrite, by: e.By, device: e.Device, editedAt: e.At}); err != nil {
		return nil, err
	}
	if err := t.readBack(h); err != nil {
		return nil, err
	}
	return h, t.catchUp(h, 0)
}

// keepsRules looks for rules that a write would break. What is broken already is not the write's fault.
func (t *tx) keepsRules(h *head, fields merge.Document) error {
	m, err := t.manner(h.key.Collection)
	if err != nil || m.rules == nil || fields == nil {
		return err
	}
	now := h.stands().text
	still := merge.Sides{Base: now, Local: now, Server: now}
	whole := merge.Decisions{"": {Choice: merge.Edited, Value: merge.Value(fields)}}
	if _, err := merge.Record(still, m.rules).Apply(whole); err != nil {
		return err
	}
	written := merge.Record(merge.Sides{Base: still.Base, Local: fields, Server: still.Server}, m.rules)
	var fixed []merge.Violation
	for _, f := range written.Fields {
		if f.Outcome == merge.FieldConflict {
			fixed = append(fixed, merge.Violation{Rule: "may not change after it was created", Paths: []string{f.Path}})
		}
	}
	if len(fixed) > 0 {
		return &merge.RuleError{Broken: fixed}
	}
	return nil
}

// readBack makes sure that the database holds what was just written, before anybody is told that it does.
func (t *tx) readBack(h *head) error {
	now, found, err := headOf(t, h.key)
	switch {
	case err != nil:
		return err
	case !found || now.number != h.number || string(now.fields.text) != string(h.fields.text) || (now.fields.id == 0) != (h.fields.id == 0):
		return fmt.Errorf("%w: %s is not as it was written", ErrCorrupt, h.key)
	}
	return nil
}
