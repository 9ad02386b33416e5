package tui

import (
	"strings"
	"testing"

	tea "github.com/charmbracelet/bubbletea"

	"dovetail/merge"
)

var secondDeal = merge.Key{Collection: "deal", ID: "D-2"}

// again is another terminal on the same records, after the one before was killed.
func again(t *testing.T, s *shelves) *rig {
	t.Helper()
	return newRig(t, newDesk(), shelvedIn(s)).press("6", "tab", "j").sees("deal 2 of 2")
}

func TestEveryEditOfARecordIsSaved(t *testing.T) {
	s := shelvesOf(t)
	r := openShelved(t, s).toField("/amount").press("e", "ctrl+u", "9").sees("1 edit not written", "draft saved 12:00")
	if got := s.drafts[secondDeal]; got.Typed["/amount"] != (merge.TypedText{Text: "9", Was: "101"}) || got.Version != 4 || got.Person != "Ana" {
		t.Fatalf("while it is typed the draft is %+v", got)
	}
	r.press("enter").toField("/status").press("0")
	want := map[string]merge.FieldEdit{"/amount": {Value: "9", Was: "101"}, "/status": {Was: `"lead"`}}
	if got := s.drafts[secondDeal]; len(got.Edits) != 2 || got.Edits["/amount"] != want["/amount"] || got.Edits["/status"] != want["/status"] || len(got.Typed) != 0 {
		t.Fatalf("the draft is %+v", got)
	}
	r.toField("/owner").press("e", "k", "i", "m") // and then it is killed
	r = again(t, s).sees("D-2", "draft").press("enter").sees("3 edits not written", "E amount", "101 → 9", "typed, not accepted: kim")
	r.toField("/owner").press("e").sees("kim").press("enter", "w", "y").sees("written deal/D-2 v5")
	if len(s.drafts) != 0 {
		t.Errorf("left is %+v", s.drafts)
	}
	if got := string(s.at(secondDeal).Fields); got != `{"amount":9,"owner":"kim","tags":["a","b"]}` {
		t.Errorf("written is %s", got)
	}
}

func TestLeavingARecordKeepsItsDraft(t *testing.T) {
	for _, keys := range [][]string{{"q"}, {"esc"}, {"ctrl+c"}, {"e", "7", "ctrl+c"}} {
		s := shelvesOf(t)
		r := openShelved(t, s).toField("/amount").press("e", "1", "enter").press(keys...)
		if keys[len(keys)-1] == "ctrl+c" {
			if !r.quit {
				t.Errorf("%v does not quit", keys)
			}
		} else {
			r.sees("[6 Records]", "the draft of deal/D-2 is kept: 1 edit not written", "draft  \"amount\"")
		}
		if len(s.drafts) != 1 {
			t.Errorf("after %v the drafts are %+v", keys, s.drafts)
		}
	}
	if r := openShelved(t, shelvesOf(t)).press("ctrl+c"); !r.quit {
		t.Error("ctrl+c does not quit")
	}
	s := shelvesOf(t)
	openShelved(t, s).toField("/amount").press("e", "1").send(leaveMsg{interrupted: true}) // as a signal does
	if len(s.drafts) != 1 {
		t.Error("a signal loses what is typed")
	}
}

func TestTypedTextIsSavedOnceThereIsAPause(t *testing.T) {
	s := shelvesOf(t)
	r := openShelved(t, s).toField("/amount").press("e")
	r.hold = true
	r.press("1", "2", "3")
	if len(s.kept) != 0 {
		t.Fatalf("saved at every key: %+v", s.kept)
	}
	held := r.held
	r.hold, r.held = false, nil
	for _, cmd := range held {
		r.run(cmd)
	}
	if len(s.kept) != 1 || s.kept[0].Typed["/amount"].Text != "101123" {
		t.Errorf("saved is %+v", s.kept)
	}
	r.press("backspace", "backspace", "backspace").seesNot("not written")
	if len(s.drafts) != 0 {
		t.Errorf("a text that is what it was is kept: %+v", s.drafts)
	}
}

// moveOn has somebody else write the record while a draft of it is kept.
func moveOn(t *testing.T, fields string, keys ...string) (*shelves, *rig) {
	t.Helper()
	s := shelvesOf(t)
	openShelved(t, s).toField("/amount").press("e", "ctrl+u", "9", "enter").toField("/owner").press("e", "k", "i", "m", "enter").press(keys...)
	now := s.at(secondDeal)
	now.Version, now.Fields = 5, merge.Document(fields)
	return s, again(t, s).press("enter")
}

