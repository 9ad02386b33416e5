package merge

import "testing"

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
