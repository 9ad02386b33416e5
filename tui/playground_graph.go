package tui

import (
	"slices"

	"dovetail/merge"
	"dovetail/tui/safe"
	"dovetail/tui/theme"
)

// playGraph is the history of a record at the hub, drawn: the versions in a row, and under them what devices made of
// older ones, down from the version that it was made on and up again to what became of both.
type playGraph struct {
	rows  [][]graphCell
	width int // that it was drawn for
}

// graphCell is a column of the drawing. What is wider than one column covers the next ones.
type graphCell struct {
	text    safe.Cell
	role    theme.Role
	covered bool
}

// graphBranch is what a device made of an older version.
type graphBranch struct {
	base  int64
	joins int64 // the version made of both; 0: none
	label safe.Cell
	short safe.Cell
	end   safe.Cell // what became of it, where it joins none
	role  theme.Role
	waits bool // it comes up again to a question
	fork  int  // column
	join  int
}

// maxBranches is how many are drawn, the newest.
const maxBranches = 3

// layGraph draws the record at the cursor, as fully as goes into the width.
func (m *playModel) layGraph() {
	m.graph = playGraph{width: m.width}
	w := m.world()
	if m.record >= len(w.Records) || len(w.Records[m.record].Versions) == 0 {
		return
	}
	versions := w.Records[m.record].Versions
	branches := m.branches(w)
	for level := range 4 {
		d := graphDrawing{g: m.env.glyphs, level: level, whole: m.strategy == merge.LastWriteWins}
		if d.draw(versions, branches); d.width() <= m.width-2 || level == 3 {
			m.graph.rows = d.rows
			return
		}
	}
}

// branches are what devices made of older versions of the record at the cursor, oldest first.
func (m *playModel) branches(w *PlayWorld) []graphBranch {
	key := w.Records[m.record].Record
	var all []graphBranch
	for i := range w.Meets {
		met := &w.Meets[i]
		if met.Record != key {
			continue
		}
		b := graphBranch{base: met.Base, joins: met.Version, label: safe.Text(met.LocalBy) + " on " + safe.Text(met.Device),
			short: safe.Text(met.Device), role: theme.Local}
		switch {
		case met.Waits:
			b.waits = true
		case met.Resolved != 0:
			b.joins = met.Resolved
		case met.Outcome == "superseded":
			b.end, b.role = "left out", theme.Warning
		case met.Version == 0:
			b.end = safe.Cell(met.Outcome)
		}
		all = append(all, b)
	}
	for i := range w.Devices {
		d := &w.Devices[i]
		c := d.Copies[m.record]
		if !c.Pending || c.Conflict || sentAlready(w, key, d) {
			continue
		}
		all = append(all, graphBranch{base: c.Version, label: safe.Text(d.Person) + " on " + safe.Text(d.Name), short: safe.Text(d.Name),
			end: "not sent", role: theme.Local})
	}
	return all[max(len(all)-maxBranches, 0):]
}

// sentAlready reports whether a device waits for the hub's answer only.
func sentAlready(w *PlayWorld, key merge.Key, d *PlayDevice) bool {
	for i := range w.Meets {
		if w.Meets[i].Record == key && w.Meets[i].Device == d.Name && w.Meets[i].Base == d.copyOf(key).Version {
			return true
		}
	}
	return false
}

func (d *PlayDevice) copyOf(key merge.Key) PlayCopy {
	for _, c := range d.Copies {
		if c.Record == key {
			return c
		}
	}
	return PlayCopy{}
}

// graphDrawing is a graph that is being drawn. The higher the level, the less is in it.
type graphDrawing struct {
	g     *glyphs
	level int  // 1: from the first base on, 2: without names, 3: devices alone
	whole bool // a version made of two sides is one of them
	rows  [][]graphCell
}

func (d *graphDrawing) width() int {
	w := 0
	for _, row := range d.rows {
		w = max(w, len(row))
	}
	return w
}

func (d *graphDrawing) draw(versions []PlayVersion, given []graphBranch) {
	branches := append([]graphBranch(nil), given...)
	first := 0
	if d.level > 0 {
		first = len(versions) - 1
		for i := range versions {
			for _, b := range branches {
				if versions[i].Number == b.base || b.base == 0 {
					first = min(first, i)
				}
			}
		}
	}
	d.rows = make([][]graphCell, 1+len(branches))
	x := 1
	switch created := slices.ContainsFunc(branches, func(b graphBranch) bool { return b.base == 0 }); {
	case created && first == 0:
		// Both sides made the record: the branch begins beside the first version, from nothing.
		d.line(0, x, x+1)
		d.set(0, x, d.g.cornerFirst)
		for b := range branches {
			if branches[b].base == 0 {
				branches[b].fork = x
			}
		}
		x += 3
	case first > 0:
		x = d.put(0, x, theme.Dim, d.g.ellipsis+" ")
	}
	for i, v := range versions[first:] {
		if i > 0 {
			x = d.connect(x, v.Number, branches)
		}
		x = d.put(0, x, versionRole(v), d.versionLabel(v, first+i == len(versions)-1 || first+i > 0 && named(versions, branches, v)))
		for b := range branches {
			if branches[b].base == v.Number {
				branches[b].fork = x + 2
			}
		}
	}
	d.ends(x, branches)
	d.branch(branches)
}

