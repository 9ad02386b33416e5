package replicate_test

import (
	"path/filepath"
	"strings"
	"testing"
	"time"

	"dovetail/merge"
	"dovetail/store"
	"dovetail/store/replicate"
	"dovetail/store/replicate/world"
)

// copied closes a replica and copies its file, as people do with a whole laptop. Both are open again then.
func copied(t testing.TB, s *store.Store) (original, twin *store.Store) {
	t.Helper()
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "twin.db")
	if err := world.CopyFile(path, s.Info().Path); err != nil {
		t.Fatal(err)
	}
	twin, err := store.Open(t.Context(), path, options(time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { twin.Close() })
	return reopen(t, s), twin
}

func deviceOf(t testing.TB, s *store.Store) string {
	t.Helper()
	origin, err := s.Origin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return origin.Device
}

// TestACopiedReplicaIsGivenAnotherDevice: nothing is refused, and both go on, under names of their own.
func TestACopiedReplicaIsGivenAnotherDevice(t *testing.T) {
	hub := newHub(t)
	set(t, hub, "office", "deal/1", "x:=1", "y:=1")
	laptop, twin := copied(t, newReplica(t, hub, "laptop"))
	name := deviceOf(t, laptop)
	set(t, laptop, "ana", "deal/1", "x:=2")
	set(t, laptop, "ana", "form/1", "x:=2")
	set(t, twin, "bo", "deal/1", "y:=3")
	set(t, twin, "bo", "form/2", "x:=3")
	wantReport(t, exchange(t, laptop, hub), replicate.Report{Pushed: 2, Applied: 2, Pulled: 2})
	wantReport(t, exchange(t, twin, hub), replicate.Report{Pushed: 2, Applied: 1, Merged: 1, Pulled: 4})
	if one, other := deviceOf(t, laptop), deviceOf(t, twin); one != name || !strings.HasPrefix(other, name+"-") {
		t.Errorf("they are %q and %q now, both were %q", one, other, name)
	}
	for i := range 3 {
		for j, s := range []*store.Store{laptop, twin} {
			set(t, s, "both", "deal/1", []string{"x", "y"}[j]+":="+string(rune('4'+i)))
			if report := exchange(t, s, hub); report.Refused != 0 || report.Conflicts != 0 {
				t.Errorf("exchange %d of %d came to %+v", i, j, report)
			}
		}
	}
	exchange(t, laptop, hub)
	want(t, laptop, "deal/1", 9, false, `{"x":6,"y":6}`)
	agree(t, hub, laptop, twin)
	wantRows(t, hub, `SELECT count(DISTINCT device), max(outcome = 'refused') FROM dovetail_change`, "2 0")
}

// TestACopiedReplicaWithAnUnsentChangeSendsItOnce: both files hold it, under the same key.
func TestACopiedReplicaWithAnUnsentChangeSendsItOnce(t *testing.T) {
	for name, sent := range map[string]bool{"edited": false, "on its way": true, "sent without an answer": true} {
		t.Run(name, func(t *testing.T) {
			hub := newHub(t)
			setStrategy(t, hub, "deal", merge.OpReplay)
			set(t, hub, "office", "deal/1", "n:=1")
			laptop := newReplica(t, hub, "laptop")
			set(t, laptop, "ana", "deal/1", "n+=10")
			switch {
			case name == "on its way":
				outgoing(t, laptop)
			case sent:
				broken(t, laptop, deaf(hub))
			}
			laptop, twin := copied(t, laptop)
			exchange(t, laptop, hub)
			exchange(t, twin, hub)
			set(t, laptop, "ana", "deal/1", "n+=100")
			set(t, twin, "bo", "deal/1", "n+=1000")
			exchange(t, twin, hub)
			exchange(t, laptop, hub)
			exchange(t, twin, hub)
			want(t, twin, "deal/1", 4, false, `{"n":1111}`)
			agree(t, hub, laptop, twin)
		})
	}
}

// TestTwoCopiesOfAChangeThatWereEditedFurtherHaveOneEffectEach: what both had in common counts once.
func TestTwoCopiesOfAChangeThatWereEditedFurtherHaveOneEffectEach(t *testing.T) {
	hub := newHub(t)
	setStrategy(t, hub, "deal", merge.OpReplay)
	set(t, hub, "office", "deal/1", "n:=1")
	laptop := newReplica(t, hub, "laptop")
	set(t, laptop, "ana", "deal/1", "n+=10")
	laptop, twin := copied(t, laptop)
	set(t, laptop, "ana", "deal/1", "n+=100")
	set(t, twin, "bo", "deal/1", "n+=1000")
	for _, s := range []*store.Store{laptop, twin, laptop, twin} {
		exchange(t, s, hub)
	}
	want(t, laptop, "deal/1", 3, false, `{"n":1111}`)
	agree(t, hub, laptop, twin)
}

// TestTheConflictsOfTwoCopiesAreTwo: neither takes the place of the other's.
func TestTheConflictsOfTwoCopiesAreTwo(t *testing.T) {
	hub := newHub(t)
	set(t, hub, "office", "deal/1", "x:=1")
	laptop, twin := copied(t, newReplica(t, hub, "laptop"))
	set(t, laptop, "ana", "deal/1", "x:=10")
	set(t, twin, "bo", "deal/1", "x:=20")
	set(t, hub, "diaz", "deal/1", "x:=2")
	exchange(t, laptop, hub)
	exchange(t, twin, hub)
	if open := waiting(t, hub, "deal/1"); len(open) != 2 {
		t.Fatalf("conflicts %v wait at the hub", open)
	}
	wantConflict(t, laptop, "deal/1", merge.EditEdit, `{"x":1}`, `{"x":10}`, `{"x":2}`)
	wantConflict(t, twin, "deal/1", merge.EditEdit, `{"x":1}`, `{"x":20}`, `{"x":2}`)
	resolve(t, twin, "deal/1", merge.TakeLocal, "bo")
	exchange(t, twin, hub)
	exchange(t, laptop, hub)
	wantConflict(t, laptop, "deal/1", merge.EditEdit, `{"x":1}`, `{"x":10}`, `{"x":20}`)
	resolve(t, laptop, "deal/1", merge.TakeServer, "ana")
	exchange(t, laptop, hub)
	exchange(t, twin, hub)
	if open := waiting(t, hub, "deal/1"); len(open) != 0 {
		t.Errorf("conflicts %v wait at the hub", open)
	}
	want(t, twin, "deal/1", 4, false, `{"x":20}`)
	agree(t, hub, laptop, twin)
}
