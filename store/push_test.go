package store_test

import (
	"fmt"
	"slices"
	"testing"

	"dovetail/merge"
	"dovetail/store"
)

// wantAnswer compares what matters in most tests.
func wantAnswer(t *testing.T, got store.Answer, outcome store.Outcome, version, conflict int64) {
	t.Helper()
	if got.Outcome != outcome || got.Version != version || got.Conflict != conflict {
		t.Errorf("the answer is %+v, want %s, version %d, conflict %d", got, outcome, version, conflict)
	}
}

func wantKind(t *testing.T, s *store.Store, conflict int64, kind merge.Kind, fields ...string) {
	t.Helper()
	c, err := s.Case(t.Context(), conflict)
	if err != nil {
		t.Fatal(err)
	}
	if c.Conflict.Kind != kind || !slices.Equal(c.Conflict.Fields, fields) {
		t.Errorf("conflict %d is %s in %q, want %s in %q", conflict, c.Conflict.Kind, c.Conflict.Fields, kind, fields)
	}
	if r := c.Merge(); !slices.Equal(r.Conflicts(), fields) {
		t.Errorf("its sides merge to conflicts in %q, want %q", r.Conflicts(), fields)
	}
}

func TestTheBaseOfAChange(t *testing.T) {
	alone(t)
	const seen = `{"type":"record","record":"a/1","version":3,"fields":{"x":1,"y":1}}`
	const moved = `{"type":"record","record":"a/1","version":4,"fields":{"x":1,"y":2}}`
	tests := []struct {
		name    string
		before  []string
		change  string // what stands between key and record
		outcome store.Outcome
		version int64
		kind    merge.Kind
		fields  []string
		ends    string
	}{
		{name: "none, for a record never seen, is a create", change: `"local":{"x":9}`,
			outcome: store.Applied, version: 1, ends: `{"x":9}`},
		{name: "null says that it did not exist", change: `"base":null,"local":{"x":9}`,
			outcome: store.Applied, version: 1, ends: `{"x":9}`},
		{name: "version 0 says that it did not exist", change: `"base_version":0,"local":{"x":9}`,
			outcome: store.Applied, version: 1, ends: `{"x":9}`},
		{name: "version 0 and a base contradict each other", before: []string{seen}, change: `"base_version":0,"base":{"x":1,"y":1},"local":{"x":9,"y":1}`,
			outcome: store.Conflicted, version: 3, kind: merge.NoBase, fields: []string{"/x"}, ends: `{"x":1,"y":1}`},
		{name: "the head", before: []string{seen}, change: `"base_version":3,"local":{"x":9,"y":1}`,
			outcome: store.Applied, version: 4, ends: `{"x":9,"y":1}`},
		{name: "an older version", before: []string{seen, moved}, change: `"base_version":3,"local":{"x":9,"y":1}`,
			outcome: store.Merged, version: 5, ends: `{"x":9,"y":2}`},
		{name: "an older version, in conflict", before: []string{seen, moved}, change: `"base_version":3,"local":{"x":9,"y":9}`,
			outcome: store.Conflicted, version: 4, kind: merge.EditEdit, fields: []string{"/y"}, ends: `{"x":1,"y":2}`},
		{name: "a document alone", before: []string{seen, moved}, change: `"base":{"y":1,"x":1.0},"local":{"x":9,"y":1}`,
			outcome: store.Merged, version: 5, ends: `{"x":9,"y":2}`},
		{name: "a version and the same document", before: []string{seen, moved}, change: `"base_version":3,"base":{"x":1,"y":1},"local":{"x":9,"y":1}`,
			outcome: store.Merged, version: 5, ends: `{"x":9,"y":2}`},
		{name: "a version and another document", before: []string{seen, moved}, change: `"base_version":3,"base":{"x":7,"y":1},"local":{"x":9,"y":1}`,
			outcome: store.Conflicted, version: 4, kind: merge.NoBase, fields: []string{"/x", "/y"}, ends: `{"x":1,"y":2}`},
		{name: "a hash that differs", before: []string{seen}, change: `"base_version":3,"base_hash":"00ff","local":{"x":9,"y":1}`,
			outcome: store.Conflicted, version: 3, kind: merge.NoBase, fields: []string{"/x"}, ends: `{"x":1,"y":1}`},
		{name: "the hash of the document", before: []string{seen, moved},
			// sha256 of {"x":1,"y":1}
			change:  `"base_version":3,"base_hash":"` + hashOf(`{"x":1,"y":1}`) + `","local":{"x":9,"y":1}`,
			outcome: store.Merged, version: 5, ends: `{"x":9,"y":2}`},
		{name: "none, for a record that is known", before: []string{seen}, change: `"local":{"x":9,"y":1}`,
			outcome: store.Conflicted, version: 3, kind: merge.NoBase, fields: []string{"/x"}, ends: `{"x":1,"y":1}`},
		{name: "none, but equal", before: []string{seen}, change: `"local":{"y":1,"x":1e0}`,
			outcome: store.Converged, version: 3, ends: `{"x":1,"y":1}`},
		{name: "a version ahead of the head", before: []string{seen}, change: `"base_version":9,"local":{"x":9,"y":1}`,
			outcome: store.Conflicted, version: 3, kind: merge.NoBase, fields: []string{"/x"}, ends: `{"x":1,"y":1}`},
		{name: "a version of a record never seen", change: `"base_version":9,"local":{"x":9,"y":1}`,
			outcome: store.Conflicted, version: 0, kind: merge.NoBase, fields: []string{""}},
		{name: "an unknown version with its document is recorded first", change: `"base_version":9,"base":{"x":1,"y":1},"local":{"x":9,"y":1}`,
			outcome: store.Applied, version: 10, ends: `{"x":9,"y":1}`},
		{name: "an unknown version that follows what was brought is recorded first", before: []string{seen},
			change:  `"base_version":9,"base":{"x":1,"y":7},"local":{"x":9,"y":7}`,
			outcome: store.Applied, version: 10, ends: `{"x":9,"y":7}`},
		{name: "an unknown version ahead of what was written here is not trusted",
			before:  []string{seen, `{"key":"w","record":"a/1","base_version":3,"local":{"x":5,"y":1}}`},
			change:  `"base_version":9,"base":{"x":1,"y":7},"local":{"x":9,"y":7}`,
			outcome: store.Conflicted, version: 4, kind: merge.NoBase, fields: []string{"/x", "/y"}, ends: `{"x":5,"y":1}`},
		{name: "both created it", before: []string{seen}, change: `"base":null,"local":{"x":9,"y":1}`,
			outcome: store.Conflicted, version: 3, kind: merge.CreateCreate, fields: []string{"/x"}, ends: `{"x":1,"y":1}`},
		{name: "both created the same", before: []string{seen}, change: `"base":null,"local":{"x":1,"y":1}`,
			outcome: store.Converged, version: 3, ends: `{"x":1,"y":1}`},
		{name: "nothing was changed", before: []string{seen, moved}, change: `"base_version":3,"local":{"x":1,"y":1}`,
			outcome: store.Converged, version: 4, ends: `{"x":1,"y":2}`},
		{name: "both made the same change", before: []string{seen, moved}, change: `"base_version":3,"local":{"x":1,"y":2}`,
			outcome: store.Converged, version: 4, ends: `{"x":1,"y":2}`},
		{name: "a delete of the head", before: []string{seen}, change: `"base_version":3,"local":null`,
			outcome: store.Applied, version: 4},
		{name: "a delete of what was edited", before: []string{seen, moved}, change: `"base_version":3,"local":null`,
			outcome: store.Conflicted, version: 4, kind: merge.DeleteEdit, fields: []string{""}, ends: `{"x":1,"y":2}`},
		{name: "an edit of what was deleted", before: []string{seen, `{"type":"record","record":"a/1","version":4,"fields":null}`},
			change:  `"base_version":3,"local":{"x":9,"y":1}`,
			outcome: store.Conflicted, version: 4, kind: merge.EditDelete, fields: []string{""}},
		{name: "both deleted it", before: []string{seen, `{"type":"record","record":"a/1","version":4,"fields":null}`},
			change: `"base_version":3,"local":null`, outcome: store.Converged, version: 4},
		{name: "a deletion in between counts, also after it was created again",
			before:  []string{seen, `{"type":"record","record":"a/1","version":4,"fields":null}`, `{"type":"record","record":"a/1","version":5,"fields":{"x":1,"y":1}}`},
			change:  `"base_version":3,"local":{"x":9,"y":1}`,
			outcome: store.Conflicted, version: 5, kind: merge.EditDelete, fields: []string{""}, ends: `{"x":1,"y":1}`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := newStore(t)
			load(t, s, tt.before...)
			a := push(t, s, `{"key":"k","record":"a/1",`+tt.change+`}`)
			conflict := int64(0)
			if tt.outcome == store.Conflicted {
				conflict = 1
			}
			wantAnswer(t, a, tt.outcome, tt.version, conflict)
			s = reopen(t, s)
			if conflict > 0 {
				wantKind(t, s, 1, tt.kind, tt.fields...)
			}
			if tt.version > 0 {
				wantRecord(t, s, "a/1", tt.version, tt.ends)
			}
			wantSum(t, s)
			wantChain(t, s)
		})
	}
}

