package main

import (
	"context"
	"errors"
	"os"
	"time"

	"github.com/spf13/cobra"

	"dovetail/merge"
)

// runQueue is `dovetail` alone: the queue on a terminal, a list elsewhere, and what to do first where there is no
// database.
func (a *app) runQueue(c *cobra.Command, args []string) error {
	if len(args) == 1 {
		a.db = args[0]
	}
	if _, err := os.Stat(a.database()); errors.Is(err, os.ErrNotExist) && !isAddress(a.database()) {
		return hint(misuse("there is no database at %s", a.database()),
			"`dovetail play` shows how it works, `dovetail init` makes a database here, `dovetail --help` tells the rest")
	}
	return a.withTarget(c.Context(), func(d target) error {
		if !a.asks() {
			if err := a.runConflicts(c.Context(), d, conflictsFlags{}); err != nil {
				return err
			}
			a.say("this is no terminal; `dovetail resolve CONFLICT --take …` decides without one")
			return nil
		}
		return a.openScreens(c.Context(), d, 0)
	})
}

// interactive reports whether a person sits at both ends.
func (a *app) interactive() bool { return isTerminal(a.in) && isTerminal(a.out) }

// desk is a database as the screens work on it.
type desk struct{ target }

// Undo takes back what was written, or what decided a conflict: on a replica, a decision that was not sent.
func (d desk) Undo(ctx context.Context, was merge.Written, person string) (merge.Written, error) {
	if was.Pending || was.Resolution == 0 && d.replica() {
		return d.file.UndoPending(ctx, was.Conflict, person)
	}
	number, err := resolutionFor(ctx, d, was)
	if err != nil {
		return merge.Written{}, err
	}
	return d.target.Undo(ctx, number, person)
}

// openScreens shows the queue, or one conflict of it.
func (a *app) openScreens(ctx context.Context, on target, conflict int64) error {
	if !a.asks() {
		return hint(misuse("the screens need a terminal"), "`dovetail conflicts` lists, `dovetail resolve CONFLICT --take …` decides without one")
	}
	person, err := a.person()
	if err != nil {
		return err
	}
	config := a.screens()
	config.Queue, config.Desk, config.History, config.Snoozer = on, desk{on}, desk{on}, on
	config.Claimer, config.Watcher = on, on
	config.Completer, config.Librarian, config.Drafter, config.NewID = on, recordDesk{on}, on, newRecordID
	config.Parker = parkedDesk{a, on}
	if on.file != nil && !on.replica() { // schemas are set where the hub's file is
		config.Rules = desk{on}
	}
	config.Person, config.Open = person, conflict
	config.Now, config.Location = time.Now, time.Local
	config.Replica = on.replica()
	status, err := on.standing(ctx, person)
	if err != nil {
		return err
	}
	config.Notice = lastExchange(status)
	return a.show(ctx, config)
}
