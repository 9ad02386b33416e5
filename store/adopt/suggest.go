package adopt

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"dovetail/merge"
	"dovetail/merge/schema"
	"dovetail/store"
)

// ErrNotAdopted says that a collection is no adopted table.
var ErrNotAdopted = errors.New("it is no adopted table")

// Suggest makes a JSON Schema of what an adopted table says of its rows: types, NOT NULL, CHECK … IN, defaults and, as
// comments, foreign keys. What a row that is there breaks is left out, and told.
func Suggest(ctx context.Context, s *store.Store, collection string) (text []byte, leftOut []string, err error) {
	if !s.InApplication() {
		return nil, nil, fmt.Errorf("%q: %w", collection, ErrNotAdopted)
	}
	err = s.Look(ctx, func(read Statements) error {
		t, err := Load(read)
		if err != nil {
			return err
		}
		k := t.known.Load()
		if k.byCollection[collection] == nil {
			return fmt.Errorf("%q: %w", collection, ErrNotAdopted)
		}
		text, leftOut, err = t.suggest(read, k.byCollection[collection])
		return err
	})
	return text, leftOut, err
}

// property is what a schema says of one field. Each keyword is JSON, "" for none.
type property struct {
	field    string
	comments []string
	kind     string // type, and what goes with it
	enum     string
	initial  merge.Value
	required bool
}

// The keywords that a row may break.
const (
	ofType     = "its type"
	ofEnum     = "the list of its values"
	ofRequired = "that it is required"
)

// suggestRounds is how often the rows are looked at: what the first round leaves out may have hidden something.
const suggestRounds = 4

func (t *Tables) suggest(s Statements, of *table) ([]byte, []string, error) {
	list, err := of.properties(s)
	if err != nil {
		return nil, nil, err
	}
	var leftOut []string
	for range suggestRounds {
		text := write(list)
		rules, err := schema.Parse(text)
		if err != nil {
			return nil, nil, fmt.Errorf("suggest a schema for %q: %w", of.collection, err)
		}
		broken := map[string]string{} // by field and keyword: a row
		if of.current == "" {
			return text, leftOut, nil
		}
		if err := t.Walk(s, of.collection, func(r Row) error {
			for _, v := range rules.Check.Broken(r.Fields) {
				field, keyword := brokenBy(v)
				if at := field + "\x00" + keyword; broken[at] == "" {
					broken[at] = r.Record.String()
				}
			}
			return nil
		}); err != nil {
			return nil, nil, err
		}
		if len(broken) == 0 {
			return text, leftOut, nil
		}
		for i := range list {
			leftOut = append(leftOut, list[i].leaveOut(broken)...)
		}
	}
	return nil, nil, fmt.Errorf("suggest a schema for %q: its rows break whatever is said of them", of.collection)
}

// brokenBy finds the field and the keyword that a row breaks.
func brokenBy(v merge.Violation) (field, keyword string) {
	path := strings.TrimPrefix(v.Paths[0], "/")
	path, _, below := strings.Cut(path, "/")
	field = strings.NewReplacer("~1", "/", "~0", "~").Replace(path)
	switch {
	case below:
		return field, ofType
	case strings.HasPrefix(v.Rule, "is one of "):
		return field, ofEnum
	case v.Rule == "is required":
		return field, ofRequired
	}
	return field, ofType
}

// leaveOut drops what a row breaks, and says so. A blob's member that is missing is of its type.
func (p *property) leaveOut(broken map[string]string) (told []string) {
	for _, keyword := range []string{ofType, ofEnum, ofRequired} {
		row := broken[p.field+"\x00"+keyword]
		if row == "" {
			continue
		}
		told = append(told, fmt.Sprintf("%s of %q, which %s breaks", keyword, p.field, row))
		switch keyword {
		case ofType:
			p.kind = ""
		case ofEnum:
			p.enum = ""
		case ofRequired:
			p.required = false
		}
	}
	return told
}

