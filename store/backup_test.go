package store_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"dovetail/merge"
	"dovetail/store"
)

func backup(t *testing.T, s *store.Store, path string) store.Copy {
	t.Helper()
	made, err := s.Backup(t.Context(), path, nil)
	if err != nil {
		t.Fatal(err)
	}
	return made
}

func TestABackupIsTheSameHub(t *testing.T) {
	s := copyOf(t, everything(t))
	waits := `{"key":"waits","record":"note/1","base_version":1,"local":{"tags":["a"],"text":"y"},"device":"e","sequence":1,"local_by":"di"}`
	answer := push(t, s, waits)
	path := filepath.Join(t.TempDir(), "we?ird #1 %41 é.db")
	made := backup(t, s, path)
	if made.Path != path || made.Generation != s.Info().Generation || made.Records == 0 || made.Versions == 0 || made.Changes == 0 {
		t.Errorf("it says %+v", made)
	}
	info, err := os.Stat(path)
	if err != nil || info.Mode() != 0o600 || info.Size() != made.Bytes {
		t.Errorf("the file is %v, %v", info, err)
	}
	if left := names(files(t, filepath.Dir(path))); !slices.Equal(left, []string{filepath.Base(path)}) {
		t.Errorf("the directory holds %q", left)
	}
	text, err := os.ReadFile(path) // nobody has it open
	if err != nil {
		t.Fatal(err)
	}
	if pages := int(text[16])<<8 | int(text[17]); pages != 16384 || !bytes.Equal(text[18:20], []byte{2, 2}) {
		t.Errorf("it has pages of %d bytes and is of the format %v", pages, text[18:20])
	}

	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	before, err := dump(t.Context(), s.Info().Path)
	if err != nil {
		t.Fatal(err)
	}
	after, err := dump(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	delete(before, "sqlite_master") // the pages of the tables are others
	if differ := changedIn(before, after); len(differ) > 0 {
		t.Errorf("the copy differs in %q", differ)
	}

	restored, err := store.Open(t.Context(), path, options())
	if err != nil {
		t.Fatal(err)
	}
	defer restored.Close()
	if restored.Info().Generation != s.Info().Generation {
		t.Error("it has another generation")
	}
	if again := push(t, restored, waits); asJSON(t, again) != asJSON(t, answer) {
		t.Errorf("the same line gets %+v, before %+v", again, answer)
	}
	resolve(t, restored, 2, merge.TakeLocal, "bo")
	wantSum(t, restored)
	wantChain(t, restored)
}

func TestABackupGoesWhereNothingStands(t *testing.T) {
	s := newStore(t)
	push(t, s, `{"key":"k","record":"a/1","local":{"x":1}}`)
	for _, tt := range []struct {
		name, says string
		want       error
		path       func(dir string) string
	}{
		{"a file", "nothing was written over it", fs.ErrExist, func(dir string) string {
			return write(t, filepath.Join(dir, "b.db"), "mine")
		}},
		{"a link to nowhere", "nothing was written over it", fs.ErrExist, func(dir string) string {
			if err := os.Symlink("nowhere", filepath.Join(dir, "b.db")); err != nil {
				t.Fatal(err)
			}
			return filepath.Join(dir, "b.db")
		}},
		{"itself", "it is the database itself", fs.ErrExist, func(string) string { return s.Info().Path }},
		{"beside the log of another", "a log or journal is left", store.ErrLeftover, func(dir string) string {
			return strings.TrimSuffix(write(t, filepath.Join(dir, "b.db-wal"), "acknowledged"), "-wal")
		}},
		{"no directory", "there is no directory", fs.ErrNotExist, func(dir string) string { return filepath.Join(dir, "no", "b.db") }},
		{"a file for a directory", "", nil, func(dir string) string {
			return filepath.Join(write(t, filepath.Join(dir, "file"), "mine"), "b.db")
		}},
		{"no name", "", fs.ErrInvalid, func(string) string { return "" }},
	} {
		dir := t.TempDir()
		path := tt.path(dir)
		before := files(t, dir)
		_, err := s.Backup(t.Context(), path, nil)
		if err == nil || tt.want != nil && !errors.Is(err, tt.want) || !strings.Contains(err.Error(), tt.says) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: it says %v", tt.name, err)
		}
		if after := files(t, dir); !maps.Equal(before, after) {
			t.Errorf("%s: the directory holds %q, before %q", tt.name, names(after), names(before))
		}
	}
	wantSound(t, s)
}

