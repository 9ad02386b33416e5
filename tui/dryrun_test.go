package tui

import (
	"testing"

	"dovetail/merge"
)

func TestReviewShowsTheCommandThatWritesTheSame(t *testing.T) {
	d := newDesk(deal(t, 2))
	r := newRig(t, d, on(2)).press("1", "w").press("p")
	r.sees("dovetail resolve 2 --take /status=local --expect-version 4", `"version": 5`, `"status": "closed"`, "not written yet")
	if len(d.wrote) != 0 {
		t.Fatal("p wrote")
	}
	r.press("e", "i", "t", "'", "s", "enter").sees(`--note 'it'\\''s'`).press("p").sees("SERVER NOW").seesNot("dovetail resolve 2")
	r.press("p", "s")
	if len(d.wrote) != 1 {
		t.Error("s does not write beside the command")
	}
}

func TestCommandsOfAllChoices(t *testing.T) {
	w := merge.Writing{Conflict: 7, ServerVersion: 4, Decisions: merge.Decisions{
		"/a": {Choice: merge.TakeBase}, "/b c": {Choice: merge.Edited, Value: `"x y"`}, "/d": {Choice: merge.Removed},
		"/e": {Choice: merge.TakeCombined, Value: `["p"]`}}}
	want := `dovetail resolve 7 --take /a=base --set '/b c:="x y"' --unset /d --set '/e:=["p"]' --expect-version 4`
	if got := commandOf(nil, w); got != want {
		t.Errorf("the command is %s\nwant %s", got, want)
	}
	w.Decisions = merge.Decisions{"": {Choice: merge.KeepBoth, As: "D 2"}}
	call := []string{"dovetail", "--db", "my deals.db", "--as", "mia"}
	if got, want := commandOf(call, w), `dovetail --db 'my deals.db' --as mia resolve 7 '--keep-both=D 2' --expect-version 4`; got != want {
		t.Errorf("%s, want %s", got, want)
	}
	if got, want := commandOf(nil, w), `dovetail resolve 7 '--keep-both=D 2' --expect-version 4`; got != want {
		t.Errorf("the command is %s\nwant %s", got, want)
	}
}
