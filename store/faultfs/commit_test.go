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

// Between the last write of a commit and its sync a process may be killed. The next one finds the commit done, and must
// not show it while the power could still take it away.
func TestWhatAKilledProcessWroteIsSafeBeforeItIsShown(t *testing.T) {
	dir, left := t.TempDir(), t.TempDir()
	d := watch(t, dir)
	s, err := store.Create(t.Context(), filepath.Join(dir, "a.db"), store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	d.Arm(faultfs.Fault{On: faultfs.Sync, At: 2, Effect: faultfs.Kill})
	key := merge.Key{Collection: "deal", ID: "1"}
	if a, err := s.Push(t.Context(), []byte(`{"key":"k1","record":"deal/1","local":{"a":1}}`)); err == nil {
		t.Errorf("it says %v", a)
	}
	_ = s.Close()
	if err := d.Restart(); err != nil {
		t.Fatal(err)
	}
	if s, err = store.Open(t.Context(), filepath.Join(dir, "a.db"), store.Options{}); err != nil {
		t.Fatal(err)
	}
	if r, err := s.Get(t.Context(), key); err != nil || r.Version != 1 {
		t.Errorf("the next process finds %+v, %v", r, err)
	}
	d.Cut()
	_ = s.Close()
	if err := d.Leave(left, faultfs.Nothing, nil); err != nil {
		t.Fatal(err)
	}
	if s, err = store.Open(t.Context(), filepath.Join(left, "a.db"), store.Options{}); err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if r, err := s.Get(t.Context(), key); err != nil || r.Version != 1 {
		t.Errorf("after a power cut there is %+v, %v", r, err)
	}
}
