package store_test

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/json"
	"net/url"
	"path/filepath"
	"testing"

	"dovetail/fixtures"
	"dovetail/merge"
	"dovetail/store"
)

// BenchmarkReconcile merges diverged records of a replica with what the hub has; an op is a record of the standard load.
// Run it with -benchtime 100000x beside [BenchmarkReconcileFloor].
func BenchmarkReconcile(b *testing.B) {
	path := divergedReplica(b, b.N)
	s, err := store.Open(b.Context(), path, store.Options{})
	if err != nil {
		b.Fatal(err)
	}
	defer s.Close()
	b.ResetTimer()
	if err := s.Reconcile(b.Context(), nil); err != nil {
		b.Fatal(err)
	}
	b.StopTimer()
	wantReconciled(b, path)
}

// BenchmarkReconcileFloor does the same reads and writes with the bare driver: what to write is known before.
func BenchmarkReconcileFloor(b *testing.B) {
	path := divergedReplica(b, b.N)
	f := newFloor(b, path, b.N)
	b.ResetTimer()
	f.run(b.Context())
	b.StopTimer()
	f.close()
	wantReconciled(b, path)
}

// writable opens a database with the bare driver and the settings of a store.
func writable(b testing.TB, path string) *sql.DB {
	b.Helper()
	db, err := sql.Open("sqlite", "file:"+(&url.URL{Path: path}).EscapedPath()+
		"?_pragma=journal_mode(WAL)&_pragma=synchronous(EXTRA)&_pragma=foreign_keys(1)&_pragma=cache_size(-16384)&_pragma=journal_size_limit(67108864)&_busy_timeout=5000")
	if err != nil {
		b.Fatal(err)
	}
	return db
}

// divergedReplica makes a replica by plain SQL: every record was changed here on version 1, and the hub is at version 2.
func divergedReplica(b testing.TB, records int) string {
	b.Helper()
	path := filepath.Join(b.TempDir(), "replica.db")
	s, err := store.CreateReplica(b.Context(), path, "/hub.db", "ana", store.Options{})
	if err != nil {
		b.Fatal(err)
	}
	if err := s.Close(); err != nil {
		b.Fatal(err)
	}
	db := writable(b, path)
	defer db.Close()
	tx, err := db.BeginTx(b.Context(), nil)
	if err != nil {
		b.Fatal(err)
	}
	prepare := func(query string) func(args ...any) {
		statement, err := tx.PrepareContext(b.Context(), query)
		if err != nil {
			b.Fatal(err)
		}
		return func(args ...any) {
			if _, err := statement.ExecContext(b.Context(), args...); err != nil {
				b.Fatal(err)
			}
		}
	}
	document := prepare(`INSERT INTO dovetail_document (id, hash, body) VALUES ($1, $2, $3)`)
	record := prepare(`
		INSERT INTO dovetail_record (id, collection, name, head, document, pending, pending_document, pending_base, revision)
		VALUES ($1, $2, $3, 2, $4, 1, $5, 1, 1)`)
	version := prepare(`
		INSERT INTO dovetail_version (record, number, document, cause, who, accepted_at, parent, hash)
		VALUES ($1, $2, $3, 'write', 'office', $4, $5, zeroblob(32))`)
	change := prepare(`
		INSERT INTO dovetail_change (id, key, identity, record, base_version, base_document, local_document, local_by, local_at,
			received_at, outcome, outbox)
		VALUES ($1, $2, zeroblob(0), $1, 1, $3, $4, 'ana', $5, $5, 'pending', 1)`)
	load := fixtures.Standard(records)
	for i := range records {
		key, sides := load.Triple(i)
		id, base := int64(i+1), int64(3*i+1)
		for n, d := range []merge.Document{sides.Base, sides.Local, sides.Server} {
			hash := sha256.Sum256(d)
			document(base+int64(n), hash[:], string(d))
		}
		record(id, key.Collection, key.ID, base+2, base+1)
		version(id, 1, base, 1000, nil)
		version(id, 2, base+2, 2000, 1)
		change(id, "key-"+key.ID, base, base+1, 1500)
	}
	prepare(`INSERT INTO dovetail_count (collection, what, number) VALUES ('load', $1, $2)`)("pending", records)
	if err := tx.Commit(); err != nil {
		b.Fatal(err)
	}
	if _, err := db.ExecContext(b.Context(), `PRAGMA wal_checkpoint(TRUNCATE)`); err != nil {
		b.Fatal(err)
	}
	return path
}

