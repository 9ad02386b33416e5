package adopt

import (
	"cmp"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"dovetail/merge"
)

// ErrDrifted says that a table is not any more what it was when it was adopted, so that rows cannot be written to it.
var ErrDrifted = errors.New("the table has changed since it was adopted; adopt it again")

// Put makes a row what a document says, nil: gone; before is what it held, where that is known. Only the columns are
// written in which the row differs. A column that the document does not have becomes NULL, or what it was given where it
// came later, in a new row its default. Put reads the row back and returns what it holds then: triggers may have written
// columns that were not asked for.
//
// A field that the table has no column for is not written: it must be what it was before, or of a column that was dropped.
//
// Where the database refuses the row, or a trigger or a column's type makes something else of a value, the error is a
// *[ConstraintError] and nothing was changed, as where the table is not there any more, [ErrDrifted], or was written to while
// it was not watched. After any other error the transaction must be rolled back.
//
// Columns of own, by the names of their fields, are written in a new row alone, and hold what they hold.
func (t *Tables) Put(s Statements, key merge.Key, before, after merge.Document, own []string) (merge.Document, error) {
	k, err := t.refresh(s)
	if err != nil {
		return nil, err
	}
	at := k.byCollection[key.Collection]
	if at == nil {
		return nil, fmt.Errorf("put %s: no adopted table", key)
	}
	if !at.findable() {
		return nil, &ConstraintError{Record: key, Words: ErrDrifted.Error(), Err: ErrDrifted}
	}
	p := putter{s: s, table: at, record: key, own: own, loose: t.loose != nil}
	if err := p.prepare(before, after); err != nil {
		return nil, err
	}
	if err := p.leaveOut(before); err != nil {
		return nil, err
	}
	if p.row, err = at.find(s, p.key); err != nil {
		return nil, fmt.Errorf("put %s: read the row: %w", key, err)
	}
	if !at.watched() {
		if err := p.unseen(before); err != nil {
			return nil, err
		}
	}
	if _, err := s.Run(`SAVEPOINT dovetail_put`); err != nil {
		return nil, fmt.Errorf("put %s: %w", key, err)
	}
	document, err := p.write()
	// A constraint may say ON CONFLICT ROLLBACK. Then the savepoint is gone with the whole transaction, and this fails.
	if refused := (*ConstraintError)(nil); errors.As(err, &refused) {
		if _, failed := s.Run(`ROLLBACK TO dovetail_put`); failed != nil {
			return nil, fmt.Errorf("put %s: take back what was refused (%s): %w", key, refused.Words, failed)
		}
	} else if err != nil {
		return nil, fmt.Errorf("put %s: %w", key, err)
	}
	if _, failed := s.Run(`RELEASE dovetail_put`); failed != nil {
		return nil, fmt.Errorf("put %s: %w", key, failed)
	}
	if err == nil && p.loose {
		*t.loose = append(*t.loose, &p)
	}
	return document, err
}

// putter writes one row.
type putter struct {
	s      Statements
	table  *table
	record merge.Key
	key    []any
	row    []any                  // as it is; nil: not there
	want   map[string]merge.Value // nil: gone
	cells  map[string]any         // what want means
	beyond map[string]merge.Value // what the table has no column for
	own    []string               // columns that are left to the application
	loose  bool                   // foreign keys are looked at later
}

func (p *putter) refuse(column, text string, args ...any) error {
	return &ConstraintError{Record: p.record, Words: fmt.Sprintf(text, args...), Changed: column}
}

// prepare reads the document and the key.
func (p *putter) prepare(before, after merge.Document) error {
	var err error
	if p.want, p.cells, p.beyond, err = p.parse(after); err != nil {
		return err
	}
	p.key, err = parseID(p.record.ID, p.table.shape.Key)
	if errors.Is(err, errHashed) {
		cells := p.cells
		if cells == nil {
			if _, cells, _, err = p.parse(before); err != nil {
				return err
			}
		}
		p.key = p.keyIn(cells)
		err = nil
		if id, ok := makeID(p.key, p.table.shape.Key); !ok || id != p.record.ID {
			err = errHashed
		}
	}
	if err != nil {
		return p.refuse("", "%s", err)
	}
	if _, whole := p.key[0].(int64); p.table.shape.Alias && !whole {
		return p.refuse("", "%q is no key of the table, which takes integers", p.record.ID)
	}
	if p.want == nil {
		return nil
	}
	for i, place := range p.table.key {
		log := p.table.logs[place]
		if _, there := p.want[log.name]; !there {
			p.cells[log.name] = p.key[i]
			if p.want[log.name], err = Encode(p.key[i], log.mixed); err != nil {
				return err
			}
		}
	}
	if id, ok := makeID(p.keyIn(p.cells), p.table.shape.Key); !ok || id != p.record.ID {
		return p.refuse("", "the key of the row and the name of the record are not the same")
	}
	return nil
}

