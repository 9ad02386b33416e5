package replicate_test

import (
	"fmt"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"dovetail/merge"
	"dovetail/store"
	"dovetail/store/replicate"
	"dovetail/store/replicate/world"
)

var ids atomic.Int64

// options are a clock that starts so long after a known moment, and ids that count.
func options(after time.Duration) store.Options {
	c := &world.Clock{At: time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC).Add(after)}
	return store.Options{Now: c.Now, NewID: func() string { return fmt.Sprintf("id-%d", ids.Add(1)) }}
}

func newHub(t testing.TB) *store.Store {
	t.Helper()
	hub, err := store.Create(t.Context(), filepath.Join(t.TempDir(), "hub.db"), options(0))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { hub.Close() })
	return hub
}

func newReplica(t testing.TB, hub *store.Store, name string) *store.Store {
	t.Helper()
	r, err := store.CreateReplica(t.Context(), filepath.Join(t.TempDir(), name+".db"), hub.Info().Path, name, options(0))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { r.Close() })
	exchange(t, r, hub)
	return r
}

func exchange(t testing.TB, replica *store.Store, hub replicate.Hub) replicate.Report {
	t.Helper()
	report, err := replicate.Sync(t.Context(), replica, hub, nil)
	if err != nil {
		t.Fatal(err)
	}
	return report
}

func setStrategy(t testing.TB, hub *store.Store, collection string, strategy merge.Strategy) {
	t.Helper()
	if err := hub.SetStrategy(t.Context(), collection, strategy); err != nil {
		t.Fatal(err)
	}
}

func setSchema(t testing.TB, hub *store.Store, collection, schema string) {
	t.Helper()
	if _, err := hub.SetSchema(t.Context(), collection, merge.Document(schema), "office"); err != nil {
		t.Fatal(err)
	}
}

func key(name string) merge.Key {
	k, err := merge.ParseKey(name)
	if err != nil {
		panic(err)
	}
	return k
}

// set changes fields of a record as the command does it; a deleted or unknown one begins anew.
func set(t testing.TB, s *store.Store, person, record string, assignments ...string) store.Record {
	t.Helper()
	r, err := s.Get(t.Context(), key(record))
	if err != nil {
		r = store.Record{Record: key(record)}
	}
	rules, err := s.Rules(t.Context(), key(record).Collection)
	if err != nil {
		t.Fatal(err)
	}
	doc := r.Fields
	if doc == nil {
		doc = merge.Document("{}")
	}
	var steps []merge.Operation
	for _, text := range assignments {
		op, err := merge.ParseAssignment(text, doc, rules)
		if err != nil {
			t.Fatal(err)
		}
		if doc, err = rules.Perform(doc, []merge.Operation{op}); err != nil {
			t.Fatal(err)
		}
		steps = append(steps, op)
	}
	return write(t, s, store.Edit{Record: r.Record, Version: r.Version, Revision: r.Revision, Fields: doc, Steps: steps, By: person})
}

func remove(t testing.TB, s *store.Store, person, record string) store.Record {
	t.Helper()
	r, err := s.Get(t.Context(), key(record))
	if err != nil {
		t.Fatal(err)
	}
	return write(t, s, store.Edit{Record: r.Record, Version: r.Version, Revision: r.Revision, By: person,
		Steps: []merge.Operation{{Verb: merge.DeleteRecord}}})
}

func write(t testing.TB, s *store.Store, e store.Edit) store.Record {
	t.Helper()
	r, err := s.Write(t.Context(), e)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// want checks what a record holds; fields "" are a deletion.
func want(t testing.TB, s *store.Store, record string, version int64, pending bool, fields string) {
	t.Helper()
	r, err := s.Get(t.Context(), key(record))
	if err != nil {
		t.Fatal(err)
	}
	if r.Version != version || r.Pending != pending || string(r.Fields) != fields || r.Deleted != (fields == "") {
		t.Errorf("%s is version %d, pending %t, %s; want version %d, pending %t, %s", record, r.Version, r.Pending, r.Fields,
			version, pending, fields)
	}
}

// waiting returns the numbers of a record's conflicts.
func waiting(t testing.TB, s *store.Store, record string) []int64 {
	t.Helper()
	numbers, err := s.ConflictsOf(t.Context(), key(record))
	if err != nil {
		t.Fatal(err)
	}
	return numbers
}

// onlyConflict returns the one conflict of a record.
func onlyConflict(t testing.TB, s *store.Store, record string) merge.Case {
	t.Helper()
	numbers := waiting(t, s, record)
	if len(numbers) != 1 {
		t.Fatalf("%s has conflicts %v, want one", record, numbers)
	}
	c, err := s.Case(t.Context(), numbers[0])
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func resolve(t testing.TB, s *store.Store, record string, choice merge.Choice, person string) merge.Written {
	t.Helper()
	out, err := s.Resolve(t.Context(), world.Decision(t, s, onlyConflict(t, s, record).Conflict.Number, choice, person))
	if err != nil {
		t.Fatal(err)
	}
	return out
}
