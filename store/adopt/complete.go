package adopt

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"dovetail/merge"
)

// Complete makes the document of a record from what its row holds and what is known of it. A field that the table has no
// column for stays as it is known: whoever writes a row without that column says nothing of it. A column that came after
// the table was adopted is left out where it holds what it was given then, and nothing is known of it: nobody wrote it.
func (t *Tables) Complete(collection string, row, known merge.Document) merge.Document {
	k := t.known.Load()
	if k == nil || k.byCollection[collection] == nil || row == nil {
		return row
	}
	return k.byCollection[collection].complete(row, known)
}

func (t *table) complete(row, known merge.Document) merge.Document {
	fresh := known == nil
	if fresh {
		known = merge.Document(`{}`)
	}
	out := append(make([]byte, 0, len(row)+len(known)), '{')
	held, heard := members{text: row, at: 1}, members{text: known, at: 1}
	held.next()
	heard.next()
	for held.more || heard.more {
		order := strings.Compare(held.name, heard.name)
		switch {
		case !heard.more:
			order = -1
		case !held.more:
			order = 1
		}
		switch {
		case order < 0 && t.tells(held.name, held.value, fresh):
			out = held.appendTo(out)
		case order > 0 && t.carries(heard.name, heard.value, known):
			out = heard.appendTo(out)
		case order == 0 && (t.live[held.name] != nil || t.keeps(held.name)):
			out = held.appendTo(out)
		case order == 0:
			out = heard.appendTo(out)
		}
		if order <= 0 {
			held.next()
		}
		if order >= 0 {
			heard.next()
		}
	}
	return append(out, '}')
}

// carries reports whether a field stays that the row has no column for: unless its column is called otherwise, and the record
// has not been heard of since.
func (t *table) carries(name string, value []byte, known merge.Document) bool {
	now, away := t.shape.Called[name]
	if away && string(value) != string(merge.Null) && merge.Lookup(known, pointer(now)) == merge.Absent {
		return false
	}
	return t.live[name] == nil
}

// tells reports whether what a row holds in a column, of which nothing is known, is what somebody wrote there; fresh: nothing
// is known of the row.
func (t *table) tells(name string, value []byte, fresh bool) bool {
	log := t.live[name]
	switch {
	case log == nil:
		return t.keeps(name)
	case log.given == "" && t.shape.Follows && !fresh:
		return string(value) != string(merge.Null) // it is not at the hub, and that is how it is written here
	}
	return log.given == "" || string(log.given) != string(value)
}

// keeps reports whether a column is gone, and what is logged of it is from before.
func (t *table) keeps(name string) bool {
	return slices.ContainsFunc(t.logs, func(log logColumn) bool { return log.name == name && log.kept })
}

// members walks the members of a canonical document.
type members struct {
	text       []byte
	at         int
	more       bool
	name       string
	raw, value []byte // the name as it is written, and the value
}

func (m *members) next() {
	if m.more = m.at < len(m.text) && m.text[m.at] == '"'; !m.more {
		return
	}
	end := stringEnd(m.text, m.at)
	m.raw = m.text[m.at:end]
	m.name = string(m.raw[1 : len(m.raw)-1])
	if strings.IndexByte(m.name, '\\') >= 0 {
		_ = json.Unmarshal(m.raw, &m.name) // it is canonical
	}
	start, depth := end+1, 0
	for m.at = start; m.at < len(m.text); m.at++ {
		switch m.text[m.at] {
		case '"':
			m.at = stringEnd(m.text, m.at) - 1
		case '{', '[':
			depth++
		case '}', ']':
			depth--
		}
		if depth < 0 || depth == 0 && m.text[m.at] == ',' {
			break
		}
	}
	m.value = m.text[start:min(m.at, len(m.text))]
	m.at++
}

// appendTo adds the member to an object that is being written.
func (m *members) appendTo(out []byte) []byte {
	if len(out) > 1 {
		out = append(out, ',')
	}
	return append(append(append(out, m.raw...), ':'), m.value...)
}

// stringEnd is where the text behind a JSON string begins.
func stringEnd(text []byte, at int) int {
	for at++; at < len(text) && text[at] != '"'; at++ {
		if text[at] == '\\' {
			at++
		}
	}
	return at + 1
}

// inherit takes over what is to be known still of a table that was adopted before, or is adopted somewhere else.
//
// A column that has another name now gives it to its field. On a replica the field is called as it was, so that its hub
// knows it, until the hub calls it by that name too.
func (p *planned) inherit(s Statements, follows bool) error {
	old := p.was
	if old == nil {
		old = p.from
	}
	if old == nil {
		return nil
	}
	shape := &p.shape
	shape.Once, shape.Called = slices.Clone(old.shape.Once), map[string]string{}
	for was, is := range old.shape.Called {
		shape.Called[was] = is
	}
	for _, log := range old.logs {
		switch {
		case log.gone:
			shape.Once = append(shape.Once, log.name)
		}
	}
	for _, i := range shape.stored() {
		c := &shape.Columns[i]
		at := slices.IndexFunc(old.logs, func(log logColumn) bool { return !log.gone && log.now == c.Name })
		var err error
		if at < 0 {
			p.fresh = append(p.fresh, c.Name)
			c.Given, err = given(s, *c)
		} else {
			c.Given = old.logs[at].given
			err = p.renamed(s, c, old.logs[at].name, follows)
		}
		if err != nil {
			return fmt.Errorf("column %q: %w", c.Name, err)
		}
		delete(shape.Called, c.field())
		shape.Once = slices.DeleteFunc(shape.Once, func(name string) bool { return name == c.field() })
	}
	return nil
}

// renamed sees to a column of a field that may be called otherwise.
func (p *planned) renamed(s Statements, c *Column, field string, follows bool) error {
	if field == c.Name {
		return nil
	}
	known := 0
	if follows {
		there, err := one(s, []any{&known}, `SELECT 1 FROM dovetail_row_field WHERE adopted = ?1 AND field = ?2`, p.number, c.Name)
		if err != nil {
			return err
		}
		if !there {
			c.Field = field
			return nil
		}
	}
	p.fresh = append(p.fresh, c.Name)
	p.shape.Called[field] = c.Name
	return nil
}

// Literals of several tokens.
var (
	literalNumber = regexp.MustCompile(`^[+-]?\s*[0-9.]+([eE][+-]?[0-9]+)?$`)
	literalBlob   = regexp.MustCompile(`^[xX]'[0-9a-fA-F]*'$`)
)

// given is what a column that is added gives to the rows that are there; "" where that cannot be told. Only a literal is
// looked at: an expression from the file is not run by ourselves.
func given(s Statements, c Column) (merge.Value, error) {
	if c.Default == "" {
		return merge.Null, nil
	}
	text := defaultSQL(c.Default)
	literal := len(tokens(c.Default)) == 1 || literalNumber.MatchString(c.Default) || literalBlob.MatchString(c.Default)
	if !literal || strings.HasPrefix(text, "CURRENT_") {
		return "", nil
	}
	if literalNumber.MatchString(c.Default) && c.Affinity == Text { // the rows that are there get it as it is written
		return Encode(c.Default, false)
	}
	cell, into := cells(1)
	if _, err := one(s, into, `SELECT `+text); err != nil {
		return "", err
	}
	return Encode(c.Affinity.apply(cell[0]), c.Affinity == None)
}
