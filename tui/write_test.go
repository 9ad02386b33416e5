package tui

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"dovetail/merge"
)

func TestNothingIsWrittenWhileAFieldIsUndecided(t *testing.T) {
	d := newDesk(customer(t, 1))
	r := newRig(t, d, on(1)).press("1", "G", "w")
	r.wantScreen(onResolve).sees("4 left: phone, status, tags, visit_notes")
	if r.focus() != "/phone" {
		t.Errorf("w went to %s, want the first undecided field", r.focus())
	}
	r.press("y", "s", "ctrl+s", "y", "s")
	if len(d.wrote) != 0 {
		t.Errorf("written: %+v", d.wrote)
	}
}

func TestReviewWritesByItsOwnKeysOnly(t *testing.T) {
	d := newDesk(deal(t, 1))
	r := newRig(t, d, on(1)).press("1", "w").wantScreen(onReview)
	r.press("enter", "w", "1", " ", "ctrl+s", "u", "j")
	if len(d.wrote) != 0 {
		t.Fatalf("written by a key that is not for it: %+v", d.wrote)
	}
	r.press("y")
	if len(d.wrote) != 1 {
		t.Fatalf("%d writings", len(d.wrote))
	}
	w := d.wrote[0]
	if want := `{"amount":50000,"notes":"added","region":"north","status":"closed"}`; string(w.Result) != want {
		t.Errorf("result %s, want %s", w.Result, want)
	}
	if w.Conflict != 1 || w.ServerVersion != 4 || w.Revision != 1 || w.Person != "Ana" || len(w.Decisions) != 1 {
		t.Errorf("the writing does not say what was on the screen: %+v", w)
	}
}

func TestReviewShowsWhatChangesAndWhatIsNotKept(t *testing.T) {
	r := newRig(t, newDesk(deal(t, 1)), on(1)).press("1", "w")
	r.sees("nothing written yet", "status", "open", "closed", "=L", "40000", "50000", "Not kept", "SERVER  status = open", "1 of 1 decided")
	r.press("esc").wantScreen(onResolve).press("2", "w").sees("LOCAL   status = closed")
}

func TestReviewOfADeletion(t *testing.T) {
	d := newDesk(conflict(t, 1, "asset/55", `{"a":1,"b":2}`, `{"a":2,"b":2}`, ""))
	r := newRig(t, d, on(1)).press("2", "w").sees("the record stays deleted").seesNot("will be deleted").press("y")
	if len(d.wrote) != 1 || d.wrote[0].Result != nil {
		t.Errorf("written: %+v", d.wrote)
	}
	r.wantScreen(onWritten).sees("The record is deleted.")
	newRig(t, newDesk(conflict(t, 1, "asset/55", `{"a":1,"b":2}`, "", `{"a":2,"b":2}`)), on(1)).press("1", "w").
		sees("The record will be deleted.", "the record is deleted")
}

func TestNote(t *testing.T) {
	d := newDesk(deal(t, 1))
	r := newRig(t, d, on(1)).press("1", "w", "e", "b", "y", " ", "s", "enter").sees("by s")
	if d.drafts[1].Note != "by s" {
		t.Errorf("the draft's note is %q", d.drafts[1].Note)
	}
	r.press("e", "x", "esc").seesNot("by sx").press("esc", "w", "y")
	if len(d.wrote) != 1 || d.wrote[0].Note != "by s" {
		t.Errorf("written: %+v", d.wrote)
	}
}

func TestWrittenTellsWhatAndOffersUndo(t *testing.T) {
	d := newDesk(deal(t, 1))
	r := newRig(t, d, on(1)).press("1", "w", "y").wantScreen(onWritten)
	r.sees("written v5 · resolution 11 · U undoes it", "status", "closed", "Nothing is left")
	r.press("U").sees("Undo deal/D-1042 v5, resolution 11?").press("n")
	if len(d.undone()) != 0 {
		t.Fatal("undone without a yes")
	}
	r.press("U", "y").wantScreen(onQueue).sees("deal/D-1042 is again as before resolution 11, as v6")
	if fmt.Sprint(d.undone()) != "[11]" {
		t.Errorf("undone: %v", d.undone())
	}
}

