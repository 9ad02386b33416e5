package tui

import (
	"strings"

	"dovetail/tui/safe"
)

// apart cuts the beginning off texts that are alike for longer than there is room, at a blank before they begin to differ:
// what is not the same is not to look the same. Empty texts count for nothing.
func (g *glyphs) apart(texts []safe.Cell, width int) []safe.Cell {
	common, first, differ := 0, "", false
	for _, c := range texts {
		switch text := string(c); {
		case text == "":
		case first == "":
			first, common = text, len(text)
		default:
			differ = differ || text != first
			common = alike(first[:common], text)
		}
	}
	at := strings.LastIndexByte(first[:common], ' ')
	// A few columns of what differs are to be seen.
	if !differ || at <= 0 || widthOf(safe.Cell(first[:common])) < width-4 {
		return texts
	}
	out := make([]safe.Cell, len(texts))
	for i, c := range texts {
		if c != "" {
			out[i] = g.ellipsis + c[at:]
		}
	}
	return out
}

// alike is how many bytes two texts begin with alike.
func alike(a, b string) int {
	n := min(len(a), len(b))
	for i := range n {
		if a[i] != b[i] {
			return i
		}
	}
	return n
}
