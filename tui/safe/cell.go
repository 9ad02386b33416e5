package safe

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/charmbracelet/x/ansi"
)

// Cell is text that is safe to draw: one line, without anything that a terminal obeys. From outside text only this
// package makes one; a conversion Cell(s) is for words of our own.
type Cell string

// ellipsis stands where a cell was cut.
const ellipsis Cell = "…"

// Width returns how many columns the cell takes.
func (c Cell) Width() int {
	for i := range len(c) {
		if c[i] >= 0x7F || c[i] < ' ' {
			return ansi.StringWidth(string(c))
		}
	}
	return len(c)
}

// Truncate returns the cell in at most width columns, with … in the last of them if something was left out. It cuts
// between graphemes and never inside an escape, so that it may be narrower than width.
func (c Cell) Truncate(width int) Cell { return c.TruncateWith(width, ellipsis) }

// TruncateWith is [Cell.Truncate] with another mark, for terminals that have no …; where the mark itself is wider than
// width, nothing is left.
func (c Cell) TruncateWith(width int, mark Cell) Cell {
	if len(c) <= width && c.Width() <= width {
		return c
	}
	room := width - mark.Width()
	kept, used := 0, 0
	// Only as much is looked at as may be drawn: a value can be a megabyte.
	for at := 0; at < len(c); {
		unit := firstUnit(c[at:])
		at += len(unit)
		used += unit.Width()
		if used <= room {
			kept = at
		}
		if used > width && room < 0 {
			return ""
		}
		if used > width {
			return c[:kept] + mark
		}
	}
	return c
}

// Fit returns the cell in exactly width columns: cut like [Cell.Truncate], or filled up with spaces.
func (c Cell) Fit(width int) Cell {
	c = c.Truncate(width)
	if missing := width - c.Width(); missing > 0 {
		c += Cell(strings.Repeat(" ", missing))
	}
	return c
}

// firstUnit returns what c begins with that must stay together: an escape or a grapheme.
func firstUnit(c Cell) Cell {
	if c[0] == '\\' {
		return c[:escapeLength(string(c))]
	}
	if len(c) == 1 || c[0] < 0x80 && c[1] < 0x80 {
		return c[:1]
	}
	cluster, _ := ansi.FirstGraphemeCluster(string(c), ansi.GraphemeWidth)
	return Cell(cluster)
}

// Words cuts the cell where a comparison of two texts may begin: each word, each escape and each grapheme between them
// is one, and so is each letter of a script that puts no blanks between its words. Put together again they are the cell.
func (c Cell) Words() []Cell {
	var words []Cell
	begun := 0 // of the word under way
	for at := 0; at < len(c); {
		unit := firstUnit(c[at:])
		if r, _ := utf8.DecodeRuneInString(string(unit)); !unicode.IsLetter(r) && !unicode.IsDigit(r) || runsOn(r) {
			if begun < at {
				words = append(words, c[begun:at])
			}
			words = append(words, unit)
			begun = at + len(unit)
		}
		at += len(unit)
	}
	if begun < len(c) {
		words = append(words, c[begun:])
	}
	return words
}

// Units cuts the cell into what must stay together: escapes and graphemes.
func (c Cell) Units() []Cell {
	units := make([]Cell, 0, len(c))
	for at := 0; at < len(c); at += len(units[len(units)-1]) {
		units = append(units, firstUnit(c[at:]))
	}
	return units
}

// wrap cuts c into lines of at most width columns; there is at least one. Put together again they are c: a line break
// in the text is drawn as \n where it stands, and what follows goes on a new line. Long lines break after a blank where
// there is one. Only an escape that is wider than width alone makes a line wider.
func wrap(c Cell, width int) []Cell {
	width = max(width, 1)
	lines := make([]Cell, 0, 1+len(c)/width)
	at, used, blank := 0, 0, 0
	for at < len(c) {
		unit := firstUnit(c[at:])
		w := unit.Width()
		if used > 0 && used+w > width {
			cut := at
			if blank > 0 {
				cut = blank
			}
			lines = append(lines, c[:cut])
			c, at, used, blank = c[cut:], 0, 0, 0
			continue
		}
		at += len(unit)
		used += w
		switch unit {
		case " ":
			blank = at
		case `\n`:
			lines = append(lines, c[:at])
			c, at, used, blank = c[at:], 0, 0, 0
		}
	}
	if len(c) > 0 || len(lines) == 0 {
		lines = append(lines, c)
	}
	return lines
}
