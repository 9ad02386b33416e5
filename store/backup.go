package store

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
)

// Copy is a backup that was made and looked at.
type Copy struct {
	Path       string `json:"backup"`
	Generation string `json:"generation"` // as that of the database
	Bytes      int64  `json:"bytes"`
	Records    int64  `json:"records"`
	Versions   int64  `json:"versions"`
	Changes    int64  `json:"changes"`
}

// UnsoundError says that a copy was made and thrown away, because it does not pass the checks. It unwraps to
// [ErrCorrupt].
type UnsoundError struct{ Findings []Finding } // those that failed

func (e *UnsoundError) Error() string {
	first := e.Findings[0]
	return fmt.Sprintf("the copy is not sound and was thrown away: %s: %s", first.Check, first.Found[0])
}

func (e *UnsoundError) Unwrap() error { return ErrCorrupt }

// Backup writes all that the database holds at one moment to a new file that only its owner can read, looks at it as
// [Store.Check] does, and gives it its name only then. It is the same hub, with the same generation, and can be opened
// in place of this one. Nobody who writes has to wait. progress, which may be nil, is told how far the look is.
//
// What stands at path already is [fs.ErrExist] and stays as it is; a directory that is not there is [fs.ErrNotExist], a
// full disk [ErrFull], a copy that is not sound an *[UnsoundError]. Nothing is left behind then.
func (s *Store) Backup(ctx context.Context, path string, progress func(done, total int64)) (Copy, error) {
	to, err := absolute(path)
	if err != nil {
		return Copy{}, err
	}
	made, err := s.backup(ctx, to, progress)
	if ctx.Err() != nil && err != nil {
		err = ctx.Err()
	}
	return made, wrap(fmt.Sprintf("back up to \"%s\"", path), err)
}

func (s *Store) backup(ctx context.Context, path string, progress func(done, total int64)) (made Copy, err error) {
	err = s.draft(path, func(draft string) error {
		rows, err := s.copyTo(ctx, draft)
		if err != nil {
			return err
		}
		c := &checkup{store: s, ctx: ctx, progress: progress, also: rows.compare}
		found, err := c.holdings(draft)
		if err != nil {
			return err
		}
		if c.failed != nil {
			return c.failed
		}
		if failed := failures(found); len(failed) > 0 {
			return &UnsoundError{Findings: failed}
		}
		info, err := os.Stat(draft)
		if err != nil {
			return err
		}
		made = Copy{Path: path, Generation: s.info.Generation, Bytes: info.Size(), Records: rows.copied["dovetail_record"],
			Versions: rows.copied["dovetail_version"], Changes: rows.copied["dovetail_change"]}
		return nil
	})
	if err != nil {
		return Copy{}, err
	}
	return made, nil
}

// draft has fill write to an empty file of another name, and gives it its own only once that is done. What stands at path
// already is refused, and nothing is left behind after an error.
func (s *Store) draft(path string, fill func(draft string) error) (err error) {
	if err := s.freeToMake(path); err != nil {
		return err
	}
	f, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".*")
	if err != nil {
		return err
	}
	draft := f.Name()
	defer func() {
		for _, end := range append([]string{""}, journals...) {
			if e := os.Remove(draft + end); e != nil && !errors.Is(e, fs.ErrNotExist) {
				err = errors.Join(err, e)
			}
		}
	}()
	if err := f.Close(); err != nil {
		return err
	}
	if err := fill(draft); err != nil {
		return err
	}
	return settleFile(draft, path)
}

func failures(found []Finding) []Finding {
	return slices.DeleteFunc(slices.Clone(found), func(f Finding) bool { return f.OK })
}

// freeToMake refuses a path at which something stands, or beside which a log would be taken for the new file's.
func (s *Store) freeToMake(path string) error {
	there, err := os.Lstat(path)
	switch {
	case err == nil && os.SameFile(there, s.file):
		return fmt.Errorf("it is the database itself: %w", fs.ErrExist)
	case err == nil:
		return fmt.Errorf("nothing was written over it: %w", fs.ErrExist)
	case !errors.Is(err, fs.ErrNotExist):
		return err
	}
	dir, err := os.Stat(filepath.Dir(path))
	switch {
	case errors.Is(err, fs.ErrNotExist) || err == nil && !dir.IsDir():
		return fmt.Errorf("there is no directory \"%s\": %w", filepath.Dir(path), fs.ErrNotExist)
	case err != nil:
		return err
	}
	return noJournal(path)
}

