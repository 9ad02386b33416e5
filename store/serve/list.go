package serve

import (
	"net/http"

	"dovetail/merge"
	"dovetail/store"
)

const (
	defaultPage = 50
	// pageStep is how many records are read at once, and pageBytes after how many bytes of documents a page ends, so that no
	// page grows with what stands in the records.
	pageStep  = 25
	pageBytes = 4 << 20
)

// collectionList is what GET /v1/records answers.
type collectionList struct {
	Collections []string `json:"collections"`
}

// recordPage is what GET /v1/records/{collection} answers.
type recordPage struct {
	Records []store.Record `json:"records"`
	Next    string         `json:"next,omitempty"` // after it the list goes on; absent at the end
}

// listCollections answers with the names of the collections.
func (c *call) listCollections() error {
	if _, err := c.values(); err != nil {
		return err
	}
	names, err := c.hub.Collections(c.request.Context())
	if err != nil {
		return err
	}
	if names == nil {
		names = []string{}
	}
	return c.answer(http.StatusOK, collectionList{names})
}

// listRecords answers with a page of the records of a collection, by id.
func (c *call) listRecords() error {
	collection := c.request.PathValue("collection")
	if err := merge.CheckCollection(collection); err != nil {
		return err
	}
	values, err := c.values("text", "after", "limit")
	if err != nil {
		return err
	}
	most, err := limit(values)
	if err != nil {
		return err
	}
	page := recordPage{Records: []store.Record{}}
	after, bytes := values.Get("after"), 0
	for {
		step := min(pageStep, most-len(page.Records))
		more, err := c.hub.List(c.request.Context(), collection, values.Get("text"), after, step)
		if err != nil {
			return err
		}
		page.Records = append(page.Records, more...)
		for _, r := range more {
			after = r.Record.ID
			bytes += len(r.Fields)
		}
		if len(more) < step {
			break
		}
		if len(page.Records) == most || bytes >= pageBytes {
			page.Next = after
			break
		}
	}
	return c.answer(http.StatusOK, page)
}
