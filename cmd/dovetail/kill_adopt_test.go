//go:build unix

package main

import (
	"bufio"
	"database/sql"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// killRows is how many rows an application has that is adopted and killed at it: so many that it takes a while.
const killRows = 400

// TestKilledWhileItAdopts kills the program while it adopts tables and while it takes that back. After each kill the file is
// sound, the application's rows are as they were, and dovetail is in it whole or not at all.
func TestKilledWhileItAdopts(t *testing.T) {
	rounds := 5
	switch {
	case *long:
		rounds = 300
	case testing.Short():
		rounds = 2
	}
	hits := map[string]int{}
	for i, mode := range []string{"DELETE", "WAL"} {
		k := newAdoption(t, mode, rand.New(rand.NewPCG(*killSeed, uint64(i))), hits)
		for range rounds {
			k.kill("adopt", "adopt", k.path, "customer", "invoice")
			k.run("adopt", k.path, "customer", "invoice")
			k.check(true)
			k.kill("undo", "adopt", k.path, "--undo")
			if k.settled() {
				k.run("adopt", k.path, "--undo")
			}
			k.check(false)
			if t.Failed() {
				t.Fatalf("seed %d, after %v", *killSeed, hits)
			}
		}
	}
	if hits["adopt"]+hits["undo"] == 0 && !testing.Short() {
		t.Error("nothing was killed while it ran")
	}
	t.Logf("in all: %v", hits)
}

// adoption is an application's file at which the program is killed.
type adoption struct {
	t      *testing.T
	r      *rand.Rand
	path   string
	rows   string                   // as they must be
	starts time.Duration            // that the program takes to begin
	takes  map[string]time.Duration // what is left alone
	whole  string                   // what dovetail makes in the file
	hits   map[string]int
}

func newAdoption(t *testing.T, mode string, r *rand.Rand, hits map[string]int) *adoption {
	t.Helper()
	dir, err := os.MkdirTemp(memoryDir(), "dovetail-kill-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	k := &adoption{t: t, r: r, path: filepath.Join(dir, "app.db"), takes: map[string]time.Duration{}, hits: hits}
	k.sql(fmt.Sprintf(`PRAGMA journal_mode = %s;
		CREATE TABLE customer (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, n INTEGER NOT NULL DEFAULT 0);
		CREATE TABLE invoice (no TEXT PRIMARY KEY, customer INTEGER REFERENCES customer, total REAL);
		WITH RECURSIVE i (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM i WHERE n < %d) INSERT INTO customer SELECT n, 'name ' || n, 0 FROM i;
		INSERT INTO invoice SELECT 'A-' || id, id, id / 4.0 FROM customer`, mode, killRows))
	k.rows = k.look()
	begun := time.Now()
	k.run("adopt", k.path, "customer", "invoice")
	k.takes["adopt"] = time.Since(begun)
	k.whole = k.ours()
	begun = time.Now()
	k.run("adopt", k.path, "--undo")
	k.takes["undo"] = time.Since(begun)
	begun = time.Now()
	dovetail(t, "--version")
	k.starts = time.Since(begun)
	return k
}

// sql runs statements by the driver alone.
func (k *adoption) sql(statements string) {
	k.t.Helper()
	db, err := sql.Open("sqlite", k.path)
	if err != nil {
		k.t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.ExecContext(k.t.Context(), statements); err != nil {
		k.t.Fatal(err)
	}
}

// run does what the program does, in this process.
func (k *adoption) run(args ...string) {
	k.t.Helper()
	var out strings.Builder
	if err := run(k.t.Context(), args, strings.NewReader(""), &out, &out); err != nil {
		k.t.Fatalf("%q: %v: %s", args, err, out.String())
	}
}

// kill kills the program at a moment of the time that it takes, mostly after it has begun.
func (k *adoption) kill(name string, args ...string) {
	k.t.Helper()
	cmd := exec.Command(builtProgram(k.t), args...)
	if err := cmd.Start(); err != nil {
		k.t.Fatal(err)
	}
	earliest, latest := k.starts*4/5, k.starts+k.takes[name]
	timer := time.AfterFunc(earliest+time.Duration(k.r.Float64()*float64(latest-earliest)), func() { cmd.Process.Kill() })
	err := cmd.Wait()
	timer.Stop()
	status, ok := cmd.ProcessState.Sys().(syscall.WaitStatus)
	killed := ok && status.Signaled() && status.Signal() == syscall.SIGKILL
	if err != nil && !killed {
		k.t.Fatalf("%s: %v", name, err)
	}
	settled := k.settled()
	if killed {
		k.hits[name]++
		k.hits[fmt.Sprintf("%s, and dovetail is there: %t", name, settled)]++
	}
	k.check(settled)
}

// ours is all that dovetail made in the file.
func (k *adoption) ours() string {
	k.t.Helper()
	return k.query(`SELECT type || ' ' || name || ' ' || coalesce(sql, '') FROM sqlite_master
		WHERE name LIKE 'dovetail%' OR tbl_name LIKE 'dovetail%' ORDER BY 1`)
}

func (k *adoption) settled() bool { return k.ours() != "" }

// look is all that is the application's.
func (k *adoption) look() string {
	k.t.Helper()
	return k.query(`SELECT sql FROM sqlite_master WHERE name NOT LIKE 'dovetail%' AND tbl_name NOT LIKE 'dovetail%' AND sql IS NOT NULL`) +
		k.query(`SELECT id || ' ' || name || ' ' || n FROM customer ORDER BY id`) +
		k.query(`SELECT no || ' ' || customer || ' ' || total FROM invoice ORDER BY no`)
}

// query reads one column as the application would, which may have to take back what was left half written.
func (k *adoption) query(query string) string {
	k.t.Helper()
	db, err := sql.Open("sqlite", k.path)
	if err != nil {
		k.t.Fatal(err)
	}
	defer db.Close()
	rows, err := db.QueryContext(k.t.Context(), query)
	if err != nil {
		k.t.Fatal(err)
	}
	defer rows.Close()
	var out strings.Builder
	for rows.Next() {
		var one string
		if err := rows.Scan(&one); err != nil {
			k.t.Fatal(err)
		}
		out.WriteString(one + "\n")
	}
	if err := rows.Err(); err != nil {
		k.t.Fatal(err)
	}
	return out.String()
}

// check looks at the file.
func (k *adoption) check(settled bool) {
	k.t.Helper()
	if got := k.query(`PRAGMA integrity_check`); got != "ok\n" {
		k.t.Errorf("the file is damaged: %s", got)
	}
	if got := k.look(); got != k.rows {
		k.t.Error("the application's rows or tables are not as they were")
	}
	want := ""
	if settled {
		want = k.whole
	}
	if got := k.ours(); got != want {
		k.t.Errorf("dovetail is there in part:\n%s", got)
	}
	if !settled {
		return
	}
	k.run("doctor", "--db", k.path)
	if n := k.query(`SELECT count(*) FROM dovetail_version`); n != fmt.Sprintf("%d\n", 2*killRows) {
		k.t.Errorf("%s versions are there", n)
	}
}

// TestAnApplicationIsKilled: a program that knows nothing of dovetail is killed while it writes to adopted tables. What it
// was told is stored is there, and a version.
func TestAnApplicationIsKilled(t *testing.T) {
	rounds := 4
	switch {
	case *long:
		rounds = 300
	case testing.Short():
		rounds = 1
	}
	killed := 0
	for i, mode := range []string{"DELETE", "WAL"} {
		k := newAdoption(t, mode, rand.New(rand.NewPCG(*killSeed, uint64(7+i))), map[string]int{})
		k.run("adopt", k.path, "customer", "invoice")
		told := 0
		for range rounds {
			killed += k.killWriter(&told)
			k.checkTold(told)
		}
	}
	if killed == 0 && !testing.Short() {
		t.Error("no application was killed while it wrote")
	}
}

// killWriter has an application count in a row, one transaction for each number, and kills it after some of them.
func (k *adoption) killWriter(told *int) int {
	k.t.Helper()
	var text strings.Builder
	for n := *told + 1; n <= *told+400; n++ {
		fmt.Fprintf(&text, "BEGIN; UPDATE customer SET n = %d WHERE id IN (1, 2);\n", n)
		fmt.Fprintf(&text, "INSERT OR REPLACE INTO invoice VALUES ('K-%d', 3, %d); COMMIT; SELECT %d;\n", n%7, n, n)
	}
	cmd := exec.Command("sqlite3", k.path)
	cmd.Stdin = strings.NewReader(text.String())
	out, err := cmd.StdoutPipe()
	if err != nil {
		k.t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		k.t.Fatal(err)
	}
	in, left := bufio.NewScanner(out), 1+k.r.IntN(60)
	for in.Scan() {
		if _, err := fmt.Sscan(in.Text(), told); err != nil {
			k.t.Fatalf("%q: %v", in.Text(), err)
		}
		if left--; left == 0 {
			cmd.Process.Kill()
		}
	}
	if err := cmd.Wait(); err != nil && left > 0 {
		k.t.Fatal(err)
	} else if err != nil {
		return 1
	}
	return 0
}

// checkTold looks for what the application was told, before dovetail had a look and after it.
func (k *adoption) checkTold(told int) {
	k.t.Helper()
	if got := k.query(`PRAGMA integrity_check`); got != "ok\n" {
		k.t.Fatalf("the file is damaged: %s", got)
	}
	rows := k.query(`SELECT n FROM customer WHERE id < 3 UNION SELECT max(total) FROM invoice WHERE no LIKE 'K-%'`)
	last := 0
	if _, err := fmt.Sscan(rows, &last); err != nil || rows != fmt.Sprintf("%d\n", last) || last < told || last > told+1 {
		k.t.Fatalf("it was told %d, and the rows say %q", told, rows)
	}
	for range 2 {
		k.run("doctor", "--db", k.path)
		k.run("--db", k.path, "ls", "customer", "--limit", "1")
	}
	if n := k.query(`SELECT count(*) FROM dovetail_row`); n != "0\n" {
		k.t.Errorf("%s rows wait still", n)
	}
	// Each transaction made one version of each row.
	want := fmt.Sprintf("1 %d %d\n2 %d %d\n", last+1, last, last+1, last)
	if got := k.query(`
		SELECT r.name || ' ' || r.head || ' ' || json_extract(d.body, '$.n')
		FROM dovetail_record r
		JOIN dovetail_document d ON d.id = r.document
		WHERE r.collection = 'customer' AND r.name IN ('1', '2')
		ORDER BY r.name`); got != want {
		k.t.Errorf("the records are %q, want %q", got, want)
	}
}
