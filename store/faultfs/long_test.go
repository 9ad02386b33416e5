package faultfs_test

import (
	"flag"
	"fmt"
	"os"
	"testing"
	"time"

	"modernc.org/sqlite"
)

// seed is what all that is drawn at random comes from.
var seed = flag.Uint64("seed", 0, "draw at random from this; 0: another one for each run")

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
		fmt.Printf("the seed was %d\n", *seed)
	}
	os.Exit(code)
}
