package replicate_test

import (
	"bytes"
	"context"
	"slices"
	"strings"
	"testing"

	"dovetail/merge"
	"dovetail/store"
	"dovetail/store/replicate"
)

// spoilt is a hub that finds in the changes of one record what it does not know, as if a newer program had sent them.
func spoilt(hub *store.Store, record, old, replacement string) wire {
	return wire{Store: hub, deliver: func(ctx context.Context, lines [][]byte) ([]store.Answer, error) {
		lines = slices.Clone(lines)
		for i, line := range lines {
			if bytes.Contains(line, []byte(`"record":"`+record+`"`)) {
				lines[i] = bytes.Replace(line, []byte(old), []byte(replacement), 1)
			}
		}
		return hub.Deliver(ctx, lines)
	}}
}

// spoils are the ways in which a hub does not take a change, and the reason that it gives.
var spoils = map[string]struct {
	old, replacement string
	outcome          store.Outcome
	reason           string
	report           replicate.Report
}{
	"an unknown operation": {`"op":"set"`, `"op":"teleport"`, store.Parked, `unknown operation "teleport"`, replicate.Report{Parked: 1}},
	"an unknown type":      {`"type":"change"`, `"type":"leap"`, store.Parked, `unknown type "leap"`, replicate.Report{Parked: 1}},
	"an unknown name":      {`"local":`, `"what":1,"local":`, store.Refused, `/what: unknown name`, replicate.Report{Refused: 1}},
	"no JSON":              {`{`, ``, store.Refused, `not a JSON object`, replicate.Report{Refused: 1}},
}

// wantHeld checks the changes of a replica that the hub would not take.
func wantHeld(t testing.TB, s *store.Store, want ...string) {
	t.Helper()
	n, first, err := s.Unsettled(t.Context(), 100)
	var got []string
	for _, a := range first {
		got = append(got, a.Record.String()+" "+string(a.Outcome)+" "+a.Error)
	}
	if err != nil || !slices.Equal(got, want) || n != int64(len(want)) {
		t.Errorf("%d are held, %q, %v; want %q", n, got, err, want)
	}
}

// TestOneBadChangeNeverStopsTheOthers. It is kept on the replica with the reason, and is not sent again by itself.
func TestOneBadChangeNeverStopsTheOthers(t *testing.T) {
	for name, c := range spoils {
		t.Run(name, func(t *testing.T) {
			hub := newHub(t)
			for _, record := range []string{"deal/1", "deal/2", "deal/3"} {
				set(t, hub, "office", record, "x:=1")
			}
			laptop := newReplica(t, hub, "laptop")
			for _, record := range []string{"deal/1", "deal/2", "deal/3"} {
				set(t, laptop, "ana", record, "x:=2")
			}
			wanted := c.report
			wanted.Pushed, wanted.Applied, wanted.Pulled = 3, 2, 2
			wantReport(t, exchange(t, laptop, spoilt(hub, "deal/2", c.old, c.replacement)), wanted)
			held := "deal/2 " + string(c.outcome) + " " + c.reason
			wantHeld(t, laptop, held)
			want(t, laptop, "deal/2", 1, true, `{"x":2}`)
			want(t, hub, "deal/2", 1, false, `{"x":1}`)
			laptop = reopen(t, laptop)
			wantReport(t, exchange(t, laptop, hub), replicate.Report{})
			wantHeld(t, laptop, held)
			settledOn(t, hub, laptop)
			wantRows(t, hub, `SELECT count(*) FROM dovetail_change WHERE outcome = 'parked' AND payload IS NOT NULL`,
				map[bool]string{true: "1", false: "0"}[c.outcome == store.Parked])
		})
	}
}

