package store_test

import (
	"context"
	"database/sql"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"dovetail/merge"
	"dovetail/store"
	"dovetail/store/adopt"
	"dovetail/store/replicate"
)

var (
	flips    = flag.Int("flips", 150, "how many bits are flipped, one at a time")
	flipSeed = flag.Uint64("flipseed", 1, "which bits")
)

// everything makes a database with rows in every table that a hub writes, and closes it.
func everything(t *testing.T) (path string) {
	t.Helper()
	return fillAll(t, newStore(t))
}

// everythingThere makes the same in an application's database, with an adopted table, and closes it.
func everythingThere(t *testing.T) (path string) {
	t.Helper()
	s, _, err := adopt.Into(t.Context(), application(t, "DELETE"), options(), []adopt.Request{{Table: "customer"}})
	if err != nil {
		t.Fatal(err)
	}
	return fillAll(t, s)
}

func fillAll(t *testing.T, s *store.Store) (path string) {
	t.Helper()
	playDeal(t, s)
	resolve(t, s, 1, merge.TakeLocal, "bo")
	if _, err := s.Undo(t.Context(), 1, "cy"); err != nil {
		t.Fatal(err)
	}
	setSchema(t, s, "note", tagsAreASet)
	setSchema(t, s, "note", `{"properties":{"tags":{"x-merge":"set"},"text":{"title":"What was said"}}}`)
	setSchema(t, s, "tally", replayed)
	setSchema(t, s, "sensor", `{"x-merge-strategy":"last-write-wins"}`)
	load(t, s,
		`{"type":"record","record":"note/1","version":1,"fields":{"tags":["a"],"text":"x"},"by":"ana","at":"2026-11-20T08:00:00Z"}`,
		`{"type":"record","record":"note/1","version":5,"fields":{"tags":["a","b"],"text":"x"},"by":"bo"}`,
		`{"type":"record","record":"tally/1","version":1,"fields":{"n":1}}`,
		`{"type":"record","record":"tally/1","version":2,"fields":{"n":5}}`,
		`{"type":"record","record":"sensor/1","version":1,"fields":{"n":1}}`,
		`{"type":"record","record":"sensor/1","version":2,"fields":{"n":2},"at":"2026-11-21T08:00:00Z"}`,
		`{"key":"set","record":"note/1","base_version":1,"local":{"tags":["a","c"],"text":"x"},"local_by":"cy","device":"d","sequence":1}`,
		`{"key":"op","record":"tally/1","base_version":1,"local":{"n":3},"operations":[{"id":"o1","op":"increment","path":"/n","value":2}]}`,
		`{"key":"lww","record":"sensor/1","base_version":1,"local":{"n":3},"local_at":"2026-11-20T08:00:00Z","local_by":"late"}`,
		`{"key":"parked","record":"tally/1","base_version":1,"local":{"n":3},"operations":[{"op":"rotate","path":"/n"}]}`,
		`{"key":"copy","record":"note/2","local":{"text":"copied"},"device":"d","sequence":1}`,
		`{"key":"waits","record":"note/1","base_version":1,"local":{"tags":["a"],"text":"y"},"device":"e","sequence":1,"local_by":"di"}`,
		`{"key":"newer","record":"note/1","base_version":1,"local":{"tags":["a"],"text":"z"},"device":"e","sequence":2,"local_by":"di"}`,
		orderLine("outside", `{"status":"paid","note":""}`, `{"status":"new","note":"call"}`, "4"),
		orderLine("outside 2", `{"status":"new","note":"x"}`, `{"status":"paid","note":"call"}`, "5"))
	if err := s.SaveDraft(t.Context(), merge.Draft{Conflict: 2, Person: "bo", Revision: 1, ServerVersion: 5, Note: "not yet"}); err != nil {
		t.Fatal(err)
	}
	if err := s.SaveRecordDraft(t.Context(), merge.RecordDraft{Record: key("note/2"), Person: "bo", Version: 1,
		Edits: map[string]merge.FieldEdit{"/text": {Value: `"not yet"`, Was: `"copied"`}}}); err != nil {
		t.Fatal(err)
	}
	if _, err := s.WriteOnce(t.Context(), store.Request{Person: "bo", Key: "k", Payload: make([]byte, 32)}, key("note/3"),
		func(store.Record) (store.Edit, error) { return store.Edit{Fields: doc(`{"text":"asked for"}`)}, nil }); err != nil {
		t.Fatal(err)
	}
	for _, table := range ask(t, s, `
		SELECT name
		FROM sqlite_master
		WHERE type = 'table' AND name LIKE 'dovetail%' AND name NOT LIKE 'dovetail_conflict_word%'
			AND name NOT IN ('dovetail_operation', 'dovetail_replica', 'dovetail_owed', 'dovetail_token', 'dovetail_conflict_disorder', 'dovetail_row', 'dovetail_row_field')`) {
		if n := ask(t, s, `SELECT count(*) FROM `+table); n[0] == "0" {
			t.Errorf("%s has no rows", table)
		}
	}
	return closeWhole(t, s)
}