func TestTheHashOfAWholeHistoryIsABaseHashToo(t *testing.T) {
	s := newStore(t)
	load(t, s, dealV3, dealV4)
	log, err := s.Log(t.Context(), key("deal/D-1042"))
	if err != nil {
		t.Fatal(err)
	}
	a := push(t, s, `{"key":"k","record":"deal/D-1042","base_version":3,"base_hash":"`+log[0].Hash+`","local":{"status":"negotiating","amount":50000}}`)
	wantAnswer(t, a, store.Merged, 5, 0)
}

func TestTheSameChangeAgainGetsItsAnswerAgainAndHasNoEffect(t *testing.T) {
	s := newStore(t)
	lines := []string{
		`{"key":"a","record":"a/1","local":{"x":1},"device":"d","sequence":1}`,
		`{"key":"b","record":"a/1","base_version":1,"local":{"x":2},"device":"d","sequence":2}`,
		`{"key":"c","record":"a/1","base_version":1,"local":{"x":3},"device":"e","sequence":1}`,
		`{"key":"d","record":"a/1","base_version":1,"local":{"x":2},"device":"f","sequence":1}`,
		`{"key":"e","record":"a/1","base_version":1,"local":{"x":1,"y":1},"device":"g","sequence":1}`,
	}
	var first []string
	for _, line := range lines {
		first = append(first, fmt.Sprintf("%+v", push(t, s, line)))
	}
	before := ask(t, s, `SELECT (SELECT count(*) FROM dovetail_version), (SELECT count(*) FROM dovetail_conflict),
		(SELECT count(*) FROM dovetail_side), (SELECT sum(number) FROM dovetail_count)`)
	s = reopen(t, s)
	for _, i := range []int{4, 2, 0, 1, 3, 2, 2} {
		if again := fmt.Sprintf("%+v", push(t, s, lines[i])); again != first[i] {
			t.Errorf("again %s\nfirst %s", again, first[i])
		}
	}
	if after := ask(t, s, `SELECT (SELECT count(*) FROM dovetail_version), (SELECT count(*) FROM dovetail_conflict),
		(SELECT count(*) FROM dovetail_side), (SELECT sum(number) FROM dovetail_count)`); !slices.Equal(after, before) {
		t.Errorf("rows are %q, before %q", after, before)
	}
	wantSum(t, s)
}

