package store

import (
	"strconv"

	"dovetail/merge"
)

// search reads the rows of a stretch that can be read in several ways. It goes along the index of each name of the filter
// and, where a word is asked for, the index of names: a common word is met soon along the queue, a rare one by its name. It
// does so in turns. Each begins where the one before ended, and is longer than the last of its kind. So it takes no longer
// than a few times what the best of them would, wherever that is.
func (p *pager) search(ways []lane, s stretch) ([]merge.Conflict, error) {
	if len(ways) == 1 && len(p.words) == 0 {
		l := ways[0]
		return p.along(l, s, len(p.asked) > 1 || l.name == "" && len(p.asked) > 0)
	}
	turns := p.turns(ways, s.limit)
	var all []merge.Conflict
	for {
		for i := range turns {
			met, err := p.meet(ways[1:], &s)
			if err != nil || !met {
				return all, err
			}
			t := &turns[i]
			rest := s
			rest.limit -= len(all)
			found, err := t.take(t.lane, rest, t.entries)
			if err != nil {
				return nil, err
			}
			all = append(all, found.rows...)
			if len(all) >= s.limit || !found.more {
				return all[:min(len(all), s.limit)], nil
			}
			s.from = found.end
			t.entries = min(t.entries*t.growth, mostEntries)
		}
	}
}

// meet has a stretch begin where each of some lanes has come to an entry; false where one has none.
func (p *pager) meet(lanes []lane, s *stretch) (bool, error) {
	for _, l := range lanes {
		at, found, err := p.skip(l, *s, 1, s.bounds)
		if err != nil || !found {
			return false, err
		}
		if s.backward {
			s.from = place{at.openedAt, at.id + 1}
		} else {
			s.from = at.before()
		}
	}
	return true, nil
}

// turn is one of those that a search takes.
type turn struct {
	lane    lane
	take    func(l lane, s stretch, entries int) (part, error)
	entries int
	growth  int
}

// How many entries are looked at in the first turn for each row that is wanted: along an index, and of the index of names,
// which is the more likely way where that did not do, but no fewer than take as long as to ask at all. Then how many
// there are in a turn at most, and how many are looked at in no time.
const (
	alongEntries = 10
	namedEntries = 5
	fewestAlong  = 32
	fewestNamed  = 128
	mostEntries  = 1 << 16
	fewEntries   = 1 << 10
)

// turns are the first ones that a search takes.
func (p *pager) turns(ways []lane, limit int) []turn {
	var turns []turn
	for _, l := range ways {
		turns = append(turns, turn{l, p.turnAlong, max(fewestAlong, alongEntries*limit), 4})
	}
	if len(p.words) > 0 {
		turns = append(turns, turn{ways[0], p.turnByName, max(fewestNamed, namedEntries*limit), 16})
	}
	return turns
}

// part is what one turn came to.
type part struct {
	rows []merge.Conflict
	end  place // up to here, where there is more
	more bool
}

// turnAlong looks at so many entries of a lane.
func (p *pager) turnAlong(l lane, s stretch, entries int) (part, error) {
	end, more, err := p.ahead(l, s, entries)
	if err != nil {
		return part{}, err
	}
	if more {
		s.until = end
	}
	rows, err := p.along(l, s, entries > fewEntries)
	return part{rows, end, more}, err
}

// turnByName looks at so many of the conflicts that the index of names gives. It begins at the place of a row.
func (p *pager) turnByName(l lane, s stretch, entries int) (part, error) {
	edge, bounded, err := p.inOrder(s)
	if err != nil || bounded && edge == s.from {
		return part{end: edge, more: bounded}, err
	}
	if bounded && (s.until.id == 0 || s.compare(edge, s.until) < 0) {
		s.until = edge
	} else {
		bounded = false
	}
	expression, err := p.express()
	if err != nil {
		return part{}, err
	}
	found := part{end: edge, more: bounded}
	last := int64(-1)
	if entries > fewEntries {
		found.rows, err = p.namedRows(l, s, expression, entries)
		if err == nil && len(found.rows) < s.limit {
			last, err = p.lastNamed(s, expression, entries)
		}
	} else {
		var numbers []int64
		if numbers, err = p.named(s, expression, entries); err == nil {
			found.rows, err = p.numbered(l, s, numbers)
		}
		if len(numbers) == entries {
			last = numbers[entries-1]
		}
	}
	if err != nil || last < 0 {
		return found, err
	}
	q := &query{}
	q.add("SELECT opened_at, id\nFROM dovetail_conflict\nWHERE id = ", q.arg(last))
	found.end, found.more, err = p.place(q)
	return found, err
}

