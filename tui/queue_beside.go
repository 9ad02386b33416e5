package tui

import (
	"fmt"
	"time"

	"dovetail/merge"
	"dovetail/tui/safe"
	"dovetail/tui/theme"
)

// previewPause is how long the cursor stays on a conflict before its preview is read: longer than between two steps of a key
// that is held.
const previewPause = 60 * time.Millisecond

// notes are what is to be known of a conflict beside its fields.
func (m *queueModel) notes(c *merge.Conflict) []span {
	var notes []span
	now, in := m.env.now(), m.env.location
	if c.State == merge.Snoozed {
		notes = append(notes, span{theme.Plain, "snoozed until " + when(c.SnoozedUntil, now, in)})
	}
	if by := m.others(c); by != "" {
		notes = append(notes, span{theme.Plain, by + " is at it until " + when(c.ClaimedUntil, now, in)})
	}
	if c.Draft == nil || c.State == merge.Resolved {
		return notes // what a draft was is what was written, or of no use any more
	}
	draft := span{theme.Dim, "draft of " + when(c.Draft.SavedAt, now, in)}
	if c.Draft.Stale {
		draft = span{theme.Strong, draft.text + "; the record moved since"}
	}
	return append(notes, draft)
}

// drawBeside draws the list with the preview beside it. The list is as wide as it is on a terminal that shows its table.
func (m *queueModel) drawBeside(f *frame, l queueLayout) {
	at := tableWidth + (f.width-besideWidth)/2
	lines := l.list + 1
	if l.rules {
		lines++
	}
	f.split(at, m.previewLines(f.width-at-1, lines))
	defer f.join()
	c := queueColumnsFor(at, m.w.recordWidth)
	m.drawColumnHeads(f, c)
	if l.rules {
		f.rule()
	}
	m.drawList(f, c, l.list)
}

// previewLines are the conflict at the cursor, each field with its sides one below the other.
func (m *queueModel) previewLines(width, rows int) [][]span {
	at, ok := m.selected()
	if !ok {
		return nil
	}
	lines := [][]span{{{theme.Strong, " " + at.record}}, {{theme.Dim, safe.Cell(fmt.Sprintf(" conflict %d", at.Number)) +
		m.env.glyphs.dot + safe.Cell(at.Kind.String())}}}
	for _, note := range m.notes(&at.Conflict) {
		for _, part := range wrapSpans([]span{note}, width-1, 2) {
			lines = append(lines, append([]span{{theme.Plain, " "}}, part...))
		}
	}
	switch {
	case m.previewOf != at.Number:
		return append(lines, []span{{theme.Dim, " reading" + m.env.glyphs.ellipsis}})
	case m.previewEr != nil:
		for _, part := range wrapSpans([]span{{theme.Warning, "! " + safe.Text(m.previewEr.Error())}}, width-1, 4) {
			lines = append(lines, append([]span{{theme.Plain, " "}}, part...))
		}
		return lines
	}
	s := m.preview
	shown := 0
	for ; shown < s.conflicts; shown++ {
		field := s.fields[shown].sideBySide(width)
		if len(lines)+len(field)+2 > rows {
			break
		}
		lines = append(lines, field...)
	}
	if rest := s.rest(shown); rest != "" {
		lines = append(lines, nil)
		for _, part := range wrapSpans([]span{{theme.Dim, safe.Cell(rest)}}, width-1, max(rows-len(lines), 1)) {
			lines = append(lines, append([]span{{theme.Plain, " "}}, part...))
		}
	}
	return lines
}

// sideBySide are the lines of a field in conflict: its name, then what each side holds.
func (fd *field) sideBySide(width int) [][]span {
	name := fd.name
	if fd.Path == "" {
		name = "the record"
	}
	lines := [][]span{nil, {{theme.Heading, " " + name}}}
	sides := [...]struct {
		role  theme.Role
		label safe.Cell
		value safe.Cell
	}{{theme.Base, "   BASE    ", fd.base}, {theme.Local, "   LOCAL   ", fd.local}, {theme.Server, "   SERVER  ", fd.server}}
	for _, side := range sides {
		if fd.Kind == merge.NoBase && side.role == theme.Base {
			continue
		}
		lines = append(lines, []span{{theme.Dim, side.label}, {side.role, side.value}})
	}
	return lines
}
