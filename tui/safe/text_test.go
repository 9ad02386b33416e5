package safe

import (
	"bytes"
	"errors"
	"math/rand/v2"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/charmbracelet/lipgloss"
	"github.com/charmbracelet/x/ansi"
)

// attacks are texts that did harm in other programs.
var attacks = map[string]string{
	"clipboard write":           "\x1b]52;c;Y3VybCBldmlsLnNoIHwgc2g=\x07",
	"clipboard read":            "\x1b]52;c;?\x1b\\",
	"window title":              "\x1b]0;owned\x07",
	"hyperlink":                 "\x1b]8;;https://evil.example\x1b\\click\x1b]8;;\x1b\\",
	"device control string":     "\x1bP$q\"p\x1b\\",
	"application command":       "\x1b_Gf=100;AAAA\x1b\\",
	"clear screen":              "before\x1b[2Jafter",
	"cursor up":                 "\x1b[1Aoverwritten",
	"status report":             "\x1b[6n",
	"unterminated command":      "\x1b]0;swallows the rest of the line",
	"full reset":                "\x1bc",
	"eight-bit C1 as bytes":     "\x9b2J\x9d0;t\x9c",
	"eight-bit C1 as UTF-8":     "\u009b2J\u009d0;t\u009c",
	"carriage return":           "approved\rrejected",
	"backspaces":                "no\b\byes",
	"bell, NUL and DEL":         "\a\x00\x7f",
	"right-to-left override":    "invoice\u202efdp.exe",
	"isolates":                  "\u2066a\u2069\u2067b\u2068c",
	"zero width":                "pay\u200bpal\u200c\u200d\ufeff\u2060",
	"tag characters":            "hi\U000e0041\U000e0042\U000e007f",
	"variation selectors":       "\u26a0\ufe0f a\ufe00 b\U000e0100",
	"soft hyphen":               "co\u00adop",
	"line separators":           "a\u2028b\u2029c\u0085d",
	"blanks of other kinds":     "a\u00a0b\u3000c\u2003d",
	"private use, unassigned":   "\ue000\U000f0000\U0010ffff\u0378",
	"fillers that draw nothing": "\u115f\u1160\u3164\uffa0\u2800\u034f",
	"piled marks":               "Z" + strings.Repeat("\u0301\u0489", 40) + "algo",
	"a mark without a letter":   "\u0301a \u0301\\\u0301",
	"jamo in a row":             strings.Repeat("\u1100", 50),
	"broken UTF-8":              "\xff\xfe\xc0\xaf\xed\xa0\x80\xf4\x90\x80\x80\xe2\x82",
	"escape of ours, forged":    `\u{202e}\n\x1b\\`,
	"a prepended letter":        "\u0d4ea\u0600b",
	"emoji with joiners":        "👩\u200d🚀 👍🏽 🇩🇪 🇩 1\ufe0f\u20e3",
}

func TestTextEscapes(t *testing.T) {
	for _, tc := range []struct{ name, in, want string }{
		{name: "plain ASCII stays", in: "12 Kiln Rd, Unit 4", want: "12 Kiln Rd, Unit 4"},
		{name: "the empty text is empty", in: "", want: ""},
		{name: "letters of other alphabets stay", in: "Zoë Müller 東京 नमस्ते שלום", want: "Zoë Müller 東京 नमस्ते שלום"},
		{name: "a composed letter stays", in: "e\u0301a", want: "e\u0301a"},
		{name: "line feed, return, tab, escape", in: "a\n\r\t\x1b", want: `a\n\r\t\e`},
		{name: "other control characters", in: "\x00\a\x7f", want: `\x00\x07\x7f`},
		{name: "a backslash is doubled", in: `C:\new`, want: `C:\\new`},
		{name: "invalid bytes", in: "\xff\xc3(", want: `\xff\xc3(`},
		{name: "C1", in: "\u009b2J", want: `\u{9b}2J`},
		{name: "direction and zero width", in: "a\u202eb\u200b", want: `a\u{202e}b\u{200b}`},
		{name: "blanks at the ends", in: "  a b ", want: `\s\sa b\s`},
		{name: "nothing but blanks", in: "  ", want: `\s\s`},
		{name: "an ellipsis at the end is not a cut", in: "wait… for…", want: `wait… for\u{2026}`},
		{name: "marks beyond four", in: "a\u0301\u0301\u0301\u0301\u0301b", want: "a\u0301\u0301\u0301\u0301\\u{301}b"},
		{name: "a mark on a blank", in: "a \u0301", want: `a \u{301}`},
		{name: "a mark after an escape", in: "\u200b\u0301", want: `\u{200b}\u{301}`},
		{name: "quotation marks stand alone", in: `a "b"`, want: `a "b"`},
		{name: "a replacement character is not a broken byte", in: "\ufffd\xff", want: "\ufffd\\xff"},
		{name: "one beginning of a Korean syllable", in: "\u1100\u1100\u1161", want: "\u1100\\u{1100}\\u{1161}"},
		{name: "a Korean syllable in its parts", in: "\u1112\u1161\u11ab", want: "\u1112\u1161\u11ab"},
		{name: "letters that join without end", in: strings.Repeat("क\u094d", 7), want: strings.Repeat("क\u094d", 6) + "\\u{915}\\u{94d}"},
		{name: "half a flag", in: "🇩", want: `\u{1f1e9}`},
		{name: "emoji that are one character", in: "👍 ok", want: "👍 ok"},
	} {
		if got := Text(tc.in); string(got) != tc.want {
			t.Errorf("%s: Text(%q) = %s, want %s", tc.name, tc.in, got, tc.want)
		}
	}
}

