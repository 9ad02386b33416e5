package store_test

import (
	"errors"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"dovetail/merge"
	"dovetail/store"
)

// wantClaim fails unless a conflict is claimed by somebody, as a page and the case itself say it.
func wantClaim(t *testing.T, s *store.Store, number int64, by string, until time.Time) {
	t.Helper()
	c, err := s.Case(t.Context(), number)
	if err != nil {
		t.Fatal(err)
	}
	if c.Conflict.ClaimedBy != by || !c.Conflict.ClaimedUntil.Equal(until) {
		t.Errorf("the case of %d is claimed by %q until %v, want %q until %v", number, c.Conflict.ClaimedBy, c.Conflict.ClaimedUntil, by, until)
	}
	page, err := s.Conflicts(t.Context(), merge.Query{Filter: filter(t, "state:open state:snoozed state:resolved")})
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range page.Conflicts {
		if row.Number == number && (row.ClaimedBy != by || !row.ClaimedUntil.Equal(until)) {
			t.Errorf("the row of %d is claimed by %q until %v, want %q until %v", number, row.ClaimedBy, row.ClaimedUntil, by, until)
		}
	}
}

// onTime makes a store whose clock stands still at a moment, until a test moves it.
func onTime(t *testing.T) (*store.Store, *time.Time) {
	now := time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC)
	return newStore(t, func(o *store.Options) { o.Now = func() time.Time { return now } }), &now
}

func TestAClaimTellsOthersAndEndsByItself(t *testing.T) {
	s, now := onTime(t)
	manyConflicts(t, s, 4)
	soon, later := now.Add(10*time.Minute), now.Add(20*time.Minute)
	claim(t, s, 2, "ana", soon)
	wantClaim(t, s, 2, "ana", soon)
	claim(t, s, 2, "ana", later) // once more
	wantClaim(t, s, 2, "ana", later)
	claim(t, s, 3, "bo", soon)

	var by *merge.ClaimedError
	if err := s.Claim(t.Context(), 2, "bo", later); !errors.As(err, &by) || by.By != "ana" || !by.Until.Equal(later) {
		t.Errorf("to claim what ana has says %v", err)
	}
	wantClaim(t, s, 2, "ana", later)
	wantQueue(t, s, "claimed:ana", 2)
	wantQueue(t, s, "claimed:ana claimed:bo", 2, 3)
	wantQueue(t, s, "claimed:ana collection:account")
	wantQueue(t, s, "claimed:bo r-03 field:status", 3)

	*now = later
	wantClaim(t, s, 2, "", time.Time{})
	wantQueue(t, s, "claimed:ana claimed:bo")
	claim(t, s, 2, "bo", later.Add(time.Minute))
	wantClaim(t, s, 2, "bo", later.Add(time.Minute))
	wantSum(t, s)
}

func claim(t *testing.T, s *store.Store, number int64, person string, until time.Time) {
	t.Helper()
	if err := s.Claim(t.Context(), number, person, until); err != nil {
		t.Fatal(err)
	}
}

func TestAClaimIsTakenOverAndGivenBack(t *testing.T) {
	s, now := onTime(t)
	manyConflicts(t, s, 4)
	until := now.Add(10 * time.Minute)
	claim(t, s, 2, "ana", until)
	for _, want := range []string{"ana", ""} { // the second time it is one's own
		if was, err := s.TakeOver(t.Context(), 2, "bo", until); err != nil || was != want {
			t.Errorf("it was %q's, %v, want %q", was, err, want)
		}
	}
	wantClaim(t, s, 2, "bo", until)
	for _, who := range []string{"ana", "bo", "bo"} {
		if who == "bo" {
			wantClaim(t, s, 3, "", time.Time{})
		} else {
			wantClaim(t, s, 2, "bo", until)
		}
		if err := s.Unclaim(t.Context(), 2, who); err != nil {
			t.Fatal(err)
		}
	}
	wantClaim(t, s, 2, "", time.Time{})
	if was, err := s.TakeOver(t.Context(), 3, "bo", until); err != nil || was != "" {
		t.Errorf("nobody's was %q's, %v", was, err)
	}
}

func TestAClaimKeepsNobodyFromWriting(t *testing.T) {
	s, now := onTime(t)
	manyConflicts(t, s, 4)
	claim(t, s, 2, "ana", now.Add(time.Hour))
	draft := merge.Draft{Conflict: 2, Person: "ana", Revision: 1, ServerVersion: 2, Note: "ask bo"}
	if err := s.SaveDraft(t.Context(), draft); err != nil {
		t.Fatal(err)
	}
	resolve(t, s, 2, merge.TakeLocal, "bo")
	wantClaim(t, s, 2, "", time.Time{})
	rows := wantQueue(t, s, "state:resolved", 2)
	if rows[0].ClaimedBy != "" || rows[0].Draft == nil {
		t.Errorf("the resolved one is %+v", rows[0])
	}
	wantSum(t, s)
}

func TestWhatCannotBeClaimed(t *testing.T) {
	s, now := onTime(t)
	manyConflicts(t, s, 5)
	later := now.Add(time.Hour)
	for _, tt := range []struct {
		conflict int64
		until    time.Time
		want     error
	}{{5, later, merge.ErrClosed}, {99, later, merge.ErrNotFound}, {1, *now, store.ErrPast}} {
		if err := s.Claim(t.Context(), tt.conflict, "ana", tt.until); !errors.Is(err, tt.want) {
			t.Errorf("conflict %d says %v, want %v", tt.conflict, err, tt.want)
		}
	}
	if err := s.Claim(t.Context(), 1, "", later); err == nil {
		t.Error("nobody claimed it")
	}
	if err := s.Unclaim(t.Context(), 99, "ana"); err != nil {
		t.Errorf("to give back what nobody has says %v", err)
	}
}

// TestAClaimIsInTheFile: another process sees it, and it outlives the one that made it.
func TestAClaimIsInTheFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "claims.db")
	s, err := store.Create(t.Context(), path, options())
	if err != nil {
		t.Fatal(err)
	}
	manyConflicts(t, s, 3)
	until := time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC)
	claim(t, s, 1, "ana", until)
	again, err := store.Open(t.Context(), path, options())
	if err != nil {
		t.Fatal(err)
	}
	wantClaim(t, again, 1, "ana", until)
	again.Close()
	wantClaim(t, reopen(t, s), 1, "ana", until)
}

// TestClaimsAreReadByTheirIndex: neither a page nor a claim looks at every conflict for those that are claimed.
func TestClaimsAreReadByTheirIndex(t *testing.T) {
	s := newStore(t)
	manyConflicts(t, s, 3)
	claim(t, s, 2, "ana", time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC))
	for _, text := range []string{"", "claimed:ana"} {
		plan, err := s.QueuePlan(t.Context(), merge.Query{Filter: filter(t, text)})
		if err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(plan, "COVERING INDEX dovetail_conflict_claimed") || strings.Contains(plan, "SCAN c") {
			t.Errorf("%q is read by\n%s", text, plan)
		}
	}
}
