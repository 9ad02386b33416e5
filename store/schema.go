package store

import (
	"context"
	"fmt"

	"dovetail/merge"
	"dovetail/merge/schema"
)

// SetSchema gives a collection a schema, by which its changes are joined and its records checked from now on, and
// returns its number; nil takes the schema away (0). `x-merge-strategy` in it sets the collection's strategy. The
// conflicts that wait are merged again. Where the collection has the same schema already, nothing is written. What is
// wrong with the text is told by the errors of [schema.Parse]. [ErrReplica] where the database is one.
func (s *Store) SetSchema(ctx context.Context, collection string, text merge.Document, by string) (int64, error) {
	return s.setSchema(ctx, collection, nil, text, by)
}

// ReplaceSchema is [Store.SetSchema] for a text that was made of the schema with the number was, 0 where there was none:
// [merge.ErrStale] where the collection has another one by now, which would be lost.
func (s *Store) ReplaceSchema(ctx context.Context, collection string, was int64, text merge.Document, by string) (int64, error) {
	return s.setSchema(ctx, collection, &was, text, by)
}

func (s *Store) setSchema(ctx context.Context, collection string, was *int64, text merge.Document, by string) (int64, error) {
	if err := s.onHub(); err != nil {
		return 0, wrap("set schema of "+collection, err)
	}
	if err := merge.CheckCollection(collection); err != nil {
		return 0, err
	}
	if text != nil {
		if _, err := schema.Parse(text); err != nil {
			return 0, err
		}
		canonical, err := merge.Canonical(text)
		if err != nil {
			return 0, err
		}
		text = canonical
	}
	var number int64
	err := s.write(ctx, func(t *tx) error {
		var err error
		number, err = t.setSchema(collection, was, text, by)
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("set schema of %s: %w", collection, err)
	}
	return number, nil
}

func (t *tx) setSchema(collection string, was *int64, text merge.Document, by string) (int64, error) {
	before, err := t.manner(collection)
	if err != nil {
		return 0, err
	}
	if was != nil && *was != before.number {
		return 0, fmt.Errorf("%w: it has schema %d now, not %d", merge.ErrStale, before.number, *was)
	}
	after := before
	if after.strategy, err = strategyUnder(before, text); err != nil {
		return 0, err
	}
	if !before.text.Equal(text) {
		if after.number, err = t.addSchema(collection, text, by); err != nil {
			return 0, err
		}
		after.text = text
	} else if after.strategy == before.strategy {
		return before.number, nil
	}
	return after.number, t.changeManner(collection, before, after)
}

// strategyUnder is the strategy that a collection has under a schema: what the schema says, else what it was, unless
// the schema before had said that.
func strategyUnder(before manner, text merge.Document) (merge.Strategy, error) {
	if word, ok := merge.Lookup(text, "/x-merge-strategy").Text(); ok {
		var s merge.Strategy
		err := s.UnmarshalText([]byte(word))
		return s, err
	}
	if said, ok := merge.Lookup(before.text, "/x-merge-strategy").Text(); ok && said == before.strategy.String() {
		return merge.FieldMerge, nil
	}
	return before.strategy, nil
}

// addSchema keeps a schema under the next number; nil has none.
func (t *tx) addSchema(collection string, doc merge.Document, by string) (int64, error) {
	if doc == nil {
		return 0, nil
	}
	var last int64
	if _, err := t.row([]any{&last}, `SELECT coalesce(max(number), 0) FROM dovetail_schema WHERE collection = $1`,
		collection); err != nil {
		return 0, wrap("number schema", err)
	}
	_, err := t.run(`
		INSERT INTO dovetail_schema (collection, number, body, set_by, set_at)
		VALUES ($1, $2, $3, $4, $5)`,
		collection, last+1, string(doc), text(by), micros(t.now))
	return last + 1, wrap("keep schema", err)
}

// changeManner writes how a collection joins changes from now on, and merges what waits in it again.
func (t *tx) changeManner(collection string, before, after manner) error {
	if err := t.store.follow(&after, collection); err != nil {
		return err
	}
	if _, err := t.run(`
		INSERT INTO dovetail_collection (name, strategy, schema)
		VALUES ($1, $2, $3)
		ON CONFLICT (name) DO UPDATE SET strategy = excluded.strategy, schema = excluded.schema`,
		collection, after.strategy.String(), null(after.number)); err != nil {
		return wrap("set collection", err)
	}
	if _, err := t.run(`UPDATE dovetail_meta SET manners = manners + 1`); err != nil {
		return wrap("count changes of collections", err)
	}
	t.keepManner(collection, after)
	if err := t.mergeWaiting(collection, before, after); err != nil {
		return err
	}
	t.proof = proof{`SELECT 1 FROM dovetail_collection WHERE name = $1 AND strategy = $2 AND coalesce(schema, 0) = $3`,
		[]any{collection, after.strategy.String(), after.number}}
	return nil
}

// mergeWaiting merges the conflicts of a collection that wait in another manner than before. One that comes out as it
// was stays as it is, and so do the drafts on it.
func (t *tx) mergeWaiting(collection string, before, after manner) error {
	waiting, err := conflictIDs(t, `
		SELECT id
		FROM dovetail_conflict
		WHERE collection = $1 AND state IN ('open', 'snoozed')
		ORDER BY id`,
		collection)
	if err != nil {
		return err
	}
	for _, n := range waiting {
		d, err := disputeOf(t, n)
		if err != nil {
			return err
		}
		was, err := shown(t, d, before)
		if err != nil {
			return err
		}
		is, err := shown(t, d, after)
		if err != nil {
			return err
		}
		if was == is {
			continue
		}
		h, _, err := headOf(t, d.key)
		if err == nil {
			err = t.renew(d, h)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// shown is what a person sees of a conflict's merge.
func shown(from source, d *dispute, m manner) (string, error) {
	r, err := d.merge(from, m)
	if err != nil {
		return "", err
	}
	text, err := r.MarshalJSON()
	return string(text), err
}

// Schema returns the schema of a collection and its number; nil and 0 where it has none.
func (s *Store) Schema(ctx context.Context, collection string) (merge.Document, int64, error) {
	m, err := s.manner(ctx, collection)
	return m.text, m.number, err
}

// Rules returns how the records of a collection merge, its strategy included; nil where it has no schema and merges by
// fields. They are shared: whoever gets them must not change them.
func (s *Store) Rules(ctx context.Context, collection string) (*merge.Rules, error) {
	m, err := s.manner(ctx, collection)
	return m.rules, err
}

// Manner returns how the changes to a collection are joined.
func (s *Store) Manner(ctx context.Context, collection string) (Manner, error) {
	m, err := s.manner(ctx, collection)
	return m.told(), err
}

func (s *Store) manner(ctx context.Context, collection string) (manner, error) {
	var m manner
	if err := merge.CheckCollection(collection); err != nil {
		return m, err
	}
	err := s.read(ctx, func(v *view) error {
		var err error
		m, err = s.mannerOf(v, collection)
		return err
	})
	return m, err
}

// SetStrategy says how the changes to a collection are joined from now on, whatever its schema said when it was set.
// The conflicts that wait are merged again. [ErrReplica] where the database is one.
func (s *Store) SetStrategy(ctx context.Context, collection string, strategy merge.Strategy) error {
	if err := s.onHub(); err != nil {
		return wrap("set strategy of "+collection, err)
	}
	if err := merge.CheckCollection(collection); err != nil {
		return err
	}
	return s.write(ctx, func(t *tx) error {
		before, err := t.manner(collection)
		if err != nil || before.strategy == strategy {
			return err
		}
		after := before
		after.strategy = strategy
		return t.changeManner(collection, before, after)
	})
}
