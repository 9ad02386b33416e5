package faultfs_test

import (
	"database/sql"
	"slices"
	"testing"
)

// breaches break each rule in what a flow leaves, by plain SQL.
var breaches = []struct{ rule, flow, statement string }{
	{"a record's head is its newest version, with that version's document", "push",
		`UPDATE dovetail_record SET document = NULL WHERE name = '3'`},
	{"a record's head is its newest version, with that version's document", "push",
		`DELETE FROM dovetail_version WHERE cause = 'write' AND number = 2`},
	{"versions follow one another, but for jumps to a number from outside", "push",
		`DELETE FROM dovetail_version WHERE number = 1 AND record = 1`},
	{"a change has an answer", "push",
		`UPDATE dovetail_change SET outcome = 'pending' WHERE key = 'k5'`},
	{"a change that was written made one version", "merge",
		`UPDATE dovetail_version SET change = NULL WHERE cause = 'merge' AND record = 1`},
	{"a change that was written made one version", "push", `
		INSERT INTO dovetail_version (record, number, document, cause, accepted_at, parent, change, hash)
		SELECT record, number + 1, document, cause, accepted_at, number, change, hash
		FROM dovetail_version
		WHERE change IS NOT NULL AND number = 1`},
	{"a change that lost to the record is kept aside", "merge",
		`DELETE FROM dovetail_side WHERE reason = 'last-write-wins' AND side = 'local'`},
	{"a change in conflict waits in one, or is kept aside as replaced in it", "conflict",
		`DELETE FROM dovetail_side WHERE reason = 'replaced'`},
	{"a change in conflict waits in one, or is kept aside as replaced in it", "conflict",
		`DELETE FROM dovetail_conflict WHERE id = 1`},
	{"a conflict is one change's", "conflict",
		`UPDATE dovetail_change SET replaced = 0`},
	{"a record counts its conflicts", "conflict",
		`UPDATE dovetail_record SET waiting = waiting + 1`},
	{"what was resolved has its version, and the version says so", "resolve",
		`DELETE FROM dovetail_version WHERE cause = 'resolution' AND number = 3`},
	{"a resolution closes its conflict until it is taken back", "resolve",
		`UPDATE dovetail_conflict SET state = 'open' WHERE id = 1`},
	{"a resolution closes its conflict until it is taken back", "undo",
		`UPDATE dovetail_conflict SET resolution = 1 WHERE id = 1`},
	{"the fields of a conflict are listed with its state", "conflict",
		`DELETE FROM dovetail_conflict_field WHERE conflict = 1`},
	{"the fields of a conflict are listed with its state", "conflict",
		`UPDATE dovetail_conflict SET state = 'snoozed'`},
	{"the numbers kept of each collection are those of its changes", "push",
		`UPDATE dovetail_count SET number = number + 1 WHERE what = 'converged'`},
	{"every change that was issued is in one place", "push",
		`UPDATE dovetail_count SET number = number + 1 WHERE what = 'issued'`},
	{"every change that was issued is here, unless it was refused", "push",
		`DELETE FROM dovetail_change WHERE key = 'k4'`},
	{"the lines of an import are counted", "import",
		`UPDATE dovetail_exchange SET lines = 0`},
}

// Each rule is one that something breaks: a query that can find nothing proves nothing.
func TestTheRulesFindWhatMayNotBe(t *testing.T) {
	tried := map[string]bool{}
	for _, b := range breaches {
		tried[b.rule] = true
		i := slices.IndexFunc(rules, func(r rule) bool { return r.name == b.rule })
		if i < 0 {
			t.Errorf("there is no rule that %s", b.rule)
			continue
		}
		db := played(t, b.flow)
		if found := rows(t, db, rules[i].query); len(found) > 0 {
			t.Errorf("nothing is broken, and yet %s: %q", b.rule, found)
		}
		run(t, db, b.statement)
		if found := rows(t, db, rules[i].query); len(found) == 0 {
			t.Errorf("after %s nothing tells that it does not hold that %s", b.statement, b.rule)
		}
	}
	for _, r := range rules {
		if !tried[r.name] {
			t.Errorf("nothing breaks the rule that %s", r.name)
		}
	}
}

func TestADamagedDocumentIsFound(t *testing.T) {
	db := played(t, "create")
	if ids := damaged(t, db); len(ids) > 0 {
		t.Errorf("nothing is damaged, and yet: %d", ids)
	}
	run(t, db, `UPDATE dovetail_document SET body = '{"a":2}'`)
	if ids := damaged(t, db); len(ids) != 1 {
		t.Errorf("one document is damaged, not %d", ids)
	}
}

// played plays a flow and opens what it leaves, without what guards it.
func played(t *testing.T, name string) *sql.DB {
	t.Helper()
	i := slices.IndexFunc(flows, func(f flow) bool { return f.name == name })
	r := &rehearsal{flow: flows[i], base: t.TempDir(), files: map[string][]byte{}}
	r.setUp(t)
	g := r.stage(t)
	if _, err := g.play(r.steps, 0); err != nil {
		t.Fatal(err)
	}
	g.leave(t)
	db := plain(t, g.path(), "foreign_keys(0)")
	t.Cleanup(func() { db.Close() })
	for _, trigger := range rows(t, db, `SELECT name FROM sqlite_master WHERE type = 'trigger'`) {
		run(t, db, `DROP TRIGGER `+trigger[len("text "):])
	}
	return db
}
