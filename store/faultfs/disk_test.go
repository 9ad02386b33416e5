package faultfs_test

import (
	"database/sql"
	"errors"
	"net/url"
	"os"
	"path/filepath"
	"testing"

	"modernc.org/sqlite"
	lib "modernc.org/sqlite/lib"

	"dovetail/store/faultfs"
)

// watch watches a directory until the end of the test.
func watch(t *testing.T, dir string) *faultfs.Disk {
	t.Helper()
	d, err := faultfs.Watch(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := d.Release(); err != nil {
			t.Error(err)
		}
	})
	return d
}

// plain opens a database with some pragmas by nothing but the driver, on one connection.
func plain(t *testing.T, path string, pragmas ...string) *sql.DB {
	t.Helper()
	parameters := url.Values{"_pragma": pragmas, "_error_rc": {"1"}}
	db, err := sql.Open("sqlite", "file:"+(&url.URL{Path: path}).EscapedPath()+"?"+parameters.Encode())
	if err != nil {
		t.Fatal(err)
	}
	db.SetMaxOpenConns(1)
	return db
}

func run(t *testing.T, db *sql.DB, query string) {
	t.Helper()
	if _, err := db.ExecContext(t.Context(), query); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
}

func closed(t *testing.T, db *sql.DB) {
	t.Helper()
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
}

// code is what SQLite says.
func code(err error) int {
	var e *sqlite.Error
	if errors.As(err, &e) {
		return e.Code()
	}
	return 0
}

// Every kind of operation is counted, fails as itself, and works again when the fault is lifted.
func TestAFaultIsToldAsWhatItIs(t *testing.T) {
	tests := []struct {
		name  string
		fault faultfs.Fault
		want  int
	}{
		{"open", faultfs.Fault{On: faultfs.Open, Effect: faultfs.Error}, lib.SQLITE_CANTOPEN},
		{"read", faultfs.Fault{On: faultfs.Read, Effect: faultfs.Error}, lib.SQLITE_IOERR}, // SQLite says no more of a header
		{"write", faultfs.Fault{On: faultfs.Write, Effect: faultfs.Error}, lib.SQLITE_IOERR_WRITE},
		{"sync", faultfs.Fault{On: faultfs.Sync, Effect: faultfs.Error}, lib.SQLITE_IOERR_FSYNC},
		{"truncate", faultfs.Fault{On: faultfs.Truncate, Effect: faultfs.Error}, lib.SQLITE_IOERR_TRUNCATE},
		{"delete", faultfs.Fault{On: faultfs.Delete, Effect: faultfs.Error}, lib.SQLITE_IOERR_DELETE},
		{"a full disk", faultfs.Fault{On: faultfs.Write, Effect: faultfs.Full}, lib.SQLITE_FULL},
		{"a short write", faultfs.Fault{On: faultfs.Write, Effect: faultfs.Short}, lib.SQLITE_IOERR_WRITE},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			dir := t.TempDir()
			path := filepath.Join(dir, "a.db")
			// In these modes the last thing that a commit does is to truncate or to delete its journal.
			mode := "journal_mode(DELETE)"
			if tt.fault.On == faultfs.Truncate {
				mode = "journal_mode(TRUNCATE)"
			}
			d := watch(t, dir)
			db := plain(t, path, mode)
			run(t, db, `CREATE TABLE t (n INTEGER)`)
			closed(t, db)

			tt.fault.At = 1
			d.Arm(tt.fault)
			db = plain(t, path, mode)
			_, err := db.ExecContext(t.Context(), `INSERT INTO t VALUES (1)`)
			if code(err) != tt.want || d.Hits() != 1 || d.Count(tt.fault.On) == 0 {
				t.Errorf("it says %v, after %d hits of %d", err, d.Hits(), d.Count(tt.fault.On))
			}
			d.Lift()
			run(t, db, `INSERT INTO t VALUES (2)`)
			closed(t, db)
		})
	}
}