// copyTo copies the database into an empty file, and counts its rows before and after.
func (s *Store) copyTo(ctx context.Context, draft string) (*copiedRows, error) {
	now, err := os.Stat(s.info.Path)
	if err != nil || !os.SameFile(now, s.file) {
		return nil, fmt.Errorf("%w: \"%s\" was moved or replaced while it was open", ErrCorrupt, s.info.Path)
	}
	var mode string
	if err := s.read(ctx, func(v *view) error {
		_, err := v.row([]any{&mode}, `PRAGMA journal_mode`)
		return err
	}); err != nil {
		return nil, err
	}
	rows := &copiedRows{}
	count := func(into *map[string]int64) error {
		return s.read(ctx, func(v *view) error {
			var err error
			*into, err = growing(v)
			return err
		})
	}
	if err := count(&rows.before); err != nil {
		return nil, err
	}
	if s.own {
		// A connection of its own: one that is told not to write may not write to another file either.
		err = once(ctx, s.info.Path, safe, `VACUUM INTO $1`, draft)
	} else {
		err = copyPages(ctx, s.info.Path, draft)
	}
	if err != nil {
		return nil, err
	}
	if mode == "wal" {
		// What SQLite copies has no log, and each database that is made here has one, as an application's may.
		if err := once(ctx, draft, append(append([]setting{}, safe...), logged...), `SELECT 1`); err != nil {
			return nil, err
		}
	}
	return rows, count(&rows.after)
}

// once runs a statement on a connection that is opened for it.
func once(ctx context.Context, path string, settings []setting, query string, args ...any) error {
	db, err := pool(path, "rw", 1, settings)
	if err != nil {
		return err
	}
	_, err = db.ExecContext(ctx, query, args...)
	return classify(errors.Join(err, db.Close()))
}

// copiedRows are the numbers of rows in the tables that never lose one, before a copy was made, in it, and after it
// was made.
type copiedRows struct{ before, copied, after map[string]int64 }

// compare counts in the copy.
func (r *copiedRows) compare(v *view) error {
	var err error
	if r.copied, err = growing(v); err != nil {
		return err
	}
	for _, table := range slices.Sorted(maps.Keys(r.before)) {
		if n := r.copied[table]; n < r.before[table] || n > r.after[table] {
			return fmt.Errorf("%w: %s has %s in the copy, and had %d before it was made and %d after",
				ErrCorrupt, table, several(n, "row"), r.before[table], r.after[table])
		}
	}
	return nil
}

// growing counts the rows of the tables that never lose one.
func growing(from source) (map[string]int64, error) {
	rows := map[string]int64{}
	for _, table := range []string{"dovetail_document", "dovetail_record", "dovetail_version", "dovetail_change", "dovetail_conflict",
		"dovetail_resolution", "dovetail_side"} {
		var n int64
		if _, err := from.row([]any{&n}, `SELECT count(*) FROM `+table); err != nil {
			return nil, wrap("count rows", err)
		}
		rows[table] = n
	}
	return rows, nil
}

// settleFile makes sure that a file is on the disk, and then gives it its name, unless that was taken meanwhile.
func settleFile(draft, path string) error {
	if err := noJournal(draft); err != nil {
		return err
	}
	f, err := os.OpenFile(draft, os.O_RDWR, 0) // nobody else has it open: no lock is dropped by closing it
	if err != nil {
		return err
	}
	if err := errors.Join(f.Sync(), f.Close()); err != nil {
		return err
	}
	if err := rename(draft, path); err != nil {
		return err
	}
	return syncDirectory(filepath.Dir(path))
}

// rename is os.Rename that replaces nothing.
func rename(from, to string) error {
	taken := fmt.Errorf("nothing was written over it: %w", fs.ErrExist)
	switch err := os.Link(from, to); {
	case err == nil:
		return os.Remove(from)
	case errors.Is(err, fs.ErrExist):
		return taken
	}
	// Not every file system gives a file two names.
	switch _, err := os.Lstat(to); {
	case err == nil:
		return taken
	case !errors.Is(err, fs.ErrNotExist):
		return err
	}
	return os.Rename(from, to)
}
