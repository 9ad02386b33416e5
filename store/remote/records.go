package remote

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/google/uuid"

	"dovetail/merge"
	"dovetail/store"
)

// Get returns a record as it is now, a deleted one with its last version; [merge.ErrNotFound] where no version of it is
// known.
func (h *Hub) Get(ctx context.Context, key merge.Key) (store.Record, error) {
	record, err := h.record(ctx, key, request{})
	var told *Error
	if errors.As(err, &told) && told.Status == http.StatusNotFound && told.Current != nil && told.Current.Deleted {
		return store.Record{Record: key, Version: told.Current.Version, Deleted: true}, nil
	}
	return record, err
}

// record asks for something that is answered by a record's bare document, its version in the ETag.
func (h *Hub) record(ctx context.Context, key merge.Key, r request) (store.Record, error) {
	record := store.Record{Record: key}
	r.path = recordPath(key)
	err := h.do(ctx, r, func(answer reply) error {
		var err error
		if record.Version, err = version(answer.header); err != nil {
			return err
		}
		if answer.status == http.StatusNoContent {
			record.Deleted = true
			return nil
		}
		if answer.kind != typeJSON {
			return fmt.Errorf("%w: it answered %q", ErrNotHub, answer.kind)
		}
		text, err := io.ReadAll(answer.body)
		if err != nil {
			return err
		}
		if record.Fields, err = merge.Canonical(text); err != nil {
			return fmt.Errorf("%w: %w", ErrNotHub, err)
		}
		return nil
	})
	if err != nil {
		return store.Record{}, err
	}
	return record, nil
}

// version is the one that an ETag names.
func version(header http.Header) (int64, error) {
	text, err := strconv.Unquote(header.Get("ETag"))
	n, bad := strconv.ParseInt(text, 10, 64)
	if err != nil || bad != nil || n < 1 {
		return 0, fmt.Errorf("%w: a record without a version", ErrNotHub)
	}
	return n, nil
}

// tries is how often something is asked that may be asked again, where no answer comes.
const tries = 2

// Write makes a version of a record, or deletes it, if it is still at the edit's version: [merge.ErrStale] else. Whoever
// acts is the token's person. It is asked for again where no answer comes, and done once.
func (h *Hub) Write(ctx context.Context, e store.Edit) (store.Record, error) {
	record, err := h.write(ctx, e, e.Version == 0)
	var told *Error
	if errors.As(err, &told) && errors.Is(err, merge.ErrStale) && e.Fields != nil && told.Current != nil &&
		told.Current.Deleted && told.Current.Version == e.Version {
		return h.write(ctx, e, true) // what was deleted is not there, and can only be made anew
	}
	return record, err
}

func (h *Hub) write(ctx context.Context, e store.Edit, anew bool) (store.Record, error) {
	r := request{method: http.MethodPut, body: e.Fields, header: http.Header{"Idempotency-Key": {h.newKey()}}}
	if anew {
		r.header.Set("If-None-Match", "*")
	} else {
		r.header.Set("If-Match", strconv.Quote(strconv.FormatInt(e.Version, 10)))
	}
	if e.Fields == nil {
		r.method, r.body = http.MethodDelete, nil
	}
	var record store.Record
	err := again(ctx, func() (err error) {
		record, err = h.record(ctx, e.Record, r)
		return err
	})
	return record, err
}

// again does something once more where the first time no answer came. It is for what has one effect, however often it is
// asked for.
func again(ctx context.Context, do func() error) error {
	var err error
	for range tries {
		err = do()
		if ctx.Err() != nil || !errors.Is(err, ErrUnreachable) && !errors.Is(err, ErrCut) {
			return err
		}
	}
	return err
}

// newKey names a request, so that it is done once.
func (h *Hub) newKey() string { return uuid.NewString() }

// Collections returns the names of the collections, sorted.
func (h *Hub) Collections(ctx context.Context) ([]string, error) {
	var all struct {
		Collections []string `json:"collections"`
	}
	_, err := h.ask(ctx, request{path: "/v1/records"}, nil, &all)
	return all.Collections, err
}

// List returns the records of a collection that are not deleted, by id, beginning after an id: as many as were asked for,
// if there are so many. Where text is given, only those that hold it.
func (h *Hub) List(ctx context.Context, collection, text, after string, limit int) ([]store.Record, error) {
	var records []store.Record
	for {
		query := url.Values{}
		for name, value := range map[string]string{"text": text, "after": after} {
			if value != "" {
				query.Set(name, value)
			}
		}
		if limit > 0 {
			query.Set("limit", strconv.Itoa(min(limit-len(records), pageLimit)))
		}
		var page struct {
			Records []store.Record `json:"records"`
			Next    string         `json:"next"`
		}
		if _, err := h.ask(ctx, request{path: "/v1/records/" + url.PathEscape(collection), query: query}, nil, &page); err != nil {
			return nil, err
		}
		records = append(records, page.Records...)
		if page.Next == "" || limit <= 0 || len(records) >= limit {
			return records, nil
		}
		if strings.Compare(page.Next, after) <= 0 {
			return nil, fmt.Errorf("%s: %w: its list goes backwards", h.base, ErrNotHub)
		}
		after = page.Next
	}
}

// EachResolution calls fn for every resolution with a number above after, in order. An error of fn ends it.
func (h *Hub) EachResolution(ctx context.Context, after int64, fn func(store.Resolution) error) error {
	for {
		query := url.Values{"after": {strconv.FormatInt(after, 10)}, "limit": {strconv.Itoa(pageLimit)}}
		var page []store.Resolution
		err := h.do(ctx, request{path: "/v1/resolutions", query: query}, func(answer reply) error {
			return eachLine(answer, func(line []byte) error {
				one, err := h.resolution(line, after)
				if err == nil {
					page, after = append(page, one), one.Resolution
				}
				return err
			})
		})
		if err != nil {
			return err
		}
		for _, one := range page {
			if err := fn(one); err != nil {
				return err
			}
		}
		if len(page) < pageLimit {
			return nil
		}
	}
}

// resolution reads a line that follows the one numbered after, or the problem that ends them.
func (h *Hub) resolution(line []byte, after int64) (store.Resolution, error) {
	var one store.Resolution
	if err := json.Unmarshal(line, &one); err == nil && one.Type == "resolution" && one.Resolution > after {
		return one, nil
	}
	if p, ok := problem(line); ok {
		return one, p
	}
	return one, fmt.Errorf("%w: a line that is no resolution", ErrNotHub)
}
