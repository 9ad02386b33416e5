package store_test

import (
	"fmt"
	"testing"

	"dovetail/merge"
	"dovetail/store"
)

// stale is a change that a system dropped, made on its version 2 of deal/1, with what the system holds now.
func stale(key, local, server string, version int) string {
	return fmt.Sprintf(`{"key":%q,"record":"deal/1","base":{"s":"base","n":1},"base_version":2,"local":%s,"local_by":"ana",`+
		`"server":%s,"server_version":%d,"server_ref":"rev-%d"}`, key, local, server, version, version)
}

const (
	staleBase  = `{"s":"base","n":1}`
	staleSide  = `{"s":"srv","n":1}`
	staleLater = `{"s":"srv","n":1,"u":1}`
)

func TestAChangeIsMergedAgainThoughAnotherLineBroughtTheNews(t *testing.T) {
	s := newStore(t)
	const local = `{"s":"base","n":7}`
	wantAnswer(t, push(t, s, stale("k1", local, staleSide, 3)), store.Merged, 4, 0)
	// The system never took version 4. It was edited, and another change tells of that first.
	wantAnswer(t, push(t, s, stale("k2", `{"s":"base","n":1,"t":2}`, staleLater, 5)), store.Merged, 6, 0)
	again := stale("k1", local, staleLater, 5)
	wantAnswer(t, push(t, s, again), store.Merged, 7, 0)
	wantRecord(t, s, "deal/1", 7, `{"n":7,"s":"srv","t":2,"u":1}`)
	wantAnswer(t, push(t, s, again), store.Merged, 7, 0)
	// The lines of before, once more, are no news.
	wantAnswer(t, push(t, s, stale("k1", local, staleSide, 3)), store.Merged, 7, 0)
	wantRecord(t, s, "deal/1", 7, `{"n":7,"s":"srv","t":2,"u":1}`)
	wantSum(t, s)
	wantChain(t, s)
}

func TestAResolutionIsAskedForAgainThoughAnotherLineBroughtTheNews(t *testing.T) {
	s := newStore(t)
	const local = `{"s":"A","n":1}`
	wantAnswer(t, push(t, s, stale("k1", local, staleSide, 3)), store.Conflicted, 3, 1)
	resolve(t, s, 1, merge.TakeLocal, "kim")
	wantAnswer(t, push(t, s, stale("k2", `{"s":"base","n":1,"t":2}`, staleLater, 5)), store.Merged, 6, 0)
	wantAnswer(t, push(t, s, stale("k1", local, staleLater, 5)), store.Conflicted, 6, 1)
	wantRows(t, s, `SELECT state, server_version FROM dovetail_conflict`, "open 6")
	wantSum(t, s)
	wantChain(t, s)
}

// Two writes of one record were dropped, and both decided here. The application wrote on its own in between.
func TestEveryResolutionThatASystemDidNotTakeIsAskedForAgain(t *testing.T) {
	s := newStore(t)
	const one, two = `{"s":"A","n":1}`, `{"s":"B","n":1}`
	push(t, s, stale("k1", one, staleSide, 3))
	push(t, s, stale("k2", two, staleSide, 3))
	resolve(t, s, 1, merge.TakeLocal, "kim")
	resolve(t, s, 2, merge.TakeLocal, "kim")
	wantRecord(t, s, "deal/1", 5, `{"n":1,"s":"B"}`)
	const office = `{"s":"srv","n":1,"notes":"office"}`
	wantAnswer(t, push(t, s, stale("k1", one, office, 4)), store.Conflicted, 6, 1)
	wantAnswer(t, push(t, s, stale("k2", two, office, 4)), store.Conflicted, 6, 2)
	wantRows(t, s, `SELECT id, state FROM dovetail_conflict ORDER BY id`, "1 open", "2 open")
	wantSum(t, s)
	wantChain(t, s)
}

// The same, but nobody wrote in between: the application has taken the first of two lines.
func TestASystemThatTookTheFirstOfTwoLinesIsNotAskedAgain(t *testing.T) {
	s := newStore(t)
	const one, two = `{"s":"A","n":1}`, `{"s":"B","n":1}`
	push(t, s, stale("k1", one, staleSide, 3))
	second := push(t, s, stale("k2", two, staleSide, 3))
	resolve(t, s, 1, merge.TakeLocal, "kim")
	resolve(t, s, 2, merge.TakeLocal, "kim")
	a := push(t, s, stale("k2", two, one, 4))
	wantAnswer(t, a, second.Outcome, second.Version, second.Conflict)
	wantRecord(t, s, "deal/1", 5, `{"n":1,"s":"B"}`)
	wantRows(t, s, `SELECT state FROM dovetail_conflict`, "resolved", "resolved")
	wantRows(t, s, `SELECT outside_version, outside_seen FROM dovetail_record`, "4 4")
	// Then it is edited there: only the line that it had not taken is to be decided again.
	push(t, s, stale("k1", one, staleLater, 6))
	push(t, s, stale("k2", two, staleLater, 6))
	wantRows(t, s, `SELECT id, state FROM dovetail_conflict ORDER BY id`, "1 resolved", "2 open")
	wantSum(t, s)
	wantChain(t, s)
}

