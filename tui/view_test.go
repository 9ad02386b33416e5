package tui

import (
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/charmbracelet/lipgloss"
	"github.com/muesli/termenv"

	"dovetail/merge"
	"dovetail/tui/safe"
	"dovetail/tui/theme"
)

var update = flag.Bool("update", false, "write the golden views anew")

// screensOf are the views that are looked at in every size: a name, a desk and the keys that lead there.
func screensOf(t testing.TB) map[string]struct {
	desk *desk
	open int64
	keys []string
} {
	draft := func() *desk {
		d := newDesk(customer(t, 1), deal(t, 2), conflict(t, 3, "asset/55", `{"name":"Pump","site":"North"}`, `{"name":"Pump 2","site":"South"}`, ""),
			conflict(t, 4, "task/1", "", `{"a":1,"b":"x"}`, `{"a":1,"c":"y"}`))
		c := d.cases[1]
		c.Conflict.Draft = &merge.DraftNote{Decided: 2, Stale: true, SavedAt: noon}
		d.cases[1] = c
		return d
	}
	return map[string]struct {
		desk *desk
		open int64
		keys []string
	}{
		"queue":          {draft(), 0, nil},
		"queue-filter":   {draft(), 0, []string{"/", "colour:", "enter"}},
		"queue-groups":   {monday(t), 0, []string{"g", "j"}},
		"queue-group":    {monday(t), 0, []string{"g", "enter", " ", " "}},
		"bulk-choice":    {monday(t), 0, []string{"g", "A"}},
		"bulk-preview":   {mixed(t), 0, []string{"/", "kind:edit-edit", "enter", "A", "2", " "}},
		"bulk-confirm":   {many(t, 120), 0, []string{"g", "A", "1", "y", "1"}},
		"bulk-done":      {monday(t), 0, []string{"g", "A", "1", "y"}},
		"bulk-undo":      {monday(t), 0, []string{"g", "A", "1", "y", "U"}},
		"queue-claimed":  {takenDesk(t), 0, []string{"j"}},
		"claimed":        {takenDesk(t), 0, []string{"j", "enter"}},
		"queue-complete": {draft(), 0, []string{"/", "collection:deal k", "tab", "tab"}},
		"queue-parked":   {draft(), 0, []string{"5", "j"}},
		"records":        {draft(), 0, []string{"6", "tab", "j"}},
		"record":         {draft(), 0, []string{"6", "tab", "enter", "e", "7", "enter", "j"}},
		"record-edit":    {draft(), 0, []string{"6", "tab", "enter", "G", "k", "e", "x", "enter"}},
		"record-named":   {draft(), 0, []string{"6", "tab", "n", "D", "-", "3", "enter"}},
		"record-new":     {draft(), 0, []string{"6", "tab", "n", "enter", "j", "j", "j", "e", "open", "enter"}},
		"record-add":     {draft(), 0, []string{"6", "tab", "n", "enter", "+", "tags+=x", "enter"}},
		"record-write":   {draft(), 0, []string{"6", "tab", "enter", "e", "7", "enter", "w"}},
		"queue-drafts":   {draft(), 0, []string{"2"}},
		"queue-snooze":   {monday(t), 0, []string{" ", " ", "S"}},
		"queue-snoozed":  {monday(t), 0, []string{" ", " ", "S", "2", "3"}},
		"help-queue":     {monday(t), 0, []string{"?"}},
		"resolve":        {draft(), 1, []string{"1", "n", "2", "n", "right"}},
		"resolve-same":   {draft(), 1, []string{"a", "G"}},
		"resolve-edit":   {draft(), 1, []string{"e", "x"}},
		"resolve-menu":   {draft(), 1, []string{"A"}},
		"resolve-full":   {draft(), 1, []string{"N", "n", "n", "n", "v"}},
		"resolve-naming": {draft(), 4, []string{"b"}},
		"resolve-both":   {draft(), 4, []string{"b", "enter"}},
		"review-both":    {draft(), 4, []string{"b", "enter", "w"}},
		"history":        {draft(), 1, []string{"i"}},
		"rule":           {draft(), 1, []string{"1", "m"}},
		"review-dry":     {draft(), 1, []string{"2", "A", "1", "w", "p"}},
		"resolve-delete": {draft(), 3, []string{"right"}},
		"resolve-group":  {newDesk(movedHouse(t, 5)), 5, []string{"n", "right"}},
		"resolve-rule":   {newDesk(closedEmpty(t, 6)), 6, []string{"2"}},
		"review-rule":    {newDesk(closedEmpty(t, 6)), 6, []string{"2", "n", "1", "w"}},
		"resolve-list":   {newDesk(stocked(t, 8)), 8, []string{"n", "c", "x"}},
		"full-list":      {newDesk(stocked(t, 8)), 8, []string{"n", "v"}},
		"resolve-find":   {draft(), 1, []string{"/", "t", "a"}},
		"resolve-dates":  {newDesk(visitMoved(t, 9)), 9, []string{"right"}},
		"resolve-found":  {draft(), 1, []string{"/", "t", "a", "enter"}},
		"resolve-snooze": {draft(), 1, []string{"S"}},
		"resolve-parts":  {newDesk(visit(t, 7)), 7, nil},
		"full-parts":     {newDesk(visit(t, 7)), 7, []string{"n", "v"}},
		"review":         {draft(), 1, []string{"2", "A", "1", "w"}},
		"review-delete":  {draft(), 3, []string{"2", "w"}},
		"written":        {newDesk(deal(t, 2)), 2, []string{"1", "w", "y"}},
		"help":           {draft(), 1, []string{"?"}},
		"palette":        {draft(), 1, []string{":", "u", "n", "d", "down"}},
		"palette-queue":  {draft(), 0, []string{":"}},
	}
}

