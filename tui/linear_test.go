package tui

import (
	"context"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"dovetail/merge"
)

// talked is what is said to somebody who types these lines and then goes away.
func talked(t *testing.T, d *desk, open int64, lines ...string) string {
	t.Helper()
	out, err := talkTo(t.Context(), d, open, strings.NewReader(strings.Join(lines, "\n")+"\n"))
	if err != nil {
		t.Fatalf("RunLinear: %v\n%s", err, out)
	}
	return out
}

func talkTo(ctx context.Context, d *desk, open int64, in io.Reader) (string, error) {
	var out strings.Builder
	err := RunLinear(ctx, Config{Queue: d, Desk: d, Snoozer: d, Person: "Ana", Open: open, Location: time.UTC, Input: in, Output: &out,
		Now: func() time.Time { return noon }})
	return out.String(), err
}

func saysInOrder(t *testing.T, out string, parts ...string) {
	t.Helper()
	rest := out
	for _, part := range parts {
		_, after, found := strings.Cut(rest, part)
		if !found {
			t.Fatalf("it does not say %q, or not after the ones before:\n%s", part, out)
		}
		rest = after
	}
}

func TestLinearDecidesAndWritesOnTheWholeWordOnly(t *testing.T) {
	d := newDesk(two(t, 1))
	out := talked(t, d, 0, "1", "2", "local", "w", "y", "w", "yes")
	saysInOrder(t, out, "Conflicts: 1 open", "Conflict 1: deal/D-2", "Local: Ana, laptop", "Field: a", "1. local: la",
		"2. server: sa", "3. base: x", "Decided: server for a.", "Left: 1, b.", "Field: b", "Left: 0.",
		"Review: deal/D-2. Nothing is written yet.", "Field: b, from local, server now: sb, after writing: lb",
		"Type yes to write", "Review:", "Written: deal/D-2, written v5", "Left in the queue: 0")
	if len(d.wrote) != 1 {
		t.Fatalf("%d writings, want the one that was said yes to:\n%s", len(d.wrote), out)
	}
	if got := string(d.wrote[0].Result); got != `{"a":"sa","b":"lb"}` {
		t.Errorf("written is %s", got)
	}
}

func TestLinearTakesNoSideOnEnter(t *testing.T) {
	d := newDesk(two(t, 1))
	out := talked(t, d, 1, "", "", "", "")
	if len(d.saves) > 0 || len(d.wrote) > 0 {
		t.Errorf("Enter decided something: %v\n%s", d.saves, out)
	}
}

func TestLinearKeepsTheDraft(t *testing.T) {
	for name, in := range map[string]io.Reader{
		"end of input":    strings.NewReader("1\n"),
		"no last newline": strings.NewReader("1"),
		"quit at once":    strings.NewReader("1\nquit-at-once\n"),
		"broken input":    io.MultiReader(strings.NewReader("1\n"), iotest.ErrReader(errBroken)),
		"endless line":    io.MultiReader(strings.NewReader("1\n"), strings.NewReader(strings.Repeat("x", 2*maxAnswer))),
	} {
		d := newDesk(two(t, 1))
		out, err := talkTo(t.Context(), d, 1, in)
		if d.drafts[1].Decisions["/a"].Choice != merge.TakeLocal {
			t.Errorf("%s: the draft is %+v\n%s", name, d.drafts[1], out)
		}
		if name == "quit at once" && !errors.Is(err, ErrInterrupted) || name == "broken input" && !errors.Is(err, errBroken) {
			t.Errorf("%s: error %v", name, err)
		}
	}
}

// endingReader answers once, and then ends the context as somebody does who presses ctrl+c while they are asked.
type endingReader struct {
	first io.Reader
	end   context.CancelFunc
	never chan struct{}
}

func (r endingReader) Read(p []byte) (int, error) {
	n, err := r.first.Read(p)
	if err == io.EOF {
		r.end()
		<-r.never
	}
	return n, nil
}

func TestLinearEndsAtOnceWhileItAsks(t *testing.T) {
	ctx, end := context.WithCancel(t.Context())
	d := newDesk(two(t, 1))
	never := make(chan struct{})
	t.Cleanup(func() { close(never) })
	out, err := talkTo(ctx, d, 1, endingReader{strings.NewReader("1\n"), end, never})
	if !errors.Is(err, ErrInterrupted) {
		t.Errorf("error %v, want ErrInterrupted\n%s", err, out)
	}
}

