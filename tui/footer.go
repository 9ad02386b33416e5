package tui

import (
	"dovetail/tui/safe"
	"dovetail/tui/theme"
)

// footer draws the keys of a screen on at most rows lines, the most important first, and the help always. on says
// which of them do something now.
func (f *frame) footer(k keymap, rows int, on func(intent) bool) {
	gap := 2
	if f.width >= baseWidth {
		gap = 3
	}
	var helpItem *binding
	for i := range k {
		if k[i].intent == showHelp {
			helpItem = &k[i]
		}
	}
	reserved := 0
	if helpItem != nil {
		reserved = gap + 1 + 1 + len(helpItem.foot)
	}
	f.spaces(1)
	for i := range k {
		b := &k[i]
		if b.foot == "" || b == helpItem || on != nil && !on(b.intent) {
			continue
		}
		label := f.glyphs.words(b.label())
		need := label.Width() + 1 + len(b.foot)
		lead := 0
		if f.col > 1 {
			lead = gap
		}
		if rows > 1 && need+lead > f.room() {
			f.line()
			f.spaces(1)
			rows--
			lead = 0
		}
		if rows == 1 && need+lead+reserved > f.room() {
			continue
		}
		f.spaces(lead)
		f.key(label, b.foot)
	}
	if helpItem != nil {
		if reserved > f.room() && rows > 1 {
			f.line()
			f.spaces(1)
		}
		if f.col > 1 {
			f.spaces(gap)
		}
		f.key(safe.Cell(helpItem.Help().Key), helpItem.foot)
	}
	f.line()
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
