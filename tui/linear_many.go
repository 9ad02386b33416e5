package tui

import (
	"fmt"
	"strconv"
	"strings"

	tea "github.com/charmbracelet/bubbletea"

	"dovetail/merge"
	"dovetail/tui/safe"
)

// numbered takes a line such as `mark 3 7` or `S 3`: an action of the queue, and the conflicts that it is for. It is false
// where the line is none such.
func (l *linear) numbered(line string) (taken bool, err error) {
	words := strings.Fields(line)
	if len(words) == 0 {
		return false, nil
	}
	b, ok := l.find(words[0])
	if !ok || b.intent != toggleMark && b.intent != snoozeIt {
		return false, nil
	}
	if words = words[1:]; len(words) == 0 && (b.intent == toggleMark || len(l.m.queue.marked) == 0) {
		line, err := l.ask("Numbers of the conflicts, Enter for none:")
		if err != nil {
			return true, err
		}
		if words = strings.Fields(line); len(words) == 0 {
			return true, nil
		}
	}
	for _, word := range words {
		if !l.mark(word) {
			return true, nil
		}
	}
	l.told.queue = ""
	if b.intent == snoozeIt {
		return true, l.run(snoozeIt)
	}
	return true, nil
}

// mark marks the conflict with a number, or takes its mark away.
func (l *linear) mark(word string) bool {
	q := &l.m.queue
	n, err := strconv.ParseInt(word, 10, 64)
	at := q.w.index(n)
	if err != nil || at < 0 {
		l.say("Conflict ", safe.Text(word), " is not in the list.")
		return false
	}
	before := q.cursor
	q.cursor = at
	q.mark()
	q.cursor = before
	return true
}

// askGroup tells the groups and asks for one.
func (l *linear) askGroup() error {
	g := &l.m.queue.groups
	l.say("")
	if g.err != nil {
		l.say("The groups cannot be read: ", safe.Text(g.err.Error()))
	}
	for i := range g.rows {
		l.say(safe.Cell(itoa(i+1)), ". ", safe.Cell(plural(int(g.rows[i].Count), "conflict")), ": ", l.plain(groupName(g.rows[i].Group, l.m.env.glyphs)), ", ",
			safe.Cell(g.rows[i].Kind.String()))
	}
	if len(g.rows) == 0 {
		l.say("Groups: none.")
		return l.run(goBack)
	}
	line, err := l.ask("Number of a group to step through, A and a number to decide it as one, Enter for the list of all:")
	if err != nil {
		return err
	}
	word, together := strings.CutPrefix(strings.TrimSpace(line), "A")
	n, err := strconv.Atoi(strings.TrimSpace(word))
	switch {
	case strings.TrimSpace(line) == "":
		return l.run(goBack)
	case strings.TrimSpace(line) == intentNames[leave], strings.TrimSpace(line) == "q":
		return l.run(leave)
	case err != nil || n < 1 || n > len(g.rows):
		l.say("There is no group ", safe.Text(strings.TrimSpace(word)), ".")
		return nil
	}
	g.cursor = n - 1
	l.told.queue = ""
	if together {
		return l.run(applyToAll)
	}
	return l.run(openCase)
}

// askBulk asks what the stage of deciding together asks.
func (l *linear) askBulk() error {
	b := &l.m.bulk
	switch b.stage {
	case bulkChoosing:
		l.say("")
		l.tellStatus(&b.status)
		l.say("Together: ", l.plain(b.ask.what), ", ", safe.Cell(plural(len(b.ask.rows), "conflict")), ". Nothing is written before it was shown.")
		return l.askChoice("One choice for all that is undecided in them, Enter for none:")
	case bulkPreview:
		return l.askBulkWrite()
	case bulkConfirming:
		line, err := l.ask(safe.Cell(fmt.Sprintf("Type %d to write %d records:", b.count(bulkReady), b.count(bulkReady))))
		if err != nil {
			return err
		}
		b.box = newBox(line, false, 10)
		l.send(tea.KeyMsg{Type: tea.KeyEnter})
		l.tellStatus(&l.m.bulk.status)
	case bulkAsking:
		return l.askYes(safe.Cell(fmt.Sprintf("Type yes to undo all %d, Enter to leave it:", b.count(bulkWritten))))
	default:
		return l.askBulkDone()
	}
	return nil
}

