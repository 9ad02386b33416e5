package store_test

import (
	"context"
	"errors"
	"path/filepath"
	"testing"

	"dovetail/merge"
	"dovetail/store"
	"dovetail/store/linear"
)

// Eight writers, each with a handle of its own on one file, must find records as if they came one after the other: each
// operation has its effect at one moment between its call and its answer. porcupine looks for such an order.

// asking is how an act is done.
type asking func(ctx context.Context, s *store.Store, a linear.Act) (linear.Answer, error)

// asked does an act as anybody would.
func asked(ctx context.Context, s *store.Store, a linear.Act) (linear.Answer, error) {
	switch a.Verb {
	case "read":
		return answered(s.Get(ctx, a.Record))
	case "write":
		return answered(s.Write(ctx, store.Edit{Record: a.Record, Version: a.Version, Fields: linear.Document(a.Fields)}))
	}
	got, err := s.Push(ctx, linear.Line(a))
	return linear.Answer{Outcome: string(got.Outcome), Version: got.Version}, err
}

func answered(r store.Record, err error) (linear.Answer, error) {
	switch {
	case errors.Is(err, merge.ErrStale):
		return linear.Answer{Outcome: "stale"}, nil
	case errors.Is(err, merge.ErrNotFound):
		return linear.Answer{Outcome: "none"}, nil
	}
	return linear.Answer{Version: r.Version, Fields: string(r.Fields)}, err
}

// newCrowd opens handles on one file, each of somebody who writes.
func newCrowd(t *testing.T, ask asking) linear.Asking {
	t.Helper()
	path := filepath.Join(t.TempDir(), "crowd.db")
	first, err := store.Create(t.Context(), path, options())
	if err != nil {
		t.Fatal(err)
	}
	handles := []*store.Store{first}
	for len(handles) < linear.Writers {
		s, err := store.Open(t.Context(), path, options())
		if err != nil {
			t.Fatal(err)
		}
		handles = append(handles, s)
	}
	t.Cleanup(func() {
		for _, s := range handles {
			s.Close()
		}
	})
	return func(ctx context.Context, writer int, a linear.Act) (linear.Answer, error) {
		got, err := ask(ctx, handles[writer], a)
		if errors.Is(err, store.ErrUnknown) || errors.Is(err, store.ErrBusy) {
			return linear.Answer{Unknown: true}, nil
		}
		return got, err
	}
}

var allVerbs = []string{"write", "push"}

func TestARecordIsLinearizable(t *testing.T) {
	ask := newCrowd(t, asked)
	for history := range uint64(histories(4)) {
		linear.Check(t, history, linear.Play(t, history, allVerbs, ask))
	}
}

// TestACarelessWriterIsFound shows that the checker sees something: who looks at the version first and writes then, with
// nothing to hold the record in between, loses somebody else's edit.
func TestACarelessWriterIsFound(t *testing.T) {
	alone(t)
	found, played := 0, histories(4)
	ask := newCrowd(t, careless)
	for history := range uint64(played) {
		if linear.Disordered(linear.Play(t, history, allVerbs, ask)) {
			found++
		}
	}
	if found < (played+1)/2 {
		t.Errorf("%d of %d histories with lost edits were found", found, played)
	}
}

// careless does an act, but for a write to a record that is there, by two transactions.
func careless(ctx context.Context, s *store.Store, a linear.Act) (linear.Answer, error) {
	if a.Verb != "write" || a.Version == 0 || a.Fields == "" {
		return asked(ctx, s, a)
	}
	now, err := s.Get(ctx, a.Record)
	if err != nil || now.Version != a.Version {
		return answered(now, errors.Join(err, merge.ErrStale))
	}
	if err := s.Overwrite(ctx, a.Record, a.Version+1, linear.Document(a.Fields)); err != nil {
		return linear.Answer{}, err
	}
	return linear.Answer{Version: a.Version + 1, Fields: a.Fields}, nil
}
