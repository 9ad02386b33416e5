package tui

import (
	"fmt"
	"testing"

	"dovetail/merge"
)

// many makes a desk with n conflicts of which all are alike.
func many(t testing.TB, n int) *desk {
	t.Helper()
	d := newDesk()
	c := deal(t, 1)
	for i := 1; i <= n; i++ {
		c.Conflict.Number = int64(i)
		c.Conflict.Record.ID = fmt.Sprintf("D-%06d", i)
		d.cases[int64(i)] = c
	}
	return d
}

func (r *rig) queue() queueModel { return r.root().queue }

func (r *rig) selectedNumber() int64 {
	m := r.queue()
	at, _ := m.selected()
	return at.Number
}

func TestQueueShowsRowsCountsAndPreview(t *testing.T) {
	r := newRig(t, newDesk(deal(t, 1), customer(t, 2)), func(c *Config) { c.Notice, c.Title = "6 changes: 4 applied", "PLAYGROUND dead-zone" })
	r.sees("PLAYGROUND dead-zone", "2 open", "[1 Open 2]", "deal/D-1042", "customers/4182", "6 changes: 4 applied",
		"BASE    negotiating", "LOCAL   closed", "SERVER  open", "2 fields merged by themselves, 1 that nobody", "2d", "Ana, laptop")
	r.press("j").sees("▸!  customers/4182", "1 more in conflict").seesNot("6 changes")
	r.size(80, 24).sees("visit_notes  \"\" empty → LOCAL Valve", "Replaced valve…")
}

func TestEmptyQueue(t *testing.T) {
	put := two(t, 1)
	put.Conflict.State = merge.Snoozed
	newRig(t, newDesk(put)).size(40, 12).sees("Nothing is open; 1 snoozed (3).").seesNot("Nothing is in conflict")
	newRig(t, newDesk()).sees("Nothing is in conflict.").press("enter", "j", "G", "U").wantScreen(onQueue).press("q")
}

func TestQueueThatCannotBeRead(t *testing.T) {
	d := newDesk(deal(t, 1))
	d.readErr = errBroken
	r := newRig(t, d).sees("the queue could not be read: disk is on fire")
	d.readErr = nil
	r.press("R").sees("deal/D-1042").seesNot("on fire")
}

func TestGoingThroughALongQueueHoldsFewRows(t *testing.T) {
	const n = 3000
	r := newRig(t, many(t, n))
	for want := int64(1); want <= n; want++ {
		if got := r.selectedNumber(); got != want {
			t.Fatalf("the cursor is on %d, want %d", got, want)
		}
		if rows := len(r.queue().w.rows); rows > maxPages*pageRows {
			t.Fatalf("%d rows are held", rows)
		}
		r.press("j")
	}
	r.sees("3000/3000")
	for want := int64(n); want >= 1; want-- {
		if got := r.selectedNumber(); got != want {
			t.Fatalf("on the way back the cursor is on %d, want %d", got, want)
		}
		r.press("k")
	}
	r.sees("1/3000")
}

func TestEndsOfALongQueue(t *testing.T) {
	r := newRig(t, many(t, 3000)).press("G")
	if got := r.selectedNumber(); got != 3000 {
		t.Errorf("G goes to %d", got)
	}
	r.sees("3000/3000").press("k", "k")
	if got := r.selectedNumber(); got != 2998 {
		t.Errorf("two up from the end is %d", got)
	}
	for range 40 {
		r.press("pgup")
	}
	r.press("home")
	if got := r.selectedNumber(); got != 1 {
		t.Errorf("g goes to %d", got)
	}
}

func TestPagesThatComeLateAreDropped(t *testing.T) {
	d := many(t, 300)
	r := newRig(t, d)
	r.hold = true
	r.press("G", "3")
	r.hold = false
	r.run(r.held[1])
	r.run(r.held[0])
	r.sees("[3 Snoozed 0]", "Nothing here.").seesNot("D-0003")
}

func TestManyMotionsWhileAPageIsUnderWay(t *testing.T) {
	r := newRig(t, many(t, 500))
	r.hold = true
	for range 300 {
		r.press("j")
	}
	r.hold = false
	pages := len(r.desk.asked)
	for _, cmd := range r.held {
		r.run(cmd)
	}
	if asked := len(r.desk.asked) - pages; asked > 3 {
		t.Errorf("%d pages were asked for, for one that was wanted", asked)
	}
	if got := r.selectedNumber(); got != 100 {
		t.Errorf("the cursor is on %d: it cannot go further than what is there", got)
	}
}

