package main

import (
	"bytes"
	"path/filepath"
	"testing"

	"dovetail/store"
)

// A parked change that came over several lines leaves as one, and its bytes are otherwise as they came, but on a
// terminal.
func TestParkedChangesAreExportedAsTheyCame(t *testing.T) {
	s, err := store.Create(t.Context(), filepath.Join(t.TempDir(), "a.db"), store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	for _, line := range []string{
		"{\"type\": \"wish\",\r\n \"key\":\"1\",\"record\":\"a/1\"}",
		"{\"type\":\"wish\",\"key\":\"2\",\"record\":\"a/1\",\"what\":\"\u202e\\u001b\"}",
	} {
		if a, err := s.Push(t.Context(), []byte(line)); err != nil || a.Outcome != store.Parked {
			t.Fatal(a, err)
		}
	}
	first := "{\"type\": \"wish\",   \"key\":\"1\",\"record\":\"a/1\"}\n"
	for shown, second := range map[bool]string{
		false: "{\"type\":\"wish\",\"key\":\"2\",\"record\":\"a/1\",\"what\":\"\u202e\\u001b\"}\n",
		true:  "{\"type\":\"wish\",\"key\":\"2\",\"record\":\"a/1\",\"what\":\"\\u202e\\u001b\"}\n",
	} {
		var out bytes.Buffer
		if n, err := writeParked(t.Context(), s, &out, shown); err != nil || n != 2 {
			t.Fatal(n, err)
		}
		if out.String() != first+second {
			t.Errorf("on a terminal (%v) it is %q", shown, out.String())
		}
	}
}
