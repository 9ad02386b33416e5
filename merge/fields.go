package merge

import (
	"cmp"
	"slices"
)

// walker goes through the three sides of a record together, writes the joined document and notes what it met.
type walker struct {
	sides Sides
	// listed collects the leaves, if listing asks for them; only those that no side changed if same is set, else all
	// the others.
	listed        []Field
	listing, same bool
	path          []byte // kept only where listing, or a policy that looks for the time of an edit, needs it
	seen          outcomes
	// dropped says that a policy left out a value of the local side.
	dropped bool
}

// fields merges two objects member by member and appends the joined object. base may be nil.
func (w *walker) fields(dst, base, local, server []byte, rule *Rule, inherited Policy) []byte {
	above := len(w.path)
	b, l, s := open(base), open(local), open(server)
	disputed := w.disputedGroups(base, local, server, rule)
	passing := !w.same && !w.sides.BaseLost && len(disputed) == 0
	dst = append(dst, '{')
	for start := len(dst); ; {
		undo := len(dst)
		if undo > start {
			dst = append(dst, ',')
		}
		b.parse()
		if passing && !b.done && l.stands(b.member()) && s.stands(b.member()) {
			// Nobody touched it, whatever its policy is: it goes through in one piece.
			dst = append(dst, b.member()...)
			n := len(b.member())
			b.skip(n)
			l.skip(n)
			s.skip(n)
			continue
		}
		l.parse()
		s.parse()
		key := least(b.key(), l.key(), s.key())
		if key == nil {
			w.path = w.path[:above]
			return append(dst[:undo], '}')
		}
		dst = append(append(dst, key...), ':')
		before := len(dst)
		bv, lv, sv := take(&b, key), take(&l, key), take(&s, key)
		if dst = w.member(dst, key, bv, lv, sv, rule, inherited, disputed); len(dst) == before {
			dst = dst[:undo]
		}
	}
}

// member merges one member of an object and appends what becomes of its value.
func (w *walker) member(dst, key, base, local, server []byte, rule *Rule, inherited Policy, disputed map[string]bool) []byte {
	if rule == nil && !w.tracking() {
		return w.field(dst, base, local, server, nil, inherited)
	}
	name := unescape(key[1 : len(key)-1])
	above := len(w.path)
	w.path = appendToken(w.path, name)
	below := rule.member(name)
	if below != nil && below.Policy != Ignore && disputed[below.Group] {
		dst = w.grouped(dst, base, local, server, below.Group)
	} else {
		dst = w.field(dst, base, local, server, below, inherited)
	}
	w.path = w.path[:above]
	return dst
}

// tracking reports whether anybody asks for the path of a field.
func (w *walker) tracking() bool { return w.listing || w.sides.Edits != nil || len(w.sides.Apart) > 0 }

func least(a, b, c []byte) []byte {
	if compareKeys(b, a) < 0 {
		a = b
	}
	if compareKeys(c, a) < 0 {
		a = c
	}
	return a
}

// take returns the cursor's value if it stands on key, and moves on. The key may be the cursor's own.
func take(c *cursor, key []byte) []byte {
	if c.done || compareKeys(c.key(), key) != 0 {
		return nil
	}
	v := c.value()
	c.skip(len(c.member()))
	return v
}

// field merges one value, a leaf or an object to walk, and appends the result; nothing where the field goes.
func (w *walker) field(dst, base, local, server []byte, rule *Rule, inherited Policy) []byte {
	policy := rule.policyUnder(inherited)
	if isObject(local) && isObject(server) && policy != Ignore && (isObject(base) || policy == FieldsOf) {
		if !isObject(base) {
			base = nil
		}
		return w.fields(dst, base, local, server, rule, policy)
	}
	if policy == Keyed && !w.apartAbove() {
		if out, ok := w.keyed(dst, base, local, server, rule); ok {
			return out
		}
	}
	v := w.leaf(base, local, server, rule, policy)
	w.note(&v, base, local, server)
	return append(dst, v.result...)
}

func isObject(v []byte) bool { return len(v) > 0 && v[0] == '{' }

func isNumber(v []byte) bool { return len(v) > 0 && typeOf(v[0]) == NumberType }

