package replicate_test

import (
	"strings"
	"testing"

	"dovetail/merge"
	"dovetail/store"
)

// TestADocumentAsDeepAsOneMayBeIsSent: its operations would be deeper than a line may be.
func TestADocumentAsDeepAsOneMayBeIsSent(t *testing.T) {
	deep := strings.Repeat("[", merge.MaxDepth-1) + strings.Repeat("]", merge.MaxDepth-1)
	hub := newHub(t)
	setStrategy(t, hub, "replayed", merge.OpReplay)
	for _, record := range []string{"deal/1", "replayed/1"} {
		set(t, hub, "office", record, "x:=1", "n:=1")
	}
	laptop := newReplica(t, hub, "laptop")
	for _, record := range []string{"deal/1", "replayed/1", "other/1"} {
		set(t, laptop, "ana", record, "x:="+deep, "n:=2")
	}
	set(t, hub, "diaz", "deal/1", "x:=2")
	exchange(t, laptop, hub)
	want(t, laptop, "replayed/1", 2, false, `{"n":2,"x":`+deep+`}`)
	want(t, laptop, "other/1", 1, false, `{"n":2,"x":`+deep+`}`)
	onlyConflict(t, hub, "deal/1")
	resolve(t, laptop, "deal/1", merge.TakeLocal, "ana")
	exchange(t, laptop, hub)
	want(t, hub, "deal/1", 3, false, `{"n":2,"x":`+deep+`}`)
	wantNoConflict(t, "deal/1", hub, laptop)
	agree(t, hub, laptop)
}

// TestManyEditsOfALargeFieldAreSent: with each step they would be more than a line may hold.
func TestManyEditsOfALargeFieldAreSent(t *testing.T) {
	hub := newHub(t)
	set(t, hub, "office", "deal/1", "n:=1")
	laptop := newReplica(t, hub, "laptop")
	text := ""
	for _, letter := range "abcdefghijkl" {
		text = strings.Repeat(string(letter), 1<<20)
		set(t, laptop, "ana", "deal/1", "x="+text)
	}
	set(t, laptop, "ana", "deal/2", "x=small")
	report := exchange(t, laptop, hub)
	if report.Applied != 2 {
		t.Errorf("it came to %+v", report)
	}
	want(t, hub, "deal/1", 2, false, `{"n":1,"x":"`+text+`"}`)
	agree(t, hub, laptop)
}

// TestAChangeThatNoLineCanHoldStopsNoOther: it is held with the reason, and goes once it is smaller.
func TestAChangeThatNoLineCanHoldStopsNoOther(t *testing.T) {
	hub := newHub(t)
	laptop := newReplica(t, hub, "laptop")
	huge := merge.Document(`{"x":"` + strings.Repeat("x", 17<<20) + `"}`)
	write(t, laptop, store.Edit{Record: key("deal/1"), Fields: huge, By: "ana"})
	set(t, laptop, "ana", "deal/2", "x:=1")
	for range 2 {
		exchange(t, laptop, hub)
		want(t, hub, "deal/2", 1, false, `{"x":1}`)
		n, first, err := laptop.Unsettled(t.Context(), 10)
		if err != nil || n != 1 || !strings.Contains(first[0].Error, "a line of") || first[0].Record != key("deal/1") {
			t.Errorf("%d are held: %+v, %v", n, first, err)
		}
		settledOn(t, hub, laptop)
	}
	set(t, laptop, "ana", "deal/1", "x:=2")
	exchange(t, laptop, hub)
	want(t, hub, "deal/1", 1, false, `{"x":2}`)
	agree(t, hub, laptop)
}
