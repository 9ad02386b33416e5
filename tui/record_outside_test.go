package tui

import (
	"errors"
	"testing"

	"dovetail/merge"
)

func TestAFieldOfARecordIsEditedOutside(t *testing.T) {
	s := shelvesOf(t)
	s.records[1].Fields = merge.Document(`{"amount":101,"notes":"b\tc","status":"lead"}`)
	openShelved(t, s).toField("/notes").press("E").sees("no editor is set").press("e").sees("the value holds a tab; E opens it")
	r := typing(openShelved(t, s), func(s string) (string, error) { return s + " and\tmore\r\n", nil }).toField("/notes").press("E")
	if e := s.drafts[secondDeal].Edits["/notes"]; e.Value != `"b\tc and\tmore"` || e.Was != `"b\tc"` {
		t.Errorf("the edit is %+v", e)
	}
	typing(r, func(s string) (string, error) { return s + "\n", nil }).press("E").sees("nothing was changed", "1 edit not written")
	typing(r, func(string) (string, error) { return "many\n", nil }).toField("/amount").press("E").sees("not a number", "E opens it again", "2 edits")
	if d := s.drafts[secondDeal]; d.Typed["/amount"].Text != "many" {
		t.Errorf("the draft is %+v", d)
	}
	var again string
	typing(r, func(s string) (string, error) { again = s; return "-1", nil }).press("E").sees("! ", "E opens it again")
	typing(r, func(s string) (string, error) { again = s; return "7", nil }).press("E").sees("E amount", "101 → 7")
	if again != "-1" {
		t.Errorf("the editor opened %q", again)
	}
	typing(r, func(string) (string, error) { return "", errors.New("no vi") }).press("E").sees("not edited: no vi", "101 → 7")
	r.press("w", "y").sees("written deal/D-2 v5")
	s.at(secondDeal).Deleted = true
	r.press("R").press("E").sees("the record is deleted")
}
