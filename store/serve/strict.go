package serve

import (
	"bytes"
	"encoding"
	"encoding/json"
	"errors"
	"io"
	"reflect"
	"strings"
)

var (
	readsJSON = reflect.TypeFor[json.Unmarshaler]()
	readsText = reflect.TypeFor[encoding.TextUnmarshaler]()
)

// object reads a body that is one JSON object into v, strictly: see [unmarshal].
func (c *call) object(v any) error {
	text, _, err := c.body(typeJSON)
	if err != nil {
		return err
	}
	return unmarshal(text, v)
}

// unmarshal is [json.Unmarshal] for what strangers send. A member that v has not, one that stands there twice, or in
// other letters than v has it, and anything behind the value is an error: of two readings that a text has, whoever wrote
// it may mean the other. A type that reads itself is left to it.
func unmarshal(text []byte, v any) error {
	d := json.NewDecoder(bytes.NewReader(text))
	if err := exact(d, reflect.TypeOf(v)); err != nil {
		return asInvalid(err)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return invalid("something stands behind the JSON value")
	}
	return asInvalid(json.Unmarshal(text, v))
}

// asInvalid is a fault in a text as a problem; what the store or merge has a problem for stays as it is.
func asInvalid(err error) error {
	var syntax *json.SyntaxError
	var kind *json.UnmarshalTypeError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &syntax), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, io.EOF):
		return invalid("the body is not JSON")
	case errors.As(err, &kind):
		return invalid("%q is not of that type", kind.Field)
	}
	if asProblem(err) != errPanic {
		return err
	}
	return invalid("%s", err)
}

// exact walks over one value that is to be of type t.
func exact(d *json.Decoder, t reflect.Type) error {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	pointer := reflect.PointerTo(t)
	itself := pointer.Implements(readsJSON) || pointer.Implements(readsText)
	if itself || t.Kind() != reflect.Struct && t.Kind() != reflect.Map && t.Kind() != reflect.Slice {
		var raw json.RawMessage
		return d.Decode(&raw)
	}
	begin, err := d.Token()
	if err != nil || begin == nil {
		return err // null is nothing
	}
	switch {
	case begin == json.Delim('{') && t.Kind() != reflect.Slice:
		return exactMembers(d, t)
	case begin == json.Delim('[') && t.Kind() == reflect.Slice:
		for d.More() {
			if err := exact(d, t.Elem()); err != nil {
				return err
			}
		}
		_, err := d.Token()
		return err
	}
	return invalid("a value is of another type than it is to be")
}

func exactMembers(d *json.Decoder, t reflect.Type) error {
	seen := map[string]bool{}
	for d.More() {
		token, err := d.Token()
		if err != nil {
			return err
		}
		name, _ := token.(string)
		of, known := memberType(t, name)
		switch {
		case !known:
			return invalid("%q is not known here", name)
		case seen[name]:
			return invalid("%q stands there twice", name)
		}
		seen[name] = true
		if err := exact(d, of); err != nil {
			return err
		}
	}
	_, err := d.Token()
	return err
}

// memberType is the type that a member of t is to have; false where it has none of that name.
func memberType(t reflect.Type, name string) (reflect.Type, bool) {
	if t.Kind() == reflect.Map {
		return t.Elem(), true
	}
	for i := range t.NumField() {
		f := t.Field(i)
		if tagged, _, _ := strings.Cut(f.Tag.Get("json"), ","); tagged == name && name != "-" && name != "" {
			return f.Type, true
		}
	}
	return nil, false
}
