package store

import (
	"context"
	"database/sql"
	"time"

	"dovetail/merge"
)

// Status returns the state of the whole database, with person's drafts.
func (s *Store) Status(ctx context.Context, person string) (Status, error) {
	st := Status{Info: s.info}
	if _, err := s.Counts(ctx, person); err != nil { // it opens the snoozed ones whose time is over
		return st, err
	}
	err := s.read(ctx, func(v *view) error {
		kept, err := keptCounts(v)
		if err != nil {
			return err
		}
		if st.Counts, err = countsFor(v, kept, person); err != nil {
			return err
		}
		st.Lost = lost(kept)
		if st.Last, err = lastExchange(v); err != nil || !s.info.Replica() {
			return err
		}
		origin, err := s.originOf(v)
		st.Origin = &origin
		return err
	})
	return st, err
}

// Counts says how much stands in the queue, and how many drafts a person has in it.
func (s *Store) Counts(ctx context.Context, person string) (merge.Counts, error) {
	var counts merge.Counts
	err := s.awake(ctx, func() (due time.Time, err error) {
		err = s.read(ctx, func(v *view) error {
			if due, err = firstDueOf(v); err != nil {
				return err
			}
			kept, err := keptCounts(v)
			if err == nil {
				counts, err = countsFor(v, kept, person)
			}
			return err
		})
		return due, err
	})
	return counts, err
}

// keptCounts returns the numbers that are kept, over all collections.
func keptCounts(from source) (map[string]int64, error) {
	kept := map[string]int64{}
	err := from.rows(func(rows *sql.Rows) error {
		var what string
		var n int64
		err := rows.Scan(&what, &n)
		kept[what] = n
		return err
	}, `
		SELECT what, sum(number)
		FROM dovetail_count
		GROUP BY what`)
	return kept, wrap("read counts", err)
}

func countsFor(from source, kept map[string]int64, person string) (merge.Counts, error) {
	counts := merge.Counts{
		Open:     kept[merge.Open.String()],
		Snoozed:  kept[merge.Snoozed.String()],
		Resolved: kept[merge.Resolved.String()],
		Parked:   kept[string(Parked)],
	}
	if person == "" {
		return counts, nil
	}
	_, err := from.row([]any{&counts.Drafts}, `
		SELECT count(*)
		FROM dovetail_draft d
		JOIN dovetail_conflict c ON c.id = d.conflict
		WHERE d.person = $1 AND c.state <> 'resolved' AND `+begun("d"),
		person)
	return counts, wrap("count drafts", err)
}

// lost is how many changes came in that are in none of the places where a change may be.
func lost(kept map[string]int64) int64 {
	places := []string{string(Applied), string(Converged), string(Merged), string(Superseded), string(Parked), string(Refused),
		countReplaced, string(outcomePending), merge.Open.String(), merge.Snoozed.String(), merge.Resolved.String()}
	n := kept[countIssued]
	for _, place := range places {
		n -= kept[place]
	}
	return n
}
