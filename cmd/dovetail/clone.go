package main

import (
	"errors"
	"io/fs"
	"path/filepath"

	"github.com/spf13/cobra"

	"dovetail/store"
	"dovetail/store/replicate"
)

func (a *app) cloneCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "clone HUB FILE",
		Short: "Make a replica of a hub, which works offline",
		Long: `clone makes FILE a replica of the hub in the file HUB: a copy with all versions, in which records are found, changed and
resolved without the hub. ` + "`dovetail sync`" + ` exchanges what happened on both sides. FILE must not be there.`,
		Example: `  dovetail clone hub.db laptop.db
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
	full, err := filepath.Abs(hubPath)
	if err != nil {
		return misuseError{err}
	}
	hub, err := a.openHub(ctx, full)
	if errors.Is(err, errNoHub) {
		return hint(err, "`dovetail init FILE` makes one")
	}
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, hub.Close()) }()
	replica, err := store.CreateReplica(ctx, path, full, person, store.Options{})
	if errors.Is(err, fs.ErrExist) && replicate.Apart(path, full) != nil {
		return misuse("%s is the hub itself: a replica is a file of its own", path)
	}
	if errors.Is(err, fs.ErrExist) {
		return taken(path, "`dovetail --db "+path+" sync` brings a replica up to date")
	}
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, replica.Close()) }()
	report, err := replicate.Sync(ctx, replica, hub, a.exchangeProgress())
	if err != nil {
		return hint(err, "%s is begun; `dovetail --db %s sync` goes on", path, path)
	}
	a.db = path
	if a.json {
		info := replica.Info()
		return a.writeObject(map[string]any{"database": info.Path, "role": info.Role, "hub": full, "pulled": report.Pulled})
	}
	a.say("made %s with %s; `%s` sends what you change and brings what others did", path,
		count(report.Pulled, "version", "versions"), a.command("sync"))
	return nil
}
