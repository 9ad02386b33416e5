package store_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"dovetail/store"
)

// tamper changes a database as a fault of a program or of a person would, past the triggers that forbid it.
func tamper(t *testing.T, path string, statements ...string) {
	t.Helper()
	db := plain(t, path)
	defer db.Close()
	db.SetMaxOpenConns(1)
	rows, err := db.QueryContext(t.Context(), `SELECT name, sql FROM sqlite_master WHERE type = 'trigger'`)
	if err != nil {
		t.Fatal(err)
	}
	var drop, again []string
	for rows.Next() {
		var name, text string
		if err := rows.Scan(&name, &text); err != nil {
			t.Fatal(err)
		}
		drop, again = append(drop, `DROP TRIGGER `+name), append(again, text)
	}
	if err := errors.Join(rows.Err(), rows.Close()); err != nil {
		t.Fatal(err)
	}
	for _, statement := range slices.Concat(drop, statements, again) {
		if _, err := db.ExecContext(t.Context(), statement); err != nil {
			t.Fatalf("%s: %v", statement, err)
		}
	}
}

// failedChecks are what is wrong with a database, by the name of the check.
func failedChecks(t *testing.T, s *store.Store) map[string]string {
	t.Helper()
	found, err := s.Check(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	failed := map[string]string{}
	for _, f := range found {
		if f.OK {
			continue
		}
		failed[f.Check] = strings.Join(f.Found, "\n")
		if len(f.Found) == 0 || f.Do == "" {
			t.Errorf("%s fails and says %q, to do %q", f.Check, f.Found, f.Do)
		}
	}
	return failed
}

// copyOf opens a copy of a database that is closed.
func copyOf(t *testing.T, path string) *store.Store {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	to := filepath.Join(t.TempDir(), "copy.db")
	if err := os.WriteFile(to, text, 0o600); err != nil {
		t.Fatal(err)
	}
	s, err := store.Open(t.Context(), to, options())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

func TestEveryCheckFindsItsDamage(t *testing.T) {
	alone(t)
	const unseal = `DELETE FROM dovetail_seal`
	path := everything(t)
	for _, tt := range []struct{ name, damage, check, says string }{
		{"a document", `UPDATE dovetail_document SET body = '{"status":"ope"}' WHERE id = 2`, "documents", "document 2 "},
		{"an author", `UPDATE dovetail_version SET who = 'eve' WHERE record = 1 AND number = 4`, "chain", "deal/D-1042: version 4 does not match"},
		{"no author", `UPDATE dovetail_version SET who = NULL WHERE record = 1 AND number = 4`, "chain", "version 4 does not match"},
		{"a version gone", `DELETE FROM dovetail_version WHERE record = 1 AND number = 5`, "chain", "made on 5, but version 4 is the one before"},
		{"the newest gone", `DELETE FROM dovetail_version WHERE record = 1 AND number = 6`, "heads", "stands at version 6, but its newest is 5"},
		{"all gone", `DELETE FROM dovetail_version WHERE record = 1`, "heads", "its newest is 0"},
		{"a gap", `UPDATE dovetail_version SET number = 9 WHERE record = 1 AND number = 6`, "chain", "version 9 does not follow version 5"},
		{"a first version from nowhere", `UPDATE dovetail_version SET parent = 2 WHERE record = 1 AND number = 3`, "chain", "made on 2"},
		{"an edge of the hash", `UPDATE dovetail_version SET outside = 3 WHERE record = 1 AND number = 4`, "chain", "version 4"},
		{"another document at the head", `UPDATE dovetail_record SET document = 1 WHERE id = 1`, "heads", "holds another document"},
		{"who changed it", `UPDATE dovetail_version SET change = 2 WHERE change = 1`, "values", "dovetail_version holds other values"},
		{"a note", `UPDATE dovetail_resolution SET note = 'sure'`, "values", "dovetail_resolution"},
		{"a seal gone", unseal, "values", "dovetail_change has no seal"},
		{"a seal too many", `INSERT INTO dovetail_seal VALUES ('dovetail_x', 5)`, "values", `"dovetail_x", which is no table`},
		{"a pointer", `UPDATE dovetail_side SET document = 99 WHERE id = 1`, "references", "row 1 of dovetail_side points at a row of dovetail_document"},
		{"a wrong word", `PRAGMA ignore_check_constraints = 1; UPDATE dovetail_change SET outcome = 'lost' WHERE id = 1`, "pages", "CHECK constraint failed"},
		{"an index gone", `DROP INDEX dovetail_side_record`, "tables", "the index dovetail_side_record is gone"},
		{"a trigger of others", `CREATE TRIGGER spy AFTER INSERT ON dovetail_change BEGIN SELECT 1; END`, "tables", `the trigger "spy" on "dovetail_change" is none`},
		{"a column of others", `ALTER TABLE dovetail_count ADD COLUMN x TEXT`, "tables", "the table dovetail_count is not as dovetail makes it"},
		{"open conflicts", `UPDATE dovetail_record SET waiting = 7 WHERE id = 1`, "queue", "says that 7 conflicts wait, but there are 1"},
		{"a field gone", `DELETE FROM dovetail_conflict_field WHERE conflict = 1`, "queue", "conflict 1 is listed under other"},
		{"a field too many", `INSERT INTO dovetail_conflict_field (path, state, opened_at, conflict, kind, collection, name, server_version, revision)
			VALUES ('/x', 'open', 5, 77, 'type', 'deal', 'x', 1, 1)`, "queue", "conflict 77, which is not there"},
		{"a field with another kind", `UPDATE dovetail_conflict_field SET kind = 'type' WHERE conflict = 1`, "queue", "conflict 1 is listed by its fields as other"},
		{"a field with another collection", `UPDATE dovetail_conflict_field SET collection = 'note' WHERE conflict = 1`, "queue", "conflict 1 is listed by its fields as other"},
		{"a field with another local_by", `UPDATE dovetail_conflict_field SET local_by = 'eve' WHERE conflict = 1`, "queue", "conflict 1 is listed by its fields as other"},
		{"a field with another device", `UPDATE dovetail_conflict_field SET device = 'd' WHERE conflict = 1`, "queue", "conflict 1 is listed by its fields as other"},
		{"a field with another name", `UPDATE dovetail_conflict_field SET name = 'x' WHERE conflict = 1`, "queue", "conflict 1 is listed by its fields as other"},
		{"a field with another fields", `UPDATE dovetail_conflict_field SET fields = NULL WHERE conflict = 1`, "queue", "conflict 1 is listed by its fields as other"},
		{"a field with another base_version", `UPDATE dovetail_conflict_field SET base_version = 9 WHERE conflict = 1`, "queue", "conflict 1 is listed by its fields as other"},
		{"a field with another server_version", `UPDATE dovetail_conflict_field SET server_version = 9 WHERE conflict = 1`, "queue", "conflict 1 is listed by its fields as other"},
		{"a field with another revision", `UPDATE dovetail_conflict_field SET revision = 9 WHERE conflict = 1`, "queue", "conflict 1 is listed by its fields as other"},
		{"a field with another local_at", `UPDATE dovetail_conflict_field SET local_at = 7 WHERE conflict = 1`, "queue", "conflict 1 is listed by its fields as other"},
		{"a field with another server_by", `UPDATE dovetail_conflict_field SET server_by = NULL WHERE conflict = 1`, "queue", "conflict 1 is listed by its fields as other"},
		{"a field with another server_at", `UPDATE dovetail_conflict_field SET server_at = 7 WHERE conflict = 1`, "queue", "conflict 1 is listed by its fields as other"},
		{"a state", `UPDATE dovetail_conflict_field SET state = 'snoozed' WHERE conflict = 1`, "queue", "conflict 1 is listed"},
		{"a server side", `UPDATE dovetail_conflict SET server_version = 5 WHERE id = 1`, "queue", "conflict 1 waits on another version"},
		{"a name", `UPDATE dovetail_conflict SET name = 'D-1043' WHERE id = 1`, "queue", "conflict 1 bears another name"},
		{"a resolved one", `UPDATE dovetail_conflict SET resolved_at = 7 WHERE id = 1`, "queue", "both that it is resolved"},
		{"an answer", `UPDATE dovetail_conflict SET state = 'resolved', resolved_at = 5, resolution = 3 WHERE id = 1`, "queue", "names the resolution of another"},
		{"a change", `UPDATE dovetail_conflict SET change = 2 WHERE id = 1`, "queue", "conflict 1 is not the place of exactly one"},
		{"two changes", `UPDATE dovetail_change SET conflict = 1 WHERE key = 'lww'`, "queue", "conflict 1 is not the place of exactly one"},
		{"a number", `UPDATE dovetail_count SET number = number + 1 WHERE what = 'merged' AND collection = 'note'`, "sum", "note: "},
		{"a number that nothing is counted for", `INSERT INTO dovetail_count VALUES ('deal', 'pending', 1)`, "sum", "deal: "},
		{"issued", `UPDATE dovetail_count SET number = number + 2 WHERE what = 'issued' AND collection = 'deal'`, "sum", "deal: 2 changes were issued that are nowhere"},
		{"refused", `INSERT INTO dovetail_count VALUES ('deal', 'refused', 1)`, "sum", "deal: -1 changes"},
		{"a parked line", `UPDATE dovetail_change SET payload = replace(payload, 'rotate', 'rotat3') WHERE outcome = 'parked'`, "parked", `"parked" is not as`},
		{"who this is", `UPDATE dovetail_meta SET generation = 'other'`, "versions", `the hub "other"`},
		{"nothing that is a zero", `UPDATE dovetail_change SET base_version = 0 WHERE key = 'copy'`, "values", "dovetail_change"},
		{"nothing that is empty", `UPDATE dovetail_change SET local_by = '' WHERE local_by IS NULL`, "values", "dovetail_change"},
		{"another change", `UPDATE dovetail_change SET local_by = 'eve' WHERE id = 1`, "values", "dovetail_change"},
	} {
		s := copyOf(t, path)
		if failed := failedChecks(t, s); len(failed) > 0 {
			t.Fatalf("before %s: %q", tt.name, failed)
		}
		tamper(t, s.Info().Path, tt.damage)
		failed := failedChecks(t, s)
		if !strings.Contains(failed[tt.check], tt.says) {
			t.Errorf("%s: %s says %q, want %q; all: %q", tt.name, tt.check, failed[tt.check], tt.says, failed)
		}
	}
}

func TestTheFileItselfIsLookedAt(t *testing.T) {
	for _, tt := range []struct {
		name, says string
		damage     func(path string) error
	}{
		{"readable by others", "may be read or written by others: -rw-r--r--", func(path string) error { return os.Chmod(path, 0o644) }},
		{"a log for others", `test.db-wal" may be read`, func(path string) error { return os.Chmod(path+"-wal", 0o666) }},
		{"two names", "has 2 names", func(path string) error { return os.Link(path, path+".too") }},
		{"replaced", "was replaced", func(path string) error {
			return errors.Join(os.Rename(path, path+".old"), os.WriteFile(path, nil, 0o600))
		}},
		{"gone", "no such file", func(path string) error { return os.Rename(path, path+".old") }},
		{"a log that is none", `test.db-journal" is no regular file`, func(path string) error { return os.Symlink("x", path+"-journal") }},
	} {
		s, err := store.Create(t.Context(), filepath.Join(t.TempDir(), "test.db"), options())
		if err != nil {
			t.Fatal(err)
		}
		push(t, s, `{"key":"k","record":"a/1","local":{"x":1}}`)
		if err := tt.damage(s.Info().Path); err != nil {
			t.Fatal(err)
		}
		failed := failedChecks(t, s)
		if !strings.Contains(failed["file"], tt.says) {
			t.Errorf("%s: it says %q", tt.name, failed)
		}
		moved := tt.name == "replaced" || tt.name == "gone"
		if moved != strings.Contains(failed["values"], "not looked at") || !moved && len(failed) > 1 {
			t.Errorf("%s: it also says %q", tt.name, failed)
		}
		s.Close()
	}
}

func TestFindingsComeInOneOrderAndAreBounded(t *testing.T) {
	s := newStore(t)
	var names []string
	found, err := s.Check(t.Context(), nil)
	wantAllSound(t, found, err)
	for _, f := range found {
		names = append(names, f.Check)
		if len(f.Found) != 1 || f.Found[0] == "" || f.Do != "" {
			t.Errorf("%s says %q, to do %q", f.Check, f.Found, f.Do)
		}
	}
	want := strings.Fields(`file settings versions pages references tables documents chain heads values queue parked sum`)
	if !slices.Equal(names, want) {
		t.Errorf("the checks are %q", names)
	}

	damaged := copyOf(t, everything(t))
	tamper(t, damaged.Info().Path, `UPDATE dovetail_document SET body = '{}'`)
	if found, err = damaged.Check(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	documents := found[slices.IndexFunc(found, func(f store.Finding) bool { return f.Check == "documents" })]
	if len(documents.Found) != 5 || documents.More == 0 {
		t.Errorf("it says %q and %d more", documents.Found, documents.More)
	}
	long := strings.Repeat("é", 1000)
	tamper(t, damaged.Info().Path, `UPDATE dovetail_change SET key = '`+long+`' WHERE outcome = 'parked'`,
		`UPDATE dovetail_change SET payload = '' WHERE outcome = 'parked'`)
	if says := failedChecks(t, damaged)["parked"]; len(says) > 500 || !strings.HasSuffix(says, "é…") {
		t.Errorf("it quotes %d bytes: %s", len(says), says)
	}
}

func TestTheCheckTellsHowFarItIs(t *testing.T) {
	s := copyOf(t, everything(t))
	var last, of int64
	_, err := s.Check(t.Context(), func(done, total int64) {
		if done < last || done > total || of != 0 && total != of || last == total && last > 0 && done < total {
			t.Errorf("after %d of %d comes %d of %d", last, of, done, total)
		}
		last, of = done, total
	})
	if err != nil || last != of || of == 0 {
		t.Errorf("it ends at %d of %d, %v", last, of, err)
	}
}

func TestACheckThatIsBrokenOffSaysNothing(t *testing.T) {
	s := copyOf(t, everything(t))
	for _, at := range []int64{0, 1, 60} {
		ctx, cancel := context.WithCancel(t.Context())
		if at == 0 {
			cancel()
		}
		found, err := s.Check(ctx, func(done, total int64) {
			if done >= at {
				cancel()
			}
		})
		if !errors.Is(err, context.Canceled) || found != nil {
			t.Errorf("broken off at %d it says %v, %v", at, found, err)
		}
	}
	wantSound(t, s)
}

// What is looked at is one moment of the database, however much is written meanwhile.
func TestTheCheckIsOfOneMoment(t *testing.T) {
	s := newStore(t)
	playDeal(t, s)
	done := make(chan struct{})
	var group sync.WaitGroup
	group.Go(func() {
		defer close(done)
		for i := range 200 {
			if _, err := s.Push(t.Context(), fmt.Appendf(nil, `{"key":"w%d","record":"deal/D-1042","base_version":3,"local":{"status":"s%d"}}`, i, i)); err != nil {
				t.Error(err)
				return
			}
		}
	})
	looked := 0
	for running := true; running; looked++ {
		select {
		case <-done:
			running = false
		default:
		}
		wantSound(t, s)
	}
	group.Wait()
	if looked < 2 {
		t.Errorf("it was looked at %d times", looked)
	}
}