func TestADraftIsBroughtToTheRecordAsItIs(t *testing.T) {
	s, r := moveOn(t, `{"amount":101,"status":"closed","tags":["a","b"]}`)
	r.sees("It is v5 now: 2 edits kept.", "status    string   closed", "2 edits not written").press("w", "y").sees("written deal/D-2 v6")
	if got := string(s.at(secondDeal).Fields); got != `{"amount":9,"owner":"kim","status":"closed","tags":["a","b"]}` {
		t.Errorf("written is %s", got)
	}
	s, r = moveOn(t, `{"amount":9,"status":"lead","tags":["a","b"]}`)
	r.sees("It is v5 now: 1 edit it holds by now, 1 edit kept.", "1 edit not written")
	if got := s.drafts[secondDeal]; got.Version != 5 || len(got.Edits) != 1 {
		t.Errorf("the draft is %+v", got)
	}
	s, r = moveOn(t, `{"amount":7,"status":"lead","tags":["a","b"]}`)
	r.sees("1 edit kept, 1 changed on both sides: amount.", "~ amount", "7 → 9").press("w").sees("nothing is written yet")
	r.press("2").sees("amount stays as it is now").press("w", "y").sees("written deal/D-2 v6")
	if got := string(s.at(secondDeal).Fields); got != `{"amount":7,"owner":"kim","status":"lead","tags":["a","b"]}` {
		t.Errorf("written is %s", got)
	}
	_, r = moveOn(t, `{"amount":7,"status":"lead","tags":["a","b"]}`)
	again := r.press("q", "enter").toField("/amount").sees("~ amount", "1 keeps yours") // it is still to be said
	again.press("1", "w", "y").sees("written deal/D-2 v6").toField("/amount").sees("amount", "9").press("1").sees("nobody else changed this field")
}

func TestATextThatWasTypedOnAnotherValueSaysSo(t *testing.T) {
	s, r := moveOn(t, `{"amount":101,"status":"open","tags":["a","b"]}`)
	r.toField("/status").press("e").send(keyOf("x")).press("ctrl+c")
	s.at(secondDeal).Version, s.at(secondDeal).Fields = 6, merge.Document(`{"amount":101,"status":"closed","tags":["a","b"]}`)
	r = again(t, s).press("enter").sees("It is v6 now", "typed, not accepted: openx").toField("/status")
	r.press("e").sees(`changed meanwhile: it was open when you typed this`).press("ctrl+u", "lead", "enter").sees("E status").seesNot("~ status")
}

func TestADraftOfADeletedRecordIsKept(t *testing.T) {
	s, _ := moveOn(t, `{}`)
	now := s.at(secondDeal)
	now.Deleted, now.Fields, now.Version = true, nil, 6
	r := newRig(t, newDesk(), shelvedIn(s)).press("6", "tab").sees("D-2", "deleted, draft", "2 edits not written").press("enter").sees("It was deleted meanwhile", "2 edits not written").press("w").sees("nothing can be written to it")
	if len(s.drafts) != 1 {
		t.Errorf("the draft is gone: %+v", s.drafts)
	}
	r.press(":").press("d", "i", "s", "c", "enter").sees("Throw away 2 edits?").press("n").sees("2 edits not written")
	r.press(":").press("d", "i", "s", "c", "enter", "y").sees("thrown away: 2 edits").seesNot("not written")
	if len(s.drafts) != 0 {
		t.Errorf("the draft is still there: %+v", s.drafts)
	}
	r.press(":").press("d", "i", "s", "c", "enter").sees("there is no draft")
}

func TestADraftThatCannotBeSavedIsSaidAndTriedAgain(t *testing.T) {
	s := shelvesOf(t)
	s.keepErr = errBroken
	r := openShelved(t, s).toField("/amount").press("e", "1", "enter").sees("DRAFT NOT SAVED")
	r.press("w", "y").sees("Nothing was written", "the draft cannot be saved", "disk is on fire")
	if len(s.wrote) != 0 {
		t.Error("written though the draft is not kept")
	}
	s.keepErr = nil
	r.send(beatMsg{}).seesNot("NOT SAVED").sees("1 edit not written")
	if len(s.drafts) != 1 {
		t.Error("it was not tried again")
	}
}

// What is written while a text waits in a box leaves that text where it was.
func TestWritingKeepsWhatWasTypedAndNotAccepted(t *testing.T) {
	s := shelvesOf(t)
	r := openShelved(t, s).toField("/amount").press("e", "x", "esc").toField("/status").press("e", "ctrl+u", "open", "enter", "w", "y")
	r.sees("written deal/D-2 v5", "typed, not accepted: 101x", "1 edit not written")
	if d := s.drafts[secondDeal]; d.Version != 5 || len(d.Edits) != 0 || d.Typed["/amount"].Text != "101x" {
		t.Errorf("the draft is %+v", d)
	}
	if strings.Contains(r.press("R").m.View(), "It is v5 now") {
		t.Error("our own version is told as somebody else's")
	}
}

func TestAnAnswerThatComesLateWritesNothingOver(t *testing.T) {
	s := shelvesOf(t)
	r := openShelved(t, s).toField("/amount").press("e", "1", "enter", "w")
	r.hold = true
	r.press("y")
	held := r.held
	r.hold, r.held = false, nil
	r.press("e", "0", "q").sees("RECORD deal/D-2", "writing") // the answer comes first
	for _, cmd := range held {
		r.run(cmd)
	}
	r.sees("written deal/D-2 v5").send(tea.WindowSizeMsg{Width: 80, Height: 24}).press("q").seesNot("draft")
}