// TestAHeldChangeGoesAlongWithTheNextEdit, on the base that it had, with all its steps.
func TestAHeldChangeGoesAlongWithTheNextEdit(t *testing.T) {
	for name, c := range spoils {
		t.Run(name, func(t *testing.T) {
			hub := newHub(t)
			setStrategy(t, hub, "deal", merge.OpReplay)
			set(t, hub, "office", "deal/1", "n:=1", "x:=1", "y:=1")
			laptop := newReplica(t, hub, "laptop")
			set(t, laptop, "ana", "deal/1", "n+=10", "x:=2")
			exchange(t, laptop, spoilt(hub, "deal/1", c.old, c.replacement))
			set(t, hub, "diaz", "deal/1", "n+=100", "y:=2")
			exchange(t, laptop, hub)
			set(t, laptop, "ana", "deal/1", "n+=1000")
			wantHeld(t, laptop)
			wantReport(t, exchange(t, laptop, hub), replicate.Report{Pushed: 1, Merged: 1, Pulled: 1})
			want(t, laptop, "deal/1", 3, false, `{"n":1111,"x":2,"y":2}`)
			agree(t, hub, laptop)
		})
	}
}

// TestAHeldChangeGoesAlongWithWhatWasBuiltOnItMeanwhile: the edits that were made while it was on its way.
func TestAHeldChangeGoesAlongWithWhatWasBuiltOnItMeanwhile(t *testing.T) {
	for name, c := range spoils {
		t.Run(name, func(t *testing.T) {
			hub := newHub(t)
			setStrategy(t, hub, "deal", merge.OpReplay)
			set(t, hub, "office", "deal/1", "n:=1", "x:=1")
			laptop := newReplica(t, hub, "laptop")
			set(t, laptop, "ana", "deal/1", "n+=10", "x:=2")
			spoiling := spoilt(hub, "deal/1", c.old, c.replacement)
			exchange(t, laptop, wire{Store: hub, deliver: func(ctx context.Context, lines [][]byte) ([]store.Answer, error) {
				set(t, laptop, "ana", "deal/1", "n+=100")
				return spoiling.Deliver(ctx, lines)
			}})
			want(t, laptop, "deal/1", 1, true, `{"n":111,"x":2}`)
			exchange(t, laptop, hub)
			want(t, laptop, "deal/1", 2, false, `{"n":111,"x":2}`)
			wantHeld(t, laptop)
			agree(t, hub, laptop)
		})
	}
}

// TestAHeldDeletionIsTakenBackByHand as an edit is: what was deleted can be created again.
func TestAHeldDeletionIsTakenBackByHand(t *testing.T) {
	hub := newHub(t)
	set(t, hub, "office", "deal/1", "x:=1")
	laptop := newReplica(t, hub, "laptop")
	remove(t, laptop, "ana", "deal/1")
	exchange(t, laptop, spoilt(hub, "deal/1", `"type":"change"`, `"type":"leap"`))
	want(t, laptop, "deal/1", 1, true, "")
	set(t, laptop, "ana", "deal/1", "x:=1")
	wantReport(t, exchange(t, laptop, hub), replicate.Report{Pushed: 1, Converged: 1})
	wantHeld(t, laptop)
	want(t, laptop, "deal/1", 1, false, `{"x":1}`)
	agree(t, hub, laptop)
}

// TestAHeldChangeThatWaitsForAPersonIsSettledByTheDecision: the hub gets that, with what it takes.
func TestAHeldChangeThatWaitsForAPersonIsSettledByTheDecision(t *testing.T) {
	for name, c := range spoils {
		for choice, result := range map[merge.Choice]string{merge.TakeLocal: `{"x":3}`, merge.TakeServer: `{"x":2}`} {
			t.Run(name+", "+choice.String(), func(t *testing.T) {
				hub, laptop := overtaken(t, []string{"x:=1"}, []string{"x:=2"}, []string{"x:=3"})
				exchange(t, laptop, spoilt(hub, "deal/1", c.old, c.replacement))
				wantConflict(t, laptop, "deal/1", merge.EditEdit, `{"x":1}`, `{"x":3}`, `{"x":2}`)
				wantHeld(t, laptop, "deal/1 "+string(c.outcome)+" "+c.reason)
				wantNoConflict(t, "deal/1", hub)
				resolve(t, laptop, "deal/1", choice, "ana")
				wantHeld(t, laptop)
				exchange(t, laptop, hub)
				wantNoConflict(t, "deal/1", hub, laptop)
				r, err := laptop.Get(t.Context(), key("deal/1"))
				if err != nil || r.Pending || string(r.Fields) != result {
					t.Errorf("it is %s, pending %t, %v, want %s", r.Fields, r.Pending, err, result)
				}
				agree(t, hub, laptop)
			})
		}
	}
}

