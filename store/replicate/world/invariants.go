package world

import (
	"database/sql"
	"fmt"
	"maps"
	"slices"
	"strings"

	"dovetail/store"
)

// Check looks at all databases by plain SQL, after everybody has come to rest.
func (w *World) Check() {
	w.t.Helper()
	hub := Plain(w.t, w.Hub.Info().Path)
	defer hub.Close()
	w.CheckDatabase("hub", hub)
	w.checkTold(hub)
	w.Hits["decided apart"] += len(w.Read(hub, `SELECT id FROM dovetail_conflict WHERE apart IS NOT NULL`))
	w.checkSums(hub)
	heads := strings.Join(w.Read(hub, HeadsQuery), "\n")
	for i, d := range w.Devices {
		name := fmt.Sprintf("device %d", i)
		db := Plain(w.t, d.path)
		w.CheckDatabase(name, db)
		if got := strings.Join(w.Read(db, HeadsQuery), "\n"); got != heads {
			w.t.Errorf("%s has other heads:\n%s\nthan the hub:\n%s", name, got, heads)
		}
		w.None(name+" has unsettled changes", db, `
			SELECT c.key, c.outbox, c.answer
			FROM dovetail_change c
			WHERE c.outbox > 0`)
		w.None(name+" stands otherwise than the hub without a conflict", db, `
			SELECT r.collection, r.name
			FROM dovetail_record r
			WHERE r.pending = 1 AND NOT EXISTS (
				SELECT 1 FROM dovetail_conflict o WHERE o.record = r.id AND o.state = 'open')`)
		w.None(name+" has a record that should be pending", db, `
			SELECT r.collection, r.name
			FROM dovetail_record r
			JOIN dovetail_conflict o ON o.record = r.id AND o.state = 'open'
			WHERE r.pending = 0`)
		w.checkConflicts(name, hub, db)
		db.Close()
	}
}

// HeadsQuery finds the heads of all records, each as one text.
const HeadsQuery = `
	SELECT r.collection || '/' || r.name || ' ' || r.head || ' ' || coalesce(d.body, 'deleted') || ' ' || hex(v.hash)
	FROM dovetail_record r
	JOIN dovetail_version v ON v.record = r.id AND v.number = r.head
	LEFT JOIN dovetail_document d ON d.id = r.document
	ORDER BY 1`

// CheckDatabase checks what holds in every database.
func (w *World) CheckDatabase(name string, db *sql.DB) {
	w.None(name+" is damaged", db, `SELECT integrity_check FROM pragma_integrity_check WHERE integrity_check <> 'ok'`)
	w.None(name+" has versions that do not follow one another", db, `
		SELECT v.record, v.number
		FROM dovetail_version v
		WHERE v.number > 1 AND NOT EXISTS (
			SELECT 1 FROM dovetail_version p WHERE p.record = v.record AND p.number = v.number - 1 AND p.number = v.parent)`)
	w.None(name+" has a head that is not the newest version", db, `
		SELECT r.id, r.head
		FROM dovetail_record r
		WHERE r.head <> (SELECT coalesce(max(number), 0) FROM dovetail_version v WHERE v.record = r.id)
			OR coalesce(r.document, 0) <> coalesce((SELECT document FROM dovetail_version v WHERE v.record = r.id AND v.number = r.head), 0)`)
	w.None(name+" counts what waits wrongly", db, `
		SELECT r.id, r.waiting
		FROM dovetail_record r
		WHERE r.waiting <> (SELECT count(*) FROM dovetail_conflict o WHERE o.record = r.id AND o.state <> 'resolved')`)
	w.None(name+": the sum of what became of the changes", db, `
		WITH place (what, number) AS (
			SELECT CASE WHEN c.replaced = 1 THEN 'replaced' WHEN c.conflict IS NOT NULL THEN o.state ELSE c.outcome END, count(*)
			FROM dovetail_change c
			LEFT JOIN dovetail_conflict o ON o.id = c.conflict
			GROUP BY 1),
		kept (what, number) AS (SELECT what, sum(number) FROM dovetail_count GROUP BY what)
		SELECT coalesce(p.what, k.what), p.number, k.number
		FROM kept k
		FULL JOIN place p ON p.what = k.what
		WHERE coalesce(k.what, '') NOT IN ('issued', 'refused') AND coalesce(p.number, 0) <> coalesce(k.number, 0)
		UNION ALL
		SELECT 'issued', (SELECT count(*) FROM dovetail_change), number
		FROM kept
		WHERE what = 'issued' AND number - (SELECT coalesce(sum(number), 0) FROM kept WHERE what = 'refused') <>
			(SELECT count(*) FROM dovetail_change WHERE outcome <> 'refused')`)
	w.None(name+" has a conflict whose change says otherwise", db, `
		SELECT o.id, c.key
		FROM dovetail_conflict o
		JOIN dovetail_change c ON c.id = o.change
		WHERE c.conflict IS NOT o.id OR c.replaced <> 0 OR c.local_document IS NOT o.local_document`)
	w.None(name+" has a conflict that is not on the head", db, `
		SELECT o.id, o.server_version, r.head
		FROM dovetail_conflict o
		JOIN dovetail_record r ON r.id = o.record
		WHERE o.state = 'open' AND o.server_version <> r.head`)
}

