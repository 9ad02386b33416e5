package merge

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
)

// ErrOperation is what the errors of [Perform] unwrap to.
var ErrOperation = errors.New("the operation does not fit the record")

// Perform returns the record after the operations, in order; nil is a record that is not there. What an operation
// saw before (Was) is not looked at here. Errors unwrap to [ErrOperation] or [ErrPath], or are those of [Canonical]
// where the result is beyond a document's limits.
func Perform(doc Document, operations []Operation) (Document, error) {
	return (*Rules)(nil).Perform(doc, operations)
}

// Perform is [Perform] in a collection with rules: an element of a keyed array goes by its key.
func (r *Rules) Perform(doc Document, operations []Operation) (Document, error) {
	for i := range operations {
		var err error
		if doc, err = perform(doc, &operations[i], r); err != nil {
			return nil, err
		}
	}
	if doc == nil {
		return nil, nil
	}
	return Canonical(doc)
}

func perform(doc Document, op *Operation, rules *Rules) (Document, error) {
	if err := op.check(); err != nil {
		return nil, err
	}
	was := rules.Lookup(doc, op.Path)
	switch op.Verb {
	case CreateRecord:
		return With(doc, "", op.Value)
	case DeleteRecord:
		return nil, nil
	case SetField:
		return rules.With(doc, op.Path, op.Value)
	case UnsetField:
		return rules.With(doc, op.Path, Absent)
	case IncrementField:
		if was == Absent {
			was = "0"
		}
		sum, err := addDecimal(was, op.Value)
		if err != nil {
			return nil, fmt.Errorf("%w: %s: %w", ErrOperation, PathLabel(op.Path), err)
		}
		return rules.With(doc, op.Path, sum)
	case AddElement, RemoveElement:
		if was != Absent && was.Type() != ArrayType {
			return nil, fmt.Errorf("%w: %s is a %s, not a set", ErrOperation, PathLabel(op.Path), was.Type())
		}
		return rules.With(doc, op.Path, withElement(was, op.Value, op.Verb == AddElement))
	}
	return nil, fmt.Errorf("%w: unknown operation", ErrOperation)
}

// check refuses what would make a document that is none: a path that is no pointer, an element that is not there, and
// what lies deeper than a document goes.
func (op *Operation) check() error {
	if _, err := ParsePath(op.Path); err != nil || op.Path != "" && op.Path[0] != '/' {
		return fmt.Errorf("%w: %q is no JSON Pointer", ErrPath, op.Path)
	}
	depth := strings.Count(op.Path, "/") + levels([]byte(op.Value))
	if op.Verb == AddElement {
		if op.Value == Absent {
			return fmt.Errorf("%w: %s: nothing to add", ErrOperation, PathLabel(op.Path))
		}
		depth++
	}
	if depth > MaxDepth {
		return fmt.Errorf("%w: %s is deeper than %d levels", ErrOperation, PathLabel(op.Path), MaxDepth)
	}
	return nil
}

// levels counts how deep a value goes: a plain one has none.
func levels(v []byte) int {
	deepest, depth := 0, 0
	for i := 0; i < len(v); i++ {
		switch v[i] {
		case '"':
			i = skipString(v, i) - 1
		case '{', '[':
			depth++
			deepest = max(deepest, depth)
		case '}', ']':
			depth--
		}
	}
	return deepest
}

// withElement returns an array as a set with an element, at the end, or without it.
func withElement(array, element Value, present bool) Value {
	out := []byte{'['}
	put := func(e []byte) {
		if len(out) > 1 {
			out = append(out, ',')
		}
		out = append(out, e...)
	}
	found := false
	elements([]byte(array), func(e []byte) bool {
		same := equal(e, []byte(element))
		if !same || present && !found {
			put(bytes.Clone(e))
		}
		found = found || same
		return true
	})
	if present && !found {
		put([]byte(element))
	}
	return Value(append(out, ']'))
}
