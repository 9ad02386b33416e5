package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"strings"
	"unicode/utf8"
)

// Finding says how one of the things that [Store.Check] looks at stands.
type Finding struct {
	Check string   `json:"check"`
	OK    bool     `json:"ok"`
	Found []string `json:"found"`         // what is wrong, the first of it; where nothing is, one line on what was looked at
	More  int64    `json:"more,omitzero"` // that is wrong besides
	Do    string   `json:"do,omitempty"`  // what to do about it
}

// maxFound and maxFoundBytes bound what a finding quotes.
const (
	maxFound      = 5
	maxFoundBytes = 400
)

// check is one thing to look at. Where look itself fails, that is what is wrong.
type check struct {
	name string
	do   string // where something is wrong
	look func(*checkup, *notes) error
}

// What to do about damage, and about what only this program can have done.
const (
	doRestore = "let nobody write; keep a copy of the file and its -wal, go back to the last backup that passes, " +
		"and send again what came in since: a change that is known has no second effect"
	doReport = "keep a copy of the file and report it: no damage to the file does this, dovetail does"
	doClose  = "close every program that has the file open, and look again"
)

// aboutFile and aboutSettings are of the open database, and a copy of it has no use for them; aboutData are of what it
// holds.
var (
	aboutFile     = check{name: "file", look: (*checkup).file, do: doClose}
	aboutSettings = check{name: "settings", look: (*checkup).settings, do: doClose}
	aboutData     = []check{
		{name: "versions", look: (*checkup).versions, do: "use the dovetail that made the file, or a newer one"},
		{name: "pages", look: (*checkup).pages, do: doRestore},
		{name: "references", look: (*checkup).references, do: doRestore},
		{name: "tables", look: (*checkup).tables, do: doRestore},
		{name: "documents", look: (*checkup).documents, do: doRestore},
		{name: "chain", look: (*checkup).chain, do: doRestore},
		{name: "heads", look: (*checkup).heads, do: doRestore},
		{name: "values", look: (*checkup).values, do: doRestore + "; where a person changed the table on purpose, " +
			"its row in dovetail_seal is to be deleted, and the next write makes it anew"},
		{name: "queue", look: (*checkup).queue, do: doReport},
		{name: "parked", look: (*checkup).parked, do: doRestore},
		{name: "sum", look: (*checkup).sum, do: doReport},
	}
)

// Check looks at the database as it is at one moment: how it is opened, its file, and all that it holds. Findings come
// in a fixed order, also where nothing is wrong. A value that changed by itself, be it one bit, is found, except in what
// stands behind a NUL in the name of a person or a device, a note or a key. progress, which may be nil, is told how far
// it is. The error is that of ctx; all else that fails is a finding.
func (s *Store) Check(ctx context.Context, progress func(done, total int64)) ([]Finding, error) {
	c := &checkup{store: s, ctx: ctx, progress: progress}
	found, err := c.run(aboutFile)
	if err != nil {
		return nil, err
	}
	rest := append([]check{aboutSettings}, aboutData...)
	if now, err := os.Stat(s.info.Path); err != nil || !os.SameFile(now, s.file) {
		// Whatever opens the path now finds another file, and takes the log beside it for that one's.
		return append(found, untouched(rest, "the file is another one")...), nil
	}
	settings, err := c.run(aboutSettings)
	if err != nil {
		return nil, err
	}
	data, err := c.holdings(s.info.Path)
	switch {
	case ctx.Err() != nil:
		return nil, ctx.Err()
	case err != nil:
		data = untouched(aboutData, classify(err).Error())
	}
	return append(append(found, settings...), data...), nil
}

// untouched are the findings of checks that could not be made.
func untouched(checks []check, why string) []Finding {
	var found []Finding
	for _, one := range checks {
		n := notes{do: one.do}
		n.wrong("not looked at: %s", why)
		found = append(found, n.finding(one.name))
	}
	return found
}

