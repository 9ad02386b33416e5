package merge

import (
	"bytes"
	"time"
)

// joined is what a policy makes of two edits of the same field.
type joined struct {
	ok    bool   // it is joined; else a person decides
	value []byte // nil: the field goes
	hunks []Hunk // where it is not joined and that helps: what would be, and what is in dispute
}

// join joins two edits of the same field, by a policy that can.
func (w *walker) join(policy Policy, rule *Rule, base, local, server []byte) joined {
	switch policy {
	case PreferLocal:
		return joined{ok: true, value: local}
	case PreferServer:
		return joined{ok: true, value: server}
	case Latest:
		return w.latest(local, server)
	case Max, Min:
		return extreme(policy, local, server)
	case Counter:
		return whole(counter(rule, base, local, server))
	case Set:
		return whole(joinSets(base, local, server))
	case List:
		return joinLists(base, local, server)
	case Text:
		return joinTexts(base, local, server)
	}
	return joined{}
}

// whole is a join that gives a value or fails.
func whole(value []byte) joined { return joined{ok: value != nil, value: value} }

// latest takes the side that was edited later, if both times are known; a tie goes to the server.
func (w *walker) latest(local, server []byte) joined {
	l, known := w.sides.Edits.local(string(w.path))
	s, too := w.sides.Edits.server(string(w.path))
	if !known || !too {
		return joined{}
	}
	if l.After(s) {
		return joined{ok: true, value: local}
	}
	return joined{ok: true, value: server}
}

// extreme takes the larger or smaller of two numbers, or of two date-times by instant, and nothing else. Where both
// are the same instant the server's text is kept.
func extreme(policy Policy, local, server []byte) joined {
	order, ok := compareScalars(local, server)
	if !ok {
		return joined{}
	}
	if policy == Min {
		order = -order
	}
	if order > 0 {
		return whole(local)
	}
	return whole(server)
}

func compareScalars(a, b []byte) (order int, ok bool) {
	if len(a) == 0 || len(b) == 0 || typeOf(a[0]) != typeOf(b[0]) {
		return 0, false
	}
	switch typeOf(a[0]) {
	case NumberType:
		return compareNumbers(a, b), true
	case StringType:
		x, okX := instant(a)
		y, okY := instant(b)
		return x.Compare(y), okX && okY
	}
	return 0, false
}

// instant reads a date-time as JSON Schema has it (RFC 3339).
func instant(v []byte) (time.Time, bool) {
	t, err := time.Parse(time.RFC3339Nano, string(v[1:len(v)-1]))
	return t, err == nil
}

// counter adds what local added: server + (local - base). An absent base is what the rule has as its default, if that
// is 0; anything but numbers is not joined.
func counter(rule *Rule, base, local, server []byte) []byte {
	if len(base) == 0 && rule != nil && Equal(rule.Default, "0") {
		base = []byte("0")
	}
	for _, v := range [...][]byte{base, local, server} {
		if len(v) == 0 || typeOf(v[0]) != NumberType {
			return nil
		}
	}
	added, err := addDecimal(Value(local), negative(Value(base)))
	if err != nil {
		return nil
	}
	sum, err := addDecimal(Value(server), added)
	if err != nil {
		return nil
	}
	return []byte(sum)
}

// joinSets joins two arrays as sets by meaning: the server's order without what either side removed, then what local
// added. No element comes twice. A base that is not there is the empty set.
func joinSets(base, local, server []byte) []byte {
	if len(base) == 0 {
		base = []byte("[]")
	}
	if !isArray(base) || !isArray(local) || !isArray(server) {
		return nil
	}
	inBase, inLocal := meanings(base), meanings(local)
	done := map[string]bool{}
	out := []byte{'['}
	put := func(e []byte, m string) {
		if !done[m] {
			done[m] = true
			out = appendElement(out, e)
		}
	}
	elements(server, func(e []byte) bool {
		if m := meaning(e); !inBase[m] || inLocal[m] {
			put(e, m)
		}
		return true
	})
	elements(local, func(e []byte) bool {
		if m := meaning(e); !inBase[m] {
			put(e, m)
		}
		return true
	})
	return append(out, ']')
}

