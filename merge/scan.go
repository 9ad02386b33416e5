package merge

import (
	"bytes"
	"encoding/binary"
	"math/bits"
	"unicode/utf8"
)

// What follows reads canonical text only, which is known to be sound: it checks nothing again.

// skipString returns the offset after the string that begins at i.
func skipString(b []byte, i int) int {
	for i++; ; {
		if i+8 <= len(b) {
			if stop := stopsAt(binary.LittleEndian.Uint64(b[i:])); stop < 8 {
				i += stop
			} else {
				i += 8
				continue
			}
		}
		switch b[i] {
		case '"':
			return i + 1
		case '\\':
			i++
		}
		i++
	}
}

// stopsAt returns which of eight bytes is the first that is a quote or a backslash; 8 if none is. A byte that is zero
// after the exclusive or is the one looked for, and the lowest such is found without error.
func stopsAt(word uint64) int {
	const ones, tops = 0x0101010101010101, 0x8080808080808080
	quote := word ^ ones*'"'
	slash := word ^ ones*'\\'
	return bits.TrailingZeros64(((quote-ones)&^quote|(slash-ones)&^slash)&tops) / 8
}

// skipValue returns the offset after the value that begins at i.
func skipValue(b []byte, i int) int {
	switch b[i] {
	case '"':
		return skipString(b, i)
	case '{', '[':
		depth := 0
		for {
			switch b[i] {
			case '"':
				i = skipString(b, i)
				continue
			case '{', '[':
				depth++
			case '}', ']':
				if depth--; depth == 0 {
					return i + 1
				}
			}
			i++
		}
	}
	for i < len(b) && b[i] != ',' && b[i] != '}' && b[i] != ']' {
		i++
	}
	return i
}

// cursor walks the members of an object, in order. Its zero value is an object without members.
type cursor struct {
	text  []byte
	at    int  // where the member begins
	end   int  // where it ends; 0 while it is not parsed
	colon int  // where its key ends
	done  bool // no member is left
}

// open returns a cursor on the first member of an object, at its end for anything else.
func open(object []byte) cursor {
	if len(object) == 0 || object[0] != '{' {
		return cursor{done: true}
	}
	return cursor{text: object, at: 1, done: object[1] == '}'}
}

// parse finds out how far the member goes, if that is not known.
func (c *cursor) parse() {
	if c.end == 0 && !c.done {
		c.colon = skipString(c.text, c.at)
		c.end = skipValue(c.text, c.colon+1)
	}
}

// key returns the key of a member that is parsed, with its quotes; nil at the end.
func (c *cursor) key() []byte {
	if c.done {
		return nil
	}
	return c.text[c.at:c.colon]
}

func (c *cursor) value() []byte { return c.text[c.colon+1 : c.end] }

// member returns the text of a member that is parsed.
func (c *cursor) member() []byte { return c.text[c.at:c.end] }

// stands reports whether the cursor, parsed or not, is on a member of the same text.
func (c *cursor) stands(member []byte) bool {
	end := c.at + len(member)
	return !c.done && end < len(c.text) && string(c.text[c.at:end]) == string(member) && (c.text[end] == ',' || c.text[end] == '}')
}

// skip moves on over a member that is as long as that.
func (c *cursor) skip(length int) {
	c.at += length
	c.done = c.text[c.at] == '}'
	c.at++
	c.end = 0
}

// members calls yield with each member of an object, its key quoted, until it is false; never for anything else.
func members(object []byte, yield func(key, value []byte) bool) {
	for c := open(object); ; c.skip(c.end - c.at) {
		c.parse()
		if c.done || !yield(c.key(), c.value()) {
			return
		}
	}
}

// elements calls yield with each element of an array, in order, until it is false.
func elements(array []byte, yield func([]byte) bool) {
	for i := 1; i < len(array) && array[i] != ']'; i++ {
		end := skipValue(array, i)
		if !yield(array[i:end]) {
			return
		}
		i = end
		if array[i] == ']' {
			return
		}
	}
}

// compareKeys orders two quoted keys by the bytes that they stand for; nil comes last.
func compareKeys(a, b []byte) int {
	switch {
	case a == nil && b == nil:
		return 0
	case a == nil:
		return 1
	case b == nil:
		return -1
	}
	a, b = a[1:len(a)-1], b[1:len(b)-1]
	if bytes.IndexByte(a, '\\') < 0 && bytes.IndexByte(b, '\\') < 0 {
		return bytes.Compare(a, b)
	}
	return bytes.Compare(unescape(a), unescape(b))
}

// unescape returns what the inside of a canonical string stands for.
func unescape(s []byte) []byte {
	if bytes.IndexByte(s, '\\') < 0 {
		return s
	}
	out := make([]byte, 0, len(s))
	for i := 0; i < len(s); i++ {
		if s[i] != '\\' {
			out = append(out, s[i])
			continue
		}
		i++
		if s[i] == 'u' {
			p := parser{src: s}
			r, _ := p.hex(i - 1)
			out = utf8.AppendRune(out, r)
			i += 4
			continue
		}
		out = append(out, escapeMeaning[bytes.IndexByte([]byte(escapeLetters), s[i])])
	}
	return out
}

// Text returns what a string value stands for; ok is false for any other type.
func (v Value) Text() (s string, ok bool) {
	if v.Type() != StringType {
		return "", false
	}
	return string(unescape([]byte(v[1 : len(v)-1]))), true
}

// Equal reports whether two values mean the same: numbers by exact decimal value, strings by bytes. Absent equals
// only absent.
func Equal(a, b Value) bool { return equal([]byte(a), []byte(b)) }

// Equal reports whether two documents mean the same; a deleted one equals only a deleted one.
func (d Document) Equal(other Document) bool { return equal(d, other) }

func equal(a, b []byte) bool {
	if bytes.Equal(a, b) {
		return true
	}
	if len(a) == 0 || len(b) == 0 {
		return false
	}
	t := typeOf(a[0])
	if t != typeOf(b[0]) {
		return false
	}
	switch t {
	case NumberType:
		return equalNumber(a, b)
	case ArrayType:
		return equalArrays(a, b)
	case ObjectType:
		return equalObjects(a, b)
	default:
		return false
	}
}

func equalArrays(a, b []byte) bool {
	i, j := 1, 1
	for a[i] != ']' && b[j] != ']' {
		ei, ej := skipValue(a, i), skipValue(b, j)
		if !equal(a[i:ei], b[j:ej]) {
			return false
		}
		i, j = ei, ej
		if a[i] == ',' && b[j] == ',' {
			i++
			j++
		} else if a[i] != b[j] {
			return false
		}
	}
	return a[i] == b[j]
}

func equalObjects(a, b []byte) bool {
	x, y := open(a), open(b)
	for {
		x.parse()
		y.parse()
		if x.done || y.done {
			return x.done && y.done
		}
		if !bytes.Equal(x.key(), y.key()) || !equal(x.value(), y.value()) {
			return false
		}
		x.skip(len(x.member()))
		y.skip(len(y.member()))
	}
}
