package tui

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os/signal"
	"runtime"
	"syscall"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"dovetail/merge"
	"dovetail/tui/theme"
)

// ErrInterrupted says that the person, or the system, ended the terminal at once. Drafts are saved all the same.
var ErrInterrupted = errors.New("interrupted")

// lastSave is how long leaving may wait for the last draft to be saved.
const lastSave = 5 * time.Second

// Queue is the list of conflicts.
type Queue interface {
	// Conflicts returns a page of the queue.
	Conflicts(context.Context, merge.Query) (merge.Page, error)
	// Groups returns the groups of what a query chooses, the largest first.
	Groups(context.Context, merge.Query) ([]merge.Group, error)
	// Counts says how much stands in it; the drafts are the person's.
	Counts(ctx context.Context, person string) (merge.Counts, error)
}

// Desk is where one conflict is worked on.
type Desk interface {
	// Case returns a conflict with its three sides; merge.ErrNotFound.
	Case(ctx context.Context, conflict int64) (merge.Case, error)
	// Draft returns a person's draft on a conflict, an empty one where there is none.
	Draft(ctx context.Context, conflict int64, person string) (merge.Draft, error)
	// SaveDraft keeps the draft in the place of the one before.
	SaveDraft(context.Context, merge.Draft) error
	// Resolve writes, if what was shown is still so; merge.ErrStale, merge.ErrClosed, merge.ErrNotFound.
	Resolve(context.Context, merge.Writing) (merge.Written, error)
	// Undo takes back what Resolve wrote; merge.ErrStale with the reason if the record moved on.
	Undo(ctx context.Context, was merge.Written, person string) (merge.Written, error)
}

// Config is what the terminal needs. Queue, Desk and Person must be set; everything else has a default.
type Config struct {
	Queue   Queue
	Desk    Desk
	Snoozer Snoozer // may be nil
	Parker  Parker  // may be nil
	// Librarian finds records and edits them; nil: nobody does here.
	Librarian Librarian
	Drafter   RecordDrafter // keeps those edits; it is set where the Librarian is
	NewID     func() string // makes an id for a new record; nil: it has to be typed
	Claimer   Claimer       // may be nil
	// Completer completes the filter; nil: by what is known without it.
	Completer Completer
	Watcher   Watcher // nil: what is shown is read again only when somebody asks
	Person    string
	Title     string // stands in the head of every screen
	Notice    string // a line on the queue at the start
	Open      int64  // the conflict to begin with; 0 is the queue
	Now       func() time.Time
	Location  *time.Location
	History   Historian // nil: nothing is told of a record's past
	Rules     Ruler     // nil: no rule is made here
	Editor    []string  // the program that E opens a text with, and its first arguments
	Call      []string  // how this program is called on the same database by the same person; nil: dovetail
	// OneRecord: there is no place for a second record, so that of two that were created one has to go.
	OneRecord bool
	Replica   bool // what was decided can be taken back only until it is sent
	// Play is the playground; where it is set, its screen is the first one. Ask has it ask which value survives.
	Play    Playground
	Ask     bool
	Keys    Keys   // of the person, over ours
	ASCII   bool   // signs that every terminal has
	NoColor bool   // no SGR at all
	Theme   string // dark, light, none, or empty for a guess
	Input   io.Reader
	Output  io.Writer
}

// Run shows the terminal until the person leaves. It returns [ErrInterrupted] after ctrl+c, a signal that ends the
// process, or the end of ctx. Drafts are saved before it returns, however it ends; its error says so if they are not.
func Run(ctx context.Context, c Config) error {
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Location == nil {
		c.Location = time.Local
	}
	drafts := newSaver(c.Desk.SaveDraft, c.Now)
	m := onConsole(runtime.GOOS, newModel(c, newCommands(ctx, c, drafts)))
	options := []tea.ProgramOption{tea.WithAltScreen(), tea.WithoutSignalHandler(), tea.WithFPS(120)}
	if c.Input != nil {
		options = append(options, tea.WithInput(c.Input))
	}
	if c.Output != nil {
		options = append(options, tea.WithOutput(c.Output))
	}
	program := tea.NewProgram(m, options...)
	signals, stop := signal.NotifyContext(ctx, syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP)
	defer stop()
	defer context.AfterFunc(signals, func() { program.Send(leaveMsg{interrupted: true}) })()
	final, err := program.Run()
	stop()

	late, cancel := context.WithTimeout(context.WithoutCancel(ctx), lastSave)
	defer cancel()
	if _, saveErr := drafts.flush(late); saveErr != nil {
		return errors.Join(err, fmt.Errorf("save the draft: %w", saveErr))
	}
	if err != nil {
		return fmt.Errorf("terminal: %w", err)
	}
	if before, ok := final.(console); ok {
		final = before.Model
	}
	if last, ok := final.(model); ok && last.interrupted {
		return ErrInterrupted
	}
	return nil
}

// onConsole puts before a model what the terminals of a system need.
func onConsole(system string, m model) tea.Model {
	if system == "windows" {
		return console{Model: m, wait: waitForMore}
	}
	return m
}

// newTheme prepares the colours for a configuration.
func newTheme(c Config) *theme.Theme {
	return theme.New(theme.Options{Name: c.Theme, Output: c.Output, Plain: c.NoColor})
}
