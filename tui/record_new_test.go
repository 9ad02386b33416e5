package tui

import (
	"testing"

	"dovetail/merge"
)

// openDeals opens the deals, where a new record gets an id that is known.
func openDeals(t *testing.T, s *shelves, more ...func(*Config)) *rig {
	t.Helper()
	made := func(c *Config) { c.NewID = func() string { return "k7q2" } }
	return newRig(t, newDesk(), append([]func(*Config){shelvedIn(s), made}, more...)...).press("6", "tab").sees("deal 2 of 2")
}

func TestARecordIsMadeByItsSchema(t *testing.T) {
	s := shelvesOf(t)
	r := openDeals(t, s).press("n").sees("NEW RECORD deal/").press("D-7", "enter").sees("RECORD deal/D-7", "new", "not there yet", "status    string", "due")
	r.press("w").sees("nothing was edited").toField("/status").press("e").sees("one of: lead").press("won", "enter").sees("! ").press("ctrl+u", "open", "enter")
	r.press("i").sees("it has no history")
	if len(s.wrote) != 0 || s.holds(merge.Key{Collection: "deal", ID: "D-7"}) {
		t.Fatal("made before anybody said so")
	}
	r.press("w").sees("Make it, with 1 field?").press("n", "w", "y").sees("written deal/D-7 v1").seesNot("not there yet")
	if e := s.wrote[0]; e.Version != 0 || e.Revision != 0 || string(e.Fields) != `{"status":"open"}` || len(e.Steps) != 1 || e.Steps[0].Was != merge.Absent {
		t.Errorf("written is %+v %s", e, e.Fields)
	}
	if len(s.drafts) != 0 {
		t.Errorf("left is %+v", s.drafts)
	}
	r.press("q").sees("D-7", `"status":"open"`)
}

func TestANewRecordGetsAnIDWhereNoneIsTyped(t *testing.T) {
	s := shelvesOf(t)
	openDeals(t, s).press("+", "enter").sees("RECORD deal/k7q2", "new").press("q").sees("deal 2 of 2")
	openDeals(t, s).press("n", "ctrl+u", "visit/", "enter").sees("RECORD visit/k7q2").press("q").sees("deal 2 of 2")
	openDeals(t, s, func(c *Config) { c.NewID = nil }).press("n", "enter").sees("! ", "empty id", "NEW RECORD").press("7", "enter").sees("RECORD deal/7")
	r := openDeals(t, s).press("n", "ctrl+u", "Deal/1", "enter").sees("! ", "NEW RECORD").press("esc").seesNot("NEW RECORD")
	r.press("n", "x", "ctrl+c")
	if !r.quit {
		t.Error("ctrl+c does not quit")
	}
}

func TestANewRecordIsNoneThatWasThere(t *testing.T) {
	s := shelvesOf(t)
	s.records[2].Deleted, s.records[2].Fields = true, nil // D-3
	r := openDeals(t, s).press("n", "D-2", "enter").sees("NEW RECORD", "deal/D-2 is there already").press("backspace", "3", "enter")
	r.sees("NEW RECORD", "deal/D-3 was deleted", "needs another").press("backspace", "4", "enter").sees("RECORD deal/D-4", "new")
	// Somebody else makes it, while it is edited here.
	r.toField("/amount").press("e", "5", "enter").toField("/owner").press("e", "kim", "enter")
	s.records = append(s.records, RecordShown{Record: merge.Key{Collection: "deal", ID: "D-4"}, Version: 1, Fields: merge.Document(`{"amount":6}`)})
	r.press("w", "y").sees("Nothing was written", "It is v1 now: 1 edit kept, 1 changed on both sides: amount", "6 → 5")
	if got := string(s.records[len(s.records)-1].Fields); got != `{"amount":6}` {
		t.Errorf("written over: %s", got)
	}
	s.readErr = errBroken
	openDeals(t, shelvesOf(t)).press("n", "x", "enter").sees("RECORD deal/x")
}

func TestTheDraftOfANewRecordIsFoundAgain(t *testing.T) {
	s := shelvesOf(t)
	openDeals(t, s).press("n", "ctrl+u", "visit/V-1", "enter").press("+", "note=hello", "enter", "+", "n:=3", "enter").sees("2 edits not written")
	// and then it is killed
	r := newRig(t, newDesk(), shelvedIn(s)).press("6", "left").sees("visit 3 of 3", "V-1", "new, draft", "2 edits not written").press("enter")
	r.sees("RECORD visit/V-1", "hello", "E n").press("q").press("/", "other", "enter").seesNot("V-1").press("esc", "enter").sees("hello")
	r.press("w", "y").sees("written visit/V-1 v1").press("q").sees("V-1").seesNot("new, draft")
	if got := string(s.at(merge.Key{Collection: "visit", ID: "V-1"}).Fields); got != `{"n":3,"note":"hello"}` {
		t.Errorf("written is %s", got)
	}
}

func TestAFieldIsAddedToARecord(t *testing.T) {
	s := shelvesOf(t)
	r := openShelved(t, s).press("+").sees("ADD A FIELD").press("enter").sees("! ", "FIELD=VALUE").press("tags+=x", "enter").sees("e edits it")
	r.press("ctrl+u", "amount=many", "enter").sees("! ", "number").press("ctrl+u", "status=won", "enter").sees("! ", "lead").press("ctrl+u", "phone=+1 555", "enter")
	r.sees("E phone", "+1 555", "1 edit not written")
	if m := r.root().records; m.open.at().Path != "/phone" {
		t.Errorf("the cursor is on %s", m.open.at().Path)
	}
	r.press("+", "x", "esc").seesNot("ADD A FIELD").press("r").seesNot("phone").press("+", "ctrl+c")
	if !r.quit {
		t.Error("ctrl+c does not quit")
	}
	s.rules, s.records[1].Fields = nil, merge.Document("{}")
	openShelved(t, s).sees("It has no fields. + adds one.").press("e", "0", "r", "1", "E").press("+", "a=b", "enter", "w", "y").sees("written deal/D-2")
}
