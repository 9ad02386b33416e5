//go:build unix

package main

import (
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"dovetail/merge"
	"dovetail/store"
	"dovetail/store/remote"
	"dovetail/store/serve"
)

// TestSyncWatchFollowsAHubOnTheNetwork: what is written there comes at once, what is changed here goes soon, and a hub that
// was away is found again.
func TestSyncWatchFollowsAHubOnTheNetwork(t *testing.T) {
	dir := t.TempDir()
	path, laptop := filepath.Join(dir, "hub.db"), filepath.Join(dir, "laptop.db")
	hub, err := store.Create(t.Context(), path, store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer hub.Close()
	closing := make(chan struct{})
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server := &http.Server{Handler: serve.New(hub, serve.Options{Open: "office", Closing: closing})}
	go server.Serve(listener)
	address := listener.Addr().String()
	dovetail(t, "clone", "http://"+address, laptop)

	said := &talk{changed: make(chan struct{})}
	cmd := exec.Command(builtProgram(t), "--db", laptop, "sync", "--watch", "--every", "1h")
	cmd.Env = append(os.Environ(), "DOVETAIL_USER=vera")
	cmd.Stdout, cmd.Stderr = said, said
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	defer time.AfterFunc(patience, func() { cmd.Process.Kill() }).Stop()
	said.hears(t, "0 changes: 0 lost; 0 versions came in")
	if _, err := hub.Write(t.Context(), store.Edit{Record: merge.Key{Collection: "form", ID: "F-1"}, Fields: merge.Document(`{}`)}); err != nil {
		t.Fatal(err)
	}
	said.hears(t, "0 changes: 0 lost; 1 version came in")
	dovetail(t, "--db", laptop, "set", "form/F-2", "text=hello")
	said.hears(t, "1 change: 1 applied, 0 lost; 1 version came in")

	close(closing)
	if err := server.Close(); err != nil {
		t.Fatal(err)
	}
	dovetail(t, "--db", laptop, "set", "form/F-3", "text=hello")
	said.hears(t, "out of reach: ")
	said.hears(t, "0 sent, 1 safe on this laptop")
	if listener, err = net.Listen("tcp", address); err != nil {
		t.Fatal(err)
	}
	server = &http.Server{Handler: serve.New(hub, serve.Options{Open: "office"})}
	go server.Serve(listener)
	defer server.Close()
	said.hears(t, "1 change: 1 applied, 0 lost; 1 version came in")
	if err := cmd.Process.Signal(syscall.SIGINT); err != nil {
		t.Fatal(err)
	}
	cmd.Wait()
	if code := cmd.ProcessState.ExitCode(); code != exitInterrupted {
		t.Errorf("exit code %d, want %d", code, exitInterrupted)
	}
}

// The waits between tries grow, up to a bound, are never more than that, and differ by chance.
func TestBackoff(t *testing.T) {
	for failures, want := range map[int]time.Duration{1: time.Second, 2: 2 * time.Second, 5: 16 * time.Second, 9: 256 * time.Second,
		10: retryLast, 1000: retryLast} {
		if got := backoff(failures, retryFirst, retryLast, 0); got != want {
			t.Errorf("after %d: %v, want %v", failures, got, want)
		}
		if got := backoff(failures, retryFirst, retryLast, 1); got != want/2 {
			t.Errorf("after %d, at least: %v, want %v", failures, got, want/2)
		}
	}
	a := &app{far: new(remote.Hub), chance: func() float64 { return 0 }}
	if got := a.retryAfter(&remote.Error{After: time.Hour}, 1, watchEvery); got != time.Hour {
		t.Errorf("a hub that wants to be left alone for an hour is asked after %v", got)
	}
	if got := a.retryAfter(remote.ErrUnreachable, 3, watchEvery); got != 4*time.Second {
		t.Errorf("after 3: %v", got)
	}
	if got := new(app).retryAfter(remote.ErrUnreachable, 9, watchEvery); got != watchEvery {
		t.Errorf("a file: %v", got)
	}
}
