package faultfs

import (
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// left draws often what a power cut leaves of a file, and returns every text that came out, sorted.
func left(f *file, style Style) []string {
	seen := map[string]bool{}
	random := rand.New(rand.NewPCG(1, 2))
	for range 500 {
		seen[string(f.left(style, random))] = true
	}
	var all []string
	for text := range seen {
		all = append(all, text)
	}
	slices.Sort(all)
	return all
}

func TestWhatIsLeftOfAFile(t *testing.T) {
	f := &file{durable: []byte("aaaa"), pending: []change{
		{at: 0, data: []byte("b")}, {at: 2, truncate: true}, {at: 3, data: []byte("c")}}}
	tests := []struct {
		style Style
		want  []string
	}{
		{Nothing, []string{"aaaa"}},
		{Prefix, []string{"aaaa", "ba", "ba\x00c", "baaa"}},
		{Subset, []string{"aa", "aa\x00c", "aaaa", "aaac", "ba", "ba\x00c", "baaa", "baac"}},
		{Torn, []string{"aa", "aa\x00c", "aaaa", "aaac", "ba", "ba\x00c", "baaa", "baac"}},
		{All, []string{"ba\x00c"}},
	}
	for _, tt := range tests {
		if got := left(f, tt.style); !slices.Equal(got, tt.want) {
			t.Errorf("%s leaves %q, want %q", tt.style, got, tt.want)
		}
	}
	if string(f.durable) != "aaaa" {
		t.Errorf("what is durable became %q", f.durable)
	}
}

func TestATornWriteIsCutWhereTheDiskCutsIt(t *testing.T) {
	f := &file{durable: []byte(strings.Repeat("a", 1100)), pending: []change{{at: 500, data: []byte(strings.Repeat("b", 600))}}}
	a, b := func(n int) string { return strings.Repeat("a", n) }, func(n int) string { return strings.Repeat("b", n) }
	want := []string{a(1100), a(1024) + b(76), a(512) + b(512) + a(76), a(512) + b(588),
		a(500) + b(12) + a(588), a(500) + b(12) + a(512) + b(76), a(500) + b(524) + a(76), a(500) + b(600)}
	slices.Sort(want)
	if got := left(f, Torn); !slices.Equal(got, want) {
		t.Errorf("%d texts are left, want %d", len(got), len(want))
	}
}

func TestASyncKeepsWhatWasWrittenBeforeIt(t *testing.T) {
	f := &file{}
	f.write([]byte("abc"), 1)
	f.settle()
	f.write([]byte("x"), 2)
	if got := left(f, Nothing); !slices.Equal(got, []string{"\x00abc"}) {
		t.Errorf("a sync keeps %q", got)
	}
	if !f.holds([]byte("\x00axc")) {
		t.Errorf("whoever reads it finds %q", f.now())
	}
}

func TestANameIsLostUntilTheDirectoryIsSynced(t *testing.T) {
	d := &Disk{dir: t.TempDir(), off: true, files: map[string]*file{
		"/x/new": {durable: []byte("a")}, "/x/old": {named: true, durable: []byte("b")}}}
	names := func(style Style) string {
		to := t.TempDir()
		if err := d.Leave(to, style, rand.New(rand.NewPCG(1, 2))); err != nil {
			t.Fatal(err)
		}
		found, err := filepath.Glob(filepath.Join(to, "*"))
		if err != nil {
			t.Fatal(err)
		}
		for i := range found {
			found[i] = filepath.Base(found[i])
		}
		return strings.Join(found, " ")
	}
	if got := names(Nothing); got != "old" {
		t.Errorf("%q is left", got)
	}
	if got := names(All); got != "new old" {
		t.Errorf("with nothing lost %q is left", got)
	}
	d.syncNames()
	if got := names(Nothing); got != "new old" {
		t.Errorf("after a sync %q is left", got)
	}
}

func TestAFileThatGoCodeMadeIsDurable(t *testing.T) {
	dir, to := t.TempDir(), t.TempDir()
	d, err := Watch(dir)
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{"a": "1", "b": "2", "gone-shm": "3"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Rename(filepath.Join(dir, "b"), filepath.Join(dir, "c")); err != nil {
		t.Fatal(err)
	}
	d.Cut()
	if err := os.Remove(filepath.Join(dir, "a")); err != nil { // too late
		t.Fatal(err)
	}
	if err := d.Leave(to, Nothing, nil); err != nil {
		t.Fatal(err)
	}
	entries, err := os.ReadDir(to)
	if err != nil || len(entries) != 2 || entries[0].Name() != "a" || entries[1].Name() != "c" {
		t.Errorf("there are left %v, %v", entries, err)
	}
	if err := d.Release(); err != nil {
		t.Error(err)
	}
}
