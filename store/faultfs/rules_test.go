package faultfs_test

import (
	"database/sql"
	"strings"
	"testing"
)

// rule is a query that finds what may not be in a database at any quiet moment, in plain SQL.
type rule struct{ name, query string }

var rules = []rule{
	{"a record's head is its newest version, with that version's document", `
		SELECT r.collection, r.name
		FROM dovetail_record r
		LEFT JOIN dovetail_version v ON v.record = r.id AND v.number = r.head
		WHERE r.head <> coalesce((SELECT max(number) FROM dovetail_version WHERE record = r.id), 0)
			OR v.document IS NOT r.document`},
	{"versions follow one another, but for jumps to a number from outside", `
		SELECT v.record, v.number
		FROM dovetail_version v
		LEFT JOIN dovetail_version p ON p.record = v.record AND p.number = v.parent
		WHERE v.parent IS NULL AND EXISTS (SELECT 1 FROM dovetail_version o WHERE o.record = v.record AND o.number < v.number)
			OR v.parent IS NOT NULL AND (p.id IS NULL OR v.number <> v.parent + 1 AND v.cause <> 'import')`},
	{"a change has an answer", `
		SELECT key
		FROM dovetail_change
		WHERE outcome = 'pending' AND outbox = 0`},
	{"a change that was written made one version", `
		SELECT c.key, count(v.id)
		FROM dovetail_change c
		LEFT JOIN dovetail_version v ON v.change = c.id
			AND (v.cause IN ('write', 'merge') OR v.cause = 'resolution' AND c.resolves IS NOT NULL)
		WHERE c.outbox = 0
		GROUP BY c.id
		HAVING count(v.id) <> (c.outcome IN ('applied', 'merged'))
			OR c.outcome IN ('applied', 'merged') AND (max(v.number) <> c.version OR max(v.record) <> c.record)`},
	{"a change that lost to the record is kept aside", `
		SELECT c.key
		FROM dovetail_change c
		WHERE c.outcome = 'superseded'
			AND NOT EXISTS (SELECT 1 FROM dovetail_side s WHERE s.change = c.id AND s.side = 'local' AND s.version = c.version)`},
	{"a change in conflict waits in one, or is kept aside as replaced in it", `
		SELECT c.key
		FROM dovetail_change c
		LEFT JOIN dovetail_conflict k ON k.id = c.conflict AND k.record = c.record
		WHERE c.outcome = 'conflict' AND (k.id IS NULL OR (k.change = c.id) = c.replaced)
			OR c.replaced AND (SELECT count(*) FROM dovetail_side s WHERE s.change = c.id AND s.reason = 'replaced') <> 1`},
	{"a conflict is one change's", `
		SELECT k.id
		FROM dovetail_conflict k
		WHERE (SELECT count(*) FROM dovetail_change c WHERE c.conflict = k.id AND NOT c.replaced) <> 1`},
	{"a record counts its conflicts", `
		SELECT r.collection, r.name
		FROM dovetail_record r
		WHERE r.waiting <> (SELECT count(*) FROM dovetail_conflict k WHERE k.record = r.id AND k.state <> 'resolved')`},
	{"what was resolved has its version, and the version says so", `
		SELECT n.id
		FROM dovetail_resolution n
		LEFT JOIN dovetail_version v ON v.record = n.record AND v.number = n.version
		WHERE v.id IS NULL
			OR v.change <> n.change AND NOT EXISTS (SELECT 1 FROM dovetail_change c WHERE c.id = v.change AND c.resolves = n.change)
			OR v.cause <> CASE WHEN n.undoes IS NOT NULL THEN 'undo' WHEN n.conflict IS NOT NULL THEN 'resolution' ELSE v.cause END`},
	{"a resolution closes its conflict until it is taken back", `
		SELECT k.id
		FROM dovetail_conflict k
		LEFT JOIN dovetail_resolution n ON n.id = k.resolution
		WHERE k.resolution IS NOT NULL AND (k.state <> 'resolved' OR n.conflict IS NOT k.id
			OR EXISTS (SELECT 1 FROM dovetail_resolution u WHERE u.undoes = n.id))`},
	{"the fields of a conflict are listed with its state", `
		SELECT k.id, f.path
		FROM dovetail_conflict_field f
		LEFT JOIN dovetail_conflict k ON k.id = f.conflict
		WHERE k.id IS NULL OR f.state <> k.state OR f.opened_at <> k.opened_at OR f.revision <> k.revision
		UNION ALL
		SELECT k.id, p.value
		FROM dovetail_conflict k, json_each(k.fields) p
		WHERE NOT EXISTS (SELECT 1 FROM dovetail_conflict_field f WHERE f.conflict = k.id AND f.path = p.value)`},
	{"the numbers kept of each collection are those of its changes", `
		SELECT collection, what, number
		FROM (
			SELECT collection, what, number
			FROM dovetail_count
			WHERE what NOT IN ('issued', 'refused')
			UNION ALL
			SELECT r.collection,
				CASE WHEN c.replaced THEN 'replaced' WHEN k.id IS NOT NULL THEN k.state ELSE c.outcome END,
				-1
			FROM dovetail_change c
			JOIN dovetail_record r ON r.id = c.record
			LEFT JOIN dovetail_conflict k ON k.id = c.conflict
		)
		GROUP BY collection, what
		HAVING sum(number) <> 0`},
	{"every change that was issued is in one place", `
		SELECT collection
		FROM dovetail_count
		GROUP BY collection
		HAVING sum(CASE
			WHEN what = 'issued' THEN number
			WHEN what IN ('applied', 'converged', 'merged', 'superseded', 'replaced', 'open', 'snoozed', 'resolved', 'parked',
				'refused', 'pending') THEN -number
			ELSE 0 END) <> 0`},
	{"every change that was issued is here, unless it was refused", `
		SELECT 1
		WHERE (SELECT count(*) FROM dovetail_change)
			<> (SELECT coalesce(sum(CASE what WHEN 'issued' THEN number WHEN 'refused' THEN -number END), 0) FROM dovetail_count)`},
	{"the lines of an import are counted", `
		SELECT id
		FROM dovetail_exchange
		WHERE kind = 'import' AND finished AND lines = 0`},
}

// checkRules looks for what may not be.
func checkRules(t *testing.T, db *sql.DB) {
	t.Helper()
	for _, rule := range rules {
		if found := rows(t, db, rule.query); len(found) > 0 {
			t.Errorf("it does not hold that %s:\n%s", rule.name, strings.Join(found, "\n"))
		}
	}
}
