package tui

import (
	"fmt"
	"strings"

	"dovetail/merge"
	"dovetail/tui/safe"
)

// toldWidth is how many columns of a value are told unasked; v tells the rest.
const toldWidth = 300

// tell says what changed since it was said last.
func (l *linear) tell() {
	m := &l.m
	if m.screen != l.told.screen {
		l.told = toldState{screen: m.screen, play: playTold{story: l.told.play.story, side: l.told.play.side}}
	}
	switch m.screen {
	case onQueue:
		l.tellStatus(&m.queue.status)
		l.tellQueue()
	case onPlay:
		l.tellPlay()
		l.tellStatus(&m.play.status)
	case onRecords:
		l.tellRecords()
	case onReview:
		l.tellReview()
		l.tellStatus(&m.review.status)
	case onWritten:
		l.tellWritten()
		l.tellStatus(&m.written.status)
	case onResolve:
		l.tellStatus(&m.resolve.status) // what became of the conflict before comes first
		l.tellConflict()
		l.tellField()
	}
}

// tellStatus says what just happened, once.
func (l *linear) tellStatus(s *status) {
	if s.text != "" {
		l.say(l.plain(s.text))
	}
	*s = status{}
}

// plain puts a line that was made for the screen in signs that are read out.
func (l *linear) plain(c safe.Cell) safe.Cell { return l.m.env.words(string(c)) }

// short is as much of a value as is told unasked.
func (l *linear) short(c safe.Cell) safe.Cell {
	if w := c.Width(); w > toldWidth {
		return c.TruncateWith(toldWidth, "...") + safe.Cell(fmt.Sprintf(" (%d columns; v tells all)", w))
	}
	return c
}

// tellQueue lists a page of conflicts from the cursor on.
func (l *linear) tellQueue() {
	q := &l.m.queue
	from := max(q.cursor, 0)
	to := min(from+max(q.listHeight()-1, 1), len(q.w.rows))
	state := fmt.Sprint(q.seq, q.tab, from, to, q.typed, len(q.w.rows), len(q.marked))
	if l.told.queue == state {
		return
	}
	l.told.queue = state
	l.say("")
	title := safe.Cell("Conflicts")
	if l.m.env.title != "" {
		title = l.plain(l.m.env.title) + ", conflicts"
	}
	l.say(title, safe.Cell(fmt.Sprintf(": %d open, %d snoozed, %d resolved. Your drafts: %d.", q.counts.Open, q.counts.Snoozed,
		q.counts.Resolved, q.counts.Drafts)))
	if q.typed != "" {
		l.say("Filter: ", safe.Text(q.typed))
	}
	if q.group != nil {
		l.say("Group: ", l.groupTold(q.group), ". back goes to all groups.")
	}
	if q.err != nil {
		l.say("The queue cannot be read: ", safe.Text(q.err.Error()))
		return
	}
	if len(q.w.rows) == 0 {
		l.say("List: empty, state ", tabState(q), ".")
		return
	}
	for i := from; i < to; i++ {
		_, marked := q.marked[q.w.rows[i].Number]
		l.tellRow(&q.w.rows[i].Conflict, marked)
	}
	if to < len(q.w.rows) || q.w.rows[len(q.w.rows)-1].Number != 0 && moreAfter(q) {
		l.say("More: pgdown goes on.")
	}
}

func moreAfter(q *queueModel) bool {
	_, more := q.w.moreAfter()
	return more
}

// tellRow says one conflict of the list on one line.
func (l *linear) tellRow(c *merge.Conflict, marked bool) {
	fields := make([]string, len(c.Fields))
	for i, path := range c.Fields {
		fields[i] = merge.PathLabel(path)
	}
	e := l.m.env
	line := safe.Cell(fmt.Sprintf("Conflict %d: ", c.Number)) + safe.Text(c.Record.String()) + ", " + safe.Cell(c.Kind.String())
	if len(fields) > 0 && c.Fields[0] != "" {
		line += ", fields: " + safe.Text(strings.Join(fields, ", "))
	}
	if who := person(c.LocalBy, c.Device); who != "" {
		line += ", local: " + who
	}
	if c.ServerBy != "" {
		line += ", server: " + safe.Text(c.ServerBy)
	}
	if old := age(c.OpenedAt, e.now()); old != "" {
		line += ", age: " + old
	}
	if by := l.m.queue.others(c); by != "" {
		line += ", " + by + " is at it"
	}
	if c.Draft != nil {
		line += safe.Cell(fmt.Sprintf(", draft: %d of %d decided", c.Draft.Decided, len(c.Fields)))
		if c.Draft.Stale {
			line += ", moved since"
		}
	}
	if marked {
		line += ", marked"
	}
	l.say(line, ".")
}

