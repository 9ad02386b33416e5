package merge_test

import (
	"encoding/json"
	"maps"
	"reflect"
	"slices"
	"testing"

	"dovetail/merge"
)

func TestADraftOfARecordIsBroughtToTheRecordAsItIs(t *testing.T) {
	for _, tt := range []struct {
		name  string
		now   string
		kept  []string // edits that are left
		clash []string
		held  int
	}{
		{name: "nobody else changed anything", now: `{"a":1,"b":"x"}`, kept: []string{"/a", "/b"}},
		{name: "another field was changed", now: `{"a":1,"b":"x","c":9}`, kept: []string{"/a", "/b"}},
		{name: "both changed a field", now: `{"a":5,"b":"x"}`, kept: []string{"/a", "/b"}, clash: []string{"/a"}},
		{name: "both made it the same", now: `{"a":2,"b":"x"}`, kept: []string{"/b"}, held: 1},
		{name: "the same number, written otherwise", now: `{"a":2.0,"b":"x"}`, kept: []string{"/b"}, held: 1},
		{name: "one removed it, the other changed it", now: `{"a":1,"b":"y"}`, kept: []string{"/a", "/b"}, clash: []string{"/b"}},
		{name: "both removed it", now: `{"a":1}`, kept: []string{"/a"}, held: 1},
		{name: "the record is gone", now: ``, kept: []string{"/a"}, clash: []string{"/a"}, held: 1},
	} {
		t.Run(tt.name, func(t *testing.T) {
			d := merge.RecordDraft{Version: 3}
			d.Put("/a", merge.FieldEdit{Value: "2", Was: "1"})
			d.Put("/b", merge.FieldEdit{Was: `"x"`})
			d.Type("/c", merge.TypedText{Text: "half"})
			before := d
			held := d.Rebase(merge.Document(tt.now), nil, 4, 1)
			if got := slices.Sorted(maps.Keys(d.Edits)); !slices.Equal(got, tt.kept) || held != tt.held {
				t.Errorf("kept %v, %d held", got, held)
			}
			if got := d.Clashes(merge.Document(tt.now), nil); !slices.Equal(got, tt.clash) {
				t.Errorf("in clash %v, want %v", got, tt.clash)
			}
			if d.Version != 4 || d.Revision != 1 || d.Typed["/c"].Text != "half" || len(before.Edits) != 2 {
				t.Errorf("the draft is %+v, was %+v", d, before)
			}
			for _, path := range tt.clash {
				d.Keep(path, merge.Document(tt.now), nil)
			}
			if left := d.Clashes(merge.Document(tt.now), nil); len(left) > 0 {
				t.Errorf("still in clash: %v", left)
			}
		})
	}
}

func TestADraftOfARecordIsReadBackAsItWas(t *testing.T) {
	d := merge.RecordDraft{Record: merge.Key{Collection: "deal", ID: "D/1"}, Person: "ana", Version: 3}
	d.Put("/a", merge.FieldEdit{Value: "null", Was: `"x"`})
	d.Put("/gone", merge.FieldEdit{Was: "null"})
	d.Put("/new", merge.FieldEdit{Value: `{"x":[1]}`})
	d.Put("/same", merge.FieldEdit{Value: "1.0", Was: "1"})
	d.Type("/new", merge.TypedText{Text: "\u202e\t\n", Was: "0"})
	text, err := json.Marshal(d)
	if err != nil {
		t.Fatal(err)
	}
	var back merge.RecordDraft
	if err := json.Unmarshal(text, &back); err != nil || !reflect.DeepEqual(d, back) {
		t.Errorf("%s came back as %+v, %v", text, back, err)
	}
	if got := d.Fields(); !slices.Equal(got, []string{"/a", "/gone", "/new"}) {
		t.Errorf("it is about %v", got)
	}
	if d.Empty() || !new(merge.RecordDraft).Empty() {
		t.Error("what is empty is told wrongly")
	}
	for _, path := range d.Fields() {
		d.Drop(path)
	}
	if !d.Empty() {
		t.Errorf("after all was dropped it is %+v", d)
	}
}
