package serve

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"
	"slices"
	"strings"
	"unicode/utf8"

	"dovetail/merge"
	"dovetail/store"
)

// maxBody bounds a body in bytes.
const maxBody = 8 << 20

// What bodies are.
const (
	typeJSON    = "application/json"
	typeLines   = "application/x-ndjson"
	typePatch   = "application/json-patch+json"
	typeProblem = "application/problem+json"
)

// call is one request under way.
type call struct {
	*server
	request *http.Request
	out     *recorder
	id      string
	who     store.Token // zero where the resource is everybody's
}

// admit lets the bearer of a token in who may do what the scope says.
func (c *call) admit(scope store.Scope) error {
	secret, ok := strings.CutPrefix(c.request.Header.Get("Authorization"), "Bearer ")
	switch {
	case !ok && c.Open != "":
		return c.fromHere()
	case !ok:
		return errNoToken
	}
	who, err := c.hub.TokenOf(c.request.Context(), secret)
	if errors.Is(err, merge.ErrNotFound) {
		return errNoToken
	}
	if err != nil {
		return err
	}
	c.who = who
	if !who.May(scope) {
		return errScope
	}
	return nil
}

// fromHere lets everybody of this machine into an open hub, but not what a page of some website has a browser ask here.
// A hub is open no more once it has had a token, also while it is served.
func (c *call) fromHere() error {
	if c.request.Header.Get("Origin") != "" || !Loopback(c.request.Host) {
		return errNoToken
	}
	guarded, err := c.hub.Guarded(c.request.Context())
	if err != nil {
		return err
	}
	if guarded {
		return errNoToken
	}
	c.who = store.Token{Person: c.Open, Scopes: store.Scopes}
	return nil
}

// body reads the whole body, which is to be of one of some types, and returns its type as well.
func (c *call) body(types ...string) (text []byte, kind string, err error) {
	kind, _, err = mime.ParseMediaType(c.request.Header.Get("Content-Type"))
	if err != nil || !slices.Contains(types, kind) {
		return nil, "", badType(types)
	}
	if c.request.Header.Get("Content-Encoding") != "" {
		return nil, "", errMediaType.because("the body is to come as it is, without Content-Encoding")
	}
	text, err = io.ReadAll(http.MaxBytesReader(c.out, c.request.Body, maxBody))
	var large *http.MaxBytesError
	switch {
	case errors.As(err, &large):
		return nil, "", errTooLarge
	case err != nil:
		return nil, "", errCut
	case !utf8.Valid(text):
		return nil, "", invalid("the body is not valid UTF-8")
	}
	return text, kind, nil
}

// answer writes v as JSON. Nothing is sent before all of it could be encoded.
func (c *call) answer(status int, v any) error {
	text, err := encode(v)
	if err != nil {
		return err
	}
	return c.write(status, typeJSON, text)
}

// write sends a body that is there as a whole.
func (c *call) write(status int, kind string, text []byte) error {
	c.out.Header().Set("Content-Type", kind)
	c.out.WriteHeader(status)
	if _, err := c.patiently().Write(text); err != nil {
		return errGone
	}
	return nil
}

// encode is JSON as we write it: a line, without HTML's escapes, which would change the text that people read.
func encode(v any) ([]byte, error) {
	var buf bytes.Buffer
	enc := json.NewEncoder(&buf)
	enc.SetEscapeHTML(false)
	err := enc.Encode(v)
	return buf.Bytes(), err
}
