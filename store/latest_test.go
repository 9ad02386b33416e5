package store_test

import (
	"path/filepath"
	"slices"
	"testing"
	"time"

	"dovetail/merge"
	"dovetail/store"
)

const theLatestWins = `{"properties":{"x":{"x-merge":"latest"},"o":{"properties":{"a":{"x-merge":"latest"}}}}}`

// Three versions of a record.
const (
	firstVersion = `{"type":"record","record":"deal/1","version":1,"fields":{"x":1,"y":1},"at":"2026-11-22T01:00:00Z"}`
	// The server's x is of three o'clock, whatever became of the record later.
	secondVersion = `{"type":"record","record":"deal/1","version":2,"fields":{"x":2,"y":1},"at":"2026-11-22T03:00:00Z"}`
	thirdVersion  = `{"type":"record","record":"deal/1","version":3,"fields":{"x":2,"y":2},"at":"2026-11-22T07:00:00Z"}`
)

// laterEdits are changes to such a record, with its history.
var laterEdits = map[string]struct {
	history []string
	change  string
	outcome store.Outcome
	fields  string
}{
	"the change's time, and it is later": {
		history: []string{firstVersion, secondVersion, thirdVersion},
		change:  `"base_version":1,"local":{"x":3,"y":1},"local_at":"2026-11-22T04:00:00Z"`,
		outcome: store.Merged, fields: `{"x":3,"y":2}`,
	},
	"the change's time, and it is earlier": {
		history: []string{firstVersion, secondVersion, thirdVersion},
		change:  `"base_version":1,"local":{"x":3,"y":1},"local_at":"2026-11-22T02:00:00Z"`,
		outcome: store.Superseded, fields: `{"x":2,"y":2}`,
	},
	"the operation's own time": {
		history: []string{firstVersion, secondVersion, thirdVersion},
		change: `"base_version":1,"local":{"x":3,"y":1},"local_at":"2026-11-22T04:00:00Z","operations":[
			{"op":"set","path":"/x","value":3,"was":1,"at":"2026-11-22T02:00:00Z"}]`,
		outcome: store.Superseded, fields: `{"x":2,"y":2}`,
	},
	"the last operation on the field": {
		history: []string{firstVersion, secondVersion, thirdVersion},
		change: `"base_version":1,"local":{"x":3,"y":1},"operations":[
			{"op":"set","path":"/x","value":9,"was":1,"at":"2026-11-22T02:00:00Z"},
			{"op":"set","path":"/x","value":3,"was":9,"at":"2026-11-22T04:00:00Z"},
			{"op":"set","path":"/z","value":3,"at":"2026-11-22T01:00:00Z"}]`,
		outcome: store.Merged, fields: `{"x":3,"y":2}`,
	},
	"an operation without a time has the change's": {
		history: []string{firstVersion, secondVersion, thirdVersion},
		change:  `"base_version":1,"local":{"x":3,"y":1},"local_at":"2026-11-22T04:00:00Z","operations":[{"op":"set","path":"/x","value":3,"was":1}]`,
		outcome: store.Merged, fields: `{"x":3,"y":2}`,
	},
	"nobody knows when local was edited": {
		history: []string{firstVersion, secondVersion, thirdVersion},
		change:  `"base_version":1,"local":{"x":3,"y":1}`,
		outcome: store.Conflicted, fields: `{"x":2,"y":2}`,
	},
	"a version without a time is as late as it came in": {
		history: []string{firstVersion, `{"type":"record","record":"deal/1","version":2,"fields":{"x":2}}`},
		change:  `"base_version":1,"local":{"x":3},"local_at":"2026-11-22T08:00:00Z"`,
		outcome: store.Superseded, fields: `{"x":2}`,
	},
	"a device's clock that is ahead": {
		history: []string{firstVersion, `{"type":"record","record":"deal/1","version":2,"fields":{"x":2},"at":"2099-01-01T00:00:00Z"}`},
		change:  `"base_version":1,"local":{"x":3},"local_at":"2098-01-01T00:00:00Z"`,
		outcome: store.Merged, fields: `{"x":3}`,
	},
	"clocks that are ahead on both sides": {
		change:  `"base":{"x":1},"local":{"x":3},"local_at":"2098-01-01T00:00:00Z","server":{"x":2},"server_at":"2099-01-01T00:00:00Z"`,
		outcome: store.Superseded, fields: `{"x":2}`,
	},
	"what stood before the base does not count": {
		history: []string{
			`{"type":"record","record":"deal/1","version":1,"fields":{"x":1},"at":"2026-11-22T05:00:00Z"}`,
			`{"type":"record","record":"deal/1","version":2,"fields":{"x":2},"at":"2026-11-22T03:00:00Z"}`,
		},
		change:  `"base_version":1,"local":{"x":3},"local_at":"2026-11-22T04:00:00Z"`,
		outcome: store.Merged, fields: `{"x":3}`,
	},
	"a base that comes along, and is a version": {
		history: []string{firstVersion, secondVersion, thirdVersion},
		change:  `"base":{"x":1,"y":1},"local":{"x":3,"y":1},"local_at":"2026-11-22T04:00:00Z"`,
		outcome: store.Merged, fields: `{"x":3,"y":2}`,
	},
	"a base that comes along, and is none": {
		history: []string{secondVersion, thirdVersion},
		change:  `"base":{"x":1,"y":1},"local":{"x":3,"y":1},"local_at":"2026-11-22T04:00:00Z"`,
		outcome: store.Merged, fields: `{"x":3,"y":2}`,
	},
	"what an outside system says": {
		change:  `"base":{"x":1},"local":{"x":3},"local_at":"2026-11-22T04:00:00Z","server":{"x":2},"server_at":"2026-11-22T05:00:00Z"`,
		outcome: store.Superseded, fields: `{"x":2}`,
	},
	"a field within another, told by an edit of the whole": {
		history: []string{
			`{"type":"record","record":"deal/1","version":1,"fields":{"o":{"a":1}},"at":"2026-11-22T01:00:00Z"}`,
			`{"type":"record","record":"deal/1","version":2,"fields":{"o":{"a":2}},"at":"2026-11-22T03:00:00Z"}`,
		},
		change:  `"base_version":1,"local":{"o":{"a":3}},"operations":[{"op":"set","path":"/o","value":{"a":3},"was":{"a":1},"at":"2026-11-22T04:00:00Z"}]`,
		outcome: store.Merged, fields: `{"o":{"a":3}}`,
	},
}

