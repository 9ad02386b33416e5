package adopt

import (
	"context"
	"database/sql"
	"fmt"
	"maps"
	"slices"
	"strings"

	"dovetail/store"
)

// What says how a table differs from what it was when it was adopted.
type What uint8

// What can be found of an adopted table.
const (
	Gone         What = iota // the table is not there
	Renamed                  // the table has another name
	Rebuilt                  // the triggers are gone, as where a table was made anew: what was done since was not logged
	Altered                  // a trigger was changed by somebody
	ColumnNew                // a column is not logged
	ColumnGone               // a column was dropped
	ColumnName               // a column was renamed
	ColumnType               // a column has another type
	KeyChanged               // other columns are the key
	UniqueChange             // other columns are unique
	Definition               // something else in the definition
	Nameless                 // rows have NULL in the key: they are not followed
	FieldOnly                // records have a field that the table has no column for
)

var whatNames = [...]string{"gone", "renamed", "rebuilt", "altered", "column-new", "column-gone", "column-name", "column-type",
	"key", "unique", "definition", "nameless", "field"}

// String returns a word for scripts.
func (w What) String() string { return whatNames[w] }

// MarshalText makes w what String says.
func (w What) MarshalText() ([]byte, error) { return []byte(w.String()), nil }

// Unwatched reports whether some of what clients write is not logged any more.
func (w What) Unwatched() bool {
	switch w {
	case Rebuilt, Altered, ColumnNew, KeyChanged, UniqueChange, Nameless:
		return true
	}
	return false
}

// Finding is one difference, in words.
type Finding struct {
	Collection string `json:"collection"`
	Table      string `json:"table"` // what it is called now; as it was adopted where it is gone
	What       What   `json:"what"`
	Column     string `json:"column,omitempty"` // of FieldOnly
	Words      string `json:"words"`
}

// Look reports how the adopted tables of a store differ from what they were; nothing where none are.
func Look(ctx context.Context, s *store.Store) (list []Finding, err error) {
	if !s.InApplication() {
		return nil, nil
	}
	err = s.Look(ctx, func(read Statements) error {
		list, err = new(Tables).Drift(read)
		return err
	})
	return list, err
}

// Drift reports what became of the adopted tables since they were adopted. [Tables.Adopt] takes it in.
func (t *Tables) Drift(s Statements) ([]Finding, error) {
	k, err := t.refresh(s)
	if err != nil {
		return nil, err
	}
	var list []Finding
	for _, number := range slices.Sorted(maps.Keys(k.byNumber)) {
		found, err := k.byNumber[number].drift(s)
		if err != nil {
			return nil, fmt.Errorf("look at table %q: %w", k.byNumber[number].shape.Table, err)
		}
		list = append(list, found...)
	}
	return list, nil
}

// name is what the table is called, or was.
func (t *table) name() string {
	if t.current == "" {
		return t.shape.Table
	}
	return t.current
}

// drift compares a table with what it was.
func (t *table) drift(s Statements) ([]Finding, error) {
	var list []Finding
	say := func(what What, text string, args ...any) {
		list = append(list, Finding{Collection: t.collection, Table: t.name(), What: what, Words: fmt.Sprintf(text, args...)})
	}
	if t.current == "" {
		say(Gone, "the table is gone; its records stay as they were last")
		return list, nil
	}
	now := Shape{Table: t.current, Strict: t.shape.Strict}
	if _, err := one(s, []any{&now.Strict, &now.Bare}, `SELECT strict, wr FROM pragma_table_list WHERE schema = 'main' AND name = ?1`,
		t.current); err != nil {
		return nil, err
	}
	if err := now.read(s); err != nil {
		return nil, err
	}
	if t.current != t.shape.Table {
		say(Renamed, "it was called %q when it was adopted", t.shape.Table)
	}
	t.driftColumns(&now, say)
	t.driftTriggers(len(list) > 0, say)
	if was, is := t.keyNames(), now.keyNames(); !slices.Equal(was, is) {
		say(KeyChanged, "its key is (%s), and was (%s)", strings.Join(is, ", "), strings.Join(was, ", "))
	}
	if was, is := uniqueNames(&t.shape, t.renamed()), uniqueNames(&now, nil); !slices.Equal(was, is) {
		say(UniqueChange, "its unique indexes are %s, and were %s", strings.Join(is, ", "), strings.Join(was, ", "))
	}
	if len(list) == 0 && now.SQL != t.shape.SQL {
		say(Definition, "its definition changed")
	}
	nameless, err := now.countNameless(s)
	if nameless > 0 {
		say(Nameless, "%d rows have NULL in the key, and are not followed", nameless)
	}
	if err != nil {
		return nil, err
	}
	return list, s.Rows(func(rows *sql.Rows) error {
		var field string
		if err := rows.Scan(&field); err != nil {
			return err
		}
		for _, log := range t.logs {
			if log.now == field && log.name != field {
				say(ColumnName, "column %q is called so at the hub too, which called it %q", field, log.name)
				return nil
			}
		}
		if !slices.ContainsFunc(now.Columns, func(c Column) bool { return c.Name == field && !c.Generated }) {
			say(FieldOnly, "the hub's table has a column %q that this one has not", field)
			list[len(list)-1].Column = field
		}
		return nil
	}, `SELECT DISTINCT field FROM dovetail_row_field WHERE adopted = ?1 ORDER BY field`, t.number)
}

