package main

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"dovetail/merge"
	"dovetail/store"
	"dovetail/tui/safe"
)

const (
	listCellWidth = 24 // of one value in a line of `ls`
	listFields    = 6  // that a line of `ls` shows

	collectionsShown = 20 // of those that there are, where one is not
)

type lsFlags struct {
	after string
	limit int
}

func (a *app) lsCommand() *cobra.Command {
	var flags lsFlags
	c := &cobra.Command{
		Use:   "ls COLLECTION [TEXT]",
		Short: "List the records of a collection, or those that hold a text",
		Example: `  dovetail ls deal
  dovetail ls deal Acme --limit 20
  dovetail ls --json deal --after D-1042`,
		Args: cobra.RangeArgs(1, 2),
		RunE: func(c *cobra.Command, args []string) error {
			text := ""
			if len(args) == 2 {
				text = args[1]
			}
			return a.withTarget(c.Context(), func(d target) error { return a.runLs(c.Context(), d, args[0], text, flags) })
		},
	}
	c.Flags().IntVar(&flags.limit, "limit", 0, "`N` at most; 0 is all")
	c.Flags().StringVar(&flags.after, "after", "", "begin after the record with this `ID`")
	return c
}

func (a *app) runLs(ctx context.Context, on records, collection, text string, flags lsFlags) error {
	if err := merge.CheckCollection(collection); err != nil {
		return misuseError{err}
	}
	if flags.limit < 0 {
		return misuse("--limit %d: it is 0 or more", flags.limit)
	}
	found := false
	err := eachRecord(ctx, on, collection, text, flags, func(records []store.Record) error {
		found = true
		rows := make([]row, 0, len(records))
		for _, r := range records {
			if a.json {
				if err := a.writeObject(r); err != nil {
					return err
				}
				continue
			}
			version := version64(r.Version)
			if r.Pending {
				version += "+" // and a change made here
			}
			rows = append(rows, row{safe.Text(r.Record.ID), version, glance(r.Fields)})
		}
		a.printTable(rows)
		return nil
	})
	if err != nil || found {
		return err
	}
	return a.sayUnknown(ctx, on, collection)
}

// sayUnknown says which collections there are, where a name is none of them.
func (a *app) sayUnknown(ctx context.Context, on records, name string) error {
	all, err := on.Collections(ctx)
	if err != nil || slices.Contains(all, name) {
		return err
	}
	if len(all) == 0 {
		a.say("no collection %q; nothing is here yet", name)
		return nil
	}
	a.say("no collection %q; there are: %s", name, andMore(all[:min(len(all), collectionsShown)], int64(len(all))))
	return nil
}

// eachRecord goes through the live records of a collection a page at a time, up to the limit; 0 is all of them.
func eachRecord(ctx context.Context, on records, collection, text string, flags lsFlags, page func([]store.Record) error) error {
	after, left := flags.after, flags.limit
	for {
		size := pageSize
		if flags.limit > 0 {
			size = min(pageSize, left)
		}
		records, err := on.List(ctx, collection, text, after, size)
		if err != nil || len(records) == 0 {
			return err
		}
		if err := page(records); err != nil {
			return err
		}
		left -= len(records)
		if len(records) < size || flags.limit > 0 && left <= 0 {
			return nil
		}
		after = records[len(records)-1].Record.ID
	}
}

// glance is the first fields of a document in one cell.
func glance(d merge.Document) safe.Cell {
	var parts []string
	for _, f := range fieldsOf(d) {
		if len(parts) == listFields {
			parts = append(parts, "…")
			break
		}
		name := safe.Text(strings.TrimPrefix(f.Path, "/"))
		parts = append(parts, fmt.Sprintf("%s=%s", name, safe.Value(f.Base).Truncate(listCellWidth)))
	}
	return safe.Cell(strings.Join(parts, " "))
}
