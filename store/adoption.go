package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"dovetail/merge"
)

// Adoption is how a store reads and writes the tables of the application in whose database it stands. Each adopted
// table is a collection, each of its rows a record. What its triggers write may go only into tables whose names begin with
// dovetail_row.
//
// All but Waiting are called by one goroutine at a time, within the transaction that writes.
type Adoption interface {
	// Waiting reports whether there may be something to gather. It is asked before every read, by several goroutines at
	// once and beside the other methods; its Statements only read.
	Waiting(Statements) (bool, error)
	// Gather takes what clients wrote to adopted tables since it was last called out of the log, oldest first.
	Gather(Statements) ([]Row, error)
	// Adopted reports whether a collection is an adopted table, as the last Gather found it.
	Adopted(collection string) bool
	// Complete makes the document of a record from what its row holds and what is known of it: what the table has no column
	// for stays as it is known. Nil in, nil out.
	Complete(collection string, row, known merge.Document) merge.Document
	// Put makes a row what a document says, nil: gone; before is what it holds now, as far as known. What the row holds
	// afterwards, read back, is returned. A constraint that refuses it is a *[ConstraintError], and nothing was changed
	// then.
	//
	// Columns that are the application's own, by the names of their fields, are written in a new row alone, and may hold
	// whatever its triggers make of them.
	Put(s Statements, key merge.Key, before, after merge.Document, own []string) (merge.Document, error)
	// Spare reports whether rows would be deleted or changed with one, because a foreign key of theirs says so, as a
	// *[ConstraintError]; before is what it holds, as far as known.
	Spare(s Statements, key merge.Key, before merge.Document) error
	// Together runs fn, in which rows are put that name one another: their foreign keys are looked at once all are written.
	// The records of those whose keys do not hold then are returned; what fn wrote is then to be taken back.
	Together(s Statements, fn func() error) (broken []merge.Key, err error)
}

// Row is a row as a client left it.
type Row struct {
	Record merge.Key
	Fields merge.Document // canonical; nil: it is gone
	At     time.Time      // when it was written; zero: nobody knows
}

// Statements runs SQL in a transaction of the store. After any error but that of a constraint, nothing more is sent, and
// the transaction is taken back.
type Statements interface {
	// Run executes statements; several only where there are no arguments.
	Run(query string, args ...any) (sql.Result, error)
	// Rows calls each for every row of a query.
	Rows(each func(*sql.Rows) error, query string, args ...any) error
}

// ConstraintError says that an application's table does not take a row, or not as it was asked to. Nothing was changed.
type ConstraintError struct {
	Record merge.Key
	Words  string // the database's own, where it was the database that refused
	// ForeignKey: a row that is pointed to is not there, or one that points here still is. It may be there later.
	ForeignKey bool
	// Changed names the column that a trigger or the column's type made something else of; "" where that was not it.
	Changed string
	Err     error // the driver's; nil where the row was not even sent
}

func (e *ConstraintError) Error() string { return "the application's table refuses it: " + e.Words }

func (e *ConstraintError) Unwrap() error { return e.Err }

// RewrittenError says that a row did not hold what was written to it: a trigger or the type of a column changed it. Nothing
// was written then.
type RewrittenError struct {
	Record merge.Key
	Column string // the first that differs; "" where the row as a whole is gone, or is there still
}

func (e *RewrittenError) Error() string {
	if e.Column == "" {
		return fmt.Sprintf("the application's database did not leave the row of %s as it was written, so nothing was", e.Record)
	}
	return fmt.Sprintf("the application's database changed %q of %s while it was written, so nothing was; "+
		"the policy ignore leaves a column to the application", e.Column, e.Record)
}

// Adopting is a transaction in which tables are adopted.
type Adopting struct {
	t *tx
	// Fresh: dovetail's own tables were made in the same transaction.
	Fresh bool
}

// Replica reports whether the store follows a hub.
func (a Adopting) Replica() bool { return a.t.store.info.Replica() }

// Run executes statements, as [Statements] says.
func (a Adopting) Run(query string, args ...any) (sql.Result, error) {
	return a.t.foreign(a.t.caller).Run(query, args...)
}

// Rows calls each for every row of a query.
func (a Adopting) Rows(each func(*sql.Rows) error, query string, args ...any) error {
	return a.t.foreign(a.t.caller).Rows(each, query, args...)
}

// Keep takes a row in as it is found in its table: on a hub as a version with the cause [CauseAdopt], on a replica as a
// change. One that stands so already makes none.
func (a Adopting) Keep(r Row) error { return a.t.takeRow(r, CauseAdopt) }

// Restore takes a row in that does not hold what is known of its record, and has it hold that at the end of the
// transaction. One of which nothing is known is kept.
func (a Adopting) Restore(r Row) error {
	h, found, err := headOf(a.t, r.Record)
	if err != nil {
		return err
	}
	if !found {
		return a.Keep(r)
	}
	a.t.touch(h)
	a.t.holdRow(r.Record, r.Fields)
	return nil
}

