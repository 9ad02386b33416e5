package replicate_test

import (
	"context"
	"errors"
	"path/filepath"
	"testing"

	"dovetail/store"
	"dovetail/store/replicate"
	"dovetail/store/replicate/world"
)

// TestAHubThatIsNotTheSameIsNoticed: one that was put back to an older state and went on from there, another one, and
// one whose versions do not follow what is known. Nothing is sent to it, and nothing of it is taken in.
func TestAHubThatIsNotTheSameIsNoticed(t *testing.T) {
	hub := newHub(t)
	set(t, hub, "office", "deal/1", "status=open")
	old := filepath.Join(t.TempDir(), "old.db")
	if err := hub.Close(); err != nil {
		t.Fatal(err)
	}
	if err := world.CopyFile(old, hub.Info().Path); err != nil {
		t.Fatal(err)
	}
	open := func(path string) *store.Store {
		s, err := store.Open(t.Context(), path, options(0))
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { s.Close() })
		return s
	}
	hub = open(hub.Info().Path)
	set(t, hub, "office", "deal/1", "status=won")
	laptop := newReplica(t, hub, "laptop")
	set(t, laptop, "ana", "deal/1", "amount:=5")
	before, err := laptop.Origin(t.Context())
	if err != nil {
		t.Fatal(err)
	}

	restored := open(old)
	other := newHub(t)
	set(t, other, "office", "deal/1", "status=open")
	set(t, other, "office", "deal/1", "status=won")
	for name, c := range map[string]struct {
		hub  replicate.Hub
		then func()
		want error // nil: it went back
	}{
		"put back":          {hub: restored},
		"went on from then": {hub: restored, then: func() { set(t, restored, "eva", "deal/1", "status=lost") }},
		"another one":       {hub: other, want: store.ErrOtherHub},
		"a broken line":     {hub: forged{hub}, then: func() { set(t, hub, "office", "deal/1", "status=later") }},
	} {
		if c.then != nil {
			c.then()
		}
		report, err := replicate.Sync(t.Context(), laptop, c.hub, nil)
		if c.want == nil {
			c.want = store.ErrWentBack
		}
		if !errors.Is(err, c.want) {
			t.Errorf("%s: got %v", name, err)
		}
		if _, isForged := c.hub.(forged); !isForged && report.Pushed != 0 {
			t.Errorf("%s: %d changes were sent", name, report.Pushed)
		}
		after, err := laptop.Origin(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if after.Place != before.Place {
			t.Errorf("%s: it is at %+v, it was at %+v", name, after.Place, before.Place)
		}
	}
}

// forged is a hub on whose line somebody changes a version.
type forged struct{ *store.Store }

// Feed implements [replicate.Hub].
func (f forged) Feed(ctx context.Context, from store.Place, limit int) (store.Feed, error) {
	feed, err := f.Store.Feed(ctx, from, limit)
	for i := range feed.Versions {
		feed.Versions[i].By = "mallory"
	}
	return feed, err
}