// inOrder finds how far the index of names is in the order of the queue; false where it is to the end.
func (p *pager) inOrder(s stretch) (edge place, bounded bool, err error) {
	compare, order := ">=", "ASC"
	if s.backward {
		compare, order = "<=", "DESC"
	}
	q := &query{}
	q.add("SELECT second, 0\nFROM dovetail_conflict_disorder\nWHERE second ", compare, " ", q.arg(s.from.second()),
		"\nORDER BY second ", order, "\nLIMIT 1")
	at, found, err := p.place(q)
	switch {
	case err != nil || !found:
		return place{}, false, err
	case at.openedAt == s.from.second():
		return s.from, true, nil
	case s.backward:
		return place{(at.openedAt + 1) << secondBits, 1}, true, nil
	}
	return place{at.openedAt<<secondBits - 1, lastNumber}, true, nil
}

// listing is what the index of names is asked for the conflicts in a stretch, nearest first.
func (p *pager) listing(q *query, s stretch, expression string, limit string) string {
	after, upTo := " > ", " <= "
	if s.backward {
		after, upTo = " < ", " >= "
	}
	sql := "SELECT rowid & " + strconv.Itoa(lastNumber) + " AS number\nFROM dovetail_conflict_word\nWHERE dovetail_conflict_word MATCH " +
		q.arg(expression) + " AND rowid" + after + q.arg(s.from.listed())
	if s.until.id > 0 {
		sql += " AND rowid" + upTo + q.arg(s.until.listed())
	}
	return sql + s.order("rowid") + limit
}

// named returns the numbers of so many conflicts at most that the index of names gives.
func (p *pager) named(s stretch, expression string, atMost int) ([]int64, error) {
	q := &query{long: true}
	q.add(p.listing(q, s, expression, "\nLIMIT "+strconv.Itoa(atMost)))
	var numbers []int64
	err := p.glance.rows(func(row *cells) error {
		numbers = append(numbers, row.integer(0))
		return nil
	}, q)
	return numbers, err
}

// lastNamed returns the number of the last of so many conflicts that the index of names gives; -1 where there are fewer.
func (p *pager) lastNamed(s stretch, expression string, entries int) (int64, error) {
	q := &query{long: true}
	q.add(p.listing(q, s, expression, "\nLIMIT 1 OFFSET "+strconv.Itoa(entries-1)))
	last := int64(-1)
	err := p.glance.rows(func(row *cells) error {
		last = row.integer(0)
		return nil
	}, q)
	return last, err
}

// numbered reads those of some conflicts that are in a lane, as along does.
func (p *pager) numbered(l lane, s stretch, numbers []int64) ([]merge.Conflict, error) {
	if len(numbers) == 0 {
		return nil, nil
	}
	list, err := encode(numbers)
	if err != nil {
		return nil, err
	}
	q := &query{long: true}
	return p.chosen(q, l, s, "SELECT value AS number FROM json_each("+q.arg(list)+")")
}

// namedRows is numbered for the conflicts that named returns. Where they are many, to take each out and in again takes as
// long as to find them; where they are few, so does it to ask for the last of them.
func (p *pager) namedRows(l lane, s stretch, expression string, atMost int) ([]merge.Conflict, error) {
	q := &query{long: true}
	return p.chosen(q, l, s, p.listing(q, s, expression, "\nLIMIT "+strconv.Itoa(atMost)))
}

// chosen reads the conflicts with the numbers that a query gives that are in a lane, as along does.
func (p *pager) chosen(q *query, l lane, s stretch, numbers string) ([]merge.Conflict, error) {
	draft, columns := p.draft(q, "c.id", l.state)
	q.add("SELECT ", columns, "\nFROM (", numbers, ") n CROSS JOIN dovetail_conflict c ON c.id = n.number", draft,
		"\nWHERE c.state = ", q.arg(l.state.String()))
	if l.name != "" {
		q.add(" AND ", l.has(q, "c.id", l.value))
	}
	q.add(p.conditions(q, l, "c.id", stretch{}.bounds), s.order("c.opened_at", "c.id"), s.atMost())
	return p.conflicts(q, l.state, s.limit)
}