func TestAKeyUsedForAnotherChangeIsRefused(t *testing.T) {
	alone(t)
	const line = `{"key":"k","record":"a/1","base":null,"local":{"x":1},"local_by":"ana"}`
	for name, other := range map[string]string{
		"other local":  `{"key":"k","record":"a/1","base":null,"local":{"x":2},"local_by":"ana"}`,
		"deletion":     `{"key":"k","record":"a/1","base":null,"local":null,"local_by":"ana"}`,
		"other record": `{"key":"k","record":"a/2","base":null,"local":{"x":1},"local_by":"ana"}`,
		"other base":   `{"key":"k","record":"a/1","base":{},"local":{"x":1},"local_by":"ana"}`,
		"other sender": `{"key":"k","record":"a/1","base_version":1,"local":{"x":1},"local_by":"ana","device":"d","sequence":1}`,
		"other value":  `{"key":"k","record":"a/1","base_version":0,"local":{"x":2},"local_by":"ana","device":"d","sequence":1}`,
		"other author": `{"key":"k","record":"a/1","base":null,"local":{"x":1},"local_by":"bo"}`,
		"unknown type": `{"type":"x","key":"k","record":"a/1"}`,
	} {
		t.Run(name, func(t *testing.T) {
			s := newStore(t)
			push(t, s, line)
			a := push(t, s, other)
			if a.Outcome != store.Refused || a.Error == "" || a.Key != "k" {
				t.Errorf("the answer is %+v", a)
			}
			wantRecord(t, s, "a/1", 1, `{"x":1}`)
			if a := push(t, s, line); a.Outcome != store.Applied {
				t.Errorf("the first change now gets %+v", a)
			}
			wantSum(t, s)
		})
	}
}

