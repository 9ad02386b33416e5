package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"dovetail/merge"
	"dovetail/merge/autopsy"
)

// autopsyFlags are the names of a log's columns, where they are not the usual ones.
type autopsyFlags struct {
	record, collection, by, at, seen, seenAt, version, fields, field, new, old string
	skipBad                                                                    string
}

func (a *app) autopsyCommand() *cobra.Command {
	var flags autopsyFlags
	c := &cobra.Command{
		Use:   "autopsy LOG.ndjson|LOG.csv|-",
		Short: "Find in an application's own log which edits were overwritten unseen",
		Long: `autopsy reads the log that an application keeps of its edits, and lists those that were overwritten by somebody who had
not seen them: what was lost, whose it was, and who wrote over it. It needs no database and changes nothing.

The log is read in its order, oldest first. It has a line for each edit, with an object of fields, or a line for each
field, with its new value: JSON lines, or CSV with names in the first line. The usual names are found; flags map others.
What somebody had seen is told by the version that the edit was made on (seen), by the time at which he read the record
(seen_at), or by the old value. Where a line has none of these, the log cannot tell, and so many edits are counted.

Times are as in 2026-11-22T09:14:00Z, or numbers of seconds or milliseconds since 1970.`,
		Example: `  dovetail autopsy audit.ndjson
  dovetail autopsy audit.csv --record deal_id --by user --at ts --seen lock_version
  dovetail autopsy saves.csv --fields status,amount,notes --seen-at opened
  psql -qAt -c "SELECT row_to_json(a) FROM audit a ORDER BY id" | dovetail autopsy - --json`,
		Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error { return a.runAutopsy(c.Context(), args[0], flags) },
		ValidArgsFunction: func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
			return []string{"ndjson", "jsonl", "json", "csv", "log"}, cobra.ShellCompDirectiveFilterFileExt
		},
	}
	for _, f := range []struct {
		into        *string
		name, usage string
	}{
		{&flags.record, "record", "what was edited, by `NAME` of its column or member"},
		{&flags.collection, "collection", "the `NAME` of the table, where a record's own name is unique in one alone"},
		{&flags.by, "by", "who edited it, by `NAME`"},
		{&flags.at, "at", "when, by `NAME`"},
		{&flags.seen, "seen", "the version that the edit was made on, by `NAME`"},
		{&flags.seenAt, "seen-at", "when the record was read for it, by `NAME`"},
		{&flags.version, "version", "the version that the edit made, by `NAME`; else they are counted"},
		{&flags.fields, "fields", "`NAME` of an object of fields, or NAME,NAME,… of columns that are a field each"},
		{&flags.field, "field", "where each field has a line: the `NAME` of its name"},
		{&flags.new, "new", "the `NAME` of its new value"},
		{&flags.old, "old", "the `NAME` of its old value, or of an object of old values"},
		{&flags.skipBad, "skip-bad", "collect bad lines in `FILE`, which must not exist, and read the others"},
	} {
		c.Flags().StringVar(f.into, f.name, "", f.usage)
	}
	return c
}

// names are the usual ones, but for those that flags give. What a flag names is nothing else.
func (f *autopsyFlags) names() (autopsy.Names, error) {
	names := autopsy.UsualNames()
	roles := []struct {
		flag, given string
		names       *[]string
	}{
		{"record", f.record, &names.Record}, {"collection", f.collection, &names.Collection}, {"by", f.by, &names.By},
		{"at", f.at, &names.At}, {"seen", f.seen, &names.Seen}, {"seen-at", f.seenAt, &names.SeenAt},
		{"version", f.version, &names.Version}, {"fields", f.fields, &names.Fields}, {"field", f.field, &names.Field},
		{"new", f.new, &names.New}, {"old", f.old, &names.Old}, {"", "", &names.Action},
	}
	taken := map[string]string{}
	for _, role := range roles {
		if role.given == "" {
			continue
		}
		for _, name := range strings.Split(role.given, ",") {
			switch {
			case name == "":
				return names, misuse("--%s %s: a name is empty", role.flag, role.given)
			case taken[name] != "":
				return names, misuse("%s cannot be --%s and --%s", name, taken[name], role.flag)
			case role.flag != "fields" && name != role.given:
				return names, misuse("--%s %s: it is one name", role.flag, role.given)
			}
			taken[name] = role.flag
		}
	}
	for _, role := range roles {
		if role.given != "" {
			*role.names = strings.Split(role.given, ",")
			names.Given = append(names.Given, *role.names...)
			continue
		}
		*role.names = slices.DeleteFunc(*role.names, func(name string) bool { return taken[name] != "" })
	}
	if f.fields != "" && f.field == "" {
		names.Field = nil // a column of that name is something else, or a field
	}
	return names, nil
}