// named reports whether a version's author is of interest: those after the first base.
func named(versions []PlayVersion, branches []graphBranch, v PlayVersion) bool {
	for _, b := range branches {
		if v.Number > b.base {
			return true
		}
	}
	return len(versions) < 4
}

func versionRole(v PlayVersion) theme.Role {
	if v.Merged || v.Resolved {
		return theme.Good
	}
	return theme.Server
}

func (d *graphDrawing) versionLabel(v PlayVersion, named bool) safe.Cell {
	label := safe.Cell("v" + itoa(int(v.Number)))
	if d.level >= 2 || !named {
		return label
	}
	switch {
	case v.Resolved:
		label += " decided by " + safe.Text(v.By)
	case v.Merged && d.whole:
		label += " " + safe.Text(v.By) + ", whole"
	case v.Merged:
		label += " merged"
	case v.Deleted:
		label += " " + safe.Text(v.By) + " deletes"
	default:
		label += " " + safe.Text(v.By)
	}
	return label
}

func (d *graphDrawing) branchLabel(b *graphBranch) safe.Cell {
	if d.level >= 3 {
		return b.short
	}
	return b.label
}

// connect draws what leads to a version, and notes the columns where branches come back.
func (d *graphDrawing) connect(x int, to int64, branches []graphBranch) int {
	forks, joins, need := false, false, x+2
	for i := range branches {
		b := &branches[i]
		forks = forks || b.fork == x+2
		if b.joins == to {
			joins = true
			need = max(need, b.fork+5+widthOf(d.branchLabel(b)))
		}
	}
	end := x + 2
	if forks {
		end++
	}
	if joins {
		if forks {
			need = max(need, x+4)
		}
		end = need + 1
	}
	d.line(0, x+1, end)
	if forks {
		d.set(0, x+2, d.g.forkDown)
	}
	for i := range branches {
		if branches[i].joins == to {
			branches[i].join = need
			d.set(0, need, d.g.forkDown)
		}
	}
	return end + 2
}

// ends draws what comes after the newest version: the branches that go on from it, and the question that waits.
func (d *graphDrawing) ends(x int, branches []graphBranch) {
	forks, waits, need := false, false, x+2
	for i := range branches {
		b := &branches[i]
		forks = forks || b.fork == x+2
		if b.waits {
			waits = true
			need = max(need, b.fork+5+widthOf(d.branchLabel(b)))
		}
	}
	if waits {
		d.line(0, x+1, need+1)
		for i := range branches {
			if branches[i].waits {
				branches[i].join = need
				d.set(0, need, d.g.forkDown)
			}
		}
		d.put(0, need+3, theme.Conflict, "? a person decides")
	}
	if forks {
		if !waits {
			d.line(0, x+1, x+2)
			d.set(0, x+2, d.g.cornerDown)
			return
		}
		d.set(0, x+2, d.g.forkDown)
	}
}

// branch draws the branches under the versions, the innermost first.
func (d *graphDrawing) branch(branches []graphBranch) {
	for i := range branches {
		b := &branches[i]
		if b.fork == 0 {
			continue // its base is not in the picture
		}
		row := i + 1
		for r := 1; r < row; r++ {
			d.pass(r, b.fork)
			if b.join > 0 {
				d.pass(r, b.join)
			}
		}
		d.set(row, b.fork, d.g.cornerUp)
		x := d.put(row, b.fork+1, theme.Dim, safe.Cell(d.g.rule+" "))
		x = d.put(row, x, b.role, d.branchLabel(b))
		switch {
		case b.join > 0:
			d.line(row, x+1, b.join-1)
			d.set(row, b.join, d.g.cornerBack)
		case b.end != "":
			x = d.put(row, x+1, theme.Dim, safe.Cell(d.g.rule+" "))
			d.put(row, x, b.role, b.end)
		}
	}
}

// put writes a text and returns the column after it.
func (d *graphDrawing) put(row, x int, role theme.Role, text safe.Cell) int {
	d.grow(row, x)
	w := widthOf(text)
	d.rows[row] = d.rows[row][:min(len(d.rows[row]), x)]
	d.rows[row] = append(d.rows[row], graphCell{text: text, role: role})
	for range w - 1 {
		d.rows[row] = append(d.rows[row], graphCell{covered: true})
	}
	return x + w
}

func (d *graphDrawing) grow(row, x int) {
	for len(d.rows[row]) < x {
		d.rows[row] = append(d.rows[row], graphCell{text: " "})
	}
}

// line draws from one column to another.
func (d *graphDrawing) line(row, from, to int) {
	d.grow(row, from)
	for x := from; x <= to; x++ {
		d.set(row, x, d.g.rule)
	}
}

// set puts one sign in a column.
func (d *graphDrawing) set(row, x int, sign string) {
	d.grow(row, x+1)
	d.rows[row][x] = graphCell{text: safe.Cell(sign), role: theme.Dim}
}

// pass leads a line down through a row, unless something stands there.
func (d *graphDrawing) pass(row, x int) {
	d.grow(row, x+1)
	if c := d.rows[row][x]; !c.covered && c.text == " " {
		d.set(row, x, d.g.bar)
	}
}

// draw draws the graph.
func (g *playGraph) draw(f *frame, rows int) {
	for i := range min(len(g.rows), rows) {
		for _, c := range g.rows[i] {
			if c.covered {
				continue
			}
			f.put(c.role, c.text)
		}
		f.line()
	}
}
