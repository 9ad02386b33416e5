package safe

import (
	"encoding/json"
	"strings"
	"unicode/utf8"

	"dovetail/merge"
)

// words are how the values that have no text of their own are drawn. No string is ever drawn like one of them.
type words struct{ absent, null, empty Cell }

var (
	symbols = words{absent: "— absent", null: "∅ null", empty: `"" empty`}
	ascii   = words{absent: "- absent", null: "null", empty: `"" empty`}
)

// Value returns v on one line, so that its type is plain. A string stands bare where nothing else reads like it;
// otherwise it stands in quotation marks: "12", "true", "null", one with blanks at its ends, one that looks like our
// own marks. An absent value is `— absent`, null `∅ null`, the empty string `"" empty`. Numbers and booleans stand as
// they are written. Objects and arrays are compact, with every string in them quoted.
//
// Different values give different cells.
func Value(v merge.Value) Cell { return symbols.value(v) }

// ValueASCII is [Value] with marks of ours that every terminal has: `- absent` and `null`. Text from the value stays
// what it is.
func ValueASCII(v merge.Value) Cell { return ascii.value(v) }

// Short is Value(v).Truncate(width) for long texts: it escapes no more of them than can be drawn.
func Short(v merge.Value, width int) Cell {
	// No grapheme is longer than this, and each takes a column at least.
	enough := (max(width, 0) + 2) * maxCluster * utf8.UTFMax
	if v.Type() == merge.StringType && len(v) > enough {
		if s, ok := unquote(string(v)); ok && len(s) > enough {
			for !utf8.RuneStart(s[enough]) {
				enough++
			}
			if bare(s) {
				return Text(s[:enough]).Truncate(width)
			}
			return Cell(appendQuoted(nil, s[:enough])).Truncate(width)
		}
	}
	return Value(v).Truncate(width)
}

func (w words) value(v merge.Value) Cell {
	switch v.Type() {
	case merge.AbsentType:
		return w.absent
	case merge.NullType:
		return w.null
	case merge.StringType:
		s, ok := unquote(string(v))
		if !ok {
			break
		}
		if s == "" {
			return w.empty
		}
		if bare(s) {
			return Text(s)
		}
		return Cell(appendQuoted(nil, s))
	case merge.ArrayType, merge.ObjectType:
		return Cell(appendJSON(nil, string(v), compact))
	}
	return Text(string(v))
}

// ValueBlock returns v as lines of at most width columns, for a view of the full value: what [Value] says, with the
// members of objects and the elements of arrays on lines of their own, and strings broken after each \n in them.
func ValueBlock(v merge.Value, width int) []Cell { return symbols.block(v, width) }

// ValueBlockASCII is [ValueBlock] with the marks of [ValueASCII].
func ValueBlockASCII(v merge.Value, width int) []Cell { return ascii.block(v, width) }

func (w words) block(v merge.Value, width int) []Cell {
	if t := v.Type(); t != merge.ArrayType && t != merge.ObjectType {
		return wrap(w.value(v), width)
	}
	var lines []Cell
	for line := range strings.SplitSeq(string(appendJSON(nil, string(v), spread)), "\n") {
		indent := Cell(line[:len(line)-len(strings.TrimLeft(line, " "))])
		if len(indent) > width/2 {
			indent = indent[:max(width/2, 0)]
		}
		for _, part := range wrap(Cell(strings.TrimLeft(line, " ")), width-len(indent)) {
			lines = append(lines, indent+part)
		}
	}
	return lines
}

// unquote returns the string that a JSON string stands for.
func unquote(text string) (string, bool) {
	if len(text) < 2 || !utf8.ValidString(text) || text[0] != '"' || text[len(text)-1] != '"' {
		return "", false
	}
	if inner := text[1 : len(text)-1]; strings.IndexByte(inner, '\\') < 0 && strings.IndexByte(inner, '"') < 0 {
		return inner, true
	}
	var s string
	err := json.Unmarshal([]byte(text), &s)
	return s, err == nil
}

