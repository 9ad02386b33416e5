package store

import (
	"database/sql"
	"maps"
	"slices"
	"strings"

	"dovetail/merge"
)

// decidedApart lists the fields, sorted, that a person decided on in result, made on a base, and somebody else at the
// hub since, where the head is another than that. Which conflict it was decided in is nothing to it: what is one on a
// replica may be two at the hub.
func decidedApart(from source, h *head, on base, own merge.Decisions, result merge.Document) ([]string, error) {
	if on.lost || len(own) == 0 {
		return nil, nil
	}
	theirs, err := decidedSince(from, h.id, on.version)
	if err != nil {
		return nil, err
	}
	both := map[string]bool{}
	for mine := range own {
		for _, path := range theirs {
			switch {
			case inside(path, mine):
				both[path] = true
			case inside(mine, path):
				both[mine] = true
			}
		}
	}
	maps.DeleteFunc(both, func(path string, _ bool) bool {
		return merge.Equal(merge.Lookup(result, path), merge.Lookup(h.fields.text, path))
	})
	return slices.Sorted(maps.Keys(both)), nil
}

// inside reports whether a path is another one, or of something in what that one is of.
func inside(path, other string) bool {
	return path == other || strings.HasPrefix(path, other+"/")
}

// decidedSince lists the fields on which people decided at the hub after a version, unless it was taken back.
func decidedSince(from source, record, version int64) ([]string, error) {
	var paths []string
	err := from.rows(func(rows *sql.Rows) error {
		var text words
		var made merge.Decisions
		if err := rows.Scan(&text); err != nil {
			return err
		}
		err := decode(text, &made)
		for path := range made {
			paths = append(paths, path)
		}
		return err
	}, `
		SELECT n.decisions
		FROM dovetail_resolution n
		WHERE n.record = $1 AND n.version > $2 AND n.decisions IS NOT NULL
			AND NOT EXISTS (SELECT 1 FROM dovetail_resolution u WHERE u.undoes = n.id)`,
		record, version)
	return paths, wrap("find decisions", err)
}

// apartHere is decidedApart for a change of this replica.
func (t *tx) apartHere(h *head, c *ownChange) ([]string, error) {
	if len(c.decisions) == 0 {
		return nil, nil
	}
	local, err := load(t, c.local)
	if err != nil {
		return nil, err
	}
	return decidedApart(t, h, c.base, c.decisions, local.text)
}

// setApart notes on a change that the hub knows what it was told then. One that was not sent goes there as an edit.
func (t *tx) setApart(h *head, c *ownChange) error {
	if c.outbox == outboxWaiting {
		return nil
	}
	var err error
	c.base.apart, err = t.apartHere(h, c)
	return err
}
