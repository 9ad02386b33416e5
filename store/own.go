package store

import (
	"encoding/json"
	"maps"
	"slices"

	"dovetail/merge"
)

// ownColumns are those of an adopted table that are left to the application, as the schema says by the policy ignore: a
// column that a trigger writes with every update, as the time of it, would else refuse each row that is merged. Sorted.
func (t *tx) ownColumns(h *head) ([]string, error) {
	m, err := t.manner(h.key.Collection)
	return m.ownColumns(), err
}

// ownColumns is that of one collection.
func (m manner) ownColumns() []string {
	if m.rules == nil || m.rules.Root == nil {
		return nil
	}
	var own []string
	for _, name := range slices.Sorted(maps.Keys(m.rules.Root.Properties)) {
		if rule := m.rules.Root.Properties[name]; rule != nil && rule.Policy == merge.Ignore {
			own = append(own, name)
		}
	}
	return own
}

// sameBut reports whether two documents are equal but for some of their members.
func sameBut(a, b merge.Document, members []string) bool {
	if len(members) == 0 || a == nil || b == nil || a.Equal(b) {
		return a.Equal(b)
	}
	var left, right map[string]json.RawMessage
	if json.Unmarshal(a, &left) != nil || json.Unmarshal(b, &right) != nil {
		return false
	}
	for _, name := range members {
		delete(left, name)
		delete(right, name)
	}
	return maps.EqualFunc(left, right, func(a, b json.RawMessage) bool { return merge.Equal(merge.Value(a), merge.Value(b)) })
}
