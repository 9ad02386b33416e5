package tui

import (
	"fmt"
	"slices"

	"dovetail/merge"
	"dovetail/tui/safe"
	"dovetail/tui/theme"
)

// View draws the records.
func (m recordsModel) View() string {
	f := m.env.frame
	f.begin(m.width, m.height)
	switch {
	case m.open != nil && m.open.mode == recordPast:
		m.drawPast(f)
	case m.open != nil:
		m.drawRecord(f)
	default:
		m.drawRecords(f)
	}
	return f.end()
}

func (m *recordsModel) footRows() int { return min(footerRows(m.width, m.height), 2) }

func (m *recordsModel) drawRecords(f *frame) {
	rules := m.height >= 18
	f.put(theme.Plain, " ")
	if m.env.title != "" {
		f.put(theme.Strong, m.env.title+m.env.glyphs.dot)
	}
	f.put(theme.Title, "RECORDS")
	f.right(theme.Dim, "as "+f.cut(safe.Text(m.env.you), 20))
	f.line()
	q := queueModel{env: m.env, counts: m.counts, counted: m.counted}
	q.drawTabsFrom(f, true)
	f.line()
	m.drawCollection(f)
	if rules {
		f.rule()
	}
	id := min(max(f.width/4, 12), 32)
	f.spaces(2)
	f.queueCell(theme.Heading, "RECORD", id)
	f.put(theme.Heading, "FIELDS")
	f.line()
	if rules {
		f.rule()
	}
	end := 1 + m.footRows()
	if rules {
		end++
	}
	if len(m.rows) == 0 {
		m.drawNoRecords(f)
	}
	for i := m.top; i < len(m.rows) && i < m.top+m.page() && f.left() > end; i++ {
		m.drawRecordRow(f, &m.rows[i], id, i == m.cursor)
		f.hot(f.col, spot{row: i})
		f.line()
	}
	f.lines(f.left() - end)
	if m.err != nil && len(m.rows) > 0 {
		m.status = failed("the records could not be read: ", m.err)
	}
	if m.naming {
		m.namingWords().draw(f)
	} else {
		m.status.draw(f)
	}
	f.line()
	if rules {
		f.rule()
	}
	f.footer(m.keys(), m.footRows(), func(what intent) bool {
		switch what {
		case openCase, goDown:
			return len(m.rows) > 0
		case goRight:
			return len(m.collections) > 1
		}
		return true
	})
}

func (m *recordsModel) drawCollection(f *frame) {
	if m.naming {
		f.put(theme.Strong, " NEW RECORD ")
		m.box.drawOneLine(f)
		f.line()
		return
	}
	if m.typing {
		f.put(theme.Dim, " search: ")
		m.box.drawOneLine(f)
		f.line()
		return
	}
	f.put(theme.Dim, " collection: ")
	f.put(theme.Strong, f.cut(safe.Text(m.collection), f.width/3))
	if n := len(m.collections); n > 1 {
		f.put(theme.Dim, safe.Cell(fmt.Sprintf(" %d of %d", slices.Index(m.collections, m.collection)+1, n)))
	}
	if m.text != "" {
		f.put(theme.Dim, "  holding: ")
		f.put(theme.Strong, safe.Text(m.text))
	}
	f.line()
}

func (m *recordsModel) drawNoRecords(f *frame) {
	f.line()
	switch {
	case m.err != nil:
		failed("the records could not be read: ", m.err).draw(f)
	case m.loading:
		f.put(theme.Dim, "   reading"+m.env.glyphs.ellipsis)
	case m.text != "":
		f.put(theme.Plain, "   No record of the collection holds that.")
	default:
		f.put(theme.Plain, "   There is no record. n makes one.")
	}
	f.line()
}

func (m *recordsModel) drawRecordRow(f *frame, r *recordRow, id int, here bool) {
	f.lit = here
	m.drawCursor(f, here)
	f.queueCell(theme.Plain, r.id, id)
	if notes := r.notes + m.draftNote(r); notes != "" {
		f.put(theme.Strong, notes+"  ")
	}
	f.put(theme.Dim, r.text)
}

// draftNote says that the person has a draft of a record.
func (m *recordsModel) draftNote(r *recordRow) safe.Cell {
	switch has := slices.ContainsFunc(m.drafts, func(d merge.RecordDraft) bool { return d.Record == r.key }); {
	case !has:
		return ""
	case r.notes != "":
		return ", draft"
	}
	return "draft"
}

