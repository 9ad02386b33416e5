package tui

import (
	"slices"

	"dovetail/merge"
	"dovetail/tui/safe"
)

// listedFor are the texts of the values that the schema lists for a field.
func (m *resolveModel) listedFor(f *field, want wanted) []string {
	var out []string
	for _, v := range m.s.Rules.Enum(f.Path) {
		if want == wantText && v.Type() != merge.StringType {
			continue
		}
		out = append(out, want.textOf(v))
	}
	return out
}

// nextListed puts the listed value after the one in the box into it.
func (m *resolveModel) nextListed() bool {
	if len(m.edit.listed) == 0 {
		return false
	}
	at := (slices.Index(m.edit.listed, m.box.text) + 1) % len(m.edit.listed)
	m.box = newBox(m.edit.listed[at], false, m.boxWidth())
	return true
}

// listedWords names the listed values.
func (m *resolveModel) listedWords() safe.Cell {
	if len(m.edit.listed) == 0 {
		return ""
	}
	text := safe.Cell("one of: ")
	for i, v := range m.edit.listed {
		if i > 0 {
			text += ", "
		}
		text += safe.Text(v)
	}
	return text
}

// breaks says which rule of the schema a value would break in its field, where the server's record keeps it.
func (m *resolveModel) breaks(path string, v merge.Value) safe.Cell {
	if m.s.Rules == nil || m.s.Rules.Check == nil || m.s.Sides.Server == nil {
		return ""
	}
	doc, err := m.s.Rules.With(m.s.Sides.Server, path, v)
	if err != nil {
		return safe.Text(err.Error())
	}
	before := m.s.Rules.Check.Broken(m.s.Sides.Server)
	for _, now := range m.s.Rules.Check.Broken(doc) {
		known := slices.ContainsFunc(before, func(b merge.Violation) bool { return b.String() == now.String() })
		if len(now.Paths) == 1 && now.Paths[0] == path && !known {
			return safe.Text(now.Rule)
		}
	}
	return ""
}
