// Package theme prepares the colours of the screens.
//
// It imports nothing of Charm's but Lip Gloss, on purpose: Bubble Tea asks the terminal for its background when its
// package is initialised, waits up to five seconds for an answer, and does so in every command of the binary. An
// answer that is already known is not asked for. Go initialises packages that are ready in the order of their import
// paths, and `dovetail/tui/theme` sorts before `github.com/charmbracelet/bubbletea`, so the answer given here comes
// first.
package theme

import (
	"io"
	"os"
	"strconv"
	"strings"

	"github.com/charmbracelet/lipgloss"
)

func init() { lipgloss.SetHasDarkBackground(guessDark(os.Getenv("COLORFGBG"))) }

// Role is what a piece of text means. Every meaning is also in a word or a sign, so that nothing is lost where a
// terminal draws no colours.
type Role uint8

const (
	Plain Role = iota
	Title
	Heading
	Dim
	Strong
	Local
	Server
	Base
	Conflict
	Good
	Warning
	Added
	Removed
	Key
	Cursor
	roles
)

// Pen is the pair of SGR sequences that a text stands between; both are empty where nothing is to be changed.
type Pen struct{ On, Off string }

// Options choose a theme.
type Options struct {
	Name   string    // dark, light, none, or empty: a guess from the environment
	Output io.Writer // whose abilities count; nil is the standard output
	Plain  bool      // no SGR at all
	// Renderer draws the styles; nil makes one for Output.
	Renderer *lipgloss.Renderer
}

// Theme holds the pens of all roles, prepared once: frames are drawn with them and not with styles.
type Theme struct {
	pens  [roles]Pen
	lit   [roles]Pen // the same on the selected line
	plain bool
}

// New prepares a theme.
func New(o Options) *Theme {
	t := &Theme{plain: o.Plain || o.Name == "none"}
	if t.plain {
		return t
	}
	r := o.Renderer
	if r == nil {
		out := o.Output
		if out == nil {
			out = os.Stdout
		}
		r = lipgloss.NewRenderer(out)
	}
	dark := guessDark(os.Getenv("COLORFGBG"))
	if o.Name != "" {
		dark = o.Name != "light"
	}
	r.SetHasDarkBackground(dark)
	line := lipgloss.Color("254")
	if dark {
		line = lipgloss.Color("236")
	}
	for role, style := range styles(r, dark) {
		t.pens[role] = prepare(style)
		t.lit[role] = prepare(style.Background(line))
	}
	t.plain = t.pens[Conflict] == Pen{}
	return t
}

// Pen returns the pen for a role; lit is for the selected line.
func (t *Theme) Pen(role Role, lit bool) Pen {
	if lit {
		return t.lit[role]
	}
	return t.pens[role]
}

// Colourless reports whether the theme draws without SGR.
func (t *Theme) Colourless() bool { return t.plain }

// styles are the meanings in colours. Local and server are blue and orange, which stay apart for people who do not
// tell red from green; a conflict has no hue of its own, since none stays apart from both.
func styles(r *lipgloss.Renderer, dark bool) [roles]lipgloss.Style {
	pick := func(onDark, onLight string) lipgloss.Color {
		if dark {
			return lipgloss.Color(onDark)
		}
		return lipgloss.Color(onLight)
	}
	local, server, base := pick("75", "25"), pick("214", "130"), pick("245", "241")
	var s [roles]lipgloss.Style
	for i := range s {
		s[i] = r.NewStyle()
	}
	s[Title] = s[Title].Bold(true)
	s[Heading] = s[Heading].Bold(true)
	s[Dim] = s[Dim].Foreground(base)
	s[Strong] = s[Strong].Bold(true)
	s[Local] = s[Local].Foreground(local)
	s[Server] = s[Server].Foreground(server)
	s[Base] = s[Base].Foreground(base)
	s[Conflict] = s[Conflict].Bold(true).Reverse(true)
	s[Good] = s[Good].Bold(true)
	s[Warning] = s[Warning].Bold(true).Reverse(true)
	s[Added] = s[Added].Underline(true)
	s[Removed] = s[Removed].Foreground(base)
	s[Key] = s[Key].Bold(true)
	s[Cursor] = s[Cursor].Reverse(true)
	return s
}

// prepare takes apart what a style puts around a text.
func prepare(style lipgloss.Style) Pen {
	const text = "x"
	on, off, _ := strings.Cut(style.Render(text), text)
	return Pen{On: on, Off: off}
}

// guessDark reads the variable that some terminals set: foreground and background, by number. Most terminals are
// dark, and so is the guess where there is nothing to go by.
func guessDark(colorfgbg string) bool {
	background, err := strconv.Atoi(colorfgbg[strings.LastIndexByte(colorfgbg, ';')+1:])
	return err != nil || background < 7 || background == 8
}
