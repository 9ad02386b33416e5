package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"modernc.org/sqlite"
)

// copyPages copies an application's database into an empty file, page by page, as it is at one moment. SQL could not:
// it would need the functions and collations by which the application's tables and indexes are made, and give new numbers to
// rows that have no key but those.
func copyPages(ctx context.Context, path, draft string) (err error) {
	db, err := pool(path, "rw", 1, safe)
	if err != nil {
		return err
	}
	defer func() { err = classify(errors.Join(err, db.Close())) }()
	conn, err := db.Conn(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, conn.Close()) }()
	// While this transaction reads, the copy need not begin anew for whoever writes.
	tx, err := conn.BeginTx(ctx, &sql.TxOptions{ReadOnly: true})
	if err != nil {
		return err
	}
	defer tx.Rollback()
	var one int
	if err := tx.QueryRowContext(ctx, `SELECT count(*) FROM sqlite_master`).Scan(&one); err != nil {
		return err
	}
	return conn.Raw(func(c any) error {
		from, ok := c.(interface {
			NewBackup(uri string) (*sqlite.Backup, error)
		})
		if !ok {
			return fmt.Errorf("%w: the driver copies no pages", ErrSettings)
		}
		b, err := from.NewBackup(fileURI(draft, parameters("rw", safe)))
		if err != nil {
			return err
		}
		return errors.Join(stepAll(ctx, b), b.Finish())
	})
}

// copiedAtOnce is how many pages are copied before ctx is asked again.
const copiedAtOnce = 1000

func stepAll(ctx context.Context, b *sqlite.Backup) error {
	for more := true; more; {
		if err := ctx.Err(); err != nil {
			return err
		}
		var err error
		if more, err = b.Step(copiedAtOnce); err != nil {
			return err
		}
	}
	return nil
}
