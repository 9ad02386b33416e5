package tui

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"dovetail/merge"
)

// past is a history and a hub's rules.
type past struct {
	set  []string
	fail error
}

func (past) History(context.Context, merge.Key) ([]merge.Moment, error) {
	return []merge.Moment{
		{Version: 1, Cause: "write", Stamp: merge.Stamp{By: "Eva", At: noon.Add(-50 * time.Hour)}, Fields: merge.Document(`{"phone":"1"}`), Changed: []string{"/phone"}},
		{Version: 2, Cause: "resolution", Stamp: merge.Stamp{By: "Bo\x1b[2J", Device: "web", At: noon.Add(-time.Hour)},
			Fields: merge.Document(`{"phone":"2","tags":["a"]}`), Changed: []string{"/phone", "/tags"},
			NotKept: []merge.LostValue{{Path: "/phone", Side: "local", Value: `"3"`}}, Note: "she told\x1b[2J by mail"},
		{Version: 3, Cause: "write", Stamp: merge.Stamp{By: "Diaz", At: noon}, Changed: []string{""}},
	}, nil
}

func (past) TryRule(_ context.Context, collection, path, policy string) (merge.Trial, error) {
	if policy == "set" {
		return merge.Trial{}, errors.New("no list")
	}
	return merge.Trial{Agrees: 790, Different: 22, Waiting: 60, Settles: 41, Eases: 3, Differs: []merge.Other{
		{Conflict: 9, Record: merge.Key{Collection: collection, ID: "0931"}, Path: path, By: "Ana", Choice: merge.TakeServer, Value: `"x"`, Rule: `"y"`}}}, nil
}

func (p *past) SetRule(_ context.Context, collection, path, policy, person string) (int64, error) {
	p.set = append(p.set, strings.Join([]string{collection, path, policy, person}, " "))
	return 41, p.fail
}

func pastOf(p *past) func(*Config) { return func(c *Config) { c.History, c.Rules = *p, p } }

func TestHistoryTellsWhoChangedTheField(t *testing.T) {
	r := newRig(t, newDesk(customer(t, 1)), on(1), pastOf(&past{})).press("i")
	r.sees("HISTORY", "v2 · resolution · Bo", `note: she told`, "not kept: local phone = \"3\"", "v3 · write · Diaz", "v3 · Diaz · 12:00 · deleted", `phone  "1" → "2"`)
	for _, size := range [][2]int{{40, 12}, {50, 20}, {80, 24}} {
		check(t, "history", r.size(size[0], size[1]).m.View(), size[0], size[1])
	}
	r.press("esc").seesNot("HISTORY").wantScreen(onResolve)
	r.size(120, 36).press("/", "tags", "enter", "i").sees("local · Ana, laptop · 09:00 · +urgent")
}

func TestAChoiceBecomesARuleAfterItWasTried(t *testing.T) {
	p := &past{}
	r := newRig(t, newDesk(customer(t, 1)), on(1), pastOf(p)).press("m").sees("decide the field first")
	at := r.focus()
	r.press("1")
	r.press("m").sees("agrees with 790 of 812; differs in these 22", "Ana took server", "would settle 41 of the 60 that wait in customers").press("enter", "1", " ")
	if len(p.set) != 0 {
		t.Fatalf("set without a yes: %v", p.set)
	}
	r.press("esc")
	if len(p.set) != 0 {
		t.Fatalf("set by esc: %v", p.set)
	}
	r.press("m", "y").sees("is local from now on; 41 conflicts closed by it").seesNot("setting the rule")
	if len(p.set) != 1 || !strings.HasSuffix(p.set[0], at+" local Ana") {
		t.Errorf("set is %v, of %s", p.set, at)
	}
}

func TestARuleThatIsRefusedIsTold(t *testing.T) {
	p := &past{fail: errors.New("the hub says no")}
	newRig(t, newDesk(customer(t, 1)), on(1), pastOf(p)).press("1", "m", "y").sees("not set: the hub says no")
}

func TestWithoutAHistoryOrRulesTheKeysSaySo(t *testing.T) {
	newRig(t, newDesk(customer(t, 1)), on(1)).press("1", "i").sees("there is no history here").press("m").sees("rules are made at the hub").seesNot("m rule")
}
