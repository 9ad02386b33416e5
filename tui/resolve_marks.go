package tui

import (
	"dovetail/merge"
	"dovetail/tui/safe"
	"dovetail/tui/theme"
)

// markOf says how a field stands: decided, merged by itself, or waiting.
func (m *resolveModel) markOf(f *field) mark {
	d := m.draft.Decisions[f.Path]
	if m.draft.Decisions.Both() != "" && f.section != unchanged {
		server := f.server
		if f.Server == merge.Absent {
			server = "removed"
		}
		return mark{tag: "S", role: theme.Server, from: "S", value: server, valueRole: theme.Server}
	}
	switch {
	case d.Choice != merge.Undecided:
		role := roleOf(d.Choice)
		return mark{tag: letter(d.Choice), role: role, from: letter(d.Choice), value: m.decidedValue(f, d), valueRole: role}
	case f.section == inConflict:
		tag := safe.Cell("!")
		if m.isMoved(f.Path) {
			tag = "~!"
		}
		if m.closed {
			return mark{tag: tag, role: theme.Conflict, value: "resolved already", valueRole: theme.Dim}
		}
		return mark{tag: tag, role: theme.Conflict, from: "!", value: hint(f), valueRole: theme.Strong}
	case f.section == unchanged:
		return mark{tag: "", role: theme.Dim, from: "=", value: f.result, valueRole: theme.Dim}
	}
	out := mark{tag: f.autoTag(), role: theme.Plain, from: "C", value: f.result, valueRole: theme.Plain}
	switch f.Outcome {
	case merge.Local:
		out.role, out.from, out.valueRole = theme.Local, "L", theme.Local
	case merge.Server:
		out.role, out.from, out.valueRole = theme.Server, "S", theme.Server
	case merge.Agreed:
		out.from = "="
	}
	if f.Result == merge.Absent {
		out.value = "removed"
	}
	if m.isMoved(f.Path) {
		out.tag = "~"
	}
	return out
}

// hint names the keys that decide a field.
func hint(f *field) safe.Cell {
	c := safe.Cell("choose 1 2")
	if _, ok := f.Choose(merge.TakeBase, merge.Absent); ok {
		c += " 3"
	}
	if _, ok := f.Choose(merge.TakeCombined, merge.Absent); ok {
		c += " c"
	}
	if f.Path != "" && f.unit == "" {
		c += " e"
	}
	return c
}

// decidedValue draws what a decision writes.
func (m *resolveModel) decidedValue(f *field, d merge.Decision) safe.Cell {
	switch {
	case f.Path == "" && d.Value == merge.Absent:
		return "deleted"
	case f.Path == "" && d.Choice != merge.Edited:
		return f.side(d.Choice)
	case d.Value == merge.Absent:
		return "removed"
	case d.Choice == merge.Edited, d.Choice == merge.TakeCombined && d.Value == f.swapped:
		return m.env.glyphs.valueAt(m.s.Rules, f.Path, d.Value)
	}
	return f.side(d.Choice)
}

// side is the drawn value that a choice gives.
func (f *field) side(c merge.Choice) safe.Cell {
	switch c {
	case merge.TakeLocal:
		return f.local
	case merge.TakeServer:
		return f.server
	case merge.TakeBase:
		return f.base
	case merge.TakeCombined:
		if f.Outcome == merge.Combined {
			return f.result
		}
		return f.proposal
	}
	return ""
}

func roleOf(c merge.Choice) theme.Role {
	switch c {
	case merge.TakeLocal:
		return theme.Local
	case merge.TakeServer:
		return theme.Server
	case merge.TakeBase:
		return theme.Base
	}
	return theme.Strong
}
