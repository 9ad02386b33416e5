package tui

import "dovetail/merge"

// relist makes the rows and marks anew from the draft: what is counted as left here is what a writing is checked by.
func (m *resolveModel) relist() {
	m.open = m.s.result.Undecided(m.draft.Decisions)
	m.marks = make([]mark, len(m.s.fields))
	m.rows = m.rows[:0:0]
	m.detailWants = 5 // a title, three options and the reason
	last, unit := inConflict, ""
	for i := range m.s.fields {
		f := &m.s.fields[i]
		m.marks[i] = m.markOf(f)
		m.detailWants = max(m.detailWants, 5+m.extraLines(f))
		if f.section == unchanged && !m.showSame && m.find == "" || !m.finds(f) {
			continue
		}
		if f.section != last {
			last = f.section
			m.rows = append(m.rows, row{kind: headingOf(last), field: -1})
		}
		if f.unit != unit {
			if unit = f.unit; unit != "" {
				m.rows = append(m.rows, row{kind: groupHeading, field: i})
			}
		}
		m.rows = append(m.rows, row{kind: fieldRow, field: i})
		if f.Path == "" && len(m.s.touched) > 0 {
			m.rows = append(m.rows, row{kind: touchedHeading, field: -1})
			for n := range m.s.touched {
				m.rows = append(m.rows, row{kind: touchedRow, field: n})
			}
		}
	}
}

// extraLines is how many lines a field's detail takes beyond a title, three options and a reason.
func (m *resolveModel) extraLines(f *field) int {
	n := 0
	if c := m.draft.Decisions[f.Path].Choice; f.proposal != "" || c == merge.Edited || c == merge.Removed || m.draft.Typed[f.Path] != "" {
		n++
	}
	if f.wordy() {
		n++
	}
	if len(f.dispute) > 0 {
		n++
	}
	return n
}

func headingOf(s section) rowKind {
	if s == byItself {
		return mergedHeading
	}
	return sameHeading
}
