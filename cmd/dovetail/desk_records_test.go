package main

import (
	"errors"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"dovetail/merge"
	"dovetail/store"
	"dovetail/store/remote"
	"dovetail/store/replicate"
	"dovetail/store/serve"
	"dovetail/tui"
)

var firstDeal = merge.Key{Collection: "deal", ID: "D-1"}

// Both kinds of a hub: its file, and the same over HTTP.
func TestRecordsAreFoundAndWrittenOnAHub(t *testing.T) {
	path, _ := threeDealsHub(t)
	file := deskOnHub(t, path)
	if _, err := file.file.SetSchema(t.Context(), "deal", []byte(`{"properties":{"amount":{"type":"number","minimum":0}}}`), "ana"); err != nil {
		t.Fatal(err)
	}
	if _, err := file.file.AddToken(t.Context(), "kim", store.Scopes, "secret"); err != nil {
		t.Fatal(err)
	}
	served := httptest.NewServer(serve.New(file.file, serve.Options{}))
	defer served.Close()
	token, err := remote.NewToken("secret")
	if err != nil {
		t.Fatal(err)
	}
	hub, err := remote.Dial(served.URL, token, remote.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer hub.Close()
	t.Run("file", func(t *testing.T) { findAndWrite(t, recordDesk(file), "77") })
	t.Run("http", func(t *testing.T) { findAndWrite(t, recordDesk{overHTTP(hub, serve.Status{})}, "78") })
}

func findAndWrite(t *testing.T, d recordDesk, amount merge.Value) {
	t.Helper()
	found, err := d.Find(t.Context(), "deal", "", "D-1", 1)
	if err != nil || len(found) != 1 || found[0].Record.ID != "D-2" {
		t.Fatalf("found %+v, %v", found, err)
	}
	open, err := d.Record(t.Context(), merge.Key{Collection: "deal", ID: "D-3"})
	if err != nil || len(open.Conflicts) != 1 || open.Rules == nil {
		t.Errorf("D-3 is %+v, %v", open, err)
	}
	fresh := merge.Key{Collection: "deal", ID: "new-" + string(amount)}
	none, err := d.Record(t.Context(), fresh)
	if err != nil || none.Version != 0 || none.Fields != nil || none.Deleted || none.Rules == nil {
		t.Errorf("a record that never was is %+v, %v", none, err)
	}
	made := tui.RecordEdit{Record: fresh, Fields: merge.Document(`{"amount":1}`), By: "kim"}
	if r, err := d.WriteRecord(t.Context(), made); err != nil || r.Version != 1 {
		t.Errorf("made is %+v, %v", r, err)
	}
	if _, err := d.WriteRecord(t.Context(), made); !errors.Is(err, merge.ErrStale) {
		t.Errorf("made again: %v", err)
	}
	if _, err := d.Write(t.Context(), store.Edit{Record: fresh, Version: 1}); err != nil {
		t.Fatal(err)
	}
	if gone, err := d.Record(t.Context(), fresh); err != nil || !gone.Deleted || gone.Version != 2 {
		t.Errorf("deleted is %+v, %v", gone, err)
	}
	shown, err := d.Record(t.Context(), firstDeal)
	if err != nil {
		t.Fatal(err)
	}
	edit := editOf(t, shown, amount)
	written, err := d.WriteRecord(t.Context(), edit)
	if err != nil || written.Version != shown.Version+1 || written.Pending {
		t.Fatalf("written %+v, %v", written, err)
	}
	edit = editOf(t, shown, "88") // on what was shown before
	if _, err := d.WriteRecord(t.Context(), edit); !errors.Is(err, merge.ErrStale) {
		t.Errorf("an edit on an old version: %v", err)
	}
	_, err = d.WriteRecord(t.Context(), editOf(t, written, "-1"))
	if err == nil || !strings.Contains(err.Error(), "amount") {
		t.Errorf("a rule that is broken: %v", err)
	}
	log, err := d.Log(t.Context(), firstDeal)
	if last := log[len(log)-1]; err != nil || last.Version != written.Version || !strings.Contains(string(last.Fields), `"amount":`+string(amount)) {
		t.Errorf("the last version is %+v %s, %v", last, last.Fields, err)
	}
}

// editOf sets the amount of a record as it was shown.
func editOf(t *testing.T, r tui.RecordShown, amount merge.Value) tui.RecordEdit {
	t.Helper()
	fields, err := merge.With(r.Fields, "/amount", amount)
	if err != nil {
		t.Fatal(err)
	}
	return tui.RecordEdit{Record: r.Record, Version: r.Version, Revision: r.Revision, Fields: fields, By: "kim",
		Steps: []merge.Operation{{Verb: merge.SetField, Path: "/amount", Value: amount, Was: merge.Lookup(r.Fields, "/amount")}}}
}

func TestRecordsOfAReplicaArePendingAndGuardedByTheirRevision(t *testing.T) {
	path, _ := threeDealsHub(t)
	hub := deskOnHub(t, path)
	replica, err := store.CreateReplica(t.Context(), filepath.Join(t.TempDir(), "replica.db"), path, "kim", store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer replica.Close()
	if _, err := replicate.Sync(t.Context(), replica, hub.file, nil); err != nil {
		t.Fatal(err)
	}
	d := recordDesk{inFile(replica)}
	shown, err := d.Record(t.Context(), firstDeal)
	if err != nil {
		t.Fatal(err)
	}
	written, err := d.WriteRecord(t.Context(), editOf(t, shown, "77"))
	if err != nil || !written.Pending || written.Version != shown.Version {
		t.Fatalf("written %+v, %v", written, err)
	}
	if _, err := d.WriteRecord(t.Context(), editOf(t, shown, "88")); !errors.Is(err, merge.ErrStale) {
		t.Errorf("an edit on an old revision: %v", err)
	}
	found, err := d.Find(t.Context(), "deal", "77", "", 9)
	if err != nil || !slices.ContainsFunc(found, func(r tui.RecordShown) bool { return r.Record == firstDeal && r.Pending }) {
		t.Errorf("found %+v, %v", found, err)
	}
}