func TestAFaultHitsTheOperationThatItNames(t *testing.T) {
	for _, lasting := range []bool{false, true} {
		dir := t.TempDir()
		d := watch(t, dir)
		db := plain(t, filepath.Join(dir, "a.db"), "journal_mode(WAL)")
		run(t, db, `CREATE TABLE t (n INTEGER)`)
		d.Arm(faultfs.Fault{On: faultfs.Sync, At: 3, Effect: faultfs.Error, Lasting: lasting})
		failed := 0
		for n := range 6 {
			if _, err := db.ExecContext(t.Context(), `INSERT INTO t VALUES ($1)`, n); err != nil {
				failed++
			}
		}
		if want := map[bool]int{false: 1, true: 4}[lasting]; failed != want || d.Hits() != want || d.Count(faultfs.Sync) != 6 {
			t.Errorf("lasting %v: %d of 6 failed, by %d hits of %d", lasting, failed, d.Hits(), d.Count(faultfs.Sync))
		}
		d.Lift()
		closed(t, db)
	}
}

func TestNothingWorksWithoutPower(t *testing.T) {
	dir := t.TempDir()
	d := watch(t, dir)
	db := plain(t, filepath.Join(dir, "a.db"))
	run(t, db, `CREATE TABLE t (n INTEGER)`)
	d.Cut()
	for _, query := range []string{`INSERT INTO t VALUES (1)`, `SELECT count(*) FROM t`} {
		if _, err := db.ExecContext(t.Context(), query); err == nil {
			t.Errorf("%s is done", query)
		}
	}
	if d.Hits() != 0 {
		t.Errorf("%d hits are counted where there was no fault", d.Hits())
	}
	db.Close()
}

func TestAnotherDirectoryIsLeftAlone(t *testing.T) {
	here, there := t.TempDir(), t.TempDir()
	d := watch(t, here)
	d.Arm(faultfs.Fault{On: faultfs.Changes | faultfs.Read, At: 1, Effect: faultfs.Error, Lasting: true})
	db := plain(t, filepath.Join(there, "a.db"), "journal_mode(WAL)")
	run(t, db, `CREATE TABLE t (n INTEGER)`)
	closed(t, db)
	if d.Count(faultfs.Changes|faultfs.Read) != 0 {
		t.Error("what is done elsewhere is counted")
	}
}

func TestAnOpenFileKeepsTheWatch(t *testing.T) {
	dir := t.TempDir()
	d := watch(t, dir)
	db := plain(t, filepath.Join(dir, "a.db"))
	run(t, db, `CREATE TABLE t (n INTEGER)`)
	if d.Handles() == 0 || d.Release() == nil {
		t.Errorf("%d files are open, and the watch can be left", d.Handles())
	}
	closed(t, db)
	if _, err := faultfs.Watch(dir); err == nil {
		t.Error("one directory is watched twice")
	}
}

// What the book says of the files is what they are, through every journal mode and a removal behind its back.
func TestTheBookAgreesWithTheFiles(t *testing.T) {
	dir := t.TempDir()
	d := watch(t, dir)
	path := filepath.Join(dir, "a.db")
	agree := func(when string) {
		t.Helper()
		to := t.TempDir()
		if err := d.Leave(to, faultfs.All, nil); err != nil {
			t.Fatal(err)
		}
		want, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		got, err := os.ReadFile(filepath.Join(to, "a.db"))
		if err != nil || string(got) != string(want) {
			t.Errorf("%s: the book has %d bytes of %d, %v", when, len(got), len(want), err)
		}
	}
	for _, mode := range []string{"DELETE", "TRUNCATE", "PERSIST", "WAL"} {
		db := plain(t, path, "journal_mode("+mode+")")
		run(t, db, `CREATE TABLE t (n INTEGER, text TEXT)`)
		run(t, db, `
			WITH RECURSIVE row (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM row WHERE n < 500)
			INSERT INTO t SELECT n, hex(randomblob(500)) FROM row`)
		run(t, db, `DELETE FROM t WHERE n % 3 = 0`)
		run(t, db, `VACUUM`)
		closed(t, db)
		agree(mode)
		if err := os.Remove(path); err != nil {
			t.Fatal(err)
		}
	}
}
