package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"dovetail/fixtures"
	"dovetail/merge"
	"dovetail/store"
	"dovetail/tui/safe"
)

const firstScenario = "dead-zone"

type playFlags struct {
	list, compare bool
	keep          string
}

func (a *app) playCommand() *cobra.Command {
	var flags playFlags
	c := &cobra.Command{
		Use:   "play [SCENARIO]",
		Short: "Learn it on an example: the playground",
		Long: `play opens the screens on a scenario, always fresh: its database is made for the occasion and removed afterwards,
unless --keep says where to leave it. Without a terminal it lists the scenario's conflicts.

--compare sets the strategies side by side: what each keeps, asks, or would lose, field by field.`,
		Example: `  dovetail play
  dovetail play --list
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
			scenario, err := fixtures.Find(name)
			if err != nil {
				return hint(misuseError{err}, "`dovetail play --list` tells what each is about")
			}
			if flags.compare {
				return a.compare(c.Context(), scenario)
			}
			return a.play(c.Context(), scenario, flags.keep)
		},
	}
	c.Flags().BoolVar(&flags.list, "list", false, "list the scenarios")
	c.Flags().BoolVar(&flags.compare, "compare", false, "what last-write-wins, field-merge and op-replay keep, ask or lose")
	c.Flags().StringVar(&flags.keep, "keep", "", "leave the database in `FILE`, which must not exist")
	c.AddCommand(a.loadCommand(), a.picturesCommand())
	return c
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

// play makes the scenario's database and opens it, or lists its conflicts where nobody sits at a terminal.
func (a *app) play(ctx context.Context, scenario fixtures.Scenario, keep string) (err error) {
	path := keep
	if keep == "" {
		dir, err := os.MkdirTemp("", "dovetail-play-")
		if err != nil {
			return fmt.Errorf("make the playground: %w", err)
		}
		defer os.RemoveAll(dir)
		path = filepath.Join(dir, "playground.db")
	}
	clock := &playClock{}
	s, err := createPlayground(ctx, path, store.Options{Now: clock.now})
	if err != nil {
		return err
	}
	defer func() {
		if e := s.Close(); err == nil && e != nil {
			err = e
		}
	}()
	hub := playHub{s}
	if err := scenario.PlayEach(ctx, hub, scenario.Start(time.Now()), clock.follow); err != nil {
		return fmt.Errorf("play %s: %w", scenario.Name, err)
	}
	clock.release()
	if keep != "" {
		a.say("the database stays in %s", keep)
	}
	if a.interactive() {
		a.title = "PLAYGROUND " + scenario.Name
		return a.openScreens(ctx, s, 0)
	}
	return a.listPlayground(ctx, s, scenario, keep)
}

// createPlayground makes a new database; it never takes one that is there.
func createPlayground(ctx context.Context, path string, options store.Options) (*store.Store, error) {
	s, err := store.Create(ctx, path, options)
	if errors.Is(err, fs.ErrExist) {
		return nil, hint(misuse("--keep %s: the file is there already, and a playground is always fresh", path),
			"`dovetail %s` opens it as it is", path)
	}
	return s, err
}

// listPlayground is the playground without a terminal.
func (a *app) listPlayground(ctx context.Context, s *store.Store, scenario fixtures.Scenario, keep string) error {
	a.say("%s: %s", scenario.Name, scenario.Title)
	status, err := s.Status(ctx, "")
	if err != nil {
		return err
	}
	a.say("%s", lastExchange(status))
	if err := a.runConflicts(ctx, s, conflictsFlags{}); err != nil {
		return err
	}
	if keep != "" {
		a.db = keep
		a.say("`%s` explains the first; `%s` decides it", a.command("show 1"), a.command("resolve 1 --take local"))
		return nil
	}
	a.say("in a terminal, `dovetail play %s` opens them on the screen; --keep FILE leaves the database for other commands", scenario.Name)
	return nil
}

// playClock is the store's clock: it stands at each event while the scenario is played, and is the real one after.
type playClock struct{ at time.Time }

func (c *playClock) follow(_ fixtures.Event, at time.Time) { c.at = at }
func (c *playClock) release()                              { c.at = time.Time{} }

func (c *playClock) now() time.Time {
	if c.at.IsZero() {
		return time.Now()
	}
	return c.at
}

// playHub is a store as scenarios see it.
type playHub struct{ store *store.Store }

func (h playHub) Head(ctx context.Context, record merge.Key) (merge.Document, int64, error) {
	head, err := h.store.Get(ctx, record)
	if errors.Is(err, merge.ErrNotFound) {
		return nil, 0, nil
	}
	return head.Fields, head.Version, err
}

func (h playHub) Write(ctx context.Context, w fixtures.Write) error {
	_, err := h.store.Write(ctx, store.Edit{
		Record: w.Record, Version: w.Version, Fields: w.Fields, By: w.By, Device: w.Device, At: w.At,
	})
	return err
}

func (h playHub) Push(ctx context.Context, line []byte) error {
	_, err := h.store.Push(ctx, line)
	return err
}
