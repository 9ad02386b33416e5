package merge

import (
	"flag"
	"testing"

	"dovetail/fixtures/planted"
)

// plant makes TestPlantedBugs do what it is for, which takes a compilation for each bug:
//
//	go test ./merge -run TestPlantedBugs -planted
var plant = flag.Bool("planted", false, "plant each known bug and see that its test fails")

// TestPlantedBugs: each bug of the list is noticed by the test it names. Without -planted it checks that the list still
// fits the sources.
func TestPlantedBugs(t *testing.T) { planted.Run(t, bugs, *plant, "-rapid.nofailfile") }
