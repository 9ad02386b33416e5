package merge

import (
	"bytes"
	"cmp"
	"slices"
	"strings"
)

// Layout writes a record as a JSON text that keeps the order of keys, the blanks and the spelling of values of an
// original, which must be valid JSON, for all that is as it was there. New members come last, laid out like those
// beside them. What stands in conflicts is written twice, local's and the server's value between the markers that git
// uses, each on lines of its own, so that the text cannot pass for finished JSON.
func Layout(original []byte, d Document, conflicts []Field, rules *Rules) []byte {
	l := layout{conflicts: map[string]Field{}, newline: "\n"}
	for _, f := range conflicts {
		l.conflicts[f.Path] = f
	}
	body := bytes.TrimRight(original, " \t\r\n")
	end := original[len(body):]
	body = bytes.TrimLeft(body, " \t\r\n")
	if bytes.Contains(original, []byte("\r\n")) {
		l.newline = "\r\n"
	}
	l.style(body)
	if len(conflicts) > 0 && l.unit == "" {
		l.unit, l.colon, body = "  ", ": ", nil // markers need lines
	}
	var out []byte
	if f, ok := l.conflicts[""]; ok {
		side := func(v Value) func([]byte) []byte {
			return func(dst []byte) []byte { return l.value(append(dst, l.newline...), body, v, "", "", rules.root()) }
		}
		out = bytes.TrimPrefix(l.marked(nil, side(f.Local), side(f.Server), f), []byte(l.newline))
	} else {
		out = l.value(nil, body, Value(d), "", "", rules.root())
	}
	return append(out, end...)
}

// layout is how a text is laid out.
type layout struct {
	unit      string // of indentation; empty: all on one line
	colon     string
	newline   string
	conflicts map[string]Field
}

// part is a member of an object, or an element of an array, as it stands in a text.
type part struct {
	lead  []byte // blanks before it
	key   []byte // quoted; nil in an array
	colon []byte // with the blanks around it
	value []byte
	tail  []byte // blanks after it
}

// style reads the indentation off the first member of a text.
func (l *layout) style(text []byte) {
	l.colon = ":"
	if parts := textParts(text); len(parts) > 0 {
		if i := bytes.LastIndexByte(parts[0].lead, '\n'); i >= 0 {
			l.unit = string(parts[0].lead[i+1:])
			if l.unit == "" {
				l.unit = "  "
			}
			l.colon = ": "
		}
		if parts[0].key != nil {
			l.colon = string(parts[0].colon)
		}
	}
}

// textParts reads the members or elements of valid JSON, blanks and all; none of anything else.
func textParts(text []byte) []part {
	if len(text) == 0 || text[0] != '{' && text[0] != '[' {
		return nil
	}
	var parts []part
	i := 1
	blanks := func() []byte {
		start := i
		for bytes.IndexByte([]byte(" \t\r\n"), text[i]) >= 0 {
			i++
		}
		return text[start:i]
	}
	for {
		p := part{lead: blanks()}
		if text[i] == '}' || text[i] == ']' {
			return parts
		}
		if text[0] == '{' {
			start := i
			i = skipString(text, i)
			p.key = text[start:i]
			start = i
			blanks()
			i++
			blanks()
			p.colon = text[start:i]
		}
		start := i
		i = skipText(text, i)
		p.value = text[start:i]
		p.tail = blanks()
		parts = append(parts, p)
		if text[i] != ',' {
			return parts
		}
		i++
	}
}

// skipText is [skipValue] for a text that is not canonical.
func skipText(b []byte, i int) int {
	end := skipValue(b, i)
	if b[i] != '{' && b[i] != '[' && b[i] != '"' {
		end = i + len(bytes.TrimRight(b[i:end], " \t\r\n"))
	}
	return end
}

// value appends v. raw is what stands in its place in the original, nil where it is new.
func (l *layout) value(dst, raw []byte, v Value, path, indent string, rule *Rule) []byte {
	old, err := ParseValue(raw)
	disputed := l.disputedBelow(path)
	if err == nil && !disputed && Equal(old, v) {
		return append(dst, raw...)
	}
	if err != nil || old.Type() != v.Type() {
		raw = nil
	}
	switch v.Type() {
	case ObjectType, ArrayType:
		return l.container(dst, raw, v, path, indent, rule)
	}
	return append(dst, v...)
}

func (l *layout) disputedBelow(path string) bool {
	for p := range l.conflicts {
		if below(p, path) {
			return true
		}
	}
	return false
}

// child is a part of a container that is to be written.
type child struct {
	part
	path  string
	now   Value // absent where it stands in conflicts alone
	rule  *Rule
	order int
}

func (l *layout) container(dst, raw []byte, v Value, path, indent string, rule *Rule) []byte {
	children, closing := l.children(raw, v, path, indent, rule)
	dst = append(dst, v[0])
	for i, c := range children {
		last := i == len(children)-1
		write := func(side Value) func([]byte) []byte {
			return func(dst []byte) []byte {
				if side == Absent {
					return dst
				}
				dst = append(append(append(dst, c.lead...), c.key...), c.colon...)
				dst = l.value(dst, c.value, side, c.path, indent+l.unit, c.rule)
				if !last {
					dst = append(append(dst, c.tail...), ',')
				}
				return dst
			}
		}
		if f, ok := l.conflicts[c.path]; ok {
			dst = l.marked(dst, write(f.Local), write(f.Server), f)
		} else {
			dst = write(c.now)(dst)
		}
	}
	if len(children) > 0 {
		dst = append(dst, closing...)
	}
	return append(dst, v[0]+2) // in ASCII the closing bracket is two after the opening one, for both kinds
}

