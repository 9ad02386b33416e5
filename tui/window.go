package tui

import (
	"slices"

	"dovetail/merge"
	"dovetail/tui/safe"
	"dovetail/tui/theme"
)

const (
	pageRows = 100 // rows asked for at a time
	maxPages = 6   // kept around the cursor; what lies further away is asked for again
)

// pageAsk says which page of the queue was asked for.
type pageAsk uint8

const (
	askNone   pageAsk = iota
	askFirst          // the queue's beginning; what is there goes
	askLast           // its end; what is there goes
	askAgain          // the page around the cursor, once more; what is there goes
	askAfter          // what follows the window
	askBefore         // what stands before it
)

// window is the part of the queue that is held: pages next to each other, around the cursor. It stays small however
// long the queue is.
type window struct {
	pages []heldPage
	rows  []queueRow // of all pages, in order
	// start is how many rows stand before the window, -1 where that is not known.
	start int64
	// recordWidth is how wide the longest record's name is.
	recordWidth int
}

// heldPage is a page with the question that it answers.
type heldPage struct {
	merge.Page
	from     merge.Cursor
	backward bool
}

// queueRow is a row of the queue, made ready to be drawn.
type queueRow struct {
	merge.Conflict
	mark, record, fields, left, local, server safe.Cell
	drawn                                     []byte // as it was drawn last, where it was not at the cursor
	drawnFor                                  rowLook
}

// rowLook is all that the look of a row depends on beside what it holds.
type rowLook struct {
	columns queueColumns
	width   int
	age     safe.Cell
	others  safe.Cell // who has claimed it
	marked  bool
	theme   *theme.Theme
}

// replace begins the window with one page.
func (w *window) replace(p heldPage, start int64, g *glyphs) {
	w.pages, w.start = []heldPage{p}, start
	w.rows = appendRows(nil, p.Conflicts, g)
}

// after adds the page that follows and lets the first one go if there are many. It returns how many rows went away
// before the others.
func (w *window) after(p heldPage, g *glyphs) int {
	w.pages = append(slices.Clip(w.pages), p)
	w.rows = appendRows(slices.Clip(w.rows), p.Conflicts, g)
	if len(w.pages) <= maxPages {
		return 0
	}
	gone := len(w.pages[0].Conflicts)
	w.pages = slices.Clone(w.pages[1:])
	w.pages[0].Before = true
	w.rows = slices.Clone(w.rows[gone:])
	if w.start >= 0 {
		w.start += int64(gone)
	}
	return gone
}

// before adds the page that stands before and returns how many rows it put before the others.
func (w *window) before(p heldPage, g *glyphs) int {
	w.pages = append([]heldPage{p}, w.pages...)
	w.rows = append(appendRows(nil, p.Conflicts, g), w.rows...)
	if w.start >= 0 {
		w.start = max(w.start-int64(len(p.Conflicts)), 0)
	}
	if len(w.pages) > maxPages {
		last := len(w.pages) - 1
		w.rows = slices.Clone(w.rows[:len(w.rows)-len(w.pages[last].Conflicts)])
		w.pages = slices.Clone(w.pages[:last])
		w.pages[last-1].After = true
	}
	return len(p.Conflicts)
}

// moreAfter and moreBefore say whether rows stand outside the window, and from where to ask for them.
func (w *window) moreAfter() (merge.Cursor, bool) {
	if len(w.pages) == 0 {
		return "", false
	}
	last := w.pages[len(w.pages)-1]
	return last.Last, last.After
}

func (w *window) moreBefore() (merge.Cursor, bool) {
	if len(w.pages) == 0 {
		return "", false
	}
	return w.pages[0].First, w.pages[0].Before
}

// index finds a conflict, -1 if the window does not hold it.
func (w *window) index(number int64) int {
	return slices.IndexFunc(w.rows, func(r queueRow) bool { return r.Number == number })
}

// heldSpan is a part of a window, with the question that it answers.
type heldSpan struct {
	from     merge.Cursor
	backward bool
	rows     int // how many it has
	before   int // rows of the window stand before it
}

