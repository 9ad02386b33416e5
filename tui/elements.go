package tui

import (
	"slices"
	"strings"

	"dovetail/merge"
	"dovetail/tui/safe"
	"dovetail/tui/theme"
)

// listView is what is drawn of a list that both sides, or one, made another list of: its elements that changed.
type listView struct {
	local, server []elementDrawn
	// cells are those of the columns; empty where the values themselves say more.
	localCell, serverCell safe.Cell
}

// elementDrawn is a change of one element.
type elementDrawn struct {
	role theme.Role
	text safe.Cell // with its sign: +put in, -taken out, ~moved or changed
	word safe.Cell // what the sign says
}

// maxListed bounds the lists that are compared by their elements, in bytes of all sides.
const maxListed = 1 << 20

// newListView compares the lists of a field; nil where it holds none.
func newListView(f *field, key string, g *glyphs) *listView {
	if f.Base.Type() != merge.ArrayType && f.Base != merge.Absent || len(f.Base)+len(f.Local)+len(f.Server) > maxListed {
		return nil
	}
	key = namingKey(key, f.Base, f.Local, f.Server)
	for _, side := range [...]merge.Value{f.Local, f.Server} {
		if t := side.Type(); t != merge.ArrayType && t != merge.AbsentType {
			return nil // of another type: the values tell more
		}
	}
	local, okLocal := drawnElements(f.Base, f.Local, key, g)
	server, okServer := drawnElements(f.Base, f.Server, key, g)
	if !okLocal && !okServer || f.Base == merge.Absent && !(okLocal && okServer) {
		return nil
	}
	v := &listView{local: local, server: server}
	if okLocal {
		v.localCell = elementsCell(local)
	}
	if okServer {
		v.serverCell = elementsCell(server)
	}
	if v.localCell == v.serverCell && f.Local != f.Server {
		v.localCell, v.serverCell = "", "" // what differs between them is in the values alone
	}
	return v
}

// namingKey is the member that names the elements: the one that the rules say, or `id` where all of them have one.
func namingKey(key string, sides ...merge.Value) string {
	if key != "" {
		return key
	}
	n := 0
	for _, side := range sides {
		for _, e := range side.Elements() {
			if e.Type() != merge.ObjectType || merge.Lookup(merge.Document(e), "/id") == merge.Absent {
				return ""
			}
			n++
		}
	}
	if n == 0 {
		return ""
	}
	return "id"
}

func drawnElements(base, side merge.Value, key string, g *glyphs) ([]elementDrawn, bool) {
	changes, ok := merge.ElementChanges(base, side, key)
	if !ok {
		return nil, false
	}
	var out []elementDrawn
	for _, c := range changes {
		name := elementCell(c.Value, g)
		if at := merge.Value(""); key != "" && c.Value.Type() == merge.ObjectType {
			if at = merge.Lookup(merge.Document(c.Value), "/"+escapedToken(key)); at != merge.Absent && c.How != merge.ElementAdded {
				name = elementCell(at, g)
			}
		}
		switch c.How {
		case merge.ElementAdded:
			out = append(out, elementDrawn{theme.Added, "+" + name, "added"})
		case merge.ElementRemoved:
			out = append(out, elementDrawn{theme.Removed, "-" + name, "removed"})
		case merge.ElementMoved:
			out = append(out, elementDrawn{theme.Strong, "~" + name + " moved", "moved"})
		case merge.ElementChanged:
			out = append(out, elementDrawn{theme.Strong, "~" + name + " " + membersCell(c, g), "changed"})
		}
	}
	return out, true
}

func escapedToken(s string) string { return strings.NewReplacer("~", "~0", "/", "~1").Replace(s) }

// membersCell says what became of the members of an element that changed.
func membersCell(c merge.ElementChange, g *glyphs) safe.Cell {
	if c.Was.Type() != merge.ObjectType || c.Value.Type() != merge.ObjectType {
		return elementCell(c.Was, g) + " " + g.arrow + " " + elementCell(c.Value, g)
	}
	was, is := merge.Document(c.Was), merge.Document(c.Value)
	var parts []string
	for _, f := range merge.Record(merge.Sides{Base: was, Local: is, Server: was}, nil).Fields {
		parts = append(parts, string(safe.Text(merge.PathLabel(f.Path))+" "+elementCell(f.Base, g)+g.arrow+elementCell(f.Local, g)))
	}
	return safe.Cell(strings.Join(parts, ", "))
}

// elementCell draws an element so that none passes for two, or for a sign of ours.
func elementCell(v merge.Value, g *glyphs) safe.Cell {
	c := g.value(v)
	if v.Type() == merge.StringType && v != `""` && (strings.ContainsAny(string(c), " ,:") || strings.ContainsAny(string(c[:1]), "+-~")) {
		return quotedCell(v, g)
	}
	return c
}

