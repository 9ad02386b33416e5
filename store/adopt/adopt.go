package adopt

import (
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"dovetail/merge"
)

// Request names a table that is to be adopted.
type Request struct {
	Table      string
	Collection string // "": the table's name in lower case, with _ for what a collection's name may not have

	from *table // as which it is adopted somewhere else; nil: nowhere
}

// Taken is a table that was adopted, or taken in again because it had changed.
type Taken struct {
	Collection string
	Shape      Shape
	// Again: it was adopted already. Then its rows are to be compared with what is known of them, by [Tables.Compare];
	// else they are to be read, by [Tables.Walk].
	Again bool
	// Records is how many were taken in, of those that are adopted again only what nobody had heard of.
	Records int64

	fresh []string // fields of columns that it had not, or that were not called so
}

// ErrUndrained says that the log holds rows of a table that has changed. Gather first.
var ErrUndrained = errors.New("the log of a table that has changed is not empty")

// Adopt puts triggers on tables, and takes in again every table adopted before that has changed since. It may be run any
// number of times. The rows that are there are not logged: see [Taken]. A table that cannot be adopted is a *[RefusedError]
// and, as after any other error, the transaction must be rolled back.
func (t *Tables) Adopt(s Statements, requests []Request) ([]Taken, error) {
	defer t.forget()
	plan, err := t.plan(s, requests)
	if err != nil {
		return nil, err
	}
	for _, statement := range plan.statements {
		if _, err := s.Run(statement); err != nil {
			return nil, fmt.Errorf("adopt: %w", err)
		}
	}
	for _, p := range plan.tables {
		if err := p.register(s); err != nil {
			return nil, fmt.Errorf("adopt %q: %w", p.shape.Table, err)
		}
		if err := p.compile(s); err != nil {
			return nil, &RefusedError{Table: p.shape.Table, Reason: "dovetail cannot write it: " + words(err)}
		}
	}
	t.forget()
	if _, err := t.refresh(s); err != nil {
		return nil, err
	}
	var list []Taken
	for _, p := range plan.tables {
		list = append(list, Taken{Collection: p.collection, Shape: p.shape, Again: p.was != nil, fresh: p.fresh})
	}
	return list, nil
}

// DryRun is the SQL that [Tables.Adopt] would run, without the rows in which it notes what it did.
func (t *Tables) DryRun(s Statements, requests []Request) ([]string, error) {
	plan, err := t.plan(s, requests)
	return plan.statements, err
}

// plan is what is to be done.
type plan struct {
	statements []string
	tables     []planned
}

// planned is a table that is to be adopted, or again.
type planned struct {
	number     int64
	collection string
	shape      Shape
	was        *table   // as it was adopted before; nil: it was not
	from       *table   // see Request
	fresh      []string // see Taken
}

func (t *Tables) plan(s Statements, requests []Request) (plan, error) {
	k, err := t.refresh(s)
	if err != nil {
		return plan{}, err
	}
	var p plan
	number := int64(1)
	for n := range k.byNumber {
		number = max(number, n+1)
	}
	taken := maps.Clone(k.byCollection)
	for _, request := range requests {
		shape, err := Inspect(s, request.Table)
		if err != nil {
			return plan{}, err
		}
		name, err := request.name(shape)
		if err != nil {
			return plan{}, err
		}
		if old := k.named(shape.Table); old != nil {
			if request.Collection != "" && request.Collection != old.collection {
				return plan{}, &RefusedError{shape.Table, fmt.Sprintf("it is adopted already, as %q", old.collection)}
			}
			continue
		}
		if gone := taken[name]; gone != nil && gone.current == "" {
			p.tables = append(p.tables, planned{number: gone.number, collection: name, shape: shape, was: gone})
			taken[name] = &table{shape: shape, current: shape.Table}
			continue
		}
		if other, clash := taken[name]; clash {
			return plan{}, &RefusedError{shape.Table, fmt.Sprintf("its collection would be %q, as that of %q; give it another, as in TABLE=NAME",
				name, other.shape.Table)}
		}
		taken[name] = &table{shape: shape, current: shape.Table}
		p.tables = append(p.tables, planned{number: number, collection: name, shape: shape, from: request.from})
		number++
	}
	if err := p.again(s, k); err != nil {
		return plan{}, err
	}
	for i := range p.tables {
		p.tables[i].shape.Follows = t.follows
		if err := p.tables[i].inherit(s, t.follows); err != nil {
			return plan{}, err
		}
	}
	p.write(k)
	return p, nil
}

// name is the collection of a table.
func (r Request) name(shape Shape) (string, error) {
	name := r.Collection
	if name == "" {
		name = strings.Map(func(c rune) rune {
			if c == '-' || c == '_' || c >= '0' && c <= '9' || c >= 'a' && c <= 'z' {
				return c
			}
			return '_'
		}, strings.ToLower(shape.Table))
	}
	if err := merge.CheckCollection(name); err != nil {
		return "", &RefusedError{shape.Table, err.Error()}
	}
	return name, nil
}

