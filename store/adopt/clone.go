package adopt

import (
	"context"
	"errors"
	"fmt"

	"dovetail/merge"
	"dovetail/store"
)

// Clone makes a new file of the application's database in which hub stands, and a replica of hub there. The same tables are
// adopted, as the same collections. fill is to bring what the hub has.
//
// The tables are adopted after that: a row holds by then what its record came to, and must not go through all that it
// ever was, as triggers of the application would see it, and constraints refuse it.
//
// What stands at path already is [fs.ErrExist], a hub that stands in a file of its own [store.ErrOwnHome], a table that is
// not any more as it was adopted [ErrDrifted]. Nothing is left behind after an error.
func Clone(ctx context.Context, hub *store.Store, path, owner string, opts store.Options, fill func(*store.Store) error) error {
	return hub.Duplicate(ctx, path, func(draft string) error {
		var requests []Request
		var drifted error
		err := store.MoveOut(ctx, draft, func(s Statements) error {
			there, err := Load(s)
			if err != nil {
				return err
			}
			if requests, drifted = there.requests(s); drifted != nil {
				return drifted
			}
			return there.Undo(s)
		})
		if drifted != nil {
			return drifted // it is about the hub's table, and not about the copy
		}
		if err != nil {
			return err
		}
		t := &Tables{follows: true}
		opts.Adoption = t
		replica, err := store.SettleReplica(ctx, draft, hub.Info().Path, owner, opts, func(store.Adopting) error { return nil })
		if err != nil {
			return err
		}
		if err = fill(replica); err == nil {
			err = replica.Adopt(ctx, func(a store.Adopting) error { return t.follow(a, requests) })
		}
		return errors.Join(err, replica.Close())
	})
}

// requests are what would adopt the same tables again. A table that is gone has no rows to follow.
func (t *Tables) requests(s Statements) ([]Request, error) {
	k, err := t.refresh(s)
	if err != nil {
		return nil, err
	}
	findings, err := t.Drift(s)
	if err != nil {
		return nil, err
	}
	for _, f := range findings {
		if f.What != Gone && f.What != Nameless {
			return nil, fmt.Errorf("%q: %s: %w", f.Table, f.Words, ErrDrifted)
		}
	}
	var list []Request
	for _, collection := range t.Collections() {
		if at := k.byCollection[collection]; at.current != "" {
			list = append(list, Request{Table: at.current, Collection: collection, from: at})
		}
	}
	return list, nil
}

// follow adopts tables of which the records are known. What was written at the hub after its tables were copied is put
// into the rows.
func (t *Tables) follow(a store.Adopting, requests []Request) error {
	taken, err := t.Adopt(a, requests)
	if err != nil {
		return err
	}
	// All of it was written at the hub; here it is in whatever order.
	if _, err := a.Run(`PRAGMA defer_foreign_keys = 1`); err != nil {
		return err
	}
	for i := range taken {
		one := &taken[i]
		if err := t.differing(a, one.Collection, func(r Row, known merge.Document) error {
			if r.Fields = t.Complete(one.Collection, r.Fields, known); r.Fields.Equal(known) {
				return nil
			}
			return a.Restore(r)
		}); err != nil {
			return fmt.Errorf("compare the rows of %q: %w", taken[i].Shape.Table, err)
		}
	}
	return nil
}
