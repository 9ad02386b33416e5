// Package schema reads a collection's JSON Schema (2020-12) into the plain policies and rules that package merge takes.
//
// Start with [Parse]. A property says how it merges with `x-merge`, whether it is one unit with others with
// `x-merge-group`; the document itself says what delete against edit becomes with `x-merge-delete`, and how changes
// are joined with `x-merge-strategy`. What the numbers of a property are in is its `x-unit`, for whoever looks at them.
// Everything else in the schema is what a record must keep to: the result is a [merge.Checker], `format` included.
//
// Policies are found through `properties`, `additionalProperties`, `items` and `$ref`; a schema may refer to itself.
// Nothing is ever loaded from elsewhere: a reference that leaves the document is an error.
package schema
