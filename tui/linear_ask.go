package tui

import (
	"strings"

	tea "github.com/charmbracelet/bubbletea"

	"dovetail/merge"
	"dovetail/tui/safe"
)

// prompt is what stands before the answer.
func (l *linear) prompt() safe.Cell {
	m := &l.m
	switch m.screen {
	case onReview:
		if m.review.err != nil {
			return "Enter to go back and change it:"
		}
		return "Type yes to write, note to add a note, dry-run for the command, Enter to go back:"
	case onWritten:
		return "Enter for the queue, U to undo:"
	case onQueue:
		return "Number of a conflict, or ? for help:"
	case onRecords:
		return l.recordsPrompt()
	case onPlay:
		if m.play.got && m.play.view.At < len(m.play.view.Steps) {
			return "Enter for the next step, or ? for help:"
		}
		return "Command, or ? for help:"
	}
	r := &m.resolve
	f := r.focused()
	switch {
	case r.asked != nil:
		return "y takes it over, v only looks, n leaves it:"
	case r.s == nil || r.closed || f == nil:
		return "Command, or ? for help:"
	case len(r.open) == 0:
		return "w to review, or ? for help:"
	case r.isOpen(f):
		return "C" + hint(f)[1:] + ", or ? for help:"
	}
	return "Command, or ? for help:"
}

// askMore asks what the model asks after an action, until it waits for a command again.
func (l *linear) askMore() error {
	for {
		m := &l.m
		var err error
		switch {
		case m.helping:
			m.helping = false
			l.listKeys(m.help.of)
		case m.screen == onPlay && m.play.mode == inQuiz:
			err = l.askQuiz()
		case m.screen == onPlay && m.play.mode == inValue:
			err = l.askPlayValue()
		case m.screen == onQueue && m.queue.inBox:
			err = l.askFilter()
		case m.screen == onBulk:
			err = l.askBulk()
		case m.screen == onRecords:
			var asked bool
			if asked, err = l.askRecord(); !asked {
				return nil
			}
		case m.screen == onQueue && m.queue.snoozing:
			err = l.askChoice(l.plain(m.queue.snoozeQuestion()[1:]) + " Enter to leave it:")
		case m.screen == onQueue && m.queue.groups.shown && !m.queue.question:
			err = l.askGroup()
		case m.screen == onQueue && m.queue.question:
			err = l.askUndo(m.queue.toUndo())
		case m.screen == onWritten && m.written.question:
			err = l.askUndo(m.written.written)
		case m.screen == onReview && m.review.inNote:
			err = l.askNote()
		case m.screen == onResolve && m.resolve.mode == inFind:
			err = l.askFind()
		case m.screen == onResolve && m.resolve.mode == inSnooze:
			err = l.askChoice("Snooze until when, Enter to leave it:")
		case m.screen == onResolve && m.resolve.mode == inMenu:
			err = l.askMenu()
		case m.screen == onResolve && m.resolve.mode == inFull:
			l.tellFull()
			m.resolve.mode = onFields
		case m.screen == onResolve && m.resolve.mode == inAbout:
			err = l.askAbout()
		case m.screen == onResolve && m.resolve.mode == inBox && m.resolve.edit.naming:
			err = l.askBoth()
		case m.screen == onResolve && m.resolve.mode == inBox:
			err = l.askValue()
		default:
			return nil
		}
		if err != nil {
			return err
		}
	}
}

// askFilter takes a filter; what does not parse is told, and leaves the list as it was.
func (l *linear) askFilter() error {
	if typed := l.m.queue.typed; typed != "" {
		l.say("Filter now: ", safe.Text(typed))
	}
	line, err := l.ask("Filter, such as field:status by:ana age>2d, Enter for none:")
	if err != nil {
		return err
	}
	l.m.queue.box = newBox(line, false, 80)
	l.send(tea.KeyMsg{Type: tea.KeyEnter})
	if l.m.queue.inBox {
		l.say("Not a filter: ", l.m.queue.boxErr)
		l.send(tea.KeyMsg{Type: tea.KeyEsc})
	}
	return nil
}

func (l *linear) askUndo(w merge.Written) error {
	l.say("Undo: ", writtenWord(w), ". Its conflict opens again with its draft.")
	return l.askYes("Type yes to undo it, Enter to leave it:")
}

func (l *linear) askYes(prompt safe.Cell) error {
	line, err := l.ask(prompt)
	if err != nil {
		return err
	}
	what := sayNo
	switch strings.TrimSpace(line) {
	case intentNames[sayYes]:
		what = sayYes
	case "":
	default:
		l.say("Nothing was done: only the whole word yes does it.")
	}
	return l.run(what)
}

func (l *linear) askNote() error {
	if note := l.m.review.draft.Note; note != "" {
		l.say("Note now: ", safe.Text(note))
	}
	line, err := l.ask("Note, Enter to leave it:")
	if err != nil {
		return err
	}
	if line = strings.TrimSpace(line); line == "" {
		l.send(tea.KeyMsg{Type: tea.KeyEsc})
		return nil
	}
	l.m.review.draft.Note = line
	l.m.env.commands.offer(l.m.review.draft)
	l.send(tea.KeyMsg{Type: tea.KeyEnter})
	l.say("Note: ", safe.Text(line))
	return nil
}

// askFind asks for a part of a field's name.
func (l *linear) askFind() error {
	line, err := l.ask("Part of a field's name, Enter for none:")
	if err != nil {
		return err
	}
	l.m.resolve.mode = onFields
	if line = strings.TrimSpace(line); line != "" {
		l.toField(line)
	}
	return nil
}