// wantReconciled makes sure that nothing was left out.
func wantReconciled(b *testing.B, path string) {
	b.Helper()
	db := plain(b, path)
	defer db.Close()
	var clean, waiting int
	if err := db.QueryRowContext(b.Context(), `
		SELECT (SELECT count(*) FROM dovetail_change WHERE base_version = 2 AND outcome = 'pending'),
			(SELECT count(*) FROM dovetail_conflict)`).Scan(&clean, &waiting); err != nil {
		b.Fatal(err)
	}
	if clean+waiting != b.N || waiting != b.N/10 {
		b.Fatalf("%d merged and %d wait, of %d", clean, waiting, b.N)
	}
}

// floor is the bare work of a reconciling.
type floor struct {
	b      testing.TB
	reader *sql.DB
	writer *sql.DB
	conn   *sql.Conn
	made   []outcome
	stmt   map[string]*sql.Stmt
}

// outcome is what one record comes to, worked out before.
type outcome struct {
	document string
	hash     [sha256.Size]byte
	fields   []string // in conflict
}

const floorChunk = 2000

var floorQueries = map[string]string{
	"read": `
		SELECT r.id, r.collection, r.name, r.head, r.waiting, r.revision, v.who, coalesce(v.edited_at, v.accepted_at),
			c.id, c.outbox, c.outcome, c.device, c.local_by, c.local_at, c.base_version,
			h.id, h.hash, h.body, b.id, b.hash, b.body, l.id, l.hash, l.body
		FROM dovetail_record r
		JOIN dovetail_change c ON c.record = r.id AND c.outbox > 0
		LEFT JOIN dovetail_version v ON v.record = r.id AND v.number = r.head
		LEFT JOIN dovetail_document h ON h.id = r.document
		LEFT JOIN dovetail_document b ON b.id = c.base_document
		LEFT JOIN dovetail_document l ON l.id = c.local_document
		WHERE r.pending = 1 AND r.id > $1
		ORDER BY r.id, c.id
		LIMIT $2`,
	"document": `INSERT INTO dovetail_document (hash, body) VALUES ($1, $2) ON CONFLICT (hash) DO NOTHING`,
	"change": `
		UPDATE dovetail_change
		SET key = $1, base_version = $2, base_document = $3, local_document = $4
		WHERE id = $5 AND outbox = 1 AND outcome = 'pending' AND local_document = $6 AND base_version = $7`,
	"record": `
		UPDATE dovetail_record
		SET pending_document = $1, pending_base = $2
		WHERE id = $3 AND head = $4 AND revision = $5`,
	"look": `
		SELECT 1
		FROM dovetail_record r
		JOIN dovetail_change c ON c.record = r.id
		WHERE r.id = $1 AND r.head = $2 AND r.revision = $3 AND r.waiting = 0
			AND c.id = $4 AND c.outbox = 1 AND c.outcome = 'pending' AND c.local_document IS $5`,
	"conflict": `
		INSERT INTO dovetail_conflict (record, collection, name, change, kind, fields, base_version, base_document, base_lost,
			local_document, server_version, server_document, recreated, replica, device, local_by, local_at,
			server_by, server_at, state, opened_at)
		VALUES ($1, $2, $3, $4, 'edit-edit', $5, 1, $6, 0, $7, $8, $9, 0, NULL, NULL, $10, $11, $12, $13, 'open', $14)`,
	"field": `
		INSERT INTO dovetail_conflict_field (path, state, opened_at, conflict, kind, collection, local_by, name, fields,
			base_version, server_version, revision, local_at, server_by, server_at)
		VALUES ($1, 'open', 5000, $2, 'edit-edit', $3, $4, $5, $6, 1, $7, 1, $8, $9, $10)`,
	"waiting": `UPDATE dovetail_record SET waiting = waiting + 1 WHERE id = $1`,
	"wait": `
		UPDATE dovetail_change
		SET key = $1, outcome = 'conflict', conflict = $2, resolves = NULL, decisions = NULL, note = NULL,
			base_version = $3, base_document = $4, base_lost = 0, builds_on = NULL
		WHERE id = $5`,
}