// tellConflict says what the conflict as a whole is.
func (l *linear) tellConflict() {
	r := &l.m.resolve
	state := fmt.Sprint(r.number, r.seq)
	if l.told.conflict == state {
		return
	}
	l.told.conflict, l.told.field = state, ""
	l.say("")
	if r.err != nil {
		l.say("Conflict ", safe.Cell(fmt.Sprint(r.number)), " cannot be opened: ", safe.Text(r.err.Error()), ". q goes back.")
		return
	}
	if r.s == nil {
		return
	}
	c, e := &r.s.Conflict, l.m.env
	l.say(safe.Cell(fmt.Sprintf("Conflict %d: ", c.Number)), r.s.record, ", ", safe.Cell(c.Kind.String()))
	l.say("Local: ", whoAndHow(r.s.Local, e.now(), e.location, e.glyphs))
	l.say("Server: ", who(r.s.Server, e.now(), e.location, e.glyphs), safe.Cell(fmt.Sprintf(", version %d", c.ServerVersion)))
	l.say("Base: ", stamped(r.s.Base, e.now(), e.location, e.glyphs))
	if r.banner != "" {
		l.say("Note: ", l.plain(r.banner))
	}
	if both := r.bothWords(); both != "" {
		l.say("Note: ", both)
	}
	l.say(safe.Cell(fmt.Sprintf("Fields: %d in conflict, %d left, %d %s, %d nobody changed. fields lists them.",
		r.s.conflicts, len(r.open), r.s.merged, byThemselves(r.s.merged), r.s.same)))
}

// tellField says what the field at the cursor may become.
func (l *linear) tellField() {
	r := &l.m.resolve
	f := r.focused()
	if f == nil {
		return
	}
	state := fmt.Sprint(r.number, f.Path, r.draft.Decisions[f.Path])
	compare := l.compare
	l.compare = false
	if l.told.field == state && !compare {
		return
	}
	l.told.field = state
	l.say("")
	name := f.name
	if f.Path == "" {
		name = "the record as a whole"
	}
	if f.label != "" {
		name += ", " + f.label
	}
	l.say("Field: ", name)
	if f.Path != "" {
		l.say("Type: ", safe.Cell(typeWord(f)))
	}
	if place := r.detailPlace(f); place != "" {
		l.say("State: ", place)
	}
	if r.isMoved(f.Path) {
		l.say("Changed: since you decided")
	}
	l.say("Why: ", l.plain(r.why(f)))
	l.tellElements(f)
	for _, o := range r.optionsOf(f) {
		l.tellOption(f, &o, compare)
	}
	for i := range r.s.touched {
		if t := &r.s.touched[i]; f.Path == "" {
			l.say("Changed field: ", t.name, ", from: ", l.short(t.base), ", to: ", l.short(t.local))
		}
	}
}

// tellElements says what each side made of a list.
func (l *linear) tellElements(f *field) {
	if f.list == nil {
		return
	}
	for i := range f.list.local {
		l.say("Element, local: ", l.plain(f.list.local[i].word), ", ", l.short(f.list.local[i].text[1:]))
	}
	for i := range f.list.server {
		l.say("Element, server: ", l.plain(f.list.server[i].word), ", ", l.short(f.list.server[i].text[1:]))
	}
}

// tellOption says one value that the field may become: the key, what it is, and the value, which is the last so that
// nothing in it passes for words of ours.
func (l *linear) tellOption(f *field, o *option, compare bool) {
	label := safe.Cell(strings.ToLower(string(o.name)))
	value := plainSpans(o.value)
	if o.choice != merge.Undecided && f.Path != "" && !compare {
		if side := f.side(o.choice); side != "" {
			value = side
		}
		if o.choice == merge.TakeCombined {
			_, value = l.m.resolve.combined(f)
		}
		value += pad(o.here)
	}
	if o.key != " " && o.key != "!" {
		label = o.key + ". " + label
	}
	if o.key == "c" || o.choice == merge.Undecided {
		// Of the sides the head has told; a stamp stands before the value, which may look like one.
		if o.stamp != "" {
			label += ", " + l.plain(o.stamp)
		}
	}
	l.say(label, ": ", l.short(value))
}

func plainSpans(spans []span) safe.Cell {
	var c safe.Cell
	for _, s := range spans {
		c += s.text
	}
	return c
}

