package tui

import (
	"testing"

	"dovetail/merge"
)

func created(t testing.TB) *desk {
	return newDesk(conflict(t, 4, "task/1", "", `{"a":1,"b":"x"}`, `{"a":2,"c":"y"}`))
}

func TestBothAreKeptUnderATypedName(t *testing.T) {
	d := created(t)
	r := newRig(t, d, on(4)).size(100, 30).press("b").sees("KEEP BOTH", "stays task/1 as it is")
	r.press("backspace", "7", "enter").sees("Both are kept", "task/1-7")
	if open := r.resolve().open; len(open) != 0 {
		t.Fatalf("still open: %v", open)
	}
	r.press("w").sees("Local's becomes a new record, task/1-7:", "b = ").seesNot("Not kept").press("s")
	if len(d.wrote) != 1 || d.wrote[0].Decisions.Both() != "1-7" || string(d.wrote[0].Result) != `{"a":2,"c":"y"}` {
		t.Errorf("asked is %+v", d.wrote)
	}
}

func TestBothGiveWayToAFieldAndToUndo(t *testing.T) {
	r := newRig(t, created(t), on(4)).size(100, 30).press("1", "b", "enter")
	r.wantChoice("/a", merge.Undecided).wantChoice("", merge.KeepBoth)
	r.press("u").wantChoice("/a", merge.TakeLocal).wantChoice("", merge.Undecided)
	r.press("ctrl+r").wantChoice("", merge.KeepBoth)
	r.press("2").wantChoice("/a", merge.TakeServer).wantChoice("", merge.Undecided).seesNot("Both are kept")
	r.press("b", "enter").wantChoice("", merge.KeepBoth).press("r").wantChoice("", merge.Undecided).sees("LEFT")
}

func TestBothAreNotOfferedWhereThereIsOneRecord(t *testing.T) {
	newRig(t, newDesk(deal(t, 2)), on(2)).size(100, 30).seesNot("keep both").press("b").sees("there is one record here")
	newRig(t, created(t), on(4), func(c *Config) { c.OneRecord = true }).size(100, 30).seesNot("keep both").press("b").sees("there is one record here")
}

func TestANameThatIsNoneIsRefused(t *testing.T) {
	r := newRig(t, created(t), on(4)).size(100, 30).press("b", "backspace", "backspace", "enter").sees("the server's record has this id")
	r.press("backspace", "enter").sees("empty id").press("esc").wantChoice("", merge.Undecided).seesNot("KEEP BOTH")
}
