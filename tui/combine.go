package tui

import (
	tea "github.com/charmbracelet/bubbletea"

	"dovetail/merge"
	"dovetail/tui/safe"
)

// chooseCombined shows what joins both sides before it counts; asked for again, it is taken.
func (m *resolveModel) chooseCombined(f *field) tea.Cmd {
	_, without := m.s.chosenFor(f, merge.TakeCombined)
	if m.bracket == merge.TakeCombined || without != nil || f.section == unchanged {
		return m.choose(f, merge.TakeCombined)
	}
	m.bracket = merge.TakeCombined
	m.status.text = "shown, not taken: c again, space or enter takes it"
	if f.swapped != merge.Absent {
		m.status.text += "; x turns the order round"
	}
	m.moved()
	return nil
}

// swapOrder turns what both sides put at one place round, in what is shown. It decides nothing.
func (m *resolveModel) swapOrder(f *field) {
	if f.swapped == merge.Absent {
		m.status = status{text: "x turns the order of what both sides put in round: there is none here", bad: true}
		return
	}
	if m.swaps(f) {
		m.swappedAt = noPath
	} else {
		m.swappedAt = f.Path
	}
	m.bracket = merge.TakeCombined
	m.status.text = "the server's first"
	if m.swaps(f) {
		m.status.text = "local's first"
	}
	m.moved()
}

// noPath is no field's: a pointer begins with a slash, or is empty.
const noPath = "-"

// swaps reports whether a field's proposal is shown in the other order.
func (m *resolveModel) swaps(f *field) bool {
	return f.swapped != merge.Absent && f.Path == m.swappedAt
}

// combined is what `combined` writes for a field, as it is shown.
func (m *resolveModel) combined(f *field) (merge.Value, safe.Cell) {
	switch {
	case f.Outcome == merge.Combined:
		return f.Result, f.result
	case m.swaps(f):
		return f.swapped, f.swappedCell
	}
	return f.Proposal, f.proposal
}

func (m *resolveModel) suggestedStamp(f *field) safe.Cell {
	if f.swapped == merge.Absent {
		return "suggested"
	}
	return "suggested" + m.env.glyphs.dot + "x: other order"
}

// notJoined says why there is no suggestion for a field.
func (f *field) notJoined() safe.Cell {
	listed := f.Local.Type() == merge.ArrayType && f.Server.Type() == merge.ArrayType
	text := f.Local.Type() == merge.StringType && f.Server.Type() == merge.StringType
	switch {
	case f.unit != "":
		return "a group is of one side, or its values are typed"
	case f.Kind == merge.NoBase:
		return "without a base nobody knows what changed"
	case !listed && !text:
		return "only lists and texts can be joined"
	}
	if listed && f.flat() {
		return "one side has it all"
	}
	return "the edits overlap"
}

// flat reports whether there are neither lists nor objects in the field's lists.
func (f *field) flat() bool {
	for _, side := range [...]merge.Value{f.Base, f.Local, f.Server} {
		for _, e := range side.Elements() {
			if t := e.Type(); t == merge.ArrayType || t == merge.ObjectType {
				return false
			}
		}
	}
	return true
}
