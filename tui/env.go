package tui

import (
	"time"

	"dovetail/tui/safe"
	"dovetail/tui/theme"
)

// The smallest terminal that the screens are drawn for, and where the layouts change.
const (
	minWidth, minHeight = 40, 12
	tableWidth          = 72  // below it a field is a card of its own
	baseWidth           = 100 // from here on the base has a column
	airy                = 30  // lines from which on blank ones set things apart
)

// env is what all screens share and none changes, but for the frame's buffer, which belongs to whoever draws.
type env struct {
	commands commands
	keys     [screens]keymap
	glyphs   *glyphs
	theme    *theme.Theme
	now      func() time.Time
	location *time.Location
	you      string
	title    safe.Cell
	frame    *frame
}

func newEnv(c Config, do commands) *env {
	e := &env{
		commands: do, keys: keymaps(), glyphs: glyphsFor(c), theme: newTheme(c), now: c.Now, location: c.Location,
		you: c.Person, title: safe.Text(c.Title),
	}
	e.frame = &frame{theme: e.theme, glyphs: e.glyphs}
	return e
}

// words puts a text of ours in the signs that the terminal has.
func (e *env) words(s string) safe.Cell { return e.glyphs.words(s) }

// status is the line that says what just happened.
type status struct {
	text safe.Cell
	bad  bool
}

func (s status) draw(f *frame) {
	if s.bad {
		f.put(theme.Plain, " ")
		f.put(theme.Warning, "! ")
	} else {
		f.put(theme.Plain, " ")
	}
	f.put(theme.Strong, s.text)
}

// failed is the status for an error.
func failed(what string, err error) status {
	return status{text: safe.Cell(what) + safe.Text(err.Error()), bad: true}
}
