package store

import (
	"context"
	"maps"
	"slices"

	"dovetail/merge"
	"dovetail/merge/schema"
)

// tryPage is how many conflicts are tried within one look at the database.
const tryPage = 500

// TrySchema runs a schema that is not set over what people decided in a collection, as far as that counts still, and over
// the conflicts that wait in it. Only the fields that a person is asked about now, and the schema decides otherwise than
// by asking, are counted of those that were decided. It writes nothing. What is wrong with the text is told by the errors
// of [schema.Parse].
func (s *Store) TrySchema(ctx context.Context, collection string, text merge.Document) (merge.Trial, error) {
	trial := merge.Trial{Differs: []merge.Other{}}
	if _, err := schema.Parse(text); err != nil {
		return trial, err
	}
	before, err := s.manner(ctx, collection)
	if err != nil {
		return trial, err
	}
	after := before
	if after.strategy, err = strategyUnder(before, text); err != nil {
		return trial, err
	}
	after.text = text
	if err := s.follow(&after, collection); err != nil {
		return trial, err
	}
	err = s.tryEach(ctx, `
		SELECT id
		FROM dovetail_conflict
		WHERE collection = $1 AND state = 'resolved' AND resolution IS NOT NULL AND id < $2
		ORDER BY id DESC
		LIMIT $3`, collection, func(v *view, d *dispute) error { return tryDecided(v, d, after, &trial) })
	if err != nil {
		return trial, wrap("try schema on decisions", err)
	}
	err = s.tryEach(ctx, `
		SELECT id
		FROM dovetail_conflict
		WHERE collection = $1 AND state IN ('open', 'snoozed') AND id < $2
		ORDER BY id DESC
		LIMIT $3`, collection, func(v *view, d *dispute) error { return tryWaiting(v, d, after, &trial) })
	return trial, wrap("try schema on the queue", err)
}

// tryEach calls fn for the conflicts that a query finds, the newest first, a page of them at a time.
func (s *Store) tryEach(ctx context.Context, query, collection string, fn func(*view, *dispute) error) error {
	last := int64(1<<63 - 1)
	for {
		var ids []int64
		err := s.read(ctx, func(v *view) error {
			var err error
			if ids, err = conflictIDs(v, query, collection, last, tryPage); err != nil {
				return err
			}
			for _, id := range ids {
				d, err := disputeOf(v, id)
				if err == nil {
					err = fn(v, d)
				}
				if err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil || len(ids) < tryPage {
			return err
		}
		last = ids[len(ids)-1]
	}
}

func tryDecided(v *view, d *dispute, m manner, trial *merge.Trial) error {
	var list, who words
	if _, err := v.row([]any{&list, &who}, `SELECT decisions, who FROM dovetail_resolution WHERE id = $1`, d.resolution); err != nil {
		return wrap("read resolution", err)
	}
	var decisions merge.Decisions
	if err := decode(list, &decisions); err != nil {
		return err
	}
	// A decision on what was no conflict is none that a rule would have spared anybody.
	maps.DeleteFunc(decisions, func(path string, _ merge.Decision) bool { return !slices.Contains(d.fields, path) })
	if len(decisions) == 0 {
		return nil
	}
	r, err := d.merge(v, m)
	if err != nil {
		return err
	}
	trial.Try(r, decisions, merge.Other{Conflict: d.id, Record: d.key, By: string(who)})
	return nil
}

func tryWaiting(v *view, d *dispute, m manner, trial *merge.Trial) error {
	r, err := d.merge(v, m)
	if err != nil {
		return err
	}
	trial.Waiting++
	switch left := len(r.Conflicts()); {
	case left == 0 && r.Outcome != merge.RecordConflict:
		trial.Settles++
	case left < len(d.fields):
		trial.Eases++
	}
	return nil
}
