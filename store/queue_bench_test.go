package store_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"dovetail/merge"
	"dovetail/store"
)

// hugeQueue makes a queue of so many conflicts by plain SQL, each of a record of its own. The last tenth are of a
// collection that none of the others is of, and one in ten is resolved.
func hugeQueue(b *testing.B, conflicts int) *store.Store {
	b.Helper()
	s, err := store.Create(b.Context(), b.TempDir()+"/queue.db", store.Options{})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { s.Close() })
	if _, err := s.Push(b.Context(), []byte(`{"key":"k","record":"deal/1","base_version":7,"local":{"x":1}}`)); err != nil {
		b.Fatal(err)
	}
	db := plain(b, s.Info().Path)
	if _, err := db.ExecContext(b.Context(), fmt.Sprintf(`
		BEGIN;
		WITH RECURSIVE n (i) AS (SELECT 2 UNION ALL SELECT i + 1 FROM n WHERE i < %[1]d)
		INSERT INTO dovetail_record (id, collection, name)
		SELECT i, CASE WHEN i > %[1]d / 10 * 9 THEN 'late' ELSE 'c' || (i %% 7) END, 'R-' || i
		FROM n;
		INSERT INTO dovetail_conflict (id, record, collection, name, change, kind, fields, base_lost, server_version, recreated,
			device, local_by, local_at, server_by, server_at, state, opened_at)
		SELECT id, id, collection, name, 1, CASE id %% 3 WHEN 0 THEN 'edit-edit' WHEN 1 THEN 'type' ELSE 'edit-delete' END,
			CASE id %% 21 WHEN 0 THEN '["/amount"]' ELSE '["/status"]' END, 0, 4, 0, 'dev-' || (id %% 500), 'p' || (id %% 90), id * 1000, 'p' || (id %% 89), id * 1000,
			CASE WHEN id %% 10 = 0 THEN 'resolved' ELSE 'open' END, id * 1000
		FROM dovetail_record
		WHERE id > 1;
		INSERT INTO dovetail_conflict_field (path, state, opened_at, conflict, kind, collection, local_by, device, name, fields,
			base_version, server_version, revision, local_at, server_by, server_at)
		SELECT json_extract(fields, '$[0]'), state, opened_at, id, kind, collection, local_by, device, name, fields,
			base_version, server_version, revision, local_at, server_by, server_at
		FROM dovetail_conflict
		WHERE id > 1;
		INSERT INTO dovetail_count (collection, what, number)
		SELECT collection, state, count(*) FROM dovetail_conflict WHERE id > 1 GROUP BY collection, state;
		COMMIT`, conflicts)); err != nil {
		b.Fatal(err)
	}
	if err := s.ListNames(b.Context(), 1); err != nil {
		b.Fatal(err)
	}
	return s
}

// spread are how long the calls of a benchmark took.
type spread []time.Duration

// report tells what half of the calls and what nearly all of them took no longer than.
func (s spread) report(b *testing.B, unit string, nearly int) {
	if len(s) == 0 {
		return
	}
	slices.Sort(s)
	for _, percent := range []int{50, nearly} {
		at := s[(len(s)-1)*percent/100]
		b.ReportMetric(float64(at.Microseconds())/1000, fmt.Sprintf("%sp%d-ms", unit, percent))
	}
}

// places returns places all over a queue.
func places(b *testing.B, s *store.Store, conflicts int) []merge.Cursor {
	b.Helper()
	var all []merge.Cursor
	for i := range 500 {
		n := (i*7919*7919)%(conflicts/10*8) + 2
		page, err := s.Conflicts(b.Context(), merge.Query{Filter: filter(b, fmt.Sprintf("state:open state:resolved record:R-%d", n)), Limit: 1})
		if err != nil || page.Last == "" {
			b.Fatal(n, err)
		}
		all = append(all, page.Last)
	}
	return all
}

// questions are what a queue is asked for.
var questions = []struct{ name, filter string }{
	{"page", ""},
	{"one filter, collection", "collection:c3"},
	{"one filter, kind", "kind:type"},
	{"one filter, by", "by:p9"},
	{"one filter, device", "device:dev-9"},
	{"one filter, field", "field:amount"},
	{"one filter, age", "age>1d"},
	{"one filter, record", "record:R-500001"},
	{"two filters, by and device", "by:p9 device:dev-9"},
	{"two filters, kind and collection", "kind:type collection:c3"},
	{"two filters, by and collection", "by:p9 collection:c2"},
	{"two filters, by and field", "by:p9 field:status"},
	{"two filters, by and another field", "by:p9 field:amount"},
	{"two filters, collection and field", "collection:c3 field:status"},
	{"two values, by", "by:p9 by:p10"},
	{"two values, state", "state:open state:resolved"},
	{"search, common", "r-9"},
	{"search, all", "r-"},
	{"search, a hundred", "r-9999"},
	{"search, rare", "R-987654"},
	{"search, late", "late"},
	{"search, short and common", "9"},
	{"search, short and late", "la"},
	{"search, short and rare", "/1"},
	{"search, none", "nosuch"},
	{"search, none of common pieces", "R-9-9"},
	{"search, short and none", "zq"},
	{"search, one letter and none", "q"},
	{"search, two words", "R-987654 R-98765"},
	{"search, with a filter", "R-98 by:p9"},
}

