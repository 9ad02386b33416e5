package adopt

import (
	"context"
	"errors"
	"fmt"

	"dovetail/merge"
	"dovetail/store"
)

// ErrNoTable says that no table was named, and none is adopted.
var ErrNoTable = errors.New("no table is named, and none is adopted")

// Into makes a hub in an application's database, or opens the one that is there, and adopts tables, with the rows that they
// hold as the first versions. It is one transaction, and may be run again: tables that have changed since are taken in as
// they are now. What cannot be adopted is a *[RefusedError], and nothing was changed then.
func Into(ctx context.Context, path string, opts store.Options, requests []Request) (*store.Store, []Taken, error) {
	t := new(Tables)
	opts.Adoption = t
	var taken []Taken
	s, err := store.Settle(ctx, path, opts, func(a store.Adopting) error {
		if a.Fresh && len(requests) == 0 {
			return ErrNoTable
		}
		var err error
		if taken, err = t.Adopt(a, requests); err != nil {
			return err
		}
		for i := range taken {
			if err := t.keep(a, &taken[i]); err != nil {
				return fmt.Errorf("take in the rows of %q: %w", taken[i].Shape.Table, err)
			}
		}
		return nil
	})
	return s, taken, err
}

// keep takes the rows of a table in, or what is not as it was known of them.
func (t *Tables) keep(a store.Adopting, one *Taken) error {
	keep := func(r Row) error {
		one.Records++
		return a.Keep(r)
	}
	if !one.Again {
		return t.Walk(a, one.Collection, keep)
	}
	return t.differing(a, one.Collection, keep)
}

// differing calls each with every row that is not what is known of it.
func (t *Tables) differing(a store.Adopting, collection string, each func(Row) error) error {
	var failed error
	known := func(yield func(string, merge.Document) bool) {
		failed = a.Standing(collection, func(id string, fields merge.Document) error {
			if !yield(id, fields) {
				return errEnough
			}
			return nil
		})
	}
	if err := t.Compare(a, collection, known, each); err != nil {
		return err
	}
	return failed
}

// errEnough ends a loop that nobody goes on with.
var errEnough = errors.New("enough")

// DryRun is the SQL that [Into] would run, but for the rows in which it notes what it did.
func DryRun(ctx context.Context, path string, requests []Request) ([]string, error) {
	t := new(Tables)
	var statements []string
	own, err := store.PlainSchema()
	if err != nil {
		return nil, err
	}
	s, err := store.Settle(ctx, path, store.Options{Adoption: t}, func(a store.Adopting) error {
		if a.Fresh && len(requests) == 0 {
			return ErrNoTable
		}
		var err error
		if statements, err = t.DryRun(a, requests); err == nil {
			err = errEnough
		}
		if a.Fresh {
			statements = append(own, statements...)
		}
		return err
	})
	if err == nil {
		err = s.Close()
	}
	if errors.Is(err, errEnough) {
		err = nil
	}
	return statements, err
}
