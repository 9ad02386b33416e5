package tui

import (
	"cmp"
	"slices"
	"strings"

	"dovetail/merge"
	"dovetail/tui/safe"
	"dovetail/tui/theme"
)

// unitOf names the group that a field is decided with; empty where it stands alone. Two objects may each have a group
// of the same name: the elements of a keyed list do.
func unitOf(f merge.Field) string {
	if f.Group == "" {
		return ""
	}
	return parentOf(f.Path) + "\x00" + f.Group
}

func parentOf(path string) string { return path[:max(strings.LastIndexByte(path, '/'), 0)] }

// listed is the order of the fields in the list: by section, and the members of a group next to each other, after
// the fields that stand alone.
func listed(a, b field) int {
	return cmp.Or(cmp.Compare(a.section, b.section), strings.Compare(a.unit, b.unit))
}

// groupName is what the group of a field is called.
func (f *field) groupName() safe.Cell {
	name := "group " + safe.Text(f.Group)
	if in := parentOf(f.Path); in != "" {
		name += " in " + safe.Text(merge.PathLabel(in))
	}
	return name
}

// together are the fields that are decided with f: its group's, or itself alone.
func (s *study) together(f *field) []*field {
	if f.unit == "" {
		return []*field{f}
	}
	var all []*field
	for i := range s.fields {
		if s.fields[i].unit == f.unit {
			all = append(all, &s.fields[i])
		}
	}
	return all
}

// chosenFor makes the decision c for f and all that is decided with it. Where a field does not offer it, that field
// comes back, and nothing is decided.
func (s *study) chosenFor(f *field, c merge.Choice) (merge.Decisions, *field) {
	set := merge.Decisions{}
	for _, member := range s.together(f) {
		d, ok := member.Choose(c, merge.Absent)
		if !ok {
			return nil, member
		}
		set[member.Path] = d
	}
	return set, nil
}

// halfOpen reports whether f is in a group that is not decided yet: then no side of it is there for a typed value to
// go into.
func (m *resolveModel) halfOpen(f *field) bool {
	if f.unit == "" {
		return false
	}
	for _, member := range m.s.together(f) {
		if m.isOpen(member) {
			return true
		}
	}
	return false
}

// subject is what a step is about, in words.
func (s *study) subject(f *field) string {
	if f.unit == "" {
		return merge.PathLabel(f.Path)
	}
	what := "the group " + f.Group
	if in := parentOf(f.Path); in != "" {
		what += " in " + merge.PathLabel(in)
	}
	return what + " (" + plural(len(s.together(f)), "field") + ")"
}

// othersOf names the fields that are decided with f.
func (s *study) othersOf(f *field) safe.Cell {
	var names []string
	for _, member := range s.together(f) {
		if member.Path != f.Path {
			names = append(names, string(member.name))
		}
	}
	return safe.Cell(strings.Join(names, ", "))
}

// mixedGroups tells of the groups that do not get all their values from one side.
func (m *reviewModel) mixedGroups() {
	told := map[string]bool{}
	for i := range m.s.fields {
		f := &m.s.fields[i]
		if f.unit == "" || told[f.unit] {
			continue
		}
		told[f.unit] = true
		var ways []string
		for _, member := range m.s.together(f) {
			if way := m.draft.Decisions[member.Path].Choice.String(); !slices.Contains(ways, way) {
				ways = append(ways, way)
			}
		}
		if len(ways) > 1 {
			m.say(theme.Strong, "   The "+f.groupName()+" is not of one side: "+safe.Text(strings.Join(ways, ", ")))
		}
	}
}
