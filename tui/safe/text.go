package safe

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/charmbracelet/x/ansi"
)

const (
	maxMarks   = 4  // in a row, on one letter
	maxCluster = 12 // runes in one grapheme
)

// ErrEscape is what every error of [Unescape] unwraps to.
var ErrEscape = errors.New("not an escaped text")

// Text returns s as one line that is safe to draw. Different bytes give different cells; plain ASCII comes back as it
// is. The empty text is the empty cell.
func Text(s string) Cell {
	if isPlain(s) {
		return Cell(s)
	}
	return Cell(appendText(make([]byte, 0, len(s)+len(s)/8+16), s, false))
}

// isPlain reports whether s is drawn as it stands, by its bytes alone.
func isPlain(s string) bool {
	for i := range len(s) {
		if c := s[i]; c < ' ' || c >= 0x7F || c == '\\' {
			return false
		}
	}
	return s == "" || s[0] != ' ' && s[len(s)-1] != ' '
}

// appendText escapes s. Inside quotation marks they are escaped, and blanks at the ends and a last … need not be: the
// closing mark shows where the text ends.
func appendText(dst []byte, s string, quoted bool) []byte {
	start, end := 0, len(s)
	if !quoted {
		start = len(s) - len(strings.TrimLeft(s, " "))
		end = max(start, len(strings.TrimRight(s, " ")))
		// A cut cell ends in …, so a text that ends in it of its own must not look cut.
		if strings.HasSuffix(s, "…") {
			end = len(s) - len("…")
		}
	}
	for range start {
		dst = append(dst, `\s`...)
	}
	dst = appendInner(dst, s[start:end], quoted)
	for _, r := range s[end:] {
		if r == ' ' {
			dst = append(dst, `\s`...)
			continue
		}
		dst = appendRune(dst, r)
	}
	return dst
}

func appendInner(dst []byte, s string, quoted bool) []byte {
	for i := 0; i < len(s); {
		c := s[i]
		switch {
		case c == '\\' || quoted && c == '"':
			dst = append(dst, '\\', c)
			i++
		case c < ' ' || c == 0x7F:
			dst = appendControl(dst, c)
			i++
		case c < utf8.RuneSelf && (i+1 == len(s) || s[i+1] < utf8.RuneSelf):
			dst = append(dst, c)
			i++
		default:
			var n int
			dst, n = appendGrapheme(dst, s[i:])
			i += n
		}
	}
	return dst
}

func appendControl(dst []byte, c byte) []byte {
	switch c {
	case '\n':
		return append(dst, `\n`...)
	case '\r':
		return append(dst, `\r`...)
	case '\t':
		return append(dst, `\t`...)
	case 0x1B:
		return append(dst, `\e`...)
	}
	return appendByte(dst, c)
}

func appendByte(dst []byte, c byte) []byte {
	const digits = "0123456789abcdef"
	return append(dst, '\\', 'x', digits[c>>4], digits[c&15])
}

func appendRune(dst []byte, r rune) []byte {
	dst = append(dst, `\u{`...)
	dst = strconv.AppendInt(dst, int64(r), 16)
	return append(dst, '}')
}

// appendGrapheme draws what s begins with and returns how many bytes of it that was. It stops within a grapheme where
// something in it has to be escaped: what follows is then looked at afresh, since it will stand after a brace.
func appendGrapheme(dst []byte, s string) ([]byte, int) {
	first, size := utf8.DecodeRuneInString(s)
	if first == utf8.RuneError && size == 1 {
		return appendByte(dst, s[0]), 1
	}
	if !drawable(first) || joins(first) {
		return appendRune(dst, first), size
	}
	cluster, _ := ansi.FirstGraphemeCluster(s, ansi.GraphemeWidth)
	n, runes, marks := size, 1, 0
	for n < len(cluster) {
		r, size := utf8.DecodeRuneInString(cluster[n:])
		if joins(r) {
			marks++
		} else {
			marks = 0
		}
		if r == utf8.RuneError || !drawable(r) || first == ' ' || leadingJamo(r) || marks > maxMarks || runes == maxCluster {
			break
		}
		n += size
		runes++
	}
	drawn := cluster[:n]
	if ansi.StringWidth(drawn) == 0 || flagHalf(first) && runes == 1 {
		return appendRune(dst, first), size
	}
	dst = append(dst, drawn...)
	if r, size := utf8.DecodeRuneInString(cluster[n:]); r != utf8.RuneError {
		// What the grapheme still holds would join what was drawn.
		dst = appendRune(dst, r)
		n += size
	}
	return dst, n
}

// Unescape returns the text that c was made of by [Text]. Its errors unwrap to [ErrEscape].
func Unescape(c Cell) (string, error) {
	s := string(c)
	at := strings.IndexByte(s, '\\')
	if at < 0 {
		return s, nil
	}
	out := make([]byte, 0, len(s))
	for at >= 0 {
		out = append(out, s[:at]...)
		s = s[at:]
		n := escapeLength(s)
		var err error
		if out, err = appendUnescaped(out, s[:n]); err != nil {
			return "", err
		}
		s = s[n:]
		at = strings.IndexByte(s, '\\')
	}
	return string(append(out, s...)), nil
}

// escapeLength returns how many bytes the escape at the start of s takes; it may be broken.
func escapeLength(s string) int {
	if len(s) < 2 {
		return len(s)
	}
	switch s[1] {
	case 'x':
		return min(4, len(s))
	case 'u':
		if end := strings.IndexByte(s[:min(len(s), len(`\u{10ffff}`))], '}'); end > 0 {
			return end + 1
		}
	}
	return 2
}

var short = map[string]byte{
	`\\`: '\\', `\"`: '"', `\n`: '\n', `\r`: '\r', `\t`: '\t', `\e`: 0x1B, `\s`: ' ',
}

func appendUnescaped(out []byte, escape string) ([]byte, error) {
	if c, ok := short[escape]; ok {
		return append(out, c), nil
	}
	switch {
	case strings.HasPrefix(escape, `\x`):
		if c, err := strconv.ParseUint(escape[2:], 16, 8); err == nil && len(escape) == 4 {
			return append(out, byte(c)), nil
		}
	case strings.HasPrefix(escape, `\u{`) && strings.HasSuffix(escape, "}"):
		r, err := strconv.ParseUint(escape[3:len(escape)-1], 16, 32)
		if err == nil && utf8.ValidRune(rune(r)) {
			return utf8.AppendRune(out, rune(r)), nil
		}
	}
	return nil, fmt.Errorf("%w: %q is no escape", ErrEscape, escape)
}
