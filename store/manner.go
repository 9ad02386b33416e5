package store

import (
	"fmt"

	"dovetail/merge"
	"dovetail/merge/schema"
)

// manner is how the changes to a collection are joined to its records.
type manner struct {
	strategy merge.Strategy
	number   int64          // of the schema; 0: none
	text     merge.Document // of the schema
	rules    *merge.Rules   // with the strategy; nil where every field is asked about
	latest   bool           // a rule asks which side was edited later
}

// Manner is how the changes to a collection are joined, as it is told to whoever merges them elsewhere.
type Manner struct {
	Strategy merge.Strategy `json:"strategy"`
	Number   int64          `json:"number,omitzero"` // of the schema; 0: none
	Schema   merge.Document `json:"schema,omitempty"`
}

func (m manner) told() Manner { return Manner{Strategy: m.strategy, Number: m.number, Schema: m.text} }

// parsedSchema is a schema that was read, kept for the next transaction.
type parsedSchema struct {
	text   string
	rules  *merge.Rules
	latest bool
}

// mannerOf reads how a collection joins changes.
func (s *Store) mannerOf(from source, collection string) (manner, error) {
	var m manner
	var word string
	var schemaNumber number
	found, err := from.row([]any{&word, &schemaNumber, (*[]byte)(&m.text)}, `
		SELECT c.strategy, c.schema, s.body
		FROM dovetail_collection c
		LEFT JOIN dovetail_schema s ON s.collection = c.name AND s.number = c.schema
		WHERE c.name = $1`, collection)
	if err != nil || !found {
		return manner{}, wrap("read collection", err)
	}
	if err := m.strategy.UnmarshalText([]byte(word)); err != nil {
		return manner{}, fmt.Errorf("%w: %w", ErrCorrupt, err)
	}
	m.number = int64(schemaNumber)
	return m, wrap(fmt.Sprintf("read schema %d of %s", m.number, collection), s.follow(&m, collection))
}

// follow makes the rules of what the manner says.
func (s *Store) follow(m *manner, collection string) error {
	m.rules, m.latest = nil, false
	if m.text == nil {
		m.rules = m.rules.Under(m.strategy)
		return nil
	}
	p, _ := s.schemas.Load(collection)
	known, ok := p.(parsedSchema)
	if !ok || known.text != string(m.text) {
		rules, err := schema.Parse(m.text)
		if err != nil {
			return err
		}
		known = parsedSchema{text: string(m.text), rules: rules, latest: looksAtTimes(rules.Root, map[*merge.Rule]bool{})}
		s.schemas.Store(collection, known)
	}
	// The strategy is the collection's, whatever the schema said when it was set.
	m.rules, m.latest = known.rules.Under(m.strategy), known.latest
	return nil
}

// looksAtTimes reports whether a rule, or one below it, asks which side was edited later. Rules may point back up.
func looksAtTimes(r *merge.Rule, seen map[*merge.Rule]bool) bool {
	if r == nil || seen[r] {
		return false
	}
	seen[r] = true
	if r.Policy == merge.Latest || looksAtTimes(r.Items, seen) || looksAtTimes(r.Additional, seen) {
		return true
	}
	for _, below := range r.Properties {
		if looksAtTimes(below, seen) {
			return true
		}
	}
	return false
}

// manner is mannerOf, read once in a transaction.
func (t *tx) manner(collection string) (manner, error) {
	if m, ok := t.manners[collection]; ok {
		return m, nil
	}
	m, err := t.store.mannerOf(t, collection)
	if err == nil {
		t.keepManner(collection, m)
	}
	return m, err
}

func (t *tx) keepManner(collection string, m manner) {
	if t.manners == nil {
		t.manners = map[string]manner{}
	}
	t.manners[collection] = m
}
