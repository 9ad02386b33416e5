package merge

import (
	"bytes"
	"fmt"
	"slices"
	"strconv"
	"unicode/utf16"
	"unicode/utf8"
)

// The limits of a document. What is beyond them is refused where it enters, never cut.
const (
	MaxDepth    = 32  // levels of objects and arrays; the document itself is the first
	MaxNumber   = 64  // characters in the text of a number
	MaxExponent = 400 // of a number, up or down
)

// DocumentError says what is wrong with a JSON text, and where.
type DocumentError struct {
	Path   string // JSON Pointer of the value that is wrong; "" is the whole text
	Offset int    // in bytes from the start of the text
	Reason string
}

func (e *DocumentError) Error() string {
	if e.Path == "" {
		return fmt.Sprintf("%s at byte %d", e.Reason, e.Offset)
	}
	return fmt.Sprintf("%s: %s at byte %d", e.Path, e.Reason, e.Offset)
}

// Canonical checks that src is one JSON object within the limits and returns it canonical, in a slice of its own:
// keys sorted by bytes, no blanks, the shortest escapes, the text of each number as it came. Refused are duplicate
// keys, invalid UTF-8, lone surrogates, data after the end and what is beyond the limits. Errors are *[DocumentError].
func Canonical(src []byte) (Document, error) {
	p := parser{src: src}
	p.blanks()
	if p.at < len(src) && src[p.at] != '{' {
		return nil, p.fail("not a JSON object")
	}
	out, err := p.whole(make([]byte, 0, len(src)))
	return Document(out), err
}

// ParseValue checks that src is one JSON value within the limits and returns it canonical, with the errors of
// [Canonical].
func ParseValue(src []byte) (Value, error) {
	p := parser{src: src}
	out, err := p.whole(make([]byte, 0, len(src)))
	return Value(out), err
}

// StringValue returns the JSON string that holds s; ok is false where s is not valid UTF-8.
func StringValue(s string) (v Value, ok bool) {
	if !utf8.ValidString(s) {
		return Absent, false
	}
	return Value(appendString(make([]byte, 0, len(s)+2), []byte(s))), true
}

// parser reads one JSON text and appends it canonical. A text may be nested deeper than a goroutine's worth of
// recursion, so the depth is checked on the way down.
type parser struct {
	src   []byte
	at    int
	depth int
	path  []byte // JSON Pointer of the value being read
}

// member is where one member of an object stands in the output.
type member struct {
	key        []byte // decoded
	start, end int    // of `"key":value` in the output
}

func (p *parser) fail(reason string, args ...any) error {
	return &DocumentError{Path: string(p.path), Offset: p.at, Reason: fmt.Sprintf(reason, args...)}
}

func (p *parser) blanks() {
	for p.at < len(p.src) {
		switch p.src[p.at] {
		case ' ', '\t', '\n', '\r':
			p.at++
		default:
			return
		}
	}
}

// whole reads one value and nothing after it.
func (p *parser) whole(dst []byte) ([]byte, error) {
	p.blanks()
	dst, err := p.value(dst)
	if err != nil {
		return nil, err
	}
	p.blanks()
	if p.at < len(p.src) {
		return nil, p.fail("more text after the end of the value")
	}
	return dst, nil
}

func (p *parser) value(dst []byte) ([]byte, error) {
	if p.at >= len(p.src) {
		return nil, p.fail("the text ends where a value should be")
	}
	switch c := p.src[p.at]; {
	case c == '{':
		return p.object(dst)
	case c == '[':
		return p.array(dst)
	case c == '"':
		text, err := p.string()
		if err != nil {
			return nil, err
		}
		return appendString(dst, text), nil
	case c == '-' || c >= '0' && c <= '9':
		return p.number(dst)
	}
	for _, word := range [...]string{"true", "false", "null"} {
		if bytes.HasPrefix(p.src[p.at:], []byte(word)) {
			p.at += len(word)
			return append(dst, word...), nil
		}
	}
	return nil, p.fail("not a JSON value")
}

func (p *parser) enter() error {
	p.depth++
	if p.depth > MaxDepth {
		return p.fail("nested deeper than %d levels", MaxDepth)
	}
	p.at++
	return nil
}

