package remote

import (
	"context"
	"net/http"

	"dovetail/merge"
	"dovetail/store/serve"
)

// RecordDrafts returns what the token's person has edited in records and not written, by the record's name; it is an error if
// that is not the person asked for.
func (h *Hub) RecordDrafts(ctx context.Context, person string) ([]merge.RecordDraft, error) {
	var w serve.RecordDrafts
	if _, err := h.ask(ctx, request{path: "/v1/drafts"}, nil, &w); err != nil {
		return nil, err
	}
	for i := range w.Drafts {
		if w.Drafts[i].Person != person {
			return nil, h.odd(errNotYours)
		}
	}
	return w.Drafts, nil
}

// SaveRecordDraft keeps the draft of the token's person in the place of the one before.
func (h *Hub) SaveRecordDraft(ctx context.Context, d merge.RecordDraft) error {
	_, err := h.ask(ctx, request{method: http.MethodPut, path: recordPath(d.Record) + "/draft"}, d, nil)
	return err
}

// DiscardRecordDraft throws the draft of the token's person away; that there is none is no error.
func (h *Hub) DiscardRecordDraft(ctx context.Context, key merge.Key, _ string) error {
	_, err := h.ask(ctx, request{method: http.MethodDelete, path: recordPath(key) + "/draft"}, nil, nil)
	return err
}
