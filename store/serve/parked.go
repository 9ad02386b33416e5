package serve

import (
	"math"
	"net/http"

	"dovetail/store"
)

// Whoever reads sees what is parked. To take it in again may decide a conflict, by what a replica wrote into the change, and
// takes the scope for that, whoever sent it.
var parkedRoutes = []route{
	{"/v1/parked", map[string]method{http.MethodGet: {store.ScopeRead, (*call).listParked}}},
	{"/v1/parked/retry", map[string]method{http.MethodPost: {store.ScopeResolve, (*call).retryParked}}},
}

// ParkedPage is a part of what is parked, in the order in which it came in.
type ParkedPage struct {
	Changes []store.ParkedChange `json:"changes"`
	Next    int64                `json:"next,omitzero"` // after it the list may go on; absent at the end
}

// ParkedKey names a parked change.
type ParkedKey struct {
	Key string `json:"key"`
}

// listParked answers with a page of the parked changes. Each is read by itself, so that none ends far behind its size: one
// may be as long as a line.
func (c *call) listParked() error {
	values, err := c.values("after", "limit")
	if err != nil {
		return err
	}
	after, err := whole(values, "after", 0, math.MaxInt64)
	if err != nil {
		return err
	}
	most, err := limit(values)
	if err != nil {
		return err
	}
	page := ParkedPage{Changes: []store.ParkedChange{}}
	for bytes := 0; ; {
		more, err := c.hub.Parked(c.request.Context(), after, 1)
		if err != nil {
			return err
		}
		if len(more) == 0 {
			break
		}
		page.Changes = append(page.Changes, more...)
		after = more[0].Number
		if bytes += len(more[0].Line); len(page.Changes) == most || bytes >= pageBytes {
			page.Next = after
			break
		}
	}
	return c.answer(http.StatusOK, page)
}

// retryParked takes a parked change in again, as if it came in now, and answers what became of it.
func (c *call) retryParked() error {
	var asked ParkedKey
	if err := c.object(&asked); err != nil {
		return err
	}
	answer, err := c.hub.Retry(c.request.Context(), asked.Key)
	if err != nil {
		return err
	}
	return c.answer(http.StatusOK, answer)
}
