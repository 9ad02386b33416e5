package store_test

import (
	"reflect"
	"testing"

	"dovetail/merge"
	"dovetail/store"
)

func TestADraftOfARecordIsAPersonsOwn(t *testing.T) {
	s := newStore(t)
	draft := func(record, person string, value merge.Value) merge.RecordDraft {
		t.Helper()
		d := merge.RecordDraft{Record: key(record), Person: person, Version: 3}
		d.Put("/a", merge.FieldEdit{Value: value, Was: "1"})
		d.Type("/b", merge.TypedText{Text: "half \u202e\r", Was: "null"})
		if err := s.SaveRecordDraft(t.Context(), d); err != nil {
			t.Fatal(err)
		}
		return d
	}
	draft("deal/2", "ana", `"x"`)
	want := []merge.RecordDraft{draft("account/9", "ana", "7"), draft("deal/2", "ana", `"y"`)}
	draft("deal/2", "bo", "9")
	path := s.Info().Path
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s, err := store.Open(t.Context(), path, options())
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	wantDrafts := func(person string, want []merge.RecordDraft) {
		t.Helper()
		got, err := s.RecordDrafts(t.Context(), person)
		for i := range got {
			if got[i].SavedAt.IsZero() {
				t.Errorf("%s was saved at no time", got[i].Record)
			}
			got[i].SavedAt = want[min(i, len(want)-1)].SavedAt
		}
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("the drafts of %s are %+v, %v, want %+v", person, got, err, want)
		}
	}
	wantDrafts("ana", want)
	wantDrafts("cy", nil)
	for range 2 { // that there is none is no error
		if err := s.DiscardRecordDraft(t.Context(), key("account/9"), "ana"); err != nil {
			t.Fatal(err)
		}
	}
	wantDrafts("ana", want[1:])
	for _, bad := range []merge.RecordDraft{{Record: key("deal/2")}, {Person: "ana"}} {
		if err := s.SaveRecordDraft(t.Context(), bad); err == nil {
			t.Errorf("saved is %+v", bad)
		}
	}
	if left, err := s.Unfinished(t.Context()); err != nil || left.Drafts != 2 {
		t.Errorf("under way is %+v, %v", left, err)
	}
}
