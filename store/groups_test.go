package store_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"dovetail/merge"
)

// groupOf names the group of a conflict as a person would read it.
func groupOf(collection string, kind merge.Kind, fields []string, by, device string) string {
	return fmt.Sprintf("%s %s %s %q %q", collection, kind, strings.Join(fields, ","), by, device)
}

func TestGroupsHoldEachConflictOnce(t *testing.T) {
	s := newStore(t)
	manyConflicts(t, s, 60)
	long := `{"` + strings.Repeat("x", 300) + `":`
	load(t, s, `{"type":"record","record":"deal/long","version":1,"fields":`+long+`1}}`,
		`{"type":"record","record":"deal/long","version":2,"fields":`+long+`2}}`,
		`{"key":"long","record":"deal/long","base_version":1,"local":`+long+`3}}`)
	for _, text := range []string{
		"", "state:open state:resolved", "collection:deal", "by:ana field:status", "field:address field:status", "r-1",
	} {
		t.Run(text, func(t *testing.T) {
			q := merge.Query{Filter: filter(t, text), Limit: 100}
			all, err := s.Conflicts(t.Context(), q)
			if err != nil {
				t.Fatal(err)
			}
			want := map[string][]int64{}
			for _, c := range all.Conflicts {
				name := groupOf(c.Record.Collection, c.Kind, c.Fields, c.LocalBy, c.Device)
				want[name] = append(want[name], c.Number)
			}
			groups, err := s.Groups(t.Context(), q)
			if err != nil || len(groups) != len(want) {
				t.Fatalf("there are %d groups, %v, want %d", len(groups), err, len(want))
			}
			last := int64(1000)
			for _, g := range groups {
				numbersWant := want[groupOf(g.Collection, g.Kind, g.Fields, g.LocalBy, g.Device)]
				q.Group = &g
				page, err := s.Conflicts(t.Context(), q)
				if err != nil || !slices.Equal(numbers(page), numbersWant) {
					t.Errorf("%+v holds %v, %v, want %v", g, numbers(page), err, numbersWant)
				}
				if g.Count != int64(len(numbersWant)) || g.First != slices.Min(numbersWant) || g.Count > last {
					t.Errorf("%+v should be of %v, after one of %d", g, numbersWant, last)
				}
				last = g.Count
			}
		})
	}
}