// next reads the comma or the closing byte after an element. It is true where the container ends.
func (p *parser) next(closing byte) (bool, error) {
	p.blanks()
	if p.at >= len(p.src) {
		return false, p.fail("the text ends inside a value")
	}
	switch p.src[p.at] {
	case closing:
		p.at++
		p.depth--
		return true, nil
	case ',':
		p.at++
		return false, nil
	}
	return false, p.fail("neither a comma nor %q", closing)
}

// empty reads the end of a container that has no elements.
func (p *parser) empty(closing byte) bool {
	p.blanks()
	if p.at < len(p.src) && p.src[p.at] == closing {
		p.at++
		p.depth--
		return true
	}
	return false
}

func (p *parser) array(dst []byte) ([]byte, error) {
	if err := p.enter(); err != nil {
		return nil, err
	}
	dst = append(dst, '[')
	if p.empty(']') {
		return append(dst, ']'), nil
	}
	above := len(p.path)
	for i := 0; ; i++ {
		p.path = strconv.AppendInt(append(p.path[:above], '/'), int64(i), 10)
		p.blanks()
		var err error
		if dst, err = p.value(dst); err != nil {
			return nil, err
		}
		p.path = p.path[:above]
		end, err := p.next(']')
		if err != nil {
			return nil, err
		}
		if end {
			return append(dst, ']'), nil
		}
		dst = append(dst, ',')
	}
}

func (p *parser) object(dst []byte) ([]byte, error) {
	if err := p.enter(); err != nil {
		return nil, err
	}
	dst = append(dst, '{')
	if p.empty('}') {
		return append(dst, '}'), nil
	}
	var room [24]member
	members := room[:0]
	first, above, sorted := len(dst), len(p.path), true
	for {
		m, err := p.member(&dst, above)
		if err != nil {
			return nil, err
		}
		if n := len(members); n > 0 && bytes.Compare(members[n-1].key, m.key) >= 0 {
			sorted = false
		}
		members = append(members, m)
		end, err := p.next('}')
		if err != nil {
			return nil, err
		}
		if end {
			break
		}
		dst = append(dst, ',')
	}
	if !sorted {
		slices.SortStableFunc(members, func(a, b member) int { return bytes.Compare(a.key, b.key) })
		for i := 1; i < len(members); i++ {
			if bytes.Equal(members[i-1].key, members[i].key) {
				p.path = appendToken(p.path[:above], members[i].key)
				return nil, p.fail("the key is there twice")
			}
		}
		reorder(dst[first:], first, members)
	}
	return append(dst, '}'), nil
}

// member reads `"key": value` and appends it; its path is built on the first above bytes of the object's.
func (p *parser) member(dst *[]byte, above int) (member, error) {
	p.blanks()
	if p.at >= len(p.src) || p.src[p.at] != '"' {
		return member{}, p.fail("a member of an object begins with its key in quotes")
	}
	key, err := p.string()
	if err != nil {
		return member{}, err
	}
	p.path = appendToken(p.path[:above], key)
	m := member{key: key, start: len(*dst)}
	p.blanks()
	if p.at >= len(p.src) || p.src[p.at] != ':' {
		return member{}, p.fail("no colon after the key")
	}
	p.at++
	p.blanks()
	*dst = append(appendString(*dst, key), ':')
	if *dst, err = p.value(*dst); err != nil {
		return member{}, err
	}
	m.end = len(*dst)
	p.path = p.path[:above]
	return m, nil
}

// reorder puts the members of an object, which begin at the offset first of the output, into their sorted order.
func reorder(text []byte, first int, members []member) {
	old := bytes.Clone(text)
	at := 0
	for i, m := range members {
		if i > 0 {
			text[at] = ','
			at++
		}
		at += copy(text[at:], old[m.start-first:m.end-first])
	}
}

// string reads a quoted string and returns what it holds. Without escapes that is a part of the source.
func (p *parser) string() ([]byte, error) {
	p.at++
	start := p.at
	for p.at < len(p.src) {
		switch c := p.src[p.at]; {
		case c == '"':
			text := p.src[start:p.at]
			if !utf8.Valid(text) {
				p.at = start
				return nil, p.fail("a string that is not valid UTF-8")
			}
			p.at++
			return text, nil
		case c == '\\':
			return p.escaped(start)
		case c < 0x20:
			return nil, p.fail("a raw control character in a string")
		default:
			p.at++
		}
	}
	return nil, p.fail("the text ends inside a string")
}

