package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"dovetail/fixtures"
	"dovetail/store"
	"dovetail/tui/safe"
)

const firstScenario = "dead-zone"

type playFlags struct {
	list, compare, quiet bool
	keep                 string
}

const playHelp = `play opens the playground: devices and a server on one screen, each with its records, and a story that happens on them
step by step. Cut a line, edit on either side, sync, go back, and look at the same history under each strategy: what it keeps,
asks and loses, and whose value that was. Before a sync it asks which value will survive (--no-questions: it does not).
A conflict opens in the screen where conflicts are decided.

It is made for the occasion and removed afterwards; --keep leaves the server's database. Without a terminal it lists the
conflicts that the story ends with. --compare prints the strategies side by side.

A story of your own is a text file, with a line for each thing that happens. This is one; # begins what only explains:

  title:    The truck and the desk
  lesson:   A change that nobody contradicts needs nobody.
  strategy: field-merge
  # Shown first; or last-write-wins, op-replay.
  schema    job {"properties": {"crew": {"type": "integer", "x-merge": "counter", "default": 0}}}
  device    truck: lee, tablet in the truck
  desktop   desk: kim, office
  # A device works on copies, and syncs when the story says so; a desktop always has a line, and syncs by itself.

  # TIME DEVICE VERB …; a line that begins with more blanks than the first goes on with the line above. The times are
  # shown so that the story ends now.
  08:00 desk  write job/J-1 {"status": "planned", "crew": 2}
  08:05 truck sync
  # Or: sync lost (the answer), sync cut 2 (the line, after two changes).
  08:10 truck down
  08:12 truck clock +2h
  # Its clock is wrong from now on, and its line is cut until: up.
  09:15 truck set job/J-1 status=started crew+=1
  09:20 desk  set job/J-1 status=cancelled
  # As dovetail set does it; rm RECORD deletes.
  2d11:00 truck up
  2d11:01 truck sync
  2d11:30 desk  decide job/J-1 status=local
  # In front of what is there now; nothing is written.
  2d11:40 desk  resolve job/J-1
  # Writes it, if the record has not moved; or: resolve job/J-1 status=base.`

func (a *app) playCommand() *cobra.Command {
	var flags playFlags
	c := &cobra.Command{
		Use:   "play [SCENARIO|FILE]",
		Short: "Learn it on an example: the playground",
		Long:  playHelp,
		Example: `  dovetail play
  dovetail play --list
  dovetail play fast-clock
  dovetail play ./mine.txt
  dovetail play deal --compare
  dovetail play deal --keep deal.db`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			if flags.list {
				return a.listScenarios()
			}
			name := firstScenario
			if len(args) == 1 {
				name = args[0]
			}
			scenario, err := findScenario(name)
			if err != nil {
				return err
			}
			if flags.compare {
				return a.compare(c.Context(), scenario)
			}
			return a.play(c.Context(), scenario, flags)
		},
	}
	c.Flags().BoolVar(&flags.list, "list", false, "list the scenarios")
	c.Flags().BoolVar(&flags.compare, "compare", false, "what last-write-wins, field-merge and op-replay keep, ask or lose")
	c.Flags().BoolVar(&flags.quiet, "no-questions", false, "do not ask which value survives")
	c.Flags().StringVar(&flags.keep, "keep", "", "leave the database in `FILE`, which must not exist")
	c.AddCommand(a.loadCommand(), a.picturesCommand())
	return c
}

// maxScript bounds the text of a scenario, in bytes.
const maxScript = 1 << 20

// findScenario is the scenario of a name, or in a file.
func findScenario(name string) (fixtures.Scenario, error) {
	scenario, err := fixtures.Find(name)
	if err == nil {
		return scenario, nil
	}
	info, failed := os.Stat(name)
	switch {
	case errors.Is(failed, fs.ErrNotExist) && !strings.ContainsAny(name, `/\.`):
		return scenario, hint(misuseError{err},
			"`dovetail play --list` tells what each is about; a story of your own is a file, such as ./mine.txt")
	case failed != nil:
		return scenario, misuseError{failed}
	case !info.Mode().IsRegular():
		return scenario, misuse("%s is no file", name)
	case info.Size() > maxScript:
		return scenario, misuse("%s: a story of %d bytes is longer than %d", name, info.Size(), maxScript)
	}
	text, err := os.ReadFile(name)
	if err != nil {
		return scenario, misuseError{err}
	}
	if scenario, err = fixtures.Parse(name, strings.TrimPrefix(string(text), byteOrderMark)); err != nil {
		return scenario, hint(misuseError{err}, "`dovetail play --help` shows how a story is written")
	}
	scenario.Name = filepath.Base(name)
	return scenario, nil
}

