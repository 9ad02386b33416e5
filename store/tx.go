package store

import (
	"cmp"
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"time"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"dovetail/merge"
)

// source is where rows are read from: a transaction that writes, or one that only reads.
type source interface {
	// row scans the first row of a query; false where there is none.
	row(into []any, query string, args ...any) (bool, error)
	// rows calls each for every row.
	rows(each func(*sql.Rows) error, query string, args ...any) error
}

// tx is one transaction that writes.
//
// After certain errors SQLite rolls a transaction back by itself, and whatever is sent then is committed on its own.
// So the first error of a statement sticks: no other statement is sent, and the transaction is rolled back.
type tx struct {
	// ctx is the one context of every statement: a statement that is cut short alone would take the transaction with it.
	ctx     context.Context
	caller  context.Context // of whoever asked, for statements on an application's tables alone
	store   *Store
	err     error
	now     time.Time // every row of the transaction shares this moment
	proof   proof
	counts  map[counter]int64
	names   []name
	manners map[string]manner
	holds   map[merge.Key]merge.Document  // what rows of the application hold, as far as the transaction knows
	trail   []was                         // what was known of them before, so that it can be again
	moved   map[merge.Key]bool            // those whose records it has moved
	stood   map[merge.Key]int64           // the versions that they stood on before it did
	asked   map[merge.Key]bool            // those that somebody asked it to move
	gathers bool                          // it takes in what clients of the application wrote
	puts    bool                          // what is taken in is what came of rows that it wrote
	follows bool                          // it brings a replica to where its hub is
	patient bool                          // a change that an application's table will not take may wait for others
	sparing bool                          // it takes in a change that nobody looked at
	coming  map[merge.Key]*change         // those that make a record, and are still to be taken in with others
	arrived []*change                     // those of them that were
	untried map[merge.Key]*TakenBackError // records whose rows are owed without being tried
	owing   bool                          // rows are owed
	around  map[string]*TakenBackError    // changes that wait without being tried, by their keys
	gone    map[merge.Key]merge.Document  // what was known of rows that are gone
	after   func()                        // run once it is committed, before anybody else writes
}

// proof is a query that has a row if, and only if, the transaction was committed.
type proof struct {
	query string
	args  []any
}

// write runs fn in a transaction, and commits it unless fn returns an error. One writes at a time, in this process and
// in others. A transaction that has begun is not cut short by ctx: it is done, or it is not. Only what an application's
// triggers do then is, which may have no end, and all of it is taken back.
func (s *Store) write(ctx context.Context, fn func(*tx) error) error {
	return s.writeKnowing(ctx, nil, fn)
}

