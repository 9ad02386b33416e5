package merge

import (
	"testing"
	"time"
)

// TestACaseWithOperationsReplaysThem shows that a case is merged as the change was: by its operations, but for those that had
// their effect by another change.
func TestACaseWithOperationsReplaysThem(t *testing.T) {
	c := Case{
		Sides: Sides{Base: Document(`{"n":1}`), Local: Document(`{"n":2}`), Server: Document(`{"n":2}`)},
		Rules: &Rules{Strategy: OpReplay},
		Operations: []Operation{
			{ID: "a", Verb: IncrementField, Path: "/n", Value: "1"},
			{ID: "b", Verb: IncrementField, Path: "/n", Value: "5"},
		},
		Applied: map[string]bool{"b": true},
	}
	if got := c.Merge().Document; string(got) != `{"n":3}` {
		t.Errorf("the operations come to %s", got)
	}
	c.Operations = nil
	if got := c.Merge().Document; string(got) != `{"n":2}` {
		t.Errorf("the documents alone come to %s", got)
	}
}

func TestHowLongAnEditWasOnItsWay(t *testing.T) {
	at := time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC)
	for _, tt := range []struct {
		name          string
		made, arrived time.Time
		want          time.Duration
	}{
		{"three hours", at, at.Add(3 * time.Hour), 3 * time.Hour},
		{"an hour", at, at.Add(time.Hour), time.Hour},
		{"less than an hour", at, at.Add(time.Hour - time.Second), 0},
		{"a clock that is ahead", at, at.Add(-3 * time.Hour), 0},
		{"a clock that began anew", time.Unix(60, 0), at, 0},
		{"the first year there is", time.Date(1, 1, 1, 0, 0, 1, 0, time.UTC), at, 0},
		{"a time that is not known", time.Time{}, at, 0},
		{"an arrival that is not known", at, time.Time{}, 0},
	} {
		if got := (Stamp{At: tt.made, ReceivedAt: tt.arrived}).Offline(); got != tt.want {
			t.Errorf("%s: %v, want %v", tt.name, got, tt.want)
		}
	}
}
