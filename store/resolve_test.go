package store_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"dovetail/merge"
	"dovetail/store"
)

func TestAResolutionIsWrittenWholeAndReadBack(t *testing.T) {
	s := newStore(t)
	playDeal(t, s)
	w := decide(t, s, 1, merge.TakeLocal, "bo")
	w.Note = "called the customer"
	written, err := s.Resolve(t.Context(), w)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := asJSON(t, written), `{"conflict":1,"record":"deal/D-1042","version":5,"resolution":1,"result":{"amount":50000,"notes":"added","status":"closed"}}`; got != want {
		t.Errorf("written is %s, want %s", got, want)
	}
	s = reopen(t, s)
	wantRecord(t, s, "deal/D-1042", 5, `{"amount":50000,"notes":"added","status":"closed"}`)
	wantRows(t, s, `
		SELECT v.number, v.cause, v.who, v.parent, v.base, c.key, d.body
		FROM dovetail_version v
		JOIN dovetail_document d ON d.id = v.document
		LEFT JOIN dovetail_change c ON c.id = v.change
		ORDER BY v.number DESC
		LIMIT 1`, `5 resolution bo 4 3 k1 {"amount":50000,"notes":"added","status":"closed"}`)
	wantRows(t, s, `SELECT side, version, conflict, who, not_kept FROM dovetail_side`,
		`server 5 1 diaz [{"path":"/status","side":"server","value":"open"}]`)
	wantRows(t, s, `SELECT state, resolution, revision FROM dovetail_conflict`, "resolved 1 2")
	wantRows(t, s, `SELECT conflict, version, made_on, outside, note, who FROM dovetail_resolution`, "1 5 4 4 called the customer bo")
	wantSum(t, s)
	wantChain(t, s)
}

func TestAPersonsResolutionAlwaysMakesAVersion(t *testing.T) {
	s := newStore(t)
	load(t, s, dealV3, dealV4)
	push(t, s, `{"key":"k1","record":"deal/D-1042","base_version":3,"local":{"status":"closed","amount":40000},"local_by":"ana","device":"ana-7","sequence":1}`)
	if w := resolve(t, s, 1, merge.TakeServer, "bo"); w.Version != 5 {
		t.Errorf("written is %+v", w)
	}
	wantRecord(t, s, "deal/D-1042", 5, `{"amount":40000,"notes":"added","status":"open"}`)
	log, err := s.Log(t.Context(), key("deal/D-1042"))
	if err != nil {
		t.Fatal(err)
	}
	got := asJSON(t, log[2])
	want := `{"record":"deal/D-1042","version":5,"cause":"resolution","by":"bo","at":"2026-11-22T09:00:04Z","edited_at":"2026-11-22T09:00:04Z",` +
		`"fields":{"amount":40000,"notes":"added","status":"open"},"changed":[],` +
		`"not_kept":[{"side":"local","by":"ana","device":"ana-7","fields":{"amount":40000,"status":"closed"},"values":[{"path":"/status","side":"local","value":"closed"}]}],` +
		`"resolution":1,"hash":"` + log[2].Hash + `"}`
	if stripTimes(got) != stripTimes(want) {
		t.Errorf("the log is %s\nwant %s", got, want)
	}
}

// stripTimes takes the seconds out, which depend on how often the clock was read.
func stripTimes(text string) string {
	parts := strings.Split(text, `"2026-11-22T09:00:`)
	for i := range parts[1:] {
		parts[i+1] = parts[i+1][2:]
	}
	return strings.Join(parts, "")
}

