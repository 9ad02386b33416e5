package merge

// edit is a run of elements of one sequence, from and to, that stands as another run in the other sequence.
type edit struct{ from, to, newFrom, newTo int }

// maxEdits bounds the search for the shortest script between two runs that share no landmark. Beyond it the whole run
// counts as replaced: that never joins what a finer script would not, it only asks more often.
const maxEdits = 256

// diff returns the edits that lead from a to b, in order; no two of them touch. Elements that stand once in both are
// landmarks (as in patience diff), so that long sequences cost little more than their length.
func diff(a, b []int) []edit {
	var d differ
	d.run(a, b, 0, 0)
	return d.edits
}

type differ struct{ edits []edit }

// run appends the edits between a run of each sequence; at and newAt are where the runs begin.
func (d *differ) run(a, b []int, at, newAt int) {
	for len(a) > 0 && len(b) > 0 && a[0] == b[0] {
		a, b, at, newAt = a[1:], b[1:], at+1, newAt+1
	}
	for len(a) > 0 && len(b) > 0 && a[len(a)-1] == b[len(b)-1] {
		a, b = a[:len(a)-1], b[:len(b)-1]
	}
	if len(a) == 0 || len(b) == 0 {
		d.replace(at, at+len(a), newAt, newAt+len(b))
		return
	}
	marks := landmarks(a, b)
	if len(marks) == 0 {
		d.shortest(a, b, at, newAt)
		return
	}
	i, j := 0, 0
	for _, m := range marks {
		d.run(a[i:m[0]], b[j:m[1]], at+i, newAt+j)
		i, j = m[0]+1, m[1]+1
	}
	d.run(a[i:], b[j:], at+i, newAt+j)
}

// replace notes an edit, as one with the last where they touch.
func (d *differ) replace(from, to, newFrom, newTo int) {
	if from == to && newFrom == newTo {
		return
	}
	if n := len(d.edits); n > 0 && d.edits[n-1].to == from && d.edits[n-1].newTo == newFrom {
		d.edits[n-1].to, d.edits[n-1].newTo = to, newTo
		return
	}
	d.edits = append(d.edits, edit{from, to, newFrom, newTo})
}

// landmarks returns the longest row of elements that stand once in a and once in b, in the same order in both.
func landmarks(a, b []int) [][2]int {
	type seat struct{ a, b, inA, inB int }
	seats := make(map[int]seat, len(a))
	for i, x := range a {
		s := seats[x]
		seats[x] = seat{a: i, inA: s.inA + 1}
	}
	for j, x := range b {
		if s, ok := seats[x]; ok {
			s.b, s.inB = j, s.inB+1
			seats[x] = s
		}
	}
	// The longest increasing row of positions in b, by patience sorting: ends[k] is the last of the best row of k+1.
	type card struct{ a, b, before int }
	var cards []card
	var ends []int
	for i, x := range a {
		s := seats[x]
		if s.inA != 1 || s.inB != 1 {
			continue
		}
		low, high := 0, len(ends)
		for low < high {
			if mid := (low + high) / 2; cards[ends[mid]].b < s.b {
				low = mid + 1
			} else {
				high = mid
			}
		}
		c := card{a: i, b: s.b, before: -1}
		if low > 0 {
			c.before = ends[low-1]
		}
		cards = append(cards, c)
		if low == len(ends) {
			ends = append(ends, 0)
		}
		ends[low] = len(cards) - 1
	}
	if len(ends) == 0 {
		return nil
	}
	row := make([][2]int, len(ends))
	for k, c := len(ends)-1, ends[len(ends)-1]; k >= 0; k-- {
		row[k] = [2]int{cards[c].a, cards[c].b}
		c = cards[c].before
	}
	return row
}

