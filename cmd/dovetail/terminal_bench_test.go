//go:build unix

package main

import (
	"path/filepath"
	"testing"
)

// BenchmarkTerminal measures the built program in a pseudo-terminal, with the store behind it: from its start to its first
// frame with the queue, and from a key to the frame that shows what came of it. Bubble Tea draws at most 120 frames in a
// second, so that up to 8 ms of a key are the wait for the next one.
func BenchmarkTerminal(b *testing.B) {
	db := filepath.Join(b.TempDir(), "d.db")
	dovetail(b, "play", "monday", "--keep", db)
	b.Run("start", func(b *testing.B) {
		for b.Loop() {
			x := open(b, 120, 40, "--db", db)
			x.sees("CONFLICTS", "conflict 1", "? help")
			b.StopTimer()
			if _, err := x.pty.WriteString("q"); err != nil {
				b.Fatal(err)
			}
			if code := x.ends(); code != exitDone {
				b.Fatalf("exit code %d", code)
			}
			b.StartTimer()
		}
	})
	b.Run("key", func(b *testing.B) {
		x := open(b, 120, 40, "--db", db)
		x.sees("CONFLICTS", "conflict 1", "? help")
		for i := 0; b.Loop(); i++ {
			x.press([]string{"j", "k"}[i%2], []string{"conflict 2", "conflict 1"}[i%2])
		}
	})
}