func TestACopiedReplicaIsGivenAnotherDevice(t *testing.T) {
	s := newStore(t)
	push(t, s, `{"key":"a1","record":"a/1","local":{"x":1},"device":"d","sequence":1}`)
	push(t, s, `{"key":"a2","record":"a/2","local":{"x":1},"device":"d","sequence":2}`)
	copied := push(t, s, `{"key":"b1","record":"b/1","local":{"x":1},"device":"d","sequence":1}`)
	wantAnswer(t, copied, store.Applied, 1, 0)
	if copied.Device == "" || copied.Device == "d" {
		t.Fatalf("the copy is given the device %q", copied.Device)
	}
	second := push(t, s, `{"key":"b2","record":"b/2","local":{"x":1},"device":"d","sequence":2}`)
	if second.Device != copied.Device {
		t.Errorf("the copy's next change is given %q, want %q again", second.Device, copied.Device)
	}
	third := push(t, s, `{"key":"c1","record":"c/1","local":{"x":1},"device":"d","sequence":1}`)
	if third.Device == "" || third.Device == copied.Device {
		t.Errorf("a second copy is given %q", third.Device)
	}
	s = reopen(t, s)
	if again := push(t, s, `{"key":"b1","record":"b/1","local":{"x":1},"device":"d","sequence":1}`); again.Device != copied.Device {
		t.Errorf("again the copy is given %q, want %q", again.Device, copied.Device)
	}
	wantRows(t, s, `SELECT key, device FROM dovetail_change ORDER BY id`,
		"a1 d", "a2 d", "b1 "+copied.Device, "b2 "+copied.Device, "c1 "+third.Device)
	wantSum(t, s)
}

