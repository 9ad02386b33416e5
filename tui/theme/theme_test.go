package theme

import (
	"go/parser"
	"go/token"
	"io"
	"os"
	"strings"
	"testing"

	"github.com/charmbracelet/lipgloss"
	"github.com/muesli/termenv"
)

// The package must be ready to be initialised as soon as Lip Gloss is: anything more that it imports, and the terminal
// is asked for its background before it can say that it knows.
func TestNothingButLipGlossIsImported(t *testing.T) {
	files, err := os.ReadDir(".")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		if !strings.HasSuffix(f.Name(), ".go") || strings.HasSuffix(f.Name(), "_test.go") {
			continue
		}
		parsed, err := parser.ParseFile(token.NewFileSet(), f.Name(), nil, parser.ImportsOnly)
		if err != nil {
			t.Fatal(err)
		}
		for _, imported := range parsed.Imports {
			path := strings.Trim(imported.Path.Value, `"`)
			if strings.Contains(path, ".") && path != "github.com/charmbracelet/lipgloss" || strings.HasPrefix(path, "dovetail/") {
				t.Errorf("%s imports %s", f.Name(), path)
			}
		}
	}
}

func renderer(p termenv.Profile) *lipgloss.Renderer {
	r := lipgloss.NewRenderer(io.Discard)
	r.SetColorProfile(p)
	return r
}

func TestPensByMeaning(t *testing.T) {
	dark := New(Options{Name: "dark", Renderer: renderer(termenv.ANSI256)})
	light := New(Options{Name: "light", Renderer: renderer(termenv.ANSI256)})
	for role, want := range map[Role][2]string{Local: {"38;5;75", "38;5;25"}, Server: {"38;5;214", "38;5;130"}, Base: {"38;5;245", "38;5;241"}} {
		if on := dark.Pen(role, false).On; !strings.Contains(on, want[0]) {
			t.Errorf("dark: role %d is %q, want %s", role, on, want[0])
		}
		if on := light.Pen(role, false).On; !strings.Contains(on, want[1]) {
			t.Errorf("light: role %d is %q, want %s", role, on, want[1])
		}
	}
	if on := dark.Pen(Conflict, false).On; strings.Contains(on, "38;") || !strings.Contains(on, "7") || !strings.Contains(on, "1") {
		t.Errorf("a conflict is %q: it has a hue, or is not bold and reversed", on)
	}
	for role := range roles {
		for _, lit := range []bool{false, true} {
			if pen := dark.Pen(role, lit); (pen.On == "") != (pen.Off == "") {
				t.Errorf("role %d: %q is ended by %q", role, pen.On, pen.Off)
			}
		}
	}
}

func TestPlainThemesHaveNoSequences(t *testing.T) {
	for name, o := range map[string]Options{
		"no colour":       {Plain: true, Renderer: renderer(termenv.TrueColor)},
		"none":            {Name: "none", Renderer: renderer(termenv.TrueColor)},
		"a poor terminal": {Renderer: renderer(termenv.Ascii)},
	} {
		theme := New(o)
		if !theme.Colourless() {
			t.Errorf("%s: it says that it has colours", name)
		}
		for role := range roles {
			if theme.Pen(role, false) != (Pen{}) || theme.Pen(role, true) != (Pen{}) {
				t.Errorf("%s: role %d has a sequence", name, role)
			}
		}
	}
}

func TestGuess(t *testing.T) {
	for value, dark := range map[string]bool{"": true, "15;0": true, "0;15": false, "0;default;15": false, "12;8": true, "x": true} {
		if guessDark(value) != dark {
			t.Errorf("COLORFGBG=%q: dark is %v", value, !dark)
		}
	}
}
