package store

import (
	"time"

	"dovetail/merge"
)

// Outcome says what became of a change.
type Outcome string

const (
	Applied    Outcome = "applied"    // the record was as the change found it, and is now as the change wants it
	Converged  Outcome = "converged"  // the record was already so: nothing was written
	Merged     Outcome = "merged"     // joined to a record that had moved
	Superseded Outcome = "superseded" // the record's later edit won; the change is kept as a side
	Conflicted Outcome = "conflict"   // waits for a person
	Parked     Outcome = "parked"     // kept whole, because it cannot be used here
	Refused    Outcome = "refused"    // not kept: the sender keeps it, with the reason
)

// Answer says what became of one change line, or of a record line that was refused.
type Answer struct {
	Key      string    `json:"key,omitempty"`
	Record   merge.Key `json:"record,omitzero"`
	Outcome  Outcome   `json:"outcome"`
	Version  int64     `json:"version,omitzero"`  // the record's, once the change had its effect
	Conflict int64     `json:"conflict,omitzero"` // where it waits
	Fields   []string  `json:"fields,omitempty"`  // in conflict, or of values that were not kept; sorted
	Error    string    `json:"error,omitempty"`
	// Device is a new id for a device whose sequence numbers were already used by another copy of it. Later changes
	// are to carry it.
	Device string `json:"device,omitempty"`
}

// Tally counts what became of many lines.
type Tally struct {
	Records    int64 `json:"records"` // record lines taken in
	Applied    int64 `json:"applied"`
	Converged  int64 `json:"converged"`
	Merged     int64 `json:"merged"`
	Superseded int64 `json:"superseded"`
	Conflicts  int64 `json:"conflicts"`
	Parked     int64 `json:"parked"`
	Refused    int64 `json:"refused"`
	Bad        int64 `json:"bad"` // lines that could not be read, where they are skipped
}

// Changes returns how many changes the tally counts.
func (t Tally) Changes() int64 {
	return t.Applied + t.Converged + t.Merged + t.Superseded + t.Conflicts + t.Parked + t.Refused
}

func (t Tally) plus(o Tally) Tally {
	return Tally{
		Records:    t.Records + o.Records,
		Applied:    t.Applied + o.Applied,
		Converged:  t.Converged + o.Converged,
		Merged:     t.Merged + o.Merged,
		Superseded: t.Superseded + o.Superseded,
		Conflicts:  t.Conflicts + o.Conflicts,
		Parked:     t.Parked + o.Parked,
		Refused:    t.Refused + o.Refused,
		Bad:        t.Bad + o.Bad,
	}
}

func (t *Tally) add(o Outcome) {
	switch o {
	case Applied:
		t.Applied++
	case Converged:
		t.Converged++
	case Merged:
		t.Merged++
	case Superseded:
		t.Superseded++
	case Conflicted:
		t.Conflicts++
	case Parked:
		t.Parked++
	case Refused:
		t.Refused++
	}
}

// Version is one version of a record.
type Version struct {
	Record     merge.Key      `json:"record"`
	Version    int64          `json:"version"`
	Cause      Cause          `json:"cause"`
	By         string         `json:"by,omitempty"`
	Device     string         `json:"device,omitempty"`
	At         time.Time      `json:"at"`                 // accepted here
	EditedAt   time.Time      `json:"edited_at,omitzero"` // made there, as far as known
	Fields     merge.Document `json:"fields"`             // null is a deletion
	Changed    []string       `json:"changed"`            // since the version before, sorted
	NotKept    []NotKept      `json:"not_kept,omitempty"`
	Outside    int64          `json:"outside_version,omitzero"` // its number in the system it was brought from
	Resolution int64          `json:"resolution,omitzero"`      // that made it
	Note       string         `json:"note,omitempty"`           // that a person wrote with the resolution
	Hash       string         `json:"hash"`                     // of the version and all before it
}

// Cause says what made a version.
type Cause string

