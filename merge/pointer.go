package merge

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"
)

// ErrPath is what the errors about a field's path unwrap to.
var ErrPath = errors.New("not a field")

// ParsePath reads a field as people type it, `status` or `address/city`, or as a JSON Pointer (RFC 6901), and returns
// the pointer. The empty text is the record as a whole. Errors unwrap to [ErrPath].
func ParsePath(s string) (string, error) {
	if !utf8.ValidString(s) {
		return "", fmt.Errorf("%w: %q is not valid UTF-8", ErrPath, s)
	}
	if s == "" {
		return "", nil
	}
	if s[0] != '/' {
		return "/" + strings.ReplaceAll(s, "~", "~0"), nil
	}
	for i := range len(s) {
		if s[i] == '~' && (i+1 == len(s) || s[i+1] != '0' && s[i+1] != '1') {
			return "", fmt.Errorf("%w: %q has a ~ that is neither ~0 nor ~1", ErrPath, s)
		}
	}
	return s, nil
}

// PathLabel returns what people read for a path, and may type for it: the pointer without its first slash where
// [ParsePath] takes that back, else the pointer itself. The record as a whole is `the record`.
func PathLabel(path string) string {
	if path == "" {
		return "the record"
	}
	label := path[1:]
	if label == "" || label[0] == '/' || strings.Contains(label, "~1") {
		return path
	}
	return strings.ReplaceAll(label, "~0", "~")
}

// appendToken appends one step of a JSON Pointer.
func appendToken(path, key []byte) []byte {
	path = append(path, '/')
	for _, c := range key {
		switch c {
		case '~':
			path = append(path, '~', '0')
		case '/':
			path = append(path, '~', '1')
		default:
			path = append(path, c)
		}
	}
	return path
}

// cutToken splits off the first step of a pointer, as the key it stands for.
func cutToken(path string) (token, rest string) {
	token, _, _ = strings.Cut(path[1:], "/")
	rest = path[1+len(token):]
	return strings.NewReplacer("~1", "/", "~0", "~").Replace(token), rest
}

// below reports whether path lies under another, and is not that one.
func below(path, above string) bool {
	return len(path) > len(above) && strings.HasPrefix(path, above) && path[len(above)] == '/'
}

// Lookup returns the value at a JSON Pointer, [Absent] where there is none. An element of an array is its index.
func Lookup(d Document, path string) Value { return (*Rules)(nil).Lookup(d, path) }

// Lookup is [Lookup] in a collection with rules: an element of a keyed array goes by its key.
func (r *Rules) Lookup(d Document, path string) Value {
	value, rule := []byte(d), r.root()
	for path != "" && len(value) > 0 {
		var token string
		token, path = cutToken(path)
		switch {
		case value[0] == '{':
			value, rule = lookupMember(value, token), rule.member([]byte(token))
		case value[0] != '[':
			return Absent
		case rule.isKeyed():
			value, rule = keyedElement(value, rule.Key, token), rule.Items
		default:
			value, rule = lookupElement(value, token), nil
		}
	}
	return Value(value)
}

func lookupMember(object []byte, name string) []byte {
	var found []byte
	members(object, func(key, value []byte) bool {
		if string(unescape(key[1:len(key)-1])) == name {
			found = value
		}
		return found == nil
	})
	return found
}

func lookupElement(array []byte, token string) []byte {
	want, err := strconv.Atoi(token)
	if err != nil || strconv.Itoa(want) != token {
		return nil
	}
	var found []byte
	elements(array, func(e []byte) bool {
		if want == 0 {
			found = e
		}
		want--
		return want >= 0
	})
	return found
}

// With returns the document with the value at a path set, or removed where v is absent; objects on the way that are
// not there are made. At the empty path the document becomes v. It is an error, unwrapping to [ErrPath], to go
// through anything but an object, or to make the document anything but an object.
func With(d Document, path string, v Value) (Document, error) { return (*Rules)(nil).With(d, path, v) }

// With is [With] in a collection with rules: an element of a keyed array goes by its key, and a new one comes last.
func (r *Rules) With(d Document, path string, v Value) (Document, error) {
	if path == "" {
		if v != Absent && v.Type() != ObjectType {
			return nil, fmt.Errorf("%w: a record is an object, not a %s", ErrPath, v.Type())
		}
		if v == Absent {
			return nil, nil
		}
		return Document(v), nil
	}
	if d == nil {
		d = Document("{}")
	}
	s := setter{whole: path, value: v}
	out, err := s.into(make([]byte, 0, len(d)+len(path)+len(v)+8), d, path, r.root())
	return Document(out), err
}

// setter puts one value into a document, or takes it out.
type setter struct {
	whole string // the path, for errors
	value Value
}

// into appends the container old with the value at path, which is not empty, set in it.
func (s setter) into(dst, old []byte, path string, rule *Rule) ([]byte, error) {
	switch {
	case isObject(old):
		return s.intoObject(dst, old, path, rule)
	case isArray(old) && rule.isKeyed():
		return s.intoKeyed(dst, old, path, rule)
	}
	return nil, fmt.Errorf("%w: %s goes through a %s, which has no fields", ErrPath, s.whole, typeOf(old[0]))
}

func (s setter) intoObject(dst, object []byte, path string, rule *Rule) ([]byte, error) {
	token, rest := cutToken(path)
	key := appendString(nil, []byte(token))
	dst = append(dst, '{')
	start := len(dst)
	put := func(key, v []byte) {
		if len(v) == 0 {
			return
		}
		if len(dst) > start {
			dst = append(dst, ',')
		}
		dst = append(append(append(dst, key...), ':'), v...)
	}
	old := lookupMember(object, token)
	changed, err := s.change(old, rest, rule.member([]byte(token)))
	if err != nil {
		return nil, err
	}
	placed := false
	members(object, func(k, v []byte) bool {
		order := compareKeys(k, key)
		if order >= 0 && !placed {
			put(key, changed)
			placed = true
		}
		if order != 0 {
			put(k, v)
		}
		return true
	})
	if !placed {
		put(key, changed)
	}
	return append(dst, '}'), nil
}

// change returns what a member or element becomes, nil where it goes; old is nil where it is new.
func (s setter) change(old []byte, rest string, rule *Rule) ([]byte, error) {
	switch {
	case rest == "":
		return []byte(s.value), nil
	case old != nil:
		return s.into(nil, old, rest, rule)
	case s.value == Absent:
		return nil, nil // nothing to remove: make nothing on the way
	}
	return s.into(nil, []byte("{}"), rest, rule)
}

func (s setter) intoKeyed(dst, array []byte, path string, rule *Rule) ([]byte, error) {
	token, rest := cutToken(path)
	dst = append(dst, '[')
	done := false
	var failed error
	elements(array, func(e []byte) bool {
		if t, ok := keyToken(lookupMember(e, rule.Key)); ok && t == token && !done {
			done = true
			e, failed = s.change(e, rest, rule.Items)
		}
		if len(e) > 0 {
			dst = appendElement(dst, e)
		}
		return failed == nil
	})
	if failed == nil && !done && rest == "" && s.value != Absent {
		dst = appendElement(dst, []byte(s.value))
	} else if failed == nil && !done && rest != "" && s.value != Absent {
		failed = fmt.Errorf("%w: %s: there is no element %q", ErrPath, s.whole, token)
	}
	return append(dst, ']'), failed
}
