package tui

import (
	"testing"

	tea "github.com/charmbracelet/bubbletea"
)

func TestTheMouseOnTheRecords(t *testing.T) {
	for _, size := range [][2]int{{120, 36}, {80, 24}, {50, 20}} {
		s := shelvesOf(t)
		r := newRig(t, newDesk(deal(t, 1)), shelvedIn(s)).size(size[0], size[1]).press("%").click("3 Snoozed", "3 Sno").sees("[3 Snoozed")
		if size[0] > 50 { // where there is room for its name
			r.click("6 Rec", "6 ").sees("6 Records]")
		}
		r.press("6").click("1 Open", "1 Op").sees("[1 Open").press("6", "tab").click("D-2", "D-2").sees("[6")
		if id, _ := r.row(); id != "D-2" {
			t.Errorf("%v: the cursor is on %s", size, id)
		}
		r.click("D-2", "D-2").sees("RECORD deal/D-2").click("status", "status")
		if m := r.root().records; m.open.at().Path != "/status" || m.open.mode != recordFields {
			t.Errorf("%v: the cursor is on %s", size, m.open.at().Path)
		}
		r.click("status    string", "lead").sees("EDIT status").press("x").click("amount", "amount").sees("EDIT status", "leadx")
		r.press("esc").wheel(tea.MouseButtonWheelUp)
		if m := r.root().records; m.open.at().Path == "/status" {
			t.Errorf("%v: the wheel does not turn", size)
		}
	}
}

func TestAClickOnRecordsPressesNothingWhereSomethingIsAsked(t *testing.T) {
	for _, keys := range [][]string{{"/"}, {"n"}, {"enter", "e", "1", "enter", "w"}, {"enter", "+"}, {"enter", "i"}} {
		s := shelvesOf(t)
		r := newRig(t, newDesk(deal(t, 1)), shelvedIn(s)).press("%", "6", "tab").press(keys...)
		before := r.m.View()
		for y := range 36 {
			for x := 0; x < 120; x += 9 {
				r.send(tea.MouseMsg{X: x, Y: y, Button: tea.MouseButtonLeft, Action: tea.MouseActionPress})
			}
		}
		if after := r.m.View(); after != before || len(s.wrote) > 0 {
			t.Errorf("after %v a click does something:\n%s", keys, after)
		}
	}
}
