package main

import (
	"errors"
	"path/filepath"
	"strings"
	"testing"

	"dovetail/merge"
	"dovetail/store"
)

// TestAConflictIsTakenBackByItsNumber where the screens know no more of it, and never another one of its record.
func TestAConflictIsTakenBackByItsNumber(t *testing.T) {
	s, err := store.Create(t.Context(), filepath.Join(t.TempDir(), "hub.db"), store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	lines := `{"type":"record","record":"deal/1","version":1,"fields":{"a":1}}
{"type":"record","record":"deal/1","version":2,"fields":{"a":2}}
{"key":"k1","record":"deal/1","base_version":1,"local":{"a":3},"local_by":"ana"}
{"key":"k2","record":"deal/1","base_version":1,"local":{"a":4},"local_by":"bo"}`
	if _, err := s.Import(t.Context(), strings.NewReader(lines), store.ImportOptions{}, func(store.Answer) error { return nil }); err != nil {
		t.Fatal(err)
	}
	on := desk{inFile(s)}
	row := func(n int64) merge.Written {
		return merge.Written{Conflict: n, Record: merge.Key{Collection: "deal", ID: "1"}}
	}
	if _, err := on.Undo(t.Context(), row(1), "cy"); !errors.Is(err, merge.ErrNotFound) {
		t.Errorf("an undo of what nobody decided says %v", err)
	}
	for _, n := range []int64{1, 2} {
		c, err := s.Case(t.Context(), n)
		if err != nil {
			t.Fatal(err)
		}
		f, _ := c.Merge().Field("/a")
		d, _ := f.Choose(merge.TakeLocal, merge.Absent)
		w := merge.Writing{Conflict: n, Revision: c.Conflict.Revision, ServerVersion: c.Conflict.ServerVersion, Person: "cy",
			Decisions: merge.Decisions{"/a": d}}
		if w.Result, err = c.Merge().Apply(w.Decisions); err == nil {
			_, err = s.Resolve(t.Context(), w)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if _, err := on.Undo(t.Context(), row(1), "cy"); !errors.Is(err, errDecidedAgain) {
		t.Errorf("an undo of the first of two says %v", err)
	}
	if written, err := on.Undo(t.Context(), row(2), "cy"); err != nil || written.Conflict != 2 || written.Version != 5 {
		t.Errorf("undone is %+v, %v", written, err)
	}
}
