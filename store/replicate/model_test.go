package replicate_test

import (
	"flag"
	"fmt"
	"maps"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"dovetail/store/replicate/world"
)

var (
	histories = flag.Int("histories", 0, "play so many random histories; 0: 600")
	firstSeed = flag.Uint64("seed", 1, "begin with this seed")
	long      = flag.Bool("long", false, "play 100 times as many histories")
)

// hitsWanted are the things that must have happened at least once in all histories together, so that none is believed
// to be survived because it never came.
var hitsWanted = []string{"request dropped", "reply dropped", "repeated", "held up", "came late", "crash before", "crash after",
	"crash in feed", "feed dropped", "feed cut short", "copied", "stale resolution", "resolution", "undo", "undo offline",
	"decided apart"}

// TestHistories plays random histories of a hub, its replicas, people and a bad line, and then looks for all that was
// ever said. A seed that once failed is kept in testdata/seeds.
func TestHistories(t *testing.T) {
	n := *histories
	if n == 0 {
		if n = 2000; testing.Short() {
			n = 4
		}
		if *long {
			n *= 100
		}
	}
	seeds := keptSeeds(t)
	for i := range n {
		seeds = append(seeds, *firstSeed+uint64(i))
	}
	all := world.PlayHistories(t, seeds, func(testing.TB) world.Network { return new(network) })
	for _, name := range hitsWanted {
		if all[name] == 0 && len(seeds) >= 500 {
			t.Errorf("%q never happened", name)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(all)) {
		t.Logf("%7d x %s", all[name], name)
	}
}

func keptSeeds(t testing.TB) []uint64 {
	t.Helper()
	text, err := os.ReadFile("testdata/seeds")
	if err != nil {
		t.Fatal(err)
	}
	var seeds []uint64
	for line := range strings.Lines(string(text)) {
		word, _, _ := strings.Cut(strings.TrimSpace(line), " ")
		if word == "" || word[0] == '#' {
			continue
		}
		n, err := strconv.ParseUint(word, 10, 64)
		if err != nil {
			t.Fatal(fmt.Errorf("testdata/seeds: %w", err))
		}
		seeds = append(seeds, n)
	}
	return seeds
}
