package tui

import (
	"fmt"
	"slices"

	"dovetail/merge"
	"dovetail/tui/safe"
	"dovetail/tui/theme"
)

// detailLine is a line under the list, prepared when the cursor moves.
type detailLine struct {
	option bool         // an option begins here, with a mark before it
	choice merge.Choice // that it stands for
	spans  []span
	right  safe.Cell
}

// option is one thing that a field may become.
type option struct {
	choice merge.Choice
	key    safe.Cell
	name   safe.Cell
	role   theme.Role
	value  []span
	stamp  safe.Cell
}

// detailOf prepares what stands under the list about a field, in the lines that are there for it.
func (m *resolveModel) detailOf(f *field, l resolveLayout) []detailLine {
	if f == nil || l.detail == 0 {
		return nil
	}
	lines := []detailLine{{spans: m.detailTitle(f), right: m.detailPlace(f)}}
	options := m.options
	free := l.detail - len(lines) - 1
	if l.detail > len(options)+3 && m.height >= airy {
		lines = append(lines, detailLine{})
		free -= 2
	}
	const labelWidth = 14
	stampOf := func(o *option) safe.Cell {
		if m.width < baseWidth {
			return ""
		}
		return o.stamp
	}
	width := func(o *option) int { return m.width - labelWidth - 4 - widthOf(stampOf(o)) }
	needs := make([]int, len(options))
	for i := range options {
		needs[i] = len(wrapSpans(options[i].value, width(&options[i]), max(free, 1)))
	}
	given := shares(needs, free)
	for n, o := range options {
		if given[n] < needs[n] {
			o.value = elide(o.value, m.env.glyphs.ellipsis)
		}
		for i, part := range wrapSpans(o.value, width(&o), given[n]) {
			line := detailLine{spans: []span{{theme.Plain, safe.Cell(blanks[:labelWidth])}}}
			if i == 0 {
				label := (o.key + " " + o.name)
				line = detailLine{option: true, choice: o.choice, right: stampOf(&o), spans: []span{{o.role, label}}}
				if pad := labelWidth - 3 - widthOf(label); pad > 0 {
					line.spans = append(line.spans, span{theme.Plain, safe.Cell(blanks[:pad])})
				}
			}
			line.spans = append(line.spans, part...)
			lines = append(lines, line)
		}
	}
	if len(lines)+1 < l.detail && m.height >= airy {
		lines = append(lines, detailLine{})
	}
	lines = append(lines, detailLine{spans: m.reason(f)})
	return lines[:min(len(lines), l.detail)]
}

// shares gives out lines: one each, then evenly what is free to those who need more.
func shares(needs []int, free int) []int {
	given := make([]int, len(needs))
	for i := range given {
		given[i] = 1
		free--
	}
	for more := true; more && free > 0; {
		more = false
		for i := range given {
			if given[i] < needs[i] && free > 0 {
				given[i]++
				free--
				more = true
			}
		}
	}
	return given
}

// detailTitle names the field, its type and how it stands.
func (m *resolveModel) detailTitle(f *field) []span {
	spans := []span{{theme.Plain, " "}, {theme.Strong, f.name}}
	if f.Path != "" {
		spans = append(spans, span{theme.Dim, m.env.glyphs.dot + safe.Cell(typeWord(f))})
	}
	if f.Group != "" {
		spans = append(spans, span{theme.Dim, m.env.glyphs.dot + "group " + safe.Text(f.Group)})
	}
	if m.isMoved(f.Path) {
		spans = append(spans, span{theme.Plain, "  "}, span{theme.Conflict, "~ changed since you decided"})
	}
	return spans
}

// detailPlace counts the undecided ones.
func (m *resolveModel) detailPlace(f *field) safe.Cell {
	if at := slices.Index(m.open, f.Path); at >= 0 {
		return safe.Cell(fmt.Sprintf("conflict %d of %d left", at+1, len(m.open)))
	}
	switch {
	case m.draft.Decisions[f.Path].Choice != merge.Undecided:
		return "decided: " + safe.Cell(m.draft.Decisions[f.Path].Choice.String())
	case f.section == byItself:
		return "merged by itself"
	}
	return ""
}