func elementsCell(all []elementDrawn) safe.Cell {
	var c safe.Cell
	for i := range all {
		if i > 0 {
			c += " "
		}
		c += all[i].text
	}
	return c
}

// elementSpans draws changes one after the other.
func elementSpans(all []elementDrawn) []span {
	var out []span
	for i := range all {
		if i > 0 {
			out = append(out, span{theme.Plain, "  "})
		}
		out = append(out, span{all[i].role, all[i].text})
	}
	return out
}

// column is what a side's column shows of the field.
func (f *field) column(c merge.Choice) safe.Cell {
	if f.list != nil {
		switch {
		case c == merge.TakeLocal && f.list.localCell != "":
			return f.list.localCell
		case c == merge.TakeServer && f.list.serverCell != "":
			return f.list.serverCell
		}
	}
	return f.side(c)
}

// listOption draws what a side made of a list, against base, or the server's against local where that is asked for;
// none where the value says it better.
func (m *resolveModel) listOption(f *field, c merge.Choice) []span {
	if f.list == nil {
		return nil
	}
	all, value := f.list.local, f.Local
	switch {
	case c == merge.TakeCombined:
		return m.listCombined(f)
	case m.sides && c == merge.TakeServer:
		value = f.Server
		all, _ = drawnElements(f.Local, f.Server, namingKey(m.s.Rules.Key(f.Path), f.Local, f.Server), m.env.glyphs)
	case m.sides || c == merge.TakeBase:
		return nil
	case c == merge.TakeServer:
		all, value = f.list.server, f.Server
	}
	if len(all) == 0 || value.Type() != merge.ArrayType {
		return nil
	}
	n := len(value.Elements())
	return append(elementSpans(all), span{theme.Dim, m.env.glyphs.dot + safe.Cell(plural(n, "element"))})
}

// listCombined draws the list that `combined` writes, with what each side put in, and after it what is taken out.
func (m *resolveModel) listCombined(f *field) []span {
	value, cell := m.combined(f)
	if value.Type() != merge.ArrayType || len(value) > maxCompared || holdsMarks(cell) || strings.Contains(string(cell), localOpen) || strings.Contains(string(cell), serverOpen) {
		return nil
	}
	base, local, server, result := newElementSet(f.Base), newElementSet(f.Local), newElementSet(f.Server), newElementSet(value)
	g, out := m.env.glyphs, []span{{theme.Plain, "["}}
	plain := func(c safe.Cell) { // what stays is one span, so that most of it can be left out
		if last := &out[len(out)-1]; last.role == theme.Plain {
			last.text += c
		} else {
			out = append(out, span{theme.Plain, c})
		}
	}
	for i, e := range value.Elements() {
		if i > 0 {
			plain(", ")
		}
		c := elementCell(e, g)
		switch {
		case base.has(e), local.has(e) && server.has(e):
			plain(c)
		case local.has(e):
			out = append(out, span{theme.Local, localOpen + c + addClose})
		default:
			out = append(out, span{theme.Server, serverOpen + c + addClose})
		}
	}
	plain("]")
	for _, e := range f.Base.Elements() {
		if c := elementCell(e, g); !result.has(e) && !holdsMarks(c) {
			plain(" ")
			out = append(out, span{theme.Removed, removeOpen + c + removeClose})
		}
	}
	return out
}

// elementSet finds the elements of a list: by their text mostly, else by what they mean.
type elementSet struct {
	all  []merge.Value
	text map[merge.Value]bool
}

func newElementSet(list merge.Value) elementSet {
	s := elementSet{all: list.Elements(), text: map[merge.Value]bool{}}
	for _, e := range s.all {
		s.text[e] = true
	}
	return s
}

func (s elementSet) has(e merge.Value) bool {
	return s.text[e] || slices.ContainsFunc(s.all, func(x merge.Value) bool { return merge.Equal(x, e) })
}

// fullElements tells, for the full view, who did what to the elements.
func (m *resolveModel) fullElements(f *field) []fullLine {
	if f.list == nil || f.disputed > 0 || len(f.list.local)+len(f.list.server) == 0 {
		return nil
	}
	lines := []fullLine{{role: theme.Strong, head: true, text: "CHANGES since base"}}
	now, in, g := m.env.now(), m.env.location, m.env.glyphs
	side := func(role theme.Role, name safe.Cell, by merge.Stamp, all []elementDrawn) {
		if who := who(by, now, in, g); who != "" {
			name += g.dot + who
		}
		if len(all) > 0 {
			lines = append(lines, fullLine{spans: []span{{role, name}}})
		}
		for i := range all {
			lines = append(lines, wrapped([]span{{theme.Plain, "  "}, {all[i].role, all[i].text}}, m.width-4)...)
		}
	}
	side(theme.Local, "local", m.s.Local, f.list.local)
	side(theme.Server, "server", m.s.Server, f.list.server)
	return append(lines, fullLine{})
}
