package tui

import (
	"strings"
	"testing"

	tea "github.com/charmbracelet/bubbletea"

	"dovetail/merge"
)

func TestNothingIsPresetOnArrival(t *testing.T) {
	r := newRig(t, newDesk(customer(t, 1)), on(1))
	if n := len(r.resolve().draft.Decisions); n != 0 {
		t.Errorf("%d fields are decided on arrival", n)
	}
	if r.resolve().bracket != merge.Undecided {
		t.Errorf("a choice is in brackets on arrival: %v", r.resolve().bracket)
	}
	r.sees("5 LEFT").seesNot("[ 12 Kiln")
}

func TestHammeringEnterAndSpaceTakesNoSide(t *testing.T) {
	for _, width := range []int{50, 80, 120} {
		r := newRig(t, newDesk(customer(t, 1)), on(1)).size(width, 36)
		for range 20 {
			r.press("enter", " ")
		}
		if n := len(r.resolve().draft.Decisions); n != 0 {
			t.Errorf("at width %d, %d fields are decided", width, n)
		}
		if width > 50 {
			r.sees(noChoice)
		}
	}
}

func TestArrowsPutTheChoiceThereAndTakeNothing(t *testing.T) {
	r := newRig(t, newDesk(customer(t, 1)), on(1)).press("right")
	r.sees("[ 12 Kiln Rd, Unit 4 ]").wantChoice("/address", merge.Undecided)
	r.press("right").sees("[ 12 Kiln Road ]").wantChoice("/address", merge.Undecided)
	r.press(" ").wantChoice("/address", merge.TakeServer)
	if got := r.focus(); got != "/address" {
		t.Errorf("space went on to %s", got)
	}
}

func TestEnterTakesTheChoiceAndGoesOn(t *testing.T) {
	r := newRig(t, newDesk(customer(t, 1)), on(1)).press("right", "enter")
	r.wantChoice("/address", merge.TakeLocal)
	if got := r.focus(); got != "/phone" {
		t.Errorf("enter went on to %q, want the next undecided field", got)
	}
	r.wantChoice("/phone", merge.Undecided)
	r.press("enter").wantChoice("/phone", merge.Undecided)
}

func TestBracketsGoWithTheCursor(t *testing.T) {
	r := newRig(t, newDesk(customer(t, 1)), on(1)).press("right", "down", "up", " ")
	r.wantChoice("/address", merge.Undecided)
}

func TestPicks(t *testing.T) {
	for key, want := range map[string]merge.Choice{
		"1": merge.TakeLocal, "2": merge.TakeServer, "3": merge.TakeBase, "0": merge.Removed,
	} {
		r := newRig(t, newDesk(two(t, 1)), on(1)).press(key)
		r.wantChoice("/a", want).wantChoice("/b", merge.Undecided)
	}
}

func TestCombinedNeedsASuggestion(t *testing.T) {
	r := newRig(t, newDesk(two(t, 1)), on(1)).press("c")
	r.wantChoice("/a", merge.Undecided).sees("nothing to combine")

	r = newRig(t, newDesk(conflict(t, 1, "task/1", "", `{"a":1,"b":2}`, `{"a":1,"c":3}`)), on(1)).press("c")
	r.wantChoice("", merge.Undecided).sees("c again").press("c").wantChoice("", merge.TakeCombined)
}

func TestBaseIsNoChoiceWhereItIsNotKnown(t *testing.T) {
	c := conflict(t, 1, "task/1", "", `{"a":1}`, `{"a":2}`)
	c.Sides.BaseLost = true
	r := newRig(t, newDesk(c), on(1)).press("3")
	r.wantChoice("/a", merge.Undecided).sees("the base of this change is not known", "choose 1 2 e")
}

func TestUndecide(t *testing.T) {
	r := newRig(t, newDesk(two(t, 1)), on(1)).press("1", "r")
	r.wantChoice("/a", merge.Undecided).sees("2 LEFT")
}

