package main

import (
	"context"
	"fmt"

	"dovetail/fixtures"
	"dovetail/merge"
	"dovetail/store"
)

// playDesk is the queue and the desk of the world that is shown. What is written on it becomes a step of the history.
type playDesk struct{ p *playground }

// with does something at the hub that is shown, where the person is.
func (d playDesk) with(ctx context.Context, do func(hub *store.Store) error) error {
	d.p.busy.Lock()
	defer d.p.busy.Unlock()
	if err := d.p.level(ctx); err != nil {
		return err
	}
	hub := d.p.worlds[d.p.shown].hub
	if err := d.p.bringBack(ctx, hub); err != nil {
		return err
	}
	return do(hub)
}

func (d playDesk) Conflicts(ctx context.Context, q merge.Query) (page merge.Page, err error) {
	err = d.with(ctx, func(hub *store.Store) (err error) { page, err = hub.Conflicts(ctx, q); return err })
	return page, err
}

func (d playDesk) Groups(ctx context.Context, q merge.Query) (groups []merge.Group, err error) {
	err = d.with(ctx, func(hub *store.Store) (err error) { groups, err = hub.Groups(ctx, q); return err })
	return groups, err
}

func (d playDesk) Counts(ctx context.Context, person string) (counts merge.Counts, err error) {
	err = d.with(ctx, func(hub *store.Store) (err error) { counts, err = hub.Counts(ctx, person); return err })
	return counts, err
}

func (d playDesk) Case(ctx context.Context, conflict int64) (c merge.Case, err error) {
	err = d.with(ctx, func(hub *store.Store) (err error) {
		if c, err = hub.Case(ctx, conflict); err == nil {
			d.p.looked(c.Conflict)
		}
		return err
	})
	return c, err
}

func (d playDesk) Draft(ctx context.Context, conflict int64, person string) (draft merge.Draft, err error) {
	err = d.with(ctx, func(hub *store.Store) (err error) { draft, err = hub.Draft(ctx, conflict, person); return err })
	return draft, err
}

// Resolve writes in the world that is shown, and has the others do the same as far as it is the same question there.
func (d playDesk) Resolve(ctx context.Context, writing merge.Writing) (merge.Written, error) {
	p := d.p
	p.busy.Lock()
	defer p.busy.Unlock()
	if err := p.level(ctx); err != nil {
		return merge.Written{}, err
	}
	w := p.worlds[p.shown]
	step := playStep{Event: fixtures.Event{Verb: fixtures.Resolve}, at: p.next(), own: true, person: writing.Person,
		decisions: writing.Decisions, note: writing.Note}
	w.clock = step.at
	w.steps++
	written, err := w.hub.Resolve(ctx, writing)
	if err != nil {
		w.steps--
		return written, err
	}
	step.Record = written.Record
	w.wasResolved(ctx, written.Record, written.Version, writing.Person)
	w.said, w.refused = fmt.Sprintf("written v%d, as you decided", written.Version), false
	return written, d.kept(ctx, step)
}

// kept has a step in the history that was done on the screens.
func (d playDesk) kept(ctx context.Context, step playStep) error {
	if err := d.p.worlds[d.p.shown].settle(ctx, nil); err != nil {
		return err
	}
	return d.p.happened(ctx, step)
}

// Undo takes a resolution back, as a step of its own.
func (d playDesk) Undo(ctx context.Context, was merge.Written, person string) (merge.Written, error) {
	p := d.p
	p.busy.Lock()
	defer p.busy.Unlock()
	if err := p.level(ctx); err != nil {
		return merge.Written{}, err
	}
	w := p.worlds[p.shown]
	number, err := resolutionFor(ctx, w.hub, was)
	if err != nil {
		return merge.Written{}, err
	}
	step := playStep{Event: fixtures.Event{Verb: fixtures.Resolve, Record: was.Record}, at: p.next(), own: true, person: person, undo: true}
	w.clock = step.at
	w.steps++
	written, err := w.hub.Undo(ctx, number, person)
	if err != nil {
		w.steps--
		return written, err
	}
	w.wasUndone(was.Record)
	w.said, w.refused = fmt.Sprintf("taken back as v%d; the conflict is open again", written.Version), false
	return written, d.kept(ctx, step)
}
