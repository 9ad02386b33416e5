package store_test

import (
	"flag"
	"testing"
)

// long makes the tests at random play many more histories.
var long = flag.Bool("long", false, "play 100 times as many histories")

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
