package store_test

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"dovetail/merge"
	"dovetail/store"
)

// clock goes on by a second each time that it is read.
type clock struct {
	mu sync.Mutex
	at time.Time
}

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(time.Second)
	return c.at
}

// options are a clock that starts at a known moment, and ids that count.
func options() store.Options {
	c := &clock{at: time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC)}
	return store.Options{Now: c.now, NewID: func() string { return fmt.Sprintf("id-%d", ids.Add(1)) }}
}

// ids were given out so far: none comes twice, whichever handle gives it.
var ids atomic.Int64

// newStore makes a database that is closed at the end of the test, and must then be sound.
func newStore(t *testing.T, change ...func(*store.Options)) *store.Store {
	t.Helper()
	o := options()
	for _, f := range change {
		f(&o)
	}
	s, err := store.Create(t.Context(), filepath.Join(t.TempDir(), "test.db"), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { leaveSound(t, s) })
	return s
}

// leaveSound closes a database and looks at what is left in the file.
func leaveSound(t *testing.T, s *store.Store) {
	t.Helper()
	s.Close()
	ctx := context.WithoutCancel(t.Context()) // the test is over
	again, err := store.Open(ctx, s.Info().Path, options())
	if errors.Is(err, fs.ErrNotExist) {
		return // the test took it away
	}
	if err != nil {
		t.Errorf("after the test: %v", err)
		return
	}
	defer again.Close()
	found, err := again.Check(ctx, nil)
	wantAllSound(t, found, err)
}

// reopen closes a database and opens it again.
func reopen(t *testing.T, s *store.Store) *store.Store {
	t.Helper()
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	again, err := store.Open(t.Context(), s.Info().Path, options())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { again.Close() })
	return again
}

func push(t *testing.T, s *store.Store, line string) store.Answer {
	t.Helper()
	a, err := s.Push(t.Context(), []byte(line))
	if err != nil {
		t.Fatalf("push %s: %v", line, err)
	}
	return a
}

