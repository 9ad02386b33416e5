package store

import (
	"time"

	"dovetail/merge"
)

// Record is one record as it is now.
type Record struct {
	Record  merge.Key      `json:"record"`
	Version int64          `json:"version"`
	Deleted bool           `json:"deleted"`
	Fields  merge.Document `json:"fields"` // nil where Deleted
}

// Edit is one write to a record of a hub by a person or a program.
type Edit struct {
	Record  merge.Key
	Version int64          // that the edit was made on; 0 creates the record
	Fields  merge.Document // canonical; nil deletes
	By      string
	Device  string
	At      time.Time // when it was made; zero: now
}
