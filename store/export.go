package store

import (
	"context"
	"database/sql"
)

// EachRecord calls fn for every version of every record, as [Store.Import] reads them: by collection, id and version.
// An error of fn ends it.
func (s *Store) EachRecord(ctx context.Context, fn func(RecordLine) error) error {
	last := RecordLine{}
	for {
		var page []RecordLine
		err := s.read(ctx, func(v *view) error {
			var err error
			page, err = recordLines(v, last)
			return err
		})
		if err != nil {
			return wrap("read records", err)
		}
		for _, line := range page {
			if err := fn(line); err != nil {
				return err
			}
			last = line
		}
		if len(page) < exportPage {
			return nil
		}
	}
}

func recordLines(from source, after RecordLine) ([]RecordLine, error) {
	var page []RecordLine
	err := from.rows(func(rows *sql.Rows) error {
		line := RecordLine{Type: "record"}
		var who words
		var at moment
		var document number
		var hash []byte
		if err := rows.Scan(&line.Record.Collection, &line.Record.ID, &line.Version, &who, &at, &document, &hash,
			(*[]byte)(&line.Fields)); err != nil {
			return err
		}
		line.By, line.At = string(who), at.Time
		page = append(page, line)
		return body{id: int64(document), text: line.Fields}.check(hash)
	}, `
		SELECT r.collection, r.name, v.number, v.who, coalesce(v.edited_at, v.accepted_at), d.id, d.hash, d.body
		FROM dovetail_record r
		JOIN dovetail_version v ON v.record = r.id
		LEFT JOIN dovetail_document d ON d.id = v.document
		WHERE (r.collection, r.name) >= ($1, $2) AND (r.collection, r.name, v.number) > ($1, $2, $3)
		ORDER BY r.collection, r.name, v.number
		LIMIT $4`,
		after.Record.Collection, after.Record.ID, after.Version, exportPage)
	return page, err
}
