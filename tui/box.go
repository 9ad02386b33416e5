package tui

import (
	"slices"
	"strings"
	"unicode"

	tea "github.com/charmbracelet/bubbletea"
	"github.com/charmbracelet/x/ansi"

	"dovetail/tui/safe"
	"dovetail/tui/theme"
)

// box is a text being edited. It holds the text byte for byte: nothing that was in it is changed by showing it, and
// no length of it is refused. What cannot be drawn is drawn escaped.
type box struct {
	text  string
	at    int // where the cursor is, in bytes, between graphemes
	multi bool
	width int
	lines []boxLine
	// leftOut says how many characters of the last input are not for typing, blanked how many have a blank instead.
	leftOut, blanked int
}

// boxLine is a line on the screen: a part of the text.
type boxLine struct {
	from, to int // in bytes
}

func newBox(text string, multi bool, width int) box {
	b := box{text: text, at: len(text), multi: multi}
	b.lay(width)
	return b
}

// lay puts the text on lines of a width.
func (b *box) lay(width int) {
	b.width = max(width, 1)
	b.lines = b.lines[:0:0]
	from, used := 0, 0
	for i := 0; i < len(b.text); {
		if b.text[i] == '\n' {
			b.lines = append(b.lines, boxLine{from, i})
			i++
			from, used = i, 0
			continue
		}
		n := clusterLength(b.text[i:])
		w := unitCell(b.text[i : i+n]).Width()
		if used+w > b.width && used > 0 {
			b.lines = append(b.lines, boxLine{from, i})
			from, used = i, 0
		}
		used += w
		i += n
	}
	b.lines = append(b.lines, boxLine{from, len(b.text)})
}

func clusterLength(s string) int {
	if len(s) > 1 && s[0] < 0x80 && s[1] < 0x80 || len(s) == 1 {
		return 1
	}
	cluster, _ := ansi.FirstGraphemeCluster(s, ansi.GraphemeWidth)
	return max(len(cluster), 1)
}

// unitCell draws one grapheme of the text.
func unitCell(s string) safe.Cell {
	if s == " " {
		return " "
	}
	return safe.Text(s)
}

// key edits the text, and reports whether it did anything.
func (b *box) key(msg tea.KeyMsg) bool {
	b.leftOut, b.blanked = 0, 0
	switch msg.Type {
	case tea.KeyRunes, tea.KeySpace:
		if msg.Alt {
			return false
		}
		b.insert(string(msg.Runes))
	case tea.KeyEnter, tea.KeyCtrlJ:
		if !b.multi {
			return false
		}
		b.put("\n")
	case tea.KeyBackspace:
		b.cut(b.before(b.at), b.at)
	case tea.KeyDelete, tea.KeyCtrlD:
		b.cut(b.at, b.after(b.at))
	case tea.KeyCtrlW:
		b.cut(b.wordBefore(), b.at)
	case tea.KeyCtrlU:
		b.cut(b.lineStart(), b.at)
	case tea.KeyCtrlK:
		b.cut(b.at, b.lineEnd())
	default:
		return b.move(msg)
	}
	b.lay(b.width)
	return true
}

func (b *box) move(msg tea.KeyMsg) bool {
	switch msg.Type {
	case tea.KeyLeft:
		b.at = b.before(b.at)
	case tea.KeyRight:
		b.at = b.after(b.at)
	case tea.KeyCtrlLeft:
		b.at = b.wordBefore()
	case tea.KeyCtrlRight:
		b.at = b.wordAfter()
	case tea.KeyHome, tea.KeyCtrlA:
		b.at = b.lineStart()
	case tea.KeyEnd, tea.KeyCtrlE:
		b.at = b.lineEnd()
	case tea.KeyCtrlHome:
		b.at = 0
	case tea.KeyCtrlEnd:
		b.at = len(b.text)
	case tea.KeyUp:
		b.vertical(-1)
	case tea.KeyDown:
		b.vertical(1)
	default:
		return false
	}
	return true
}

// insert puts in what was typed or pasted, without what is no text: control characters, but for line ends where the
// text may have lines. Tabs and other line ends become blanks, so that the words beside them stay apart.
func (b *box) insert(s string) {
	s = strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(s)
	if !b.multi {
		s = strings.TrimRight(s, "\n") // a copied line has its end with it
	}
	kept := strings.Map(func(r rune) rune {
		switch {
		case r == '\n' && b.multi, !unicode.IsControl(r) && r != unicode.ReplacementChar:
			return r
		case r == '\n', r == '\t':
			b.blanked++
			return ' '
		}
		b.leftOut++
		return -1
	}, s)
	b.put(kept)
}

// pasteLines lets a text that may have lines have those of a paste.
func (b *box) pasteLines(msg tea.KeyMsg) {
	if msg.Paste && strings.ContainsAny(strings.TrimRight(string(msg.Runes), "\r\n"), "\r\n") {
		b.multi = true
	}
}

// changed says what of the last input did not go in as it came; empty if all did.
func (b *box) changed() safe.Cell {
	var parts []string
	if b.leftOut > 0 {
		parts = append(parts, "left out: "+plural(b.leftOut, "control character"))
	}
	if b.blanked > 0 {
		parts = append(parts, plural(b.blanked, "blank")+" instead of tabs or line ends")
	}
	return safe.Cell(strings.Join(parts, "; "))
}

