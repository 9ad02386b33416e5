package store

import (
	"context"
	"errors"
	"fmt"
	"math"
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
	err = s.awake(ctx, func() (due time.Time, err error) {
		err = s.glance(ctx, func(g *glance) error {
			if q.From == "" { // a list that begins is one that is looked at anew
				if due, err = g.firstDue(); err != nil {
					return err
				}
			}
			if page, err = readPage(g, q, from); err == nil {
				err = g.tellClaims(page.Conflicts)
			}
			return err
		})
		return due, err
	})
	return page, wrap("read queue", err)
}

func readPage(g *glance, q merge.Query, from place) (merge.Page, error) {
	p, err := newPager(g, q)
	if err != nil {
		return merge.Page{}, err
	}
	p.newest = q.Newest
	rows, err := p.rows(stretch{from: from, backward: q.Backward != q.Newest, limit: q.Limit + 1})
	if err != nil {
		return merge.Page{}, err
	}
	further := len(rows) > q.Limit
	rows = rows[:min(len(rows), q.Limit)]
	if q.Backward {
		slices.Reverse(rows)
	}
	return p.page(rows, from, q.Backward, further)
}

// place is where a row stands in the queue. Its zero value is before all of them, and after all of them backward.
type place struct {
	openedAt int64
	id       int64
}

func placeOf(c merge.Conflict) place { return place{c.OpenedAt.UnixMicro(), c.Number} }

// before is a place that a row would have between one at p and whatever is before that. No conflict has the number 0, which
// would be the end of the queue.
func (p place) before() place {
	if p.id > 1 {
		return place{p.openedAt, p.id - 1}
	}
	return place{p.openedAt - 1, math.MaxInt64}
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
	if len(p.words) > 0 {
		// Mostly the row there is the last of the page before, and then nobody needs to search behind it.
		if some, err := p.isAt(from); err != nil || some {
			page.Before, page.After = page.Before || !backward, page.After || backward
			return page, err
		}
	}
	edge := first
	if backward {
		edge = last
	}
	behind, err := p.rows(stretch{from: edge, backward: backward == p.newest, limit: 1})
	some := len(behind) > 0
	if len(rows) == 0 && err == nil && !some && len(p.words) == 0 {
		// The row at the place itself is neither before nor after it.
		some, err = p.isAt(from)
	}
	if backward {
		page.After = some
	} else {
		page.Before = some
	}
	return page, err
}

// isAt tells whether the row at a place is one of those that are looked for.
func (p *pager) isAt(at place) (bool, error) {
	rows, err := p.rows(stretch{from: at.before(), until: at, limit: 1})
	return len(rows) > 0, err
}
