package store_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"dovetail/merge"
)

func TestOnlyWhatAPersonHasADraftOn(t *testing.T) {
	s := newStore(t)
	manyConflicts(t, s, 30)
	for _, n := range []int64{21, 3, 4, 10, 12} { // 10 is resolved
		if err := s.SaveDraft(t.Context(), merge.Draft{Conflict: n, Person: "ana", Note: "ask bo"}); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.SaveDraft(t.Context(), merge.Draft{Conflict: 7, Person: "bo", Note: "?"}); err != nil {
		t.Fatal(err)
	}
	if err := s.Snooze(t.Context(), 12, time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC)); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		filter string
		want   []int64
	}{
		{"", []int64{3, 4, 21}},
		{"state:open state:snoozed", []int64{3, 4, 12, 21}},
		{"collection:deal", []int64{4}},
		{"field:address by:ana", []int64{21}},
		{"r-0", []int64{3, 4}},
		{"r-2 collection:account", []int64{21}},
		{"record:R-04 record:R-06", []int64{4}},
	} {
		for _, limit := range []int{1, 2, 100} {
			q := merge.Query{Filter: filter(t, tt.filter), Person: "ana", Drafts: true, Limit: limit}
			var got []int64
			for {
				page, err := s.Conflicts(t.Context(), q)
				if err != nil {
					t.Fatal(err)
				}
				got = append(got, numbers(page)...)
				if q.From = page.Last; !page.After {
					break
				}
			}
			if !slices.Equal(got, tt.want) {
				t.Errorf("%q by %d: %v, want %v", tt.filter, limit, got, tt.want)
			}
		}
		groups, err := s.Groups(t.Context(), merge.Query{Filter: filter(t, tt.filter), Person: "ana", Drafts: true})
		sum := int64(0)
		for _, g := range groups {
			sum += g.Count
		}
		if err != nil || sum != int64(len(tt.want)) {
			t.Errorf("%q: the groups hold %d, %v, want %d", tt.filter, sum, err, len(tt.want))
		}
	}
}

func TestADiscardedDraftIsInNoListAndCanBeTakenBack(t *testing.T) {
	s := newStore(t)
	manyConflicts(t, s, 8)
	c, err := s.Case(t.Context(), 4)
	if err != nil {
		t.Fatal(err)
	}
	merged := c.Merge()
	field := merged.Undecided(nil)[0]
	f, _ := merged.Field(field)
	local, _ := f.Choose(merge.TakeLocal, merge.Absent)
	d := merge.Draft{Conflict: 4, Person: "ana", Revision: c.Conflict.Revision, ServerVersion: c.Conflict.ServerVersion}
	d.Decide("local", merge.Decisions{field: local})
	listed := func(want int64) {
		t.Helper()
		if err := s.SaveDraft(t.Context(), d); err != nil {
			t.Fatal(err)
		}
		drafts, err := s.Conflicts(t.Context(), merge.Query{Person: "ana", Drafts: true})
		counts, err2 := s.Counts(t.Context(), "ana")
		left, err3 := s.Unfinished(t.Context())
		all, err4 := s.Conflicts(t.Context(), merge.Query{Person: "ana"})
		if err := errors.Join(err, err2, err3, err4); err != nil {
			t.Fatal(err)
		}
		noted := int64(0)
		for _, row := range all.Conflicts {
			if row.Draft != nil {
				noted++
			}
		}
		if int64(len(drafts.Conflicts)) != want || counts.Drafts != want || left.Drafts != want || noted != want {
			t.Errorf("%d drafts are listed, %d counted, %d unfinished, %d noted in the queue, want %d of each",
				len(drafts.Conflicts), counts.Drafts, left.Drafts, noted, want)
		}
	}
	listed(1)
	d.Discard("discarded")
	listed(0)
	if d, err = s.Draft(t.Context(), 4, "ana"); err != nil {
		t.Fatal(err)
	}
	if _, ok := d.Undo(); !ok || d.Decisions[field] != local {
		t.Errorf("the discarding is not taken back: %+v", d)
	}
	listed(1)
}
