package store

import (
	"cmp"
	"context"
	"database/sql/driver"
	"fmt"
	"slices"
	"time"

	"dovetail/merge"
)

// Groups returns the groups of the conflicts that q's filter chooses, the largest first. It reads all of those: of a
// million, that takes seconds.
func (s *Store) Groups(ctx context.Context, q merge.Query) ([]merge.Group, error) {
	var groups []merge.Group
	err := s.awake(ctx, func() (due time.Time, err error) {
		err = s.glance(ctx, func(g *glance) error {
			if due, err = g.firstDue(); err != nil {
				return err
			}
			p, err := newPager(g, q)
			if err == nil {
				groups, err = p.groups()
			}
			return err
		})
		return due, err
	})
	return groups, wrap("group the queue", err)
}

// groupKey is what the conflicts of a group have alike, as it stands in the table.
type groupKey struct{ collection, kind, localBy, device, fields string }

func (p *pager) groups() ([]merge.Group, error) {
	all := map[groupKey]*merge.Group{}
	for _, state := range p.states {
		if err := p.groupsIn(state, all); err != nil {
			return nil, err
		}
	}
	groups := make([]merge.Group, 0, len(all))
	for key, g := range all {
		g.Collection, g.LocalBy, g.Device = key.collection, key.localBy, key.device
		if err := g.Kind.UnmarshalText([]byte(key.kind)); err != nil {
			return nil, fmt.Errorf("%w: %w", ErrCorrupt, err)
		}
		var err error
		if g.Fields, err = readPaths(key.fields); err != nil {
			return nil, err
		}
		groups = append(groups, *g)
	}
	slices.SortFunc(groups, func(a, b merge.Group) int {
		return cmp.Or(cmp.Compare(b.Count, a.Count), cmp.Compare(a.First, b.First))
	})
	return groups, nil
}

// groupsIn counts the conflicts in one state. They are counted here and not by GROUP BY, which would sort them first.
func (p *pager) groupsIn(state merge.State, all map[groupKey]*merge.Group) error {
	of := lane{queueWalk, state, nil}
	if ways := p.ways(state); len(ways) == 1 {
		of = ways[0][0] // each row stands in it once
	}
	q := &query{long: true}
	from, id, in := of.table(q)
	q.add("SELECT c.collection, c.kind, c.local_by, c.device, ", allFields(id), ", ", id, "\nFROM ", from, "\nWHERE ", in,
		p.conditions(q, of, id, func(*query, string) string { return "" }))
	return p.glance.rows(func(row *cells) error {
		key := groupKey{row.text(0), row.text(1), row.text(2), row.text(3), row.text(4)}
		number := row.integer(5)
		g := all[key]
		if g == nil {
			g = &merge.Group{First: number}
			all[key] = g
		}
		g.Count++
		g.First = min(g.First, number)
		return nil
	}, q)
}

// allFields is the list of a conflict's fields, looked up where it is too long for the indexes.
func allFields(id string) string {
	return "coalesce(" + shortFields + ", (SELECT k.fields FROM dovetail_conflict k WHERE k.id = " + id + "))"
}

// askGroup asks for the conflicts of a group, and has them read along the indexes that hold them.
func (p *pager) askGroup(of merge.Group) error {
	fields, err := pathList(of.Fields)
	if err != nil {
		return err
	}
	p.asked = append(p.asked, condition{"group", func(q *query, id string) string {
		return "(c.collection = " + q.arg(of.Collection) + " AND c.kind = " + q.arg(of.Kind.String()) +
			" AND coalesce(c.local_by, '') = " + q.arg(of.LocalBy) + " AND coalesce(c.device, '') = " + q.arg(of.Device) +
			" AND " + allFields(id) + " = " + q.arg(fields) + ")"
	}})
	for name, value := range map[string]string{"collection": of.Collection, "kind": of.Kind.String(), "by": of.LocalBy} {
		if _, asked := p.walks[name]; !asked && value != "" {
			w := walks[name]
			w.values = []driver.Value{value}
			p.walks[name] = w
		}
	}
	return nil
}