func TestThePreviewIsReadAfterAPause(t *testing.T) {
	r := newRig(t, many(t, 50))
	r.hold = true
	before := r.desk.reads
	r.press("j", "j", "j")
	r.sees("reading…")
	r.hold = false
	for _, cmd := range r.held {
		r.run(cmd)
	}
	r.sees("conflict 4", "LOCAL   closed")
	if reads := r.desk.reads - before; reads != 1 {
		t.Errorf("%d conflicts were read, want the last alone", reads)
	}
}

func TestFilter(t *testing.T) {
	d := newDesk(deal(t, 1), customer(t, 2))
	r := newRig(t, d).press("/").press("collection:customers", "enter").sees("filter: collection:customers", "customers/4182").seesNot("deal/D-1042")
	last := d.asked[len(d.asked)-1].Filter.Terms
	want := []merge.Term{{Name: "collection", Op: ':', Value: "customers"}, {Name: "state", Op: ':', Value: "open"}}
	if fmt.Sprint(last) != fmt.Sprint(want) {
		t.Errorf("asked for %v, want %v", last, want)
	}
	r.press("/").press("x", "esc").sees("filter: collection:customers", "customers/4182")
	r.press("esc").sees("deal/D-1042", "filter: none")
}

func TestAFilterThatIsWrongLosesNothing(t *testing.T) {
	d := newDesk(deal(t, 1), customer(t, 2))
	r := newRig(t, d).press("/").press("colour:red", "enter").sees("colour:red", "not a filter", "deal/D-1042")
	for range len("colour:red") {
		r.press("backspace")
	}
	r.press("deal").press("enter").seesNot("customers/4182").sees("filter: deal")
}

func TestAStateInTheFilterStandsForItself(t *testing.T) {
	d := newDesk(deal(t, 1))
	newRig(t, d).press("/").press("state:resolved").press("enter").sees("Nothing matches").seesNot("[1 Open")
	if terms := d.asked[len(d.asked)-1].Filter.Terms; len(terms) != 1 {
		t.Errorf("asked for %v", terms)
	}
}

func TestTabs(t *testing.T) {
	snoozed, resolved := deal(t, 2), customer(t, 3)
	snoozed.Conflict.State, resolved.Conflict.State = merge.Snoozed, merge.Resolved
	snoozed.Conflict.Record.ID = "D-2"
	r := newRig(t, newDesk(deal(t, 1), snoozed, resolved)).press("3").sees("[3 Snoozed 1]", "deal/D-2").seesNot("D-1042")
	r.press("tab").sees("[4 Resolved 1]", "customers/4182").press("tab").sees("[1 Open 1]", "D-1042").press("shift+tab").sees("[4 Resolved 1]")
}

// TestWhatIsResolvedIsTakenBackAtTheCursor, whoever decided it and when; elsewhere U is about what was written last.
func TestWhatIsResolvedIsTakenBackAtTheCursor(t *testing.T) {
	before := customer(t, 3)
	before.Conflict.State = merge.Resolved
	d := newDesk(two(t, 1), before)
	r := newRig(t, d).seesNot("U undo").press("U").sees("nothing was written in this session")
	r.press("4").sees("U undo").press("U").sees("Undo customers/4182, what decided conflict 3?").press("n")
	if d.undos != nil {
		t.Errorf("undone are %+v", d.undos)
	}
	r.press("U", "y").sees("is again as before it was resolved, as v6")
	if len(d.undos) != 1 || d.undos[0].Conflict != 3 || d.undos[0].Resolution != 0 {
		t.Errorf("undone are %+v", d.undos)
	}
	r.press("1", "enter", "A", "1", "w", "y", "q").sees("U undoes it").press("4", "G").sees("customers/4182").seesNot("U undoes it")
	r.press("1", "U").sees("resolution 11?").press("y")
	if len(d.undos) != 2 || d.undos[1].Resolution != 11 {
		t.Errorf("undone are %+v", d.undos)
	}
}

