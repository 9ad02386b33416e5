package tui

import (
	"strings"

	"dovetail/tui/safe"
	"dovetail/tui/theme"
)

// frame is the screen being drawn: exactly height lines of exactly width columns, in one buffer that is used again for
// every frame. What does not fit is cut with a mark, what lies below the last line is left out.
type frame struct {
	buf           []byte
	width, height int
	col, row      int
	lit           bool // the line is the selected one
	theme         *theme.Theme
	glyphs        *glyphs
	hots          []hotArea // where a click means something
	aside         *aside    // what stands beside the lines; nil: nothing
	above         [][]span  // what warns over the lines, which each frame begins with
	across        string    // a rule, of that width
	foot          footKept
}

// span is a piece of a line that was prepared before.
type span struct {
	role theme.Role
	text safe.Cell
}

// begin starts a frame over, of so many lines beside those that warn.
func (f *frame) begin(width, height int) {
	f.buf, f.width, f.height = f.buf[:0], max(width, 0), max(height, 0)+len(f.above)
	f.col, f.row, f.lit, f.hots, f.aside = 0, 0, false, f.hots[:0], nil
	f.warn(f.above)
}

// end fills up the frame and returns it.
func (f *frame) end() string {
	for f.row < f.height {
		f.line()
	}
	return string(f.buf)
}

// left is how many lines are still to be drawn.
func (f *frame) left() int { return f.height - f.row }

// room is how many columns of the line are free.
func (f *frame) room() int { return f.width - f.col }

// put draws c, or what of it fits.
func (f *frame) put(role theme.Role, c safe.Cell) {
	if f.row >= f.height || f.room() <= 0 || c == "" {
		return
	}
	c, used := f.cutTo(c, f.room())
	f.write(role, c, used)
}

// cell draws c in exactly width columns, if there are as many.
func (f *frame) cell(role theme.Role, c safe.Cell, width int) {
	width = min(width, f.room())
	if f.row >= f.height || width <= 0 {
		return
	}
	c, used := f.cutTo(c, width)
	f.write(role, c, used)
	f.spaces(width - used)
}

// glyph draws a sign of ours that is one column wide.
func (f *frame) glyph(role theme.Role, sign string) {
	if f.row < f.height && f.room() > 0 {
		f.write(role, safe.Cell(sign), 1)
	}
}

// spans draws prepared pieces. Where one fills the line and more would follow, the mark of what is cut is in it.
func (f *frame) spans(line []span) {
	for i := range line {
		if room := f.room(); len(line[i].text) >= room && room > 0 && i+1 < len(line) && widthOf(line[i].text) == room {
			mark := f.glyphs.ellipsis
			f.put(line[i].role, line[i].text.TruncateWith(max(room-widthOf(mark), 0), "")+mark)
			return
		}
		f.put(line[i].role, line[i].text)
	}
}

// to moves to a column, if the line is not there yet.
func (f *frame) to(col int) {
	if f.row < f.height {
		f.spaces(min(col, f.width) - f.col)
	}
}

// right draws c at the end of the line, or not at all where there is no room for it and a blank before it.
func (f *frame) right(role theme.Role, c safe.Cell) {
	w := widthOf(c)
	if at := f.width - w - 1; at > f.col {
		f.to(at)
		f.put(role, c)
	}
}

// line ends the line.
func (f *frame) line() {
	if f.row >= f.height {
		return
	}
	f.spaces(f.room())
	if f.aside != nil {
		f.besides()
	}
	f.row++
	f.col, f.lit = 0, false
	if f.row < f.height {
		f.buf = append(f.buf, '\n')
	}
}

// aside is what stands beside the lines that are drawn, behind a bar.
type aside struct {
	width int // of the whole frame
	lines [][]span
}

// split has the lines that follow end at a column, and others stand beside them until join.
func (f *frame) split(at int, lines [][]span) {
	f.aside = &aside{f.width, lines}
	f.width = at
}

func (f *frame) join() { f.width, f.aside = f.aside.width, nil }

// besides draws what stands beside the line.
func (f *frame) besides() {
	at, a := f.width, f.aside
	f.width, f.lit = a.width, false
	f.put(theme.Dim, safe.Cell(f.glyphs.bar))
	if len(a.lines) > 0 {
		f.spans(a.lines[0])
		a.lines = a.lines[1:]
	}
	f.spaces(f.room())
	f.width = at
}

// moreBelow draws, in the last place of a page that does not go to the end, how many lines are still to come, and reports
// whether it did.
func (f *frame) moreBelow(last bool, left int) bool {
	if !last || left < 2 {
		return false
	}
	f.put(theme.Dim, " "+f.glyphs.down+safe.Cell(" "+itoa(left)+" more"))
	return true
}

// lines draws empty lines.
func (f *frame) lines(n int) {
	for range n {
		f.line()
	}
}

// rule draws a line across.
func (f *frame) rule() {
	if f.row >= f.height {
		return
	}
	n := f.room() * len(f.glyphs.rule)
	if len(f.across) < n {
		f.across = strings.Repeat(f.glyphs.rule, f.room())
	}
	pen := f.theme.Pen(theme.Dim, false)
	b := append(f.buf, pen.On...)
	b = append(b, f.across[:n]...)
	f.buf = append(b, pen.Off...)
	f.col = f.width
	f.line()
}

// cut returns what of c goes into width columns.
func (f *frame) cut(c safe.Cell, width int) safe.Cell {
	c, _ = f.cutTo(c, width)
	return c
}

// cutTo is cut, and how many columns that takes. A long text is not measured to its end.
func (f *frame) cutTo(c safe.Cell, width int) (safe.Cell, int) {
	if len(c) <= 4*width {
		if w := widthOf(c); w <= width {
			return c, w
		}
	}
	c = c.TruncateWith(width, f.glyphs.ellipsis)
	return c, widthOf(c)
}

// widthOf is how many columns a cell takes. It knows the signs that the screens are full of by themselves: asking for
// graphemes costs more than all the rest of a frame.
func widthOf(c safe.Cell) int {
	n := 0
	for n < len(c) && c[n] >= ' ' && c[n] < 0x7F {
		n++
	}
	for _, r := range c[n:] {
		switch {
		case r < 0x7F && r >= ' ':
		case r == '·' || r == '…' || r == '→' || r == '↑' || r == '↓' || r == '←' || r == '✓' || r == '—' || r == '∅' || r == '⇄':
		default:
			return c.Width()
		}
		n++
	}
	return n
}

func (f *frame) write(role theme.Role, c safe.Cell, width int) {
	pen := f.theme.Pen(role, f.lit)
	b := append(f.buf, pen.On...)
	b = append(b, c...)
	f.buf = append(b, pen.Off...)
	f.col += width
}

const blanks = "                                                                "

func (f *frame) spaces(n int) {
	n = min(n, f.room())
	if n <= 0 || f.row >= f.height {
		return
	}
	f.col += n
	pen := f.theme.Pen(theme.Plain, f.lit)
	b := append(f.buf, pen.On...)
	for ; n > len(blanks); n -= len(blanks) {
		b = append(b, blanks...)
	}
	b = append(b, blanks[:n]...)
	f.buf = append(b, pen.Off...)
}
