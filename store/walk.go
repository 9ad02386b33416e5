package store

import (
	"cmp"
	"database/sql/driver"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"dovetail/merge"
)

// walk is an index to read the queue along. For each value of its name the rows stand in it in the queue's order, with all
// that a page shows of them, but for the record's, in which there are few.
type walk struct {
	name   string // of the filter; empty: all that are in a state
	index  string // of dovetail_conflict; empty: dovetail_conflict_field, which has an order of its own
	column string
	values []driver.Value
	now    time.Time // of claimed: a claim that is over is none
}

var (
	queueWalk = walk{index: "dovetail_conflict_queue"}
	walks     = map[string]walk{
		"collection": {name: "collection", index: "dovetail_conflict_collection", column: "c.collection"},
		"kind":       {name: "kind", index: "dovetail_conflict_kind", column: "c.kind"},
		"by":         {name: "by", index: "dovetail_conflict_local_by", column: "c.local_by"},
		"device":     {name: "device", index: "dovetail_conflict_device", column: "c.device"},
		"field":      {name: "field"},
		"draft":      {name: "draft", column: "o.person"},
		"claimed":    {name: "claimed", index: "dovetail_conflict_claimed", column: "c.claimed_by"},
		"record":     {name: "record", index: "dovetail_conflict_record", column: "c.record"},
	}
)

// maxLanes is for how many values of one name an index is read, each apart.
const maxLanes = 8

// has is the condition that a conflict has the value, made of what every index holds. id is the column with its number.
func (w walk) has(q *query, id string, value driver.Value) string {
	switch w.name {
	case "field":
		return hasField(q, value.(string))
	case "record":
		return id + " IN (SELECT r.id FROM dovetail_conflict r WHERE r.record = " + q.arg(value) + ")"
	case "claimed":
		return id + " IN (SELECT r.id FROM dovetail_conflict r WHERE r.claimed_by = " + q.arg(value) +
			" AND r.claimed_until > " + q.arg(w.now.UnixMicro()) + ")"
	}
	return w.column + " = " + q.arg(value)
}

// maxShortFields is up to how many characters a list of fields stands in the indexes of the queue, and shortFields what
// does there, as the schema says it: NULL for a longer one.
const (
	maxShortFields = 200
	shortFields    = "CASE WHEN length(c.fields) <= 200 THEN c.fields END"
)

// hasField is the condition that a row of dovetail_conflict has a field, or one in it. In a list as pathList writes it a
// quote after a bracket or a comma begins a path: one inside has a backslash before it.
func hasField(q *query, path string) string {
	listed := `EXISTS (
			SELECT 1
			FROM dovetail_conflict_field o
			WHERE o.state = c.state AND o.path = ` + q.arg(path) + ` AND o.opened_at = c.opened_at AND o.conflict = c.id)`
	quoted, err := pathList([]string{path})
	if err != nil || utf8.RuneCountInString(quoted) > maxShortFields {
		return "(" + shortFields + " IS NULL AND " + listed + ")"
	}
	end := `["/]*`
	if path == "" {
		end = `"*` // all other paths begin with a slash, and stand in no object
	}
	begin := strings.TrimSuffix(strings.TrimPrefix(quoted, "["), `"]`)
	// Most rows hold nothing like it, which is told in half the time of the rest. Outside of a CASE, SQLite would plan the
	// statement anew for each pattern.
	return "(CASE instr(" + shortFields + ", " + q.arg(begin) + ") WHEN 0 THEN 0 ELSE coalesce(" + shortFields + " GLOB " +
		q.arg("*[[,]"+globLiteral.Replace(begin)+end) + ", " + listed + ") END)"
}

// globLiteral has GLOB take every character for itself.
var globLiteral = strings.NewReplacer("*", "[*]", "?", "[?]", "[", "[[]")

// lane is a walk along the rows in one state with one value.
type lane struct {
	walk
	state merge.State
	value driver.Value
}

// table is where the rows of a lane are read, with the column of their number and whether they stand in the lane.
func (l lane) table(q *query) (from, id, in string) {
	in = "c.state = " + q.arg(l.state.String())
	switch {
	case l.name == "field":
		return "dovetail_conflict_field c", "c.conflict", in + " AND c.path = " + q.arg(l.value)
	case l.name == "draft":
		return "dovetail_draft o CROSS JOIN dovetail_conflict c ON c.id = o.conflict", "c.id", in + " AND o.person = " + q.arg(l.value) + " AND " + begun("o")
	case l.name == "claimed":
		in += " AND " + l.column + " = " + q.arg(l.value) + " AND c.claimed_until > " + q.arg(l.now.UnixMicro())
	case l.name != "":
		in += " AND " + l.column + " = " + q.arg(l.value)
	}
	return "dovetail_conflict c INDEXED BY " + l.index, "c.id", in
}

