package tui

import (
	"bytes"
	"encoding/base64"
	"strings"
	"testing"
	"time"

	"dovetail/merge"
)

func TestFieldsAreFoundAsTheNameIsTyped(t *testing.T) {
	r := newRig(t, newDesk(customer(t, 1)), on(1)).press("/", "t", "a").sees("tags", "status", " / ta")
	r.seesNot("address", "photo_count").press("g")
	if r.focus() != "/tags" {
		t.Errorf("the cursor is at %s", r.focus())
	}
	r.press("z").sees("no field is called so", "tags").press("backspace", "enter").wantChoice("/tags", merge.Undecided)
	r.sees("Found 1 of 16: ta", "esc lists all").press("1").wantChoice("/tags", merge.TakeLocal)
	r.press("esc").sees("address", "photo_count").wantScreen(onResolve)
	if r.focus() != "/tags" {
		t.Errorf("after esc the cursor is at %s", r.focus())
	}
	r.press("/", "x", "esc").sees("address").press("q").wantScreen(onQueue)
}

// Fields that nobody changed are found too, and what is found hides nothing that is left to do.
func TestWhatIsFoundHidesNothingThatIsLeft(t *testing.T) {
	r := newRig(t, newDesk(customer(t, 1)), on(1)).press("/", "v", "a", "t", "enter").sees("∅ null", "5 LEFT")
	if r.focus() != "/vat" {
		t.Errorf("the cursor is at %s", r.focus())
	}
	r.press("w").sees("5 left: address").press("/", "v", "a", "t", "enter", "N").sees("visit_notes · string")
	r.press("/", "p", "h", "enter", "n").seesNot("Found")
}

func TestAFieldIsFoundByItsLabelInEverySize(t *testing.T) {
	for _, size := range [][2]int{{120, 36}, {80, 24}, {50, 20}, {40, 12}} {
		r := newRig(t, newDesk(stocked(t, 1)), on(1)).size(size[0], size[1]).press("/", "o", "r", "d", "e", "r")
		check(t, "find", r.m.View(), size[0], size[1])
		if r.focus() != "/lines" {
			t.Errorf("the cursor is at %s", r.focus())
		}
		r.press("enter", "down", "down")
		check(t, "found", r.m.View(), size[0], size[1])
	}
}

// newestOf is a case whose sides were left at two times.
func newestOf(t *testing.T, local, server time.Time) merge.Case {
	c := two(t, 1)
	c.Local.At, c.Server.At = local, server
	return c
}

func TestTheNewestOfAllThatIsLeft(t *testing.T) {
	early, late := noon.Add(-2*time.Hour), noon.Add(-time.Hour)
	for _, c := range []struct {
		name          string
		local, server time.Time
		want          merge.Choice
	}{
		{"local", late, early, merge.TakeLocal}, {"the server", early, late, merge.TakeServer}, {"a tie", late, late, merge.TakeServer},
		{"local's time is not known", time.Time{}, late, merge.Undecided}, {"the server's is not", late, time.Time{}, merge.Undecided},
	} {
		r := newRig(t, newDesk(newestOf(t, c.local, c.server)), on(1)).press("A")
		if c.want == merge.Undecided {
			r.seesNot("newest").press("n").sees("nothing is decided: when the sides were edited is not known")
		} else {
			r.sees("n newest (2)").press("n").sees("newest for 2 fields")
		}
		r.wantChoice("/a", c.want).wantChoice("/b", c.want).press("u").wantChoice("/a", merge.Undecided)
	}
}

// Where the edits of single fields are known they count, and a field of which one is not is left and named.
func TestTheNewestByFieldLeavesWhatIsNotKnown(t *testing.T) {
	c := newestOf(t, noon, noon.Add(-time.Hour))
	c.Sides.Edits = &merge.Edits{Local: map[string]time.Time{"/a": noon.Add(-3 * time.Hour), "/b": noon},
		Server: map[string]time.Time{"/a": noon.Add(-time.Hour)}}
	r := newRig(t, newDesk(c), on(1)).press("2", "r", "A").sees("n newest (1)").press("n")
	r.wantChoice("/a", merge.TakeServer).wantChoice("/b", merge.Undecided).sees("left, since a time is not known: b")
}

