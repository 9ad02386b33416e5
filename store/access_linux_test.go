package store_test

import (
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"syscall"
	"testing"

	"dovetail/store"
)

// Others may write to the file and to its directory, but not whoever opens it: a log of theirs would lock its owner out.
func TestAFileOfSomebodyElseIsReadOnlyAndNothingIsLeftBesideIt(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "it.db")
	s, err := store.Create(t.Context(), path, options())
	if err == nil {
		err = s.Close()
	}
	mode := os.FileMode(0o466)
	if os.Geteuid() == 0 {
		mode = 0o644
	}
	if err := errors.Join(err, os.Chmod(path, mode), os.Chmod(dir, 0o777), os.Chmod(filepath.Dir(dir), 0o755)); err != nil {
		t.Fatal(err)
	}
	before := files(t, dir)
	done := make(chan error)
	go func() {
		if os.Geteuid() == 0 {
			const nobody = 65534
			runtime.LockOSThread() // never unlocked: the thread ends with this function
			if _, _, failed := syscall.RawSyscall(syscall.SYS_SETRESUID, nobody, nobody, nobody); failed != 0 {
				done <- failed
				return
			}
		}
		s, err := store.Open(t.Context(), path, options())
		if err == nil {
			s.Close()
		}
		done <- err
	}()
	if err := <-done; !errors.Is(err, store.ErrReadOnly) {
		t.Errorf("it says %v, want %v", err, store.ErrReadOnly)
	}
	if after := files(t, dir); !equalFiles(before, after) {
		t.Errorf("the directory holds %q, before %q", names(after), names(before))
	}
}
