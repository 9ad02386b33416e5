package faultfs_test

import (
	"flag"
	"fmt"
	"os"
	"testing"
	"time"

	"modernc.org/sqlite"
)

var (
	// long makes the tests try every operation of every flow, one after the other, until a run passes without a fault.
	long = flag.Bool("long", false, "let every operation of every flow fail, not only a few")
	// seed is what all that is drawn at random comes from: what a power cut leaves, and which operations a short run tries.
	seed = flag.Uint64("seed", 1, "draw at random from this; 0: another one for each run")
	only = flag.Int("at", 0, "let the operation with this number fail, and no other; 0: as many as there are to be tried")
)

func TestMain(m *testing.M) {
	flag.Parse()
	if *seed == 0 {
		*seed = uint64(time.Now().UnixNano())
	}
	// As the store has it, had it been the first to open a file. Where there are no such locks it lives without, too.
	sqlite.StrictPragmas(true)
	_, _ = sqlite.OFDLocking(true)
	code := m.Run()
	if code != 0 {
		fmt.Printf("the seed was %d; to run one point again: -run TEST/FLOW -seed %d -at NUMBER\n", *seed, *seed)
	}
	os.Exit(code)
}

// fewer is how many of some operations a run tries where it is told, as by the race detector's, not to take long.
func fewer(few int) int {
	if testing.Short() {
		return (few + 2) / 3
	}
	return few
}

// tried calls try for the operations that are to fail, count being how many there are without a fault. A run that is not
// long tries few of them, others for each seed; a long one goes on until try says that no operation has that number. It
// returns how many failed.
func tried(count, few int, draw uint64, try func(n int) (failed bool)) int {
	failed := 0
	first, step := 1, 1
	switch {
	case *only > 0:
		first, count = *only, *only
	case !*long:
		step = max(1, (count+fewer(few)-1)/fewer(few))
		first += int(draw % uint64(step))
	}
	for n := first; n <= count || *long && *only == 0; n += step {
		if !try(n) {
			break
		}
		failed++
	}
	return failed
}
