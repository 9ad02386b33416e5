package store_test

import (
	"bytes"
	"path/filepath"
	"testing"

	"dovetail/fixtures"
	"dovetail/store"
)

// loadLines is the standard load of so many records, as an import reads it.
func loadLines(tb testing.TB, records int) []byte {
	tb.Helper()
	var lines bytes.Buffer
	if err := fixtures.Standard(records).Lines(&lines); err != nil {
		tb.Fatal(err)
	}
	return lines.Bytes()
}

// BenchmarkImport takes in the standard load: three lines a record, two versions of it and a change to merge.
func BenchmarkImport(b *testing.B) {
	const records = 33_334
	lines := loadLines(b, records)
	b.SetBytes(int64(len(lines)))
	for b.Loop() {
		s, err := store.Create(b.Context(), filepath.Join(b.TempDir(), "load.db"), store.Options{})
		if err != nil {
			b.Fatal(err)
		}
		if _, err := s.Import(b.Context(), bytes.NewReader(lines), store.ImportOptions{}, func(store.Answer) error { return nil }); err != nil {
			b.Fatal(err)
		}
		if err := s.Close(); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(3*records*b.N)/b.Elapsed().Seconds(), "lines/s")
}
