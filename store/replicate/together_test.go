package replicate_test

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"

	"dovetail/merge"
	"dovetail/store"
	"dovetail/store/replicate"
)

// TestTwoThatSyncOneReplicaAtOnceDoTheWorkOnce: each has opened the files for itself, and a third one edits meanwhile.
func TestTwoThatSyncOneReplicaAtOnceDoTheWorkOnce(t *testing.T) {
	hub := newHub(t)
	setStrategy(t, hub, "deal", merge.OpReplay)
	for i := range 4 {
		set(t, hub, "office", fmt.Sprintf("deal/%d", i), "n:=0")
	}
	laptop := newReplica(t, hub, "laptop")
	again := func(s *store.Store) *store.Store {
		other, err := store.Open(t.Context(), s.Info().Path, options(0))
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { other.Close() })
		return other
	}
	editor := again(laptop)
	const edits = 60
	done := make(chan struct{})
	var group sync.WaitGroup
	for range 2 {
		replica, at := again(laptop), again(hub)
		group.Go(func() {
			for last := false; !last; {
				select {
				case <-done:
					last = true
				default:
				}
				if _, err := replicate.Sync(t.Context(), replica, at, nil); err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	for i := range edits {
		add(t, editor, fmt.Sprintf("deal/%d", i%4))
	}
	close(done)
	group.Wait()
	wantReport(t, exchange(t, laptop, hub), replicate.Report{})
	for i := range 4 {
		r, err := laptop.Get(t.Context(), key(fmt.Sprintf("deal/%d", i)))
		if want := fmt.Sprintf(`{"n":%d}`, edits/4); err != nil || string(r.Fields) != want {
			t.Errorf("deal/%d is %s, %v, want %s", i, r.Fields, err, want)
		}
	}
	agree(t, hub, laptop)
}

// add adds 1 to a number, and again where somebody else was in between.
func add(t testing.TB, s *store.Store, record string) {
	t.Helper()
	for {
		r, err := s.Get(t.Context(), key(record))
		if err != nil {
			t.Fatal(err)
		}
		op := merge.Operation{Verb: merge.IncrementField, Path: "/n", Value: "1"}
		doc, err := merge.Perform(r.Fields, []merge.Operation{op})
		if err != nil {
			t.Fatal(err)
		}
		_, err = s.Write(t.Context(), store.Edit{Record: r.Record, Version: r.Version, Revision: r.Revision, Fields: doc, By: "ana",
			Steps: []merge.Operation{op}})
		if !errors.Is(err, merge.ErrStale) {
			if err != nil {
				t.Fatal(err)
			}
			return
		}
	}
}

// TestTheHubAndTheReplicaAreTwoFiles.
func TestTheHubAndTheReplicaAreTwoFiles(t *testing.T) {
	hub := newHub(t)
	laptop := newReplica(t, hub, "laptop")
	for _, path := range []string{laptop.Info().Path, hub.Info().Path} {
		if err := replicate.Apart(path, path); err == nil {
			t.Errorf("%s is apart from itself", path)
		}
	}
	if err := replicate.Apart(laptop.Info().Path, hub.Info().Path); err != nil {
		t.Error(err)
	}
}

// TestAReplicaIsNoHub: nothing is sent to it, whatever it is told it keeps to what its hub says, and no hub is synced.
func TestAReplicaIsNoHub(t *testing.T) {
	hub := newHub(t)
	set(t, hub, "office", "deal/1", "x:=1")
	laptop, tablet := newReplica(t, hub, "laptop"), newReplica(t, hub, "tablet")
	set(t, laptop, "ana", "deal/1", "x:=2")
	before, there := everything(t, laptop), everything(t, tablet)
	for name, s := range map[string]*store.Store{"another replica": tablet, "itself": laptop} {
		report, err := replicate.Sync(t.Context(), laptop, s, nil)
		if err == nil || !strings.Contains(err.Error(), "not a hub") || report != (replicate.Report{}) {
			t.Errorf("%s: %+v, %v", name, report, err)
		}
	}
	const line = `{"key":"k","record":"deal/1","base_version":1,"local":{"x":3}}`
	for name, try := range map[string]func() error{
		"push":    func() error { _, err := tablet.Push(t.Context(), []byte(line)); return err },
		"deliver": func() error { _, err := tablet.Deliver(t.Context(), [][]byte{[]byte(line)}); return err },
		"import": func() error {
			_, err := tablet.Import(t.Context(), strings.NewReader(line), store.ImportOptions{}, func(store.Answer) error { return nil })
			return err
		},
		"schema": func() error {
			_, err := tablet.SetSchema(t.Context(), "deal", merge.Document(`{"properties":{"x":{"maximum":1}}}`), "bo")
			return err
		},
		"strategy": func() error { return tablet.SetStrategy(t.Context(), "deal", merge.OpReplay) },
	} {
		if err := try(); !errors.Is(err, store.ErrReplica) {
			t.Errorf("%s: got %v", name, err)
		}
	}
	if now := everything(t, laptop); strings.Join(now, "\n") != strings.Join(before, "\n") {
		t.Errorf("the laptop is %q", now)
	}
	if now := everything(t, tablet); strings.Join(now, "\n") != strings.Join(there, "\n") {
		t.Errorf("the tablet is %q", now)
	}
	if _, err := replicate.Sync(t.Context(), hub, hub, nil); !errors.Is(err, store.ErrNotReplica) {
		t.Errorf("a hub is synced: %v", err)
	}
	exchange(t, laptop, hub)
	exchange(t, tablet, hub)
	agree(t, hub, laptop, tablet)
}

// TestAnExchangeThatIsBrokenOffAnywhereGoesOn: each message in turn is the first that does not come through.
func TestAnExchangeThatIsBrokenOffAnywhereGoesOn(t *testing.T) {
	for cut := 1; ; cut++ {
		hub := newHub(t)
		setStrategy(t, hub, "deal", merge.OpReplay)
		for _, record := range []string{"deal/1", "deal/2", "account/1"} {
			set(t, hub, "office", record, "n:=1")
		}
		laptop := newReplica(t, hub, "laptop")
		set(t, laptop, "ana", "deal/1", "n+=10")
		outgoing(t, laptop)
		set(t, laptop, "ana", "deal/1", "n+=100")
		set(t, laptop, "ana", "deal/2", "n+=10")
		set(t, laptop, "ana", "account/1", "n:=2")
		set(t, hub, "diaz", "deal/1", "n+=1000")
		set(t, hub, "diaz", "account/1", "n:=3")
		left := cut
		_, err := replicate.Sync(t.Context(), laptop, cutOff(hub, &left), nil)
		if err == nil {
			if cut < 5 {
				t.Errorf("the exchange has %d messages", cut-1)
			}
			return
		}
		if !errors.Is(err, errLine) {
			t.Fatal(err)
		}
		settledOn(t, hub, laptop)
		laptop = reopen(t, laptop)
		exchange(t, laptop, hub)
		want(t, laptop, "deal/1", 4, false, `{"n":1111}`)
		want(t, laptop, "deal/2", 2, false, `{"n":11}`)
		wantConflict(t, hub, "account/1", merge.EditEdit, `{"n":1}`, `{"n":2}`, `{"n":3}`)
		wantConflict(t, laptop, "account/1", merge.EditEdit, `{"n":1}`, `{"n":2}`, `{"n":3}`)
		agree(t, hub, laptop)
	}
}

// TestADecisionWhoseExchangeIsBrokenOffAnywhereIsMadeOnce, with the edits before and after it.
func TestADecisionWhoseExchangeIsBrokenOffAnywhereIsMadeOnce(t *testing.T) {
	for cut := 1; ; cut++ {
		hub, laptop := overtaken(t, []string{"x:=1"}, []string{"x:=2"}, []string{"x:=3"})
		resolve(t, laptop, "deal/1", merge.TakeLocal, "ana")
		set(t, laptop, "ana", "deal/1", "y:=4")
		set(t, hub, "diaz", "deal/1", "z:=5")
		left := cut
		_, err := replicate.Sync(t.Context(), laptop, cutOff(hub, &left), nil)
		if err != nil && !errors.Is(err, errLine) {
			t.Fatal(err)
		}
		settledOn(t, hub, laptop)
		laptop = reopen(t, laptop)
		exchange(t, laptop, hub)
		wantNoConflict(t, "deal/1", hub, laptop)
		agree(t, hub, laptop)
		wantVersions(t, hub, "deal/1", `1 write office {"x":1}`, `2 write diaz {"x":2}`, `3 write diaz {"x":2,"z":5}`,
			`4 resolution ana {"x":3,"z":5}`, `5 merge ana {"x":3,"y":4,"z":5}`)
		wantRows(t, hub, `SELECT count(*) FROM dovetail_resolution n WHERE n.conflict IS NOT NULL`, "1")
		if err == nil {
			if cut < 7 {
				t.Errorf("the exchange has %d messages", cut-1)
			}
			return
		}
	}
}
