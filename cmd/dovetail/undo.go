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
resolution's number, or a record: its last resolution. It is refused where the record has moved on since.

On a replica it takes a record, and takes back a decision that was not sent yet.`,
		Example: `  dovetail undo 12
  dovetail undo deal/D-1042`,
		Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			return a.withTarget(c.Context(), func(d target) error { return a.runUndo(c.Context(), d, args[0]) })
		},
	}
}

func (a *app) runUndo(ctx context.Context, on target, name string) error {
	person, err := a.person()
	if err != nil {
		return err
	}
	if on.replica() {
		return a.undoHere(ctx, on.file, name, person)
	}
	number, err := resolutionNumber(ctx, on, name)
	if err != nil {
		return err
	}
	written, err := on.Undo(ctx, number, person)
	var moved *store.MovedOnError
	switch {
	case errors.Is(err, merge.ErrNotFound):
		return hint(fmt.Errorf("resolution %d: %w", number, merge.ErrNotFound),
			"`%s` lists them by number; a record's name takes its last one back", a.command("export --resolutions"))
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

// undoHere takes back what was decided on a replica and not sent.
func (a *app) undoHere(ctx context.Context, s *store.Store, name, person string) error {
	const atHub = "what was sent can be taken back at the hub: `dovetail --db HUB undo RECORD`"
	key, err := merge.ParseKey(name)
	if err != nil {
		return hint(misuse("%q names no record, such as deal/D-1042", name), atHub)
	}
	conflict, err := s.PendingDecision(ctx, key)
	if errors.Is(err, merge.ErrNotFound) {
		return hint(misuseError{fmt.Errorf("no decision on %s waits here", key)}, atHub)
	}
	if err != nil {
		return err
	}
	written, err := s.UndoPending(ctx, conflict, person)
	switch {
	case errors.Is(err, store.ErrSent):
		return hint(misuseError{err}, atHub)
	case errors.Is(err, merge.ErrStale):
		return hint(err, "nothing was changed; `%s` shows it as it is now", a.command("get "+key.String()))
	case err != nil:
		return err
	}
	if a.json {
		return a.writeObject(written)
	}
	a.print("%s  the decision is taken back; conflict %d is open again", safe.Text(written.Record.String()), written.Conflict)
	return nil
}

func resolutionNumber(ctx context.Context, on decisions, name string) (int64, error) {
	if n, err := strconv.ParseInt(name, 10, 64); err == nil {
		return n, nil
	}
	key, err := merge.ParseKey(name)
	if err != nil {
		return 0, hint(misuse("%q names no resolution: it is a number, or a record such as deal/D-1042", name),
			"`dovetail log RECORD` tells what was written")
	}
	last, err := on.LastResolution(ctx, key)
	if errors.Is(err, merge.ErrNotFound) {
		return 0, hint(misuseError{fmt.Errorf("%s has no resolution to take back", key)},
			"`dovetail log %s` tells what was written", key)
	}
	return last.Resolution, err
}

// errDecidedAgain is for a conflict whose record was decided once more since, in another conflict.
var errDecidedAgain = errors.New("another conflict of the record was decided since")

// resolutionFor finds the resolution of a conflict that can be taken back: the last one of its record.
func resolutionFor(ctx context.Context, on lastResolutions, was merge.Written) (int64, error) {
	if was.Resolution != 0 {
		return was.Resolution, nil
	}
	last, err := on.LastResolution(ctx, was.Record)
	if err == nil && last.Conflict != was.Conflict {
		err = fmt.Errorf("%w: %d, by resolution %d", errDecidedAgain, last.Conflict, last.Resolution)
	}
	return last.Resolution, err
}

// lastResolutions tells what the last resolution of a record wrote; merge.ErrNotFound.
type lastResolutions interface {
	LastResolution(ctx context.Context, key merge.Key) (merge.Written, error)
}