// typeWord says which JSON types the sides hold.
func typeWord(f *field) string {
	var words string
	for _, v := range []merge.Value{f.Local, f.Server, f.Base} {
		word := v.Type().String()
		if v.Type() == merge.AbsentType || v.Type() == merge.NullType || word == words {
			continue
		}
		if words == "" {
			words = word
			continue
		}
		return "different types"
	}
	if words == "" {
		return merge.NullType.String()
	}
	return words
}

// optionsOf lists the values that the field may become, with what makes them different.
func (m *resolveModel) optionsOf(f *field) []option {
	if f == nil {
		return nil
	}
	now, in, g := m.env.now(), m.env.location, m.env.glyphs
	var out []option
	offered := choices(f)
	for _, c := range offered {
		o := option{choice: c, role: roleOf(c)}
		switch c {
		case merge.TakeLocal:
			o.key, o.name, o.stamp = "1", "LOCAL", who(m.s.Local, now, in, g)
		case merge.TakeServer:
			o.key, o.name, o.stamp = "2", "SERVER", who(m.s.Server, now, in, g)
		case merge.TakeBase:
			o.key, o.name, o.stamp = "3", "BASE", stamped(m.s.Base, now, in, g)
		case merge.TakeCombined:
			o.key, o.name = "c", "COMBINED"
			if f.section == inConflict {
				o.stamp = "suggested"
			}
		}
		o.value = m.optionValue(f, c)
		out = append(out, o)
	}
	switch d := m.draft.Decisions[f.Path]; {
	case d.Choice == merge.Edited:
		out = append(out, option{choice: merge.Edited, key: "e", name: "EDITED", role: theme.Strong,
			value: []span{{theme.Strong, g.value(d.Value)}}})
	case d.Choice == merge.Removed:
		out = append(out, option{choice: merge.Removed, key: "0", name: "REMOVED", role: theme.Strong,
			value: []span{{theme.Strong, "the field goes"}}})
	case len(offered) == 0:
		out = append(out, option{key: " ", name: "VALUE", role: theme.Base, value: []span{{theme.Plain, f.result}}})
	}
	if text, ok := m.draft.Typed[f.Path]; ok && m.mode != inBox {
		out = append(out, option{key: "e", name: "typed", role: theme.Dim, stamp: "not accepted",
			value: []span{{theme.Plain, safe.Text(text)}}})
	}
	return out
}

// optionValue draws one side of a field: what it changed of base, or, where that is asked for, how the server's side
// differs from local.
func (m *resolveModel) optionValue(f *field, c merge.Choice) []span {
	if f.Path == "" {
		return []span{{theme.Plain, m.s.sentence(f, c)}}
	}
	value := f.side(c)
	role := theme.Plain
	switch {
	case m.sides && c == merge.TakeServer && f.Local != merge.Absent && f.Server != merge.Absent:
		return difference(f.local, value, role)
	case m.sides || c == merge.TakeBase || f.Base == merge.Absent:
		return []span{{role, value}}
	}
	to := f.Proposal
	switch c {
	case merge.TakeLocal:
		to = f.Local
	case merge.TakeServer:
		to = f.Server
	}
	if to == merge.Absent {
		return []span{{role, value}}
	}
	return difference(f.base, value, role)
}

// reason says why the field came out as it did, and where the difference is not plain to see, what it is.
func (m *resolveModel) reason(f *field) []span {
	text := safe.Text(f.Reason())
	if v := m.s.Base.Version; v > 0 && (f.Kind == merge.EditEdit || f.section == byItself) && f.Outcome != merge.Combined {
		text = safe.Cell(fmt.Sprintf("since v%d ", v)) + text
	}
	if f.section == inConflict && f.Path != "" {
		if how := safe.Difference(f.Local, f.Server); how != "" {
			text += "; " + safe.Text(how)
		}
	}
	spans := []span{{theme.Dim, "   Why: "}, {theme.Plain, text}}
	if m.width >= baseWidth && len(m.open) > 1 && f.section == inConflict {
		spans = append(spans, span{theme.Dim, ".   A: one choice for all that is left"})
	}
	return spans
}