func (m *recordsModel) drawCursor(f *frame, here bool) {
	sign := " "
	if here {
		sign = f.glyphs.cursor
	}
	f.glyph(theme.Strong, sign)
	f.spaces(1)
}

// recordDetail is how many lines the field at the cursor, or the edit box, gets.
func (m *recordsModel) recordDetail() int {
	if m.height >= 18 {
		return 5
	}
	return 3
}

// recordPage is how many fields are in sight.
func (m *recordsModel) recordPage() int {
	used := 2 + 1 + m.recordDetail() + 1 + m.footRows()
	if m.height >= 18 {
		used += 4
	}
	return max(m.height-used, 1)
}

func (m *recordsModel) drawRecord(f *frame) {
	o, rules := m.open, m.height >= 18
	m.drawRecordHead(f)
	if rules {
		f.rule()
	}
	name := 8
	for i := range o.rows {
		name = max(name, min(o.rows[i].name.Width(), f.width/4))
	}
	f.spaces(4)
	f.queueCell(theme.Heading, "FIELD", name)
	f.queueCell(theme.Heading, "TYPE", 7)
	f.put(theme.Heading, "VALUE")
	f.line()
	if rules {
		f.rule()
	}
	end := f.left() - m.recordPage()
	for i := o.top; i < len(o.rows) && f.left() > end; i++ {
		m.drawRecordField(f, &o.rows[i], name, i == o.cursor)
		f.hot(f.col, spot{row: i})
		f.line()
	}
	f.lines(f.left() - end)
	if rules {
		f.rule()
	}
	more := 0
	if o.mode == recordFields {
		more = m.status.more(f.width, m.recordDetail()-1)
	}
	end = f.left() - m.recordDetail() + more
	m.drawRecordDetail(f, m.recordDetail()-more)
	f.lines(f.left() - end)
	m.drawRecordStatus(f, 1+more)
	f.line()
	if rules {
		f.rule()
	}
	f.footer(m.keys(), m.footRows(), o.offers)
}

// offers reports whether an action does something for the open record now.
func (o *openRecord) offers(what intent) bool {
	switch what {
	case openCase:
		return len(o.Conflicts) > 0
	case nextValue:
		return len(o.edit.listed) > 0
	case newLine:
		return o.edit.want == wantText
	case showHistory:
		return !o.missing()
	case openReview:
		return len(o.draft.Edits) > 0
	case pickLocal, pickServer:
		at := o.at()
		return at != nil && o.clashes(at.Path)
	case takeBack:
		at := o.at()
		return at != nil && o.holds(at.Path)
	}
	return true
}

func (m *recordsModel) drawRecordHead(f *frame) {
	o, dot := m.open, m.env.glyphs.dot
	f.put(theme.Title, " RECORD ")
	f.put(theme.Strong, f.cut(safe.Text(o.Record.String()), max(f.room()-12, 8)))
	if o.Version == 0 {
		f.put(theme.Strong, dot+"new")
	} else {
		f.put(theme.Plain, dot+safe.Cell(fmt.Sprintf("v%d", o.Version)))
	}
	f.line()
	f.put(theme.Plain, " ")
	switch n := len(o.Conflicts); {
	case o.Deleted:
		f.put(theme.Conflict, "deleted")
	case o.missing() && f.width < tableWidth:
		f.put(theme.Dim, "w makes it")
	case o.missing():
		f.put(theme.Dim, "not there yet: w makes it")
	case n > 0 && f.width < tableWidth:
		f.put(theme.Conflict, safe.Cell(plural(n, "conflict")+": enter"))
	case n > 0:
		f.put(theme.Conflict, safe.Cell(fmt.Sprintf("%s: enter opens conflict %d", plural(n, "conflict"), o.Conflicts[0])))
	default:
		f.put(theme.Dim, "no conflict")
	}
	if o.Pending {
		f.put(theme.Strong, dot+"changed here, to be sent")
	}
	m.drawKept(f)
	f.line()
}

func (o *openRecord) holds(path string) bool { return slices.Contains(o.draft.Fields(), path) }

