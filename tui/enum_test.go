package tui

import (
	"testing"

	"dovetail/merge"
)

// staged has a field of which the schema lists the values, and one with a least value.
func staged(t testing.TB) *desk {
	return newDesk(governed(t, 1, `{"properties":{"stage":{"type":"string","enum":["lead","open","won"]},"n":{"type":"number","minimum":3}}}`,
		`{"stage":"lead","n":5}`, `{"stage":"open","n":6}`, `{"stage":"won","n":7}`))
}

func TestListedValuesAreShownAndTakenByTab(t *testing.T) {
	r := newRig(t, staged(t), on(1)).press("n", "e").sees("one of: lead, open, won", "next value")
	r.press("ctrl+u", "x", "enter").sees("EDIT").wantChoice("/stage", merge.Undecided)
	r.press("tab", "tab", "tab", "enter").wantChoice("/stage", merge.Edited)
	if v := r.resolve().draft.Decisions["/stage"].Value; v != `"won"` {
		t.Errorf("decided is %s", v)
	}
}

func TestATypedValueIsCheckedByTheSchema(t *testing.T) {
	r := newRig(t, staged(t), on(1)).press("e").seesNot("one of", "next value")
	r.press("backspace", "2", "enter").wantChoice("/n", merge.Undecided).sees("EDIT", " ! ")
	r.press("backspace", "4", "enter").wantChoice("/n", merge.Edited)
}
