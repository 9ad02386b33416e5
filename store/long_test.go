package store_test

import (
	"flag"
	"testing"
)

// long makes the tests at random play many more histories.
var long = flag.Bool("long", false, "play 100 times as many histories")

// alone skips a test that takes long and starts no goroutine, where the run is one of the race detector's.
func alone(t *testing.T) {
	t.Helper()
	if testing.Short() {
		t.Skip("on one goroutine there are no races")
	}
}

// histories is how many of them a test plays that plays a few as a rule.
func histories(few int) int {
	switch {
	case *long:
		return 100 * few
	case testing.Short():
		return (few + 3) / 4
	}
	return few
}