func TestAResolutionNamesTheServerAsItWasLastBrought(t *testing.T) {
	s := newStore(t)
	const local = `{"s":"A","n":1}`
	push(t, s, stale("k1", local, staleSide, 3))
	push(t, s, stale("k1", local, staleLater, 4))
	resolve(t, s, 1, merge.TakeLocal, "kim")
	// A line that was made before keeps the name that it was made with.
	push(t, s, stale("k1", local, `{"s":"srv5","n":1}`, 9))
	resolve(t, s, 1, merge.TakeLocal, "kim")
	var refs []string
	if err := s.EachResolution(t.Context(), 0, func(r store.Resolution) error {
		refs = append(refs, string(r.ServerRef))
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	if fmt.Sprint(refs) != `["rev-4" "rev-9"]` {
		t.Errorf("the lines name the server %s", refs)
	}
}

// Our own edit closed the conflict: it did what the change wanted. The system never had it.
func TestAConflictThatOurOwnEditClosedOpensAgainWhenThatIsTakenOut(t *testing.T) {
	s := newStore(t)
	const local = `{"s":"A","n":1}`
	wantAnswer(t, push(t, s, stale("k1", local, staleSide, 3)), store.Conflicted, 3, 1)
	if _, err := s.Write(t.Context(), store.Edit{Record: key("deal/1"), Version: 3, Fields: doc(local), By: "kim"}); err != nil {
		t.Fatal(err)
	}
	wantRows(t, s, `SELECT state, resolution FROM dovetail_conflict`, "resolved NULL")
	wantAnswer(t, push(t, s, stale("k1", local, staleLater, 5)), store.Conflicted, 5, 1)
	wantRows(t, s, `SELECT state, server_version FROM dovetail_conflict`, "open 5")
	// What the system itself came to stays closed, whatever is edited there later.
	wantAnswer(t, push(t, s, stale("k1", local, local, 6)), store.Converged, 6, 1)
	wantAnswer(t, push(t, s, stale("k1", local, staleLater, 7)), store.Converged, 6, 1)
	wantRows(t, s, `SELECT state FROM dovetail_conflict`, "resolved")
	wantSum(t, s)
	wantChain(t, s)
}

func TestAParkedLineHasNoEffectHoweverOftenItComes(t *testing.T) {
	s := newStore(t)
	load(t, s, `{"type":"record","record":"d/1","version":1,"fields":{"s":"base"}}`)
	const line = `{"key":"a","record":"d/1","base_version":1,"local":{"s":"x"},"operations":[{"op":"frob","path":"/s"}],` +
		`"server":{"s":"outside"},"server_version":2}`
	for range 3 {
		wantAnswer(t, push(t, s, line), store.Parked, 0, 0)
		wantRecord(t, s, "d/1", 1, `{"s":"base"}`)
	}
	wantSum(t, s)
}

// Without numbers a system may go back to what it held: only the change itself tells whether a line is news.
func TestTheSameLineOfASystemWithoutNumbersIsNoNews(t *testing.T) {
	s := newStore(t)
	const line = `{"key":%q,"record":"d/1","base":{"x":1,"y":1},"local":%s,"server":%s}`
	first := fmt.Sprintf(line, "k1", `{"x":1,"y":2}`, `{"x":3,"y":1}`)
	wantAnswer(t, push(t, s, first), store.Merged, 2, 0)
	wantAnswer(t, push(t, s, fmt.Sprintf(line, "k2", `{"x":1,"y":1}`, `{"x":4,"y":1}`)), store.Converged, 3, 0)
	wantAnswer(t, push(t, s, first), store.Merged, 2, 0)
	wantRecord(t, s, "d/1", 3, `{"x":4,"y":1}`)
	wantAnswer(t, push(t, s, fmt.Sprintf(line, "k1", `{"x":1,"y":2}`, `{"x":4,"y":1}`)), store.Merged, 4, 0)
	wantRecord(t, s, "d/1", 4, `{"x":4,"y":2}`)
	wantSum(t, s)
}

// A line names the number that the record has there once the lines before are taken; an edit of ours has no line.
func TestTheGuardOfALineLeadsOnFromTheLineBefore(t *testing.T) {
	s := newStore(t)
	push(t, s, stale("k1", `{"s":"base","n":2}`, staleSide, 3))
	if _, err := s.Write(t.Context(), store.Edit{Record: key("deal/1"), Version: 4, Fields: doc(`{"s":"own","n":2}`)}); err != nil {
		t.Fatal(err)
	}
	push(t, s, stale("k2", `{"s":"base","n":1,"t":2}`, staleSide, 3))
	// The system took both lines, was edited, and counts on from there.
	push(t, s, stale("k3", `{"s":"base","n":1,"v":3}`, `{"s":"own","n":2,"t":2,"u":1}`, 7))
	var got []string
	if err := s.EachResolution(t.Context(), 0, func(r store.Resolution) error {
		got = append(got, fmt.Sprint(r.Version, r.ServerVersion, r.Follows))
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	want := []string{"4 3 0", "6 4 1", "8 7 0"} // version, guard, the line that has to be taken before
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("the lines are %q, want %q", got, want)
	}
	wantChain(t, s)
}
