package tui

import (
	"slices"

	"dovetail/tui/safe"
	"dovetail/tui/theme"
)

// footer draws the keys of a screen on at most rows lines, in the table's order, and the help at the end. Where not all
// fit, those that must be there come first, then the others as they stand in the table. on says which of them do
// something now.
func (f *frame) footer(k keymap, rows int, on func(intent) bool) {
	of, keeps := f.footOf(k, rows, on)
	if keeps && of == f.foot.of {
		f.buf = append(f.buf, f.foot.drawn...)
		f.row, f.col, f.lit = f.foot.row, 0, false
		return
	}
	start := len(f.buf)
	f.drawFooter(k, rows, on)
	if keeps {
		f.foot = footKept{of: of, drawn: slices.Clone(f.buf[start:]), row: f.row}
	}
}

// footKept is the last footer that was drawn. It is the same from frame to frame mostly.
type footKept struct {
	of    footOf
	drawn []byte
	row   int // that it left the frame at
}

// footOf is all that the look of a footer depends on.
type footOf struct {
	keys                    *binding
	count, rows             int
	width, height, row, col int
	on                      uint64 // which bindings do something, a bit each
	theme                   *theme.Theme
	glyphs                  *glyphs
}

// footOf is false where a footer is not kept.
func (f *frame) footOf(k keymap, rows int, on func(intent) bool) (of footOf, keeps bool) {
	if len(k) == 0 || len(k) > 64 {
		return of, false
	}
	of = footOf{keys: &k[0], count: len(k), rows: rows, width: f.width, height: f.height, row: f.row, col: f.col, theme: f.theme, glyphs: f.glyphs}
	for i := range k {
		if k[i].foot != "" && (on == nil || on(k[i].intent)) {
			of.on |= 1 << i
		}
	}
	return of, true
}

func (f *frame) drawFooter(k keymap, rows int, on func(intent) bool) {
	items := f.footItems(k, on)
	for _, must := range [...]bool{true, false} {
		for i := range items {
			if items[i].must == must {
				items[i].shown = true
				items[i].shown = f.footFits(items, rows)
			}
		}
	}
	f.spaces(1)
	for i := range items {
		if !items[i].shown {
			continue
		}
		switch gap := f.footGap(); {
		case f.col > 1 && gap+items[i].width > f.room():
			f.line()
			f.spaces(1)
		case f.col > 1:
			f.spaces(gap)
		}
		f.key(items[i].label, items[i].foot)
	}
	f.line()
}

// footItem is a binding made ready for the footer.
type footItem struct {
	label safe.Cell
	foot  string
	width int
	must  bool
	shown bool
}

// footItems are the bindings that a footer may show, the help at the end.
func (f *frame) footItems(k keymap, on func(intent) bool) []footItem {
	items := make([]footItem, 0, len(k))
	var helps []footItem
	for i := range k {
		b := &k[i]
		if b.foot == "" || on != nil && !on(b.intent) {
			continue
		}
		label := f.glyphs.words(b.label())
		item := footItem{label: label, foot: b.foot, width: widthOf(label) + 1 + len(b.foot), must: b.must}
		if b.intent == showHelp {
			item.must = true
			helps = append(helps, item)
			continue
		}
		items = append(items, item)
	}
	return append(items, helps...)
}

// footFits reports whether what is shown goes on that many lines.
func (f *frame) footFits(items []footItem, rows int) bool {
	gap, col, used := f.footGap(), 1, 1
	for i := range items {
		if !items[i].shown {
			continue
		}
		switch {
		case col > 1 && col+gap+items[i].width > f.width:
			used++
			col = 1
		case col > 1:
			col += gap
		}
		col += items[i].width
	}
	return used <= rows && col <= f.width
}

func (f *frame) footGap() int {
	if f.width >= baseWidth {
		return 3
	}
	return 2
}

// label is what the footer calls a binding's keys.
func (b *binding) label() string {
	if b.footLabel != "" {
		return b.footLabel
	}
	return b.Help().Key
}

func (f *frame) key(label safe.Cell, what string) {
	f.put(theme.Key, label)
	f.spaces(1)
	f.put(theme.Dim, f.glyphs.words(what))
}

// footerRows is how many lines the keys get.
func footerRows(width, height int) int {
	switch {
	case height < 16:
		return 1
	case width < tableWidth || height < 30:
		return 2
	}
	return 3
}

// bar draws how much is done.
func (f *frame) progress(done, total int) {
	const width = 10
	full := 0
	if total > 0 {
		full = done * width / total
	}
	f.put(theme.Dim, "[")
	for i := range width {
		sign := f.glyphs.light
		if i < full {
			sign = f.glyphs.full
		}
		f.glyph(theme.Plain, sign)
	}
	f.put(theme.Dim, "]")
}
