package faultfs_test

import (
	"errors"
	"path/filepath"
	"testing"

	"dovetail/merge"
	"dovetail/store"
	"dovetail/store/faultfs"
)

// A commit that could not be synced stands in the log all the same. Nobody sees it, but whoever opens the log after a
// crash finds it: to say that it was not done would be wrong.
func TestACommitThatCouldNotBeSyncedIsUnknown(t *testing.T) {
	dir, left := t.TempDir(), t.TempDir()
	d := watch(t, dir)
	s, err := store.Create(t.Context(), filepath.Join(dir, "a.db"), store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	d.Arm(faultfs.Fault{On: faultfs.Sync, At: 2, Effect: faultfs.Error}) // the first one is that of the new log
	key, line := merge.Key{Collection: "deal", ID: "1"}, []byte(`{"key":"k1","record":"deal/1","local":{"a":1}}`)
	if a, err := s.Push(t.Context(), line); !errors.Is(err, store.ErrUnknown) {
		t.Errorf("it says %v, %v", a, err)
	}
	if r, err := s.Get(t.Context(), key); !errors.Is(err, merge.ErrNotFound) {
		t.Errorf("the record is %+v, %v", r, err)
	}

	if err := d.Leave(left, faultfs.All, nil); err != nil {
		t.Fatal(err)
	}
	after, err := store.Open(t.Context(), filepath.Join(left, "a.db"), store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if r, err := after.Get(t.Context(), key); err != nil || r.Version != 1 {
		t.Errorf("after a crash the record is %+v, %v", r, err)
	}
	for _, s := range []*store.Store{s, after} {
		if a, err := s.Push(t.Context(), line); err != nil || a.Outcome != store.Applied || a.Version != 1 {
			t.Errorf("asked again it says %+v, %v", a, err)
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}
}
