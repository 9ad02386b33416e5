package serve

import (
	"encoding"
	"encoding/json"
	"reflect"
	"slices"
	"strings"
	"time"

	"dovetail/merge"
	"dovetail/store"
)

// schemas makes JSON Schemas of the types that go over the wire, each that has a name once.
type schemas struct {
	components object
	types      map[string]reflect.Type // by the names of the components
}

func newSchemas() *schemas {
	return &schemas{components: object{}, types: map[string]reflect.Type{}}
}

// plain are the schemas of types that write themselves.
var plain = map[reflect.Type]object{
	reflect.TypeFor[merge.Document]():  {"type": []any{"object", "null"}, "description": "a record's fields; null is a deletion"},
	reflect.TypeFor[merge.Value]():     {"description": "any JSON value"},
	reflect.TypeFor[merge.Hunk]():      {"description": "what is joined as it is, and what is in dispute as base, local and server"},
	reflect.TypeFor[merge.Key]():       {"type": "string", "pattern": "^[a-z0-9_-]+/", "description": "a record's name, such as deal/D-1042"},
	reflect.TypeFor[Shown]():           {"type": []any{"object", "null"}},
	reflect.TypeFor[time.Time]():       {"type": "string", "format": "date-time"},
	reflect.TypeFor[store.Outcome]():   words("applied", "converged", "merged", "superseded", "conflict", "parked", "refused"),
	reflect.TypeFor[store.Cause]():     words("write", "merge", "resolution", "undo", "adopt", "import"),
	reflect.TypeFor[store.Scope]():     words("read", "push", "resolve"),
	reflect.TypeFor[json.RawMessage](): {"description": "as `dovetail merge --json` prints it", "type": "object", "required": []any{"outcome", "fields"}},
}

func words(all ...string) object { return object{"type": "string", "enum": all} }

// answer is the schema of what the hub writes: what it always writes is required.
func (s *schemas) answer(t reflect.Type) object { return s.of(t, "", nil) }

// request is the schema of what the hub reads, with the members that it has to have.
func (s *schemas) request(t reflect.Type, needed []string) object {
	if needed == nil {
		needed = []string{}
	}
	return s.of(t, "Request", needed)
}

// of is the schema of a type. Where needed is nil, a member that is never left out is required.
func (s *schemas) of(t reflect.Type, suffix string, needed []string) object {
	if known, ok := plain[t]; ok {
		return known
	}
	if t.Kind() == reflect.Uint8 && t.Implements(reflect.TypeFor[encoding.TextMarshaler]()) {
		return closedSet(t)
	}
	below := func(t reflect.Type) object {
		if needed != nil {
			return s.of(t, suffix, []string{})
		}
		return s.of(t, suffix, nil)
	}
	switch t.Kind() {
	case reflect.Pointer:
		return below(t.Elem())
	case reflect.Slice:
		return object{"type": "array", "items": below(t.Elem())}
	case reflect.Map:
		return object{"type": []any{"object", "null"}, "additionalProperties": below(t.Elem())} // none is null
	case reflect.Struct:
		return s.named(t, suffix, needed)
	case reflect.Interface:
		return object{}
	case reflect.Bool:
		return object{"type": "boolean"}
	case reflect.String:
		return object{"type": "string"}
	}
	return object{"type": "integer"}
}

// closedSet lists the words of a type that has one for each of its values.
func closedSet(t reflect.Type) object {
	var all []string
	for i := range 256 {
		v := reflect.New(t).Elem()
		v.SetUint(uint64(i))
		text, err := v.Interface().(encoding.TextMarshaler).MarshalText()
		if err != nil || strings.HasPrefix(string(text), "invalid(") {
			break
		}
		all = append(all, string(text))
	}
	return words(all...)
}

// named is a reference to the schema of a struct.
func (s *schemas) named(t reflect.Type, suffix string, needed []string) object {
	name := t.Name() + suffix
	if other, taken := s.types[name]; taken && other != t {
		pkg, _, _ := strings.Cut(t.String(), ".")
		name = strings.ToUpper(pkg[:1]) + pkg[1:] + name
	}
	if _, done := s.components[name]; !done {
		schema := object{"type": "object"}
		s.components[name], s.types[name] = schema, t // before its members, one of which may be of the same type
		properties, required := object{}, []string{}
		s.members(t, suffix, needed, properties, &required)
		schema["properties"] = properties
		if needed != nil {
			required = slices.Clone(needed)
		}
		if len(required) > 0 {
			slices.Sort(required)
			schema["required"] = required
		}
	}
	return object{"$ref": "#/components/schemas/" + name}
}

// members adds the members of a struct, with those of the structs that are embedded in it.
func (s *schemas) members(t reflect.Type, suffix string, needed []string, properties object, required *[]string) {
	for i := range t.NumField() {
		f := t.Field(i)
		tag, options, _ := strings.Cut(f.Tag.Get("json"), ",")
		switch {
		case tag == "-":
		case tag == "" && f.Anonymous:
			s.members(f.Type, suffix, needed, properties, required)
		case tag == "":
		default:
			below := needed
			if needed != nil {
				below = []string{}
			}
			properties[tag] = s.of(f.Type, suffix, below)
			if options == "" {
				*required = append(*required, tag)
			}
		}
	}
}
