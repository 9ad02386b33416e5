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

// awake looks at the queue, and once more after the snoozed conflicts were opened whose time the first look found over.
// Where that cannot be written now, they are still listed as snoozed, and the next one to look tries again.
func (s *Store) awake(ctx context.Context, look func() (first time.Time, err error)) error {
	first, err := look()
	if err != nil || first.IsZero() || first.After(s.now()) {
		return err
	}
	soon, cancel := context.WithTimeout(ctx, lookWait)
	defer cancel()
	if err := s.write(soon, (*tx).wakeDue); err != nil {
		return ctx.Err()
	}
	_, err = look()
	return err
}

func (t *tx) wakeDue() error {
	due, err := dueAt(t, t.now)
	for _, conflict := range due {
		if err == nil {
			err = t.snooze(conflict, merge.Open, time.Time{})
		}
	}
	return err
}

// firstDue is when the first snoozed conflict is to come back: NULL where there is none. It names the index whose first
// entry that is: by itself SQLite takes one of the queue's, and reads all that are snoozed.
const firstDue = `
	SELECT min(snoozed_until)
	FROM dovetail_conflict INDEXED BY dovetail_conflict_snoozed
	WHERE state = 'snoozed' AND snoozed_until IS NOT NULL`

func firstDueOf(from source) (time.Time, error) {
	var at moment
	_, err := from.row([]any{&at}, firstDue)
	return at.Time, wrap("look for snoozed conflicts", err)
}

func (g *glance) firstDue() (at time.Time, err error) {
	q := &query{}
	q.add(firstDue)
	err = g.rows(func(row *cells) error {
		at = row.moment(0)
		return nil
	}, q)
	return at, err
}

func dueAt(from source, now time.Time) ([]int64, error) {
	return conflictIDs(from, `
		SELECT id
		FROM dovetail_conflict INDEXED BY dovetail_conflict_snoozed
		WHERE state = 'snoozed' AND snoozed_until <= $1
		ORDER BY id`,
		micros(now))
}
