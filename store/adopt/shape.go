package adopt

import (
	"cmp"
	"database/sql"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"dovetail/merge"
)

// Shape is what a table is made of.
type Shape struct {
	Table   string       `json:"table"`
	SQL     string       `json:"sql"` // its CREATE TABLE
	Strict  bool         `json:"strict,omitempty"`
	Bare    bool         `json:"bare,omitempty"`  // WITHOUT ROWID
	RowID   string       `json:"rowid,omitempty"` // a name of the rowid that no column hides; "" for none
	Columns []Column     `json:"columns"`         // in the order of the table; generated ones too
	Key     []KeyPart    `json:"key"`
	Alias   bool         `json:"alias,omitempty"` // the key is the rowid
	Uniques []Unique     `json:"uniques,omitempty"`
	Foreign []ForeignKey `json:"foreign,omitempty"`
	// Triggers are the application's own, by name: they run whenever dovetail writes a row.
	Triggers []string `json:"triggers,omitempty"`
	// Follows: it was adopted on a replica, whose hub says what fields there are. Once are columns that it had when it was adopted before, and has no more; Called are those that have another name now.
	Follows bool              `json:"follows,omitempty"`
	Once    []string          `json:"once,omitempty"`
	Called  map[string]string `json:"called,omitempty"`
}

// Column is one column of a table.
type Column struct {
	Name      string   `json:"name"`
	Type      string   `json:"type,omitempty"` // as declared
	Affinity  Affinity `json:"affinity"`
	NotNull   bool     `json:"not_null,omitempty"`
	Default   string   `json:"default,omitempty"` // SQL; "" for none
	Generated bool     `json:"generated,omitempty"`
	// Given is what the rows that were there got, as JSON, where the column came after the table was adopted; "" where it
	// did not. A record that has no such field and a row that holds this are the same.
	Given merge.Value `json:"given,omitempty"`
	// Field is what it is called in documents, where that is not its name: it was renamed here, and not at the hub.
	Field string `json:"field,omitempty"`
}

// field is what the column is called in documents.
func (c Column) field() string {
	if c.Field != "" {
		return c.Field
	}
	return c.Name
}

// KeyPart is one column of the key.
type KeyPart struct {
	Column    int      `json:"column"` // in Shape.Columns
	Affinity  Affinity `json:"affinity"`
	Collation string   `json:"collation"`
}

// Unique is an index that two rows cannot share.
type Unique struct {
	Name  string `json:"name"`
	Terms []Term `json:"terms"`
	Where string `json:"where,omitempty"` // SQL: which rows it is about
}

// Term is one thing that a Unique compares.
type Term struct {
	Column    int    `json:"column"` // in Shape.Columns; -1 for an expression, -2 for the rowid
	SQL       string `json:"sql,omitempty"`
	Collation string `json:"collation"`
}

// The terms that are no column.
const (
	expression = -1
	rowID      = -2
)

// ForeignKey says that columns of the table name a row of another one.
type ForeignKey struct {
	Columns []string `json:"columns"`
	Table   string   `json:"table"`
	To      []string `json:"to,omitempty"` // empty: its primary key
}

// RefusedError says why a table is not adopted.
type RefusedError struct {
	Table  string
	Reason string
}

func (e *RefusedError) Error() string {
	return fmt.Sprintf("%q cannot be adopted: %s", e.Table, e.Reason)
}

// maxColumns leaves room for the columns of the log beside those of a table: SQLite allows 2 000.
const maxColumns = 1_900

// Inspect says what a table is made of. A table that cannot be adopted is a *[RefusedError].
func Inspect(s Statements, name string) (Shape, error) {
	refuse := func(reason string, args ...any) (Shape, error) {
		return Shape{}, &RefusedError{Table: name, Reason: fmt.Sprintf(reason, args...)}
	}
	var kind, encoding string
	shape := Shape{}
	found, err := one(s, []any{&shape.Table, &kind, &shape.Bare, &shape.Strict}, `
		SELECT name, type, wr, strict
		FROM pragma_table_list
		WHERE schema = 'main' AND name = ?1 COLLATE NOCASE`, name)
	if err == nil {
		_, err = one(s, []any{&encoding}, `PRAGMA encoding`)
	}
	if err != nil {
		return Shape{}, fmt.Errorf("look for table %q: %w", name, err)
	}
	switch prefix := strings.ToLower(name); {
	case strings.HasPrefix(prefix, "sqlite_"):
		return refuse("it is a table of SQLite itself")
	case strings.HasPrefix(prefix, "dovetail_"):
		return refuse("it is a table of dovetail")
	case name == "":
		return refuse("it has no name")
	case !found:
		return refuse("there is no such table")
	case kind == "view":
		return refuse("it is a view, which holds no rows; adopt the tables that it shows")
	case kind == "virtual":
		return refuse("it is a virtual table: a module of SQLite keeps its rows, and takes no triggers")
	case kind == "shadow":
		return refuse("it is a shadow table, which belongs to a virtual table")
	case kind != "table":
		return refuse("it is a %s", kind)
	case encoding != "UTF-8":
		return refuse("the database keeps text as %s, dovetail reads UTF-8 only", encoding)
	}
	if err := shape.read(s); err != nil {
		return Shape{}, err
	}
	return shape, shape.check(s)
}

