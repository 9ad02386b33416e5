package tui

import (
	"fmt"
	"slices"
	"testing"

	"dovetail/merge"
)

// monday is a desk with three groups of conflicts: 1 to 4 on a deal's status, 5 to 7 that the server deleted, 8 by Bo.
func monday(t testing.TB) *desk {
	t.Helper()
	d := newDesk()
	for i := int64(1); i <= 8; i++ {
		c := deal(t, i)
		switch {
		case i == 8:
			c.Conflict.LocalBy, c.Conflict.Device = "Bo", "phone"
		case i > 4:
			c = conflict(t, i, "asset/x", `{"name":"Pump"}`, `{"name":"Pump 2"}`, "")
		}
		c.Conflict.Record.ID = fmt.Sprintf("R-%02d", i)
		d.cases[i] = c
	}
	return d
}

func (r *rig) wroteNumbers() []int64 {
	var all []int64
	for _, w := range r.desk.wrote {
		all = append(all, w.Conflict)
	}
	return all
}

func (r *rig) wantWrote(want ...int64) *rig {
	r.t.Helper()
	if got := r.wroteNumbers(); !slices.Equal(got, want) {
		r.t.Errorf("written are %v, want %v:\n%s", got, want, r.m.View())
	}
	return r
}

func TestGroupsAreSteppedThrough(t *testing.T) {
	r := newRig(t, monday(t)).press("g")
	r.sees("4  deal · status", "3  asset · edited ⇄ deleted", "Bo, phone", "Ana, laptop")
	r.press("j", "j", "enter").sees("group: deal · status", "Bo, phone", "deal/R-08").seesNot("deal/R-01", "asset/R-05")
	r.press("esc", "k", "k", "enter").sees("deal/R-04", "1/4").seesNot("deal/R-08")
	r.press("enter", "1", "w", "y").wantWrote(1).wantScreen(onResolve).sees("deal/R-02")
	r.press("q", "esc", "esc").sees("asset/R-05", "deal/R-08")
}

func TestGroupsOfWhatAFilterChooses(t *testing.T) {
	r := newRig(t, monday(t)).press("g", "/").press("collection:asset").press("enter").sees("3  asset").seesNot("deal · status")
	r.press("enter").sees("asset/R-05", "group: asset").press("esc").sees("3  asset")
}

func TestAGroupIsDecidedTogetherAndUndoneTogether(t *testing.T) {
	r := newRig(t, monday(t)).press("g", "A")
	r.sees("group: deal · status", "4 conflicts", "1 local").press("1").wantWrote()
	r.sees("local: 4 would be written", "nothing written yet", "[x] deal/R-01", "status open → closed")
	r.press("j", " ").sees("3 would be written", "[ ] deal/R-02").press("enter").wantWrote()
	r.press("y").wantWrote(1, 3, 4).sees("local: 3 written", "1 left alone", " ok deal/R-03", "v5, resolution 12: status open → closed")
	if len(r.desk.saves) != 3 {
		t.Errorf("%d drafts were saved before 3 were written", len(r.desk.saves))
	}
	r.press("esc").wantScreen(onQueue).sees("3  asset").seesNot("4  deal")
	r.press("esc").sees("3 written together: U undoes them").press("U").sees("Undo all 3?").press("n", "U", "y")
	if want := []int64{13, 12, 11}; !slices.Equal(r.desk.undone(), want) {
		t.Errorf("undone are %v, want %v", r.desk.undone(), want)
	}
	r.sees("3 undone", "its conflict is open")
}

func TestMarkedConflictsAreDecidedTogether(t *testing.T) {
	r := newRig(t, monday(t)).press("A").sees("space marks conflicts").wantScreen(onQueue)
	r.press(" ", "j", " ", "j", " ").sees("3 marked: A", "!*").press("A", "2")
	r.sees("3 marked conflicts", "2 would be written", "status stays open", "a deletion against an edit")
	r.press("y").wantWrote(1, 3).sees("2 written", "1 left alone").press("q").seesNot("marked")
	newRig(t, monday(t)).press(" ", "esc").seesNot("1 marked").sees("deal/R-01")
}

