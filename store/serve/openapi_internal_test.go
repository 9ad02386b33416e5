package serve

import "testing"

// Everything that the handler answers to is described, and nothing else is.
func TestOperationsAreThoseOfTheRoutes(t *testing.T) {
	routed := map[string]bool{}
	ids := map[string]string{}
	for _, r := range allRoutes {
		for name := range r.methods {
			what := name + " " + r.pattern
			routed[what] = true
			op, told := operations[what]
			if !told || op.id == "" || op.summary == "" || op.answers == nil {
				t.Errorf("%s is not described", what)
			}
			if ids[op.id] != "" {
				t.Errorf("%s and %s are both called %s", what, ids[op.id], op.id)
			}
			ids[op.id] = what
		}
	}
	for what := range operations {
		if !routed[what] {
			t.Errorf("%s is described, and is not there", what)
		}
	}
}
