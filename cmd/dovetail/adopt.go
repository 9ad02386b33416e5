package main

import (
	"context"
	"errors"
	"io/fs"
	"strings"

	"github.com/spf13/cobra"

	"dovetail/store"
	"dovetail/store/adopt"
	"dovetail/tui/safe"
)

func (a *app) adoptCommand() *cobra.Command {
	var dryRun, undo, yes bool
	c := &cobra.Command{
		Use:   "adopt APP.db TABLE[=NAME] ...",
		Short: "Give an application's tables version counters, without changing the application",
		Long: `adopt puts dovetail's own tables into the SQLite database of an application, which becomes a hub, and triggers on each
TABLE: whoever inserts, updates or deletes a row there, by whatever program, makes a version of a record. The rows that
are there are version 1. The collection has the table's name in small letters, or NAME.

The application's rows, columns, indexes and settings stay as they are, and its statements do what they did. Run it again
with other tables, or after a table has changed.`,
		Example: `  dovetail adopt shop.db customer invoice
  dovetail adopt shop.db "Order Details=details" --dry-run
  dovetail adopt shop.db --undo`,
		Args: cobra.MinimumNArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			a.db = args[0]
			switch {
			case undo && len(args) > 1:
				return hint(misuse("--undo takes all that is adopted back, and no table alone"), "`dovetail adopt %s --undo`", args[0])
			case undo:
				return a.undoAdopt(c.Context(), args[0], dryRun, yes)
			case dryRun:
				return a.dryAdopt(c.Context(), args[0], args[1:])
			}
			return a.runAdopt(c.Context(), args[0], args[1:])
		},
	}
	c.Flags().BoolVar(&dryRun, "dry-run", false, "print the SQL, and change nothing")
	c.Flags().BoolVar(&undo, "undo", false, "remove every trace of dovetail from the database")
	c.Flags().BoolVar(&yes, "yes", false, "with --undo: also where conflicts, drafts or unsent changes are lost by it")
	return c
}

// requests reads the tables that are named.
func requests(args []string) []adopt.Request {
	var all []adopt.Request
	for _, arg := range args {
		r := adopt.Request{Table: arg}
		if at := strings.LastIndexByte(arg, '='); at > 0 {
			r.Table, r.Collection = arg[:at], arg[at+1:]
		}
		all = append(all, r)
	}
	return all
}

func (a *app) runAdopt(ctx context.Context, path string, tables []string) (err error) {
	s, taken, err := adopt.Into(ctx, path, a.options(), requests(tables))
	if err != nil {
		return adoptError(path, err)
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	for _, t := range taken {
		if a.json {
			if err := a.writeObject(map[string]any{"table": t.Shape.Table, "collection": t.Collection, "records": t.Records,
				"again": t.Again, "triggers": append([]string{}, t.Shape.Triggers...)}); err != nil {
				return err
			}
			continue
		}
		a.print("%s  %s", safe.Text(t.Collection), safe.Text(adopted(t)))
		if n := len(t.Shape.Triggers); n > 0 {
			a.say("%q has triggers of the application's, which run whenever dovetail writes a row: %s", t.Shape.Table,
				strings.Join(t.Shape.Triggers, ", "))
			a.say("where one writes a column with every update, `%s` leaves the column to it", a.command("schema set "+t.Collection+" COLUMN=ignore"))
		}
	}
	if len(taken) == 0 {
		a.say("nothing to do: all of it is adopted, as it is")
		return nil
	}
	a.say("%s", triggerCost)
	a.say("`%s` makes a schema of what a table says of its rows", a.command("schema suggest "+taken[0].Collection))
	if s.Info().Replica() {
		return nil
	}
	a.say("%s is a hub now; `%s` tells how it stands, `%s` takes it back", path, a.command("status"), "dovetail adopt "+shellWord(path)+" --undo")
	return nil
}

// triggerCost is what BenchmarkAdoptedWrite found.
const triggerCost = "each row that a program writes there takes 3 to 10 µs more (5 columns, 50 000 rows, statements that stay prepared), " +
	"and 20 to 50 µs where every statement is compiled anew"

// adopted says what came of a table.
func adopted(t adopt.Taken) string {
	if t.Again {
		return "of table " + t.Shape.Table + ", again; " + count(t.Records, "record had", "records had") + " changed unseen"
	}
	return "of table " + t.Shape.Table + ", " + count(t.Records, "record", "records")
}

func (a *app) dryAdopt(ctx context.Context, path string, tables []string) error {
	statements, err := adopt.DryRun(ctx, path, requests(tables))
	if err != nil {
		return adoptError(path, err)
	}
	for _, statement := range statements {
		for line := range strings.Lines(strings.TrimRight(strings.TrimSpace(statement), ";") + ";") {
			text := strings.TrimLeft(line, " \t")
			a.print("%*s%s", len(line)-len(text), "", safe.Text(strings.TrimRight(text, "\n")))
		}
	}
	return nil
}

func (a *app) undoAdopt(ctx context.Context, path string, dryRun, yes bool) error {
	var left store.Unfinished
	if err := a.withStore(ctx, func(s *store.Store) error {
		var err error
		left, err = s.Unfinished(ctx)
		return err
	}); errors.Is(err, store.ErrForeign) {
		return misuse("nothing is adopted in %s", path)
	} else if err != nil {
		return err
	}
	if !left.None() && !yes {
		return hint(misuse("%s holds what would be lost: %s, %s, %s", path, count(left.Conflicts, "conflict", "conflicts"),
			count(left.Drafts, "draft", "drafts"), count(left.Unsent, "unsent change", "unsent changes")),
			"settle it, or say --yes")
	}
	if dryRun {
		a.say("all tables and triggers whose names begin with dovetail_ would be removed from %s", path)
		return nil
	}
	if err := store.MoveOut(ctx, path, new(adopt.Tables).Undo); err != nil {
		return adoptError(path, err)
	}
	a.say("%s is as if dovetail had never been there; the rows are as they were last", path)
	return nil
}

// adoptError says whose fault it is.
func adoptError(path string, err error) error {
	var refused *adopt.RefusedError
	switch {
	case errors.As(err, &refused):
		return misuseError{err}
	case errors.Is(err, fs.ErrNotExist):
		return hint(misuse("there is no database at %s", path), "name the file of the application's database")
	case errors.Is(err, store.ErrOwnHome):
		return hint(misuse("%s is dovetail's own file: it has no tables to adopt", path), "name the file of the application's database")
	case errors.Is(err, adopt.ErrNoTable):
		return hint(misuseError{err}, "`dovetail adopt %s TABLE ...`", path)
	case errors.Is(err, store.ErrNotDatabase), errors.Is(err, store.ErrUnfit):
		return misuseError{err}
	}
	return err
}
