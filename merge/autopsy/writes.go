package autopsy

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"dovetail/merge"
)

// ErrNoFields says that a line tells of no field.
var ErrNoFields = errors.New("no fields")

// deletions are the words of an action by which a record goes.
var deletions = []string{"delete", "deleted", "destroy", "remove", "removed", "d"}

// writes reads what became of the fields.
func (n *Names) writes(m members, e *Edit) error {
	action, err := m.word(n.Action)
	if err != nil {
		action = "" // it is something else by that name
	}
	if slices.Contains(deletions, strings.ToLower(action)) {
		e.Deleted = true
		return nil
	}
	if name, err := m.word(n.Field); err != nil || name != "" {
		e.Writes = []Write{{Field: name, Value: m.value(n.New), Old: m.old(n.Old)}}
		return err
	}
	whole, name := m.first(n.Fields)
	if object, ok := m.object(whole); ok {
		return n.fromObject(m, e, object, name)
	}
	if v, ok := m.of[n.Fields[0]]; ok && v == merge.Null && !m.csv {
		e.Deleted = true // as a line of dovetail's own
		return nil
	}
	for _, name := range n.Fields {
		if v, ok := m.of[name]; ok {
			e.Writes = append(e.Writes, Write{Field: name, Value: v})
		}
	}
	if len(e.Writes) == 0 {
		return fmt.Errorf("%w: it has none of %s", ErrNoFields, strings.Join(append(slices.Clone(n.Fields), n.Field...), ", "))
	}
	return nil
}

// value is that of a field that has a line of its own.
func (m members) value(names []string) merge.Value {
	for _, name := range names {
		if v, ok := m.of[name]; ok {
			return v
		}
	}
	return merge.Absent
}

// old is what was there before; nil where the line does not say. In CSV nobody can tell an empty value from none, so that
// a column that is there says that nothing was.
func (m members) old(names []string) *merge.Value {
	if !m.has(names) {
		return nil
	}
	v := m.value(names)
	return &v
}

// object takes an object apart; in CSV it is the text of one.
func (m members) object(v merge.Value) (map[string]merge.Value, bool) {
	if text, ok := v.Text(); ok && m.csv && strings.HasPrefix(strings.TrimSpace(text), "{") {
		parsed, err := merge.ParseValue([]byte(text))
		if err != nil {
			return nil, false
		}
		v = parsed
	}
	if v.Type() != merge.ObjectType {
		return nil, false
	}
	var object map[string]merge.Value
	if err := json.Unmarshal([]byte(v), &object); err != nil {
		return nil, false
	}
	return object, true
}

// fromObject reads an object of fields, with another one beside it that holds what was there before. In one that is called
// changes each field may be a pair of both.
func (n *Names) fromObject(m members, e *Edit, object map[string]merge.Value, name string) error {
	before, _ := m.first(n.Old)
	olds, told := m.object(before)
	for _, field := range slices.Sorted(maps.Keys(object)) {
		w := Write{Field: field, Value: object[field]}
		if told {
			old := olds[field]
			w.Old = &old
		}
		if name == "changes" {
			m.pair(&w)
		}
		e.Writes = append(e.Writes, w)
	}
	return nil
}

// pair takes a value apart that is [old, new], {"old": …, "new": …} or {"from": …, "to": …}.
func (m members) pair(w *Write) {
	var list []merge.Value
	if w.Value.Type() == merge.ArrayType && json.Unmarshal([]byte(w.Value), &list) == nil && len(list) == 2 {
		w.Old, w.Value = &list[0], list[1]
		return
	}
	object, _ := m.object(w.Value)
	for _, names := range [][2]string{{"old", "new"}, {"from", "to"}, {"before", "after"}} {
		value, ok := object[names[1]]
		if !ok {
			continue
		}
		if old, ok := object[names[0]]; ok {
			w.Old = &old
		}
		w.Value = value
		return
	}
}
