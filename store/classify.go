package store

import (
	"errors"
	"fmt"
	"io/fs"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

// classify turns the driver's codes into our errors.
func classify(err error) error {
	var e *sqlite.Error
	if err == nil || !errors.As(err, &e) {
		return err
	}
	for _, ours := range []error{ErrBusy, ErrFull, ErrReadOnly, ErrCorrupt, ErrNotDatabase} {
		if errors.Is(err, ours) {
			return err
		}
	}
	if e.Code() == sqlite3.SQLITE_READONLY_DBMOVED {
		return fmt.Errorf("%w: it was moved or replaced while it was open: %w", ErrCorrupt, err)
	}
	switch e.Code() & 0xff {
	case sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED:
		return fmt.Errorf("%w: %w", ErrBusy, err)
	case sqlite3.SQLITE_FULL:
		return fmt.Errorf("%w: %w", ErrFull, err)
	case sqlite3.SQLITE_READONLY, sqlite3.SQLITE_PERM:
		return fmt.Errorf("%w: %w", ErrReadOnly, err)
	case sqlite3.SQLITE_CORRUPT:
		return fmt.Errorf("%w: %w", ErrCorrupt, err)
	case sqlite3.SQLITE_NOTADB:
		return fmt.Errorf("%w: %w", ErrNotDatabase, err)
	}
	return err
}

// pathError says what is wrong with a file in one of our words, as far as there is one.
func pathError(path string, err error) error {
	var already *PathError
	if err == nil || errors.As(err, &already) {
		return err
	}
	err = classify(err)
	for _, known := range []error{fs.ErrNotExist, fs.ErrExist, fs.ErrPermission, fs.ErrInvalid, ErrNotDatabase, ErrReadOnly, ErrBusy} {
		if errors.Is(err, known) {
			return &PathError{Path: path, Err: known}
		}
	}
	return &PathError{Path: path, Err: err}
}
