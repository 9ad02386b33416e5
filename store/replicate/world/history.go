package world

import (
	"os"
	"strconv"
	"strings"
	"testing"

	"dovetail/fixtures"
)

// moves is how many moves a history has.
const moves = 64

// workers is how many histories are played at once.
const workers = 3

// PlayHistories plays the histories of some seeds, each over a network of its own, until one fails. It returns what
// happened in all of them together, and how often.
func PlayHistories(t *testing.T, seeds []uint64, network func(testing.TB) Network) map[string]int {
	work := make(chan uint64)
	all := map[string]int{}
	done := make(chan map[string]int)
	for range workers {
		go func() {
			hits := map[string]int{}
			for seed := range work {
				t.Run("seed "+strconv.FormatUint(seed, 10), func(t *testing.T) { playHistory(t, seed, network(t), hits) })
			}
			done <- hits
		}()
	}
	for _, seed := range seeds {
		if t.Failed() {
			break
		}
		work <- seed
	}
	close(work)
	for range workers {
		for name, n := range <-done {
			all[name] += n
		}
	}
	return all
}

// playHistory plays a random history over a network, has everybody come to rest, and checks all that must hold then. What
// happened is counted in hits.
func playHistory(t *testing.T, seed uint64, network Network, hits map[string]int) {
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
	if looker, ok := network.(Looker); ok {
		looker.Look(w)
	}
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
