package faultfs_test

import (
	"fmt"
	"os"
	"slices"

	"dovetail/merge"
	"dovetail/store"
)

// flow is something that people do, from a database as its setup leaves it; without a setup there is none yet. Every
// flow opens its database first, or creates it, unless it runs already, and closes it last.
type flow struct {
	name  string
	setup []step
	// killed leaves the database as a process that was killed does, with all that it wrote in the log.
	killed  bool
	running []step // that open it, and whatever else is done before something may fail
	heavy   bool   // takes long: a short run tries less of it
	gone    bool   // in the end the database is none of ours
	steps   []step
}

// flows are what is played on failing disks. To add one, add it to one of these.
var flows = append(ownFlows, applicationFlows()...)

var ownFlows = []flow{
	{
		name:  "create",
		steps: []step{creating, pushing(store.Applied, change("k1", "deal/1", 0, `{"a":1}`)), closing},
	},
	{
		name:  "push",
		setup: []step{creating, writing("deal/1", 0, `{"a":1}`), writing("deal/2", 0, `{"a":1}`), closing},
		steps: []step{opening,
			pushing(store.Applied, change("k1", "deal/1", 1, `{"a":2}`)),
			pushing(store.Applied, change("k2", "deal/2", 1, `null`)),
			pushing(store.Applied, change("k3", "deal/3", 0, `{"a":3}`)),
			pushing(store.Converged, change("k4", "deal/1", 1, `{"a":2}`)),
			pushing(store.Applied, change("k1", "deal/1", 1, `{"a":2}`)), // once more
			pushing(store.Parked, `{"type":"wish","key":"k5","record":"deal/1"}`),
			pushing(store.Refused, change("k1", "deal/1", 1, `{"a":9}`)),
			closing},
	},
	{
		name: "merge",
		setup: slices.Concat([]step{creating, ruling("sum", `{"properties":{"n":{"x-merge":"counter"},"tags":{"x-merge":"set"}}}`),
			joiningBy("log", merge.OpReplay), joiningBy("note", merge.LastWriteWins)},
			moved("deal/1", `{"a":1,"b":1}`, `{"a":2,"b":1}`), moved("sum/1", `{"n":1,"tags":["x"]}`, `{"n":5,"tags":["x","y"]}`),
			moved("log/1", `{"n":1}`, `{"n":5}`), moved("note/1", `{"t":"a"}`, `{"t":"b"}`), []step{closing}),
		steps: []step{opening,
			pushing(store.Merged, change("k1", "deal/1", 1, `{"a":1,"b":2}`)),
			pushing(store.Merged, change("k2", "sum/1", 1, `{"n":3,"tags":["x","z"]}`)),
			pushing(store.Merged, change("k3", "log/1", 1, `{"n":3}`,
				`"operations":[{"id":"o1","op":"increment","path":"/n","value":2}]`)),
			pushing(store.Merged, change("k4", "note/1", 1, `{"t":"c"}`, `"local_at":"2026-11-22T08:30:00Z"`)),
			pushing(store.Superseded, change("k5", "note/1", 1, `{"t":"d"}`, `"local_at":"2026-11-21T08:00:00Z"`)),
			pushing(store.Merged, change("k6", "order/1", 3, `{"a":2,"b":1}`, `"base":{"a":1,"b":1}`, `"server":{"a":1,"b":2}`,
				`"server_version":4`)),
			closing},
	},
	{
		name:  "conflict",
		setup: slices.Concat([]step{creating}, moved("deal/1", `{"a":1,"b":1}`, `{"a":2,"b":1}`), []step{closing}),
		steps: []step{opening,
			pushing(store.Conflicted, change("k1", "deal/1", 1, `{"a":3,"b":1}`, `"device":"d","sequence":1`)),
			pushing(store.Conflicted, change("k2", "deal/1", 1, `{"a":4,"b":1}`, `"device":"e","sequence":1`)),
			pushing(store.Conflicted, change("k3", "deal/1", 1, `{"a":5,"b":1}`, `"device":"d","sequence":2`)), // replaces k1
			pushing(store.Merged, change("k4", "deal/1", 1, `{"a":1,"b":7}`, `"device":"f","sequence":1`)),     // both are merged again
			pushing(store.Conflicted, change("k5", "deal/1", 1, `{"a":6,"b":1}`, `"device":"f","sequence":1`)), // a copy of f
			pushing(store.Applied, change("k6", "deal/1", 3, `{"a":4,"b":7}`)),                                 // what e wants
			closing},
	},
	{
		name: "resolve",
		setup: slices.Concat([]step{creating}, moved("deal/1", `{"a":1,"b":1}`, `{"a":2,"b":1}`), []step{
			pushing(store.Conflicted, change("k1", "deal/1", 1, `{"a":3,"b":1}`)),
			pushing(store.Conflicted, change("k2", "deal/1", 1, `{"a":4,"b":2}`)),
			pushing(store.Conflicted, change("k3", "deal/1", 1, `null`)), closing}),
		steps: []step{opening, drafting(1, merge.TakeLocal, "ana"), drafting(2, merge.TakeServer, "bo"),
			resolving(1, merge.TakeLocal), resolving(2, merge.TakeServer), resolving(3, merge.TakeLocal), closing},
	},
	{
		name: "undo",
		setup: slices.Concat([]step{creating}, moved("deal/1", `{"a":1}`, `{"a":2}`), []step{
			pushing(store.Conflicted, change("k1", "deal/1", 1, `{"a":3}`)),
			pushing(store.Conflicted, change("k2", "deal/1", 1, `{"a":3}`)), // closed by what is decided of the first
			resolving(1, merge.TakeLocal), closing}),
		steps: []step{opening, undoing(1), resolving(2, merge.TakeServer), undoing(3), resolving(1, merge.TakeLocal), closing},
	},
	{
		name:  "import",
		setup: slices.Concat([]step{creating}, moved("deal/1", `{"a":1,"b":1}`, `{"a":2,"b":1}`), []step{closing}),
		steps: []step{opening, importing(
			[]store.Outcome{store.Refused, store.Merged, store.Conflicted, store.Applied},
			longInput()...), closing},
	},
	{
		name: "write",
		setup: slices.Concat([]step{creating}, moved("deal/1", `{"a":1,"b":[1]}`, `{"a":2,"b":[2]}`), []step{
			pushing(store.Conflicted, change("k1", "deal/1", 1, `{"a":3,"b":[3]}`)), closing}),
		steps: []step{opening, noting("deal/2", "ana", "1"), noting("deal/2", "ana", "2"), writing("deal/2", 0, `{"a":1}`),
			noting("deal/2", "ana", ""), writing("deal/2", 1, `{"a":2}`), writing("deal/2", 2, ""),
			writing("deal/2", 3, `{"a":3}`), drafting(1, merge.TakeLocal, "ana"), drafting(1, merge.TakeServer, "bo"),
			ruling("deal", `{"properties":{"b":{"x-merge":"set"}}}`), discarding(1, "ana"), joiningBy("deal", merge.LastWriteWins),
			writing("deal/1", 2, `{"a":3,"b":[3]}`), closing},
	},
	{
		name:  "requests",
		setup: []step{creating, writing("deal/1", 0, `{"a":1}`), closing},
		steps: []step{opening, requesting("r1", "deal/1", 2, `{"a":2}`), requesting("r2", "deal/2", 1, `{"b":1}`),
			requesting("r1", "deal/1", 2, `{"a":2}`), // its answer was lost
			requesting("r3", "deal/1", 3, ""), requesting("r2", "deal/2", 1, `{"b":1}`), closing},
	},
	{
		name: "recover",
		setup: slices.Concat([]step{creating}, moved("deal/1", `{"a":1}`, `{"a":2}`), []step{
			pushing(store.Conflicted, change("k1", "deal/1", 1, `{"a":3}`))}),
		killed: true,
		steps:  []step{opening, pushing(store.Applied, change("k2", "deal/1", 2, `{"a":4}`)), resolving(1, merge.TakeLocal), closing},
	},
	{
		name:  "backup",
		setup: slices.Concat([]step{creating}, moved("deal/1", `{"a":1}`, `{"a":2}`), []step{closing}),
		steps: []step{opening, pushing(store.Conflicted, change("k1", "deal/1", 1, `{"a":3}`)), backingUp("copy.db"), closing},
	},
	{
		name: "push from a replica",
		setup: slices.Concat(creatingBoth("deal/1", `{"a":1,"b":1}`), []step{opening}, atHub(writing("deal/1", 1, `{"a":2,"b":1}`)),
			[]step{closing}),
		steps: slices.Concat([]step{opening, editing("deal/1", 1, 0, `{"a":1,"b":2}`), editing("deal/1", 1, 1, `{"a":3,"b":2}`),
			editing("deal/2", 0, 0, `{"b":1}`)}, sending(2)[:2], []step{editing("deal/2", 0, 1, `{"b":2}`)}, sending(2)[2:], []step{closing}),
	},
	{
		name: "pull into a replica",
		setup: slices.Concat(creatingBoth("deal/1", `{"a":1,"b":1}`), []step{opening, editing("deal/1", 1, 0, `{"a":1,"b":2}`),
			editing("deal/2", 0, 0, `{"b":1}`)}, atHub(writing("deal/1", 1, `{"a":2,"b":1}`), writing("deal/2", 0, `{"b":3}`),
			ruling("deal", `{"properties":{"b":{"title":"B"}}}`)), []step{closing}),
		steps: slices.Concat([]step{opening, pulling, reconciling, resolving(1, merge.TakeLocal)}, sending(2), sending(3),
			[]step{pulling, reconciling, closing}),
	},
	{
		name:    "checkpoint",
		setup:   []step{creating, closing},
		running: []step{opening, fillLog},
		heavy:   true,
		steps: []step{pushing(store.Applied, change("k1", "deal/1", 0, `{"a":1}`)),
			pushing(store.Applied, change("k2", "deal/2", 0, `{"a":1}`)), pushing(store.Applied, change("k3", "deal/3", 0, `{"a":1}`)),
			pushing(store.Applied, change("k4", "deal/4", 0, `{"a":1}`)), closing},
	},
}

