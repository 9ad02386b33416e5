package store

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"dovetail/merge"
)

// queueLimit is how many rows a page has where nobody says.
const queueLimit = 50

// ErrCursor says that a cursor is none of those that a page came with.
var ErrCursor = errors.New("not a place in the queue")

// Conflicts returns a page of the queue. A page deep in it costs what the first one does: it begins at a place in an
// index, not after a number of rows.
func (s *Store) Conflicts(ctx context.Context, q merge.Query) (merge.Page, error) {
	from, err := parseCursor(q.From)
	if err != nil {
		return merge.Page{}, err
	}
	if q.Limit <= 0 {
		q.Limit = queueLimit
	}
	var page merge.Page
	err = s.read(ctx, func(v *view) error {
		p, err := newPager(v, q)
		if err != nil {
			return err
		}
		rows, err := p.rows(from, q.Backward, q.Limit+1)
		if err != nil {
			return err
		}
		further := len(rows) > q.Limit
		rows = rows[:min(len(rows), q.Limit)]
		if q.Backward {
			slices.Reverse(rows)
		}
		page, err = p.page(rows, from, q.Backward, further)
		return err
	})
	return page, wrap("read queue", err)
}

// place is where a row stands in the queue. Its zero value is before all of them, and after all of them backward.
type place struct {
	openedAt int64
	id       int64
}

func (p place) cursor() merge.Cursor {
	return merge.Cursor(strconv.FormatInt(p.openedAt, 36) + "." + strconv.FormatInt(p.id, 36))
}

func parseCursor(c merge.Cursor) (place, error) {
	if c == "" {
		return place{}, nil
	}
	openedAt, id, _ := strings.Cut(string(c), ".")
	at, err := strconv.ParseInt(openedAt, 36, 64)
	n, err2 := strconv.ParseInt(id, 36, 64)
	if err != nil || err2 != nil || n <= 0 {
		return place{}, fmt.Errorf("%w: %q", ErrCursor, c)
	}
	return place{at, n}, nil
}

// pager reads the rows that a filter chooses.
type pager struct {
	view   *view
	person string
	states []merge.State
	field  string // the one field that is asked for: its index gives the order
	where  []string
	args   []any
}

func newPager(v *view, q merge.Query) (*pager, error) {
	p := &pager{view: v, person: q.Person, args: []any{q.Person}}
	byName := map[string][]merge.Term{}
	for _, term := range q.Filter.Terms {
		byName[term.Name] = append(byName[term.Name], term)
	}
	for _, name := range append([]string{""}, merge.FilterNames...) {
		if terms := byName[name]; len(terms) > 0 {
			if err := p.choose(name, terms); err != nil {
				return nil, err
			}
		}
	}
	if len(p.states) == 0 {
		p.states = []merge.State{merge.Open}
	}
	return p, nil
}

// choose adds the terms of one name, any of which will do.
func (p *pager) choose(name string, terms []merge.Term) error {
	columns := map[string]string{"collection": "c.collection", "kind": "c.kind", "by": "c.local_by", "device": "c.device"}
	switch name {
	case "age":
		return p.ages(terms)
	case "state":
		for _, term := range terms {
			var state merge.State
			if err := state.UnmarshalText([]byte(term.Value)); err != nil {
				return err
			}
			p.states = append(p.states, state)
		}
		slices.Sort(p.states)
		p.states = slices.Compact(p.states)
		return nil
	case "field":
		if len(terms) == 1 {
			p.field = terms[0].Value
			return nil
		}
	}
	var any []string
	for _, term := range terms {
		switch name {
		case "":
			any = append(any, `instr(lower(c.collection || '/' || c.name), `+p.arg(lowerASCII(term.Value))+`) > 0`)
		case "record":
			any = append(any, p.record(term.Value))
		case "field":
			any = append(any, `EXISTS (SELECT 1 FROM dovetail_conflict_field f WHERE f.conflict = c.id AND f.path = `+p.arg(term.Value)+`)`)
		default:
			any = append(any, columns[name]+` = `+p.arg(term.Value))
		}
	}
	p.where = append(p.where, "("+strings.Join(any, " OR ")+")")
	return nil
}

// record compares with a record's whole name, or with its id alone.
func (p *pager) record(name string) string {
	if key, err := merge.ParseKey(name); err == nil {
		return `c.record = (SELECT id FROM dovetail_record WHERE collection = ` + p.arg(key.Collection) + ` AND name = ` + p.arg(key.ID) + `)`
	}
	return `c.name = ` + p.arg(name)
}

func (p *pager) ages(terms []merge.Term) error {
	for _, term := range terms {
		limit := p.view.now.Add(-term.Age).UnixMicro()
		switch term.Op {
		case '<':
			p.where = append(p.where, `c.opened_at > `+p.arg(limit))
		case '>':
			p.where = append(p.where, `c.opened_at < `+p.arg(limit))
		default:
			return fmt.Errorf("%w: age %c", merge.ErrFilter, term.Op)
		}
	}
	return nil
}

func (p *pager) arg(v any) string {
	p.args = append(p.args, v)
	return "$" + strconv.Itoa(len(p.args))
}