// named finds an adopted table by its name of now.
func (k *known) named(name string) *table {
	for _, t := range k.byNumber {
		if strings.EqualFold(t.current, name) {
			return t
		}
	}
	return nil
}

// again adds the tables that have changed since they were adopted.
func (p *plan) again(s Statements, k *known) error {
	for _, number := range slices.Sorted(maps.Keys(k.byNumber)) {
		t := k.byNumber[number]
		findings, err := t.drift(s)
		if err != nil {
			return err
		}
		if t.current == "" || !slices.ContainsFunc(findings, func(f Finding) bool { return f.What != Nameless && f.What != FieldOnly }) {
			continue
		}
		waiting := 0
		if _, err := one(s, []any{&waiting}, `SELECT count(*) FROM dovetail_row WHERE adopted = ?1`, number); err != nil {
			return err
		}
		if waiting > 0 {
			return fmt.Errorf("table %q: %w", t.current, ErrUndrained)
		}
		shape, err := Inspect(s, t.current)
		if err != nil {
			return err
		}
		for _, name := range slices.Sorted(maps.Keys(t.now)) {
			p.statements = append(p.statements, "DROP TRIGGER "+name)
		}
		p.tables = append(p.tables, planned{number: number, collection: t.collection, shape: shape, was: t})
	}
	return nil
}

// write writes the statements.
func (p *plan) write(k *known) {
	width := k.width
	for _, t := range p.tables {
		width = max(width, len(t.shape.stored()))
	}
	switch {
	case len(p.tables) == 0:
		return
	case k.width == 0:
		p.statements = append(p.statements, createAdopted, createTrigger, createField, createRow(width))
	default:
		for i := k.width; i < width; i++ {
			p.statements = append(p.statements, fmt.Sprintf("ALTER TABLE dovetail_row ADD COLUMN c%d", i))
		}
	}
	for _, t := range p.tables {
		for _, made := range t.shape.triggers(t.number) {
			p.statements = append(p.statements, made.sql)
		}
	}
}

// register notes what was adopted, with the text of the triggers as SQLite keeps it.
func (p planned) register(s Statements) error {
	shape, err := json.Marshal(p.shape)
	if err != nil {
		return err
	}
	if _, err := s.Run(`
		INSERT INTO dovetail_adopted (number, collection, shape)
		VALUES (?1, ?2, ?3)
		ON CONFLICT (number) DO UPDATE SET shape = excluded.shape`,
		p.number, p.collection, string(shape)); err != nil {
		return err
	}
	if _, err := s.Run(`DELETE FROM dovetail_adopted_trigger WHERE number = ?1`, p.number); err != nil {
		return err
	}
	for _, i := range p.shape.stored() {
		if _, err := s.Run(`DELETE FROM dovetail_row_field WHERE adopted = ?1 AND field = ?2`, p.number, p.shape.Columns[i].field()); err != nil {
			return err
		}
	}
	for _, made := range p.shape.triggers(p.number) {
		if _, err := s.Run(`
			INSERT INTO dovetail_adopted_trigger (name, number, sql)
			SELECT name, ?2, sql
			FROM sqlite_schema
			WHERE type = 'trigger' AND name = ?1`,
			made.name, p.number); err != nil {
			return err
		}
	}
	return nil
}

// compile makes sure that rows can be written: what runs then may need what only the application has.
func (p planned) compile(s Statements) error {
	table := quote(p.shape.Table)
	column := quote(p.shape.Columns[p.shape.stored()[0]].Name)
	for _, statement := range []string{
		`INSERT INTO ` + table + ` DEFAULT VALUES`,
		`UPDATE ` + table + ` SET ` + column + ` = ` + column,
		`DELETE FROM ` + table,
	} {
		if err := s.Rows(func(*sql.Rows) error { return nil }, `EXPLAIN `+statement); err != nil {
			return err
		}
	}
	return nil
}

// Undo takes every trace of what is adopted out of a database, with what the log still holds.
func (t *Tables) Undo(s Statements) error {
	defer t.forget()
	statements, err := t.undoing(s)
	if err != nil {
		return err
	}
	for _, statement := range statements {
		if _, err := s.Run(statement); err != nil {
			return fmt.Errorf("take adopted tables back: %w", err)
		}
	}
	return nil
}

// undoing is the SQL that Undo runs. With a table SQLite removes what ANALYZE noted of it.
func (t *Tables) undoing(s Statements) ([]string, error) {
	k, err := t.refresh(s)
	if err != nil || k.width == 0 {
		return nil, err
	}
	var list []string
	for _, number := range slices.Sorted(maps.Keys(k.byNumber)) {
		for _, name := range slices.Sorted(maps.Keys(k.byNumber[number].now)) {
			list = append(list, "DROP TRIGGER "+name)
		}
	}
	return append(list, "DROP TABLE dovetail_row", "DROP TABLE dovetail_row_field", "DROP TABLE dovetail_adopted_trigger", "DROP TABLE dovetail_adopted"), nil
}
