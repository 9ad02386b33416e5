package tui

import (
	"errors"

	"dovetail/merge"
	"dovetail/tui/safe"
	"dovetail/tui/theme"
)

// refused shows why the decisions cannot be written: the rules that the record would break, with the fields they are
// about as they would be. Nothing is written from here until they are decided otherwise.
func (m *reviewModel) refused(r *resolveModel, err error) {
	m.err, m.lines, m.top, m.dry = err, nil, 0, false
	defer func() {
		m.prepared = m.lines
		m.lay()
	}()
	var broken *merge.RuleError
	if !errors.As(err, &broken) {
		m.status = failed("these decisions make no record: ", err)
		return
	}
	m.say(theme.Strong, safe.Cell("   Check failed: the record would break "+plural(len(broken.Broken), "rule")+"."))
	for _, v := range broken.Broken {
		m.lines = append(m.lines, reviewLine{})
		m.say(theme.Warning, " ! "+m.namesOf(v.Paths)+": "+safe.Text(v.Rule)+" ")
		for _, path := range v.Paths {
			m.lines = append(m.lines, m.wouldBe(r, path))
		}
	}
	m.status = cannotWrite
}

// cannotWrite is said for the keys that write, where a rule would be broken.
var cannotWrite = status{text: "this cannot be written: esc changes it", bad: true}

func (m *reviewModel) namesOf(paths []string) safe.Cell {
	if len(paths) == 0 {
		return "the record"
	}
	var names safe.Cell
	for i, path := range paths {
		if i > 0 {
			names += ", "
		}
		names += safe.Text(merge.PathLabel(path))
		if label := m.s.Rules.Label(path); label != "" {
			names += " (" + safe.Text(label) + ")"
		}
	}
	return names
}

// wouldBe is the line of one field: as it is on the server, and as the decisions make it.
func (m *reviewModel) wouldBe(r *resolveModel, path string) reviewLine {
	server := m.s.Rules.Lookup(m.s.Sides.Server, path)
	now := m.env.glyphs.valueAt(m.s.Rules, path, server)
	line := reviewLine{tag: "=", name: safe.Text(merge.PathLabel(path)), now: now, after: now, about: true, path: path}
	for i := range m.s.fields {
		if f := &m.s.fields[i]; f.Path == path {
			k := r.marks[i]
			line.role, line.after = k.role, k.value
			if d := m.draft.Decisions[path]; d.Choice != merge.Undecided && merge.Equal(d.Value, server) {
				line.after = now
			}
			if k.tag != "" {
				line.tag = k.tag
			}
		}
	}
	return line
}