const (
	CauseWrite      Cause = "write"      // an edit on this hub, or a change on the version it was made on
	CauseMerge      Cause = "merge"      // a change joined to a record that had moved
	CauseResolution Cause = "resolution" // a person's decisions
	CauseUndo       Cause = "undo"       // a resolution taken back
	CauseAdopt      Cause = "adopt"      // found in an application's table
	CauseImport     Cause = "import"     // brought from outside
)

// NotKept is a side that lost when a version was made. It is kept whole.
type NotKept struct {
	Side   string            `json:"side"` // local or server
	By     string            `json:"by,omitempty"`
	Device string            `json:"device,omitempty"`
	Fields merge.Document    `json:"fields"`           // the whole of that side; null is a deletion
	Values []merge.LostValue `json:"values,omitempty"` // those that are not in the version
}

// Resolution is what a conflict, or a change that merged by itself, came to.
//
// ServerVersion is the guard of a line: the system that the record was brought from may write the result only while the
// record is at this number there, and then gives it Version. Where the line was made on what that system was known to
// hold it is that system's own number. Where it was made on another line's result it is that line's Version, and
// Follows names the line: the system may have come to the same number by itself, so the guard means something only once
// that line was taken. For a record that was never brought from outside it is our version that it was made on.
type Resolution struct {
	Type          string                  `json:"type"` // "resolution"
	Resolution    int64                   `json:"resolution"`
	Conflict      int64                   `json:"conflict,omitzero"` // 0: it merged by itself
	Key           string                  `json:"key,omitempty"`     // of the change; on a replica only where it was made there
	Record        merge.Key               `json:"record"`
	Version       int64                   `json:"version"`
	ServerVersion int64                   `json:"server_version"`
	Follows       int64                   `json:"follows,omitzero"` // the resolution that has to be taken before
	Result        merge.Document          `json:"result"`           // null is a deletion
	Decisions     map[string]merge.Choice `json:"decisions,omitempty"`
	By            string                  `json:"by,omitempty"`
	At            time.Time               `json:"at"`
	Note          string                  `json:"note,omitempty"`
	ServerRef     merge.Value             `json:"server_ref,omitzero"`
	LocalRef      merge.Value             `json:"local_ref,omitzero"`
	Undoes        int64                   `json:"undoes,omitzero"` // the resolution that this one takes back
	// KeptAs names the record that local's became, where both were kept.
	KeptAs string `json:"kept_as,omitempty"`
}

// RecordLine is one version as [Store.Import] reads it.
type RecordLine struct {
	Type    string         `json:"type"` // "record"
	Record  merge.Key      `json:"record"`
	Version int64          `json:"version,omitzero"`
	Fields  merge.Document `json:"fields"` // null is a deletion
	By      string         `json:"by,omitempty"`
	At      time.Time      `json:"at,omitzero"`
}

// Info says which database this is.
type Info struct {
	Path       string `json:"path"`
	Role       string `json:"role"` // "hub" or "replica"
	Schema     int    `json:"schema"`
	Generation string `json:"generation"` // another one for each database that was ever made
}

// Replica reports whether the database follows a hub.
func (i Info) Replica() bool { return i.Role == roleReplica }

// Status is the state of the whole database.
type Status struct {
	Info   Info         `json:"database"`
	Counts merge.Counts `json:"counts"`
	Last   *Exchange    `json:"last,omitempty"` // nil: nothing came in yet
	// Lost is how many changes the sums do not account for: 0, or something is badly wrong.
	Lost int64 `json:"lost"`
	// On a replica: the hub that it follows, and the changes that are there no longer or not yet.
	Origin *Origin `json:"origin,omitempty"`
}

// Exchange is one import, or the changes pushed while the database was open once.
type Exchange struct {
	Kind  string    `json:"kind"` // import, push or sync
	At    time.Time `json:"at"`   // of its last change
	Tally Tally     `json:"tally"`
}
