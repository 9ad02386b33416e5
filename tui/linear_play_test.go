package tui

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"dovetail/merge"
)

// toldPlay is what is said in a playground to somebody who types these lines and then goes away.
func toldPlay(t *testing.T, w *world, lines ...string) string {
	t.Helper()
	var out strings.Builder
	d := newDesk(deal(t, 1))
	err := RunLinear(t.Context(), Config{Queue: d, Desk: d, Person: "Ana", Play: w, Ask: true, Location: time.UTC,
		Input: strings.NewReader(strings.Join(lines, "\n") + "\n"), Output: &out, Now: func() time.Time { return noon }})
	if err != nil {
		t.Fatalf("RunLinear: %v\n%s", err, out.String())
	}
	return out.String()
}

func TestLinearPlayTellsTheStory(t *testing.T) {
	w := smallStory(t)
	out := toldPlay(t, w, "", "", "", "", "1", "more", "last-write-wins", "b")
	saysInOrder(t, out, "Playground deal: One deal, two people.", "so a person decides that", "Step 1 of 5, under field-merge",
		"Next: ana on ana-7 syncs.", "Record deal/D-1042: ana-7 not here; SERVER v3; web v3.",
		"Step 3 of 5", "Field amount: ana-7 50000, not sent; SERVER 40000; web 40000.", "Step 4 of 5",
		"WHICH VALUE SURVIVES? status", "1  closed, ana at 09:14", "1, 2 or 3, Enter just shows it",
		"Step 5 of 5", "Why: No: neither by itself.", "All records: last-write-wins 2 lost", "Field amount: ana-7 50000, waits", "asked", "open decides it",
		"Field amount:", "last-write-wins: 40000, as it was; LOST 50000, ana.", "field-merge: 50000, ana.",
		"under last-write-wins", "Why: diaz wrote last, at 09:40; ana at 09:14.", "50000 of ana is lost",
		"Step 4 of 5, under last-write-wins")
	w.wantWent(t, -1, 2, 3, 4, 5, 4)
	for _, r := range out {
		if r > 0x7E || r < 0x20 && r != '\n' {
			t.Errorf("it says %q", r)
		}
	}
	if n := strings.Count(out, "Step 1 of 5"); n != 1 {
		t.Errorf("the beginning is told %d times", n)
	}
}

// TestLinearPlayRunsToTheQuestion and tells each step on the way.
func TestLinearPlayRunsToTheQuestion(t *testing.T) {
	out := toldPlay(t, smallStory(t), "to-the-end", "back", "questions", "", "?")
	saysInOrder(t, out, "Step 2 of 5", "Step 3 of 5", "Step 4 of 5", "WHICH VALUE", "no more questions", "Step 5 of 5",
		"The name of a side", "new-record:")
}

func TestLinearPlayActs(t *testing.T) {
	w := smallStory(t)
	key := merge.Key{Collection: "deal", ID: "D-1042"}
	out := toldPlay(t, w, "", "", "e", "ana-7", "e", "status=lost", "+", "deal/7 a=b", "+", "", "deal/D-1042", "down", "e", "500", "cut-line", "nowhere")
	want := []PlayAct{{Do: PlayEdit, Device: "ana-7", Record: key, Typed: "status=lost"}, {Do: PlayCreate, Device: "ana-7", Typed: "deal/7 a=b"},
		{Do: PlayEdit, Device: "ana-7", Record: key, Path: "/amount", Typed: "500"}, {Do: PlayMend, Device: "ana-7"}}
	if !slices.Equal(w.acts, want) {
		t.Errorf("%+v\nwant\n%+v", w.acts, want)
	}
	saysInOrder(t, out, "that is done on a device", "Side: ana-7, ana, tablet on the road, LINE CUT", "deal/D-1042 on ana-7, FIELD=VALUE",
		"your step", "NEW RECORD on ana-7", "amount of deal/D-1042 on ana-7", "Now: 50000", "There is no command nowhere here")
	w = smallStory(t)
	w.refuses = errors.New("amount: it is a number")
	saysInOrder(t, toldPlay(t, w, "", "", "ana-7", "e", "amount=x", ""), "It cannot be: amount: it is a number.", "Step 4 of 5")
}

func TestLinearPlayOpensTheConflict(t *testing.T) {
	out := toldPlay(t, smallStory(t), "", "", "", "", "", "open", "1", "w", "yes", "", "q")
	saysInOrder(t, out, "Conflict 1: deal/D-1042", "Decided: local for status.", "Review: deal/D-1042", "written v5", "Step 5 of 5")
}

// TestLinearPlayObeysNoValue: what a story holds is told, and never sent to the terminal.
func TestLinearPlayObeysNoValue(t *testing.T) {
	const evil = "\x1b]52;c;ZXZpbA==\a\r\u202eabc\u009b31m\x00\u200b"
	w := apart(t, "dev"+evil, "who"+evil, "D"+"\u202e1", `"\u001b]52;c;ZXZpbA==\u0007\r\u202eabc\u009b31m"`)
	for i := range w.views {
		w.views[i].Title, w.views[i].Lesson = evil, evil
		for s := range w.views[i].Worlds {
			w.views[i].Worlds[s].Said = evil
		}
	}
	out := toldPlay(t, w, "", "", "", "3", "more", "same-fields", "right", "down", "e", "", evil)
	for _, r := range out {
		if r < 0x20 && r != '\n' || r >= 0x7F && r < 0xA0 || r == 0x202E || r == 0x200B {
			t.Fatalf("it sends %q:\n%q", r, out)
		}
	}
}
