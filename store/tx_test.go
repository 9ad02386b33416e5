package store

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"dovetail/merge"
)

func probeRows(t *testing.T, s *Store) int {
	t.Helper()
	var n int
	if err := s.read(t.Context(), func(v *view) error {
		_, err := v.row([]any{&n}, `SELECT count(*) FROM dovetail_copied_device`)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	return n
}

func insertProbe(t *tx, name string) error {
	_, err := t.run(`INSERT INTO dovetail_copied_device (device, new_device, given_at) VALUES ($1, $1, 0)`, name)
	return err
}

// SQLite rolls a transaction back by itself after some errors; a statement sent then would be committed alone.
func TestNothingIsSentAfterAStatementFailed(t *testing.T) {
	s := open(t)
	err := s.write(t.Context(), func(t *tx) error {
		if err := insertProbe(t, "first"); err != nil {
			return err
		}
		// ROLLBACK stands for the errors after which SQLite does the same.
		_, failed := t.run(`INSERT OR ROLLBACK INTO dovetail_copied_device (device, new_device, given_at) VALUES ('first', 'x', 0)`)
		if failed == nil {
			return errors.New("the second row was taken")
		}
		if err := insertProbe(t, "third"); err == nil {
			return errors.New("a statement was sent after one that failed")
		}
		return nil // as a careless caller would
	})
	if err == nil {
		t.Error("a transaction with a failed statement was reported as done")
	}
	if n := probeRows(t, s); n != 0 {
		t.Errorf("%d rows of it were kept", n)
	}
	if err := s.write(t.Context(), func(t *tx) error { return insertProbe(t, "next") }); err != nil {
		t.Errorf("the next transaction says %v", err)
	}
}

func TestATransactionThatReturnsAnErrorWritesNothing(t *testing.T) {
	s := open(t)
	want := errors.New("no")
	if err := s.write(t.Context(), func(t *tx) error { return errors.Join(insertProbe(t, "a"), want) }); !errors.Is(err, want) {
		t.Errorf("it says %v", err)
	}
	if n := probeRows(t, s); n != 0 {
		t.Errorf("%d rows were kept", n)
	}
}

func TestAnEndedContextBeginsNothing(t *testing.T) {
	s := open(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := s.write(ctx, func(t *tx) error { return insertProbe(t, "a") }); !errors.Is(err, context.Canceled) {
		t.Errorf("it says %v", err)
	}
	if n := probeRows(t, s); n != 0 {
		t.Errorf("%d rows were kept", n)
	}
}

// What has begun is done whole: a context that ends in between must not cut one statement out of it.
func TestAContextThatEndsInBetweenCutsNothingOut(t *testing.T) {
	s := open(t)
	ctx, cancel := context.WithCancel(t.Context())
	err := s.write(ctx, func(t *tx) error {
		if err := insertProbe(t, "a"); err != nil {
			return err
		}
		cancel()
		return insertProbe(t, "b")
	})
	if n := probeRows(t, s); err != nil || n != 2 {
		t.Errorf("%d rows were kept, and it says %v", n, err)
	}
}

func TestAFailedCommitIsLookedUp(t *testing.T) {
	tests := []struct {
		name  string
		proof proof
		want  func(error) bool
		says  string
	}{
		{name: "it was done", proof: proof{query: `SELECT 1`}, want: func(err error) bool { return err == nil }, says: "nothing"},
		{name: "it was not done", proof: proof{query: `SELECT 1 WHERE 0`},
			want: func(err error) bool { return err != nil && !errors.Is(err, ErrUnknown) }, says: "an error that is sure"},
		{name: "nobody can tell", want: func(err error) bool { return errors.Is(err, ErrUnknown) }, says: "that it is unknown"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := open(t)
			err := s.write(t.Context(), func(t *tx) error {
				t.proof = tt.proof
				// A deferred reference to nothing makes the commit fail, and nothing before it.
				_, err := t.script(`
					PRAGMA defer_foreign_keys = 1;
					INSERT INTO dovetail_conflict_field (path, state, opened_at, conflict, kind, collection, name, server_version, revision)
					VALUES ('/a', 'open', 0, 99, 'type', 'a', '1', 1, 1)`)
				return err
			})
			if !tt.want(err) {
				t.Errorf("it says %v, want %s", err, tt.says)
			}
			if err := s.write(t.Context(), func(t *tx) error { return insertProbe(t, "next") }); err != nil {
				t.Errorf("the next transaction says %v", err)
			}
		})
	}
}

func TestWhoWaitsForTheTurnCanGiveUp(t *testing.T) {
	s := open(t)
	ctx, cancel := context.WithCancel(t.Context())
	err := s.write(t.Context(), func(*tx) error {
		cancel()
		return s.write(ctx, func(*tx) error { return errors.New("two at once") })
	})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("it says %v", err)
	}
}

func TestAnotherProcessHoldingTheLockIsBusy(t *testing.T) {
	s := open(t)
	other, err := Open(t.Context(), s.info.Path, Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	err = s.write(t.Context(), func(*tx) error {
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
		defer cancel()
		return other.write(ctx, func(*tx) error { return errors.New("two at once") })
	})
	if !errors.Is(err, ErrBusy) && !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("it says %v", err)
	}
}

func TestAFullDatabaseSaysSo(t *testing.T) {
	s := open(t)
	if err := s.write(t.Context(), func(t *tx) error { _, err := t.script(`PRAGMA max_page_count = 1`); return err }); err != nil {
		t.Fatal(err)
	}
	line := fmt.Sprintf(`{"key":"k","record":"a/1","local":{"x":"%s"}}`, strings.Repeat("x", 1<<20))
	if _, err := s.Push(t.Context(), []byte(line)); !errors.Is(err, ErrFull) {
		t.Errorf("it says %v, want %v", err, ErrFull)
	}
	if _, err := s.Get(t.Context(), merge.Key{Collection: "a", ID: "1"}); !errors.Is(err, merge.ErrNotFound) {
		t.Errorf("a part of it is there: %v", err)
	}
}

// No path leads here while writers take turns. It is what stands between a lost turn and a lost update.
func TestAVersionIsAddedToTheHeadAlone(t *testing.T) {
	s := open(t)
	err := s.write(t.Context(), func(t *tx) error {
		h, err := t.record(merge.Key{Collection: "a", ID: "1"})
		if err != nil {
			return err
		}
		old := *h
		fields, err := t.keep(merge.Document(`{"x":1}`))
		if err != nil {
			return err
		}
		return errors.Join(t.add(h, entry{fields: fields, cause: CauseWrite}), t.add(&old, entry{fields: fields, cause: CauseWrite}))
	})
	if !errors.Is(err, merge.ErrStale) {
		t.Errorf("it says %v", err)
	}
}

func TestADocumentThatWasDamagedIsNoticed(t *testing.T) {
	s := open(t)
	if _, err := s.Push(t.Context(), []byte(`{"key":"k","record":"a/1","local":{"amount":40000}}`)); err != nil {
		t.Fatal(err)
	}
	if err := s.write(t.Context(), func(t *tx) error {
		_, err := t.script(`DROP TRIGGER dovetail_document_fixed; UPDATE dovetail_document SET body = '{"amount":40001}'`)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Get(t.Context(), merge.Key{Collection: "a", ID: "1"}); !errors.Is(err, ErrCorrupt) {
		t.Errorf("it says %v, want %v", err, ErrCorrupt)
	}
}

func TestWhatIsKeptForEverCannotBeChanged(t *testing.T) {
	s := open(t)
	for _, line := range []string{
		`{"key":"a","record":"a/1","local":{"x":1},"device":"d","sequence":1}`,
		`{"key":"b","record":"a/1","base_version":1,"local":{"x":2},"device":"d","sequence":2}`,
		`{"key":"c","record":"a/1","base_version":1,"local":{"x":3},"device":"e","sequence":1}`,
	} {
		if _, err := s.Push(t.Context(), []byte(line)); err != nil {
			t.Fatal(err)
		}
	}
	c, err := s.Case(t.Context(), 1)
	if err != nil {
		t.Fatal(err)
	}
	f, _ := c.Merge().Field("/x")
	d, _ := f.Choose(merge.TakeLocal, merge.Absent)
	if _, err := s.Resolve(t.Context(), merge.Writing{Conflict: 1, Revision: 1, ServerVersion: 2, Person: "bo",
		Decisions: merge.Decisions{"/x": d}, Result: merge.Document(`{"x":3}`)}); err != nil {
		t.Fatal(err)
	}
	for _, table := range []string{"document", "version", "resolution", "side"} {
		for _, statement := range []string{"DELETE FROM dovetail_" + table, "UPDATE dovetail_" + table + " SET id = id + 100"} {
			err := s.write(t.Context(), func(t *tx) error {
				var rows int
				if _, err := t.row([]any{&rows}, `SELECT count(*) FROM dovetail_`+table); err != nil || rows == 0 {
					return nil // nothing to protect: reported below
				}
				_, err := t.script(statement)
				return err
			})
			if err == nil || !strings.Contains(err.Error(), "never") {
				t.Errorf("%s: %v", statement, err)
			}
		}
	}
}
