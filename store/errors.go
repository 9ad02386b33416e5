package store

import (
	"errors"
	"fmt"
	"io/fs"

	"dovetail/merge"
)

// What can be wrong with a file that is to be opened. Nothing was created or changed when one of these is returned. A
// file that is not there is [fs.ErrNotExist], one that [Create] finds in its place is [fs.ErrExist].
var (
	ErrNotDatabase = errors.New("not a database")              // some other file, or an empty one
	ErrForeign     = errors.New("not a dovetail database")     // SQLite, but none of ours
	ErrNewer       = errors.New("made by a newer dovetail")    // its schema number is larger than ours
	ErrReadOnly    = errors.New("the file is read-only")       // or stands in a directory that is
	ErrSettings    = errors.New("a connection setting failed") // SQLite did not take what was asked
	// ErrStranger is for a view, a virtual table or a trigger that stands among dovetail's tables and is none of it.
	ErrStranger = errors.New("somebody put something of their own among dovetail's tables")
	// ErrLeftover is for what [Create] finds beside its file. It may hold what was written last to a database whose file
	// was moved away.
	ErrLeftover = errors.New("a log or journal is left of another database of that name")
)

var (
	// ErrUnknown says that a commit failed and that it could not be found out whether it was done. Asking again is safe.
	ErrUnknown = errors.New("unknown whether it was written")
	// ErrBusy says that another process held the database for too long.
	ErrBusy = errors.New("the database is busy")
	// ErrFull says that the disk, or the room a database may take, is full.
	ErrFull = errors.New("no room left to write")
	// ErrCorrupt says that what is stored is not what was written.
	ErrCorrupt = errors.New("the database is damaged")
	// ErrBarred says that a change settles a conflict, and whoever sent it may not.
	ErrBarred = errors.New("the token does not allow to decide conflicts")
	// ErrChanged says that an input was not the same when it was read the second time.
	ErrChanged = errors.New("the input changed while it was read")
)

// PathError says what is wrong with a database file.
type PathError struct {
	Path string
	Err  error // one of this package's, or of [fs]
	More string
}

func (e *PathError) Error() string {
	what := e.Err.Error()
	switch {
	case errors.Is(e.Err, fs.ErrNotExist):
		what = "there is no such file"
	case errors.Is(e.Err, fs.ErrExist):
		what = "there is a file already"
	}
	if e.More != "" {
		what += ": " + e.More
	}
	return fmt.Sprintf("open \"%s\": %s", e.Path, what)
}

func (e *PathError) Unwrap() error { return e.Err }

// LineError says that a line is not a record or a change, and why. Nothing of it was kept.
type LineError struct {
	Line   int    // from 1; 0 where there is only one
	Path   string // JSON Pointer into the line; "" for the line as a whole
	Reason string
}

func (e *LineError) Error() string {
	text := e.Reason
	if e.Path != "" {
		text = e.Path + ": " + text
	}
	if e.Line > 0 {
		text = fmt.Sprintf("line %d: %s", e.Line, text)
	}
	return text
}

// MovedOnError refuses an undo. It unwraps to [merge.ErrStale].
type MovedOnError struct {
	Record  merge.Key
	Version int64 // the one that the resolution made; 0 where there is no such resolution to take back
	Head    int64
	Reason  string
}

func (e *MovedOnError) Error() string { return e.Reason }

func (e *MovedOnError) Unwrap() error { return merge.ErrStale }
