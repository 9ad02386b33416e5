package store

import (
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"dovetail/merge"
)

// morning is when the clock of these tests starts; it goes on by a second each time that it is read.
var morning = time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC)

func openAt(t *testing.T, at time.Time) *Store {
	t.Helper()
	var mu sync.Mutex
	s, err := Create(t.Context(), filepath.Join(t.TempDir(), "test.db"), Options{Now: func() time.Time {
		mu.Lock()
		defer mu.Unlock()
		at = at.Add(time.Second)
		return at
	}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

// park takes a line in as an older dovetail did, which had no use for it: with the type unknown, or an operation.
func park(t *testing.T, s *Store, line string, unknownType bool) {
	t.Helper()
	f, err := readMembers([]byte(line))
	if err != nil {
		t.Fatal(err)
	}
	c := f.change()
	if f.err != nil && !unknownType {
		t.Fatal(f.err)
	}
	if unknownType {
		c = &change{key: c.key, record: c.record, payload: []byte(line)}
	}
	c.unusable = "of no use"
	c.identity = c.identify()
	if err := s.write(t.Context(), func(t *tx) error {
		a, err := t.take(c)
		if err == nil && (a.Outcome != Parked || a.Error != "of no use") {
			err = fmt.Errorf("it was not parked: %+v", a)
		}
		return err
	}); err != nil {
		t.Fatal(err)
	}
}

func mustPush(t *testing.T, s *Store, line string) Answer {
	t.Helper()
	a, err := s.Push(t.Context(), []byte(line))
	if err != nil {
		t.Fatalf("push %s: %v", line, err)
	}
	return a
}

func retry(t *testing.T, s *Store, key string) Answer {
	t.Helper()
	a, err := s.Retry(t.Context(), key)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// wantWell checks the whole database, and how many changes are parked in it.
func wantWell(t *testing.T, s *Store, parked int64) {
	t.Helper()
	found, err := s.Check(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range failures(found) {
		t.Errorf("%s: %q", f.Check, f.Found)
	}
	st, err := s.Status(t.Context(), "")
	if err != nil || st.Lost != 0 || st.Counts.Parked != parked {
		t.Errorf("%d are parked and %d lost, %v; want %d parked", st.Counts.Parked, st.Lost, err, parked)
	}
	page, err := s.Parked(t.Context(), 0, 0)
	if err != nil || int64(len(page)) != parked {
		t.Errorf("the list has %d parked changes, %v; want %d", len(page), err, parked)
	}
}

func onA1(key, local, more string) string {
	return `{"key":"` + key + `","record":"a/1","local":` + local + more + `}`
}

// parkedCase is a change that is parked, with what came in before it and since, and what it comes to when it is tried
// again.
type parkedCase struct {
	name   string
	before []string // lines
	parked string
	since  []string
	want   Answer
}

var parkedCases = []parkedCase{
	{"a create", nil, onA1("k", `{"x":1}`, ``), nil, Answer{Outcome: Applied, Version: 1}},
	{"on its base", []string{onA1("b", `{"x":1}`, ``)}, onA1("k", `{"x":2}`, `,"base_version":1`), nil, Answer{Outcome: Applied, Version: 2}},
	{"on a record that moved", []string{onA1("b", `{"x":1,"y":1}`, ``)}, onA1("k", `{"x":2,"y":1}`, `,"base_version":1`),
		[]string{onA1("c", `{"x":1,"y":3}`, `,"base_version":1`)}, Answer{Outcome: Merged, Version: 3}},
	{"the same already", []string{onA1("b", `{"x":1}`, ``)}, onA1("k", `{"x":2}`, `,"base_version":1`),
		[]string{onA1("c", `{"x":2}`, `,"base_version":1`)}, Answer{Outcome: Converged, Version: 2}},
	{"a conflict", []string{onA1("b", `{"x":1}`, ``)}, onA1("k", `{"x":2}`, `,"base_version":1,"device":"d","sequence":4`),
		[]string{onA1("c", `{"x":3}`, `,"base_version":1`)}, Answer{Outcome: Conflicted, Version: 2, Conflict: 1, Fields: []string{"/x"}}},
	{"overtaken in a conflict", []string{onA1("b", `{"x":1}`, ``), onA1("c", `{"x":9}`, `,"base_version":1`)},
		onA1("k", `{"x":2}`, `,"base_version":1,"device":"d","sequence":4`),
		[]string{onA1("l", `{"x":3}`, `,"base_version":1,"device":"d","sequence":5`)},
		Answer{Outcome: Conflicted, Version: 2, Conflict: 1, Fields: []string{"/x"}}},
	{"operations", []string{onA1("b", `{"x":1}`, ``)}, onA1("k", `{"x":2}`, `,"base_version":1,"operations":[{"id":"o","op":"increment","path":"/x","value":1}]`),
		nil, Answer{Outcome: Applied, Version: 2}},
	{"a deletion", []string{onA1("b", `{"x":1}`, ``)}, onA1("k", `null`, `,"base_version":1,"local_by":"ana"`), nil, Answer{Outcome: Applied, Version: 2}},
	{"brought from outside", nil, onA1("k", `{"x":2,"y":1}`, `,"base":{"x":1,"y":1},"server":{"x":1,"y":5},"server_version":7,"local_ref":3`),
		nil, Answer{Outcome: Merged, Version: 8}},
}

func TestAParkedChangeThatCanBeUsedNowIsTakenIn(t *testing.T) {
	for _, tt := range parkedCases {
		for _, unknownType := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, type unknown %v", tt.name, unknownType), func(t *testing.T) { takesIn(t, tt, unknownType) })
		}
	}
}

func takesIn(t *testing.T, tt parkedCase, unknownType bool) {
	s := openAt(t, morning)
	for _, l := range tt.before {
		mustPush(t, s, l)
	}
	park(t, s, tt.parked, unknownType)
	wantWell(t, s, 1)
	for _, l := range tt.since {
		mustPush(t, s, l)
	}
	asCame, err := s.Parked(t.Context(), 0, 0)
	if err != nil || asCame[0].Line != tt.parked || asCame[0].Key != "k" || asCame[0].Reason != "of no use" ||
		asCame[0].Record.String() != "a/1" || asCame[0].ReceivedAt.Before(morning) {
		t.Errorf("%s: the list says %+v, %v", tt.name, asCame, err)
	}
	again := mustPush(t, s, tt.parked)
	if again.Outcome != Parked || again.Error != "of no use" {
		t.Errorf("%s: the same line again gets %+v", tt.name, again)
	}

	got := retry(t, s, "k")
	tt.want.Key, tt.want.Record = "k", merge.Key{Collection: "a", ID: "1"}
	if fmt.Sprint(got) != fmt.Sprint(tt.want) {
		t.Errorf("%s (type unknown: %v): it comes to %+v, want %+v", tt.name, unknownType, got, tt.want)
	}
	if again := mustPush(t, s, tt.parked); fmt.Sprint(again) != fmt.Sprint(got) {
		t.Errorf("%s: the same line again gets %+v, want %+v", tt.name, again, got)
	}
	other := strings.Replace(tt.parked, `"key":"k"`, `"key":"k","local_by":"eve"`, 1)
	if again, err := s.Push(t.Context(), []byte(other)); err == nil && again.Outcome != Refused {
		t.Errorf("%s: another line with its key gets %+v", tt.name, again)
	}
	wantWell(t, s, 0)
	if _, err := s.Retry(t.Context(), "k"); !errors.Is(err, merge.ErrNotFound) {
		t.Errorf("%s: tried a second time it says %v", tt.name, err)
	}
}

func TestAParkedChangeThatIsOfNoUseStaysParked(t *testing.T) {
	s := openAt(t, morning)
	for _, tt := range []struct{ key, line, says string }{
		{"op", `{"key":"op","record":"a/1","local":{"x":2},"operations":[{"op":"rotate","path":"/x"}]}`, `unknown operation "rotate"`},
		{"type", `{"type":"wish","key":"type","record":"a/1","what":[1,2]}`, `unknown type "wish"`},
		{"bad", `{"key":"bad","record":"a/1","local":7}`, "/local: not a JSON object"},
		{"name", `{"key":"name","record":"a/1","local":{},"colour":"red"}`, "/colour: unknown name"},
		{"record", `{"type":"record","key":"record","record":"a/1","fields":{}}`, "/key: unknown name"},
	} {
		park(t, s, tt.line, true)
		for range 2 {
			if a := retry(t, s, tt.key); a.Outcome != Parked || a.Error != tt.says || a.Key != tt.key || a.Record.String() != "a/1" {
				t.Errorf("%s: it comes to %+v, want %q", tt.key, a, tt.says)
			}
		}
		if a := mustParkedAgain(t, s, tt.key); a.Reason != tt.says || a.Line != tt.line {
			t.Errorf("%s: the list says %+v", tt.key, a)
		}
	}
	wantWell(t, s, 5)
}

func mustParkedAgain(t *testing.T, s *Store, key string) ParkedChange {
	t.Helper()
	page, err := s.Parked(t.Context(), 0, 0)
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range page {
		if p.Key == key {
			return p
		}
	}
	t.Fatalf("%s is not parked", key)
	return ParkedChange{}
}

func TestParkedChangesComeByPages(t *testing.T) {
	s := openAt(t, morning)
	for i := range 7 {
		park(t, s, fmt.Sprintf(`{"type":"wish","key":"k%d","record":"a/1"}`, i), true)
		mustPush(t, s, fmt.Sprintf(`{"key":"u%d","record":"a/%d","local":{}}`, i, i))
	}
	var keys []string
	var after int64
	for {
		page, err := s.Parked(t.Context(), after, 3)
		if err != nil {
			t.Fatal(err)
		}
		if len(page) == 0 {
			break
		}
		for _, p := range page {
			keys = append(keys, p.Key)
		}
		after = page[len(page)-1].Number
	}
	if got := strings.Join(keys, " "); got != "k0 k1 k2 k3 k4 k5 k6" {
		t.Errorf("the keys are %s", got)
	}
}

// Where the type was not known, its numbers were not either, and another copy of the device may have used them.
func TestARetryFindsOutWhetherItsDeviceWasCopied(t *testing.T) {
	s := openAt(t, morning)
	park(t, s, `{"key":"k","record":"a/1","local":{"x":1},"device":"d","sequence":1}`, true)
	mustPush(t, s, `{"key":"l","record":"a/2","local":{"x":1},"device":"d","sequence":1}`)
	a := retry(t, s, "k")
	if a.Outcome != Applied || a.Device == "" || a.Device == "d" {
		t.Errorf("it comes to %+v", a)
	}
	park(t, s, `{"key":"m","record":"a/3","local":{"x":1},"device":"d","sequence":7}`, false)
	if a := retry(t, s, "m"); a.Outcome != Applied || a.Device != "" {
		t.Errorf("it comes to %+v", a)
	}
	wantWell(t, s, 0)
}

// A clock that is ahead wins nothing by having waited: the change was made before it arrived.
func TestAParkedChangeIsNoLaterThanItArrived(t *testing.T) {
	s := openAt(t, morning)
	if err := s.SetStrategy(t.Context(), "a", merge.LastWriteWins); err != nil {
		t.Fatal(err)
	}
	mustPush(t, s, onA1("b", `{"x":1}`, ``))
	park(t, s, onA1("k", `{"x":2}`, `,"base_version":1,"local_at":"2036-01-01T00:00:00Z"`), false)
	mustPush(t, s, onA1("c", `{"x":3}`, `,"base_version":1,"local_at":"2026-11-22T09:30:00Z"`))
	if a := retry(t, s, "k"); a.Outcome != Superseded {
		t.Errorf("it comes to %+v", a)
	}
	wantWell(t, s, 0)
}

func TestARetryThatFailsLeavesTheChangeParked(t *testing.T) {
	s := openAt(t, morning)
	mustPush(t, s, onA1("b", `{"x":1}`, ``))
	park(t, s, onA1("k", `{"x":2}`, `,"base_version":1`), false)
	mustPush(t, s, onA1("c", `{"x":3,"y":1}`, `,"base_version":1`))
	mustWrite(t, s, `DROP TRIGGER dovetail_document_fixed`, `UPDATE dovetail_document SET body = '{"x":4,"y":1}' WHERE body = '{"x":3,"y":1}'`)
	if _, err := s.Retry(t.Context(), "k"); !errors.Is(err, ErrCorrupt) {
		t.Errorf("on a damaged record it says %v", err)
	}
	mustWrite(t, s, `UPDATE dovetail_document SET body = '{"x":3,"y":1}' WHERE body = '{"x":4,"y":1}'`,
		`UPDATE dovetail_change SET payload = payload || ' ' WHERE key = 'k'`)
	if _, err := s.Retry(t.Context(), "k"); !errors.Is(err, ErrCorrupt) {
		t.Errorf("of a damaged line it says %v", err)
	}
	mustWrite(t, s, `UPDATE dovetail_change SET payload = rtrim(payload) WHERE key = 'k'`,
		`CREATE TRIGGER dovetail_document_fixed BEFORE UPDATE ON dovetail_document
BEGIN SELECT RAISE(ABORT, 'documents are never changed'); END`)
	wantWell(t, s, 1)
	if a := retry(t, s, "k"); a.Outcome != Conflicted {
		t.Errorf("it comes to %+v", a)
	}
	for _, key := range []string{"b", "nobody"} {
		if _, err := s.Retry(t.Context(), key); !errors.Is(err, merge.ErrNotFound) {
			t.Errorf("of %s it says %v", key, err)
		}
	}
	wantWell(t, s, 0)
}

func TestOfTwoRetriesAtOnceOneTakesTheChangeIn(t *testing.T) {
	s := openAt(t, morning)
	other, err := Open(t.Context(), s.info.Path, Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	for i := range 20 {
		key := fmt.Sprintf("k%d", i)
		park(t, s, `{"key":"`+key+`","record":"a/`+key+`","local":{"x":1}}`, false)
		var group sync.WaitGroup
		errs := make([]error, 2)
		for i, handle := range []*Store{s, other} {
			group.Go(func() { _, errs[i] = handle.Retry(t.Context(), key) })
		}
		group.Wait()
		if (errs[0] == nil) == (errs[1] == nil) || !errors.Is(errors.Join(errs...), merge.ErrNotFound) {
			t.Errorf("they say %v", errs)
		}
	}
	wantWell(t, s, 0)
}
