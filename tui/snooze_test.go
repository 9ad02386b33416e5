package tui

import (
	"testing"
	"time"

	"dovetail/merge"
)

func TestAConflictIsSnoozedAndWoken(t *testing.T) {
	r := newRig(t, monday(t)).press("j", "S").sees("Snooze deal/R-02 until when?", "1 an hour").press("esc").sees("8 open")
	r.press("S", "1").sees("7 open", "1 conflict snoozed until 13:00").seesNot("deal/R-02")
	if got := r.desk.cases[2].Conflict; got.State != merge.Snoozed || !got.SnoozedUntil.Equal(noon.Add(time.Hour)) {
		t.Errorf("it is %+v", got)
	}
	r.press("3").sees("deal/R-02", "snoozed until 13:00").press("S", "0").sees("1 conflict open again", "Nothing here")
	r.press("1").sees("deal/R-02")
}

func TestMarkedConflictsAreSnoozedAndWhatCannotBeIsSaid(t *testing.T) {
	r := newRig(t, monday(t)).press(" ", " ", " ")
	c := r.desk.cases[2]
	c.Conflict.State = merge.Resolved
	r.desk.cases[2] = c
	r.press("S").sees("3 marked conflicts").press("4")
	r.sees("2 conflicts snoozed until 17 Mar 09:00", "not all: the conflict is already resolved").
		seesNot("3 marked")
}

func TestUntilWhen(t *testing.T) {
	sunday := time.Date(2026, 3, 15, 23, 30, 0, 0, time.UTC)
	tests := []struct {
		what intent
		now  time.Time
		want string
	}{
		{snoozeTomorrow, noon, "2026-03-11T09:00:00Z"},
		{snoozeMonday, noon, "2026-03-16T09:00:00Z"},
		{snoozeMonday, sunday, "2026-03-16T09:00:00Z"},
		{snoozeMonday, sunday.AddDate(0, 0, 1), "2026-03-23T09:00:00Z"},
		{snoozeWeek, noon, "2026-03-17T09:00:00Z"},
		{snoozeHour, sunday, "2026-03-16T00:30:00Z"},
	}
	for _, tt := range tests {
		if got := snoozeUntil(tt.what, tt.now, time.UTC).Format(time.RFC3339); got != tt.want {
			t.Errorf("%v at %v is %s, want %s", tt.what, tt.now, got, tt.want)
		}
	}
}

func TestNothingIsSnoozedWhereThatCannotBe(t *testing.T) {
	newRig(t, monday(t), func(c *Config) { c.Snoozer = nil }).seesNot("snooze").press("S").sees("nothing can be put off here")
}

func TestWhatIsResolvedIsNotPutOff(t *testing.T) {
	d := newDesk(two(t, 1), deal(t, 2))
	c := d.cases[1]
	c.Conflict.State = merge.Resolved
	d.cases[1] = c
	newRig(t, d).press("4").seesNot("S snooze").press("S").sees("what is resolved cannot be put off").seesNot("until when")
	r := newRig(t, d).press("S")
	c = d.cases[2]
	c.Conflict.State = merge.Resolved
	d.cases[2] = c
	r.press("1").sees("nothing was changed: ").seesNot("0 conflicts")
}