// askChoice asks for one of the actions that the screen offers now: by its key or its name. Anything else is none.
func (l *linear) askChoice(prompt safe.Cell) error {
	k, _ := l.m.keysShown()
	for i := range k {
		if name := intentNames[k[i].intent]; k[i].intent != goBack && k[i].intent != leaveAtOnce && k[i].intent != showHelp {
			l.say(l.plain(safe.Cell(k[i].Help().Key)), ". ", safe.Cell(name), ": ", l.plain(safe.Cell(k[i].Help().Desc)))
		}
	}
	line, err := l.ask(prompt)
	if err != nil {
		return err
	}
	what := goBack
	if b, ok := l.find(strings.TrimSpace(line)); ok && strings.TrimSpace(line) != "" {
		what = b.intent
	}
	next, cmd := l.m.run(what)
	l.m = next
	l.do(cmd)
	return nil
}

// askMenu asks which choice all that is left gets.
func (l *linear) askMenu() error {
	r := &l.m.resolve
	all := r.menuChoices()
	menu := l.m.env.keys[onMenu]
	for _, b := range menu {
		if n := len(all[b.intent]); n > 0 {
			l.say(safe.Cell(b.Help().Key), ". ", safe.Cell(intentNames[b.intent]), " for ", safe.Cell(plural(n, "field")))
		}
	}
	line, err := l.ask("One choice for all that is left, Enter for none:")
	if err != nil {
		return err
	}
	what := goBack
	for _, b := range menu {
		if line = strings.TrimSpace(line); b.Help().Key == line || intentNames[b.intent] == line {
			what = b.intent
		}
	}
	changes := r.changes
	next, cmd := l.m.run(what)
	l.m = next
	l.do(cmd)
	if l.m.resolve.changes != changes {
		return l.afterDecision(what)
	}
	return nil
}

// askValue takes a typed value. One that the field cannot hold stays in the draft as it was typed.
func (l *linear) askValue() error {
	r := &l.m.resolve
	path := r.edit.path
	if typed, ok := r.draft.Typed[path]; ok {
		l.say("Typed before, not accepted: ", safe.Text(typed))
	}
	line, err := l.askText(r.edit.want, strings.Contains(r.edit.initial, "\n"))
	if err != nil {
		return err
	}
	if line == "" {
		l.send(tea.KeyMsg{Type: tea.KeyEsc})
		return nil
	}
	r.box = newBox("", strings.Contains(line, "\n"), r.boxWidth())
	r.box.put(line)
	if bad := notForBox(line); bad != "" {
		l.say("Not taken: the line holds ", safe.Cell(bad), ".")
		l.send(tea.KeyMsg{Type: tea.KeyEsc})
		return nil
	}
	changes := r.changes
	l.send(tea.KeyMsg{Type: tea.KeyCtrlS})
	if r = &l.m.resolve; r.mode == inBox {
		l.say("Not taken: ", r.edit.problem, ". The text is kept: e shows it again.")
		r.draft.Typed = keepTyped(r.draft.Typed, path, &line)
		l.send(tea.KeyMsg{Type: tea.KeyEsc})
		r.status = status{}
		return nil
	}
	if r.draft.Decisions[path].Choice == merge.Edited && r.changes != changes {
		return l.afterDecision(editValue)
	}
	return nil
}

// askText takes a value: a line, or several where the text has several now.
func (l *linear) askText(want wanted, several bool) (string, error) {
	if !several {
		return l.ask("New value, " + safe.Cell(want.String()) + ", Enter to leave it:")
	}
	l.say("New value, text of several lines. A line with nothing but a dot ends it; the dot at once leaves it.")
	var lines []string
	for {
		line, err := l.ask(safe.Cell("Line " + itoa(len(lines)+1) + ":"))
		if err != nil {
			return "", err
		}
		if line == "." {
			return strings.Join(lines, "\n"), nil
		}
		lines = append(lines, line)
	}
}

// afterDecision says what was decided and goes on.
func (l *linear) afterDecision(what intent) error {
	r := &l.m.resolve
	l.decided = true
	if n := len(r.draft.Done); n > 0 && what != undoStep && what != redoStep {
		did := safe.Cell("Decided: ")
		if what == takeBack || what == discardDraft {
			did = "Done: "
		}
		l.say(did, safe.Text(r.draft.Done[n-1].What), ".")
		r.status = status{}
	}
	if r.saveErr != nil {
		l.say("The draft is not saved: ", safe.Text(r.saveErr.Error()), ".")
	}
	if len(r.open) == 0 {
		l.say("Left: 0. w reviews what will be written; nothing is written yet.")
		return nil
	}
	l.say("Left: ", safe.Cell(itoa(len(r.open))), ", ", r.listOpen(), ".")
	if f := r.focused(); f != nil && !r.isOpen(f) && what != undoStep && what != redoStep && what != takeBack {
		return l.nextField()
	}
	l.told.field = ""
	return nil
}

// reviewAnswer takes the answer to a review: nothing but the whole word writes.
func (l *linear) reviewAnswer(line string) error {
	switch line {
	case intentNames[sayYes]:
		return l.run(writeAndNext)
	case intentNames[editNote], "e":
		return l.run(editNote)
	case "p", intentNames[showDry]:
		return l.tellDry()
	case "?", intentNames[showHelp]:
		l.say("yes writes what stands above and goes on to the next conflict. note adds a note. dry-run tells the command that " +
			"would do the same, and what it would write. Anything else goes back.")
		return nil
	case intentNames[leaveAtOnce]:
		return l.run(leaveAtOnce)
	}
	if line == "" {
		l.say("Nothing was written.")
	} else {
		l.say("Nothing was written: only the whole word yes writes.")
	}
	l.told.field = ""
	return l.run(goBack)
}