func (p *putter) keyIn(cells map[string]any) []any {
	var list []any
	for _, place := range p.table.key {
		list = append(list, cells[p.table.logs[place].name])
	}
	return list
}

// parse reads a document as cells, by the names of the columns, and what there is no column for.
func (p *putter) parse(document merge.Document) (values map[string]merge.Value, cells map[string]any,
	beyond map[string]merge.Value, err error) {
	if document == nil {
		return nil, nil, nil, nil
	}
	values, cells, beyond = map[string]merge.Value{}, map[string]any{}, map[string]merge.Value{}
	if err := json.Unmarshal(document, &beyond); err != nil {
		return nil, nil, nil, err
	}
	for name, log := range p.table.live {
		value, there := beyond[name]
		if !there {
			continue
		}
		cell, err := Decode(value)
		if err != nil {
			return nil, nil, nil, p.refuse("", "column %q: %s", log.name, err)
		}
		values[name], cells[name] = value, cell
		delete(beyond, name)
	}
	return values, cells, beyond, nil
}

// leaveOut sees to what the table has no column for.
func (p *putter) leaveOut(before merge.Document) error {
	for _, name := range slices.Sorted(maps.Keys(p.beyond)) {
		value := p.beyond[name]
		switch now, away := p.table.shape.Called[name]; {
		case value == merge.Null || p.table.had(name):
			continue
		case merge.Equal(merge.Lookup(before, pointer(name)), value):
		case away:
			return p.refuse("", "the table has no column %q: it is called %q now", name, now)
		default:
			return p.refuse("", "the table has no column %q", name)
		}
		if _, err := p.s.Run(`
			INSERT INTO dovetail_row_field (adopted, field)
			SELECT ?1, ?2
			WHERE NOT EXISTS (SELECT 1 FROM dovetail_row_field WHERE adopted = ?1 AND field = ?2)`, p.table.number, name); err != nil {
			return err
		}
	}
	return nil
}

// had reports whether the table had a column once.
func (t *table) had(name string) bool {
	return slices.Contains(t.shape.Once, name) || slices.ContainsFunc(t.logs, func(log logColumn) bool { return log.gone && log.name == name })
}

// watched reports whether all that is written to the table is logged.
func (t *table) watched() bool {
	return len(t.now) == len(t.triggers)
}

// unseen refuses to write a row that is not what it was when it was heard of last: what somebody wrote there would be lost.
func (p *putter) unseen(before merge.Document) error {
	now := merge.Document(`{}`)
	var err error
	if p.row != nil {
		if now, err = p.table.makeDocument(p.row); err != nil {
			return err
		}
	}
	if before == nil {
		before = merge.Document(`{}`)
	}
	if p.table.complete(now, before).Equal(before) {
		return nil
	}
	return &ConstraintError{Record: p.record, Words: "the row was changed while nothing watched the table; adopt it again", Err: ErrDrifted}
}

// write makes the row what is wanted.
func (p *putter) write() (merge.Document, error) {
	if p.want == nil {
		return nil, p.remove()
	}
	if err := p.send(); err != nil {
		return nil, p.classify(err)
	}
	row, err := p.table.find(p.s, p.key)
	if err != nil {
		return nil, err
	}
	if row == nil {
		return nil, p.refuse("", "the row is not there after it was written: a trigger, or the type of its key, made another of it")
	}
	for place, log := range p.table.logs {
		asked, there := p.want[log.name]
		if !there || log.gone || slices.Contains(p.own, log.name) {
			continue
		}
		got, err := Encode(row[place], log.mixed)
		if err != nil {
			return nil, err
		}
		if !holds(row[place], got, p.cells[log.name], asked) {
			return nil, p.refuse(log.name, "column %q holds %s where %s was to be", log.name, got, asked)
		}
	}
	if err := p.keepsLinks(); err != nil {
		return nil, err
	}
	return p.table.makeDocument(row)
}

// holds reports whether a cell is what was asked for. An integer in a column of numbers that have a fraction is.
func holds(cell any, got merge.Value, wanted any, asked merge.Value) bool {
	if merge.Equal(got, asked) {
		return true
	}
	again, err := Encode(wanted, true)
	if err != nil {
		return false
	}
	same, err := Encode(cell, true)
	return err == nil && same == again
}

