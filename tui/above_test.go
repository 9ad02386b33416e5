package tui

import (
	"errors"
	"fmt"
	"strings"
	"testing"
)

func TestNothingHidesThatTheRecordMoved(t *testing.T) {
	for _, size := range [][2]int{{40, 12}, {50, 20}, {80, 24}, {120, 36}} {
		for name, keys := range map[string][]string{"nothing": nil, "help": {"?"}, "palette": {":"}, "full": {"v"}, "palette above full": {"v", ":"},
			"menu": {"A"}, "snooze": {"S"}, "edit": {"e"}, "find": {"/"}} {
			d := newDesk(two(t, 1))
			newRig(t, d, on(1)).press("1", "n", "2")
			moveServer(t, d, 1, `{"a":"sa2","b":"sb"}`)
			r := newRig(t, d, on(1)).size(size[0], size[1]).press(keys...)
			check(t, name, r.m.View(), size[0], size[1])
			if !strings.Contains(r.said(), "The record moved to v5") {
				t.Errorf("%s at %v hides that the record moved:\n%s", name, size, r.m.View())
			}
			if name == "nothing" {
				continue
			}
			// The footer says how to leave it, and where that leads there is the whole screen again.
			if r.sees("esc").press("esc", "esc"); r.root().taken != 0 {
				t.Errorf("%s at %v leaves %d lines out", name, size, r.root().taken)
			}
		}
	}
}

func TestAWarningComesUpAboveHelp(t *testing.T) {
	d := newDesk(two(t, 1))
	r := newRig(t, d, on(1)).press("1", "n", "1", "q")
	moveServer(t, d, 1, `{"a":"sa","b":"sb2"}`)
	r.hold = true
	r.press("enter", "?").sees("KEYS").seesNot("moved")
	lines := strings.Count(r.m.View(), "\n")
	r.hold = false
	for len(r.held) > 0 {
		cmd := r.held[0]
		r.held = r.held[1:]
		r.run(cmd)
	}
	r.sees("KEYS", "moved to v5")
	if strings.Count(r.m.View(), "\n") != lines {
		t.Error("the screen is of another height")
	}
	if r.press("esc").wantScreen(onResolve); strings.Count(r.m.View(), "moved to v5") != 1 {
		t.Errorf("it does not stand there once:\n%s", r.m.View())
	}
}

func TestHelpHidesNoOtherWarning(t *testing.T) {
	d := newDesk(two(t, 1))
	d.saveErr = errors.New("no room on the disk")
	r := newRig(t, d, on(1)).press("1", ":").sees("ACTIONS", "The draft could not be saved: no room on the disk")
	d.saveErr = nil
	r.press("esc", "n", "2", "?").sees("KEYS").seesNot("could not be saved").press("esc")
	d.saveErr = errors.New("no room on the disk")
	r.press("u", "2", "w").wantScreen(onReview).sees("The draft could not be saved")
	d, c := taken(t)
	r = newRig(t, d, claiming(c)).press("enter")
	r.send(claimedMsg{number: r.resolve().number, err: fmt.Errorf("broken")}).press("?").sees("KEYS", "others cannot see that you are at it")
}

func TestHelpUnderAWarningIsReadToItsEnd(t *testing.T) {
	d := newDesk(two(t, 1))
	newRig(t, d, on(1)).press("1", "n", "2")
	moveServer(t, d, 1, `{"a":"sa2","b":"sb"}`)
	r := newRig(t, d, on(1)).press("?").size(40, 12)
	seen := ""
	for range 20 {
		seen += r.sees("The record moved").press("pgdown").said()
	}
	if !strings.Contains(seen, "leave at once") {
		t.Errorf("the last key is not in it: %s", seen)
	}
}
