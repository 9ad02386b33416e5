package tui

import (
	"unicode/utf8"

	"dovetail/merge"
	"dovetail/tui/safe"
)

// tailsOf leaves out the words that all of three long texts begin with, but the last one; none where there is little to
// leave out.
func tailsOf(f *field, mark safe.Cell) (tails [3]safe.Cell) {
	const worth = 8 // bytes
	sides := [3]merge.Value{f.Local, f.Server, f.Base}
	cells := [3]safe.Cell{f.local, f.server, f.base}
	for i, side := range sides {
		if t := side.Type(); t != merge.StringType && t != merge.NumberType || len(cells[i]) <= worth || len(cells[i]) > maxCompared {
			return tails
		}
	}
	last := min(lastAlike(cells[0], cells[1]), lastAlike(cells[1], cells[2]))
	if last <= worth {
		return tails
	}
	for i := range cells {
		tails[i] = mark + cells[i][last:]
	}
	return tails
}

// lastAlike is where the last word begins that two cells have in common at their start, in bytes; or, where the words
// after it are long and begin alike, as those of large numbers and keys do, a little before they differ.
func lastAlike(x, y safe.Cell) int {
	const long, shown = 9, 4
	a, b := x.Words(), y.Words()
	alike, last, i := 0, 0, 0
	for ; i < min(len(a), len(b)) && a[i] == b[i]; i++ {
		if a[i] != " " {
			last = alike
		}
		alike += len(a[i])
	}
	if i < min(len(a), len(b)) {
		n := 0
		for n < min(len(a[i]), len(b[i])) && a[i][n] == b[i][n] && a[i][n] < utf8.RuneSelf && a[i][n] != '\\' {
			n++
		}
		if n >= long {
			return alike + n - shown
		}
	}
	return last
}

// fitted is what a side's column shows where it is so wide.
func (f *field) fitted(c merge.Choice, width int) safe.Cell {
	cell := f.column(c)
	if tail := f.tails[c-merge.TakeLocal]; tail != "" && (len(cell) > 4*width || widthOf(cell) > width) {
		return tail
	}
	return cell
}