// The clock of the tests starts at nine and goes on by seconds.
func TestTheLaterEditOfAFieldWins(t *testing.T) {
	alone(t)
	for name, c := range laterEdits {
		t.Run(name, func(t *testing.T) {
			s := newStore(t)
			setSchema(t, s, "deal", theLatestWins)
			load(t, s, c.history...)
			a := push(t, s, `{"key":"k1","record":"deal/1",`+c.change+`}`)
			s = reopen(t, s)
			if got := get(t, s, "deal/1"); a.Outcome != c.outcome || string(got.Fields) != c.fields {
				t.Errorf("it is %s: %s", a.Outcome, got.Fields)
			}
		})
	}
}

// Whole records go by the moment at which each edit came in, too: a month later it is still not of the year 2099.
func TestAClockThatWasAheadDoesNotWinForEver(t *testing.T) {
	c := &clock{at: time.Date(2026, 1, 1, 10, 0, 0, 0, time.UTC)}
	opts := options()
	opts.Now = c.now
	s, err := store.Create(t.Context(), filepath.Join(t.TempDir(), "test.db"), opts)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if err := s.SetStrategy(t.Context(), "deal", merge.LastWriteWins); err != nil {
		t.Fatal(err)
	}
	load(t, s, `{"type":"record","record":"deal/1","version":1,"fields":{"x":1},"at":"2026-01-01T09:00:00Z"}`)
	push(t, s, `{"key":"fast","record":"deal/1","base_version":1,"local":{"x":2},"local_at":"2099-01-01T00:00:00Z"}`)
	c.at = c.at.Add(30 * 24 * time.Hour)
	for _, late := range []struct {
		line string
		want store.Outcome
	}{
		{line: `{"key":"old","record":"deal/1","base_version":1,"local":{"x":3},"local_at":"2026-01-01T09:30:00Z"}`, want: store.Superseded},
		{line: `{"key":"late","record":"deal/1","base_version":1,"local":{"x":4},"local_at":"2026-01-20T09:59:00Z"}`, want: store.Merged},
	} {
		if a := push(t, s, late.line); a.Outcome != late.want {
			t.Errorf("%s is %+v, want %s", late.line, a, late.want)
		}
	}
	wantRecord(t, s, "deal/1", 3, `{"x":4}`)
}