// stretch is a part of the queue: from a place, which is not in it, in one direction until another place, which is. A
// place that is zero is that end of the queue.
type stretch struct {
	from, until place
	backward    bool
	limit       int // rows at most
}

// compare tells which of two places is the nearer one.
func (s stretch) compare(a, b place) int {
	order := cmp.Or(cmp.Compare(a.openedAt, b.openedAt), cmp.Compare(a.id, b.id))
	if s.backward {
		return -order
	}
	return order
}

// bounds are the conditions that a place is in the stretch, each after an AND.
func (s stretch) bounds(q *query, id string) string {
	after, upTo := ">", "<="
	if s.backward {
		after, upTo = "<", ">="
	}
	var sql string
	if s.from.id > 0 {
		sql = " AND (c.opened_at, " + id + ") " + after + " (" + q.arg(s.from.openedAt) + ", " + q.arg(s.from.id) + ")"
	}
	if s.until.id > 0 {
		sql += " AND (c.opened_at, " + id + ") " + upTo + " (" + q.arg(s.until.openedAt) + ", " + q.arg(s.until.id) + ")"
	}
	return sql
}

// order is the ORDER BY of the stretch.
func (s stretch) order(columns ...string) string {
	direction := " ASC"
	if s.backward {
		direction = " DESC"
	}
	return "\nORDER BY " + strings.Join(columns, direction+", ") + direction
}

// atMost is the LIMIT of the stretch. It stands in the text, since SQLite plans a statement anew whenever the value that
// is bound for a limit is another one.
func (s stretch) atMost() string { return "\nLIMIT " + strconv.Itoa(s.limit) }

// ways are the lanes along which the filter's rows in one state can be read. Each inner list is of several ways to the
// same rows, the likely best one first; rows of different lists are different ones, but that a conflict may have two
// fields.
func (p *pager) ways(state merge.State) [][]lane {
	each := func(w walk) [][]lane {
		var all [][]lane
		for _, value := range w.values {
			all = append(all, []lane{{w, state, value}})
		}
		return all
	}
	for _, few := range []string{"record", "draft", "claimed"} {
		if w, asked := p.walks[few]; asked {
			return each(w) // there are few rows
		}
	}
	var one []lane
	several := [][]lane{{{queueWalk, state, nil}}}
	for _, name := range []string{"field", "kind", "collection", "by", "device"} {
		if w, asked := p.walks[name]; asked && len(w.values) == 1 {
			one = append([]lane{{w, state, w.values[0]}}, one...)
		} else if asked {
			several = each(w)
		}
	}
	if len(one) > 0 {
		return [][]lane{one}
	}
	return several
}

// rows reads the rows of a stretch, nearest first.
func (p *pager) rows(s stretch) ([]merge.Conflict, error) {
	var all []merge.Conflict
	for _, state := range p.states {
		for _, ways := range p.ways(state) {
			if len(all) == s.limit {
				s.until = placeOf(all[len(all)-1]) // no row behind it comes in
			}
			rows, err := p.search(ways, s)
			if err != nil {
				return nil, err
			}
			if len(all) == 0 {
				all = rows
				continue
			}
			all = append(all, rows...)
			slices.SortFunc(all, func(a, b merge.Conflict) int { return s.compare(placeOf(a), placeOf(b)) })
			all = slices.CompactFunc(all, func(a, b merge.Conflict) bool { return a.Number == b.Number })
			all = all[:min(len(all), s.limit)]
		}
	}
	return all, nil
}

// along reads the rows of a stretch along the index of a lane, nearest first. long tells that many entries may be looked at.
func (p *pager) along(l lane, s stretch, long bool) ([]merge.Conflict, error) {
	q := &query{long: long}
	from, id, in := l.table(q)
	draft, columns := p.draft(q, id, l.state)
	q.add("SELECT ", columns, "\nFROM ", from, draft, "\nWHERE ", in, p.conditions(q, l, id, s.bounds),
		s.order("c.opened_at", id), s.atMost())
	return p.conflicts(q, l.state, s.limit)
}

// ahead finds a place that is some entries ahead in a lane, or nearer by as many as are of the time where the stretch
// begins; false where there are fewer. To leave those of that time out takes as long as the rest.
func (p *pager) ahead(l lane, s stretch, entries int) (end place, more bool, err error) {
	if s.from.id > 0 && s.until.id == 0 {
		rough := func(q *query, _ string) string {
			if s.backward {
				return " AND c.opened_at <= " + q.arg(s.from.openedAt)
			}
			return " AND c.opened_at >= " + q.arg(s.from.openedAt)
		}
		end, more, err = p.skip(l, s, entries, rough)
		if err != nil || !more || s.compare(end, s.from) > 0 {
			return end, more, err
		}
	}
	return p.skip(l, s, entries, s.bounds)
}

