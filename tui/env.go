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
	besideWidth         = 120 // and from here on the queue's preview stands beside it
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
	call     []string
	title    safe.Cell
	replica  bool
	alone    bool // a second record has no place
	snoozes  bool // conflicts can be put off
	frame    *frame
	playing  bool          // a playground stands behind the queue
	newID    func() string // nil: there is none
}

func newEnv(c Config, do commands) *env {
	e := &env{
		commands: do, keys: c.Keys.over(keymaps()), glyphs: glyphsFor(c), theme: newTheme(c), now: c.Now, location: c.Location,
		you: c.Person, call: c.Call, title: safe.Text(c.Title), replica: c.Replica, alone: c.OneRecord, snoozes: c.Snoozer != nil, playing: c.Play != nil,
		newID: c.NewID,
	}
	if e.playing {
		e.keys = playedKeys(e.keys)
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

func (s status) draw(f *frame) { s.drawIn(f, 1) }

// drawIn draws the status on at most so many lines, and leaves the last one open.
func (s status) drawIn(f *frame, lines int) {
	sign := safe.Cell(" ")
	if s.bad {
		sign = " ! "
	}
	for i, part := range s.wrapped(f.width, lines) {
		if i > 0 {
			f.line()
			sign = safe.Cell(blanks[:len(sign)])
		}
		role := theme.Plain
		if s.bad && i == 0 {
			role = theme.Warning
		}
		f.put(role, sign)
		f.spans(part)
	}
}

func (s status) wrapped(width, lines int) [][]span {
	if s.bad {
		width -= 2
	}
	return wrapSpans([]span{{theme.Strong, s.text}}, width-1, lines)
}

// more is how many of the free lines a status needs beside its own.
func (s status) more(width, free int) int {
	if free <= 0 || s.text == "" {
		return 0
	}
	return len(s.wrapped(width, free+1)) - 1
}

// failed is the status for an error.
func failed(what string, err error) status {
	return status{text: safe.Cell(what) + safe.Text(err.Error()), bad: true}
}
