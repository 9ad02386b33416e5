package store

import (
	"database/sql"
)

// readResolutions adds to the versions of a page what was decided to make them.
func readResolutions(v *view, p *feedPage, after, last int64) error {
	return v.rows(func(rows *sql.Rows) error {
		var place int64
		var r FeedResolution
		var conflict, undoes number
		var decisions, lost, note, who, key words
		if err := rows.Scan(&place, &r.Number, &r.MadeOn, &conflict, &decisions, &lost, &note, &who, &undoes, &key); err != nil {
			return err
		}
		r.Note, r.By, r.Undoes = string(note), string(who), int64(undoes)
		if err := decode(decisions, &r.Decisions); err != nil {
			return err
		}
		if err := decode(lost, &r.Lost); err != nil {
			return err
		}
		if !p.fits(place, len(decisions)+len(lost)+len(note)) {
			return p.cut(place)
		}
		made := p.at(place)
		made.Resolution, r.Key = &r, string(key)
		if conflict > 0 && undoes > 0 {
			made.Opens = append(made.Opens, string(key))
		}
		return nil
	}, `
		SELECT v.id, n.id, n.made_on, n.conflict, n.decisions, n.not_kept, n.note, n.who, n.undoes, c.key
		FROM dovetail_version v
		JOIN dovetail_resolution n ON n.record = v.record AND n.version = v.number
		JOIN dovetail_change c ON c.id = n.change
		WHERE v.id > $1 AND v.id <= $2
		ORDER BY v.id`,
		after, last)
}

// readSides adds what was not kept.
func readSides(v *view, p *feedPage, after, last int64) error {
	return v.rows(func(rows *sql.Rows) error {
		var place int64
		var side FeedSide
		var who, device, values words
		var edited moment
		var document number
		var hash []byte
		if err := rows.Scan(&place, &side.Side, &side.Reason, &who, &device, &edited, &values, &document, &hash,
			(*[]byte)(&side.Fields)); err != nil {
			return err
		}
		side.By, side.Device, side.At = string(who), string(device), edited.Time
		if err := decode(values, &side.Values); err != nil {
			return err
		}
		if !p.fits(place, len(side.Fields)+len(values)) {
			return p.cut(place)
		}
		of := p.at(place)
		of.NotKept = append(of.NotKept, side)
		return body{id: int64(document), text: side.Fields}.check(hash)
	}, `
		SELECT v.id, s.side, s.reason, s.who, s.device, s.edited_at, s.not_kept, d.id, d.hash, d.body
		FROM dovetail_version v
		JOIN dovetail_side s ON s.record = v.record AND s.version = v.number
		LEFT JOIN dovetail_document d ON d.id = s.document
		WHERE v.id > $1 AND v.id <= $2
		ORDER BY v.id, s.id`,
		after, last)
}

// readClosed adds the changes, newest first, whose conflicts were closed: by a person, or by a version that was the same as
// their local side. A copy of a replica may know only an older one of those that went into a conflict.
func readClosed(v *view, p *feedPage, after, last int64) error {
	return v.rows(func(rows *sql.Rows) error {
		var place int64
		var key string
		if err := rows.Scan(&place, &key); err != nil {
			return err
		}
		of := p.at(place)
		of.Closes = append(of.Closes, key)
		return nil
	}, `
		WITH closed (place, record, conflict) AS (
			SELECT v.id, v.record, n.conflict
			FROM dovetail_version v
			JOIN dovetail_resolution n ON n.record = v.record AND n.version = v.number
			WHERE v.id > $1 AND v.id <= $2 AND n.conflict IS NOT NULL AND n.undoes IS NULL
			UNION ALL
			SELECT v.id, v.record, o.id
			FROM dovetail_version v
			JOIN dovetail_conflict o ON o.record = v.record AND o.state = 'resolved' AND o.resolution IS NULL
				AND o.server_version = v.number
			WHERE v.id > $1 AND v.id <= $2)
		SELECT d.place, c.key
		FROM closed d
		JOIN dovetail_change c ON c.conflict = d.conflict AND c.record = d.record
		ORDER BY d.place, c.id DESC`,
		after, last)
}
