package store_test

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"dovetail/fixtures"
	"dovetail/merge"
	"dovetail/store"
)

// chunk is how many conflicts are brought about before some of them are resolved. Whoever comes to a file that another
// connection wrote to reads its pages anew, so the first of each chunk is not counted.
const chunk = 250

// BenchmarkResolve resolves a conflict of the standard load in a transaction of its own, in turn with a bare transaction
// that writes the same rows to another file with the same history, by prepared statements and the driver alone.
func BenchmarkResolve(b *testing.B) {
	s, other := newTwin(b), newTwin(b)
	bare := newBare(b, other)
	load := fixtures.Standard(1000)
	load.ConflictEvery = 1
	var took, bareTook spread
	var conflicts []int64
	for n := 0; b.Loop(); n++ {
		if n%chunk == 0 {
			conflicts = nil
			for i := range chunk {
				conflicts = append(conflicts, conflictOf(b, s, load, n+i))
				conflictOf(b, other, load, n+i)
			}
		}
		w := decide(b, s.Store, conflicts[n%chunk], merge.TakeLocal, "bo")
		before := lastRows(b, s)
		begin := time.Now()
		written, err := s.Resolve(b.Context(), w)
		if err != nil {
			b.Fatal(err)
		}
		resolved := time.Since(begin)
		rows := writtenRows(b, s, before, written)
		begin = time.Now()
		if err := bare.write(rows); err != nil {
			b.Fatal(err)
		}
		if n%chunk > 0 {
			took, bareTook = append(took, resolved), append(bareTook, time.Since(begin))
		}
		if now := recordOf(b, other, written.Record); now.Version != written.Version || string(now.Fields) != string(written.Result) {
			b.Fatalf("the bare transaction made %+v of %+v", now, written)
		}
	}
	if len(took) == 0 {
		return
	}
	took.report(b, "", 99)
	bareTook.report(b, "bare-", 99)
	b.ReportMetric(float64((took[len(took)/2]-bareTook[len(bareTook)/2]).Microseconds())/1000, "over-p50-ms")
}

// twin is one of two databases with the same history.
type twin struct {
	*store.Store
	plain *sql.DB
}

func newTwin(b *testing.B) twin {
	b.Helper()
	s, err := store.Create(b.Context(), b.TempDir()+"/load.db", store.Options{})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { s.Close() })
	return twin{s, plain(b, s.Info().Path)}
}

// conflictOf brings a record of the load to its conflict.
func conflictOf(b *testing.B, s twin, load fixtures.Load, n int) int64 {
	b.Helper()
	k, sides := load.Triple(n)
	for i, d := range []merge.Document{sides.Base, sides.Server} {
		if _, err := s.Write(b.Context(), store.Edit{Record: k, Version: int64(i), Fields: d}); err != nil {
			b.Fatal(err)
		}
	}
	a, err := s.Push(b.Context(), fmt.Appendf(nil, `{"key":"k%d","record":"%s","base_version":1,"local":%s}`, n, k, sides.Local))
	if err != nil || a.Conflict == 0 {
		b.Fatal(a, err)
	}
	return a.Conflict
}

func recordOf(b *testing.B, s twin, key merge.Key) store.Record {
	b.Helper()
	r, err := s.Get(b.Context(), key)
	if err != nil {
		b.Fatal(err)
	}
	return r
}

// grown are the tables to which a resolution adds rows, in the order in which they name one another.
var grown = []string{"document", "version", "resolution", "side"}

// lastRows are the numbers of the last rows of the tables that grow.
func lastRows(b *testing.B, s twin) map[string]int64 {
	b.Helper()
	last := map[string]int64{}
	for _, table := range grown {
		var n sql.NullInt64
		if err := s.plain.QueryRowContext(b.Context(), `SELECT max(id) FROM dovetail_`+table).Scan(&n); err != nil {
			b.Fatal(err)
		}
		last[table] = n.Int64
	}
	return last
}

// statement is one row to write.
type statement struct {
	query string
	args  []driver.NamedValue
}

