package tui

import (
	"context"
	"errors"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"dovetail/merge"
	"dovetail/tui/safe"
)

// ParkedChange is a change that waits whole, because it could not be used when it came in.
type ParkedChange struct {
	Number int64 // in the order in which they came in
	Key    string
	Record merge.Key
	Reason string
	At     time.Time // when it came in
	Line   string    // as it came
}

// Parker keeps parked changes. Where there is none, the queue has no list of them.
type Parker interface {
	// Parked returns changes beginning after a number, in the order in which they came in.
	Parked(ctx context.Context, after int64, limit int) ([]ParkedChange, error)
	// Retry takes one in again and says in a word what became of it, and why where it is still parked; merge.ErrNotFound
	// where it is parked no longer.
	Retry(ctx context.Context, key string) (outcome, reason string, err error)
	// Export writes all of them to a file that is not there yet, and returns how many.
	Export(ctx context.Context, path string) (int64, error)
}

// ErrAway is what an error of a [Parker] is, too, where it cannot be asked about any other change either.
var ErrAway = errors.New("it cannot be asked")

// parkedMost is how many parked changes the list has at most: each is held whole.
const parkedMost = 500

// What the commands about parked changes answer.
type (
	parkedMsg struct {
		changes []ParkedChange
		err     error
	}
	retriedMsg struct {
		tally map[string]int64
		words safe.Cell // of the only one
		err   error
	}
	exportedMsg struct {
		path string
		n    int64
		err  error
	}
)

// parkedCommands make them.
type parkedCommands struct {
	list   func() tea.Cmd
	retry  func(keys []string) tea.Cmd
	export func(path string) tea.Cmd
}

func newParkedCommands(ctx context.Context, p Parker) parkedCommands {
	if p == nil {
		return parkedCommands{}
	}
	return parkedCommands{
		list: func() tea.Cmd {
			return func() tea.Msg {
				changes, err := p.Parked(ctx, 0, parkedMost)
				return parkedMsg{changes, err}
			}
		},
		retry: func(keys []string) tea.Cmd { return func() tea.Msg { return retryAll(ctx, p, keys) } },
		export: func(path string) tea.Cmd {
			return func() tea.Msg {
				n, err := p.Export(ctx, path)
				return exportedMsg{path, n, err}
			}
		},
	}
}

// retryAll takes changes in again. One that fails does not stop the others, but where none could be asked for.
func retryAll(ctx context.Context, p Parker, keys []string) retriedMsg {
	msg := retriedMsg{tally: map[string]int64{}}
	for _, key := range keys {
		outcome, reason, err := p.Retry(ctx, key)
		if err != nil {
			msg.err = err
			if errors.Is(err, ErrAway) {
				break
			}
			continue
		}
		msg.tally[outcome]++
		if msg.words = safe.Text(outcome); reason != "" {
			msg.words += ": " + safe.Text(reason)
		}
	}
	return msg
}

// parkedList is the queue's list of what could not be used.
type parkedList struct {
	shown   bool
	loading bool
	naming  bool // the file to export to
	err     error
	rows    []ParkedChange
	list
}

func (m *queueModel) openParked() tea.Cmd {
	if m.env.commands.parked.list == nil {
		m.status.text = "`dovetail doctor --parked` lists what is parked"
		return nil
	}
	m.groups.shown, m.group = false, nil
	m.parked.shown, m.parked.loading = true, true
	return m.env.commands.parked.list()
}

func (m *queueModel) tookParked(msg parkedMsg) {
	m.parked.loading, m.parked.err = false, msg.err
	if msg.err == nil {
		m.parked.rows = msg.changes
	}
	m.moveParked(noIntent)
}

func (m *queueModel) moveParked(what intent) {
	page := m.parkedRows()
	m.parked.move(what, len(m.parked.rows), page, page)
}

