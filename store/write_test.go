package store_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"dovetail/merge"
	"dovetail/store"
)

func TestAWriteNamesTheVersionItWasMadeOn(t *testing.T) {
	s := newStore(t)
	edit := func(version int64, fields string) error {
		e := store.Edit{Record: key("a/1"), Version: version, By: "bo", Device: "desk"}
		if fields != "" {
			e.Fields = merge.Document(fields)
		}
		_, err := s.Write(t.Context(), e)
		return err
	}
	steps := []struct {
		name    string
		version int64
		fields  string
		want    error
		head    int64
		ends    string
	}{
		{name: "a record that is not there cannot be changed", version: 1, fields: `{"x":1}`, want: merge.ErrStale},
		{name: "nor deleted", version: 0, fields: "", want: merge.ErrNotFound},
		{name: "version 0 creates", version: 0, fields: `{"y":2, "x":1}`, head: 1, ends: `{"x":1,"y":2}`},
		{name: "but not twice", version: 0, fields: `{"x":9}`, want: merge.ErrStale, head: 1, ends: `{"x":1,"y":2}`},
		{name: "the head is changed", version: 1, fields: `{"x":3}`, head: 2, ends: `{"x":3}`},
		{name: "an older version is not", version: 1, fields: `{"x":4}`, want: merge.ErrStale, head: 2, ends: `{"x":3}`},
		{name: "the same writes nothing", version: 2, fields: `{"x":3.0}`, head: 2, ends: `{"x":3}`},
		{name: "a deletion", version: 2, fields: "", head: 3},
		{name: "a deletion of what is deleted writes nothing", version: 3, fields: "", head: 3},
		{name: "a deleted record is not created from nothing", version: 0, fields: `{"x":5}`, want: merge.ErrStale, head: 3},
		{name: "it lives again, and goes on counting", version: 3, fields: `{"x":5}`, head: 4, ends: `{"x":5}`},
	}
	for _, step := range steps {
		if err := edit(step.version, step.fields); !errors.Is(err, step.want) {
			t.Errorf("%s: it says %v, want %v", step.name, err, step.want)
		}
		if step.head > 0 {
			s = reopen(t, s)
			wantRecord(t, s, "a/1", step.head, step.ends)
		}
	}
	var bad *merge.DocumentError
	if err := edit(4, `{"x":1,"x":2}`); !errors.As(err, &bad) {
		t.Errorf("a bad document says %v", err)
	}
	if _, err := s.Write(t.Context(), store.Edit{Record: merge.Key{Collection: "A", ID: "1"}, Fields: doc(`{}`)}); !errors.Is(err, merge.ErrKey) {
		t.Errorf("a bad name says %v", err)
	}
	wantChain(t, s)
}

func TestOfManyWritersOnOneVersionExactlyOneWins(t *testing.T) {
	s := newStore(t)
	other, err := store.Open(t.Context(), s.Info().Path, options())
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	const writers, rounds = 4, 5
	for round := range int64(rounds) {
		errs := make([]error, writers)
		var group sync.WaitGroup
		for i := range writers {
			group.Go(func() {
				_, errs[i] = []*store.Store{s, other}[i%2].Write(t.Context(), store.Edit{Record: key("a/1"), Version: round,
					Fields: doc(fmt.Sprintf(`{"round":%d,"who":%d}`, round, i))})
			})
		}
		group.Wait()
		won := 0
		for _, err := range errs {
			if err == nil {
				won++
			} else if !errors.Is(err, merge.ErrStale) {
				t.Errorf("it says %v", err)
			}
		}
		if won != 1 {
			t.Errorf("in round %d %d won", round, won)
		}
	}
	wantRows(t, s, `SELECT count(*), max(number) FROM dovetail_version`, "5 5")
	wantChain(t, s)
}

