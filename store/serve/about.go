package serve

import (
	"net/http"
	"runtime/debug"

	"dovetail/merge"
	"dovetail/store"
)

var aboutRoutes = []route{
	{"/v1/status", map[string]method{http.MethodGet: {store.ScopeRead, (*call).getStatus}}},
	{"/v1/moment", map[string]method{http.MethodGet: {store.ScopeRead, (*call).getMoment}}},
	{"/v1/schemas/{collection}", map[string]method{http.MethodGet: {store.ScopeRead, (*call).getSchema}}},
	{"/v1/drafts", map[string]method{http.MethodGet: {store.ScopeRead, (*call).listRecordDrafts}}},
	{"/v1/records/{collection}/{id}/draft", map[string]method{
		http.MethodPut:    {store.ScopePush, (*call).putRecordDraft},
		http.MethodDelete: {store.ScopePush, (*call).deleteRecordDraft},
	}},
	{"/v1/records/{collection}/{id}/versions", map[string]method{http.MethodGet: {store.ScopeRead, (*call).getRecordVersions}}},
	{"/v1/records/{collection}/{id}/conflicts", map[string]method{http.MethodGet: {store.ScopeRead, (*call).getConflictsOf}}},
	{"/v1/records/{collection}/{id}/resolution", map[string]method{http.MethodGet: {store.ScopeRead, (*call).getLastResolution}}},
}

// Status is how things stand at a hub, and who asks.
type Status struct {
	Role       string          `json:"role"` // hub
	Generation string          `json:"generation"`
	Counts     merge.Counts    `json:"counts"`
	Last       *store.Exchange `json:"last,omitempty"` // what came in last
	Lost       int64           `json:"lost"`           // changes that are in no place: 0, or something is badly wrong
	Owes       int64           `json:"owes,omitzero"`  // rows that the application's tables would not take
	Owed       []store.Owed    `json:"owed,omitempty"` // the first of them
	Person     string          `json:"person"`         // whom the token names
	Scopes     []store.Scope   `json:"scopes"`
	Software   string          `json:"software,omitempty"` // the version of the program that serves it
}

// owedShown is how many of the rows that an application's tables would not take are told.
const owedShown = 10

func (c *call) getStatus() error {
	ctx := c.request.Context()
	status, err := c.hub.Status(ctx, c.who.Person)
	if err != nil {
		return err
	}
	told := Status{Role: status.Info.Role, Generation: status.Info.Generation, Counts: status.Counts, Last: status.Last,
		Lost: status.Lost, Person: c.who.Person, Scopes: c.who.Scopes}
	if told.Owes, told.Owed, err = c.hub.Owed(ctx, owedShown); err != nil {
		return err
	}
	if info, ok := debug.ReadBuildInfo(); ok {
		told.Software = info.Main.Version
	}
	return c.answer(http.StatusOK, told)
}

// Moment is a number that is another one after each writing, for who waits for something to happen.
type Moment struct {
	Moment int64 `json:"moment"`
}

func (c *call) getMoment() error {
	now, err := c.hub.Moment(c.request.Context())
	if err != nil {
		return err
	}
	return c.answer(http.StatusOK, Moment{now})
}

// Schema is how the records of a collection merge.
type Schema struct {
	Schema   merge.Document `json:"schema"` // null: none
	Number   int64          `json:"number"`
	Strategy merge.Strategy `json:"strategy"`
}

func (c *call) getSchema() error {
	m, err := c.hub.Manner(c.request.Context(), c.request.PathValue("collection"))
	if err != nil {
		return err
	}
	return c.answer(http.StatusOK, Schema{m.Schema, m.Number, m.Strategy})
}

// Versions are all versions of a record, oldest first.
type Versions struct {
	Versions []store.Version `json:"versions"`
}

func (c *call) getRecordVersions() error {
	key, err := c.key()
	if err != nil {
		return err
	}
	log, err := c.hub.Log(c.request.Context(), key)
	if err != nil {
		return err
	}
	return c.answer(http.StatusOK, Versions{log})
}

// Numbers name conflicts.
type Numbers struct {
	Conflicts []int64 `json:"conflicts"`
}

// getConflictsOf answers with the conflicts of a record that are not resolved, oldest first.
func (c *call) getConflictsOf() error {
	key, err := c.key()
	if err != nil {
		return err
	}
	numbers, err := c.hub.ConflictsOf(c.request.Context(), key)
	if err != nil {
		return err
	}
	return c.answer(http.StatusOK, Numbers{list(numbers)})
}

// Last names the resolution that an undo of a record takes back.
type Last struct {
	Resolution int64 `json:"resolution"`
	Conflict   int64 `json:"conflict"`
	Version    int64 `json:"version"`
}

func (c *call) getLastResolution() error {
	key, err := c.key()
	if err != nil {
		return err
	}
	last, err := c.hub.LastResolution(c.request.Context(), key)
	if err != nil {
		return err
	}
	return c.answer(http.StatusOK, Last{last.Resolution, last.Conflict, last.Version})
}
