package tui

import (
	"strings"
	"testing"

	tea "github.com/charmbracelet/bubbletea"

	"dovetail/merge"
)

// field makes a conflict about one field; the sides are JSON.
func fieldConflict(t testing.TB, base, local, server string) *desk {
	t.Helper()
	return newDesk(conflict(t, 1, "note/1", `{"f":`+base+`}`, `{"f":`+local+`}`, `{"f":`+server+`}`))
}

func (r *rig) wantValue(path string, want merge.Value) *rig {
	r.t.Helper()
	if got := r.resolve().draft.Decisions[path]; got.Value != want {
		r.t.Errorf("decided for %s: %s %s, want %s", path, got.Choice, got.Value, want)
	}
	return r
}

func TestOpeningTheBoxAndAcceptingDecidesNothing(t *testing.T) {
	for name, value := range map[string]string{
		"text":          `"plain"`,
		"blanks":        `"  two, and at the end "`,
		"no-break":      `"a\u00a0b"`,
		"right to left": `"a\u202eb"`,
		"zero width":    `"a\u200bb"`,
		"family":        `"👨‍👩‍👧 x"`,
		"decomposed":    `"e\u0301"`,
		"lines":         `"one\ntwo\n\nthree\n"`,
		"many lines":    `"` + strings.Repeat(`x\n`, 20000) + `"`,
		"long":          `"` + strings.Repeat("word ", 5000) + `"`,
		"backslash":     `"C:\\x\\n"`,
		"number":        "1.50",
		"list":          `["a","b"]`,
		"boolean":       `true`,
	} {
		r := newRig(t, newDesk(conflict(t, 1, "note/1", `{"f":null}`, `{"f":`+value+`}`, `{"f":1e9}`)), on(1))
		r.press("e")
		if r.resolve().mode != inBox {
			t.Errorf("%s: the box does not open: %s", name, r.resolve().status.text)
			continue
		}
		r.press("left", "right", "home", "end", "up", "down", "ctrl+s")
		if d := r.resolve().draft; len(d.Decisions) != 0 || len(d.Typed) != 0 {
			t.Errorf("%s: opening and accepting changed %+v", name, d)
		}
	}
}

func TestTypingKeepsTheOtherBytes(t *testing.T) {
	r := newRig(t, fieldConflict(t, `"x"`, `"a\u00a0\u202eb  "`, `"y"`), on(1)).press("e", "z", "enter")
	r.wantValue("/f", `"a`+"\u00a0\u202e"+`b  z"`).wantChoice("/f", merge.Edited).sees("E ")
}

func TestTypedValuesHaveTheTypeOfTheField(t *testing.T) {
	for name, c := range map[string]struct {
		base, local, server string
		typed               string
		want                merge.Value
		says                string
	}{
		"text stays text":          {`"1"`, `"2"`, `"3"`, "42", `"42"`, ""},
		"text with quotes":         {`"1"`, `"2"`, `"3"`, `say "hi" \ <b>`, `"say \"hi\" \\ <b>"`, ""},
		"empty text":               {`"1"`, `"2"`, `"3"`, "", `""`, ""},
		"a number":                 {"1", "2", "3", "42.50", "42.50", ""},
		"a number with blanks":     {"1", "2", "3", " 7 ", "7", ""},
		"no number":                {"1", "2", "3", "many", "", "not a number"},
		"text where a number goes": {"1", "2", "3", `"4"`, "", "this field is a number"},
		"a huge number":            {"1", "2", "3", "1e999999999", "", "not a number"},
		"a boolean":                {"true", "false", "null", "true", "true", ""},
		"no boolean":               {"true", "false", "null", "yes", "", "not true or false"},
		"a list":                   {`["a"]`, `["b"]`, `[]`, `["a", "b"]`, `["a","b"]`, ""},
		"no list":                  {`["a"]`, `["b"]`, `[]`, `{"a":1}`, "", `this field is a list, as ["a", "b"]`},
		"a list without brackets":  {`["a"]`, `["b"]`, `[]`, `a, b`, "", `not a list, as ["a", "b"]: `},
		"mixed types take JSON":    {`"a"`, `1`, `null`, `{"x":[1]}`, `{"x":[1]}`, ""},
		"mixed types, no JSON":     {`"a"`, `1`, `null`, `plain`, "", "not JSON, with text in quotes"},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t, fieldConflict(t, c.base, c.local, c.server), on(1)).press("e", "ctrl+u")
			if c.typed != "" {
				r.press(c.typed)
			}
			r.press("enter")
			if c.says != "" {
				r.sees(c.says).wantChoice("/f", merge.Undecided)
				return
			}
			r.wantValue("/f", c.want).wantChoice("/f", merge.Edited)
		})
	}
}

func TestValuesThatABoxWouldHurtAreRefused(t *testing.T) {
	for value, says := range map[string]string{
		`"a\tb"`: "a tab", `"a\r\nb"`: "a carriage return", `"a\u001b[2J"`: `a control character, \e`,
		`"a\u009b1m"`: "a control character", `"a\u0000"`: "a control character",
	} {
		r := newRig(t, fieldConflict(t, `"x"`, value, `"y"`), on(1)).press("e")
		r.sees("not to be edited here", says)
		if r.resolve().mode != onFields {
			t.Errorf("%s: the box is open", value)
		}
	}
}

