package store_test

import (
	"fmt"
	"testing"

	"dovetail/merge"
	"dovetail/store"
)

// bearer is somebody with a token.
func bearer(person string, scopes ...store.Scope) store.Token {
	return store.Token{Person: person, Scopes: scopes}
}

// What a bearer sends is the bearer's, whatever it says, and again it is the same.
func TestDeliverAsIsTheBearers(t *testing.T) {
	hub := newStore(t)
	ana, diaz := bearer("ana", store.ScopePush), bearer("di\"az", store.ScopePush)
	lines := [][]byte{
		[]byte(`{"key":"1","record":"deal/1","local":{"n":1},"local_by":"diaz"}`),
		[]byte(`{"key":"2","record":"deal/2","local":{"n":1}}`),
		[]byte(`{"key":"3","record":"deal/3","local":{"n":1},"local_by":"ana"}`),
		[]byte(`{"key":"4","record":"deal/4","local":{"n":1},"local_by":5}`),
		[]byte(`{"type":"later","key":"5","record":"deal/5","local_by":"diaz"}`),
		[]byte(`{"type":"record","record":"deal/6","fields":{}}`),
	}
	outcomes := func(who store.Token) string {
		t.Helper()
		answers, err := hub.DeliverAs(t.Context(), who, lines)
		if err != nil {
			t.Fatal(err)
		}
		all := ""
		for _, a := range answers {
			all += string(a.Outcome) + " "
		}
		return all
	}
	const want = "applied applied applied applied parked refused "
	for range 2 {
		if got := outcomes(ana); got != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
	if got := outcomes(diaz); got != "refused refused refused refused refused refused " {
		t.Errorf("somebody else's: %s", got)
	}
	for i := range 4 {
		key := merge.Key{Collection: "deal", ID: fmt.Sprint(i + 1)}
		log, err := hub.Log(t.Context(), key)
		if err != nil || len(log) != 1 || log[0].By != "ana" {
			t.Errorf("%s: %+v, %v", key, log, err)
		}
	}
	parked, err := hub.Parked(t.Context(), 0, 10)
	if err != nil || len(parked) != 1 || parked[0].Line != `{"type":"later","key":"5","record":"deal/5","local_by":"ana"}` {
		t.Errorf("parked: %+v, %v", parked, err)
	}
}

// Whoever may not decide conflicts does not do it by a change either; one that was taken in keeps its answer.
func TestDeliverAsNeedsTheScopeToDecide(t *testing.T) {
	hub := newStore(t)
	pusher, decider := bearer("ana", store.ScopePush), bearer("ana", store.ScopePush, store.ScopeResolve)
	deliver := func(who store.Token, line string) store.Answer {
		t.Helper()
		answers, err := hub.DeliverAs(t.Context(), who, [][]byte{[]byte(line)})
		if err != nil {
			t.Fatal(err)
		}
		return answers[0]
	}
	deliver(pusher, `{"key":"1","record":"deal/1","local":{"n":1}}`)
	deliver(pusher, `{"key":"2","record":"deal/1","base_version":1,"local":{"n":2}}`)
	if a := deliver(pusher, `{"key":"3","record":"deal/1","base_version":1,"local":{"n":3}}`); a.Outcome != store.Conflicted {
		t.Fatalf("no conflict: %+v", a)
	}
	const settles = `{"key":"4","record":"deal/1","base_version":2,"local":{"n":3},"resolves":"3","builds_on":"3","decisions":{"/n":{"choice":"local","value":3,"saw":{}}}}`
	if a := deliver(pusher, settles); a.Outcome != store.Refused {
		t.Errorf("without the scope: %+v", a)
	}
	first := deliver(decider, settles)
	if first.Outcome == store.Refused {
		t.Fatalf("with the scope: %+v", first)
	}
	if a := deliver(pusher, settles); a.Outcome != first.Outcome || a.Version != first.Version {
		t.Errorf("again, without the scope: %+v, want %+v", a, first)
	}
}
