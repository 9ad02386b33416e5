package main

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"dovetail/merge"
)

const marked = "<<<<<<< local\n"

// deskOn is a desk on three files that differ in two fields, beside a merged file with markers.
func deskOn(t *testing.T) (desk *fileDesk, path string) {
	t.Helper()
	dir := t.TempDir()
	var paths []string
	for name, text := range map[string]string{"1": `{"a":1,"b":1}`, "2": "{\n  \"b\": 2,\n  \"a\": 2\n}\n", "3": `{"a":3,"b":3}`} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range []string{"1", "2", "3"} {
		paths = append(paths, filepath.Join(dir, name))
	}
	path = filepath.Join(dir, "merged.json")
	if err := os.WriteFile(path, []byte(marked), 0o640); err != nil {
		t.Fatal(err)
	}
	files, err := readThree(paths)
	if err != nil {
		t.Fatal(err)
	}
	if err := files.parse(); err != nil {
		t.Fatal(err)
	}
	if desk, err = newFileDesk(files, nil, path); err != nil {
		t.Fatal(err)
	}
	return desk, path
}

// decided takes local's side in the fields that are named, and says what that makes.
func decided(t *testing.T, desk *fileDesk, paths ...string) merge.Writing {
	t.Helper()
	r := desk.kase.Merge()
	w := merge.Writing{Conflict: fileConflict, Decisions: merge.Decisions{}, Result: merge.Document(`{"a":2,"b":2}`)}
	for _, path := range paths {
		f, ok := r.Field(path)
		if !ok {
			t.Fatalf("no field %s", path)
		}
		w.Decisions[path], _ = f.Choose(merge.TakeLocal, merge.Absent)
	}
	return w
}

func fileHolds(t *testing.T, path, want string) {
	t.Helper()
	if got, err := os.ReadFile(path); err != nil || string(got) != want {
		t.Errorf("the file holds %q (%v), want %q", got, err, want)
	}
}

func TestFileDeskWritesOnlyWhatIsDecided(t *testing.T) {
	desk, path := deskOn(t)
	var open *merge.UndecidedError
	if _, err := desk.Resolve(t.Context(), decided(t, desk, "/a")); !errors.As(err, &open) {
		t.Errorf("one of two decided: %v", err)
	}
	other := decided(t, desk, "/a", "/b")
	other.Result = merge.Document(`{"a":2,"b":3}`)
	if _, err := desk.Resolve(t.Context(), other); err == nil {
		t.Error("it wrote what the review did not show")
	}
	if desk.done() {
		t.Error("it is done without a write")
	}
	fileHolds(t, path, marked)

	written, err := desk.Resolve(t.Context(), decided(t, desk, "/a", "/b"))
	if err != nil || !desk.done() {
		t.Fatalf("resolve: %v", err)
	}
	fileHolds(t, path, "{\n  \"b\": 2,\n  \"a\": 2\n}\n")
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o640 {
		t.Errorf("the file lost its rights: %v, %v", info.Mode(), err)
	}
	if _, err := desk.Resolve(t.Context(), decided(t, desk, "/a", "/b")); !errors.Is(err, merge.ErrClosed) {
		t.Errorf("a second time: %v", err)
	}
	if _, err := desk.Undo(t.Context(), written, ""); err != nil || desk.done() {
		t.Errorf("undo: %v", err)
	}
	fileHolds(t, path, marked)
}

// What somebody else wrote to the file is not written over, neither by a resolution nor by taking one back.
func TestFileDeskKeepsWhatOthersWrote(t *testing.T) {
	desk, path := deskOn(t)
	const theirs = `{"a":4,"b":4}`
	write := func() {
		if err := os.WriteFile(path, []byte(theirs), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write()
	if _, err := desk.Resolve(t.Context(), decided(t, desk, "/a", "/b")); !errors.Is(err, merge.ErrStale) {
		t.Errorf("resolve: %v", err)
	}
	fileHolds(t, path, theirs)
	if _, err := desk.Case(t.Context(), fileConflict); err != nil {
		t.Fatal(err)
	}
	written, err := desk.Resolve(t.Context(), decided(t, desk, "/a", "/b"))
	if err != nil {
		t.Fatalf("looked at again: %v", err)
	}
	write()
	if _, err := desk.Undo(t.Context(), written, ""); !errors.Is(err, merge.ErrStale) {
		t.Errorf("undo: %v", err)
	}
	fileHolds(t, path, theirs)
}
