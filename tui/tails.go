package tui

import (
	"dovetail/merge"
	"dovetail/tui/safe"
)

// tailsOf leaves out the words that long texts begin with on both sides and, where there is one, in base, but the last
// one; none where there is little to leave out.
func tailsOf(f *field, mark safe.Cell) (tails [3]safe.Cell) {
	const worth = 8 // bytes
	cells := [3]safe.Cell{f.local, f.server, f.base}
	has := [3]bool{}
	for i, side := range [3]merge.Value{f.Local, f.Server, f.Base} {
		t := side.Type()
		has[i] = (t == merge.StringType || t == merge.NumberType) && len(cells[i]) > worth && len(cells[i]) <= maxCompared
	}
	if none := f.Base.Type() == merge.AbsentType || f.Base.Type() == merge.NullType; !has[0] || !has[1] || !has[2] && !none {
		return tails
	}
	last := lastAlike(cells[0], cells[1])
	if has[2] {
		last = min(last, lastAlike(cells[1], cells[2]))
	}
	if last <= worth {
		return tails
	}
	for i := range cells {
		if has[i] {
			tails[i] = mark + cells[i][last:]
		}
	}
	return tails
}

// lastAlike is where the last word begins that two cells have in common at their start, in bytes. Of a long word, as those
// of large numbers and keys are, and of one that only begins alike, it is a little before they differ.
func lastAlike(x, y safe.Cell) int {
	const long, shown = 9, 4 // units
	a, b := x.Words(), y.Words()
	alike, last, i := 0, 0, 0
	before := safe.Cell("")
	for ; i < min(len(a), len(b)) && a[i] == b[i]; i++ {
		if a[i] != " " {
			last, before = alike, a[i]
		}
		alike += len(a[i])
	}
	if i < min(len(a), len(b)) {
		u, v := a[i].Units(), b[i].Units()
		n := 0
		for n < min(len(u), len(v)) && u[n] == v[n] {
			n++
		}
		if n >= long {
			return alike + len(join(u[:n-shown]))
		}
	}
	if u := before.Units(); len(u) >= long {
		return last + len(join(u[:len(u)-shown]))
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

// shortened is the value of an option that does not fit in so many columns, with what is different in sight: most of what
// did not change is left out, or, where all of it counts as changed, what the other sides begin with too.
func (f *field) shortened(o *option, mark safe.Cell, width int) []span {
	if c := o.choice; len(o.value) == 1 && c >= merge.TakeLocal && c <= merge.TakeBase && f.tails[c-merge.TakeLocal] != "" {
		return []span{{o.value[0].role, f.tails[c-merge.TakeLocal]}}
	}
	return elide(o.value, mark, width)
}
