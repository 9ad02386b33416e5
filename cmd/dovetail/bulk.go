package main

import (
	"cmp"
	"context"
	"strings"

	"dovetail/merge"
	"dovetail/tui/safe"
)

// many decides every conflict that the filter chooses, one by one: a result for each, and one that fails does not
// stop the others.
func (d decider) many(ctx context.Context, where string, yes bool) error {
	if d.expected != nil {
		return misuse("--expect-version goes with one conflict, not with --where")
	}
	if d.choices.empty() {
		return hint(misuse("--where chooses conflicts, but nothing says what to take"), "add --take, --set or --unset")
	}
	query, err := d.query(where)
	if err != nil {
		return err
	}
	d.bulk, d.dryRun = true, d.dryRun || !yes
	var written, left int64
	err = d.eachConflict(ctx, query, func(row merge.Conflict) error {
		v, err := d.decideRow(ctx, row, query.Filter)
		if err != nil {
			return err
		}
		if v.Result != nil {
			written++
		} else {
			left++
		}
		return d.show(v)
	})
	if err != nil {
		return err
	}
	if d.dryRun {
		d.say("%d would be written, %d left; --yes writes", written, left)
	} else {
		d.say("%d written, %d left", written, left)
	}
	if left > 0 {
		return errUndecided
	}
	return nil
}

func (d decider) eachConflict(ctx context.Context, query merge.Query, fn func(merge.Conflict) error) error {
	return eachPage(ctx, d.on, query, 0, func(conflicts []merge.Conflict) error {
		for _, c := range conflicts {
			if err := fn(c); err != nil {
				return err
			}
		}
		return nil
	})
}

// decideRow decides one of many. What concerns this record alone is part of its result; the error is for what ends
// the whole.
func (d decider) decideRow(ctx context.Context, row merge.Conflict, filter merge.Filter) (verdict, error) {
	v := verdict{Conflict: row.Number, Record: row.Record}
	c, err := d.on.Case(ctx, row.Number)
	if err != nil {
		return v, err
	}
	if kind := c.Conflict.Kind; deletes(c.Sides) && !filter.Names("kind", kind.String()) {
		v.Skipped = "a deletion against an edit is decided by kind:" + kind.String() + " or one by one"
		return v, nil
	}
	if c.Naming != nil && !c.Naming.One {
		v.Skipped = c.Refused + "; such a one is decided one by one"
		return v, nil
	}
	v, err = d.decide(ctx, c)
	if err == nil {
		return v, nil
	}
	if code := exitCode(err); code == exitMisuse || code == exitMoved {
		v.Error, v.Result = err.Error(), nil
		return v, nil
	}
	return v, err
}

// deletes reports whether one of two sides is a deletion. The kind does not tell: where the base is lost it names that.
func deletes(s merge.Sides) bool { return (s.Local == nil) != (s.Server == nil) }

// within leaves out the named fields that are not in conflict in r: of many records, not each has all of them there.
func (c choices) within(r merge.Result) choices {
	conflicts := map[string]bool{}
	for _, path := range r.Conflicts() {
		conflicts[path] = true
	}
	var fields []fieldChoice
	for _, f := range c.fields {
		if conflicts[f.path] {
			fields = append(fields, f)
		}
	}
	c.fields = fields
	return c
}

// result says what is written: of one conflict the record, of many what is another in it than the server has. In a hundred
// whole records nobody would see that.
func (d decider) result(v verdict) string {
	result := *v.Result
	switch {
	case result == nil && v.before == nil:
		return "stays deleted"
	case result == nil:
		return "deleted"
	case !d.bulk || v.before == nil:
		return string(safe.Value(valueOf(result)))
	}
	var shape *merge.Rules
	if v.rules != nil {
		shape = &merge.Rules{Root: v.rules.Root}
	}
	var parts []string
	for _, f := range merge.Record(merge.Sides{Base: v.before, Local: result, Server: v.before}, shape).Fields {
		after := "removed"
		if f.Result != merge.Absent {
			after = string(safe.Value(f.Result))
		}
		parts = append(parts, fieldName(f.Path)+" "+string(safe.Value(f.Server))+" → "+after)
	}
	return cmp.Or(strings.Join(parts, ", "), "as the server has it")
}
