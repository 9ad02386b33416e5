package main

import (
	"context"
	"fmt"
	"os"

	"dovetail/tui"
)

// linear reports whether the person is to be asked line by line: they have the terminal read out, or it is one that
// cannot be drawn on.
func (a *app) linear() bool {
	on := os.Getenv("ACCESSIBLE")
	return a.accessible || on != "" && on != "0" || os.Getenv("TERM") == "dumb"
}

// asks reports whether there is somebody to ask. Whoever says --accessible answers, also through a pipe; what the
// environment says is only how to ask.
func (a *app) asks() bool { return a.accessible || a.interactive() }

// show opens the screens, or asks line by line.
func (a *app) show(ctx context.Context, config tui.Config) (err error) {
	if config.Keys, err = readKeys(); err != nil {
		return err
	}
	run := tui.Run
	if a.linear() {
		run = tui.RunLinear
	}
	if err := run(ctx, config); err != nil {
		return fmt.Errorf("screens: %w", err)
	}
	return nil
}