// shortest appends the shortest script between two runs (Myers 1986, the greedy form).
func (d *differ) shortest(a, b []int, at, newAt int) {
	n, m := len(a), len(b)
	limit := min(n+m, maxEdits)
	reach := make([]int, 2*limit+2) // the furthest x on each diagonal, by diagonal + limit
	var trail [][]int
	for steps := 0; steps <= limit; steps++ {
		trail = append(trail, append([]int(nil), reach...))
		for k := -steps; k <= steps; k += 2 {
			x := 0
			switch {
			case steps == 0:
			case k == -steps || k != steps && reach[k-1+limit] < reach[k+1+limit]:
				x = reach[k+1+limit]
			default:
				x = reach[k-1+limit] + 1
			}
			for x < n && x-k < m && a[x] == b[x-k] {
				x++
			}
			reach[k+limit] = x
			if x >= n && x-k >= m {
				d.walkBack(trail, limit, steps, n, m, at, newAt)
				return
			}
		}
	}
	d.replace(at, at+n, newAt, newAt+m)
}

// walkBack reads the script off the trail that the search left, from its end.
func (d *differ) walkBack(trail [][]int, limit, steps, x, y, at, newAt int) {
	script := make([]edit, 0, steps)
	for ; steps > 0; steps-- {
		reach, k := trail[steps], x-y
		before := k - 1
		if k == -steps || k != steps && reach[k-1+limit] < reach[k+1+limit] {
			before = k + 1
		}
		px := reach[before+limit]
		py := px - before
		if before == k+1 { // a step down: an element of b
			script = append(script, edit{px, px, py, py + 1})
		} else {
			script = append(script, edit{px, px + 1, py, py})
		}
		x, y = px, py
	}
	for i := len(script) - 1; i >= 0; i-- {
		e := script[i]
		d.replace(at+e.from, at+e.to, newAt+e.newFrom, newAt+e.newTo)
	}
}

// chunk is a run of the base with what the two sides made of it.
type chunk struct {
	outcome                                            Outcome // Unchanged, Local, Server, Agreed or FieldConflict
	from, to, localFrom, localTo, serverFrom, serverTo int
}

// diff3 cuts three sequences into chunks, in order. Edits of both sides that overlap or touch fall into one chunk,
// which is a conflict unless they say the same.
func diff3(base, local, server []int) []chunk {
	left, right := diff(base, local), diff(base, server)
	var chunks []chunk
	at, l, s := 0, 0, 0 // how far base, local and server are told
	for len(left) > 0 || len(right) > 0 {
		region := edit{from: len(base) + 1}
		if len(left) > 0 {
			region = left[0]
		}
		if len(right) > 0 && right[0].from < region.from {
			region = right[0]
		}
		region.to = region.from
		nl, ns := 0, 0
		for grown := true; grown; {
			grown = false
			for nl < len(left) && left[nl].from <= region.to {
				region.to, nl, grown = max(region.to, left[nl].to), nl+1, true
			}
			for ns < len(right) && right[ns].from <= region.to {
				region.to, ns, grown = max(region.to, right[ns].to), ns+1, true
			}
		}
		if same := region.from - at; same > 0 {
			chunks = append(chunks, chunk{Unchanged, at, region.from, l, l + same, s, s + same})
			at, l, s = region.from, l+same, s+same
		}
		c := chunk{from: at, to: region.to, localFrom: l, serverFrom: s}
		c.localTo = l + region.to - at + growth(left[:nl])
		c.serverTo = s + region.to - at + growth(right[:ns])
		c.outcome = c.judge(local, server, nl > 0, ns > 0)
		chunks = append(chunks, c)
		at, l, s = c.to, c.localTo, c.serverTo
		left, right = left[nl:], right[ns:]
	}
	if same := len(base) - at; same > 0 {
		chunks = append(chunks, chunk{Unchanged, at, len(base), l, l + same, s, s + same})
	}
	return chunks
}

// growth is by how much edits make a sequence longer.
func growth(edits []edit) int {
	n := 0
	for _, e := range edits {
		n += e.newTo - e.newFrom - (e.to - e.from)
	}
	return n
}

func (c chunk) judge(local, server []int, byLocal, byServer bool) Outcome {
	switch {
	case !byServer:
		return Local
	case !byLocal:
		return Server
	}
	l, s := local[c.localFrom:c.localTo], server[c.serverFrom:c.serverTo]
	if len(l) != len(s) {
		return FieldConflict
	}
	for i := range l {
		if l[i] != s[i] {
			return FieldConflict
		}
	}
	return Agreed
}