// examine has each database look at itself.
func (w *World) examine() {
	all := []*store.Store{w.Hub}
	for _, d := range w.Devices {
		all = append(all, d.s)
	}
	for _, s := range all {
		found, err := s.Check(w.t.Context(), nil)
		w.must(err)
		for _, f := range found {
			if !f.OK {
				w.t.Errorf("%s: %s: %q", s.Info().Path, f.Check, f.Found)
			}
		}
	}
}

// checkConflicts: a conflict is its change, the same on both sides. Of two copies of a device one may have only the older
// of the changes that went into a conflict.
func (w *World) checkConflicts(name string, hub, replica *sql.DB) {
	if w.copied {
		for _, key := range w.Read(replica, `
			SELECT c.key FROM dovetail_conflict o JOIN dovetail_change c ON c.id = o.change WHERE o.state = 'open'`) {
			if state := w.Read(hub, `SELECT o.state FROM dovetail_change c JOIN dovetail_conflict o ON o.id = c.conflict
				WHERE c.key = '`+key+`'`); len(state) != 1 || state[0] != "open" {
				w.t.Errorf("%s has the conflict of change %s open, at the hub it is %q", name, key, state)
			}
		}
		return
	}
	const open = `
		SELECT c.key || ' ' || o.fields || ' ' || o.kind || ' ' || coalesce(b.body, '') || ' ' || coalesce(l.body, '')
		FROM dovetail_conflict o
		JOIN dovetail_change c ON c.id = o.change
		LEFT JOIN dovetail_document b ON b.id = o.base_document
		LEFT JOIN dovetail_document l ON l.id = o.local_document
		WHERE o.state = 'open'
		ORDER BY 1`
	there := map[string]bool{}
	for _, c := range w.Read(hub, open) {
		there[c] = true
	}
	for _, c := range w.Read(replica, open) {
		if !there[c] {
			w.t.Errorf("%s has a conflict that the hub has not: %s\nthe hub has %q", name, c, slices.Sorted(maps.Keys(there)))
		}
	}
	mine := map[string]bool{}
	for _, key := range w.Read(replica, `SELECT key FROM dovetail_change WHERE replaced = 0 OR conflict IS NOT NULL`) {
		mine[key] = true
	}
	for _, key := range w.Read(hub, `
		SELECT c.key
		FROM dovetail_conflict o
		JOIN dovetail_change c ON c.id = o.change
		WHERE o.state = 'open'`) {
		if mine[key] && len(w.Read(replica, `SELECT c.key FROM dovetail_conflict o JOIN dovetail_change c ON c.id = o.change
			WHERE o.state = 'open' AND c.key = '`+key+`'`)) == 0 {
			w.t.Errorf("the hub has the conflict of change %s open, %s has not", key, name)
		}
	}
}

// checkTold: every value that a device told last of a field is in a version, or waits, or lost and is kept.
func (w *World) checkTold(hub *sql.DB) {
	var kept strings.Builder
	for _, body := range w.Read(hub, `
		SELECT d.body FROM dovetail_version v JOIN dovetail_document d ON d.id = v.document
		UNION SELECT d.body FROM dovetail_conflict o JOIN dovetail_document d ON d.id = o.local_document
		UNION SELECT d.body FROM dovetail_side s JOIN dovetail_document d ON d.id = s.document`) {
		kept.WriteString(body)
	}
	for _, what := range slices.Sorted(maps.Keys(w.told)) {
		if !strings.Contains(kept.String(), w.told[what]) {
			w.t.Errorf("%s was told %s, and it is nowhere", what, w.told[what])
		}
	}
}

// checkSums: what everybody added to a number is what it is, whatever came twice.
func (w *World) checkSums(hub *sql.DB) {
	for _, name := range slices.Sorted(maps.Keys(w.added)) {
		if w.copied && strings.HasPrefix(name, counterSum) {
			continue // a policy sees documents: it cannot tell that two files held the same edit
		}
		collection, id, _ := strings.Cut(name, "/")
		got := w.Read(hub, `SELECT d.body FROM dovetail_record r JOIN dovetail_document d ON d.id = r.document
			WHERE r.collection = '`+collection+`' AND r.name = '`+id+`'`)
		if want := fmt.Sprintf(`{"n":%d}`, w.added[name]); len(got) != 1 || got[0] != want {
			w.t.Errorf("%s is %s, want %s", name, got, want)
		}
	}
}

// Read returns the rows of a query, each as one text.
func (w *World) Read(db *sql.DB, query string) []string {
	w.t.Helper()
	rows, err := db.Query(query)
	w.must(err)
	defer rows.Close()
	columns, err := rows.Columns()
	w.must(err)
	var all []string
	for rows.Next() {
		values, into := make([]any, len(columns)), make([]any, len(columns))
		for i := range values {
			into[i] = &values[i]
		}
		w.must(rows.Scan(into...))
		words := make([]string, len(values))
		for i, v := range values {
			words[i] = fmt.Sprint(v)
		}
		all = append(all, strings.Join(words, " "))
	}
	w.must(rows.Err())
	return all
}

// None makes sure that a query finds nothing.
func (w *World) None(what string, db *sql.DB, query string) {
	w.t.Helper()
	if rows := w.Read(db, query); len(rows) > 0 {
		w.t.Errorf("%s: %q", what, rows)
	}
}