func title(c *Config) {
	c.History, c.Rules = past{}, &past{}
	c.Claimer, c.Parker = claimerOf(c.Queue.(*desk)), shelved()
	shelves := shelvesOf(nil)
	c.Librarian, c.Drafter, c.NewID = shelves, shelves, func() string { return "k7q2mz" }
	c.Title, c.Notice = "PLAYGROUND dead-zone", "6 changes: 4 applied, 1 merged, 1 needs you, 0 lost"
}

func TestGoldenViews(t *testing.T) {
	for name, s := range screensOf(t) {
		for _, size := range [][2]int{{120, 36}, {80, 24}, {50, 20}, {40, 12}} {
			file := filepath.Join("testdata", fmt.Sprintf("%s-%dx%d.txt", name, size[0], size[1]))
			view := newRig(t, s.desk, on(s.open), title).size(size[0], size[1]).press(s.keys...).m.View() + "\n"
			s = screensOf(t)[name]
			if *update {
				if err := os.WriteFile(file, []byte(view), 0o644); err != nil {
					t.Fatal(err)
				}
				continue
			}
			want, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if view != string(want) {
				t.Errorf("%s is not as it was; run with -update and look at the difference\n%s", file, view)
			}
		}
	}
}

// coloured makes the environment draw in 256 colours.
func coloured(r *rig, name string) *rig {
	renderer := lipgloss.NewRenderer(io.Discard)
	renderer.SetColorProfile(termenv.ANSI256)
	m := r.root()
	m.env.theme = theme.New(theme.Options{Name: name, Renderer: renderer})
	m.env.frame.theme = m.env.theme
	return r
}

