package replicate_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"testing"

	"dovetail/merge"
	"dovetail/store"
	"dovetail/store/replicate"
	"dovetail/store/replicate/world"
)

// TestALostAnswerIsNoConflict: what had its effect already is sent again, and gets the answer that was lost.
func TestALostAnswerIsNoConflict(t *testing.T) {
	hub := newHub(t)
	set(t, hub, "office", "account/1", "x:=1", "y:=1")
	set(t, hub, "office", "deal/1", "x:=1")
	laptop := newReplica(t, hub, "laptop")
	set(t, laptop, "ana", "form/1", "x:=1")
	set(t, laptop, "ana", "account/1", "x:=2")
	set(t, laptop, "ana", "deal/1", "x:=2")
	set(t, hub, "diaz", "account/1", "y:=2")
	set(t, hub, "diaz", "deal/1", "x:=3")
	for range 3 {
		wantReport(t, broken(t, laptop, deaf(hub)), replicate.Report{})
		laptop = reopen(t, laptop)
	}
	want(t, laptop, "form/1", 0, true, `{"x":1}`)
	wantReport(t, exchange(t, laptop, hub), replicate.Report{Pushed: 3, Applied: 1, Merged: 1, Conflicts: 1, Pulled: 4})
	wantVersions(t, hub, "form/1", `1 write ana {"x":1}`)
	wantVersions(t, hub, "account/1", `1 write office {"x":1,"y":1}`, `2 write diaz {"x":1,"y":2}`, `3 merge ana {"x":2,"y":2}`)
	wantVersions(t, hub, "deal/1", `1 write office {"x":1}`, `2 write diaz {"x":3}`)
	for _, s := range []*store.Store{hub, laptop} {
		wantConflict(t, s, "deal/1", merge.EditEdit, `{"x":1}`, `{"x":2}`, `{"x":3}`)
	}
	agree(t, hub, laptop)
	wantRows(t, hub, `SELECT what, sum(number) FROM dovetail_count GROUP BY what ORDER BY what`, "applied 1", "issued 3", "merged 1", "open 1")
	wantRows(t, laptop, `SELECT what, sum(number) FROM dovetail_count WHERE number <> 0 GROUP BY what ORDER BY what`,
		"applied 1", "issued 3", "merged 1", "open 1")
}

// TestALostAnswerIsGivenAlsoWhenTheRecordHasMovedOn since the change had its effect.
func TestALostAnswerIsGivenAlsoWhenTheRecordHasMovedOn(t *testing.T) {
	hub := newHub(t)
	set(t, hub, "office", "deal/1", "x:=1")
	laptop := newReplica(t, hub, "laptop")
	set(t, laptop, "ana", "deal/1", "x:=2")
	broken(t, laptop, deaf(hub))
	set(t, hub, "diaz", "deal/1", "x:=3")
	wantReport(t, exchange(t, laptop, hub), replicate.Report{Pushed: 1, Applied: 1, Pulled: 2})
	want(t, laptop, "deal/1", 3, false, `{"x":3}`)
	agree(t, hub, laptop)
	wantVersions(t, laptop, "deal/1", `1 write office {"x":1}`, `2 write ana {"x":2}`, `3 write diaz {"x":3}`)
}

// TestTheSameChangeAgainGetsTheSameAnswer, byte for byte, and has one effect, however often it comes and in whatever order.
func TestTheSameChangeAgainGetsTheSameAnswer(t *testing.T) {
	hub := newHub(t)
	for _, record := range []string{"deal/1", "deal/2", "deal/3"} {
		set(t, hub, "office", record, "x:=1", "y:=1")
	}
	laptop := newReplica(t, hub, "laptop")
	for _, record := range []string{"deal/1", "deal/2", "deal/3", "deal/4"} {
		set(t, laptop, "ana", record, "x:=2")
	}
	set(t, hub, "diaz", "deal/2", "y:=2")
	set(t, hub, "diaz", "deal/3", "x:=3")
	lines := outgoing(t, laptop)
	first := delivered(t, hub, lines)
	heads := rows(t, hub, world.HeadsQuery)
	for _, order := range [][]int{{0, 1, 2, 3}, {3, 2, 1, 0}, {1, 1, 3, 3, 0, 2}} {
		for _, i := range order {
			if again := delivered(t, hub, lines[i:i+1]); again[0] != first[i] {
				t.Errorf("the answer was %s\n and is now %s", first[i], again[0])
			}
		}
	}
	if now := rows(t, hub, world.HeadsQuery); !slices.Equal(now, heads) {
		t.Errorf("the heads were %q\n and are now %q", heads, now)
	}
	exchange(t, laptop, hub)
	onlyConflict(t, hub, "deal/3")
	agree(t, hub, laptop)
}

// delivered are the answers to some lines, as JSON.
func delivered(t testing.TB, hub *store.Store, lines []string) []string {
	t.Helper()
	var out []string
	for _, line := range lines {
		answers, err := hub.Deliver(t.Context(), [][]byte{[]byte(line)})
		if err != nil {
			t.Fatal(err)
		}
		text, err := json.Marshal(answers[0])
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, string(text))
	}
	return out
}

// TestAKeyIsForOneChange: another change under a key that was used is refused, and has no effect.
func TestAKeyIsForOneChange(t *testing.T) {
	hub := newHub(t)
	set(t, hub, "office", "deal/1", "x:=1")
	const line = `{"type":"change","key":"k","record":"deal/1","base_version":1,"local":{"x":%d},"device":"ana-1","sequence":1}`
	for local, outcome := range []store.Outcome{store.Applied, store.Refused, store.Refused} {
		answers, err := hub.Deliver(t.Context(), [][]byte{fmt.Appendf(nil, line, local+2)})
		if err != nil || answers[0].Outcome != outcome {
			t.Errorf("%+v, %v, want %s", answers, err, outcome)
		}
	}
	agree(t, hub)
	wantVersions(t, hub, "deal/1", `1 write office {"x":1}`, `2 write - {"x":2}`)
}

