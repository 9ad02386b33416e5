package schema

import (
	"strings"

	"dovetail/merge"
)

// SetPolicy returns the schema text with a policy for one field, for those who do not want to write a schema: a word,
// or `keyed:NAME` for an array of objects with that key. nil is a schema that says nothing yet. Errors are those of
// [Parse] on the new text, and of [merge.ParsePath].
func SetPolicy(text merge.Document, field, policy string) (merge.Document, error) {
	path, err := merge.ParsePath(field)
	if err != nil {
		return nil, err
	}
	value, ok := merge.StringValue(policy)
	if !ok {
		return nil, &Error{Path: path, Reason: "a policy is a word"}
	}
	if key, keyed := strings.CutPrefix(policy, "keyed:"); keyed {
		name, _ := merge.StringValue(key)
		value = `{"keyed":` + name + `}`
	}
	if path == "" {
		return nil, &Error{Reason: "name the field that the policy is for"}
	}
	at := strings.ReplaceAll(path, "/", "/properties/") + "/x-merge"
	text, err = merge.With(text, at, value)
	if err != nil {
		return nil, err
	}
	if _, err := Parse(text); err != nil {
		return nil, err
	}
	return merge.Canonical(text)
}
