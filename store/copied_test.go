package store_test

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"dovetail/merge"
	"dovetail/store"
)

// Until the copy uses the id that it was given, nobody can tell whose a change is; then each builds on its own again.
func TestACopyTakesNoConflictOfTheOriginal(t *testing.T) {
	s := newStore(t)
	load(t, s, `{"type":"record","record":"a/1","version":1,"fields":{"x":0}}`, `{"type":"record","record":"a/1","version":2,"fields":{"x":9}}`)
	send := func(name, device string, sequence int, record string) store.Answer {
		t.Helper()
		return push(t, s, fmt.Sprintf(`{"key":%q,"record":%q,"base_version":1,"local":{"x":%q},"device":%q,"sequence":%d}`,
			name, record, name, device, sequence))
	}
	wantAnswer(t, send("original 1", "d", 1, "a/1"), store.Conflicted, 2, 1)
	copied := send("copy 1", "d", 1, "a/9") // which nobody knows: conflict 2
	wantAnswer(t, send("copy 2", "d", 2, "a/1"), store.Conflicted, 2, 3)
	send("original 2", "d", 2, "a/1") // is taken for the copy's
	for number, want := range []string{`{"x":"original 1"}`, `{"x":"copy 1"}`, `{"x":"copy 2"}`, `{"x":"original 2"}`} {
		c, err := s.Case(t.Context(), int64(number)+1)
		if err != nil || string(c.Sides.Local) != want || c.Conflict.State != merge.Open {
			t.Errorf("conflict %d is of %s, %v, want %s", number+1, c.Sides.Local, err, want)
		}
	}
	wantAnswer(t, send("copy 3", copied.Device, 3, "a/1"), store.Conflicted, 2, 5)
	wantAnswer(t, send("copy 4", copied.Device, 4, "a/1"), store.Conflicted, 2, 5)
	wantAnswer(t, send("original 3", "d", 5, "a/1"), store.Conflicted, 2, 1)
	wantSum(t, s)
}

// A copy's name tells of whom it is, unless another device has it or no line could hold it.
func TestACopyIsGivenANameThatNobodyHas(t *testing.T) {
	n := 0
	s, err := store.Create(t.Context(), filepath.Join(t.TempDir(), "it.db"), store.Options{NewID: func() string {
		n++
		return fmt.Sprintf("%04d-alike0", n)
	}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	send := func(device string) string {
		t.Helper()
		n++
		return push(t, s, fmt.Sprintf(`{"key":"%d","record":"a/%d","local":{},"device":%q,"sequence":1}`, n, n, device)).Device
	}
	long := strings.Repeat("x", 510)
	for _, device := range []string{"ana", "bo-alike0", "bo", long} {
		if given := send(device); given != "" {
			t.Errorf("%s, which is alone, is now %q", device, given)
		}
	}
	if given := send("ana"); given != "ana-alike0" {
		t.Errorf("the copy of ana is %q", given)
	}
	for _, device := range []string{"bo", long} {
		if given := send(device); !strings.HasSuffix(given, "-alike0") || strings.HasPrefix(given, device) {
			t.Errorf("the copy of %s is %q", device, given)
		}
	}
}
