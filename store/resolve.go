package store

import (
	"context"
	"fmt"

	"dovetail/merge"
)

// Resolve writes what a person decided, as a new version, and closes the conflict, in one transaction. Nothing is
// written unless all is as the person saw it: the conflict's revision, the record's version, the values decided on and
// the result, byte for byte; else the error is [merge.ErrStale]. [merge.ErrClosed] if somebody else has resolved it,
// [merge.ErrNotFound] if there is no such conflict, *[merge.UndecidedError] while a field is open,
// *[merge.RuleError] if the result would break a rule of its collection that the server's record keeps, *[LineError] if the
// note is too long for a line. The side that lost and everybody's drafts are kept.
//
// On a replica the result is a pending change, which the hub makes a version of later: the conflict is closed here, and
// opens again if the record has moved at the hub so that the two do not go together.
func (s *Store) Resolve(ctx context.Context, w merge.Writing) (merge.Written, error) {
	var out merge.Written
	err := s.write(ctx, func(t *tx) error {
		var err error
		out, err = t.resolve(w)
		return err
	})
	if err != nil {
		return merge.Written{}, fmt.Errorf("resolve conflict %d: %w", w.Conflict, err)
	}
	return out, nil
}

func (t *tx) resolve(w merge.Writing) (merge.Written, error) {
	if len(w.Note) > maxNote {
		return merge.Written{}, &LineError{Path: "/note", Reason: fmt.Sprintf("longer than %d bytes", maxNote)}
	}
	d, err := disputeOf(t, w.Conflict)
	if err != nil {
		return merge.Written{}, err
	}
	h, _, err := headOf(t, d.key)
	if err != nil {
		return merge.Written{}, err
	}
	r, result, err := t.asSeen(d, h, w)
	if err != nil {
		return merge.Written{}, err
	}
	fields, err := t.keep(result)
	if err != nil {
		return merge.Written{}, err
	}
	if t.store.info.Replica() {
		return t.resolveLater(d, h, w, fields, lostTo(r, result, w.Decisions))
	}
	if w.Decisions, err = t.keepBoth(d, w.Decisions, w.Person, false); err != nil {
		return merge.Written{}, err
	}
	before := *h
	if err := t.add(h, entry{fields: fields, cause: CauseResolution, by: w.Person, editedAt: t.now,
		base: d.base.version, change: d.change}); err != nil {
		return merge.Written{}, err
	}
	lost := lostTo(r, result, w.Decisions)
	id, err := t.resolved(verdict{conflict: d.id, change: d.change, head: h, madeOn: &before,
		decisions: w.Decisions, lost: lost, note: w.Note, by: w.Person})
	if err != nil {
		return merge.Written{}, err
	}
	if err := t.closeBy(d, h, &before, id, lost); err != nil {
		return merge.Written{}, err
	}
	return t.written(d.id, h, id)
}

// asSeen merges a conflict again and makes sure that nothing of what the person saw has changed. It returns what is to
// be written.
func (t *tx) asSeen(d *dispute, h *head, w merge.Writing) (r merge.Result, result merge.Document, err error) {
	if d.state == merge.Resolved {
		return r, nil, merge.ErrClosed
	}
	if as := w.Decisions.Both(); as != "" {
		if err := (merge.Key{Collection: d.key.Collection, ID: as}).Check(); err != nil {
			return r, nil, &KeepBothError{Record: d.key, As: as, Reason: err.Error()}
		}
	}
	if w.Revision != d.revision || w.ServerVersion != d.serverVersion || h.number != d.serverVersion {
		return r, nil, fmt.Errorf("%w: it is at version %d, the conflict at revision %d", merge.ErrStale, h.number, d.revision)
	}
	m, err := t.manner(d.key.Collection)
	if err != nil {
		return r, nil, err
	}
	if r, err = d.merge(t, m); err != nil {
		return r, nil, err
	}
	if _, moved := r.Standing(w.Decisions); len(moved) > 0 {
		return r, nil, fmt.Errorf("%w: what was decided on is another value now: %q", merge.ErrStale, moved)
	}
	if result, err = r.Apply(w.Decisions); err != nil {
		return r, nil, err
	}
	if string(result) != string(w.Result) {
		return r, nil, fmt.Errorf("%w: the decisions come to another result than was shown", merge.ErrStale)
	}
	return r, result, nil
}

// keepLosers keeps each side aside that is not in the result whole.
func (t *tx) keepLosers(d *dispute, h, before *head, lost []merge.LostValue) error {
	if local := ofSide(lost, "local"); len(local) > 0 {
		if err := t.aside(aside{head: h, side: "local", document: d.local, reason: reasonResolution, version: h.number,
			conflict: d.id, change: d.change, by: d.localBy, device: d.device, at: d.localAt, lost: local}); err != nil {
			return err
		}
	}
	if server := ofSide(lost, "server"); len(server) > 0 {
		return t.aside(aside{head: h, side: "server", document: before.fields.id, reason: reasonResolution, version: h.number,
			conflict: d.id, change: d.change, by: before.by, device: before.device, at: before.at, lost: server})
	}
	return nil
}

// written reads back what was written, so that nobody is told what the database does not hold.
func (t *tx) written(conflict int64, h *head, resolution int64) (merge.Written, error) {
	if err := t.readBack(h); err != nil {
		return merge.Written{}, err
	}
	made, err := resolutionOf(t, resolution)
	if err != nil {
		return merge.Written{}, err
	}
	if made.Version != h.number || made.Conflict != conflict {
		return merge.Written{}, fmt.Errorf("%w: resolution %d is not as it was written", ErrCorrupt, resolution)
	}
	return made.written(conflict), nil
}