func TestAResolutionOfWhatMovedWritesNothing(t *testing.T) {
	move := func(t *testing.T, s *store.Store) {
		if _, err := s.Write(t.Context(), store.Edit{Record: key("deal/D-1042"), Version: 4, Fields: doc(`{"status":"won"}`)}); err != nil {
			t.Fatal(err)
		}
	}
	tests := []struct {
		name   string
		before func(*testing.T, *store.Store)
		change func(*merge.Writing)
		want   error
	}{
		{name: "the record moved", before: move, want: merge.ErrStale},
		{name: "the change was replaced by a newer one", before: func(t *testing.T, s *store.Store) {
			push(t, s, `{"key":"k2","record":"deal/D-1042","base_version":3,"local":{"status":"won","amount":50000},"device":"ana-7","sequence":2}`)
		}, want: merge.ErrStale},
		{name: "another revision", change: func(w *merge.Writing) { w.Revision = 7 }, want: merge.ErrStale},
		{name: "another version", change: func(w *merge.Writing) { w.ServerVersion = 3 }, want: merge.ErrStale},
		{name: "another result", change: func(w *merge.Writing) { w.Result = doc(`{"status":"closed"}`) }, want: merge.ErrStale},
		{name: "a deletion was not shown", change: func(w *merge.Writing) { w.Result = nil }, want: merge.ErrStale},
		{name: "a value that was not seen", change: func(w *merge.Writing) {
			d := w.Decisions["/status"]
			d.Saw.Server = `"other"`
			w.Decisions["/status"] = d
		}, want: merge.ErrStale},
		{name: "no such conflict", change: func(w *merge.Writing) { w.Conflict = 99 }, want: merge.ErrNotFound},
		{name: "somebody else has resolved it", before: func(t *testing.T, s *store.Store) { resolve(t, s, 1, merge.TakeServer, "cy") }, want: merge.ErrClosed},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := newStore(t)
			playDeal(t, s)
			w := decide(t, s, 1, merge.TakeLocal, "bo")
			if err := s.SaveDraft(t.Context(), merge.Draft{Conflict: 1, Person: "bo", Revision: 1, ServerVersion: 4, Decisions: w.Decisions}); err != nil {
				t.Fatal(err)
			}
			if tt.before != nil {
				tt.before(t, s)
			}
			if tt.change != nil {
				tt.change(&w)
			}
			rows := `SELECT (SELECT count(*) FROM dovetail_version), (SELECT count(*) FROM dovetail_resolution), (SELECT count(*) FROM dovetail_side),
				(SELECT revision FROM dovetail_conflict), (SELECT state FROM dovetail_conflict)`
			before := ask(t, s, rows)
			if _, err := s.Resolve(t.Context(), w); !errors.Is(err, tt.want) {
				t.Errorf("it says %v, want %v", err, tt.want)
			}
			if after := ask(t, s, rows); !slices.Equal(after, before) {
				t.Errorf("rows are %q, before %q", after, before)
			}
			if d, err := s.Draft(t.Context(), 1, "bo"); err != nil || len(d.Decisions) != 1 {
				t.Errorf("the draft is %+v, %v", d, err)
			}
			wantSum(t, s)
		})
	}
}

func TestNothingIsWrittenWhileAFieldIsUndecided(t *testing.T) {
	s := newStore(t)
	playDeal(t, s)
	w := decide(t, s, 1, merge.TakeLocal, "bo")
	w.Decisions = nil
	var undecided *merge.UndecidedError
	if _, err := s.Resolve(t.Context(), w); !errors.As(err, &undecided) || !slices.Equal(undecided.Paths, []string{"/status"}) {
		t.Errorf("it says %v", err)
	}
	wantRows(t, s, `SELECT count(*) FROM dovetail_version`, "2")
}

func TestOfManyResolversExactlyOneWins(t *testing.T) {
	s := newStore(t)
	playDeal(t, s)
	other, err := store.Open(t.Context(), s.Info().Path, options())
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	const people = 8
	errs := make([]error, people)
	var group sync.WaitGroup
	for i := range people {
		w := decide(t, s, 1, []merge.Choice{merge.TakeLocal, merge.TakeServer}[i%2], fmt.Sprintf("p%d", i))
		if err := s.SaveDraft(t.Context(), merge.Draft{Conflict: 1, Person: w.Person, Revision: 1, ServerVersion: 4, Decisions: w.Decisions}); err != nil {
			t.Fatal(err)
		}
		group.Go(func() { _, errs[i] = []*store.Store{s, other}[i/2%2].Resolve(t.Context(), w) })
	}
	group.Wait()
	won := 0
	for i, err := range errs {
		switch {
		case err == nil:
			won++
			wantRows(t, s, `SELECT who FROM dovetail_version WHERE number = 5`, fmt.Sprintf("p%d", i))
		case !errors.Is(err, merge.ErrClosed) && !errors.Is(err, merge.ErrStale):
			t.Errorf("p%d hears %v", i, err)
		}
	}
	if won != 1 {
		t.Errorf("%d won", won)
	}
	wantRows(t, s, `SELECT count(*) FROM dovetail_draft`, fmt.Sprint(people))
	wantRows(t, s, `SELECT count(*) FROM dovetail_resolution`, "1")
	wantSum(t, s)
}

