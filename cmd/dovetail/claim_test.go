package main

import (
	"bytes"
	"errors"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"dovetail/store"
)

// TestCommandsTellWhoIsAtAConflict, and are kept from nothing by it.
func TestCommandsTellWhoIsAtAConflict(t *testing.T) {
	path := filepath.Join(t.TempDir(), "claims.db")
	s, err := store.Create(t.Context(), path, store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	lines := `{"type":"record","record":"deal/D-1","version":1,"fields":{"a":1}}
{"type":"record","record":"deal/D-1","version":2,"fields":{"a":2}}
{"key":"k1","record":"deal/D-1","base_version":1,"local":{"a":3},"local_by":"ana"}`
	_, err = s.Import(t.Context(), strings.NewReader(lines), store.ImportOptions{}, func(store.Answer) error { return nil })
	err = errors.Join(err, s.Claim(t.Context(), 1, "b\x1b[2Jo", time.Now().Add(time.Hour)), s.Close())
	if err != nil {
		t.Fatal(err)
	}
	ask := func(args ...string) (string, string) {
		t.Helper()
		var out, talk bytes.Buffer
		if err := run(t.Context(), append([]string{"--db", path, "--as", "cy"}, args...), strings.NewReader(""), &out, &talk); err != nil {
			t.Errorf("%v says %v", args, err)
		}
		return out.String(), talk.String()
	}
	const who = `b\e[2Jo is at it until `
	if out, _ := ask("conflicts"); !strings.Contains(out, who) {
		t.Errorf("conflicts says %s", out)
	}
	if out, _ := ask("--json", "conflicts", "--where", "claimed:\"b\x1b[2Jo\""); !strings.Contains(out, `"claimed_by":"b\u001b[2Jo","claimed_until":"`) {
		t.Errorf("conflicts --json says %s", out)
	}
	if out, talk := ask("resolve", "1", "--take", "local"); !strings.Contains(talk, "conflict 1: "+who) || !strings.Contains(out, "v3, resolution") {
		t.Errorf("resolve says %s%s", out, talk)
	}
}