// skip finds the place of one of the entries of a lane that are within bounds, by its number.
func (p *pager) skip(l lane, s stretch, entries int, bounds func(q *query, id string) string) (place, bool, error) {
	q := &query{}
	from, id, in := l.table(q)
	q.add("SELECT c.opened_at, ", id, "\nFROM ", from, "\nWHERE ", in, bounds(q, id), s.order("c.opened_at", id),
		"\nLIMIT 1 OFFSET ", strconv.Itoa(entries-1))
	return p.place(q)
}

// conditions are those that the filter makes, but for that of the lane, each after an AND, and the bounds of a stretch. The
// bounds take longer to tell than most, but where an index is read from is for them to say rather than for an age.
func (p *pager) conditions(q *query, of lane, id string, bounds func(q *query, id string) string) string {
	var early, late string
	for _, c := range p.asked {
		switch {
		case c.name == of.name && of.name != "":
		case c.name == "age" || c.name == "":
			late += " AND " + c.sql(q, id)
		default:
			early += " AND " + c.sql(q, id)
		}
	}
	return early + bounds(q, id) + late
}

// draft joins the draft of the person who asks to each row, and names the columns to read.
func (p *pager) draft(q *query, id string, state merge.State) (join, columns string) {
	columns = id + queueColumns + id + "))"
	if state == merge.Snoozed {
		columns += ", (SELECT z.snoozed_until FROM dovetail_conflict z WHERE z.id = " + id + ")"
	} else {
		columns += ", NULL"
	}
	if p.person == "" {
		return "", columns
	}
	return "\nLEFT JOIN dovetail_draft d ON d.conflict = " + id + " AND d.person = " + q.arg(p.person) + " AND " + begun("d"),
		columns + ", d.decided, d.revision, d.saved_at"
}

// queueColumns stand between the number of a conflict and, once more, the column of that.
const queueColumns = `, c.collection, c.name, c.kind, c.base_version, c.server_version, c.revision, c.local_by, c.local_at,
	c.server_by, c.server_at, c.device, c.opened_at,
	coalesce(` + shortFields + `, (SELECT k.fields FROM dovetail_conflict k WHERE k.id = `

// place reads the first row of a query for a place; false where there is none.
func (p *pager) place(q *query) (at place, found bool, err error) {
	err = p.glance.rows(func(row *cells) error {
		at, found = place{row.integer(0), row.integer(1)}, true
		return nil
	}, q)
	return at, found, err
}

// conflicts reads rows of queueColumns.
func (p *pager) conflicts(q *query, state merge.State, limit int) ([]merge.Conflict, error) {
	var all []merge.Conflict
	err := p.glance.rows(func(row *cells) error {
		c := merge.Conflict{Number: row.integer(0), Record: merge.Key{Collection: row.text(1), ID: row.text(2)},
			BaseVersion: row.integer(4), ServerVersion: row.integer(5), State: state, Revision: row.integer(6),
			LocalBy: row.text(7), LocalAt: row.moment(8), ServerBy: row.text(9), ServerAt: row.moment(10),
			Device: row.text(11), OpenedAt: row.moment(12)}
		c.SnoozedUntil = row.moment(14)
		if len(row.values) > 15 && row.values[17] != nil {
			c.Draft = &merge.DraftNote{Decided: int(row.integer(15)), Stale: row.integer(16) != c.Revision, SavedAt: row.moment(17)}
		}
		var err error
		if c.Fields, err = readPaths(row.text(13)); err != nil {
			return err
		}
		if err := c.Kind.UnmarshalText([]byte(row.text(3))); err != nil {
			return fmt.Errorf("%w: %w", ErrCorrupt, err)
		}
		if all == nil {
			all = make([]merge.Conflict, 0, min(limit, 2*queueLimit))
		}
		all = append(all, c)
		return nil
	}, q)
	return all, err
}

// readPaths reads a list that pathList wrote. Hardly any has something in it that is escaped, and then no quote stands
// in a path.
func readPaths(list string) ([]string, error) {
	inner, begins := strings.CutPrefix(list, `["`)
	inner, ends := strings.CutSuffix(inner, `"]`)
	if begins && ends && !strings.Contains(inner, `\`) {
		return strings.Split(inner, `","`), nil
	}
	var paths []string
	if err := json.Unmarshal([]byte(list), &paths); err != nil {
		return nil, errors.Join(ErrCorrupt, err)
	}
	return paths, nil
}
