package main

import (
	"context"
	"errors"
	"maps"

	"dovetail/merge"
	"dovetail/store"
)

// freeName is what --keep-both says without an id: one that is free is found.
const freeName = "<free>"

// keepBothArgs takes the id that stands behind --keep-both out of the arguments.
func keepBothArgs(args []string, flags *resolveFlags) ([]string, error) {
	switch {
	case len(args) < 2:
		return args, nil
	case flags.keepBoth != freeName:
		return nil, hint(misuse("%d conflicts are named", len(args)), "one at a time, or many by --where FILTER")
	}
	flags.keepBoth = args[1]
	return args[:1], nil
}

// withBoth adds to the choices that both records are kept.
func (c choices) withBoth(flags resolveFlags) (choices, error) {
	switch {
	case flags.keepBoth == "":
		return c, nil
	case !c.empty():
		return c, misuse("--keep-both decides the whole record and goes alone")
	case flags.where != "":
		return c, misuse("--keep-both decides one conflict, not what --where chooses")
	}
	c.both = flags.keepBoth
	return c, nil
}

// decideBoth is the step of a draft by which both records are kept.
func (d decider) decideBoth(ctx context.Context, draft merge.Draft, r merge.Result, c merge.Case) (merge.Decisions, error) {
	key := c.Conflict.Record
	if key.ID = d.choices.both; key.ID == freeName {
		free, err := d.freeID(ctx, c.Conflict.Record)
		if err != nil {
			return nil, err
		}
		key.ID = free
	}
	if err := key.Check(); err != nil {
		return nil, misuseError{err}
	}
	both, ok := r.Both(key.ID)
	if !ok {
		return nil, hint(misuse("conflict %d is not of two records that were both created", c.Conflict.Number),
			"--take FIELD=SIDE and --set FIELD=VALUE keep something of both sides")
	}
	return draft.Decisions.OnlyBoth(both), nil
}

// freeID finds an id beside that of a record under which nothing stands.
func (d decider) freeID(ctx context.Context, key merge.Key) (string, error) {
	for {
		key.ID = merge.Aside(key.ID)
		switch record, err := d.on.Get(ctx, key); {
		case errors.Is(err, merge.ErrNotFound), err == nil && record.Fields == nil && !record.Pending:
			return key.ID, nil
		case err != nil:
			return "", err
		}
	}
}

// withoutBoth is a draft in which fields are to be decided one by one again, and whether it was not so before.
func withoutBoth(d merge.Decisions) (merge.Decisions, bool) {
	if d.Both() == "" {
		return d, false
	}
	d = maps.Clone(d)
	delete(d, "")
	return d, true
}

// notKeptTwice gives a person whose id was refused what to do next.
func notKeptTwice(err error) error {
	var refused *store.KeepBothError
	if !errors.As(err, &refused) {
		return err
	}
	return hint(misuseError{err}, "nothing was written; --keep-both ID names another")
}
