package store

import (
	"context"
	"database/sql/driver"
	"errors"
)

// keptStatements is how many statements a connection that reads keeps prepared. There are fewer queries than that, but
// for those that a filter of the queue makes.
const keptStatements = 100

// reader is a connection that prepares a query once, however often it is asked: reading and planning one takes longer
// than most answers do.
type reader struct {
	driver.Conn
	kept map[string]*kept
}

// kept is a prepared query.
type kept struct {
	driver.Stmt
	busy bool // its rows are still being read
}

// QueryContext asks a query that is kept, prepared before or now.
func (r *reader) QueryContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Rows, error) {
	k, ok := r.kept[query]
	if ok && k.busy {
		return r.Conn.(driver.QueryerContext).QueryContext(ctx, query, args)
	}
	if !ok {
		if len(r.kept) >= keptStatements {
			if err := r.forget(); err != nil {
				return nil, err
			}
		}
		statement, err := r.Conn.(driver.ConnPrepareContext).PrepareContext(ctx, query)
		if err != nil {
			return nil, err
		}
		k = &kept{Stmt: statement}
		r.kept[query] = k
	}
	rows, err := k.Stmt.(driver.StmtQueryContext).QueryContext(ctx, args)
	if err != nil {
		return nil, err
	}
	k.busy = true
	return &keptRows{Rows: rows, of: k}, nil
}

// forget closes the statements that are not in use.
func (r *reader) forget() error {
	var err error
	for query, k := range r.kept {
		if !k.busy {
			err = errors.Join(err, k.Close())
			delete(r.kept, query)
		}
	}
	return err
}

// keptRows are the rows of a query that is kept.
type keptRows struct {
	driver.Rows
	of *kept
}

// Close makes the query free to be asked again.
func (r *keptRows) Close() error {
	err := r.Rows.Close()
	r.of.busy = false
	return err
}

// BeginTx begins a transaction, as the connection does.
func (r *reader) BeginTx(ctx context.Context, opts driver.TxOptions) (driver.Tx, error) {
	return r.Conn.(driver.ConnBeginTx).BeginTx(ctx, opts)
}

// ResetSession says whether the connection can be used once more.
func (r *reader) ResetSession(ctx context.Context) error {
	return r.Conn.(driver.SessionResetter).ResetSession(ctx)
}

// IsValid says whether the connection can be kept.
func (r *reader) IsValid() bool { return r.Conn.(driver.Validator).IsValid() }

// Close closes the connection with its statements.
func (r *reader) Close() error { return errors.Join(r.forget(), r.Conn.Close()) }