func TestEscKeepsTheTypedText(t *testing.T) {
	d := fieldConflict(t, `"x"`, `"a"`, `"y"`)
	r := newRig(t, d, on(1)).press("e", "b", "c", "esc").wantChoice("/f", merge.Undecided)
	if got := d.drafts[1].Typed["/f"]; got != "abc" {
		t.Errorf("the draft keeps %q", got)
	}
	r.sees("not accepted")
	later := newRig(t, d, on(1)).press("e", "enter").wantValue("/f", `"abc"`)
	if n := len(d.drafts[1].Typed); n != 0 {
		t.Errorf("%d texts are still kept", n)
	}
	later.press("u").wantChoice("/f", merge.Undecided)
}

func TestTypingIsSavedAfterAPause(t *testing.T) {
	d := fieldConflict(t, `"x"`, `"a"`, `"y"`)
	r := newRig(t, d, on(1)).press("e")
	r.hold = true
	r.press("b", "c", "d")
	r.hold = false
	if len(d.saves) != 0 {
		t.Fatal("every key is saved")
	}
	for _, cmd := range r.held {
		r.run(cmd)
	}
	if len(d.saves) != 1 || d.saves[0].Typed["/f"] != "abcd" {
		t.Errorf("saved %+v", d.saves)
	}
}

func TestPastedTextIsTakenWithoutControls(t *testing.T) {
	r := newRig(t, fieldConflict(t, `"x"`, `"a"`, `"y"`), on(1)).press("e")
	r.send(tea.KeyMsg{Type: tea.KeyRunes, Runes: []rune("q\x1b]52;c\x07\tw1"), Paste: true})
	r.sees("left out: 2 control characters; 1 blank instead of tabs or line ends")
	r.press("enter").wantValue("/f", `"aq]52;c w1"`)
}

// Terminals send the line ends of a paste as carriage returns.
func TestPastedLinesStayLines(t *testing.T) {
	paste := func(text string) tea.KeyMsg {
		return tea.KeyMsg{Type: tea.KeyRunes, Runes: []rune(text), Paste: true}
	}
	r := newRig(t, fieldConflict(t, `"x"`, `"a"`, `"y"`), on(1)).press("e").send(paste(" one\rtwo\r\nthree")).seesNot("left out")
	r.press("ctrl+s").wantValue("/f", `"a one\ntwo\nthree"`)

	r = newRig(t, fieldConflict(t, `"x"`, `"a"`, `"y"`), on(1)).press("e").send(paste(" the line\r"))
	r.press("enter").wantValue("/f", `"a the line"`)

	r = newRig(t, fieldConflict(t, `[]`, `["a"]`, `["b"]`), on(1)).press("e", "ctrl+u").send(paste("[\r\t\"a\",\r\t\"b\"\r]"))
	r.press("enter").wantValue("/f", `["a","b"]`)

	r = newRig(t, fieldConflict(t, `"x"`, `"a"`, `"y"`), on(1)).press("1", "w", "e").send(paste("told by phone\rand by mail"))
	r.press("enter", "y")
	if wrote := r.desk.wrote; len(wrote) != 1 || wrote[0].Note != "told by phone and by mail" {
		t.Errorf("written with %+v", wrote)
	}
}

func TestNewLinesInAText(t *testing.T) {
	r := newRig(t, fieldConflict(t, `"x"`, `"a"`, `"y"`), on(1)).press("e", "ctrl+j", "b", "enter", "c", "ctrl+s")
	r.wantValue("/f", `"a\nb\nc"`)
}

func TestAnEditBeginsWithWhatIsDecided(t *testing.T) {
	r := newRig(t, fieldConflict(t, `"x"`, `"a"`, `"y"`), on(1)).press("2", "e", "z", "enter").wantValue("/f", `"yz"`)
	r.press("e", "enter").wantValue("/f", `"yz"`).wantChoice("/f", merge.Edited)
}

func TestBox(t *testing.T) {
	for name, c := range map[string]struct {
		text string
		keys []string
		want string
	}{
		"type at the end":        {"ab", []string{"c"}, "abc"},
		"type at the start":      {"ab", []string{"home", "c"}, "cab"},
		"over the line end":      {"a\nb", []string{"left", "left", "backspace", "x"}, "x\nb"},
		"join lines":             {"a\nb", []string{"left", "backspace"}, "ab"},
		"join by delete":         {"a\nb", []string{"home", "left", "delete"}, "ab"},
		"a family is one":        {"x👨‍👩‍👧", []string{"backspace"}, "x"},
		"an accent is part":      {"xe\u0301y", []string{"left", "backspace"}, "xy"},
		"up keeps the column":    {"abc\nde\nfgh", []string{"up", "X", "up", "Y"}, "abcY\ndeX\nfgh"},
		"cut to the line start":  {"ab\ncd", []string{"ctrl+u"}, "ab\n"},
		"backspace at the start": {"ab", []string{"home", "backspace", "left", "up"}, "ab"},
		"delete at the end":      {"ab", []string{"delete", "right", "down"}, "ab"},
	} {
		b := newBox(c.text, true, 40)
		for _, k := range c.keys {
			b.key(keyOf(k))
		}
		if b.text != c.want {
			t.Errorf("%s: %q, want %q", name, b.text, c.want)
		}
	}
}

func TestBoxLinesHoldTheWholeText(t *testing.T) {
	text := "one two three\n\n" + strings.Repeat("wide 世界 ", 30) + "\u202e\x1b end"
	for width := 1; width < 60; width++ {
		b := newBox(text, true, width)
		at := 0
		for _, l := range b.lines {
			if strings.Trim(text[at:l.from], "\n") != "" || l.to < l.from {
				t.Fatalf("width %d: %q is in no line", width, text[at:l.from])
			}
			at = l.to
		}
		if at != len(text) {
			t.Fatalf("width %d: the lines end at %d of %d", width, at, len(text))
		}
	}
}
