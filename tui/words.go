package tui

import (
	"strings"

	"dovetail/tui/safe"
	"dovetail/tui/theme"
)

// wordPiece is a part of a word: a word may go over several spans.
type wordPiece struct {
	span
	blank bool // a blank stands before it
}

// wrapWords breaks prose into lines of a width at blanks, wherever one role ends and another begins, and cuts it with a
// mark where it takes more than limit lines.
func wrapWords(spans []span, width, limit int, mark safe.Cell) [][]span {
	width = max(width, 1)
	var lines [][]span
	var line []span
	used := 0
	words := wordsOf(spans)
	for i, word := range words {
		wide, gap := 0, 0
		for _, p := range word {
			wide += widthOf(p.text)
		}
		if used > 0 && word[0].blank {
			gap = 1
		}
		if used > 0 && used+gap+wide > width {
			if len(lines)+1 >= limit {
				return append(lines, cutLine(line, words[i:], width, mark))
			}
			lines, line, used, gap = append(lines, line), nil, 0, 0
		}
		if gap > 0 {
			line = append(line, span{word[0].role, " "})
		}
		for _, p := range word {
			line = append(line, p.span)
		}
		used += gap + wide
	}
	return append(lines, line)
}

// cutLine ends the last line there is room for: with the mark, and as much of the next word as goes in.
func cutLine(line []span, rest [][]wordPiece, width int, mark safe.Cell) []span {
	used := widthOfSpans(line)
	word := rest[0]
	if room := width - used - 1; room > 8 && widthOf(word[0].text) > room {
		return append(line, span{word[0].role, " "}, span{word[0].role, word[0].text.TruncateWith(room, mark)})
	}
	for len(line) > 1 && used+widthOf(mark) > width {
		last := line[len(line)-1]
		used -= widthOf(last.text)
		line = line[:len(line)-1]
	}
	return append(line, span{theme.Plain, mark})
}

// wordsOf takes spans apart at blanks.
func wordsOf(spans []span) [][]wordPiece {
	var words [][]wordPiece
	blank := true
	for _, s := range spans {
		for i, part := range strings.Split(string(s.text), " ") {
			if i > 0 {
				blank = true
			}
			if part == "" {
				continue
			}
			p := wordPiece{span: span{s.role, safe.Cell(part)}, blank: blank}
			if blank || len(words) == 0 {
				words = append(words, []wordPiece{p})
			} else {
				words[len(words)-1] = append(words[len(words)-1], p)
			}
			blank = false
		}
	}
	return words
}