// writtenRows are the rows that a resolution wrote, as statements that write them once more.
func writtenRows(b *testing.B, s twin, before map[string]int64, w merge.Written) []statement {
	b.Helper()
	var out []statement
	for _, table := range grown {
		rows := values(b, s, `SELECT * FROM dovetail_`+table+` WHERE id > $1 ORDER BY id`, before[table])
		for _, row := range rows {
			out = append(out, statement{`INSERT INTO dovetail_` + table + ` VALUES (` + marks(row) + `)`, row})
		}
	}
	for _, change := range []struct {
		table, key string
		id         any
		columns    []string
	}{
		{"record", "id", idOf(b, s, w.Conflict), []string{"head", "document", "outside_version", "outside_seen", "waiting"}},
		{"conflict", "id", w.Conflict, []string{"change", "kind", "fields", "base_version", "base_document", "base_lost", "local_document",
			"server_version", "server_document", "recreated", "device", "local_by", "local_at", "server_by", "server_at", "state",
			"revision", "resolved_at", "resolution"}},
		{"count", "what", "open", []string{"number"}},
		{"count", "what", "resolved", []string{"number"}},
	} {
		out = append(out, updates(b, s, change.table, change.key, change.id, change.columns)...)
	}
	out = append(out, statement{`DELETE FROM dovetail_conflict_field WHERE conflict = $1`, named(w.Conflict)})
	for _, row := range values(b, s, `SELECT * FROM dovetail_conflict_field WHERE conflict = $1`, w.Conflict) {
		out = append(out, statement{`INSERT INTO dovetail_conflict_field VALUES (` + marks(row) + `)`, row})
	}
	return out
}

// marks stand for the values of a row.
func marks(row []driver.NamedValue) string {
	all := make([]string, len(row))
	for i := range row {
		all[i] = fmt.Sprintf("$%d", i+1)
	}
	return strings.Join(all, ", ")
}

// updates writes some columns of a row that is there; where none was, it adds it.
func updates(b *testing.B, s twin, table, key string, id any, columns []string) []statement {
	b.Helper()
	var out []statement
	for _, row := range values(b, s, `SELECT `+strings.Join(columns, ", ")+` FROM dovetail_`+table+` WHERE `+key+` = $1`, id) {
		var set []string
		for i, c := range columns {
			set = append(set, fmt.Sprintf("%s = $%d", c, i+1))
		}
		query := fmt.Sprintf(`UPDATE dovetail_%s SET %s WHERE %s = $%d`, table, strings.Join(set, ", "), key, len(row)+1)
		out = append(out, statement{query, append(row, driver.NamedValue{Ordinal: len(row) + 1, Value: id})})
	}
	return out
}

func idOf(b *testing.B, s twin, conflict int64) int64 {
	b.Helper()
	return values(b, s, `SELECT record FROM dovetail_conflict WHERE id = $1`, conflict)[0][0].Value.(int64)
}

func named(args ...driver.Value) []driver.NamedValue {
	out := make([]driver.NamedValue, len(args))
	for i, v := range args {
		out[i] = driver.NamedValue{Ordinal: i + 1, Value: v}
	}
	return out
}

// values reads rows as the driver takes them back.
func values(b *testing.B, s twin, query string, args ...any) [][]driver.NamedValue {
	b.Helper()
	rows, err := s.plain.QueryContext(b.Context(), query, args...)
	if err != nil {
		b.Fatal(err)
	}
	defer rows.Close()
	columns, err := rows.Columns()
	if err != nil {
		b.Fatal(err)
	}
	var out [][]driver.NamedValue
	for rows.Next() {
		row, into := make([]any, len(columns)), make([]any, len(columns))
		for i := range row {
			into[i] = &row[i]
		}
		if err := rows.Scan(into...); err != nil {
			b.Fatal(err)
		}
		one := make([]driver.NamedValue, len(row))
		for i, v := range row {
			one[i] = driver.NamedValue{Ordinal: i + 1, Value: v}
		}
		out = append(out, one)
	}
	if err := rows.Err(); err != nil {
		b.Fatal(err)
	}
	return out
}

// bare writes by the driver alone, on a connection with the store's settings.
type bare struct {
	conn     driver.Conn
	prepared map[string]driver.Stmt
}

func newBare(b *testing.B, s twin) *bare {
	b.Helper()
	db, err := s.Bare()
	if err != nil {
		b.Fatal(err)
	}
	held, err := db.Conn(b.Context())
	if err != nil {
		b.Fatal(err)
	}
	out := &bare{prepared: map[string]driver.Stmt{}}
	if err := held.Raw(func(c any) error {
		out.conn = c.(driver.Conn)
		return nil
	}); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		for _, s := range out.prepared {
			s.Close()
		}
		held.Close()
		db.Close()
	})
	return out
}

// write writes rows in one transaction.
func (b *bare) write(rows []statement) error {
	for _, s := range slices.Concat([]statement{{query: `BEGIN IMMEDIATE`}}, rows, []statement{{query: `COMMIT`}}) {
		if err := b.run(s); err != nil {
			return fmt.Errorf("%s: %w", s.query, err)
		}
	}
	return nil
}

func (b *bare) run(s statement) error {
	prepared, ok := b.prepared[s.query]
	if !ok {
		var err error
		if prepared, err = b.conn.Prepare(s.query); err != nil {
			return err
		}
		b.prepared[s.query] = prepared
	}
	_, err := prepared.(driver.StmtExecContext).ExecContext(context.Background(), s.args)
	if errors.Is(err, io.EOF) {
		err = nil
	}
	return err
}
