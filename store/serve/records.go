package serve

import (
	"net/http"
	"strconv"

	"dovetail/merge"
	"dovetail/store"
)

var recordRoutes = []route{
	{"/v1/records/{collection}/{id}", map[string]method{
		http.MethodGet: {store.ScopeRead, (*call).getRecord},
	}},
}

// key is the record that the path names.
func (c *call) key() (merge.Key, error) {
	key := merge.Key{Collection: c.request.PathValue("collection"), ID: c.request.PathValue("id")}
	return key, key.Check()
}

// etag is a record's version as HTTP has it.
func etag(version int64) string { return strconv.Quote(strconv.FormatInt(version, 10)) }

// getRecord answers with the bare document of a record.
func (c *call) getRecord() error {
	key, err := c.key()
	if err != nil {
		return err
	}
	record, err := c.hub.Get(c.request.Context(), key)
	if err != nil {
		return err
	}
	c.out.Header().Set("ETag", etag(record.Version))
	if record.Deleted {
		return errNoResource.because("it was deleted, in version %d", record.Version)
	}
	return c.write(http.StatusOK, typeJSON, record.Fields)
}