// TestAnEditBesideAHeldChangeThatWaitsForAPersonGoesToTheHubWithIt.
func TestAnEditBesideAHeldChangeThatWaitsForAPersonGoesToTheHubWithIt(t *testing.T) {
	for name, c := range spoils {
		t.Run(name, func(t *testing.T) {
			hub, laptop := overtaken(t, []string{"x:=1"}, []string{"x:=2"}, []string{"x:=3"})
			exchange(t, laptop, spoilt(hub, "deal/1", c.old, c.replacement))
			set(t, laptop, "ana", "deal/1", "y:=3")
			wantHeld(t, laptop)
			exchange(t, laptop, hub)
			for _, s := range []*store.Store{hub, laptop} {
				wantConflict(t, s, "deal/1", merge.EditEdit, `{"x":1}`, `{"x":3,"y":3}`, `{"x":2}`)
			}
			agree(t, hub, laptop)
		})
	}
}

// TestAHeldChangeIsWrittenOutForAnotherHub.
func TestAHeldChangeIsWrittenOutForAnotherHub(t *testing.T) {
	hub := newHub(t)
	set(t, hub, "office", "deal/1", "x:=1")
	laptop := newReplica(t, hub, "laptop")
	set(t, laptop, "ana", "deal/1", "x:=2")
	exchange(t, laptop, spoilt(hub, "deal/1", `"op":"set"`, `"op":"teleport"`))
	lines := pendingLines(t, laptop)
	if strings.Count(lines, "\n") != 1 || !strings.Contains(lines, `"local":{"x":2}`) || !strings.Contains(lines, `"base":{"x":1}`) {
		t.Errorf("it is written out as %s", lines)
	}
}

// TestADecisionOnAHeldChangeThatIsTakenBackHasItHeldAgain.
func TestADecisionOnAHeldChangeThatIsTakenBackHasItHeldAgain(t *testing.T) {
	hub, laptop := overtaken(t, []string{"x:=1"}, []string{"x:=2"}, []string{"x:=3"})
	exchange(t, laptop, spoilt(hub, "deal/1", `"local":`, `"what":1,"local":`))
	number := onlyConflict(t, laptop, "deal/1").Conflict.Number
	resolve(t, laptop, "deal/1", merge.TakeServer, "ana")
	if _, err := laptop.UndoPending(t.Context(), number, "ana"); err != nil {
		t.Fatal(err)
	}
	wantHeld(t, laptop, "deal/1 refused /what: unknown name")
	wantReport(t, exchange(t, laptop, hub), replicate.Report{})
	set(t, laptop, "ana", "deal/1", "y:=3")
	exchange(t, laptop, hub)
	for _, s := range []*store.Store{hub, laptop} {
		wantConflict(t, s, "deal/1", merge.EditEdit, `{"x":1}`, `{"x":3,"y":3}`, `{"x":2}`)
	}
	agree(t, hub, laptop)
}

// TestADecisionOnItsWayWithTheChangeThatIsHeldIsTakenAllTheSame: the two are sent in one exchange.
func TestADecisionOnItsWayWithTheChangeThatIsHeldIsTakenAllTheSame(t *testing.T) {
	for name, c := range spoils {
		t.Run(name, func(t *testing.T) {
			hub, laptop := overtaken(t, []string{"x:=1"}, []string{"x:=2"}, []string{"x:=3"})
			resolve(t, laptop, "deal/1", merge.TakeLocal, "ana")
			first := true
			spoiling := spoilt(hub, "deal/1", c.old, c.replacement)
			exchange(t, laptop, wire{Store: hub, deliver: func(ctx context.Context, lines [][]byte) ([]store.Answer, error) {
				if first {
					first = false
					return spoiling.Deliver(ctx, lines)
				}
				return hub.Deliver(ctx, lines)
			}})
			wantHeld(t, laptop)
			wantNoConflict(t, "deal/1", hub, laptop)
			want(t, hub, "deal/1", 3, false, `{"x":3}`)
			agree(t, hub, laptop)
		})
	}
}

