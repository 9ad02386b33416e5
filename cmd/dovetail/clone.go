package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"dovetail/store"
	"dovetail/store/adopt"
	"dovetail/store/replicate"
)

func (a *app) cloneCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "clone HUB FILE",
		Short: "Make a replica of a hub, which works offline",
		Long: `clone makes FILE a replica of HUB, a file or a URL: a copy with all versions, in which records are found, changed and
resolved without the hub. ` + "`dovetail sync`" + ` exchanges what happened on both sides. FILE must not be there.

Of a hub in an application's database (` + "`dovetail adopt`" + `), FILE is a database for the application as well: it has all tables.
Over the network these do not come along: then FILE is always one of dovetail's own.

Over the network a token is needed, from DOVETAIL_TOKEN, or asked for once and kept.`,
		Example: `  dovetail clone hub.db laptop.db
  dovetail clone https://hub.example laptop.db
  dovetail --db laptop.db set deal/D-1042 status=closed
  dovetail --db laptop.db sync`,
		Args: cobra.ExactArgs(2),
		RunE: func(c *cobra.Command, args []string) error { return a.runClone(c, args[0], args[1]) },
	}
}

func (a *app) runClone(c *cobra.Command, hubPath, path string) (err error) {
	ctx := c.Context()
	person, err := a.person()
	if err != nil {
		return err
	}
	hub, err := a.follow(ctx, hubPath)
	if errors.Is(err, errNoHub) {
		return hint(err, "`dovetail init FILE` makes one")
	}
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, hub.Close()) }()
	var pulled int64
	if hub.file != nil && hub.file.InApplication() {
		pulled, err = a.cloneApplication(ctx, hub.file, path, person)
	} else {
		pulled, err = a.cloneOwn(ctx, hub, path, person)
	}
	if errors.Is(err, fs.ErrExist) && hub.apart(path) != nil {
		return misuse("%s is the hub itself: a replica is a file of its own", path)
	}
	if errors.Is(err, fs.ErrExist) {
		return taken(path, "`dovetail --db "+path+" sync` brings a replica up to date")
	}
	if err != nil {
		return err
	}
	a.db = path
	if a.json {
		if path, err = filepath.Abs(path); err != nil {
			return err
		}
		return a.writeObject(map[string]any{"database": path, "role": "replica", "hub": hub.address, "pulled": pulled})
	}
	a.say("made %s with %s; `%s` sends what you change and brings what others did", path,
		count(pulled, "version", "versions"), a.command("sync"))
	if hub.file == nil {
		return nil
	}
	numbered, err := adopt.Numbered(ctx, hub.file)
	if len(numbered) > 0 {
		a.say("rows of %s that both sides add get the same numbers: two such are a conflict, and `%s` gives the laptop's another "+
			"one; rows of the laptop that refer to such a number wait until that is decided", strings.Join(numbered, ", "), "dovetail resolve C --keep-both")
	}
	return err
}

// cloneOwn makes a replica in a file of dovetail's own, and tells how many versions came in. No file is made where the hub
// does not answer. On the network the replica is of whom the token names, since the hub takes all that it sends for theirs.
func (a *app) cloneOwn(ctx context.Context, hub *followed, path, person string) (pulled int64, err error) {
	if hub.far != nil {
		status, err := hub.far.Status(ctx)
		if err != nil {
			return 0, a.explain(fmt.Errorf("reach the hub: %w", err), hub)
		}
		person = status.Person
	}
	replica, err := store.CreateReplica(ctx, path, hub.address, person, store.Options{})
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, replica.Close()) }()
	report, err := replicate.Sync(ctx, replica, hub, a.exchangeProgress())
	if err != nil {
		err = hint(err, "%s is begun; `dovetail --db %s sync` goes on", path, shellWord(path))
	}
	return report.Pulled, err
}

// cloneApplication makes a replica in a copy of the application's database in which the hub stands. It is there as a whole,
// or not at all.
func (a *app) cloneApplication(ctx context.Context, hub *store.Store, path, person string) (pulled int64, err error) {
	err = adopt.Clone(ctx, hub, path, person, store.Options{}, func(replica *store.Store) error {
		report, err := replicate.Sync(ctx, replica, hub, a.exchangeProgress())
		pulled = report.Pulled
		return err
	})
	var refused *adopt.RefusedError
	switch {
	case errors.As(err, &refused):
		err = misuseError{err}
	case errors.Is(err, adopt.ErrDrifted):
		err = hint(misuseError{err}, "`dovetail adopt %s TABLE` takes it in as it is now", hub.Info().Path)
	}
	return pulled, err
}
