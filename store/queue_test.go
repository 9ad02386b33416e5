package store_test

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"dovetail/merge"
	"dovetail/store"
)

func filter(t testing.TB, text string) merge.Filter {
	t.Helper()
	f, err := merge.ParseFilter(text)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func numbers(p merge.Page) []int64 {
	var out []int64
	for _, c := range p.Conflicts {
		out = append(out, c.Number)
	}
	return out
}

// manyConflicts opens conflicts 1 to n, of several collections, devices, people, kinds and fields, and resolves every
// fifth.
func manyConflicts(t *testing.T, s *store.Store, n int) {
	t.Helper()
	var lines []string
	for i := 1; i <= n; i++ {
		record := fmt.Sprintf("%s/R-%02d", []string{"deal", "account"}[i%2], i)
		server, local := `{"status":"s","address":{"city":"x"}}`, `{"status":"l","address":{"city":"x"}}`
		switch i % 4 {
		case 1:
			local = `{"status":"b","address":{"city":"y"}}`
			server = `{"status":"b","address":{"city":"z"}}`
		case 2:
			server = `null`
		}
		lines = append(lines,
			`{"type":"record","record":"`+record+`","version":1,"fields":{"status":"b","address":{"city":"x"}}}`,
			`{"type":"record","record":"`+record+`","version":2,"fields":`+server+`}`,
			fmt.Sprintf(`{"key":"c%d","record":"%s","base_version":1,"local":%s,"local_by":"%s","device":"dev-%d","sequence":%d}`,
				i, record, local, []string{"ana", "bo", "cy"}[i%3], i%2, i))
	}
	load(t, s, lines...)
	for i := 5; i <= n; i += 5 {
		resolve(t, s, int64(i), merge.TakeLocal, "zoe")
	}
}

func where(n int, keep func(i int) bool) []int64 {
	var out []int64
	for i := 1; i <= n; i++ {
		if keep(i) {
			out = append(out, int64(i))
		}
	}
	return out
}

func TestEveryTermOfAFilter(t *testing.T) {
	const n = 30
	s := newStore(t)
	manyConflicts(t, s, n)
	open := func(i int) bool { return i%5 != 0 }
	tests := []struct {
		filter string
		want   func(i int) bool
	}{
		{"", open},
		{"state:open", open},
		{"state:resolved", func(i int) bool { return !open(i) }},
		{"state:snoozed", func(int) bool { return false }},
		{"state:open state:resolved", func(int) bool { return true }},
		{"collection:deal", func(i int) bool { return open(i) && i%2 == 0 }},
		{"collection:deal collection:account", open},
		{"collection:nosuch", func(int) bool { return false }},
		{"kind:edit-delete", func(i int) bool { return open(i) && i%4 == 2 }},
		{"kind:edit-delete kind:edit-edit state:open", open},
		{"by:ana", func(i int) bool { return open(i) && i%3 == 0 }},
		{"device:dev-1 by:bo", func(i int) bool { return open(i) && i%2 == 1 && i%3 == 1 }},
		{"field:status", func(i int) bool { return open(i) && i%4 != 1 && i%4 != 2 }},
		{"field:/address/city", func(i int) bool { return open(i) && i%4 == 1 }},
		{"field:address", func(i int) bool { return open(i) && i%4 == 1 }},
		{"field:address state:resolved", func(i int) bool { return !open(i) && i%4 == 1 }},
		{"field:address field:status", func(i int) bool { return open(i) && i%4 != 2 }},
		{"field:address by:ana", func(i int) bool { return open(i) && i%4 == 1 && i%3 == 0 }},
		{"field:nosuch", func(int) bool { return false }},
		{"record:deal/R-04", func(i int) bool { return i == 4 }},
		{"record:R-04", func(i int) bool { return i == 4 }},
		{"record:deal/R-04 record:account/R-07", func(i int) bool { return i == 4 || i == 7 }},
		{"record:deal/nosuch", func(int) bool { return false }},
		{"r-1", func(i int) bool { return open(i) && i >= 10 && i < 20 }},
		{"deal/r-1", func(i int) bool { return open(i) && i >= 10 && i < 20 && i%2 == 0 }},
		{`"%" _`, func(int) bool { return false }},
		{"age<5h", open},
		{"age>5h", func(int) bool { return false }},
		{`by:"a'; DROP TABLE dovetail_conflict; --"`, func(int) bool { return false }},
	}
	for _, tt := range tests {
		t.Run(tt.filter, func(t *testing.T) {
			page, err := s.Conflicts(t.Context(), merge.Query{Filter: filter(t, tt.filter), Limit: 100})
			if err != nil {
				t.Fatal(err)
			}
			if got, want := numbers(page), where(n, tt.want); !slices.Equal(got, want) {
				t.Errorf("it chooses %v, want %v", got, want)
			}
		})
	}
	counts, err := s.Counts(t.Context(), "")
	if want := (merge.Counts{Open: 24, Resolved: 6}); err != nil || counts != want {
		t.Errorf("the counts are %+v, %v, want %+v", counts, err, want)
	}
	wantSum(t, s)
}

func TestPagesForthAndBackMeetEveryRowOnce(t *testing.T) {
	const n = 23
	s := newStore(t)
	manyConflicts(t, s, n)
	for _, text := range []string{"", "state:open state:resolved", "collection:deal", "field:status", "r-1"} {
		all, err := s.Conflicts(t.Context(), merge.Query{Filter: filter(t, text), Limit: 100})
		if err != nil {
			t.Fatal(err)
		}
		want := numbers(all)
		if all.Before || all.After {
			t.Errorf("%q: a page of all has more around it", text)
		}
		for _, limit := range []int{1, 2, 5, len(want) - 1, len(want), len(want) + 1} {
			t.Run(fmt.Sprintf("%s by %d", text, limit), func(t *testing.T) {
				checkPages(t, s, merge.Query{Filter: filter(t, text), Limit: limit}, want)
				if limit > 2 {
					return
				}
				newest := slices.Clone(want)
				slices.Reverse(newest)
				checkPages(t, s, merge.Query{Filter: filter(t, text), Limit: limit, Newest: true}, newest)
			})
		}
	}
}

func checkPages(t *testing.T, s *store.Store, q merge.Query, want []int64) {
	t.Helper()
	for _, backward := range []bool{false, true} {
		var got []int64
		var from merge.Cursor
		for i := 0; ; i++ {
			q.From, q.Backward = from, backward
			page, err := s.Conflicts(t.Context(), q)
			if err != nil {
				t.Fatal(err)
			}
			chunk := numbers(page)
			more, behind := page.After, page.Before
			if backward {
				more, behind = page.Before, page.After
				got = append(slices.Clone(chunk), got...)
				from = page.First
			} else {
				got = append(got, chunk...)
				from = page.Last
			}
			if behind != (i > 0) || more != (len(got) < len(want)) || len(chunk) == 0 {
				t.Fatalf("page %d, backward %v: %v, more %v, behind %v", i, backward, chunk, more, behind)
			}
			if !more {
				break
			}
		}
		if !slices.Equal(got, want) {
			t.Errorf("backward %v: the pages are %v, want %v", backward, got, want)
		}
	}
}

func TestACursorThatIsNone(t *testing.T) {
	s := newStore(t)
	for _, c := range []merge.Cursor{"x", "1.", ".1", "1.0", "!.!", "1.2.3"} {
		if _, err := s.Conflicts(t.Context(), merge.Query{From: c}); !errors.Is(err, store.ErrCursor) {
			t.Errorf("%q says %v", c, err)
		}
	}
}

func TestAPageBesideTheEndKnowsWhatIsAround(t *testing.T) {
	s := newStore(t)
	manyConflicts(t, s, 4)
	all, err := s.Conflicts(t.Context(), merge.Query{})
	if err != nil {
		t.Fatal(err)
	}
	end, err := s.Conflicts(t.Context(), merge.Query{From: all.Last})
	if err != nil || len(end.Conflicts) != 0 || !end.Before || end.After {
		t.Errorf("after the end stands %+v, %v", end, err)
	}
	start, err := s.Conflicts(t.Context(), merge.Query{From: all.First, Backward: true})
	if err != nil || len(start.Conflicts) != 0 || start.Before || !start.After {
		t.Errorf("before the start stands %+v, %v", start, err)
	}
}

// A page must begin in an index and end with its limit: a sort would read the whole queue.
func TestPagesComeOutOfAnIndex(t *testing.T) {
	s := newStore(t)
	manyConflicts(t, s, 8)
	for _, text := range []string{"", "state:resolved", "collection:deal", "kind:edit-edit", "by:ana", "device:dev-1", "field:status",
		"collection:deal by:ana", "collection:deal collection:account", "field:status device:dev-1", "word", "age>1h"} {
		for _, backward := range []bool{false, true} {
			for _, from := range []merge.Cursor{"", "zzz.5"} {
				plan, err := s.QueuePlan(t.Context(), merge.Query{Filter: filter(t, text), From: from, Backward: backward})
				if err != nil {
					t.Fatal(err)
				}
				if strings.Contains(plan, "TEMP B-TREE") || !strings.Contains(plan, "INDEX") && !strings.Contains(plan, "PRIMARY KEY") {
					t.Errorf("%q, backward %v, from %q is read by\n%s", text, backward, from, plan)
				}
			}
		}
	}
}

func TestTheQueueIsInTheOrderOfOpening(t *testing.T) {
	s := newStore(t)
	playDeal(t, s)
	for i := range 3 {
		push(t, s, fmt.Sprintf(`{"key":"n%d","record":"deal/N-%d","base_version":7,"local":{"x":1},"device":"d","sequence":%d}`, i, i, i+1))
	}
	resolve(t, s, 1, merge.TakeLocal, "bo")
	if _, err := s.Undo(t.Context(), 1, "bo"); err != nil {
		t.Fatal(err)
	}
	page, err := s.Conflicts(t.Context(), merge.Query{})
	if err != nil || !slices.Equal(numbers(page), []int64{1, 2, 3, 4}) {
		t.Errorf("the queue is %v, %v", numbers(page), err)
	}
	want := `{"conflict":1,"record":"deal/D-1042","kind":"edit-edit","fields":["/status"],"base_version":3,"server_version":6,"state":"open","revision":3,` +
		`"local_by":"ana","local_at":"2026-11-22T08:14:00Z","server_by":"bo","server_at":"2026-11-22T09:00:00Z","device":"ana-7","opened_at":"2026-11-22T09:00:00Z"}`
	if got := asJSON(t, page.Conflicts[0]); stripTimes(got) != stripTimes(want) {
		t.Errorf("a row is %s\nwant %s", got, want)
	}
}

func TestAnEndedContextReadsNoPage(t *testing.T) {
	s := newStore(t)
	manyConflicts(t, s, 4)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for _, text := range []string{"", "r-0", "by:ana device:dev-1"} {
		q := merge.Query{Filter: filter(t, text), Person: "bo"}
		if _, err := s.Conflicts(ctx, q); !errors.Is(err, context.Canceled) {
			t.Errorf("%q says %v", text, err)
		}
		if _, err := s.Conflicts(t.Context(), q); err != nil {
			t.Errorf("%q after that says %v", text, err)
		}
	}
}

// What stands in the list of fields is what the conflict says, whatever becomes of it.
func TestAConflictIsListedByItsFieldsAsItIs(t *testing.T) {
	s := newStore(t)
	load(t, s, dealV3, dealV4)
	const change = `{"key":"k1","record":"deal/D-1042","local":{"status":"closed","amount":50000},"local_by":"ana"`
	wantAnswer(t, push(t, s, change+`,"base":{"amount":40000,"status":"negotiating"}}`), store.Conflicted, 4, 1)
	listed := func(after, text string) {
		t.Helper()
		page, err := s.Conflicts(t.Context(), merge.Query{Filter: filter(t, text)})
		along, err2 := s.Conflicts(t.Context(), merge.Query{Filter: filter(t, text+" field:status")})
		if err != nil || err2 != nil || len(page.Conflicts) != 1 || !reflect.DeepEqual(page, along) {
			t.Errorf("after %s the queue has %+v, %v, and by its field %+v, %v", after, page, err, along, err2)
		}
		wantSound(t, s)
	}
	listed("its push", "by:ana")
	push(t, s, change+`,"base_version":3,"device":"ana-7","sequence":1}`)
	listed("its device sent it too", "device:ana-7")
	push(t, s, `{"key":"k2","record":"deal/D-1042","base_version":3,"local":{"status":"won","amount":1},"local_by":"cy","device":"ana-7","sequence":2}`)
	listed("a newer change", "by:cy")
	resolve(t, s, 1, merge.TakeLocal, "bo")
	listed("its resolution", "state:resolved")
	if _, err := s.Undo(t.Context(), 1, "bo"); err != nil {
		t.Fatal(err)
	}
	listed("that was taken back", "state:open")
}
