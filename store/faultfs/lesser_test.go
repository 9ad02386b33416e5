package faultfs_test

import (
	"database/sql"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"testing"

	"dovetail/store/faultfs"
)

const lesserName = "a.db"

// A database that syncs less than it should loses what it has acknowledged, and this disk can tell: so that a store loses
// nothing on it says something.
func TestLesserSettingsLoseWhatWasAcknowledged(t *testing.T) {
	tests := []struct {
		journal, synchronous string
		loses                bool
	}{
		{"WAL", "OFF", true},
		{"WAL", "NORMAL", true},
		{"WAL", "FULL", false},
		{"WAL", "EXTRA", false},
		{"DELETE", "OFF", true},
		{"DELETE", "FULL", false},
		{"DELETE", "EXTRA", false},
	}
	for _, tt := range tests {
		t.Run(tt.journal+" "+tt.synchronous, func(t *testing.T) {
			t.Parallel()
			files := emptyTable(t, tt.journal)
			cuts, lost := 0, 0
			for n, hit := 1, true; hit; n++ {
				var gone int
				gone, hit = cutRows(t, files, n, "journal_mode("+tt.journal+")", "synchronous("+tt.synchronous+")")
				lost += gone
				cuts++
			}
			t.Logf("%d of %d databases that %d power cuts left had lost something", lost, cuts*len(faultfs.Losses), cuts)
			if (lost > 0) != tt.loses {
				t.Errorf("%d databases have lost something", lost)
			}
		})
	}
}

// emptyTable is a database with a table, as files.
func emptyTable(t *testing.T, journal string) map[string][]byte {
	t.Helper()
	dir := t.TempDir()
	db := plain(t, filepath.Join(dir, lesserName), "journal_mode("+journal+")")
	run(t, db, `CREATE TABLE t (n INTEGER PRIMARY KEY, text TEXT)`)
	closed(t, db)
	content, err := os.ReadFile(filepath.Join(dir, lesserName))
	if err != nil {
		t.Fatal(err)
	}
	return map[string][]byte{lesserName: content}
}

// cutRows adds rows until the power goes at an operation. It returns of how many of the databases that this may leave a
// row is gone that was acknowledged, or all, and whether the operation was reached.
func cutRows(t *testing.T, files map[string][]byte, n int, pragmas ...string) (lost int, hit bool) {
	t.Helper()
	dir := t.TempDir()
	for name, content := range files {
		if err := os.WriteFile(filepath.Join(dir, name), content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	d, err := faultfs.Watch(dir)
	if err != nil {
		t.Fatal(err)
	}
	d.Arm(faultfs.Fault{On: faultfs.Changes, At: n, Effect: faultfs.Loss})
	db := plain(t, filepath.Join(dir, lesserName), append(pragmas, "wal_autocheckpoint(3)")...)
	acked := 0
	for ; acked < 5; acked++ {
		if _, err := db.ExecContext(t.Context(), `INSERT INTO t VALUES ($1, $2)`, acked, strconv.Itoa(acked)); err != nil {
			break
		}
	}
	hit = d.Hits() > 0
	d.Cut()
	db.Close()
	if err := d.Release(); err != nil {
		t.Fatal(err)
	}
	for _, style := range faultfs.Losses {
		left := t.TempDir()
		if err := d.Leave(left, style, rand.New(rand.NewPCG(*seed, uint64(n)<<8|uint64(style)))); err != nil {
			t.Fatal(err)
		}
		if rowsLeft(t, filepath.Join(left, lesserName)) < acked {
			lost++
		}
	}
	return lost, hit
}

// rowsLeft counts the rows that follow one another from the first; -1 where the database cannot be read.
func rowsLeft(t *testing.T, path string) int {
	t.Helper()
	db := plain(t, path)
	defer db.Close()
	var check string
	var rows, last sql.NullInt64
	err := db.QueryRowContext(t.Context(), `PRAGMA integrity_check`).Scan(&check)
	if err == nil {
		err = db.QueryRowContext(t.Context(), `SELECT count(*), max(n) FROM t WHERE text = CAST(n AS TEXT)`).Scan(&rows, &last)
	}
	if err != nil || check != "ok" || rows.Int64 > 0 && last.Int64 != rows.Int64-1 {
		return -1
	}
	return int(rows.Int64)
}
