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

func TestTypedDatesAndNumbersAreCheckedByTheSchema(t *testing.T) {
	const schema = `{"properties":{"due":{"type":"string","format":"date"},"at":{"type":"string","format":"date-time"},
		"n":{"type":"integer","maximum":9},"code":{"type":"string","pattern":"^[A-Z]+$","maxLength":3}}}`
	for field, c := range map[string]struct{ local, server, bad, good string }{
		"due": {`"2026-01-02"`, `"2026-01-03"`, "2026-13-45", "2026-02-01"}, "at": {`"2026-01-02T10:00:00Z"`, `"2026-01-03T10:00:00Z"`, "tomorrow", "2026-01-04T10:00:00Z"},
		"n": {"2", "3", "10", "9"}, "code": {`"AB"`, `"CD"`, "ABCD", "XYZ"},
	} {
		d := newDesk(governed(t, 1, schema, `{}`, `{"`+field+`":`+c.local+`}`, `{"`+field+`":`+c.server+`}`))
		r := newRig(t, d, on(1)).press("e", "ctrl+u", c.bad, "enter").sees("EDIT", " ! ").wantChoice("/"+field, merge.Undecided)
		r.press("ctrl+u", c.good, "enter").wantChoice("/"+field, merge.Edited)
	}
}