// listFields says how each field stands.
func (l *linear) listFields() {
	r := &l.m.resolve
	if r.s == nil {
		return
	}
	for i := range r.s.fields {
		f := &r.s.fields[i]
		if f.section == unchanged && !r.showSame {
			continue
		}
		name := f.name
		if f.Path == "" {
			name = "the record as a whole"
		}
		how := r.detailPlace(f)
		if r.isOpen(f) {
			how = "left to decide"
		}
		value := r.marks[i].value
		if r.isOpen(f) {
			l.say("Field: ", name, ", ", how)
			continue
		}
		l.say("Field: ", name, ", ", how, ", result: ", l.short(value))
	}
	if !r.showSame && r.s.same > 0 {
		l.say("Not changed: ", safe.Cell(plural(r.s.same, "field")), ". a lists them too.")
	}
}

// tellFull says the values in full.
func (l *linear) tellFull() {
	for _, line := range l.m.resolve.full.lines {
		if line.spans != nil {
			l.say(l.plain(plainSpans(line.spans)))
			continue
		}
		if line.head {
			l.say(l.plain(line.text))
			continue
		}
		l.say("  ", line.text) // so that no line of a value passes for words of ours
	}
}

// tellReview says what would be written.
func (l *linear) tellReview() {
	v := &l.m.review
	if l.quiet {
		l.quiet = false
		return
	}
	l.say("")
	l.say("Review: ", v.s.record, ". Nothing is written yet.")
	l.say(safe.Cell(fmt.Sprintf("Written on top of: the server's version %d, if it is still the last", v.draft.ServerVersion)))
	l.tellLines(v.lines)
	if v.draft.Note != "" {
		l.say("Note: ", safe.Text(v.draft.Note))
	}
}

// tellLines says prepared lines of a review.
func (l *linear) tellLines(lines []reviewLine) {
	for i := range lines {
		line := &lines[i]
		text := safe.Cell(strings.TrimSpace(string(plainSpans(line.text))))
		switch {
		case line.name != "" && line.tag != "":
			l.say("Field: ", line.name, ", from ", tagWord(line.tag), ", server now: ", l.short(line.now), ", after writing: ", l.short(line.after))
		case line.name != "":
			l.say("Field: ", line.name, ", before: ", l.short(line.now), ", now: ", l.short(line.after))
		case text != "":
			l.say(l.plain(text))
		}
	}
}

// tagWord says a tag of the list in a word.
func tagWord(tag safe.Cell) safe.Cell {
	words := map[safe.Cell]safe.Cell{"L": "local", "S": "server", "B": "base", "C": "combined", "E": "edited", "0": "removed",
		"=L": "local by itself", "=S": "server by itself", "==": "both", "=": "server", "!": "nobody yet"}
	if w, ok := words[tag]; ok {
		return w
	}
	return tag
}

// tellWritten says what was written.
func (l *linear) tellWritten() {
	w := &l.m.written
	state := fmt.Sprint(w.written.Conflict, w.written.Resolution)
	if l.told.conflict == state {
		return
	}
	l.told.conflict = state
	l.say("")
	l.say("Written: ", w.record, ", ", l.plain(w.sentence()))
	l.tellLines(w.lines)
	if w.left == 0 {
		l.say("Left in the queue: 0")
		return
	}
	l.say("Left in the queue: ", safe.Cell(thousands(w.left)))
}

// pointing are actions on the brackets that the screen draws; here a choice is named.
var pointing = map[intent]bool{goLeft: true, goRight: true, take: true, takeAndNext: true, switchMouse: true, showPalette: true}

// listKeys says what can be typed here.
func (l *linear) listKeys(k keymap) {
	l.say("Type a key or a name, then Enter.")
	switch l.m.screen {
	case onQueue:
		l.say("A number: opens that conflict")
		l.say("mark or snooze, and numbers: those conflicts")
	case onPlay:
		l.playKeysTold()
	case onRecords:
		l.recordKeysTold()
	case onResolve:
		l.say("Enter alone: the next field that is left")
		l.say("fields: lists all fields")
		l.say("/ and a part of a name: goes to that field")
	}
	for i := range k {
		name := intentNames[k[i].intent]
		if pointing[k[i].intent] || name == "" {
			continue
		}
		for _, key := range k[i].Keys() {
			if !strings.Contains(key, "+") && key != " " && (l.m.screen != onQueue && l.m.screen != onRecords || !isNumber(key)) {
				name += ", " + key
			}
		}
		l.say(safe.Cell(name), ": ", l.plain(safe.Cell(k[i].Help().Desc)))
	}
}

// tabState is the state of the conflicts that the queue lists.
func tabState(q *queueModel) safe.Cell {
	if q.tab == draftsTab {
		return "with your drafts"
	}
	return safe.Cell(tabStates[q.tab][0].String())
}
