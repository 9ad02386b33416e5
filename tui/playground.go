package tui

import (
	"context"
	"time"

	"dovetail/merge"
)

// Playground is the small world behind the playground's screen: a hub, its devices, and a history that is played on
// them under each strategy at once. After any call the [Queue] and the [Desk] of the same configuration are those of
// the hub under the strategy that is shown.
type Playground interface {
	// Go has so many steps of the history happen, and no more; 0 is the beginning, -1 is where it stands now.
	Go(ctx context.Context, steps int) (PlayView, error)
	// Act puts a step of the person's own after those that happened, and has it happen. Its error says why it cannot;
	// then nothing is changed.
	Act(context.Context, PlayAct) (PlayView, error)
	// TakeOut takes the last step that happened out of the history, if it is the person's own.
	TakeOut(context.Context) (PlayView, error)
	// Show says which strategy's hub the queue and the desk are to be.
	Show(context.Context, merge.Strategy) error
}

// PlayDoing is what a person does to the world.
type PlayDoing uint8

const (
	PlayEdit   PlayDoing = iota // a field gets what is typed
	PlayCreate                  // a record is made of what is typed
	PlayRemove                  // the record is deleted
	PlaySync                    // the device sends and fetches
	PlayCut                     // the device loses the line
	PlayMend                    // the line is back
)

// PlayAct is a step of the person's own.
type PlayAct struct {
	Do     PlayDoing
	Device string // who does it
	Record merge.Key
	Path   string
	// Typed is, for [PlayEdit], a value, or +=3, -=3, :=JSON; for [PlayCreate] the record's name and FIELD=VALUE, as in
	// `deal/D-2 status=open`.
	Typed string
}

// PlayView is the world after some steps of its history. Nothing in it is changed afterwards.
type PlayView struct {
	Name, Title, Lesson string
	Strategy            merge.Strategy // to begin with
	Steps               []PlayStep     // the whole history
	Begin               int            // how many of them only make what the story begins with
	At                  int            // how many of them happened
	Worlds              [3]PlayWorld
}

// PlayStep is one thing that happens.
type PlayStep struct {
	At      time.Time
	Device  string
	Person  string
	Words   string    // what is done, as a script says it
	Record  merge.Key // that it is about, if it is about one
	Own     bool      // the person's at the screen
	Sync    bool      // the device sends its changes
	Refused [3]bool   // it could not happen under a strategy
}

// PlayWorld is the hub and its devices under one strategy.
type PlayWorld struct {
	Said    string // what came of the last step
	Refused bool   // it could not happen; Said tells why
	Hub     []PlayCopy
	Devices []PlayDevice
	Records []PlayRecord // what is known of each record, in the order of the copies
	Meets   []PlayMeet   // changes that met a record which had moved, in order
	Due     []PlayMeet   // those that will, once their device sends them
}

// PlayDevice is a device with its copies.
type PlayDevice struct {
	Name, Person, Place string
	Up                  bool          // it has a line
	Live                bool          // it exchanges by itself whenever it has one
	Ahead               time.Duration // of its clock, negative: behind
	Copies              []PlayCopy    // in the order of the hub's; a record that it has not has version 0
	Unsent              int           // changes that the hub has not answered
}

// PlayCopy is a record as somebody has it.
type PlayCopy struct {
	Record   merge.Key
	Version  int64
	Fields   merge.Document // nil: deleted, or never there
	Pending  bool           // holds what no version has
	Changed  []string       // the paths of that
	Conflict bool           // it waits for a person
}

// PlayRecord is the history of one record at the hub.
type PlayRecord struct {
	Record   merge.Key
	Versions []PlayVersion
	Conflict int64 // that waits for a person; 0: none
}

// PlayVersion is one version at the hub.
type PlayVersion struct {
	Number     int64
	By, Device string
	Merged     bool // made of two sides
	Resolved   bool // by a person's decision
	Deleted    bool
}

// PlayMeet is a change that met a record which had moved since the change was begun.
type PlayMeet struct {
	Record            merge.Key
	Device            string
	Step              int   // of the history, from 1, in which they met
	Base              int64 // the version that it was made on
	Server            int64 // that it met
	Version           int64 // that was made of both; 0: none was
	Outcome           string
	Conflict          int64 // in which it waits, or waited
	Waits             bool
	Resolved          int64 // the version that a person's decision made of it
	LocalBy, ServerBy string
	LocalAt, ServerAt time.Time // by the hub's clock
	Fates             []PlayFate
	// ByOwnClock: had nobody corrected the device's clock, the other side would have won.
	ByOwnClock bool
	Ahead      time.Duration
	// Again counts how often it came once more, because its answer was lost.
	Again int
}

// PlayFate is what became of one field. Before the change is sent, only the sides are known.
type PlayFate struct {
	Path                string
	Base, Local, Server merge.Value
	LocalBy, ServerBy   string // who changed it; empty where that side did not
	Asked               bool   // a person decides
	Decided             string // who did
	Kept                merge.Value
	KeptBy              string // whose value that is; empty: nobody's, it is as it was
	Joined              bool   // both edits are in it
	Rule                string // the policy that joined or chose
	Lost                []PlayLost
	// Twice is what the field would come to if operations had no ids; set where that is another value.
	Twice *merge.Value
}

// PlayLost is a value that an edit set and that is not in the record.
type PlayLost struct {
	Value merge.Value // absent: the edit took the field out
	By    string
}
