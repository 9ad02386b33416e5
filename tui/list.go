package tui

import (
	"dovetail/tui/safe"
	"dovetail/tui/theme"
)

// list is a cursor among rows of which the screen shows a page. It is the one way in which the queue, its groups and what is
// decided together scroll.
type list struct {
	cursor int // the row that keys are about
	top    int // the first row on the screen
}

// move goes where a key asks, step rows at a time by page.
func (l *list) move(what intent, rows, page, step int) {
	switch what {
	case goUp:
		l.cursor--
	case goDown:
		l.cursor++
	case goPageUp:
		l.cursor -= step
	case goPageDown:
		l.cursor += step
	case goFirst:
		l.cursor = 0
	case goLast:
		l.cursor = rows - 1
	}
	l.keep(rows, page)
}

// keep puts the cursor on a row that is there, and the row on the screen, whose page is not left empty.
func (l *list) keep(rows, page int) {
	page = max(page, 1)
	l.cursor = max(min(l.cursor, rows-1), 0)
	l.top = min(max(l.top, l.cursor-page+1), l.cursor)
	l.top = max(min(l.top, rows-page), 0)
}

// beyond draws, in the place of the first or the last row of a page, how many are before or after what is in sight; false where
// the row itself is to be drawn. A page too short for it shows rows alone.
func (f *frame) beyond(l *list, at, rows, page int) bool {
	const roomy = 5
	switch {
	case page < roomy || at == l.cursor:
		return false
	case at == l.top && at > 0:
		f.put(theme.Dim, " "+f.glyphs.up+" "+safe.Cell(itoa(at+1))+" more")
	case at == l.top+page-1 && at < rows-1:
		f.put(theme.Dim, " "+f.glyphs.down+" "+safe.Cell(itoa(rows-at))+" more")
	default:
		return false
	}
	f.line()
	return true
}

// shift says that so many rows came in before the cursor, or went away: what is on the screen stays where it is.
func (l *list) shift(rows int) {
	l.cursor += rows
	l.top += rows
}

// in reports whether the cursor is on a row.
func (l *list) in(rows int) bool { return l.cursor >= 0 && l.cursor < rows }

// leads is where a key leads from any list: out of it, or to the help.
func leads(what intent) (action, bool) {
	switch what {
	case leaveAtOnce:
		return action{do: quitAtOnce}, true
	case leave:
		return action{do: quit}, true
	case showHelp:
		return action{do: help}, true
	}
	return action{}, false
}