// BenchmarkQueue reads pages of 50 of a queue of a million: the first, and, where a name says deep, others all over it.
func BenchmarkQueue(b *testing.B) {
	const conflicts = 1_000_000
	s := hugeQueue(b, conflicts)
	deep := places(b, s, conflicts)
	b.Run("floor", func(b *testing.B) { queueFloor(b, s.Info().Path) })
	for _, q := range questions {
		for _, from := range []string{"first", "last", "deep"} {
			b.Run(q.name+", "+from, func(b *testing.B) {
				query := merge.Query{Filter: filter(b, q.filter), Person: "bo", Backward: from == "last"}
				var took spread
				for i := 0; b.Loop(); i++ {
					if from == "deep" {
						query.From = deep[i%len(deep)]
					}
					begin := time.Now()
					if _, err := s.Conflicts(b.Context(), query); err != nil {
						b.Fatal(err)
					}
					took = append(took, time.Since(begin))
				}
				took.report(b, "", 95)
			})
		}
	}
	b.Run("counts", func(b *testing.B) {
		var took spread
		for b.Loop() {
			begin := time.Now()
			if _, err := s.Counts(b.Context(), "bo"); err != nil {
				b.Fatal(err)
			}
			took = append(took, time.Since(begin))
		}
		took.report(b, "", 95)
	})
	b.Run("open beside another", func(b *testing.B) { openQueue(b, s.Info().Path) })
	if err := s.Close(); err != nil {
		b.Fatal(err)
	}
	b.Run("open", func(b *testing.B) { openQueue(b, s.Info().Path) })
}

// queueFloor reads pages of 50 all over the queue with the bare driver, by a statement that is prepared once. The rows are copied
// out and become nothing.
func queueFloor(b *testing.B, path string) {
	db := plain(b, path)
	statement, err := db.PrepareContext(b.Context(), `
		SELECT id, collection, name, kind, CASE WHEN length(fields) <= 200 THEN fields END, state, local_by, device, opened_at,
			base_version, server_version, revision, local_at, server_by, server_at
		FROM dovetail_conflict INDEXED BY dovetail_conflict_queue
		WHERE state = 'open' AND (opened_at, id) > ($1, 0)
		ORDER BY opened_at, id
		LIMIT 50`)
	if err != nil {
		b.Fatal(err)
	}
	defer statement.Close()
	var cells [15]any
	var row []any
	for i := range cells {
		row = append(row, &cells[i])
	}
	var took spread
	for i := 0; b.Loop(); i++ {
		begin := time.Now()
		rows, err := statement.QueryContext(b.Context(), i*7919*7919%800_000_000)
		if err != nil {
			b.Fatal(err)
		}
		n := 0
		for ; rows.Next(); n++ {
			if err := rows.Scan(row...); err != nil {
				b.Fatal(err)
			}
		}
		if err := rows.Close(); err != nil || n != 50 {
			b.Fatal(n, err)
		}
		took = append(took, time.Since(begin))
	}
	took.report(b, "", 95)
}

// openQueue opens a file and reads what the first screen shows.
func openQueue(b *testing.B, path string) {
	var file, counts, page, all spread
	for b.Loop() {
		begin := time.Now()
		s, err := store.Open(b.Context(), path, store.Options{})
		if err != nil {
			b.Fatal(err)
		}
		opened := time.Now()
		if _, err := s.Counts(b.Context(), "bo"); err != nil {
			b.Fatal(err)
		}
		counted := time.Now()
		if _, err := s.Conflicts(b.Context(), merge.Query{Person: "bo"}); err != nil {
			b.Fatal(err)
		}
		end := time.Now()
		file, counts = append(file, opened.Sub(begin)), append(counts, counted.Sub(opened))
		page, all = append(page, end.Sub(counted)), append(all, end.Sub(begin))
		s.Close()
	}
	file.report(b, "file-", 95)
	counts.report(b, "counts-", 95)
	page.report(b, "page-", 95)
	all.report(b, "", 95)
}
