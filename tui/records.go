package tui

import (
	"context"
	"fmt"
	"slices"
	"time"

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

// missing reports whether there never was such a record.
func (r *RecordShown) missing() bool { return !r.Deleted && r.Fields == nil }

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
	// Record returns one. Where there never was one, it has no version and no fields, but its rules.
	Record(ctx context.Context, key merge.Key) (RecordShown, error)
	// WriteRecord makes a version, or on a replica a pending change, if the record is what was shown; merge.ErrStale,
	// *merge.RuleError.
	WriteRecord(context.Context, RecordEdit) (RecordShown, error)
}

// RecordDrafter keeps what was edited in records and not written.
type RecordDrafter interface {
	// RecordDrafts returns a person's drafts, by the record's name.
	RecordDrafts(ctx context.Context, person string) ([]merge.RecordDraft, error)
	// SaveRecordDraft keeps the draft in the place of the one before.
	SaveRecordDraft(context.Context, merge.RecordDraft) error
	// DiscardRecordDraft throws a person's draft away; that there is none is no error.
	DiscardRecordDraft(ctx context.Context, key merge.Key, person string) error
}

// recordsPage is how many records are read at once.
const recordsPage = 100

// recordsAsk is a page of records that is asked for.
type recordsAsk struct {
	collection, text string
	after            string // the id that it begins after
	from             int    // the row of the list that it begins at; what stands there and after it goes
	limit            int
}

// What the commands about records answer, with the sequence number that they were asked with.
type (
	collectionsMsg struct {
		names []string
		err   error
	}
	foundMsg struct {
		seq     int
		ask     recordsAsk
		records []RecordShown
		drafts  []merge.RecordDraft // of the person, in all collections
		apart   []draftApart        // those that no record of the list is under, where it is read from its start
		err     error
	}
	recordMsg struct {
		seq    int
		record RecordShown
		draft  merge.RecordDraft // of the person; empty where there is none
		err    error
	}
	// recordSavedMsg says that the drafts offered up to a change were saved; at is zero if there was none.
	recordSavedMsg struct {
		change int
		at     time.Time
		err    error
	}
	// recordTypedMsg comes a while after something was typed.
	recordTypedMsg struct{ change int }
	recordWroteMsg struct {
		seq    int
		record RecordShown
		err    error
	}
)

// recordCommands make them.
type recordCommands struct {
	collections func() tea.Cmd
	find        func(seq int, ask recordsAsk) tea.Cmd
	read        func(seq int, key merge.Key) tea.Cmd
	write       func(seq int, e RecordEdit, rest merge.RecordDraft) tea.Cmd // rest is the draft that is left then
	offer       func(merge.RecordDraft)
	save        func(change int) tea.Cmd // saves what was offered
}

func newRecordCommands(ctx context.Context, c Config, drafts *saver) recordCommands {
	l := c.Librarian
	if l == nil {
		return recordCommands{}
	}
	always := context.WithoutCancel(ctx)
	return recordCommands{
		collections: func() tea.Cmd {
			return func() tea.Msg {
				names, err := l.Collections(ctx)
				if err != nil {
					return collectionsMsg{err: err}
				}
				kept, err := c.Drafter.RecordDrafts(ctx, c.Person)
				for i := range kept { // which may be of records that are to be made, in a collection that has none
					names = append(names, kept[i].Record.Collection)
				}
				slices.Sort(names)
				return collectionsMsg{slices.Compact(names), err}
			}
		},
		find: func(seq int, ask recordsAsk) tea.Cmd {
			return func() tea.Msg {
				msg := foundMsg{seq: seq, ask: ask}
				if msg.records, msg.err = l.Find(ctx, ask.collection, ask.text, ask.after, ask.limit); msg.err != nil {
					return msg
				}
				if msg.drafts, msg.err = c.Drafter.RecordDrafts(ctx, c.Person); msg.err == nil && ask.after == "" {
					msg.apart, msg.err = draftsApart(ctx, l, msg.drafts, ask.collection)
				}
				return msg
			}
		},
		read: func(seq int, key merge.Key) tea.Cmd { return readRecordCommand(ctx, c, drafts, seq, key) },
		write: func(seq int, e RecordEdit, rest merge.RecordDraft) tea.Cmd {
			return func() tea.Msg {
				if _, err := drafts.flush(always); err != nil { // it must survive whatever becomes of the writing
					return recordWroteMsg{seq: seq, err: fmt.Errorf("the draft cannot be saved: %w", err)}
				}
				e.By = c.Person
				record, err := l.WriteRecord(ctx, e)
				if err == nil {
					rest.Version, rest.Revision = record.Version, record.Revision
					offerRecord(c, drafts, rest)
					_, _ = drafts.flush(always) // a draft that stays is one of what the record holds, and goes when it is opened
				}
				return recordWroteMsg{seq, record, err}
			}
		},
		offer: func(d merge.RecordDraft) { offerRecord(c, drafts, d) },
		save: func(change int) tea.Cmd {
			return func() tea.Msg {
				at, err := drafts.flush(always)
				return recordSavedMsg{change, at, err}
			}
		},
	}
}

