package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"

	"dovetail/merge"
	"dovetail/store"
	"dovetail/store/remote"
	"dovetail/tui/safe"
)

// eachParked calls fn for every parked change, in the order in which they came in.
func eachParked(ctx context.Context, s parker, fn func(store.ParkedChange) error) error {
	for after := int64(0); ; {
		page, err := s.Parked(ctx, after, 0)
		if err != nil {
			return err
		}
		for _, p := range page {
			if err := fn(p); err != nil {
				return err
			}
			after = p.Number
		}
		if len(page) == 0 {
			return nil
		}
	}
}

func (a *app) runParked(ctx context.Context, s parker) error {
	return a.buffered(func() error {
		return eachParked(ctx, s, func(p store.ParkedChange) error {
			if a.json {
				return a.writeObject(p)
			}
			a.print("%s  %s  %s  %s", safe.Text(p.Key), safe.Text(p.Record.String()), moment(p.ReceivedAt), safe.Text(p.Reason))
			return nil
		})
	})
}

// runRetry takes the parked change with a key in again, or all of them.
func (a *app) runRetry(ctx context.Context, s parker, key string) error {
	if key != "all" {
		answer, err := s.Retry(ctx, key)
		if errors.Is(err, merge.ErrNotFound) {
			return hint(misuse("no change with the key %q is parked", key), "`%s` lists those that are", a.command("doctor --parked"))
		}
		if err != nil {
			return err
		}
		return a.retried([]store.Answer{answer}, 0)
	}
	var answers []store.Answer
	failed := 0
	err := eachParked(ctx, s, func(p store.ParkedChange) error {
		answer, err := s.Retry(ctx, p.Key)
		switch {
		case errors.Is(err, merge.ErrNotFound): // somebody else was first
		case ctx.Err() != nil:
			return ctx.Err()
		case isAway(err):
			return err
		case err != nil: // it stays where it is, and the others go on
			a.say("%v", err)
			failed++
		default:
			answers = append(answers, answer)
		}
		return nil
	})
	if err != nil {
		return err
	}
	return a.retried(answers, failed)
}

// isAway reports whether an error is about the hub, or what one may do there, and not about one thing that it was asked for.
func isAway(err error) bool {
	for _, lasting := range []error{remote.ErrUnreachable, remote.ErrCut, remote.ErrNotHub, remote.ErrUnauthorized, remote.ErrForbidden} {
		if errors.Is(err, lasting) {
			return true
		}
	}
	return false
}

// retried prints what became of changes that were taken in again.
func (a *app) retried(answers []store.Answer, failed int) error {
	var t store.Tally
	for _, answer := range answers {
		if err := a.answer(answer); err != nil {
			return err
		}
		switch answer.Outcome {
		case store.Applied:
			t.Applied++
		case store.Converged:
			t.Converged++
		case store.Merged:
			t.Merged++
		case store.Superseded:
			t.Superseded++
		case store.Conflicted:
			t.Conflicts++
		case store.Parked:
			t.Parked++
		}
	}
	a.say("%s", tallyLine(t, 0))
	switch {
	case failed > 0:
		return fmt.Errorf("%s could not be taken in again", count(int64(failed), "change", "changes"))
	case t.Conflicts+t.Parked > 0:
		return errUndecided
	}
	return nil
}

// runExportParked writes the parked changes as they came, one a line.
func (a *app) runExportParked(ctx context.Context, s target, path string) error {
	if path == "-" {
		return a.buffered(func() error {
			n, err := writeParked(ctx, s, a.out, isTerminal(a.out))
			a.sayParked(n, err)
			return err
		})
	}
	n, err := a.exportParked(ctx, s, path)
	a.sayParked(n, err)
	return err
}

func (a *app) sayParked(n int64, err error) {
	if err == nil {
		a.say("%s", count(n, "parked change", "parked changes"))
	}
}

// exportParked writes the parked changes to a file that is not there yet, and returns how many.
func (a *app) exportParked(ctx context.Context, s target, path string) (n int64, err error) {
	if s.file != nil {
		if err := refuseDatabase(s.file, path); err != nil {
			return 0, err
		}
	}
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return 0, hint(misuse("--export %s: there is a file already", path), "nothing was written; name a file that is not there yet")
	}
	if err != nil {
		return 0, misuseError{fmt.Errorf("--export: %w", err)}
	}
	out := bufio.NewWriterSize(f, 1<<16)
	n, err = writeParked(ctx, s, out, false)
	if err == nil {
		err = out.Flush()
	}
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err != nil {
		os.Remove(path)
		return 0, fmt.Errorf("write %s: %w", path, err)
	}
	return n, nil
}

// writeParked writes the lines byte for byte, but that one which came as several has blanks for its line ends. On a
// terminal what would act on it is escaped.
func writeParked(ctx context.Context, s parker, out io.Writer, shown bool) (n int64, err error) {
	err = eachParked(ctx, s, func(p store.ParkedChange) error {
		line := []byte(oneLine.Replace(p.Line))
		if shown {
			line = armoured(line)
		}
		n++
		_, err := out.Write(append(line, '\n'))
		return err
	})
	return n, err
}

// oneLine makes one line of JSON: line ends stand between its values only.
var oneLine = strings.NewReplacer("\n", " ", "\r", " ")
