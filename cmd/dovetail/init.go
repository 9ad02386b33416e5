package main

import (
	"errors"
	"io/fs"

	"github.com/spf13/cobra"

	"dovetail/store"
)

func (a *app) initCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "init [FILE]",
		Short: "Make an empty database, a hub",
		Long: `init makes an empty database that stamps versions: FILE, else what --db and DOVETAIL_DB say, else dovetail.db here.
A file that is there already is left alone.`,
		Example: `  dovetail init
  dovetail init hub.db`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			if len(args) == 1 {
				a.db = args[0]
			}
			path := a.database()
			s, err := store.Create(c.Context(), path, store.Options{})
			if errors.Is(err, fs.ErrExist) {
				return taken(path, "`dovetail --db "+shellWord(path)+" status` looks at it")
			}
			if err != nil {
				return err
			}
			info := s.Info()
			if err := s.Close(); err != nil {
				return err
			}
			if a.json {
				return a.writeObject(map[string]string{"database": info.Path, "role": info.Role, "generation": info.Generation})
			}
			a.say("made %s; `%s` brings records and changes in", path, a.command("import FILE"))
			return nil
		},
	}
}