func (b *box) put(s string) {
	b.text = b.text[:b.at] + s + b.text[b.at:]
	b.at += len(s)
	b.settle()
}

func (b *box) cut(from, to int) {
	b.text = b.text[:from] + b.text[to:]
	b.at = from
	b.settle()
}

// settle keeps the cursor between graphemes: what was put in may have joined what follows.
func (b *box) settle() {
	for i := b.logicalStart(b.at); i < len(b.text); {
		if i >= b.at {
			b.at = i
			return
		}
		i += clusterLength(b.text[i:])
	}
	b.at = min(b.at, len(b.text))
}

// logicalStart is where the line of the text, not of the screen, begins.
func (b *box) logicalStart(at int) int { return strings.LastIndexByte(b.text[:at], '\n') + 1 }

// before is where the grapheme before a place begins.
func (b *box) before(at int) int {
	if at == 0 {
		return 0
	}
	start := b.logicalStart(at)
	if start == at {
		return at - 1 // over the line end
	}
	last := start
	for i := start; i < at; {
		last = i
		i += clusterLength(b.text[i:])
	}
	return last
}

func (b *box) after(at int) int {
	if at >= len(b.text) {
		return len(b.text)
	}
	return min(at+clusterLength(b.text[at:]), len(b.text))
}

func (b *box) wordBefore() int {
	at := b.at
	for at > 0 && isBlank(b.text[b.before(at):at]) {
		at = b.before(at)
	}
	for at > 0 && !isBlank(b.text[b.before(at):at]) {
		at = b.before(at)
	}
	return at
}

func (b *box) wordAfter() int {
	at := b.at
	for at < len(b.text) && isBlank(b.text[at:b.after(at)]) {
		at = b.after(at)
	}
	for at < len(b.text) && !isBlank(b.text[at:b.after(at)]) {
		at = b.after(at)
	}
	return at
}

func isBlank(s string) bool { return strings.TrimSpace(s) == "" }

// line is the line on the screen that the cursor is in: the later one where a line was broken under it.
func (b *box) line() int {
	for i := len(b.lines) - 1; i >= 0; i-- {
		if b.at >= b.lines[i].from {
			return i
		}
	}
	return 0
}

func (b *box) lineStart() int { return b.lines[b.line()].from }

func (b *box) lineEnd() int { return b.lines[b.line()].to }

// vertical goes a line up or down, to the same column or the end.
func (b *box) vertical(dir int) {
	line := b.line()
	to := line + dir
	if to < 0 || to >= len(b.lines) {
		return
	}
	want := b.widthOf(b.lines[line].from, b.at)
	at := b.lines[to].from
	for at < b.lines[to].to && b.widthOf(b.lines[to].from, at) < want {
		at = b.after(at)
	}
	b.at = at
}

func (b *box) widthOf(from, to int) int {
	w := 0
	for i := from; i < to; {
		n := clusterLength(b.text[i:to])
		w += unitCell(b.text[i : i+n]).Width()
		i += n
	}
	return w
}

// draw draws the lines around the cursor, rows of them.
func (b *box) draw(f *frame, rows, indent int) {
	here := b.line()
	top := max(min(here-rows/2, len(b.lines)-rows), 0)
	for i := range rows {
		if at := top + i; at < len(b.lines) {
			f.to(indent)
			b.drawLine(f, b.lines[at], at == here)
		}
		f.line()
	}
}

func (b *box) drawLine(f *frame, l boxLine, here bool) {
	if !here {
		f.put(theme.Plain, cellOf(b.text[l.from:l.to]))
		return
	}
	b.drawCursor(f, l.from, l.to)
}

// drawOneLine draws a text of one line in what room there is, with the cursor in sight.
func (b *box) drawOneLine(f *frame) {
	from := 0
	for w := b.widthOf(0, b.at); w > f.room()-2 && from < b.at; {
		next := b.after(from)
		w -= unitCell(b.text[from:next]).Width()
		from = next
	}
	b.drawCursor(f, from, len(b.text))
}

// drawCursor draws a part of the text with the cursor in it.
func (b *box) drawCursor(f *frame, from, to int) {
	f.put(theme.Plain, cellOf(b.text[from:b.at]))
	rest := b.at
	if f.theme.Colourless() {
		f.glyph(theme.Plain, f.glyphs.caret)
	} else {
		under := safe.Cell(" ")
		if b.at < to {
			rest = b.after(b.at)
			under = unitCell(b.text[b.at:rest])
		}
		f.put(theme.Cursor, under)
	}
	f.put(theme.Plain, cellOf(b.text[rest:to]))
}

// cellOf draws a part of the text, grapheme by grapheme, as the lines were measured.
func cellOf(s string) safe.Cell {
	var parts []string
	for i := 0; i < len(s); {
		n := clusterLength(s[i:])
		parts = append(parts, string(unitCell(s[i:i+n])))
		i += n
	}
	return safe.Cell(strings.Join(slices.Clip(parts), ""))
}