func (a *app) listScenarios() error {
	for _, s := range fixtures.Scenarios() {
		if a.json {
			line := map[string]string{"scenario": s.Name, "title": s.Title, "lesson": s.Lesson}
			if err := a.writeObject(line); err != nil {
				return err
			}
			continue
		}
		a.print("%s  %s", safe.Text(s.Name), safe.Text(s.Title))
		a.print("  %s", safe.Text(s.Lesson))
	}
	return nil
}

// play opens the playground, or lists the conflicts that the story ends with where nobody sits at a terminal.
func (a *app) play(ctx context.Context, scenario fixtures.Scenario, flags playFlags) (err error) {
	if _, err := os.Lstat(flags.keep); flags.keep != "" && err == nil {
		return keptAlready(flags.keep)
	}
	dir, err := os.MkdirTemp("", "dovetail-play-")
	if err != nil {
		return fmt.Errorf("make the playground: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	start := scenario.Start(time.Now())
	if a.asks() {
		return a.playOnScreen(ctx, dir, scenario, start, flags)
	}
	w, err := newPlayWorld(ctx, filepath.Join(dir, "world"), scenario, scenario.Strategy, start)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, w.close()) }()
	if err := w.playAll(ctx); err != nil {
		return err
	}
	if err := a.keepPlayed(ctx, w.hub, flags.keep); err != nil {
		return err
	}
	return a.listPlayground(ctx, w, flags.keep)
}

// playOnScreen shows the playground, or tells it line by line, until the person leaves.
func (a *app) playOnScreen(ctx context.Context, dir string, scenario fixtures.Scenario, start time.Time, flags playFlags) (err error) {
	person, err := a.person()
	if err != nil {
		return err
	}
	p, err := newPlayground(ctx, dir, scenario, start, person)
	if err != nil {
		return fmt.Errorf("play %s: %w", scenario.Name, err)
	}
	defer func() { err = errors.Join(err, p.Close()) }()
	a.title = "PLAYGROUND " + scenario.Name
	config := a.screens()
	config.Queue, config.Desk, config.Play = playDesk{p}, playDesk{p}, p
	config.Person, config.Ask = person, !flags.quiet
	if err := a.show(ctx, config); err != nil {
		return err
	}
	a.say("each story has a lesson of its own: `dovetail play --list`")
	late := context.WithoutCancel(ctx)
	return playDesk{p}.with(late, func(hub *store.Store) error { return a.keepPlayed(late, hub, flags.keep) })
}

// keepPlayed leaves a copy of the server's database, if it is to be kept.
func (a *app) keepPlayed(ctx context.Context, hub *store.Store, path string) error {
	if path == "" {
		return nil
	}
	if _, err := hub.Backup(ctx, path, nil); err != nil {
		if errors.Is(err, fs.ErrExist) {
			return keptAlready(path)
		}
		return err
	}
	a.say("the database stays in %s", path)
	return nil
}

func keptAlready(path string) error {
	return hint(misuse("--keep %s: the file is there already, and a playground is always fresh", path),
		"`dovetail %s` opens it as it is", path)
}

// createPlayground makes a new database; it never takes one that is there.
func createPlayground(ctx context.Context, path string, options store.Options) (*store.Store, error) {
	s, err := store.Create(ctx, path, options)
	if errors.Is(err, fs.ErrExist) {
		return nil, keptAlready(path)
	}
	return s, err
}

// listPlayground is the playground without a terminal.
func (a *app) listPlayground(ctx context.Context, w *playWorld, keep string) error {
	s, scenario := w.hub, w.scenario
	a.say("%s: %s", scenario.Name, scenario.Title)
	status, err := s.Status(ctx, "")
	if err != nil {
		return err
	}
	a.say("%s", lastExchange(status))
	if n := w.cameTwice(); n > 0 {
		a.say("%s of these came again: the same answer, and no second effect", count(n, "change", "changes"))
	}
	if err := a.runConflicts(ctx, inFile(s), conflictsFlags{}); err != nil {
		return err
	}
	if keep != "" {
		a.db = keep
		a.say("`%s` explains the first; `%s` decides it", a.command("show 1"), a.command("resolve 1 --take local"))
		return nil
	}
	a.say("in a terminal, `dovetail play %s` opens the playground on it; --keep FILE leaves the database for other commands", scenario.Name)
	return nil
}
