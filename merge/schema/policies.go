package schema

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"dovetail/merge"
)

// vocabulary makes the compiler hand over the keywords that are ours.
var vocabulary = jsonschema.Vocabulary{URL: "dovetail:/merge", Compile: keywords}

// ours are our keywords on one schema, as they were written.
type ours map[string]any

// Validate is part of being a schema extension; the keywords say nothing of what a value must be.
func (ours) Validate(*jsonschema.ValidatorContext, any) {}

func keywords(_ *jsonschema.CompilerContext, object map[string]any) (jsonschema.SchemaExt, error) {
	found := ours{}
	for name, value := range object {
		if len(name) >= len("x-merge") && name[:len("x-merge")] == "x-merge" {
			found[name] = value
		}
	}
	if len(found) == 0 {
		return nil, nil
	}
	return found, nil
}

func oursIn(s *jsonschema.Schema) ours {
	for _, extension := range s.Extensions {
		if found, ok := extension.(ours); ok {
			return found
		}
	}
	return nil
}

// reader walks a compiled schema and makes the rules. The first error stands.
type reader struct {
	out        merge.Rules
	rules      map[*jsonschema.Schema]*merge.Rule
	references []reference
	conditions map[string][]string // the fields that an `if` looks at, by the place of its `then` and `else`
	err        error
}

func (r *reader) fail(s *jsonschema.Schema, keyword, reason string, args ...any) {
	path := place(s.Location)
	if keyword != "" {
		path += "/" + keyword
	}
	if r.err == nil {
		r.err = &Error{Path: path, Reason: fmt.Sprintf(reason, args...)}
	}
}

// head reads the keywords of the document as a whole.
func (r *reader) head(root *jsonschema.Schema) {
	for _, name := range slices.Sorted(maps.Keys(oursIn(root))) {
		word, _ := oursIn(root)[name].(string)
		switch name {
		case "x-merge-delete":
			switch word {
			case "ask", "local", "server":
				_ = r.out.Delete.UnmarshalText([]byte(word))
			default:
				r.fail(root, name, "delete against edit becomes ask, local or server, not %q", word)
			}
		case "x-merge-strategy":
			if err := r.out.Strategy.UnmarshalText([]byte(word)); err != nil {
				r.fail(root, name, "a strategy is field-merge, last-write-wins or op-replay, not %q", word)
			}
		case "x-merge":
			if word != "fields" {
				r.fail(root, name, "the record itself merges by fields")
			}
		case "x-merge-group":
			r.fail(root, name, "a group is of properties")
		}
	}
}

// read returns the rule of a schema. A schema that refers to itself gets one rule, which refers to itself.
func (r *reader) read(s *jsonschema.Schema) *merge.Rule {
	if rule, ok := r.rules[s]; ok {
		return rule
	}
	rule := &merge.Rule{}
	r.rules[s] = rule
	if s.Ref != nil {
		r.references = append(r.references, reference{rule, r.read(s.Ref)})
	}
	r.describe(rule, s)
	for _, name := range slices.Sorted(maps.Keys(s.Properties)) {
		if rule.Properties == nil {
			rule.Properties = map[string]*merge.Rule{}
		}
		rule.Properties[name] = r.read(s.Properties[name])
	}
	if more, ok := s.AdditionalProperties.(*jsonschema.Schema); ok {
		rule.Additional = r.read(more)
	}
	if s.Items2020 != nil {
		rule.Items = r.read(s.Items2020)
	}
	r.policy(rule, s)
	r.condition(s)
	for _, part := range slices.Concat(inPlace(s), besides(s)) {
		r.stray(part)
	}
	return rule
}

// inPlace are the parts of a schema that speak of the same value.
func inPlace(s *jsonschema.Schema) []*jsonschema.Schema {
	parts := slices.Concat(s.AllOf, s.AnyOf, s.OneOf, []*jsonschema.Schema{s.If, s.Then, s.Else, s.Not})
	for _, name := range slices.Sorted(maps.Keys(s.DependentSchemas)) {
		parts = append(parts, s.DependentSchemas[name])
	}
	return present(parts)
}

// besides are the parts of a schema that speak of what is in the value, and yet give no field its policy.
func besides(s *jsonschema.Schema) []*jsonschema.Schema {
	parts := slices.Concat(s.PrefixItems, []*jsonschema.Schema{s.Contains, s.PropertyNames, s.UnevaluatedItems,
		s.UnevaluatedProperties, s.ContentSchema})
	for _, part := range s.PatternProperties {
		parts = append(parts, part)
	}
	return present(parts)
}

func present(parts []*jsonschema.Schema) []*jsonschema.Schema {
	parts = slices.DeleteFunc(parts, func(s *jsonschema.Schema) bool { return s == nil })
	slices.SortFunc(parts, func(a, b *jsonschema.Schema) int { return strings.Compare(a.Location, b.Location) })
	return parts
}

// idle refuses policies inside the elements of arrays that are not keyed: those are one value each.
func (r *reader) idle() {
	for _, s := range present(slices.Collect(maps.Keys(r.rules))) {
		if s.Items2020 != nil && r.rules[s].Policy != merge.Keyed {
			r.stray(s.Items2020)
		}
	}
}

// reference is a `$ref`: what the rule does not say itself, it takes from the other.
type reference struct{ rule, to *merge.Rule }