func TestUndoWritesTheOldServerDocumentAndOpensTheConflictAgain(t *testing.T) {
	s := newStore(t)
	playDeal(t, s)
	before, err := s.Case(t.Context(), 1)
	if err != nil {
		t.Fatal(err)
	}
	written := resolve(t, s, 1, merge.TakeLocal, "bo")
	s = reopen(t, s)
	undone, err := s.Undo(t.Context(), written.Resolution, "cy")
	if err != nil {
		t.Fatal(err)
	}
	if undone.Version != 6 || undone.Conflict != 1 || undone.Resolution != 2 || string(undone.Result) != string(before.Sides.Server) {
		t.Errorf("undone is %+v", undone)
	}
	wantRecord(t, s, "deal/D-1042", 6, string(before.Sides.Server))
	after, err := s.Case(t.Context(), 1)
	if err != nil || after.Conflict.State != merge.Open || after.Conflict.ServerVersion != 6 || asJSON(t, after.Sides) != asJSON(t, before.Sides) {
		t.Errorf("the conflict is %+v, %v", after.Conflict, err)
	}
	for _, person := range []string{"bo", "cy"} {
		d, err := s.Draft(t.Context(), 1, person)
		if err != nil || d.Decisions["/status"].Choice != merge.TakeLocal || d.Revision != after.Conflict.Revision || d.ServerVersion != 6 {
			t.Errorf("the draft of %s is %+v, %v", person, d, err)
		}
	}
	wantRows(t, s, `SELECT cause, who, parent FROM dovetail_version WHERE number = 6`, "undo cy 5")
	lines := resolutions(t, s, 1)
	if len(lines) != 1 || !strings.Contains(lines[0], `"version":6,"server_version":5,"follows":1,"result":{"amount":40000,"notes":"added","status":"open"}`) || !strings.Contains(lines[0], `"undoes":1`) {
		t.Errorf("its line is %s", lines)
	}
	again := resolve(t, s, 1, merge.TakeServer, "cy")
	if again.Version != 7 {
		t.Errorf("resolved again it is %+v", again)
	}
	if last, err := s.LastResolution(t.Context(), key("deal/D-1042")); err != nil || last.Resolution != again.Resolution ||
		last.Conflict != 1 || last.Version != 7 {
		t.Errorf("the last resolution is %+v, %v, want %d", last, err, again.Resolution)
	}
	wantSum(t, s)
	wantChain(t, s)
}

func TestUndoLeavesTheDraftOfWhoeverUndoesAlone(t *testing.T) {
	s := newStore(t)
	playDeal(t, s)
	own := decide(t, s, 1, merge.TakeServer, "bob")
	d := merge.Draft{Conflict: 1, Person: "bob", Revision: own.Revision, ServerVersion: own.ServerVersion, Note: "careful"}
	d.Decide("server", own.Decisions)
	if err := s.SaveDraft(t.Context(), d); err != nil {
		t.Fatal(err)
	}
	made := resolve(t, s, 1, merge.TakeLocal, "ana")
	if _, err := s.Undo(t.Context(), made.Resolution, "bob"); err != nil {
		t.Fatal(err)
	}
	for person, want := range map[string]merge.Choice{"ana": merge.TakeLocal, "bob": merge.TakeServer} {
		d, err := s.Draft(t.Context(), 1, person)
		if err != nil || d.Decisions["/status"].Choice != want || (d.Note == "careful") != (person == "bob") {
			t.Errorf("the draft of %s is %+v, %v", person, d, err)
		}
	}
}