// send writes the columns that differ.
func (p *putter) send() error {
	var columns, where []string
	var values []any
	for place, log := range p.table.logs {
		asked, there := p.want[log.name]
		switch {
		case log.gone || p.row == nil && !there, p.row != nil && slices.Contains(p.own, log.name):
			continue
		case !there:
			if asked = log.given; asked == "" {
				asked = merge.Null
			}
			cell, err := Decode(asked)
			if err != nil {
				return err
			}
			p.want[log.name], p.cells[log.name] = asked, cell
		}
		if p.row != nil {
			got, err := Encode(p.row[place], log.mixed)
			if err != nil {
				return err
			}
			if holds(p.row[place], got, p.cells[log.name], asked) {
				continue
			}
		}
		values = append(values, p.cells[log.name])
		columns = append(columns, quote(log.now))
	}
	if len(columns) == 0 {
		return nil
	}
	verb := p.verb()
	if p.row == nil {
		_, err := p.s.Run(fmt.Sprintf("INSERT%s INTO %s (%s) VALUES (%s)", verb, quote(p.table.current),
			strings.Join(columns, ", "), "?"+strings.Repeat(", ?", len(columns)-1)), values...)
		return err
	}
	where, keys := p.exactly()
	return p.single(p.s.Run(fmt.Sprintf("UPDATE%s %s SET %s = ? WHERE %s", verb, quote(p.table.current),
		strings.Join(columns, " = ?, "), strings.Join(where, " AND ")), append(values, keys...)...))
}

// single makes sure that a statement wrote one row at most: the key may not be one any more.
func (p *putter) single(result sql.Result, err error) error {
	if err != nil {
		return err
	}
	if n, err := result.RowsAffected(); err != nil || n > 1 {
		return errors.Join(ErrDrifted, err)
	}
	return nil
}

// declared finds a constraint that resolves itself.
var declared = regexp.MustCompile(`(?i)\bON\s+CONFLICT\b`)

// verb keeps a constraint that says ON CONFLICT REPLACE or IGNORE from doing so: it would remove another row, or leave this
// one out. Where no constraint says so, nothing is said here either, because it would hold in triggers too.
func (p *putter) verb() string {
	if declared.MatchString(p.table.shape.SQL) {
		return " OR ABORT"
	}
	return ""
}

// exactly is the condition that finds the row by its key as it is stored.
func (p *putter) exactly() (where []string, values []any) {
	for i, place := range p.table.key {
		name := quote(p.table.logs[place].now)
		where = append(where, fmt.Sprintf("%s = ? COLLATE %s", name, quote(p.table.shape.Key[i].Collation)))
		values = append(values, p.row[place])
	}
	return where, values
}

// remove deletes the row.
func (p *putter) remove() error {
	if p.row == nil {
		return nil
	}
	where, values := p.exactly()
	err := p.single(p.s.Run(`DELETE FROM `+quote(p.table.current)+` WHERE `+strings.Join(where, " AND "), values...))
	if err != nil {
		return p.classify(err)
	}
	row, err := p.table.find(p.s, p.key)
	if err == nil && row != nil {
		return p.refuse("", "the row is still there after it was deleted: a trigger keeps it")
	}
	if err == nil {
		err = p.keepsLinks()
	}
	return err
}

// classify tells what the database refuses from what failed.
func (p *putter) classify(err error) error {
	var e *sqlite.Error
	if !errors.As(err, &e) || e.Code()&0xff != sqlite3.SQLITE_CONSTRAINT && e.Code()&0xff != sqlite3.SQLITE_MISMATCH {
		return err
	}
	foreign := e.Code() == sqlite3.SQLITE_CONSTRAINT_FOREIGNKEY
	text := words(err)
	if foreign {
		// SQLite does not say which it is.
		told, failed := p.unlinked(func(*link) bool { return true }, false)
		if failed != nil {
			return failed
		}
		text = cmp.Or(told, text)
	}
	return &ConstraintError{Record: p.record, Words: text, ForeignKey: foreign, Err: err}
}

// numbered is what the driver adds to the words of SQLite.
var numbered = regexp.MustCompile(` \(\d+\)$`)

// words are SQLite's own.
func words(err error) string {
	text := err.Error()
	var e *sqlite.Error
	if errors.As(err, &e) {
		text = e.Error()
	}
	text = numbered.ReplaceAllString(text, "")
	for _, prefix := range []string{"constraint failed: ", "SQL logic error: ", "datatype mismatch: "} {
		text = strings.TrimPrefix(text, prefix)
	}
	return text
}
