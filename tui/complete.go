package tui

import (
	"context"
	"strings"
	"unicode/utf8"

	tea "github.com/charmbracelet/bubbletea"

	"dovetail/merge"
	"dovetail/tui/safe"
)

// Completer knows what a filter may ask for.
type Completer interface {
	// FilterValues returns values of a name of the filter that are in the queue and begin as typed, so many at most.
	FilterValues(ctx context.Context, name, typed string, limit int) ([]string, error)
}

// maxOffers is how many completions are offered at once.
const maxOffers = 20

// offersMsg is what a filter may become that was typed so far.
type offersMsg struct {
	typed  string
	offers []string
	err    error
}

// offers are what tab goes through in the filter's line.
type offers struct {
	all []string // each with what stands before it
	at  int      // of the one in the line; -1: none yet
}

// completeCommand finds out what a filter may become.
func completeCommand(ctx context.Context, c Config, typed string) tea.Cmd {
	return func() tea.Msg {
		all, err := merge.TypingFilter(typed).Complete(func(name, value string) ([]string, error) {
			if c.Completer == nil {
				return nil, nil
			}
			return c.Completer.FilterValues(ctx, name, value, maxOffers)
		})
		return offersMsg{typed, all, err}
	}
}

// complete goes to the next completion, or asks for them.
func (m *queueModel) complete(step int) tea.Cmd {
	if n := len(m.offers.all); n > 0 {
		if m.offers.at < 0 && step < 0 {
			m.offers.at = 0
		}
		m.offers.at = (m.offers.at + step + n) % n
		m.putFilter(m.offers.all[m.offers.at])
		return nil
	}
	return m.env.commands.complete(m.box.text[:m.box.at])
}

// tookOffers puts what all completions begin with into the line, and the only one whole.
func (m *queueModel) tookOffers(msg offersMsg) {
	if !m.inBox || m.box.text[:m.box.at] != msg.typed {
		return // it was typed further
	}
	switch {
	case msg.err != nil:
		m.boxErr = "the queue could not be read: " + safe.Text(msg.err.Error())
	case len(msg.offers) == 0:
		m.boxErr = "nothing in the queue begins so"
	case len(msg.offers) == 1:
		text := msg.offers[0]
		if !strings.HasSuffix(text, ":") && !strings.HasSuffix(text, ">") {
			text += " "
		}
		m.putFilter(text)
	default:
		m.offers = offers{msg.offers, -1}
		if begin := commonBegin(msg.offers); len(begin) > len(msg.typed) {
			m.putFilter(begin)
		}
	}
}

// putFilter has the line begin with a text, in the place of what stands before the cursor.
func (m *queueModel) putFilter(text string) {
	after := m.box.text[m.box.at:]
	m.box.text, m.box.at = text+after, len(text)
	m.box.lay(m.box.width)
}

// commonBegin is what all texts begin with.
func commonBegin(all []string) string {
	begin := all[0]
	for _, text := range all[1:] {
		for !strings.HasPrefix(text, begin) {
			_, size := utf8.DecodeLastRuneInString(begin)
			begin = begin[:len(begin)-size]
		}
	}
	return begin
}

// words list the completions, those from the one in the line on.
func (o offers) words() safe.Cell {
	var words safe.Cell
	for i := range o.all {
		text := o.all[(max(o.at, 0)+i)%len(o.all)]
		t := merge.TypingFilter(text)
		word := t.Value
		if t.Op != 0 && word == "" {
			word = t.Name + string(t.Op)
		}
		words += "  " + safe.Text(word)
	}
	return words
}

// filterKeys are those of the filter's line.
func filterKeys() keymap {
	return append(lineKeys(),
		bind(nextValue, "tab", "complete", "complete the word: names of terms, then what the queue holds; again: the next one", "tab"),
		bind(tabPrevious, "shift+tab", "", "the completion before", "shift+tab"))
}
