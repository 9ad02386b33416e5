package picture_test

import (
	"encoding/xml"
	"errors"
	"io"
	"strings"
	"testing"

	"dovetail/tui/picture"
)

// parse checks that a picture is XML of the few elements that it may have, and returns its texts.
func parse(t *testing.T, svg string) []string {
	t.Helper()
	var texts []string
	d := xml.NewDecoder(strings.NewReader(svg))
	in := ""
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			return texts
		}
		if err != nil {
			t.Fatalf("%v in\n%s", err, svg)
		}
		switch token := token.(type) {
		case xml.StartElement:
			in = token.Name.Local
			switch in {
			case "svg", "title", "rect", "g", "text":
			default:
				t.Errorf("an element %s", in)
			}
			for _, a := range token.Attr {
				if strings.HasPrefix(a.Name.Local, "on") || strings.Contains(a.Name.Local, "href") || a.Name.Local == "style" {
					t.Errorf("an attribute %s", a.Name.Local)
				}
			}
		case xml.EndElement:
			in = ""
		case xml.CharData:
			if in == "text" || in == "title" {
				texts = append(texts, string(token))
			}
		}
	}
}

func TestTextStaysText(t *testing.T) {
	const evil = `</text><script>alert("1")</script>&<!--]]>'`
	got := parse(t, picture.SVG(evil, evil, 80, 1))
	if len(got) != 2 || got[0] != evil || got[1] != evil {
		t.Errorf("the texts are %q", got)
	}
	got = parse(t, picture.SVG("a\x00\x07b\x9b\xffc\uFFFEd\x1b]0;title\x07e\x1b[2Jf\x1b(g", "", 80, 1))
	if all := strings.Join(got, ""); strings.ContainsAny(all, "\x00\x07\x1b\u009b") ||
		!strings.HasPrefix(all, "ab") || !strings.Contains(all, "ef") {
		t.Errorf("the texts are %q", got)
	}
}

func TestLooks(t *testing.T) {
	for name, test := range map[string]struct{ screen, want string }{
		"plain":         {"ab", `<text x="12" y="26" textLength="18" lengthAdjust="spacingAndGlyphs" fill="#d0d0d0">ab</text>`},
		"256 colours":   {"\x1b[38;5;75mab\x1b[0m", `fill="#5fafff">ab</text>`},
		"gray":          {"\x1b[38;5;245mab", `fill="#8a8a8a">ab</text>`},
		"true colour":   {"\x1b[1;38;2;1;2;3mab", `fill="#010203" font-weight="bold">ab</text>`},
		"reverse":       {"\x1b[7mab", `<rect x="12" y="12" width="18" height="19" fill="#d0d0d0"/>`},
		"a background":  {"x\x1b[48;5;236m  \x1b[49m", `<rect x="21" y="12" width="18" height="19" fill="#303030"/>`},
		"back to plain": {"\x1b[31ma\x1b[mb", `fill="#d0d0d0">b</text>`},
		"wide letters":  {"日x", `textLength="27"`},
		"after blanks":  {"   x", `<text x="39"`},
		"second line":   {"a\n b", `<text x="21" y="45"`},
		"looks go on":   {"\x1b[4ma\nb", `text-decoration="underline">b</text>`},
		"struck":        {"\x1b[9;31mab", `fill="#e06c75" text-decoration="line-through">ab</text>`},
		"unknown":       {"\x1b[38;7mab\x1b[999m", `fill="#d0d0d0">ab</text>`},
		"cut short":     {"ab\x1b[38;5", `>ab</text>`},
	} {
		svg := picture.SVG(test.screen, "", 10, 3)
		if parse(t, svg); !strings.Contains(svg, test.want) {
			t.Errorf("%s: no %s in\n%s", name, test.want, svg)
		}
	}
}

func TestNothingIsBeyondTheScreen(t *testing.T) {
	svg := picture.SVG("abcdef\x1b[31m\nsecond\nthird", "", 3, 2)
	if got := strings.Join(parse(t, svg), " "); strings.Contains(got, "d e f") || strings.Contains(got, "third") ||
		!strings.Contains(got, "abc") {
		t.Errorf("the texts are %q", got)
	}
	if !strings.Contains(svg, `fill="#e06c75">sec</text>`) {
		t.Errorf("a colour that was chosen beyond the screen does not go on:\n%s", svg)
	}
}

func FuzzSVG(f *testing.F) {
	f.Add("\x1b[1;38;5;75mab\x1b[0m<", "t")
	f.Add("\x1b]0;x\x1b\\\x1b", "\xff")
	f.Fuzz(func(t *testing.T, screen, title string) { parse(t, picture.SVG(screen, title, 20, 4)) })
}
