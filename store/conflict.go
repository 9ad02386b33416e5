package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"dovetail/merge"
)

// dispute is a conflict as a transaction sees it.
type dispute struct {
	id             int64
	record         int64
	key            merge.Key
	change         int64
	kind           merge.Kind
	fields         []string
	base           base
	local          int64 // document
	serverVersion  int64
	serverDocument int64
	recreated      bool
	device         string
	localBy        string
	localAt        time.Time
	serverBy       string
	serverAt       time.Time
	state          merge.State
	revision       int64
	openedAt       time.Time
	resolution     int64
	claimedBy      string
	claimedUntil   time.Time
}

// disputeOf reads a conflict with its base; [merge.ErrNotFound] where there is none.
func disputeOf(from source, id int64) (*dispute, error) {
	d := &dispute{id: id}
	var kind, fields, apart, device, localBy, serverBy, state, claimedBy words
	var baseVersion, baseDocument, local, serverDocument, resolution number
	var localAt, serverAt, openedAt, claimedUntil moment
	found, err := from.row([]any{&d.record, &d.key.Collection, &d.key.ID, &d.change, &kind, &fields,
		&baseVersion, &baseDocument, &d.base.lost, &apart, &local, &d.serverVersion, &serverDocument, &d.recreated,
		&device, &localBy, &localAt, &serverBy, &serverAt, &state, &d.revision, &openedAt, &resolution,
		&claimedBy, &claimedUntil}, `
		SELECT
			record, collection, name, change, kind, fields,
			base_version, base_document, base_lost, apart, local_document, server_version, server_document, recreated,
			device, local_by, local_at, server_by, server_at, state, revision, opened_at, resolution,
			claimed_by, claimed_until
		FROM dovetail_conflict
		WHERE id = $1`,
		id)
	switch {
	case err != nil:
		return nil, wrap("read conflict", err)
	case !found:
		return nil, fmt.Errorf("conflict %d: %w", id, merge.ErrNotFound)
	}
	d.base.version, d.local, d.serverDocument, d.resolution = int64(baseVersion), int64(local), int64(serverDocument), int64(resolution)
	d.device, d.localBy, d.serverBy = string(device), string(localBy), string(serverBy)
	d.localAt, d.serverAt, d.openedAt = localAt.Time, serverAt.Time, openedAt.Time
	d.claimedBy, d.claimedUntil = string(claimedBy), claimedUntil.Time
	if err := d.kind.UnmarshalText([]byte(kind)); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrCorrupt, err)
	}
	if err := d.state.UnmarshalText([]byte(state)); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrCorrupt, err)
	}
	if err := errors.Join(decode(fields, &d.fields), decode(apart, &d.base.apart)); err != nil {
		return nil, err
	}
	d.base.fields, err = load(from, int64(baseDocument))
	return d, err
}

// sides are the documents as the conflict has them.
func (d *dispute) sides(from source) (merge.Sides, error) {
	local, err := load(from, d.local)
	if err != nil {
		return merge.Sides{}, err
	}
	server, err := load(from, d.serverDocument)
	return merge.Sides{Base: d.base.fields.text, Local: local.text, Server: server.text,
		BaseLost: d.base.lost, Recreated: d.recreated, Apart: d.base.apart}, err
}

// Case returns a conflict with all that is needed to decide it; [merge.ErrNotFound] where there is none. A resolved
// one shows the sides as they were when it was resolved.
func (s *Store) Case(ctx context.Context, conflict int64) (merge.Case, error) {
	c, _, err := s.CaseUnder(ctx, conflict)
	return c, err
}

// CaseUnder is Case together with what its rules were made of.
func (s *Store) CaseUnder(ctx context.Context, conflict int64) (merge.Case, Manner, error) {
	var c merge.Case
	var under Manner
	err := s.read(ctx, func(v *view) error {
		d, err := disputeOf(v, conflict)
		if err != nil {
			return err
		}
		m, err := s.mannerOf(v, d.key.Collection)
		if err != nil {
			return err
		}
		under = m.told()
		sides, err := d.sides(v)
		if err != nil {
			return err
		}
		if c, err = d.asCase(v, m, sides); err != nil {
			return err
		}
		said, receivedAt, err := d.arrival(v)
		if err != nil {
			return err
		}
		if c.Naming, c.Refused, err = d.naming(v, sides, said); err != nil {
			return err
		}
		c.Conflict = d.row()
		if d.claimedUntil.After(v.now) {
			c.Conflict.ClaimedBy, c.Conflict.ClaimedUntil = d.claimedBy, d.claimedUntil
		}
		c.Local = merge.Stamp{By: d.localBy, Device: d.device, At: d.localAt, ReceivedAt: receivedAt}
		c.Server = merge.Stamp{By: d.serverBy, At: d.serverAt, Version: d.serverVersion}
		if server, found, err := versionOf(v, d.record, d.serverVersion); err != nil {
			return err
		} else if found {
			c.Server.Device = server.device
		}
		c.Base = merge.Stamp{Version: d.base.version}
		if base, found, err := versionOf(v, d.record, d.base.version); err != nil {
			return err
		} else if found && base.document == d.base.fields.id {
			c.Base = merge.Stamp{By: base.by, Device: base.device, At: base.at, Version: base.number}
		}
		return nil
	})
	return c, under, err
}

