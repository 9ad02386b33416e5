package store

import (
	"context"
	"database/sql"
	"fmt"

	"dovetail/merge"
)

// RecordDrafts returns what a person has edited in records and not written, by the record's name. It may be for a record that
// is not there, and is to be made.
func (s *Store) RecordDrafts(ctx context.Context, person string) ([]merge.RecordDraft, error) {
	var drafts []merge.RecordDraft
	err := s.read(ctx, func(v *view) error {
		drafts = nil
		return v.rows(func(rows *sql.Rows) error {
			var key merge.Key
			var body string
			if err := rows.Scan(&key.Collection, &key.ID, &body); err != nil {
				return err
			}
			var d merge.RecordDraft
			if err := decode(words(body), &d); err != nil {
				return err
			}
			d.Record, d.Person = key, person
			drafts = append(drafts, d)
			return nil
		}, `
			SELECT collection, name, body
			FROM dovetail_record_draft
			WHERE person = $1
			ORDER BY collection, name`, person)
	})
	return drafts, wrap("read drafts of records", err)
}

// SaveRecordDraft keeps a person's draft in place of the one before. It looks at no record: one may have moved on, or gone, and
// nobody's work is thrown away.
func (s *Store) SaveRecordDraft(ctx context.Context, d merge.RecordDraft) error {
	if err := d.Record.Check(); err != nil {
		return err
	}
	if d.Person == "" {
		return fmt.Errorf("save draft of %s: no person", d.Record)
	}
	return s.write(ctx, func(t *tx) error {
		d.SavedAt = t.now
		body, err := encode(d)
		if err != nil {
			return wrap("save draft of a record", err)
		}
		_, err = t.run(`
			INSERT INTO dovetail_record_draft (person, collection, name, body, saved_at)
			VALUES ($1, $2, $3, $4, $5)
			ON CONFLICT (person, collection, name) DO UPDATE SET body = excluded.body, saved_at = excluded.saved_at`,
			d.Person, d.Record.Collection, d.Record.ID, body, micros(t.now))
		t.proof = proof{`SELECT 1 FROM dovetail_record_draft WHERE person = $1 AND collection = $2 AND name = $3 AND body = $4`,
			[]any{d.Person, d.Record.Collection, d.Record.ID, body}}
		return wrap("save draft of a record", err)
	})
}

// DiscardRecordDraft throws a person's draft away; that there is none is no error.
func (s *Store) DiscardRecordDraft(ctx context.Context, key merge.Key, person string) error {
	return s.write(ctx, func(t *tx) error {
		args := []any{person, key.Collection, key.ID}
		_, err := t.run(`DELETE FROM dovetail_record_draft WHERE person = $1 AND collection = $2 AND name = $3`, args...)
		t.proof = proof{`SELECT 1 WHERE NOT EXISTS (
			SELECT 1 FROM dovetail_record_draft WHERE person = $1 AND collection = $2 AND name = $3)`, args}
		return wrap("discard draft of a record", err)
	})
}
