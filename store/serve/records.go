package serve

import (
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"net/http"
	"strconv"
	"strings"

	"dovetail/merge"
	"dovetail/store"
)

// httpDevice marks versions that were written by a request rather than by a device of the field.
const httpDevice = "http"

// maxRequestKey bounds an Idempotency-Key in bytes.
const maxRequestKey = 255

var recordRoutes = []route{
	{"/v1/records", map[string]method{
		http.MethodGet: {store.ScopeRead, (*call).listCollections},
	}},
	{"/v1/records/{collection}", map[string]method{
		http.MethodGet: {store.ScopeRead, (*call).listRecords},
	}},
	{"/v1/records/{collection}/{id}", map[string]method{
		http.MethodGet:    {store.ScopeRead, (*call).getRecord},
		http.MethodPut:    {store.ScopePush, (*call).putRecord},
		http.MethodPatch:  {store.ScopePush, (*call).patchRecord},
		http.MethodDelete: {store.ScopePush, (*call).deleteRecord},
	}},
}

// key is the record that the path names.
func (c *call) key() (merge.Key, error) {
	key := merge.Key{Collection: c.request.PathValue("collection"), ID: c.request.PathValue("id")}
	return key, key.Check()
}

// getRecord answers with the bare document of a record.
func (c *call) getRecord() error {
	key, err := c.key()
	if err != nil {
		return err
	}
	conditions, err := c.conditions()
	if err != nil {
		return err
	}
	now, err := c.hub.Get(c.request.Context(), key)
	missing := errors.Is(err, merge.ErrNotFound)
	if err != nil && !missing {
		return err
	}
	match, none := conditions.stands(now)
	switch {
	case !match:
		return stale(now)
	case missing:
		return err
	case now.Deleted:
		c.out.Header().Set("ETag", etag(now.Version)) // which version it is that is gone
		gone := errNoResource.because("it was deleted, in version %d", now.Version)
		gone.current = &now
		return gone
	}
	c.out.Header().Set("ETag", etag(now.Version))
	if !none {
		c.out.WriteHeader(http.StatusNotModified)
		return nil
	}
	return c.write(http.StatusOK, typeJSON, append(now.Fields, '\n'))
}

// stale says that a record is not what a write was made on, and what it is.
func stale(now store.Record) error {
	p := *errStale
	switch {
	case now.Version == 0:
		p.detail = "there is no such record"
	case now.Deleted:
		p.detail = "it was deleted"
		p.current = &now
	default:
		p.detail = "it is there, at version " + strconv.FormatInt(now.Version, 10)
		p.current = &now
	}
	return &p
}

// putRecord creates a record, or replaces it as a whole.
func (c *call) putRecord() error {
	if c.request.Header.Get("Content-Range") != "" {
		return invalid("a part of a record cannot be put; PATCH changes a part")
	}
	return c.change(func() (edit, []byte, error) {
		text, _, err := c.body(typeJSON)
		if err != nil {
			return nil, nil, err
		}
		fields, err := merge.Canonical(text)
		return func(store.Record) (merge.Document, error) { return fields, nil }, text, err
	})
}

// patchRecord changes a part of a record.
func (c *call) patchRecord() error {
	err := c.change(func() (edit, []byte, error) {
		text, _, err := c.body(typePatch)
		if err != nil {
			return nil, nil, err
		}
		patch, err := merge.ParsePatch(text)
		return func(now store.Record) (merge.Document, error) {
			if now.Deleted {
				return nil, merge.ErrNotFound
			}
			return patch.Apply(now.Fields)
		}, text, err
	})
	if errors.Is(err, errMediaType) {
		c.out.Header().Set("Accept-Patch", typePatch)
	}
	return err
}

// deleteRecord ends a record.
func (c *call) deleteRecord() error {
	return c.change(func() (edit, []byte, error) {
		return func(store.Record) (merge.Document, error) { return nil, nil }, nil, nil
	})
}

// edit is what a request makes of a record.
type edit func(now store.Record) (merge.Document, error)

// change does a request that writes a record, once, if its conditions stand. read takes in what it brings.
func (c *call) change(read func() (edit, []byte, error)) error {
	key, err := c.key()
	if err != nil {
		return err
	}
	conditions, err := c.conditions()
	if err != nil {
		return err
	}
	if !conditions.guards() {
		return errCondition
	}
	request := store.Request{Person: c.who.Person}
	if request.Key, err = c.requestKey(); err != nil {
		return err
	}
	edit, text, err := read()
	if err != nil {
		return err
	}
	request.Payload = fingerprint(c.request.Method, key.String(), c.conditionText(), string(text))
	reply, err := c.hub.WriteOnce(c.request.Context(), request, key, func(now store.Record) (store.Edit, error) {
		if match, none := conditions.stands(now); !match || !none {
			return store.Edit{}, stale(now)
		}
		fields, err := edit(now)
		return store.Edit{Version: now.Version, Fields: fields, By: c.who.Person, Device: httpDevice}, err
	})
	if err != nil {
		return err
	}
	return c.written(reply)
}

// written answers what a request came to: the document as it stands now, by the version that it made.
func (c *call) written(reply store.Reply) error {
	header := c.out.Header()
	header.Set("ETag", etag(reply.Record.Version))
	if reply.Record.Deleted {
		c.out.WriteHeader(http.StatusNoContent)
		return nil
	}
	header.Set("Content-Location", c.request.URL.EscapedPath())
	status := http.StatusOK
	if reply.Created {
		status = http.StatusCreated
		header.Set("Location", c.request.URL.EscapedPath())
	}
	return c.write(status, typeJSON, append(reply.Record.Fields, '\n'))
}

// requestKey is the Idempotency-Key of the request, with or without the quotes that its draft has; "" where there is none.
func (c *call) requestKey() (string, error) {
	lines, given := c.request.Header["Idempotency-Key"]
	if !given {
		return "", nil
	}
	key := strings.Join(lines, ",")
	if n := len(key); n >= 2 && key[0] == '"' && key[n-1] == '"' {
		key = key[1 : n-1]
	}
	bad := strings.ContainsFunc(key, func(r rune) bool { return r <= ' ' || r > '~' || r == '"' || r == ',' })
	if key == "" || len(key) > maxRequestKey || bad {
		return "", invalid("Idempotency-Key is one word of at most %d letters, digits and signs", maxRequestKey)
	}
	return key, nil
}

// fingerprint is a hash by which no two requests look alike.
func fingerprint(parts ...string) []byte {
	sum := sha256.New()
	for _, part := range parts {
		sum.Write(binary.BigEndian.AppendUint64(nil, uint64(len(part))))
		sum.Write([]byte(part))
	}
	return sum.Sum(nil)
}
