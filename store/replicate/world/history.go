package world

import (
	"os"
	"strings"
	"testing"

	"dovetail/fixtures"
)

// moves is how many moves a history has.
const moves = 64

// PlayHistory plays a random history over a network, has everybody come to rest, and checks all that must hold then. What
// happened is counted in hits.
func PlayHistory(t *testing.T, seed uint64, network Network, hits map[string]int) {
	dir, err := os.MkdirTemp(MemoryDir(), "dovetail-history-*")
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(dir)
	h := fixtures.RandomHistory(seed, moves)
	w := New(t, dir, h.Devices, network, hits)
	defer w.Close()
	for _, e := range h.Moves {
		w.Play(e)
		w.trace(os.Getenv("TRACE"))
	}
	w.settle()
	w.Check()
	if seed%16 == 0 {
		w.examine()
	}
	if t.Failed() {
		t.Logf("seed %d:\n%s", seed, strings.Join(w.Log, "\n"))
	}
}

// MemoryDir is where files cost no disk; empty where the system has no such place.
func MemoryDir() string {
	if info, err := os.Stat("/dev/shm"); err == nil && info.IsDir() {
		return "/dev/shm"
	}
	return ""
}

// settle lets everybody sync over a good line until there is nothing more to say.
func (w *World) settle() {
	w.Note("settle")
	for range 20 {
		quiet := true
		for _, d := range w.Devices {
			quiet = w.Exchange(d, fixtures.Trouble{}) && quiet
		}
		if quiet {
			return
		}
	}
	w.t.Error("it never comes to rest")
}
