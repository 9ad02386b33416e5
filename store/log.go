package store

import (
	"context"
	"database/sql"
	"encoding/hex"
	"fmt"

	"dovetail/merge"
)

// Log returns every version of a record, oldest first, each with what was not kept when it was made;
// [merge.ErrNotFound] where no version is known.
func (s *Store) Log(ctx context.Context, key merge.Key) ([]Version, error) {
	var versions []Version
	err := s.read(ctx, func(v *view) error {
		var record int64
		if _, err := v.row([]any{&record}, `SELECT id FROM dovetail_record WHERE collection = $1 AND name = $2`,
			key.Collection, key.ID); err != nil {
			return err
		}
		var err error
		if versions, err = versionsOf(v, key, record); err != nil {
			return err
		}
		if len(versions) == 0 {
			return fmt.Errorf("%s: %w", key, merge.ErrNotFound)
		}
		lost, err := lostIn(v, record)
		if err != nil {
			return err
		}
		var before merge.Document
		for i := range versions {
			versions[i].NotKept = lost[versions[i].Version]
			versions[i].Changed = changed(before, versions[i].Fields)
			before = versions[i].Fields
		}
		return nil
	})
	return versions, err
}

func versionsOf(from source, key merge.Key, record int64) ([]Version, error) {
	var versions []Version
	err := from.rows(func(rows *sql.Rows) error {
		one := Version{Record: key}
		var document, outside, resolution number
		var cause, who, device, note words
		var accepted, edited moment
		var hash, sum []byte
		if err := rows.Scan(&one.Version, &cause, &who, &device, &accepted, &edited, &outside, &sum, &resolution, &note,
			&document, &hash, (*[]byte)(&one.Fields)); err != nil {
			return err
		}
		one.Cause, one.By, one.Device, one.At, one.EditedAt = Cause(cause), string(who), string(device), accepted.Time, edited.Time
		one.Outside, one.Resolution, one.Note, one.Hash = int64(outside), int64(resolution), string(note), hex.EncodeToString(sum)
		versions = append(versions, one)
		return body{id: int64(document), text: one.Fields}.check(hash)
	}, `
		SELECT v.number, v.cause, v.who, v.device, v.accepted_at, v.edited_at, v.outside, v.hash, n.id, n.note, d.id, d.hash, d.body
		FROM dovetail_version v
		LEFT JOIN dovetail_resolution n ON n.record = v.record AND n.version = v.number
		LEFT JOIN dovetail_document d ON d.id = v.document
		WHERE v.record = $1
		ORDER BY v.number`,
		record)
	return versions, wrap("read versions", err)
}

// lostIn returns the sides that lost to each version.
func lostIn(from source, record int64) (map[int64][]NotKept, error) {
	lost := map[int64][]NotKept{}
	err := from.rows(func(rows *sql.Rows) error {
		var version, document number
		var one NotKept
		var who, device, values words
		var hash []byte
		if err := rows.Scan(&version, &one.Side, &who, &device, &values, &document, &hash, (*[]byte)(&one.Fields)); err != nil {
			return err
		}
		one.By, one.Device = string(who), string(device)
		if err := decode(values, &one.Values); err != nil {
			return err
		}
		lost[int64(version)] = append(lost[int64(version)], one)
		return body{id: int64(document), text: one.Fields}.check(hash)
	}, `
		SELECT s.version, s.side, s.who, s.device, s.not_kept, d.id, d.hash, d.body
		FROM dovetail_side s
		LEFT JOIN dovetail_document d ON d.id = s.document
		WHERE s.record = $1 AND s.version IS NOT NULL
		ORDER BY s.id`,
		record)
	return lost, wrap("read what was not kept", err)
}

// changed lists the fields in which a version differs from the one before, sorted; of a deletion the record as a whole.
func changed(before, now merge.Document) []string {
	if before == nil && now != nil {
		before = merge.Document("{}")
	}
	return changedFields(nil, before, now)
}
