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
	// On a replica. BaseVersion is the version that Fields stand on; where Pending, Fields are the replica's own and the
	// hub's are still at Version, as far as known here.
	BaseVersion int64 `json:"base_version,omitzero"`
	Pending     bool  `json:"pending,omitempty"`
	Revision    int64 `json:"-"` // counts the edits made on the replica; an [Edit] names it
}

// Edit is one write to a record by a person or a program: on a hub a version, on a replica a pending change.
type Edit struct {
	Record  merge.Key
	Version int64          // that the edit was made on; 0 creates the record
	Fields  merge.Document // canonical; nil deletes
	// On a replica: the revision that the edit was made on, and the steps that it came with.
	Revision int64
	Steps    []merge.Operation
	By       string
	Device   string
	At       time.Time // when it was made; zero: now
}
