package store

import (
	"context"
	"fmt"

	"dovetail/merge"
)

// Settled is how a conflict was resolved.
type Settled struct {
	merge.Written
	By            string
	Note          string
	Revision      int64 // of the conflict that was decided on
	ServerVersion int64 // the head that it was decided on
	Decisions     merge.Decisions
}

// Settled tells how a conflict was resolved, for who does not know whether they did it: the answer to them may have been
// lost. [merge.ErrNotFound] where it waits still, or no decision closed it.
func (s *Store) Settled(ctx context.Context, conflict int64) (Settled, error) {
	var out Settled
	err := s.read(ctx, func(v *view) error {
		d, err := disputeOf(v, conflict)
		if err != nil {
			return err
		}
		if d.state != merge.Resolved || d.resolution == 0 {
			return fmt.Errorf("a resolution of conflict %d: %w", conflict, merge.ErrNotFound)
		}
		m, err := resolutionOf(v, d.resolution)
		out = Settled{Written: m.written(conflict), By: m.By, Note: m.Note, Revision: d.revision - 1, ServerVersion: m.madeOn,
			Decisions: m.decisions}
		return err
	})
	return out, err
}

// Undone tells by whom a resolution was taken back, and what was written then; [merge.ErrNotFound] where it was not, or the
// record has moved on since.
func (s *Store) Undone(ctx context.Context, resolution int64) (written merge.Written, by string, err error) {
	err = s.read(ctx, func(v *view) error {
		was, err := resolutionOf(v, resolution)
		if err != nil {
			return err
		}
		var undo int64
		found, err := v.row([]any{&undo}, `SELECT id FROM dovetail_resolution WHERE undoes = $1`, resolution)
		if err != nil || !found {
			return wrap("find undo", orNotFound(err))
		}
		m, err := resolutionOf(v, undo)
		if err != nil {
			return err
		}
		h, _, err := headOf(v, m.Record)
		if err == nil && h.number != m.Version {
			err = merge.ErrNotFound
		}
		written, by = m.written(was.Conflict), m.By
		return err
	})
	return written, by, err
}

func orNotFound(err error) error {
	if err == nil {
		return merge.ErrNotFound
	}
	return err
}

// written is what whoever made the resolution was told.
func (m made) written(conflict int64) merge.Written {
	return merge.Written{Conflict: conflict, Record: m.Record, Version: m.Version, Resolution: m.Resolution.Resolution,
		Result: m.Result, KeptAs: m.KeptAs}
}