// askBulkWrite tells what would become of each record, and asks whether to write it.
func (l *linear) askBulkWrite() error {
	b := &l.m.bulk
	l.say("")
	for i := range b.lines {
		line := &b.lines[i]
		how := map[bulkState]safe.Cell{bulkReady: "would be written", bulkExcepted: "taken out", bulkLeft: "left alone"}[line.state]
		l.say(safe.Cell(itoa(i+1)), ". ", line.record, ", ", how, ": ", l.short(l.plain(line.said)))
	}
	line, err := l.ask(safe.Cell(fmt.Sprintf("Type yes to write %d of %d, a number to take that one out or back in, Enter to choose anew:",
		b.count(bulkReady), len(b.lines))))
	if err != nil {
		return err
	}
	line = strings.TrimSpace(line)
	n, err := strconv.Atoi(line)
	switch {
	case line == intentNames[sayYes]:
		err := l.runOnce(writeMany)
		l.tellStatus(&l.m.bulk.status)
		return err
	case err == nil && n > 0 && n <= len(b.lines):
		b.cursor = n - 1
		err := l.runOnce(toggleMark)
		l.tellStatus(&l.m.bulk.status)
		return err
	case line == "":
		return l.runOnce(goBack)
	}
	l.say("Nothing is written.")
	return nil
}

// askBulkDone tells what became of each record.
func (l *linear) askBulkDone() error {
	b := &l.m.bulk
	l.say("")
	l.say(safe.Cell(fmt.Sprintf("Written: %d, not written: %d, undone: %d, left alone: %d", b.count(bulkWritten), b.count(bulkFailed),
		b.count(bulkUndone), b.count(bulkLeft)+b.count(bulkExcepted))))
	for i := range b.lines {
		if line := &b.lines[i]; line.state != bulkExcepted {
			l.say(line.record, ": ", l.short(l.plain(line.said)))
		}
	}
	prompt := safe.Cell("Enter for the queue:")
	if b.count(bulkWritten) > 0 {
		prompt = "Enter for the queue, U to undo all:"
	}
	line, err := l.ask(prompt)
	if err != nil {
		return err
	}
	if strings.TrimSpace(line) == "U" && b.count(bulkWritten) > 0 {
		return l.runOnce(undoWritten)
	}
	l.told.queue = ""
	return l.runOnce(goBack)
}

// runOnce has the model do an action, and leaves what it asks to whoever asks for more.
func (l *linear) runOnce(what intent) error {
	next, cmd := l.m.run(what)
	l.m = next
	l.do(cmd)
	return nil
}

// askAbout tells the record's history, or what a rule would do, and asks whether to make it one.
func (l *linear) askAbout() error {
	r := &l.m.resolve
	l.say("")
	l.say(l.plain(r.about.title), ": ", r.s.record)
	l.tellFull()
	if r.about.trial == nil {
		return l.runOnce(goBack)
	}
	return l.askYes("Type yes to make it the rule, Enter to leave it:")
}

// askBoth asks for the id that local's record gets, where both are kept.
func (l *linear) askBoth() error {
	line, err := l.ask("Keep both: id that local's record gets, such as " + safe.Text(l.m.resolve.box.text) + ", Enter to leave it:")
	if err != nil {
		return err
	}
	r := &l.m.resolve
	line = strings.TrimSpace(line)
	changes := r.changes
	if line == "" {
		l.send(tea.KeyMsg{Type: tea.KeyEsc})
		return nil
	}
	r.box = newBox(line, false, r.boxWidth())
	l.send(tea.KeyMsg{Type: tea.KeyEnter})
	if r = &l.m.resolve; r.mode == inBox {
		l.say("Not taken: ", r.edit.problem, ".")
		l.send(tea.KeyMsg{Type: tea.KeyEsc})
		return nil
	}
	if r.changes != changes {
		return l.afterDecision(keepBoth)
	}
	return nil
}

// tellDry says the command that would do the same, and what it would write.
func (l *linear) tellDry() error {
	if err := l.runOnce(showDry); err != nil {
		return err
	}
	v := &l.m.review
	if !v.dry {
		return nil
	}
	l.say("")
	l.tellLines(v.lines)
	l.quiet = true
	return l.runOnce(showDry)
}

// obeyNow does what a key asks of the queue as it is shown now.
func (m queueModel) obeyNow(what intent) (queueModel, action, tea.Cmd) {
	switch {
	case m.snoozing:
		return m.snooze(what)
	case m.parked.shown && !m.question:
		return m.obeyParked(what)
	case m.groups.shown && !m.question:
		return m.obeyGroups(what)
	}
	return m.obey(what)
}

// groupTold says which group the list is of.
func (l *linear) groupTold(g *merge.Group) safe.Cell {
	return l.plain(groupName(*g, l.m.env.glyphs))
}