// follow does the references, which wait until every rule is read since they may go in circles.
func (r *reader) follow() {
	for range r.references { // a chain of references is as long as all of them at most
		for _, ref := range r.references {
			ref.follow()
		}
	}
}

func (ref reference) follow() {
	rule, to := ref.rule, ref.to
	if rule.Policy == merge.Inherit {
		rule.Policy, rule.Key = to.Policy, to.Key
	}
	if rule.Group == "" {
		rule.Group = to.Group
	}
	if rule.Label == "" {
		rule.Label = to.Label
	}
	if rule.Unit == "" {
		rule.Unit = to.Unit
	}
	if rule.Type == merge.AbsentType {
		rule.Type = to.Type
	}
	if rule.Enum == nil {
		rule.Enum = to.Enum
	}
	if rule.Default == merge.Absent {
		rule.Default = to.Default
	}
	if rule.Items == nil {
		rule.Items = to.Items
	}
	if rule.Properties == nil {
		rule.Properties = to.Properties
	}
	if rule.Additional == nil {
		rule.Additional = to.Additional
	}
}

// describe reads what a rule takes from the ordinary keywords.
func (r *reader) describe(rule *merge.Rule, s *jsonschema.Schema) {
	if s.Title != "" {
		rule.Label = s.Title
	}
	rule.Unit = unitIn(s)
	if s.Types != nil {
		rule.Type = oneType(s.Types.ToStrings())
	}
	if s.Enum != nil {
		for _, listed := range s.Enum.Values {
			if text, err := valueOf(listed); err == nil {
				rule.Enum = append(rule.Enum, text)
			}
		}
	}
	if s.Default != nil {
		if text, err := valueOf(*s.Default); err == nil {
			rule.Default = text
		}
	}
}

// condition notes what an `if` looks at, since what its `then` asks for is about those fields too.
func (r *reader) condition(s *jsonschema.Schema) {
	if s.If == nil {
		return
	}
	fields := slices.Sorted(maps.Keys(s.If.Properties))
	fields = append(fields, s.If.Required...)
	slices.Sort(fields)
	fields = slices.Compact(fields)
	for _, part := range []*jsonschema.Schema{s.Then, s.Else} {
		if part != nil {
			r.conditions[part.Location] = fields
		}
	}
}

// stray refuses policies where no field takes them from: a setting must not do nothing.
func (r *reader) stray(s *jsonschema.Schema) {
	for _, name := range slices.Sorted(maps.Keys(oursIn(s))) {
		r.fail(s, name, "no field has its policy from here: it stands in properties, additionalProperties or the items of a keyed array")
	}
	parts := slices.Concat(inPlace(s), besides(s))
	for _, name := range slices.Sorted(maps.Keys(s.Properties)) {
		parts = append(parts, s.Properties[name])
	}
	if more, ok := s.AdditionalProperties.(*jsonschema.Schema); ok {
		parts = append(parts, more)
	}
	if s.Items2020 != nil {
		parts = append(parts, s.Items2020)
	}
	for _, part := range parts {
		r.stray(part)
	}
}

// policy reads `x-merge` and `x-merge-group` of one property.
func (r *reader) policy(rule *merge.Rule, s *jsonschema.Schema) {
	found := oursIn(s)
	for _, name := range slices.Sorted(maps.Keys(found)) {
		switch name {
		case "x-merge":
			r.merging(rule, s, found[name])
		case "x-merge-group":
			group, ok := found[name].(string)
			if !ok || group == "" {
				r.fail(s, name, "a group is named by a text")
			}
			rule.Group = group
		case "x-merge-delete", "x-merge-strategy":
			if place(s.Location) != "" {
				r.fail(s, name, "this is said of the record, at the top of the schema")
			}
		default:
			r.fail(s, name, "no such keyword")
		}
	}
}

// types are the JSON types that a policy is about; none: any.
var types = map[merge.Policy][]merge.Type{
	merge.Max:      {merge.NumberType, merge.StringType},
	merge.Min:      {merge.NumberType, merge.StringType},
	merge.Counter:  {merge.NumberType},
	merge.Set:      {merge.ArrayType},
	merge.List:     {merge.ArrayType},
	merge.Keyed:    {merge.ArrayType},
	merge.Text:     {merge.StringType},
	merge.FieldsOf: {merge.ObjectType},
}

func (r *reader) merging(rule *merge.Rule, s *jsonschema.Schema, value any) {
	switch v := value.(type) {
	case string:
		if err := rule.Policy.UnmarshalText([]byte(v)); err != nil || v == "" || v == "keyed" {
			r.fail(s, "x-merge", "unknown policy %q", v)
			return
		}
	case map[string]any:
		key, ok := v["keyed"].(string)
		if !ok || key == "" || len(v) != 1 {
			r.fail(s, "x-merge", `write {"keyed": "the name of the key"}`)
			return
		}
		rule.Policy, rule.Key = merge.Keyed, key
	default:
		r.fail(s, "x-merge", "a policy is a word, or an object with keyed")
		return
	}
	fits := types[rule.Policy]
	if len(fits) > 0 && rule.Type != merge.AbsentType && !slices.Contains(fits, rule.Type) {
		r.fail(s, "x-merge", "%s is not for a %s", rule.Policy, rule.Type)
	}
}
