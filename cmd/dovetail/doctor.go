package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"

	"github.com/spf13/cobra"

	"dovetail/store"
	"dovetail/store/adopt"
	"dovetail/tui/safe"
)

type doctorFlags struct {
	backup string
	parked bool
	retry  string
	export string
}

func (a *app) doctorCommand() *cobra.Command {
	var flags doctorFlags
	c := &cobra.Command{
		Use:   "doctor",
		Short: "Look for damage, make a backup, and see to parked changes",
		Long: `doctor looks at the whole database: how it is opened, its file, and every value in it, so that a single bit that changed
by itself is found. It prints a line for each thing that it looks at, and what to do where one fails; then the exit code
is 4. Others may go on working meanwhile. Of an application's database it says also whether all that is written to its adopted
tables is still noticed.

--backup makes a complete copy, which passes the same checks before it has its name, and can be used in place of the
database.

A change that cannot be used here, because an operation in it is not known for one, is parked: it waits whole, and the
others go on. --parked lists these, --retry takes them in again, with a dovetail that knows more, and --export writes
them as they came; these three also on a hub elsewhere. After a retry the exit code is 1 where a change needs a person, or stays parked.

Other programs that write to the file need SQLite 3.51.3 or newer: older ones may lose what was written.`,
		Example: `  dovetail doctor
  dovetail doctor --backup /backups/monday.db
  dovetail doctor --parked
  dovetail doctor --retry all`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			if err := flags.check(c); err != nil {
				return err
			}
			opened := false
			var err error
			if flags.aboutParked() {
				err = a.withTarget(c.Context(), func(d target) error {
					opened = true
					return a.runDoctorParked(c.Context(), d, flags)
				})
			} else {
				err = a.withStore(c.Context(), func(s *store.Store) error {
					opened = true
					return a.runDoctor(c, s, flags)
				})
			}
			if damaged := errors.Is(err, store.ErrCorrupt) || errors.Is(err, store.ErrNotDatabase); damaged && !opened {
				return hint(err, "nothing could be looked at; go back to the last backup, and send again what came in since")
			}
			return err
		},
	}
	c.Flags().StringVar(&flags.backup, "backup", "", "make a complete copy, and check it: `FILE`, which must not exist")
	c.Flags().BoolVar(&flags.parked, "parked", false, "list the changes that are parked")
	c.Flags().StringVar(&flags.retry, "retry", "", "take the parked change with `KEY` in again, or all")
	c.Flags().StringVar(&flags.export, "export", "", "write the parked changes to `FILE`, which must not exist, or - for standard output")
	if err := c.RegisterFlagCompletionFunc("retry", a.completeParked); err != nil {
		panic(err) // there is no such flag
	}
	return c
}

// check refuses flags that contradict one another.
func (f doctorFlags) check(c *cobra.Command) error {
	given := 0
	for _, name := range []string{"backup", "parked", "retry", "export"} {
		if !c.Flags().Changed(name) {
			continue
		}
		given++
		if f := c.Flags().Lookup(name); f.Value.String() == "" {
			return misuse("--%s: nothing is named", name)
		}
	}
	if given > 1 {
		return misuse("--backup, --parked, --retry and --export: one of them")
	}
	return nil
}

// aboutParked reports whether doctor is to see to parked changes alone.
func (f doctorFlags) aboutParked() bool { return f.parked || f.retry != "" || f.export != "" }

func (a *app) runDoctorParked(ctx context.Context, d target, flags doctorFlags) error {
	switch {
	case flags.retry != "":
		return a.runRetry(ctx, d, flags.retry)
	case flags.export != "":
		return a.runExportParked(ctx, d, flags.export)
	}
	return a.runParked(ctx, d)
}

func (a *app) runDoctor(c *cobra.Command, s *store.Store, flags doctorFlags) error {
	ctx := c.Context()
	if flags.backup != "" {
		return a.runBackup(ctx, s, flags.backup)
	}
	found, err := s.Check(ctx, a.progress("check"))
	if err != nil {
		return err
	}
	if s.InApplication() {
		drift, err := adopt.Look(ctx, s)
		if err != nil {
			return err
		}
		rows, err := s.CheckRows(ctx)
		if err != nil {
			return err
		}
		found = append(found, driftFinding(s.Info().Path, drift), rows)
	}
	if err := a.printFindings(found); err != nil {
		return err
	}
	failed := 0
	for _, f := range found {
		if !f.OK {
			failed++
		}
	}
	if failed > 0 {
		return fmt.Errorf("%d of %d checks failed", failed, len(found))
	}
	return nil
}

// printFindings prints a line for each check, and below one that failed what else is wrong and what to do.
func (a *app) printFindings(found []store.Finding) error {
	var rows []row
	for _, f := range found {
		if a.json {
			if err := a.writeObject(f); err != nil {
				return err
			}
			continue
		}
		state := safe.Cell("ok")
		if !f.OK {
			state = "FAILED"
		}
		name := safe.Text(f.Check)
		for _, text := range f.Found {
			rows = append(rows, row{state, name, pathText(text)})
			state, name = "", ""
		}
		if f.More > 0 {
			rows = append(rows, row{"", "", safe.Text(fmt.Sprintf("and %d more", f.More))})
		}
		if f.Do != "" {
			rows = append(rows, row{"", "", pathText("what to do: " + f.Do)})
		}
	}
	a.printTable(rows)
	return nil
}

func (a *app) runBackup(ctx context.Context, s *store.Store, path string) error {
	if err := refuseDatabase(s, path); err != nil {
		return err
	}
	made, err := s.Backup(ctx, path, a.progress("check"))
	if err != nil {
		return a.backupFailed(err)
	}
	if a.json {
		return a.writeObject(made)
	}
	a.print("%s  %d bytes, %s, %s, %s, checked", pathText(path), made.Bytes, count(made.Records, "record", "records"),
		count(made.Versions, "version", "versions"), count(made.Changes, "change", "changes"))
	return nil
}

// backupFailed tells what to do about a backup that was not made.
func (a *app) backupFailed(err error) error {
	var unsound *store.UnsoundError
	switch {
	case errors.As(err, &unsound):
		if e := a.printFindings(unsound.Findings); e != nil {
			return e
		}
		return hint(err, "`%s` tells more; with every program stopped, the file and its -wal can still be copied as they are", a.command("doctor"))
	case errors.Is(err, fs.ErrExist), errors.Is(err, store.ErrLeftover):
		return hint(misuseError{err}, "name a file that is not there yet")
	case errors.Is(err, fs.ErrNotExist), errors.Is(err, fs.ErrInvalid), errors.Is(err, fs.ErrPermission):
		return misuseError{err}
	case errors.Is(err, store.ErrFull):
		return hint(err, "make room, or name a file on another disk")
	}
	return err
}
