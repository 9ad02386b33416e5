package main

import (
	"context"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"dovetail/merge"
)

func (a *app) mergetoolCommand() *cobra.Command {
	var schemaPath string
	c := &cobra.Command{
		Use:   "mergetool BASE LOCAL SERVER MERGED",
		Short: "Decide the conflicts of three JSON files on the screen, for git mergetool",
		Long: `mergetool opens the three sides of a JSON file on the screen and writes MERGED when everything is decided and reviewed.
Leaving before that leaves MERGED as it is, and the exit code is 1. Where nothing needs a person, MERGED is written at
once. git runs it after:

  git config merge.tool dovetail
  git config mergetool.dovetail.cmd 'dovetail mergetool "$BASE" "$LOCAL" "$REMOTE" "$MERGED"'
  git config mergetool.dovetail.trustExitCode true`,
		Example: `  git mergetool
  dovetail mergetool --schema deal.schema.json base.json local.json server.json merged.json`,
		Args: cobra.ExactArgs(4),
		RunE: func(c *cobra.Command, args []string) error {
			return a.runMergetool(c.Context(), args[:3], args[3], schemaPath)
		},
	}
	c.Flags().StringVar(&schemaPath, "schema", "", "the JSON Schema in `FILE` says how fields are joined")
	return c
}

func (a *app) runMergetool(ctx context.Context, paths []string, merged, schemaPath string) error {
	rules, err := readSchema(schemaPath)
	if err != nil {
		return err
	}
	files, err := readThree(paths)
	if err != nil {
		return err
	}
	if err := files.parse(); err != nil {
		return hint(err, "only JSON objects can be merged by fields; %s is as it was", merged)
	}
	desk, err := newFileDesk(files, rules, merged)
	if err != nil {
		return err
	}
	if result := desk.kase.Merge(); result.Outcome != merge.RecordConflict {
		if err := writeFile(merged, files.settled(result.Document, rules)); err != nil {
			return err
		}
		a.say("nothing needs a person; %s is written", merged)
		return nil
	}
	if err := a.openFiles(ctx, desk); err != nil {
		return err
	}
	if !desk.done() {
		a.say("not everything is decided and written; %s is as it was", merged)
		return errUndecided
	}
	return nil
}

// openFiles shows the one conflict of the files. git may keep its own list on standard input; the person then sits at
// the terminal all the same.
func (a *app) openFiles(ctx context.Context, desk *fileDesk) error {
	var in io.Reader = a.in
	if !isTerminal(a.in) && isTerminal(a.out) {
		tty, err := os.Open("/dev/tty")
		if err == nil {
			defer tty.Close()
			in = tty
		}
	}
	if !a.accessible && (!isTerminal(in) || !isTerminal(a.out)) {
		return hint(misuse("the screens need a terminal"), "`dovetail merge --fill SIDE` decides without one")
	}
	person, err := a.person()
	if err != nil {
		return err
	}
	config := a.screens()
	config.OneRecord = true
	config.Input = in
	config.Queue, config.Desk = desk, desk
	config.Person, config.Open = person, fileConflict
	config.Now, config.Location = time.Now, time.Local
	return a.show(ctx, config)
}

// fileKey names the files' record on the screen.
func fileKey(path string) merge.Key {
	key := merge.Key{Collection: "file", ID: filepath.ToSlash(path)}
	if key.Check() != nil {
		key.ID = "merged" // a name that no record can have
	}
	return key
}