func (s *Store) writeKnowing(ctx context.Context, around map[string]*TakenBackError, fn func(*tx) error) error {
	select {
	case s.turn <- struct{}{}:
		defer func() { <-s.turn }()
	case <-ctx.Done():
		return ctx.Err()
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	if err := s.connect(ctx); err != nil {
		return classify(err)
	}
	t := &tx{ctx: context.WithoutCancel(ctx), caller: ctx, store: s, around: around, now: s.now().UTC().Truncate(time.Microsecond)}
	s.seals.begin()
	if _, err := s.conn.ExecContext(ctx, `BEGIN IMMEDIATE`); err != nil {
		s.disconnect() // it may have begun all the same
		return classify(err)
	}
	err := t.gather()
	if err == nil {
		err = fn(t)
	}
	if err == nil {
		err = t.finish()
	}
	if err != nil {
		if _, failed := s.conn.ExecContext(t.ctx, `ROLLBACK`); failed != nil {
			s.disconnect()
		}
		return classify(err)
	}
	if _, err := s.conn.ExecContext(t.ctx, `COMMIT`); err != nil {
		s.disconnect()
		if err := s.committed(t, err); err != nil {
			return err
		}
	}
	if t.after != nil {
		t.after()
	}
	s.written.ring()
	return nil
}

// finish does what every transaction ends with.
func (t *tx) finish() error {
	if t.err != nil {
		return t.err
	}
	if err := t.put(); err != nil {
		return err
	}
	if err := errors.Join(t.flushCounts(), t.flushNames()); err != nil {
		return err
	}
	if err := t.flushSeals(); err != nil {
		return err
	}
	now, err := os.Stat(t.store.info.Path)
	if err != nil || !os.SameFile(now, t.store.file) {
		return fmt.Errorf("%w: \"%s\" was moved or replaced while it was open", ErrCorrupt, t.store.info.Path)
	}
	return nil
}

// committed finds out, on a connection of its own, whether a commit that failed was done.
func (s *Store) committed(t *tx, cause error) error {
	if cause = classify(cause); errors.Is(cause, ErrBusy) {
		return fmt.Errorf("commit: %w", cause) // it was not begun: somebody reads, in a file that has no log
	}
	if t.proof.query == "" {
		return fmt.Errorf("%w: %w", ErrUnknown, classify(cause))
	}
	if err := s.connect(t.ctx); err != nil {
		return fmt.Errorf("%w: %w; look it up: %w", ErrUnknown, classify(cause), classify(err))
	}
	var one int
	err := s.conn.QueryRowContext(t.ctx, t.proof.query, t.proof.args...).Scan(&one)
	switch {
	case err == nil:
		return nil
	case errors.Is(err, sql.ErrNoRows) && !mayStand(cause):
		return fmt.Errorf("commit: %w", classify(cause))
	case errors.Is(err, sql.ErrNoRows):
		return fmt.Errorf("%w: %w", ErrUnknown, classify(cause))
	}
	return fmt.Errorf("%w: %w; look it up: %w", ErrUnknown, classify(cause), classify(err))
}

// mayStand reports whether a commit that failed, and is not to be seen, may still come to be. All of it may stand in the
// log where only its sync failed: unless somebody writes over it, whoever opens the log after a crash finds it.
func mayStand(cause error) bool {
	var e *sqlite.Error
	return errors.As(cause, &e) && e.Code()&0xff == sqlite3.SQLITE_IOERR
}

// connect takes the connection that writes. Whoever calls has the turn.
func (s *Store) connect(ctx context.Context) error {
	if s.conn != nil {
		return nil
	}
	conn, err := s.writer.Conn(ctx)
	if err != nil {
		return err
	}
	if err := s.seals.watch(conn); err != nil {
		return errors.Join(err, conn.Close())
	}
	// Whoever opens a log finds what a process that was killed had written and not synced. A checkpoint syncs it, before
	// it is shown or answered for.
	if _, err := conn.ExecContext(ctx, `PRAGMA wal_checkpoint(PASSIVE)`); err != nil {
		return errors.Join(err, conn.Close())
	}
	s.conn, s.prepared = conn, map[string]*sql.Stmt{}
	return nil
}

// disconnect drops the connection that writes, with whatever it had begun.
func (s *Store) disconnect() {
	if s.conn == nil {
		return
	}
	for _, statement := range s.prepared {
		statement.Close()
	}
	s.conn.Raw(func(any) error { return driver.ErrBadConn })
	s.conn.Close()
	s.conn, s.prepared = nil, nil
}

// statement prepares a query once for the connection.
func (t *tx) statement(query string) (*sql.Stmt, error) {
	if t.err != nil {
		return nil, t.err
	}
	if prepared, ok := t.store.prepared[query]; ok {
		return prepared, nil
	}
	prepared, err := t.store.conn.PrepareContext(t.ctx, query)
	if err != nil {
		t.err = err
		return nil, err
	}
	t.store.prepared[query] = prepared
	return prepared, nil
}

// run executes a statement.
func (t *tx) run(query string, args ...any) (sql.Result, error) {
	statement, err := t.statement(query)
	if err != nil {
		return nil, err
	}
	result, err := statement.ExecContext(t.ctx, args...)
	if err != nil {
		t.err = err
	}
	return result, err
}

// script executes several statements without arguments.
func (t *tx) script(text string) (sql.Result, error) {
	if t.err != nil {
		return nil, t.err
	}
	result, err := t.store.conn.ExecContext(t.ctx, text)
	if err != nil {
		t.err = err
	}
	return result, err
}

// insert executes an INSERT and returns the id of the row.
func (t *tx) insert(query string, args ...any) (int64, error) {
	result, err := t.run(query, args...)
	if err != nil {
		return 0, err
	}
	return result.LastInsertId()
}

func (t *tx) row(into []any, query string, args ...any) (bool, error) {
	statement, err := t.statement(query)
	if err != nil {
		return false, err
	}
	err = statement.QueryRowContext(t.ctx, args...).Scan(into...)
	if errors.Is(err, sql.ErrNoRows) {
		return false, nil
	}
	if err != nil {
		t.err = err
	}
	return err == nil, err
}

func (t *tx) rows(each func(*sql.Rows) error, query string, args ...any) error {
	statement, err := t.statement(query)
	if err != nil {
		return err
	}
	rows, err := statement.QueryContext(t.ctx, args...)
	if err == nil {
		err = eachRow(rows, each)
	}
	if err != nil && t.err == nil {
		t.err = err
	}
	return err
}

func eachRow(rows *sql.Rows, each func(*sql.Rows) error) error {
	defer rows.Close()
	for rows.Next() {
		if err := each(rows); err != nil {
			return err
		}
	}
	return rows.Err()
}

// counter names one of the numbers that are kept.
type counter struct{ collection, what string }

// count adds to a number that is kept; it is written once, at the end of the transaction.
func (t *tx) count(collection, what string, by int64) {
	if t.counts == nil {
		t.counts = map[counter]int64{}
	}
	t.counts[counter{collection, what}] += by
}

func (t *tx) flushCounts() error {
	order := slices.SortedFunc(maps.Keys(t.counts), func(a, b counter) int {
		return cmp.Or(strings.Compare(a.collection, b.collection), strings.Compare(a.what, b.what))
	})
	for _, c := range order {
		if t.counts[c] == 0 {
			continue
		}
		if _, err := t.run(`
			INSERT INTO dovetail_count (collection, what, number)
			VALUES ($1, $2, $3)
			ON CONFLICT (collection, what) DO UPDATE SET number = dovetail_count.number + excluded.number`,
			c.collection, c.what, t.counts[c]); err != nil {
			return err
		}
	}
	return nil
}