// span returns the pages that hold what is on the screen, from row to row; where no one question is for all of these, the
// page that holds the cursor.
func (w *window) span(top, bottom, cursor int) heldSpan {
	first, last := w.pageAt(top), w.pageAt(bottom)
	switch {
	case !w.pages[first].backward:
		return w.heldSpanOf(first, last, w.pages[first].from, false)
	case first > 0:
		return w.heldSpanOf(first, last, w.pages[first-1].Last, false)
	case w.pages[last].backward:
		return w.heldSpanOf(first, last, w.pages[last].from, true)
	}
	at := w.pageAt(cursor)
	return w.heldSpanOf(at, at, w.pages[at].from, w.pages[at].backward)
}

func (w *window) heldSpanOf(first, last int, from merge.Cursor, backward bool) heldSpan {
	s := heldSpan{from: from, backward: backward}
	for i, p := range w.pages[:last+1] {
		if i < first {
			s.before += len(p.Conflicts)
		} else {
			s.rows += len(p.Conflicts)
		}
	}
	return s
}

// pageAt returns which page holds a row; for a row beyond them the last.
func (w *window) pageAt(row int) int {
	for i, p := range w.pages {
		if row -= len(p.Conflicts); row < 0 {
			return i
		}
	}
	return len(w.pages) - 1
}

// remove takes a conflict out.
func (w *window) remove(number int64) {
	at := w.index(number)
	if at < 0 {
		return
	}
	w.rows = slices.Delete(slices.Clone(w.rows), at, at+1)
	pages := slices.Clone(w.pages)
	for i := range pages {
		pages[i].Conflicts = slices.DeleteFunc(slices.Clone(pages[i].Conflicts), func(c merge.Conflict) bool { return c.Number == number })
	}
	w.pages = pages
}

// measure finds out how wide the names are.
func (w *window) measure() {
	w.recordWidth = 0
	for i := range w.rows {
		w.recordWidth = max(w.recordWidth, widthOf(w.rows[i].record))
	}
}

func appendRows(rows []queueRow, conflicts []merge.Conflict, g *glyphs) []queueRow {
	for _, c := range conflicts {
		rows = append(rows, newQueueRow(c, g))
	}
	return rows
}

func newQueueRow(c merge.Conflict, g *glyphs) queueRow {
	r := queueRow{Conflict: c, mark: "!", record: safe.Text(c.Record.String()), local: person(c.LocalBy, c.Device), server: safe.Text(c.ServerBy)}
	left := len(c.Fields)
	if c.Draft != nil {
		left -= c.Draft.Decided
		if c.Draft.Stale {
			r.mark = "~"
		}
	}
	r.left = safe.Cell(plural(left, "field"))
	if c.Draft != nil {
		r.left = safe.Cell(itoa(left)+" of ") + safe.Cell(itoa(len(c.Fields)))
	}
	switch {
	case c.State == merge.Resolved:
		r.mark, r.left = g.check, ""
	case len(c.Fields) == 0: // the rules have changed since, or what is written to refused it
		r.fields, r.left = "nothing left", "write"
	case c.Kind == merge.EditDelete:
		r.fields = g.words("edited ⇄ deleted")
	case c.Kind == merge.DeleteEdit:
		r.fields = g.words("deleted ⇄ edited")
	case c.Kind == merge.NoBase:
		r.fields = "no base: "
	case c.Kind == merge.CreateCreate:
		r.fields = "created by both"
	}
	if len(c.Fields) == 1 && c.Fields[0] == "" {
		if r.left == "1 field" {
			r.left = "record"
		}
		if c.Kind != merge.NoBase && r.fields != "" {
			return r
		}
	}
	if c.Kind == merge.CreateCreate && r.fields != "" {
		r.fields += ": "
	}
	const shown = 8
	for i, path := range c.Fields {
		if i == shown {
			r.fields += g.ellipsis
			break
		}
		if i > 0 {
			r.fields += ", "
		}
		r.fields += safe.Text(merge.PathLabel(path))
	}
	return r
}
