package store

import (
	"cmp"
	"database/sql"
	"maps"
	"slices"
)

// sum counts every change anew, compares with the numbers that are kept, and looks for changes that are nowhere.
func (c *checkup) sum(n *notes) error {
	kept, err := numbers(c.view, `SELECT collection, what, number FROM dovetail_count WHERE number <> 0`)
	if err != nil {
		return err
	}
	counted, err := numbers(c.view, `
		SELECT r.collection, CASE WHEN c.replaced THEN 'replaced' WHEN k.id IS NOT NULL THEN k.state ELSE c.outcome END, count(*)
		FROM dovetail_change c
		JOIN dovetail_record r ON r.id = c.record
		LEFT JOIN dovetail_conflict k ON k.id = c.conflict
		GROUP BY 1, 2`)
	if err != nil {
		return err
	}
	var issued, refused int64
	for _, id := range sortedCounters(kept, counted) {
		switch {
		case id.what == countIssued: // that is the sum of all others
			issued += kept[id]
		case id.what == string(Refused): // nothing else is kept of these
			refused += kept[id]
		case kept[id] != counted[id]:
			n.wrong("%s: %d changes are %s, but %d are kept as such", id.collection, counted[id], id.what, kept[id])
		}
	}
	n.law(kept)
	n.looked("%s issued, %d of them refused, each of the others in one place", several(issued, "change"), refused)
	return nil
}

// law notes collections in which not every change that was issued is in one place.
func (n *notes) law(kept map[counter]int64) {
	left := map[string]int64{}
	for id, number := range kept {
		if id.what == countIssued {
			left[id.collection] += number
		} else {
			left[id.collection] -= number
		}
	}
	for _, collection := range slices.Sorted(maps.Keys(left)) {
		if left[collection] != 0 {
			n.wrong("%s: %d changes were issued that are nowhere", collection, left[collection])
		}
	}
}

func numbers(from source, query string) (map[counter]int64, error) {
	all := map[counter]int64{}
	err := from.rows(func(rows *sql.Rows) error {
		var id counter
		var n int64
		err := rows.Scan(&id.collection, &id.what, &n)
		all[id] = n
		return err
	}, query)
	return all, err
}

func sortedCounters(all ...map[counter]int64) []counter {
	var ids []counter
	for _, m := range all {
		ids = slices.AppendSeq(ids, maps.Keys(m))
	}
	slices.SortFunc(ids, func(a, b counter) int {
		return cmp.Or(cmp.Compare(a.collection, b.collection), cmp.Compare(a.what, b.what))
	})
	return slices.Compact(ids)
}