func TestLinearTypesValues(t *testing.T) {
	d := newDesk(conflict(t, 1, "deal/D-3", `{"n":1,"s":"x"}`, `{"n":2,"s":"l"}`, `{"n":3,"s":"r"}`))
	out := talked(t, d, 1, "e", "many", "e", "7", "e", "by hand", "w", "note", "because", "yes")
	saysInOrder(t, out, "Field: n", "New value, a number", "Not taken: not a number", "Typed before, not accepted: many",
		"Decided: edited n.", "Field: s", "Decided: edited s.", "Note: because", "Written:")
	if len(d.wrote) != 1 || string(d.wrote[0].Result) != `{"n":7,"s":"by hand"}` || d.wrote[0].Note != "because" {
		t.Errorf("wrote %+v\n%s", d.wrote, out)
	}
}

// Whoever answers the review with another word than yes, as with the key that writes on the screen, hears that nothing is
// written.
func TestLinearSaysThatNothingWasDone(t *testing.T) {
	d := newDesk(two(t, 1))
	out := talked(t, d, 1, "A", "1", "w", "y", "w", "", "r", "1", "w", "yes", "U", "y", "U", "")
	saysInOrder(t, out, "Fields: 2 in conflict, 2 left, 0 merged by themselves", "Nothing was written: only the whole word yes writes.",
		"Nothing was written.", "Done: un-decided a.", "Decided: local for a.", "Written:", "Undo: deal/D-2 v5, resolution 11. Its conflict",
		"Nothing was done: only the whole word yes does it.")
	if len(d.wrote) != 1 || len(d.undone()) > 0 {
		t.Errorf("written %d times, undone %v", len(d.wrote), d.undone())
	}
}

func TestLinearUndoesStepsAndWritings(t *testing.T) {
	d := newDesk(two(t, 1))
	out := talked(t, d, 1, "1", "u", "redo", "A", "2", "w", "yes", "U", "no", "U", "yes")
	saysInOrder(t, out, "Decided: local for a.", "undone: local for a", "redone: local for a", "2. server for 1 field",
		"Left: 0.", "Written:", "Undo: deal/D-2", "Type yes to undo it", "Undo: deal/D-2", "is again as before resolution")
	if len(d.undone()) != 1 {
		t.Errorf("undone %v, want once", d.undone())
	}
}

func TestLinearLooksAgainWhereTheRecordMoved(t *testing.T) {
	d := newDesk(two(t, 1))
	d.answer = merge.ErrStale
	out := talked(t, d, 1, "1", "1", "w", "yes")
	saysInOrder(t, out, "Type yes to write", "Conflict 1:", "Note: Nothing was written.")
	if len(d.drafts[1].Decisions) != 2 {
		t.Errorf("the draft is %+v", d.drafts[1])
	}
}

// What a person has read out holds no control byte but the line end, no sign that is drawn, and ASCII alone where the
// record holds nothing else.
func TestLinearDrawsNothing(t *testing.T) {
	d := newDesk(customer(t, 1), conflict(t, 2, "deal/D-4", `{"a":"x"}`, "", `{"a":"y"}`),
		conflict(t, 3, "deal/D-5", `{"a":"x"}`, `{"a":"\u001b[2J\u202e"}`, `{"a":"\r\n2. server: fake"}`))
	out := talked(t, d, 0, "?", "/", "deal", "", "filter", "", "1", "?", "fields", "a", "d", "v", "/zip", "c", "A", "1", "w", "",
		"q", "2", "v", "1", "w", "yes", "3", "v", "1", "w", "back", "q", "snoozed-conflicts", ":", ":help", "17", "x\x1b]0;title\a", "R", "q")
	for i, r := range out {
		if r != '\n' && (r < ' ' || r > '~') {
			t.Fatalf("%q at %d: %q", r, i, out[max(i-80, 0):min(i+20, len(out))])
		}
	}
	for line := range strings.SplitSeq(out, "\n") {
		if strings.HasPrefix(line, "2. server: fake") {
			t.Errorf("a value passes for words of ours: %q", line)
		}
	}
}

func TestLinearTypesSeveralLines(t *testing.T) {
	d := newDesk(conflict(t, 1, "deal/D-6", `{"s":"a\nb"}`, `{"s":"a\nl"}`, `{"s":"a\nr"}`))
	out := talked(t, d, 1, "e", ".", "e", "one", "", "three", ".", "w", "yes")
	saysInOrder(t, out, "Line 1:", "Line 1:", "Line 3:", "Decided: edited s.", "Written:")
	if len(d.wrote) != 1 || string(d.wrote[0].Result) != `{"s":"one\n\nthree"}` {
		t.Errorf("wrote %+v\n%s", d.wrote, out)
	}
}