// TestTheJournalIsTrimmedByTheHubsAnswerAlone: neither sending nor a lost answer takes anything out of it, nor do versions that
// come in first.
func TestTheJournalIsTrimmedByTheHubsAnswerAlone(t *testing.T) {
	const journal = `SELECT c.outbox, o.path, o.value FROM dovetail_change c JOIN dovetail_operation o ON o.change = c.id ORDER BY o.id`
	hub := newHub(t)
	set(t, hub, "office", "deal/1", "x:=1")
	laptop := newReplica(t, hub, "laptop")
	set(t, laptop, "ana", "deal/1", "x:=2")
	wantRows(t, laptop, journal, "1 /x 2")
	broken(t, laptop, deaf(hub))
	wantRows(t, laptop, journal, "2 /x 2")
	// The version that it made comes in before its answer.
	origin, err := laptop.Origin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	feed, err := hub.Feed(t.Context(), origin.Place, 0)
	if err == nil {
		err = laptop.Receive(t.Context(), origin.Place, feed)
	}
	if err == nil {
		err = laptop.Reconcile(t.Context(), nil)
	}
	if err != nil {
		t.Fatal(err)
	}
	wantRows(t, laptop, journal, "2 /x 2")
	want(t, laptop, "deal/1", 2, true, `{"x":2}`)
	wantReport(t, exchange(t, laptop, hub), replicate.Report{Pushed: 1, Applied: 1})
	wantRows(t, laptop, journal, "0 /x 2")
	agree(t, hub, laptop)
}

// TestAnAnswerThatWasTakenIsTakenOnce.
func TestAnAnswerThatWasTakenIsTakenOnce(t *testing.T) {
	hub := newHub(t)
	laptop := newReplica(t, hub, "laptop")
	set(t, laptop, "ana", "deal/1", "x:=1")
	lines := outgoing(t, laptop)
	answers, err := hub.Deliver(t.Context(), [][]byte{[]byte(lines[0])})
	if err != nil {
		t.Fatal(err)
	}
	other := answers[0]
	other.Outcome = store.Refused
	for _, a := range []store.Answer{answers[0], answers[0], other} {
		if err := laptop.Answers(t.Context(), []store.Answer{a}); err != nil {
			t.Fatal(err)
		}
	}
	exchange(t, laptop, hub)
	want(t, laptop, "deal/1", 1, false, `{"x":1}`)
	agree(t, hub, laptop)
}

// TestAnAnswerForAnotherChangeIsAnError, and so are too few answers: nothing is taken for sent.
func TestAnAnswerForAnotherChangeIsAnError(t *testing.T) {
	hub := newHub(t)
	laptop := newReplica(t, hub, "laptop")
	set(t, laptop, "ana", "deal/1", "x:=1")
	for _, answers := range [][]store.Answer{nil, {{Key: "other", Outcome: store.Applied, Version: 1}}} {
		broken(t, laptop, wire{Store: hub, deliver: answering(answers)})
	}
	want(t, laptop, "deal/1", 0, true, `{"x":1}`)
	exchange(t, laptop, hub)
	agree(t, hub, laptop)
}

// TestALostAnswerToADecisionIsNoSecondDecision.
func TestALostAnswerToADecisionIsNoSecondDecision(t *testing.T) {
	hub, laptop := conflicting(t)
	resolve(t, laptop, "deal/1", merge.TakeLocal, "ana")
	for range 2 {
		broken(t, laptop, deaf(hub))
	}
	set(t, hub, "diaz", "deal/1", "amount:=7")
	wantReport(t, exchange(t, laptop, hub), replicate.Report{Pushed: 1, Applied: 1, Pulled: 2})
	wantNoConflict(t, "deal/1", hub, laptop)
	agree(t, hub, laptop)
	wantVersions(t, laptop, "deal/1", `1 write office {"status":"open"}`, `2 write diaz {"status":"lost"}`, `3 resolution ana {"status":"closed"}`,
		`4 write diaz {"amount":7,"status":"closed"}`)
	wantRows(t, hub, `SELECT count(*) FROM dovetail_resolution`, "1")
}

// TestAnAnswerThatComesAgainIsTakenOnce, be it before or after the version that it names.
func TestAnAnswerThatComesAgainIsTakenOnce(t *testing.T) {
	hub := newHub(t)
	laptop := newReplica(t, hub, "laptop")
	set(t, laptop, "ana", "deal/1", "x:=1")
	var lines [][]byte
	for _, line := range outgoing(t, laptop) {
		lines = append(lines, []byte(line))
	}
	answers, err := hub.Deliver(t.Context(), lines)
	if err != nil {
		t.Fatal(err)
	}
	for _, heard := range []bool{false, false, true, true} {
		if heard {
			hears(t, laptop, hub)
		}
		if err := laptop.Answers(t.Context(), answers); err != nil {
			t.Fatal(err)
		}
		wantRows(t, laptop, `SELECT what, number FROM dovetail_count WHERE number <> 0 ORDER BY what`, "applied 1", "issued 1")
	}
	wantRows(t, laptop, `SELECT outbox FROM dovetail_change`, "0")
	agree(t, hub, laptop)
}
