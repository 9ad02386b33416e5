package store_test

import (
	"fmt"
	"strings"
	"testing"

	"dovetail/merge"
	"dovetail/store"
)

// TestFeedOfLargeVersionsComesInParts: no part is of much more than 4 MiB unless it is of one version, none is empty, and
// together they are all, with what was not kept and who decided.
func TestFeedOfLargeVersionsComesInParts(t *testing.T) {
	hub := newStore(t)
	if err := hub.SetStrategy(t.Context(), "deal", merge.LastWriteWins); err != nil {
		t.Fatal(err)
	}
	const records, large = 5, 3 << 19
	for i := range records {
		push(t, hub, fmt.Sprintf(`{"key":"a%d","record":"deal/%d","local":{"n":1}}`, i, i))
		push(t, hub, fmt.Sprintf(`{"key":"b%d","record":"deal/%d","base_version":1,"local":{"n":"%s"}}`, i, i, strings.Repeat("b", large)))
		// This one wins, and the large one is kept as a side of a small version.
		push(t, hub, fmt.Sprintf(`{"key":"c%d","record":"deal/%d","base_version":1,"local":{"n":2},"local_at":"2026-12-01T00:00:00Z"}`, i, i))
	}
	huge := merge.Document(`{"n":"` + strings.Repeat("h", 5<<20) + `"}`)
	if _, err := hub.Write(t.Context(), store.Edit{Record: merge.Key{Collection: "deal", ID: "huge"}, Fields: huge}); err != nil {
		t.Fatal(err)
	}
	whole, sides, decided := 0, 0, 0
	for at := (store.Place{}); ; {
		f, err := hub.Feed(t.Context(), at, 0)
		if err != nil {
			t.Fatal(err)
		}
		if len(f.Versions) == 0 {
			if whole != 3*records+1 || sides != records || decided != records || at.Number != f.Newest {
				t.Errorf("%d versions, %d sides, %d decisions, up to %d of %d", whole, sides, decided, at.Number, f.Newest)
			}
			return
		}
		size, aside := 0, 0
		for i, v := range f.Versions {
			if v.Place != at.Number+int64(i)+1 {
				t.Fatalf("after %d comes %d", at.Number, v.Place)
			}
			size += len(v.Fields)
			for _, side := range v.NotKept {
				aside += len(side.Fields)
				sides++
			}
			if v.Resolution != nil {
				decided++
			}
		}
		if len(f.Versions) > 1 && max(size, aside) > 4<<20 {
			t.Errorf("%d versions of %d bytes, and %d aside", len(f.Versions), size, aside)
		}
		whole += len(f.Versions)
		at = f.Place
	}
}
