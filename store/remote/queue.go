package remote

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"dovetail/merge"
	"dovetail/store/serve"
)

// Conflicts returns a page of the queue. The drafts that it tells of are those of the token's person, whoever the query
// names.
func (h *Hub) Conflicts(ctx context.Context, q merge.Query) (merge.Page, error) {
	values, err := queryValues(q)
	if err != nil {
		return merge.Page{}, err
	}
	if q.Limit > 0 {
		values.Set("limit", strconv.Itoa(min(q.Limit, pageLimit)))
	}
	if q.Newest {
		values.Set("order", serve.NewestFirst)
	}
	switch {
	case q.Backward:
		values.Set("before", string(q.From))
	case q.From != "":
		values.Set("after", string(q.From))
	}
	var page serve.Page
	_, err = h.ask(ctx, request{path: "/v1/conflicts", query: values}, nil, &page)
	return merge.Page{Conflicts: page.Conflicts, First: page.First, Last: page.Last, Before: page.Before, After: page.After}, err
}

// pageLimit is how many rows a hub gives at once.
const pageLimit = 500

// queryValues says which part of the queue is meant.
func queryValues(q merge.Query) (url.Values, error) {
	values := url.Values{}
	if len(q.Filter.Terms) > 0 {
		values.Set("where", q.Filter.String())
	}
	if q.Drafts {
		values.Set("drafts", "true")
	}
	if q.Group != nil {
		text, err := json.Marshal(q.Group)
		if err != nil {
			return nil, err
		}
		values.Set("group", string(text))
	}
	return values, nil
}

// Groups returns the groups of what a query chooses, the largest first.
func (h *Hub) Groups(ctx context.Context, q merge.Query) ([]merge.Group, error) {
	values, err := queryValues(q)
	if err != nil {
		return nil, err
	}
	var all serve.Groups
	_, err = h.ask(ctx, request{path: "/v1/conflicts/groups", query: values}, nil, &all)
	return all.Groups, err
}

// Counts says how much stands in the queue. The drafts are those of the token's person.
func (h *Hub) Counts(ctx context.Context, _ string) (merge.Counts, error) {
	var counts merge.Counts
	_, err := h.ask(ctx, request{path: "/v1/conflicts/counts"}, nil, &counts)
	return counts, err
}

// FilterValues returns values of a name of the filter that are in the queue and begin as typed, so many at most.
func (h *Hub) FilterValues(ctx context.Context, name, typed string, limit int) ([]string, error) {
	query := url.Values{"name": {name}, "typed": {typed}, "limit": {strconv.Itoa(max(1, min(limit, pageLimit)))}}
	var found serve.Values
	_, err := h.ask(ctx, request{path: "/v1/conflicts/values", query: query}, nil, &found)
	return found.Values, err
}

// ConflictsOf returns the numbers of a record's conflicts that are not resolved, oldest first.
func (h *Hub) ConflictsOf(ctx context.Context, key merge.Key) ([]int64, error) {
	var numbers serve.Numbers
	_, err := h.ask(ctx, request{path: recordPath(key) + "/conflicts"}, nil, &numbers)
	return numbers.Conflicts, err
}

// Snooze takes a conflict out of the open ones until a time, with the errors of a store's.
func (h *Hub) Snooze(ctx context.Context, conflict int64, until time.Time) error {
	_, err := h.ask(ctx, request{method: http.MethodPost, path: conflictPath(conflict, "/snooze")}, serve.Until{Until: until}, nil)
	return err
}

// Wake opens a snoozed conflict before its time.
func (h *Hub) Wake(ctx context.Context, conflict int64) error {
	_, err := h.ask(ctx, request{method: http.MethodDelete, path: conflictPath(conflict, "/snooze")}, nil, nil)
	return err
}

// conflictPath is where a conflict, or something of it, stands.
func conflictPath(conflict int64, below string) string {
	return fmt.Sprintf("/v1/conflicts/%d%s", conflict, below)
}

// recordPath is where a record stands.
func recordPath(key merge.Key) string {
	id := url.PathEscape(key.ID)
	if key.ID == "." || key.ID == ".." { // which would mean another place
		id = strings.ReplaceAll(id, ".", "%2E")
	}
	return "/v1/records/" + url.PathEscape(key.Collection) + "/" + id
}
