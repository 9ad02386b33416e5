package faultfs

import (
	"fmt"
	"strings"

	lib "modernc.org/sqlite/lib"
)

// Kinds is a set of kinds of operations on files.
type Kinds uint8

const (
	Open Kinds = 1 << iota
	Read
	Write
	Sync
	Truncate
	Delete

	// Changes are those after which a power cut may leave something else than before. Open is one because it creates.
	Changes = Open | Write | Sync | Truncate | Delete
)

// kinds are all of them with their names, and the code of one that fails.
var kinds = []struct {
	kind Kinds
	name string
	code int32
}{
	{Open, "open", lib.SQLITE_CANTOPEN},
	{Read, "read", lib.SQLITE_IOERR_READ},
	{Write, "write", lib.SQLITE_IOERR_WRITE},
	{Sync, "sync", lib.SQLITE_IOERR_FSYNC},
	{Truncate, "truncate", lib.SQLITE_IOERR_TRUNCATE},
	{Delete, "delete", lib.SQLITE_IOERR_DELETE},
}

// String returns the names of the kinds, joined by "+".
func (k Kinds) String() string {
	var names []string
	for _, one := range kinds {
		if k&one.kind != 0 {
			names = append(names, one.name)
		}
	}
	return strings.Join(names, "+")
}

// code is what SQLite is told of a failed operation of one kind.
func (k Kinds) code() int32 {
	for _, one := range kinds {
		if k == one.kind {
			return one.code
		}
	}
	return lib.SQLITE_IOERR
}

// Effect is how an operation fails.
type Effect uint8

const (
	None  Effect = iota // it does not
	Error               // an I/O error; nothing is done
	Full                // of a write: no room left, nothing is done; of anything else as Error
	Short               // of a write: the first half is written, then an I/O error; of anything else as Error
	Loss                // the power goes while it is under way: it may be done or not, and nothing works after it
	Kill                // the process ends before it: nothing is done, and nothing works until [Disk.Restart]
)

var effectNames = [...]string{"none", "error", "full", "short", "loss", "kill"}

// String returns one word.
func (e Effect) String() string { return effectNames[e] }

// Fault says which operations fail, and how.
type Fault struct {
	On     Kinds // the kinds that are counted
	At     int   // the operation that fails, from 1, counted from when the fault was armed; 0: none does
	Effect Effect
	// Lasting makes all those after it fail too, until [Disk.Lift].
	Lasting bool
}

// String tells of the fault in a few words.
func (f Fault) String() string {
	often := "once"
	if f.Lasting {
		often = "for good"
	}
	return fmt.Sprintf("%s on %s %d, %s", f.Effect, f.On, f.At, often)
}
