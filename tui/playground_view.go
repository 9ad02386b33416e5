package tui

import (
	"slices"

	"dovetail/merge"
	"dovetail/tui/safe"
	"dovetail/tui/theme"
)

// playLayout is how many lines each part gets.
type playLayout struct {
	story, tableHead, table, graph, fates, quiz, status, footer int
	rules                                                       bool
	lines                                                       [][]span // of the story
	said                                                        [][]span // of the status
}

// roomy reports whether all goes on one screen.
func (m *playModel) roomy() bool { return m.width >= tableWidth && m.height >= 22 }

func (m *playModel) layout() playLayout {
	l := playLayout{footer: footerRows(m.width, m.height), rules: m.height >= 18, tableHead: 1}
	if m.height >= 20 {
		l.tableHead = 2
	}
	l.said = m.statusLines()
	l.lines = m.storyLines(len(l.said), m.storyLimit())
	l.story, l.status = len(l.lines), max(len(l.said), 1)
	switch {
	case m.height >= airy:
		l.story, l.status = max(l.story, 3), max(l.status, 2)
	case m.roomy() && len(m.fates.rows) > 0:
		l.status = max(l.status, 2)
	case m.mode == inQuiz && m.height < 16:
		l.status = 0
	}
	if len(m.fates.rows) > 0 && m.height < airy {
		l.tableHead = 1
	}
	free := m.height - 2 - l.story - l.status - l.footer
	if l.rules {
		free -= 3 // under the story, around the status
	}
	free = max(free, 0)
	switch {
	case m.mode == inQuiz:
		l.quiz = min(free, len(m.quizLines(1)))
		l.table = max(free-l.quiz-l.tableHead-1, 0)
		if l.table < 2 || !m.roomy() {
			l.quiz, l.table, l.tableHead = free, 0, 0
		}
	case m.page == pageFates:
		l.fates, l.tableHead = free, 0
	case m.roomy():
		m.share(&l, free)
	case m.page == pageGraph:
		l.graph, l.tableHead = free, 0
	default:
		l.table = max(free-l.tableHead, 0)
		m.tellMore(&l)
	}
	return l
}

// tellMore gives lines that the table of a small screen leaves empty to the story, which is cut there otherwise.
func (m *playModel) tellMore(l *playLayout) {
	empty := l.table - m.tableRows()
	if empty <= 0 || m.height >= 20 || len(l.said) > 2 {
		return
	}
	lines := m.storyLines(len(l.said), m.storyLimit()+1)
	if more := len(lines) - l.story; more > 0 && more <= empty {
		l.lines, l.story, l.table = lines, len(lines), l.table-more
	}
}

// tableRows are the lines that the table would like.
func (m *playModel) tableRows() int {
	if m.alike > 0 {
		return len(m.rows) + 1
	}
	return len(m.rows)
}

// share gives lines to the table, the history and what the strategies make of it.
func (m *playModel) share(l *playLayout, free int) {
	l.graph = max(len(m.graph.rows), 1)
	free -= l.tableHead + l.graph + 1
	if m.height >= airy {
		free--
	}
	need := min(len(m.noFates(free)), free)
	if len(m.fates.rows) > 0 {
		need = 1 // the heads
		if m.height >= airy {
			need++ // what it comes to
		}
		for i := range m.fates.rows {
			need += m.fates.rows[i].height()
		}
	}
	table := m.tableRows()
	if len(m.fates.rows) == 0 && !m.due() {
		need = max(min(need, free-table), 0) // nothing is to be told, and the rows are
	}
	most := max(free-need, free/2)
	if len(m.fates.rows) > 0 && m.height < airy {
		most = max(free-need, 3)
	}
	l.table = max(min(table, most), min(free, 3))
	l.fates = max(free-l.table, 0)
}

