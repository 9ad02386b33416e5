package tui

import (
	"slices"
	"strconv"
	"strings"

	"dovetail/merge"
	"dovetail/tui/safe"
)

// section is where a field stands on the screen.
type section uint8

const (
	inConflict section = iota
	byItself           // merged without a person
	unchanged          // nobody changed it
)

// field is a leaf made ready to be drawn.
type field struct {
	merge.Field
	section             section
	unit                string // the group that it is decided with
	name                safe.Cell
	label               safe.Cell // what people call it, where the schema says so
	local, server, base safe.Cell
	proposal, result    safe.Cell
	// swapped is the proposal with what both put at one place in the other order; absent where there is no other.
	swapped     merge.Value
	swappedCell safe.Cell
	list        *listView // of a list that changed
	// tails are what local's, the server's and base's columns show of long texts that begin alike: from where they do not.
	tails    [3]safe.Cell
	hunks    []hunk // of a text or list in conflict
	disputed int    // how many of them are in dispute
	dispute  []span // the hunks on one line
}

// study is a conflict made ready to be looked at: merged, sorted and escaped once. It does not change afterwards.
type study struct {
	merge.Case
	result    merge.Result
	fields    []field // in conflict, then merged by themselves, then unchanged
	conflicts int
	merged    int
	same      int
	record    safe.Cell
	nameWidth int
	// labelledWidth is how wide the longest name is with its label.
	labelledWidth int
	tagWidth      int
	// touched is what the living side changed, where a record was deleted on the other.
	touched []field
}

func newStudy(c merge.Case, g *glyphs) *study {
	s := &study{Case: c, result: c.Merge(), record: safe.Text(c.Conflict.Record.String()), tagWidth: 2}
	s.result.Suggest()
	for _, f := range s.result.Fields {
		at := byItself
		if f.Outcome == merge.FieldConflict {
			at = inConflict
		}
		if c.Sides.BaseLost {
			f.Kind = merge.NoBase // whatever else it is: a base that nobody knows is no choice
		}
		s.fields = append(s.fields, newField(f, at, c.Rules, g))
	}
	slices.SortStableFunc(s.fields, listed)
	for _, f := range merge.Same(c.Sides, c.Rules) {
		s.fields = append(s.fields, newField(f, unchanged, c.Rules, g))
	}
	for i := range s.fields {
		f := &s.fields[i]
		f.label = safe.Text(c.Rules.Label(f.Path))
		if f.section != unchanged && f.Path != "" {
			f.list = newListView(f, c.Rules.Key(f.Path), g)
		}
		s.nameWidth = max(s.nameWidth, f.name.Width())
		s.labelledWidth = max(s.labelledWidth, f.name.Width())
		if f.label != "" {
			s.labelledWidth = max(s.labelledWidth, f.name.Width()+g.dot.Width()+f.label.Width())
		}
		switch f.section {
		case inConflict:
			s.conflicts++
		case byItself:
			s.merged++
		case unchanged:
			s.same++
		}
		if f.section == byItself && f.Outcome == merge.Combined {
			s.tagWidth = max(s.tagWidth, min(safe.Text(f.Rule).Width(), 9))
		}
		if f.Path == "" {
			s.wholeRecord(f, g)
		}
	}
	return s
}

func newField(f merge.Field, at section, rules *merge.Rules, g *glyphs) field {
	out := field{Field: f, section: at, unit: unitOf(f), name: safe.Text(merge.PathLabel(f.Path))}
	if f.Path == "" {
		return out // drawn in words
	}
	value := func(v merge.Value) safe.Cell { return g.valueAt(rules, f.Path, v) }
	out.base = value(f.Base)
	out.local, out.server, out.result = out.base, out.base, out.base
	if f.Local != f.Base {
		out.local = value(f.Local)
	}
	if f.Server != f.Base {
		out.server = value(f.Server)
	}
	switch f.Result {
	case f.Local:
		out.result = out.local
	case f.Server:
		out.result = out.server
	default:
		out.result = value(f.Result)
	}
	if f.Proposal != merge.Absent {
		out.proposal = value(f.Proposal)
		if v, _ := f.Suggestion(true); v != merge.Absent && v != f.Proposal {
			out.swapped, out.swappedCell = v, value(v)
		}
	}
	if at == inConflict {
		out.tails = tailsOf(&out, g.ellipsis)
	}
	if out.hunks, out.disputed = hunksOf(f, g); out.disputed > 0 {
		out.dispute = disputeSpans(out.hunks)
		if len(f.Local)+len(f.Server) > maxCompared {
			out.dispute = elide(out.dispute, g.ellipsis, tableWidth)
		}
	}
	return out
}

