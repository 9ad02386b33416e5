package tui

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"sync"
	"time"

	"dovetail/merge"
)

// saver keeps the drafts that are to be saved. The screen offers the newest draft of a conflict or a record, which costs nothing;
// a command saves what was offered last. Saves happen one at a time, each of the newest, so that none overtakes
// another, and whatever ends the terminal, what was offered can still be saved.
type saver struct {
	save func(context.Context, merge.Draft) error
	now  func() time.Time

	saving  chan struct{} // holds one while saves happen
	mu      sync.Mutex    // guards offered
	offered map[draftName]keeping
}

// draftName is what a draft is on: a conflict, or a record.
type draftName struct {
	conflict int64
	record   merge.Key
}

// keeping saves one draft, as of a time.
type keeping func(ctx context.Context, at time.Time) error

func newSaver(save func(context.Context, merge.Draft) error, now func() time.Time) *saver {
	return &saver{save: save, now: now, saving: make(chan struct{}, 1), offered: map[draftName]keeping{}}
}

// offer puts a draft in the place of the one offered before on its conflict.
func (s *saver) offer(d merge.Draft) {
	s.keep(draftName{conflict: d.Conflict}, func(ctx context.Context, at time.Time) error {
		d.SavedAt = at
		return s.save(ctx, d)
	})
}

// keep has the next save do it, in the place of what was to be kept by that name before.
func (s *saver) keep(name draftName, do keeping) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.offered[name] = do
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
	s.offered = map[draftName]keeping{}
	s.mu.Unlock()
	var at time.Time
	for _, name := range slices.SortedFunc(maps.Keys(drafts), draftName.compare) {
		now := s.now()
		if err := drafts[name](ctx, now); err != nil {
			s.putBack(drafts)
			return at, err
		}
		at = now
		delete(drafts, name)
	}
	return at, nil
}

func (n draftName) compare(other draftName) int {
	return cmp.Or(cmp.Compare(n.conflict, other.conflict), cmp.Compare(n.record.String(), other.record.String()))
}

// putBack offers drafts again that could not be saved, but for those that a newer one stands in for.
func (s *saver) putBack(drafts map[draftName]keeping) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for name, do := range drafts {
		if _, newer := s.offered[name]; !newer {
			s.offered[name] = do
		}
	}
}