func TestGetAndList(t *testing.T) {
	s := newStore(t)
	for i, name := range []string{"a/Ärger", "a/b/c", "a/zoo", "a/gone", "b/1"} {
		push(t, s, fmt.Sprintf(`{"key":"k%d","record":"%s","local":{"city":"Weir %d","n":"50%%_"}}`, i, name, i))
	}
	if _, err := s.Write(t.Context(), store.Edit{Record: key("a/gone"), Version: 1}); err != nil {
		t.Fatal(err)
	}
	if got, want := asJSON(t, get(t, s, "a/gone")), `{"record":"a/gone","version":2,"deleted":true,"fields":null}`; got != want {
		t.Errorf("a deleted record is %s, want %s", got, want)
	}
	if got, want := asJSON(t, get(t, s, "a/b/c")), `{"record":"a/b/c","version":1,"deleted":false,"fields":{"city":"Weir 1","n":"50%_"}}`; got != want {
		t.Errorf("a record is %s, want %s", got, want)
	}
	for _, name := range []string{"a/nosuch", "nosuch/1"} {
		if _, err := s.Get(t.Context(), key(name)); !errors.Is(err, merge.ErrNotFound) {
			t.Errorf("%s says %v", name, err)
		}
	}
	tests := []struct {
		name, text, after string
		limit             int
		want              []string
	}{
		{name: "all", want: []string{"b/c", "zoo", "Ärger"}},
		{name: "two", limit: 2, want: []string{"b/c", "zoo"}},
		{name: "after", after: "b/c", limit: 1, want: []string{"zoo"}},
		{name: "in an id", text: "ZO", want: []string{"zoo"}},
		{name: "in a field", text: "weir 0", want: []string{"Ärger"}},
		{name: "wildcards are text", text: "50%_", want: []string{"b/c", "zoo", "Ärger"}},
		{name: "none", text: "_o_"},
	}
	for _, tt := range tests {
		records, err := s.List(t.Context(), "a", tt.text, tt.after, tt.limit)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, r := range records {
			got = append(got, r.Record.ID)
		}
		if !slices.Equal(got, tt.want) {
			t.Errorf("%s: %q, want %q", tt.name, got, tt.want)
		}
	}
}

func TestTheLogTellsWhoChangedWhatAndWhatWasNotKept(t *testing.T) {
	s := newStore(t)
	playDeal(t, s)
	resolve(t, s, 1, merge.TakeLocal, "bo")
	if _, err := s.Write(t.Context(), store.Edit{Record: key("deal/D-1042"), Version: 5, By: "bo"}); err != nil {
		t.Fatal(err)
	}
	log, err := s.Log(t.Context(), key("deal/D-1042"))
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, v := range log {
		lost := ""
		for _, n := range v.NotKept {
			lost += fmt.Sprintf(" not kept: %s %s %s %s", n.Side, n.By, n.Fields, asJSON(t, n.Values))
		}
		got = append(got, fmt.Sprintf("%d %s %s %q%s", v.Version, v.Cause, v.By, v.Changed, lost))
		if len(v.Hash) != 64 {
			t.Errorf("the hash is %q", v.Hash)
		}
	}
	want := []string{
		`3 import diaz ["/amount" "/status"]`,
		`4 import diaz ["/notes" "/status"]`,
		`5 resolution bo ["/amount" "/status"] not kept: server diaz {"amount":40000,"notes":"added","status":"open"} [{"path":"/status","side":"server","value":"open"}]`,
		`6 write bo [""]`,
	}
	if !slices.Equal(got, want) {
		t.Errorf("the log is\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	if !log[3].EditedAt.Equal(log[3].At) || log[3].Fields != nil || asJSON(t, log[3].Fields) != "null" {
		t.Errorf("the deletion is %+v", log[3])
	}
	if _, err := s.Log(t.Context(), key("deal/nosuch")); !errors.Is(err, merge.ErrNotFound) {
		t.Errorf("a record that is not there says %v", err)
	}
}

func TestStatusTellsWhatCameInLast(t *testing.T) {
	s := newStore(t)
	if st, err := s.Status(t.Context(), "bo"); err != nil || st.Last != nil || st.Lost != 0 || st.Info != s.Info() {
		t.Errorf("a new hub is %+v, %v", st, err)
	}
	playDeal(t, s)
	for i := range 3 {
		push(t, s, fmt.Sprintf(`{"key":"p%d","record":"a/%d","local":{"x":1},"device":"d","sequence":%d}`, i, i, i+1))
	}
	st, err := s.Status(t.Context(), "bo")
	if err != nil || st.Last.Kind != "push" || st.Last.Tally != (store.Tally{Applied: 3}) || st.Last.At.IsZero() || st.Counts.Open != 1 {
		t.Errorf("the status is %+v, last %+v, %v", st, st.Last, err)
	}
	s = reopen(t, s)
	push(t, s, `{"key":"p9","record":"a/9","local":{"x":1},"device":"d","sequence":9}`)
	if st, err := s.Status(t.Context(), "bo"); err != nil || st.Last.Tally != (store.Tally{Applied: 1}) {
		t.Errorf("after opening again the last is %+v, %v", st.Last, err)
	}
}
