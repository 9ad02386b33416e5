package adopt

import (
	"database/sql"

	"dovetail/merge"
)

// Statements runs SQL in the transaction of the caller.
type Statements interface {
	Run(query string, args ...any) (sql.Result, error)
	Rows(each func(*sql.Rows) error, query string, args ...any) error
}

// Row is a row as a client left it; Fields nil: it is gone.
type Row struct {
	Record merge.Key
	Fields merge.Document
}

// ConstraintError says that the database does not take a row, or not as it was asked to. Nothing was changed.
type ConstraintError struct {
	Record merge.Key
	Words  string // the database's own, where it was the database that refused
	// ForeignKey: a row that is pointed to is not there, or one that points here still is. It may be there later.
	ForeignKey bool
	// Changed names the column that a trigger or the column's type made something else of; "" where that was not it.
	Changed string
	Err     error // the driver's; nil where the row was not even sent
}

func (e *ConstraintError) Error() string { return e.Record.String() + ": " + e.Words }

func (e *ConstraintError) Unwrap() error { return e.Err }

// one scans the first row of a query; false where there is none.
func one(s Statements, into []any, query string, args ...any) (bool, error) {
	found := false
	err := s.Rows(func(rows *sql.Rows) error {
		if found {
			return nil
		}
		found = true
		return rows.Scan(into...)
	}, query, args...)
	return found, err
}
