package adopt

import (
	"database/sql"
	"fmt"
	"regexp"
	"strings"

	"dovetail/merge"
)

// link is a foreign key: the columns of a row of child name a row of parent.
type link struct {
	child, parent  string
	columns, names []string // of the child, and what they are called in the parent
	deferred       bool     // SQLite looks at it at the end of the transaction only
	follows        bool     // rows of the child are deleted or changed with the one of the parent
}

// deferrable finds a foreign key that is not looked at before the transaction ends. One table has it on all or none,
// as far as this tells: a row that is looked at twice does no harm.
var deferrable = regexp.MustCompile(`(?i)\bINITIALLY\s+DEFERRED\b`)

// readLinks reads the foreign keys in which a table is the child, and those in which it is the parent.
func readLinks(s Statements, table string) (up, down []link, err error) {
	var all []link
	last := ""
	err = s.Rows(func(rows *sql.Rows) error {
		var l link
		var id, column, text string
		var name sql.NullString
		if err := rows.Scan(&l.child, &text, &id, &l.parent, &column, &name, &l.follows); err != nil {
			return err
		}
		if this := l.child + "\x00" + id; this != last {
			last = this
			l.deferred = deferrable.MatchString(text)
			all = append(all, l)
		}
		at := &all[len(all)-1]
		at.columns = append(at.columns, column)
		if name.Valid {
			at.names = append(at.names, name.String)
		}
		return nil
	}, `
		SELECT t.name, coalesce(t.sql, ''), f.id, f."table", f."from", f."to",
			f.on_delete IN ('CASCADE', 'SET NULL', 'SET DEFAULT')
		FROM sqlite_schema AS t
		JOIN pragma_foreign_key_list(t.name, 'main') AS f
		WHERE t.type = 'table' AND (t.name = ?1 COLLATE NOCASE OR f."table" = ?1 COLLATE NOCASE)
		ORDER BY t.name, f.id, f.seq`, table)
	for _, l := range all {
		if err == nil && len(l.names) == 0 {
			l.names, err = primaryKey(s, l.parent)
		}
		if len(l.names) != len(l.columns) {
			continue // SQLite refuses whatever touches it, in words of its own
		}
		if strings.EqualFold(l.child, table) {
			up = append(up, l)
		}
		if strings.EqualFold(l.parent, table) {
			down = append(down, l)
		}
	}
	return up, down, err
}

func primaryKey(s Statements, table string) (names []string, err error) {
	err = s.Rows(func(rows *sql.Rows) error {
		var name string
		err := rows.Scan(&name)
		names = append(names, name)
		return err
	}, `SELECT name FROM pragma_table_info(?1, 'main') WHERE pk > 0 ORDER BY pk`, table)
	return names, err
}

// matches is the condition by which a row of the parent is the one that values name.
func (l *link) matches(values []string) string {
	var list []string
	for i, name := range l.names {
		list = append(list, "parent."+quote(name)+" = "+values[i])
	}
	return strings.Join(list, " AND ")
}

// values are those of a row's cells that columns have; false where one is NULL, so that no key is named.
func values(cells func(column string) (any, bool), columns []string) (list []any, places []string, ok bool) {
	for i, column := range columns {
		cell, there := cells(column)
		if !there || cell == nil {
			return nil, nil, false
		}
		list, places = append(list, cell), append(places, fmt.Sprintf("?%d", i+1))
	}
	return list, places, true
}

// missing reports whether a row with these cells names one that is not there.
func (l *link) missing(s Statements, cells func(column string) (any, bool)) (missing bool, err error) {
	list, places, ok := values(cells, l.columns)
	if !ok {
		return false, nil
	}
	_, err = one(s, []any{&missing}, `SELECT NOT EXISTS (SELECT 1 FROM `+quote(l.parent)+` AS parent WHERE `+l.matches(places)+`)`, list...)
	return missing, err
}

// named reports whether rows name one with these cells; left: only where no row has them any more.
func (l *link) named(s Statements, cells func(column string) (any, bool), left bool) (named bool, err error) {
	list, places, ok := values(cells, l.names)
	if !ok {
		return false, nil
	}
	var where, own []string
	for i, column := range l.columns {
		own = append(own, "child."+quote(column))
		where = append(where, own[i]+" = "+places[i])
	}
	if left {
		where = append(where, `NOT EXISTS (SELECT 1 FROM `+quote(l.parent)+` AS parent WHERE `+l.matches(own)+`)`)
	}
	_, err = one(s, []any{&named}, `SELECT EXISTS (SELECT 1 FROM `+quote(l.child)+` AS child WHERE `+strings.Join(where, " AND ")+`)`, list...)
	return named, err
}

