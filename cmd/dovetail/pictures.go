package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"dovetail/fixtures"
	"dovetail/tui"
	"dovetail/tui/picture"
)

// shot is one picture: what it shows of the program.
type shot struct {
	name, title string
	wide, high  int
	scenario    string   // whose screens it shows after the keys
	keys        []string // of tui.Draw
	args        []string // of a command whose output it shows instead
}

// shots are the pictures of the README.
var shots = []shot{
	{name: "conflict", title: "A conflict: base, local and server field by field, with what each choice leads to", wide: 100, high: 20,
		scenario: "dead-zone", keys: []string{"enter", "1"}},
	{name: "simulate", title: "What each strategy loses of the same edits, as dovetail simulate prints it", wide: 84, high: 18,
		args: []string{"simulate", "--devices", "12", "--records", "150", "--edits", "2000", "--color", "always"}},
}

// pictureNoon is when all pictures are taken, so that they are the same whenever that is.
var pictureNoon = time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)

func (a *app) picturesCommand() *cobra.Command {
	return &cobra.Command{
		Use:     "pictures DIR",
		Short:   "Draw the pictures of the README anew",
		Long:    `pictures draws the screens as they are now, as SVG files in DIR.`,
		Example: `  go run ./cmd/dovetail play pictures .pictures`,
		Hidden:  true,
		Args:    cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			for _, s := range shots {
				svg, err := s.take(c.Context())
				if err != nil {
					return fmt.Errorf("draw %s: %w", s.name, err)
				}
				if err := os.WriteFile(filepath.Join(args[0], s.file()), []byte(svg), 0o666); err != nil {
					return misuseError{err}
				}
				a.say("%s", filepath.Join(args[0], s.file()))
			}
			return nil
		},
	}
}

func (s shot) file() string { return s.name + ".svg" }

// take draws the picture. No terminal, clock or setting of whoever calls has a part in it.
func (s shot) take(ctx context.Context) (string, error) {
	screen, err := s.output(ctx)
	if s.scenario != "" {
		screen, err = s.screen(ctx)
	}
	if err != nil {
		return "", err
	}
	return picture.SVG(screen, s.title, s.wide, s.high), nil
}

// output is what a command prints.
func (s shot) output(ctx context.Context) (string, error) {
	if s.args == nil {
		return "", nil
	}
	var out bytes.Buffer
	a := &app{in: strings.NewReader(""), out: &out, errw: &bytes.Buffer{}, columns: s.wide}
	root := a.rootCommand()
	root.SetArgs(s.args)
	err := root.ExecuteContext(ctx)
	return "$ dovetail " + strings.Join(s.args[:len(s.args)-2], " ") + "\n" + out.String(), err
}

// screen is what stands on the screens of a scenario after some keys.
func (s shot) screen(ctx context.Context) (_ string, err error) {
	scenario, err := fixtures.Find(s.scenario)
	if err != nil {
		return "", err
	}
	dir, err := os.MkdirTemp("", "dovetail-picture-")
	if err != nil {
		return "", err
	}
	defer os.RemoveAll(dir)
	w, err := newPlayWorld(ctx, filepath.Join(dir, "world"), scenario, scenario.Strategy, scenario.Start(pictureNoon))
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, w.close()) }()
	if err := w.playAll(ctx); err != nil {
		return "", err
	}
	w.clock = pictureNoon
	status, err := w.hub.Status(ctx, "")
	if err != nil {
		return "", err
	}
	return tui.Draw(ctx, tui.Config{Queue: w.hub, Desk: desk{inFile(w.hub)}, Person: "vera", Title: "PLAYGROUND " + scenario.Name,
		Notice: lastExchange(status), Now: func() time.Time { return w.clock }, Location: time.UTC}, s.wide, s.high, s.keys...)
}