func (d *dispute) row() merge.Conflict {
	return merge.Conflict{Number: d.id, Record: d.key, Kind: d.kind, Fields: d.fields, BaseVersion: d.base.version,
		ServerVersion: d.serverVersion, State: d.state, Revision: d.revision, LocalBy: d.localBy, LocalAt: d.localAt,
		ServerBy: d.serverBy, ServerAt: d.serverAt, Device: d.device, OpenedAt: d.openedAt}
}

// ConflictsOf returns the numbers of a record's conflicts that are not resolved, oldest first.
func (s *Store) ConflictsOf(ctx context.Context, key merge.Key) ([]int64, error) {
	var numbers []int64
	err := s.read(ctx, func(v *view) error {
		var record int64
		found, err := v.row([]any{&record}, `SELECT id FROM dovetail_record WHERE collection = $1 AND name = $2`,
			key.Collection, key.ID)
		if err != nil || !found {
			return err
		}
		numbers, err = waitingOf(v, record)
		return err
	})
	return numbers, err
}

func waitingOf(from source, record int64) ([]int64, error) {
	return conflictIDs(from, `
		SELECT id
		FROM dovetail_conflict
		WHERE record = $1 AND state IN ('open', 'snoozed')
		ORDER BY id`,
		record)
}

// conflictIDs reads a query of one column to its end, since what is done with each conflict asks the same connection.
func conflictIDs(from source, query string, args ...any) ([]int64, error) {
	var ids []int64
	err := from.rows(func(rows *sql.Rows) error {
		var id int64
		err := rows.Scan(&id)
		ids = append(ids, id)
		return err
	}, query, args...)
	return ids, wrap("find conflicts", err)
}

// open puts a change into the queue.
func (t *tx) open(j *joining, r merge.Result) (Answer, error) {
	c, h, s := j.change, j.head, r.Sides()
	fields, err := pathList(r.Conflicts())
	if err != nil {
		return Answer{}, err
	}
	replica, err := t.replicaOf(c)
	if err != nil {
		return Answer{}, err
	}
	kind := r.Kind
	if kind == merge.NoKind { // it was decided where it comes from, and joins by itself here
		kind = merge.EditEdit
	}
	apart, err := fieldList(j.base.apart)
	if err != nil {
		return Answer{}, err
	}
	id, err := t.insert(`
		INSERT INTO dovetail_conflict (record, collection, name, change, kind, fields, base_version, base_document, base_lost,
			apart, local_document, server_version, server_document, recreated, replica, device, local_by, local_at,
			server_by, server_at, state, opened_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, 'open', $21)`,
		h.id, h.key.Collection, h.key.ID, j.id, kind.String(), fields, null(j.base.version), null(j.base.fields.id), j.base.lost,
		apart, null(j.local.id), h.number, null(h.fields.id), s.Recreated, text(replica), text(c.device), text(c.localBy),
		micros(c.localAt), text(h.by), micros(h.at), micros(t.now))
	if err != nil {
		return Answer{}, wrap("open conflict", err)
	}
	if err := t.listFields(id, r.Conflicts()); err != nil {
		return Answer{}, err
	}
	t.names = append(t.names, name{place{t.now.UnixMicro(), id}, h.key})
	if err := t.waits(h.id, 1); err != nil {
		return Answer{}, err
	}
	h.waiting++
	t.count(h.key.Collection, merge.Open.String(), 1)
	return Answer{Outcome: Conflicted, Version: h.number, Conflict: id, Fields: r.Conflicts()}, nil
}

// pathList writes paths as a JSON list, also where there are none.
func pathList(paths []string) (string, error) {
	if paths == nil {
		paths = []string{}
	}
	return encode(paths)
}

// replica names the device whose changes build on one another; empty for a change from elsewhere.
func (c *change) replica() string {
	if c.outside || c.sequence == 0 {
		return ""
	}
	return c.device
}

