package store

import (
	"dovetail/merge"
)

// search reads the rows of a stretch that can be read in several ways. It goes along the index of each name of the filter
// and, where a word is asked for, the index of names: a common word is met soon along the queue, a rare one by its name. It
// does so in turns. Each begins where the one before ended, and is longer than the last of its kind. So it takes no longer
// than a few times what the best of them would, wherever that is.
func (p *pager) search(ways []lane, s stretch) ([]merge.Conflict, error) {
	if len(ways) == 1 && len(p.words) == 0 {
		return p.along(ways[0], s)
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
			found, err := t.take(t.lane, s, t.entries)
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
		at, found, err := p.ahead(l, *s, 1)
		if err != nil || !found {
			return false, err
		}
		if s.backward {
			s.from = place{at.openedAt, at.id + 1}
		} else {
			s.from = place{at.openedAt, at.id - 1}
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
// which is the more likely way where that did not do. Then how many there are in a turn at most.
const (
	alongEntries = 10
	namedEntries = 5
	mostEntries  = 1 << 16
)

// turns are the first ones that a search takes.
func (p *pager) turns(ways []lane, limit int) []turn {
	var turns []turn
	for _, l := range ways {
		turns = append(turns, turn{l, p.turnAlong, alongEntries * limit, 4})
	}
	if len(p.words) > 0 {
		turns = append(turns, turn{ways[0], p.turnByName, namedEntries * limit, 16})
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
	rows, err := p.along(l, s)
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
	numbers, err := p.named(expression, s, entries)
	if err != nil {
		return part{}, err
	}
	found := part{end: edge, more: bounded}
	if found.rows, err = p.numbered(l, s, numbers); err != nil || len(numbers) < entries {
		return found, err
	}
	q := &query{}
	q.add("SELECT opened_at, id\nFROM dovetail_conflict\nWHERE id = ", q.arg(numbers[entries-1]))
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

// named asks the index of names for the numbers of conflicts in a stretch, nearest first.
func (p *pager) named(expression string, s stretch, atMost int) ([]int64, error) {
	after, upTo := " > ", " <= "
	if s.backward {
		after, upTo = " < ", " >= "
	}
	q := &query{long: true}
	q.add("SELECT rowid\nFROM dovetail_conflict_word\nWHERE dovetail_conflict_word MATCH ", q.arg(expression),
		" AND rowid", after, q.arg(s.from.listed()))
	if s.until.id > 0 {
		q.add(" AND rowid", upTo, q.arg(s.until.listed()))
	}
	s.limit = atMost
	q.add(s.order("rowid"), s.atMost())
	var numbers []int64
	err := p.glance.rows(func(row *cells) error {
		numbers = append(numbers, row.integer(0)&lastNumber)
		return nil
	}, q)
	return numbers, err
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
	draft, columns := p.draft(q, "c.id")
	q.add("SELECT ", columns, "\nFROM json_each(", q.arg(list), ") n CROSS JOIN dovetail_conflict c ON c.id = n.value", draft,
		"\nWHERE c.state = ", q.arg(l.state.String()))
	if l.name != "" {
		q.add(" AND ", l.has(q, "c.id", l.value))
	}
	q.add(p.conditions(q, l, "c.id", stretch{}.bounds), s.order("c.opened_at", "c.id"), s.atMost())
	return p.conflicts(q, l.state, s.limit)
}
