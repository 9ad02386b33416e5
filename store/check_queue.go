package store

import (
	"bytes"
	"database/sql"
	"maps"
	"slices"

	"dovetail/merge"
)

// queue looks at the conflicts, and at what is kept beside them so that nobody has to count or search.
func (c *checkup) queue(n *notes) error {
	for _, look := range []func(*notes) error{c.waiting, c.conflicts, c.changesOfConflicts, c.conflictFields, c.fieldRows} {
		if err := look(n); err != nil {
			return err
		}
	}
	var count int64
	_, err := c.view.row([]any{&count}, `SELECT count(*) FROM dovetail_conflict`)
	n.looked("%s, each with its record, its change and its fields", several(count, "conflict"))
	return err
}

// waiting compares what a record says of its open conflicts with those that there are.
func (c *checkup) waiting(n *notes) error {
	return c.view.rows(func(rows *sql.Rows) error {
		var k merge.Key
		var kept, counted int64
		if err := rows.Scan(&k.Collection, &k.ID, &kept, &counted); err != nil {
			return err
		}
		n.wrong("%s says that %d conflicts wait, but there are %d", k, kept, counted)
		return nil
	}, `
		SELECT collection, name, waiting, counted
		FROM (
			SELECT r.id, r.collection, r.name, r.waiting, (
				SELECT count(*)
				FROM dovetail_conflict k
				WHERE k.record = r.id AND k.state IN ('open', 'snoozed')) AS counted
			FROM dovetail_record r)
		WHERE waiting <> counted
		ORDER BY id`)
}

// conflicts looks for those that contradict their record or their resolution.
func (c *checkup) conflicts(n *notes) error {
	return c.view.rows(func(rows *sql.Rows) error {
		var id int64
		var named, current, closed, answered bool
		if err := rows.Scan(&id, &named, &current, &closed, &answered); err != nil {
			return err
		}
		switch {
		case !named:
			n.wrong("conflict %d bears another name than its record", id)
		case !current:
			n.wrong("conflict %d waits on another version than its record's newest", id)
		case !closed:
			n.wrong("conflict %d says both that it is resolved and that it waits", id)
		case !answered:
			n.wrong("conflict %d names the resolution of another conflict", id)
		}
		return nil
	}, `
		SELECT id, named, current, closed, answered
		FROM (
			SELECT
				k.id,
				k.collection = r.collection AND k.name = r.name AS named,
				k.state = 'resolved' OR k.server_version = r.head AND k.server_document IS r.document AS current,
				(k.state = 'resolved') = (k.resolved_at IS NOT NULL) AND (k.state = 'resolved' OR k.resolution IS NULL) AS closed,
				k.resolution IS NULL OR s.conflict IS k.id AND s.record = k.record AS answered
			FROM dovetail_conflict k
			JOIN dovetail_record r ON r.id = k.record
			LEFT JOIN dovetail_resolution s ON s.id = k.resolution)
		WHERE NOT (named AND current AND closed AND answered)
		ORDER BY id`)
}

// changesOfConflicts looks for conflicts that are not held by the one change that they name.
func (c *checkup) changesOfConflicts(n *notes) error {
	note := func(rows *sql.Rows) error {
		var id int64
		if err := rows.Scan(&id); err != nil {
			return err
		}
		n.wrong("conflict %d is not the place of exactly one change", id)
		return nil
	}
	if err := c.view.rows(note, `
		SELECT k.id
		FROM dovetail_conflict k
		JOIN dovetail_change c ON c.id = k.change
		WHERE c.conflict IS NOT k.id OR c.replaced <> 0 OR c.record <> k.record
		ORDER BY k.id`); err != nil {
		return err
	}
	return c.view.rows(note, `
		SELECT conflict
		FROM dovetail_change
		WHERE conflict IS NOT NULL AND replaced = 0
		GROUP BY conflict
		HAVING count(*) <> 1
		ORDER BY conflict`)
}

// fieldsPage is how many conflicts are compared with their lists of fields at a time.
const fieldsPage = 500

// listed is what a conflict says of itself, or what its rows in the list of fields say.
type listed struct {
	state    string
	openedAt int64
	paths    []string
}

func (l listed) equal(other listed) bool {
	return l.state == other.state && l.openedAt == other.openedAt && slices.Equal(l.paths, other.paths)
}

