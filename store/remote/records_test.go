package remote_test

import (
	"errors"
	"fmt"
	"reflect"
	"testing"

	"dovetail/merge"
	"dovetail/store"
	"dovetail/store/remote"
)

// Records are read, listed and written as in a file, whatever their names.
func TestRecordsAreThoseOfTheFile(t *testing.T) {
	r := newRig(t)
	hub := r.as("ana")
	for i, id := range []string{"D-1", ".", "..", "a/b", "../x", "%2F", "?q=1#f", "é <&> \"q\"", " b", "~", "//", "a//b/"} {
		record := merge.Key{Collection: "deal", ID: id}
		made, err := hub.Write(t.Context(), store.Edit{Record: record, Fields: merge.Document(fmt.Sprintf(`{"n":%d.0,"text":"<&>\u001b"}`, i))})
		if err != nil || made.Version != 1 {
			t.Errorf("make %q: %+v, %v", id, made, err)
			continue
		}
		inFile, err := r.file.Get(t.Context(), record)
		got, err2 := hub.Get(t.Context(), record)
		if err != nil || err2 != nil || !reflect.DeepEqual(got, inFile) || !reflect.DeepEqual(made, inFile) {
			t.Errorf("%q: %+v, %v; made %+v; in the file %+v, %v", id, got, err2, made, inFile, err)
		}
		log, err := hub.Log(t.Context(), record)
		if err != nil || len(log) != 1 || log[0].By != "ana" {
			t.Errorf("%q: %+v, %v", id, log, err)
		}
	}
	want, err := r.file.List(t.Context(), "deal", "", "", 100)
	for _, size := range []int{1, 3, 100} {
		var all []store.Record
		for after := ""; ; after = all[len(all)-1].Record.ID {
			page, err := hub.List(t.Context(), "deal", "", after, size)
			if err != nil {
				t.Fatal(err)
			}
			all = append(all, page...)
			if len(page) < size {
				break
			}
		}
		if err != nil || !reflect.DeepEqual(all, want) {
			t.Errorf("%d at once: %+v, %v", size, all, err)
		}
	}
	if some, err := hub.List(t.Context(), "deal", `"n":2`, "", 100); err != nil || len(some) != 1 || some[0].Record.ID != ".." {
		t.Errorf("with a text: %+v, %v", some, err)
	}
	if names, err := hub.Collections(t.Context()); err != nil || !reflect.DeepEqual(names, []string{"deal"}) {
		t.Errorf("%q, %v", names, err)
	}
}

// A write names the version that it was made on, also one that makes a record anew that was deleted.
func TestWritesOverTheWire(t *testing.T) {
	r := newRig(t)
	line := &lossy{}
	hub, record := r.over(line, "ana"), key("deal/D-1")
	for _, step := range []struct {
		version int64
		fields  string
		want    int64 // 0: stale
	}{
		{version: 1, fields: `{"a":1}`}, {version: 0, fields: `{"a":1}`, want: 1}, {version: 0, fields: `{"a":2}`}, {version: 1, fields: `{"a":2}`, want: 2},
		{version: 1, fields: `{"a":3}`}, {version: 2, fields: `{"a":2.0}`, want: 2}, {version: 1}, {version: 2, want: 3}, {version: 3, fields: `{"b":1}`, want: 4},
	} {
		line.lose = int(step.want) % 2 // an answer that is lost is asked for again, and has one effect
		e := store.Edit{Record: record, Version: step.version, By: "somebody"}
		if step.fields != "" {
			e.Fields = merge.Document(step.fields)
		}
		got, err := hub.Write(t.Context(), e)
		switch {
		case step.want == 0 && !errors.Is(err, merge.ErrStale):
			t.Errorf("%+v: %+v, %v", step, got, err)
		case step.want > 0 && (err != nil || got.Version != step.want || got.Deleted != (step.fields == "")):
			t.Errorf("%+v: %+v, %v", step, got, err)
		}
	}
	log, err := r.file.Log(t.Context(), record)
	if err != nil || len(log) != 4 || log[3].By != "ana" || log[2].Fields != nil {
		t.Errorf("%+v, %v", log, err)
	}
	if _, err := hub.Get(t.Context(), key("deal/none")); !errors.Is(err, merge.ErrNotFound) {
		t.Errorf("one that never was: %v", err)
	}
	if _, err := r.as("reader").Write(t.Context(), store.Edit{Record: record, Version: 4, Fields: merge.Document(`{}`)}); !errors.Is(err, remote.ErrForbidden) {
		t.Errorf("by a token for reading: %v", err)
	}
}

// What conflicts came to comes out as of the file, however many there are.
func TestResolutionsAreThoseOfTheFile(t *testing.T) {
	r := newRig(t)
	r.deal()
	hub := r.as("ana")
	for range 3 {
		w, err := hub.Resolve(t.Context(), writing(t, hub, 1, merge.TakeLocal))
		if err == nil {
			_, err = hub.Undo(t.Context(), w.Resolution, "ana")
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	for after := range int64(7) {
		var got, want []store.Resolution
		err := hub.EachResolution(t.Context(), after, func(one store.Resolution) error { got = append(got, one); return nil })
		err2 := r.file.EachResolution(t.Context(), after, func(one store.Resolution) error { want = append(want, one); return nil })
		if err != nil || err2 != nil || !reflect.DeepEqual(got, want) || len(got) != int(6-after) {
			t.Errorf("after %d: %+v, %v; in the file %+v, %v", after, got, err, want, err2)
		}
	}
	enough := errors.New("enough")
	if err := hub.EachResolution(t.Context(), 0, func(store.Resolution) error { return enough }); !errors.Is(err, enough) {
		t.Errorf("broken off: %v", err)
	}
}
