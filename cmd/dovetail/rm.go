package main

import (
	"context"

	"github.com/spf13/cobra"

	"dovetail/merge"
	"dovetail/store"
)

func (a *app) rmCommand() *cobra.Command {
	var expect int64
	c := &cobra.Command{
		Use:   "rm RECORD",
		Short: "Delete a record; its versions stay in the log",
		Example: `  dovetail rm deal/D-1042
  dovetail rm --expect-version 5 deal/D-1042`,
		Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			return a.withTarget(c.Context(), func(d target) error {
				return a.runRm(c.Context(), d, args[0], expectation(c, expect))
			})
		},
	}
	c.Flags().Int64Var(&expect, "expect-version", 0, "delete only if the record is at version `N`")
	return c
}

func (a *app) runRm(ctx context.Context, on records, name string, expected *int64) error {
	key, err := parseKey(name)
	if err != nil {
		return err
	}
	head, err := on.Get(ctx, key)
	if err == nil && head.Deleted {
		err = merge.ErrNotFound
	}
	if err != nil {
		return unknownRecord(err, key)
	}
	if err := a.checkExpected(key, head.Version, expected); err != nil {
		return err
	}
	return a.writeRecord(ctx, on, store.Edit{Record: key, Version: head.Version, Revision: head.Revision,
		Steps: []merge.Operation{{Verb: merge.DeleteRecord}}})
}