func write(t *testing.T, path, text string) string {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestABackupThatIsBrokenOffLeavesNothing(t *testing.T) {
	s := copyOf(t, everything(t))
	dir := t.TempDir()
	for _, at := range []int64{0, 1, 60} {
		ctx, cancel := context.WithCancel(t.Context())
		if at == 0 {
			cancel()
		}
		_, err := s.Backup(ctx, filepath.Join(dir, "b.db"), func(done, total int64) {
			if done >= at {
				cancel()
			}
		})
		if !errors.Is(err, context.Canceled) {
			t.Errorf("broken off at %d it says %v", at, err)
		}
		if left := names(files(t, dir)); len(left) > 0 {
			t.Errorf("broken off at %d it leaves %q", at, left)
		}
	}
}

// A name that is taken while the copy is made is not taken away.
func TestABackupReplacesNothingThatCameMeanwhile(t *testing.T) {
	s := newStore(t)
	dir := t.TempDir()
	path := filepath.Join(dir, "b.db")
	_, err := s.Backup(t.Context(), path, func(done, total int64) {
		if done == total {
			write(t, path, "mine")
		}
	})
	if text, _ := os.ReadFile(path); !errors.Is(err, fs.ErrExist) || string(text) != "mine" || len(files(t, dir)) != 1 {
		t.Errorf("it says %v, the file holds %q, the directory %q", err, text, names(files(t, dir)))
	}
}

func TestADamagedDatabaseMakesNoBackup(t *testing.T) {
	alone(t)
	dir := t.TempDir()
	for _, damage := range []string{
		`UPDATE dovetail_resolution SET note = 'sure'`,
		`UPDATE dovetail_document SET body = '{}' WHERE id = 1`,
		`DELETE FROM dovetail_version WHERE number = 4`,
	} {
		s := copyOf(t, everything(t))
		tamper(t, s.Info().Path, damage)
		_, err := s.Backup(t.Context(), filepath.Join(dir, "b.db"), nil)
		var unsound *store.UnsoundError
		if !errors.As(err, &unsound) || len(unsound.Findings) == 0 || !errors.Is(err, store.ErrCorrupt) {
			t.Errorf("after %s it says %v", damage, err)
		}
		if left := names(files(t, dir)); len(left) > 0 {
			t.Errorf("after %s it leaves %q", damage, left)
		}
	}
}

func TestBackupsWhileOthersWrite(t *testing.T) {
	s := newStore(t)
	playDeal(t, s)
	done := make(chan struct{})
	var group sync.WaitGroup
	group.Go(func() {
		defer close(done)
		for i := range 100 {
			if _, err := s.Push(t.Context(), fmt.Appendf(nil, `{"key":"w%d","record":"deal/D-1042","base_version":3,"local":{"status":"s%d"}}`, i, i)); err != nil {
				t.Error(err)
				return
			}
		}
	})
	dir := t.TempDir()
	var last int64
	for n, running := 0, true; running; n++ {
		select {
		case <-done:
			running = false
		default:
		}
		made := backup(t, s, filepath.Join(dir, fmt.Sprint(n)))
		if made.Changes < last {
			t.Errorf("after %d changes a copy holds %d", last, made.Changes)
		}
		last = made.Changes
	}
	group.Wait()
	if last != 101 {
		t.Errorf("the last copy holds %d changes", last)
	}
}
