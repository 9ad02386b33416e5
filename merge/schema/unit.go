package schema

import (
	"unicode/utf8"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// maxUnit is how many characters the name of a unit has at most: it stands behind every number of its field.
const maxUnit = 24

// annotations make the compiler hand over what says nothing of how a value merges, nor of what it must be.
var annotations = jsonschema.Vocabulary{URL: "dovetail:/unit", Compile: annotated}

// unit is what the numbers of a property are in, by its `x-unit`.
type unit string

// Validate is part of being a schema extension; a unit says nothing of what a value must be.
func (unit) Validate(*jsonschema.ValidatorContext, any) {}

// annotated takes `x-unit` where it is a short text. Anything else is passed over, as JSON Schema asks for with a keyword that
// nobody knows: others use such names, too.
func annotated(_ *jsonschema.CompilerContext, object map[string]any) (jsonschema.SchemaExt, error) {
	name, ok := object["x-unit"].(string)
	if !ok || name == "" || utf8.RuneCountInString(name) > maxUnit {
		return nil, nil
	}
	return unit(name), nil
}

func unitIn(s *jsonschema.Schema) string {
	for _, extension := range s.Extensions {
		if found, ok := extension.(unit); ok {
			return string(found)
		}
	}
	return ""
}
