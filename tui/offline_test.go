package tui

import (
	"strings"
	"testing"
	"time"
)

func TestTheLocalSideTellsHowLongItWasOffline(t *testing.T) {
	c := deal(t, 1)
	c.Local.ReceivedAt = c.Local.At.Add(3*time.Hour + 50*time.Minute)
	d := newDesk(c)
	for _, size := range [][2]int{{50, 20}, {80, 24}, {120, 36}, {200, 50}} {
		r := newRig(t, d, on(1)).size(size[0], size[1]).sees("offline 3 h")
		if n := strings.Count(r.m.View(), "offline"); n > 2 {
			t.Errorf("at %v it stands there %d times:\n%s", size, n, r.m.View())
		}
		r.press("v").sees("offline 3 h")
	}
	// Where there is no room the rest stands there as before.
	r := newRig(t, d, on(1)).size(40, 20).seesNot("offline").sees("Ana, laptop")
	check(t, "narrow", r.m.View(), 40, 20)
	saysInOrder(t, talked(t, d, 1, "q", "q"), "Local: Ana, laptop, 09:00 (offline 3 h)")

	c.Local.ReceivedAt = c.Local.At.Add(75 * time.Hour)
	newRig(t, newDesk(c), on(1)).sees("offline 3 d")
	c.Local.ReceivedAt = c.Local.At.Add(-75 * time.Hour)
	newRig(t, newDesk(c), on(1)).seesNot("offline")
}
