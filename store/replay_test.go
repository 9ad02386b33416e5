package store_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"dovetail/merge"
	"dovetail/store"
)

// replaying is a store whose collection deal replays operations, with a record at version 2.
func replaying(t *testing.T, base, server string) *store.Store {
	t.Helper()
	return contested(t, replayed, base, server)
}

// stepsOn is a change with operations.
func stepsOn(version int, key, local string, steps ...string) string {
	return fmt.Sprintf(`{"key":%q,"record":"deal/1","base_version":%d,"local":%s,"operations":[%s]}`, key, version, local, strings.Join(steps, ","))
}

func add(id string, n int) string {
	return fmt.Sprintf(`{"id":%q,"op":"increment","path":"/n","value":%d}`, id, n)
}

func wantApplied(t *testing.T, s *store.Store, ids ...string) {
	t.Helper()
	wantRows(t, s, `SELECT id FROM dovetail_applied_operation ORDER BY id`, ids...)
}

func TestOperationsAreDoneOnTheRecordAsItIs(t *testing.T) {
	s := replaying(t, `{"n":1,"tags":["a"],"x":1}`, `{"n":5,"tags":["a","b"],"x":1}`)
	wantAnswer(t, push(t, s, stepsOn(1, "k1", `{"n":3,"tags":["c"],"x":2}`, add("o1", 2),
		`{"id":"o2","op":"add","path":"/tags","value":"c"}`, `{"id":"o3","op":"remove","path":"/tags","value":"a"}`,
		`{"id":"o4","op":"set","path":"/x","value":2,"was":1}`)), store.Merged, 3, 0)
	s = reopen(t, s)
	wantRecord(t, s, "deal/1", 3, `{"n":7,"tags":["b","c"],"x":2}`)
	wantApplied(t, s, "o1", "o2", "o3", "o4")
	wantSum(t, s)
}

func TestAnOperationHasItsEffectOnceWhateverItComesWith(t *testing.T) {
	s := replaying(t, `{"n":1}`, `{"n":5}`)
	push(t, s, stepsOn(1, "k1", `{"n":3}`, add("o1", 2)))
	s = reopen(t, s)
	wantAnswer(t, push(t, s, stepsOn(1, "k2", `{"n":3}`, add("o1", 2))), store.Converged, 3, 0)
	wantAnswer(t, push(t, s, stepsOn(1, "k3", `{"n":13}`, add("o1", 2), add("o2", 10))), store.Merged, 4, 0)
	wantRecord(t, s, "deal/1", 4, `{"n":17}`)
	wantApplied(t, s, "o1", "o2")
}

// A log that is cut anywhere, and sent again from anywhere before the cut, ends the same.
func TestALogThatIsCutAndResumedEndsTheSame(t *testing.T) {
	alone(t)
	steps := []string{
		add("o1", 1), `{"id":"o2","op":"set","path":"/x","value":2,"was":1}`, add("o3", 10),
		`{"id":"o4","op":"set","path":"/x","value":3,"was":2}`, `{"id":"o5","op":"add","path":"/tags","value":"l"}`, add("o6", 100),
	}
	locals := []string{`{"n":1,"x":1}`, `{"n":2,"x":1}`, `{"n":2,"x":2}`, `{"n":12,"x":2}`, `{"n":12,"x":3}`,
		`{"n":12,"tags":["l"],"x":3}`, `{"n":112,"tags":["l"],"x":3}`}
	const want = `{"n":1111,"tags":["l"],"x":3}`
	for cut := range len(steps) + 1 {
		for from := range cut + 1 {
			s := replaying(t, `{"n":1,"x":1}`, `{"n":1000,"x":1}`)
			push(t, s, stepsOn(1, "first", locals[cut], steps[:cut]...))
			s = reopen(t, s)
			push(t, s, stepsOn(1, "second", locals[len(steps)], steps[from:]...))
			if got := get(t, s, "deal/1"); string(got.Fields) != want {
				t.Errorf("cut after %d and sent again from %d it ends as %s", cut, from, got.Fields)
			}
			wantApplied(t, s, "o1", "o2", "o3", "o4", "o5", "o6")
			s.Close()
		}
	}
}

func TestOperationsWithoutAnIdAreDoneEachTimeTheyCome(t *testing.T) {
	s := replaying(t, `{"n":1}`, `{"n":5}`)
	step := `{"op":"increment","path":"/n","value":2}`
	push(t, s, stepsOn(1, "k1", `{"n":3}`, step))
	push(t, s, stepsOn(1, "k2", `{"n":3}`, step))
	wantRecord(t, s, "deal/1", 4, `{"n":9}`)
	wantApplied(t, s)
}

