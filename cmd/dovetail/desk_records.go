package main

import (
	"context"
	"crypto/rand"
	"errors"
	"strings"
	"time"

	"dovetail/merge"
	"dovetail/store"
	"dovetail/tui"
)

// recordDesk is the records of a database as the screens find and edit them.
type recordDesk struct{ target }

// Find lists records. Over HTTP it tells no conflicts: that would be a request for each record.
func (d recordDesk) Find(ctx context.Context, collection, text, after string, limit int) ([]tui.RecordShown, error) {
	page, err := d.List(ctx, collection, text, after, limit)
	if err != nil {
		return nil, err
	}
	found := make([]tui.RecordShown, len(page))
	for i := range page {
		found[i] = shownRecord(page[i])
		if d.file == nil {
			continue
		}
		if found[i].Conflicts, err = d.ConflictsOf(ctx, page[i].Record); err != nil {
			return nil, err
		}
	}
	return found, nil
}

// Record returns one with its rules and its conflicts. The record is read last, so that what is shown with it is not newer.
func (d recordDesk) Record(ctx context.Context, key merge.Key) (tui.RecordShown, error) {
	rules, err := d.Rules(ctx, key.Collection)
	if err != nil {
		return tui.RecordShown{}, err
	}
	conflicts, err := d.ConflictsOf(ctx, key)
	if err != nil {
		return tui.RecordShown{}, err
	}
	record, err := d.Get(ctx, key)
	if errors.Is(err, merge.ErrNotFound) {
		record, err = store.Record{Record: key}, nil // it may be made
	}
	if err != nil {
		return tui.RecordShown{}, err
	}
	shown := shownRecord(record)
	shown.Rules, shown.Conflicts = rules, conflicts
	return shown, nil
}

// WriteRecord writes an edit on what was shown.
func (d recordDesk) WriteRecord(ctx context.Context, e tui.RecordEdit) (tui.RecordShown, error) {
	record, err := d.Write(ctx, store.Edit{Record: e.Record, Version: e.Version, Revision: e.Revision, Fields: e.Fields, Steps: e.Steps,
		By: e.By, Device: deviceName, At: time.Now()})
	return shownRecord(record), err
}

// newRecordID makes an id for a record, short enough to be read out: of 60 random bits, so that devices without a line make no
// two alike.
func newRecordID() string { return strings.ToLower(rand.Text()[:12]) }

func shownRecord(r store.Record) tui.RecordShown {
	return tui.RecordShown{Record: r.Record, Version: r.Version, Revision: r.Revision, Pending: r.Pending, Deleted: r.Deleted, Fields: r.Fields}
}