// change is a change line; base 0 says that the record did not exist.
func change(key, record string, base int, local string, more ...string) string {
	line := fmt.Sprintf(`{"type":"change","key":%q,"record":%q,"base_version":%d,"local":%s`, key, record, base, local)
	for _, m := range more {
		line += "," + m
	}
	return line + "}"
}

// moved is a record at version 2.
func moved(record, first, second string) []step {
	return []step{writing(record, 0, first), writing(record, 1, second)}
}

// longInput is stored in two parts, of which the first is mostly one line over and over: that it says nothing new has to
// be found out each time, but is not written.
func longInput() []string {
	lines := []string{
		`{"type":"record","record":"deal/2","version":3,"fields":{"a":1,"b":1}}`,
		`{"type":"record","record":"deal/2","version":3,"fields":{"a":2,"b":1}}`, // refused
		change("k1", "deal/1", 1, `{"a":1,"b":2}`),
		`{"type":"record","record":"deal/3","fields":{"a":1}}`,
		`{"type":"record","record":"deal/3","fields":{"a":2}}`,
	}
	for len(lines) < 1000 {
		lines = append(lines, `{"type":"record","record":"deal/3","fields":{"a":2}}`)
	}
	return append(lines,
		change("k2", "deal/1", 1, `{"a":4,"b":1}`),
		`{"type":"record","record":"deal/3","fields":{"a":3}}`,
		change("k3", "deal/2", 3, `{"a":1,"b":9}`))
}

// fillLog writes until SQLite is about to move the log, 1000 pages of it, into the database.
var fillLog = step{name: "fill the log", do: func(g *stage) error {
	const page, almost = 24 + 16384, 985
	for version := int64(0); ; version++ {
		info, err := os.Stat(g.path() + "-wal")
		if err != nil || info.Size() > almost*page {
			return err
		}
		if err := writing("note/1", version, fmt.Sprintf(`{"n":%d}`, version)).do(g); err != nil {
			return err
		}
	}
}}