// An id that two records share is somebody's mistake, and no reason to lose an edit.
func TestAnIdOnAnotherRecordIsAnotherOperation(t *testing.T) {
	s := replaying(t, `{"n":1}`, `{"n":5}`)
	load(t, s, `{"type":"record","record":"deal/2","version":1,"fields":{"n":1}}`)
	push(t, s, stepsOn(1, "k1", `{"n":3}`, add("o1", 2)))
	push(t, s, strings.Replace(stepsOn(1, "k2", `{"n":3}`, add("o1", 2)), "deal/1", "deal/2", 1))
	wantRecord(t, s, "deal/1", 3, `{"n":7}`)
	wantRecord(t, s, "deal/2", 2, `{"n":3}`)
}

func TestAnOperationThatFindsAnotherValueWaitsForAPerson(t *testing.T) {
	s := replaying(t, `{"n":1,"x":1}`, `{"n":5,"x":7}`)
	wantAnswer(t, push(t, s, stepsOn(1, "k1", `{"n":3,"x":2}`, add("o1", 2), `{"id":"o2","op":"set","path":"/x","value":2,"was":1}`)),
		store.Conflicted, 2, 1)
	wantKind(t, s, 1, merge.EditEdit, "/x")
	wantRecord(t, s, "deal/1", 2, `{"n":5,"x":7}`)
	wantApplied(t, s)

	s = reopen(t, s)
	resolve(t, s, 1, merge.TakeServer, "ana")
	wantRecord(t, s, "deal/1", 3, `{"n":7,"x":7}`)
	wantApplied(t, s, "o1", "o2")
	c, err := s.Case(t.Context(), 1)
	if err != nil {
		t.Fatal(err)
	}
	if f, _ := c.Merge().Field("/n"); f.Result != "7" {
		t.Errorf("looked at afterwards n is %+v", f)
	}
	wantAnswer(t, push(t, s, stepsOn(1, "k2", `{"n":3,"x":1}`, add("o1", 2))), store.Converged, 3, 0)
	wantSum(t, s)
}

func TestAResolutionThatIsTakenBackTakesItsOperationsBack(t *testing.T) {
	s := replaying(t, `{"n":1,"x":1}`, `{"n":5,"x":7}`)
	push(t, s, stepsOn(1, "k1", `{"n":3,"x":2}`, add("o1", 2), `{"id":"o2","op":"set","path":"/x","value":2,"was":1}`))
	w := resolve(t, s, 1, merge.TakeServer, "ana")
	if _, err := s.Undo(t.Context(), w.Resolution, "ana"); err != nil {
		t.Fatal(err)
	}
	s = reopen(t, s)
	wantApplied(t, s)
	wantRecord(t, s, "deal/1", 4, `{"n":5,"x":7}`)
	resolve(t, s, 1, merge.TakeLocal, "ana")
	wantRecord(t, s, "deal/1", 5, `{"n":7,"x":2}`)
	wantApplied(t, s, "o1", "o2")
}

// The newer change of a replica builds on the one that waits, but brings only its own operations.
func TestTheOperationsOfReplacedChangesAreDoneToo(t *testing.T) {
	s := replaying(t, `{"n":1,"x":1,"y":1}`, `{"n":5,"x":7,"y":1}`)
	set := func(id, path string, was, value int) string {
		return fmt.Sprintf(`{"id":%q,"op":"set","path":%q,"value":%d,"was":%d}`, id, path, value, was)
	}
	push(t, s, fromDevice(1, stepsOn(1, "k1", `{"n":3,"x":2,"y":2}`, add("o1", 2), set("o2", "/x", 1, 2), set("o3", "/y", 1, 2))))
	push(t, s, fromDevice(3, stepsOn(1, "k3", `{"n":113,"x":2,"y":3}`, add("o5", 100), set("o6", "/y", 2, 3))))
	push(t, s, fromDevice(2, stepsOn(1, "k2", `{"n":13,"x":2,"y":2}`, add("o4", 10)))) // overtaken on its way
	s = reopen(t, s)
	wantKind(t, s, 1, merge.EditEdit, "/x")
	resolve(t, s, 1, merge.TakeLocal, "ana")
	wantRecord(t, s, "deal/1", 3, `{"n":117,"x":2,"y":3}`)
	wantApplied(t, s, "o1", "o2", "o3", "o4", "o5", "o6")
	wantSum(t, s)
}

func fromDevice(sequence int, line string) string {
	return fmt.Sprintf(`%s,"device":"d","sequence":%d}`, line[:len(line)-1], sequence)
}

// Where the replica has come to a newer version meanwhile, what it had done before is in its documents or given up.
func TestTheOperationsFromBeforeANewerBaseAreNotDone(t *testing.T) {
	s := replaying(t, `{"n":1,"x":1}`, `{"n":5,"x":7}`)
	push(t, s, fromDevice(1, stepsOn(1, "k1", `{"n":3,"x":2}`, add("o1", 2), `{"id":"o2","op":"set","path":"/x","value":2,"was":1}`)))
	push(t, s, fromDevice(2, stepsOn(2, "k2", `{"n":15,"x":7}`, add("o3", 10))))
	s = reopen(t, s)
	wantKind(t, s, 1, merge.EditEdit)
	resolve(t, s, 1, merge.TakeLocal, "ana")
	wantRecord(t, s, "deal/1", 3, `{"n":15,"x":7}`)
	wantApplied(t, s, "o1", "o2", "o3")
	wantSum(t, s)
}

