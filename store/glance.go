package store

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"time"
)

// glance is a view for the queue. It takes rows as the driver has them: copying a page by database/sql takes longer than
// finding it.
type glance struct {
	ctx    context.Context
	always context.Context // ctx, but that it does not end
	conn   *reader
	store  *Store
	now    time.Time
}

// glance runs fn on the database as it is at one moment, as read does.
func (s *Store) glance(ctx context.Context, fn func(*glance) error) error {
	if err := s.takeInFirst(ctx); err != nil {
		return err
	}
	conn, err := s.readers.Conn(ctx)
	if err != nil {
		return classify(err)
	}
	defer conn.Close()
	return classify(conn.Raw(func(c any) error {
		g := &glance{ctx: ctx, always: context.WithoutCancel(ctx), conn: c.(*reader), store: s, now: s.now().UTC()}
		if err := g.control(`BEGIN`); err != nil {
			return errors.Join(err, driver.ErrBadConn) // it may have begun all the same
		}
		err := fn(g)
		if failed := g.control(`ROLLBACK`); failed != nil {
			return errors.Join(err, failed, driver.ErrBadConn)
		}
		return err
	}))
}

// control runs a statement that neither waits nor has rows, whatever becomes of the context.
func (g *glance) control(statement string) error {
	rows, err := g.conn.QueryContext(g.always, statement, nil)
	if err != nil {
		return err
	}
	return rows.Close()
}

// rows calls each for every row of a query. The row is good until each returns.
func (g *glance) rows(each func(*cells) error, q *query) error {
	args := make([]driver.NamedValue, len(q.args))
	for i, v := range q.args {
		args[i] = driver.NamedValue{Ordinal: i + 1, Value: v}
	}
	ctx := g.always
	if q.long {
		ctx = g.ctx
	}
	rows, err := g.conn.QueryContext(ctx, q.text.String(), args)
	if err != nil {
		return err
	}
	row := cells{values: make([]driver.Value, len(rows.Columns()))}
	for err == nil {
		if err = g.ctx.Err(); err != nil {
			break
		}
		if err = rows.Next(row.values); err == nil {
			err = each(&row)
		}
		if err == nil && row.wrong != nil {
			err = fmt.Errorf("%w: the queue holds a %T in the wrong place", ErrCorrupt, row.wrong)
		}
	}
	if err == io.EOF {
		err = nil
	}
	return errors.Join(err, rows.Close())
}

// cells are the columns of one row. NULL is the zero value of whatever is asked for.
type cells struct {
	values []driver.Value
	wrong  driver.Value // one that is not what was asked for
}

func cell[T any](c *cells, i int) T {
	v, ok := c.values[i].(T)
	if !ok && c.values[i] != nil {
		c.wrong = c.values[i]
	}
	return v
}

func (c *cells) integer(i int) int64 { return cell[int64](c, i) }

func (c *cells) text(i int) string { return cell[string](c, i) }

// moment is a column that micros bound.
func (c *cells) moment(i int) time.Time {
	if c.values[i] == nil {
		return time.Time{}
	}
	return time.UnixMicro(c.integer(i)).UTC()
}
