package store

import (
	"context"

	"dovetail/merge"
)

// valueSource is where the values of a name of the filter stand in order, so that the next one is found in one step.
type valueSource struct{ table, column string }

var valueSources = map[string]valueSource{
	"collection": {"dovetail_conflict INDEXED BY dovetail_conflict_collection", "collection"},
	"by":         {"dovetail_conflict INDEXED BY dovetail_conflict_local_by", "local_by"},
	"device":     {"dovetail_conflict INDEXED BY dovetail_conflict_device", "device"},
	"field":      {"dovetail_conflict_field", "path"},
	"claimed":    {"dovetail_conflict INDEXED BY dovetail_conflict_claimed", "claimed_by"},
}

// FilterValues returns the values of a name of the filter that open conflicts have, so many at most, sorted, those that
// begin as typed. Of a name whose values are not listed it returns none. It takes a step for each value, not for each conflict.
func (s *Store) FilterValues(ctx context.Context, name, typed string, limit int) ([]string, error) {
	source, listed := valueSources[name]
	if !listed {
		return nil, nil
	}
	begin := typed
	if name == "field" {
		var err error
		if begin, err = merge.ParsePath(typed); err != nil {
			return nil, nil // what is no path yet begins none
		}
	}
	var values []string
	err := s.glance(ctx, func(g *glance) error {
		next, atLeast := begin, " >= "
		for len(values) < limit {
			q := &query{}
			where := "state = " + q.arg(merge.Open.String()) + " AND "
			if name == "claimed" {
				where = ""
			}
			q.add("SELECT ", source.column, "\nFROM ", source.table, "\nWHERE ", where, source.column, atLeast, q.arg(next),
				"\nORDER BY ", source.column, "\nLIMIT 1")
			found, value := false, ""
			err := g.rows(func(row *cells) error {
				found, value = true, row.text(0)
				return nil
			}, q)
			if err != nil || !found || len(value) < len(begin) || value[:len(begin)] != begin {
				return err
			}
			if next, atLeast = value, " > "; name != "field" {
				values = append(values, value)
			} else if value != "" {
				values = append(values, merge.PathLabel(value))
			}
		}
		return nil
	})
	return values, wrap("list values", err)
}
