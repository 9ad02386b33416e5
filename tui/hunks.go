package tui

import (
	"encoding/json"
	"strings"

	"dovetail/merge"
	"dovetail/tui/safe"
	"dovetail/tui/theme"
)

// The marks around what each side has in a part in dispute, named by the keys that take the side.
const (
	localOpen  = "{1+"
	serverOpen = "{2+"
)

// hunk is a part of a text or list in conflict, made ready to be drawn: joined, or what each side has.
type hunk struct {
	merge.Hunk
	joined, base, local, server safe.Cell
	disputed                    bool
}

// hunksOf prepares the parts of a field; none where no part of it is in dispute.
func hunksOf(f merge.Field, g *glyphs) (all []hunk, disputed int) {
	for _, h := range f.Hunks {
		if h.Joined == merge.Absent {
			disputed++
		}
	}
	if disputed == 0 {
		return nil, 0
	}
	for _, h := range f.Hunks {
		all = append(all, hunk{Hunk: h, disputed: h.Joined == merge.Absent, joined: partCell(h.Joined, g),
			base: partCell(h.Base, g), local: partCell(h.Local, g), server: partCell(h.Server, g)})
	}
	return all, disputed
}

// partCell draws a part of a text without quotes, and elements of a list without brackets.
func partCell(v merge.Value, g *glyphs) safe.Cell {
	switch {
	case v.Type() == merge.StringType:
		return partText(textIn(v))
	case v.Type() == merge.ArrayType && v != "[]":
		c := g.value(v)
		return c[1 : len(c)-1]
	}
	return ""
}

// partText draws a text without escaping the blanks at its ends: they stand between words.
func partText(s string) safe.Cell {
	bare := strings.Trim(s, " ")
	if bare == "" {
		return safe.Cell(s)
	}
	from := strings.Index(s, bare)
	return safe.Cell(s[:from]) + safe.Text(bare) + safe.Cell(s[from+len(bare):])
}

func textIn(v merge.Value) string {
	var s string
	_ = json.Unmarshal([]byte(v), &s) // the value is canonical: it is a string, read by the merge before
	return s
}

// marked reports whether a part holds the marks itself, so that they would say nothing.
func (h *hunk) marked() bool {
	for _, c := range []safe.Cell{h.joined, h.base, h.local, h.server} {
		if holdsMarks(c) || strings.Contains(string(c), localOpen) || strings.Contains(string(c), serverOpen) {
			return true
		}
	}
	return false
}

// disputeSpans draws the parts on one line: what is joined as it is, and of each part in dispute what was there, and
// what local and the server have in its place. It draws nothing where a part holds the marks itself.
func disputeSpans(all []hunk) []span {
	var out []span
	for i := range all {
		h := &all[i]
		if h.marked() {
			return nil
		}
		if !h.disputed && h.joined == "" {
			continue
		}
		if len(out) > 0 && h.ofList() {
			out = append(out, span{theme.Dim, ", "})
		}
		if !h.disputed {
			out = append(out, span{theme.Dim, h.joined})
			continue
		}
		if h.base != "" {
			out = append(out, span{theme.Removed, removeOpen + h.base + removeClose})
		}
		out = append(out, span{theme.Local, localOpen + h.local + addClose}, span{theme.Server, serverOpen + h.server + addClose})
	}
	return out
}

func (h *hunk) ofList() bool {
	return h.Joined.Type() == merge.ArrayType || h.Base.Type() == merge.ArrayType
}

// fullHunks draws the parts one under the other, and of each in dispute both sides against base.
func (f *field) fullHunks(width int) []fullLine {
	if f.disputed == 0 {
		return nil
	}
	lines := []fullLine{{role: theme.Strong, head: true, text: "PARTS: " + safe.Cell(f.partsWord())}}
	for i := range f.hunks {
		h := &f.hunks[i]
		switch {
		case h.disputed:
			lines = append(lines, h.sides(width)...)
		case h.joined == "":
		case h.Joined.Type() == merge.StringType:
			for line := range strings.Lines(textIn(h.Joined)) {
				lines = append(lines, wrapped([]span{{theme.Dim, partText(line)}}, width)...)
			}
		default:
			lines = append(lines, wrapped([]span{{theme.Dim, h.joined}}, width)...)
		}
	}
	return append(lines, fullLine{})
}

// sides draws a part in dispute: a line for each side, and base in one of its own where marks would say nothing.
func (h *hunk) sides(width int) []fullLine {
	if h.marked() {
		out := wrapped([]span{{theme.Base, "3 BASE    "}, {theme.Plain, h.base}}, width)
		out = append(out, wrapped([]span{{theme.Local, "1 LOCAL   "}, {theme.Plain, h.local}}, width)...)
		return append(out, wrapped([]span{{theme.Server, "2 SERVER  "}, {theme.Plain, h.server}}, width)...)
	}
	against := func(side safe.Cell) []span {
		var d drawnDifference
		if side == h.base {
			d.same([]safe.Cell{side})
			return d.spans
		}
		var gone, came []safe.Cell
		if h.base != "" {
			gone = []safe.Cell{h.base}
		}
		if side != "" {
			came = []safe.Cell{side}
		}
		d.changed(gone, came)
		return d.spans
	}
	out := wrapped(append([]span{{theme.Local, "1 LOCAL   "}}, against(h.local)...), width)
	return append(out, wrapped(append([]span{{theme.Server, "2 SERVER  "}}, against(h.server)...), width)...)
}

// wrapped puts spans on as many lines as they take.
func wrapped(spans []span, width int) []fullLine {
	total := 0
	for _, s := range spans {
		total += len(s.text)
	}
	var out []fullLine
	for _, line := range wrapSpans(spans, width, total+1) {
		out = append(out, fullLine{spans: line})
	}
	return out
}

// partsWord counts the parts.
func (f *field) partsWord() string {
	word := plural(f.disputed, "part") + " in dispute"
	if joined := len(f.hunks) - f.disputed; joined > 0 {
		word += ", " + itoa(joined) + " joined"
	}
	return word
}
