package tui

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"dovetail/merge"
)

// shelf keeps parked changes. Those whose key says so can be used by now.
type shelf struct {
	changes  []ParkedChange
	exported string
	err      error
	away     error // what Retry answers
	tried    int
}

func (s *shelf) Parked(context.Context, int64, int) ([]ParkedChange, error) {
	return slices.Clone(s.changes), s.err
}

func (s *shelf) Retry(_ context.Context, key string) (string, string, error) {
	if s.tried++; s.away != nil {
		return "", "", s.away
	}
	at := slices.IndexFunc(s.changes, func(p ParkedChange) bool { return p.Key == key })
	switch {
	case at < 0:
		return "", "", fmt.Errorf("retry: %w", merge.ErrNotFound)
	case key == "good":
		s.changes = slices.Delete(slices.Clone(s.changes), at, at+1)
		return "applied", "", nil
	}
	return "parked", s.changes[at].Reason, nil
}

func (s *shelf) Export(_ context.Context, path string) (int64, error) {
	s.exported = path
	return int64(len(s.changes)), s.err
}

func shelved() *shelf {
	s := &shelf{}
	for _, key := range []string{"k1", "good", "k3"} {
		s.changes = append(s.changes, ParkedChange{Number: 1, Key: key, Record: merge.Key{Collection: "deal", ID: "P-" + key},
			Reason: "operations: \"move\" is no verb that is known here", At: noon.Add(-3 * time.Hour),
			Line: `{"key":"` + key + `","record":"deal/P-` + key + `","local":{},"operations":[{"verb":"move"}]}`})
	}
	return s
}

func parking(s *shelf) func(*Config) { return func(c *Config) { c.Parker = s } }

func TestParkedChangesAreListedAndTriedAgain(t *testing.T) {
	s := shelved()
	r := newRig(t, newDesk(deal(t, 1)), parking(s)).press("5").sees("deal/P-k1", "3h", `"move" is no verb`, `"operations":[`)
	r.press("enter").sees(`taken in again: parked: operations: "move"`)
	r.press("j", "enter").sees("taken in again: applied").seesNot("deal/P-good")
	s.changes = append(s.changes, ParkedChange{Key: "good", Record: merge.Key{Collection: "deal", ID: "again"}})
	r.press("R", "A").sees("taken in again: 1 applied, 2 parked").seesNot("deal/again")
	r.press("esc").sees("deal/D-1042").press("5", "3").sees("[3 Snoozed", "Nothing here")
}

// TestATriedListEndsWhereNobodyCanBeAsked: each of hundreds would be waited for.
func TestATriedListEndsWhereNobodyCanBeAsked(t *testing.T) {
	s := shelved()
	s.away = fmt.Errorf("%w: http://hub.example:7733 is out of reach, since the line is cut", ErrAway)
	r := newRig(t, newDesk(deal(t, 1)), parking(s)).press("5", "A").sees("not all could be taken in again", "the line is cut")
	check(t, "parked", r.size(80, 24).says("not all could be taken in again: it cannot be asked: http://hub.example:7733 is out of reach, since the line is cut").m.View(), 80, 24)
	if s.tried != 1 {
		t.Errorf("%d were tried", s.tried)
	}
}

func TestParkedChangesAreExported(t *testing.T) {
	s := shelved()
	r := newRig(t, newDesk(), parking(s)).press("5", "x").press("out.ndjson").sees("Write them to the file: out.ndjson").press("enter")
	r.sees("3 parked changes written to out.ndjson")
	if s.exported != "out.ndjson" {
		t.Errorf("written to %q", s.exported)
	}
	s.exported = ""
	r.press("x", "a", "esc").press("x", "enter")
	s.err = errBroken
	r.press("x").press("b").press("enter").sees("disk is on fire")
	if s.exported != "b" {
		t.Errorf("written to %q", s.exported)
	}
	r.press("q")
	if !r.quit {
		t.Error("q does not quit")
	}
}

func TestNothingIsParked(t *testing.T) {
	newRig(t, newDesk(), parking(&shelf{})).press("5").sees("Nothing is parked").press("enter", "A", "x", "j").sees("[5 Parked 0]")
	newRig(t, newDesk()).press("5").sees("doctor")
	newRig(t, newDesk(), parking(&shelf{err: errBroken})).press("5").sees("disk is on fire")
}
