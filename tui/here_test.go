package tui

import (
	"strings"
	"testing"
	"time"

	"dovetail/merge"
)

// east is where the viewer is: two hours before UTC, without a zone file.
var east = time.FixedZone("east", 2*60*60)

func TestDateTimesSayWhenTheyAreHere(t *testing.T) {
	for text, want := range map[string]string{
		"2026-10-02T09:00:00Z": "(here 2026-10-02 11:00 +02:00)", "2026-10-01T23:30:15-05:00": "(here 2026-10-02 06:30:15 +02:00)",
		"2026-10-02T11:00:00+02:00": "", "2026-10-02": "", "09:00": "", "": "", "2026-10-02 09:00:00Z": "",
		"9999-12-31T23:59:59Z": "", "2026-10-02T09:00:00.123456789Z": "(here 2026-10-02 11:00 +02:00)",
	} {
		if got := here(text, east); string(got) != want {
			t.Errorf("here(%q) = %q, want %q", text, got, want)
		}
	}
}

func TestDateTimesInTheViewersZone(t *testing.T) {
	inEast := func(c *Config) { c.Location = east }
	c := conflict(t, 1, "visit/1", `{"at":"2026-10-01T09:00:00Z"}`, `{"at":"2026-10-02T09:00:00Z"}`, `{"at":"2026-10-03T11:00:00+02:00"}`)
	for _, size := range [][2]int{{120, 36}, {80, 24}} {
		r := newRig(t, newDesk(c), on(1), inEast).size(size[0], size[1])
		r.sees("2T09:00:00Z", "(here 2026-10-02 11:00 +02:00)", "(here 2026-10-01 11:00 +02:00)").seesNot("(here 2026-10-03")
		r.press("v").sees("(here 2026-10-02 11:00 +02:00)", "2026-10-02T09:00:00Z")
		r.press("esc", "e").sees("EDIT at · text (here 2026-10-02 11:00 +02:00)")
		r.press("backspace", "backspace", "1", "Z", "enter").sees("(here 2026-10-02 11:00:01 +02:00)")
		if v := r.resolve().draft.Decisions["/at"].Value; v != `"2026-10-02T09:00:01Z"` {
			t.Errorf("decided is %s: only the raw text is", v)
		}
	}
	d := newDesk(c)
	for _, size := range [][2]int{{50, 20}, {40, 12}} {
		check(t, "here", newRig(t, d, on(1), inEast).size(size[0], size[1]).m.View(), size[0], size[1])
	}
}

// A value that reads like what we say of one is not told from it by a sign: then nothing is said of the others.
func TestNoValuePassesForATimeOfOurs(t *testing.T) {
	c := conflict(t, 1, "visit/1", `{"at":"x"}`, `{"at":"2026-10-02T09:00:00Z"}`, `{"at":"2026-10-02T09:00:00Z (here 2026-10-09 11:00 +02:00)"}`)
	r := newRig(t, newDesk(c), on(1), func(c *Config) { c.Location = east })
	if n := strings.Count(r.m.View(), "2026-10-02 11:00"); n > 0 {
		t.Errorf("said %d times:\n%s", n, r.m.View())
	}
}

func TestLinearTellsDateTimesHere(t *testing.T) {
	c := conflict(t, 1, "visit/1", `{"at":"2026-10-01T09:00:00Z"}`, `{"at":"2026-10-02T09:00:00Z"}`, `{"at":"2026-10-03T09:00:00Z"}`)
	d := newDesk(c)
	out := talked(t, d, 1, "q")
	saysInOrder(t, out, "1. local: 2026-10-02T09:00:00Z")
	if strings.Contains(out, "(here") {
		t.Errorf("in UTC it says it twice:\n%s", out)
	}
}

// visitMoved has a date and a date-time that both sides moved, the one of the server in another zone.
func visitMoved(t testing.TB, number int64) merge.Case {
	return conflict(t, number, "visit/V-9", `{"at":"2026-10-01T09:00:00+02:00","due":"2026-10-01"}`,
		`{"at":"2026-10-02T09:00:00+02:00","due":"2026-10-02"}`, `{"at":"2026-10-02T06:30:00Z","due":"2026-10-05"}`)
}

func TestTheSameInstantInTwoZonesIsTold(t *testing.T) {
	one := conflict(t, 1, "visit/1", `{"at":"2026-10-01T09:00:00Z"}`, `{"at":"2026-10-02T09:00:00+02:00"}`, `{"at":"2026-10-02T07:00:00Z"}`)
	newRig(t, newDesk(one), on(1)).sees("both are the same instant")
	two := conflict(t, 1, "visit/1", `{"at":"2026-10-01T09:00:00Z"}`, `{"at":"2026-10-02T09:00:00+02:00"}`, `{"at":"2026-10-02T07:00:01Z"}`)
	newRig(t, newDesk(two), on(1)).seesNot("same instant")
}