// load imports lines and returns the answers.
func load(t *testing.T, s *store.Store, lines ...string) []store.Answer {
	t.Helper()
	var answers []store.Answer
	_, err := s.Import(t.Context(), strings.NewReader(strings.Join(lines, "\n")), store.ImportOptions{}, func(a store.Answer) error {
		answers = append(answers, a)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return answers
}

func key(name string) merge.Key {
	k, err := merge.ParseKey(name)
	if err != nil {
		panic(err)
	}
	return k
}

func doc(text string) merge.Document {
	d, err := merge.Canonical([]byte(text))
	if err != nil {
		panic(err)
	}
	return d
}

func get(t *testing.T, s *store.Store, name string) store.Record {
	t.Helper()
	r, err := s.Get(t.Context(), key(name))
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// wantRecord checks version and fields; fields "" are a deletion.
func wantRecord(t *testing.T, s *store.Store, name string, version int64, fields string) {
	t.Helper()
	r := get(t, s, name)
	if r.Version != version || string(r.Fields) != fields || r.Deleted != (fields == "") {
		t.Errorf("%s is version %d %s, want version %d %s", name, r.Version, r.Fields, version, fields)
	}
}

// deal is the smallest story: base v3, server v4, and a change on v3 that conflicts in status.
const (
	dealV3     = `{"type":"record","record":"deal/D-1042","version":3,"fields":{"status":"negotiating","amount":40000},"by":"diaz","at":"2026-11-20T08:00:00Z"}`
	dealV4     = `{"type":"record","record":"deal/D-1042","version":4,"fields":{"status":"open","amount":40000,"notes":"added"},"by":"diaz","at":"2026-11-22T08:30:00Z"}`
	dealChange = `{"type":"change","key":"k1","record":"deal/D-1042","base_version":3,"local":{"status":"closed","amount":50000},"local_by":"ana","local_at":"2026-11-22T08:14:00Z","device":"ana-7","sequence":1}`
)

// playDeal brings the story up to its conflict, number 1.
func playDeal(t *testing.T, s *store.Store) {
	t.Helper()
	answers := load(t, s, dealV3, dealV4, dealChange)
	if len(answers) != 1 || answers[0].Outcome != store.Conflicted || answers[0].Conflict != 1 {
		t.Fatalf("the story begins with %+v", answers)
	}
}

// decide makes what a person would have written with the same choice for all that is in conflict.
func decide(t testing.TB, s *store.Store, conflict int64, choice merge.Choice, person string) merge.Writing {
	t.Helper()
	w, err := decided(t, s, conflict, choice, person)
	if err != nil {
		t.Fatal(err)
	}
	return w
}

// decided is decide where the result may break a rule.
func decided(t testing.TB, s *store.Store, conflict int64, choice merge.Choice, person string) (merge.Writing, error) {
	t.Helper()
	c, err := s.Case(t.Context(), conflict)
	if err != nil {
		t.Fatal(err)
	}
	r := c.Merge()
	w := merge.Writing{Conflict: conflict, Revision: c.Conflict.Revision, ServerVersion: c.Conflict.ServerVersion,
		Decisions: merge.Decisions{}, Person: person}
	for _, path := range r.Conflicts() {
		f, _ := r.Field(path)
		d, ok := f.Choose(choice, merge.Absent)
		if !ok {
			t.Fatalf("%s offers no %s", path, choice)
		}
		w.Decisions[path] = d
	}
	w.Result, err = r.Apply(w.Decisions)
	return w, err
}

func resolve(t *testing.T, s *store.Store, conflict int64, choice merge.Choice, person string) merge.Written {
	t.Helper()
	w, err := s.Resolve(t.Context(), decide(t, s, conflict, choice, person))
	if err != nil {
		t.Fatal(err)
	}
	return w
}

// plain opens the file as anybody else would, without the store.
func plain(t testing.TB, path string) *sql.DB {
	t.Helper()
	db, err := sql.Open("sqlite", "file:"+(&url.URL{Path: path}).EscapedPath()+"?mode=rw&_busy_timeout=5000")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return db
}

// ask runs a query in plain SQL; each row is its columns joined by blanks.
func ask(t *testing.T, s *store.Store, query string, args ...any) []string {
	t.Helper()
	db := plain(t, s.Info().Path)
	defer db.Close() // whoever keeps it open keeps the log
	rows, err := db.QueryContext(t.Context(), query, args...)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	columns, err := rows.Columns()
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for rows.Next() {
		values, into := make([]sql.NullString, len(columns)), make([]any, len(columns))
		for i := range values {
			into[i] = &values[i]
		}
		if err := rows.Scan(into...); err != nil {
			t.Fatal(err)
		}
		var row []string
		for _, v := range values {
			if !v.Valid {
				v.String = "NULL"
			}
			row = append(row, v.String)
		}
		out = append(out, strings.Join(row, " "))
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return out
}

func wantRows(t *testing.T, s *store.Store, query string, want ...string) {
	t.Helper()
	if got := ask(t, s, query); !slices.Equal(got, want) {
		t.Errorf("%s\n got %q\nwant %q", query, got, want)
	}
}

// wantSound has the store look at itself.
func wantSound(t *testing.T, s *store.Store) {
	t.Helper()
	found, err := s.Check(t.Context(), nil)
	wantAllSound(t, found, err)
}

func wantAllSound(t *testing.T, found []store.Finding, err error) {
	t.Helper()
	if err != nil || len(found) == 0 {
		t.Errorf("the check says %v, %v", found, err)
	}
	for _, f := range found {
		if !f.OK {
			t.Errorf("%s: %q, and %d more", f.Check, f.Found, f.More)
		}
	}
}

// wantSum counts every change anew, in plain SQL, and compares with the numbers that the store keeps. It also has the
// store look at itself.
func wantSum(t *testing.T, s *store.Store) {
	t.Helper()
	wantSound(t, s)
	st, err := s.Status(t.Context(), "")
	if err != nil {
		t.Fatal(err)
	}
	if st.Lost != 0 {
		t.Errorf("%d changes are in no place where a change may be", st.Lost)
	}
	counted := ask(t, s, `
		SELECT r.collection, CASE WHEN c.replaced THEN 'replaced' WHEN k.id IS NOT NULL THEN k.state ELSE c.outcome END AS what, count(*)
		FROM dovetail_change c
		JOIN dovetail_record r ON r.id = c.record
		LEFT JOIN dovetail_conflict k ON k.id = c.conflict
		GROUP BY 1, 2
		ORDER BY 1, 2`)
	kept := ask(t, s, `
		SELECT collection, what, number
		FROM dovetail_count
		WHERE what NOT IN ('issued', 'refused') AND number <> 0
		ORDER BY collection, what`)
	if !slices.Equal(counted, kept) {
		t.Errorf("counted anew %q\nkept %q", counted, kept)
	}
	wantRows(t, s, `
		SELECT (SELECT coalesce(sum(number), 0) FROM dovetail_count WHERE what = 'issued')
			- (SELECT coalesce(sum(number), 0) FROM dovetail_count WHERE what = 'refused')
			- (SELECT count(*) FROM dovetail_change)`, "0")
	wantRows(t, s, `
		SELECT k.id
		FROM dovetail_conflict k
		WHERE (SELECT count(*) FROM dovetail_change c WHERE c.conflict = k.id AND NOT c.replaced) <> 1`)
	wantRows(t, s, `
		SELECT r.id
		FROM dovetail_record r
		WHERE r.waiting <> (SELECT count(*) FROM dovetail_conflict k WHERE k.record = r.id AND k.state <> 'resolved')`)
}

// wantChain checks that versions are contiguous but for jumps to an outside number, and that each names its parent.
func wantChain(t *testing.T, s *store.Store) {
	t.Helper()
	wantRows(t, s, `
		SELECT v.record, v.number
		FROM dovetail_version v
		LEFT JOIN dovetail_version p ON p.record = v.record AND p.number = v.parent
		WHERE v.parent IS NULL AND EXISTS (SELECT 1 FROM dovetail_version o WHERE o.record = v.record AND o.number < v.number)
			OR v.parent IS NOT NULL AND (p.id IS NULL OR v.number <> v.parent + 1 AND v.cause <> 'import')`)
	wantRows(t, s, `
		SELECT r.id
		FROM dovetail_record r
		LEFT JOIN dovetail_version v ON v.record = r.id AND v.number = r.head
		WHERE r.head <> coalesce((SELECT max(number) FROM dovetail_version WHERE record = r.id), 0) OR v.document IS NOT r.document`)
}

func asJSON(t *testing.T, v any) string {
	t.Helper()
	text, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func hashOf(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:])
}