// verdict is what the table of fields says of one leaf.
type verdict struct {
	outcome Outcome
	kind    Kind
	rule    string
	group   string
	hunks   []Hunk
	result  []byte // what stands in the joined document
}

// leaf decides one value. Where two sides are equal the server's text is kept.
func (w *walker) leaf(base, local, server []byte, rule *Rule, policy Policy) verdict {
	if policy == Ignore {
		return w.ignored(base, local, server)
	}
	if w.sides.BaseLost {
		return w.twoWay(local, server)
	}
	localSame, serverSame := equal(local, base), equal(server, base)
	switch {
	case localSame && serverSame:
		return verdict{outcome: Unchanged, result: server}
	case w.apart():
		return w.again(local, server)
	case policy == Immutable && w.sides.Base != nil:
		return verdict{outcome: FieldConflict, kind: w.kind(local, server), rule: policy.String(), result: server}
	case serverSame:
		return verdict{outcome: Local, result: local}
	case localSame:
		return verdict{outcome: Server, result: server}
	case !(policy == Counter && isNumber(local)) && equal(local, server): // two equal increments are two
		return verdict{outcome: Agreed, result: server}
	}
	j := w.join(policy, rule, base, local, server)
	if !j.ok {
		return verdict{outcome: FieldConflict, kind: w.kind(local, server), hunks: j.hunks, result: server}
	}
	switch policy {
	case PreferServer, Latest, Max, Min:
		w.dropped = w.dropped || !equal(j.value, local)
	}
	return verdict{outcome: Combined, rule: policy.String(), result: j.value}
}

// ignored keeps the server's value, or local's where the server has no record to keep one.
func (w *walker) ignored(base, local, server []byte) verdict {
	if w.sides.Server == nil {
		return verdict{outcome: Unchanged, result: local}
	}
	if !equal(local, base) && !equal(local, server) {
		w.dropped = true
	}
	return verdict{outcome: Unchanged, result: server}
}

// twoWay compares without a base: what is equal agrees, and a machine joins nothing.
func (w *walker) twoWay(local, server []byte) verdict {
	if equal(local, server) {
		return verdict{outcome: Agreed, result: server}
	}
	return verdict{outcome: FieldConflict, kind: NoBase, result: server}
}

// apart reports whether two people decided on the value at the walker's path, apartAbove on it as a whole.
func (w *walker) apart() bool { return len(w.sides.Apart) > 0 && w.sides.apart(string(w.path)) }

func (w *walker) apartAbove() bool {
	return len(w.sides.Apart) > 0 && w.sides.apartAbove(string(w.path))
}

// again is for a field that two people decided on: it is asked about, unless they came to the same.
func (w *walker) again(local, server []byte) verdict {
	if equal(local, server) {
		return verdict{outcome: Agreed, result: server}
	}
	return verdict{outcome: FieldConflict, kind: w.kind(local, server), rule: DecidedApart, result: server}
}

func (w *walker) kind(local, server []byte) Kind {
	switch {
	case len(local) > 0 && len(server) > 0 && typeOf(local[0]) != typeOf(server[0]):
		return TypeChange
	case w.sides.Base == nil:
		return CreateCreate
	}
	return EditEdit
}

// note lists the leaf at the walker's path.
func (w *walker) note(v *verdict, base, local, server []byte) {
	w.seen[v.outcome] = true
	if !w.listing || (v.outcome == Unchanged) != w.same {
		return
	}
	f := Field{Path: string(w.path), Outcome: v.outcome, Kind: v.kind, Rule: v.rule, Group: v.group, Hunks: v.hunks,
		Base: Value(base), Local: Value(local), Server: Value(server)}
	if v.outcome != FieldConflict {
		f.Result = Value(v.result)
	}
	w.listed = append(w.listed, f)
}

// sorted returns the leaves by path: the walk goes by key, and "/a/b" comes after "/a!" only in the text of pointers.
func (w *walker) sorted() []Field {
	slices.SortFunc(w.listed, byPath)
	return w.listed
}

func byPath(a, b Field) int { return cmp.Compare(a.Path, b.Path) }
