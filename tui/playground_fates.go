package tui

import (
	"slices"

	"dovetail/merge"
	"dovetail/tui/safe"
	"dovetail/tui/theme"
)

// playFates are the fields of the record at the cursor, with what each strategy makes of them.
type playFates struct {
	rows  []fateRow
	tally [3][]span
	any   bool // some change has met another, of whatever record
}

type fateRow struct {
	name   safe.Cell
	points int         // how much there is to tell
	cols   [3][][]span // lines for each strategy
}

func (r *fateRow) height() int {
	h := 1
	for _, lines := range r.cols {
		h = max(h, len(lines))
	}
	return h
}

// strategiesShown are the strategies in the order in which they stand side by side.
var strategiesShown = [...]merge.Strategy{merge.LastWriteWins, merge.FieldMerge, merge.OpReplay}

// layFates prepares what stands side by side: of the record at the cursor, the last change that met another one.
func (m *playModel) layFates() {
	m.fates = playFates{}
	var found [3]*PlayMeet
	newest := 0
	for _, s := range strategiesShown {
		w := &m.view.Worlds[s]
		m.fates.any = m.fates.any || len(w.Meets) > 0
		m.fates.tally[s] = tallyOf(w)
		for i := range w.Meets {
			if at := m.at(); at != nil && w.Meets[i].Record == at.Record {
				found[s] = &w.Meets[i]
				newest = max(newest, w.Meets[i].Step)
			}
		}
	}
	for s := range found {
		if found[s] != nil && found[s].Step < newest {
			found[s] = nil // another meeting than the one that is told of
		}
	}
	for _, path := range pathsOf(found) {
		row := fateRow{name: safe.Text(merge.PathLabel(path))}
		for s, met := range found {
			row.cols[s] = [][]span{{{theme.Dim, "no clash"}}}
			if met == nil {
				continue
			}
			for _, f := range met.Fates {
				if f.Path == path {
					row.points = max(row.points, points(f))
					row.cols[s] = m.fateLines(f)
				}
			}
		}
		m.fates.rows = append(m.fates.rows, row)
	}
	slices.SortStableFunc(m.fates.rows, func(a, b fateRow) int { return b.points - a.points })
}

// pathsOf are the fields of meetings, each once, in order.
func pathsOf(found [3]*PlayMeet) []string {
	var paths []string
	seen := map[string]bool{}
	for _, met := range found {
		if met == nil {
			continue
		}
		for _, f := range met.Fates {
			if !seen[f.Path] {
				seen[f.Path] = true
				paths = append(paths, f.Path)
			}
		}
	}
	return paths
}

// fateLines say what a strategy keeps, asks and loses of a field.
func (m *playModel) fateLines(f PlayFate) [][]span {
	by := func(name string) span {
		if name == "" {
			return span{}
		}
		return span{theme.Dim, m.env.glyphs.dot + safe.Text(name)}
	}
	value := func(v merge.Value) safe.Cell {
		switch {
		case f.Path != "":
			return m.env.glyphs.value(v)
		case v == merge.Absent:
			return "deletion"
		}
		return "edit"
	}
	var lines [][]span
	switch {
	case f.Decided != "":
		lines = append(lines, []span{{theme.Plain, value(f.Kept)}, {theme.Dim, m.env.glyphs.dot + "decided by " + safe.Text(f.Decided)}})
	case f.Asked:
		return [][]span{{{theme.Strong, "? asks a person"}}}
	case f.KeptBy == "":
		lines = append(lines, []span{{theme.Plain, value(f.Kept)}, {theme.Dim, m.env.glyphs.dot + "as it was"}})
	default:
		lines = append(lines, []span{{theme.Plain, value(f.Kept)}, by(f.KeptBy)})
	}
	for _, l := range f.Lost {
		lines = append(lines, []span{{theme.Warning, "LOST"}, {theme.Plain, " " + value(l.Value)}, by(l.By)})
	}
	if f.Twice != nil {
		lines = append(lines, []span{{theme.Dim, "twice without ids: " + value(*f.Twice)}})
	}
	return lines
}

// tallyOf sums up what became of all fields.
func tallyOf(w *PlayWorld) []span {
	lost, asked := 0, 0
	for i := range w.Meets {
		for _, f := range w.Meets[i].Fates {
			lost += len(f.Lost)
			if f.Asked && f.Decided == "" {
				asked++
			}
		}
	}
	role := theme.Plain
	if lost > 0 {
		role = theme.Strong
	}
	return []span{{role, safe.Cell(itoa(lost)+" lost") + ", "}, {theme.Plain, safe.Cell(itoa(asked) + " to decide")}}
}
