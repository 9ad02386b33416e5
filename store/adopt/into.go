package adopt

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

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
		t.follows = a.Replica()
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
	if !one.Again {
		return t.Walk(a, one.Collection, func(r Row) error {
			one.Records++
			return a.Keep(r)
		})
	}
	return t.differing(a, one.Collection, func(r Row, known merge.Document) error {
		fields, back := t.renew(one, r.Fields, known)
		if !fields.Equal(known) {
			one.Records++
			if err := a.Keep(Row{Record: r.Record, Fields: fields, At: r.At}); err != nil {
				return err
			}
		}
		if back {
			return a.Restore(Row{Record: r.Record, Fields: t.Complete(one.Collection, r.Fields, known)})
		}
		return nil
	})
}

// renew is what a record becomes whose row is not what is known of it. What is known of a column that the table had not
// until now comes back into the row, unless somebody wrote there; then the row is to be written.
func (t *Tables) renew(one *Taken, row, known merge.Document) (fields merge.Document, back bool) {
	fields = t.Complete(one.Collection, row, known)
	for _, c := range one.Shape.Columns {
		if !slices.Contains(one.fresh, c.field()) {
			continue
		}
		path := pointer(c.field())
		was, held := merge.Lookup(known, path), merge.Lookup(row, path)
		untouched := held == c.Given || c.Given == "" && held == merge.Null
		if was == merge.Absent || held == merge.Absent || held == was || !untouched {
			continue
		}
		if with, err := merge.With(fields, path, was); err == nil {
			fields, back = with, true
		}
	}
	return fields, back
}

// pointer is the path of a field.
func pointer(name string) string {
	return "/" + strings.NewReplacer("~", "~0", "/", "~1").Replace(name)
}

// differing calls each with every row that is not what is known of it, and with that.
func (t *Tables) differing(a store.Adopting, collection string, each func(row Row, known merge.Document) error) error {
	var failed error
	var standing merge.Document
	known := func(yield func(string, merge.Document) bool) {
		failed = a.Standing(collection, func(id string, fields merge.Document) error {
			if standing = fields; !yield(id, fields) {
				return errEnough
			}
			return nil
		})
		standing = nil
	}
	if err := t.Compare(a, collection, known, func(r Row) error { return each(r, standing) }); err != nil {
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
		t.follows = a.Replica()
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
