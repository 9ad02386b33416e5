package store

import (
	"context"
	"database/sql"
	"errors"
	"time"
)

// view is one transaction that only reads: all of its queries see the same moment.
type view struct {
	ctx   context.Context // of the whole transaction, as database/sql has it
	tx    *sql.Tx
	store *Store
	now   time.Time
}

// read runs fn on the database as it is at one moment, without waiting for whoever writes.
func (s *Store) read(ctx context.Context, fn func(*view) error) error {
	if err := s.takeInFirst(ctx); err != nil {
		return err
	}
	tx, err := s.readers.BeginTx(ctx, &sql.TxOptions{ReadOnly: true})
	if err != nil {
		return classify(err)
	}
	defer tx.Rollback()
	return classify(fn(&view{ctx: ctx, tx: tx, store: s, now: s.now().UTC()}))
}

func (v *view) row(into []any, query string, args ...any) (bool, error) {
	err := v.tx.QueryRowContext(v.ctx, query, args...).Scan(into...)
	if errors.Is(err, sql.ErrNoRows) {
		return false, nil
	}
	return err == nil, err
}

func (v *view) rows(each func(*sql.Rows) error, query string, args ...any) error {
	rows, err := v.tx.QueryContext(v.ctx, query, args...)
	if err != nil {
		return err
	}
	return eachRow(rows, each)
}