// View draws the world.
func (m playModel) View() string {
	f := m.env.frame
	f.begin(m.width, m.height)
	m.drawHead(f)
	if !m.got {
		f.put(theme.Plain, " The playground is being made"+m.env.glyphs.ellipsis)
		f.line()
		m.status.draw(f)
		for f.left() > 1 {
			f.line()
		}
		f.footer(m.keys(), 1, func(what intent) bool { return what == leave })
		return f.end()
	}
	l := m.layout()
	m.drawStrategies(f)
	drawLines(f, l.lines, l.story)
	if l.rules {
		f.rule()
	}
	m.drawTable(f, l)
	if l.quiz > 0 {
		if l.table > 0 {
			f.rule()
		}
		drawLines(f, m.quizLinesIn(l.quiz), l.quiz)
	}
	if l.rules && l.graph > 0 && l.table+l.fates > 0 {
		f.rule()
	}
	m.drawGraph(f, l)
	if m.height >= airy && l.graph > 0 && l.fates > 0 {
		f.rule()
	}
	m.drawFates(f, l.fates)
	end := l.status + l.footer
	if l.rules {
		end += 2
	}
	for f.left() > end {
		f.line()
	}
	if l.rules {
		f.rule()
	}
	m.drawStatus(f, l)
	if l.rules {
		f.rule()
	}
	f.footer(m.keys(), l.footer, m.useful)
	return f.end()
}

// useful says which keys do something now.
func (m *playModel) useful(what intent) bool {
	_, onDevice := m.device()
	switch what {
	case openCase:
		at := m.at()
		return at != nil && m.world().Records[m.record].Conflict != 0
	case openQueue:
		return waiting(m.world()) > 0
	case editValue, switchLine, syncNow, removeRecord, createRecord:
		return onDevice
	case nextValue:
		return false // of the box where a conflict is decided
	case takeOut:
		return m.view.At > 0 && m.view.Steps[m.view.At-1].Own
	case stepOn:
		return m.mode == inQuiz || m.view.At < len(m.view.Steps)
	case acceptLine:
		return !m.box.multi // there it begins a new line
	case stepBack:
		return m.view.At > 0
	}
	return true
}

// wrap breaks prose of the screen into lines.
func (m *playModel) wrap(spans []span, width, limit int) [][]span {
	return wrapWords(spans, width, limit, m.env.glyphs.ellipsis)
}

func drawLines(f *frame, lines [][]span, rows int) {
	for i := range rows {
		if i < len(lines) {
			f.put(theme.Plain, " ")
			f.spans(lines[i])
		}
		f.line()
	}
}

func (m *playModel) drawHead(f *frame) {
	f.put(theme.Plain, " ")
	title := m.env.title
	if title == "" {
		title = "PLAYGROUND"
	}
	place := safe.Cell("")
	if m.got {
		place = safe.Cell("step " + itoa(m.view.At) + " of " + itoa(len(m.view.Steps)))
	}
	f.put(theme.Title, f.cut(title, max(f.room()-widthOf(place)-3, 10)))
	if f.room()-widthOf(place) > 12 && m.view.Title != "" {
		f.put(theme.Dim, m.env.glyphs.dot+f.cut(safe.Text(m.view.Title), f.room()-widthOf(place)-5))
	}
	if f.width >= baseWidth && m.got && f.room() > widthOf(place)+18 {
		f.to(f.width - widthOf(place) - 15)
		f.progress(m.view.At, len(m.view.Steps))
	}
	f.right(theme.Plain, place)
	f.line()
}

// drawStrategies draws under which strategy the world is shown.
func (m *playModel) drawStrategies(f *frame) {
	f.put(theme.Dim, " ")
	if f.width >= tableWidth {
		f.put(theme.Dim, "under ")
	}
	for _, s := range strategiesShown {
		name := safe.Cell(s.String())
		if f.width < 46 {
			name = [...]safe.Cell{"fields", "last-write", "op-replay"}[s]
		}
		if s == m.strategy {
			f.put(theme.Strong, "["+name+"]")
		} else {
			f.put(theme.Dim, " "+name+" ")
		}
	}
	if f.width >= tableWidth {
		f.right(theme.Dim, "tab: the same under the next strategy")
	}
	f.line()
}

