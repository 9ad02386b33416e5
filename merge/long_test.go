package merge

import (
	"flag"
	"os"
	"strconv"
	"testing"
)

// long makes the tests of laws try every combination, and draw a thousand times as many cases at random.
var long = flag.Bool("long", false, "try every combination, and draw 1000 times as many cases at random")

func TestMain(m *testing.M) {
	flag.Parse()
	if checks := flag.Lookup("rapid.checks"); *long {
		n, err := strconv.Atoi(checks.Value.String())
		if err == nil {
			err = checks.Value.Set(strconv.Itoa(1000 * n))
		}
		if err != nil {
			panic(err)
		}
	}
	os.Exit(m.Run())
}