func TestAConflictSeesWhatHadItsEffectMeanwhile(t *testing.T) {
	s := replaying(t, `{"n":1,"x":1}`, `{"n":5,"x":7}`)
	push(t, s, stepsOn(1, "k1", `{"n":3,"x":2}`, add("o1", 2), `{"id":"o2","op":"set","path":"/x","value":2,"was":1}`))
	push(t, s, stepsOn(1, "k2", `{"n":3,"x":1}`, add("o1", 2)))
	wantRecord(t, s, "deal/1", 3, `{"n":7,"x":7}`)
	s = reopen(t, s)
	resolve(t, s, 1, merge.TakeLocal, "ana")
	wantRecord(t, s, "deal/1", 4, `{"n":7,"x":2}`)
}

func TestAChangeWithoutOperationsIsMergedByFields(t *testing.T) {
	s := replaying(t, `{"n":1,"x":1}`, `{"n":5,"x":1}`)
	wantAnswer(t, push(t, s, changeOn("1", "k1", `{"n":1,"x":2}`)), store.Merged, 3, 0)
	wantAnswer(t, push(t, s, changeOn("1", "k2", `{"n":2,"x":2}`)), store.Conflicted, 3, 1)
	wantRecord(t, reopen(t, s), "deal/1", 3, `{"n":5,"x":2}`)
}

// What an outside system never took is done again on what it holds, and its operations are no longer done.
func TestOperationsThatAnOutsideSystemNeverTookAreDoneAgain(t *testing.T) {
	s := newStore(t)
	setSchema(t, s, "deal", replayed)
	line := func(server string, version int) string {
		return fmt.Sprintf(`{"key":"k1","record":"deal/1","base_version":1,"base":{"n":1},"local":{"n":3},"operations":[%s],"server":%s,"server_version":%d}`,
			add("o1", 2), server, version)
	}
	wantAnswer(t, push(t, s, line(`{"n":5}`, 2)), store.Merged, 3, 0)
	wantAnswer(t, push(t, s, line(`{"n":50}`, 4)), store.Merged, 5, 0)
	s = reopen(t, s)
	wantRecord(t, s, "deal/1", 5, `{"n":52}`)
	wantApplied(t, s, "o1")
	wantAnswer(t, push(t, s, line(`{"n":"many"}`, 6)), store.Conflicted, 6, 1)
	wantApplied(t, s)
	wantSum(t, s)
}

func TestAnOperationThatNoRecordCouldTakeIsABadLine(t *testing.T) {
	s := replaying(t, `{"n":1}`, `{"n":1}`)
	for _, c := range []struct{ step, path string }{
		{step: `{"op":"set","path":"/n"}`, path: "/operations/0"},
		{step: `{"op":"add","path":"/n"}`, path: "/operations/0"},
		{step: `{"op":"increment","path":"/n"}`, path: "/operations/0/value"},
		{step: `{"op":"increment","path":"/n","value":"1"}`, path: "/operations/0/value"},
		{step: `{"op":"unset","path":"n"}`, path: "/operations/0/path"},
		{step: `{"op":"unset","path":"/n~"}`, path: "/operations/0/path"},
		{step: `{"op":"unset","path":"/n","at":"yesterday"}`, path: "/operations"},
		{step: `{"op":"unset","path":"/n","id":"` + strings.Repeat("x", 513) + `"}`, path: "/operations/0/id"},
		{step: `7`, path: "/operations"},
	} {
		_, err := s.Push(t.Context(), []byte(stepsOn(1, "k1", `{"n":1}`, c.step)))
		if bad := new(store.LineError); !errors.As(err, &bad) || bad.Path != c.path {
			t.Errorf("%s gives %v", c.step, err)
		}
	}
	if got := ask(t, s, `SELECT count(*) FROM dovetail_change`); !slices.Equal(got, []string{"0"}) {
		t.Errorf("%s changes are kept", got)
	}
}

// An operation may have its effect without a new version, where the record is already so.
func TestWhatWaitsIsLookedAtAgainWhenAnOperationHadItsEffect(t *testing.T) {
	s := replaying(t, `{"n":1,"x":1}`, `{"n":5,"x":7}`)
	set := `{"id":"o1","op":"set","path":"/x","value":2,"was":1}`
	wantAnswer(t, push(t, s, stepsOn(1, "k1", `{"n":1,"x":2}`, set)), store.Conflicted, 2, 1)
	wantAnswer(t, push(t, s, stepsOn(1, "k2", `{"n":1,"x":7}`, set)), store.Converged, 2, 0)
	wantRows(t, reopen(t, s), `SELECT fields, state, revision FROM dovetail_conflict`, "[] open 2")
}
