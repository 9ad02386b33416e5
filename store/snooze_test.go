package store_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"dovetail/merge"
	"dovetail/store"
)

func wantQueue(t *testing.T, s *store.Store, text string, want ...int64) []merge.Conflict {
	t.Helper()
	page, err := s.Conflicts(t.Context(), merge.Query{Filter: filter(t, text), Person: "ana", Limit: 100})
	if err != nil || !slices.Equal(numbers(page), want) {
		t.Errorf("%q chooses %v, %v, want %v", text, numbers(page), err, want)
	}
	return page.Conflicts
}

func TestASnoozedConflictComesBackByItself(t *testing.T) {
	now := time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC)
	s := newStore(t, func(o *store.Options) { o.Now = func() time.Time { return now } })
	manyConflicts(t, s, 4)
	draft := merge.Draft{Conflict: 3, Person: "ana", Revision: 1, ServerVersion: 2, Note: "ask bo"}
	if err := s.SaveDraft(t.Context(), draft); err != nil {
		t.Fatal(err)
	}
	until := now.Add(time.Hour)
	for _, n := range []int64{1, 3} {
		if err := s.Snooze(t.Context(), n, until); err != nil {
			t.Fatal(err)
		}
	}
	wantQueue(t, s, "", 2, 4)
	wantQueue(t, s, "field:status", 4)
	rows := wantQueue(t, s, "state:snoozed", 1, 3)
	if !rows[1].SnoozedUntil.Equal(until) || rows[1].Draft == nil || rows[1].Draft.Stale {
		t.Errorf("the snoozed one is %+v", rows[1])
	}
	if counts, err := s.Counts(t.Context(), "ana"); err != nil || counts != (merge.Counts{Open: 2, Snoozed: 2, Drafts: 1}) {
		t.Errorf("the counts are %+v, %v", counts, err)
	}
	wantSum(t, s)

	if err := s.Wake(t.Context(), 1); err != nil {
		t.Fatal(err)
	}
	wantQueue(t, s, "", 1, 2, 4)
	now = until
	rows = wantQueue(t, s, "", 1, 2, 3, 4)
	if rows[2].Draft == nil || rows[2].Draft.Stale || !rows[2].SnoozedUntil.IsZero() {
		t.Errorf("the one that came back is %+v", rows[2])
	}
	wantQueue(t, s, "field:status", 3, 4)
	wantQueue(t, s, "state:snoozed")
	wantSum(t, s)
}

func TestWhatCannotBeSnoozed(t *testing.T) {
	s := newStore(t)
	manyConflicts(t, s, 5)
	later := time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC)
	for _, tt := range []struct {
		conflict int64
		until    time.Time
		want     error
	}{{5, later, merge.ErrClosed}, {99, later, merge.ErrNotFound}, {1, time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC), store.ErrPast}} {
		if err := s.Snooze(t.Context(), tt.conflict, tt.until); !errors.Is(err, tt.want) {
			t.Errorf("conflict %d says %v, want %v", tt.conflict, err, tt.want)
		}
	}
	if err := s.Wake(t.Context(), 5); !errors.Is(err, merge.ErrClosed) {
		t.Errorf("to wake a resolved one says %v", err)
	}
}

func TestASnoozedConflictIsResolved(t *testing.T) {
	s := newStore(t)
	manyConflicts(t, s, 3)
	if err := s.Snooze(t.Context(), 3, time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC)); err != nil {
		t.Fatal(err)
	}
	resolve(t, s, 3, merge.TakeLocal, "zoe")
	wantQueue(t, s, "", 1, 2)
	wantQueue(t, s, "state:resolved", 3)
	wantSum(t, s)
}

// TestToLookForSnoozedOnesIsOneStep: a page does not read all that are snoozed to know that none is to come back.
func TestToLookForSnoozedOnesIsOneStep(t *testing.T) {
	s := newStore(t)
	manyConflicts(t, s, 3)
	plan, err := s.QueuePlan(t.Context(), merge.Query{})
	if err != nil || !strings.Contains(plan, "COVERING INDEX dovetail_conflict_snoozed") {
		t.Errorf("%v, it is read by\n%s", err, plan)
	}
}