func TestTheTabOfDrafts(t *testing.T) {
	d := newDesk(two(t, 1), deal(t, 2))
	newRig(t, d, on(1)).press("1")
	r := newRig(t, d).press("2").sees("[2 Drafts 1]", "deal/D-2").seesNot("D-1042").press("g").sees("1  deal · a, b").seesNot("status")
	r.press("esc", "enter").press("n", "1", "w", "y").wantScreen(onWritten)
	r.press("enter").sees("Nothing here")
}

func TestARowTellsOfItsDraft(t *testing.T) {
	c := customer(t, 1)
	c.Conflict.Draft = &merge.DraftNote{Decided: 3, Stale: true, SavedAt: noon}
	newRig(t, newDesk(c)).sees("2 of 5", "~", "draft of 12:00; the record moved since")
	c.Conflict.State = merge.Resolved
	newRig(t, newDesk(c)).press("4").sees("customers/4182").seesNot("draft of", "moved since")
}

func TestSelectionStaysWhenTheQueueIsReadAgain(t *testing.T) {
	d := many(t, 1000)
	r := newRig(t, d)
	for range 250 {
		r.press("j")
	}
	was := r.selectedNumber()
	delete(d.cases, was-20)
	r.press("R")
	if got := r.selectedNumber(); got != was {
		t.Errorf("after R the cursor is on %d, want %d", got, was)
	}
	r.press("enter", "q")
	if got := r.selectedNumber(); got != was {
		t.Errorf("back from the conflict the cursor is on %d, want %d", got, was)
	}
}

func TestWorkingThroughTheQueueByYAlone(t *testing.T) {
	d := many(t, 250)
	r := newRig(t, d).press("enter")
	for i := range 250 {
		r.press("1", "w", "y")
		if len(d.wrote) != i+1 {
			t.Fatalf("%d written after %d rounds:\n%s", len(d.wrote), i+1, r.m.View())
		}
	}
	r.wantScreen(onWritten).sees("Nothing is left in the queue.")
}

func TestEscIsHarmlessEverywhere(t *testing.T) {
	d := newDesk(two(t, 1))
	r := newRig(t, d).press("esc", "esc").wantScreen(onQueue)
	r.press("enter", "1", "n", "1", "w", "esc", "esc", "esc").wantScreen(onQueue)
	if r.quit || len(d.wrote) != 0 || len(d.drafts[1].Decisions) != 2 {
		t.Errorf("quit %v, written %v, draft %+v", r.quit, d.wrote, d.drafts[1])
	}
}

func TestAnEmptyQueueOffersNothingToOpen(t *testing.T) {
	for _, size := range [][2]int{{40, 12}, {120, 36}} {
		r := newRig(t, newDesk()).size(size[0], size[1]).sees("Nothing is in conflict", "q quit").seesNot("enter", "move")
		r.press("enter", "down").wantScreen(onQueue)
		newRig(t, newDesk(deal(t, 1))).size(size[0], size[1]).sees("enter resolve")
	}
}

func TestOneFieldMergedByItself(t *testing.T) {
	c := conflict(t, 1, "deal/D-1", `{"a":1,"b":1}`, `{"a":2,"b":2}`, `{"a":3,"b":1}`)
	newRig(t, newDesk(c)).sees("1 field merged by itself").press("enter").sees("1 merged by itself ·").seesNot("themselves")
}

func TestTheNewestComeFirst(t *testing.T) {
	d := many(t, 500)
	r := newRig(t, d).press("s").sees("newest first")
	if got := r.selectedNumber(); got != 500 {
		t.Errorf("the cursor is on %d", got)
	}
	for range 250 {
		r.press("j")
	}
	if got := r.selectedNumber(); got != 250 {
		t.Errorf("after 250 steps it is on %d", got)
	}
	r.press("G").sees("500/500")
	if got := r.selectedNumber(); got != 1 {
		t.Errorf("at the end it is on %d", got)
	}
	r.press("s").sees("oldest first", "1/500")
}

func TestWhatComesAboveTheCursorMovesNothing(t *testing.T) {
	d := many(t, 12)
	r, written := watching(t, d)
	r.press("s", "j")
	d.cases[13], d.cases[14] = deal(t, 13), deal(t, 14)
	written()
	r.sees("2 new", "4/14")
	if got := r.selectedNumber(); got != 11 {
		t.Errorf("the cursor is on %d", got)
	}
}
