package tui

import (
	"slices"
	"strings"
	"testing"
	"time"

	"dovetail/merge"
)

// talkedWith is talked with a past and rules, and no terminal.
func talkedWith(t *testing.T, d *desk, rules *past, open int64, lines ...string) string {
	t.Helper()
	var out strings.Builder
	err := RunLinear(t.Context(), Config{Queue: d, Desk: d, Snoozer: d, Person: "Ana", Open: open, Location: time.UTC, History: past{}, Rules: rules,
		Input: strings.NewReader(strings.Join(lines, "\n") + "\n"), Output: &out, Now: func() time.Time { return noon }})
	if err != nil {
		t.Fatalf("RunLinear: %v\n%s", err, out.String())
	}
	for i, r := range out.String() {
		if r != '\n' && (r < ' ' || r > '~') {
			t.Fatalf("%q at %d in %q", r, i, out.String()[max(i-60, 0):i])
		}
	}
	return out.String()
}

func wrote(t *testing.T, d *desk, out string, want ...int64) {
	t.Helper()
	var got []int64
	for _, w := range d.wrote {
		got = append(got, w.Conflict)
	}
	if !slices.Equal(got, want) {
		t.Errorf("written are %v, want %v\n%s", got, want, out)
	}
}

func TestLinearDecidesAGroupTogether(t *testing.T) {
	d := monday(t)
	out := talkedWith(t, d, &past{}, 0, "g", "7", "A1", "server", "2", "no", "yes", "U", "yes", "", "", "q")
	saysInOrder(t, out, "1. 4 conflicts: deal, status, Ana, laptop", "There is no group 7.", "Together: group: deal", "4 conflicts",
		"local: the local side", "1. deal/R-01, would be written: status stays open", "Type yes to write 4 of 4",
		"2. deal/R-02, taken out", "Type yes to write 3 of 4", "Nothing is written.", "Written: 3, not written: 0", "deal/R-01: v5",
		"Type yes to undo all 3", "undone: 3", "Conflicts: 5 open")
	wrote(t, d, out, 1, 3, 4)
	if !slices.Equal(d.undone(), []int64{13, 12, 11}) {
		t.Errorf("undone %v", d.undone())
	}
}

func TestLinearStepsThroughAGroup(t *testing.T) {
	d := monday(t)
	out := talkedWith(t, d, &past{}, 0, "groups", "3", "8", "1", "w", "yes", "", "back", "", "q")
	saysInOrder(t, out, "3. 1 conflict: deal, status, Bo, phone", "Group: deal, status, Bo, phone", "Conflict 8: deal/R-08", "Decided: local", "Written:")
	wrote(t, d, out, 8)
}

func TestLinearWritesManyOnlyOnTheirNumber(t *testing.T) {
	for typed, n := range map[string]int{"yes": 0, "59": 0, "60": 60} {
		d := many(t, 60)
		out := talkedWith(t, d, &past{}, 0, "g", "A1", "1", "yes", typed, "", "", "", "q")
		saysInOrder(t, out, "Type yes to write 60 of 60", "Type 60 to write 60 records:")
		if len(d.wrote) != n {
			t.Errorf("after %q %d are written, want %d", typed, len(d.wrote), n)
		}
	}
}

func TestLinearMarksAndSnoozes(t *testing.T) {
	d := monday(t)
	out := talkedWith(t, d, &past{}, 0, "mark 2 8", "mark", "3", "mark 99", "A", "local", "yes", "", "snooze 1", "snooze-tomorrow", "S", "5 6", "2", "S", "", "q")
	saysInOrder(t, out, "Conflict 2: deal/R-02", "marked", "Numbers of the conflicts", "Conflict 99 is not in the list.",
		"Together: 3 marked conflicts", "Written: 3", "Snooze 1 marked conflict until when?", "1 conflict snoozed until", "Snooze 2 marked conflicts",
		"2 conflicts snoozed")
	wrote(t, d, out, 2, 3, 8)
	for _, n := range []int64{1, 5, 6} {
		if d.cases[n].Conflict.State != merge.Snoozed {
			t.Errorf("conflict %d is %s", n, d.cases[n].Conflict.State)
		}
	}
}

func TestLinearTellsHistoryAndMakesARule(t *testing.T) {
	d, rules := newDesk(customer(t, 1)), &past{}
	out := talkedWith(t, d, rules, 1, "/phone", "i", "1", "/phone", "m", "", "m", "yes", "q", "q")
	saysInOrder(t, out, "HISTORY: customers/4182", "Who changed phone", "v2, Bo", "agrees with 790 of 812", "Type yes to make it the rule",
		"agrees with 790", "phone is local from now on; 41 conflicts closed by it.")
	if !slices.Equal(rules.set, []string{"customers /phone local Ana"}) {
		t.Errorf("rules set: %q", rules.set)
	}
}

func TestLinearKeepsBothAndTellsTheDryRun(t *testing.T) {
	d := newDesk(conflict(t, 4, "task/1", "", `{"a":1,"b":"x"}`, `{"a":2,"c":"y"}`))
	out := talkedWith(t, d, &past{}, 4, "b", "", "b", "1", "b", "1-7", "w", "p", "yes")
	saysInOrder(t, out, "Keep both: id that local's record gets, such as 1-2", "Not taken: the server's record has this id",
		"Decided: both kept, local's as task/1-7.", "Review: task/1", "dovetail resolve 4 --keep-both=1-7", "kept_as", "Written:")
	if strings.Count(out, "Review: task/1") != 1 {
		t.Errorf("the review is told again after the dry run:\n%s", out)
	}
	wrote(t, d, out, 4)
}
