package store_test

import (
	"slices"
	"testing"
	"time"

	"dovetail/merge"
)

func TestOnlyWhatAPersonHasADraftOn(t *testing.T) {
	s := newStore(t)
	manyConflicts(t, s, 30)
	for _, n := range []int64{21, 3, 4, 10, 12} { // 10 is resolved
		if err := s.SaveDraft(t.Context(), merge.Draft{Conflict: n, Person: "ana"}); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.SaveDraft(t.Context(), merge.Draft{Conflict: 7, Person: "bo"}); err != nil {
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
