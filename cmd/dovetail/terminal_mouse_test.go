//go:build unix

package main

import (
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

func TestTheMouseInATerminal(t *testing.T) {
	db := filepath.Join(t.TempDir(), "d.db")
	dovetail(t, "play", "dead-zone", "--keep", db)
	x := open(t, 120, 36, "--db", db)
	x.sees("deal/D-1042")
	if strings.Contains(x.written(), "\x1b[?1002h") {
		t.Error("the mouse is on unasked")
	}
	x.press("%", "the mouse is on")
	// The first row of the list, once to mark it, where it is marked already: it opens.
	line := 0
	for i, l := range strings.Split(x.text(), "\n") {
		if strings.Contains(l, "▸") && strings.Contains(l, "deal/D-1042") && line == 0 {
			line = i + 1
		}
	}
	x.press("\x1b[<0;10;"+strconv.Itoa(line)+"M", "RESOLVE")
	x.press("\x1b[<65;10;10M", "conflict 2 of 3 left")
	x.press("q", "q quit")
	if _, err := x.pty.WriteString("q"); err != nil {
		t.Fatal(err)
	}
	if code := x.ends(); code != exitDone {
		t.Errorf("exit code %d", code)
	}
	raw := x.written()
	if strings.LastIndex(raw, "\x1b[?1002l") < strings.LastIndex(raw, "\x1b[?1002h") {
		t.Error("the mouse stays on in the shell")
	}
}