// children lists what stands in a container, in the order of the original, and the blanks before its closing bracket.
func (l *layout) children(raw []byte, v Value, path, indent string, rule *Rule) (children []child, closing []byte) {
	old := textParts(raw)
	like := part{}
	if l.unit != "" {
		like.lead, closing = []byte(l.newline+indent+l.unit), []byte(l.newline+indent)
	}
	first := like.lead
	if len(old) > 0 {
		last := &old[len(old)-1]
		first, closing = old[0].lead, last.tail
		like.lead = l.between(old)
		old[0].lead = like.lead // it may come elsewhere now
		last.tail = nil         // it belongs to the bracket
	}
	find := finder(old, rule)
	for i, p := range textParts([]byte(v)) {
		c := child{part: like, now: Value(p.value), order: len(old) + i, path: path}
		at := find(p)
		if at >= 0 {
			c.part = old[at]
			c.order = at
		} else if p.key != nil {
			c.key, c.colon = p.key, []byte(l.colon)
		}
		if v[0] == '[' {
			c.order = i
		}
		c.path, c.rule = childPath(path, p, rule)
		children = append(children, c)
	}
	children = append(children, l.disputedChildren(children, old, like, path, rule)...)
	slices.SortStableFunc(children, func(a, b child) int { return cmp.Compare(a.order, b.order) })
	if n := len(children); n > 0 {
		children[n-1].tail, children[0].lead = nil, first
	}
	return children, closing
}

// between returns the blanks before a part that is not the first of its container.
func (l *layout) between(old []part) []byte {
	switch lead := old[0].lead; {
	case len(old) > 1:
		return old[1].lead
	case len(lead) == 0 && strings.HasSuffix(l.colon, " "):
		return []byte(" ")
	default:
		return lead
	}
}

// childPath names a part: by its key, in a keyed array by that; an element of another array has no name of its own.
func childPath(path string, p part, rule *Rule) (string, *Rule) {
	switch {
	case p.key != nil:
		key, _ := ParseValue(p.key)
		name, _ := key.Text()
		return string(appendToken([]byte(path), []byte(name))), rule.member([]byte(name))
	case rule.isKeyed():
		if element, err := ParseValue(p.value); err == nil {
			if token, ok := keyToken(lookupMember([]byte(element), rule.Key)); ok {
				return string(appendToken([]byte(path), []byte(token))), rule.Items
			}
		}
	}
	return path + "/\x00", nil
}

// disputedChildren are the parts in conflict that the document does not hold.
func (l *layout) disputedChildren(known []child, old []part, like part, path string, rule *Rule) []child {
	var more []child
	for p := range l.conflicts {
		if !below(p, path) || strings.Contains(p[len(path)+1:], "/") || slices.ContainsFunc(known, func(c child) bool { return c.path == p }) {
			continue
		}
		c := child{part: like, path: p, order: 2 * len(old)}
		for at := range old {
			if where, _ := childPath(path, old[at], rule); where == p {
				c.part, c.order = old[at], at
			}
		}
		if c.key == nil && !rule.isKeyed() {
			token, _ := cutToken(p[len(path):])
			c.key, c.colon = appendString(nil, []byte(token)), []byte(l.colon)
		}
		more = append(more, c)
	}
	slices.SortFunc(more, func(a, b child) int { return cmp.Compare(a.path, b.path) })
	return more
}

// finder returns a function that finds a part of the new text among those of the old: by name, or, where elements
// have none, one that is equal. No old part is found twice.
func finder(old []part, rule *Rule) func(part) int {
	names := map[string][]int{}
	name := func(p part) string {
		if path, _ := childPath("", p, rule); path != "/\x00" {
			return path
		}
		v, _ := ParseValue(p.value)
		return "=" + meaning([]byte(v))
	}
	for i, p := range old {
		names[name(p)] = append(names[name(p)], i)
	}
	return func(p part) int {
		n := name(p)
		if len(names[n]) == 0 {
			return -1
		}
		at := names[n][0]
		names[n] = names[n][1:]
		return at
	}
}

// marked writes the two sides of a conflict between markers.
func (l *layout) marked(dst []byte, local, server func([]byte) []byte, f Field) []byte {
	line := func(text string) { dst = append(append(dst, l.newline...), text...) }
	line("<<<<<<< local")
	if f.Local != Absent {
		dst = local(dst)
	}
	line("=======")
	if f.Server != Absent {
		dst = server(dst)
	}
	line(">>>>>>> server")
	return dst
}

// Layout writes what the merge comes to in the layout of a local text, with markers around what is in conflict.
func (r Result) Layout(local []byte) []byte {
	var conflicts []Field
	for _, f := range r.Fields {
		if f.Outcome == FieldConflict {
			conflicts = append(conflicts, f)
		}
	}
	return Layout(local, r.joined, conflicts, r.rules)
}