func (a *app) runAutopsy(ctx context.Context, name string, flags autopsyFlags) error {
	names, err := flags.names()
	if err != nil {
		return err
	}
	in, err := a.source(name)
	if err != nil {
		return err
	}
	defer in.Close()
	aside, err := setAside(flags.skipBad)
	if err != nil {
		return err
	}
	defer aside.close()
	x := autopsy.NewExaminer()
	var lines int64
	err = a.buffered(func() error {
		return autopsy.Read(a.told(ctx, in), names, aside.take, func(e autopsy.Edit) error {
			lines++
			return x.Add(e, a.printLost)
		})
	})
	if err != nil {
		return autopsyError(name, flags, err)
	}
	return a.concludeAutopsy(x.Summary(), lines, aside.lines, flags)
}

// badLines are collected in a file, if there is one.
type badLines struct {
	file  *os.File
	lines int64
}

func setAside(path string) (*badLines, error) {
	if path == "" {
		return &badLines{}, nil
	}
	file, err := createBad(path)
	return &badLines{file: file}, err
}

// take is the error of the line itself where there is no file.
func (b *badLines) take(text []byte, err *autopsy.LineError) error {
	if b.file == nil {
		return err
	}
	b.lines++
	_, wrong := b.file.Write(append(bytes.TrimRight(slices.Clip(text), "\r\n"), '\n'))
	return wrong
}

// close leaves no empty file behind.
func (b *badLines) close() {
	if b.file == nil {
		return
	}
	b.file.Close()
	if b.lines == 0 {
		os.Remove(b.file.Name())
	}
}

// autopsyError says of a line that cannot be read what may be done about it.
func autopsyError(name string, flags autopsyFlags, err error) error {
	var line *autopsy.LineError
	if !errors.As(err, &line) {
		return fmt.Errorf("%s: %w", name, err)
	}
	err = misuseError{fmt.Errorf("%s: %w", name, err)}
	switch {
	case errors.Is(err, autopsy.ErrNames), errors.Is(err, autopsy.ErrGiven), errors.Is(err, autopsy.ErrNoFields):
		return hint(err, "flags name them: --record, --fields, --field … as in `dovetail autopsy --help`")
	case errors.Is(err, autopsy.ErrArray):
		return hint(err, "`jq -c .[] %s` makes lines of it", name)
	}
	return hint(err, "--skip-bad FILE collects the bad lines and reads the others")
}

// told is a reader that ends with ctx, and tells how far it is.
func (a *app) told(ctx context.Context, in io.Reader) io.Reader {
	t := &toldReader{ctx: ctx, in: in}
	if f, ok := in.(*os.File); ok && !isTerminal(a.out) {
		if info, err := f.Stat(); err == nil && info.Mode().IsRegular() {
			t.size, t.tell = info.Size(), a.progress("read")
		}
	}
	return t
}

type toldReader struct {
	ctx        context.Context
	in         io.Reader
	done, size int64
	tell       func(done, total int64)
}

// Read implements [io.Reader]. A pipe may be silent for ever: what waits for it then is left to itself.
func (t *toldReader) Read(p []byte) (int, error) {
	type result struct {
		n   int
		err error
	}
	read := make(chan result, 1)
	own := make([]byte, len(p))
	go func() {
		n, err := t.in.Read(own)
		read <- result{n, err}
	}()
	select {
	case <-t.ctx.Done():
		return 0, t.ctx.Err()
	case r := <-read:
		t.done += int64(r.n)
		if t.tell != nil {
			t.tell(t.done, t.size)
		}
		if r.err != nil && !errors.Is(r.err, io.EOF) {
			r.err = misuseError{r.err}
		}
		return copy(p, own[:r.n]), r.err
	}
}

// lostObject is a lost edit as `autopsy --json` prints it. Value is not there where the field was taken out.
type lostObject struct {
	Type   string      `json:"type"` // "lost"
	Record string      `json:"record"`
	Field  string      `json:"field"`
	Value  merge.Value `json:"value,omitzero"`
	By     string      `json:"by,omitempty"`
	At     time.Time   `json:"at,omitzero"`
	Line   int64       `json:"line"`
	Over   overObject  `json:"over"`
}

type overObject struct {
	Value   merge.Value  `json:"value,omitzero"`
	Deleted bool         `json:"deleted,omitempty"` // the whole record
	By      string       `json:"by,omitempty"`
	At      time.Time    `json:"at,omitzero"`
	Line    int64        `json:"line"`
	Seen    *int64       `json:"seen,omitempty"`
	SeenAt  time.Time    `json:"seen_at,omitzero"`
	Old     *merge.Value `json:"old,omitempty"`
}

// autopsyObject is the last line of `autopsy --json`.
type autopsyObject struct {
	Type       string           `json:"type"` // "summary"
	Lost       int64            `json:"lost"`
	People     int64            `json:"people"`
	CannotTell int64            `json:"cannot_tell"`
	Edits      int64            `json:"edits"`
	Records    int64            `json:"records"`
	Lines      int64            `json:"lines"`
	Bad        int64            `json:"bad"`
	From       time.Time        `json:"from,omitzero"`
	To         time.Time        `json:"to,omitzero"`
	Fields     map[string]int64 `json:"fields"` // lost edits by their field
}
