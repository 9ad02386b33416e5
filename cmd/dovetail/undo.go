package main

import (
	"context"
	"errors"
	"fmt"
	"strconv"

	"github.com/spf13/cobra"

	"dovetail/merge"
	"dovetail/store"
	"dovetail/tui/safe"
)

func (a *app) undoCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "undo RESOLUTION|RECORD",
		Short: "Take a written resolution back",
		Long: `undo writes the server's old document as a new version and opens the conflict again, with its draft. It takes a
resolution's number, or a record: its last resolution. It is refused where the record has moved on since.`,
		Example: `  dovetail undo 12
  dovetail undo deal/D-1042`,
		Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			return a.withStore(c.Context(), func(s *store.Store) error { return a.runUndo(c.Context(), s, args[0]) })
		},
	}
}

func (a *app) runUndo(ctx context.Context, s *store.Store, name string) error {
	person, err := a.person()
	if err != nil {
		return err
	}
	number, err := resolutionNumber(ctx, s, name)
	if err != nil {
		return err
	}
	written, err := s.Undo(ctx, number, person)
	var moved *store.MovedOnError
	switch {
	case errors.Is(err, merge.ErrNotFound):
		return fmt.Errorf("resolution %d: %w", number, merge.ErrNotFound)
	case errors.As(err, &moved):
		return hint(err, "nothing was written; `%s` tells what happened", a.command("log "+moved.Record.String()))
	case err != nil:
		return err
	}
	if a.json {
		return a.writeObject(written)
	}
	a.print("%s  v%d, as the server had it; conflict %d is open again", safe.Text(written.Record.String()), written.Version, written.Conflict)
	return nil
}

func resolutionNumber(ctx context.Context, s *store.Store, name string) (int64, error) {
	if n, err := strconv.ParseInt(name, 10, 64); err == nil {
		return n, nil
	}
	key, err := merge.ParseKey(name)
	if err != nil {
		return 0, hint(misuse("%q names no resolution: it is a number, or a record such as deal/D-1042", name),
			"`dovetail log RECORD` tells what was written")
	}
	number, err := s.LastResolution(ctx, key)
	if errors.Is(err, merge.ErrNotFound) {
		return 0, misuseError{fmt.Errorf("%s has no resolution to take back", key)}
	}
	return number, err
}
