package tui

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"dovetail/merge"
	"dovetail/tui/safe"
	"dovetail/tui/theme"
)

const (
	// maxTokens bounds the table of a comparison; the middle of longer texts counts as replaced.
	maxTokens = 160
	// maxCompared bounds what is compared at all, in bytes: it happens whenever the cursor moves.
	maxCompared = 32 << 10
)

// The marks around what was added and removed. They stand there with colours too: underlined and struck text is lost
// where a screen is copied.
const (
	addOpen, addClose       = "{+", "+}"
	removeOpen, removeClose = "[-", "-]"
)

// difference draws what became of one cell, word by word: what stays in the role given, what went and what came in
// marks. Where the two share no word, or a value holds the marks itself, nothing is marked.
func difference(from, to safe.Cell, role theme.Role) []span {
	if from == to || len(from)+len(to) > maxCompared || holdsMarks(from) || holdsMarks(to) {
		return []span{{role, to}}
	}
	a, b := from.Words(), to.Words()
	head := 0
	for head < len(a) && head < len(b) && a[head] == b[head] {
		head++
	}
	tail := 0
	for tail < len(a)-head && tail < len(b)-head && a[len(a)-1-tail] == b[len(b)-1-tail] {
		tail++
	}
	d := drawnDifference{role: role}
	d.same(b[:head])
	d.middle(a[head:len(a)-tail], b[head:len(b)-tail])
	d.same(b[len(b)-tail:])
	if !d.common {
		return []span{{role, to}} // another value altogether: marks would only be in the way
	}
	return d.spans
}

// compared is a value with the cell that it is drawn as.
type compared struct {
	value merge.Value
	cell  safe.Cell
}

// differenceOf draws what became of one value. Of two strings of which only one is drawn in quotation marks, both are
// compared in them: the marks are ours, and no part of what changed. So nothing is marked where the two are of different
// types, or one holds nothing; and a date is read as a whole.
func differenceOf(from, to compared, role theme.Role, g *glyphs) []span {
	if from.value.Type() != to.value.Type() || from.value == `""` || to.value == `""` || isDate(to.value) {
		return []span{{role, to.cell}}
	}
	if was, is := g.value(from.value), g.value(to.value); from.number() && to.number() && len(is) < len(to.cell) {
		// The unit behind both is no part of what differs.
		return append(difference(was, is, role), span{role, to.cell[len(is):]})
	}
	if !from.text() || from.quoted() == to.quoted() || len(from.cell)+len(to.cell) > maxCompared {
		return difference(from.cell, to.cell, role)
	}
	spans := difference(quotedCell(from.value, g), quotedCell(to.value, g), role)
	if len(spans) == 1 {
		return []span{{role, to.cell}}
	}
	return spans
}

func (c compared) number() bool { return c.value.Type() == merge.NumberType }

func (c compared) text() bool { return c.value.Type() == merge.StringType }

// quoted reports whether a string is drawn in quotation marks; none that is drawn bare begins with one.
func (c compared) quoted() bool { return strings.HasPrefix(string(c.cell), `"`) }

// quotedCell draws a string in quotation marks, as it is drawn within a list.
func quotedCell(v merge.Value, g *glyphs) safe.Cell {
	c := g.value("[" + v + "]")
	return c[1 : len(c)-1]
}

func holdsMarks(c safe.Cell) bool {
	s := string(c)
	return strings.Contains(s, addOpen) || strings.Contains(s, addClose) ||
		strings.Contains(s, removeOpen) || strings.Contains(s, removeClose)
}

// drawnDifference collects spans.
type drawnDifference struct {
	role  theme.Role
	spans []span
	// common says that both cells share more than signs and blanks.
	common bool
}

func (d *drawnDifference) same(words []safe.Cell) {
	for _, w := range words {
		r, _ := utf8.DecodeRuneInString(string(w))
		d.common = d.common || unicode.IsLetter(r) || unicode.IsDigit(r)
	}
	if len(words) > 0 {
		d.spans = append(d.spans, span{d.role, join(words)})
	}
}

func (d *drawnDifference) changed(gone, came []safe.Cell) {
	if len(gone) > 0 {
		d.spans = append(d.spans, span{theme.Removed, removeOpen + join(gone) + removeClose})
	}
	if len(came) > 0 {
		d.spans = append(d.spans, span{theme.Added, addOpen + join(came) + addClose})
	}
}

// join puts words together again.
func join(words []safe.Cell) safe.Cell {
	if len(words) == 1 {
		return words[0]
	}
	n := 0
	for _, w := range words {
		n += len(w)
	}
	out := make([]byte, 0, n)
	for _, w := range words {
		out = append(out, w...)
	}
	return safe.Cell(out)
}