// checkup is one look at a database.
type checkup struct {
	store *Store
	ctx   context.Context // of this look alone
	// failed is why something could not be looked at, where that says nothing of what is in the file.
	failed error
	view   *view
	also   func(*view) error // run in the same transaction; nil: nothing

	progress    func(done, total int64)
	done, total int64
	weights     map[string]int64 // rows of each table, about
}

// holdings runs the checks of what a file holds, in one transaction. It has a connection of its own, which could write
// and is told not to: on one that cannot, SQLite reads no CHECK, and looks for nothing that breaks one.
func (c *checkup) holdings(path string) (found []Finding, err error) {
	db, err := pool(path, "rw", 1, append(append([]setting{}, safe...), reading...))
	if err != nil {
		return nil, pathError(path, err)
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	tx, err := db.BeginTx(c.ctx, &sql.TxOptions{ReadOnly: true})
	if err != nil {
		return nil, classify(err)
	}
	defer tx.Rollback()
	c.view = &view{ctx: c.ctx, tx: tx, store: c.store}
	c.weigh()
	if found, err = c.run(aboutData...); err == nil && c.also != nil {
		err = c.also(c.view)
	}
	if err != nil {
		return nil, err
	}
	if c.progress != nil {
		c.progress(c.total, c.total)
	}
	return found, nil
}

func (c *checkup) run(checks ...check) ([]Finding, error) {
	var found []Finding
	for _, one := range checks {
		n := notes{do: one.do}
		err := one.look(c, &n)
		if c.ctx.Err() != nil {
			return nil, c.ctx.Err()
		}
		if err = classify(err); err != nil {
			n.wrong("%v", err)
			if c.failed == nil && !errors.Is(err, ErrCorrupt) && !errors.Is(err, ErrNotDatabase) {
				c.failed = err
			}
		}
		found = append(found, n.finding(one.name))
	}
	return found, nil
}

// weigh finds out how much there is to look at, without counting: a table that cannot be asked weighs nothing.
func (c *checkup) weigh() {
	c.weights = map[string]int64{}
	if _, err := c.view.row([]any{&c.total}, `SELECT page_count FROM pragma_page_count`); err != nil {
		return
	}
	c.weights["pages"] = c.total
	tables, err := tableNames(c.view)
	if err != nil {
		return
	}
	for _, table := range tables {
		var n number
		if _, err := c.view.row([]any{&n}, `SELECT max(rowid) FROM `+quoteName(table)); err != nil {
			continue // it has no numbers
		}
		c.weights[table] = int64(n)
		c.total += int64(n)
	}
	c.total += c.weights["dovetail_version"] // looked at twice: by themselves, and as values
}

// tick tells that so much more was looked at.
func (c *checkup) tick(n int64) {
	if c.progress == nil || n == 0 {
		return
	}
	c.done = min(c.done+n, c.total-1)
	c.progress(c.done, c.total)
}

// notes are what a check writes down.
type notes struct {
	found []string
	more  int64
	about string
	do    string
}

// wrong notes something that is not as it must be.
func (n *notes) wrong(format string, args ...any) {
	if len(n.found) == maxFound {
		n.more++
		return
	}
	n.found = append(n.found, bounded(fmt.Sprintf(format, args...)))
}

// looked says what was looked at, for where nothing is wrong.
func (n *notes) looked(format string, args ...any) { n.about = fmt.Sprintf(format, args...) }

func (n *notes) finding(name string) Finding {
	if len(n.found) > 0 {
		return Finding{Check: name, Found: n.found, More: n.more, Do: n.do}
	}
	return Finding{Check: name, OK: true, Found: []string{bounded(n.about)}}
}

// several is a number of things in words.
func several(n int64, thing string) string {
	if n != 1 {
		thing += "s"
	}
	return fmt.Sprintf("%d %s", n, thing)
}

// bounded cuts a text that quotes what anybody may have written.
func bounded(s string) string {
	if len(s) <= maxFoundBytes {
		return s
	}
	end := maxFoundBytes
	for end > 0 && !utf8.RuneStart(s[end]) {
		end--
	}
	return strings.ToValidUTF8(s[:end], "\uFFFD") + "…"
}
