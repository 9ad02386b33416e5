package store

import (
	"database/sql/driver"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"dovetail/merge"
)

// pager reads the rows that a filter chooses.
type pager struct {
	glance *glance
	person string // empty: has no drafts
	states []merge.State
	newest bool // comes first
	asked  []condition
	walks  map[string]walk // by the name in the filter
	words  []string        // that a record's name must hold one of, in small letters

	expression string // of words; empty: none was needed yet
}

// condition is what all terms of one name ask for.
type condition struct {
	name string
	sql  func(q *query, id string) string // id is the column of a conflict's number
}

// query is a statement with its arguments.
type query struct {
	text strings.Builder
	args []driver.Value
	long bool // it may take long, so that it is worth the time to watch whether it is still wanted
}

// add goes on with the statement.
func (q *query) add(parts ...string) {
	for _, part := range parts {
		q.text.WriteString(part)
	}
}

// arg binds a value and returns what stands for it.
func (q *query) arg(v driver.Value) string {
	q.args = append(q.args, v)
	return "$" + strconv.Itoa(len(q.args))
}

func newPager(g *glance, q merge.Query) (*pager, error) {
	p := &pager{glance: g, person: q.Person, walks: map[string]walk{}}
	byName := map[string][]merge.Term{}
	for _, term := range q.Filter.Terms {
		byName[term.Name] = append(byName[term.Name], term)
	}
	// The words come last, since to look for one takes the longest.
	for _, name := range append(slices.Clone(merge.FilterNames), "") {
		if terms := byName[name]; len(terms) > 0 {
			if err := p.ask(name, terms); err != nil {
				return nil, err
			}
		}
	}
	if q.Drafts {
		p.askDrafts(q.Person)
	}
	if q.Group != nil {
		if err := p.askGroup(*q.Group); err != nil {
			return nil, err
		}
	}
	if len(p.states) == 0 {
		p.states = []merge.State{merge.Open}
	}
	return p, p.noDrafts()
}

// noDrafts forgets the person who has no draft at all, so that none is looked for beside each row.
func (p *pager) noDrafts() error {
	q, some := &query{}, false
	q.add("SELECT 1\nFROM dovetail_draft\nWHERE person = ", q.arg(p.person), "\nLIMIT 1")
	err := p.glance.rows(func(*cells) error {
		some = true
		return nil
	}, q)
	if !some {
		p.person = ""
	}
	return err
}

// askDrafts asks for the conflicts that a person has a draft on, and has them read from the drafts: there are few.
func (p *pager) askDrafts(person string) {
	w := walks["draft"]
	w.values = []driver.Value{person}
	p.walks[w.name] = w
	p.asked = append(p.asked, condition{"has draft", func(q *query, id string) string {
		return "EXISTS (SELECT 1 FROM dovetail_draft w WHERE w.conflict = " + id + " AND w.person = " + q.arg(person) + " AND " + begun("w") + ")"
	}})
}

// ask adds the terms of one name, any of which will do; of age all must.
func (p *pager) ask(name string, terms []merge.Term) error {
	switch name {
	case "":
		p.askWords(terms)
	case "state":
		return p.askStates(terms)
	case "age":
		return p.askAges(terms)
	case "record":
		return p.askRecords(terms)
	default:
		w := walks[name]
		w.now = p.glance.now
		for _, term := range terms {
			if !slices.Contains(w.values, driver.Value(term.Value)) {
				w.values = append(w.values, term.Value)
			}
		}
		p.askValues(w)
	}
	return nil
}

// askValues adds an index by which the rows with some value can be read, unless there are too many values to read
// along each.
func (p *pager) askValues(w walk) {
	if len(w.values) <= maxLanes {
		p.walks[w.name] = w
	}
	p.asked = append(p.asked, condition{w.name, func(q *query, id string) string {
		var any []string
		for _, value := range w.values {
			any = append(any, w.has(q, id, value))
		}
		return "(" + strings.Join(any, " OR ") + ")"
	}})
}

func (p *pager) askStates(terms []merge.Term) error {
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
}

func (p *pager) askAges(terms []merge.Term) error {
	for _, term := range terms {
		limit, compare := p.glance.now.Add(-term.Age).UnixMicro(), map[byte]string{'<': ">", '>': "<"}[term.Op]
		if compare == "" {
			return fmt.Errorf("%w: age %c", merge.ErrFilter, term.Op)
		}
		p.asked = append(p.asked, condition{"age", func(q *query, _ string) string {
			return "c.opened_at " + compare + " " + q.arg(limit)
		}})
	}
	return nil
}

// askWords looks for one of some words in a record's name. Every name holds the empty word.
func (p *pager) askWords(terms []merge.Term) {
	for _, term := range terms {
		if term.Value == "" {
			return
		}
	}
	for _, term := range terms {
		p.words = append(p.words, lowerASCII(term.Value))
	}
	p.asked = append(p.asked, condition{"", func(q *query, _ string) string {
		var any []string
		for _, word := range p.words {
			any = append(any, hasWord(q, word))
		}
		return "(" + strings.Join(any, " OR ") + ")"
	}})
}

// hasWord is the condition that a conflict's record has a word in its name, ASCII letters in either case. LIKE compares as
// that asks for, and takes half the time of making the letters small, but knows no NUL and no long patterns. It stands in a
// CASE because SQLite plans a statement anew for each pattern that is bound, where an index might begin with it.
func hasWord(q *query, word string) string {
	if strings.ContainsAny(word, "/\x00") || len(word) > maxLike {
		return "instr(lower(c.collection || '/' || c.name), " + q.arg(word) + ") > 0"
	}
	pattern := q.arg("%" + likeLiteral.Replace(word) + "%")
	return `CASE WHEN c.name LIKE ` + pattern + ` ESCAPE '\' THEN 1 ELSE c.collection LIKE ` + pattern + ` ESCAPE '\' END`
}

const maxLike = 1000

// likeLiteral has LIKE take every character for itself.
var likeLiteral = strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`)

// askRecords looks for records by their whole name, or by their id alone. They are found first: the queue has no order
// by name, and few conflicts of each.
func (p *pager) askRecords(terms []merge.Term) error {
	w := walks["record"]
	for _, term := range terms {
		q := &query{}
		q.add(`
			SELECT id
			FROM dovetail_record
			WHERE name = `)
		if key, err := merge.ParseKey(term.Value); err == nil {
			q.add(q.arg(key.ID), ` AND collection = `, q.arg(key.Collection))
		} else {
			// Whatever came into the queue was counted, and an index begins with the collection.
			q.add(q.arg(term.Value), ` AND collection IN (SELECT collection FROM dovetail_count)`)
		}
		if err := p.glance.rows(func(row *cells) error {
			if id := row.integer(0); !slices.Contains(w.values, driver.Value(id)) {
				w.values = append(w.values, id)
			}
			return nil
		}, q); err != nil {
			return err
		}
	}
	p.askValues(w)
	return nil
}
