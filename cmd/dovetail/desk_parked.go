package main

import (
	"context"

	"dovetail/tui"
)

// parkedDesk is what could not be used, as the screens work on it.
type parkedDesk struct {
	app *app
	on  target
}

// awayError is one of a hub that cannot be asked for any other change either.
type awayError struct{ error }

func (e awayError) Unwrap() error { return e.error }

// Is implements what [errors.Is] asks for.
func (awayError) Is(target error) bool { return target == tui.ErrAway }

// Parked lists it.
func (d parkedDesk) Parked(ctx context.Context, after int64, limit int) ([]tui.ParkedChange, error) {
	page, err := d.on.Parked(ctx, after, limit)
	changes := make([]tui.ParkedChange, len(page))
	for i, p := range page {
		changes[i] = tui.ParkedChange{Number: p.Number, Key: p.Key, Record: p.Record, Reason: p.Reason, At: p.ReceivedAt, Line: p.Line}
	}
	return changes, err
}

// Retry takes one in again.
func (d parkedDesk) Retry(ctx context.Context, key string) (outcome, reason string, err error) {
	answer, err := d.on.Retry(ctx, key)
	if isAway(err) {
		err = awayError{err}
	}
	return string(answer.Outcome), answer.Error, err
}

// Export writes all of it to a file.
func (d parkedDesk) Export(ctx context.Context, path string) (int64, error) {
	return d.app.exportParked(ctx, d.on, path)
}