// Standing calls each for all that is known of a collection, by id: as it stands, nil where it is gone.
func (a Adopting) Standing(collection string, each func(id string, fields merge.Document) error) error {
	const page = 500
	last := ""
	for {
		var ids []string
		if err := a.t.rows(func(rows *sql.Rows) error {
			var id string
			err := rows.Scan(&id)
			ids = append(ids, id)
			return err
		}, `SELECT name FROM dovetail_record WHERE collection = $1 AND name > $2 ORDER BY name LIMIT $3`, collection, last, page); err != nil {
			return wrap("list records", err)
		}
		for _, id := range ids {
			h, _, err := headOf(a.t, merge.Key{Collection: collection, ID: id})
			if err == nil {
				err = each(id, h.stands().text)
			}
			if err != nil {
				return err
			}
		}
		if len(ids) < page {
			return nil
		}
		last = ids[len(ids)-1]
	}
}

// Adopt runs fn in a transaction in which tables are adopted. What clients wrote before to others is taken in first.
func (s *Store) Adopt(ctx context.Context, fn func(Adopting) error) error {
	return wrap("adopt", s.write(ctx, func(t *tx) error {
		own, err := t.ownHome()
		if err == nil && own {
			err = fmt.Errorf("%w: %q", ErrOwnHome, s.info.Path)
		}
		if err != nil {
			return err
		}
		return fn(Adopting{t: t})
	}))
}

// ErrAdopted says that tables of an application are adopted in a database, and whoever opened it brought nothing to write
// their rows with.
var ErrAdopted = errors.New("it holds adopted tables, and nothing was given to write them with")

// ErrOwnHome says that there are no tables of an application in a file, because it is dovetail's own.
var ErrOwnHome = errors.New("the file is dovetail's own")

func (t *tx) ownHome() (bool, error) {
	var home string
	_, err := t.row([]any{&home}, `SELECT home FROM dovetail_meta`)
	return home == homeOwn, wrap("read home", err)
}

// inTransaction hands the transaction to an [Adoption].
type inTransaction struct {
	t   *tx
	ctx context.Context
}

func (s inTransaction) Run(query string, args ...any) (sql.Result, error) {
	return s.t.runForeign(s.ctx, query, args)
}

func (s inTransaction) Rows(each func(*sql.Rows) error, query string, args ...any) error {
	return s.t.rowsForeign(s.ctx, each, query, args)
}

// keptForeign is how many statements stay prepared before those on an application's tables no longer do: there is one
// for every set of columns that ever changed together.
const keptForeign = 300

// runForeign executes statements on an application's tables. That a constraint refuses one is an answer, and no failure of
// the transaction, unless the transaction went with it: the table or a trigger may say ROLLBACK.
func (t *tx) runForeign(ctx context.Context, query string, args []any) (sql.Result, error) {
	if t.err != nil {
		return nil, t.err
	}
	var result sql.Result
	var err error
	if _, known := t.store.prepared[query]; len(args) > 0 && (known || len(t.store.prepared) < keptForeign) {
		var statement *sql.Stmt
		if statement, err = t.statement(query); err == nil {
			result, err = statement.ExecContext(ctx, args...)
		}
	} else {
		result, err = t.store.conn.ExecContext(ctx, query, args...)
	}
	if err == nil || t.err != nil {
		return result, err
	}
	if t.err = err; isConstraint(err) {
		// There is no transaction within another one: where this is taken, the one that was is gone.
		if _, gone := t.store.conn.ExecContext(t.ctx, `BEGIN`); gone != nil {
			t.err = nil
		}
	}
	return nil, err
}

func isConstraint(err error) bool {
	var e *sqlite.Error
	return errors.As(err, &e) && e.Code()&0xff == sqlite3.SQLITE_CONSTRAINT
}

func (t *tx) rowsForeign(ctx context.Context, each func(*sql.Rows) error, query string, args []any) error {
	if t.err != nil {
		return t.err
	}
	var rows *sql.Rows
	var err error
	if _, known := t.store.prepared[query]; known || len(t.store.prepared) < keptForeign {
		var statement *sql.Stmt
		if statement, err = t.statement(query); err == nil {
			rows, err = statement.QueryContext(ctx, args...)
		}
	} else {
		rows, err = t.store.conn.QueryContext(ctx, query, args...)
	}
	if err == nil {
		err = eachRow(rows, each)
	}
	if err != nil && t.err == nil {
		t.err = err
	}
	return err
}

// Look runs fn on the application's tables as they are at one moment. Its statements only read.
func (s *Store) Look(ctx context.Context, fn func(Statements) error) error {
	return s.read(ctx, func(v *view) error { return fn(inView{v}) })
}

// inView hands a transaction that only reads to an [Adoption].
type inView struct{ v *view }

func (s inView) Run(query string, args ...any) (sql.Result, error) {
	return s.v.tx.ExecContext(s.v.ctx, query, args...) // which is refused, but for what writes nothing
}

func (s inView) Rows(each func(*sql.Rows) error, query string, args ...any) error {
	return s.v.rows(each, query, args...)
}

// onlyReads hands the connections that read to an [Adoption].
type onlyReads struct {
	ctx   context.Context
	store *Store
}

func (s onlyReads) Run(query string, args ...any) (sql.Result, error) {
	return s.store.readers.ExecContext(s.ctx, query, args...) // which they refuse, but for what writes nothing
}

func (s onlyReads) Rows(each func(*sql.Rows) error, query string, args ...any) error {
	rows, err := s.store.readers.QueryContext(s.ctx, query, args...)
	if err != nil {
		return err
	}
	return eachRow(rows, each)
}
