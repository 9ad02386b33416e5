package tui

import (
	"context"
	"fmt"
	"io"
	"reflect"
	"time"

	tea "github.com/charmbracelet/bubbletea"
	"github.com/charmbracelet/lipgloss"
	"github.com/muesli/termenv"

	"dovetail/tui/theme"
)

// maxDrawn is how many messages one key may lead to. More means that they never end.
const maxDrawn = 1000

// Draw returns what stands on the screens after some keys, without a terminal: of that size, in 256 colours, and dark where c
// does not say. A key is named as in "enter" or "ctrl+r", or is what is typed. What the screens do after a while they do at
// once, but not again and again. They write as they would for a person, drafts as well.
func Draw(ctx context.Context, c Config, width, height int, keys ...string) (string, error) {
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Location == nil {
		c.Location = time.Local
	}
	if c.Theme == "" {
		c.Theme = "dark"
	}
	c.Output = io.Discard
	d := drawing{ctx: ctx}
	drafts := newSaver(c.Desk.SaveDraft, c.Now)
	do := newCommands(ctx, c, drafts)
	do.later, do.beat = d.later, func() tea.Cmd { return nil }
	m := newModel(c, do)
	renderer := lipgloss.NewRenderer(io.Discard)
	renderer.SetColorProfile(termenv.ANSI256)
	m.env.theme = theme.New(theme.Options{Name: c.Theme, Plain: c.NoColor, Renderer: renderer})
	m.env.frame.theme = m.env.theme
	d.model = m
	d.run(m.Init())
	d.send(tea.WindowSizeMsg{Width: width, Height: height})
	for _, name := range keys {
		d.messages = 0
		d.send(keyNamed(name))
	}
	if d.err == nil {
		_, d.err = drafts.flush(ctx)
	}
	return d.model.View(), d.err
}

// drawing feeds messages to the screens and runs what commands they return until none is left.
type drawing struct {
	ctx      context.Context
	model    tea.Model
	messages int
	waited   bool // what is under way came after a while
	err      error
}

// late is a message that a while has passed for.
type late struct{ tea.Msg }

func (d *drawing) later(_ time.Duration, msg tea.Msg) tea.Cmd {
	if d.waited {
		return nil
	}
	return func() tea.Msg { return late{msg} }
}

func (d *drawing) send(msg tea.Msg) {
	if d.messages++; d.err == nil && d.messages > maxDrawn {
		d.err = fmt.Errorf("draw: more than %d messages for one key", maxDrawn)
	}
	if d.err == nil {
		d.err = d.ctx.Err()
	}
	if d.err != nil {
		return
	}
	if after, ok := msg.(late); ok {
		d.waited = true
		defer func() { d.waited = false }()
		msg = after.Msg
	}
	var cmd tea.Cmd
	d.model, cmd = d.model.Update(msg)
	d.run(cmd)
}

// run takes batches and sequences apart; Bubble Tea does not export the latter.
func (d *drawing) run(cmd tea.Cmd) {
	if cmd == nil {
		return
	}
	msg := cmd()
	if _, quit := msg.(tea.QuitMsg); msg == nil || quit {
		return
	}
	v := reflect.ValueOf(msg)
	if v.Kind() != reflect.Slice || v.Type().Elem() != reflect.TypeFor[tea.Cmd]() {
		d.send(msg)
		return
	}
	for i := range v.Len() {
		d.run(v.Index(i).Interface().(tea.Cmd))
	}
}

// namedKeyTypes are the keys that are named, and not typed.
var namedKeyTypes = []tea.KeyType{tea.KeyEnter, tea.KeyEsc, tea.KeyUp, tea.KeyDown, tea.KeyLeft, tea.KeyRight, tea.KeyTab,
	tea.KeyShiftTab, tea.KeyHome, tea.KeyEnd, tea.KeyPgUp, tea.KeyPgDown, tea.KeyBackspace, tea.KeyDelete, tea.KeyCtrlR}

func keyNamed(name string) tea.KeyMsg {
	for _, k := range namedKeyTypes {
		if k.String() == name {
			return tea.KeyMsg{Type: k}
		}
	}
	if name == "space" {
		return tea.KeyMsg{Type: tea.KeySpace, Runes: []rune{' '}}
	}
	return tea.KeyMsg{Type: tea.KeyRunes, Runes: []rune(name)}
}
