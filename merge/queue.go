package merge

import (
	"errors"
	"time"
)

// Errors that whoever keeps the records returns, and screens and commands tell apart.
var (
	// ErrStale says that the record, or the conflict, moved since the caller looked at it: nothing was written.
	ErrStale = errors.New("the record moved")
	// ErrNotFound says that there is no such record, conflict or resolution.
	ErrNotFound = errors.New("not found")
	// ErrClosed says that the conflict is already resolved.
	ErrClosed = errors.New("the conflict is already resolved")
)

// ClaimedError says that a conflict was to be claimed that somebody else is at.
type ClaimedError struct {
	By    string
	Until time.Time
}

func (e *ClaimedError) Error() string {
	return e.By + " is at it until " + e.Until.Format(time.RFC3339)
}

// State is where a conflict stands.
type State uint8

const (
	Open State = iota
	Snoozed
	Resolved
)

var stateNames = names{"open", "snoozed", "resolved"}

// String returns the word that screens, SQL and JSON use.
func (s State) String() string { return stateNames.of(uint8(s)) }

// MarshalText makes the state its word in JSON.
func (s State) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText reads the word back.
func (s *State) UnmarshalText(text []byte) error {
	return unmarshalName(stateNames, "state", text, (*uint8)(s))
}

// Conflict is one row of the queue: what a list shows of a change that waits for a person. It holds no documents.
type Conflict struct {
	Number        int64     `json:"conflict"`
	Record        Key       `json:"record"`
	Kind          Kind      `json:"kind"`
	Fields        []string  `json:"fields"` // the paths in conflict, sorted
	BaseVersion   int64     `json:"base_version,omitzero"`
	ServerVersion int64     `json:"server_version"`
	State         State     `json:"state"`
	Revision      int64     `json:"revision"`
	LocalBy       string    `json:"local_by,omitempty"`
	LocalAt       time.Time `json:"local_at,omitzero"`
	ServerBy      string    `json:"server_by,omitempty"`
	ServerAt      time.Time `json:"server_at,omitzero"`
	Device        string    `json:"device,omitempty"`
	OpenedAt      time.Time `json:"opened_at"`
	SnoozedUntil  time.Time `json:"snoozed_until,omitzero"` // of a snoozed one
	// ClaimedBy is at it until ClaimedUntil, by which nobody else is kept from deciding it; empty: nobody is.
	ClaimedBy    string    `json:"claimed_by,omitempty"`
	ClaimedUntil time.Time `json:"claimed_until,omitzero"`
	// Draft tells the person who asked about their own draft; nil where there is none.
	Draft *DraftNote `json:"draft,omitempty"`
}

// DraftNote is what a list says of a draft.
type DraftNote struct {
	Decided int       `json:"decided"` // fields in conflict that are decided
	Stale   bool      `json:"stale"`   // the record moved since
	SavedAt time.Time `json:"saved_at"`
}

// Stamp says who left one side as it is, where and when. Any part may be unknown.
type Stamp struct {
	By      string    `json:"by,omitempty"`
	Device  string    `json:"device,omitempty"`
	At      time.Time `json:"at,omitzero"`
	Version int64     `json:"version,omitzero"` // 0 for a side that has none
	// ReceivedAt is when the hub was given the change, by its clock, as At is: on a local side whose way there is known.
	ReceivedAt time.Time `json:"received_at,omitzero"`
}

// Offline is how long the edit had been made when the hub was given it. It is 0 where that is not known, and where it is less
// than offlineFrom; and also where it is more than offlineTo or less than nothing: then a clock was wrong.
func (s Stamp) Offline() time.Duration {
	if s.At.IsZero() || s.ReceivedAt.IsZero() {
		return 0
	}
	if d := s.ReceivedAt.Sub(s.At); d >= offlineFrom && d <= offlineTo {
		return d
	}
	return 0
}

// Up to an hour a device may have had its line all the time, and merely not have asked. A clock that begins anew, in 1970
// or in the year that its device was made in, is mostly off by more than a year.
const (
	offlineFrom = time.Hour
	offlineTo   = 365 * 24 * time.Hour
)

// Case is one conflict with all that is needed to decide it.
type Case struct {
	Conflict            Conflict
	Sides               Sides
	Rules               *Rules
	Base, Local, Server Stamp
	// Operations are the steps of the change, where the strategy is [OpReplay], and Applied the ids of those among
	// them that had their effect by another change.
	Operations []Operation
	Applied    map[string]bool
	// Refused are the words in which the table of an application did not take the record that the change made; "" where it
	// was not asked.
	Refused string
	Naming  *Naming // nil: it names no other record of which there are two
}

