package main

import (
	"context"
	"errors"

	"dovetail/merge"
	"dovetail/store"
	"dovetail/tui"
)

// look returns the world as it is.
func (w *playWorld) look(ctx context.Context) (tui.PlayWorld, error) {
	view := tui.PlayWorld{Said: w.said, Refused: w.refused}
	logs := make([][]store.Version, len(w.records))
	for i, key := range w.records {
		log, err := w.hub.Log(ctx, key)
		if err != nil && !errors.Is(err, merge.ErrNotFound) {
			return view, err
		}
		logs[i] = log
		numbers, err := w.hub.ConflictsOf(ctx, key)
		if err != nil {
			return view, err
		}
		one := tui.PlayCopy{Record: key, Conflict: len(numbers) > 0}
		if len(log) > 0 {
			one.Version, one.Fields = log[len(log)-1].Version, log[len(log)-1].Fields
		}
		view.Hub = append(view.Hub, one)
		view.Records = append(view.Records, recordInPlay(key, log, numbers))
	}
	for _, d := range w.devices {
		one, err := w.lookAt(ctx, d)
		if err != nil {
			return view, err
		}
		view.Devices = append(view.Devices, one)
		due, err := w.due(ctx, d, one, logs)
		if err != nil {
			return view, err
		}
		view.Due = append(view.Due, due...)
	}
	for _, m := range w.meets {
		one := m.PlayMeet
		one.Fates = append([]tui.PlayFate(nil), m.Fates...)
		view.Meets = append(view.Meets, one)
	}
	return view, nil
}

func recordInPlay(key merge.Key, log []store.Version, conflicts []int64) tui.PlayRecord {
	r := tui.PlayRecord{Record: key}
	if len(conflicts) > 0 {
		r.Conflict = conflicts[0]
	}
	for _, v := range log {
		r.Versions = append(r.Versions, tui.PlayVersion{Number: v.Version, By: v.By, Device: v.Device, Merged: v.Cause == store.CauseMerge,
			Resolved: v.Cause == store.CauseResolution, Deleted: v.Fields == nil})
	}
	return r
}

func (w *playWorld) lookAt(ctx context.Context, d *playDevice) (tui.PlayDevice, error) {
	view := tui.PlayDevice{Name: d.Name, Person: d.Person, Place: d.Place, Up: d.up, Live: d.Desktop, Ahead: d.ahead}
	origin, err := d.store.Origin(ctx)
	if err != nil {
		return view, err
	}
	view.Unsent = int(origin.Unanswered)
	for _, key := range w.records {
		one := tui.PlayCopy{Record: key}
		head, err := d.store.Get(ctx, key)
		if err != nil && !errors.Is(err, merge.ErrNotFound) {
			return view, err
		}
		one.Version, one.Fields, one.Pending = head.Version, head.Fields, head.Pending
		if head.Pending {
			waits, there, err := d.store.Waiting(ctx, key)
			if err != nil {
				return view, err
			}
			if there {
				one.Changed, one.Conflict = waits.Changed, waits.Conflict != 0
			}
			one.Version = head.BaseVersion
		}
		view.Copies = append(view.Copies, one)
	}
	return view, nil
}

// due are the changes of a device that will meet a record which has moved, once they are sent.
func (w *playWorld) due(ctx context.Context, d *playDevice, view tui.PlayDevice, logs [][]store.Version) ([]tui.PlayMeet, error) {
	var all []tui.PlayMeet
	for i, c := range view.Copies {
		log := logs[i]
		if !c.Pending || c.Conflict || len(log) == 0 || log[len(log)-1].Version == c.Version {
			continue
		}
		waits, there, err := d.store.Waiting(ctx, c.Record)
		if err != nil {
			return nil, err
		}
		if !there || waits.Sent {
			continue
		}
		rules, err := w.hub.Rules(ctx, c.Record.Collection)
		if err != nil {
			return nil, err
		}
		head := log[len(log)-1]
		m := tui.PlayMeet{Record: c.Record, Device: d.Name, Base: c.Version, Server: head.Version, LocalBy: d.Person, ServerBy: head.By,
			LocalAt: waits.At.Add(-d.ahead), ServerAt: head.EditedAt, Ahead: d.ahead}
		for _, f := range meetingFields(sidesIn(log, c.Version, c.Fields), rules) {
			m.Fates = append(m.Fates, fateBefore(f, m, log))
		}
		all = append(all, m)
	}
	return all, nil
}