// storyLines tell what happened last, what came of it and what comes next; at the beginning, what the story is about.
// limit bounds the lines of what happened, and those of what came of it.
func (m *playModel) storyLines(said, limit int) [][]span {
	width := m.width - 2
	short := m.height < 16
	if m.view.At <= m.view.Begin {
		lines := m.lessonLines()
		if m.view.At < len(m.view.Steps) && m.height >= 20 && len(lines) <= lessonRows {
			lines = append(lines, m.nextLine(m.view.Steps[m.view.At]))
		}
		return lines
	}
	step, w := &m.view.Steps[m.view.At-1], m.world()
	happened := []span{{theme.Dim, when(step.At, m.env.now(), m.env.location) + "  "}}
	if step.Own {
		happened = append(happened, span{theme.Dim, "your step: "})
	}
	happened = append(happened, span{theme.Strong, m.doer(step)}, span{theme.Plain, " " + safe.Text(step.Words)})
	lines := m.wrap(happened, width, limit)
	if short && (said > 2 || m.mode == inQuiz) {
		return lines
	}
	answer := []span{{theme.Dim, m.env.glyphs.arrow + " "}, {theme.Plain, safe.Text(w.Said)}}
	if w.Refused {
		answer = []span{{theme.Warning, "! it did not happen:"}, {theme.Plain, " " + safe.Text(w.Said)}}
	}
	lines = append(lines, m.wrap(answer, width, limit)...)
	if m.view.At < len(m.view.Steps) && m.height >= 24 && (len(m.fates.rows) == 0 || m.height >= airy) {
		lines = append(lines, m.nextLine(m.view.Steps[m.view.At]))
	}
	return lines
}

// lessonRows is how many lines a lesson gets; on a narrow screen a long one has two more, which else tell what comes next.
const lessonRows = 5

func (m *playModel) lessonLines() [][]span {
	limit := lessonRows
	if m.width < tableWidth && m.height >= 20 {
		limit += 2
	}
	return m.wrap([]span{{theme.Plain, safe.Text(m.view.Lesson)}}, m.width-2, limit)
}

// storyLimit is how many lines there surely are for what happened.
func (m *playModel) storyLimit() int {
	if m.height < 16 {
		return 1
	}
	return 2
}

func (m *playModel) nextLine(step PlayStep) []span {
	return []span{{theme.Dim, "next: " + m.doer(&step) + " " + safe.Text(step.Words)}}
}

func (m *playModel) doer(step *PlayStep) safe.Cell {
	if step.Device == "" {
		return safe.Text(step.Person)
	}
	return safe.Text(step.Person) + " on " + safe.Text(step.Device)
}

// statusLines are what is to be said at the foot.
func (m *playModel) statusLines() [][]span {
	width, limit := m.width-2, 3
	if m.width < tableWidth {
		limit = 4
	}
	k := m.env.keys[onPlay]
	switch {
	case m.mode == inValue:
		return m.typingLines(width, limit)
	case m.status.text != "" && m.status.bad:
		return m.wrap([]span{{theme.Warning, "!"}, {theme.Strong, " " + m.status.text}}, width, limit)
	case m.status.text != "":
		return m.wrap([]span{{theme.Strong, m.status.text}}, width, limit)
	case len(m.told) > 0:
		if m.width < tableWidth && m.height >= 20 {
			limit += 2 // it is what the story is about
		}
		return m.wrap(m.told, width, limit)
	case m.view.At <= m.view.Begin && (m.height < 16 || len(m.lessonLines()) > lessonRows):
		return [][]span{{{theme.Strong, k.keyFor(stepOn) + " begins; " + k.keyFor(showHelp) + " tells all keys"}}}
	case m.view.At <= m.view.Begin:
		return m.wrap([]span{{theme.Plain, k.keyFor(stepOn) + ": the next step happens. Or change something yourself: "},
			{theme.Plain, m.env.words("←→") + " to a device, " + k.keyFor(switchLine) + " cuts its line, " + k.keyFor(editValue) + " edits, " +
				k.keyFor(syncNow) + " syncs."}}, width, limit)
	}
	return nil
}

func (m *playModel) drawStatus(f *frame, l playLayout) {
	for i := 0; i < l.status; i++ {
		if m.mode == inValue && i == 1 && m.box.multi {
			m.box.draw(f, m.boxRows(), 3)
			i += m.boxRows() - 1
			continue
		}
		f.put(theme.Plain, " ")
		switch {
		case m.mode == inValue && i == 1:
			f.put(theme.Key, "> ")
			m.box.drawOneLine(f)
		case i < len(l.said):
			f.spans(l.said[i])
		}
		f.line()
	}
}

// quizLinesIn are the question with the values as whole as there is room for.
func (m *playModel) quizLinesIn(rows int) [][]span {
	for limit := 4; limit > 1; limit-- {
		if lines := m.quizLines(limit); len(lines) <= rows {
			return lines
		}
	}
	return m.quizLines(1)
}