// conflictFields compares the fields of each conflict with the list by which one is found.
func (c *checkup) conflictFields(n *notes) error {
	for after := int64(0); ; {
		want, err := c.fieldsWanted(after)
		if err != nil {
			return err
		}
		ids := slices.Sorted(maps.Keys(want))
		last := int64(1<<63 - 1)
		if len(ids) == fieldsPage {
			last = ids[len(ids)-1]
		}
		is, err := c.fieldsListed(after, last)
		if err != nil {
			return err
		}
		for _, id := range ids {
			if rows, there := is[id]; there && !rows.equal(want[id]) || !there && len(want[id].paths) > 0 {
				n.wrong("conflict %d is listed under other fields than it has", id)
			}
			delete(is, id)
		}
		for _, id := range slices.Sorted(maps.Keys(is)) {
			n.wrong("fields are listed of conflict %d, which is not there", id)
		}
		if len(ids) < fieldsPage {
			return nil
		}
		after = last
	}
}

func (c *checkup) fieldsWanted(after int64) (map[int64]listed, error) {
	page := map[int64]listed{}
	err := c.view.rows(func(rows *sql.Rows) error {
		var id int64
		var l listed
		var fields words
		var paths []string
		if err := rows.Scan(&id, &l.state, &l.openedAt, &fields); err != nil {
			return err
		}
		err := decode(fields, &paths)
		l.paths = withParents(paths)
		page[id] = l
		return err
	}, `
		SELECT id, state, opened_at, fields
		FROM dovetail_conflict
		WHERE id > $1
		ORDER BY id
		LIMIT $2`,
		after, fieldsPage)
	return page, err
}

func (c *checkup) fieldsListed(after, last int64) (map[int64]listed, error) {
	page := map[int64]listed{}
	err := c.view.rows(func(rows *sql.Rows) error {
		var id int64
		var one listed
		var path string
		if err := rows.Scan(&id, &one.state, &one.openedAt, &path); err != nil {
			return err
		}
		l, there := page[id]
		if there && (l.state != one.state || l.openedAt != one.openedAt) {
			l.state = "" // it is none of both
		} else {
			l.state, l.openedAt = one.state, one.openedAt
		}
		l.paths = append(l.paths, path)
		page[id] = l
		return nil
	}, `
		SELECT conflict, state, opened_at, path
		FROM dovetail_conflict_field
		WHERE conflict > $1 AND conflict <= $2
		ORDER BY conflict, path`,
		after, last)
	return page, err
}

// fieldRows compares what the list of fields says of a conflict besides with the conflict.
func (c *checkup) fieldRows(n *notes) error {
	return c.view.rows(func(rows *sql.Rows) error {
		var id int64
		if err := rows.Scan(&id); err != nil {
			return err
		}
		n.wrong("conflict %d is listed by its fields as other than it is", id)
		return nil
	}, `
		SELECT DISTINCT k.id
		FROM dovetail_conflict_field f
		JOIN dovetail_conflict k ON k.id = f.conflict
		WHERE f.kind <> k.kind OR f.collection <> k.collection OR f.name <> k.name
			OR f.local_by IS NOT k.local_by OR f.local_at IS NOT k.local_at OR f.device IS NOT k.device
			OR f.server_by IS NOT k.server_by OR f.server_at IS NOT k.server_at
			OR f.base_version IS NOT k.base_version OR f.server_version <> k.server_version OR f.revision <> k.revision
			OR f.fields IS NOT CASE WHEN length(k.fields) <= $1 THEN k.fields END
		ORDER BY k.id`, maxShortFields)
}

// parked makes sure that what waits to be tried again is what came in.
func (c *checkup) parked(n *notes) error {
	var count int64
	err := c.view.rows(func(rows *sql.Rows) error {
		var key string
		var k merge.Key
		var identity []byte
		var payload words
		if err := rows.Scan(&key, &k.Collection, &k.ID, &identity, &payload); err != nil {
			return err
		}
		came := change{record: k, payload: []byte(payload)}
		if !bytes.Equal(identity, came.whole()) {
			n.wrong("the parked change %q is not as it came in", key)
		}
		count++
		return nil
	}, `
		SELECT c.key, r.collection, r.name, c.identity, c.payload
		FROM dovetail_change c
		JOIN dovetail_record r ON r.id = c.record
		WHERE c.outcome = 'parked'
		ORDER BY c.id`)
	n.looked("%s, each as it came in", several(count, "change"))
	return err
}
