package replicate_test

import (
	"testing"

	"dovetail/merge"
	"dovetail/store"
)

// keepBoth decides on s that both records of a conflict are kept.
func keepBoth(t *testing.T, s *store.Store, record, as, person string) merge.Written {
	t.Helper()
	c, err := s.Case(t.Context(), waiting(t, s, record)[0])
	if err != nil {
		t.Fatal(err)
	}
	r := c.Merge()
	both, ok := r.Both(as)
	if !ok {
		t.Fatal("both cannot be kept")
	}
	w := merge.Writing{Conflict: c.Conflict.Number, Revision: c.Conflict.Revision, ServerVersion: c.Conflict.ServerVersion,
		Decisions: merge.Decisions{"": both}, Person: person}
	if w.Result, err = r.Apply(w.Decisions); err != nil {
		t.Fatal(err)
	}
	written, err := s.Resolve(t.Context(), w)
	if err != nil {
		t.Fatal(err)
	}
	return written
}

// TestBothKeptOnAReplica are two records after the next sync, also where the id was taken at the hub meanwhile; until then
// the decision is taken back like any other.
func TestBothKeptOnAReplica(t *testing.T) {
	hub := newHub(t)
	laptop := newReplica(t, hub, "laptop")
	set(t, laptop, "ana", "deal/9", "name=Bolt")
	set(t, hub, "diaz", "deal/9", "name=Acme")
	exchange(t, laptop, hub)
	written := keepBoth(t, laptop, "deal/9", "9-2", "ana")
	if !written.Pending || written.KeptAs != "deal/9-2" {
		t.Errorf("written is %+v", written)
	}
	if _, err := laptop.UndoPending(t.Context(), written.Conflict, "ana"); err != nil {
		t.Fatal(err)
	}
	keepBoth(t, laptop, "deal/9", "9-2", "ana")
	set(t, hub, "diaz", "deal/9-2", "name=Other")
	exchange(t, laptop, hub)
	wantNoConflict(t, "deal/9", hub, laptop)
	for _, s := range []*store.Store{hub, laptop} {
		want(t, s, "deal/9", 2, false, `{"name":"Acme"}`)
		want(t, s, "deal/9-2", 1, false, `{"name":"Other"}`)
		want(t, s, "deal/9-2-2", 1, false, `{"name":"Bolt"}`)
	}
	last, err := hub.LastResolution(t.Context(), merge.Key{Collection: "deal", ID: "9"})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := hub.Undo(t.Context(), last.Resolution, "eva"); err != nil {
		t.Fatal(err)
	}
	exchange(t, laptop, hub)
	if got, err := laptop.Get(t.Context(), merge.Key{Collection: "deal", ID: "9-2-2"}); err != nil || got.Fields != nil {
		t.Errorf("after undo the second is %+v, %v", got, err)
	}
	agree(t, hub, laptop)
}
