package remote

import (
	"context"
	"errors"

	"dovetail/merge"
	"dovetail/store"
	"dovetail/store/serve"
)

var errNotYours = errors.New("the hub sent another person's draft")

// Status is how things stand at the hub, and whom the token names.
func (h *Hub) Status(ctx context.Context) (serve.Status, error) {
	var s serve.Status
	_, err := h.ask(ctx, request{path: "/v1/status"}, nil, &s)
	return s, err
}

// Moment is a number that is another one after each writing at the hub.
func (h *Hub) Moment(ctx context.Context) (int64, error) {
	var now serve.Moment
	_, err := h.ask(ctx, request{path: "/v1/moment"}, nil, &now)
	return now.Moment, err
}

// Log returns every version of a record, oldest first; [merge.ErrNotFound] where no version is known.
func (h *Hub) Log(ctx context.Context, key merge.Key) ([]store.Version, error) {
	var w serve.Versions
	_, err := h.ask(ctx, request{path: recordPath(key) + "/versions"}, nil, &w)
	return w.Versions, err
}
