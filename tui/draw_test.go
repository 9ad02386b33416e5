package tui

import (
	"strings"
	"testing"
	"time"
)

// TestDrawIsWhatTheScreensShow: the same as on a terminal after the same keys, in colours and without.
func TestDrawIsWhatTheScreensShow(t *testing.T) {
	for _, keys := range [][]string{nil, {"enter"}, {"enter", "1", "n", "right"}, {"enter", "1", "w"}, {"enter", "?"}} {
		for _, plain := range []bool{true, false} {
			want := newRig(t, newDesk(deal(t, 1)), func(c *Config) { c.NoColor = plain })
			if !plain {
				want = coloured(want, "dark")
			}
			want.size(80, 24).press(keys...)
			d := newDesk(deal(t, 1))
			got, err := Draw(t.Context(), Config{Queue: d, Desk: d, Snoozer: d, Person: "Ana", NoColor: plain, Location: time.UTC,
				Now: func() time.Time { return noon }}, 80, 24, keys...)
			if err != nil || got != want.m.View() {
				t.Errorf("%q: %v\n%s\nwant\n%s", keys, err, got, want.m.View())
			}
			if strings.Contains(got, "\x1b") == plain {
				t.Errorf("%q: plain is %t:\n%q", keys, plain, got)
			}
		}
	}
}

func TestDrawSaysWhatFailed(t *testing.T) {
	d := newDesk(deal(t, 1))
	d.saveErr = errBroken
	if _, err := Draw(t.Context(), Config{Queue: d, Desk: d, Person: "Ana"}, 80, 24, "enter", "1"); err == nil {
		t.Error("the draft was not saved, and nobody said so")
	}
}