func TestSnoozeFromTheConflictGoesOnWithTheNext(t *testing.T) {
	d := newDesk(two(t, 1), deal(t, 2))
	r := newRig(t, d, on(1)).press("1", "S").sees("Snooze deal/D-2 until when?", "tomorrow").seesNot("open now")
	r.press("esc").wantScreen(onResolve).press("S", "2").wantScreen(onResolve).sees("deal/D-1042", "1 conflict snoozed until")
	if d.cases[1].Conflict.State != merge.Snoozed || len(d.drafts[1].Decisions) != 1 {
		t.Errorf("the conflict is %v, its draft %+v", d.cases[1].Conflict.State, d.drafts[1])
	}
	r.press("S", "1").wantScreen(onQueue).sees("snoozed until")
	newRig(t, newDesk(two(t, 1)), on(1), func(c *Config) { c.Snoozer = nil }).press("S").sees("nothing can be put off here")
}

func TestAConflictResolvedMeanwhileIsNotSnoozed(t *testing.T) {
	d := newDesk(two(t, 1), deal(t, 2))
	r := newRig(t, d, on(1)).press("S")
	c := d.cases[1]
	c.Conflict.State = merge.Resolved
	d.cases[1] = c
	r.press("1").wantScreen(onResolve).sees("deal/D-2", "already resolved")
}

func TestCopyWritesOneSequenceAfterItWasAskedForTwice(t *testing.T) {
	var out bytes.Buffer
	r := newRig(t, newDesk(deal(t, 1)), on(1), func(c *Config) { c.Output = &out }).press("Y").sees("Y again copies status (local)")
	if out.Len() > 0 {
		t.Errorf("written unasked: %q", out.String())
	}
	r.press("right", "right", "Y").sees("copied status (server), 4 bytes")
	want := "\x1b]52;c;" + base64.StdEncoding.EncodeToString([]byte("open")) + "\a"
	if out.String() != want {
		t.Errorf("written %q, want %q", out.String(), want)
	}
}

func TestWhatIsCopiedActsNowhere(t *testing.T) {
	for v, want := range map[merge.Value]string{
		`"two\nlines, back\\slash"`: "two\nlines, back\\slash", `"é 漢"`: "é 漢", `12.50`: "12.50", `["a"]`: `["a"]`,
	} {
		if text, escaped := copyText(v); text != want || escaped {
			t.Errorf("%s is copied as %q, %v", v, text, escaped)
		}
	}
	for _, v := range []merge.Value{`"rm -rf\r"`, `"\u001b[2J"`, `"a\u202eb"`, `"a\u0007"`, `"\u009b31m"`, `"a\tb"`} {
		text, escaped := copyText(v)
		if strings.ContainsAny(text, "\r\x1b\u202e\a\u009b\t") || !escaped {
			t.Errorf("%s is copied as %q, %v", v, text, escaped)
		}
	}
	long := fieldConflict(t, `"x"`, `"`+strings.Repeat("a", maxCopied+1)+`"`, `"y"`)
	newRig(t, long, on(1), func(c *Config) { c.Output = &bytes.Buffer{} }).press("Y", "Y").sees("not copied")
}

func TestLinearFindsAndSnoozes(t *testing.T) {
	d := newDesk(customer(t, 1), deal(t, 2))
	out := talked(t, d, 1, "find", "zip", "S", "", "A", "n", "S", "snooze-tomorrow", "q", "q")
	saysInOrder(t, out, "Part of a field's name", "Field: zip", "snooze-hour", "Snooze until when", "n. newest for 5 fields",
		"Decided: newest for 5 fields", "1 conflict snoozed until", "Conflict 2:")
	if d.cases[1].Conflict.State != merge.Snoozed {
		t.Errorf("the conflict is %v", d.cases[1].Conflict.State)
	}
}

func TestADraftIsDiscardedByNameAloneAndBroughtBack(t *testing.T) {
	r := newRig(t, newDesk(two(t, 1)), on(1)).press("1", "n", "2", ":", "d", "i", "s", "c", "a", "r", "d").sees("discard-draft").press("enter")
	r.wantChoice("/a", merge.Undecided).wantChoice("/b", merge.Undecided).sees("2 LEFT", "discarded 2 decisions")
	r.press("u").wantChoice("/a", merge.TakeLocal).wantChoice("/b", merge.TakeServer)
	r.press("e", "!", "esc", ":", "d", "i", "s", "c", "a", "r", "d", "enter").sees("discarded 2 decisions and what was typed")
	if d := r.desk.drafts[1]; !d.Empty() {
		t.Errorf("the draft is %+v", d)
	}
	if r.press("u"); len(r.resolve().draft.Typed) != 1 {
		t.Errorf("what was typed is lost: %+v", r.resolve().draft)
	}
	for _, k := range resolveKeys() {
		if k.intent == discardDraft && len(k.Keys()) > 0 {
			t.Error("a key discards the draft")
		}
	}
}