// bare reports whether the string s, drawn without quotation marks, reads like nothing but a string.
func bare(s string) bool {
	if s[0] == ' ' || s[len(s)-1] == ' ' || strings.HasSuffix(s, "…") || strings.HasSuffix(s, "...") {
		return false
	}
	for _, prefix := range []string{`"`, "{", "[", "(", "—", "- ", "∅", "·", "…", "!", "▸"} {
		if strings.HasPrefix(s, prefix) {
			return false
		}
	}
	// The marks that show a difference without colour.
	for _, mark := range []string{"{+", "+}", "[-", "-]"} {
		if strings.Contains(s, mark) {
			return false
		}
	}
	for _, literal := range []string{"null", "true", "false", "absent"} {
		if strings.EqualFold(s, literal) {
			return false
		}
	}
	return !numeric(s)
}

// numeric reports whether s reads like a number to a person, as in 12, +4, 007, 1.50 or 2e9.
func numeric(s string) bool {
	digits := false
	for i := range len(s) {
		switch c := s[i]; {
		case c >= '0' && c <= '9':
			digits = true
		case c == '.' || (c == '+' || c == '-') && (i == 0 || s[i-1] == 'e' || s[i-1] == 'E'):
		case (c == 'e' || c == 'E') && digits:
		default:
			return false
		}
	}
	return digits
}

func appendQuoted(dst []byte, s string) []byte {
	dst = append(dst, '"')
	dst = appendText(dst, s, true)
	return append(dst, '"')
}

// layout says how an object or array is put on lines.
type layout bool

const (
	compact layout = false // one line
	spread  layout = true  // a member a line, indented; line feeds are real ones
)

// appendJSON draws the canonical text of an object or array: strings and names in our own escapes, names bare where
// they are plain words. It goes over the text once, so that depth costs nothing.
func appendJSON(dst []byte, text string, as layout) []byte {
	depth := 0
	for i := 0; i < len(text); {
		c := text[i]
		switch c {
		case '"':
			n := stringLength(text[i:])
			s, ok := unquote(text[i : i+n])
			name := i+n < len(text) && text[i+n] == ':'
			switch {
			case !ok:
				dst = appendText(dst, text[i:i+n], true)
			case name && word(s):
				dst = append(dst, s...)
			default:
				dst = appendQuoted(dst, s)
			}
			i += n
			continue
		case '{', '[':
			depth++
			dst = append(dst, c)
			if i+1 < len(text) && text[i+1] != '}' && text[i+1] != ']' {
				dst = appendBreak(dst, as, depth)
			}
		case '}', ']':
			depth--
			if i > 0 && text[i-1] != '{' && text[i-1] != '[' {
				dst = appendBreak(dst, as, depth)
			}
			dst = append(dst, c)
		case ',':
			dst = append(dst, c)
			if as == compact {
				dst = append(dst, ' ')
			}
			dst = appendBreak(dst, as, depth)
		case ':':
			dst = append(dst, ": "...)
		default:
			dst = appendInner(dst, text[i:i+1], false)
		}
		i++
	}
	return dst
}

func appendBreak(dst []byte, as layout, depth int) []byte {
	if as == compact {
		return dst
	}
	dst = append(dst, '\n')
	for range depth {
		dst = append(dst, "  "...)
	}
	return dst
}

// stringLength returns how many bytes the JSON string at the start of text takes, marks included.
func stringLength(text string) int {
	for i := 1; i < len(text); i++ {
		switch text[i] {
		case '\\':
			i++
		case '"':
			return i + 1
		}
	}
	return len(text)
}

// word reports whether s is a plain name.
func word(s string) bool {
	for i := range len(s) {
		c := s[i]
		letter := c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '_'
		if !letter && (i == 0 || (c < '0' || c > '9') && c != '-') {
			return false
		}
	}
	return s != ""
}