// draftApart is a draft of a record that no list has: it is to be made, or was deleted.
type draftApart struct {
	merge.RecordDraft
	deleted bool
}

func draftsApart(ctx context.Context, l Librarian, drafts []merge.RecordDraft, collection string) ([]draftApart, error) {
	var apart []draftApart
	for _, d := range drafts {
		if d.Record.Collection != collection {
			continue
		}
		r, err := l.Record(ctx, d.Record)
		if err != nil {
			return nil, err
		}
		if r.Deleted || r.missing() {
			apart = append(apart, draftApart{d, r.Deleted})
		}
	}
	return apart, nil
}

// readRecordCommand reads a record and the person's draft of it, after the drafts that wait were saved. The draft is read first: one
// that is older than what is shown with it is brought to that.
func readRecordCommand(ctx context.Context, c Config, drafts *saver, seq int, key merge.Key) tea.Cmd {
	return func() tea.Msg {
		_, _ = drafts.flush(context.WithoutCancel(ctx)) // what failed stays offered, and is told when it is tried again
		all, err := c.Drafter.RecordDrafts(ctx, c.Person)
		if err != nil {
			return recordMsg{seq: seq, err: err}
		}
		draft := merge.RecordDraft{Record: key, Person: c.Person}
		for i := range all {
			if all[i].Record == key {
				draft = all[i]
			}
		}
		record, err := c.Librarian.Record(ctx, key)
		return recordMsg{seq, record, draft, err}
	}
}

// offerRecord has the next save keep a draft, or throw it away where nothing is in it.
func offerRecord(c Config, drafts *saver, d merge.RecordDraft) {
	drafts.keep(draftName{record: d.Record}, func(ctx context.Context, at time.Time) error {
		if d.Empty() {
			return c.Drafter.DiscardRecordDraft(ctx, d.Record, c.Person)
		}
		d.SavedAt = at
		return c.Drafter.SaveRecordDraft(ctx, d)
	})
}

// recordListKeys are those of the list of records.
func recordListKeys() keymap {
	keys := append(rowKeys("move", "record"),
		must(bind(openCase, "enter", "open", "the record's fields, its history, and edits of it", "enter")),
		must(bind(createRecord, "n", "new", "make a record: its id, then its fields; also +", "n", "+")),
		must(bind(editFilter, "/", "search", "the records that hold a text, in their id or their fields", "/")),
		step(goLeft, "← h", "", "the collection before", "left", "h"),
		pair("←→", goRight, "→ l", "collection", "the next collection", "right", "l"),
		bind(tabNext, "tab", "", "the next collection", "tab"),
		bind(tabPrevious, "shift+tab", "", "the collection before", "shift+tab"))
	keys = append(append(keys, listKeys(tabRecords)...), bind(refresh, "R", "", "read the list again", "R"))
	keys = append(append(keys, pageKeys()...), endKeys("home", "the first record", "the last record that was read; further ones follow")...)
	return append(append(keys, toolKeys()...),
		must(bind(goBack, "esc", "conflicts", "leave the search, or go back to the conflicts", "esc")),
		bind(leave, "q", "quit", "leave; drafts are kept", "q"))
}

// recordKeys are those of one record.
func recordKeys() keymap {
	keys := append(rowKeys("field", "field"),
		must(bind(editValue, "e", "edit", "type a value; nothing is written yet", "e")),
		bind(editOutside, "E", "", "edit in the editor that EDITOR names; nothing is written yet", "E"),
		bind(pickRemoved, "0", "remove", "have the field go; nothing is written yet", "0"),
		bind(takeBack, "r", "take back", "take the edit of the field back", "r"),
		must(bind(pickLocal, "1", "keep yours", "where you and somebody else changed the field: yours is to be written", "1")),
		must(bind(pickServer, "2", "take theirs", "where you and somebody else changed the field: it stays as it is now", "2")),
		bind(addField, "+", "add field", "give the record a field that it has not; nothing is written yet", "+"),
		must(bind(openReview, "w", "write", "write what was edited, after a question; also ctrl+s", "w", "ctrl+s")),
		must(bind(showHistory, "i", "history", "the record's versions", "i")),
		bind(openCase, "enter", "conflict", "open the record's conflict", "enter"),
		bind(refresh, "R", "", "read the record again; what was edited stays", "R"),
		bind(discardDraft, ":", "", "throw away all that was edited and not written, after a question"))
	keys = append(append(keys, pageKeys()...), endKeys("g home", "the first field", "the last field", "g")...)
	return append(append(keys, toolKeys()...),
		must(bind(goBack, "q", "records", "back to the records, the draft is kept; also esc", "q", "esc")))
}
