package schema

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/santhosh-tekuri/jsonschema/v6/kind"

	"dovetail/merge"
)

// checker is a schema as the rules that documents keep to.
type checker struct {
	schema     *jsonschema.Schema
	conditions map[string][]string
}

// Broken tells what d breaks, sorted. The words hold nothing of the document's values, so that the same rule broken by
// two documents reads the same.
func (c *checker) Broken(d merge.Document) []merge.Violation {
	plain, err := jsonschema.UnmarshalJSON(bytes.NewReader(d))
	if err != nil {
		return []merge.Violation{{Rule: "is a JSON document"}}
	}
	var invalid *jsonschema.ValidationError
	if err := c.schema.Validate(plain); !errors.As(err, &invalid) {
		return nil
	}
	broken := c.collect(nil, invalid)
	slices.SortFunc(broken, func(a, b merge.Violation) int {
		return strings.Compare(strings.Join(a.Paths, "\x00")+"\x00\x00"+a.Rule, strings.Join(b.Paths, "\x00")+"\x00\x00"+b.Rule)
	})
	return slices.CompactFunc(broken, func(a, b merge.Violation) bool {
		return a.Rule == b.Rule && slices.Equal(a.Paths, b.Paths)
	})
}

// collect goes down to the rules themselves. Of alternatives it is the choice that fails, not each of them.
func (c *checker) collect(out []merge.Violation, e *jsonschema.ValidationError) []merge.Violation {
	switch e.ErrorKind.(type) {
	case *kind.AnyOf, *kind.OneOf, *kind.Not, *kind.Contains, *kind.PropertyNames:
		return append(out, c.violation(e, pointer(e.InstanceLocation)))
	}
	if len(e.Causes) > 0 {
		for _, cause := range e.Causes {
			out = c.collect(out, cause)
		}
		return out
	}
	at := pointer(e.InstanceLocation)
	switch k := e.ErrorKind.(type) {
	case *kind.Required:
		return c.each(out, e, at, k.Missing)
	case *kind.DependentRequired:
		return c.each(out, e, at, k.Missing)
	case *kind.AdditionalProperties:
		return c.each(out, e, at, k.Properties)
	}
	return append(out, c.violation(e, at))
}

// each makes a violation for each member that a rule on an object is about.
func (c *checker) each(out []merge.Violation, e *jsonschema.ValidationError, at string, names []string) []merge.Violation {
	for _, name := range names {
		out = append(out, c.violation(e, at+pointer([]string{name})))
	}
	return out
}

// violation names the field, and those that a condition around the rule looks at.
func (c *checker) violation(e *jsonschema.ValidationError, path string) merge.Violation {
	v := merge.Violation{Rule: words(e.ErrorKind), Paths: []string{path}}
	for location, fields := range c.conditions {
		if e.SchemaURL == location || strings.HasPrefix(e.SchemaURL, location+"/") {
			for _, field := range fields {
				v.Paths = append(v.Paths, pointer([]string{field}))
			}
		}
	}
	slices.Sort(v.Paths)
	v.Paths = slices.Compact(v.Paths)
	return v
}

// words says a rule without the value that breaks it.
func words(k jsonschema.ErrorKind) string {
	switch k := k.(type) {
	case *kind.Required, *kind.DependentRequired:
		return "is required"
	case *kind.AdditionalProperties, *kind.FalseSchema:
		return "is not allowed"
	case *kind.Type:
		return "is " + article(k.Want[0]) + " " + strings.Join(k.Want, " or ")
	case *kind.Enum:
		return "is one of " + list(k.Want)
	case *kind.Const:
		return "is " + list([]any{k.Want})
	case *kind.Format:
		return "has the format " + k.Want
	case *kind.Minimum:
		return "is at least " + k.Want.RatString()
	case *kind.Maximum:
		return "is at most " + k.Want.RatString()
	case *kind.ExclusiveMinimum:
		return "is more than " + k.Want.RatString()
	case *kind.ExclusiveMaximum:
		return "is less than " + k.Want.RatString()
	case *kind.MultipleOf:
		return "is a multiple of " + k.Want.RatString()
	case *kind.MinLength:
		return fmt.Sprintf("has at least %d characters", k.Want)
	case *kind.MaxLength:
		return fmt.Sprintf("has at most %d characters", k.Want)
	case *kind.MinItems:
		return fmt.Sprintf("has at least %d elements", k.Want)
	case *kind.MaxItems:
		return fmt.Sprintf("has at most %d elements", k.Want)
	case *kind.UniqueItems:
		return "has no element twice"
	case *kind.Pattern:
		return "matches " + k.Want
	case *kind.AnyOf, *kind.OneOf:
		return "fits one of the alternatives"
	}
	return "keeps to " + strings.Join(k.KeywordPath(), "/")
}

func list(values []any) string {
	texts := make([]string, len(values))
	for i, v := range values {
		text, _ := json.Marshal(v)
		texts[i] = string(text)
	}
	return strings.Join(texts, ", ")
}

// oneType returns the type of a value that may be only one, null aside.
func oneType(names []string) merge.Type {
	byName := map[string]merge.Type{"boolean": merge.BoolType, "number": merge.NumberType, "integer": merge.NumberType,
		"string": merge.StringType, "array": merge.ArrayType, "object": merge.ObjectType}
	found := merge.AbsentType
	for _, name := range names {
		if name == "null" {
			continue
		}
		if found != merge.AbsentType && found != byName[name] {
			return merge.AbsentType
		}
		found = byName[name]
	}
	return found
}

func valueOf(v any) (merge.Value, error) {
	text, err := json.Marshal(v)
	if err != nil {
		return merge.Absent, err
	}
	return merge.ParseValue(text)
}

func article(word string) string {
	if strings.Contains("aeio", word[:1]) {
		return "an"
	}
	return "a"
}
