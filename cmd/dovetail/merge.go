package main

import (
	"bytes"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"dovetail/merge"
)

// mergeFlags are the flags of `merge`.
type mergeFlags struct {
	out, fill, strategy string
	explain             bool
}

func (a *app) mergeCommand() *cobra.Command {
	var flags mergeFlags
	c := &cobra.Command{
		Use:   "merge BASE LOCAL SERVER",
		Short: "Merge three JSON files, without a database",
		Long: `merge reads one record as it was (BASE), as the offline side left it (LOCAL) and as the server has it (SERVER), and
prints the merged record. A record that is absent or deleted is an empty file, a file that holds null, or /dev/null.

Fields that both sides changed differently are conflicts: then nothing is printed or written, the fields are named on
standard error, and the exit code is 1. --fill says what to put there instead.

With --strategy last-write-wins the whole record of the later side wins, by the files' modification times; a tie goes to
the server.`,
		Example: `  dovetail merge --json base.json local.json server.json
  dovetail merge --fill server -o merged.json base.json local.json server.json`,
		Args: cobra.ExactArgs(3),
		RunE: func(_ *cobra.Command, args []string) error { return a.runMerge(args, flags) },
	}
	c.Flags().StringVarP(&flags.out, "output", "o", "", "write the result to `FILE`, which is replaced at once or left alone")
	c.Flags().StringVar(&flags.fill, "fill", "", "take this `SIDE` in conflicts: local, server or base")
	c.Flags().StringVar(&flags.strategy, "strategy", "field-merge", "how the sides are joined: field-merge or last-write-wins")
	c.Flags().BoolVar(&flags.explain, "explain", false, "say in words what became of each field, on standard error")
	return c
}

// mergeObject is what `merge --json` prints. Result is nil where a conflict is left.
type mergeObject struct {
	Outcome merge.RecordOutcome `json:"outcome"`
	Result  *merge.Document     `json:"result,omitempty"`
	Fields  []merge.Field       `json:"fields"`
}

func newMergeObject(r merge.Result) mergeObject {
	o := mergeObject{Outcome: r.Outcome, Fields: r.Fields}
	if o.Fields == nil {
		o.Fields = []merge.Field{}
	}
	if r.Outcome != merge.RecordConflict {
		o.Result = &r.Document
	}
	return o
}

func (a *app) runMerge(paths []string, flags mergeFlags) error {
	fill, err := parseFill(flags.fill)
	if err != nil {
		return err
	}
	r, err := mergeFiles(paths, flags.strategy)
	if err != nil {
		return err
	}
	object := newMergeObject(r)
	if fill != merge.Undecided {
		if object, err = fillConflicts(r, fill); err != nil {
			return err
		}
	}
	if flags.explain {
		for _, f := range r.Fields {
			a.say("%s", explainField(f))
		}
		if len(r.Fields) == 0 {
			a.say("no side changed anything")
		}
	}
	if a.json {
		if err := a.writeObject(object); err != nil {
			return err
		}
	}
	if object.Result == nil {
		a.say("conflict in %s", fieldList(r.Conflicts()))
		return errUndecided
	}
	return a.writeResult(*object.Result, flags.out)
}

func (a *app) writeResult(result merge.Document, path string) error {
	text, err := jsonLine(result)
	if err != nil {
		return err
	}
	switch {
	case path != "":
		return writeFile(path, append(text, '\n'))
	case a.json:
		return nil
	default:
		return a.writeJSON(text)
	}
}

func parseFill(word string) (merge.Choice, error) {
	if word == "" {
		return merge.Undecided, nil
	}
	c, err := parseSide(word)
	if err != nil {
		return c, misuse("--fill %s: it is local, server or base", word)
	}
	return c, nil
}

func mergeFiles(paths []string, strategy string) (merge.Result, error) {
	var docs [3]merge.Document
	var times [3]time.Time
	for i, path := range paths {
		var err error
		if docs[i], times[i], err = readDocument(path); err != nil {
			return merge.Result{}, err
		}
	}
	sides := merge.Sides{Base: docs[0], Local: docs[1], Server: docs[2]}
	switch strategy {
	case merge.FieldMerge.String():
		return merge.Record(sides, nil), nil
	case merge.LastWriteWins.String():
		return merge.LastWrite(sides, times[1], times[2]), nil
	default:
		return merge.Result{}, misuse("--strategy %s: it is field-merge or last-write-wins", strategy)
	}
}

// readDocument reads one side; nil is a record that is absent.
func readDocument(path string) (merge.Document, time.Time, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, time.Time{}, misuseError{err}
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, time.Time{}, misuseError{err}
	}
	var buf bytes.Buffer
	if _, err := buf.ReadFrom(f); err != nil {
		return nil, time.Time{}, misuseError{err}
	}
	text := bytes.TrimSpace(buf.Bytes())
	if len(text) == 0 || string(text) == string(merge.Null) {
		return nil, info.ModTime(), nil
	}
	doc, err := merge.Canonical(buf.Bytes())
	if err != nil {
		return nil, time.Time{}, misuseError{fmt.Errorf("%s: %w", path, err)}
	}
	return doc, info.ModTime(), nil
}

// fillConflicts settles every conflict with one side. The fields stay named as conflicts, with what was put there.
func fillConflicts(r merge.Result, side merge.Choice) (mergeObject, error) {
	if r.Outcome != merge.RecordConflict {
		return newMergeObject(r), nil
	}
	object := newMergeObject(r)
	object.Fields = append([]merge.Field{}, r.Fields...)
	decisions := merge.Decisions{}
	for i, f := range object.Fields {
		if f.Outcome != merge.FieldConflict {
			continue
		}
		d, ok := f.Choose(side, merge.Absent)
		if !ok {
			return object, misuse("--fill %s: %s cannot take it", side, fieldName(f.Path))
		}
		decisions[f.Path] = d
		object.Fields[i].Result = d.Value
		object.Fields[i].Rule = "fill " + side.String()
	}
	doc, err := r.Apply(decisions)
	if err != nil {
		return object, misuseError{fmt.Errorf("--fill %s: %w", side, err)}
	}
	object.Outcome, object.Result = merge.Merged, &doc
	return object, nil
}

// fieldList names fields for a sentence.
func fieldList(paths []string) string {
	words := make([]string, len(paths))
	for i, p := range paths {
		words[i] = fieldName(p)
	}
	return strings.Join(words, ", ")
}
