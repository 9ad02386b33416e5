package main

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"dovetail/merge"
	"dovetail/store"
	"dovetail/tui/safe"
)

func (a *app) getCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "get RECORD",
		Short: "Print a record as it is now",
		Example: `  dovetail get deal/D-1042
  dovetail get --json deal/D-1042`,
		Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			return a.withTarget(c.Context(), func(d target) error { return a.runGet(c.Context(), d, args[0]) })
		},
	}
}

func (a *app) runGet(ctx context.Context, on records, name string) error {
	key, err := parseKey(name)
	if err != nil {
		return err
	}
	record, err := on.Get(ctx, key)
	if err != nil {
		return unknownRecord(err, key)
	}
	return a.printRecord(record)
}

// printRecord prints one record: a head line, and a line for each field.
func (a *app) printRecord(record store.Record) error {
	if a.json {
		return a.writeObject(record)
	}
	a.print("%s%s", safe.Text(record.Record.String()), standing(record))
	if record.Fields == nil {
		return nil
	}
	rows := []row{}
	for _, f := range fieldsOf(record.Fields) {
		rows = append(rows, row{"  " + safe.Cell(fieldName(f.Path)), safe.Value(f.Base)})
	}
	a.printTable(rows)
	return nil
}

// standing says at which version a record is, and how it differs from that.
func standing(record store.Record) string {
	state := ""
	if record.Version > 0 {
		state = fmt.Sprintf("  v%d", record.Version)
	}
	if record.Deleted {
		state += "  deleted"
	}
	switch {
	case record.Pending && record.Version == 0:
		state += "  made here, not at the hub"
	case record.Pending:
		state += "  changed here, not at the hub"
	}
	return state
}

// fieldsOf lists the leaves of one document, sorted by path.
func fieldsOf(d merge.Document) []merge.Field {
	return merge.Same(merge.Sides{Base: d, Local: d, Server: d}, nil)
}