func newFloor(b testing.TB, path string, records int) *floor {
	b.Helper()
	f := &floor{b: b, reader: writable(b, path), writer: writable(b, path), stmt: map[string]*sql.Stmt{}}
	load := fixtures.Standard(records)
	for i := range records {
		_, sides := load.Triple(i)
		r := merge.Record(sides, nil)
		one := outcome{fields: r.Conflicts()}
		if len(one.fields) == 0 {
			one.document, one.hash = string(r.Document), sha256.Sum256(r.Document)
		}
		f.made = append(f.made, one)
	}
	var err error
	if f.conn, err = f.writer.Conn(b.Context()); err != nil {
		b.Fatal(err)
	}
	for name, query := range floorQueries {
		if f.stmt[name], err = f.conn.PrepareContext(b.Context(), query); err != nil {
			b.Fatal(err)
		}
	}
	return f
}

func (f *floor) close() {
	f.conn.Close()
	f.reader.Close()
	f.writer.Close()
}

// floorRow is what is read of a record.
type floorRow struct {
	id, head, revision, change, base, local, server int64
	collection, name, by, localBy                   string
	at, localAt                                     int64
}

func (f *floor) run(ctx context.Context) {
	chunks := make(chan []floorRow, 1)
	go func() {
		defer close(chunks)
		var after int64
		for {
			chunk := f.read(ctx, after)
			if len(chunk) == 0 {
				return
			}
			after = chunk[len(chunk)-1].id
			chunks <- chunk
		}
	}()
	for chunk := range chunks {
		f.must(f.conn.ExecContext(ctx, `BEGIN IMMEDIATE`))
		for i := range chunk {
			f.write(ctx, &chunk[i])
		}
		f.must(f.conn.ExecContext(ctx, `COMMIT`))
	}
}

func (f *floor) read(ctx context.Context, after int64) []floorRow {
	rows, err := f.reader.QueryContext(ctx, floorQueries["read"], after, floorChunk)
	if err != nil {
		f.b.Error(err)
		return nil
	}
	defer rows.Close()
	var chunk []floorRow
	for rows.Next() {
		var r floorRow
		var waiting, outbox, baseVersion int64
		var outcome string
		var device sql.NullString
		var sums, bodies [3][]byte
		if err := rows.Scan(&r.id, &r.collection, &r.name, &r.head, &waiting, &r.revision, &r.by, &r.at, &r.change, &outbox,
			&outcome, &device, &r.localBy, &r.localAt, &baseVersion, &r.server, &sums[0], &bodies[0], &r.base, &sums[1],
			&bodies[1], &r.local, &sums[2], &bodies[2]); err != nil {
			f.b.Error(err)
			return nil
		}
		chunk = append(chunk, r)
	}
	if err := rows.Err(); err != nil {
		f.b.Error(err)
	}
	return chunk
}

func (f *floor) must(result sql.Result, err error) sql.Result {
	if err != nil {
		f.b.Fatal(err)
	}
	return result
}

func (f *floor) write(ctx context.Context, r *floorRow) {
	made := &f.made[r.id-1]
	if len(made.fields) == 0 {
		id, _ := f.must(f.stmt["document"].ExecContext(ctx, made.hash[:], made.document)).LastInsertId()
		f.must(f.stmt["change"].ExecContext(ctx, "new-"+r.name, r.head, r.server, id, r.change, r.local, 1))
		f.must(f.stmt["record"].ExecContext(ctx, id, r.head, r.id, r.head, r.revision))
		return
	}
	var one int
	if err := f.stmt["look"].QueryRowContext(ctx, r.id, r.head, r.revision, r.change, r.local).Scan(&one); err != nil {
		f.b.Fatal(err)
	}
	fields, _ := json.Marshal(made.fields)
	id, _ := f.must(f.stmt["conflict"].ExecContext(ctx, r.id, r.collection, r.name, r.change, string(fields), r.base, r.local,
		r.head, r.server, r.localBy, r.localAt, r.by, r.at, 5000)).LastInsertId()
	for _, path := range made.fields {
		f.must(f.stmt["field"].ExecContext(ctx, path, id, r.collection, r.localBy, r.name, string(fields), r.head, r.localAt, r.by, r.at))
	}
	f.must(f.stmt["waiting"].ExecContext(ctx, r.id))
	f.must(f.stmt["wait"].ExecContext(ctx, "new-"+r.name, id, 1, r.base, r.change))
}
