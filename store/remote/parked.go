package remote

import (
	"context"
	"net/http"
	"net/url"
	"strconv"

	"dovetail/store"
	"dovetail/store/serve"
)

// parkedLimit is how many changes are read where nobody says.
const parkedLimit = 100

// Parked returns changes that are parked at the hub, in the order in which they came in, beginning after a number; limit 0 is
// 100. A hub gives fewer at once where they are long, so that several are asked for.
func (h *Hub) Parked(ctx context.Context, after int64, limit int) ([]store.ParkedChange, error) {
	if limit <= 0 {
		limit = parkedLimit
	}
	var all []store.ParkedChange
	for len(all) < limit {
		query := url.Values{"after": {strconv.FormatInt(after, 10)}, "limit": {strconv.Itoa(min(limit-len(all), pageLimit))}}
		var page serve.ParkedPage
		if _, err := h.ask(ctx, request{path: "/v1/parked", query: query}, nil, &page); err != nil {
			return nil, err
		}
		all = append(all, page.Changes...)
		if page.Next <= after { // the end; or a hub that would be asked for the same for ever
			break
		}
		after = page.Next
	}
	return all[:min(len(all), limit)], nil
}

// Retry takes a parked change in again, with the errors of a store's. It is asked for once: where no answer comes, whether the
// change is still parked tells whether it was done.
func (h *Hub) Retry(ctx context.Context, key string) (store.Answer, error) {
	var answer store.Answer
	_, err := h.ask(ctx, request{method: http.MethodPost, path: "/v1/parked/retry"}, serve.ParkedKey{Key: key}, &answer)
	return answer, err
}