// middle draws what lies between the first and the last word that differ.
func (d *drawnDifference) middle(a, b []safe.Cell) {
	if len(a) > maxTokens || len(b) > maxTokens {
		d.changed(a, b)
		return
	}
	// common[i][j] is how many words a[i:] and b[j:] can share.
	common := make([][]int, len(a)+1)
	for i := range common {
		common[i] = make([]int, len(b)+1)
	}
	for i := len(a) - 1; i >= 0; i-- {
		for j := len(b) - 1; j >= 0; j-- {
			if a[i] == b[j] {
				common[i][j] = common[i+1][j+1] + 1
				continue
			}
			common[i][j] = max(common[i+1][j], common[i][j+1])
		}
	}
	var gone, came, kept []safe.Cell
	i, j := 0, 0
	for i < len(a) || j < len(b) {
		if i < len(a) && j < len(b) && a[i] == b[j] {
			kept = append(kept, a[i])
			i, j = i+1, j+1
			continue
		}
		// A blank alone between two changes is part of the change: less to read.
		if blank := len(kept) == 1 && kept[0] == " "; blank && len(gone) > 0 && len(came) > 0 {
			gone, came, kept = append(gone, kept...), append(came, kept...), nil
		}
		if len(kept) > 0 {
			d.changed(gone, came)
			d.same(kept)
			gone, came, kept = nil, nil, nil
		}
		if j == len(b) || i < len(a) && common[i+1][j] >= common[i][j+1] {
			gone = append(gone, a[i])
			i++
		} else {
			came = append(came, b[j])
			j++
		}
	}
	d.changed(gone, came)
	d.same(kept)
}

// elide leaves out most of what did not change, so that what did comes into sight: of lines of a width, the less the
// narrower they are. Spans that are one whole stay so.
func elide(spans []span, mark safe.Cell, width int) []span {
	around := 12 // bytes at least, on each side of a change
	if width < 30 {
		around = 5
	}
	if len(spans) < 2 {
		return spans
	}
	out := make([]span, len(spans))
	for i, s := range spans {
		most := 3 * around
		if i == 0 || i == len(spans)-1 {
			most = 2 * around
		}
		if (s.role == theme.Plain || s.role == theme.Dim) && len(s.text) > most {
			words := pieces(s.text, 2*around)
			head, tail := 0, len(words)
			for n := 0; i > 0 && head < tail && n < around; head++ {
				n += len(words[head])
			}
			for n := 0; i < len(spans)-1 && tail > head && n < around; tail-- {
				n += len(words[tail-1])
			}
			if head < tail && widthOf(join(words[head:tail])) > widthOf(mark) {
				s.text = join(words[:head]) + mark + join(words[tail:])
			}
		}
		out[i] = s
	}
	return out
}

// pieces are the words of a cell, those longer than so many bytes taken apart.
func pieces(c safe.Cell, long int) []safe.Cell {
	var out []safe.Cell
	for _, w := range c.Words() {
		if len(w) > long {
			out = append(out, w.Units()...)
		} else {
			out = append(out, w)
		}
	}
	return out
}

// wrapSpans puts spans on lines of at most width columns, limit lines at most; the last one keeps the rest, to be cut
// with a mark where it is drawn.
func wrapSpans(spans []span, width, limit int) [][]span {
	width = max(width, 1)
	var lines [][]span
	var line []span
	used := 0
	for _, s := range spans {
		for s.text != "" {
			if len(lines)+1 >= limit {
				line = append(line, s)
				break
			}
			head := headOf(s.text, width-used)
			if used > 0 && head != s.text && (opensMark(head) || oneWord(s.text, head, width)) {
				head = "" // a mark stays in one piece, and so does a word between marks
			}
			if head == "" && used == 0 {
				head = s.text
			}
			if head != "" {
				line = append(line, span{s.role, head})
				used += widthOf(head)
			}
			if s.text = s.text[len(head):]; s.text != "" {
				lines, line, used = append(lines, line), nil, 0
			}
		}
	}
	return append(lines, line)
}

// opensMark reports whether c is no more than the beginning of a mark.
func opensMark(c safe.Cell) bool {
	for _, mark := range [...]string{addOpen, removeOpen, localOpen, serverOpen} {
		if c != "" && strings.HasPrefix(mark, string(c)) {
			return true
		}
	}
	return false
}

// oneWord reports whether c stands between marks, fits on a line of its own, and would be broken within a word.
func oneWord(c, head safe.Cell, width int) bool {
	marked := strings.HasPrefix(string(c), addOpen[:1]) || strings.HasPrefix(string(c), removeOpen[:1])
	return marked && len(c) <= width && !strings.Contains(string(head), " ")
}

// headOf returns what of c goes into width columns, to the last blank in it if c goes on.
func headOf(c safe.Cell, width int) safe.Cell {
	if width <= 0 {
		return ""
	}
	if len(c) <= width && widthOf(c) <= width {
		return c
	}
	head := c.TruncateWith(width, "")
	if len(head) == len(c) {
		return head
	}
	if blank := strings.LastIndexByte(string(head), ' '); blank > len(head)/2 {
		return head[:blank+1]
	}
	return head
}
