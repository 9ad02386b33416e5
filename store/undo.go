package store

import (
	"context"
	"fmt"

	"dovetail/merge"
)

// Undo takes a person's resolution back: the server's document that it replaced becomes a new version, and the conflict
// is open again, with the decisions as a draft of whoever made them and, if they have none of their own, of whoever
// undoes them. So is each conflict that closed by itself because the resolution made what it wanted. It is refused with
// a *[MovedOnError] when the record, or the conflict, has moved on since, or when a change that came in since was found
// to be done by it; [merge.ErrNotFound] where there is no such resolution; [ErrSent] on a replica, where only
// [Store.UndoPending] can take something back.
func (s *Store) Undo(ctx context.Context, resolution int64, person string) (merge.Written, error) {
	var out merge.Written
	err := s.write(ctx, func(t *tx) error {
		var err error
		out, err = t.undo(resolution, person)
		return err
	})
	if err != nil {
		return merge.Written{}, fmt.Errorf("undo resolution %d: %w", resolution, err)
	}
	return out, nil
}

func (t *tx) undo(resolution int64, person string) (merge.Written, error) {
	if t.store.info.Role != roleHub {
		return merge.Written{}, ErrSent
	}
	m, err := resolutionOf(t, resolution)
	if err != nil {
		return merge.Written{}, err
	}
	h, _, err := headOf(t, m.Record)
	if err != nil {
		return merge.Written{}, err
	}
	d, err := t.undoable(m, h)
	if err != nil {
		return merge.Written{}, err
	}
	others, err := t.closedBy(h)
	if err != nil {
		return merge.Written{}, err
	}
	old, _, err := versionOf(t, h.id, m.madeOn)
	if err != nil {
		return merge.Written{}, err
	}
	fields, err := load(t, old.document)
	if err != nil {
		return merge.Written{}, err
	}
	if err := t.undoBoth(m, d, person); err != nil {
		return merge.Written{}, err
	}
	before := *h
	if err := t.add(h, entry{fields: fields, cause: CauseUndo, by: person, editedAt: t.now, change: d.change}); err != nil {
		return merge.Written{}, err
	}
	id, err := t.resolved(verdict{conflict: d.id, change: d.change, head: h, madeOn: &before, by: person, undoes: resolution})
	if err != nil {
		return merge.Written{}, err
	}
	if err := t.reopen(d, h, m.decisions, m.Note, m.By, person); err != nil {
		return merge.Written{}, err
	}
	if err := t.catchUp(h, d.id); err != nil {
		return merge.Written{}, err
	}
	for _, other := range others {
		if err := t.reopen(other, h, nil, ""); err != nil {
			return merge.Written{}, err
		}
	}
	return t.written(d.id, h, id)
}

// undoable finds the conflict that an undo opens again, or says why it cannot.
func (t *tx) undoable(m made, h *head) (*dispute, error) {
	refuse := func(reason string, args ...any) error {
		return &MovedOnError{Record: m.Record, Version: m.Version, Head: h.number, Reason: fmt.Sprintf(reason, args...)}
	}
	switch {
	case m.Undoes > 0:
		return nil, refuse("it is itself an undo, of resolution %d", m.Undoes)
	case m.Conflict == 0:
		return nil, refuse("the change merged by itself: there is no conflict to open again")
	}
	var undone int64
	found, err := t.row([]any{&undone}, `SELECT id FROM dovetail_resolution WHERE undoes = $1`, m.Resolution.Resolution)
	switch {
	case err != nil:
		return nil, wrap("find undo", err)
	case found:
		return nil, refuse("it was already taken back, by resolution %d", undone)
	case h.number != m.Version:
		return nil, refuse("%s has moved on to version %d since it made version %d", m.Record, h.number, m.Version)
	}
	var newer int64
	found, err = t.row([]any{&newer}, `
		SELECT o.id
		FROM dovetail_conflict o
		JOIN dovetail_conflict c ON c.record = o.record AND c.replica = o.replica
		WHERE c.record = $1 AND (c.id = $2 OR c.state = 'resolved' AND c.resolution IS NULL AND c.server_version = $3)
			AND o.id <> c.id AND o.state IN ('open', 'snoozed')`,
		h.id, m.Conflict, m.Version)
	switch {
	case err != nil:
		return nil, wrap("find newer conflict", err)
	case found:
		return nil, refuse("a newer change of the same device waits as conflict %d", newer)
	}
	var key string
	found, err = t.row([]any{&key}, `
		SELECT key
		FROM dovetail_change
		WHERE record = $1 AND version = $2 AND outcome = 'converged' AND conflict IS NULL
		ORDER BY id
		LIMIT 1`,
		h.id, m.Version)
	switch {
	case err != nil:
		return nil, wrap("find converged change", err)
	case found:
		return nil, refuse("change %q came in since and wants the same: taking it back would lose that", key)
	}
	return disputeOf(t, m.Conflict)
}

// closedBy finds the conflicts that nobody resolved: the head was the same as their local side.
func (t *tx) closedBy(h *head) ([]*dispute, error) {
	ids, err := conflictIDs(t, `
		SELECT id
		FROM dovetail_conflict
		WHERE record = $1 AND state = 'resolved' AND resolution IS NULL AND server_version = $2
		ORDER BY id`,
		h.id, h.number)
	if err != nil {
		return nil, err
	}
	var closed []*dispute
	for _, id := range ids {
		d, err := disputeOf(t, id)
		if err != nil {
			return nil, err
		}
		closed = append(closed, d)
	}
	return closed, nil
}

// reopen opens a resolved conflict again on the head as it is now, with the decisions that still stand as a draft of
// each person. Only the first, who made them, loses an older draft by it.
func (t *tx) reopen(d *dispute, h *head, decisions merge.Decisions, note string, people ...string) error {
	if err := t.renew(d, h); err != nil || d.state == merge.Resolved {
		return err
	}
	h.waiting++
	m, err := t.manner(d.key.Collection)
	if err != nil {
		return err
	}
	r, err := d.merge(t, m)
	if err != nil {
		return err
	}
	done := map[string]bool{"": true} // nobody's draft is kept
	for i, person := range people {
		if done[person] {
			continue
		}
		done[person] = true
		draft, err := draftOf(t, d.id, person)
		if err != nil {
			return err
		}
		if i == 0 || len(draft.Decisions) == 0 && len(draft.Typed) == 0 && draft.Note == "" {
			draft.Decisions, draft.Note = decisions, note
		}
		draft.Rebase(r, d.revision, h.number)
		if err := t.saveDraft(d, draft); err != nil {
			return err
		}
	}
	return nil
}
