//go:build unix

package main

import (
	"path/filepath"
	"strings"
	"testing"
)

func TestWhoIsAskedLineByLine(t *testing.T) {
	for _, c := range []struct {
		flag             bool
		accessible, term string
		want             bool
	}{
		{false, "", "xterm", false}, {true, "", "xterm", true}, {false, "1", "xterm", true}, {false, "0", "xterm", false},
		{false, "", "dumb", true}, {false, "", "", false},
	} {
		t.Setenv("ACCESSIBLE", c.accessible)
		t.Setenv("TERM", c.term)
		if got := (&app{accessible: c.flag}).linear(); got != c.want {
			t.Errorf("%+v: got %t", c, got)
		}
	}
}

func TestCtrlCWhileALineIsAskedForKeepsTheDraft(t *testing.T) {
	db := filepath.Join(t.TempDir(), "d.db")
	dovetail(t, "play", "dead-zone", "--keep", db)
	x := open(t, 80, 50, "--accessible", "--db", db)
	x.press("1\r", "Choose 1 2 3")
	x.press("1\r", "Decided: local for next_step.")
	if _, err := x.pty.WriteString("\x03"); err != nil {
		t.Fatal(err)
	}
	if code := x.ends(); code != exitInterrupted {
		t.Errorf("exit code %d, want %d:\n%s", code, exitInterrupted, x.text())
	}
	if strings.Contains(x.written(), "\x1b") {
		t.Errorf("something is drawn: %q", x.written())
	}
	if list := dovetail(t, "--db", db, "conflicts"); !strings.Contains(list, "draft 1 of 3") {
		t.Errorf("the draft is not kept: %s", list)
	}
}
