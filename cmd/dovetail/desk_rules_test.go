package main

import (
	"errors"
	"path/filepath"
	"strings"
	"testing"

	"dovetail/fixtures"
	"dovetail/merge"
	"dovetail/store"
)

const threeDeals = `title: Three deals
device ana-7: ana, tablet
desktop web: diaz, office
08:00 web write deal/D-1 {"status": "new", "amount": 1}
08:00 web write deal/D-2 {"status": "new", "amount": 1}
08:00 web write deal/D-3 {"status": "new", "amount": 1}
08:05 ana-7 sync
08:06 ana-7 set deal/D-1 status=closed
08:06 ana-7 set deal/D-2 status=closed
08:06 ana-7 set deal/D-3 status=closed amount=5
08:07 web set deal/D-1 status=open
08:07 web set deal/D-2 status=open
08:07 web set deal/D-3 status=open
08:10 ana-7 sync
08:11 web resolve deal/D-1 status=server
08:12 web resolve deal/D-2 status=local
`

// threeDealsHub is a hub on which two of three conflicts are decided, one by each side; it is opened again from its file.
func threeDealsHub(t *testing.T) (path string, world *playWorld) {
	t.Helper()
	s, err := fixtures.Parse("three", threeDeals)
	if err != nil {
		t.Fatal(err)
	}
	world, err = newPlayWorld(t.Context(), filepath.Join(t.TempDir(), "world"), s, merge.FieldMerge, playNoon)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { world.close() })
	if err := world.playAll(t.Context()); err != nil {
		t.Fatal(err)
	}
	path = filepath.Join(t.TempDir(), "hub.db")
	if _, err := world.hub.Backup(t.Context(), path, nil); err != nil {
		t.Fatal(err)
	}
	return path, world
}

func deskOnHub(t *testing.T, path string) desk {
	t.Helper()
	s, err := store.Open(t.Context(), path, store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return desk{inFile(s)}
}

// TestARuleIsTriedAndSetOnARealHub: backwards over what was decided, forwards over what waits, and it outlives the program.
func TestARuleIsTriedAndSetOnARealHub(t *testing.T) {
	path, world := threeDealsHub(t)
	d := deskOnHub(t, path)
	trial, err := d.TryRule(t.Context(), "deal", "/status", "server")
	if err != nil || trial.Agrees != 1 || trial.Different != 1 || len(trial.Differs) != 1 || trial.Waiting != 1 || trial.Settles != 1 {
		t.Fatalf("%+v, %v", trial, err)
	}
	if o := trial.Differs[0]; o.Record.ID != "D-2" || o.By != "diaz" || o.Choice != merge.TakeLocal || o.Value != `"closed"` || o.Rule != `"open"` {
		t.Errorf("it differs in %+v", o)
	}
	if counts, err := d.Counts(t.Context(), "vera"); err != nil || counts.Open != 1 {
		t.Errorf("trying settled something: %+v, %v", counts, err)
	}
	if closed, err := d.SetRule(t.Context(), "deal", "/status", "server", "vera"); err != nil || closed != 0 {
		t.Fatalf("%d closed, %v", closed, err)
	}
	if err := d.file.Close(); err != nil {
		t.Fatal(err)
	}
	d = deskOnHub(t, path)
	// Nothing is left to decide of the conflict that waits, but a person is to see it before it is written.
	page, err := d.Conflicts(t.Context(), merge.Query{Limit: 9})
	if err != nil || len(page.Conflicts) != 1 || page.Conflicts[0].Record.ID != "D-3" || len(page.Conflicts[0].Fields) != 0 {
		t.Fatalf("there wait %+v, %v", page.Conflicts, err)
	}
	c, err := d.Case(t.Context(), page.Conflicts[0].Number)
	if err != nil {
		t.Fatal(err)
	}
	if result, err := c.Merge().Apply(nil); err != nil || string(result) != `{"amount":5,"status":"open"}` {
		t.Errorf("it comes to %s, %v", result, err)
	}
	text, _, err := d.file.Schema(t.Context(), "deal")
	if err != nil || !strings.Contains(string(text), `"server"`) {
		t.Errorf("the schema is %s, %v", text, err)
	}
	// A second rule stands beside the first one, and closes nothing.
	if closed, err := d.SetRule(t.Context(), "deal", "/amount", "local", "vera"); err != nil || closed != 0 {
		t.Errorf("%d closed, %v", closed, err)
	}
	if text, _, err = d.file.Schema(t.Context(), "deal"); err != nil || !strings.Contains(string(text), `"server"`) || !strings.Contains(string(text), `"local"`) {
		t.Errorf("the schema is %s, %v", text, err)
	}
	if _, err := d.TryRule(t.Context(), "deal", "/status", "sideways"); err == nil {
		t.Error("a policy that there is not was tried")
	}
	if _, err := d.SetRule(t.Context(), "deal", "/status", "sideways", "vera"); err == nil {
		t.Error("a policy that there is not was set")
	}
	replica := desk{inFile(world.device("ana-7").store)}
	if _, err := replica.SetRule(t.Context(), "deal", "/status", "server", "vera"); !errors.Is(err, store.ErrReplica) {
		t.Errorf("a rule was set on a replica: %v", err)
	}
}

// TestHistoryTellsWhoWroteWhatAndWhatWasNotKept of a record on a real hub.
func TestHistoryTellsWhoWroteWhatAndWhatWasNotKept(t *testing.T) {
	path, _ := threeDealsHub(t)
	d := deskOnHub(t, path)
	moments, err := d.History(t.Context(), merge.Key{Collection: "deal", ID: "D-1"})
	if err != nil || len(moments) != 3 {
		t.Fatalf("%+v, %v", moments, err)
	}
	for i, want := range []struct {
		cause, by, device, fields string
	}{
		{"write", "diaz", "web", `{"amount":1,"status":"new"}`}, {"write", "diaz", "web", `{"amount":1,"status":"open"}`},
		{"resolution", "diaz", "", `{"amount":1,"status":"open"}`},
	} {
		m := moments[i]
		if m.Version != int64(i+1) || m.Cause != want.cause || m.Stamp.By != want.by || m.Stamp.Device != want.device && want.device != "" ||
			string(m.Fields) != want.fields || m.Stamp.At.IsZero() {
			t.Errorf("moment %d is %+v, want %+v", i, m, want)
		}
	}
	last := moments[2]
	if len(last.NotKept) != 1 || last.NotKept[0].Path != "/status" || last.NotKept[0].Value != `"closed"` {
		t.Errorf("not kept is %+v", last.NotKept)
	}
	if _, err := d.History(t.Context(), merge.Key{Collection: "deal", ID: "none"}); !errors.Is(err, merge.ErrNotFound) {
		t.Errorf("of a record that is not there: %v", err)
	}
}