// properties says of each column what its table does.
func (t *table) properties(s Statements) ([]property, error) {
	lists := checks(t.shape.SQL)
	var all []property
	for _, i := range t.shape.stored() {
		c := t.shape.Columns[i]
		key := slices.ContainsFunc(t.shape.Key, func(k KeyPart) bool { return k.Column == i })
		null := !c.NotNull && !(key && (t.shape.Alias || t.shape.Bare))
		p := property{field: c.field(), kind: typeOf(c, null), required: !null && !key && c.Default == "" && c.Given == ""}
		if c.Type != "" {
			p.comments = append(p.comments, "declared "+c.Type)
		}
		for _, f := range t.shape.Foreign {
			if slices.ContainsFunc(f.Columns, func(name string) bool { return strings.EqualFold(name, c.Name) }) {
				p.comments = append(p.comments, foreignWords(f))
			}
		}
		if c.Default != "" {
			value, err := given(s, c)
			if err != nil {
				return nil, err
			}
			p.initial = value
		}
		if list, there := lists[strings.ToLower(c.Name)]; there {
			p.enum = enumOf(c, list, null)
		}
		all = append(all, p)
	}
	return all, nil
}

// foreignWords says which row a column names.
func foreignWords(f ForeignKey) string {
	text := "names a row of " + f.Table
	if len(f.Columns) > 1 {
		text += ", by " + strings.Join(f.Columns, ", ")
	}
	return text
}

// typeOf is the type of a column's values as JSON has them: "" where its declaration says too little. SQLite takes other
// values too where a table is not STRICT.
func typeOf(c Column, null bool) string {
	name := ""
	switch c.Affinity {
	case Integer:
		name = "integer"
	case Real:
		name = "number"
	case Text:
		name = "string"
	case Numeric:
		if !numeric.MatchString(c.Type) {
			return "" // as DATE, which holds texts
		}
		name = "number"
	case None:
		if !strings.Contains(strings.ToUpper(c.Type), "BLOB") {
			return ""
		}
		name = "object"
	}
	kind := `"type":"` + name + `"`
	if null {
		kind = `"type":["` + name + `","null"]`
	}
	if c.Affinity == None {
		kind += `,"properties":{"` + tagBlob + `":{"type":"string","contentEncoding":"base64"}},"required":["` + tagBlob +
			`"],"additionalProperties":false`
	}
	return kind
}

var numeric = regexp.MustCompile(`(?i)^(NUMERIC|DECIMAL|DEC|NUMBER)\b`)

// enumOf are the values of a CHECK … IN, as the column keeps them.
func enumOf(c Column, literals []any, null bool) string {
	var list []string
	for _, literal := range literals {
		value, err := Encode(c.Affinity.apply(literal), c.Affinity == None)
		if err != nil {
			return ""
		}
		if !slices.Contains(list, string(value)) {
			list = append(list, string(value))
		}
	}
	if null && !slices.Contains(list, string(merge.Null)) {
		list = append(list, string(merge.Null)) // what is NULL breaks no CHECK
	}
	return "[" + strings.Join(list, ",") + "]"
}

// write makes the text of a schema.
func write(list []property) []byte {
	var out strings.Builder
	var required []string
	out.WriteString(`{"$schema":"https://json-schema.org/draft/2020-12/schema","type":"object","properties":{`)
	for i, p := range list {
		name, _ := merge.StringValue(p.field)
		if i > 0 {
			out.WriteByte(',')
		}
		out.WriteString(string(name) + ":{")
		var words []string
		if p.kind != "" {
			words = append(words, p.kind)
		}
		if p.enum != "" {
			words = append(words, `"enum":`+p.enum)
		}
		if p.initial != merge.Absent && p.initial != merge.Null {
			words = append(words, `"default":`+string(p.initial))
		}
		if comment, ok := merge.StringValue(strings.Join(p.comments, "; ")); ok && len(p.comments) > 0 {
			words = append(words, `"$comment":`+string(comment))
		}
		out.WriteString(strings.Join(words, ",") + "}")
		if p.required {
			required = append(required, string(name))
		}
	}
	out.WriteString("}")
	if len(required) > 0 {
		out.WriteString(`,"required":[` + strings.Join(required, ",") + "]")
	}
	return []byte(out.String() + "}")
}
