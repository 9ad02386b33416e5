package main

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"runtime/debug"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"dovetail/store/remote"
	"dovetail/tui"
)

// app is what all commands share: the streams and the global flags.
type app struct {
	in        io.Reader
	out, errw io.Writer

	db    string
	as    string
	json  bool
	color string
	theme string
	ascii bool
	// accessible asks line by line where the screens would be drawn.
	accessible bool
	title      string // of the screens

	far    *remote.Hub    // the hub on the network that was asked last; nil: none
	chance func() float64 // from 0 to 1; nil: at random

	columns int // that output is as wide as; 0: as the terminal
}

// rootCommand builds the command tree anew, so that one process can run many.
func (a *app) rootCommand() *cobra.Command {
	root := &cobra.Command{
		Use:   "dovetail [FILE|URL]",
		Short: "Join two changes of the same record, and ask a person about the rest",
		Long: `dovetail joins two changes of the same record: it merges what can be merged, puts the rest in front of a person
in the terminal, and never loses either side.

Without a command it opens the queue of conflicts in a database: a file, or a hub that is served elsewhere.`,
		Example: `  dovetail play             learn it on an example that leaves nothing behind
  dovetail init             make dovetail.db here
  dovetail import lines     bring records and changes in
  dovetail                  decide what needs a person`,
		Version:       version(),
		Args:          a.databaseOrCommand,
		RunE:          a.runQueue,
		SilenceErrors: true,
		SilenceUsage:  true,

		SuggestionsMinimumDistance: 2,
	}
	root.PersistentFlags().StringVar(&a.db, "db", "", "database `FILE`, or a hub's address (or DOVETAIL_DB; else dovetail.db here)")
	root.PersistentFlags().StringVar(&a.as, "as", "", "the person who acts, by `NAME` (or DOVETAIL_USER; else the login name)")
	root.PersistentFlags().BoolVar(&a.json, "json", false, "print JSON, one object a line")
	root.PersistentFlags().StringVar(&a.color, "color", "auto", "`WHEN` to use colours: auto, always or never")
	root.PersistentFlags().StringVar(&a.theme, "theme", "auto", "colours for a `BACKGROUND`: auto, dark, light or none")
	root.PersistentFlags().BoolVar(&a.ascii, "ascii", false, "draw with ASCII only")
	root.PersistentFlags().BoolVar(&a.accessible, "accessible", false, "ask line by line, for screen readers (or ACCESSIBLE)")
	root.PersistentPreRunE = a.checkFlags
	root.SetFlagErrorFunc(func(c *cobra.Command, err error) error {
		return hint(misuseError{plainFlagError(err)}, "see `%s --help`", c.CommandPath())
	})
	root.SetVersionTemplate("dovetail {{.Version}}\n")
	for _, c := range a.commands() {
		explainArguments(c)
		root.AddCommand(c)
	}
	return root
}

// plainFlagError says what a flag's value is to be, where the parser names only itself.
func plainFlagError(err error) error {
	var parsing *strconv.NumError
	if !errors.As(err, &parsing) {
		return err
	}
	wanted := "it is a whole number"
	switch {
	case parsing.Func == "ParseBool":
		wanted = "it is true or false"
	case errors.Is(parsing, strconv.ErrRange):
		wanted = "the number is out of range"
	}
	return errors.New(strings.TrimSuffix(err.Error(), parsing.Error()) + wanted)
}

// explainArguments makes misuse of cobra's complaints about arguments, which come as plain errors.
func explainArguments(c *cobra.Command) {
	if check := c.Args; check != nil {
		c.Args = func(c *cobra.Command, args []string) error {
			if check(c, args) != nil {
				return hint(misuse("%s is given as: %s", c.Name(), c.UseLine()), "see `%s --help`", c.CommandPath())
			}
			return nil
		}
	}
	for _, below := range c.Commands() {
		explainArguments(below)
	}
}

func (a *app) commands() []*cobra.Command {
	return []*cobra.Command{
		a.playCommand(),
		a.initCommand(),
		a.adoptCommand(),
		a.cloneCommand(),
		a.syncCommand(),
		a.importCommand(),
		a.statusCommand(),
		a.conflictsCommand(),
		a.showCommand(),
		a.diffCommand(),
		a.resolveCommand(),
		a.snoozeCommand(),
		a.undoCommand(),
		a.logCommand(),
		a.getCommand(),
		a.lsCommand(),
		a.setCommand(),
		a.rmCommand(),
		a.exportCommand(),
		a.schemaCommand(),
		a.autopsyCommand(),
		a.simulateCommand(),
		a.doctorCommand(),
		a.mergeCommand(),
		a.mergetoolCommand(),
		a.keysCommand(),
		a.serveCommand(),
		a.tokenCommand(),
	}
}

// checkFlags refuses values of the global flags that mean nothing.
func (a *app) checkFlags(c *cobra.Command, _ []string) error {
	if a.as == "" && c.Flags().Changed("as") {
		return misuse("--as: the name is empty")
	}
	switch a.color {
	case "auto", "always", "never":
	default:
		return misuse("--color %s: it is auto, always or never", a.color)
	}
	switch a.theme {
	case "auto", "dark", "light", "none":
		return nil
	default:
		return misuse("--theme %s: it is auto, dark, light or none", a.theme)
	}
}

// databaseOrCommand lets the root take one database file; any other word was meant as a command.
func (a *app) databaseOrCommand(c *cobra.Command, args []string) error {
	if len(args) == 0 || len(args) == 1 && isAddress(args[0]) {
		return nil
	}
	_, err := os.Stat(args[0])
	if err == nil && len(args) == 1 {
		return nil
	}
	wrong := misuse("unknown command %q", args[0])
	if errors.Is(err, fs.ErrNotExist) {
		wrong = misuse("%q is no command and no file", args[0])
	}
	if near := c.SuggestionsFor(args[0]); len(near) > 0 {
		return hint(wrong, "did you mean `dovetail %s`?", near[0])
	}
	return hint(wrong, "see `dovetail --help`")
}

// version tells what was built; a build from a work tree has no number.
func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok || info.Main.Version == "" {
		return "(unknown)"
	}
	return info.Main.Version
}

// screens is what every command that opens the terminal gives the screens.
func (a *app) screens() tui.Config {
	theme := a.theme
	if theme == "auto" {
		theme = ""
	}
	return tui.Config{Title: a.title, Editor: editor(os.Getenv), Call: a.call(),
		Theme: theme, ASCII: a.ascii, NoColor: !a.colored(a.out), Input: a.in, Output: a.out}
}
