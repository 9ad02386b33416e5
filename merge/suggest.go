package merge

import (
	"slices"
	"strings"
)

// Suggest puts a [Field.Proposal] into every conflict that both sides' edits can be joined for, as a person may want it,
// though no policy lets a machine do it. It changes nothing else.
func (r *Result) Suggest() {
	for i := range r.Fields {
		if f := &r.Fields[i]; f.Proposal == Absent {
			f.Proposal, _ = f.Suggestion(false)
		}
	}
}

// Suggestion joins both sides' edits of a field in conflict, and names the policy that joins like that: the elements of
// two lists, or the words of two texts. What both put at one place stands in the server's order, or in local's where
// localFirst is set. It is absent where the edits overlap, where one side has it all already, and for everything that
// is no list and no prose.
func (f Field) Suggestion(localFirst bool) (v Value, like Policy) {
	if f.Outcome != FieldConflict || f.Kind != EditEdit || f.Rule != "" || f.Group != "" {
		return Absent, Inherit
	}
	first, second := []byte(f.Server), []byte(f.Local)
	if localFirst {
		first, second = second, first
	}
	base := []byte(f.Base)
	switch {
	case isArray(first) && isArray(second) && (isArray(base) || len(base) == 0):
		if like = List; isSet(base) && isSet(first) && isSet(second) {
			v, like = Value(joinSets(base, second, first)), Set
		} else if isArray(base) {
			v = weaveLists(base, first, second)
		}
	case isProse(f.Base) && f.Local.Type() == StringType && f.Server.Type() == StringType:
		v, like = weaveTexts(base, first, second), Text
	}
	if v == Absent || Equal(v, f.Local) || Equal(v, f.Server) {
		return Absent, Inherit
	}
	return v, like
}

// suggested reports whether v is the suggestion, in either order: it holds what both sides changed.
func (f *Field) suggested(v Value) bool {
	if v == Absent || f.Outcome != FieldConflict {
		return false
	}
	for _, localFirst := range [...]bool{false, true} {
		if s, _ := f.Suggestion(localFirst); s != Absent && Equal(s, v) {
			return true
		}
	}
	return false
}

// isSet reports whether an array reads like a set: nothing in it is an object or an array, and nothing stands twice.
func isSet(array []byte) bool {
	ok, seen := true, map[string]bool{}
	if len(array) == 0 {
		return true
	}
	elements(array, func(e []byte) bool {
		m := meaning(e)
		ok = !isArray(e) && !isObject(e) && !seen[m]
		seen[m] = true
		return ok
	})
	return ok
}

// isProse reports whether a value is a text of words: what is put together of two phone numbers or dates is neither.
func isProse(v Value) bool {
	s, ok := v.Text()
	if !ok {
		return false
	}
	n := 0
	for _, word := range strings.Fields(s) {
		if classOf([]rune(word)[0]) == letter && !(word[0] >= '0' && word[0] <= '9') {
			n++
		}
	}
	return n >= 2
}

// weave joins the edits that two sequences made of base where none of them overlaps another: other than diff3 it lets
// them touch. take is called with runs of base (0), first (1) and second (2), in order. It is false where edits overlap.
func weave(base, first, second []int, take func(of, from, to int)) bool {
	a, b := diff(base, first), diff(base, second)
	at := 0
	for len(a) > 0 || len(b) > 0 {
		of, from := 1, &a
		if len(a) == 0 || len(b) > 0 && before(b[0], a[0]) {
			of, from = 2, &b
		}
		e := (*from)[0]
		*from = (*from)[1:]
		other, text := &b, first
		if of == 2 {
			other, text = &a, second
		}
		if len(*other) > 0 {
			switch o := (*other)[0]; {
			case of == 1 && sameEdit(e, o, text, second), of == 2 && sameEdit(e, o, text, first):
				*other = (*other)[1:]
			case o.from < e.to:
				return false
			}
		}
		take(0, at, e.from)
		take(of, e.newFrom, e.newTo)
		at = e.to
	}
	take(0, at, len(base))
	return true
}

// before reports whether an edit is done before another: what is put in at a place comes before what is replaced there.
func before(x, y edit) bool {
	return x.from < y.from || x.from == y.from && x.to == x.from && y.to > y.from
}

func sameEdit(x, y edit, xText, yText []int) bool {
	return x.from == y.from && x.to == y.to && slices.Equal(xText[x.newFrom:x.newTo], yText[y.newFrom:y.newTo])
}

func weaveLists(base, first, second []byte) Value {
	var t tokens
	var texts [3][][]byte
	var numbers [3][]int
	for i, array := range [...][]byte{base, first, second} {
		elements(array, func(e []byte) bool {
			texts[i] = append(texts[i], e)
			numbers[i] = append(numbers[i], t.number(meaning(e)))
			return true
		})
	}
	out := []byte{'['}
	count := [3]map[int]int{{}, {}, {}} // of each element in the result and in both sides
	for i := 1; i < 3; i++ {
		for _, n := range numbers[i] {
			count[i][n]++
		}
	}
	ok := weave(numbers[0], numbers[1], numbers[2], func(of, from, to int) {
		for i := from; i < to; i++ {
			out = appendElement(out, texts[of][i])
			count[0][numbers[of][i]]++
		}
	})
	for n, times := range count[0] {
		ok = ok && times <= max(count[1][n], count[2][n]) // else both moved it, and it would be there twice
	}
	if !ok {
		return Absent
	}
	return Value(append(out, ']'))
}

func weaveTexts(base, first, second []byte) Value {
	var t tokens
	var pieces [3][]string
	var numbers [3][]int
	for i, text := range [...][]byte{base, first, second} {
		pieces[i] = words(string(unescape(text[1 : len(text)-1])))
		for _, piece := range pieces[i] {
			numbers[i] = append(numbers[i], t.number(piece))
		}
	}
	var out strings.Builder
	ok := weave(numbers[0], numbers[1], numbers[2], func(of, from, to int) {
		for _, piece := range pieces[of][from:to] {
			out.WriteString(piece)
		}
	})
	if !ok {
		return Absent
	}
	v, _ := StringValue(out.String())
	return v
}
