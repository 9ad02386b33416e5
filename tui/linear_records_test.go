package tui

import (
	"strings"
	"testing"
	"time"

	"dovetail/merge"
)

// talkedRecords is what is said to somebody who types these lines about records and then goes away.
func talkedRecords(t *testing.T, s *shelves, lines ...string) string {
	t.Helper()
	var out strings.Builder
	d := newDesk(deal(t, 1))
	err := RunLinear(t.Context(), Config{Queue: d, Desk: d, Librarian: s, Drafter: s, History: past{}, Person: "Ana", Location: time.UTC, Output: &out,
		Input: strings.NewReader("records\n" + strings.Join(lines, "\n") + "\n"), Now: func() time.Time { return noon }, NewID: func() string { return "k7q2" }})
	if err != nil {
		t.Fatalf("RunLinear: %v\n%s", err, out.String())
	}
	return out.String()
}

func TestLinearFindsReadsAndEditsARecord(t *testing.T) {
	s := shelvesOf(t)
	out := talkedRecords(t, s, "next-list", "/101", "1", "history", "1", "many", "1", "7", "remove 4", "w", "y", "w", "yes", "back", "quit")
	saysInOrder(t, out, "Records of account, collection 1 of 2", "1. A-1: ", "Records of deal", "1. D-1042, 1 conflict: ", "Holding: 101", `1. D-2: "amount":101`,
		"Record: deal/D-2, version 4.", "1. amount, number: 101", "2. due, string: ", "4. status, Stage, string: lead",
		"History of deal/D-2", "Field: amount, now: 101", "New value, a number", "Not taken: not a number", "The text is kept",
		"Typed before, not accepted: many", "1. amount, number, edited, now: 101", "to be: 7", "Not written: 1 edit",
		"4. status, Stage, string, edited", "Write: deal/D-2, 2 fields, as a new version.", "Type yes to write",
		"Write: deal/D-2", "version 5", "written deal/D-2 v5", "Records of deal")
	if got := string(s.at(secondDeal).Fields); got != `{"amount":7,"tags":["a","b"]}` || len(s.wrote) != 1 || len(s.drafts) != 0 {
		t.Errorf("written is %s, %d times, left %+v", got, len(s.wrote), s.drafts)
	}
	if strings.ContainsRune(out, '\x1b') {
		t.Error("something is drawn")
	}
}

func TestLinearMakesARecord(t *testing.T) {
	s := shelvesOf(t)
	out := talkedRecords(t, s, "next-list", "n", "deal/D-2", "deal/", "4", "won", "4", "open", "add-field", "x", "phone=+1 555", "w", "yes")
	saysInOrder(t, out, "such as deal/D-7", "Not that: deal/D-2 is there already", "Record: deal/k7q2, new, not there yet.", "4. status, Stage, string",
		"One of: lead, open, closed", "Not taken: ", "Not taken: ", "FIELD=VALUE", "phone, string, edited", "Write: deal/k7q2, 2 fields", "written deal/k7q2 v1")
	if got := string(s.at(merge.Key{Collection: "deal", ID: "k7q2"}).Fields); got != `{"phone":"+1 555","status":"open"}` {
		t.Errorf("written is %s", got)
	}
	talkedRecords(t, s, "n", "") // is left
}

func TestLinearKeepsTheDraftOfARecord(t *testing.T) {
	s := shelvesOf(t)
	talkedRecords(t, s, "next-list", "2", "1", "9") // and then nobody answers any more
	if len(s.drafts) != 1 {
		t.Fatalf("the drafts are %+v", s.drafts)
	}
	now := s.at(secondDeal)
	now.Version, now.Fields = 5, merge.Document(`{"amount":8}`)
	out := talkedRecords(t, s, "next-list", "2", "w", "local 1", "w", "yes", "?")
	saysInOrder(t, out, "2. D-2, draft: ", "1. amount, number, changed on both sides: local 1 keeps yours, server 1 takes theirs", "when you edited it: 101", "now: 8", "yours: 9",
		"It is v5 now", "nothing is written yet: amount", "your edit of amount stays", "written deal/D-2 v6", "discard-draft")
	if got := string(now.Fields); got != `{"amount":9}` {
		t.Errorf("written is %s", got)
	}
}

func TestLinearSaysNothingOfARecordThatATerminalObeys(t *testing.T) {
	s := shelvesOf(t)
	for i := range s.records {
		s.records[i].Record.ID, s.records[i].Fields = "\x1b[2J\r", hostileCase(t, 1).Sides.Local
	}
	out := talkedRecords(t, s, "1", "history", "1", "\x1b]52;c;eA==\x07", "add-field", "\x1b[2J=\x1b[2J", "", "7", "99", "99 99", "remove x", "open")
	for _, bad := range []string{"\x1b", "\r", "\u202e", "\u009b"} {
		if strings.Contains(out, bad) {
			t.Errorf("it says %q:\n%q", bad, out)
		}
	}
}
