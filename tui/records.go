package tui

import (
	"context"

	tea "github.com/charmbracelet/bubbletea"

	"dovetail/merge"
)

// RecordShown is a record as it is now: on a replica with what was changed there.
type RecordShown struct {
	Record    merge.Key
	Version   int64 // of the hub, as far as known here
	Revision  int64 // on a replica: counts the edits made there
	Pending   bool  // it holds a change that is not sent yet
	Deleted   bool
	Fields    merge.Document // nil where Deleted
	Rules     *merge.Rules   // of its collection; nil: none, and in a list
	Conflicts []int64        // numbers of those that are not resolved, oldest first; a list may leave them out
}

// RecordEdit is a record as it is to be, made of the one that was shown.
type RecordEdit struct {
	Record            merge.Key
	Version, Revision int64 // of the one that was shown
	Fields            merge.Document
	Steps             []merge.Operation
	By                string
}

// Librarian finds records and writes them. Where there is none, the queue has no tab for them.
type Librarian interface {
	// Collections returns the names of the collections, sorted.
	Collections(context.Context) ([]string, error)
	// Find returns records of a collection that hold a text, by id, beginning after an id; those that are deleted are left out.
	Find(ctx context.Context, collection, text, after string, limit int) ([]RecordShown, error)
	// Record returns one; merge.ErrNotFound.
	Record(ctx context.Context, key merge.Key) (RecordShown, error)
	// WriteRecord makes a version, or on a replica a pending change, if the record is what was shown; merge.ErrStale,
	// *merge.RuleError.
	WriteRecord(context.Context, RecordEdit) (RecordShown, error)
}

// recordsPage is how many records are read at once.
const recordsPage = 100

// What the commands about records answer, with the sequence number that they were asked with.
type (
	collectionsMsg struct {
		names []string
		err   error
	}
	foundMsg struct {
		seq     int
		after   string
		records []RecordShown
		err     error
	}
	recordMsg struct {
		seq    int
		record RecordShown
		err    error
	}
	recordWroteMsg struct {
		seq    int
		record RecordShown
		err    error
	}
)

// recordCommands make them.
type recordCommands struct {
	collections func() tea.Cmd
	find        func(seq int, collection, text, after string) tea.Cmd
	read        func(seq int, key merge.Key) tea.Cmd
	write       func(seq int, e RecordEdit) tea.Cmd
}

func newRecordCommands(ctx context.Context, c Config) recordCommands {
	l := c.Librarian
	if l == nil {
		return recordCommands{}
	}
	return recordCommands{
		collections: func() tea.Cmd {
			return func() tea.Msg {
				names, err := l.Collections(ctx)
				return collectionsMsg{names, err}
			}
		},
		find: func(seq int, collection, text, after string) tea.Cmd {
			return func() tea.Msg {
				records, err := l.Find(ctx, collection, text, after, recordsPage)
				return foundMsg{seq, after, records, err}
			}
		},
		read: func(seq int, key merge.Key) tea.Cmd {
			return func() tea.Msg {
				record, err := l.Record(ctx, key)
				return recordMsg{seq, record, err}
			}
		},
		write: func(seq int, e RecordEdit) tea.Cmd {
			return func() tea.Msg {
				e.By = c.Person
				record, err := l.WriteRecord(ctx, e)
				return recordWroteMsg{seq, record, err}
			}
		},
	}
}

// recordListKeys are those of the list of records.
func recordListKeys() keymap {
	keys := append(rowKeys("move", "record"),
		must(bind(openCase, "enter", "open", "the record's fields, its history, and edits of it", "enter")),
		must(bind(editFilter, "/", "search", "the records that hold a text, in their id or their fields", "/")),
		step(goLeft, "← h", "", "the collection before", "left", "h"),
		pair("←→", goRight, "→ l", "collection", "the next collection", "right", "l"),
		bind(tabNext, "tab", "", "the next collection", "tab"),
		bind(tabPrevious, "shift+tab", "", "the collection before", "shift+tab"),
		bind(tabOpen, "1", "", "the open conflicts", "1"),
		bind(tabDrafts, "2", "", "the conflicts that you have begun to decide", "2"),
		bind(tabSnoozed, "3", "", "the snoozed conflicts", "3"),
		bind(tabResolved, "4", "", "the resolved conflicts", "4"),
		bind(tabParked, "5", "", "the changes that could not be used, each whole, with the reason", "5"),
		bind(refresh, "R", "refresh", "read the list again", "R"))
	keys = append(append(keys, pageKeys()...), endKeys("home", "the first record", "the last record that was read; further ones follow")...)
	return append(append(keys, toolKeys()...),
		must(bind(goBack, "esc", "conflicts", "leave the search, or go back to the conflicts", "esc")),
		bind(leave, "q", "quit", "leave; drafts are kept", "q"))
}

// recordKeys are those of one record.
func recordKeys() keymap {
	keys := append(rowKeys("field", "field"),
		must(bind(editValue, "e", "edit", "type a value; nothing is written yet", "e")),
		bind(pickRemoved, "0", "remove", "have the field go; nothing is written yet", "0"),
		bind(takeBack, "r", "take back", "take the edit of the field back", "r"),
		must(bind(openReview, "w", "write", "write what was edited, after a question; also ctrl+s", "w", "ctrl+s")),
		must(bind(showHistory, "i", "history", "the record's versions", "i")),
		bind(openCase, "enter", "conflict", "open the record's conflict", "enter"),
		bind(refresh, "R", "refresh", "read the record again; what was edited stays", "R"))
	keys = append(append(keys, pageKeys()...), endKeys("g home", "the first field", "the last field", "g")...)
	return append(append(keys, toolKeys()...),
		must(bind(goBack, "q", "records", "back to the records; also esc", "q", "esc")))
}