// checkText fails unless Text(s) can be drawn, finds its way back and takes up room where s does.
func checkText(t *testing.T, s string) {
	t.Helper()
	c := Text(s)
	checkDrawable(t, c)
	if back, err := Unescape(c); err != nil || back != s {
		t.Fatalf("Unescape(Text(%q)) = %q, %v; the cell is %s", s, back, err, c)
	}
	// A grapheme must not join with what stands before or after the cell.
	if s != "" && ansi.StringWidth("x"+string(c)+"x") != c.Width()+2 {
		t.Fatalf("Text(%q) = %s joins its neighbours", s, c)
	}
	if c.Width() < utf8.RuneCountInString(s)/(maxCluster+1) {
		t.Fatalf("Text(%q) is only %d wide", s, c.Width())
	}
}

func checkDrawable(t *testing.T, c Cell) {
	t.Helper()
	if !utf8.ValidString(string(c)) {
		t.Fatalf("%q is not UTF-8", c)
	}
	for _, r := range string(c) {
		if !unicode.IsPrint(r) || unicode.In(r, unicode.Cf, unicode.Cc, unicode.Co, unicode.Zl, unicode.Zp,
			unicode.Variation_Selector, unicode.Other_Default_Ignorable_Code_Point) {
			t.Fatalf("%q holds %U", c, r)
		}
	}
}

func TestAttacksAreDrawn(t *testing.T) {
	for name, s := range attacks {
		t.Run(name, func(t *testing.T) {
			checkText(t, s)
			checkText(t, "a"+s+"z")
			if Text(s) == Cell(s) {
				t.Errorf("%q is drawn as it is", s)
			}
		})
	}
}

// TestRenderersAddNothing draws the attacks as the screens do, and looks at the bytes that reach the terminal.
func TestRenderersAddNothing(t *testing.T) {
	var out bytes.Buffer
	style := lipgloss.NewRenderer(&out).NewStyle().Width(200).MaxWidth(200)
	for name, s := range attacks {
		out.Reset()
		out.WriteString(style.Render(string(Text(s))))
		for _, b := range out.Bytes() {
			if b < ' ' && b != '\n' || b == 0x7F {
				t.Errorf("%s: byte %#x reaches the terminal in %q", name, b, out.String())
			}
		}
	}
}

// randomText mixes what is special with what is not.
func randomText(r *rand.Rand) string {
	pool := []string{"a", "Z", " ", "\\", `"`, "{", "}", "x", "u", "n", "0", "é", "東", "👍", "👩", "\u200d", "\ufe0f", "\u0301",
		"\u0903", "क", "\u094d", "\u1100", "\u1161", "\u11a8", "🇩", "🇪", "\n", "\t", "\x1b", "\x9b", "\u009b", "\u202e",
		"…", "\u0d4e", "\u0600", "\ufffd", "\u20e3", "🏽"}
	var b strings.Builder
	for range r.IntN(12) {
		switch r.IntN(8) {
		case 0:
			b.WriteByte(byte(r.Uint32()))
		case 1:
			b.WriteRune(rune(r.IntN(0x110000)))
		default:
			b.WriteString(pool[r.IntN(len(pool))])
		}
	}
	return b.String()
}

func TestRandomTextFindsItsWayBack(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	seen := map[Cell]string{}
	for range 50_000 {
		s := randomText(r)
		checkText(t, s)
		c := Text(s)
		if other, ok := seen[c]; ok && other != s {
			t.Fatalf("%q and %q are both drawn %s", s, other, c)
		}
		seen[c] = s
	}
}

func TestEveryRuneIsDrawnOrEscaped(t *testing.T) {
	for r := rune(0); r <= unicode.MaxRune; r++ {
		if utf8.ValidRune(r) {
			checkText(t, string(r)+"b")
			if joins(r) || !drawable(r) && r > 0xFF && unicode.IsPrint(r) {
				checkText(t, "a"+string(r))
			}
		}
	}
}

func TestUnescapeRefuses(t *testing.T) {
	for _, c := range []Cell{`\`, `a\`, `\q`, `\x`, `\x1`, `\xg0`, `\u`, `\u{`, `\u{}`, `\u{110000}`, `\u{d800}`, `\u{12345678}`, `\u0041`} {
		if s, err := Unescape(c); !errors.Is(err, ErrEscape) {
			t.Errorf("Unescape(%s) = %q, %v", c, s, err)
		}
	}
}

func FuzzText(f *testing.F) {
	for _, s := range attacks {
		f.Add(s)
	}
	f.Fuzz(checkText)
}

func BenchmarkText(b *testing.B) {
	for _, bc := range []struct{ name, text string }{
		{name: "ascii", text: "Replaced the valve at the north well; pressure holds."},
		{name: "accents", text: "Fenêtre à réparer près de la porte côté jardin, Zoë"},
		{name: "hostile", text: attacks["hyperlink"]},
	} {
		b.Run(bc.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				Text(bc.text)
			}
		})
	}
}

func TestPlainTextIsNotCopied(t *testing.T) {
	s := strings.Repeat("plain ", 20) + "text"
	if n := testing.AllocsPerRun(100, func() { Text(s).Width() }); n != 0 {
		t.Errorf("%v allocations for plain text", n)
	}
}