// rows reads the rows after a place, or before it, nearest first.
func (p *pager) rows(from place, backward bool, limit int) ([]merge.Conflict, error) {
	var all []merge.Conflict
	for _, state := range p.states {
		query, args := p.query(state, from, backward, limit)
		if err := p.view.rows(func(rows *sql.Rows) error {
			c, err := scanConflict(rows)
			all = append(all, c)
			return err
		}, query, args...); err != nil {
			return nil, err
		}
	}
	if len(p.states) > 1 {
		slices.SortFunc(all, func(a, b merge.Conflict) int {
			order := cmp.Or(a.OpenedAt.Compare(b.OpenedAt), cmp.Compare(a.Number, b.Number))
			if backward {
				return -order
			}
			return order
		})
	}
	return all[:min(len(all), limit)], nil
}

// query is for one state: the rows of several do not stand in one order in the index.
func (p *pager) query(state merge.State, from place, backward bool, limit int) (string, []any) {
	kept := len(p.args)
	defer func() { p.args = p.args[:kept] }()
	table, openedAt, id, direction, compare := "dovetail_conflict c", "c.opened_at", "c.id", "ASC", ">"
	where := append([]string{"c.state = " + p.arg(state.String())}, p.where...)
	if p.field != "" {
		table = "dovetail_conflict_field f CROSS JOIN dovetail_conflict c ON c.id = f.conflict"
		openedAt, id = "f.opened_at", "f.conflict"
		where = append([]string{"f.state = " + p.arg(state.String()) + " AND f.path = " + p.arg(p.field)}, p.where...)
	}
	if backward {
		direction, compare = "DESC", "<"
	}
	if from.id > 0 {
		where = append(where, "("+openedAt+", "+id+") "+compare+" ("+p.arg(from.openedAt)+", "+p.arg(from.id)+")")
	}
	query := `
		SELECT ` + queueColumns + `
		FROM ` + table + `
		LEFT JOIN dovetail_draft d ON d.conflict = c.id AND d.person = $1
		WHERE ` + strings.Join(where, " AND ") + `
		ORDER BY ` + openedAt + " " + direction + ", " + id + " " + direction + `
		LIMIT ` + p.arg(limit)
	return query, slices.Clone(p.args)
}

const queueColumns = `
	c.id, c.collection, c.name, c.kind, c.fields, c.base_version, c.server_version, c.state, c.revision, c.local_by,
	c.local_at, c.server_by, c.server_at, c.device, c.opened_at, d.decided, d.revision, d.saved_at`

func scanConflict(rows *sql.Rows) (merge.Conflict, error) {
	var c merge.Conflict
	var kind, state, fields, localBy, serverBy, device words
	var base, decided, revision number
	var localAt, serverAt, openedAt, savedAt moment
	if err := rows.Scan(&c.Number, &c.Record.Collection, &c.Record.ID, &kind, &fields, &base, &c.ServerVersion, &state,
		&c.Revision, &localBy, &localAt, &serverBy, &serverAt, &device, &openedAt, &decided, &revision,
		&savedAt); err != nil {
		return c, err
	}
	c.BaseVersion, c.LocalBy, c.ServerBy, c.Device = int64(base), string(localBy), string(serverBy), string(device)
	c.LocalAt, c.ServerAt, c.OpenedAt = localAt.Time, serverAt.Time, openedAt.Time
	if savedAt.Time != (time.Time{}) {
		c.Draft = &merge.DraftNote{Decided: int(decided), Stale: int64(revision) != c.Revision, SavedAt: savedAt.Time}
	}
	return c, errors.Join(c.Kind.UnmarshalText([]byte(kind)), c.State.UnmarshalText([]byte(state)), decode(fields, &c.Fields))
}

// page puts rows in the queue's order together with what stands around them.
func (p *pager) page(rows []merge.Conflict, from place, backward, further bool) (merge.Page, error) {
	page := merge.Page{Conflicts: rows, Before: further, After: further}
	first, last := from, from
	if len(rows) > 0 {
		first, last = placeOf(rows[0]), placeOf(rows[len(rows)-1])
		page.First, page.Last = first.cursor(), last.cursor()
	}
	// What lies in the direction of the reading is known; on the other side there is something only if the page does
	// not begin at that end.
	if from.id == 0 {
		if backward {
			page.After = false
		} else {
			page.Before = false
		}
		return page, nil
	}
	edge := first
	if backward {
		edge = last
	}
	behind, err := p.rows(edge, !backward, 1)
	if len(rows) == 0 && err == nil && len(behind) == 0 {
		behind, err = p.at(from)
	}
	if backward {
		page.After = len(behind) > 0
	} else {
		page.Before = len(behind) > 0
	}
	return page, err
}

// at reads the row at a place itself, which is neither before nor after it.
func (p *pager) at(from place) ([]merge.Conflict, error) {
	return p.rows(place{from.openedAt, from.id - 1}, false, 1)
}

func placeOf(c merge.Conflict) place { return place{c.OpenedAt.UnixMicro(), c.Number} }