// TestADeletionIsDecidedTogetherOnlyWhereItIsNamed, in the filter or in the name of the group.
func TestADeletionIsDecidedTogetherOnlyWhereItIsNamed(t *testing.T) {
	d := monday(t)
	newRig(t, d).press("/").press("collection:asset").press("enter", "A", "2").sees("0 would be written", "3 left alone", "kind:edit-delete").
		press("y").wantWrote().sees("there is nothing to write")
	newRig(t, monday(t)).press("g", "j", "A", "2").sees("3 would be written", "the record stays deleted").press("y").wantWrote(5, 6, 7)
	r := newRig(t, d).press("/").press("kind:edit-delete").press("enter", "A").sees("filter: kind:edit-delete").press("2")
	r.sees("3 would be written", "the record stays deleted; name of local is not kept").press("y").wantWrote(5, 6, 7)
}

func TestADraftStandsWhereManyAreDecided(t *testing.T) {
	d := newDesk(two(t, 1), two(t, 2))
	newRig(t, d, on(1)).press("2") // the server's for /a alone
	newRig(t, d, on(2)).press("2", "n", "2")
	r := newRig(t, d).press("g", "A", "1").sees("1 would be written", "1 from your draft", "your draft has server for a").press("y").wantWrote(1)
	got := r.desk.wrote[0].Decisions
	if got["/a"].Choice != merge.TakeServer || got["/b"].Choice != merge.TakeLocal {
		t.Errorf("it is decided as %v", got)
	}
}

func TestWhatFailsAmongManyIsSaidAndStopsNoOther(t *testing.T) {
	r := newRig(t, monday(t)).press("g", "A", "1")
	c := r.desk.cases[2]
	c.Conflict.ServerVersion++
	r.desk.cases[2] = c
	c = r.desk.cases[3]
	c.Conflict.State = merge.Resolved
	r.desk.cases[3] = c
	r.press("y").sees("2 written", "2 not written", "the record moved meanwhile; open it", "`dovetail log deal/R-03` tells by whom")
}

func TestManyAreWrittenAfterTheirNumberIsTyped(t *testing.T) {
	r := newRig(t, many(t, 120)).press("g", "A", "1").sees("120 would be written").press("y").sees("Type 120").wantWrote()
	r.press("1", "2", "enter").sees("that is not 120").wantWrote()
	r.press("y", "1", "2", "0", "enter").sees("120 written")
	if len(r.desk.wrote) != 120 {
		t.Errorf("%d were written", len(r.desk.wrote))
	}
}

func TestWritingManyCanBeStopped(t *testing.T) {
	r := newRig(t, many(t, 40)).press("g", "A", "1")
	r.hold = true
	r.press("y", "esc", "enter").seesNot("stopping").sees("q stop").press("q").sees("stopping") // a slow line may make up an esc
	r.hold = false
	for _, cmd := range r.held {
		r.run(cmd)
	}
	r.sees("10 written", "[x] deal/D-000011").press("esc").wantScreen(onQueue)
	if len(r.desk.wrote) != bulkWrite {
		t.Errorf("%d were written, want those that were under way: %d", len(r.desk.wrote), bulkWrite)
	}
}

func TestAPlanThatComesLateIsDropped(t *testing.T) {
	r := newRig(t, many(t, 30)).press("g", "A")
	r.hold = true
	r.press("1", "esc")
	r.hold = false
	r.press("2")
	for _, cmd := range r.held {
		r.run(cmd)
	}
	r.sees("server: 30 would be written")
	if n := len(r.root().bulk.lines); n != 30 {
		t.Errorf("%d lines are planned", n)
	}
}

// mixed is a desk where one choice comes to different ends.
func mixed(t testing.TB) *desk {
	t.Helper()
	d := newDesk(customer(t, 1), deal(t, 2), two(t, 3))
	c := d.cases[3]
	c.Conflict.State = merge.Resolved
	d.cases[3] = c
	return d
}

