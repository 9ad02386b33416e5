package store

import (
	"context"
	"database/sql"
	"fmt"

	"dovetail/merge"
)

// verdict is a resolution to be.
type verdict struct {
	conflict  int64 // 0: the change merged by itself
	change    int64
	head      *head // as it is now
	madeOn    *head // as it was before
	decisions merge.Decisions
	lost      []merge.LostValue
	note, by  string
	undoes    int64
}

// resolved writes a resolution and returns its number.
func (t *tx) resolved(v verdict) (int64, error) {
	var decisions, lost any
	for _, list := range []struct {
		into  *any
		any   bool
		value any
	}{{&decisions, len(v.decisions) > 0, v.decisions}, {&lost, len(v.lost) > 0, v.lost}} {
		if !list.any {
			continue
		}
		body, err := encode(list.value)
		if err != nil {
			return 0, err
		}
		*list.into = body
	}
	guard, follows, err := t.guard(v.madeOn)
	if err != nil {
		return 0, err
	}
	id, err := t.insert(`
		INSERT INTO dovetail_resolution (conflict, change, record, version, made_on, outside, follows, server_ref, decisions,
			not_kept, note, who, made_at, undoes)
		VALUES ($1, $2, $3, $4, $5, $6, $7, (SELECT server_ref FROM dovetail_change WHERE id = $2), $8, $9, $10, $11, $12,
			$13)`,
		null(v.conflict), v.change, v.head.id, v.head.number, v.madeOn.number, null(guard), null(follows),
		decisions, lost, text(v.note), text(v.by), micros(t.now), null(v.undoes))
	return id, wrap("keep resolution", err)
}

// guard is the number by which the system that a record was brought from will know it when all lines up to this
// version are applied there, and the last of those lines, 0 where there is none to wait for. Versions without a line,
// such as our own edits, reach that system with the next line. The number is 0 where the system has none.
func (t *tx) guard(h *head) (number, follows int64, err error) {
	if h.outsideSeen == 0 || h.cause == CauseImport && h.outsideSeen != h.number {
		return 0, 0, nil
	}
	found, err := t.row([]any{&number, &follows}, `
		SELECT version, id
		FROM dovetail_resolution
		WHERE record = $1 AND version > $2 AND version <= $3
		ORDER BY version DESC
		LIMIT 1`,
		h.id, h.outsideSeen, h.number)
	if err == nil && !found {
		number = h.outsideVersion
	}
	return number, follows, wrap("find guard", err)
}

// made is a resolution that was read back.
type made struct {
	Resolution
	decisions merge.Decisions
	record    int64
	madeOn    int64 // our version
}

// resolutionColumns are what scanResolution reads.
const resolutionColumns = `
	n.id, n.conflict, n.record, n.version, n.made_on, n.outside, n.follows, n.decisions, n.note, n.who, n.made_at, n.undoes,
	c.key, n.server_ref, c.local_ref, r.collection, r.name, d.id, d.hash, d.body
	FROM dovetail_resolution n
	LEFT JOIN dovetail_change c ON c.id = n.change
	JOIN dovetail_record r ON r.id = n.record
	JOIN dovetail_version v ON v.record = n.record AND v.number = n.version
	LEFT JOIN dovetail_document d ON d.id = v.document`

// target holds what a row of resolutionColumns is scanned into.
type target struct {
	made
	conflict, outside, follows, undoes, document   number
	decisions, note, who, key, serverRef, localRef words
	at                                             moment
	hash                                           []byte
}

func (t *target) columns() []any {
	m := &t.made
	return []any{&m.Resolution.Resolution, &t.conflict, &m.record, &m.Version, &m.madeOn, &t.outside, &t.follows, &t.decisions,
		&t.note, &t.who, &t.at, &t.undoes, &t.key, &t.serverRef, &t.localRef, &m.Record.Collection, &m.Record.ID, &t.document,
		&t.hash, (*[]byte)(&m.Result)}
}

func (t *target) read() (made, error) {
	m := t.made
	m.Type, m.Conflict, m.Key, m.By, m.Note = "resolution", int64(t.conflict), string(t.key), string(t.who), string(t.note)
	m.At, m.Undoes, m.Follows = t.at.Time, int64(t.undoes), int64(t.follows)
	m.ServerRef, m.LocalRef = merge.Value(t.serverRef), merge.Value(t.localRef)
	if m.ServerVersion = int64(t.outside); m.ServerVersion == 0 {
		m.ServerVersion = m.madeOn
	}
	if err := decode(t.decisions, &m.decisions); err != nil {
		return m, err
	}
	if as := m.decisions.Both(); as != "" {
		m.KeptAs = merge.Key{Collection: m.Record.Collection, ID: as}.String()
	}
	if len(m.decisions) > 0 {
		m.Decisions = make(map[string]merge.Choice, len(m.decisions))
		for path, d := range m.decisions {
			m.Decisions[path] = d.Choice
		}
	}
	return m, body{id: int64(t.document), text: m.Result}.check(t.hash)
}

// resolutionOf reads a resolution; [merge.ErrNotFound] where there is none.
func resolutionOf(from source, id int64) (made, error) {
	var into target
	found, err := from.row(into.columns(), `SELECT`+resolutionColumns+` WHERE n.id = $1`, id)
	switch {
	case err != nil:
		return made{}, wrap("read resolution", err)
	case !found:
		return made{}, fmt.Errorf("resolution %d: %w", id, merge.ErrNotFound)
	}
	return into.read()
}

// LastResolution returns what the last resolution of a record by a person wrote, without the document; [merge.ErrNotFound]
// where there is none. It is the one that an undo of the record takes back.
func (s *Store) LastResolution(ctx context.Context, key merge.Key) (merge.Written, error) {
	last := merge.Written{Record: key}
	err := s.read(ctx, func(v *view) error {
		found, err := v.row([]any{&last.Resolution, &last.Conflict, &last.Version}, `
			SELECT n.id, n.conflict, n.version
			FROM dovetail_resolution n
			JOIN dovetail_record r ON r.id = n.record
			WHERE r.collection = $1 AND r.name = $2 AND n.conflict IS NOT NULL AND n.undoes IS NULL
			ORDER BY n.id DESC
			LIMIT 1`,
			key.Collection, key.ID)
		if err == nil && !found {
			err = fmt.Errorf("a resolution of %s: %w", key, merge.ErrNotFound)
		}
		return err
	})
	return last, err
}

// exportPage is how many rows an export reads at a time. In between nothing is held open, however slow the reader.
const exportPage = 500

// EachResolution calls fn for every resolution with a number above after, in order. An error of fn ends it.
func (s *Store) EachResolution(ctx context.Context, after int64, fn func(Resolution) error) error {
	for {
		var page []made
		err := s.read(ctx, func(v *view) error {
			return v.rows(func(rows *sql.Rows) error {
				var into target
				if err := rows.Scan(into.columns()...); err != nil {
					return err
				}
				m, err := into.read()
				page = append(page, m)
				return err
			}, `SELECT`+resolutionColumns+` WHERE n.id > $1 ORDER BY n.id LIMIT $2`, after, exportPage)
		})
		if err != nil {
			return wrap("read resolutions", err)
		}
		for _, m := range page {
			if err := fn(m.Resolution); err != nil {
				return err
			}
			after = m.Resolution.Resolution
		}
		if len(page) < exportPage {
			return nil
		}
	}
}
