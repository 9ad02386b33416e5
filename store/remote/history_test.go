package remote_test

import (
	"flag"
	"maps"
	"slices"
	"testing"

	"dovetail/store/replicate/world"
)

var (
	histories = flag.Int("histories", 0, "play so many random histories; 0: 60")
	firstSeed = flag.Uint64("seed", 1, "begin with this seed")
	long      = flag.Bool("long", false, "play 100 times as many histories")
)

// hitsWanted are the things that must have happened at least once in all histories together, so that none is believed to be
// survived because it never came.
var hitsWanted = []string{"request dropped", "request cut", "another answer", "came late", "held up", "repeated", "silence",
	"answer dropped", "answer cut", "500 after the commit", "slow", "crash before", "crash after", "crash in feed", "feed cut short",
	"conflict on the wire", "decided apart",
	"copied", "stale resolution", "resolution", "undo"}

// TestHistoriesOverHTTP plays the random histories of a hub, its replicas and people over a real line with a proxy on it,
// and looks then for all that was ever said.
func TestHistoriesOverHTTP(t *testing.T) {
	n := *histories
	if n == 0 {
		if n = 60; testing.Short() {
			n = 4
		}
		if *long {
			n *= 100
		}
	}
	seeds := make([]uint64, n)
	for i := range seeds {
		seeds[i] = *firstSeed + uint64(i)
	}
	all := world.PlayHistories(t, seeds, func(t testing.TB) world.Network { return newNetwork(t) })
	for _, name := range hitsWanted {
		if all[name] == 0 && n >= 60 {
			t.Errorf("%q never happened", name)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(all)) {
		t.Logf("%7d x %s", all[name], name)
	}
}
