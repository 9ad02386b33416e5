package tui

import (
	"fmt"

	"dovetail/merge"
	"dovetail/tui/safe"
	"dovetail/tui/theme"
)

// tell puts a text on the page, on lines of a width.
func (v *fullView) tell(width int, role theme.Role, head bool, text safe.Cell) {
	const in = 2 // what goes on is set in, so that it does not pass for another item
	if !head && tooWide(text, width) {
		width -= in
	}
	for i, part := range wrapSpans([]span{{role, text}}, width, 4) {
		if i > 0 && !head {
			part = append([]span{{theme.Plain, safe.Cell(blanks[:in])}}, part...)
		}
		v.lines = append(v.lines, fullLine{head: head, spans: part})
	}
}

// versions tells what became of a record, newest first.
func (v *fullView) versions(e *env, width int, moments []merge.Moment, rules *merge.Rules) {
	now, in, g := e.now(), e.location, e.glyphs
	for i := len(moments) - 1; i >= 0; i-- {
		at := &moments[i]
		line := safe.Cell(fmt.Sprintf("v%d", at.Version)) + g.dot + safe.Text(at.Cause)
		if by := who(at.Stamp, now, in, g); by != "" {
			line += g.dot + by
		}
		v.tell(width, theme.Heading, true, line)
		if at.Note != "" {
			v.tell(width, theme.Strong, false, "note: "+safe.Text(at.Note))
		}
		if at.Fields == nil {
			v.tell(width, theme.Plain, false, "deleted")
			continue
		}
		for _, path := range at.Changed {
			v.tell(width, theme.Plain, false, safe.Text(merge.PathLabel(path))+"  "+changeIn(moments, rules, i, path, g))
		}
		if len(at.Changed) == 0 {
			v.tell(width, theme.Dim, false, "as the version before")
		}
		for _, lost := range at.NotKept {
			v.tell(width, theme.Dim, false, "not kept: "+safe.Text(lost.Side)+" "+safe.Text(merge.PathLabel(lost.Path))+" = "+g.valueAt(rules, lost.Path, lost.Value))
		}
	}
	if len(moments) == 0 {
		v.tell(width, theme.Dim, false, "nothing is known of it")
	}
}

// changeIn is what a version made of a field.
func changeIn(moments []merge.Moment, rules *merge.Rules, i int, path string, g *glyphs) safe.Cell {
	var before merge.Document
	if i > 0 {
		before = moments[i-1].Fields
	}
	after := moments[i].Fields
	switch {
	case after == nil:
		return "deleted"
	case path == "":
		return "created"
	}
	return changed(rules, path, rules.Lookup(before, path), rules.Lookup(after, path), g)
}

// changed is what became of a field's value: of a list which elements came and went.
func changed(rules *merge.Rules, path string, was, is merge.Value, g *glyphs) safe.Cell {
	if all, ok := drawnElements(was, is, namingKey(rules.Key(path), was, is), g); ok && was != merge.Absent && len(all) > 0 {
		return elementsCell(all)
	}
	return g.valueAt(rules, path, was) + " " + g.arrow + " " + g.valueAt(rules, path, is)
}

// draw draws a page of it.
func (v *fullView) draw(f *frame, page int) {
	for i := range page {
		if at := v.top + i; at < len(v.lines) && !f.moreBelow(i == page-1, len(v.lines)-at) {
			line := v.lines[at]
			if line.head {
				f.put(line.role, " "+line.text)
			} else {
				f.spaces(3)
				f.put(line.role, line.text)
			}
			f.spans(line.spans)
		}
		f.line()
	}
}
