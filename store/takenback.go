package store

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"dovetail/merge"
)

// TakenBackError says that an application's table did not only refuse a row: all that was written with it is gone, by a
// trigger that says RAISE(ROLLBACK), because what triggers do took longer than is waited for, or because they use what they
// may not, or what only the application has.
type TakenBackError struct {
	Refused *ConstraintError
	change  string // the key of the change that the row was written for; "": of none
}

func (e *TakenBackError) Error() string {
	return fmt.Sprintf("the application's row of %s cannot be written, and takes back all that is written with it: %s; "+
		"look at the triggers on its table", e.Refused.Record, e.Refused.Words)
}

func (e *TakenBackError) Unwrap() error { return e.Refused }

// rowWait is how long a row may take to be written, with all that triggers do then.
const rowWait = time.Minute

// rowGone tells what became of a row whose transaction is gone, or cannot be gone on with. within is the context that
// it was written in.
func (t *tx) rowGone(h *head, within context.Context, err error) error {
	var refused *ConstraintError
	switch {
	case t.caller.Err() != nil:
		return t.caller.Err()
	case errors.As(err, &refused):
	case isConstraint(t.err), isSQL(t.err):
		refused = &ConstraintError{Words: sqliteWords(t.err), Err: t.err}
	case within.Err() != nil:
		refused = &ConstraintError{Record: h.key, Words: fmt.Sprintf("it was not done after %s", t.store.rowWait), Err: err}
	default:
		return err
	}
	refused.Record = h.key
	return &TakenBackError{Refused: refused}
}

// isSQL reports whether SQLite does not understand a statement, or what it sets off, or will not have it done.
func isSQL(err error) bool {
	var e *sqlite.Error
	return errors.As(err, &e) && (e.Code()&0xff == sqlite3.SQLITE_ERROR || e.Code()&0xff == sqlite3.SQLITE_AUTH)
}

// sqliteWords are those of SQLite, without what stands before and behind them in the driver's.
func sqliteWords(err error) string {
	text := strings.TrimPrefix(strings.TrimPrefix(err.Error(), "constraint failed: "), "SQL logic error: ")
	if at := strings.LastIndex(text, " ("); at > 0 {
		text = text[:at]
	}
	return text
}

// writeAround is write for changes that may wait one by one: where the row of one takes the transaction back, fn is run once
// more in a new transaction, and that change then waits for a person without being tried.
func (s *Store) writeAround(ctx context.Context, fn func(*tx) error) error {
	around := map[string]*TakenBackError{}
	for {
		err := s.writeKnowing(ctx, around, fn)
		var back *TakenBackError
		if !errors.As(err, &back) || back.change == "" || around[back.change] != nil {
			return err
		}
		around[back.change] = back
	}
}

// afresh is the change as it came in: what is found out of it while it is taken in may be taken back.
func (c *change) afresh() *change {
	again := *c
	again.steps = slices.Clone(c.steps)
	return &again
}

// foreign are the statements on an application's tables, in a context that they can be cut short by. The transaction is
// taken back then.
func (t *tx) foreign(ctx context.Context) inTransaction { return inTransaction{t, ctx} }

var _ Statements = inTransaction{}

// putWithin has the adoption make a row what a record is, in the time that there is for it.
func (t *tx) putWithin(h *head, before, want merge.Document, own []string) (merge.Document, error) {
	ctx, cancel := context.WithTimeout(t.caller, t.store.rowWait)
	defer cancel()
	got, err := t.store.adoption.Put(t.foreign(ctx), h.key, before, want, own)
	if err != nil && t.err != nil {
		err = t.rowGone(h, ctx, err) // which names the row
	}
	return got, err
}
