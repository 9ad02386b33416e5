package tui

import (
	"fmt"
	"slices"
	"strings"

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
	// offline is how long it was on its way; it stands behind the stamp where there is room.
	offline safe.Cell
	here    safe.Cell // when that is for the viewer; it stands in value too
}

// stampIn is the stamp with what goes into so many columns.
func (o *option) stampIn(room int) safe.Cell {
	if long := withOffline(o.stamp, o.offline); widthOf(long) <= room {
		return long
	}
	return o.stamp
}

// detailOf prepares what stands under the list about a field, in the lines that are there for it.
func (m *resolveModel) detailOf(f *field, l resolveLayout) []detailLine {
	if f == nil || l.detail == 0 {
		return nil
	}
	lines := []detailLine{{spans: m.detailTitle(f), right: m.detailPlace(f)}}
	options := m.options
	reason := m.reason(f, l.detail-len(lines)-len(options))
	free := l.detail - len(lines) - len(reason)
	if l.detail > len(options)+3 && m.height >= airy {
		lines = append(lines, detailLine{})
		free -= 2
	}
	const labelWidth = 14
	stampOf := func(o *option) safe.Cell {
		room := m.width / 3
		if m.width < baseWidth {
			room = m.width - labelWidth - 4 - widthOfSpans(o.value) // it takes none from a value
		}
		stamp := o.stampIn(room)
		if m.width < baseWidth && widthOf(stamp) > room {
			return ""
		}
		return stamp.TruncateWith(room, m.env.glyphs.ellipsis)
	}
	width := func(o *option) int { return m.width - labelWidth - 4 - widthOf(stampOf(o)) }
	needs := make([]int, len(options))
	for i := range options {
		needs[i] = len(wrapSpans(options[i].value, width(&options[i]), max(free, 1)))
	}
	given := shares(needs, free)
	cut := false
	for n, o := range options {
		if given[n] < needs[n] {
			cut = true
			o.value = f.shortened(&o, m.env.glyphs.ellipsis, width(&o))
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
	if cut {
		lines[0].spans = append(lines[0].spans, span{theme.Dim, m.env.glyphs.dot + "v shows all " + safe.Cell(plural(f.longest(), "byte"))})
	}
	if len(lines)+len(reason) < l.detail && m.height >= airy {
		lines = append(lines, detailLine{})
	}
	for _, part := range reason {
		lines = append(lines, detailLine{spans: part})
	}
	return lines[:min(len(lines), l.detail)]
}

// longest is how many bytes the longest side has.
func (f *field) longest() int { return max(bytesIn(f.Local), bytesIn(f.Server), bytesIn(f.Base)) }

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

// comparesSides is said as long as what the server's side shows is no change of base's value.
const comparesSides = "the server's compared with local"

// detailTitle names the field, its type and how it stands.
func (m *resolveModel) detailTitle(f *field) []span {
	spans := []span{{theme.Plain, " "}, {theme.Strong, f.name}}
	if f.label != "" {
		spans = append(spans, span{theme.Plain, m.env.glyphs.dot + f.label})
	}
	if f.Path != "" {
		spans = append(spans, span{theme.Dim, m.env.glyphs.dot + safe.Cell(typeWord(f))})
	}
	if f.Group != "" {
		spans = append(spans, span{theme.Dim, m.env.glyphs.dot + f.groupName()})
	}
	if m.sides {
		spans = append(spans, span{theme.Plain, m.env.glyphs.dot + comparesSides})
	}
	if m.isMoved(f.Path) {
		spans = append(spans, span{theme.Plain, "  "}, span{theme.Conflict, "~ changed since you decided"})
	}
	return spans
}

// detailPlace counts the undecided ones.
func (m *resolveModel) detailPlace(f *field) safe.Cell {
	if m.closed {
		return ""
	}
	if m.isOpen(f) {
		at := 1
		for i := range m.s.fields {
			if m.s.fields[i].Path == f.Path {
				break
			}
			if m.isOpen(&m.s.fields[i]) {
				at++
			}
		}
		return safe.Cell(fmt.Sprintf("conflict %d of %d left", at, len(m.open)))
	}
	switch {
	case m.draft.Decisions[f.Path].Choice != merge.Undecided:
		return "decided: " + safe.Cell(m.draft.Decisions[f.Path].Choice.String())
	case f.section == byItself && f.Outcome == merge.Combined:
		return "joined by " + safe.Text(f.Rule)
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
			o.key, o.name, o.stamp, o.offline = "1", "LOCAL", who(m.s.Local, now, in, g), Offline(m.s.Local)
		case merge.TakeServer:
			o.key, o.name, o.stamp = "2", "SERVER", who(m.s.Server, now, in, g)
		case merge.TakeBase:
			o.key, o.name, o.stamp = "3", "BASE", stamped(m.s.Base, now, in, g)
		case merge.TakeCombined:
			o.key, o.name = "c", "COMBINED"
			if f.section == inConflict {
				o.stamp = m.suggestedStamp(f)
			}
		}
		o.value = m.optionValue(f, c)
		if d, _ := f.Choose(c, merge.Absent); f.Path != "" {
			o.here = m.hereOf(f, d.Value)
		}
		if o.here != "" {
			o.value = append(slices.Clip(o.value), span{theme.Dim, " " + o.here})
		}
		out = append(out, o)
	}
	if len(f.dispute) > 0 {
		out = append(out, option{key: "!", name: "DISPUTED", role: theme.Strong, value: f.dispute})
	}
	switch d := m.draft.Decisions[f.Path]; {
	case d.Choice == merge.Edited:
		out = append(out, option{choice: merge.Edited, key: "e", name: "EDITED", role: theme.Strong,
			value: []span{{theme.Strong, g.valueAt(m.s.Rules, f.Path, d.Value)}, {theme.Dim, pad(m.hereOf(f, d.Value))}}})
	case d.Choice == merge.Removed && f.Path == "":
		out = append(out, option{choice: merge.Removed, key: "0", name: "DELETED", role: theme.Strong,
			value: []span{{theme.Strong, m.whatItDoes(f, merge.Removed)}}})
	case d.Choice == merge.Removed:
		out = append(out, option{choice: merge.Removed, key: "0", name: "REMOVED", role: theme.Strong,
			value: []span{{theme.Strong, "the field goes"}}})
	case len(offered) == 0:
		out = append(out, option{key: " ", name: "VALUE", role: theme.Base, value: []span{{theme.Plain, f.result}, {theme.Dim, pad(m.hereOf(f, f.Result))}}})
	}
	if text, ok := m.draft.Typed[f.Path]; ok && m.mode != inBox {
		out = append(out, option{key: "e", name: "typed", role: theme.Dim, stamp: "not accepted",
			value: []span{{theme.Plain, safe.Text(text)}}})
	}
	return out
}

// pad puts a blank before what there is.
func pad(c safe.Cell) safe.Cell {
	if c == "" {
		return ""
	}
	return " " + c
}

// optionValue draws one side of a field: what it changed of base, or, where that is asked for, how the server's side
// differs from local.
func (m *resolveModel) optionValue(f *field, c merge.Choice) []span {
	if f.Path == "" {
		return []span{{theme.Plain, m.whatItDoes(f, c)}}
	}
	if spans := m.listOption(f, c); spans != nil {
		return spans
	}
	value := f.side(c)
	role := theme.Plain
	switch {
	case m.sides && c == merge.TakeServer && f.Local != merge.Absent && f.Server != merge.Absent:
		return differenceOf(compared{f.Local, f.local}, compared{f.Server, value}, role, m.env.glyphs)
	case m.sides || c == merge.TakeBase || f.Base == merge.Absent:
		return []span{{role, value}}
	}
	to := f.Local
	switch c {
	case merge.TakeCombined:
		to, value = m.combined(f)
	case merge.TakeServer:
		to = f.Server
	}
	if to == merge.Absent {
		return []span{{role, value}}
	}
	return differenceOf(compared{f.Base, f.base}, compared{to, value}, role, m.env.glyphs)
}

// whatItDoes says what a choice for the record as a whole does; in the card without what all of them say.
func (m *resolveModel) whatItDoes(f *field, c merge.Choice) safe.Cell {
	said := m.s.sentence(f, c)
	if m.width < tableWidth {
		said = safe.Cell(strings.TrimPrefix(string(said), "the record "))
	}
	return said
}

// reason draws why the field came out as it did, on at most lines of them, and never more than two.
func (m *resolveModel) reason(f *field, lines int) [][]span {
	text := m.why(f)
	if v := m.s.Base.Version; v > 0 && (f.Kind == merge.EditEdit || f.section == byItself) && f.Outcome != merge.Combined {
		text = safe.Cell(fmt.Sprintf("since v%d ", v)) + text
	}
	spans := []span{{theme.Dim, "   Why: "}, {theme.Plain, text}}
	if !f.wordy() && m.width >= baseWidth && len(m.open) > 1 && !m.closed && f.section == inConflict {
		more := span{theme.Dim, ".   A: one choice for all that is left"}
		if widthOf(spans[0].text)+widthOf(text)+widthOf(more.text) < m.width {
			spans = append(spans, more)
		}
	}
	out := wrapSpans(spans, m.width-1, max(min(lines, 2), 1))
	for i := 1; i < len(out); i++ {
		out[i] = append([]span{{theme.Plain, "   "}}, out[i]...)
	}
	return out
}

// wordy reports whether the reason of a field takes more words: it names other fields, or counts parts.
func (f *field) wordy() bool { return f.unit != "" || f.Kind == merge.RuleKind || f.disputed > 0 }

// why says in words why the field came out as it did, and where the difference is not plain to see, what it is.
func (m *resolveModel) why(f *field) safe.Cell {
	text := safe.Text(f.Reason())
	switch {
	case f.Outcome == merge.Combined:
		text = "joined by " + safe.Text(f.Rule) + ": both sides changed it"
	case f.unit != "":
		text = "both sides changed the " + f.groupName() + ": decided as one with " + m.s.othersOf(f)
	case f.disputed > 0:
		text += ": " + safe.Cell(f.partsWord()) + "; 1 and 2 take a side whole"
	case f.Kind == merge.RuleKind && f.Path != "":
		text = "joined like this, a rule would be broken: " + m.s.underRule(f.Rule) + ": " + safe.Text(f.Rule)
	}
	if f.section == inConflict && f.Path != "" {
		if how := safe.Difference(f.Local, f.Server); how != "" && f.Kind != merge.TypeChange { // else the reason tells of it
			text += "; " + safe.Text(how)
		}
		if sameInstant(f.Local, f.Server) {
			text += "; both are the same instant"
		}
	}
	return text
}

// underRule names the fields that a broken rule is about.
func (s *study) underRule(rule string) safe.Cell {
	var names []string
	for i := range s.fields {
		if f := &s.fields[i]; f.Kind == merge.RuleKind && f.Rule == rule {
			names = append(names, string(f.name))
		}
	}
	return safe.Cell(strings.Join(names, ", "))
}

func (m *resolveModel) drawDetail(f *frame) {
	for _, line := range m.detail {
		if line.option {
			f.choiceMark(m.stands(line.choice))
		}
		limit := f.width
		if line.right != "" {
			limit -= line.right.Width() + 2
		}
		f.spansTo(line.spans, limit)
		if line.option {
			f.hot(f.col, spot{path: m.focusedPath(), choice: line.choice})
		}
		f.right(theme.Dim, line.right)
		f.line()
	}
}

// stands says whether the arrows are on a choice of the field at the cursor, and whether it is decided.
func (m *resolveModel) stands(c merge.Choice) (here, taken bool) {
	if c == merge.Undecided {
		return false, false
	}
	return c == m.bracket, c == m.draft.Decisions[m.focusedPath()].Choice
}

// choiceMark stands before an option: where the arrows are, and what is decided.
func (f *frame) choiceMark(here, taken bool) {
	f.spaces(1)
	switch {
	case here:
		f.glyph(theme.Strong, f.glyphs.cursor)
	case taken:
		f.glyph(theme.Strong, "*")
	default:
		f.spaces(1)
	}
	f.spaces(1)
}

// spansTo draws spans up to a column.
func (f *frame) spansTo(line []span, limit int) {
	whole := f.width
	f.width = max(min(limit, whole), f.col)
	f.spans(line)
	f.width = whole
}

func widthOfSpans(line []span) int {
	n := 0
	for i := range line {
		n += widthOf(line[i].text)
	}
	return n
}