// hostileCase has what terminals obey in every text that a record, a person or an id can bring.
func hostileCase(t testing.TB, number int64) merge.Case {
	evil := `\u001b]52;c;ZXZpbA==\u0007\r\u202eabc\u009b31m\u0000\u200b\t\\u{202e}{+x+}`
	c := conflict(t, number, "note/1", `{"`+evil+`":"`+evil+`","t":"a","u":[1]}`, `{"`+evil+`":"`+evil+` local","t":"`+evil+`","v":1,"u":["`+evil+`"]}`,
		`{"`+evil+`":"`+evil+` server `+strings.Repeat(evil, 50)+`","t":"b","w":{"`+evil+`":null},"u":{}}`)
	raw := "\x1b]52;c;ZXZpbA==\x07\r\u202e\u009b31m\x00\xff"
	c.Conflict.Record.ID = raw
	c.Local.By, c.Local.Device, c.Server.By, c.Base.By = raw, raw, raw, raw
	c.Conflict.LocalBy, c.Conflict.Device, c.Conflict.ServerBy = raw, raw, raw
	return c
}

// check fails if a view is not exactly as large as the terminal, or holds what a terminal obeys but for our own SGR.
func check(t *testing.T, what, view string, w, h int) {
	t.Helper()
	lines := strings.Split(view, "\n")
	if len(lines) != h {
		t.Fatalf("%s at %dx%d: %d lines", what, w, h, len(lines))
	}
	for i, line := range lines {
		plain := withoutSGR(line)
		if width := safe.Cell(plain).Width(); width != w {
			t.Fatalf("%s at %dx%d: line %d is %d wide: %q", what, w, h, i, width, line)
		}
		for _, r := range plain {
			if r < ' ' || r >= 0x7F && r < 0xA0 || r == 0x202E || r == 0x200B || r == '\uFFFD' {
				t.Fatalf("%s at %dx%d: line %d holds %U: %q", what, w, h, i, r, line)
			}
		}
	}
}

// withoutSGR takes out sequences of the form that the theme prepares, and no others.
func withoutSGR(s string) string {
	var out strings.Builder
	for {
		at := strings.Index(s, "\x1b[")
		if at < 0 {
			out.WriteString(s)
			return out.String()
		}
		out.WriteString(s[:at])
		end := at + 2
		for end < len(s) && (s[end] >= '0' && s[end] <= '9' || s[end] == ';') {
			end++
		}
		if end == len(s) || s[end] != 'm' {
			out.WriteString(s[at:])
			return out.String()
		}
		s = s[end+1:]
	}
}

func TestEverySizeIsFilledExactly(t *testing.T) {
	rigs := map[string]*rig{}
	for name, s := range screensOf(t) {
		rigs[name] = newRig(t, s.desk, on(s.open), title).press(s.keys...)
		s = screensOf(t)[name]
		rigs[name+" ascii"] = newRig(t, s.desk, on(s.open), title, func(c *Config) { c.ASCII = true }).press(s.keys...)
		s = screensOf(t)[name]
		rigs[name+" coloured"] = coloured(newRig(t, s.desk, on(s.open), title), "dark").press(s.keys...)
	}
	for _, theme := range []string{"dark", "light"} {
		rigs["hostile queue "+theme] = coloured(newRig(t, newDesk(hostileCase(t, 1))), theme)
		rigs["hostile resolve "+theme] = coloured(newRig(t, newDesk(hostileCase(t, 1)), on(1)), theme).press("a", "1", "n")
		rigs["hostile full "+theme] = coloured(newRig(t, newDesk(hostileCase(t, 1)), on(1)), theme).press("v")
		rigs["hostile groups "+theme] = coloured(newRig(t, newDesk(hostileCase(t, 1))), theme).press("g")
		rigs["hostile bulk "+theme] = coloured(newRig(t, newDesk(hostileCase(t, 1))), theme).press("g", "A", "1")
		rigs["hostile review "+theme] = coloured(newRig(t, newDesk(hostileCase(t, 1)), on(1)), theme).press("A", "1", "w")
	}
	rigs["hostile names"] = newRig(t, newDesk(hostileCase(t, 1)), on(1), func(c *Config) {
		c.Title, c.Person, c.Notice = "\x1b[2J", "\x1b]0;x\x07", "\u202e\r"
	})
	rigs["hostile written"] = newRig(t, newDesk(hostileCase(t, 1)), on(1)).press("A", "1", "w", "y", "U")
	evil := shelved()
	evil.changes[0].Reason, evil.changes[0].Line, evil.changes[0].Record.ID = "\x1b[2J\r", "\x1b]0;x\x07\u202e", "\x1b[31m"
	rigs["hostile parked"] = newRig(t, newDesk(), parking(evil)).press("5")
	poison := shelvesOf(t)
	for i := range poison.records {
		poison.records[i].Record.ID, poison.records[i].Record.Collection = "\x1b[2J\r\u202e", "deal"
		poison.records[i].Fields = hostileCase(t, 1).Sides.Local
	}
	rigs["hostile records"] = newRig(t, newDesk(), shelvedIn(poison)).press("6")
	rigs["hostile record"] = newRig(t, newDesk(), shelvedIn(poison)).press("6", "enter", "j", "e", "x")
	rigs["empty queue"] = newRig(t, newDesk())
	d := newDesk(hostileCase(t, 1))
	d.answer, d.saveErr = fmt.Errorf("\x1b[2J: %w", errBroken), fmt.Errorf("\x1b[2J\r")
	rigs["hostile errors"] = newRig(t, d, on(1)).press("1")
	for name, r := range rigs {
		// Every size for the screen that holds most; for the others a part of them, spread over all.
		steps := 7
		if name == "resolve" {
			steps = 1
		}
		for w := minWidth; w <= 200; w += steps {
			for h := minHeight + (w/steps)%steps; h <= 60; h += steps {
				r.size(w, h)
				view := r.m.View()
				check(t, name, view, w, h)
				if view := withoutSGR(view); !strings.Contains(view, "? help") && !strings.Contains(view, "esc ") && !strings.Contains(view, "y yes") {
					t.Fatalf("%s at %dx%d: no keys are on the screen:\n%s", name, w, h, view)
				}
			}
		}
	}
}

