package tui

import (
	"strings"

	"dovetail/merge"
	"dovetail/tui/safe"
	"dovetail/tui/theme"
)

// longValue is from how many bytes on, of what the server has and of what comes, a text is told by what changes in it.
const longValue = 48

// willWrite says all that a writing puts in the place of what the server has: what is decided, and after it what merged by
// itself. Who takes a side for many sees nothing else of them before it is written.
func (s *study) willWrite(decisions merge.Decisions, g *glyphs) safe.Cell {
	if as := decisions.Both(); as != "" {
		return "both records are kept, local's as " + safe.Text(as)
	}
	var decided, merged []string
	for i := range s.fields {
		f := &s.fields[i]
		d := decisions[f.Path]
		switch {
		case d.Choice != merge.Undecided:
			decided = append(decided, string(s.becomes(f, d, g)))
		case f.section == byItself && !merge.Equal(f.Result, f.Server):
			merged = append(merged, string(s.becomes(f, f.asMerged(), g)))
		}
	}
	text := strings.Join(decided, ", ")
	switch {
	case len(merged) == 0 && text == "":
		return "the record stays as the server has it"
	case len(merged) == 0:
		return safe.Cell(text)
	case text != "":
		text += "; "
	}
	return safe.Cell(text + "merged: " + strings.Join(merged, ", "))
}

// asMerged is what the merge made of a field, as a decision.
func (f *field) asMerged() merge.Decision {
	d := merge.Decision{Choice: merge.TakeCombined, Value: f.Result}
	switch f.Outcome {
	case merge.Local:
		d.Choice = merge.TakeLocal
	case merge.Server, merge.Agreed:
		d.Choice = merge.TakeServer
	}
	return d
}

// becomes says what a decision makes of a field; of a long text, the words around what changes.
func (s *study) becomes(f *field, d merge.Decision, g *glyphs) safe.Cell {
	switch {
	case f.Path != "":
	case d.Choice == merge.Edited:
		return "the record is as you typed it"
	default:
		return s.sentence(f, d.Choice)
	}
	value := g.valueAt(s.Rules, f.Path, d.Value)
	switch {
	case d.Value == merge.Absent && f.Server == merge.Absent:
		return f.name + " stays removed"
	case d.Value == merge.Absent:
		value = "removed"
	case merge.Equal(d.Value, f.Server):
		return f.name + " stays " + value
	case len(f.server)+len(value) > longValue:
		spans := differenceOf(compared{f.Server, f.server}, compared{d.Value, value}, theme.Plain, g)
		if len(spans) > 1 {
			return f.name + " " + plainSpans(elide(spans, g.ellipsis, 0)) // as few words as may be: many changes are to be in sight
		}
	}
	return f.name + " " + f.server + " " + g.arrow + " " + value
}
