package serve

import (
	"net/http"
	"net/url"
	"slices"
	"strings"

	"dovetail/merge"
	"dovetail/store"
)

var conflictRoutes = []route{
	{"/v1/conflicts", map[string]method{http.MethodGet: {store.ScopeRead, (*call).listConflicts}}},
	{"/v1/conflicts/groups", map[string]method{http.MethodGet: {store.ScopeRead, (*call).listGroups}}},
	{"/v1/conflicts/values", map[string]method{http.MethodGet: {store.ScopeRead, (*call).listValues}}},
	{"/v1/conflicts/counts", map[string]method{http.MethodGet: {store.ScopeRead, (*call).countConflicts}}},
	{"/v1/conflicts/{conflict}", map[string]method{http.MethodGet: {store.ScopeRead, (*call).getCase}}},
	{"/v1/conflicts/{conflict}/draft", map[string]method{
		http.MethodGet:    {store.ScopeRead, (*call).getDraft},
		http.MethodPut:    {store.ScopeResolve, (*call).putDraft},
		http.MethodDelete: {store.ScopeResolve, (*call).deleteDraft},
	}},
	{"/v1/conflicts/{conflict}/claim", map[string]method{
		http.MethodPost:   {store.ScopeResolve, (*call).claim},
		http.MethodDelete: {store.ScopeResolve, (*call).unclaim},
	}},
	{"/v1/conflicts/{conflict}/snooze", map[string]method{
		http.MethodPost:   {store.ScopeResolve, (*call).snooze},
		http.MethodDelete: {store.ScopeResolve, (*call).wake},
	}},
	{"/v1/conflicts/{conflict}/resolution", map[string]method{http.MethodPost: {store.ScopeResolve, (*call).resolve}}},
	{"/v1/resolutions/{resolution}/undo", map[string]method{http.MethodPost: {store.ScopeResolve, (*call).undo}}},
}

// NewestFirst is the order of a list that begins with what came in last.
const (
	NewestFirst = "newest"
	oldestFirst = "oldest"
)

// Page is a part of the queue, in its order.
type Page struct {
	Conflicts []merge.Conflict `json:"conflicts"`
	First     merge.Cursor     `json:"first,omitempty"`
	Last      merge.Cursor     `json:"last,omitempty"`
	Before    bool             `json:"before"`
	After     bool             `json:"after"`
}

// Groups are the groups of a part of the queue, the largest first.
type Groups struct {
	Groups []merge.Group `json:"groups"`
}

// listConflicts answers with a page: after a place in the queue, before one, or without either from its start. An empty
// before is the end of the queue.
func (c *call) listConflicts() error {
	values, err := c.values("where", "group", "drafts", "order", "after", "before", "limit")
	if err != nil {
		return err
	}
	q, err := c.query(values)
	if err != nil {
		return err
	}
	page, err := c.hub.Conflicts(c.request.Context(), q)
	if err != nil {
		return err
	}
	return c.answer(http.StatusOK, Page{Conflicts: list(page.Conflicts), First: page.First, Last: page.Last,
		Before: page.Before, After: page.After})
}

// list is never null in JSON.
func list[T any](rows []T) []T {
	if rows == nil {
		return []T{}
	}
	return rows
}

// query is what a list is asked for. The drafts that it tells of are those of the token's person.
func (c *call) query(values url.Values) (merge.Query, error) {
	q := merge.Query{Person: c.who.Person, Drafts: values.Get("drafts") == "true"}
	var err error
	if q.Filter, err = where(values); err != nil {
		return q, err
	}
	if q.Limit, err = limit(values); err != nil {
		return q, err
	}
	if values.Has("group") {
		q.Group = new(merge.Group)
		if err := unmarshal([]byte(values.Get("group")), q.Group); err != nil {
			return q, err
		}
	}
	switch values.Get("order") {
	case NewestFirst:
		q.Newest = true
	case oldestFirst, "":
	default:
		return q, invalid("order is %s or %s", oldestFirst, NewestFirst)
	}
	switch {
	case values.Has("after") && values.Has("before"):
		return q, invalid("after and before: one of them")
	case values.Has("before"):
		q.Backward, q.From = true, merge.Cursor(values.Get("before"))
	default:
		q.From = merge.Cursor(values.Get("after"))
	}
	return q, nil
}

func (c *call) listGroups() error {
	values, err := c.values("where", "drafts")
	if err != nil {
		return err
	}
	q, err := c.query(values)
	if err != nil {
		return err
	}
	groups, err := c.hub.Groups(c.request.Context(), q)
	if err != nil {
		return err
	}
	return c.answer(http.StatusOK, Groups{list(groups)})
}

// Values are what a filter may ask for.
type Values struct {
	Values []string `json:"values"`
}

// listValues answers with values of a name of the filter that are in the queue and begin as typed.
func (c *call) listValues() error {
	values, err := c.values("name", "typed", "limit")
	if err != nil {
		return err
	}
	if !slices.Contains(merge.FilterNames, values.Get("name")) {
		return invalid("name is one of %s", strings.Join(merge.FilterNames, ", "))
	}
	most, err := limit(values)
	if err != nil {
		return err
	}
	found, err := c.hub.FilterValues(c.request.Context(), values.Get("name"), values.Get("typed"), most)
	if err != nil {
		return err
	}
	return c.answer(http.StatusOK, Values{list(found)})
}

func (c *call) countConflicts() error {
	if _, err := c.values(); err != nil {
		return err
	}
	counts, err := c.hub.Counts(c.request.Context(), c.who.Person)
	if err != nil {
		return err
	}
	return c.answer(http.StatusOK, counts)
}
