package merge

// disputedGroups returns the groups among an object's members that both sides touched, and not alike. A group is one
// unit: what one side alone touched comes from that side by the rules for each member.
func (w *walker) disputedGroups(base, local, server []byte, rule *Rule) map[string]bool {
	if rule == nil {
		return nil
	}
	type state struct{ byLocal, byServer, differ bool }
	var states map[string]state
	consider := func(name string, member *Rule) {
		if member.Group == "" || member.Policy == Ignore {
			return
		}
		b, l, s := lookupMember(base, name), lookupMember(local, name), lookupMember(server, name)
		g := states[member.Group]
		both := w.sides.BaseLost || len(w.sides.Apart) > 0 && w.sides.apart(string(appendToken(w.path, []byte(name))))
		g.byLocal = g.byLocal || both || !equal(l, b)
		g.byServer = g.byServer || both || !equal(s, b)
		g.differ = g.differ || !equal(l, s)
		if states == nil {
			states = map[string]state{}
		}
		states[member.Group] = g
	}
	for name, member := range rule.Properties {
		consider(name, member)
	}
	if more := rule.Additional; more != nil && more.Group != "" {
		for _, object := range [...][]byte{base, local, server} {
			members(object, func(key, _ []byte) bool {
				name := string(unescape(key[1 : len(key)-1]))
				if _, named := rule.Properties[name]; !named {
					consider(name, more)
				}
				return true
			})
		}
	}
	var disputed map[string]bool
	for group, g := range states {
		if g.byLocal && g.byServer && g.differ {
			if disputed == nil {
				disputed = map[string]bool{}
			}
			disputed[group] = true
		}
	}
	return disputed
}

// grouped lists a member of a group in dispute, changed or not: the group is decided as one.
func (w *walker) grouped(dst, base, local, server []byte, group string) []byte {
	v := verdict{outcome: FieldConflict, kind: GroupKind, group: group, result: server}
	if w.sides.BaseLost {
		v.kind = NoBase // so that nobody is offered a base
	}
	w.note(&v, base, local, server)
	return append(dst, server...)
}
