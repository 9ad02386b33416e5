package main

import (
	"testing"
	"time"
)

func TestUntilWhenAConflictIsSnoozed(t *testing.T) {
	zone := time.FixedZone("CET", 3600)
	now := time.Date(2026, 11, 28, 17, 30, 0, 0, zone) // a Saturday
	for when, want := range map[string]string{
		"30m": "2026-11-28T18:00:00+01:00", "2h": "2026-11-28T19:30:00+01:00", "3d": "2026-12-01T17:30:00+01:00",
		"1w": "2026-12-05T17:30:00+01:00", "tomorrow": "2026-11-29T09:00:00+01:00", "Monday": "2026-11-30T09:00:00+01:00",
		"saturday": "2026-12-05T09:00:00+01:00", "2026-12-01": "2026-12-01T09:00:00+01:00",
		"2026-12-01T14:00": "2026-12-01T14:00:00+01:00", "2026-12-01T14:00:00Z": "2026-12-01T14:00:00Z",
	} {
		until, wake, err := snoozeTime(when, now)
		if err != nil || wake || until.Format(time.RFC3339) != want {
			t.Errorf("%s is %v, %v, %v, want %s", when, until, wake, err, want)
		}
	}
	for _, when := range []string{"wake", "now"} {
		if _, wake, err := snoozeTime(when, now); !wake || err != nil {
			t.Errorf("%s does not wake: %v", when, err)
		}
	}
	for _, when := range []string{"", "d", "soon", "2026-13-01", "-3d"} {
		if until, _, err := snoozeTime(when, now); err == nil {
			t.Errorf("%q is %v", when, until)
		}
	}
}
