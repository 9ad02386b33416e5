package main

import (
	"bufio"
	"context"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"sort"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"dovetail/merge"
	"dovetail/store"
)

type exportFlags struct {
	resolutions bool
	pending     bool
	after       int64
	csv         string
	out         string
}

func (a *app) exportCommand() *cobra.Command {
	var flags exportFlags
	c := &cobra.Command{
		Use:   "export",
		Short: "Print records with their versions, or resolutions, one JSON object a line",
		Long: `export prints every version of every record as ` + "`dovetail import`" + ` reads them. With --resolutions it prints what conflicts
came to, and changes that merged by themselves: what a system outside needs to follow. With --pending it prints the changes
of a replica that the hub has not taken, or that wait for a person, as ` + "`dovetail import`" + ` reads them at any hub. --csv
prints the records of one collection as they are now, for a spreadsheet; cells that one would take for a formula begin with
an apostrophe.`,
		Example: `  dovetail export -o backup.ndjson
  dovetail export --resolutions --after 12
  dovetail export --csv deal -o deals.csv`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			if several := flags.csv != "" && flags.resolutions || flags.pending && (flags.csv != "" || flags.resolutions); several {
				return misuse("--csv, --pending and --resolutions: one of them")
			}
			if flags.after != 0 && !flags.resolutions {
				return misuse("--after goes with --resolutions")
			}
			return a.withTarget(c.Context(), func(d target) error { return a.runExport(c.Context(), d, flags) })
		},
	}
	c.Flags().BoolVar(&flags.resolutions, "resolutions", false, "what conflicts and merges came to")
	c.Flags().BoolVar(&flags.pending, "pending", false, "the changes of a replica that the hub has not taken, or that wait")
	c.Flags().Int64Var(&flags.after, "after", 0, "with --resolutions: those after `NUMBER`")
	c.Flags().StringVar(&flags.csv, "csv", "", "the records of `COLLECTION` as they are now, as CSV")
	c.Flags().StringVarP(&flags.out, "output", "o", "", "write to `FILE`, which is replaced at once or left alone")
	return c
}

func (a *app) runExport(ctx context.Context, on target, flags exportFlags) error {
	write := func(out io.Writer) error {
		lines := func(v any) error {
			line, err := jsonLine(v)
			if err == nil {
				_, err = out.Write(append(armoured(line), '\n'))
			}
			return err
		}
		switch {
		case flags.csv != "":
			return writeCSV(ctx, on, flags.csv, out)
		case on.file == nil && !flags.resolutions:
			return a.onFileOnly()
		case flags.pending && !on.replica():
			return misuse("%s is a hub: only a replica has changes that a hub has not taken", a.database())
		case flags.pending:
			return on.file.EachPending(ctx, func(line json.RawMessage) error { return lines(line) })
		case flags.resolutions:
			return on.EachResolution(ctx, flags.after, func(r store.Resolution) error { return lines(r) })
		default:
			return on.file.EachRecord(ctx, func(r store.RecordLine) error { return lines(r) })
		}
	}
	if flags.out == "" && flags.csv != "" && isTerminal(a.out) {
		return hint(misuse("CSV holds text as it is, which may act on this terminal"), "-o FILE writes it to a file")
	}
	if flags.out == "" {
		return a.buffered(func() error { return write(a.out) })
	}
	if on.file != nil {
		if err := refuseDatabase(on.file, flags.out); err != nil {
			return err
		}
	}
	f, err := newReplacement(flags.out)
	if err != nil {
		return err
	}
	defer f.discard()
	buffer := bufio.NewWriterSize(f, 1<<16)
	if err := write(buffer); err != nil {
		return err
	}
	if err := buffer.Flush(); err != nil {
		return fmt.Errorf("write %s: %w", flags.out, err)
	}
	return f.commit()
}

// writeCSV writes a head line and a line for each live record. It goes through the records twice: the columns are
// known only at the end of the first time.
func writeCSV(ctx context.Context, on records, collection string, out io.Writer) error {
	if err := merge.CheckCollection(collection); err != nil {
		return misuseError{err}
	}
	known := map[string]bool{}
	err := eachRecord(ctx, on, collection, "", lsFlags{}, func(records []store.Record) error {
		for _, r := range records {
			for _, f := range fieldsOf(r.Fields) {
				known[f.Path] = true
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	columns := make([]string, 0, len(known))
	for path := range known {
		columns = append(columns, path)
	}
	sort.Strings(columns)
	w := csv.NewWriter(out)
	head := []string{"id", "version"}
	for _, path := range columns {
		head = append(head, formulaSafe(merge.PathLabel(path)))
	}
	if err := w.Write(head); err != nil {
		return err
	}
	err = eachRecord(ctx, on, collection, "", lsFlags{}, func(records []store.Record) error {
		for _, r := range records {
			line := []string{formulaSafe(r.Record.ID), strconv.FormatInt(r.Version, 10)}
			for _, path := range columns {
				line = append(line, csvCell(merge.Lookup(r.Fields, path)))
			}
			if err := w.Write(line); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	w.Flush()
	return w.Error()
}

// csvCell is a value in one cell: strings as they are, anything else as JSON, nothing where it is absent. A number
// keeps its sign: no spreadsheet takes one for a formula.
func csvCell(v merge.Value) string {
	switch v.Type() {
	case merge.AbsentType:
		return ""
	case merge.StringType:
		var text string
		if err := json.Unmarshal([]byte(v), &text); err != nil {
			return formulaSafe(string(v))
		}
		return formulaSafe(text)
	default:
		return string(v)
	}
}

// formulaSafe puts an apostrophe before what a spreadsheet would run.
func formulaSafe(s string) string {
	for _, start := range []string{"=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠"} {
		if strings.HasPrefix(s, start) {
			return "'" + s
		}
	}
	return s
}
