package tui

import "testing"

func TestAListKeepsItsCursorOnTheScreen(t *testing.T) {
	const rows, page = 20, 5
	l := list{}
	for _, step := range []struct {
		what        intent
		cursor, top int
	}{
		{goUp, 0, 0}, {goDown, 1, 0}, {goPageDown, 5, 1}, {goPageDown, 9, 5}, {goUp, 8, 5}, {goLast, 19, 15}, {goDown, 19, 15},
		{goPageUp, 15, 15}, {goPageUp, 11, 11}, {goFirst, 0, 0}, {noIntent, 0, 0},
	} {
		if l.move(step.what, rows, page, page-1); l != (list{step.cursor, step.top}) {
			t.Errorf("after %d it is %+v, want %+v", step.what, l, step)
		}
	}
	l = list{19, 15}
	for _, tt := range []struct {
		rows, page int
		want       list
	}{{18, 5, list{17, 13}}, {18, 40, list{17, 0}}, {3, 0, list{2, 2}}, {0, 5, list{0, 0}}} {
		if l.keep(tt.rows, tt.page); l != tt.want {
			t.Errorf("of %d rows on %d lines it is %+v, want %+v", tt.rows, tt.page, l, tt.want)
		}
	}
	if l.in(0) || !l.in(1) {
		t.Error("there is a row where none is")
	}
	if l.shift(3); l != (list{3, 3}) {
		t.Errorf("three further it is %+v", l)
	}
}
