package tui

import (
	"context"
	"errors"
	"io"
	"testing"
	"time"

	"dovetail/merge"
)

// leavingDesk ends the context as soon as a conflict is read from it.
type leavingDesk struct {
	*desk
	leave context.CancelFunc
}

func (d leavingDesk) Case(ctx context.Context, n int64) (merge.Case, error) {
	defer d.leave()
	return d.desk.Case(ctx, n)
}

func TestTheEndOfTheContextLeavesAndKeepsTheDraft(t *testing.T) {
	d := newDesk(two(t, 1))
	d.drafts[1] = merge.Draft{Conflict: 1, Person: "Ana", Revision: 1, ServerVersion: 3, Note: "old",
		Decisions: merge.Decisions{"/a": {Choice: merge.TakeLocal, Value: `"gone"`, Saw: merge.Seen{Local: `"gone"`}}}}
	ctx, leave := context.WithCancel(t.Context())
	keys, end := io.Pipe()
	defer end.Close()
	err := Run(ctx, Config{Queue: d, Desk: leavingDesk{d, leave}, Person: "Ana", Open: 1, Input: keys, Output: io.Discard,
		Now: func() time.Time { return noon }})
	if !errors.Is(err, ErrInterrupted) {
		t.Errorf("Run returned %v, want ErrInterrupted", err)
	}
	if len(d.drafts[1].Moved) == 0 && d.drafts[1].ServerVersion != 3 {
		t.Errorf("the draft is neither the old one nor the one that was brought up: %+v", d.drafts[1])
	}
}
