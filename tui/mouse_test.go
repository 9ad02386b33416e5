package tui

import (
	"strings"
	"testing"

	tea "github.com/charmbracelet/bubbletea"

	"dovetail/merge"
)

// click presses the left button on the first place where a text stands, in a line that holds another.
func (r *rig) click(line, text string) *rig {
	r.t.Helper()
	for y, l := range strings.Split(r.m.View(), "\n") {
		if before, _, found := strings.Cut(l, text); found && strings.Contains(l, line) {
			return r.send(tea.MouseMsg{X: len([]rune(before)), Y: y, Button: tea.MouseButtonLeft, Action: tea.MouseActionPress})
		}
	}
	r.t.Fatalf("%q is not on the screen:\n%s", text, r.m.View())
	return r
}

func (r *rig) wheel(button tea.MouseButton) *rig {
	return r.send(tea.MouseMsg{X: 5, Y: 5, Button: button, Action: tea.MouseActionPress})
}

func TestTheMouseIsOffUntilItIsAskedFor(t *testing.T) {
	r := newRig(t, newDesk(two(t, 1)), on(1)).click("a  ", "sa").click("a  ", "sa").wheel(tea.MouseButtonWheelDown)
	r.wantChoice("/a", merge.Undecided)
	if r.focus() != "/a" {
		t.Error("the wheel turns while the mouse is off")
	}
	r.press("%").sees("the mouse is on").press("%").sees("the mouse is off").click("a  ", "sa").click("a  ", "sa")
	r.wantChoice("/a", merge.Undecided)
}

func TestAClickMarksAndASecondOneTakes(t *testing.T) {
	for _, size := range [][2]int{{120, 36}, {80, 24}} {
		r := newRig(t, newDesk(two(t, 1)), on(1)).size(size[0], size[1]).press("%").click("b  ", "sb")
		r.wantChoice("/b", merge.Undecided).sees("[ sb")
		if r.focus() != "/b" {
			t.Errorf("%v: the cursor is on %s", size, r.focus())
		}
		r.click("b  ", "sb").wantChoice("/b", merge.TakeServer)
		// On another value it only marks again, and what is under the list can be clicked too.
		r.click("b  ", "lb").wantChoice("/b", merge.TakeServer)
		r.click("3 BASE", "BASE     y").wantChoice("/b", merge.TakeServer).click("3 BASE", "BASE     y").wantChoice("/b", merge.TakeBase)
		r.press("u", "u").wantChoice("/b", merge.Undecided)
	}
	r := newRig(t, newDesk(two(t, 1)), on(1)).size(50, 20).press("%").click("SERVER", "SERVER").wantChoice("/a", merge.Undecided)
	r.click("sa", "sa").wantChoice("/a", merge.TakeServer)
}

func TestTheMouseOnTheQueue(t *testing.T) {
	r := newRig(t, newDesk(deal(t, 1), two(t, 2), customer(t, 3))).press("%").wheel(tea.MouseButtonWheelDown)
	if q := r.root().queue; q.w.rows[q.cursor].Number != 2 {
		t.Error("the wheel does not go down one")
	}
	r.click("customers/4182", "customers").wantScreen(onQueue).click("customers/4182    address", "customers").wantScreen(onResolve)
	r.sees("RESOLVE").press("q").wheel(tea.MouseButtonWheelUp)
	if q := r.root().queue; q.w.rows[q.cursor].Number != 2 {
		t.Error("the wheel does not go up one")
	}
}

func TestAClickPressesNothingWhereSomethingElseIsOpen(t *testing.T) {
	for _, keys := range [][]string{{"e"}, {"A"}, {"v"}, {"/"}, {"S"}} {
		r := newRig(t, newDesk(two(t, 1)), on(1)).press("%").click("a  ", "sa").press(keys...)
		before := r.choice("/a")
		for y := range 36 {
			for x := 0; x < 120; x += 7 {
				r.send(tea.MouseMsg{X: x, Y: y, Button: tea.MouseButtonLeft, Action: tea.MouseActionPress})
			}
		}
		r.wantChoice("/a", before).wheel(tea.MouseButtonWheelDown).wheel(tea.MouseButtonWheelUp).wantChoice("/a", before)
		if len(r.desk.wrote) > 0 {
			t.Error("a click writes")
		}
	}
}

func TestAClickInThePlayground(t *testing.T) {
	r := playing(t, smallStory(t), func(c *Config) { c.Ask = false }).press("n", "n", "n", "%").sees("the mouse is on")
	p := r.root().play
	for row := range p.rows {
		for side := range p.holds {
			for _, h := range r.root().env.frame.hots {
				if h.at.row == row && h.at.side == side {
					r.send(tea.MouseMsg{X: h.from, Y: h.row, Button: tea.MouseButtonLeft, Action: tea.MouseActionPress})
					break
				}
			}
			r.m.View()
			if q := r.root().play; q.side != side || q.cursorRow() != row {
				t.Errorf("row %d, side %d: the click goes to row %d, side %d", row, side, q.cursorRow(), q.side)
			}
		}
	}
	r.press("e").click("amount", "40000")
	if q := r.root().play; q.mode != inValue || q.path != "/status" {
		t.Error("a click goes away from what is typed")
	}
}

func TestTheMouseOnTheListOfActions(t *testing.T) {
	r := newRig(t, newDesk(two(t, 1)), on(1)).press("%", ":", "s", "e", "r", "v").click("server", "decide for the server").wantChoice("/a", merge.TakeServer)
	r.press(":").wheel(tea.MouseButtonWheelDown).click("base", "decide for what both").wantChoice("/a", merge.TakeServer).sees("ACTIONS")
	r.click("base", "decide for what both").wantChoice("/a", merge.TakeBase).seesNot("ACTIONS")
	// A click never writes, as enter does not.
	r.press("A", "1", "w", ":").click("write-and-next", "write-and-next").click("write-and-next", "write-and-next").sees("enter never writes")
	if len(r.desk.wrote) > 0 {
		t.Error("a click writes")
	}
}

func TestTheMouseOnTheHelp(t *testing.T) {
	r := newRig(t, newDesk(two(t, 1)), on(1)).size(80, 24).press("%", "?").wheel(tea.MouseButtonWheelDown).sees("KEYS").seesNot("the field above")
	r.click("decide for the server", "decide for the server").sees("ACTIONS").seesNot("KEYS").wantChoice("/a", merge.Undecided)
	r.click("decide for the server", "decide for the server").wantChoice("/a", merge.TakeServer)
}

func TestTheMouseOnTheReview(t *testing.T) {
	r := newRig(t, newDesk(two(t, 1)), on(1)).press("1", "n", "2", "%", "w").wantScreen(onReview).click("REVIEW", "REVIEW").wantScreen(onReview)
	r.click("LOCAL   b", "lb").wantScreen(onResolve)
	if r.focus() != "/b" {
		t.Errorf("the cursor is on %s", r.focus())
	}
	r.press("w", "e").click("sa", "sa").wantScreen(onReview).press("esc", "p")
	for y := range 36 {
		r.send(tea.MouseMsg{X: 9, Y: y, Button: tea.MouseButtonLeft, Action: tea.MouseActionPress})
	}
	r.wantScreen(onReview).wheel(tea.MouseButtonWheelDown)
	if len(r.desk.wrote) > 0 {
		t.Error("a click writes")
	}
}