func TestSmallerThanTheSmallestIsFilledExactly(t *testing.T) {
	r := newRig(t, newDesk(two(t, 1)), on(1))
	for w := 1; w <= minWidth; w++ {
		for h := 1; h <= minHeight; h++ {
			r.size(w, h)
			check(t, "small", r.m.View(), w, h)
		}
	}
}

func TestEveryHostileValueLooksDifferent(t *testing.T) {
	seen := map[string]string{}
	for _, value := range []string{`"a"`, `"a\u202e"`, `"a\u200b"`, `"a\r"`, `"a\u009b"`, `"a\u001b]52;c;\u0007"`, `"a "`, `"a\\u{202e}"`, `""`, `null`, `"null"`, `0`, `"0"`, `false`} {
		r := newRig(t, newDesk(conflict(t, 1, "note/1", `{"f":"x"}`, `{"f":`+value+`}`, `{"f":"y"}`)), on(1))
		for _, line := range strings.Split(r.m.View(), "\n") {
			if strings.HasPrefix(line, "▸") {
				if other, ok := seen[line]; ok {
					t.Errorf("%s and %s look alike: %s", value, other, line)
				}
				seen[line] = value
			}
		}
	}
}

func TestChoicesAreReadWithoutColours(t *testing.T) {
	r := newRig(t, newDesk(customer(t, 1)), on(1)).press("1", "n", "2", "n", "3", "n", "0", "n", "right")
	r.sees(" L  address", " S  phone", " B  status", " 0  tags", "▸!  visit_notes", "[ Valve leaks", "=L email", "=S owner", "== zip")
	if strings.Contains(r.m.View(), "\x1b") {
		t.Error("there are escape sequences without colours")
	}
}

func TestASCIIHasNoOtherSigns(t *testing.T) {
	for name, s := range screensOf(t) {
		view := newRig(t, s.desk, on(s.open), func(c *Config) { c.ASCII = true }).press(s.keys...).m.View()
		for _, r := range view {
			if r > 0x7E {
				t.Errorf("%s holds %q:\n%s", name, r, view)
				break
			}
		}
	}
}