// replicaOf is replica, empty also where two copies of a device may still go by the same id: their changes build on
// nothing of one another. That ends with the first change that came with the id which the copy was given.
func (t *tx) replicaOf(c *change) (string, error) {
	replica := c.replica()
	if replica == "" {
		return "", nil
	}
	var one int
	copied, err := t.row([]any{&one}, `
		SELECT 1
		FROM dovetail_copied_device d
		WHERE (d.device = $1 OR d.new_device = $1)
			AND NOT EXISTS (SELECT 1 FROM dovetail_change c WHERE c.device = d.new_device AND c.new_device IS NULL)`,
		replica)
	if copied {
		replica = ""
	}
	return replica, wrap("look for copies", err)
}

func (t *tx) waits(record, by int64) error {
	_, err := t.run(`UPDATE dovetail_record SET waiting = waiting + $1 WHERE id = $2`, by, record)
	return wrap("count conflict", err)
}

// listFields notes the fields of a conflict, each with the objects that it stands in, for those who look for one. What else
// stands there is what the conflict says.
func (t *tx) listFields(conflict int64, fields []string) error {
	list, err := pathList(fields)
	if err != nil {
		return err
	}
	if utf8.RuneCountInString(list) > maxShortFields {
		list = ""
	}
	for _, path := range withParents(fields) {
		if _, err := t.run(`
			INSERT INTO dovetail_conflict_field (path, state, opened_at, conflict, kind, collection, local_by, device, name,
				fields, base_version, server_version, revision, local_at, server_by, server_at)
			SELECT $1, state, opened_at, id, kind, collection, local_by, device, name,
				$2, base_version, server_version, revision, local_at, server_by, server_at
			FROM dovetail_conflict
			WHERE id = $3`,
			path, text(list), conflict); err != nil {
			return wrap("list fields", err)
		}
	}
	return nil
}

// listFieldsAnew is listFields for a conflict that has changed.
func (t *tx) listFieldsAnew(conflict int64, fields []string) error {
	if _, err := t.run(`DELETE FROM dovetail_conflict_field WHERE conflict = $1`, conflict); err != nil {
		return wrap("list fields", err)
	}
	return t.listFields(conflict, fields)
}

// withParents are paths with those of the objects that they stand in, sorted, each once.
func withParents(paths []string) []string {
	var all []string
	for _, path := range paths {
		all = append(all, path)
		for at := strings.LastIndexByte(path, '/'); at > 0; at = strings.LastIndexByte(path[:at], '/') {
			all = append(all, path[:at])
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// save writes what may change in a conflict, as the next revision.
func (t *tx) save(d *dispute, was merge.State) error {
	fields, err := pathList(d.fields)
	if err != nil {
		return err
	}
	apart, err := fieldList(d.base.apart)
	if err != nil {
		return err
	}
	d.revision++
	var resolvedAt any
	if d.state == merge.Resolved {
		resolvedAt = micros(t.now)
	}
	if _, err := t.run(`
		UPDATE dovetail_conflict
		SET change = $1, kind = $2, fields = $3, base_version = $4, base_document = $5, base_lost = $6, apart = $7,
			local_document = $8, server_version = $9, server_document = $10, recreated = $11, device = $12, local_by = $13,
			local_at = $14, server_by = $15, server_at = $16, state = $17, revision = $18, resolved_at = $19, resolution = $20,
			claimed_by = CASE $17 WHEN 'resolved' THEN NULL ELSE claimed_by END,
			claimed_until = CASE $17 WHEN 'resolved' THEN NULL ELSE claimed_until END
		WHERE id = $21`,
		d.change, d.kind.String(), fields, null(d.base.version), null(d.base.fields.id), d.base.lost, apart, null(d.local),
		d.serverVersion, null(d.serverDocument), d.recreated, text(d.device), text(d.localBy), micros(d.localAt),
		text(d.serverBy), micros(d.serverAt), d.state.String(), d.revision, resolvedAt, null(d.resolution), d.id); err != nil {
		return wrap("save conflict", err)
	}
	if err := t.listFieldsAnew(d.id, d.fields); err != nil {
		return err
	}
	if d.state == was {
		return nil
	}
	t.count(d.key.Collection, was.String(), -1)
	t.count(d.key.Collection, d.state.String(), 1)
	switch {
	case d.state == merge.Resolved:
		if err := t.settled(d); err != nil {
			return err
		}
		return t.waits(d.record, -1)
	case was == merge.Resolved:
		if err := t.unsettled(d); err != nil {
			return err
		}
		return t.waits(d.record, 1)
	}
	return nil
}
