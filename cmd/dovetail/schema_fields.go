package main

import (
	"context"
	"slices"
	"strings"

	"dovetail/merge"
	"dovetail/store"
	"dovetail/store/adopt"
)

// glanced is how many records are looked at for a field that a schema names.
const glanced = 100

// checkFields refuses policies for what an adopted table has no column for, and says of any other collection where none of its
// first records has such a field: a name that was mistyped would have no effect, without a word.
func (a *app) checkFields(ctx context.Context, s *store.Store, collection string, words []string) error {
	var names []string
	for _, word := range words {
		field, _, _ := cutLast(word, "=")
		path, err := merge.ParsePath(field)
		if err != nil || path == "" {
			continue // which is refused where it is set
		}
		first, _, _ := strings.Cut(path[1:], "/")
		names = append(names, strings.NewReplacer("~1", "/", "~0", "~").Replace(first))
	}
	if len(names) == 0 {
		return nil
	}
	columns, adopted, err := adopt.Fields(ctx, s, collection)
	if err != nil {
		return err
	}
	if adopted {
		return knownColumns(collection, columns, names)
	}
	records, err := s.List(ctx, collection, "", "", glanced)
	if err != nil || len(records) == 0 {
		return err
	}
	for _, name := range names {
		path := "/" + strings.NewReplacer("~", "~0", "/", "~1").Replace(name)
		if !slices.ContainsFunc(records, func(r store.Record) bool { return merge.Lookup(r.Fields, path) != merge.Absent }) {
			a.say("no record of %s has a field %q, among the first %d: it counts once one has", collection, name, len(records))
		}
	}
	return nil
}

// knownColumns refuses names that are no columns of a collection.
func knownColumns(collection string, columns, names []string) error {
	for _, name := range names {
		if slices.Contains(columns, name) {
			continue
		}
		wrong := misuse("the table of %s has no column %q", collection, name)
		for _, column := range columns {
			if strings.EqualFold(column, name) || apart(column, name) <= 2 && len(name) > 2 {
				return hint(wrong, "did you mean %s? Its columns are %s", column, strings.Join(columns, ", "))
			}
		}
		return hint(wrong, "its columns are %s", strings.Join(columns, ", "))
	}
	return nil
}

// apart is how many letters have to be put in, taken out or changed to make one word of another.
func apart(a, b string) int {
	from, to := []rune(a), []rune(b)
	row := make([]int, len(to)+1)
	for j := range row {
		row[j] = j
	}
	for i, r := range from {
		before := row[0]
		row[0] = i + 1
		for j, q := range to {
			cost := before
			if r != q {
				cost++
			}
			before, row[j+1] = row[j+1], min(cost, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(to)]
}
