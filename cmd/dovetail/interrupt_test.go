//go:build unix

package main

import (
	"database/sql"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

func TestImportFromPipeIsInterrupted(t *testing.T) {
	for _, signal := range []syscall.Signal{syscall.SIGINT, syscall.SIGTERM} {
		t.Run(signal.String(), func(t *testing.T) {
			db, tmp := filepath.Join(t.TempDir(), "a.db"), t.TempDir()
			dovetail(t, "init", db)
			cmd := exec.Command(builtProgram(t), "--db", db, "import")
			cmd.Env = append(os.Environ(), "DOVETAIL_USER=vera", "TMPDIR="+tmp)
			in, err := cmd.StdinPipe()
			if err != nil {
				t.Fatal(err)
			}
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			defer time.AfterFunc(patience, func() { cmd.Process.Kill() }).Stop()

			// No pipe holds as much: once it is written, the program is reading.
			line := `{"type":"record","record":"deal/D-1","version":1,"fields":{"status":"open"}}` + "\n"
			if _, err := in.Write([]byte(strings.Repeat(line, 1<<15))); err != nil {
				t.Fatal(err)
			}
			if err := cmd.Process.Signal(signal); err != nil {
				t.Fatal(err)
			}
			cmd.Wait()
			if code := cmd.ProcessState.ExitCode(); code != exitInterrupted {
				t.Errorf("exit code %d, want %d", code, exitInterrupted)
			}
			if left, err := os.ReadDir(tmp); err != nil || len(left) > 0 {
				t.Errorf("left behind: %v, %v", left, err)
			}
			if listed := dovetail(t, "--db", db, "ls", "deal"); listed != "" {
				t.Errorf("imported in part: %s", listed)
			}
		})
	}
}

// TestATriggerWithoutAnEndIsInterrupted: what an application's file has dovetail do may have no end. Ctrl-c ends it, and
// nothing of it is done.
func TestATriggerWithoutAnEndIsInterrupted(t *testing.T) {
	path := filepath.Join(t.TempDir(), "app.db")
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	script := func(text string) {
		t.Helper()
		if _, err := db.ExecContext(t.Context(), text); err != nil {
			t.Fatal(err)
		}
	}
	script(`CREATE TABLE customer (id INTEGER PRIMARY KEY, name TEXT); INSERT INTO customer VALUES (1, 'Ann')`)
	dovetail(t, "adopt", path, "customer")
	script(`CREATE TRIGGER forever BEFORE UPDATE ON customer BEGIN
		SELECT count(*) FROM (WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i FROM n); END`)
	cmd := exec.Command(builtProgram(t), "--db", path, "set", "customer/1", "name=Eve")
	cmd.Env = append(os.Environ(), "DOVETAIL_USER=vera")
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	defer time.AfterFunc(patience, func() { cmd.Process.Kill() }).Stop()

	// It writes once nobody else may.
	script(`PRAGMA busy_timeout = 0`)
	for {
		if _, err := db.ExecContext(t.Context(), `BEGIN IMMEDIATE; ROLLBACK`); err != nil {
			break
		}
	}
	if err := cmd.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	cmd.Wait()
	if code := cmd.ProcessState.ExitCode(); code != exitInterrupted {
		t.Errorf("exit code %d, want %d", code, exitInterrupted)
	}
	script(`DROP TRIGGER forever`)
	if name := look(t, path, `SELECT name FROM customer`); name != "Ann" {
		t.Errorf("the row holds %q", name)
	}
	dovetail(t, "doctor", "--db", path)
}