func TestAPreviewOfManySaysAllThatAWritingChanges(t *testing.T) {
	call := "Called about the delivery; they want the second pallet before the fair. The gate is closed after %s, so the truck must come by the yard."
	notes := conflict(t, 2, "deal/N-1", fmt.Sprintf(`{"notes":"`+call+`"}`, "15:00"), fmt.Sprintf(`{"notes":"`+call+`"}`, "17:30"),
		fmt.Sprintf(`{"notes":"`+call+`"}`, "16:00"))
	for _, c := range []struct {
		of   merge.Case
		key  string
		want string
	}{
		{deal(t, 1), "2", "status stays open; merged: amount 40000 → 50000"},
		{notes, "1", "notes …after [-16-]{+17+}:[-00-]{+30+}, so …"},
		{conflict(t, 1, "asset/x", `{"name":"Pump"}`, `{"name":"Pump 2"}`, ""), "1", "the record comes back, with name as local left it"},
		{conflict(t, 1, "asset/x", `{"name":"Pump"}`, `{"name":"Pump 2"}`, ""), "2", "the record stays deleted; name of local is not kept"},
		{conflict(t, 1, "asset/x", `{"name":"Pump"}`, "", `{"name":"Pump 2"}`), "1", "the record is deleted; name of the server is not kept"},
	} {
		kind := "kind:" + c.of.Conflict.Kind.String()
		newRig(t, newDesk(c.of)).size(120, 36).press("/").press(kind).press("enter", "A", c.key).sees(c.want)
	}
}

// settledDesk is what a rule leaves: conflicts that wait with nothing to decide, one of them refused.
func settledDesk(t testing.TB) *desk {
	t.Helper()
	d := newDesk()
	for i := int64(1); i <= 3; i++ {
		c := conflict(t, i, fmt.Sprintf("ticket/T-%d", i), `{"priority":"low"}`, `{"priority":"high"}`, `{"priority":"low"}`)
		if i == 3 {
			c.Conflict.Kind, c.Refused = merge.RuleKind, "the table says no"
		}
		d.cases[i] = c
	}
	return d
}

func TestWhatARuleSettledIsWrittenTogetherAsItMerged(t *testing.T) {
	r := newRig(t, settledDesk(t)).sees("nothing left", "write").seesNot("0 fields").press("g").sees("ticket · nothing left to decide")
	r.press("esc", " ", " ", " ", "A", "2").sees("0 would be written", "c writes it as it merged", "it was refused: open it").press("y").wantWrote()
	r.press("esc", "c").sees("combined: 2 would be written", "merged: priority low → high").press("y").wantWrote(1, 2)
	if got := string(r.desk.wrote[0].Result); got != `{"priority":"high"}` {
		t.Errorf("written is %s", got)
	}
}

func TestAGroupOfWhichNothingIsLeftSaysSo(t *testing.T) {
	r := newRig(t, monday(t)).press("g", "enter").sees("deal/R-01")
	clear(r.desk.cases)
	r.press("R").sees("Nothing is left of this group").seesNot("Nothing is in conflict")
}

func TestUndoingManyLeavesTheDraftsAsTheyWere(t *testing.T) {
	d := newDesk(two(t, 1), two(t, 2))
	newRig(t, d, on(2)).press("2") // the server's for /a alone
	r := newRig(t, d).press("g", "A", "1", "y").wantWrote(1, 2).press("U").sees("drafts as before").press("y").sees("2 undone")
	for n, want := range map[int64]merge.Decisions{1: nil, 2: {"/a": d.drafts[2].Decisions["/a"]}} {
		if got := d.drafts[n].Decisions; len(got) != len(want) || got["/a"].Choice != want["/a"].Choice {
			t.Errorf("the draft on %d decides %v, want %v", n, got, want)
		}
	}
	if got := d.drafts[2].Decisions["/a"].Choice; got != merge.TakeServer {
		t.Errorf("/a is decided as %v", got)
	}
	for n := range d.cases {
		c := d.cases[n]
		c.Conflict.State = merge.Open
		d.cases[n] = c
	}
	r.press("esc", "A", "2").sees("2 would be written").seesNot("your draft has")
}

