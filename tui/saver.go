package tui

import (
	"context"
	"maps"
	"slices"
	"sync"
	"time"

	"dovetail/merge"
)

// saver keeps the drafts that are to be saved. The screen offers the newest draft of a conflict, which costs nothing;
// a command saves what was offered last. Saves happen one at a time, each of the newest, so that none overtakes
// another, and whatever ends the terminal, what was offered can still be saved.
type saver struct {
	save func(context.Context, merge.Draft) error
	now  func() time.Time

	saving  chan struct{} // holds one while saves happen
	mu      sync.Mutex    // guards offered
	offered map[int64]merge.Draft
}

func newSaver(save func(context.Context, merge.Draft) error, now func() time.Time) *saver {
	return &saver{save: save, now: now, saving: make(chan struct{}, 1), offered: map[int64]merge.Draft{}}
}

// offer puts a draft in the place of the one offered before on its conflict.
func (s *saver) offer(d merge.Draft) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.offered[d.Conflict] = d
}

// flush saves all that is offered, after saves that are under way. What cannot be saved stays offered. It returns when
// the last draft was saved, zero if there was none. The end of ctx ends the waiting as well.
func (s *saver) flush(ctx context.Context) (time.Time, error) {
	select {
	case s.saving <- struct{}{}:
		defer func() { <-s.saving }()
	case <-ctx.Done():
		return time.Time{}, ctx.Err()
	}
	s.mu.Lock()
	drafts := s.offered
	s.offered = map[int64]merge.Draft{}
	s.mu.Unlock()
	var at time.Time
	for _, number := range slices.Sorted(maps.Keys(drafts)) {
		d := drafts[number]
		d.SavedAt = s.now()
		if err := s.save(ctx, d); err != nil {
			s.putBack(drafts)
			return at, err
		}
		at = d.SavedAt
		delete(drafts, number)
	}
	return at, nil
}

// putBack offers drafts again that could not be saved, but for those that a newer one stands in for.
func (s *saver) putBack(drafts map[int64]merge.Draft) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for number, d := range drafts {
		if _, newer := s.offered[number]; !newer {
			s.offered[number] = d
		}
	}
}