func TestWriteAndOpenTheNext(t *testing.T) {
	d := newDesk(deal(t, 1), two(t, 2), deal(t, 3))
	r := newRig(t, d).press("down", "enter", "A", "1", "w", "y")
	if n := r.resolve().number; n != 3 {
		t.Errorf("conflict %d is next, want 3", n)
	}
	r.wantScreen(onResolve).sees("written deal/D-2 v5, resolution 11", "1 LEFT")
	r.press("1", "w", "s").wantScreen(onQueue).sees("written v5 · resolution 12 · deal/D-1042").seesNot("deal/D-2 ")
	r.press("U").sees("Undo deal/D-1042 v5, resolution 12?").press("y")
	if fmt.Sprint(d.undone()) != "[12]" {
		t.Errorf("undone: %v", d.undone())
	}
}

func TestUndoThatIsRefusedSaysWhy(t *testing.T) {
	d := newDesk(deal(t, 1))
	d.undo = fmt.Errorf("v7 was written since: %w", merge.ErrStale)
	newRig(t, d, on(1)).press("1", "w", "y", "U", "y").sees("not undone: v7 was written since")
}

// moveServer lets the server's side of a conflict move on.
func moveServer(t *testing.T, d *desk, number int64, server string) {
	t.Helper()
	c := d.cases[number]
	c.Sides.Server = document(t, server)
	c.Conflict.ServerVersion++
	c.Server.Version++
	c.Conflict.Fields = c.Merge().Conflicts()
	d.cases[number] = c
}

func TestAStaleWriteKeepsWhatStillStands(t *testing.T) {
	d := newDesk(two(t, 1))
	r := newRig(t, d, on(1)).press("1", "n", "1", "w").wantScreen(onReview)
	moveServer(t, d, 1, `{"a":"sa","b":"sb2"}`)
	r.press("y").wantScreen(onResolve)
	r.sees("Nothing was written.", "moved to v5", "1 decision kept, 1 to look at again", "~! b", "changed since you decided", "1 LEFT")
	r.wantChoice("/a", merge.TakeLocal).wantChoice("/b", merge.Undecided)
	r.press("w").wantScreen(onResolve)
	r.press("2").seesNot("Nothing was written").press("w").wantScreen(onReview).press("y").wantScreen(onWritten)
	if last := d.wrote[len(d.wrote)-1]; last.ServerVersion != 5 || string(last.Result) != `{"a":"la","b":"sb2"}` {
		t.Errorf("written: %+v", last)
	}
}

func TestADraftMadeOnAnOlderVersionIsBroughtUp(t *testing.T) {
	d := newDesk(two(t, 1))
	newRig(t, d, on(1)).press("1", "n", "2")
	moveServer(t, d, 1, `{"a":"sa2","b":"sb"}`)
	r := newRig(t, d, on(1)).sees("moved to v5", "1 decision kept, 1 to look at again")
	r.wantChoice("/a", merge.Undecided).wantChoice("/b", merge.TakeServer)
	if saved := d.drafts[1]; saved.ServerVersion != 5 || len(saved.Moved) != 1 {
		t.Errorf("the draft was not saved as it is now: %+v", saved)
	}
	if r.focus() != "/a" {
		t.Errorf("the cursor is on %s", r.focus())
	}
}

func TestTheSecondWriterIsToldAndKeepsTheDraft(t *testing.T) {
	d := newDesk(two(t, 1))
	first, second := newRig(t, d, on(1)), newRig(t, d, on(1), func(c *Config) { c.Person = "Ana" })
	second.press("1", "n", "2", "w")
	first.press("A", "2", "w", "y").wantScreen(onWritten)
	second.press("y").wantScreen(onResolve).sees("Nothing was written: someone else resolved this first")
	second.sees("`dovetail undo deal/D-2` opens it again")
	second.wantChoice("/a", merge.TakeLocal).wantChoice("/b", merge.TakeServer)
	second.press("w").wantScreen(onResolve).sees("resolved already")
}

