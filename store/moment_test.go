package store_test

import (
	"path/filepath"
	"testing"

	"dovetail/merge"
	"dovetail/store"
)

// TestTheMomentTellsOfEveryWriting, of this handle and of others, and of nothing else.
func TestTheMomentTellsOfEveryWriting(t *testing.T) {
	path := filepath.Join(t.TempDir(), "moments.db")
	s, err := store.Create(t.Context(), path, options())
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	other, err := store.Open(t.Context(), path, options())
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	moment := func() int64 {
		t.Helper()
		at, err := s.Moment(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		return at
	}
	at := moment()
	steps := []func(){
		func() { manyConflicts(t, s, 2) },
		func() { resolve(t, other, 1, merge.TakeLocal, "bo") },
		func() {
			if err := other.SaveDraft(t.Context(), merge.Draft{Conflict: 2, Person: "bo"}); err != nil {
				t.Fatal(err)
			}
		},
	}
	for i, do := range steps {
		do()
		now := moment()
		if now == at {
			t.Errorf("writing %d is not told", i)
		}
		at = now
		if _, err := s.Conflicts(t.Context(), merge.Query{}); err != nil {
			t.Fatal(err)
		}
		if now := moment(); now != at {
			t.Errorf("reading after %d is told as a writing", i)
		}
	}
}