func TestAFieldThatMergedByItselfIsOpenToChange(t *testing.T) {
	r := newRig(t, newDesk(deal(t, 1)), on(1))
	r.sees("merged by themselves", "=L", "=S", "L 50000").press("down")
	if got := r.focus(); got != "/amount" {
		t.Fatalf("the cursor is on %s", got)
	}
	r.press("2").wantChoice("/amount", merge.TakeServer).sees("S 40000")
	r.press("r").wantChoice("/amount", merge.Undecided).sees("=L amount", "L 50000")
}

func TestUndoAndRedo(t *testing.T) {
	r := newRig(t, newDesk(two(t, 1)), on(1)).press("1", "n", "2", "u")
	r.wantChoice("/a", merge.TakeLocal).wantChoice("/b", merge.Undecided).sees("undone: server for b")
	r.press("u").wantChoice("/a", merge.Undecided)
	r.press("u").sees("nothing to undo")
	r.press("ctrl+r", "ctrl+r").wantChoice("/a", merge.TakeLocal).wantChoice("/b", merge.TakeServer)
	r.press("u", "3", "ctrl+r").wantChoice("/b", merge.TakeBase).sees("nothing to redo")
}

func TestUndoListSurvivesALaterStart(t *testing.T) {
	d := newDesk(two(t, 1))
	newRig(t, d, on(1)).press("1", "n", "2")
	r := newRig(t, d, on(1))
	r.wantChoice("/a", merge.TakeLocal).press("u").wantChoice("/b", merge.Undecided)
}

func TestNextUndecidedDoesNotBeginAgain(t *testing.T) {
	r := newRig(t, newDesk(customer(t, 1)), on(1)).press("n", "n", "n", "n")
	if got := r.focus(); got != "/visit_notes" {
		t.Fatalf("the cursor is on %s", got)
	}
	r.press("n").sees("none below: 4 left above")
	if got := r.focus(); got != "/visit_notes" {
		t.Errorf("n went round to %s", got)
	}
	r.press("A", "1", "n").sees("0 left: w to review")
	r.press("u", "N", "N").sees("conflict 3 of 5 left")
}

func TestOneChoiceForAllThatIsLeft(t *testing.T) {
	r := newRig(t, newDesk(customer(t, 1)), on(1)).press("2", "A").sees("1 local (4)", "2 server (4)")
	r.press("1")
	r.wantChoice("/address", merge.TakeServer).wantChoice("/phone", merge.TakeLocal).wantChoice("/visit_notes", merge.TakeLocal)
	r.wantChoice("/email", merge.Undecided)
	r.press("u").wantChoice("/phone", merge.Undecided).wantChoice("/address", merge.TakeServer)
	r.press("A", "esc").wantChoice("/phone", merge.Undecided)
}

func TestOneChoiceForAllNeverDecidesAWholeRecord(t *testing.T) {
	r := newRig(t, newDesk(conflict(t, 1, "asset/55", `{"a":1}`, `{"a":2}`, "")), on(1)).press("A")
	r.sees("nothing is left that one choice could be for", "1 LEFT")
}

func TestSameFieldsAreFoldedAndShown(t *testing.T) {
	r := newRig(t, newDesk(deal(t, 1)), on(1)).seesNot("region").sees("same 1 (a shows)")
	r.press("a").sees("region", "1 that nobody changed").press("a").seesNot("region")
}

func TestDiffModes(t *testing.T) {
	r := newRig(t, newDesk(customer(t, 1)), on(1)).sees("12 Kiln Rd{+, Unit 4+}", "12 Kiln [-Rd-]{+Road+}")
	r.press("d").sees("12 Kiln [-Rd, Unit 4-]{+Road+}")
}

