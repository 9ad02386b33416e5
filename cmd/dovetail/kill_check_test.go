//go:build unix

package main

import (
	"database/sql"
	"fmt"
	"net/url"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// look reads one column of a query with the driver alone, so by other code than ours, one value a line.
func look(t *testing.T, path, query string) string {
	t.Helper()
	db, err := sql.Open("sqlite", "file:"+(&url.URL{Path: path}).EscapedPath()+"?mode=ro")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	rows, err := db.Query(query)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	var all []string
	for rows.Next() {
		var one string
		if err := rows.Scan(&one); err != nil {
			t.Fatal(err)
		}
		all = append(all, one)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return strings.Join(all, "\n")
}

func number(t *testing.T, text string) int64 {
	t.Helper()
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// killInvariants find nothing in a database that is sound and at rest.
var killInvariants = map[string]string{
	"damage": `SELECT integrity_check FROM pragma_integrity_check WHERE integrity_check <> 'ok'`,
	"versions that do not follow one another": `
		SELECT v.record || ' ' || v.number
		FROM dovetail_version v
		WHERE v.number > 1 AND NOT EXISTS (SELECT 1 FROM dovetail_version p WHERE p.record = v.record AND p.number = v.number - 1)`,
	"heads that are not the newest version": `
		SELECT r.name
		FROM dovetail_record r
		WHERE r.head <> (SELECT max(number) FROM dovetail_version v WHERE v.record = r.id)`,
	"changes that nothing became of": `SELECT key FROM dovetail_change WHERE outcome = 'pending' OR outbox > 0`,
	"changes that are counted wrongly": `
		SELECT number
		FROM (SELECT sum(number) AS number FROM dovetail_count WHERE what = 'issued')
		WHERE number <> (SELECT count(*) FROM dovetail_change)`,
	"conflicts that are counted wrongly": `
		SELECT name
		FROM dovetail_record r
		WHERE waiting <> (SELECT count(*) FROM dovetail_conflict o WHERE o.record = r.id AND o.state = 'open')`,
	"steps that count twice": `
		SELECT id
		FROM dovetail_applied_operation
		GROUP BY id
		HAVING count(*) > 1`,
}

// checkFiles looks at both files by plain SQL.
func (k *victim) checkFiles() {
	k.t.Helper()
	for _, path := range []string{k.hub, k.laptop} {
		name := filepath.Base(path)
		for what, query := range killInvariants {
			if found := look(k.t, path, query); found != "" {
				k.t.Errorf("%s has %s: %s", name, what, found)
			}
		}
		for record, n := range k.added {
			collection, id, _ := strings.Cut(record, "/")
			got := look(k.t, path, `SELECT d.body FROM dovetail_record r JOIN dovetail_document d ON d.id = r.document
				WHERE r.collection = '`+collection+`' AND r.name = '`+id+`'`)
			if want := fmt.Sprintf(`{"n":%d}`, n); got != want {
				k.t.Errorf("in %s %s is %s, want %s", name, record, got, want)
			}
		}
	}
	for what, query := range map[string]string{
		"heads": `SELECT r.collection || '/' || r.name || ' ' || r.head || ' ' || hex(v.hash)
			FROM dovetail_record r JOIN dovetail_version v ON v.record = r.id AND v.number = r.head ORDER BY 1`,
		"conflicts": `SELECT c.key FROM dovetail_conflict o JOIN dovetail_change c ON c.id = o.change WHERE o.state = 'open' ORDER BY 1`,
		"changes":   `SELECT key FROM dovetail_change ORDER BY 1`,
	} {
		if one, other := look(k.t, k.hub, query), look(k.t, k.laptop, query); one != other {
			k.t.Errorf("the hub has these %s:\n%s\nand the laptop\n%s", what, one, other)
		}
	}
	if got := number(k.t, look(k.t, k.laptop, `SELECT count(*) FROM dovetail_change`)); got != k.issued {
		k.t.Errorf("the laptop has %d changes, %d were made", got, k.issued)
	}
	bodies := look(k.t, k.hub, `SELECT body FROM dovetail_document`)
	for _, value := range k.told {
		if !strings.Contains(bodies, value) {
			k.t.Errorf("%s was told, and is nowhere at the hub", value)
		}
	}
}
