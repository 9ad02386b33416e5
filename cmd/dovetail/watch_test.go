//go:build unix

package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// talk is what a program says while it runs.
type talk struct {
	mu      sync.Mutex
	text    strings.Builder
	changed chan struct{} // closed at each change, and replaced
}

// Write implements [io.Writer].
func (w *talk) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	close(w.changed)
	w.changed = make(chan struct{})
	return w.text.Write(p)
}

// hears waits for words that were not heard yet.
func (w *talk) hears(t *testing.T, words string) {
	t.Helper()
	late := time.After(patience)
	for {
		w.mu.Lock()
		text, changed := w.text.String(), w.changed
		if _, after, found := strings.Cut(text, words); found {
			w.text.Reset()
			w.text.WriteString(after)
			w.mu.Unlock()
			return
		}
		w.mu.Unlock()
		select {
		case <-changed:
		case <-late:
			t.Fatalf("it never said %q, but\n%s", words, text)
		}
	}
}

// TestSyncWatchGoesOnUntilItIsStopped: it exchanges again and again, goes on where the hub was out of reach, and ends by a
// signal.
func TestSyncWatchGoesOnUntilItIsStopped(t *testing.T) {
	dir := t.TempDir()
	office, mount, laptop := filepath.Join(dir, "office"), filepath.Join(dir, "mount"), filepath.Join(dir, "laptop.db")
	if err := os.Mkdir(office, 0o700); err != nil {
		t.Fatal(err)
	}
	dovetail(t, "init", filepath.Join(office, "hub.db"))
	dovetail(t, "clone", filepath.Join(office, "hub.db"), laptop)

	said := &talk{changed: make(chan struct{})}
	cmd := exec.Command(builtProgram(t), "--db", laptop, "sync", "--watch", "--every", "1ms", "--hub", filepath.Join(mount, "hub.db"))
	cmd.Env = append(os.Environ(), "DOVETAIL_USER=vera")
	cmd.Stdout, cmd.Stderr = said, said
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	defer time.AfterFunc(patience, func() { cmd.Process.Kill() }).Stop()
	for _, record := range []string{"form/F-1", "form/F-2"} {
		said.hears(t, "there is no hub at "+mount)
		dovetail(t, "--db", laptop, "set", record, "text=hello")
		said.hears(t, "0 sent, 1 safe on this laptop")
		if err := os.Symlink(office, mount); err != nil {
			t.Fatal(err)
		}
		said.hears(t, "1 change: 1 applied, 0 lost; 1 version came in")
		said.hears(t, "0 changes: 0 lost; 0 versions came in")
		if err := os.Remove(mount); err != nil {
			t.Fatal(err)
		}
	}
	said.hears(t, "there is no hub at "+mount)
	if err := cmd.Process.Signal(syscall.SIGINT); err != nil {
		t.Fatal(err)
	}
	cmd.Wait()
	if code := cmd.ProcessState.ExitCode(); code != exitInterrupted {
		t.Errorf("exit code %d, want %d", code, exitInterrupted)
	}
	if version, _ := recordOf(t, filepath.Join(office, "hub.db"), "form/F-2"); version != 1 {
		t.Errorf("the hub has version %d", version)
	}
}
