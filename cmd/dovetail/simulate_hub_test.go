package main

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"dovetail/fixtures"
	"dovetail/fixtures/simulation"
	"dovetail/merge"
)

// TestSimulatedHubTellsWhereEditsStand: an edit that stands in an older version alone is nowhere, and one that lost is kept.
func TestSimulatedHubTellsWhereEditsStand(t *testing.T) {
	for strategy, want := range map[merge.Strategy][]string{
		merge.LastWriteWins: {`1 {"a":3,"b":1}`, `2 {"a":2,"b":1}`},
		merge.FieldMerge:    {`1 {"a":2,"b":1}`, `4 {"a":3,"b":1}`},
	} {
		hub, err := newSimulatedHub(t.Context(), strategy)
		if err != nil {
			t.Fatal(err)
		}
		change := func(key string, base int64, local string) simulation.Change {
			c := fixtures.Change{Type: "change", Key: key, Record: merge.Key{Collection: simulation.Collection, ID: "0"},
				BaseVersion: base, Local: merge.Document(local), LocalBy: key, LocalAt: simulation.Start.Add(1 << 30)}
			c.LocalAt = c.LocalAt.Add(map[string]time.Duration{"late": time.Second}[key])
			return simulation.Change{Change: c}
		}
		if _, err := hub.Deliver(t.Context(), simulation.Start.Add(time.Hour), []simulation.Change{change("first", 0, `{"a":1,"b":1}`),
			change("second", 1, `{"a":2,"b":1}`), change("late", 1, `{"a":3,"b":1}`)}); err != nil {
			t.Fatal(err)
		}
		var got []string
		if err := hub.Leftovers(t.Context(), func(_ merge.Key, fields merge.Document, where simulation.Left) error {
			got = append(got, fmt.Sprintf("%d %s", where, fields))
			return nil
		}); err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s: %q, want %q", strategy, got, want)
		}
		if err := hub.close(); err != nil {
			t.Error(err)
		}
	}
}