// everythingHere makes a replica with rows in the tables that only a replica writes, and closes it.
func everythingHere(t *testing.T) (path string) {
	t.Helper()
	hub := newStore(t)
	write := func(s *store.Store, id string, version, revision int64, fields string) {
		t.Helper()
		if _, err := s.Write(t.Context(), store.Edit{Record: key("deal/" + id), Version: version, Revision: revision, Fields: doc(fields),
			By: "ana", Steps: []merge.Operation{{Verb: merge.SetField, Path: "/x", Value: "1"}}}); err != nil {
			t.Fatal(err)
		}
	}
	write(hub, "1", 0, 0, `{"x":0}`)
	write(hub, "2", 0, 0, `{"x":0}`)
	s, err := store.CreateReplica(t.Context(), filepath.Join(t.TempDir(), "replica.db"), hub.Info().Path, "ana", options())
	if err != nil {
		t.Fatal(err)
	}
	sync := func() {
		t.Helper()
		if _, err := replicate.Sync(t.Context(), s, hub, nil); err != nil {
			t.Fatal(err)
		}
	}
	sync()
	write(s, "1", 1, 0, `{"x":1}`)
	write(s, "2", 1, 0, `{"x":1}`)
	write(hub, "1", 1, 0, `{"x":2}`)
	write(hub, "2", 1, 0, `{"x":2}`)
	sync()
	resolve(t, s, 1, merge.TakeLocal, "ana")
	write(s, "2", 2, 1, `{"x":3}`)
	write(s, "3", 0, 0, `{"x":1}`)
	for _, table := range []string{"dovetail_operation", "dovetail_replica", "dovetail_conflict", "dovetail_side"} {
		if n := ask(t, s, `SELECT count(*) FROM `+table); n[0] == "0" {
			t.Errorf("%s has no rows", table)
		}
	}
	return closeWhole(t, s)
}

// closeWhole closes a database, so that all of it stands in the one file.
func closeWhole(t *testing.T, s *store.Store) (path string) {
	t.Helper()
	wantSum(t, s)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(s.Info().Path + "-wal"); !errors.Is(err, fs.ErrNotExist) {
		t.Fatal("the log is still there, and the file alone is not all")
	}
	return s.Info().Path
}

// dump is all that plain SQL reads of what is dovetail's in a file: the rows of each table, and the schema.
func dump(ctx context.Context, path string) (map[string][]string, error) {
	db, err := sql.Open("sqlite", "file:"+(&url.URL{Path: path}).EscapedPath()+"?mode=ro&immutable=1")
	if err != nil {
		return nil, err
	}
	defer db.Close()
	all := map[string][]string{}
	for _, table := range strings.Fields(`sqlite_master dovetail_meta dovetail_replica dovetail_schema dovetail_collection dovetail_document dovetail_record
		dovetail_version dovetail_change dovetail_taken dovetail_copied_device dovetail_applied_operation dovetail_operation dovetail_conflict
		dovetail_conflict_field dovetail_draft dovetail_record_draft dovetail_resolution dovetail_side dovetail_exchange dovetail_count dovetail_seal
		dovetail_adopted dovetail_adopted_trigger`) {
		if strings.HasPrefix(table, "dovetail_adopted") && !adopts(ctx, db) {
			continue
		}
		if all[table], err = dumpTable(ctx, db, table); err != nil {
			return nil, err
		}
	}
	return all, nil
}

// adopts reports whether tables are adopted in a file.
func adopts(ctx context.Context, db *sql.DB) bool {
	n := 0
	err := db.QueryRowContext(ctx, `SELECT count(*) FROM sqlite_master WHERE name = 'dovetail_adopted'`).Scan(&n)
	return err == nil && n > 0
}

func dumpTable(ctx context.Context, db *sql.DB, table string) ([]string, error) {
	query := `SELECT * FROM ` + table + ` NOT INDEXED`
	if table == "sqlite_master" { // what else is there is an application's, and the case of letters makes no difference
		query = `SELECT type, name, tbl_name, rootpage, lower(sql) FROM sqlite_master WHERE lower(substr(name, 1, 8)) = 'dovetail' OR lower(substr(tbl_name, 1, 8)) = 'dovetail'`
	}
	if table == "dovetail_conflict_field" {
		query += ` ORDER BY state, path, opened_at, conflict` // else it is read from the index that holds all of it
	}
	rows, err := db.QueryContext(ctx, query)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	columns, err := rows.Columns()
	if err != nil {
		return nil, err
	}
	var out []string
	for rows.Next() {
		values, into := make([]any, len(columns)), make([]any, len(columns))
		for i := range values {
			into[i] = &values[i]
		}
		if err := rows.Scan(into...); err != nil {
			return nil, err
		}
		var row strings.Builder
		for i, v := range values {
			fmt.Fprintf(&row, "%s=%T %q ", columns[i], v, fmt.Sprint(v))
		}
		out = append(out, row.String())
	}
	return out, rows.Err()
}