// read fills what the pragmas say.
func (shape *Shape) read(s Statements) error {
	if _, err := one(s, []any{&shape.SQL}, `SELECT sql FROM sqlite_schema WHERE type = 'table' AND name = ?1`, shape.Table); err != nil {
		return err
	}
	var err error
	if shape.Columns, err = readColumns(s, shape.Table, shape.Strict); err != nil {
		return err
	}
	if !shape.Bare {
		shape.RowID = shape.nameRowID()
	}
	if err := shape.readKey(s); err != nil {
		return err
	}
	if err := shape.readForeign(s); err != nil {
		return err
	}
	return s.Rows(func(rows *sql.Rows) error {
		var name string
		err := rows.Scan(&name)
		shape.Triggers = append(shape.Triggers, name)
		return err
	}, `
		SELECT name
		FROM sqlite_schema
		WHERE type = 'trigger' AND tbl_name = ?1 AND name NOT LIKE 'dovetail\_%' ESCAPE '\'
		ORDER BY name`, shape.Table)
}

func readColumns(s Statements, table string, strict bool) ([]Column, error) {
	var list []Column
	return list, s.Rows(func(rows *sql.Rows) error {
		var c Column
		var value sql.NullString
		var hidden int
		if err := rows.Scan(&c.Name, &c.Type, &c.NotNull, &value, &hidden); err != nil {
			return err
		}
		c.Affinity, c.Default, c.Generated = affinityOf(c.Type, strict), value.String, hidden > 1
		list = append(list, c)
		return nil
	}, `
		SELECT name, type, "notnull", dflt_value, hidden
		FROM pragma_table_xinfo(?1, 'main')
		ORDER BY cid`, table)
}

// nameRowID is a name of the rowid that no column has; "" where there is none.
func (shape *Shape) nameRowID() string {
	for _, name := range []string{"rowid", "_rowid_", "oid"} {
		if !slices.ContainsFunc(shape.Columns, func(c Column) bool { return strings.EqualFold(c.Name, name) }) {
			return name
		}
	}
	return ""
}

// index is a unique index as the pragmas tell it.
type index struct {
	Unique
	origin  string
	partial bool
}

// readKey finds the key and the unique indexes.
func (shape *Shape) readKey(s Statements) error {
	list, err := shape.readIndexes(s)
	if err != nil {
		return err
	}
	keyed := -1
	for i, x := range list {
		if x.origin == "pk" {
			keyed = i
		}
	}
	if keyed < 0 && !shape.Bare {
		primary := -1
		_, err := one(s, []any{&primary}, `SELECT cid FROM pragma_table_xinfo(?1, 'main') WHERE pk = 1`, shape.Table)
		if err != nil {
			return err
		}
		if primary >= 0 { // without an index of its own it is the rowid
			shape.Alias, shape.RowID = true, shape.Columns[primary].Name
			shape.Key = []KeyPart{{Column: primary, Affinity: Integer, Collation: "BINARY"}}
		}
	}
	if keyed < 0 && !shape.Alias {
		keyed = slices.IndexFunc(list, func(x index) bool { return shape.names(x) })
	}
	if keyed >= 0 {
		for _, term := range list[keyed].Terms {
			shape.Key = append(shape.Key, KeyPart{term.Column, shape.Columns[term.Column].Affinity, term.Collation})
		}
	}
	for i, x := range list {
		if i != keyed || !shape.exact() {
			shape.Uniques = append(shape.Uniques, x.Unique)
		}
	}
	if !shape.Bare && !shape.Alias {
		shape.Uniques = append(shape.Uniques, Unique{Name: "rowid", Terms: []Term{{Column: rowID, Collation: "BINARY"}}})
	}
	return nil
}

// names reports whether every row has one, and only one, set of values in an index.
func (shape *Shape) names(x index) bool {
	return !x.partial && !slices.ContainsFunc(x.Terms, func(t Term) bool {
		return t.Column < 0 || !shape.Columns[t.Column].NotNull || shape.Columns[t.Column].Generated
	})
}

// exact reports whether keys that the index takes for equal are equal in type and bytes.
func (shape *Shape) exact() bool {
	return !slices.ContainsFunc(shape.Key, func(k KeyPart) bool { return k.Affinity == None || k.Collation != "BINARY" })
}

