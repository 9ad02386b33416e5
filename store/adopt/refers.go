package adopt

import (
	"database/sql"
	"slices"
	"strings"

	"dovetail/merge"
	"dovetail/store"
)

var _ store.Referrer = (*Tables)(nil)

// Refers lists the rows of adopted tables that the foreign keys of a row name which holds a document. One that is not there is
// listed only where the foreign key names the key of its table.
func (t *Tables) Refers(s Statements, record merge.Key, fields merge.Document) ([]store.Reference, error) {
	k, err := t.refresh(s)
	if err != nil {
		return nil, err
	}
	at := k.byCollection[record.Collection]
	if at == nil || at.current == "" || len(at.up) == 0 {
		return nil, nil
	}
	p := putter{s: s, table: at, record: record}
	if p.want, p.cells, p.beyond, err = p.parse(fields); err != nil {
		return nil, nil // it is no row of the table, which Put says
	}
	var list []store.Reference
	for i := range at.up {
		l := &at.up[i]
		parent := k.named(l.parent)
		named, places, ok := values(p.after, l.columns)
		if parent == nil || !parent.findable() || !ok {
			continue
		}
		id, ok, err := parent.idBy(s, l, named, places)
		if err != nil {
			return nil, err
		}
		if ok {
			list = append(list, store.Reference{Record: merge.Key{Collection: parent.collection, ID: id},
				Fields: at.fields(l.columns), Names: parent.fields(l.names), InKey: at.inKey(l.columns)})
		}
	}
	return list, nil
}

// idBy names the row that a foreign key with these cells does.
func (t *table) idBy(s Statements, l *link, values []any, places []string) (id string, ok bool, err error) {
	var list []string
	for _, place := range t.key {
		list = append(list, "+parent."+quote(t.logs[place].now))
	}
	key, into := cells(len(t.key))
	found := false
	err = s.Rows(func(rows *sql.Rows) error {
		found = true
		return scan(rows, key, into)
	}, `SELECT `+strings.Join(list, ", ")+` FROM `+quote(l.parent)+` AS parent WHERE `+l.matches(places)+` LIMIT 1`, values...)
	if err != nil {
		return "", false, err
	}
	if !found {
		for i, place := range t.key {
			at := slices.IndexFunc(l.names, func(name string) bool { return strings.EqualFold(name, t.logs[place].now) })
			if at < 0 {
				return "", false, nil
			}
			key[i] = values[at]
		}
	}
	id, ok = makeID(key, t.shape.Key)
	return id, ok, nil
}

// inKey reports whether one of the columns is of the key.
func (t *table) inKey(columns []string) bool {
	return slices.ContainsFunc(t.key, func(place int) bool {
		return slices.ContainsFunc(columns, func(column string) bool { return strings.EqualFold(column, t.logs[place].now) })
	})
}

// fields are the members of documents that columns are.
func (t *table) fields(columns []string) []string {
	var list []string
	for _, column := range columns {
		for _, log := range t.logs {
			if strings.EqualFold(log.now, column) && !log.gone {
				list = append(list, log.name)
			}
		}
	}
	return list
}
