package store_test

import (
	"errors"
	"slices"
	"testing"

	"dovetail/merge"
	"dovetail/store"
)

// contested is a store whose collection deal has a schema, and a record at version 2 that both sides may have changed
// since version 1.
func contested(t *testing.T, schema, base, server string) *store.Store {
	t.Helper()
	s := newStore(t)
	setSchema(t, s, "deal", schema)
	lines := []string{`{"type":"record","record":"deal/1","version":1,"fields":` + base + `}`}
	if server != base {
		lines = append(lines, `{"type":"record","record":"deal/1","version":2,"fields":`+server+`}`)
	}
	load(t, s, lines...)
	return s
}

func changeOn(version, key, local string) string {
	return `{"key":"` + key + `","record":"deal/1","base_version":` + version + `,"local":` + local + `}`
}

// ruledChanges are changes on version 1 of a record, whose head is server, in a collection with a schema.
var ruledChanges = map[string]struct {
	schema, base, server, local string
	outcome                     store.Outcome
	version                     int64
	fields                      string // of the record
	conflict                    []string
}{
	"a set": {
		schema: tagsAreASet, base: `{"tags":["a"]}`, server: `{"tags":["a","b"]}`, local: `{"tags":["a","c"]}`,
		outcome: store.Merged, version: 3, fields: `{"tags":["a","b","c"]}`,
	},
	"a counter": {
		schema: visitsAreAdded, base: `{"visits":1}`, server: `{"visits":2}`, local: `{"visits":2}`,
		outcome: store.Merged, version: 3, fields: `{"visits":3}`,
	},
	"a field that the schema does not name": {
		schema: tagsAreASet, base: `{"a":1}`, server: `{"a":2}`, local: `{"a":3}`,
		outcome: store.Conflicted, version: 2, fields: `{"a":2}`, conflict: []string{"/a"},
	},
	"a member of a keyed list": {
		schema: `{"properties":{"lines":{"x-merge":{"keyed":"id"}}}}`,
		base:   `{"lines":[{"id":"x","n":1},{"id":"y","n":1}]}`, server: `{"lines":[{"id":"x","n":2},{"id":"y","n":1}]}`,
		local:   `{"lines":[{"id":"x","n":3},{"id":"y","n":4}]}`,
		outcome: store.Conflicted, version: 2, fields: `{"lines":[{"id":"x","n":2},{"id":"y","n":1}]}`, conflict: []string{"/lines/x/n"},
	},
	"a group that both touched": {
		schema: `{"properties":{"a":{"x-merge-group":"g"},"b":{"x-merge-group":"g"}}}`,
		base:   `{"a":1,"b":1}`, server: `{"a":1,"b":2}`, local: `{"a":2,"b":1}`,
		outcome: store.Conflicted, version: 2, fields: `{"a":1,"b":2}`, conflict: []string{"/a", "/b"},
	},
	"a field that may not change, on the version it was made on": {
		schema: `{"properties":{"a":{"x-merge":"immutable"}}}`, base: `{"a":1}`, server: `{"a":1}`, local: `{"a":2}`,
		outcome: store.Conflicted, version: 1, fields: `{"a":1}`, conflict: []string{"/a"},
	},
	"a rule broken by the join alone": {
		schema: `{"properties":{"status":{"enum":["open","closed"]}},"if":{"properties":{"status":{"const":"closed"}}},"then":{"required":["amount"]}}`,
		base:   `{"amount":1,"status":"open"}`, server: `{"status":"open"}`, local: `{"amount":1,"status":"closed"}`,
		outcome: store.Conflicted, version: 2, fields: `{"status":"open"}`, conflict: []string{"/amount", "/status"},
	},
	"a rule broken on the version it was made on": {
		schema: `{"properties":{"n":{"maximum":5}}}`, base: `{"n":1}`, server: `{"n":1}`, local: `{"n":6}`,
		outcome: store.Conflicted, version: 1, fields: `{"n":1}`, conflict: []string{"/n"},
	},
	"a rule that the server's record breaks already": {
		schema: `{"properties":{"n":{"maximum":5}}}`, base: `{"n":9}`, server: `{"a":1,"n":9}`, local: `{"b":1,"n":9}`,
		outcome: store.Merged, version: 3, fields: `{"a":1,"b":1,"n":9}`,
	},
	"an edit that wins over a deletion": {
		schema: `{"x-merge-delete":"local"}`, base: `{"a":1}`, server: `null`, local: `{"a":2}`,
		outcome: store.Merged, version: 3, fields: `{"a":2}`,
	},
	"a deletion that wins over an edit": {
		schema: `{"x-merge-delete":"server"}`, base: `{"a":1}`, server: `null`, local: `{"a":2}`,
		outcome: store.Superseded, version: 2, fields: ``,
	},
	"a policy by which the server's value stays": {
		schema: `{"properties":{"a":{"x-merge":"server"}}}`, base: `{"a":1}`, server: `{"a":2}`, local: `{"a":3}`,
		outcome: store.Superseded, version: 2, fields: `{"a":2}`,
	},
	"a value that is not looked at": {
		schema: `{"properties":{"a":{"x-merge":"ignore"}}}`, base: `{"a":1}`, server: `{"a":1}`, local: `{"a":3}`,
		outcome: store.Superseded, version: 1, fields: `{"a":1}`,
	},
	"last write wins, by a record that keeps the rules": {
		schema: `{"x-merge-strategy":"last-write-wins","properties":{"n":{"maximum":5}}}`,
		base:   `{"n":1}`, server: `{"n":2}`, local: `{"n":3}`,
		outcome: store.Superseded, version: 2, fields: `{"n":2}`,
	},
}

