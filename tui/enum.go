package tui

import (
	"slices"
	"time"

	"dovetail/merge"
	"dovetail/tui/safe"
	"dovetail/tui/theme"
)

// listedFor are the texts of the values that the schema lists for a field.
func listedFor(rules *merge.Rules, path string, want wanted) []string {
	var out []string
	for _, v := range rules.Enum(path) {
		if want == wantText && v.Type() != merge.StringType {
			continue
		}
		out = append(out, want.textOf(v))
	}
	return out
}

// nextListed puts the listed value after the one in the box into it.
func (e *editing) nextListed(b *box) bool {
	if len(e.listed) == 0 {
		return false
	}
	at := (slices.Index(e.listed, b.text) + 1) % len(e.listed)
	*b = newBox(e.listed[at], false, b.width)
	return true
}

// listedWords names the listed values.
func (e *editing) listedWords() safe.Cell {
	if len(e.listed) == 0 {
		return ""
	}
	text := safe.Cell("one of: ")
	for i, v := range e.listed {
		if i > 0 {
			text += ", "
		}
		text += safe.Text(v)
	}
	return text
}

// drawWanted says what may be typed, and what the text in the box is here.
func (e *editing) drawWanted(f *frame, text string, in *time.Location) {
	f.put(theme.Dim, f.glyphs.dot+safe.Cell(e.want.String()))
	if e.want == wantText {
		f.put(theme.Dim, pad(here(text, in)))
	}
	if listed := e.listedWords(); listed != "" {
		f.put(theme.Dim, f.glyphs.dot+f.cut(listed, max(f.room()-f.glyphs.dot.Width()-1, 1)))
	}
}

// breaks says which rule of the schema a value would break in its field, where the record as it is keeps it.
func breaks(rules *merge.Rules, is merge.Document, path string, v merge.Value) safe.Cell {
	if rules == nil || rules.Check == nil || is == nil {
		return ""
	}
	doc, err := rules.With(is, path, v)
	if err != nil {
		return safe.Text(err.Error())
	}
	before := rules.Check.Broken(is)
	for _, now := range rules.Check.Broken(doc) {
		known := slices.ContainsFunc(before, func(b merge.Violation) bool { return b.String() == now.String() })
		if len(now.Paths) == 1 && now.Paths[0] == path && !known {
			return safe.Text(now.Rule)
		}
	}
	return ""
}
