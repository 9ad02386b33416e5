package remote_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"

	"dovetail/merge"
	"dovetail/store/remote"
)

// Every page of the queue is what the file has, whatever is asked for.
func TestQueueIsThatOfTheFile(t *testing.T) {
	r := newRig(t)
	var lines []string
	for i := range 40 {
		name := fmt.Sprintf(`%s/D %d <&> \"q\" é%%2F/..`, []string{"deal", "account"}[i%2], i)
		fields := []string{`{"a":1}`, `{"a":2,"b":1}`, `{"b":{"c":1}}`, `null`}
		lines = append(lines, fmt.Sprintf(`{"key":"k%d","record":"%s","base":{"x":1},"local":%s,"server":{"a":3,"b":2},"server_version":5,"local_by":"%s","device":"dev %d"}`,
			i, name, fields[i%4], []string{"ana r", "bo"}[i/2%2], i%3))
	}
	r.push(lines...)
	hub := r.as("bo")
	w := writing(t, hub, 5, merge.TakeLocal)
	d := merge.Draft{Conflict: 7, Decisions: w.Decisions}
	for _, err := range []error{hub.SaveDraft(t.Context(), d), r.as("ana").SaveDraft(t.Context(), d), errOf(hub.Resolve(t.Context(), w))} {
		if err != nil {
			t.Fatal(err)
		}
	}
	groups, err := hub.Groups(t.Context(), merge.Query{})
	inFile, err2 := r.file.Groups(t.Context(), merge.Query{})
	if err != nil || err2 != nil || !reflect.DeepEqual(groups, inFile) || len(groups) < 4 {
		t.Fatalf("groups %+v, %v; in the file %+v, %v", groups, err, inFile, err2)
	}
	random := rand.New(rand.NewPCG(1, 2))
	filters := []string{"", "collection:deal", `by:"ana r"`, "field:b kind:edit-edit", "state:open state:resolved", "é%2F", `"""q"""`,
		`record:"deal/D 6 <&> ""q"" é%2F/.."`, "state:resolved", "nowhere", "age>1d", "age<1w"}
	pages := 0
	for range 60 {
		q := merge.Query{Person: "bo", Limit: 1 + random.IntN(9), Drafts: random.IntN(9) == 0, Backward: random.IntN(2) == 0,
			Newest: random.IntN(2) == 0}
		if q.Filter, err = merge.ParseFilter(filters[random.IntN(len(filters))]); err != nil {
			t.Fatal(err)
		}
		if random.IntN(4) == 0 {
			q.Group = &groups[random.IntN(len(groups))]
		}
		for range 4 {
			got, err := hub.Conflicts(t.Context(), q)
			want, err2 := r.file.Conflicts(t.Context(), q)
			if len(want.Conflicts) == 0 {
				want.Conflicts, got.Conflicts = nil, nil
			}
			if err != nil || err2 != nil || !reflect.DeepEqual(got, want) {
				t.Fatalf("%+v:\n%+v, %v\nin the file\n%+v, %v", q, got, err, want, err2)
			}
			if pages += len(got.Conflicts); len(got.Conflicts) == 0 {
				break
			}
			if q.From = got.Last; q.Backward {
				q.From = got.First
			}
		}
	}
	if pages < 100 {
		t.Errorf("only %d rows were compared", pages)
	}
	for name, typed := range map[string]string{"by": "", "device": "dev ", "collection": "d", "field": "/b", "record": "deal/D 6"} {
		got, err := hub.FilterValues(t.Context(), name, typed, 9)
		want, err2 := r.file.FilterValues(t.Context(), name, typed, 9)
		if err != nil || err2 != nil || !slices.Equal(got, want) {
			t.Errorf("values of %s that begin with %q: %q, %v; in the file %q, %v", name, typed, got, err, want, err2)
		}
	}
	counts, err := hub.Counts(t.Context(), "bo")
	if want, err2 := r.file.Counts(t.Context(), "bo"); err != nil || err2 != nil || counts != want || counts.Drafts != 1 {
		t.Errorf("%+v, %v; in the file %+v, %v", counts, err, want, err2)
	}
	if page, err := hub.Conflicts(t.Context(), merge.Query{Limit: 10_000}); err != nil || len(page.Conflicts) != 39 {
		t.Errorf("a page that is larger than any: %d rows, %v", len(page.Conflicts), err)
	}
	if _, err := hub.Conflicts(t.Context(), merge.Query{From: "elsewhere"}); !errors.Is(err, remote.ErrInvalid) {
		t.Errorf("a cursor that is none: %v", err)
	}
	status, err := hub.Status(t.Context())
	if err != nil || status.Person != "bo" || status.Role != "hub" || status.Counts != counts || status.Lost != 0 {
		t.Errorf("status %+v, %v", status, err)
	}
	wantSameCases(t, r.file, hub)
}

func errOf[T any](_ T, err error) error { return err }