// TestTheHubResolvesWhileANewerChangeIsHeld: that one is in no conflict then, and goes along with the next edit.
func TestTheHubResolvesWhileANewerChangeIsHeld(t *testing.T) {
	hub, laptop := conflicting(t)
	set(t, laptop, "ana", "deal/1", "amount:=7")
	exchange(t, laptop, spoilt(hub, "deal/1", `"type":"change"`, `"type":"leap"`))
	resolve(t, hub, "deal/1", merge.TakeServer, "eva")
	exchange(t, laptop, hub)
	wantNoConflict(t, "deal/1", hub, laptop)
	wantHeld(t, laptop, `deal/1 parked unknown type "leap"`)
	settledOn(t, hub, laptop)
	set(t, laptop, "ana", "deal/1", "owner=ana")
	wantReport(t, exchange(t, laptop, hub), replicate.Report{Pushed: 1, Merged: 1, Pulled: 1})
	want(t, hub, "deal/1", 4, false, `{"amount":7,"owner":"ana","status":"lost"}`)
	agree(t, hub, laptop)
}

// TestAHeldChangeIsDoneWithOnceTheHubHasTheSame from elsewhere.
func TestAHeldChangeIsDoneWithOnceTheHubHasTheSame(t *testing.T) {
	hub := newHub(t)
	set(t, hub, "office", "deal/1", "x:=1")
	set(t, hub, "office", "deal/2", "x:=1")
	laptop := newReplica(t, hub, "laptop")
	set(t, laptop, "ana", "deal/1", "x:=2")
	remove(t, laptop, "ana", "deal/2")
	exchange(t, laptop, spoilt(hub, "deal/1", `"local":`, `"what":1,"local":`))
	set(t, laptop, "ana", "deal/3", "x:=2")
	exchange(t, laptop, spoilt(hub, "deal/3", `"local":`, `"what":1,"local":`))
	set(t, hub, "diaz", "deal/1", "x:=2")
	exchange(t, laptop, hub)
	wantHeld(t, laptop, "deal/3 refused /what: unknown name")
	want(t, laptop, "deal/1", 2, false, `{"x":2}`)
	remove(t, laptop, "ana", "deal/3")
	exchange(t, laptop, hub)
	wantHeld(t, laptop)
	agree(t, hub, laptop)
}

// TestAParkedChangeThatTheHubTakesAfterAllIsDoneWith: it may have been put aside by an older program. What was edited since
// counts once, and so does what it took along.
func TestAParkedChangeThatTheHubTakesAfterAllIsDoneWith(t *testing.T) {
	for name, edited := range map[string]bool{"left as it was": false, "edited since": true} {
		t.Run(name, func(t *testing.T) {
			hub := newHub(t)
			setStrategy(t, hub, "deal", merge.OpReplay)
			set(t, hub, "office", "deal/1", "n:=1")
			laptop := newReplica(t, hub, "laptop")
			set(t, laptop, "ana", "deal/1", "n+=10")
			var aside [][]byte
			exchange(t, laptop, wire{Store: hub, deliver: func(_ context.Context, lines [][]byte) ([]store.Answer, error) {
				aside = lines
				return []store.Answer{{Outcome: store.Parked, Error: "too new"}}, nil
			}, feed: func(ctx context.Context, from store.Place, limit int) (store.Feed, error) {
				from.Answered = ""
				return hub.Feed(ctx, from, limit)
			}})
			wantHeld(t, laptop, "deal/1 parked too new")
			result := `{"n":11}`
			if edited {
				set(t, laptop, "ana", "deal/1", "n+=100")
				result = `{"n":111}`
			}
			if answers, err := hub.Deliver(t.Context(), aside); err != nil || answers[0].Outcome != store.Applied {
				t.Fatal(answers, err)
			}
			exchange(t, laptop, hub)
			exchange(t, laptop, hub)
			wantHeld(t, laptop)
			r, err := laptop.Get(t.Context(), key("deal/1"))
			if err != nil || string(r.Fields) != result || r.Pending {
				t.Errorf("it is %s, pending %t, %v, want %s", r.Fields, r.Pending, err, result)
			}
			agree(t, hub, laptop)
		})
	}
}