// changedIn names the tables in which two dumps differ.
func changedIn(before, after map[string][]string) []string {
	var tables []string
	for table := range before {
		if !slices.Equal(before[table], after[table]) {
			tables = append(tables, table)
		}
	}
	slices.Sort(tables)
	return tables
}

// lookAgain opens a file and looks at it; the checks that failed, or "open".
func lookAgain(ctx context.Context, t *testing.T, path string) []string {
	t.Helper()
	opts := options()
	opts.Adoption = new(adopt.Tables)
	s, err := store.Open(ctx, path, opts)
	if err != nil {
		return []string{"open"}
	}
	defer s.Close()
	found, err := s.Check(ctx, nil)
	if err != nil {
		t.Fatalf("the check ends with %v", err)
	}
	var failed []string
	for _, f := range found {
		if !f.OK {
			failed = append(failed, f.Check)
		}
	}
	return failed
}

// A bit that turns by itself in the file, and changes anything that plain SQL reads of it, is found.
func TestEveryFlippedBitInAValueIsFound(t *testing.T) {
	alone(t)
	for name, make := range map[string]func(*testing.T) string{"hub": everything, "replica": everythingHere, "application": everythingThere} {
		t.Run(name, func(t *testing.T) { flipBits(t, make(t)) })
	}
}

// flipBits turns bits of a file, one at a time.
func flipBits(t *testing.T, from string) {
	whole, err := os.ReadFile(from) // nobody has it open
	if err != nil {
		t.Fatal(err)
	}
	before, err := dump(t.Context(), from)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "flipped.db")
	random := rand.New(rand.NewPCG(*flipSeed, 7))
	used := inUse(t, from, whole)
	tables, checks := map[string]int{}, map[string]int{}
	changed, count := 0, *flips
	for range count {
		table := used[random.IntN(len(used))]
		at, bit := table[random.IntN(len(table))], random.IntN(8)
		damaged := slices.Clone(whole)
		damaged[at] ^= 1 << bit
		if err := os.WriteFile(path, damaged, 0o600); err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		after, err := dump(ctx, path)
		differ := changedIn(before, after)
		failed := lookAgain(ctx, t, path)
		cancel()
		os.Remove(path + "-wal")
		os.Remove(path + "-shm")
		if err != nil { // SQLite refuses to read it
			differ = []string{"unreadable"}
		} else if len(differ) > 0 {
			changed++
		} else {
			continue
		}
		for _, table := range differ {
			tables[table]++
		}
		for _, name := range failed {
			checks[name]++
		}
		if len(failed) == 0 {
			t.Errorf("bit %d of byte %d is not found; it changes %q %s", bit, at, differ, firstChange(before, after))
		}
	}
	if changed == 0 {
		t.Error("no flip changed a value")
	}
	t.Logf("%d of %d flips changed a value, in %v; found by %v", changed, count, tables, checks)
}

// inUse are the places of each table in a file that are near something: the rest is the empty part of its pages.
func inUse(t *testing.T, path string, whole []byte) [][]int {
	t.Helper()
	var used [][]int
	var size int
	if err := plain(t, path).QueryRowContext(t.Context(), `PRAGMA page_size`).Scan(&size); err != nil {
		t.Fatal(err)
	}
	byTable := map[string]int{}
	rows, err := plain(t, path).QueryContext(t.Context(), `
		SELECT d.name, d.pageno
		FROM dbstat d
		JOIN sqlite_master m ON m.name = d.name AND m.type = 'table' OR d.name = 'sqlite_schema' AND m.name = 'dovetail_meta'
		WHERE d.name LIKE 'dovetail%' OR d.name = 'sqlite_schema'
		ORDER BY d.name, d.pageno`)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var table string
		var number int
		if err := rows.Scan(&table, &number); err != nil {
			t.Fatal(err)
		}
		if _, known := byTable[table]; !known {
			byTable[table] = len(used)
			used = append(used, nil)
		}
		last := -100
		for i := (number - 1) * size; i < number*size; i++ {
			if whole[i] != 0 {
				last = i
			}
			if i-last < 9 {
				used[byTable[table]] = append(used[byTable[table]], i)
			}
		}
	}
	if err := rows.Err(); err != nil || len(used) < 20 {
		t.Fatalf("only %d tables are found, %v", len(used), err)
	}
	return used
}

// firstChange shows a row before and after.
func firstChange(before, after map[string][]string) string {
	for _, table := range changedIn(before, after) {
		for i, row := range before[table] {
			if i >= len(after[table]) || after[table][i] != row {
				return fmt.Sprintf("\n%s\n%s", row, strings.Join(after[table][min(i, len(after[table])):], "\n"))
			}
		}
	}
	return ""
}
