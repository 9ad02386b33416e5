package store

import (
	"bytes"
	"fmt"
	"slices"

	"dovetail/merge"
)

// readMembers splits a line into its top-level members without reading their values, which may be nested as deep as
// somebody likes. Whoever reads a value checks it.
func readMembers(text []byte) (*members, error) {
	f := &members{line: text}
	if len(text) > maxLine {
		return nil, &LineError{Reason: fmt.Sprintf("a line of %d bytes; at most %d are allowed", len(text), maxLine)}
	}
	s := splitter{text: text}
	s.blanks()
	if s.at == len(text) || text[s.at] != '{' {
		return nil, &LineError{Reason: "not a JSON object"}
	}
	s.at++
	for first := true; ; first = false {
		s.blanks()
		if first && s.take('}') {
			break
		}
		name, raw, reason := s.member()
		if reason != "" {
			return nil, &LineError{Reason: fmt.Sprintf("%s at byte %d", reason, s.at)}
		}
		if f.has(name) {
			return nil, &LineError{Path: "/" + escapePointer(name), Reason: "the key is there twice"}
		}
		if len(f.names) == maxMembers {
			return nil, &LineError{Reason: fmt.Sprintf("more than %d names", maxMembers)}
		}
		f.names, f.raw = append(f.names, name), append(f.raw, raw)
		s.blanks()
		if s.take('}') {
			break
		}
		if !s.take(',') {
			return nil, &LineError{Reason: fmt.Sprintf("neither a comma nor a closing brace at byte %d", s.at)}
		}
	}
	s.blanks()
	if s.at < len(text) {
		return nil, &LineError{Reason: fmt.Sprintf("more text after the end of the object at byte %d", s.at)}
	}
	f.known = 0
	return f, nil
}

// put has a member say something else, or be there, in the line as well.
func (f *members) put(name, says string) {
	text, ok := merge.StringValue(says)
	if !ok {
		f.fail("/"+name, "not valid UTF-8")
		return
	}
	value := []byte(text)
	if bytes.Equal(f.find(name), value) {
		return
	}
	if at := slices.Index(f.names, name); at >= 0 {
		f.raw[at] = value
	} else if len(f.names) == maxMembers {
		f.fail("", fmt.Sprintf("more than %d names", maxMembers-1))
		return
	} else {
		f.names, f.raw = append(f.names, name), append(f.raw, value)
	}
	line := make([]byte, 0, len(f.line)+len(name)+len(value)+8)
	for i, name := range f.names {
		line = append(line, ","[:min(i, 1)]...)
		quoted, _ := merge.StringValue(name) // it was read as one
		line = append(append(append(line, quoted...), ':'), f.raw[i]...)
	}
	f.line = append(append([]byte{'{'}, line...), '}')
}

// splitter is a place in a line.
type splitter struct {
	text []byte
	at   int
}

func (s *splitter) blanks() {
	for s.at < len(s.text) && bytes.IndexByte([]byte(" \t\r\n"), s.text[s.at]) >= 0 {
		s.at++
	}
}

func (s *splitter) take(c byte) bool {
	if s.at < len(s.text) && s.text[s.at] == c {
		s.at++
		return true
	}
	return false
}

// member reads `"name": value`; reason says what is wrong.
func (s *splitter) member() (name string, raw []byte, reason string) {
	start := s.at
	if s.at == len(s.text) || s.text[s.at] != '"' || !s.string() {
		return "", nil, "no name in quotes"
	}
	name, err := unquote(s.text[start:s.at])
	if err != nil {
		s.at = start
		return "", nil, "a name that is not a JSON string"
	}
	s.blanks()
	if !s.take(':') {
		return "", nil, "no colon after a name"
	}
	s.blanks()
	start = s.at
	if !s.value() {
		return "", nil, "the line ends inside a value"
	}
	if raw = bytes.TrimRight(s.text[start:s.at], " \t\r\n"); len(raw) == 0 {
		return "", nil, "no value"
	}
	return name, raw, ""
}

// string skips a string; false where the line ends in it.
func (s *splitter) string() bool {
	for s.at++; s.at < len(s.text); s.at++ {
		switch s.text[s.at] {
		case '\\':
			s.at++
		case '"':
			s.at++
			return true
		}
	}
	s.at = len(s.text)
	return false
}

// value skips to the comma or brace that ends a value; false where the line ends before.
func (s *splitter) value() bool {
	depth := 0
	for s.at < len(s.text) {
		switch c := s.text[s.at]; c {
		case '"':
			if !s.string() {
				return false
			}
			continue
		case '{', '[':
			depth++
		case '}', ']':
			if depth == 0 {
				return c == '}'
			}
			depth--
		case ',':
			if depth == 0 {
				return true
			}
		}
		s.at++
	}
	return false
}