// drawRecordField draws a field: what it is, and what it is to be.
func (m *recordsModel) drawRecordField(f *frame, r *recordField, name int, here bool) {
	g := m.env.glyphs
	e, edited := m.open.draft.Edits[r.Path]
	typed, left := m.open.draft.Typed[r.Path]
	left = left && (m.open.mode != recordTyping || m.open.edit.path != r.Path) // the box shows it
	f.lit = here
	m.drawCursor(f, here)
	switch {
	case m.open.clashes(r.Path):
		f.put(theme.Conflict, "~")
	case edited:
		f.put(theme.Strong, "E")
	}
	f.to(4)
	f.queueCell(theme.Plain, r.name, name)
	f.queueCell(theme.Dim, r.kind, 7)
	switch {
	case edited:
		f.put(theme.Base, f.cut(r.base, max(f.room()/2-2, 4)))
		f.put(theme.Dim, " "+g.arrow+" ")
		f.put(theme.Strong, g.valueAt(m.open.Rules, r.Path, e.Value))
	case left:
		f.put(theme.Plain, f.cut(r.base, max(f.room()/2-2, 4)))
		f.put(theme.Dim, " "+g.arrow+" typed, not accepted: ")
		f.put(theme.Plain, safe.Text(typed.Text))
	default:
		f.put(theme.Plain, r.base)
	}
}

// drawRecordDetail draws the box, or the field at the cursor in full.
func (m *recordsModel) drawRecordDetail(f *frame, rows int) {
	o, g := m.open, m.env.glyphs
	if o.mode == recordAdding {
		m.drawAdding(f)
		return
	}
	at := o.at()
	if at == nil {
		f.put(theme.Dim, " It has no fields. + adds one.")
		return
	}
	if o.mode == recordTyping {
		f.put(theme.Strong, " EDIT "+f.cut(at.name, f.width/3))
		o.edit.drawWanted(f, m.box.text, m.env.location)
		f.line()
		lines := rows - 1
		if o.edit.problem != "" {
			f.put(theme.Warning, " ! "+o.edit.problem)
			f.line()
			lines--
		}
		m.box.draw(f, min(len(m.box.lines), lines), 3)
		return
	}
	text := []span{{theme.Strong, at.name}}
	if at.label != "" {
		text = append(text, span{theme.Plain, g.dot + at.label})
	}
	text = append(text, span{theme.Plain, "  " + at.base})
	if e, edited := o.draft.Edits[at.Path]; edited {
		text = append(text, span{theme.Strong, " " + safe.Cell(g.arrow) + " " + g.valueAt(o.Rules, at.Path, e.Value)})
		if o.clashes(at.Path) {
			text = append(text, span{theme.Conflict, g.dot + "changed meanwhile: it was " + g.valueAt(o.Rules, at.Path, e.Was) + " when you edited it. 1 keeps yours, 2 takes theirs"})
		}
	}
	if typed, left := o.draft.Typed[at.Path]; left {
		text = append(text, span{theme.Plain, g.dot + "typed and not accepted, e goes on: "}, span{theme.Strong, safe.Text(typed.Text)})
	}
	for _, part := range wrapSpans(text, f.width-2, rows) {
		f.spaces(1)
		f.spans(part)
		f.line()
	}
}

func (m *recordsModel) drawRecordStatus(f *frame, lines int) {
	switch o := m.open; o.mode {
	case recordAsking:
		what := safe.Cell(fmt.Sprintf(" Write %s on v%d", o.unwrittenEdits(), o.Version))
		if o.missing() {
			what = safe.Cell(" Make it, with " + o.unwrittenEdits())
		}
		if whole := what + m.whereTo(); whole.Width()+15 <= f.room() {
			what = whole
		}
		f.put(theme.Strong, f.cut(what, f.room()-15)+"?")
		f.put(theme.Plain, "  y yes  n no")
	case recordDiscarding:
		f.put(theme.Strong, f.cut(" Throw away "+o.unwritten()+"?", f.room()-15))
		f.put(theme.Plain, "  y yes  n no")
	default:
		m.status.drawIn(f, lines)
	}
}

func (o *openRecord) unwrittenEdits() string { return plural(len(o.draft.Edits), "field") }

// whereTo says what a writing does.
func (m *recordsModel) whereTo() safe.Cell {
	switch {
	case m.env.replica:
		return ", to be sent by the next sync"
	case m.open.missing():
		return ""
	}
	return ", as a new version"
}

func (m *recordsModel) drawPast(f *frame) {
	f.put(theme.Title, " HISTORY ")
	f.put(theme.Title, f.cut(safe.Text(m.open.Record.String()), f.room()-1))
	f.line()
	f.rule()
	m.open.past.draw(f, f.left()-2)
	f.rule()
	f.footer(m.keys(), 1, nil)
}
