//go:build unix

package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/creack/pty"
	"github.com/hinshun/vt10x"
)

// patience is how long a marker may take to appear before a test gives up. It is no measure of speed.
const patience = 30 * time.Second

// terminal is the built program in a pseudo-terminal. The screen answers no query of the program's.
type terminal struct {
	t    testing.TB
	cmd  *exec.Cmd
	pty  *os.File
	done chan struct{} // closed when the program's side of the terminal is closed

	mu      sync.Mutex
	screen  vt10x.Terminal
	raw     bytes.Buffer
	changed chan struct{} // closed at each change, and replaced
}

// open starts the program on a screen of that size.
func open(t testing.TB, columns, rows int, args ...string) *terminal {
	t.Helper()
	x := &terminal{
		t:       t,
		cmd:     exec.Command(builtProgram(t), args...),
		done:    make(chan struct{}),
		screen:  vt10x.New(vt10x.WithSize(columns, rows)),
		changed: make(chan struct{}),
	}
	x.cmd.Env = append(os.Environ(), "TERM=xterm-256color", "DOVETAIL_USER=vera", "TZ=UTC", "TMPDIR="+t.TempDir(),
		"XDG_CONFIG_HOME="+t.TempDir()) // the keys of whoever runs this are not ours
	var err error
	x.pty, err = pty.StartWithSize(x.cmd, &pty.Winsize{Cols: uint16(columns), Rows: uint16(rows)})
	if err != nil {
		t.Fatal(err)
	}
	go x.read()
	t.Cleanup(func() {
		x.cmd.Process.Kill()
		<-x.done
		x.cmd.Wait()
		x.pty.Close()
	})
	return x
}

func (x *terminal) read() {
	defer close(x.done)
	chunk := make([]byte, 1<<16)
	for {
		n, err := x.pty.Read(chunk)
		x.mu.Lock()
		x.raw.Write(chunk[:n])
		x.screen.Write(chunk[:n])
		close(x.changed)
		x.changed = make(chan struct{})
		x.mu.Unlock()
		if err != nil {
			return
		}
	}
}

func (x *terminal) text() string {
	x.mu.Lock()
	defer x.mu.Unlock()
	return x.screen.String()
}

func (x *terminal) written() string {
	x.mu.Lock()
	defer x.mu.Unlock()
	return x.raw.String()
}

// sees waits until all the markers stand on the screen at once.
func (x *terminal) sees(markers ...string) {
	x.t.Helper()
	x.until(fmt.Sprintf("%q", markers), func(text string) bool { return containsAll(text, markers) })
}

// asks waits for the prompt of a line, behind which nothing is typed yet.
func (x *terminal) asks() {
	x.t.Helper()
	x.until("a prompt", func(text string) bool { return strings.HasSuffix(strings.TrimSpace(text), ":") })
}

func (x *terminal) until(what string, there func(text string) bool) {
	x.t.Helper()
	late := time.After(patience)
	for {
		x.mu.Lock()
		text, changed := x.screen.String(), x.changed
		x.mu.Unlock()
		if there(text) {
			return
		}
		select {
		case <-changed:
		case <-x.done:
			if there(x.text()) {
				return
			}
			x.t.Fatalf("the program ended without %s:\n%s", what, x.text())
		case <-late:
			x.t.Fatalf("%s never came:\n%s", what, x.text())
		}
	}
}

func containsAll(text string, markers []string) bool {
	for _, m := range markers {
		if !strings.Contains(text, m) {
			return false
		}
	}
	return true
}

// press sends one key and waits for what it must lead to. Keys go one by one: several that arrive together may be a
// paste, which the screens do not obey.
func (x *terminal) press(key string, markers ...string) {
	x.t.Helper()
	if _, err := x.pty.WriteString(key); err != nil {
		x.t.Fatal(err)
	}
	x.sees(markers...)
}

// resize gives the screen another size.
func (x *terminal) resize(columns, rows int) {
	x.t.Helper()
	x.mu.Lock()
	x.screen.Resize(columns, rows)
	x.mu.Unlock()
	if err := pty.Setsize(x.pty, &pty.Winsize{Cols: uint16(columns), Rows: uint16(rows)}); err != nil {
		x.t.Fatal(err)
	}
}

// ends waits for the program's end and returns its exit code.
func (x *terminal) ends() int {
	x.t.Helper()
	select {
	case <-x.done:
	case <-time.After(patience):
		x.t.Fatalf("the program did not end:\n%s", x.text())
	}
	err := x.cmd.Wait()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		x.t.Fatal(err)
	}
	return x.cmd.ProcessState.ExitCode()
}

// recordOf reads a record back by `get --json`.
func recordOf(t *testing.T, db, record string) (version int64, fields map[string]any) {
	t.Helper()
	var got struct {
		Version int64
		Fields  map[string]any
	}
	if err := json.Unmarshal([]byte(dovetail(t, "--db", db, "get", "--json", record)), &got); err != nil {
		t.Fatal(err)
	}
	return got.Version, got.Fields
}