func TestOneConflictPerReplicaAndRecord(t *testing.T) {
	s := newStore(t)
	load(t, s, dealV3, dealV4)
	wantAnswer(t, push(t, s, dealChange), store.Conflicted, 4, 1)
	newer := push(t, s, `{"key":"k2","record":"deal/D-1042","base_version":3,"local":{"status":"closed","amount":60000,"notes":"mine"},"local_by":"ana","device":"ana-7","sequence":2}`)
	wantAnswer(t, newer, store.Conflicted, 4, 1)
	wantKind(t, s, 1, merge.EditEdit, "/notes", "/status")
	wantRows(t, s, `SELECT id, revision, state FROM dovetail_conflict`, "1 2 open")
	wantRows(t, s, `SELECT s.side, s.reason, s.conflict, d.body FROM dovetail_side s JOIN dovetail_document d ON d.id = s.document`,
		`local replaced 1 {"amount":50000,"status":"closed"}`)
	wantRows(t, s, `SELECT key, replaced FROM dovetail_change ORDER BY id`, "k1 1", "k2 0")

	late := push(t, s, `{"key":"k0","record":"deal/D-1042","base_version":3,"local":{"status":"early"},"device":"ana-7","sequence":0}`)
	wantAnswer(t, late, store.Conflicted, 4, 2) // without a sequence it does not build on the others
	wantSum(t, s)

	gone := push(t, s, `{"key":"k3","record":"deal/D-1042","base_version":3,"local":{"status":"open","amount":40000,"notes":"added"},"device":"ana-7","sequence":3}`)
	wantAnswer(t, gone, store.Converged, 4, 1)
	wantRows(t, s, `SELECT id, state FROM dovetail_conflict ORDER BY id`, "1 resolved", "2 open")
	wantSum(t, s)
}

func TestANewerChangeIsMergedOnTheBaseThatItNames(t *testing.T) {
	for name, tt := range map[string]struct {
		names string
		base  string
		lost  bool
	}{
		"a document alone":          {names: `"base":{"s":"srv","z":9},`, base: `{"s":"srv","z":9}`},
		"a version with no such":    {names: `"base_version":2,"base_hash":"00",`, lost: true},
		"a version with another":    {names: `"base_version":2,"base":{"s":"else"},`, lost: true},
		"a hash alone":              {names: `"base_hash":"00",`, lost: true},
		"nothing":                   {base: `{"s":"base","z":5}`},
		"a version that came later": {names: `"base_version":2,`, base: `{"s":"srv","z":9}`},
	} {
		t.Run(name, func(t *testing.T) {
			s := newStore(t)
			load(t, s, `{"type":"record","record":"a/1","version":1,"fields":{"s":"base","z":5}}`, `{"type":"record","record":"a/1","version":2,"fields":{"s":"srv","z":9}}`)
			push(t, s, `{"key":"k1","record":"a/1","base_version":1,"local":{"s":"A","z":5},"device":"x","sequence":1}`)
			push(t, s, `{"key":"k2","record":"a/1",`+tt.names+`"local":{"s":"B","z":5},"device":"x","sequence":2}`)
			c, err := s.Case(t.Context(), 1)
			if err != nil || string(c.Sides.Base) != tt.base || c.Sides.BaseLost != tt.lost || string(c.Sides.Local) != `{"s":"B","z":5}` {
				t.Errorf("the sides are %s, lost %v, %s, %v", c.Sides.Base, c.Sides.BaseLost, c.Sides.Local, err)
			}
			wantSum(t, s)
		})
	}
}

func TestANewerChangeMayStandOnANewerBase(t *testing.T) {
	s := newStore(t)
	playDeal(t, s)
	// The device learned version 4, and its next change was made on it.
	push(t, s, `{"key":"k2","record":"deal/D-1042","base_version":4,"local":{"status":"closed","amount":40000,"notes":"added"},"device":"ana-7","sequence":2}`)
	wantRows(t, s, `SELECT base_version, fields, state FROM dovetail_conflict`, "4 [] open")
	w := resolve(t, s, 1, merge.TakeLocal, "bo")
	if string(w.Result) != `{"amount":40000,"notes":"added","status":"closed"}` {
		t.Errorf("written is %s", w.Result)
	}
}

