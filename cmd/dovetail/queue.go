package main

import (
	"context"
	"errors"
	"os"
	"time"

	"github.com/spf13/cobra"

	"dovetail/merge"
	"dovetail/store"
)

// runQueue is `dovetail` alone: the queue on a terminal, a list elsewhere, and what to do first where there is no
// database.
func (a *app) runQueue(c *cobra.Command, args []string) error {
	if len(args) == 1 {
		a.db = args[0]
	}
	if _, err := os.Stat(a.database()); errors.Is(err, os.ErrNotExist) {
		return hint(misuse("there is no database at %s", a.database()),
			"`dovetail play` shows how it works, `dovetail init` makes a database here, `dovetail --help` tells the rest")
	}
	return a.withStore(c.Context(), func(s *store.Store) error {
		if !a.asks() {
			if err := a.runConflicts(c.Context(), s, conflictsFlags{}); err != nil {
				return err
			}
			a.say("this is no terminal; `dovetail resolve CONFLICT --take …` decides without one")
			return nil
		}
		return a.openScreens(c.Context(), s, 0)
	})
}

// interactive reports whether a person sits at both ends.
func (a *app) interactive() bool { return isTerminal(a.in) && isTerminal(a.out) }

// desk is a store as the screens work on it.
type desk struct{ *store.Store }

// Undo takes back what was written: on a replica, a decision that was not sent.
func (d desk) Undo(ctx context.Context, was merge.Written, person string) (merge.Written, error) {
	if was.Pending {
		return d.UndoPending(ctx, was.Conflict, person)
	}
	return d.Store.Undo(ctx, was.Resolution, person)
}

// openScreens shows the queue, or one conflict of it.
func (a *app) openScreens(ctx context.Context, s *store.Store, conflict int64) error {
	if !a.asks() {
		return hint(misuse("the screens need a terminal"), "`dovetail conflicts` lists, `dovetail resolve CONFLICT --take …` decides without one")
	}
	person, err := a.person()
	if err != nil {
		return err
	}
	config := a.screens()
	config.Queue, config.Desk, config.History, config.Snoozer = s, desk{s}, desk{s}, s
	config.Claimer, config.Watcher = s, s
	if !s.Info().Replica() { // schemas come to a replica from its hub
		config.Rules = desk{s}
	}
	config.Person, config.Open = person, conflict
	config.Now, config.Location = time.Now, time.Local
	config.Replica = s.Info().Replica()
	status, err := s.Status(ctx, person)
	if err != nil {
		return err
	}
	config.Notice = lastExchange(status)
	return a.show(ctx, config)
}