func TestAResolvedConflictOffersTheWayOutAndNoPicks(t *testing.T) {
	for _, size := range [][2]int{{40, 12}, {50, 20}, {80, 24}, {120, 36}} {
		d := newDesk(two(t, 1))
		second := newRig(t, d, on(1)).size(size[0], size[1]).press("1", "w", "n", "2", "w").wantScreen(onReview)
		newRig(t, d, on(1)).press("A", "2", "w", "y")
		second.press("y").wantScreen(onResolve).sees("Nothing was written", "q queue", "v full values", "? help")
		second.seesNot("1 local", "take", "w review", "u undo", "e edit", "LEFT", "of 2 left", "choice", "choose 1")
		check(t, "closed", second.m.View(), size[0], size[1])
		second.press("r").seesNot("take", "w review").press("q").wantScreen(onQueue)
	}
}

func TestTheSecondWriterIsToldWhoseTheServersVersionIs(t *testing.T) {
	d := newDesk(two(t, 1))
	second := newRig(t, d, on(1)).press("1", "n", "2", "w")
	c := d.cases[1]
	c.Conflict.State, c.Server = merge.Resolved, merge.Stamp{By: "Bo\x1b", Version: 5}
	d.cases[1] = c
	second.press("y").says(`The server's v5 is by Bo\e.`)
	c.Server = merge.Stamp{By: "Bo", Version: 4}
	d.cases[1] = c
	newRig(t, d, on(1)).sees("resolved already").seesNot("is by Bo")
}

func TestAWriteThatFailsKeepsTheReview(t *testing.T) {
	d := newDesk(deal(t, 1))
	d.answer = errBroken
	r := newRig(t, d, on(1)).press("1", "w", "y").wantScreen(onReview).sees("not written: disk is on fire")
	d.answer = nil
	r.press("y").wantScreen(onWritten)
}

func TestOnlyOneWritingAtATime(t *testing.T) {
	d := newDesk(deal(t, 1))
	r := newRig(t, d, on(1)).press("1", "w")
	r.hold = true
	r.press("y", "y", "s", "esc", "q").sees("writing", "keys count again when it is written").seesNot("write & next", "esc change")
	r.size(40, 12).sees("writing", "keys count again when it is written")
	r.hold = false
	for _, cmd := range r.held {
		r.run(cmd)
	}
	if len(d.wrote) != 1 {
		t.Errorf("%d writings", len(d.wrote))
	}
}

func TestEveryActionSavesTheDraft(t *testing.T) {
	d := newDesk(two(t, 1))
	r := newRig(t, d, on(1)).sees("no draft yet")
	for i, key := range []string{"1", "r", "2", "u", "ctrl+r", "n", "0"} {
		before := len(d.saves)
		r.press(key)
		if saved := len(d.saves) > before; saved != (key != "n") {
			t.Errorf("key %d, %s: saved %v", i, key, saved)
		}
	}
	r.sees("draft saved 12:00")
	if got := d.drafts[1]; len(got.Decisions) != 2 || got.Person != "Ana" || got.ServerVersion != 4 || got.Revision != 1 {
		t.Errorf("the last draft saved is %+v", got)
	}
}

func TestLeavingKeepsTheDraft(t *testing.T) {
	for name, leave := range map[string]func(*rig){
		"q":      func(r *rig) { r.press("q", "q") },
		"esc":    func(r *rig) { r.press("esc", "q") },
		"ctrl+c": func(r *rig) { r.press("ctrl+c") },
		"signal": func(r *rig) { r.send(leaveMsg{interrupted: true}) },
		"ctrl+c while typing": func(r *rig) {
			r.press("n", "e", "x", "ctrl+c")
		},
	} {
		d := newDesk(two(t, 1))
		r := newRig(t, d, on(1)).press("1")
		leave(r)
		if !r.quit {
			t.Errorf("%s: it does not leave", name)
		}
		if d.drafts[1].Decisions["/a"].Choice != merge.TakeLocal {
			t.Errorf("%s: the draft is %+v", name, d.drafts[1])
		}
		if want := name != "q" && name != "esc"; r.root().interrupted != want {
			t.Errorf("%s: interrupted is %v", name, r.root().interrupted)
		}
	}
}

func TestLeavingWaitsForTheLastSave(t *testing.T) {
	d := newDesk(two(t, 1))
	r := newRig(t, d, on(1))
	r.hold = true
	r.press("1", "ctrl+c")
	save, leave := r.held[0], r.held[1]
	r.hold = false
	r.run(leave)
	if !r.quit || d.drafts[1].Decisions["/a"].Choice != merge.TakeLocal {
		t.Errorf("it left with the draft %+v", d.drafts[1])
	}
	before := len(d.saves)
	r.run(save)
	if len(d.saves) != before {
		t.Error("a save that came late saved an old draft once more")
	}
}