func TestThePolicyMayStandAnywhereInTheSchema(t *testing.T) {
	for name, c := range map[string]struct{ schema, base, server, local, fields string }{
		"any member": {
			schema: `{"additionalProperties":{"x-merge":"latest"}}`,
			base:   `{"x":1}`, server: `{"x":2}`, local: `{"x":3}`, fields: `{"x":3}`,
		},
		"an element": {
			schema: `{"properties":{"l":{"x-merge":{"keyed":"id"},"items":{"properties":{"x":{"x-merge":"latest"}}}}}}`,
			base:   `{"l":[{"id":"a","x":1}]}`, server: `{"l":[{"id":"a","x":2}]}`, local: `{"l":[{"id":"a","x":3}]}`,
			fields: `{"l":[{"id":"a","x":3}]}`,
		},
		"a part of itself": {
			schema: `{"$defs":{"n":{"properties":{"n":{"$ref":"#/$defs/n"},"x":{"x-merge":"latest"}}}},"properties":{"o":{"$ref":"#/$defs/n"}}}`,
			base:   `{"o":{"n":{"n":{"x":1}}}}`, server: `{"o":{"n":{"n":{"x":2}}}}`, local: `{"o":{"n":{"n":{"x":3}}}}`,
			fields: `{"o":{"n":{"n":{"x":3}}}}`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := contested(t, c.schema, c.base, c.server)
			line := changeOn("1", "k1", c.local)
			push(t, s, line[:len(line)-1]+`,"local_at":"2026-11-22T12:00:00Z"}`)
			wantRecord(t, reopen(t, s), "deal/1", 3, c.fields)
		})
	}
}

// A rule that a version broke is not an edit of the fields that it is about.
func TestABrokenRuleIsNoEdit(t *testing.T) {
	s := newStore(t)
	setSchema(t, s, "deal", `{"properties":{"x":{"x-merge":"latest"}},"if":{"properties":{"y":{"const":2}}},"then":{"properties":{"x":{"maximum":1}}}}`)
	load(t, s, `{"type":"record","record":"deal/1","version":1,"fields":{"x":1,"y":1},"at":"2026-11-22T01:00:00Z"}`,
		`{"type":"record","record":"deal/1","version":2,"fields":{"x":2,"y":1},"at":"2026-11-22T03:00:00Z"}`,
		`{"type":"record","record":"deal/1","version":3,"fields":{"x":2,"y":2},"at":"2026-11-22T07:00:00Z"}`)
	push(t, s, `{"key":"k1","record":"deal/1","base_version":1,"local":{"x":3,"y":1},"local_at":"2026-11-22T04:00:00Z"}`)
	wantRecord(t, reopen(t, s), "deal/1", 4, `{"x":3,"y":2}`)
}

// A device whose clock is years ahead must not win against whatever comes after it.
func TestAWaitingEditWasNotMadeAfterItArrived(t *testing.T) {
	for name, at := range map[string]string{
		"the change's time":    `"local_at":"2099-01-01T00:00:00Z"`,
		"the operation's time": `"operations":[{"op":"set","path":"/x","value":3,"was":1,"at":"2099-01-01T00:00:00Z"}]`,
	} {
		t.Run(name, func(t *testing.T) {
			s := newStore(t)
			setSchema(t, s, "deal", theLatestWins)
			load(t, s, `{"type":"record","record":"deal/1","version":1,"fields":{"x":1,"y":1}}`,
				`{"type":"record","record":"deal/1","version":2,"fields":{"x":2,"y":2}}`)
			push(t, s, `{"key":"k1","record":"deal/1","base_version":1,"local":{"x":3,"y":3},`+at+`}`)
			load(t, s, `{"type":"record","record":"deal/1","version":3,"fields":{"x":4,"y":2}}`)
			s = reopen(t, s)
			resolve(t, s, 1, merge.TakeLocal, "ana")
			wantRecord(t, s, "deal/1", 4, `{"x":4,"y":3}`)
		})
	}
}

// A conflict in another field must not settle this one otherwise than the change alone would have.
func TestAConflictKnowsWhenItsFieldsWereEdited(t *testing.T) {
	s := newStore(t)
	setSchema(t, s, "deal", theLatestWins)
	load(t, s, `{"type":"record","record":"deal/1","version":1,"fields":{"x":1,"y":1},"at":"2026-11-22T01:00:00Z"}`,
		`{"type":"record","record":"deal/1","version":2,"fields":{"x":2,"y":2},"at":"2026-11-22T03:00:00Z"}`)
	push(t, s, `{"key":"k1","record":"deal/1","base_version":1,"local":{"x":3,"y":3},"local_at":"2026-11-22T04:00:00Z"}`)
	s = reopen(t, s)
	c, err := s.Case(t.Context(), 1)
	if err != nil {
		t.Fatal(err)
	}
	if f, _ := c.Merge().Field("/x"); f.Outcome != merge.Combined || f.Result != "3" || !slices.Equal(c.Merge().Conflicts(), []string{"/y"}) {
		t.Errorf("x is %+v beside %q", f, c.Merge().Conflicts())
	}
	load(t, s, `{"type":"record","record":"deal/1","version":3,"fields":{"x":4,"y":2},"at":"2026-11-22T05:00:00Z"}`)
	resolve(t, s, 1, merge.TakeLocal, "ana")
	wantRecord(t, s, "deal/1", 4, `{"x":4,"y":3}`)
}
