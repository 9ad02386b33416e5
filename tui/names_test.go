package tui

import "testing"

func TestEveryActionHasAName(t *testing.T) {
	of := map[string]intent{}
	for at, k := range keymaps() {
		for _, b := range k {
			name := intentNames[b.intent]
			if name == "" {
				t.Errorf("screen %d: %q (%s) has no name", at, b.Help().Key, b.Help().Desc)
			}
			if other, taken := of[name]; taken && other != b.intent {
				t.Errorf("two actions are called %q", name)
			}
			of[name] = b.intent
		}
	}
}
