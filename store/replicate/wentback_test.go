package replicate_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"dovetail/merge"
	"dovetail/store"
	"dovetail/store/replicate"
	"dovetail/store/replicate/world"
)

// backup copies the hub's file, and opens it again.
func backup(t testing.TB, hub *store.Store) (again *store.Store, path string) {
	t.Helper()
	if err := hub.Close(); err != nil {
		t.Fatal(err)
	}
	path = filepath.Join(t.TempDir(), "backup.db")
	if err := world.CopyFile(path, hub.Info().Path); err != nil {
		t.Fatal(err)
	}
	return reopen(t, hub), path
}

// restore puts a backup in the place of the hub's file.
func restore(t testing.TB, hub *store.Store, path string) *store.Store {
	t.Helper()
	if err := hub.Close(); err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(hub.Info().Path); err != nil {
		t.Fatal(err)
	}
	if err := world.CopyFile(hub.Info().Path, path); err != nil {
		t.Fatal(err)
	}
	return reopen(t, hub)
}

// everything is all that stands in a file.
func everything(t testing.TB, s *store.Store) []string {
	t.Helper()
	var all []string
	for _, table := range rows(t, s, `SELECT name FROM sqlite_master WHERE type = 'table' AND name LIKE 'dovetail%' AND name NOT LIKE 'dovetail_conflict_word%' ORDER BY name`) {
		all = append(all, table)
		all = append(all, rows(t, s, `SELECT * FROM `+table)...)
	}
	return all
}

// wantWentBack has an exchange refused, with nothing sent and nothing changed on either side.
func wantWentBack(t testing.TB, replica, hub *store.Store) {
	t.Helper()
	before, there := everything(t, replica), everything(t, hub)
	watched := wire{Store: hub, deliver: func(context.Context, [][]byte) ([]store.Answer, error) {
		t.Error("something was sent")
		return nil, errLine
	}}
	report, err := replicate.Sync(t.Context(), replica, watched, nil)
	if refused := errors.Is(err, store.ErrWentBack) || errors.Is(err, store.ErrOtherHub); !refused || report != (replicate.Report{}) {
		t.Fatalf("the exchange came to %+v, %v; want %v", report, err, store.ErrWentBack)
	}
	if now := everything(t, replica); !slices.Equal(now, before) {
		t.Errorf("the replica was\n%s\nand is\n%s", strings.Join(before, "\n"), strings.Join(now, "\n"))
	}
	if now := everything(t, hub); !slices.Equal(now, there) {
		t.Errorf("the hub was\n%s\nand is\n%s", strings.Join(there, "\n"), strings.Join(now, "\n"))
	}
}

