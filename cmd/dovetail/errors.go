package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"dovetail/merge"
	"dovetail/merge/schema"
	"dovetail/store"
	"dovetail/store/remote"
	"dovetail/tui"
)

// The exit codes that scripts may rely on.
const (
	exitDone        = 0
	exitUndecided   = 1
	exitMisuse      = 2
	exitMoved       = 3
	exitStore       = 4
	exitInterrupted = 130
)

var (
	errInterrupted = errors.New("interrupted")
	// errUndecided is an exit code without words: the command has already said what is left.
	errUndecided = errors.New("conflicts are left undecided")
)

// misuseError is an error of whoever called: wrong arguments or unusable input.
type misuseError struct{ err error }

func (e misuseError) Error() string { return e.err.Error() }
func (e misuseError) Unwrap() error { return e.err }

func misuse(format string, args ...any) error {
	return misuseError{fmt.Errorf(format, args...)}
}

// hintedError carries what to do next, which is shown on a line of its own.
type hintedError struct {
	err  error
	hint string
}

func (e hintedError) Error() string { return e.err.Error() }
func (e hintedError) Unwrap() error { return e.err }

func hint(err error, format string, args ...any) error {
	return hintedError{err, fmt.Sprintf(format, args...)}
}

// exitCode maps an error to what scripts see.
func exitCode(err error) int {
	var (
		wrong    misuseError
		document *merge.DocumentError
		line     *store.LineError
		policies *schema.Error
		broken   *merge.RuleError
		refused  *store.ConstraintError
		changed  *store.RewrittenError
	)
	switch {
	case err == nil:
		return exitDone
	case errors.Is(err, errInterrupted), errors.Is(err, tui.ErrInterrupted), errors.Is(err, context.Canceled):
		return exitInterrupted
	case errors.Is(err, errUndecided):
		return exitUndecided
	case errors.Is(err, merge.ErrStale), errors.Is(err, merge.ErrClosed):
		return exitMoved
	case errors.As(err, &wrong), errors.As(err, &document), errors.As(err, &line),
		errors.As(err, &policies), errors.As(err, &broken), errors.As(err, &refused), errors.As(err, &changed),
		errors.Is(err, merge.ErrKey), errors.Is(err, merge.ErrPath), errors.Is(err, merge.ErrAssignment),
		errors.Is(err, merge.ErrNotFound), errors.Is(err, remote.ErrUnauthorized), errors.Is(err, remote.ErrForbidden),
		errors.Is(err, remote.ErrInvalid), errors.Is(err, remote.ErrNotHub), errors.Is(err, remote.ErrPlain),
		errors.Is(err, remote.ErrAddress):
		return exitMisuse
	default:
		return exitStore
	}
}

// report writes the error for people, one line and at most one hint, and returns the exit code.
func report(w io.Writer, err error) int {
	code := exitCode(err)
	if err == nil || errors.Is(err, errUndecided) || code == exitInterrupted {
		return code
	}
	fmt.Fprintf(w, "dovetail: %s\n", printable(err.Error()))
	if next := hintFor(err); next != "" {
		fmt.Fprintf(w, "  %s\n", printable(next))
	}
	return code
}

func hintFor(err error) string {
	var hinted hintedError
	var changed *store.RewrittenError
	switch {
	case errors.As(err, &hinted):
		return hinted.hint
	case errors.As(err, &changed) && changed.Column != "":
		return fmt.Sprintf("`dovetail schema set %s %s=ignore` leaves it to the application, where a trigger writes it every time",
			changed.Record.Collection, changed.Column)
	case errors.Is(err, store.ErrForeign):
		return "where it is an application's, `dovetail adopt FILE TABLE …` gives its tables versions; `dovetail init FILE` makes a new one"
	case errors.Is(err, store.ErrBusy):
		return "another program is in the middle of writing to it: let that finish, or end it, and run this again"
	case errors.Is(err, store.ErrReadOnly):
		return "even to look at a database is to write beside it: copy it, with a -wal file that stands there, " +
			"to a directory that you may write to, and name the copy with --db"
	case errors.Is(err, os.ErrPermission):
		return "check who owns the file and its directory, and their rights"
	}
	return ""
}
