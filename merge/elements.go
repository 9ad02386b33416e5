package merge

// ElementHow is what became of one element of a list.
type ElementHow uint8

const (
	ElementAdded ElementHow = iota
	ElementRemoved
	ElementMoved   // it stands elsewhere among those that stayed
	ElementChanged // of a list whose elements have keys: the one with this key is another
)

// ElementChange is one difference between a list and the list that it was made of.
type ElementChange struct {
	How   ElementHow
	Value Value // as it is now; as it was, of one that was removed
	Was   Value // of one that changed
}

// Elements returns the elements of a list, in order; none of any other value.
func (v Value) Elements() []Value {
	var all []Value
	if isArray([]byte(v)) {
		elements([]byte(v), func(e []byte) bool {
			all = append(all, Value(e))
			return true
		})
	}
	return all
}

// Key returns the member that names the elements of the list at a path; empty where the rules do not say.
func (r *Rules) Key(path string) string {
	if rule := r.at(path); rule != nil && rule.Policy == Keyed {
		return rule.Key
	}
	return ""
}

// ElementChanges lists what a list made of another: what it took out, in the order there was, then what it put in, moved
// or changed, in the order there is. An absent base is an empty list. Where key is not empty and names every element
// of both, an element is the same by its key, else by what it is. It is false where one of them is no list.
func ElementChanges(base, side Value, key string) ([]ElementChange, bool) {
	if !isArray([]byte(side)) || base != Absent && !isArray([]byte(base)) {
		return nil, false
	}
	was, is := base.Elements(), side.Elements()
	if key != "" {
		b, okB := keyedItems([]byte(base), key)
		s, okS := keyedItems([]byte(side), key)
		if okB && okS {
			return listChanges(was, is, func(i int) string { return b.list[i].id }, func(i int) string { return s.list[i].id }), true
		}
	}
	return listChanges(was, is, func(i int) string { return meaning([]byte(was[i])) },
		func(i int) string { return meaning([]byte(is[i])) }), true
}

// listChanges compares two lists whose elements are the same where their ids are.
func listChanges(was, is []Value, wasID, isID func(int) string) []ElementChange {
	var t tokens
	numbersOf := func(n int, id func(int) string) []int {
		out := make([]int, n)
		for i := range out {
			out[i] = t.number(id(i))
		}
		return out
	}
	before, after := numbersOf(len(was), wasID), numbersOf(len(is), isID)
	edits := diff(before, after)
	gone := map[int][]int{} // by number: where in was
	for _, e := range edits {
		for i := e.from; i < e.to; i++ {
			gone[before[i]] = append(gone[before[i]], i)
		}
	}
	var put []ElementChange
	at, now := 0, 0
	stays := func(to int) {
		for ; at < to; at, now = at+1, now+1 {
			if !Equal(was[at], is[now]) {
				put = append(put, ElementChange{How: ElementChanged, Value: is[now], Was: was[at]})
			}
		}
	}
	for _, e := range edits {
		stays(e.from)
		for ; now < e.newTo; now++ {
			from := gone[after[now]]
			if len(from) == 0 {
				put = append(put, ElementChange{How: ElementAdded, Value: is[now]})
				continue
			}
			gone[after[now]] = from[1:]
			put = append(put, ElementChange{How: ElementMoved, Value: is[now]})
			if !Equal(was[from[0]], is[now]) {
				put = append(put, ElementChange{How: ElementChanged, Value: is[now], Was: was[from[0]]})
			}
		}
		at = e.to
	}
	stays(len(was))
	var out []ElementChange
	for i, n := range before {
		if left := gone[n]; len(left) > 0 && left[0] == i {
			gone[n] = left[1:]
			out = append(out, ElementChange{How: ElementRemoved, Value: was[i]})
		}
	}
	return append(out, put...)
}