func TestChangesAreJoinedByTheRulesOfTheirCollection(t *testing.T) {
	alone(t)
	for name, c := range ruledChanges {
		t.Run(name, func(t *testing.T) {
			s := contested(t, c.schema, c.base, c.server)
			version := "1"
			a := push(t, s, changeOn(version, "k1", c.local))
			if a.Outcome != c.outcome || a.Version != c.version || c.conflict != nil && !slices.Equal(a.Fields, c.conflict) {
				t.Errorf("the answer is %+v", a)
			}
			s = reopen(t, s)
			wantRecord(t, s, "deal/1", c.version, c.fields)
			if again := push(t, s, changeOn(version, "k1", c.local)); asJSON(t, again) != asJSON(t, a) {
				t.Errorf("once more the answer is %+v, not %+v", again, a)
			}
			wantSum(t, s)
		})
	}
}

// Whatever a policy leaves out stays in the history, whole.
func TestAValueThatAPolicyDropsIsKeptAside(t *testing.T) {
	s := contested(t, `{"properties":{"a":{"x-merge":"server"},"n":{"x-merge":"ignore"}}}`, `{"a":1,"b":1,"n":1}`, `{"a":2,"b":1,"n":1}`)
	if a := push(t, s, changeOn("1", "k1", `{"a":3,"b":2,"n":2}`)); !slices.Equal(a.Fields, []string{"/a", "/n"}) {
		t.Errorf("the answer is %+v", a)
	}
	s = reopen(t, s)
	wantRecord(t, s, "deal/1", 3, `{"a":2,"b":2,"n":1}`)
	wantRows(t, s, `SELECT s.side, s.reason, s.version, s.not_kept, d.body FROM dovetail_side s JOIN dovetail_document d ON d.id = s.document`,
		`local policy 3 [{"path":"/a","side":"local","value":3},{"path":"/n","side":"local","value":2}] {"a":3,"b":2,"n":2}`)
}

func TestTheLastWriteDoesNotBreakARule(t *testing.T) {
	s := contested(t, `{"x-merge-strategy":"last-write-wins","properties":{"n":{"maximum":5},"id":{"x-merge":"immutable"}}}`,
		`{"id":1,"n":1}`, `{"id":1,"n":2}`)
	late := func(key, local string) string {
		line := changeOn("1", key, local)
		return line[:len(line)-1] + `,"local_at":"2026-11-22T12:00:00Z"}`
	}
	wantAnswer(t, push(t, s, late("k1", `{"id":1,"n":6}`)), store.Conflicted, 2, 1)
	wantAnswer(t, push(t, s, late("k2", `{"id":2,"n":3}`)), store.Conflicted, 2, 2)
	wantAnswer(t, push(t, s, late("k3", `{"id":1,"m":6,"n":1}`)), store.Merged, 3, 0)
	s = reopen(t, s)
	wantRecord(t, s, "deal/1", 3, `{"id":1,"m":6,"n":1}`)
	wantSum(t, s)
}

// The later record may break a rule that the join of its fields would keep: a person looks at the join.
func TestTheLastWriteThatBreaksARuleIsOfferedAsAJoin(t *testing.T) {
	s := contested(t, `{"x-merge-strategy":"last-write-wins","minProperties":2}`, `{"a":1,"b":1}`, `{"a":1,"b":1,"c":1}`)
	line := changeOn("1", "k1", `{"b":1}`)
	wantAnswer(t, push(t, s, line[:len(line)-1]+`,"local_at":"2026-11-22T12:00:00Z"}`), store.Conflicted, 2, 1)
	s = reopen(t, s)
	wantKind(t, s, 1, merge.RuleKind)
	resolve(t, s, 1, merge.TakeLocal, "ana")
	wantRecord(t, s, "deal/1", 3, `{"b":1,"c":1}`)
	wantSum(t, s)
}

