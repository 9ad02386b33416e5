package merge

import (
	"bytes"
	"unicode/utf8"
)

// What follows reads canonical text only, which is known to be sound: it checks nothing again.

// skipString returns the offset after the string that begins at i.
func skipString(b []byte, i int) int {
	for i++; ; i++ {
		switch b[i] {
		case '"':
			return i + 1
		case '\\':
			i++
		}
	}
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
	text []byte
	at   int
	key  []byte // with its quotes; nil at the end
	val  []byte
}

// members returns a cursor on the first member of an object, at its end for anything else.
func members(object []byte) cursor {
	if len(object) == 0 || object[0] != '{' {
		return cursor{}
	}
	c := cursor{text: object}
	c.next()
	return c
}

func (c *cursor) next() {
	c.at++ // the brace that opens, or the comma
	if c.at >= len(c.text) || c.text[c.at] == '}' {
		c.key, c.val = nil, nil
		return
	}
	end := skipString(c.text, c.at)
	c.key = c.text[c.at:end]
	c.at = skipValue(c.text, end+1)
	c.val = c.text[end+1 : c.at]
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
		x, y := members(a), members(b)
		for x.key != nil && bytes.Equal(x.key, y.key) && equal(x.val, y.val) {
			x.next()
			y.next()
		}
		return x.key == nil && y.key == nil
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
