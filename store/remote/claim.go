package remote

import (
	"context"
	"net/http"
	"time"

	"dovetail/store/serve"
)

// Claim tells others that the token's person is at a conflict, until a time by the clock here; the errors are those of a
// store's.
func (h *Hub) Claim(ctx context.Context, conflict int64, _ string, until time.Time) error {
	_, err := h.claim(ctx, conflict, until, false)
	return err
}

// TakeOver is Claim whoever is at the conflict, and returns whose it was.
func (h *Hub) TakeOver(ctx context.Context, conflict int64, _ string, until time.Time) (was string, err error) {
	return h.claim(ctx, conflict, until, true)
}

func (h *Hub) claim(ctx context.Context, conflict int64, until time.Time, over bool) (string, error) {
	var made serve.Claimed
	asked := serve.Claim{Seconds: max(1, int64(time.Until(until).Round(time.Second)/time.Second)), Over: over}
	_, err := h.ask(ctx, request{method: http.MethodPost, path: conflictPath(conflict, "/claim")}, asked, &made)
	return made.Was, err
}

// Unclaim gives the claim of the token's person back. That there is none is no error.
func (h *Hub) Unclaim(ctx context.Context, conflict int64, _ string) error {
	_, err := h.ask(ctx, request{method: http.MethodDelete, path: conflictPath(conflict, "/claim")}, nil, nil)
	return err
}