// The newest schema counts, whichever process set it.
func TestASchemaSetByAnotherProcessCounts(t *testing.T) {
	s := contested(t, tagsAreASet, `{"tags":["a"],"visits":1}`, `{"tags":["b"],"visits":2}`)
	push(t, s, changeOn("1", "k1", `{"tags":["c"],"visits":1}`))
	wantRecord(t, s, "deal/1", 3, `{"tags":["b","c"],"visits":2}`)
	other, err := store.Open(t.Context(), s.Info().Path, options())
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	setSchema(t, other, "deal", visitsAreAdded)
	push(t, s, changeOn("1", "k2", `{"tags":["a"],"visits":2}`))
	wantRecord(t, s, "deal/1", 4, `{"tags":["b","c"],"visits":3}`)
	setSchema(t, other, "deal", `{"properties":{"visits":{"maximum":3}}}`)
	var broken *merge.RuleError
	if _, err := s.Write(t.Context(), store.Edit{Record: key("deal/1"), Version: 4, Fields: doc(`{"visits":4}`)}); !errors.As(err, &broken) {
		t.Errorf("it says %v", err)
	}
}

func TestAWriteThatBreaksARuleIsRefused(t *testing.T) {
	const schema = `{"properties":{"n":{"maximum":5},"id":{"x-merge":"immutable"},"seen":{"x-merge":"ignore"}},"required":["n"]}`
	for name, c := range map[string]struct {
		before, write string // before "": the record is new; write "": it is deleted
		broken        string // "": it is written
	}{
		"a new record":                   {write: `{"n":6}`, broken: `"n": is at most 5`},
		"a new record without a field":   {write: `{}`, broken: `"n": is required`},
		"a new record with a fixed part": {write: `{"id":7,"n":1}`},
		"an edit":                        {before: `{"n":1}`, write: `{"n":6}`, broken: `"n": is at most 5`},
		"a rule that was broken before":  {before: `{"n":6}`, write: `{"m":1,"n":6}`},
		"a rule that is kept again":      {before: `{"n":6}`, write: `{"n":5}`},
		"another rule":                   {before: `{"n":6}`, write: `{"m":1}`, broken: `"n": is required`},
		"a deletion":                     {before: `{"n":1}`},
		"what may not change":            {before: `{"id":1,"n":1}`, write: `{"id":2,"n":1}`, broken: `"id": may not change after it was created`},
		"what a merge does not look at":  {before: `{"n":1,"seen":1}`, write: `{"n":1,"seen":2}`},
	} {
		t.Run(name, func(t *testing.T) {
			s := newStore(t)
			var version int64
			if c.before != "" {
				load(t, s, `{"type":"record","record":"deal/1","version":1,"fields":`+c.before+`}`)
				version = 1
			}
			setSchema(t, s, "deal", schema)
			e := store.Edit{Record: key("deal/1"), Version: version, By: "ana"}
			if c.write != "" {
				e.Fields = doc(c.write)
			}
			_, err := s.Write(t.Context(), e)
			s = reopen(t, s)
			if c.broken == "" {
				if err != nil {
					t.Errorf("refused: %v", err)
				}
				wantRecord(t, s, "deal/1", version+1, c.write)
				return
			}
			var broken *merge.RuleError
			if !errors.As(err, &broken) || len(broken.Broken) != 1 || broken.Broken[0].String() != c.broken {
				t.Errorf("it says %v", err)
			}
			if version == 0 {
				wantRows(t, s, `SELECT count(*) FROM dovetail_record`, "0")
				return
			}
			wantRecord(t, s, "deal/1", 1, c.before)
		})
	}
}

