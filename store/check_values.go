package store

import (
	"database/sql"
	"maps"
	"slices"
)

// values adds every table up anew and compares with its seal.
func (c *checkup) values(n *notes) error {
	kept := map[string]int64{}
	if err := c.view.rows(func(rows *sql.Rows) error {
		var table string
		var digest int64
		err := rows.Scan(&table, &digest)
		kept[table] = digest
		return err
	}, `SELECT name, digest FROM dovetail_seal`); err != nil {
		return err
	}
	tables, err := tableNames(c.view)
	if err != nil {
		return err
	}
	var count, summed int64
	for _, table := range tables {
		if !sealed(table) {
			continue
		}
		summed++
		left := c.weights[table]
		digest, err := digestOf(c.view, table, func() {
			count++
			if left--; left >= 0 {
				c.tick(1)
			}
		})
		if c.ctx.Err() != nil {
			return err
		}
		was, there := kept[table]
		switch {
		case err != nil:
			n.wrong("%v", classify(err))
		case !there:
			n.wrong("%s has no seal to compare with", table)
		case digest != was:
			n.wrong("%s holds other values than were written to it", table)
		}
		delete(kept, table)
	}
	for _, table := range slices.Sorted(maps.Keys(kept)) {
		n.wrong("there is a seal of %q, which is no table", table)
	}
	n.looked("%s in %s, as they were written", several(count, "row"), several(summed, "table"))
	return nil
}
