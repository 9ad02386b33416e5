package remote_test

import (
	"reflect"
	"testing"

	"dovetail/merge"
)

// A draft of a record is kept at the hub for the token's person, and comes back as it was.
func TestDraftsOfRecordsAreThePersonsOfTheToken(t *testing.T) {
	r := newRig(t)
	r.deal()
	ana, bo := r.as("ana"), r.as("bo")
	d := merge.RecordDraft{Record: merge.Key{Collection: "deal", ID: "new/1 ä"}, Person: "somebody else"}
	d.Put("/a", merge.FieldEdit{Value: `"x"`, Was: "null"})
	d.Put("/b", merge.FieldEdit{Was: "1"})
	d.Type("/c", merge.TypedText{Text: "clo\u0000<"})
	if err := ana.SaveRecordDraft(t.Context(), d); err != nil {
		t.Fatal(err)
	}
	got, err := ana.RecordDrafts(t.Context(), "ana")
	if err != nil || len(got) != 1 || got[0].SavedAt.IsZero() {
		t.Fatalf("ana has %+v, %v", got, err)
	}
	d.Person, d.SavedAt = "ana", got[0].SavedAt
	if !reflect.DeepEqual(got[0], d) {
		t.Errorf("it came back as %+v, was %+v", got[0], d)
	}
	if _, err := bo.RecordDrafts(t.Context(), "ana"); err != nil {
		t.Errorf("bo has none, and is told %v", err)
	}
	if got, err := bo.RecordDrafts(t.Context(), "bo"); err != nil || len(got) != 0 {
		t.Errorf("bo has %+v, %v", got, err)
	}
	if err := bo.DiscardRecordDraft(t.Context(), d.Record, "ana"); err != nil {
		t.Fatal(err)
	}
	if kept, err := r.file.RecordDrafts(t.Context(), "ana"); err != nil || len(kept) != 1 {
		t.Errorf("bo threw ana's draft away: %+v, %v", kept, err)
	}
	if _, err := ana.RecordDrafts(t.Context(), "bo"); err == nil {
		t.Error("ana's drafts are given out as bo's")
	}
	if err := ana.DiscardRecordDraft(t.Context(), d.Record, "ana"); err != nil {
		t.Fatal(err)
	}
	if kept, err := r.file.RecordDrafts(t.Context(), "ana"); err != nil || len(kept) != 0 {
		t.Errorf("left is %+v, %v", kept, err)
	}
}
