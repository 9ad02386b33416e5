package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"runtime"

	"github.com/spf13/cobra"

	"dovetail/merge"
	"dovetail/store"
	"dovetail/tui/safe"
)

func (a *app) importCommand() *cobra.Command {
	var skipBad string
	c := &cobra.Command{
		Use:   "import [FILE|-]",
		Short: "Bring records and changes in, one JSON object a line",
		Long: `import reads lines of {"type": "record", …} and {"type": "change", …} from FILE or standard input. A change that cannot
be joined becomes a conflict. Reading the same lines again changes nothing.

A bad line names its number and reason, and nothing of the input is imported, unless --skip-bad collects the bad lines.
The exit code is 1 where a change needs a person, or was parked or refused.`,
		Example: `  dovetail import changes.ndjson
  sqlite3 app.db < changes.sql | dovetail import --json -`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			source := "-"
			if len(args) == 1 {
				source = args[0]
			}
			return a.withStore(c.Context(), func(s *store.Store) error {
				return a.runImport(c.Context(), s, source, skipBad)
			})
		},
	}
	c.Flags().StringVar(&skipBad, "skip-bad", "", "collect bad lines in `FILE`, which must not exist, and import the others")
	return c
}

func (a *app) runImport(ctx context.Context, s *store.Store, source, skipBad string) error {
	if err := a.onHub(ctx, s, "records and changes come to it", "import …"); err != nil {
		return err
	}
	in, err := a.source(source)
	if err != nil {
		return err
	}
	defer in.Close()
	text, err := withoutMark(in)
	if err != nil {
		return err
	}
	options := store.ImportOptions{Progress: a.progress("import")}
	if skipBad != "" {
		if err := refuseDatabase(s, skipBad); err != nil {
			return err
		}
		bad, err := createBad(skipBad)
		if err != nil {
			return err
		}
		defer bad.Close()
		options.SkipBad = bad
	}
	answered := map[int64]int64{} // how many answers name a conflict
	tally, err := s.Import(ctx, text, options, func(answer store.Answer) error {
		if answer.Outcome == store.Conflicted {
			answered[answer.Conflict]++
		}
		return a.answer(answer)
	})
	var line *store.LineError
	if errors.As(err, &line) {
		return hint(misuseError{fmt.Errorf("%s: %w; nothing was imported", source, err)},
			"--skip-bad FILE collects the bad lines and imports the others")
	}
	if err != nil {
		return err
	}
	decided, err := decidedBefore(ctx, s, answered)
	if err != nil {
		return err
	}
	a.say("%s", tallyLine(tally, decided))
	if skipBad != "" && tally.Bad == 0 {
		os.Remove(skipBad)
	}
	if tally.Conflicts-decided+tally.Parked+tally.Refused+tally.Bad > 0 {
		return errUndecided
	}
	return nil
}

// createBad makes the file for bad lines.
func createBad(path string) (*os.File, error) {
	bad, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return nil, misuse("--skip-bad %s: the file is there already, and may hold lines that are still needed", path)
	}
	if err != nil {
		return nil, misuseError{fmt.Errorf("--skip-bad: %w", err)}
	}
	return bad, nil
}

// decidedBefore counts the answers whose conflict is no longer open: the same input again gets the same answers.
func decidedBefore(ctx context.Context, s *store.Store, answered map[int64]int64) (int64, error) {
	if len(answered) == 0 {
		return 0, nil
	}
	waiting, err := merge.ParseFilter("state:open state:snoozed")
	if err != nil {
		return 0, err
	}
	left := maps.Clone(answered)
	err = eachPage(ctx, s, merge.Query{Filter: waiting}, 0, func(conflicts []merge.Conflict) error {
		for _, c := range conflicts {
			delete(left, c.Number)
		}
		return nil
	})
	var decided int64
	for _, n := range left {
		decided += n
	}
	return decided, err
}

// source opens what a command reads its data from.
func (a *app) source(name string) (io.ReadCloser, error) {
	if name != "-" {
		f, err := os.Open(name)
		if err != nil {
			return nil, misuseError{err}
		}
		return f, nil
	}
	if isTerminal(a.in) {
		a.say("reading lines from this terminal; %s ends them", endOfInput(runtime.GOOS))
	}
	return io.NopCloser(a.in), nil
}

// endOfInput is what a person ends their input with.
func endOfInput(system string) string {
	if system == "windows" {
		return "ctrl+z and enter on a line of its own"
	}
	return "ctrl+d"
}

// answer prints what became of one change.
func (a *app) answer(answer store.Answer) error {
	if a.json {
		return a.writeObject(answer)
	}
	line := fmt.Sprintf("%s  %s", safe.Text(answer.Record.String()), answer.Outcome)
	if answer.Version != 0 {
		line += fmt.Sprintf("  v%d", answer.Version)
	}
	if answer.Conflict != 0 {
		line += fmt.Sprintf("  conflict %d", answer.Conflict)
		if len(answer.Fields) > 0 {
			line += " in " + fieldList(answer.Fields)
		}
	}
	if answer.Error != "" {
		line += "  " + string(safe.Text(answer.Error))
	}
	a.print("%s", line)
	return nil
}

// tallyLine is one line over everything that came in. So many of its conflicts are decided by now.
func tallyLine(t store.Tally, decided int64) string {
	one, many := "change", "changes"
	if t.Refused > 0 {
		one, many = "line", "lines" // of either type
	}
	line := count(t.Changes(), one, many) + tallyParts(t, decided, usualOutcomes)
	if t.Records > 0 {
		line = count(t.Records, "record line", "record lines") + ", " + line
	}
	if t.Bad > 0 {
		line += ", " + count(t.Bad, "bad line", "bad lines") + " set aside"
	}
	return line
}

// tallyParts says how the changes came out, leaving out what did not happen.
func tallyParts(t store.Tally, decided int64, words outcomeWords) string {
	parts, separator := "", ": "
	for _, p := range []struct {
		n    int64
		word string
	}{
		{t.Applied, "applied"},
		{t.Converged, "the same already"},
		{t.Merged, words.merged},
		{t.Superseded, words.superseded},
		{t.Conflicts - decided, needs(t.Conflicts - decided)},
		{decided, "decided since"},
		{t.Parked, "parked"},
		{t.Refused, "refused"},
	} {
		if p.n > 0 {
			parts += fmt.Sprintf("%s%d %s", separator, p.n, p.word)
			separator = ", "
		}
	}
	return parts
}

// outcomeWords say what became of changes that met another one.
type outcomeWords struct{ merged, superseded string }

var (
	usualOutcomes = outcomeWords{"merged", "superseded"}
	// wholeOutcomes are of records that win as a whole: nothing of the other one is in what was written.
	wholeOutcomes = outcomeWords{"written over another", "left out"}
)

func needs(n int64) string {
	if n == 1 {
		return "needs you"
	}
	return "need you"
}