func TestTheGroupsKeepWhatTheyPromise(t *testing.T) {
	r := newRig(t, monday(t)).size(80, 24).press("g", "A", "1", "y").wantWrote(1, 2, 3, 4).press("esc")
	r.sees("4 written together: U undoes them", "U undo a written one").press("U").sees("Undo all 4?").press("n")
	newRig(t, monday(t)).press("g", "3").sees("[3 Snoozed", "Nothing here").press("1").sees("[1 Open", "deal/R-01").press("g", "tab").sees("[2 Drafts")
	r = newRig(t, monday(t)).press("g", "1").sees("deal/R-01").seesNot("COUNT")
	r.press("g", "/").press("kind:create-create").press("enter").sees("nothing to group").seesNot("decide together", "step through")
	r.press("esc", "A").wantScreen(onQueue).sees("nothing here to decide").seesNot("decide together")
}

func TestAListThatGoesOnSaysSo(t *testing.T) {
	d := newDesk()
	for i := int64(1); i <= 30; i++ {
		c := deal(t, i)
		c.Conflict.LocalBy = fmt.Sprintf("rep %02d", i)
		d.cases[i] = c
	}
	newRig(t, d).size(80, 24).press("g").sees("more").seesNot("rep 30").press("G").sees("rep 30", "↑", "more").seesNot("rep 01")
	r := newRig(t, many(t, 40)).size(80, 24).press("g", "A", "2").sees("28 more").press("G").sees("↑ 28 more", "deal/D-000040").seesNot("↓ 2")
	for range 39 {
		r.press("k").sees("▸[x]")
	}
	newRig(t, newDesk(two(t, 1))).press("g", "A").sees("1 conflict:")
}

func TestTheKeyThatTakesOutIsOfferedWhereItDoes(t *testing.T) {
	newRig(t, mixed(t)).press("/").press("field:phone").press("enter", "A", "2").sees("space")
	r := newRig(t, monday(t)).press("/").press("collection:asset").press("enter", "A", "2").sees("3 left alone").seesNot("space")
	r.press(" ").sees("left alone: a deletion against an edit")
}

func TestWhatIsNotWrittenAmongManyIsGoneTo(t *testing.T) {
	r := newRig(t, many(t, 40)).size(80, 24).press("g", "A", "1").seesNot("next left alone")
	c := r.desk.cases[30]
	c.Conflict.State = merge.Resolved
	r.desk.cases[30] = c
	r.press("y").sees("39 written", "1 not written").press("n").sees("▸ !  deal/D-000030", "it was resolved meanwhile")
	r.press("n").sees("none below", "▸ !  deal/D-000030")
	newRig(t, many(t, 40)).size(80, 24).press("g", "A", "1", "G", " ", "home", "n").sees("▸[ ] deal/D-000040", "1 left alone")
}

func TestWhyAChoiceCannotBeTakenForManyIsSaid(t *testing.T) {
	newRig(t, monday(t)).press("g", "A", "c").sees("status: nothing joins both; it takes 1, 2 or 3")
}

func TestAPreviewOfManyHasRoomForAllOfALongChange(t *testing.T) {
	c := conflict(t, 1, "deal/N-1", `{"a":1,"b":"one","c":"two","d":1}`,
		`{"a":2,"b":"a first value of some length","c":"a second value that is no shorter","d":2}`, `{"a":3,"b":"what the server has","c":"and what it has here","d":3}`)
	r := newRig(t, newDesk(c)).size(50, 20).press("g", "A", "1").sees("d 3 →")
	r.press("y").sees("v5, resolution 11", "d 3 →")
	check(t, "a long change", r.m.View(), 50, 20)
}