func TestASaveNeverOvertakesANewerOne(t *testing.T) {
	d := newDesk(two(t, 1))
	r := newRig(t, d, on(1))
	r.hold = true
	r.press("1", "2", "3")
	r.hold = false
	for i := len(r.held) - 1; i >= 0; i-- {
		r.run(r.held[i])
	}
	if got := d.drafts[1].Decisions["/a"].Choice; got != merge.TakeBase {
		t.Errorf("the draft kept is %v, want the last choice", got)
	}
}

func TestASaveThatFailsIsToldAndTriedAgain(t *testing.T) {
	d := newDesk(two(t, 1))
	d.saveErr = errBroken
	r := newRig(t, d, on(1)).press("1").sees("DRAFT NOT SAVED", "the draft could not be saved: disk is on fire")
	r.press("q").wantScreen(onQueue).press("enter")
	d.saveErr = nil
	r.press("n").press("2").sees("draft saved 12:00")
	if len(d.saves) == 0 {
		t.Error("nothing was saved in the end")
	}
}

// A draft that could not be saved, as over a line that was lost, is saved by itself when that is possible again; a line that
// is slow to say that it is not is asked by one save at a time.
func TestASaveThatFailsIsTriedAgainByItself(t *testing.T) {
	d := newDesk(two(t, 1))
	d.saveErr = errBroken
	r := newRig(t, d, on(1)).press("1").sees("DRAFT NOT SAVED").send(beatMsg{}).sees("DRAFT NOT SAVED")
	d.saveErr = nil
	r.hold = true
	r.send(beatMsg{}).send(beatMsg{})
	r.hold = false
	saves := 0
	for _, cmd := range r.held {
		if cmd == nil {
			continue
		}
		if msg, ok := cmd().(savedMsg); ok {
			saves++
			r.send(msg)
		}
	}
	r.sees("draft saved 12:00")
	if saves != 1 || d.drafts[1].Decisions["/a"].Choice != merge.TakeLocal {
		t.Errorf("%d saves, draft %+v", saves, d.drafts[1])
	}
	r.send(beatMsg{})
	if len(d.saves) != 1 {
		t.Errorf("what is saved was saved %d times", len(d.saves))
	}
}

func TestAnswersToAnOlderQuestionAreDropped(t *testing.T) {
	d := newDesk(two(t, 1), deal(t, 2))
	r := newRig(t, d)
	r.hold = true
	r.press("enter")
	slow := r.held[len(r.held)-1]
	r.hold = false
	r.press("q", "down", "enter")
	r.run(slow)
	if r.resolve().number != 2 || r.resolve().s.Conflict.Number != 2 {
		t.Errorf("the screen of conflict %d shows %d", r.resolve().number, r.resolve().s.Conflict.Number)
	}
}

func TestWhatCouldNotBeSavedIsSavedLater(t *testing.T) {
	d := newDesk(two(t, 1))
	s := newSaver(d.SaveDraft, func() time.Time { return noon })
	s.offer(merge.Draft{Conflict: 1, Note: "kept"})
	if _, err := s.flush(t.Context()); err != nil || d.drafts[1].Note != "kept" {
		t.Errorf("draft %+v, %v", d.drafts[1], err)
	}
	d.saveErr = errBroken
	s.offer(merge.Draft{Conflict: 1, Note: "later"})
	if _, err := s.flush(t.Context()); !errors.Is(err, errBroken) {
		t.Errorf("error %v", err)
	}
	d.saveErr = nil
	if _, err := s.flush(t.Context()); err != nil || d.drafts[1].Note != "later" {
		t.Errorf("what could not be saved is lost: %+v, %v", d.drafts[1], err)
	}
}

