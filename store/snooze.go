package store

import (
	"context"
	"errors"
	"fmt"
	"time"

	"dovetail/merge"
)

// ErrPast says that a conflict was to be snoozed until a time that is over.
var ErrPast = errors.New("that time is over")

// Snooze takes a conflict out of the open ones until a time; one that is snoozed already gets the new time. It comes
// back by itself. [merge.ErrClosed] where it is resolved, [merge.ErrNotFound] where there is none, [ErrPast].
func (s *Store) Snooze(ctx context.Context, conflict int64, until time.Time) error {
	return s.write(ctx, func(t *tx) error {
		if !until.After(t.now) {
			return fmt.Errorf("snooze conflict %d: %w", conflict, ErrPast)
		}
		return t.snooze(conflict, merge.Snoozed, until)
	})
}

// Wake opens a snoozed conflict before its time; one that is open stays so. Errors are those of Snooze.
func (s *Store) Wake(ctx context.Context, conflict int64) error {
	return s.write(ctx, func(t *tx) error { return t.snooze(conflict, merge.Open, time.Time{}) })
}

// snooze moves a conflict between the open and the snoozed ones. It is no new revision: nothing of what is decided there
// is another, and drafts on it stand.
func (t *tx) snooze(conflict int64, to merge.State, until time.Time) error {
	d, err := disputeOf(t, conflict)
	if err != nil {
		return err
	}
	if d.state == merge.Resolved {
		return fmt.Errorf("conflict %d: %w", conflict, merge.ErrClosed)
	}
	if _, err := t.run(`UPDATE dovetail_conflict SET state = $1, snoozed_until = $2 WHERE id = $3`,
		to.String(), micros(until), conflict); err != nil {
		return wrap("snooze", err)
	}
	t.proof = proof{`SELECT 1 FROM dovetail_conflict WHERE id = $1 AND state = $2`, []any{conflict, to.String()}}
	if d.state == to {
		return nil
	}
	t.count(d.key.Collection, d.state.String(), -1)
	t.count(d.key.Collection, to.String(), 1)
	return t.listFieldsAnew(conflict, d.fields)
}

// wakeFirst opens the snoozed conflicts whose time is over, before anybody reads the queue. Where that cannot be written
// now, they are still listed as snoozed, and the next one to read tries again.
func (s *Store) wakeFirst(ctx context.Context) error {
	first, err := s.firstDue(ctx)
	if err != nil || first.IsZero() || first.After(s.now()) {
		return err
	}
	soon, cancel := context.WithTimeout(ctx, lookWait)
	defer cancel()
	_ = s.write(soon, func(t *tx) error {
		due, err := dueAt(t, t.now)
		for _, conflict := range due {
			if err == nil {
				err = t.snooze(conflict, merge.Open, time.Time{})
			}
		}
		return err
	})
	return ctx.Err()
}

// firstDue is when the first snoozed conflict is to come back; zero where there is none.
func (s *Store) firstDue(ctx context.Context) (time.Time, error) {
	var at moment
	err := s.read(ctx, func(v *view) error {
		_, err := v.row([]any{&at}, `SELECT min(snoozed_until) FROM dovetail_conflict WHERE state = 'snoozed'`)
		return wrap("look for snoozed conflicts", err)
	})
	return at.Time, err
}

func dueAt(from source, now time.Time) ([]int64, error) {
	return conflictIDs(from, `
		SELECT id
		FROM dovetail_conflict
		WHERE state = 'snoozed' AND snoozed_until <= $1
		ORDER BY id`,
		micros(now))
}