// pendingLines are what `export --pending` prints.
func pendingLines(t testing.TB, s *store.Store) string {
	t.Helper()
	var lines strings.Builder
	if err := s.EachPending(t.Context(), func(line json.RawMessage) error {
		fmt.Fprintf(&lines, "%s\n", line)
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	return lines.String()
}

func importing(t testing.TB, hub *store.Store, lines string) store.Tally {
	t.Helper()
	tally, err := hub.Import(t.Context(), strings.NewReader(lines), store.ImportOptions{}, func(store.Answer) error { return nil })
	if err != nil {
		t.Fatalf("%v\nof %s", err, lines)
	}
	return tally
}

// TestAHubThatWentBackIsSentNothing, and the replica keeps all it has.
func TestAHubThatWentBackIsSentNothing(t *testing.T) {
	for name, goBack := range map[string]func(t *testing.T, hub *store.Store, path string) *store.Store{
		"an older file put back": func(t *testing.T, hub *store.Store, path string) *store.Store { return restore(t, hub, path) },
		"and gone on with as far": func(t *testing.T, hub *store.Store, path string) *store.Store {
			hub = restore(t, hub, path)
			set(t, hub, "diaz", "deal/1", "x:=7")
			return hub
		},
		"and gone on with further": func(t *testing.T, hub *store.Store, path string) *store.Store {
			hub = restore(t, hub, path)
			for range 5 {
				set(t, hub, "diaz", "deal/1", "n+=1")
			}
			return hub
		},
		"another database": func(t *testing.T, hub *store.Store, _ string) *store.Store {
			other := newHub(t)
			for i := range 4 {
				set(t, other, "office", "deal/1", fmt.Sprintf("x:=%d", i))
			}
			return other
		},
		"an empty one": func(t *testing.T, hub *store.Store, _ string) *store.Store { return newHub(t) },
	} {
		t.Run(name, func(t *testing.T) {
			hub := newHub(t)
			set(t, hub, "office", "deal/1", "x:=1")
			set(t, hub, "office", "deal/2", "x:=1")
			hub, path := backup(t, hub)
			set(t, hub, "office", "deal/1", "x:=2")
			laptop := newReplica(t, hub, "laptop")
			set(t, laptop, "ana", "deal/1", "x:=3")
			set(t, laptop, "ana", "form/1", "x:=3")
			remove(t, laptop, "ana", "deal/2")
			hub = goBack(t, hub, path)
			for range 2 {
				wantWentBack(t, laptop, hub)
			}
			want(t, laptop, "deal/1", 2, true, `{"x":3}`)
			want(t, laptop, "form/1", 0, true, `{"x":3}`)
			want(t, laptop, "deal/2", 1, true, "")
			settledOn(t, hub, laptop)
		})
	}
}

// TestAHubThatForgotWhatItAnsweredHasGoneBack, also where no version tells: the one that it made did not come back yet, or
// it made none but a conflict.
func TestAHubThatForgotWhatItAnsweredHasGoneBack(t *testing.T) {
	t.Run("a version", func(t *testing.T) {
		hub := newHub(t)
		laptop := newReplica(t, hub, "laptop")
		hub, path := backup(t, hub)
		set(t, laptop, "ana", "form/1", "x:=1")
		answered := false
		broken(t, laptop, wire{Store: hub, deliver: func(ctx context.Context, lines [][]byte) ([]store.Answer, error) {
			answered = true
			return hub.Deliver(ctx, lines)
		}, feed: func(ctx context.Context, from store.Place, limit int) (store.Feed, error) {
			if answered {
				return store.Feed{}, errLine
			}
			return hub.Feed(ctx, from, limit)
		}})
		forgotten(t, hub, laptop, path)
	})
	t.Run("a conflict", func(t *testing.T) {
		hub := newHub(t)
		set(t, hub, "office", "deal/1", "x:=1")
		laptop := newReplica(t, hub, "laptop")
		set(t, hub, "diaz", "deal/1", "x:=2")
		set(t, laptop, "ana", "form/1", "x:=1")
		exchange(t, laptop, during(hub, func() { set(t, laptop, "ana", "deal/1", "x:=3") }))
		hub, path := backup(t, hub)
		wantReport(t, exchange(t, laptop, hub), replicate.Report{Pushed: 1, Conflicts: 1})
		forgotten(t, hub, laptop, path)
	})
}

// TestAReplicaThatHasSeenNothingBelievesItsHub: it had an answer, but no version yet.
func TestAReplicaThatHasSeenNothingBelievesItsHub(t *testing.T) {
	hub := newHub(t)
	laptop, err := store.CreateReplica(t.Context(), filepath.Join(t.TempDir(), "laptop.db"), hub.Info().Path, "laptop", options(0))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { laptop.Close() })
	set(t, laptop, "ana", "form/1", "x:=1")
	looks := 0
	broken(t, laptop, wire{Store: hub, feed: func(ctx context.Context, from store.Place, limit int) (store.Feed, error) {
		if looks++; looks > 1 {
			return store.Feed{}, errLine
		}
		return hub.Feed(ctx, from, limit)
	}})
	wantWentBack(t, laptop, newHub(t))
	wantReport(t, exchange(t, laptop, hub), replicate.Report{Pulled: 1})
	agree(t, hub, laptop)
}

// forgotten has a backup put in the hub's place: the replica notices, and what that hub forgot goes to another one.
func forgotten(t *testing.T, hub, laptop *store.Store, path string) {
	hub = restore(t, hub, path)
	set(t, laptop, "ana", "form/2", "x:=1")
	wantWentBack(t, laptop, hub)
	settledOn(t, hub, laptop)
	fresh := newHub(t)
	if tally := importing(t, fresh, pendingLines(t, laptop)); tally.Changes() != 2 || tally.Refused+tally.Parked > 0 {
		t.Errorf("elsewhere it came to %+v", tally)
	}
}

// TestWhatWasNotSentGoesToAnotherHub by the lines that `export --pending` prints: merged on what that one has.
func TestWhatWasNotSentGoesToAnotherHub(t *testing.T) {
	hub := newHub(t)
	set(t, hub, "office", "deal/1", "x:=1", "y:=1")
	set(t, hub, "office", "deal/2", "x:=1")
	set(t, hub, "office", "deal/3", "x:=1")
	hub, path := backup(t, hub)
	laptop := newReplica(t, hub, "laptop")
	set(t, laptop, "ana", "deal/1", "x:=2")
	outgoing(t, laptop)
	set(t, laptop, "ana", "deal/1", "x:=3") // builds on the one before
	remove(t, laptop, "ana", "deal/2")
	set(t, laptop, "ana", "form/1", "x:=3")
	set(t, laptop, "ana", "deal/3", "x:=4")
	set(t, hub, "diaz", "deal/3", "x:=5")
	broken(t, laptop, deaf(hub)) // had its effect there, and nobody heard of it
	hub = restore(t, hub, path)
	fresh := newHub(t)
	set(t, fresh, "office", "deal/1", "x:=1", "y:=9")
	set(t, fresh, "office", "deal/3", "x:=5")
	set(t, fresh, "office", "deal/2", "x:=1")
	lines := pendingLines(t, laptop)
	tally := importing(t, fresh, lines)
	if tally.Changes() != 5 || tally.Conflicts != 1 || tally.Refused+tally.Parked != 0 {
		t.Errorf("it came to %+v of\n%s", tally, lines)
	}
	want(t, fresh, "deal/1", 3, false, `{"x":3,"y":9}`)
	want(t, fresh, "deal/2", 2, false, "")
	want(t, fresh, "form/1", 1, false, `{"x":3}`)
	wantConflict(t, fresh, "deal/3", merge.EditEdit, `{"x":1}`, `{"x":4}`, `{"x":5}`)
	if again := importing(t, fresh, lines); again != tally {
		t.Errorf("the same lines again come to %+v", again)
	}
	agree(t, fresh)
	settledOn(t, hub, laptop)
}

// TestWhatWaitsForAPersonGoesToAnotherHubWhole: all steps of all changes that went into it, on their first base.
func TestWhatWaitsForAPersonGoesToAnotherHubWhole(t *testing.T) {
	hub := newHub(t)
	setStrategy(t, hub, "deal", merge.OpReplay)
	set(t, hub, "office", "deal/1", "n:=1", "x:=1")
	laptop := newReplica(t, hub, "laptop")
	set(t, laptop, "ana", "deal/1", "n+=10", "x:=2")
	set(t, hub, "diaz", "deal/1", "x:=3")
	exchange(t, laptop, hub)
	set(t, laptop, "ana", "deal/1", "n+=100")
	exchange(t, laptop, hub)
	set(t, laptop, "ana", "deal/1", "n+=1000")
	fresh := newHub(t)
	setStrategy(t, fresh, "deal", merge.OpReplay)
	set(t, fresh, "office", "deal/1", "n:=5", "x:=1")
	if tally := importing(t, fresh, pendingLines(t, laptop)); tally.Merged != 1 || tally.Changes() != 1 {
		t.Errorf("it came to %+v", tally)
	}
	want(t, fresh, "deal/1", 2, false, `{"n":1115,"x":2}`)
	agree(t, fresh)
}

// TestWhatWaitsForAPersonGoesToAnotherHubToo: where the hub lost it, nobody else has it.
func TestWhatWaitsForAPersonGoesToAnotherHubToo(t *testing.T) {
	_, laptop := conflicting(t)
	fresh := newHub(t)
	set(t, fresh, "office", "deal/1", "status=lost")
	lines := pendingLines(t, laptop)
	if tally := importing(t, fresh, lines); tally.Conflicts != 1 || tally.Changes() != 1 {
		t.Errorf("it came to %+v of %s", tally, lines)
	}
	wantConflict(t, fresh, "deal/1", merge.EditEdit, `{"status":"open"}`, `{"status":"closed"}`, `{"status":"lost"}`)
	agree(t, fresh)
}