func TestFullValues(t *testing.T) {
	long := strings.Repeat("a word and another, ", 200)
	r := newRig(t, newDesk(conflict(t, 1, "note/1", `{"n":"x"}`, `{"n":"`+long+`the end"}`, `{"n":"y"}`)), on(1)).size(80, 24)
	r.seesNot("the end").press("v").sees("1 LOCAL", "4007 bytes").seesNot("the end")
	r.press("G").sees("the end", "3 BASE").press("esc").sees("RESOLVE")
}

func TestFullValuesCountTheBytesOfTheText(t *testing.T) {
	c := conflict(t, 1, "note/1", `{"n":""}`, `{"n":"a\n\"é\""}`, `{"n":[1,"b"]}`)
	newRig(t, newDesk(c), on(1)).press("v").sees("LOCAL · Ana, laptop · 09:00 · 6 bytes", "SERVER · Diaz · Mon 10:00 · 7 bytes", "BASE · v3 · Sun 10:00 · 0 bytes")
}

func TestDeleteAgainstEditSaysWhatEachChoiceDoes(t *testing.T) {
	r := newRig(t, newDesk(conflict(t, 1, "asset/55", `{"a":1,"b":2}`, `{"a":2,"b":2}`, "")), on(1))
	r.sees("local changed the record, the server deleted it", "the record comes back, with a as local left it",
		"the record stays deleted; a of local is not kept", "edited", "deleted", "1 → 2")
	r.press("e").sees("not typed").press("2").wantChoice("", merge.TakeServer)

	r = newRig(t, newDesk(conflict(t, 1, "asset/56", `{"a":1,"b":2}`, "", `{"a":1,"b":3}`)), on(1))
	r.sees("the record is deleted; b of the server is not kept", "the record stays, with b as the server has it", "2 → 3")
	r.press("0").sees("* 0 DELETED  the record is deleted; b of the server is not kept").seesNot("the field goes")

	r = newRig(t, newDesk(conflict(t, 1, "asset/55", `{"a":1,"b":2}`, `{"a":2,"b":3}`, "")), on(1))
	r.sees("the record stays deleted; a, b of local are not kept").press("0").sees("* 0 DELETED  the record stays deleted;")
}

func TestHeadsNameThePersonAndYouOnlyWhereItIsYou(t *testing.T) {
	d := newDesk(two(t, 1))
	newRig(t, d, on(1)).size(150, 36).sees("LOCAL · Ana, laptop (you)", "SERVER · Diaz").seesNot("Diaz (you)")
	newRig(t, d, on(1), func(c *Config) { c.Person = "Bo" }).sees("LOCAL · Ana, laptop").seesNot("(you)")
}

func TestResizeKeepsTheField(t *testing.T) {
	r := newRig(t, newDesk(customer(t, 1)), on(1)).press("down", "down", "down", "right")
	for _, size := range [][2]int{{50, 20}, {80, 24}, {20, 5}, {40, 12}, {200, 60}} {
		r.size(size[0], size[1])
		if got := r.focus(); got != "/tags" {
			t.Fatalf("at %v the cursor is on %s", size, got)
		}
	}
	r.press(" ").wantChoice("/tags", merge.TakeLocal)
}

func TestATooSmallTerminalSaysSoAndTakesNoKeys(t *testing.T) {
	r := newRig(t, newDesk(two(t, 1)), on(1)).size(39, 12).sees("needs 40x12, is 39x12").press("1", "q", "w")
	r.size(80, 24).wantChoice("/a", merge.Undecided).wantScreen(onResolve)
}

