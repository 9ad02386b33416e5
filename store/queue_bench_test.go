package store_test

import (
	"fmt"
	"testing"

	"dovetail/fixtures"
	"dovetail/merge"
	"dovetail/store"
)

// hugeQueue makes a queue of so many conflicts by plain SQL. They are all of one record: no page reads it.
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
		WITH RECURSIVE n (i) AS (SELECT 2 UNION ALL SELECT i + 1 FROM n WHERE i < %d)
		INSERT INTO dovetail_conflict (id, record, collection, name, change, kind, fields, base_lost, server_version, recreated,
			device, local_by, state, opened_at)
		SELECT i, 1, 'c' || (i %% 7), 'R-' || i, 1, CASE i %% 3 WHEN 0 THEN 'edit-edit' WHEN 1 THEN 'type' ELSE 'edit-delete' END,
			'["/status"]', 0, 4, 0, 'dev-' || (i %% 500), 'p' || (i %% 90), CASE WHEN i %% 10 = 0 THEN 'resolved' ELSE 'open' END, i * 1000
		FROM n;
		INSERT INTO dovetail_conflict_field (path, state, opened_at, conflict)
		SELECT CASE id %% 20 WHEN 0 THEN '/amount' ELSE '/status' END, state, opened_at, id FROM dovetail_conflict WHERE id > 1;
		COMMIT`, conflicts)); err != nil {
		b.Fatal(err)
	}
	return s
}

// BenchmarkQueue reads pages of 50 of a queue of a million.
func BenchmarkQueue(b *testing.B) {
	s := hugeQueue(b, 1_000_000)
	// The rows begin in 1970, an age apart from the clock: this one stands in the middle.
	middle, err := s.Conflicts(b.Context(), merge.Query{Filter: filter(b, "record:R-500001"), Limit: 1})
	if err != nil || len(middle.Conflicts) == 0 {
		b.Fatal(err)
	}
	for _, q := range []struct {
		name, filter string
		query        merge.Query
	}{
		{name: "first"},
		{name: "last", query: merge.Query{Backward: true}},
		{name: "middle", query: merge.Query{From: middle.Last}},
		{name: "collection", filter: "collection:c3"},
		{name: "by and device", filter: "by:p9 device:dev-9"},
		{name: "kind and collection", filter: "kind:type collection:c3"},
		{name: "field", filter: "field:amount"},
		{name: "field and by", filter: "field:amount by:p9"},
		{name: "two states", filter: "state:open state:resolved"},
		{name: "word, common", filter: "r-9"},
		{name: "word, rare", filter: "R-999999"},
	} {
		b.Run(q.name, func(b *testing.B) {
			q.query.Filter, q.query.Person = filter(b, q.filter), "bo"
			for b.Loop() {
				if _, err := s.Conflicts(b.Context(), q.query); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
	b.Run("counts", func(b *testing.B) {
		for b.Loop() {
			if _, err := s.Counts(b.Context(), "bo"); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("open the file", func(b *testing.B) {
		for b.Loop() {
			again, err := store.Open(b.Context(), s.Info().Path, store.Options{})
			if err != nil {
				b.Fatal(err)
			}
			again.Close()
		}
	})
}

// BenchmarkResolve resolves one conflict in a transaction of its own.
func BenchmarkResolve(b *testing.B) {
	s, err := store.Create(b.Context(), b.TempDir()+"/load.db", store.Options{})
	if err != nil {
		b.Fatal(err)
	}
	defer s.Close()
	load := fixtures.Standard(1000)
	load.ConflictEvery = 1
	n := 0
	for b.Loop() {
		b.StopTimer()
		k, sides := load.Triple(n)
		n++
		for i, d := range []merge.Document{sides.Base, sides.Server} {
			if _, err := s.Write(b.Context(), store.Edit{Record: k, Version: int64(i), Fields: d}); err != nil {
				b.Fatal(err)
			}
		}
		a, err := s.Push(b.Context(), fmt.Appendf(nil, `{"key":"k%d","record":"%s","base_version":1,"local":%s}`, n, k, sides.Local))
		if err != nil || a.Conflict == 0 {
			b.Fatal(a, err)
		}
		w := decide(b, s, a.Conflict, merge.TakeLocal, "bo")
		b.StartTimer()
		if _, err := s.Resolve(b.Context(), w); err != nil {
			b.Fatal(err)
		}
	}
}
