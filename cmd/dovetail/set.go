package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"dovetail/merge"
	"dovetail/store"
)

// deviceName marks versions that were written by this command rather than by a device of the field.
const deviceName = "dovetail"

func (a *app) setCommand() *cobra.Command {
	var expect int64
	c := &cobra.Command{
		Use:   "set RECORD FIELD=VALUE …",
		Short: "Change fields of a record, or create it",
		Long: `set writes a new version of a record, or creates it; on a replica it is a change that the next
sync sends. A value takes the type that the schema names, else the one that the field has now, else
it is text; := takes JSON, += and -= change a number, or the elements of an array.`,
		Example: `  dovetail set deal/D-1042 status=closed amount=50000
  dovetail set account/A-1 visits+=1 tags+=vip tags-=cold zip:='"10115"' address/city=Berlin`,
		Args: cobra.MinimumNArgs(2),
		RunE: func(c *cobra.Command, args []string) error {
			return a.withTarget(c.Context(), func(d target) error {
				return a.runSet(c.Context(), d, args[0], args[1:], expectation(c, expect))
			})
		},
	}
	c.Flags().Int64Var(&expect, "expect-version", 0, "write only if the record is at version `N`; 0: only if it is not there")
	return c
}

// expectation is the value of --expect-version where it was given.
func expectation(c *cobra.Command, value int64) *int64 {
	if !c.Flags().Changed("expect-version") {
		return nil
	}
	return &value
}

// checkExpected compares a head with what the caller expects, before anything is done.
func (a *app) checkExpected(key merge.Key, head int64, expected *int64) error {
	if expected == nil || *expected == head {
		return nil
	}
	return hint(fmt.Errorf("%s is at version %d, not %d: %w", key, head, *expected, merge.ErrStale),
		"nothing was written; look at it again with `%s`", a.command("get "+key.String()))
}

func (a *app) runSet(ctx context.Context, on target, name string, assignments []string, expected *int64) error {
	key, err := parseKey(name)
	if err != nil {
		return err
	}
	head, err := on.Get(ctx, key)
	if err != nil && !errors.Is(err, merge.ErrNotFound) {
		return err
	}
	if err := a.checkExpected(key, head.Version, expected); err != nil {
		return err
	}
	rules, err := on.Rules(ctx, key.Collection)
	if err != nil {
		return err
	}
	doc := head.Fields
	if doc == nil {
		doc = merge.Document("{}")
	}
	touched := map[string]bool{}
	var steps []merge.Operation
	for _, text := range assignments {
		var op merge.Operation
		if op, doc, err = assign(doc, text, rules, touched); err != nil {
			return err
		}
		steps = append(steps, op)
	}
	return a.writeRecord(ctx, on, store.Edit{Record: key, Version: head.Version, Revision: head.Revision, Fields: doc, Steps: steps})
}

// assign does one assignment, and returns it with what the record is then. A field inside a keyed list goes by the key of its element. A value for a field that is
// touched already would undo in silence what stands before it.
func assign(doc merge.Document, text string, rules *merge.Rules, touched map[string]bool) (merge.Operation, merge.Document, error) {
	op, err := merge.ParseAssignment(text, doc, rules)
	if err != nil {
		return op, nil, misuseError{err}
	}
	if op.Verb == merge.SetField && touched[op.Path] {
		return op, nil, misuse("%s is given twice", fieldName(op.Path))
	}
	touched[op.Path] = true
	after, err := rules.Perform(doc, []merge.Operation{op})
	if err != nil {
		return op, nil, misuseError{fmt.Errorf("%s: %w", text, err)}
	}
	return op, after, nil
}

// writeRecord writes an edit on the version that was read.
func (a *app) writeRecord(ctx context.Context, on records, e store.Edit) error {
	key := e.Record
	person, err := a.person()
	if err != nil {
		return err
	}
	e.By, e.Device, e.At = person, deviceName, time.Now()
	record, err := on.Write(ctx, e)
	if errors.Is(err, merge.ErrStale) {
		return hint(err, "nothing was written; look at it again with `%s`", a.command("get "+key.String()))
	}
	if err != nil {
		return unknownRecord(brokenRule(err, key.Collection), key)
	}
	if record.Version == e.Version && record.Revision == e.Revision {
		a.say("%s is unchanged: it holds that already", key)
	}
	return a.printRecord(record)
}