func TestAChangeThatWasOvertakenIsKeptAside(t *testing.T) {
	s := newStore(t)
	load(t, s, dealV3, dealV4)
	push(t, s, `{"key":"k5","record":"deal/D-1042","base_version":3,"local":{"status":"five","amount":40000},"device":"ana-7","sequence":5}`)
	late := push(t, s, `{"key":"k4","record":"deal/D-1042","base_version":3,"local":{"status":"four","amount":40000},"device":"ana-7","sequence":4}`)
	wantAnswer(t, late, store.Conflicted, 4, 1)
	c, err := s.Case(t.Context(), 1)
	if err != nil || string(c.Sides.Local) != `{"amount":40000,"status":"five"}` || c.Conflict.Revision != 1 {
		t.Errorf("the conflict is %+v with %s, %v", c.Conflict, c.Sides.Local, err)
	}
	wantRows(t, s, `SELECT d.body FROM dovetail_side s JOIN dovetail_document d ON d.id = s.document`, `{"amount":40000,"status":"four"}`)
	wantSum(t, s)
}

func TestWhenNothingIsUndecidedAnyMoreTheConflictStillWaits(t *testing.T) {
	s := newStore(t)
	playDeal(t, s)
	a := push(t, s, `{"key":"k2","record":"deal/D-1042","base_version":3,"local":{"status":"negotiating","amount":60000},"local_by":"ana","device":"ana-7","sequence":2}`)
	wantAnswer(t, a, store.Conflicted, 4, 1)
	wantKind(t, s, 1, merge.EditEdit)
	wantRecord(t, s, "deal/D-1042", 4, `{"amount":40000,"notes":"added","status":"open"}`)
	w := resolve(t, s, 1, merge.TakeLocal, "bo")
	if string(w.Result) != `{"amount":60000,"notes":"added","status":"open"}` {
		t.Errorf("written was %s", w.Result)
	}
	wantSum(t, s)
}

func TestSeveralDevicesHaveAConflictEach(t *testing.T) {
	s := newStore(t)
	playDeal(t, s)
	wantAnswer(t, push(t, s, `{"key":"l1","record":"deal/D-1042","base_version":3,"local":{"status":"lost","amount":40000},"local_by":"lee","device":"lee-2","sequence":1}`), store.Conflicted, 4, 2)
	wantAnswer(t, push(t, s, `{"key":"m1","record":"deal/D-1042","base_version":4,"local":{"status":"open","amount":1,"notes":"added"},"local_by":"max","device":"max-1","sequence":1}`), store.Applied, 5, 0)

	numbers, err := s.ConflictsOf(t.Context(), key("deal/D-1042"))
	if err != nil || !slices.Equal(numbers, []int64{1, 2}) {
		t.Errorf("its conflicts are %v, %v", numbers, err)
	}
	// The head moved: both were merged again on it, each with its own base.
	wantKind(t, s, 1, merge.EditEdit, "/amount", "/status")
	wantKind(t, s, 2, merge.EditEdit, "/status")
	wantRows(t, s, `SELECT id, revision, base_version, server_version FROM dovetail_conflict ORDER BY id`, "1 2 3 5", "2 2 3 5")

	resolve(t, s, 2, merge.TakeLocal, "bo")
	wantRecord(t, s, "deal/D-1042", 6, `{"amount":1,"notes":"added","status":"lost"}`)
	wantRows(t, s, `SELECT id, state, revision, server_version FROM dovetail_conflict ORDER BY id`, "1 open 3 6", "2 resolved 3 5")
	wantSum(t, s)
	wantChain(t, s)
}

func TestAConflictClosesWhenTheServerComesToTheSame(t *testing.T) {
	s := newStore(t)
	playDeal(t, s)
	_, err := s.Write(t.Context(), store.Edit{Record: key("deal/D-1042"), Version: 4, Fields: doc(`{"status":"closed","amount":50000}`), By: "diaz"})
	if err != nil {
		t.Fatal(err)
	}
	wantRows(t, s, `SELECT state, resolution FROM dovetail_conflict`, "resolved NULL")
	if n, err := s.ConflictsOf(t.Context(), key("deal/D-1042")); err != nil || len(n) > 0 {
		t.Errorf("waiting are %v, %v", n, err)
	}
	wantSum(t, s)
}

