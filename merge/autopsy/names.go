package autopsy

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"dovetail/merge"
)

// Names are what a log calls its columns, or the members of its lines: of each list the first that a line has.
type Names struct {
	Record     []string // what was edited
	Collection []string // which kind of thing, where the record's name is unique in it alone; may be missing
	By         []string
	At         []string
	Seen       []string // the version that an edit was made on, or a time at which it was read that is no number
	SeenAt     []string // when the record was read
	Version    []string // that the edit made
	Action     []string // deletions are told by it
	// Fields are an object with what each field was given, or columns that are a field each; Old is the same of what was there
	// before. Where each field has a line of its own, Field is its name, and New and Old are its values.
	Fields []string
	Field  []string
	New    []string
	Old    []string
	// Given are those of all these that somebody named for this log: it is an error that it has none of one.
	Given []string
}

// UsualNames are those that logs have.
func UsualNames() Names {
	return Names{
		Record:     []string{"record", "record_id", "entity_id", "object_id", "row_id", "item_id", "key", "id"},
		Collection: []string{"collection", "table", "table_name", "entity", "entity_type", "object_type", "model"},
		By:         []string{"by", "user", "username", "author", "actor", "changed_by", "modified_by", "user_id"},
		At:         []string{"at", "ts", "time", "timestamp", "changed_at", "modified_at", "created_at", "date"},
		Seen:       []string{"seen", "seen_version", "base_version", "read_version", "version_seen", "if_match"},
		SeenAt:     []string{"seen_at", "read_at", "loaded_at", "base_at"},
		Version:    []string{"version", "new_version", "revision"},
		Action:     []string{"action", "operation", "op", "event"},
		Fields:     []string{"fields", "changes", "new_values", "values", "data", "after"},
		Field:      []string{"field", "column", "attribute", "property", "field_name", "column_name"},
		New:        []string{"new", "new_value", "value", "to"},
		Old:        []string{"old", "old_value", "old_values", "previous", "before", "from"},
	}
}

// members are what a line holds, by name. In CSV all are strings, and an empty one is as good as none.
type members struct {
	of  map[string]merge.Value
	csv bool
}

// first finds the first member of some names. One that is null, or empty in CSV, is not there.
func (m members) first(names []string) (merge.Value, string) {
	for _, name := range names {
		v := m.of[name]
		if v != merge.Absent && v != merge.Null && !(m.csv && v == `""`) {
			return v, name
		}
	}
	return merge.Absent, ""
}

// has reports whether one of the names is there at all.
func (m members) has(names []string) bool {
	for _, name := range names {
		if _, ok := m.of[name]; ok {
			return true
		}
	}
	return false
}

// word is a member as text: a string, or a number as it is written.
func (m members) word(names []string) (string, error) {
	v, name := m.first(names)
	switch v.Type() {
	case merge.AbsentType:
		return "", nil
	case merge.StringType:
		s, _ := v.Text()
		return s, nil
	case merge.NumberType, merge.BoolType:
		return string(v), nil
	}
	return "", fmt.Errorf("%s is neither text nor a number", name)
}

// edit reads a line.
func (n *Names) edit(m members) (Edit, error) {
	var e Edit
	var err error
	if e.Record, err = m.word(n.Record); err != nil {
		return e, err
	}
	if e.Record == "" {
		return e, fmt.Errorf("%w for the record: it has none of %s", ErrNames, strings.Join(n.Record, ", "))
	}
	collection, err := m.word(n.Collection)
	if err != nil {
		return e, err
	}
	if collection != "" {
		e.Record = collection + "/" + e.Record
	}
	if e.By, err = m.word(n.By); err != nil {
		return e, err
	}
	if e.At, err = m.moment(n.At); err != nil {
		return e, err
	}
	if err := n.seen(m, &e); err != nil {
		return e, err
	}
	if e.Version, err = m.number(n.Version); err != nil {
		return e, err
	}
	return e, n.writes(m, &e)
}

// seen reads which version somebody had before him, or since when. A number is a version unless its name is for times.
func (n *Names) seen(m members, e *Edit) error {
	word, err := m.word(n.Seen)
	if err != nil {
		return err
	}
	if _, name := m.first(n.Seen); word != "" {
		word = strings.Trim(strings.TrimPrefix(word, "W/"), `"`) // as an ETag is written
		if v, err := strconv.ParseInt(word, 10, 64); err == nil && v >= 0 {
			e.Seen = &v
		} else if e.SeenAt, err = parseTime(word); err != nil {
			return fmt.Errorf("%s is %q, neither a version nor a time", name, word)
		}
	}
	if at, err := m.moment(n.SeenAt); err != nil || !at.IsZero() {
		e.SeenAt = at
		return err
	}
	return nil
}

func (m members) number(names []string) (int64, error) {
	word, err := m.word(names)
	if err != nil || word == "" {
		return 0, err
	}
	n, err := strconv.ParseInt(strings.Trim(word, `"`), 10, 64)
	if err != nil || n < 0 {
		_, name := m.first(names)
		return 0, fmt.Errorf("%s is %q, not a version", name, word)
	}
	return n, nil
}

func (m members) moment(names []string) (time.Time, error) {
	word, err := m.word(names)
	if err != nil || word == "" {
		return time.Time{}, err
	}
	at, err := parseTime(word)
	if err != nil {
		_, name := m.first(names)
		return at, fmt.Errorf("%s is %q, %w", name, word, err)
	}
	return at, nil
}

// layouts are how logs write times. One without a zone is taken for UTC.
var layouts = []string{time.RFC3339Nano, "2006-01-02T15:04:05.999999999", "2006-01-02 15:04:05.999999999Z07:00",
	"2006-01-02 15:04:05.999999999Z07", "2006-01-02 15:04:05.999999999 -0700", "2006-01-02 15:04:05.999999999 MST",
	"2006-01-02 15:04:05.999999999", "2006-01-02 15:04", "2006-01-02"}

type timeError struct{}

func (timeError) Error() string {
	return "not a time as in 2026-11-22T09:14:00Z, or in seconds or milliseconds since 1970"
}

// parseTime reads a time. A number is in seconds since 1970, or in milli-, micro- or nanoseconds, by its size.
func parseTime(word string) (time.Time, error) {
	if f, err := strconv.ParseFloat(word, 64); err == nil {
		unit := float64(time.Second)
		for size := 1e11; f > size && unit > 1; size *= 1000 {
			unit /= 1000
		}
		if !(f > 0 && f*unit < 1<<62) {
			return time.Time{}, timeError{}
		}
		if n, err := strconv.ParseInt(word, 10, 64); err == nil {
			return time.Unix(0, n*int64(unit)).UTC(), nil
		}
		return time.Unix(0, int64(f*unit)).UTC(), nil
	}
	for _, layout := range layouts {
		if at, err := time.Parse(layout, word); err == nil && !at.IsZero() {
			return at.UTC(), nil
		}
	}
	return time.Time{}, timeError{}
}
