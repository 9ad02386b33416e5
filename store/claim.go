package store

import (
	"context"
	"fmt"
	"time"

	"dovetail/merge"
)

// Claim tells others that a person is at a conflict, until a time; a claim of one's own gets the new time. It keeps nobody
// from deciding the conflict: the versions that a writing names do that. Where somebody else is at it, nothing changes,
// and the error is a *[merge.ClaimedError]. Further [merge.ErrClosed], [merge.ErrNotFound], [ErrPast].
func (s *Store) Claim(ctx context.Context, conflict int64, person string, until time.Time) error {
	_, err := s.claim(ctx, conflict, person, until, false)
	return err
}

// TakeOver is Claim whoever is at the conflict, and returns whose it was; empty where it was nobody else's.
func (s *Store) TakeOver(ctx context.Context, conflict int64, person string, until time.Time) (was string, err error) {
	return s.claim(ctx, conflict, person, until, true)
}

func (s *Store) claim(ctx context.Context, conflict int64, person string, until time.Time, over bool) (was string, err error) {
	if person == "" {
		return "", fmt.Errorf("claim conflict %d: no person", conflict)
	}
	err = s.write(ctx, func(t *tx) error {
		if !until.After(t.now) {
			return ErrPast
		}
		var at merge.ClaimedError
		if at, err = t.claimOf(conflict); err != nil {
			return err
		}
		if at.By != person && at.By != "" && !over {
			return &at
		}
		if was = at.By; was == person {
			was = ""
		}
		if err := t.forgetClaims(); err != nil {
			return err
		}
		_, err := t.run(`UPDATE dovetail_conflict SET claimed_by = $1, claimed_until = $2 WHERE id = $3`, person, micros(until), conflict)
		t.proof = proof{`SELECT 1 FROM dovetail_conflict WHERE id = $1 AND claimed_by = $2 AND claimed_until = $3`,
			[]any{conflict, person, micros(until)}}
		return err
	})
	if err != nil {
		return "", fmt.Errorf("claim conflict %d: %w", conflict, err)
	}
	return was, nil
}

// claimOf is who is at a conflict that is not resolved; empty where nobody is.
func (t *tx) claimOf(conflict int64) (merge.ClaimedError, error) {
	var state, by words
	var until moment
	found, err := t.row([]any{&state, &by, &until}, `SELECT state, claimed_by, claimed_until FROM dovetail_conflict WHERE id = $1`, conflict)
	switch {
	case err != nil:
		return merge.ClaimedError{}, err
	case !found:
		return merge.ClaimedError{}, merge.ErrNotFound
	case state == words(merge.Resolved.String()):
		return merge.ClaimedError{}, merge.ErrClosed
	case !until.After(t.now):
		return merge.ClaimedError{}, nil
	}
	return merge.ClaimedError{By: string(by), Until: until.Time}, nil
}

// forgetClaims forgets those whose time is over, so that there are never many.
func (t *tx) forgetClaims() error {
	_, err := t.run(`
		UPDATE dovetail_conflict INDEXED BY dovetail_conflict_claimed
		SET claimed_by = NULL, claimed_until = NULL
		WHERE claimed_by IS NOT NULL AND claimed_until <= $1`, micros(t.now))
	return err
}

// Unclaim gives a person's claim on a conflict back. That there is none, or that it is somebody else's, is no error.
func (s *Store) Unclaim(ctx context.Context, conflict int64, person string) error {
	err := s.write(ctx, func(t *tx) error {
		_, err := t.run(`UPDATE dovetail_conflict SET claimed_by = NULL, claimed_until = NULL WHERE id = $1 AND claimed_by = $2`,
			conflict, person)
		t.proof = proof{`SELECT 1 WHERE NOT EXISTS (SELECT 1 FROM dovetail_conflict WHERE id = $1 AND claimed_by = $2)`,
			[]any{conflict, person}}
		return err
	})
	return wrap(fmt.Sprintf("give conflict %d back", conflict), err)
}

// tellClaims says of rows who is at them. The claims are read, not looked up for each row: there are few.
func (g *glance) tellClaims(rows []merge.Conflict) error {
	if len(rows) == 0 {
		return nil
	}
	q := &query{}
	q.add("SELECT id, claimed_by, claimed_until\nFROM dovetail_conflict INDEXED BY dovetail_conflict_claimed\n"+
		"WHERE claimed_by IS NOT NULL AND claimed_until > ", q.arg(g.now.UnixMicro()))
	claims := map[int64]merge.ClaimedError{}
	err := g.rows(func(row *cells) error {
		claims[row.integer(0)] = merge.ClaimedError{By: row.text(1), Until: row.moment(2)}
		return nil
	}, q)
	for i := range rows {
		if at, claimed := claims[rows[i].Number]; claimed {
			rows[i].ClaimedBy, rows[i].ClaimedUntil = at.By, at.Until
		}
	}
	return err
}