// obeyParked does what the keys ask for while the parked changes are shown.
func (m queueModel) obeyParked(what intent) (queueModel, action, tea.Cmd) {
	m.status, m.news = status{}, news{}
	do := m.env.commands.parked
	var cmd tea.Cmd
	if out, ok := leads(what); ok {
		return m, out, nil
	}
	switch what {
	case goBack:
		m.parked.shown = false
		cmd = m.again()
	case tabRecords:
		return m.openRecords()
	case tabOpen, tabDrafts, tabSnoozed, tabResolved:
		m.parked.shown, m.loaded = false, false
		cmd = m.setTab(tab(what - tabOpen))
	case refresh:
		cmd = tea.Batch(do.list(), m.env.commands.counts())
	case retryOne:
		if m.parked.in(len(m.parked.rows)) {
			cmd = do.retry([]string{m.parked.rows[m.parked.cursor].Key})
		}
	case applyToAll:
		keys := make([]string, len(m.parked.rows))
		for i := range m.parked.rows {
			keys[i] = m.parked.rows[i].Key
		}
		m.status.text = safe.Cell("taking in " + plural(len(keys), "change") + " again")
		cmd = do.retry(keys)
	case exportAll:
		if len(m.parked.rows) > 0 {
			m.parked.naming = true
			m.box = newBox("", false, max(m.width-24, 10))
		}
	default:
		m.moveParked(what)
	}
	return m, action{}, cmd
}

// retried says what became of changes that were taken in again, and lists anew.
func (m *queueModel) retried(msg retriedMsg) tea.Cmd {
	var n int64
	said := safe.Cell("")
	for _, outcome := range [...]string{"applied", "converged", "merged", "superseded", "conflict", "parked"} {
		if of := msg.tally[outcome]; of > 0 {
			if n > 0 {
				said += ", "
			}
			n += of
			said += safe.Cell(thousands(of) + " " + outcome)
		}
	}
	if n == 1 {
		said = msg.words
	}
	m.status = status{text: "taken in again: " + said}
	if msg.err != nil {
		m.status = failed("not all could be taken in again: ", msg.err)
	}
	return tea.Batch(m.env.commands.parked.list(), m.env.commands.counts())
}

func (m *queueModel) exported(msg exportedMsg) {
	if msg.err != nil {
		m.status = failed("", msg.err)
		return
	}
	m.status = status{text: safe.Cell(plural64(msg.n, "parked change")) + " written to " + safe.Text(msg.path) + "; they are parked here all the same"}
}

// exportKey edits the name of the file.
func (m queueModel) exportKey(msg tea.KeyMsg) (queueModel, action, tea.Cmd) {
	b, _ := m.env.keys[onLine].find(msg)
	switch b.intent {
	case leaveAtOnce:
		return m, action{do: quitAtOnce}, nil
	case closeBox:
		m.parked.naming = false
		return m, action{}, nil
	case acceptLine:
		m.parked.naming = false
		if m.box.text == "" {
			return m, action{}, nil
		}
		return m, action{}, m.env.commands.parked.export(m.box.text)
	}
	m.box.key(msg)
	return m, action{}, nil
}

// parkedKeys are those of the list of parked changes.
func parkedKeys() keymap {
	keys := append(rowKeys("move", "change"),
		must(bind(retryOne, "enter", "try again", "take the change in again, as if it came in now", "enter")),
		bind(applyToAll, "A", "try all", "take all of them in again", "A"),
		bind(exportAll, "x", "export", "write all of them to a file, a line each, as they came", "x"))
	keys = append(append(keys, listKeys(tabParked)...), bind(refresh, "R", "", "read the list again", "R"))
	keys = append(append(keys, pageKeys()...), endKeys("home", "the first one", "the last one")...)
	return append(keys, bind(showHelp, "?", "help", "all keys of this screen", "?"),
		must(bind(goBack, "esc", "conflicts", "back to the conflicts", "esc")),
		bind(leave, "q", "quit", "leave; drafts are kept", "q"))
}
