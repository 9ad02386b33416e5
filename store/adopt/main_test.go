package adopt

import (
	"flag"
	"os"
	"testing"
)

// TestMain draws from the same seed in every run that names none, so that a run tells of a change and not of luck:
//
//	go test ./store/adopt -run Random -rapid.seed 7 -rapid.checks 1000
func TestMain(m *testing.M) {
	flag.Parse()
	if seed := flag.Lookup("rapid.seed"); seed != nil && seed.Value.String() == seed.DefValue {
		if err := seed.Value.Set("1"); err != nil {
			panic(err)
		}
	}
	os.Exit(m.Run())
}

// alone skips a test that takes long and starts no goroutine, where the run is one of the race detector's.
func alone(t *testing.T) {
	t.Helper()
	if testing.Short() {
		t.Skip("on one goroutine there are no races")
	}
}