func (t *table) driftColumns(now *Shape, say func(What, string, ...any)) {
	logged := map[string]bool{}
	types := map[string]Column{}
	for _, c := range now.Columns {
		types[strings.ToLower(c.Name)] = c
	}
	for place, i := range t.shape.stored() {
		log, was := t.logs[place], t.shape.Columns[i]
		logged[strings.ToLower(log.now)] = !log.gone
		is := types[strings.ToLower(log.now)]
		switch {
		case log.gone:
			say(ColumnGone, "column %q was dropped", log.column)
		case log.now != log.column:
			say(ColumnName, "column %q is called %q now", log.column, log.now)
		case is.Generated:
			say(ColumnType, "column %q is generated now", log.column)
		case is.Type != was.Type:
			say(ColumnType, "column %q has the type %q, and had %q", log.column, is.Type, was.Type)
		}
	}
	for _, c := range now.Columns {
		if !c.Generated && !logged[strings.ToLower(c.Name)] {
			say(ColumnNew, "column %q is new", c.Name)
		}
	}
}

// driftTriggers looks at the triggers. SQLite changes their text where a table or a column gets a new name.
func (t *table) driftTriggers(changed bool, say func(What, string, ...any)) {
	missing, wanted := 0, map[string]string{}
	for _, made := range t.shape.triggers(t.number) {
		wanted[made.name] = made.sql
	}
	for _, made := range t.triggers {
		switch text, there := t.now[made.name]; {
		case !there:
			missing++
		case text != made.sql && !changed:
			say(Altered, "the trigger %s was changed", made.name)
		case !changed && text != wanted[made.name]:
			say(Altered, "the trigger %s is not as this dovetail makes it", made.name)
		}
	}
	switch {
	case missing == len(t.triggers):
		say(Rebuilt, "the triggers are gone, as after the table was made anew; what was written since was not logged")
	case missing > 0:
		say(Rebuilt, "%d of the %d triggers are gone; some of what was written since was not logged", missing, len(t.triggers))
	}
}

// renamed are the names of now by the names at the time of the adoption, in lower case.
func (t *table) renamed() map[string]string {
	list := map[string]string{}
	for _, log := range t.logs {
		list[strings.ToLower(log.column)] = strings.ToLower(log.now)
	}
	return list
}

func (t *table) keyNames() []string {
	var list []string
	for _, place := range t.key {
		list = append(list, strings.ToLower(t.logs[place].now))
	}
	return list
}

func (shape *Shape) keyNames() []string {
	var list []string
	for _, k := range shape.Key {
		list = append(list, strings.ToLower(shape.Columns[k.Column].Name))
	}
	return list
}

// uniqueNames describes the unique indexes, sorted.
func uniqueNames(shape *Shape, renamed map[string]string) []string {
	var list []string
	for _, u := range shape.Uniques {
		var terms []string
		for _, t := range u.Terms {
			name := t.SQL
			switch {
			case t.Column == rowID:
				name = "rowid"
			case t.Column >= 0:
				name = strings.ToLower(shape.Columns[t.Column].Name)
				if now := renamed[name]; now != "" {
					name = now
				}
			}
			terms = append(terms, name+" "+t.Collation)
		}
		text := "(" + strings.Join(terms, ", ") + ")"
		if u.Where != "" {
			text += " WHERE " + u.Where
		}
		list = append(list, text)
	}
	slices.Sort(list)
	return list
}
