package tui

import (
	"fmt"
	"strings"
	"testing"

	"dovetail/merge"
	"dovetail/merge/schema"
)

// governed makes a case in a collection with a schema.
func governed(t testing.TB, number int64, text, base, local, server string) merge.Case {
	t.Helper()
	rules, err := schema.Parse([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	c := conflict(t, number, "deal/D-7", base, local, server)
	c.Rules = rules
	r := c.Merge()
	c.Conflict.Kind, c.Conflict.Fields = r.Kind, r.Conflicts()
	return c
}

const keyedLines = `{"properties":{"lines":{"x-merge":{"keyed":"sku"},"items":{"properties":{"qty":{"title":"Quantity"}}}}}}`

func TestFieldsInsideAKeyedListShowTheirValues(t *testing.T) {
	kase := func() merge.Case {
		return governed(t, 1, keyedLines, `{"lines":[{"sku":"B","qty":1},{"sku":"A","qty":2}]}`,
			`{"lines":[{"sku":"B","qty":1},{"sku":"A","qty":30}]}`, `{"lines":[{"sku":"B","qty":1},{"sku":"A","qty":44}]}`)
	}
	r := newRig(t, newDesk(kase()), on(1)).sees("lines/A/qty", "30", "44").press("1", "w").wantScreen(onReview)
	r.sees("lines/A/qty", "SERVER  lines/A/qty = 44").seesNot("removed").press("y").wantScreen(onWritten)
	r.sees("lines/A/qty", "44 → 30")

	gone := governed(t, 1, keyedLines, `{"lines":[{"sku":"A","qty":2}]}`, `{"lines":[{"sku":"A","qty":30}]}`, "")
	newRig(t, newDesk(gone), on(1)).sees("what local had changed", "lines/A/qty")
}

const addressGroup = `{"properties":{"address":{"properties":{"street":{"x-merge-group":"address"},"city":{"x-merge-group":"address"},` +
	`"zip":{"x-merge-group":"address"}}},"status":{"title":"Deal status"},"tags":{"x-merge":"set"}}}`

// movedHouse has a group that both sides changed, one field in conflict beside it, and a set that was joined.
func movedHouse(t testing.TB, number int64) merge.Case {
	t.Helper()
	return governed(t, number, addressGroup,
		`{"address":{"street":"12 Kiln Rd","city":"Leeds","zip":"LS1"},"status":"lead","tags":["a"]}`,
		`{"address":{"street":"4 High St","city":"Leeds","zip":"LS2"},"status":"active","tags":["a","b"]}`,
		`{"address":{"street":"12 Kiln Rd","city":"York","zip":"LS1"},"status":"lost","tags":["a","c"]}`)
}

func TestAGroupIsDecidedAsOne(t *testing.T) {
	members := []string{"/address/city", "/address/street", "/address/zip"}
	want := func(r *rig, c merge.Choice) {
		t.Helper()
		for _, path := range members {
			r.wantChoice(path, c)
		}
		r.wantChoice("/status", merge.Undecided)
	}
	for key, c := range map[string]merge.Choice{"1": merge.TakeLocal, "2": merge.TakeServer, "3": merge.TakeBase, "0": merge.Removed} {
		r := newRig(t, newDesk(movedHouse(t, 1)), on(1)).press("n").sees("group address in address", "decided as one")
		if r.focus() != members[0] {
			t.Fatalf("the group does not follow the fields that stand alone: %s", r.focus())
		}
		want(r.press("down", key), c)
		r.sees("1 LEFT", "for the group address in address (3 fields)").press("u")
		want(r, merge.Undecided)
		want(r.press("ctrl+r"), c)
		want(r.press("r"), merge.Undecided)
		want(r.press("right", " "), merge.TakeLocal)
	}
}

func TestAGroupIsNotTypedBeforeASideIsTaken(t *testing.T) {
	r := newRig(t, newDesk(movedHouse(t, 1)), on(1)).press("n", "e").sees("take a side for the group address in address first")
	r.press("2", "e", "!", "enter").wantChoice("/address/city", merge.Edited).wantChoice("/address/zip", merge.TakeServer)
	r.press("1").wantChoice("/address/city", merge.TakeLocal).wantChoice("/address/zip", merge.TakeLocal)
}

func TestReviewTellsOfAGroupThatIsNotOfOneSide(t *testing.T) {
	r := newRig(t, newDesk(movedHouse(t, 1)), on(1)).press("1", "n", "2", "w").wantScreen(onReview).seesNot("not of one side")
	r.press("esc", "e", "!", "enter", "w").wantScreen(onReview).sees("The group address in address is not of one side: edited, server")
}

func TestOneChoiceForAllTakesAGroupWhole(t *testing.T) {
	d := newDesk(movedHouse(t, 1))
	r := newRig(t, d, on(1)).press("n", "1")
	draft := r.resolve().draft
	delete(draft.Decisions, "/address/zip") // as when the record moved under it
	d.drafts[1] = draft
	r = newRig(t, d, on(1)).press("A", "2")
	for _, path := range []string{"/address/city", "/address/zip", "/status"} {
		r.wantChoice(path, merge.TakeServer)
	}
}

func TestGroupsOfOneNameInTwoElementsAreTwo(t *testing.T) {
	text := `{"properties":{"lines":{"x-merge":{"keyed":"id"},"items":{"properties":{"net":{"x-merge-group":"price"},"tax":{"x-merge-group":"price"}}}}}}`
	c := governed(t, 1, text, `{"lines":[{"id":1,"net":1,"tax":1},{"id":2,"net":1,"tax":1}]}`,
		`{"lines":[{"id":1,"net":2,"tax":1},{"id":2,"net":2,"tax":1}]}`, `{"lines":[{"id":1,"net":1,"tax":3},{"id":2,"net":1,"tax":3}]}`)
	r := newRig(t, newDesk(c), on(1)).sees("group price in lines/1", "group price in lines/2", "4 LEFT").press("1")
	r.wantChoice("/lines/1/net", merge.TakeLocal).wantChoice("/lines/1/tax", merge.TakeLocal).wantChoice("/lines/2/net", merge.Undecided)
}

func TestAGroupHasNoBaseWhereItIsNotKnown(t *testing.T) {
	text := `{"properties":{"net":{"x-merge-group":"price"},"tax":{"x-merge-group":"price"}}}`
	c := governed(t, 1, text, "", `{"net":1,"tax":1}`, `{"net":2,"tax":1}`)
	c.Sides.BaseLost = true
	r := newRig(t, newDesk(c), on(1)).sees("group price", "decided as one").press("3")
	r.wantChoice("/net", merge.Undecided).wantChoice("/tax", merge.Undecided).sees("the base of this change is not known")
	r.press("2").wantChoice("/net", merge.TakeServer).wantChoice("/tax", merge.TakeServer)
}

func TestLabelsStandBesideTheNames(t *testing.T) {
	r := newRig(t, newDesk(movedHouse(t, 1)), on(1)).sees("status · Deal status │", "status · Deal status · string")
	r.size(80, 24).sees("status · Deal status · string").size(50, 20).sees("! status · Deal status ").press("v").sees("status · Deal status")
}

func TestWhatAPolicyJoinedSaysSo(t *testing.T) {
	r := newRig(t, newDesk(movedHouse(t, 1)), on(1)).press("G").sees("▸set tags", "joined by set: both sides changed it", " joined by set ")
	r.size(50, 20).sees("joined by set")
}

const closedNeedsAmount = `{"properties":{"status":{"title":"Deal status"},"amount":{"type":"number","minimum":0}},` +
	`"if":{"properties":{"status":{"const":"closed"}},"required":["status"]},"then":{"required":["amount"]}}`

// closedEmpty joins field by field to a record that breaks a rule: local closed the deal, the server took its amount.
func closedEmpty(t testing.TB, number int64) merge.Case {
	t.Helper()
	return governed(t, number, closedNeedsAmount, `{"amount":40000,"status":"open"}`, `{"amount":40000,"status":"closed"}`, `{"status":"open","notes":"x"}`)
}

func TestABrokenRuleIsExplainedByItsFields(t *testing.T) {
	r := newRig(t, newDesk(closedEmpty(t, 1)), on(1)).sees("2 LEFT", "joined like this, a rule would be broken: amount, status: is required")
	r.size(80, 24).sees("a rule would be broken: amount, status: is required").size(50, 20).sees("amount,", "status: is required")
}

// TestWhatATableRefusedIsTold, as a text that may hold anything, with what to do, also where no field is in dispute.
func TestWhatATableRefusedIsTold(t *testing.T) {
	c := conflict(t, 1, "deal/D-7", `{"a":1,"b":1}`, `{"a":2,"b":1}`, `{"a":1,"b":2}`)
	c.Conflict.Kind, c.Refused = merge.RuleKind, "the table says \x1b[2J no"
	r := newRig(t, newDesk(c), on(1)).sees(`the table says \e[2J no`, "Change what is in the way, here or in another record, then write.")
	r.size(50, 20).sees("the table says").press("w").wantScreen(onReview)
	for words, n := range map[string]merge.Naming{
		"Decide that one first.":               {},
		"Give the fields that refer to it its": {As: merge.Key{Collection: "deal", ID: "9"}, Set: map[string]merge.Value{"/b": "9"}},
		"Write it, and it is as local has it.": {One: true},
		"write it anew with the new one, and":  {As: merge.Key{Collection: "deal", ID: "9"}, InKey: true},
	} {
		c.Naming = &n
		newRig(t, newDesk(c), on(1)).sees(words)
	}
}

func TestReviewRefusesWhatBreaksARule(t *testing.T) {
	for _, key := range []string{"y", "s"} {
		d := newDesk(closedEmpty(t, 1))
		r := newRig(t, d, on(1)).press("2", "n", "1", "w").wantScreen(onReview)
		r.sees("Check failed: the record would break 1 rule.", "amount, status (Deal status): is required", "this cannot be written").seesNot("write & next", "write & back")
		r.press(key).wantScreen(onReview).sees("this cannot be written")
		if len(d.wrote) != 0 {
			t.Fatalf("%s wrote what breaks a rule: %+v", key, d.wrote)
		}
		r.press("esc", "2", "w").wantScreen(onReview).seesNot("Check failed").press(key)
		if len(d.wrote) != 1 {
			t.Errorf("%s: %d writings after the rule was kept", key, len(d.wrote))
		}
	}
}

func TestAValueTypedAgainstARuleIsRefusedInReview(t *testing.T) {
	c := governed(t, 1, closedNeedsAmount, `{"amount":1}`, `{"amount":2}`, `{"amount":3}`)
	newRig(t, newDesk(c), on(1)).press("e", "ctrl+u", "-", "5", "enter").sees("EDIT", "is at least 0").wantChoice("/amount", merge.Undecided)

	// What was typed under other rules comes with the draft.
	f, _ := c.Merge().Field("/amount")
	typed, _ := f.Choose(merge.Edited, "-5")
	d := newDesk(c)
	d.drafts[1] = merge.Draft{Conflict: 1, Person: "Ana", Revision: c.Conflict.Revision, ServerVersion: c.Conflict.ServerVersion,
		Decisions: merge.Decisions{"/amount": typed}}
	r := newRig(t, d, on(1)).press("w").sees("amount: is at least 0", "E    amount", "-5", "Check failed")
	if r.press("y"); len(d.wrote) != 0 {
		t.Errorf("written: %+v", d.wrote)
	}
}

func TestARuleThatWhoeverWritesFindsBrokenIsShownAsACheck(t *testing.T) {
	d := newDesk(deal(t, 1))
	d.answer = fmt.Errorf("deal/D-1042: %w", &merge.RuleError{Broken: []merge.Violation{{Rule: "is one of \"a\"", Paths: []string{"/status"}}}})
	r := newRig(t, d, on(1)).press("1", "w", "y").wantScreen(onReview).sees("Check failed", `status: is one of "a"`, "closed")
	if r.press("y"); len(d.wrote) != 1 {
		t.Errorf("%d writings", len(d.wrote))
	}
}

const textAndList = `{"properties":{"note":{"x-merge":"text"},"steps":{"x-merge":"list"}}}`

// visit has a text and a list of which a part is in dispute and the rest is joined.
func visit(t testing.TB, number int64) merge.Case {
	t.Helper()
	return governed(t, number, textAndList,
		`{"note":"Valve leaks.\nCame back on Tuesday with the part.\nNo parking in front.","steps":["drain","cut","weld","paint","test"]}`,
		`{"note":"Valve leaks badly.\nCame back on Wednesday with the part.\nNo parking in front.","steps":["drain","saw","weld","paint","test"]}`,
		`{"note":"Valve leaks.\nCame back on Friday with the part.\nNo parking in front of it.","steps":["drain","laser","weld","test"]}`)
}

func TestPartsInDisputeStandApartFromWhatJoined(t *testing.T) {
	r := newRig(t, newDesk(visit(t, 1)), on(1))
	for _, size := range [][2]int{{120, 36}, {80, 24}} {
		r.size(size[0], size[1]).sees("! DISPUTED Valve leaks badly.\\nCame back on [-Tuesday-]{1+Wednesday+}", "{2+Friday+} with the part.",
			"front of it.", "1 part in dispute, 2", "1 and 2 take a side whole")
	}
	r.size(50, 20).sees("(!) DISPUTED", "[-Tuesday-]{1+Wednesday+}{2+").size(120, 36)
	r.press("down").sees(`! DISPUTED "drain", [-"cut"-]{1+"saw"+}{2+"laser"+}, "weld", "test"`)
}

func TestFullValuesShowEachSideOfAPartInDispute(t *testing.T) {
	r := newRig(t, newDesk(visit(t, 1)), on(1)).press("v")
	r.sees("PARTS: 1 part in dispute, 2 joined", "   1 LOCAL   [-Tuesday-]{+Wednesday+} ", "   2 SERVER  [-Tuesday-]{+Friday+} ", "   No parking in front of it. ")
	r.press("esc", "down", "v").sees(`1 LOCAL   [-"cut"-]{+"saw"+}`, `2 SERVER  [-"cut"-]{+"laser"+}`, `   "weld" `)
}

func TestAPartThatOneSideTookOut(t *testing.T) {
	c := governed(t, 1, textAndList, `{"note":"one two three"}`, `{"note":"one three"}`, `{"note":"one 2 three"}`)
	newRig(t, newDesk(c), on(1)).press("v").sees("1 LOCAL   [-two -]", "2 SERVER  [-two -]{+2 +}")
}

func TestPartsThatHoldTheMarksAreNotMarked(t *testing.T) {
	c := governed(t, 1, textAndList, `{"note":"one two three"}`, `{"note":"one {1+x+} three"}`, `{"note":"one y three"}`)
	r := newRig(t, newDesk(c), on(1)).seesNot("DISPUTED")
	r.press("v").sees("3 BASE    two", "1 LOCAL   {1+x+}", "2 SERVER  y").seesNot("[-two")
}

// TestHostilePartsAreDrawnEscaped brings what terminals obey by texts, lists, rules, labels and groups.
func TestHostilePartsAreDrawnEscaped(t *testing.T) {
	evil := `\u001b]52;c;ZXZpbA==\u0007\r\u202eabc\u009b31m\u0000\u200b\t\\u{202e}\n \u0301`
	text := strings.ReplaceAll(`{"properties":{"note":{"title":"EVIL","x-merge":"text"},"steps":{"x-merge":"list"},"EVIL":{"x-merge-group":"EVIL"},
		"other":{"x-merge-group":"EVIL"},"kind":{"title":"EVIL","enum":["a","EVIL"]}}}`, "EVIL", evil)
	fill := func(s, own string) string { return strings.NewReplacer("EVIL", evil, "OWN", own).Replace(s) }
	doc := `{"note":"EVIL one OWN EVIL","steps":["EVIL","OWN EVIL"],"EVIL":"OWN","other":1,"kind":"a"}`
	kase := func() *desk {
		return newDesk(governed(t, 1, text, fill(doc, "a"), fill(doc, "b"+evil), fill(doc, "c"+evil)))
	}
	for w := minWidth; w <= 140; w += 9 {
		for h := minHeight; h <= 40; h += 3 {
			r := coloured(newRig(t, kase(), on(1)), "dark").size(w, h)
			for _, keys := range [][]string{nil, {"v"}, {"esc", "down"}, {"v"}, {"esc", "down"}, {"v"}, {"esc", "A", "1", "a", "G", "e", "x", "enter", "w"}} {
				r.press(keys...)
				check(t, fmt.Sprint(keys), r.m.View(), w, h)
			}
		}
	}
}