func TestADraftOfferedDuringASaveIsNotLost(t *testing.T) {
	var s *saver
	var saved []string
	s = newSaver(func(_ context.Context, d merge.Draft) error {
		if saved = append(saved, d.Note); len(saved) == 1 {
			s.offer(merge.Draft{Conflict: 1, Note: "newer"})
		}
		return nil
	}, func() time.Time { return noon })
	s.offer(merge.Draft{Conflict: 1, Note: "older"})
	for range 2 {
		if _, err := s.flush(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if fmt.Sprint(saved) != "[older newer]" {
		t.Errorf("saved %v", saved)
	}
}

func TestAWritingComesAfterItsDraftIsSaved(t *testing.T) {
	d := newDesk(deal(t, 1))
	r := newRig(t, d, on(1))
	r.hold = true
	r.press("1", "w", "y")
	r.hold = false
	r.run(r.held[2])
	if len(d.wrote) != 1 || d.savedBefore[0] != 1 {
		t.Errorf("%d writings, after %v saves", len(d.wrote), d.savedBefore)
	}
}

func TestKeysAfterLeavingDoNothing(t *testing.T) {
	d := newDesk(two(t, 1))
	r := newRig(t, d, on(1))
	r.hold = true
	r.press("1", "ctrl+c", "2").wantChoice("/a", merge.TakeLocal)
}

func TestAResolvedConflictIsOnlyLookedAt(t *testing.T) {
	c := two(t, 1)
	c.Conflict.State = merge.Resolved
	d := newDesk(c)
	r := newRig(t, d).press("4", "enter").sees("resolved already", "deal/D-2").press("1", "e", "0", "A", "w")
	if len(d.saves) != 0 || len(d.wrote) != 0 || len(r.resolve().draft.Decisions) != 0 {
		t.Errorf("saved %v, written %v", d.saves, d.wrote)
	}
}

// Over a line that is dead, leaving waits for no save that is under way beyond its own time, and what is not saved stays
// offered.
func TestLeavingWaitsForNoDeadLine(t *testing.T) {
	begun, end := make(chan struct{}), make(chan struct{})
	s := newSaver(func(context.Context, merge.Draft) error {
		close(begun)
		<-end
		return errBroken
	}, func() time.Time { return noon })
	s.offer(merge.Draft{Conflict: 1})
	done := make(chan struct{})
	go func() {
		defer close(done)
		s.flush(context.Background())
	}()
	<-begun
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := s.flush(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("it waited: %v", err)
	}
	close(end)
	<-done
	if len(s.offered) != 1 {
		t.Errorf("%d drafts are offered", len(s.offered))
	}
}

// TestReviewKeepsItsColumns where they are narrow: the names stand in one, and a head is a word, not the beginning of one.
func TestReviewKeepsItsColumns(t *testing.T) {
	r := newRig(t, newDesk(customer(t, 1)), on(1)).press("2", "A", "1", "w").size(50, 20).sees("\n  L    phone ", "\n  L    tags ")
	r.size(40, 12).sees("HOW  FIELD      SERVER      AFTER").seesNot("SERVER N…")
	r.press("p").sees("\n  DRY RUN ").seesNot("HOW  FIELD").press("p").sees("HOW  FIELD")
	newRig(t, newDesk(closedEmpty(t, 6)), on(6)).press("2", "n", "1", "w").size(50, 20).sees("! this cannot be written: esc changes it ")
}

// Esc in the note leaves the note as it was, and what was typed is not gone.
func TestEscKeepsTheTypedNote(t *testing.T) {
	d := newDesk(two(t, 1))
	r := newRig(t, d, on(1)).press("A", "1", "w", "e", "told by phone", "esc").sees("none, e writes one", "typed text is kept: e shows it again")
	if note := d.drafts[1].Note; note != "" {
		t.Errorf("the draft has the note %q", note)
	}
	r.press("esc", "w", "e").sees("told by phone").press("enter").sees("Note (optional): told by phone").press("e", "esc").seesNot("is kept")
	r.press("y")
	if note := d.wrote[0].Note; note != "told by phone" {
		t.Errorf("written with the note %q", note)
	}
}

func TestAConflictWhoseRulesChangedDidNotMove(t *testing.T) {
	d := newDesk(two(t, 1))
	newRig(t, d, on(1)).press("1")
	c := d.cases[1]
	c.Conflict.Revision++
	d.cases[1] = c
	newRig(t, d, on(1)).sees("The conflict was merged again: 1 decision kept").seesNot("moved to")
}
