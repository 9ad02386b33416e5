package replicate_test

import (
	"context"
	"errors"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"dovetail/merge"
	"dovetail/store"
	"dovetail/store/replicate"
	"dovetail/store/replicate/world"
)

const year = 365 * 24 * time.Hour

// skewed is a hub and a replica that go by one clock, which the replica's device shows wrongly by so much.
func skewed(t testing.TB, skew time.Duration, prepare func(hub *store.Store)) (hub, replica *store.Store) {
	t.Helper()
	c := &world.Clock{At: time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC)}
	right, wrong := options(0), options(0)
	right.Now, wrong.Now = c.Now, func() time.Time { return c.Now().Add(skew) }
	hub, err := store.Create(t.Context(), filepath.Join(t.TempDir(), "hub.db"), right)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { hub.Close() })
	prepare(hub)
	if replica, err = store.CreateReplica(t.Context(), filepath.Join(t.TempDir(), "laptop.db"), hub.Info().Path, "laptop", wrong); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { replica.Close() })
	exchange(t, replica, hub)
	return hub, replica
}

// TestTheLastWriteWinsByTheRightTime, however wrong the device's clock is. The loser is kept, and listed in the hub's log.
func TestTheLastWriteWinsByTheRightTime(t *testing.T) {
	for name, skew := range map[string]time.Duration{
		"a right clock": 0, "ten years ahead": 10 * year, "ten years behind": -10 * year, "an hour ahead": time.Hour, "an hour behind": -time.Hour,
	} {
		prepare := func(hub *store.Store) {
			setStrategy(t, hub, "deal", merge.LastWriteWins)
			set(t, hub, "office", "deal/1", "x:=1", "y:=1")
		}
		t.Run(name+", the hub is later", func(t *testing.T) {
			hub, laptop := skewed(t, skew, prepare)
			set(t, laptop, "ana", "deal/1", "x:=2")
			set(t, hub, "diaz", "deal/1", "y:=3")
			report := exchange(t, laptop, hub)
			wantReport(t, report, replicate.Report{Pushed: 1, Superseded: 1, Pulled: 1})
			want(t, laptop, "deal/1", 2, false, `{"x":1,"y":3}`)
			wantSides(t, hub, "deal/1", `local last-write-wins ana {"x":2,"y":1}`)
			wantLost(t, hub, "deal/1", 2, "local", "ana", "/x", "2")
			agree(t, hub, laptop)
		})
		t.Run(name+", the laptop is later", func(t *testing.T) {
			hub, laptop := skewed(t, skew, prepare)
			set(t, hub, "diaz", "deal/1", "y:=3")
			set(t, laptop, "ana", "deal/1", "x:=2")
			wantReport(t, exchange(t, laptop, hub), replicate.Report{Pushed: 1, Merged: 1, Pulled: 2})
			want(t, laptop, "deal/1", 3, false, `{"x":2,"y":1}`)
			for _, s := range []*store.Store{hub, laptop} {
				wantSides(t, s, "deal/1", `server last-write-wins diaz {"x":1,"y":3}`)
				wantLost(t, s, "deal/1", 3, "server", "diaz", "/y", "3")
			}
			agree(t, hub, laptop)
		})
	}
}

// wantLost checks that the log of a record lists one value that was not kept in a version.
func wantLost(t testing.TB, s *store.Store, record string, version int64, side, by, path, value string) {
	t.Helper()
	log, err := s.Log(t.Context(), key(record))
	if err != nil {
		t.Fatal(err)
	}
	lost := log[version-1].NotKept
	if len(lost) != 1 || lost[0].Side != side || lost[0].By != by ||
		!slices.Equal(lost[0].Values, []merge.LostValue{{Path: path, Side: side, Value: merge.Value(value)}}) {
		t.Errorf("the log of the %s says that %+v was not kept in version %d", s.Info().Role, lost, version)
	}
}

// TestADeviceWithAWrongClockLosesNothingByIt: each field goes by the time of its own last edit, as it was by the hub's clock.
func TestADeviceWithAWrongClockLosesNothingByIt(t *testing.T) {
	hub, laptop := skewed(t, -10*year, func(hub *store.Store) {
		setSchema(t, hub, "deal", `{"properties":{"x":{"x-merge":"latest"}}}`)
		set(t, hub, "office", "deal/1", "x:=1", "y:=1")
	})
	set(t, hub, "diaz", "deal/1", "x:=2")
	set(t, laptop, "ana", "deal/1", "x:=3")
	set(t, laptop, "ana", "deal/1", "y:=3") // later than the edit of x
	wantReport(t, exchange(t, laptop, hub), replicate.Report{Pushed: 1, Merged: 1, Pulled: 2})
	want(t, laptop, "deal/1", 3, false, `{"x":3,"y":3}`)
	set(t, laptop, "ana", "deal/1", "x:=4")
	set(t, hub, "diaz", "deal/1", "x:=5")
	set(t, laptop, "ana", "deal/1", "y:=6") // the change is later than the hub's edit, but not the edit of x
	exchange(t, laptop, hub)
	want(t, laptop, "deal/1", 5, false, `{"x":5,"y":6}`)
	for _, s := range []*store.Store{hub, laptop} {
		wantLost(t, s, "deal/1", 5, "local", "ana", "/x", "4")
	}
	agree(t, hub, laptop)
}