func TestLastWriteWins(t *testing.T) {
	const v1 = `{"type":"record","record":"a/1","version":1,"fields":{"x":1,"y":1},"at":"2026-11-22T08:00:00Z"}`
	const v2 = `{"type":"record","record":"a/1","version":2,"fields":{"x":2,"y":1},"by":"diaz","at":"2026-11-22T08:30:00Z"}`
	change := func(at string) string {
		return `{"key":"k","record":"a/1","base_version":1,"local":{"x":1,"y":9},"local_by":"ana","device":"d","sequence":1` + at + `}`
	}
	tests := []struct {
		name    string
		change  string
		outcome store.Outcome
		version int64
		ends    string
		side    string
	}{
		{name: "the later change", change: change(`,"local_at":"2026-11-22T08:45:00Z"`), outcome: store.Merged, version: 3,
			ends: `{"x":1,"y":9}`, side: `server last-write-wins 3 diaz {"x":2,"y":1} [{"path":"/x","side":"server","value":2}]`},
		{name: "the earlier change", change: change(`,"local_at":"2026-11-22T08:15:00Z"`), outcome: store.Superseded, version: 2,
			ends: `{"x":2,"y":1}`, side: `local last-write-wins 2 ana {"x":1,"y":9} [{"path":"/y","side":"local","value":9}]`},
		{name: "a tie goes to the server", change: change(`,"local_at":"2026-11-22T08:30:00Z"`), outcome: store.Superseded, version: 2,
			ends: `{"x":2,"y":1}`, side: `local last-write-wins 2 ana {"x":1,"y":9} [{"path":"/y","side":"local","value":9}]`},
		{name: "an unknown time", change: change(``), outcome: store.Superseded, version: 2,
			ends: `{"x":2,"y":1}`, side: `local last-write-wins 2 ana {"x":1,"y":9} [{"path":"/y","side":"local","value":9}]`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := newStore(t)
			if err := s.SetStrategy(t.Context(), "a", merge.LastWriteWins); err != nil {
				t.Fatal(err)
			}
			load(t, s, v1, v2)
			s = reopen(t, s)
			wantAnswer(t, push(t, s, tt.change), tt.outcome, tt.version, 0)
			wantRecord(t, s, "a/1", tt.version, tt.ends)
			wantRows(t, s, `SELECT s.side, s.reason, s.version, s.who, d.body, s.not_kept FROM dovetail_side s JOIN dovetail_document d ON d.id = s.document`, tt.side)
			log, err := s.Log(t.Context(), key("a/1"))
			if err != nil {
				t.Fatal(err)
			}
			if last := log[len(log)-1]; len(last.NotKept) != 1 || len(last.NotKept[0].Values) != 1 {
				t.Errorf("the log lists %+v as not kept", last.NotKept)
			}
			wantSum(t, s)
		})
	}
}

// A device whose clock is years ahead must not win against everybody for years: each edit is as late as it came in.
func TestAnEditWasNotMadeAfterItArrived(t *testing.T) {
	s := newStore(t)
	if err := s.SetStrategy(t.Context(), "a", merge.LastWriteWins); err != nil {
		t.Fatal(err)
	}
	push(t, s, `{"key":"k1","record":"a/1","local":{"x":1},"local_at":"2026-11-22T08:00:00Z","device":"d","sequence":1}`)
	push(t, s, `{"key":"k2","record":"a/1","base_version":1,"local":{"x":2},"local_at":"2099-01-01T00:00:00Z","device":"d","sequence":2}`)
	wantAnswer(t, push(t, s, `{"key":"k3","record":"a/1","base_version":1,"local":{"x":3},"local_at":"2098-06-01T00:00:00Z","device":"e","sequence":1}`), store.Merged, 3, 0)
}

func TestAConflictBlocksNoOtherRecord(t *testing.T) {
	s := newStore(t)
	playDeal(t, s)
	wantAnswer(t, push(t, s, `{"key":"o","record":"deal/D-2","local":{"x":1},"device":"ana-7","sequence":2}`), store.Applied, 1, 0)
	wantSum(t, s)
}
