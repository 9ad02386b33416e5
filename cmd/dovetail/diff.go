package main

import (
	"context"
	"strings"
	"unicode"

	"github.com/spf13/cobra"

	"dovetail/merge"
	"dovetail/tui/safe"
)

func (a *app) diffCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "diff CONFLICT",
		Short: "Show what each side changed, word by word",
		Long: `diff compares local and server with base, field by field and word by word: in colours on a terminal, else with
[-removed-] and {+added+} around the words.`,
		Example: `  dovetail diff 7
  dovetail diff --color always deal/D-1042 | less -R`,
		Args:              cobra.ExactArgs(1),
		ValidArgsFunction: a.completeConflict,
		RunE: func(c *cobra.Command, args []string) error {
			return a.withTarget(c.Context(), func(d target) error { return a.runDiff(c.Context(), d, args[0]) })
		},
	}
}

func (a *app) runDiff(ctx context.Context, on cases, name string) error {
	c, err := openCase(ctx, on, name)
	if err != nil {
		return err
	}
	r := c.Merge()
	if a.json {
		return a.writeObject(newMergeObject(r))
	}
	a.printCaseHead(c)
	style := plainStyle
	if a.colored(a.out) {
		style = colorStyle
	}
	for _, f := range r.Fields {
		a.print("")
		a.print("%s  %s", fieldName(f.Path), f.Outcome)
		a.printDiff(style, "base", f.Base, f.Base)
		a.printDiff(style, "local", f.Base, f.Local)
		a.printDiff(style, "server", f.Base, f.Server)
	}
	return nil
}

func (a *app) printDiff(style diffStyle, side string, base, value merge.Value) {
	if side != "base" && merge.Equal(base, value) {
		a.print("  %-7s as base", side)
		return
	}
	a.print("  %-7s %s", side, style.between(base, value))
}

// diffStyle is how removed and added words are marked.
type diffStyle struct{ cut, cutEnd, add, addEnd string }

var (
	plainStyle = diffStyle{cut: "[-", cutEnd: "-]", add: "{+", addEnd: "+}"}
	// Red struck through and green underlined: legible where the colours are not told apart.
	colorStyle = diffStyle{cut: "\x1b[9;31m", cutEnd: "\x1b[0m", add: "\x1b[4;32m", addEnd: "\x1b[0m"}
)

// between marks how value differs from base, either of which may be absent.
func (d diffStyle) between(base, value merge.Value) string {
	switch {
	case base == merge.Absent && value != merge.Absent:
		return d.add + string(safe.Value(value)) + d.addEnd
	case base != merge.Absent && value == merge.Absent:
		return d.cut + string(safe.Value(base)) + d.cutEnd
	}
	return d.words(safe.Value(base), safe.Value(value))
}

// words marks how value differs from base. Where a value holds the marks themselves, it is shown whole, since marks
// inside could not be told from ours.
func (d diffStyle) words(base, value safe.Cell) string {
	if base == value {
		return string(value)
	}
	if d == plainStyle && (holdsMarks(base) || holdsMarks(value)) {
		return string(value) + "   (was: " + string(base) + ")"
	}
	edits := wordDiff(splitWords(string(base)), splitWords(string(value)))
	if rewritten(edits) {
		return d.cut + string(base) + d.cutEnd + d.add + string(value) + d.addEnd
	}
	var out strings.Builder
	for _, e := range edits {
		switch e.side {
		case -1:
			out.WriteString(d.cut + e.text + d.cutEnd)
		case 1:
			out.WriteString(d.add + e.text + d.addEnd)
		default:
			out.WriteString(e.text)
		}
	}
	return out.String()
}

// rewritten reports whether so little is common to both that a word by word account reads worse than the two texts.
func rewritten(edits []edit) bool {
	var sizes [3]int
	for _, e := range edits {
		sizes[e.side+1] += len(strings.TrimSpace(e.text))
	}
	return 2*sizes[1] < max(sizes[0], sizes[2])
}

func holdsMarks(c safe.Cell) bool {
	for _, mark := range []string{"[-", "-]", "{+", "+}"} {
		if strings.Contains(string(c), mark) {
			return true
		}
	}
	return false
}

// splitWords cuts text into words and the single characters between them; joined again they are the text.
func splitWords(s string) []string {
	var words []string
	start := 0
	for i, r := range s {
		if unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsMark(r) {
			continue
		}
		if start < i {
			words = append(words, s[start:i])
		}
		end := i + len(string(r))
		words = append(words, s[i:end])
		start = end
	}
	if start < len(s) {
		words = append(words, s[start:])
	}
	return words
}

// edit is a run of words that is only in base (-1), only in value (1), or in both (0).
type edit struct {
	side int
	text string
}

// maxDiffCells bounds the table of wordDiff; longer texts are shown as one removal and one addition.
const maxDiffCells = 1 << 22

// wordDiff is the shortest edit from a to b by longest common subsequence, with runs joined.
func wordDiff(a, b []string) []edit {
	start := 0
	for start < len(a) && start < len(b) && a[start] == b[start] {
		start++
	}
	end := 0
	for end < len(a)-start && end < len(b)-start && a[len(a)-1-end] == b[len(b)-1-end] {
		end++
	}
	var edits []edit
	edits = appendEdit(edits, 0, a[:start]...)
	edits = middleDiff(edits, a[start:len(a)-end], b[start:len(b)-end])
	return appendEdit(edits, 0, a[len(a)-end:]...)
}

func middleDiff(edits []edit, a, b []string) []edit {
	if len(a)*len(b) > maxDiffCells {
		return appendEdit(appendEdit(edits, -1, a...), 1, b...)
	}
	width := len(b) + 1
	longest := make([]int32, (len(a)+1)*width)
	for i := len(a) - 1; i >= 0; i-- {
		for j := len(b) - 1; j >= 0; j-- {
			if a[i] == b[j] {
				longest[i*width+j] = longest[(i+1)*width+j+1] + 1
			} else {
				longest[i*width+j] = max(longest[(i+1)*width+j], longest[i*width+j+1])
			}
		}
	}
	i, j := 0, 0
	for i < len(a) && j < len(b) {
		switch {
		case a[i] == b[j]:
			edits = appendEdit(edits, 0, a[i])
			i, j = i+1, j+1
		case longest[(i+1)*width+j] >= longest[i*width+j+1]:
			edits = appendEdit(edits, -1, a[i])
			i++
		default:
			edits = appendEdit(edits, 1, b[j])
			j++
		}
	}
	edits = appendEdit(edits, -1, a[i:]...)
	return appendEdit(edits, 1, b[j:]...)
}

func appendEdit(edits []edit, side int, words ...string) []edit {
	if len(words) == 0 {
		return edits
	}
	text := strings.Join(words, "")
	if n := len(edits); n > 0 && edits[n-1].side == side {
		edits[n-1].text += text
		return edits
	}
	return append(edits, edit{side, text})
}
