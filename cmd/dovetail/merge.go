package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"dovetail/merge"
	"dovetail/merge/schema"
)

// mergeFlags are the flags of `merge`.
type mergeFlags struct {
	out, fill, strategy, schema string
	explain, markers            bool
}

func (a *app) mergeCommand() *cobra.Command {
	var flags mergeFlags
	c := &cobra.Command{
		Use:   "merge BASE LOCAL SERVER",
		Short: "Merge three JSON files, without a database",
		Long: `merge reads one record as it was (BASE), as the offline side left it (LOCAL) and as the server has it (SERVER), and
prints the merged record, with the order of keys and the indentation of LOCAL. A record that is absent or deleted is an
empty file, a file that holds null, or /dev/null.

--schema names a JSON Schema whose x-merge says how each field is joined, and which the merged record must keep to.

Fields that both sides changed differently are conflicts: then nothing is printed or written, the fields are named on
standard error, and the exit code is 1. --fill says what to put there instead. --markers writes the file all the same,
with git's conflict markers around those fields; this makes a merge driver for git:

  git config merge.dovetail.driver 'dovetail merge --markers -o %A %O %A %B'

With --strategy last-write-wins the whole record of the later side wins, by the files' modification times; a tie goes to
the server. The policy latest asks a person here: a file does not tell when each of its fields was edited.`,
		Example: `  dovetail merge --json base.json local.json server.json
  dovetail merge --schema deal.schema.json --explain base.json local.json server.json
  dovetail merge --fill server -o merged.json base.json local.json server.json`,
		Args: cobra.ExactArgs(3),
		RunE: func(_ *cobra.Command, args []string) error { return a.runMerge(args, flags) },
	}
	c.Flags().StringVarP(&flags.out, "output", "o", "", "write the result to `FILE`, which is replaced at once or left alone")
	c.Flags().StringVar(&flags.fill, "fill", "", "take this `SIDE` in conflicts: local, server or base")
	c.Flags().StringVar(&flags.schema, "schema", "", "the JSON Schema in `FILE` says how fields are joined")
	c.Flags().StringVar(&flags.strategy, "strategy", "", "join the sides by `HOW`: field-merge or last-write-wins; else as the schema says")
	c.Flags().BoolVar(&flags.explain, "explain", false, "say of each field by which rule it came out so, and why (with --json: within it)")
	c.Flags().BoolVar(&flags.markers, "markers", false, "with a conflict, write the result with git's markers around the fields")
	return c
}

// mergeObject is what `merge --json` prints. Result is nil where a conflict is left.
type mergeObject struct {
	Outcome merge.RecordOutcome `json:"outcome"`
	Result  *merge.Document     `json:"result,omitempty"`
	Fields  []fieldObject       `json:"fields"`
}

// fieldObject is one field of a merge, with its explanation where that is asked for.
type fieldObject struct {
	merge.Field
	*explanation
}

func newMergeObject(r merge.Result) mergeObject {
	o := mergeObject{Outcome: r.Outcome, Fields: []fieldObject{}}
	for _, f := range r.Fields {
		o.Fields = append(o.Fields, fieldObject{Field: f})
	}
	if r.Outcome != merge.RecordConflict {
		o.Result = &r.Document
	}
	return o
}

// explain adds the reasons to the fields.
func (o *mergeObject) explain(e explainer) {
	for i := range o.Fields {
		words := e.explain(o.Fields[i].Field)
		o.Fields[i].explanation = &words
	}
}

func (a *app) runMerge(paths []string, flags mergeFlags) error {
	fill, err := parseFill(flags.fill)
	if err != nil {
		return err
	}
	rules, strategy, err := flags.rules()
	if err != nil {
		return err
	}
	files, err := readThree(paths)
	if err != nil {
		return err
	}
	if err := files.parse(); err != nil {
		if flags.markers {
			return a.mergeTexts(files, flags, err)
		}
		return err
	}
	r := merge.Record(files.sides, rules)
	e := explainer{result: r, rules: rules}
	if strategy == merge.LastWriteWins {
		r = merge.LastWrite(files.sides, files.times[1], files.times[2])
		e = explainer{result: r, rules: rules, localAt: files.times[1], serverAt: files.times[2]}
	}
	object := newMergeObject(r)
	if fill != merge.Undecided {
		if object, err = fillConflicts(r, fill); err != nil {
			return err
		}
	}
	if flags.explain && a.json {
		object.explain(e)
	} else if flags.explain {
		a.sayExplained(object, e)
	}
	if a.json {
		if err := a.writeObject(object); err != nil {
			return err
		}
	}
	if object.Result != nil {
		return a.writeMerged(files.settled(*object.Result, rules), flags.out)
	}
	a.say("conflict in %s", fieldList(r.Conflicts()))
	if flags.markers {
		if err := a.writeMerged(files.marked(r), flags.out); err != nil {
			return err
		}
	}
	return errUndecided
}