// escaped reads the rest of a string from its first backslash.
func (p *parser) escaped(start int) ([]byte, error) {
	text := bytes.Clone(p.src[start:p.at])
	for p.at < len(p.src) {
		c := p.src[p.at]
		switch {
		case c == '"':
			if !utf8.Valid(text) {
				p.at = start
				return nil, p.fail("a string that is not valid UTF-8")
			}
			p.at++
			return text, nil
		case c < 0x20:
			return nil, p.fail("a raw control character in a string")
		case c != '\\':
			text = append(text, c)
			p.at++
			continue
		}
		r, err := p.escape()
		if err != nil {
			return nil, err
		}
		text = utf8.AppendRune(text, r)
	}
	return nil, p.fail("the text ends inside a string")
}

const (
	escapeLetters = `"\/bfnrt`
	escapeMeaning = "\"\\/\b\f\n\r\t"
)

// escape reads one escape sequence, two for a pair of surrogates.
func (p *parser) escape() (rune, error) {
	if p.at+1 >= len(p.src) {
		return 0, p.fail("the text ends inside a string")
	}
	if i := bytes.IndexByte([]byte(escapeLetters), p.src[p.at+1]); i >= 0 {
		p.at += 2
		return rune(escapeMeaning[i]), nil
	}
	r, ok := p.hex(p.at)
	if !ok {
		return 0, p.fail("an unknown escape in a string")
	}
	if !utf16.IsSurrogate(r) {
		p.at += 6
		return r, nil
	}
	low, ok := p.hex(p.at + 6)
	pair := utf16.DecodeRune(r, low)
	if !ok || pair == utf8.RuneError {
		return 0, p.fail("half of a surrogate pair in a string")
	}
	p.at += 12
	return pair, nil
}

// hex reads `\uXXXX` at an offset.
func (p *parser) hex(at int) (rune, bool) {
	if at+6 > len(p.src) || p.src[at] != '\\' || p.src[at+1] != 'u' {
		return 0, false
	}
	var r rune
	for _, c := range p.src[at+2 : at+6] {
		switch {
		case c >= '0' && c <= '9':
			r = r<<4 | rune(c-'0')
		case c >= 'a' && c <= 'f':
			r = r<<4 | rune(c-'a'+10)
		case c >= 'A' && c <= 'F':
			r = r<<4 | rune(c-'A'+10)
		default:
			return 0, false
		}
	}
	return r, true
}

// number reads a number and keeps its text.
func (p *parser) number(dst []byte) ([]byte, error) {
	start := p.at
	for p.at < len(p.src) && isNumberByte(p.src[p.at]) {
		p.at++
	}
	text := p.src[start:p.at]
	p.at = start
	d, ok := parseDecimal(text)
	switch {
	case len(text) > MaxNumber:
		return nil, p.fail("a number of %d characters; at most %d are allowed", len(text), MaxNumber)
	case !ok:
		return nil, p.fail("not a JSON number")
	case d.exp > MaxExponent || d.exp < -MaxExponent:
		return nil, p.fail("a number with an exponent beyond %d", MaxExponent)
	}
	p.at += len(text)
	return append(dst, text...), nil
}

func isNumberByte(c byte) bool {
	return c >= '0' && c <= '9' || c == '-' || c == '+' || c == '.' || c == 'e' || c == 'E'
}

// appendString appends text as a JSON string with the shortest escapes.
func appendString(dst, text []byte) []byte {
	dst = append(dst, '"')
	done := 0
	for i, c := range text {
		if c >= 0x20 && c != '"' && c != '\\' {
			continue
		}
		dst = append(dst, text[done:i]...)
		done = i + 1
		if at := bytes.IndexByte([]byte(escapeMeaning), c); at >= 0 && c != '/' {
			dst = append(dst, '\\', escapeLetters[at])
			continue
		}
		const digits = "0123456789abcdef"
		dst = append(dst, '\\', 'u', '0', '0', digits[c>>4], digits[c&15])
	}
	return append(append(dst, text[done:]...), '"')
}
