package adopt

import (
	"cmp"
	"context"
	"database/sql"
	"slices"
	"strings"

	"dovetail/store"
)

// Beside is a column that a laptop's table has and its hub's has not.
type Beside struct {
	Collection string `json:"collection"`
	Table      string `json:"table"` // as the laptop calls it
	Column     string `json:"column"`
	Now        string `json:"now,omitempty"` // what the hub calls it now; "" where it has none such
}

// LeftAlone lists the columns of adopted tables that a laptop's have and its hub's have not, sorted; none where one of
// the two stands in a file of dovetail's own. What is written there stays in the records alone.
func LeftAlone(ctx context.Context, laptop, hub *store.Store) ([]Beside, error) {
	if !laptop.InApplication() || !hub.InApplication() {
		return nil, nil
	}
	here, err := look(ctx, laptop)
	if err != nil {
		return nil, err
	}
	there, err := look(ctx, hub)
	if err != nil {
		return nil, err
	}
	var list []Beside
	for collection, t := range here.byCollection {
		at := there.byCollection[collection]
		if at == nil || at.current == "" || t.current == "" {
			continue
		}
		for field, column := range t.live {
			if at.live[field] == nil {
				list = append(list, Beside{Collection: collection, Table: t.current, Column: column.now, Now: at.shape.Called[field]})
			}
		}
	}
	slices.SortFunc(list, func(a, b Beside) int { return cmp.Or(cmp.Compare(a.Table, b.Table), cmp.Compare(a.Column, b.Column)) })
	return list, nil
}

// Numbered lists the adopted tables whose rows are numbered by SQLite, sorted: rows that two sides add apart from each
// other get the same numbers.
func Numbered(ctx context.Context, s *store.Store) ([]string, error) {
	if !s.InApplication() {
		return nil, nil
	}
	k, err := look(ctx, s)
	if err != nil {
		return nil, err
	}
	var list []string
	for _, t := range k.byCollection {
		if t.shape.Alias && t.current != "" {
			list = append(list, t.current)
		}
	}
	slices.Sort(list)
	return list, nil
}

// Fields lists what the columns of an adopted table are in its records, with those that it had once and those that only its
// hub's has, sorted; false where the collection is none.
func Fields(ctx context.Context, s *store.Store, collection string) (list []string, adopted bool, err error) {
	if !s.InApplication() {
		return nil, false, nil
	}
	err = s.Look(ctx, func(read Statements) error {
		k, err := new(Tables).refresh(read)
		if err != nil || k.byCollection[collection] == nil {
			return err
		}
		at := k.byCollection[collection]
		list, adopted = slices.Clone(at.shape.Once), true
		for _, log := range at.logs {
			list = append(list, log.name)
		}
		for _, c := range at.columns { // one that is not logged yet is called as it is
			if !c.Generated && !slices.ContainsFunc(at.logs, func(log logColumn) bool { return strings.EqualFold(log.now, c.Name) }) {
				list = append(list, c.Name)
			}
		}
		return read.Rows(func(rows *sql.Rows) error {
			var field string
			err := rows.Scan(&field)
			list = append(list, field)
			return err
		}, `SELECT DISTINCT field FROM dovetail_row_field WHERE adopted = ?1`, at.number)
	})
	slices.Sort(list)
	return slices.Compact(list), adopted, err
}

func look(ctx context.Context, s *store.Store) (k *known, err error) {
	err = s.Look(ctx, func(read Statements) error {
		k, err = new(Tables).refresh(read)
		return err
	})
	return k, err
}