// Naming says that the local side of a conflict names another record, by a key under which both sides have made one.
type Naming struct {
	Record Key              `json:"record"`
	As     Key              `json:"kept_as,omitzero"` // where the local one is kept now; zero: nowhere else
	One    bool             `json:"one,omitempty"`    // it was decided that they are one; else, without As, nothing is
	Set    map[string]Value `json:"set,omitempty"`    // with As: the fields that name it, by path, as they would name that one
	InKey  bool             `json:"in_key,omitempty"` // such a field is part of the key of the record itself: it can only be written anew
}

// Merge runs the case's merge.
func (c Case) Merge() Result {
	if len(c.Operations) > 0 && len(c.Sides.Apart) == 0 { // a decision is no step that could be done again
		return Replay(c.Sides, c.Operations, func(id string) bool { return c.Applied[id] }, c.Rules)
	}
	return Record(c.Sides, c.Rules)
}

// Newest says which side edited a field later, or of several fields any of them: by the times of their edits where
// those were looked up, else by when each side was left as it is. A tie is the server's, as for [Latest]. It is Undecided
// where a time is not known.
func (c Case) Newest(paths ...string) Choice {
	local, server := c.Local.At, c.Server.At
	if edits := c.Sides.Edits; edits != nil {
		local, server = time.Time{}, time.Time{}
		for _, path := range paths {
			l, knownLocal := edits.local(path)
			s, knownServer := edits.server(path)
			if !knownLocal || !knownServer {
				return Undecided
			}
			if l.After(local) {
				local = l
			}
			if s.After(server) {
				server = s
			}
		}
	}
	switch {
	case local.IsZero() || server.IsZero():
		return Undecided
	case local.After(server):
		return TakeLocal
	}
	return TakeServer
}

// Writing is what a person asks to be written. It carries what was on the screen, so that whoever writes can tell
// that the record is still what was looked at.
type Writing struct {
	Conflict      int64
	Revision      int64 // of the conflict that was shown
	ServerVersion int64 // the head that was shown
	Decisions     Decisions
	Result        Document // what the review showed; nil is a deletion
	Note          string
	Person        string
}

// Written is what was written, read back.
type Written struct {
	Conflict   int64    `json:"conflict"`
	Record     Key      `json:"record"`
	Version    int64    `json:"version,omitzero"`
	Resolution int64    `json:"resolution,omitzero"`
	Result     Document `json:"result"`
	Pending    bool     `json:"pending,omitempty"` // on a replica: the hub gives the version
	// KeptAs names the record that local's became, where both were kept.
	KeptAs string `json:"kept_as,omitempty"`
}

// Query asks for a page of the queue, in its order: oldest first, or newest first.
type Query struct {
	Filter Filter
	Group  *Group // of those that the filter chooses, the ones of a group; nil is all
	Person string // whose drafts the rows tell of
	Drafts bool   // only those that Person has a draft on
	From   Cursor // the page begins after this row; empty: at the start, or at the end of the queue if Backward
	Newest bool   // newest first
	// Backward asks for the rows before From. They come in the queue's order all the same.
	Backward bool
	Limit    int // rows at most; 0 is 50
}

// Cursor is a place in the queue, opaque to whoever did not make it.
type Cursor string

// Page is a part of the queue, in order.
type Page struct {
	Conflicts   []Conflict
	First, Last Cursor // of the rows here: the next page is From Last, the one before Backward From First
	Before      bool   // rows stand before this page
	After       bool   // rows stand after this page
}

// Group is a class of conflicts that a person may decide alike: they are of one collection, have the same fields in
// conflict in the same way, and come from one author.
type Group struct {
	Count      int64    `json:"count"`
	Collection string   `json:"collection"`
	Fields     []string `json:"fields"` // the paths in conflict, sorted
	Kind       Kind     `json:"kind"`
	LocalBy    string   `json:"local_by,omitempty"`
	Device     string   `json:"device,omitempty"`
	First      int64    `json:"first"` // the number of its oldest conflict
}

// Counts say how much stands in the queue.
type Counts struct {
	Open     int64 `json:"open"`
	Snoozed  int64 `json:"snoozed"`
	Resolved int64 `json:"resolved"`
	Drafts   int64 `json:"drafts"` // of the person who asked, on conflicts that are not resolved
	Parked   int64 `json:"parked"`
}
