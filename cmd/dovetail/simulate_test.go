//go:build unix

package main

import (
	"os"
	"strings"
	"testing"
)

// TestTerminalSimulateStopsAtOnce: ctrl+c ends it while it plays, and no database stays behind.
func TestTerminalSimulateStopsAtOnce(t *testing.T) {
	x := open(t, 40, 20, "simulate", "--edits", "5000000")
	x.sees("edits", "%")
	x.press("\x03")
	if code := x.ends(); code != exitInterrupted {
		t.Errorf("exit code %d:\n%s", code, x.text())
	}
	for _, setting := range x.cmd.Env {
		if dir, ok := strings.CutPrefix(setting, "TMPDIR="); ok && dir != os.Getenv("TMPDIR") {
			if left, err := os.ReadDir(dir); err != nil || len(left) > 0 {
				t.Errorf("left behind: %v, %v", left, err)
			}
		}
	}
}

// TestTerminalSimulateFits: nothing is wider than the window.
func TestTerminalSimulateFits(t *testing.T) {
	x := open(t, 40, 60, "simulate", "--devices", "4", "--records", "10", "--edits", "300")
	if code := x.ends(); code != 0 {
		t.Errorf("exit code %d:\n%s", code, x.text())
	}
	x.sees("op-replay", "lost silently")
	for line := range strings.Lines(x.written()) {
		plain := strings.TrimRight(withoutColors(line), "\r\n")
		if plain = plain[strings.LastIndexByte(plain, '\r')+1:]; len([]rune(plain)) > 40 { // the progress goes over itself
			t.Errorf("too wide: %q", plain)
		}
	}
}

// withoutColors takes the SGR sequences out of a line.
func withoutColors(line string) string {
	for {
		before, after, found := strings.Cut(line, "\x1b[")
		if !found {
			return line
		}
		_, after, _ = strings.Cut(after, "m")
		line = before + after
	}
}