// quizLines ask which value survives. A value has so many lines at most; one that needs more is cut to one line.
func (m *playModel) quizLines(limit int) [][]span {
	q := &m.quiz
	f := q.fate()
	width := m.width - 2
	name := safe.Text(merge.PathLabel(f.Path))
	name += " of " + safe.Text(q.met.Record.String())
	if f.Path == "" {
		name = safe.Text(q.met.Record.String())
	}
	lines := m.wrap([]span{{theme.Strong, "WHICH VALUE SURVIVES?"}, {theme.Plain, "  " + name + ", under " +
		safe.Cell(m.strategy.String())}}, width, 2)
	switch {
	case q.met.Base == 0:
		lines = append(lines, []span{{theme.Dim, "neither knew of the other's: there was no such record before"}})
	case f.Path != "":
		lines = append(lines, []span{{theme.Dim, "it was "}, {theme.Base, m.env.glyphs.value(f.Base)}, {theme.Dim, safe.Cell(" in v" + itoa(int(q.met.Base)))}})
	}
	side := func(key safe.Cell, role theme.Role, v merge.Value, by string, met safe.Cell, nobody safe.Cell) {
		note := nobody
		if by != "" {
			note = safe.Text(by) + met
		}
		at := max(width-widthOf(note)-9, width/3)
		text := m.valueOf("", v)
		if f.Path != "" && widthOf(m.env.glyphs.value(v)) > at {
			whole := []span{{role, m.env.glyphs.value(v)}, {theme.Dim, m.env.glyphs.dot + note}}
			if rows := m.wrap(whole, width-3, limit+1); len(rows) <= limit {
				lines = append(lines, indented(key, rows)...)
				return
			}
		}
		if f.Path != "" {
			both := []safe.Cell{m.env.glyphs.value(v), m.env.glyphs.value(f.Local), m.env.glyphs.value(f.Server)}
			text = m.env.glyphs.apart(both, at)[0]
		}
		lines = append(lines, []span{{theme.Key, key + "  "}, {role, text.TruncateWith(at, m.env.glyphs.ellipsis)}, {theme.Dim, m.env.glyphs.dot + note}})
	}
	clock := func(met bool) safe.Cell {
		at := q.met.LocalAt
		if !met {
			at = q.met.ServerAt
		}
		return " at " + safe.Cell(at.In(m.env.location).Format("15:04"))
	}
	side("1", theme.Local, f.Local, f.LocalBy, clock(true)+", on "+safe.Text(q.met.Device), safe.Text(q.met.LocalBy)+" left it as it was")
	side("2", theme.Server, f.Server, f.ServerBy, clock(false), "nobody changed it at the server")
	return append(lines, indented("3", m.wrap([]span{{theme.Plain, "neither by itself: both are joined, or a person is asked"}}, width-3, 2))...)
}

// indented puts a key before lines that belong together.
func indented(key safe.Cell, rows [][]span) [][]span {
	lines := make([][]span, len(rows))
	for i, row := range rows {
		lines[i] = append([]span{{theme.Key, key + "  "}}, row...)
		key = " "
	}
	return lines
}

func (m *playModel) drawGraph(f *frame, l playLayout) {
	if l.graph == 0 {
		return
	}
	rows := l.graph
	if !m.roomy() {
		if at := m.at(); at != nil {
			f.put(theme.Plain, " ")
			f.put(theme.Strong, "HISTORY  ")
			f.put(theme.Plain, safe.Text(at.Record.String()))
			f.line()
			f.line()
			rows -= 2
		}
	}
	if len(m.graph.rows) == 0 {
		f.put(theme.Dim, " no version of this record is at the server yet")
		f.line()
		return
	}
	m.graph.draw(f, rows)
}

// playColumns are the columns of the table: which holders, and how wide.
type playColumns struct {
	name, each int
	shown      []int
}

func (m *playModel) columns() playColumns {
	c := playColumns{name: min(max(m.names, 8), m.width*3/10)}
	room := m.width - c.name - 3
	n := min(max(room/17, 1), len(m.holds))
	c.shown = append(c.shown, m.side)
	for _, i := range []int{1, 0, 2, 3, 4, 5, 6, 7} {
		if len(c.shown) < n && i < len(m.holds) && i != m.side {
			c.shown = append(c.shown, i)
		}
	}
	slices.Sort(c.shown)
	c.each = room / len(c.shown)
	return c
}
