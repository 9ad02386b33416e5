package main

import (
	"context"
	"errors"
	"slices"

	"dovetail/merge"
	"dovetail/store"
)

// playDraft is what a person decided on a conflict, whichever number the history gives that when it is played again.
type playDraft struct {
	of    playDispute
	draft merge.Draft
}

// playDispute is what stays the same of a conflict when its history is played again.
type playDispute struct {
	strategy merge.Strategy
	record   merge.Key
	device   string
	base     int64
}

// playDrafts are the drafts of a playground. A world that is made anew has none: they are brought back to it, as far as
// they still stand.
type playDrafts struct {
	kept     []playDraft
	seen     map[int64]playDispute // by the number under which it was looked at
	made, at int                   // of the world that they were brought to
	shown    merge.Strategy
}

func (p *playground) dispute(c merge.Conflict) playDispute {
	return playDispute{strategy: p.shown, record: c.Record, device: c.Device, base: c.BaseVersion}
}

// looked notes which conflict a number stands for.
func (p *playground) looked(c merge.Conflict) {
	if p.drafts.seen == nil {
		p.drafts.seen = map[int64]playDispute{}
	}
	p.drafts.seen[c.Number] = p.dispute(c)
}

// keep has a draft outlive the world that it was made in.
func (p *playground) keep(d merge.Draft) {
	of, known := p.drafts.seen[d.Conflict]
	if !known {
		return
	}
	at := slices.IndexFunc(p.drafts.kept, func(k playDraft) bool { return k.of == of && k.draft.Person == d.Person })
	if at < 0 {
		p.drafts.kept = append(p.drafts.kept, playDraft{of: of, draft: d})
		return
	}
	p.drafts.kept[at].draft = d
}

// bringBack gives the drafts to the world that is shown, once for each place in the history.
func (p *playground) bringBack(ctx context.Context, hub *store.Store) error {
	d := &p.drafts
	if d.made == p.made && d.at == p.at && d.shown == p.shown {
		return nil
	}
	for _, k := range d.kept {
		if k.of.strategy != p.shown {
			continue
		}
		numbers, err := hub.ConflictsOf(ctx, k.of.record)
		if err != nil {
			return err
		}
		for _, number := range numbers {
			if err := p.bringTo(ctx, hub, k, number); err != nil {
				return err
			}
		}
	}
	d.made, d.at, d.shown = p.made, p.at, p.shown
	return nil
}

func (p *playground) bringTo(ctx context.Context, hub *store.Store, k playDraft, number int64) error {
	c, err := hub.Case(ctx, number)
	if err != nil || p.dispute(c.Conflict) != k.of {
		return err
	}
	there, err := hub.Draft(ctx, number, k.draft.Person)
	if err != nil || !there.SavedAt.IsZero() {
		return err // the world has one of its own
	}
	draft := k.draft
	draft.Conflict = number
	draft.Rebase(c.Merge(), c.Conflict.Revision, c.Conflict.ServerVersion)
	return hub.SaveDraft(ctx, draft)
}

// SaveDraft keeps a draft, also where the history went back to before its conflict meanwhile.
func (d playDesk) SaveDraft(ctx context.Context, draft merge.Draft) error {
	return d.with(ctx, func(hub *store.Store) error {
		d.p.keep(draft)
		err := hub.SaveDraft(ctx, draft)
		if errors.Is(err, merge.ErrNotFound) {
			return nil
		}
		return err
	})
}