func isArray(v []byte) bool { return len(v) > 0 && v[0] == '[' }

// appendElement appends to an array that has been opened and not closed.
func appendElement(array, element []byte) []byte {
	if len(array) > 0 && array[len(array)-1] != '[' {
		array = append(array, ',')
	}
	return append(array, element...)
}

func meanings(array []byte) map[string]bool {
	set := map[string]bool{}
	elements(array, func(e []byte) bool {
		set[meaning(e)] = true
		return true
	})
	return set
}

// meaning returns a text that two values share if, and only if, they are equal.
func meaning(v []byte) string {
	out := make([]byte, 0, len(v))
	for i := 0; i < len(v); {
		switch c := v[i]; {
		case c == '"':
			end := skipString(v, i)
			out = append(out, v[i:end]...)
			i = end
		case c == '-' || c >= '0' && c <= '9':
			end := i
			for end < len(v) && isNumberByte(v[end]) {
				end++
			}
			out = appendMeaning(out, v[i:end])
			i = end
		default:
			out = append(out, c)
			i++
		}
	}
	return string(out)
}

// tokens gives each element of some arrays a number that equal elements share.
type tokens struct {
	numbers map[string]int
}

func (t *tokens) number(m string) int {
	if t.numbers == nil {
		t.numbers = map[string]int{}
	}
	n, ok := t.numbers[m]
	if !ok {
		n = len(t.numbers)
		t.numbers[m] = n
	}
	return n
}

// joinLists joins two arrays as sequences. Edits that overlap or touch are not joined, and neither are moves that
// would put an element there twice, or bring back one that the other side took out.
func joinLists(base, local, server []byte) joined {
	if !isArray(base) || !isArray(local) || !isArray(server) {
		return joined{}
	}
	var t tokens
	var texts [3][][]byte
	var numbers [3][]int
	for i, array := range [...][]byte{base, local, server} {
		elements(array, func(e []byte) bool {
			texts[i] = append(texts[i], e)
			numbers[i] = append(numbers[i], t.number(meaning(e)))
			return true
		})
	}
	chunks := diff3(numbers[0], numbers[1], numbers[2])
	array := func(parts [][]byte) Value {
		return Value("[" + string(bytes.Join(parts, []byte(","))) + "]")
	}
	clean := !moved(chunks, numbers)
	out := []byte{'['}
	var hunks []Hunk
	for _, c := range chunks {
		if c.outcome == FieldConflict {
			clean = false
			hunks = append(hunks, Hunk{
				Base:   array(texts[0][c.from:c.to]),
				Local:  array(texts[1][c.localFrom:c.localTo]),
				Server: array(texts[2][c.serverFrom:c.serverTo]),
			})
			continue
		}
		part := texts[2][c.serverFrom:c.serverTo]
		if c.outcome == Local {
			part = texts[1][c.localFrom:c.localTo]
		}
		for _, e := range part {
			out = appendElement(out, e)
		}
		hunks = append(hunks, Hunk{Joined: array(part)})
	}
	if !clean {
		return joined{hunks: hunks}
	}
	return whole(append(out, ']'))
}

// moved reports whether both sides moved the same element: it was put in by both, or taken out by both and put in
// again by one. Chunk by chunk that looks clean, and yet the element would be there twice, or come back.
func moved(chunks []chunk, numbers [3][]int) bool {
	byLocal, byServer, outByBoth := map[int]bool{}, map[int]bool{}, map[int]bool{}
	for _, c := range chunks {
		switch c.outcome {
		case Local:
			for _, x := range numbers[1][c.localFrom:c.localTo] {
				byLocal[x] = true
			}
		case Server:
			for _, x := range numbers[2][c.serverFrom:c.serverTo] {
				byServer[x] = true
			}
		case Agreed:
			for _, x := range numbers[0][c.from:c.to] {
				outByBoth[x] = true
			}
		}
	}
	for x := range byLocal {
		if byServer[x] || outByBoth[x] {
			return true
		}
	}
	for x := range byServer {
		if outByBoth[x] {
			return true
		}
	}
	return false
}
