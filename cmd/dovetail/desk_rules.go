package main

import (
	"context"

	"dovetail/merge"
	"dovetail/merge/schema"
)

// History is the log as the screens tell it.
func (d desk) History(ctx context.Context, key merge.Key) ([]merge.Moment, error) {
	log, err := d.Log(ctx, key)
	if err != nil {
		return nil, err
	}
	moments := make([]merge.Moment, len(log))
	for i, v := range log {
		moments[i] = merge.Moment{Version: v.Version, Note: v.Note, Cause: string(v.Cause), Fields: v.Fields, Changed: v.Changed,
			Stamp: merge.Stamp{By: v.By, Device: v.Device, At: v.EditedAt, Version: v.Version}}
		if v.EditedAt.IsZero() {
			moments[i].Stamp.At = v.At
		}
		for _, lost := range v.NotKept {
			moments[i].NotKept = append(moments[i].NotKept, lost.Values...)
		}
	}
	return moments, nil
}

// TryRule runs a policy over what was decided and what waits.
func (d desk) TryRule(ctx context.Context, collection, path, policy string) (merge.Trial, error) {
	text, _, err := d.withRule(ctx, collection, path, policy)
	if err != nil {
		return merge.Trial{}, err
	}
	return d.file.TrySchema(ctx, collection, text)
}

// SetRule makes a policy part of the collection's schema; merge.ErrStale where somebody else changed that meanwhile.
func (d desk) SetRule(ctx context.Context, collection, path, policy, person string) (int64, error) {
	text, was, err := d.withRule(ctx, collection, path, policy)
	if err != nil {
		return 0, err
	}
	before, err := d.Counts(ctx, "")
	if err != nil {
		return 0, err
	}
	if _, err := d.file.ReplaceSchema(ctx, collection, was, text, person); err != nil {
		return 0, err
	}
	after, err := d.Counts(ctx, "")
	return before.Open + before.Snoozed - after.Open - after.Snoozed, err
}

// withRule is the collection's schema with a policy in it, and the number of the one that it was made of.
func (d desk) withRule(ctx context.Context, collection, path, policy string) (text merge.Document, was int64, err error) {
	if text, was, err = d.file.Schema(ctx, collection); err != nil {
		return nil, 0, err
	}
	text, err = schema.SetPolicy(text, path, policy)
	return text, was, err
}