// TestIncrementsOfTwoDevicesBothCount, once each, though every line comes twice and the first answer to it is lost.
func TestIncrementsOfTwoDevicesBothCount(t *testing.T) {
	hub := newHub(t)
	setStrategy(t, hub, "deal", merge.OpReplay)
	set(t, hub, "office", "deal/1", "n:=1", `tags:=["a"]`)
	laptop, tablet := newReplica(t, hub, "laptop"), newReplica(t, hub, "tablet")
	lost := map[string]bool{}
	twice := wire{Store: hub, deliver: func(ctx context.Context, lines [][]byte) ([]store.Answer, error) {
		if _, err := hub.Deliver(ctx, lines); err != nil {
			return nil, err
		}
		answers, err := hub.Deliver(ctx, lines)
		if err == nil && !lost[answers[0].Key] {
			lost[answers[0].Key], err = true, errLine
		}
		return answers, err
	}}
	for i, by := range []string{"n+=10", "n+=100", "n-=1"} {
		set(t, laptop, "ana", "deal/1", by, "tags+=l")
		set(t, tablet, "bo", "deal/1", by, "tags+=t", "tags-=a")
		for _, s := range []*store.Store{laptop, tablet} {
			if i == 1 {
				set(t, s, "again", "deal/1", by)
			}
			for range 3 {
				if _, err := replicate.Sync(t.Context(), s, twice, nil); err != nil && !errors.Is(err, errLine) {
					t.Fatal(err)
				}
			}
		}
	}
	exchange(t, laptop, hub)
	exchange(t, tablet, hub)
	r, err := laptop.Get(t.Context(), key("deal/1"))
	if err != nil || string(r.Fields) != `{"n":419,"tags":["l","t"]}` { // 1 + 2·10 + 4·100 − 2·1
		t.Errorf("it is %s, %v", r.Fields, err)
	}
	if len(lost) < 6 {
		t.Errorf("only %d answers were lost", len(lost))
	}
	agree(t, hub, laptop, tablet)
}

// TestASetOnWhatSomebodyElseChangedIsAConflictAlsoInReplay, and the increments beside it wait with it.
func TestASetOnWhatSomebodyElseChangedIsAConflictAlsoInReplay(t *testing.T) {
	hub := newHub(t)
	setStrategy(t, hub, "deal", merge.OpReplay)
	set(t, hub, "office", "deal/1", "n:=1", "x:=1")
	laptop := newReplica(t, hub, "laptop")
	set(t, laptop, "ana", "deal/1", "n+=10", "x:=2")
	set(t, hub, "diaz", "deal/1", "n+=100", "x:=3")
	wantReport(t, exchange(t, laptop, hub), replicate.Report{Pushed: 1, Conflicts: 1, Pulled: 1})
	set(t, laptop, "ana", "deal/1", "n+=1000")
	exchange(t, laptop, hub)
	set(t, hub, "diaz", "deal/1", "n+=10000")
	exchange(t, laptop, hub)
	for _, s := range []*store.Store{hub, laptop} {
		c := onlyConflict(t, s, "deal/1")
		if f, _ := c.Merge().Field("/n"); f.Result != "11111" || !slices.Equal(c.Conflict.Fields, []string{"/x"}) {
			t.Errorf("the %s has n = %s, and %q in conflict", s.Info().Role, f.Result, c.Conflict.Fields)
		}
	}
	resolve(t, laptop, "deal/1", merge.TakeLocal, "ana")
	exchange(t, laptop, hub)
	want(t, hub, "deal/1", 4, false, `{"n":11111,"x":2}`)
	agree(t, hub, laptop)
}

// TestACounterAddsWhatEachDeviceAdded.
func TestACounterAddsWhatEachDeviceAdded(t *testing.T) {
	hub := newHub(t)
	setSchema(t, hub, "deal", `{"properties":{"n":{"type":"number","default":0,"x-merge":"counter"}}}`)
	set(t, hub, "office", "deal/1", "x=a")
	laptop, tablet := newReplica(t, hub, "laptop"), newReplica(t, hub, "tablet")
	set(t, laptop, "ana", "deal/1", "n+=0.1")
	set(t, tablet, "bo", "deal/1", "n+=0.2")
	broken(t, laptop, deaf(hub))
	broken(t, tablet, deaf(hub))
	set(t, laptop, "ana", "deal/1", "n-=10")
	exchange(t, laptop, hub)
	exchange(t, tablet, hub)
	exchange(t, laptop, hub)
	want(t, laptop, "deal/1", 4, false, `{"n":-9.7,"x":"a"}`)
	agree(t, hub, laptop, tablet)
}
