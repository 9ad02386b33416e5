package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"strconv"

	"modernc.org/sqlite"
)

// probe finds out whether a file is a database of ours, without locking, creating or changing anything, and whether
// it is dovetail's own or an application's.
//
// Where a process ended in the middle of bringing its log into the file, the file alone makes no sense; in an application's
// database our tables may stand in its log alone, and so may that they were removed: then it is looked at with its log, as
// any reader does.
func probe(ctx context.Context, path string) (own bool, err error) {
	if err := lookAt(path); err != nil {
		return false, err
	}
	// Immutable: SQLite reads the file as it is and leaves the log and its index alone. In a file of our own our tables
	// stand in the file itself from the moment that it was made; newer steps are looked for again once the file is open.
	own, err = identity(ctx, path, url.Values{"mode": {"ro"}, "immutable": {"1"}})
	if err == nil && own || errors.Is(err, ErrNotDatabase) || !journaled(path) {
		return own, err
	}
	own, err = identity(ctx, path, url.Values{"mode": {"ro"}, "_busy_timeout": {strconv.Itoa(busyMilliseconds)}})
	if errors.Is(err, ErrReadOnly) {
		// Somebody ended in the middle of a transaction. Whoever looks next takes it back, if he can write.
		own, err = identity(ctx, path, url.Values{"mode": {"rw"}, "_busy_timeout": {strconv.Itoa(busyMilliseconds)}})
	}
	return own, err
}

// journaled reports whether a file may be unlike what its log or its journal say.
func journaled(path string) bool {
	for _, end := range []string{"-wal", "-journal"} {
		if info, err := os.Stat(path + end); err == nil && info.Size() > 0 {
			return true
		}
	}
	return false
}

// foreign reports whether a file was seen to be somebody else's. Whatever else is wrong with one may come of pages that are
// half written: those may read as damage, as values that no column holds, or as no rows.
func foreign(err error) bool {
	var p *PathError
	return errors.Is(err, ErrNotDatabase) || errors.As(err, &p) && errors.Is(p.Err, ErrForeign) && p.More == ""
}

// identity reads from a file what it is.
func identity(ctx context.Context, path string, how url.Values) (own bool, err error) {
	for name, value := range map[string]string{"_query_only": "1", "_defensive": "1", "_dqs": "0", "_error_rc": "1",
		"_pragma": "trusted_schema(0)"} {
		how.Set(name, value)
	}
	base, err := sqlite.NewConnector(fileURI(path, how))
	if err != nil {
		return false, pathError(path, err)
	}
	db := sql.OpenDB(base)
	defer db.Close()
	known, err := readMigrations(migrations)
	if err != nil {
		return false, err
	}
	var there, schema int
	var home string
	err = db.QueryRowContext(ctx, `
		SELECT count(*)
		FROM sqlite_master
		WHERE type = 'table' AND name = 'dovetail_meta' AND rootpage > 0`).Scan(&there)
	if err == nil && there == 0 {
		return false, &PathError{Path: path, Err: ErrForeign}
	}
	if err == nil {
		err = db.QueryRowContext(ctx, `SELECT schema, home FROM dovetail_meta`).Scan(&schema, &home)
	}
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return false, &PathError{Path: path, Err: ErrForeign, More: "its dovetail_meta is empty"}
	case err != nil:
		return false, pathError(path, err)
	case schema > len(known):
		more := fmt.Sprintf("its schema is %d, this one knows %d", schema, len(known))
		return false, &PathError{Path: path, Err: ErrNewer, More: more}
	}
	return home == homeOwn, nil
}

// lookAt checks what can be told of a file without opening it.
func lookAt(path string) error {
	info, err := os.Stat(path)
	switch {
	case err != nil:
		return pathError(path, err)
	case !info.Mode().IsRegular():
		return &PathError{Path: path, Err: ErrNotDatabase, More: "it is no regular file"}
	case info.Size() == 0:
		return &PathError{Path: path, Err: ErrNotDatabase, More: "the file is empty"}
	case info.Mode().Perm()&0o222 == 0 || !mayWrite(path):
		return &PathError{Path: path, Err: ErrReadOnly}
	}
	return nil
}
