package store_test

import (
	"context"
	"database/sql"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"dovetail/store"
)

// files are the names, sizes, modes and contents in a directory.
func files(t *testing.T, dir string) map[string]string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]string{}
	for _, e := range entries {
		info, err := e.Info()
		if err != nil {
			t.Fatal(err)
		}
		all[e.Name()] = info.Mode().String()
		if info.Mode().IsRegular() {
			text, err := os.ReadFile(filepath.Join(dir, e.Name()))
			if err != nil {
				t.Fatal(err)
			}
			all[e.Name()] += " " + string(text)
		}
	}
	return all
}

func foreign(t *testing.T, path, script string) {
	t.Helper()
	db, err := sql.Open("sqlite", "file:"+path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.ExecContext(t.Context(), script); err != nil {
		t.Fatal(err)
	}
}

func TestOpenRefusesWhatIsNoDatabaseAndTouchesNothing(t *testing.T) {
	write := func(text string, mode os.FileMode) func(*testing.T, string) {
		return func(t *testing.T, path string) {
			if err := os.WriteFile(path, []byte(text), mode); err != nil {
				t.Fatal(err)
			}
		}
	}
	ours := func(t *testing.T, path string) {
		s, err := store.Create(t.Context(), path, options())
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
	tests := []struct {
		name string
		make func(*testing.T, string)
		want error
		says string
	}{
		{name: "missing", make: func(*testing.T, string) {}, want: fs.ErrNotExist, says: "there is no such file"},
		{name: "empty", make: write("", 0o600), want: store.ErrNotDatabase, says: "the file is empty"},
		{name: "text", make: write(strings.Repeat("just some text\n", 100), 0o600), want: store.ErrNotDatabase, says: "not a database"},
		{name: "short text", make: write("hi", 0o600), want: store.ErrNotDatabase, says: "not a database"},
		{name: "directory", make: func(t *testing.T, path string) {
			if err := os.Mkdir(path, 0o700); err != nil {
				t.Fatal(err)
			}
		}, want: store.ErrNotDatabase, says: "no regular file"},
		{name: "foreign", make: func(t *testing.T, path string) {
			foreign(t, path, `CREATE TABLE customer (id INTEGER PRIMARY KEY)`)
		}, want: store.ErrForeign, says: "not a dovetail database"},
		{name: "foreign with a log", make: func(t *testing.T, path string) {
			foreign(t, path, `PRAGMA journal_mode = WAL; CREATE TABLE customer (id INTEGER PRIMARY KEY)`)
		}, want: store.ErrForeign, says: "not a dovetail database"},
		{name: "newer", make: func(t *testing.T, path string) {
			ours(t, path)
			foreign(t, path, `UPDATE dovetail_meta SET schema = 9999`)
		}, want: store.ErrNewer, says: "its schema is 9999"},
		{name: "read-only", make: func(t *testing.T, path string) {
			ours(t, path)
			if err := os.Chmod(path, 0o400); err != nil {
				t.Fatal(err)
			}
		}, want: store.ErrReadOnly, says: "read-only"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			dir := t.TempDir()
			path := filepath.Join(dir, "it.db")
			tt.make(t, path)
			before := files(t, dir)
			s, err := store.Open(t.Context(), path, store.Options{})
			if err == nil {
				s.Close()
				t.Fatal("it was opened")
			}
			var about *store.PathError
			if !errors.Is(err, tt.want) || !errors.As(err, &about) || about.Path != path {
				t.Errorf("the error is %v, want %v about %s", err, tt.want, path)
			}
			if text := err.Error(); !strings.Contains(text, tt.says) || strings.Contains(text, "\n") {
				t.Errorf("it says %q, want one line with %q", text, tt.says)
			}
			if after := files(t, dir); !equalFiles(before, after) {
				t.Errorf("the directory holds %q, before %q", names(after), names(before))
			}
		})
	}
}

func equalFiles(a, b map[string]string) bool {
	for name := range a {
		if a[name] != b[name] {
			return false
		}
	}
	return len(a) == len(b)
}

func names(all map[string]string) []string {
	var out []string
	for name := range all {
		out = append(out, name)
	}
	slices.Sort(out)
	return out
}

func TestCreateLeavesWhatIsThereAlone(t *testing.T) {
	path := filepath.Join(t.TempDir(), "it.db")
	if err := os.WriteFile(path, []byte("mine"), 0o644); err != nil {
		t.Fatal(err)
	}
	_, err := store.Create(t.Context(), path, store.Options{})
	if !errors.Is(err, fs.ErrExist) {
		t.Errorf("the error is %v, want %v", err, fs.ErrExist)
	}
	if text, err := os.ReadFile(path); err != nil || string(text) != "mine" {
		t.Errorf("the file holds %q, %v", text, err)
	}
}

// A log without its database holds what was acknowledged last.
func TestCreateLeavesTheJournalOfAnotherDatabaseAlone(t *testing.T) {
	for _, end := range []string{"-wal", "-shm", "-journal"} {
		dir := t.TempDir()
		path := filepath.Join(dir, "it.db")
		if err := os.WriteFile(path+end, []byte("acknowledged"), 0o600); err != nil {
			t.Fatal(err)
		}
		before := files(t, dir)
		_, err := store.Create(t.Context(), path, options())
		if !errors.Is(err, store.ErrLeftover) || !strings.Contains(err.Error(), "it.db"+end) {
			t.Errorf("beside %s it says %v", end, err)
		}
		if after := files(t, dir); !equalFiles(before, after) {
			t.Errorf("the directory holds %q, before %q", names(after), names(before))
		}
	}
}

func TestCreateLeavesNothingBehindWhenItFails(t *testing.T) {
	dir := t.TempDir()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := store.Create(ctx, filepath.Join(dir, "it.db"), store.Options{}); err == nil {
		t.Fatal("it was made with a context that had ended")
	}
	if left := names(files(t, dir)); len(left) > 0 {
		t.Errorf("%q were left behind", left)
	}
}

func TestFileNamesAreTakenAsTheyAre(t *testing.T) {
	for _, name := range []string{"we?ird #1 %41 é.db", "a&b=c;d.db", "plus+and space.db", "'quote\".db", "mode=ro"} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			s, err := store.Create(t.Context(), filepath.Join(dir, name), options())
			if err != nil {
				t.Fatal(err)
			}
			push(t, s, `{"key":"k","record":"a/1","local":{"x":1}}`)
			s = reopen(t, s)
			wantRecord(t, s, "a/1", 1, `{"x":1}`)
			if err := s.Close(); err != nil {
				t.Fatal(err)
			}
			if got := names(files(t, dir)); !slices.Equal(got, []string{name}) {
				t.Errorf("the directory holds %q, want %q alone", got, name)
			}
		})
	}
}