func TestAResolutionThatBreaksARuleWritesNothing(t *testing.T) {
	s := contested(t, `{"properties":{"n":{"maximum":5}}}`, `{"n":1}`, `{"n":2}`)
	push(t, s, changeOn("1", "k1", `{"n":6}`))
	c, err := s.Case(t.Context(), 1)
	if err != nil {
		t.Fatal(err)
	}
	f, _ := c.Merge().Field("/n")
	local, _ := f.Choose(merge.TakeLocal, merge.Absent)
	w := merge.Writing{Conflict: 1, Revision: 1, ServerVersion: 2, Person: "ana", Decisions: merge.Decisions{"/n": local}, Result: doc(`{"n":6}`)}
	var broken *merge.RuleError
	if _, err := s.Resolve(t.Context(), w); !errors.As(err, &broken) {
		t.Errorf("it says %v", err)
	}
	s = reopen(t, s)
	wantRecord(t, s, "deal/1", 2, `{"n":2}`)
	edited, _ := f.Choose(merge.Edited, "5")
	w.Decisions, w.Result = merge.Decisions{"/n": edited}, doc(`{"n":5}`)
	if _, err := s.Resolve(t.Context(), w); err != nil {
		t.Fatal(err)
	}
	wantRecord(t, s, "deal/1", 3, `{"n":5}`)
}

func TestANewSchemaMergesWhatWaitsAgain(t *testing.T) {
	s := newStore(t)
	for _, id := range []string{"deal/1", "deal/2", "other/1"} {
		load(t, s, `{"type":"record","record":"`+id+`","version":1,"fields":{"status":"a","tags":["a"]}}`,
			`{"type":"record","record":"`+id+`","version":2,"fields":{"status":"b","tags":["b"]}}`)
	}
	push(t, s, `{"key":"k1","record":"deal/1","base_version":1,"local":{"status":"c","tags":["c"]}}`)
	push(t, s, `{"key":"k2","record":"deal/2","base_version":1,"local":{"status":"c","tags":["a"]}}`)
	push(t, s, `{"key":"k3","record":"other/1","base_version":1,"local":{"status":"c","tags":["c"]}}`)
	before, err := s.Case(t.Context(), 1)
	if err != nil {
		t.Fatal(err)
	}
	draft := merge.Draft{Conflict: 1, Person: "ana", Revision: 1, ServerVersion: 2}
	for _, path := range []string{"/status", "/tags"} {
		f, _ := before.Merge().Field(path)
		d, _ := f.Choose(merge.TakeLocal, merge.Absent)
		draft.Decide("local", merge.Decisions{path: d})
	}
	if err := s.SaveDraft(t.Context(), draft); err != nil {
		t.Fatal(err)
	}

	setSchema(t, s, "deal", tagsAreASet)
	s = reopen(t, s)
	const waiting = `SELECT id, fields, state, revision FROM dovetail_conflict ORDER BY id`
	wantRows(t, s, waiting,
		`1 ["/status"] open 2`, // the tags are joined now
		`2 ["/status"] open 1`, // nothing is another
		`3 ["/status","/tags"] open 1`)
	after, err := s.Case(t.Context(), 1)
	if err != nil {
		t.Fatal(err)
	}
	kept, err := s.Draft(t.Context(), 1, "ana")
	if err != nil {
		t.Fatal(err)
	}
	kept.Rebase(after.Merge(), after.Conflict.Revision, after.Conflict.ServerVersion)
	if kept.Decisions["/status"].Choice != merge.TakeLocal || !slices.Equal(kept.Moved, []string{"/tags"}) {
		t.Errorf("of the decisions are left %v, moved %v", kept.Decisions, kept.Moved)
	}
	if found, err := s.Conflicts(t.Context(), merge.Query{Filter: merge.Filter{Terms: []merge.Term{{Name: "field", Op: ':', Value: "/tags"}}}}); err != nil || len(found.Conflicts) != 1 {
		t.Errorf("the queue finds %+v, %v by the field that was joined", found, err)
	}

	setSchema(t, s, "deal", "")
	wantRows(t, s, waiting, `1 ["/status","/tags"] open 3`, `2 ["/status"] open 1`, `3 ["/status","/tags"] open 1`)
	wantSum(t, s)
}

func TestAConflictInWhichNothingIsOpenAnyMoreStillWaits(t *testing.T) {
	s := contested(t, "", `{"tags":["a"]}`, `{"tags":["b"]}`)
	push(t, s, changeOn("1", "k1", `{"tags":["c"]}`))
	setSchema(t, s, "deal", tagsAreASet)
	s = reopen(t, s)
	wantRows(t, s, `SELECT state, fields FROM dovetail_conflict`, `open []`)
	resolve(t, s, 1, merge.TakeLocal, "ana") // there is nothing to take
	wantRecord(t, s, "deal/1", 3, `{"tags":["b","c"]}`)
	if _, err := s.Undo(t.Context(), 1, "ana"); err != nil {
		t.Fatal(err)
	}
	wantRecord(t, s, "deal/1", 4, `{"tags":["b"]}`)
	wantSum(t, s)
}
