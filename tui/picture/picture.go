// Package picture makes SVG pictures of what stands on a terminal.
//
// [SVG] is all of it. A picture stands alone: no script, no font and no address leads out of it, and whatever text stands on
// the screen is text in it. A run of text is drawn in the columns that it takes on a terminal, whatever the font.
package picture

import (
	"encoding/xml"
	"fmt"
	"strings"

	"github.com/charmbracelet/x/ansi"
)

// The size of a cell, and what is left around them, in pixels.
const (
	cellWidth  = 9
	cellHeight = 19
	baseline   = 14
	margin     = 12
	fontSize   = 15
)

// What is drawn where nothing else is said.
const (
	fonts = "ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', monospace"
	paper = "#16181d"
	ink   = "#d0d0d0"
)

// SVG draws a screen of lines with SGR sequences, as many columns wide and rows high; what is beyond is left out. Other
// sequences and control characters are left out as well. The title is for those who do not see it.
func SVG(screen, title string, columns, rows int) string {
	var out strings.Builder
	width, height := columns*cellWidth+2*margin, rows*cellHeight+2*margin
	fmt.Fprintf(&out, `<svg xmlns="http://www.w3.org/2000/svg" role="img" width="%d" height="%d" viewBox="0 0 %d %d">`+"\n",
		width, height, width, height)
	fmt.Fprintf(&out, "<title>%s</title>\n", escaped(title))
	fmt.Fprintf(&out, `<rect width="%d" height="%d" rx="8" fill="%s"/>`+"\n", width, height, paper)
	fmt.Fprintf(&out, `<g font-family="%s" font-size="%d" xml:space="preserve">`+"\n", fonts, fontSize)
	var p pen
	for row, line := range strings.Split(strings.TrimSuffix(screen, "\n"), "\n") {
		if row == rows {
			break
		}
		p = drawLine(&out, line, row, columns, p)
	}
	out.WriteString("</g>\n</svg>\n")
	return out.String()
}

// drawLine draws one line, and returns the pen that it ends with.
func drawLine(out *strings.Builder, line string, row, columns int, p pen) pen {
	column := 0
	for len(line) > 0 && column < columns {
		var run string
		if at := strings.IndexByte(line, '\x1b'); at == 0 {
			sequence, parameters := nextSequence(line)
			line = line[len(sequence):]
			if parameters != nil {
				p = p.with(parameters)
			}
			continue
		} else if at > 0 {
			run, line = line[:at], line[at:]
		} else {
			run, line = line, ""
		}
		run = ansi.Truncate(clean(run), columns-column, "")
		drawRun(out, run, row, column, p)
		column += ansi.StringWidth(run)
	}
	for len(line) > 0 { // what is beyond may change the pen
		at := strings.IndexByte(line, '\x1b')
		if at < 0 {
			break
		}
		sequence, parameters := nextSequence(line[at:])
		line = line[at+len(sequence):]
		if parameters != nil {
			p = p.with(parameters)
		}
	}
	return p
}

// drawRun draws text of one look from a column on.
func drawRun(out *strings.Builder, run string, row, column int, p pen) {
	front, back := p.colors()
	x, y := margin+column*cellWidth, margin+row*cellHeight
	if wide := ansi.StringWidth(run); back != "" && wide > 0 {
		fmt.Fprintf(out, `<rect x="%d" y="%d" width="%d" height="%d" fill="%s"/>`+"\n", x, y, wide*cellWidth, cellHeight, back)
	}
	text := strings.TrimLeft(run, " ")
	x += (len(run) - len(text)) * cellWidth
	if !p.underline && !p.strike {
		text = strings.TrimRight(text, " ")
	}
	wide := ansi.StringWidth(text)
	if wide == 0 {
		return
	}
	fmt.Fprintf(out, `<text x="%d" y="%d" textLength="%d" lengthAdjust="spacingAndGlyphs" fill="%s"%s>%s</text>`+"\n",
		x, y+baseline, wide*cellWidth, front, p.attributes(), escaped(text))
}

// clean leaves out control characters: nothing of a terminal acts in a picture.
func clean(s string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r >= 0x7F && r < 0xA0 {
			return -1
		}
		return r
	}, s)
}

// escaped makes text of anything. What XML cannot hold becomes U+FFFD.
func escaped(s string) string {
	var out strings.Builder
	if err := xml.EscapeText(&out, []byte(s)); err != nil {
		return "" // a strings.Builder fails at nothing
	}
	return out.String()
}
