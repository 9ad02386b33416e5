package merge

import "slices"

// item is one element of a keyed array.
type item struct {
	id    string // the meaning of its key
	token string // what its key reads as in a pointer
	value []byte
}

// items are the elements of a keyed array, in order, with the way to find one by its key.
type items struct {
	list []item
	at   map[string]int // by id
}

func (s items) has(id string) bool {
	_, ok := s.at[id]
	return ok
}

func (s items) value(id string) []byte {
	if i, ok := s.at[id]; ok {
		return s.list[i].value
	}
	return nil
}

// within returns the elements that all the others have too.
func (s items) within(others ...items) []item {
	return slices.DeleteFunc(slices.Clone(s.list), func(it item) bool {
		return slices.ContainsFunc(others, func(other items) bool { return !other.has(it.id) })
	})
}

func (s *items) add(it item) {
	s.at[it.id] = len(s.list)
	s.list = append(s.list, it)
}

// keyedItems reads an array of objects that all have a key, no two the same. A missing array has no elements.
func keyedItems(array []byte, key string) (found items, ok bool) {
	found.at = map[string]int{}
	if len(array) == 0 {
		return found, true
	}
	if !isArray(array) {
		return found, false
	}
	ok = true
	elements(array, func(e []byte) bool {
		value := lookupMember(e, key)
		token, named := keyToken(value)
		it := item{id: meaning(value), token: token, value: e}
		ok = isObject(e) && named && !found.has(it.id)
		found.add(it)
		return ok
	})
	return found, ok
}

// keyToken returns the text of a key, which is a string or a number. Equal numbers have one text.
func keyToken(key []byte) (string, bool) {
	if len(key) == 0 {
		return "", false
	}
	switch typeOf(key[0]) {
	case StringType:
		return string(unescape(key[1 : len(key)-1])), true
	case NumberType:
		return plainNumber(key), true
	}
	return "", false
}

// keyed merges arrays of objects element by element, matched by their keys, and appends the joined array. It is false,
// and nothing was noted, where the arrays are not such, or both sides put the elements into different orders.
func (w *walker) keyed(dst, base, local, server []byte, rule *Rule) ([]byte, bool) {
	if !isArray(local) || !isArray(server) {
		return dst, false
	}
	b, okB := keyedItems(base, rule.Key)
	l, okL := keyedItems(local, rule.Key)
	s, okS := keyedItems(server, rule.Key)
	order, ok := keyedOrder(b, l, s)
	if !okB || !okL || !okS || !ok || sharedTokens(b, l, s) {
		return dst, false
	}
	moved := reordered(b, l, s)
	if moved == Combined && w.sides.BaseLost {
		return dst, false
	}
	above, before := len(w.path), w.seen
	w.seen = outcomes{}
	dst = append(dst, '[')
	start := len(dst)
	for _, it := range order {
		w.path = appendToken(w.path[:above], []byte(it.token))
		undo := len(dst)
		if len(dst) > start {
			dst = append(dst, ',')
		}
		empty := len(dst)
		dst = w.field(dst, b.value(it.id), l.value(it.id), s.value(it.id), rule.Items, Ask)
		if len(dst) == empty {
			dst = dst[:undo]
		}
	}
	w.path = w.path[:above]
	dst = append(dst, ']')
	if moved != Unchanged {
		w.noteOrder(moved, base, local, server, dst[start-1:])
	}
	for o := range before {
		w.seen[o] = w.seen[o] || before[o]
	}
	return dst, true
}

// reordered says which side put elements that all three have into another order. It is Combined where both added the
// same elements, each in an order of its own.
func reordered(base, local, server items) Outcome {
	b, l, s := base.within(local, server), local.within(base, server), server.within(base, local)
	switch byLocal, byServer := !sameOrder(l, b), !sameOrder(s, b); {
	case byLocal && byServer:
		return Agreed
	case byLocal:
		return Local
	case byServer:
		return Server
	case !sameOrder(local.within(server), server.within(local)):
		return Combined
	}
	return Unchanged
}

// noteOrder notes that the order changed: of the list itself where its elements tell nothing else.
func (w *walker) noteOrder(moved Outcome, base, local, server, joined []byte) {
	w.dropped = w.dropped || moved == Combined
	if told := w.seen; told == (outcomes{}) || told == (outcomes{Unchanged: true}) {
		w.note(&verdict{outcome: moved, result: joined}, base, local, server)
		return
	}
	w.seen[moved] = true
}

// sharedTokens reports whether two different keys, as in 1 and "1", read the same in a pointer.
func sharedTokens(sides ...items) bool {
	ids := map[string]string{}
	for _, side := range sides {
		for _, it := range side.list {
			if id, ok := ids[it.token]; ok && id != it.id {
				return true
			}
			ids[it.token] = it.id
		}
	}
	return false
}

// keyedOrder returns every element once, in the order of the joined array. The side that left order and members as
// they were in base follows the other; where both changed them, what one side added comes after the rest. It is false
// where the sides put the same elements into different orders, and base into a third.
func keyedOrder(base, local, server items) ([]item, bool) {
	skeleton, rest := server, local
	switch {
	case sameOrder(server.list, base.list):
		skeleton, rest = local, server
	case sameOrder(local.list, base.list):
	default:
		b, l, s := base.within(local, server), local.within(base, server), server.within(base, local)
		switch {
		case sameOrder(l, b), sameOrder(l, s):
		case sameOrder(s, b):
			skeleton, rest = local, server
		default:
			return nil, false
		}
	}
	order := items{at: map[string]int{}}
	for _, side := range [...]items{skeleton, rest, base} {
		for _, it := range side.list {
			if !order.has(it.id) {
				order.add(it)
			}
		}
	}
	return order.list, true
}

func sameOrder(a, b []item) bool {
	return slices.EqualFunc(a, b, func(x, y item) bool { return x.id == y.id })
}

// keyedElement returns the element of a keyed array that a pointer's token names.
func keyedElement(array []byte, key, token string) []byte {
	var found []byte
	elements(array, func(e []byte) bool {
		if t, ok := keyToken(lookupMember(e, key)); ok && t == token {
			found = e
		}
		return found == nil
	})
	return found
}
