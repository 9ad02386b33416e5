package store_test

import (
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"dovetail/merge"
	"dovetail/store"
)

// Names that hold the pieces of a word, but not the word, fill the second in which a clock went back. The one that holds
// it stands at that end of the second which its number does not tell.
func TestAWordIsFoundInASecondInWhichTheClockWentBack(t *testing.T) {
	alone(t)
	for _, backward := range []bool{false, true} {
		t.Run(fmt.Sprint(backward), func(t *testing.T) {
			at := time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC)
			opts := options()
			opts.Now = func() time.Time { return at }
			s, err := store.Create(t.Context(), filepath.Join(t.TempDir(), "back.db"), opts)
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { s.Close() })
			open := func(name string, opened time.Time) int64 {
				at = opened
				return push(t, s, fmt.Sprintf(`{"key":"%[1]s","record":"deal/%[1]s","base_version":7,"local":{"x":1}}`, name)).Conflict
			}
			second := time.UnixMicro(at.Add(time.Minute).UnixMicro() >> 20 << 20)
			var want int64
			others := func() {
				for i := range 60 {
					open(fmt.Sprintf("abc-bcd%d", i), second.Add(500*time.Millisecond))
				}
			}
			for i := range 20 {
				open(fmt.Sprintf("before%d", i), at)
			}
			if backward {
				want = open("abcd", second.Add(900*time.Millisecond))
				others()
			} else {
				others()
				want = open("abcd", second)
			}
			for i := range 20 {
				open(fmt.Sprintf("after%d", i), second.Add(time.Hour))
			}
			wantRows(t, s, `SELECT count(*) FROM dovetail_conflict_disorder`, "1")
			page, err := s.Conflicts(t.Context(), merge.Query{Filter: filter(t, "abcd"), Backward: backward, Limit: 1})
			if err != nil || len(page.Conflicts) != 1 || page.Conflicts[0].Number != want {
				t.Errorf("it finds %+v, %v, want conflict %d", page, err, want)
			}
		})
	}
}
