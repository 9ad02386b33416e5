package merge

import (
	"cmp"
	"slices"
)

// walker goes through the three sides of a record together, writes the joined document and notes what it met.
type walker struct {
	sides Sides
	// listed collects the leaves; only those that no side changed if same is set, else all the others.
	listed []Field
	same   bool
	path   []byte
	// dropped says that a policy left out a value of the local side.
	dropped bool
}

// fields merges two objects member by member and appends the joined object. base may be nil.
func (w *walker) fields(dst, base, local, server []byte, rule *Rule, inherited Policy) []byte {
	above := len(w.path)
	dst = append(dst, '{')
	start := len(dst)
	b, l, s := members(base), members(local), members(server)
	disputed := w.disputedGroups(base, local, server, rule)
	for {
		key := least(b.key, l.key, s.key)
		if key == nil {
			w.path = w.path[:above]
			return append(dst, '}')
		}
		bv, lv, sv := take(&b, key), take(&l, key), take(&s, key)
		name := unescape(key[1 : len(key)-1])
		w.path = appendToken(w.path[:above], name)
		undo := len(dst)
		if len(dst) > start {
			dst = append(dst, ',')
		}
		dst = append(append(dst, key...), ':')
		before := len(dst)
		below := rule.member(name)
		if below != nil && below.Policy != Ignore && disputed[below.Group] {
			dst = w.grouped(dst, bv, lv, sv, below.Group)
		} else {
			dst = w.field(dst, bv, lv, sv, below, inherited)
		}
		if len(dst) == before {
			dst = dst[:undo]
		}
	}
}

func least(a, b, c []byte) []byte {
	if compareKeys(b, a) < 0 {
		a = b
	}
	if compareKeys(c, a) < 0 {
		a = c
	}
	return a
}

// take returns the cursor's value if it stands on key, and moves on.
func take(c *cursor, key []byte) []byte {
	if c.key == nil || compareKeys(c.key, key) != 0 {
		return nil
	}
	v := c.val
	c.next()
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
	if policy == Keyed {
		if out, ok := w.keyed(dst, base, local, server, rule); ok {
			return out
		}
	}
	v := w.leaf(base, local, server, rule, policy)
	w.note(&v, base, local, server)
	return append(dst, v.result...)
}

func isObject(v []byte) bool { return len(v) > 0 && v[0] == '{' }

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
	case policy == Immutable && w.sides.Base != nil:
		return verdict{outcome: FieldConflict, kind: w.kind(local, server), rule: policy.String(), result: server}
	case serverSame:
		return verdict{outcome: Local, result: local}
	case localSame:
		return verdict{outcome: Server, result: server}
	case policy != Counter && equal(local, server): // two equal increments are two
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
	if (v.outcome == Unchanged) != w.same {
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