// readIndexes lists the unique indexes: constraints first, then by the number of columns and by name.
func (shape *Shape) readIndexes(s Statements) ([]index, error) {
	var list []index
	err := s.Rows(func(rows *sql.Rows) error {
		var x index
		err := rows.Scan(&x.Name, &x.origin, &x.partial)
		list = append(list, x)
		return err
	}, `SELECT name, origin, partial FROM pragma_index_list(?1, 'main') WHERE "unique"`, shape.Table)
	for i := range list {
		if err == nil {
			err = shape.readIndex(s, &list[i])
		}
	}
	slices.SortFunc(list, func(a, b index) int {
		return cmp.Or(-cmp.Compare(a.origin, b.origin), cmp.Compare(len(a.Terms), len(b.Terms)), cmp.Compare(a.Name, b.Name))
	})
	return list, err
}

func (shape *Shape) readIndex(s Statements, x *index) error {
	var text sql.NullString
	if _, err := one(s, []any{&text}, `SELECT sql FROM sqlite_schema WHERE type = 'index' AND name = ?1`, x.Name); err != nil {
		return err
	}
	written, where := indexText(text.String)
	x.Where = where
	return s.Rows(func(rows *sql.Rows) error {
		var t Term
		if err := rows.Scan(&t.Column, &t.Collation); err != nil {
			return err
		}
		if t.Column < 0 { // here -2 is an expression, -1 the rowid
			t.Column = -3 - t.Column
		}
		if t.Column == expression {
			if len(x.Terms) >= len(written) {
				return &RefusedError{Table: shape.Table, Reason: fmt.Sprintf("the text of its index %q is not understood", x.Name)}
			}
			t.SQL = written[len(x.Terms)]
		}
		x.Terms = append(x.Terms, t)
		return nil
	}, `SELECT cid, coll FROM pragma_index_xinfo(?1, 'main') WHERE "key" ORDER BY seqno`, x.Name)
}

func (shape *Shape) readForeign(s Statements) error {
	last := -1
	return s.Rows(func(rows *sql.Rows) error {
		var id int
		var table, from string
		var to sql.NullString
		if err := rows.Scan(&id, &table, &from, &to); err != nil {
			return err
		}
		if id != last {
			shape.Foreign = append(shape.Foreign, ForeignKey{Table: table})
			last = id
		}
		f := &shape.Foreign[len(shape.Foreign)-1]
		f.Columns = append(f.Columns, from)
		if to.Valid {
			f.To = append(f.To, to.String)
		}
		return nil
	}, `SELECT id, "table", "from", "to" FROM pragma_foreign_key_list(?1, 'main') ORDER BY id, seq`, shape.Table)
}

// check refuses what cannot be represented, or not written.
func (shape *Shape) check(s Statements) error {
	reason := ""
	switch {
	case !utf8.ValidString(shape.SQL):
		reason = "its definition is not valid UTF-8"
	case len(shape.Columns) > maxColumns:
		reason = fmt.Sprintf("it has %d columns, of which at most %d can be logged", len(shape.Columns), maxColumns)
	case len(shape.Key) == 0:
		reason = "it has no key: neither a PRIMARY KEY nor a UNIQUE index of columns that are NOT NULL"
	case shape.RowID == "" && !shape.Bare:
		reason = "its columns take every name of the rowid (rowid, _rowid_, oid)"
	}
	if reason != "" {
		return &RefusedError{Table: shape.Table, Reason: reason}
	}
	var name, collation string
	found, err := one(s, []any{&name, &collation}, `
		SELECT l.name, x.coll
		FROM pragma_index_list(?1, 'main') AS l
		JOIN pragma_index_xinfo(l.name, 'main') AS x
		WHERE upper(x.coll) NOT IN ('BINARY', 'NOCASE', 'RTRIM')`, shape.Table)
	if err != nil {
		return err
	}
	if found {
		reason = fmt.Sprintf("its index %q compares by %s, which only the application knows", name, collation)
		return &RefusedError{Table: shape.Table, Reason: reason}
	}
	nameless, err := shape.countNameless(s)
	if err == nil && nameless > 0 {
		return &RefusedError{Table: shape.Table, Reason: fmt.Sprintf("%d of its rows have NULL in the key, so that nothing names them", nameless)}
	}
	return err
}

// countNameless counts the rows that have NULL in the key.
func (shape *Shape) countNameless(s Statements) (int, error) {
	if shape.Alias || shape.Bare {
		return 0, nil
	}
	var null []string
	for _, k := range shape.Key {
		if !shape.Columns[k.Column].NotNull {
			null = append(null, quote(shape.Columns[k.Column].Name)+" IS NULL")
		}
	}
	n := 0
	if len(null) == 0 {
		return 0, nil
	}
	_, err := one(s, []any{&n}, `SELECT count(*) FROM `+quote(shape.Table)+` WHERE `+strings.Join(null, ` OR `))
	return n, err
}

// stored are the columns that are not generated, in the order of the log, with their places in Columns.
func (shape *Shape) stored() []int {
	var list []int
	for i, c := range shape.Columns {
		if !c.Generated {
			list = append(list, i)
		}
	}
	return list
}
