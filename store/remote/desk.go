package remote

import (
	"context"
	"fmt"
	"net/http"

	"dovetail/merge"
	"dovetail/merge/schema"
	"dovetail/store/serve"
)

// Case returns a conflict with all that is needed to decide it. It merges here as it does at the hub, or the error is
// [serve.ErrOtherMerge].
func (h *Hub) Case(ctx context.Context, conflict int64) (merge.Case, error) {
	var w serve.Case
	if _, err := h.ask(ctx, request{path: conflictPath(conflict, "")}, nil, &w); err != nil {
		return merge.Case{}, err
	}
	rules, err := h.rules(w.Record.Collection, w.Rules.Schema)
	if err != nil {
		return merge.Case{}, h.odd(err)
	}
	c, err := w.Case(rules.Under(w.Rules.Strategy))
	if err != nil {
		return merge.Case{}, h.odd(err)
	}
	return c, nil
}

// odd is an error over what a hub sent.
func (h *Hub) odd(err error) error { return fmt.Errorf("%s: %w", h.base, err) }

// readSchema is a schema that was read, kept for the next conflict of its collection.
type readSchema struct {
	text  string
	rules *merge.Rules
}

// rules are those of a schema, which takes longer to read than a conflict; nil where there is none.
func (h *Hub) rules(collection string, text merge.Document) (*merge.Rules, error) {
	if text == nil {
		return nil, nil
	}
	if kept, ok := h.schemas.Load(collection); ok && kept.(readSchema).text == string(text) {
		return kept.(readSchema).rules, nil
	}
	rules, err := schema.Parse(text)
	if err == nil {
		h.schemas.Store(collection, readSchema{string(text), rules})
	}
	return rules, err
}

// Rules returns how the records of a collection merge; nil where it has no schema and merges by fields. They are shared:
// whoever gets them must not change them.
func (h *Hub) Rules(ctx context.Context, collection string) (*merge.Rules, error) {
	var w serve.Schema
	if _, err := h.ask(ctx, request{path: "/v1/schemas/" + collection}, nil, &w); err != nil {
		return nil, err
	}
	rules, err := h.rules(collection, w.Schema)
	if err != nil {
		return nil, h.odd(err)
	}
	return rules.Under(w.Strategy), nil
}

// Draft returns the draft of the token's person on a conflict; it is an error if that is not the person asked for.
func (h *Hub) Draft(ctx context.Context, conflict int64, person string) (merge.Draft, error) {
	var d merge.Draft
	if _, err := h.ask(ctx, request{path: conflictPath(conflict, "/draft")}, nil, &d); err != nil {
		return merge.Draft{}, err
	}
	if d.Person != person {
		return merge.Draft{}, h.odd(errNotYours)
	}
	return d, nil
}

// SaveDraft keeps the draft of the token's person in the place of the one before.
func (h *Hub) SaveDraft(ctx context.Context, d merge.Draft) error {
	_, err := h.ask(ctx, request{method: http.MethodPut, path: conflictPath(d.Conflict, "/draft")}, d, nil)
	return err
}

// DiscardDraft throws the draft of the token's person away; that there is none is no error.
func (h *Hub) DiscardDraft(ctx context.Context, conflict int64, _ string) error {
	_, err := h.ask(ctx, request{method: http.MethodDelete, path: conflictPath(conflict, "/draft")}, nil, nil)
	return err
}

// Resolve writes what the token's person decided, if what was shown is still so, with the errors of a store's. It is asked for
// again where no answer comes, and done once.
func (h *Hub) Resolve(ctx context.Context, w merge.Writing) (merge.Written, error) {
	asked := serve.Writing{Revision: w.Revision, ServerVersion: w.ServerVersion, Note: w.Note,
		Decisions: make(map[string]serve.Decision, len(w.Decisions)), Result: serve.Shown{There: true, Document: w.Result}}
	for path, d := range w.Decisions {
		saw := d.Saw
		asked.Decisions[path] = serve.Decision{Choice: d.Choice, Value: d.Value, Saw: &saw, As: d.As}
	}
	var written merge.Written
	err := again(ctx, func() error {
		_, err := h.ask(ctx, request{method: http.MethodPost, path: conflictPath(w.Conflict, "/resolution")}, asked, &written)
		return err
	})
	return written, err
}

// Undo takes a resolution back, with the errors of a store's.
func (h *Hub) Undo(ctx context.Context, resolution int64, _ string) (merge.Written, error) {
	var written merge.Written
	err := again(ctx, func() error {
		_, err := h.ask(ctx, request{method: http.MethodPost, path: fmt.Sprintf("/v1/resolutions/%d/undo", resolution)}, nil, &written)
		return err
	})
	return written, err
}

// LastResolution returns what the last resolution of a record by a person wrote; [merge.ErrNotFound] where there is
// none.
func (h *Hub) LastResolution(ctx context.Context, key merge.Key) (merge.Written, error) {
	var last serve.Last
	_, err := h.ask(ctx, request{path: recordPath(key) + "/resolution"}, nil, &last)
	return merge.Written{Record: key, Resolution: last.Resolution, Conflict: last.Conflict, Version: last.Version}, err
}
