package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"dovetail/merge"
	"dovetail/store"
	"dovetail/tui/safe"
)

func (a *app) logCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "log RECORD",
		Short: "Show every version of a record: who, why, what changed, what was not kept",
		Long: `log prints every version of a record, oldest first: who made it and why, what changed in it, and what was not kept. On a
replica a last entry tells what was changed there and has no version yet; --json prints the versions alone.`,
		Example: `  dovetail log deal/D-1042
  dovetail log --json deal/D-1042`,
		Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			return a.withTarget(c.Context(), func(d target) error { return a.runLog(c.Context(), d, args[0]) })
		},
	}
}

// parseKey reads a record's name.
func parseKey(name string) (merge.Key, error) {
	key, err := merge.ParseKey(name)
	if err != nil {
		return key, hint(misuseError{err}, "a record is named COLLECTION/ID, such as deal/D-1042")
	}
	return key, nil
}

// unknownRecord names the record in an error that says it is not there.
func unknownRecord(err error, key merge.Key) error {
	if errors.Is(err, merge.ErrNotFound) {
		return hint(fmt.Errorf("record %s: %w", key, merge.ErrNotFound), "`dovetail ls %s` lists what is there", key.Collection)
	}
	return err
}

func (a *app) runLog(ctx context.Context, on target, name string) error {
	key, err := parseKey(name)
	if err != nil {
		return err
	}
	var waiting store.Waiting
	waits := false
	if on.file != nil {
		if waiting, waits, err = on.file.Waiting(ctx, key); err != nil {
			return err
		}
	}
	versions, err := on.Log(ctx, key)
	if waits && errors.Is(err, merge.ErrNotFound) {
		a.say("%s was made here and has no version yet; the hub gives it one", key)
		err = nil
	}
	if err != nil {
		return unknownRecord(err, key)
	}
	rules, err := on.Rules(ctx, key.Collection)
	if err != nil {
		return err
	}
	for _, v := range versions {
		if a.json {
			if err := a.writeObject(v); err != nil {
				return err
			}
			continue
		}
		a.printVersion(v, rules)
	}
	if waits && !a.json {
		a.printWaiting(waiting, rules)
	}
	return nil
}

// printWaiting tells what was changed here and is no version yet.
func (a *app) printWaiting(w store.Waiting, rules *merge.Rules) {
	state := "not sent"
	switch {
	case w.Conflict > 0:
		state = fmt.Sprintf("in conflict %d of this file", w.Conflict)
	case w.Held:
		state = "the hub would not take it"
	case w.Sent:
		state = "sent, its version is to come"
	}
	a.print("pending  %s  %s  %s", who(w.By, ""), moment(w.At), state)
	a.printChanged(w.Fields, w.Changed, rules)
}

// printChanged prints the fields in which a document differs from the one before.
func (a *app) printChanged(fields merge.Document, changed []string, rules *merge.Rules) {
	if fields == nil {
		a.print("  deleted")
		return
	}
	for _, path := range changed {
		a.print("  %s = %s", fieldName(path), safe.Value(rules.Lookup(fields, path)))
	}
}

func (a *app) printVersion(v store.Version, rules *merge.Rules) {
	a.print("v%d  %s  %s  %s", v.Version, safe.Text(string(v.Cause)), who(v.By, v.Device), moment(v.At))
	a.printChanged(v.Fields, v.Changed, rules)
	if v.Note != "" {
		a.print("  note: %s", safe.Text(v.Note))
	}
	for _, lost := range v.NotKept {
		a.printNotKept(lost)
	}
}

// printNotKept tells what of a side that lost is not in the version; where that is not known by field, the whole side.
func (a *app) printNotKept(lost store.NotKept) {
	for _, v := range lost.Values {
		a.print("  not kept, %s of %s: %s = %s", safe.Text(lost.Side), who(lost.By, lost.Device), fieldName(v.Path), safe.Value(v.Value))
	}
	if len(lost.Values) == 0 {
		a.print("  not kept, %s of %s: %s", safe.Text(lost.Side), who(lost.By, lost.Device), safe.Value(valueOf(lost.Fields)))
	}
}

// valueOf is a document as one value; a deletion is null.
func valueOf(d merge.Document) merge.Value {
	if d == nil {
		return merge.Null
	}
	return merge.Value(d)
}
