package tui

import (
	"context"
	"testing"

	"dovetail/merge"
)

// clockwork is at a moment that a test moves on.
type clockwork struct {
	at  int64
	err error
}

func (c *clockwork) Moment(context.Context) (int64, error) { return c.at, c.err }

// watching is a rig whose queue looks by itself when a test says so.
func watching(t *testing.T, d *desk) (*rig, func()) {
	c := &clockwork{at: 1}
	r := newRig(t, d, func(to *Config) { to.Watcher = c }).send(beatMsg{})
	return r, func() {
		c.at++
		r.send(beatMsg{})
	}
}

func TestTheQueueIsReadAgainWhenSomethingWasWritten(t *testing.T) {
	d := many(t, 12)
	r, written := watching(t, d)
	r.press("j", "j", " ", "k")
	pages, reads := len(d.asked), d.reads
	r.send(beatMsg{})
	if len(d.asked) != pages {
		t.Error("it was read again though nothing was written")
	}
	for n := int64(13); n <= 15; n++ {
		d.cases[n] = deal(t, n)
	}
	closed := d.cases[1]
	closed.Conflict.State = merge.Resolved
	d.cases[1] = closed
	written()
	r.sees("14 open", "3 new, 1 resolved by others", "2/14").seesNot("D-000001 ")
	if got := r.selectedNumber(); got != 3 || len(r.root().queue.marked) != 1 {
		t.Errorf("the cursor is on %d, marked %v", got, r.root().queue.marked)
	}
	if d.reads != reads {
		t.Errorf("the preview was read %d times more, though it is the same", d.reads-reads)
	}
	d.cases[16] = deal(t, 16)
	written()
	r.sees("4 new, 1 resolved by others").press("j").seesNot(" new").sees("1 marked")
}

func TestThePreviewIsReadAgainWhereItsConflictChanged(t *testing.T) {
	d := many(t, 3)
	r, written := watching(t, d)
	c := conflict(t, 1, "deal/D-000001", `{"status":"a"}`, `{"status":"b"}`, `{"status":"c"}`)
	c.Conflict.Revision = 2
	d.cases[1] = c
	written()
	r.sees("LOCAL   b").seesNot("reading")
}

func TestWhatIsReadAgainStaysWhereItIsOnTheScreen(t *testing.T) {
	for _, keys := range []string{"j", "k"} {
		d := many(t, 500)
		r, written := watching(t, d)
		if keys == "k" {
			r.press("G")
		}
		for range 105 { // on a page that is not the first one held, its neighbour in sight
			r.press(keys)
		}
		r.press("k", "k", "k")
		before, was := r.m.View(), r.selectedNumber()
		written()
		if got := r.selectedNumber(); got != was {
			t.Errorf("%s: the cursor is on %d, was on %d", keys, got, was)
		}
		if after := r.m.View(); after != before {
			t.Errorf("%s: the screen was\n%s\nand is\n%s", keys, before, after)
		}
	}
}

func TestTheGroupsAreCountedAgain(t *testing.T) {
	d := monday(t)
	r, written := watching(t, d)
	r.press("g", "j")
	q := r.root().queue
	at, _ := q.groupAtCursor()
	for n := int64(50); n < 60; n++ {
		d.cases[n] = customer(t, n) // a new group, the largest
	}
	written()
	r.sees("10  customers", "10 new")
	q = r.root().queue
	if now, _ := q.groupAtCursor(); !sameGroup(&now.Group, &at.Group) {
		t.Errorf("the cursor is on %+v, was on %+v", now.Group, at.Group)
	}
}

func TestWhatIsAskedIsNotChangedBehind(t *testing.T) {
	for _, keys := range [][]string{{"S"}, {"/", "x"}, {"enter"}} {
		d := many(t, 3)
		r, written := watching(t, d)
		r.press(keys...)
		pages := len(d.asked)
		written()
		if len(d.asked) != pages {
			t.Errorf("after %v the queue was read", keys)
		}
		r.press("esc", "esc").send(beatMsg{})
		if len(d.asked) == pages {
			t.Errorf("after %v the queue was not read again", keys)
		}
	}
}

func TestADatabaseThatCannotBeLookedAtIsNoNews(t *testing.T) {
	d := many(t, 3)
	c := &clockwork{err: errBroken}
	r := newRig(t, d, func(to *Config) { to.Watcher = c })
	pages := len(d.asked)
	r.send(beatMsg{})
	if len(d.asked) != pages {
		t.Error("it was read")
	}
}
