package store

import (
	"context"
	"database/sql"
	"fmt"
	"strings"

	"dovetail/merge"
)

// Get returns a record as it is now, a deleted one with its last version; [merge.ErrNotFound] where no version of it
// is known.
func (s *Store) Get(ctx context.Context, key merge.Key) (Record, error) {
	var r Record
	err := s.read(ctx, func(v *view) error {
		h, _, err := headOf(v, key)
		if err != nil {
			return err
		}
		if h.number == 0 && !h.pending {
			return fmt.Errorf("%s: %w", key, merge.ErrNotFound)
		}
		r = s.asRecord(h)
		return nil
	})
	return r, err
}

// asRecord is a record as it stands here: on a replica with what was changed there.
func (s *Store) asRecord(h *head) Record {
	stands := h.stands()
	r := Record{Record: h.key, Version: h.number, Deleted: stands.id == 0, Fields: stands.text, Pending: h.pending,
		Revision: h.revision}
	if s.info.Replica() {
		r.BaseVersion = h.number
	}
	if h.pending {
		r.BaseVersion = h.pendingBase
	}
	return r
}

// listLimit is how many records List returns where nobody says.
const listLimit = 50

// List returns the records of a collection that are not deleted, by id, beginning after an id. Where text is given, only
// those that hold it in their id or fields, ASCII letters in either case.
func (s *Store) List(ctx context.Context, collection, text, after string, limit int) ([]Record, error) {
	if limit <= 0 {
		limit = listLimit
	}
	var records []Record
	err := s.read(ctx, func(v *view) error {
		return v.rows(func(rows *sql.Rows) error {
			r := Record{Record: merge.Key{Collection: collection}}
			var hash []byte
			b := body{}
			if err := rows.Scan(&r.Record.ID, &r.Version, &b.id, &hash, (*[]byte)(&b.text), &r.Pending, &r.BaseVersion); err != nil {
				return err
			}
			if s.info.Replica() && !r.Pending {
				r.BaseVersion = r.Version
			}
			r.Fields = b.text
			records = append(records, r)
			return b.check(hash)
		}, `
			SELECT r.name, r.head, d.id, d.hash, d.body, r.pending, coalesce(r.pending_base, 0)
			FROM dovetail_record r
			JOIN dovetail_document d ON d.id = CASE r.pending WHEN 1 THEN r.pending_document ELSE r.document END
			WHERE r.collection = $1 AND r.name > $2
				AND ($3 = '' OR instr(lower(r.name), $3) > 0 OR instr(lower(d.body), $3) > 0)
			ORDER BY r.name
			LIMIT $4`,
			collection, after, lowerASCII(text), limit)
	})
	return records, err
}

// lowerASCII is what SQL's lower does.
func lowerASCII(s string) string {
	return strings.Map(func(r rune) rune {
		if r >= 'A' && r <= 'Z' {
			return r + 'a' - 'A'
		}
		return r
	}, s)
}

// Collections returns the names of the collections that have, or had, a record here or a schema, sorted.
func (s *Store) Collections(ctx context.Context) ([]string, error) {
	var names []string
	err := s.read(ctx, func(v *view) error {
		// Each step goes to the next name in the index: to look at every record would take long where there are many.
		return v.rows(func(rows *sql.Rows) error {
			var name string
			err := rows.Scan(&name)
			names = append(names, name)
			return err
		}, `
			WITH RECURSIVE found (name) AS (
				SELECT min(collection) FROM dovetail_record
				UNION ALL
				SELECT (SELECT min(r.collection) FROM dovetail_record r WHERE r.collection > found.name)
				FROM found
				WHERE found.name IS NOT NULL
			)
			SELECT name FROM found WHERE name IS NOT NULL
			UNION
			SELECT name FROM dovetail_collection
			ORDER BY name`)
	})
	return names, wrap("list collections", err)
}
