package remote

import (
	"context"
	"fmt"
	"net/url"
	"strconv"
	"time"

	"dovetail/store"
)

// maxFeed bounds a part of the feed in bytes. One of many versions has a few MiB; one of a single version is as large as
// that is, with all that was not kept for it.
const maxFeed = 512 << 20

// maxWait is how long a hub lets somebody wait for news.
const maxWait = 30 * time.Second

// Feed returns what came after a place; [store.ErrOtherHub] or [store.ErrWentBack] where the place is none of that hub's.
// It implements a method of the hub of package replicate.
func (h *Hub) Feed(ctx context.Context, from store.Place, limit int) (store.Feed, error) {
	return h.feed(ctx, from, limit, 0)
}

// Wait waits for something to come after a place, at most so long, and reports whether it did. A hub may end it earlier.
func (h *Hub) Wait(ctx context.Context, from store.Place, long time.Duration) (bool, error) {
	f, err := h.feed(ctx, from, 1, min(long, maxWait))
	return len(f.Versions)+len(f.Collections) > 0, err
}

func (h *Hub) feed(ctx context.Context, from store.Place, limit int, wait time.Duration) (store.Feed, error) {
	query := url.Values{}
	for _, p := range []struct{ name, value string }{
		{"generation", from.Generation}, {"hash", from.Hash}, {"answered", from.Answered},
		{"after", number(from.Number)}, {"manners", number(from.Manners)}, {"limit", number(int64(limit))},
		{"wait", number(int64(wait / time.Second))},
	} {
		if p.value != "" {
			query.Set(p.name, p.value)
		}
	}
	var f store.Feed
	if _, err := h.ask(ctx, request{path: "/v1/versions", query: query, largest: maxFeed, wait: wait}, nil, &f); err != nil {
		return store.Feed{}, h.notThere(err)
	}
	return f, h.checkFeed(from, f)
}

// checkFeed makes sure that what came follows what is known, so that a reader goes on, and comes to an end.
func (h *Hub) checkFeed(from store.Place, f store.Feed) error {
	last := from.Number
	for _, v := range f.Versions {
		if v.Place <= last || v.Record.Check() != nil || v.Version < 1 {
			return fmt.Errorf("%s: %w: its versions are in no order", h.base, ErrNotHub)
		}
		last = v.Place
	}
	if f.Place.Number != last || f.Place.Generation == "" || len(f.Versions) == 0 && f.Newest > last {
		return fmt.Errorf("%s: %w: it says %d is the newest version, and leaves off at %d", h.base, ErrNotHub, f.Newest, last)
	}
	return nil
}

// number is a number in a query; nothing for 0, which is what is meant then.
func number(n int64) string {
	if n == 0 {
		return ""
	}
	return strconv.FormatInt(n, 10)
}