// broken is a foreign key that does not hold, in words.
func (l *link) broken(orphans bool) string {
	if orphans {
		return fmt.Sprintf("FOREIGN KEY constraint failed: rows of %q name it", l.child)
	}
	return fmt.Sprintf("FOREIGN KEY constraint failed: the row of %q that %s names is not there", l.parent,
		quote(strings.Join(l.columns, ", ")))
}

// before and after are the cells of the row as it was, and as it is to be.
func (p *putter) before(column string) (any, bool) {
	if p.row == nil {
		return nil, false
	}
	for place, log := range p.table.logs {
		if strings.EqualFold(log.now, column) && !log.gone {
			return p.row[place], true
		}
	}
	return nil, false
}

func (p *putter) after(column string) (any, bool) {
	for _, log := range p.table.logs {
		if strings.EqualFold(log.now, column) && !log.gone {
			cell, ok := p.cells[log.name]
			return cell, ok
		}
	}
	return nil, false
}

// keepsLinks looks at those foreign keys that SQLite looks at only when the transaction ends: then it would be too late to
// take back the one row.
func (p *putter) keepsLinks() error {
	if p.loose {
		return nil
	}
	words, err := p.unlinked(func(l *link) bool { return l.deferred }, true)
	if err != nil || words == "" {
		return err
	}
	return &ConstraintError{Record: p.record, Words: words, ForeignKey: true}
}

// unlinked finds a foreign key, of those wanted, that does not hold, in words; "" for none. written: the row is as it is to
// be, else SQLite would not have that.
func (p *putter) unlinked(wanted func(*link) bool, written bool) (string, error) {
	for i := range p.table.up {
		if l := &p.table.up[i]; p.want != nil && wanted(l) {
			if missing, err := l.missing(p.s, p.after); err != nil || missing {
				return l.broken(false), err
			}
		}
	}
	for i := range p.table.down {
		if l := &p.table.down[i]; p.row != nil && (written || p.want == nil) && wanted(l) {
			if named, err := l.named(p.s, p.before, written); err != nil || named {
				return l.broken(true), err
			}
		}
	}
	return "", nil
}

// Together runs fn, in which rows are put that name one another: their foreign keys are looked at once all are written.
// The records of those whose keys do not hold then are returned; what fn wrote is then to be taken back.
func (t *Tables) Together(s Statements, fn func() error) (broken []merge.Key, err error) {
	if _, err := s.Run(`PRAGMA defer_foreign_keys = 1`); err != nil {
		return nil, err
	}
	t.loose = new([]*putter)
	defer func() { t.loose = nil }()
	if err := fn(); err != nil {
		return nil, err
	}
	for _, p := range *t.loose {
		p.s = s // what it was written with may be over
		words, err := p.unlinked(func(*link) bool { return true }, true)
		if err != nil {
			return nil, err
		}
		if words != "" {
			broken = append(broken, p.record)
		}
	}
	// SQLite forgets by this what does not hold: nothing, once it is taken back.
	_, err = s.Run(`PRAGMA defer_foreign_keys = 0`)
	return broken, err
}

// Spare reports whether rows of adopted tables would be deleted or changed with one, because a foreign key of theirs says so, as a
// *[ConstraintError]; before is what it holds, as far as known.
func (t *Tables) Spare(s Statements, key merge.Key, before merge.Document) error {
	k, err := t.refresh(s)
	if err != nil {
		return err
	}
	at := k.byCollection[key.Collection]
	if at == nil || !at.findable() {
		return nil
	}
	p := putter{s: s, table: at, record: key}
	if p.prepare(before, nil) != nil {
		return nil // which Put says
	}
	if p.row, err = at.find(s, p.key); err != nil || p.row == nil {
		return err
	}
	for i := range at.down {
		l := &at.down[i]
		if !l.follows || !k.adopts(l.child) || strings.EqualFold(l.child, l.parent) && p.namesItself(l) {
			continue
		}
		if named, err := l.named(s, p.before, false); err != nil || named {
			if err == nil {
				err = &ConstraintError{Record: key, Words: l.broken(true), ForeignKey: true}
			}
			return err
		}
	}
	return nil
}

// adopts reports whether the rows of a table are records.
func (k *known) adopts(table string) bool {
	for _, t := range k.byNumber {
		if strings.EqualFold(t.current, table) {
			return true
		}
	}
	return false
}

// namesItself reports whether the row is its own parent.
func (p *putter) namesItself(l *link) bool {
	for i := range l.columns {
		child, _ := p.before(l.columns[i])
		parent, _ := p.before(l.names[i])
		if child == nil || fmt.Sprint(child) != fmt.Sprint(parent) {
			return false
		}
	}
	return true
}