// rules reads --schema and --strategy, which fit each other.
func (flags mergeFlags) rules() (*merge.Rules, merge.Strategy, error) {
	rules, err := readSchema(flags.schema)
	if err != nil {
		return nil, merge.FieldMerge, err
	}
	strategy := merge.FieldMerge
	if rules != nil && rules.Strategy == merge.LastWriteWins && !flags.markers {
		strategy = merge.LastWriteWins
	}
	switch flags.strategy {
	case "":
	case merge.FieldMerge.String():
		strategy = merge.FieldMerge
	case merge.LastWriteWins.String():
		if flags.markers {
			return nil, strategy, hint(misuse("--strategy %s goes by the files' times, and git's files are all of this moment", flags.strategy),
				"leave --strategy out; a schema says by field what wins")
		}
		strategy = merge.LastWriteWins
	case merge.OpReplay.String():
		return nil, strategy, hint(misuse("--strategy %s needs the operations of a change, and a file holds only what they led to", flags.strategy),
			"`dovetail import` takes change lines, which carry them")
	default:
		return nil, strategy, misuse("--strategy %s: it is field-merge or last-write-wins", flags.strategy)
	}
	return rules, strategy, nil
}

// readSchema reads the rules of a schema file; no path is no rules.
func readSchema(path string) (*merge.Rules, error) {
	if path == "" {
		return nil, nil
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, misuseError{err}
	}
	rules, err := schema.Parse(text)
	if err != nil {
		return nil, misuseError{fmt.Errorf("%s: %w", path, err)}
	}
	return rules, nil
}

// mergeTexts is for git, which brings whatever stands in a file: what is no record is merged as a whole.
func (a *app) mergeTexts(files threeFiles, flags mergeFlags, reason error) error {
	text, conflict := files.byText()
	a.say("%s; merged as whole texts", reason)
	if err := a.writeMerged(text, flags.out); err != nil {
		return err
	}
	if conflict {
		a.say("conflict in the whole file")
		return errUndecided
	}
	return nil
}

// writeMerged writes the text of a record to a file as it is, or else to standard output, where nothing in it acts on a
// terminal. With --json the object has told it already.
func (a *app) writeMerged(text []byte, path string) error {
	switch {
	case path != "":
		return writeFile(path, text)
	case a.json:
		return nil
	}
	var out bytes.Buffer
	for line := range bytes.Lines(text) {
		end := line[len(bytes.TrimRight(line, "\r\n")):]
		// A carriage return within a line is a blank of JSON, and would let one value overwrite another.
		for part := range bytes.FieldsFuncSeq(line[:len(line)-len(end)], func(r rune) bool { return r == '\r' }) {
			for i, run := range bytes.Split(part, []byte("\t")) {
				if i > 0 {
					out.WriteByte('\t')
				}
				out.Write(armoured(run))
			}
		}
		out.Write(end)
	}
	if !bytes.HasSuffix(text, []byte("\n")) {
		out.WriteByte('\n')
	}
	_, err := a.out.Write(out.Bytes())
	return err
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

// fillConflicts settles every conflict with one side. The fields stay named as conflicts, with what was put there.
func fillConflicts(r merge.Result, side merge.Choice) (mergeObject, error) {
	object := newMergeObject(r)
	if r.Outcome != merge.RecordConflict {
		return object, nil
	}
	decisions := merge.Decisions{}
	for i := range object.Fields {
		f := &object.Fields[i].Field
		if f.Outcome != merge.FieldConflict {
			continue
		}
		d, ok := f.Choose(side, merge.Absent)
		if !ok {
			return object, misuse("--fill %s: %s cannot take it", side, fieldName(f.Path))
		}
		decisions[f.Path] = d
		f.Result, f.Rule = d.Value, "fill "+side.String()
	}
	doc, err := r.Apply(decisions)
	var broken *merge.RuleError
	if errors.As(err, &broken) {
		return object, hint(misuseError{fmt.Errorf("--fill %s: %w", side, err)}, "--explain tells which fields are in the rule")
	}
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