// wholeRecord says in words what the sides of a whole record are, and finds what the living side changed.
func (s *study) wholeRecord(f *field, g *glyphs) {
	f.local, f.server, f.base = s.inWords(s.Sides.Local, g), s.inWords(s.Sides.Server, g), s.countFields(s.Sides.Base)
	if s.Sides.Recreated && s.Sides.Server != nil {
		f.server = "created again"
	}
	if s.Sides.Base == nil {
		f.base = g.value(merge.Absent)
	}
	if f.Proposal != merge.Absent {
		f.proposal = s.countFields(merge.Document(f.Proposal))
	}
	f.result = s.countFields(merge.Document(f.Result))
	living := s.Sides.Local
	if living == nil {
		living = s.Sides.Server
	}
	if s.Sides.Base == nil || living == nil {
		return
	}
	for _, changed := range merge.Record(merge.Sides{Base: s.Sides.Base, Local: living, Server: s.Sides.Base}, s.shape()).Fields {
		s.touched = append(s.touched, newField(changed, byItself, s.Rules, g))
	}
}

// inWords says what a side did to the record as a whole.
func (s *study) inWords(d merge.Document, g *glyphs) safe.Cell {
	switch {
	case d == nil && s.Sides.Base == nil:
		return g.value(merge.Absent)
	case d == nil:
		return "deleted"
	case s.Sides.Base == nil:
		return "created: " + s.countFields(d)
	case d.Equal(s.Sides.Base):
		return "unchanged"
	}
	return "edited"
}

func (s *study) countFields(d merge.Document) safe.Cell {
	if d == nil {
		return "deleted"
	}
	n := len(merge.Same(merge.Sides{Base: d, Local: d, Server: d}, s.shape()))
	return safe.Cell(plural(n, "field"))
}

// shape tells where a record's fields are, and nothing of how they merge: what one side alone did is no conflict.
func (s *study) shape() *merge.Rules {
	if s.Rules == nil {
		return nil
	}
	return &merge.Rules{Root: s.Rules.Root}
}

// sentence says what a choice for the record as a whole does.
func (s *study) sentence(f *field, c merge.Choice) safe.Cell {
	value := map[merge.Choice]merge.Value{merge.TakeLocal: f.Local, merge.TakeServer: f.Server, merge.TakeBase: f.Base,
		merge.TakeCombined: f.Proposal}[c]
	now := s.Sides.Server
	switch {
	case c == merge.Removed || value == merge.Absent:
		return s.deletion(c, now)
	case c == merge.TakeCombined:
		return "one record with the fields of both: no field is in dispute"
	case c == merge.TakeBase && now == nil:
		return "the record comes back as it was before both changes"
	case c == merge.TakeBase:
		return "the record goes back to what it was before both changes"
	case c == merge.TakeLocal && now == nil:
		return "the record comes back, with " + s.listTouched() + " as local left it"
	case c == merge.TakeLocal:
		return "local's record takes the place of the server's"
	case s.Sides.Local == nil:
		return "the record stays, with " + s.listTouched() + " as the server has it"
	}
	return "the server's record stays as it is; local's is not kept"
}

func (s *study) deletion(c merge.Choice, now merge.Document) safe.Cell {
	if now == nil {
		return "the record stays deleted; " + s.listTouched() + " of local " + s.isNotKept()
	}
	if c == merge.TakeBase {
		return "the record goes, as before both created it"
	}
	return "the record is deleted; " + s.listTouched() + " of the server " + s.isNotKept()
}

func (s *study) isNotKept() safe.Cell {
	if len(s.touched) > 1 {
		return "are not kept"
	}
	return "is not kept"
}

// listTouched names what the living side changed, the first three of it.
func (s *study) listTouched() safe.Cell {
	const shown = 3
	var names []string
	for i := range s.touched {
		if i == shown {
			names = append(names, strconv.Itoa(len(s.touched)-shown)+" more")
			break
		}
		names = append(names, string(s.touched[i].name))
	}
	if len(names) == 0 {
		return "all"
	}
	return safe.Cell(strings.Join(names, ", "))
}

// letter is the tag of a choice, drawn beside every value that it gives.
func letter(c merge.Choice) safe.Cell {
	return [...]safe.Cell{"", "L", "S", "B", "C", "E", "0", "S"}[c]
}

// autoTag is the tag of a field that merged by itself.
func (f *field) autoTag() safe.Cell {
	switch f.Outcome {
	case merge.Local:
		return "=L"
	case merge.Server:
		return "=S"
	case merge.Agreed:
		return "=="
	case merge.Combined:
		return safe.Text(f.Rule)
	}
	return ""
}

func plural(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return strconv.Itoa(n) + " " + what + "s"
}
