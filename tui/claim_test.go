package tui

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"dovetail/merge"
)

// claimer keeps who is at what, as a store does, and what was asked of it.
type claimer struct {
	by    map[int64]string
	until map[int64]time.Time
	asked []string
	err   error
}

// claimerOf has what the conflicts say.
func claimerOf(d *desk) *claimer {
	c := &claimer{by: map[int64]string{}, until: map[int64]time.Time{}}
	for n, kase := range d.cases {
		c.by[n], c.until[n] = kase.Conflict.ClaimedBy, kase.Conflict.ClaimedUntil
	}
	return c
}

func (c *claimer) Claim(_ context.Context, n int64, person string, until time.Time) error {
	c.asked = append(c.asked, fmt.Sprintf("claim %d", n))
	if c.err != nil {
		return c.err
	}
	if by := c.by[n]; by != "" && by != person {
		return &merge.ClaimedError{By: by, Until: c.until[n]}
	}
	c.by[n], c.until[n] = person, until
	return nil
}

func (c *claimer) TakeOver(_ context.Context, n int64, person string, until time.Time) (string, error) {
	c.asked = append(c.asked, fmt.Sprintf("take %d", n))
	was := c.by[n]
	c.by[n], c.until[n] = person, until
	return was, c.err
}

func (c *claimer) Unclaim(_ context.Context, n int64, person string) error {
	c.asked = append(c.asked, fmt.Sprintf("back %d", n))
	if c.by[n] == person {
		delete(c.by, n)
	}
	return nil
}

func (c *claimer) want(t *testing.T, number int64, by string) {
	t.Helper()
	if c.by[number] != by {
		t.Errorf("conflict %d is claimed by %q, want %q; asked %v", number, c.by[number], by, c.asked)
	}
}

func claiming(c *claimer) func(*Config) { return func(to *Config) { to.Claimer = c } }

// taken are conflicts of which Bo has the second.
func taken(t testing.TB) (*desk, *claimer) {
	d := monday(t)
	kase := d.cases[2]
	kase.Conflict.ClaimedBy, kase.Conflict.ClaimedUntil = "Bo", noon.Add(4*time.Minute)
	d.cases[2] = kase
	return d, claimerOf(d)
}

func TestAnOpenConflictIsClaimedAndGivenBack(t *testing.T) {
	d, c := taken(t)
	r := newRig(t, d, claiming(c)).press("enter").wantScreen(onResolve)
	c.want(t, 1, "Ana")
	r.press("q").wantScreen(onQueue)
	c.want(t, 1, "")
	r.press("j", "j", "enter", "]")
	c.want(t, 3, "")
	c.want(t, 4, "Ana")
	r.press("ctrl+c")
	c.want(t, 4, "")
	if !r.quit {
		t.Error("it did not quit")
	}
}

func TestWhatAnotherHasIsAskedFor(t *testing.T) {
	d, c := taken(t)
	r := newRig(t, d, claiming(c)).sees("@Bo").press("j").sees("Bo is at it until 12:04").press("enter")
	r.sees("Bo is at it until 12:04. Take it over?", "y take over").press("1", "enter", "w").sees("Take it over?")
	if n := len(r.resolve().draft.Decisions); n != 0 {
		t.Errorf("%d were decided while it asked", n)
	}
	r.press("n").wantScreen(onQueue)
	c.want(t, 2, "Bo")
	r.press("enter", "v").sees("not taken over: Bo is at it").press("1").wantChoice("/status", merge.TakeLocal).press("q")
	c.want(t, 2, "Bo")
	r.press("enter", "y").sees("taken over from Bo")
	c.want(t, 2, "Ana")
}

func TestAClaimThatEndedOrIsOnesOwnIsNotShown(t *testing.T) {
	d, c := taken(t)
	kase := d.cases[2]
	kase.Conflict.ClaimedUntil = noon
	d.cases[2] = kase
	kase = d.cases[3]
	kase.Conflict.ClaimedBy, kase.Conflict.ClaimedUntil = "Ana", noon.Add(time.Hour)
	d.cases[3] = kase
	newRig(t, d, claiming(c)).seesNot("@")
}

func TestAClaimIsMadeAnewWhileItIsOpen(t *testing.T) {
	now := noon
	d, c := taken(t)
	r := newRig(t, d, claiming(c), func(to *Config) { to.Now = func() time.Time { return now } }).press("enter")
	r.send(beatMsg{})
	if len(c.asked) != 1 {
		t.Errorf("at once asked %v", c.asked)
	}
	now = now.Add(claimAnew)
	r.send(beatMsg{}).send(beatMsg{})
	if !c.until[1].Equal(now.Add(claimFor)) || len(c.asked) != 2 {
		t.Errorf("it lasts until %v, asked %v", c.until[1], c.asked)
	}
	c.by[1], c.until[1] = "Bo", now.Add(claimFor)
	now = now.Add(claimAnew)
	r.press("1").send(beatMsg{}).sees("Bo took this conflict over").wantChoice("/status", merge.TakeLocal).send(beatMsg{})
	if len(c.asked) != 3 {
		t.Errorf("asked %v", c.asked)
	}
	r.press("w", "y")
	if len(d.wrote) != 1 {
		t.Error("a claim kept somebody from writing")
	}
}

func TestWriteAndNextLeavesOutWhatAnotherHas(t *testing.T) {
	d, c := taken(t)
	r := newRig(t, d, claiming(c)).press("enter", "1", "w", "y").wantScreen(onResolve)
	c.want(t, 3, "Ana")
	if got := r.resolve().number; got != 3 || c.asked[len(c.asked)-1] != "claim 3" {
		t.Errorf("conflict %d is next, asked %v", got, c.asked)
	}
}

func TestAClaimThatComesTooLateIsGivenBack(t *testing.T) {
	d, c := taken(t)
	r := newRig(t, d, claiming(c))
	r.hold = true
	r.press("enter", "q")
	r.hold = false
	for _, cmd := range r.held {
		r.run(cmd)
	}
	c.want(t, 1, "")
}

func TestWithoutAClaimOneGoesOn(t *testing.T) {
	d, c := taken(t)
	c.err = errBroken
	r := newRig(t, d, claiming(c)).press("enter").sees("others cannot see that you are at it: disk is on fire")
	r.press("1", "w", "y")
	c.err = fmt.Errorf("claim: %w", merge.ErrClosed)
	r.press("enter").seesNot("others cannot see")
	if len(d.wrote) != 1 {
		t.Error("it was not written")
	}
	if !errors.Is(c.err, merge.ErrClosed) {
		t.Error("the test is wrong")
	}
}

func TestWhatIsDecidedTogetherTellsWhoElseIsAtIt(t *testing.T) {
	newRig(t, takenDesk(t)).press(" ", " ", "A", "1").sees("Bo is at it; status open → closed", "2 would be written")
}

func takenDesk(t testing.TB) *desk {
	d, _ := taken(t)
	return d
}