func TestUndoIsRefusedWithTheReason(t *testing.T) {
	alone(t)
	tests := []struct {
		name       string
		before     func(*testing.T, *store.Store)
		resolution int64
		says       string
	}{
		{name: "the record moved on", resolution: 1, says: "deal/D-1042 has moved on to version 6 since it made version 5", before: func(t *testing.T, s *store.Store) {
			if _, err := s.Write(t.Context(), store.Edit{Record: key("deal/D-1042"), Version: 5, Fields: doc(`{"status":"won"}`)}); err != nil {
				t.Fatal(err)
			}
		}},
		{name: "it was already taken back", resolution: 1, says: "it was already taken back, by resolution 2", before: undoFirst},
		{name: "it is an undo", resolution: 2, says: "it is itself an undo, of resolution 1", before: undoFirst},
		{name: "a machine made it", resolution: 2, says: "the change merged by itself", before: func(t *testing.T, s *store.Store) {
			load(t, s, `{"type":"record","record":"a/1","version":1,"fields":{"x":1}}`, `{"type":"record","record":"a/1","version":2,"fields":{"x":2}}`)
			push(t, s, `{"key":"m","record":"a/1","base_version":1,"local":{"x":1,"y":1},"device":"z","sequence":1}`)
		}},
		{name: "a newer change of the device waits", resolution: 1, says: "a newer change of the same device waits as conflict 2", before: func(t *testing.T, s *store.Store) {
			push(t, s, `{"key":"k2","record":"deal/D-1042","base_version":3,"local":{"status":"won","amount":50000},"device":"ana-7","sequence":2}`)
		}},
		{name: "another change wants the same", resolution: 1, says: `change "k2" came in since and wants the same`, before: func(t *testing.T, s *store.Store) {
			wantAnswer(t, push(t, s, `{"key":"k2","record":"deal/D-1042","base_version":4,"local":`+string(get(t, s, "deal/D-1042").Fields)+`}`), store.Converged, 5, 0)
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := newStore(t)
			playDeal(t, s)
			resolve(t, s, 1, merge.TakeLocal, "bo")
			tt.before(t, s)
			before := ask(t, s, `SELECT count(*), max(id) FROM dovetail_version`)
			_, err := s.Undo(t.Context(), tt.resolution, "bo")
			var refused *store.MovedOnError
			if !errors.As(err, &refused) || !errors.Is(err, merge.ErrStale) || !strings.Contains(err.Error(), tt.says) {
				t.Errorf("it says %v, want %q", err, tt.says)
			}
			if after := ask(t, s, `SELECT count(*), max(id) FROM dovetail_version`); !slices.Equal(after, before) {
				t.Errorf("versions are %q, before %q", after, before)
			}
			wantSum(t, s)
		})
	}
	s := newStore(t)
	if _, err := s.Undo(t.Context(), 1, "bo"); !errors.Is(err, merge.ErrNotFound) {
		t.Errorf("a resolution that is not there says %v", err)
	}
	if _, err := s.LastResolution(t.Context(), key("a/1")); !errors.Is(err, merge.ErrNotFound) {
		t.Errorf("a record that is not there says %v", err)
	}
}

func undoFirst(t *testing.T, s *store.Store) {
	t.Helper()
	if _, err := s.Undo(t.Context(), 1, "bo"); err != nil {
		t.Fatal(err)
	}
}

