package tui

import (
	"strings"
	"unicode/utf8"

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

// tailsOf leaves out the words that all of three long texts begin with, but the last one; none where there is little to
// leave out.
func tailsOf(f *field, mark safe.Cell) (tails [3]safe.Cell) {
	const worth = 8 // bytes
	sides := [3]merge.Value{f.Local, f.Server, f.Base}
	cells := [3]safe.Cell{f.local, f.server, f.base}
	for i, side := range sides {
		if t := side.Type(); t != merge.StringType && t != merge.NumberType || len(cells[i]) <= worth || len(cells[i]) > maxCompared {
			return tails
		}
	}
	last := min(lastAlike(cells[0], cells[1]), lastAlike(cells[1], cells[2]))
	if last <= worth {
		return tails
	}
	for i := range cells {
		tails[i] = mark + cells[i][last:]
	}
	return tails
}

// lastAlike is where the last word begins that two cells have in common at their start, in bytes; or, where the words
// after it are long and begin alike, as those of large numbers and keys do, a little before they differ.
func lastAlike(x, y safe.Cell) int {
	const long, shown = 9, 4
	a, b := x.Words(), y.Words()
	alike, last, i := 0, 0, 0
	for ; i < min(len(a), len(b)) && a[i] == b[i]; i++ {
		if a[i] != " " {
			last = alike
		}
		alike += len(a[i])
	}
	if i < min(len(a), len(b)) {
		n := 0
		for n < min(len(a[i]), len(b[i])) && a[i][n] == b[i][n] && a[i][n] < utf8.RuneSelf && a[i][n] != '\\' {
			n++
		}
		if n >= long {
			return alike + n - shown
		}
	}
	return last
}

// fitted is what a side's column shows where it is so wide.
func (f *field) fitted(c merge.Choice, width int) safe.Cell {
	cell := f.column(c)
	if tail := f.tails[c-merge.TakeLocal]; tail != "" && (len(cell) > 4*width || widthOf(cell) > width) {
		return tail
	}
	return cell
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
	in := func(list merge.Value, e merge.Value) bool {
		for _, x := range list.Elements() {
			if merge.Equal(x, e) {
				return true
			}
		}
		return false
	}
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
		c, base, local, server := elementCell(e, g), in(f.Base, e), in(f.Local, e), in(f.Server, e)
		switch {
		case base, local && server:
			plain(c)
		case local:
			out = append(out, span{theme.Local, localOpen + c + addClose})
		default:
			out = append(out, span{theme.Server, serverOpen + c + addClose})
		}
	}
	plain("]")
	for _, e := range f.Base.Elements() {
		if c := elementCell(e, g); !in(value, e) && !holdsMarks(c) {
			plain(" ")
			out = append(out, span{theme.Removed, removeOpen + c + removeClose})
		}
	}
	return out
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
