package merge

import (
	"bytes"
	"errors"
	"fmt"
)

// ErrOperation is what the errors of [Perform] unwrap to.
var ErrOperation = errors.New("the operation does not fit the record")

// Perform returns the record after the operations, in order; nil is a record that is not there. What an operation
// saw before (Was) is not looked at here. Errors unwrap to [ErrOperation] or [ErrPath], or are those of [Canonical]
// where the result is beyond a document's limits.
func Perform(doc Document, operations []Operation) (Document, error) {
	for i := range operations {
		var err error
		if doc, err = perform(doc, &operations[i], nil); err != nil {
			return nil, err
		}
	}
	if doc == nil {
		return nil, nil
	}
	return Canonical(doc)
}

func perform(doc Document, op *Operation, rules *Rules) (Document, error) {
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