func TestADraftIsEachPersonsOwn(t *testing.T) {
	s := newStore(t)
	playDeal(t, s)
	empty, err := s.Draft(t.Context(), 1, "bo")
	if err != nil || empty.Conflict != 1 || empty.Person != "bo" || len(empty.Decisions) > 0 {
		t.Errorf("without one it is %+v, %v", empty, err)
	}
	w := decide(t, s, 1, merge.TakeLocal, "bo")
	mine := merge.Draft{Conflict: 1, Person: "bo", Revision: 1, ServerVersion: 4, Note: "<&> \x1b", Typed: map[string]string{"/status": "clo"}}
	mine.Decide("local for /status", w.Decisions)
	if err := s.SaveDraft(t.Context(), mine); err != nil {
		t.Fatal(err)
	}
	if err := s.SaveDraft(t.Context(), merge.Draft{Conflict: 1, Person: "cy", Revision: 1, ServerVersion: 4}); err != nil {
		t.Fatal(err)
	}
	s = reopen(t, s)
	got, err := s.Draft(t.Context(), 1, "bo")
	if err != nil {
		t.Fatal(err)
	}
	mine.SavedAt = got.SavedAt
	if got.SavedAt.IsZero() || asJSON(t, got) != asJSON(t, mine) {
		t.Errorf("it came back as %s, want %s", asJSON(t, got), asJSON(t, mine))
	}
	page, err := s.Conflicts(t.Context(), merge.Query{Person: "bo"})
	if err != nil || page.Conflicts[0].Draft == nil || page.Conflicts[0].Draft.Decided != 1 || page.Conflicts[0].Draft.Stale {
		t.Errorf("the queue tells %+v, %v", page.Conflicts, err)
	}
	if page, err = s.Conflicts(t.Context(), merge.Query{Person: "dee"}); err != nil || page.Conflicts[0].Draft != nil {
		t.Errorf("the queue tells somebody else %+v, %v", page.Conflicts, err)
	}
	if _, err := s.Write(t.Context(), store.Edit{Record: key("deal/D-1042"), Version: 4, Fields: doc(`{"status":"won"}`)}); err != nil {
		t.Fatal(err)
	}
	if page, err = s.Conflicts(t.Context(), merge.Query{Person: "bo"}); err != nil || !page.Conflicts[0].Draft.Stale ||
		page.Conflicts[0].Draft.Decided != 0 {
		t.Errorf("after the record moved the queue tells %+v, %v", page.Conflicts, err)
	}
	if counts, err := s.Counts(t.Context(), "bo"); err != nil || counts.Drafts != 1 || counts.Open != 1 {
		t.Errorf("the counts are %+v, %v", counts, err)
	}
	for range 2 {
		if err := s.DiscardDraft(t.Context(), 1, "bo"); err != nil {
			t.Fatal(err)
		}
	}
	wantRows(t, s, `SELECT person FROM dovetail_draft`, "cy")
	if err := s.SaveDraft(t.Context(), merge.Draft{Conflict: 9, Person: "bo"}); !errors.Is(err, merge.ErrNotFound) {
		t.Errorf("a draft on nothing says %v", err)
	}
	if _, err := s.Draft(t.Context(), 9, "bo"); !errors.Is(err, merge.ErrNotFound) {
		t.Errorf("a draft on nothing reads %v", err)
	}
	resolve(t, s, 1, merge.TakeServer, "cy")
	if err := s.SaveDraft(t.Context(), mine); err != nil {
		t.Errorf("the draft of who came too late: %v", err)
	}
	if counts, err := s.Counts(t.Context(), "bo"); err != nil || counts.Drafts != 0 {
		t.Errorf("drafts on what is resolved count: %+v, %v", counts, err)
	}
}

func TestAnUndoOpensWhatItsResolutionHadClosed(t *testing.T) {
	s := newStore(t)
	playDeal(t, s)
	const other = `{"key":"k2","record":"deal/D-1042","base_version":3,"local":{"amount":50000,"notes":"added","status":"closed"},"local_by":"bob","device":"bob-1","sequence":1}`
	wantAnswer(t, push(t, s, other), store.Conflicted, 4, 2)
	made := resolve(t, s, 1, merge.TakeLocal, "kim")
	wantRows(t, s, `SELECT id, state, resolution FROM dovetail_conflict ORDER BY id`, "1 resolved 1", "2 resolved NULL")
	if _, err := s.Undo(t.Context(), made.Resolution, "kim"); err != nil {
		t.Fatal(err)
	}
	wantRows(t, s, `SELECT id, state, server_version FROM dovetail_conflict ORDER BY id`, "1 open 6", "2 open 6")
	wantSum(t, s)
	resolve(t, s, 1, merge.TakeServer, "kim")
	if got, err := s.ConflictsOf(t.Context(), key("deal/D-1042")); err != nil || !slices.Equal(got, []int64{2}) {
		t.Errorf("there wait %v, %v", got, err)
	}
	wantSum(t, s)
	wantChain(t, s)
}

func TestAnUndoMovesTheOtherConflictsOfItsRecord(t *testing.T) {
	s := newStore(t)
	playDeal(t, s)
	push(t, s, strings.NewReplacer(`"k1"`, `"k2"`, "ana-7", "bo-1").Replace(dealChange))
	w := resolve(t, s, 1, merge.TakeServer, "diaz")
	if _, err := s.Undo(t.Context(), w.Resolution, "diaz"); err != nil {
		t.Fatal(err)
	}
	wantRows(t, s, `SELECT id, server_version, state FROM dovetail_conflict ORDER BY id`, "1 6 open", "2 6 open")
	wantRecord(t, reopen(t, s), "deal/D-1042", 6, `{"amount":40000,"notes":"added","status":"open"}`)
}