func TestKeysThatComeTogether(t *testing.T) {
	r := newRig(t, newDesk(customer(t, 1)), on(1)).press("jj")
	if got := r.focus(); got != "/status" {
		t.Errorf("jj went to %s, want two fields down", got)
	}
	r.press("11", "1n").wantChoice("/status", merge.Undecided).sees("several keys came at once")
	r.send(tea.KeyMsg{Type: tea.KeyRunes, Runes: []rune("1"), Paste: true})
	r.send(tea.KeyMsg{Type: tea.KeyRunes, Runes: []rune("2"), Alt: true})
	at := r.focus()
	r.send(tea.KeyMsg{Type: tea.KeyRunes, Runes: []rune("kk"), Paste: true})
	if r.focus() != at {
		t.Errorf("pasted text moved the cursor to %s", r.focus())
	}
	if n := len(r.resolve().draft.Decisions); n != 0 {
		t.Errorf("pasted text decided %d fields", n)
	}
}

func TestHelpListsTheKeysOfTheScreen(t *testing.T) {
	r := newRig(t, newDesk(two(t, 1)), on(1)).press("?").sees("KEYS", "decide for the local side").press("1")
	r.wantChoice("/a", merge.Undecided).press("?").sees("RESOLVE").press("?", "esc").sees("RESOLVE").wantScreen(onResolve)
}

func TestHelpFindsAKey(t *testing.T) {
	r := newRig(t, newDesk(two(t, 1)), on(1)).press("?").sees("/ find").press("/", "u", "n", "d", "q").sees("no key is described so")
	r.press("backspace").sees("/ und▏", "undo the last step").seesNot("decide for the local side").press("enter")
	r.sees("/ und ", "undo the last step").press("esc").sees("decide for the local side", "KEYS").press("/", "x", "esc").sees("decide for the local side")
	r.press("/", "z", "z").size(40, 12).sees("/ zz").press("ctrl+c")
	if !r.quit {
		t.Error("ctrl+c does not leave while a key is looked for")
	}
	newRig(t, newDesk(two(t, 1)), on(1)).press("?", "/", "1", "enter", "esc", "esc").wantScreen(onResolve).wantChoice("/a", merge.Undecided).sees("RESOLVE")
}

func TestEveryKeyIsInTheHelpOnce(t *testing.T) {
	for i, k := range keymaps() {
		seen := map[string]bool{}
		for _, b := range k {
			if b.Help().Desc == "" || b.Help().Key == "" {
				t.Errorf("screen %d: a binding has no help: %v", i, b.Keys())
			}
			for _, key := range b.Keys() {
				if seen[key] {
					t.Errorf("screen %d: %q is bound twice", i, key)
				}
				seen[key] = true
			}
		}
		for _, motion := range []string{"h", "j", "k", "l"} {
			b, ok := k.find(keyOf(motion))
			if ok && !b.motion {
				t.Errorf("screen %d: %s is bound to something that is no motion", i, motion)
			}
		}
	}
}

func TestNeighboursFromTheResolveScreen(t *testing.T) {
	d := newDesk(two(t, 1), deal(t, 2), customer(t, 3))
	r := newRig(t, d).press("enter").sees("1/3").press("1", "]").sees("2/3", "deal/D-1042").press("]", "]").sees("last conflict")
	r.press("[", "[").sees("1/3").wantChoice("/a", merge.TakeLocal).press("[").sees("first conflict")
}

func TestAConflictThatIsNotThere(t *testing.T) {
	r := newRig(t, newDesk(two(t, 1)), on(99)).sees("conflict 99: not found")
	r.press("1", "w", "e").press("q").wantScreen(onQueue).sees("deal/D-2")
}

func TestAChangeFarBehindInALongTextIsInSight(t *testing.T) {
	long := strings.Repeat("many words that stay ", 100)
	c := conflict(t, 1, "note/1", `{"n":"`+long+`Kiln Rd and more"}`, `{"n":"`+long+`Kiln Road and more"}`, `{"n":"`+long+`Kiln Rd, and more"}`)
	for _, size := range [][2]int{{120, 36}, {80, 24}, {50, 20}, {40, 12}} {
		newRig(t, newDesk(c), on(1)).size(size[0], size[1]).sees("Kiln", "[-Rd-]", "{+Road")
	}
}