func TestFilesAreForTheirOwnerAlone(t *testing.T) {
	s := newStore(t)
	push(t, s, `{"key":"k","record":"a/1","local":{"x":1}}`)
	for _, end := range []string{"", "-wal", "-shm"} {
		info, err := os.Stat(s.Info().Path + end)
		if err != nil {
			t.Fatal(err)
		}
		if info.Mode() != 0o600 {
			t.Errorf("%s has the mode %s", info.Name(), info.Mode())
		}
	}
}

func TestWritingStopsWhenTheFileIsReplaced(t *testing.T) {
	s := newStore(t)
	path := s.Info().Path
	if err := os.Rename(path, path+".old"); err != nil {
		t.Fatal(err)
	}
	_, err := s.Push(t.Context(), []byte(`{"key":"k","record":"a/1","local":{"x":1}}`))
	if !errors.Is(err, store.ErrCorrupt) {
		t.Errorf("a push into a file that is gone says %v", err)
	}
}

func TestAnyGenerationIsAnother(t *testing.T) {
	a, err := store.Create(t.Context(), filepath.Join(t.TempDir(), "a.db"), store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer a.Close()
	b, err := store.Create(t.Context(), filepath.Join(t.TempDir(), "b.db"), store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	if a.Info().Generation == "" || a.Info().Generation == b.Info().Generation || a.Info().Role != "hub" {
		t.Errorf("two hubs are %+v and %+v", a.Info(), b.Info())
	}
}
