package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"dovetail/fixtures/simulation"
	"dovetail/merge"
	"dovetail/store"
)

// simulatedHub is a database that a simulation is played on, and that goes with it.
type simulatedHub struct {
	store    *store.Store
	strategy merge.Strategy
	dir      string
	now      time.Time
	place    store.Place
}

// newSimulatedHub makes a hub whose clock and ids are those of the simulation.
func newSimulatedHub(ctx context.Context, strategy merge.Strategy) (*simulatedHub, error) {
	dir, err := os.MkdirTemp("", "dovetail-simulate-")
	if err != nil {
		return nil, err
	}
	h := &simulatedHub{strategy: strategy, dir: dir, now: simulation.Start}
	ids := 0
	h.store, err = store.Create(ctx, filepath.Join(dir, "hub.db"), store.Options{
		Now:   func() time.Time { return h.now },
		NewID: func() string { ids++; return strconv.Itoa(ids) },
	})
	if err == nil {
		err = h.store.SetStrategy(ctx, simulation.Collection, strategy)
	}
	if err != nil {
		return nil, errors.Join(err, h.close())
	}
	return h, nil
}

func (h *simulatedHub) close() error {
	var err error
	if h.store != nil {
		err = h.store.Close()
	}
	return errors.Join(err, os.RemoveAll(h.dir))
}

// became are the outcomes that a simulation knows: another one is a mistake of ours.
var became = map[store.Outcome]simulation.Became{store.Applied: simulation.Stands, store.Converged: simulation.Stands,
	store.Merged: simulation.Merged, store.Superseded: simulation.Dropped, store.Conflicted: simulation.Asks}

// Deliver implements [simulation.Hub].
func (h *simulatedHub) Deliver(ctx context.Context, now time.Time, changes []simulation.Change) ([]simulation.Became, error) {
	h.now = now
	lines := make([][]byte, len(changes))
	for i, c := range changes {
		var err error
		if lines[i], err = jsonLine(c); err != nil {
			return nil, err
		}
	}
	answers, err := h.store.Deliver(ctx, lines)
	if err != nil {
		return nil, err
	}
	all := make([]simulation.Became, len(answers))
	for i, answer := range answers {
		one, ok := became[answer.Outcome]
		if !ok {
			return nil, fmt.Errorf("change %s is %s: %s", changes[i].Key, answer.Outcome, answer.Error)
		}
		if one == simulation.Merged && h.strategy == merge.LastWriteWins {
			one = simulation.Dropped // it won: nothing is joined there
		}
		all[i] = one
	}
	return all, nil
}

// News implements [simulation.Hub], for one who always asks for what came after the last time.
func (h *simulatedHub) News(ctx context.Context, _ int64, fn func(simulation.Version)) error {
	for {
		f, err := h.store.Feed(ctx, h.place, 0)
		if err != nil {
			return err
		}
		for _, v := range f.Versions {
			fn(simulation.Version{Place: v.Place, Record: v.Record, Number: v.Version, Fields: v.Fields})
		}
		h.place = f.Place
		if h.place.Number >= f.Newest {
			return nil
		}
	}
}

// Leftovers implements [simulation.Hub].
func (h *simulatedHub) Leftovers(ctx context.Context, fn func(merge.Key, merge.Document, simulation.Left) error) error {
	keys, err := h.heads(ctx, fn)
	if err != nil {
		return err
	}
	for _, key := range keys {
		versions, err := h.store.Log(ctx, key)
		if err != nil {
			return err
		}
		for _, v := range versions {
			for _, side := range v.NotKept {
				if err := fn(key, side.Fields, simulation.Kept); err != nil {
					return err
				}
			}
		}
	}
	return eachPage(ctx, h.store, merge.Query{}, 0, func(page []merge.Conflict) error {
		for _, row := range page {
			c, err := h.store.Case(ctx, row.Number)
			if err != nil {
				return err
			}
			if err := fn(row.Record, c.Sides.Local, simulation.Waiting); err != nil {
				return err
			}
		}
		return nil
	})
}

// heads tells of the last version of each record, and of no other: what stands in an older one alone was overwritten.
func (h *simulatedHub) heads(ctx context.Context, fn func(merge.Key, merge.Document, simulation.Left) error) ([]merge.Key, error) {
	var keys []merge.Key
	var last store.RecordLine
	tell := func() error {
		if last.Version == 0 {
			return nil
		}
		keys = append(keys, last.Record)
		return fn(last.Record, last.Fields, simulation.Head)
	}
	err := h.store.EachRecord(ctx, func(r store.RecordLine) error {
		var err error
		if r.Record != last.Record {
			err = tell()
		}
		last = r
		return err
	})
	if err == nil {
		err = tell()
	}
	return keys, err
}
