package schema

import (
	"bytes"
	"errors"
	"fmt"
	"net/url"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"dovetail/merge"
)

// home is where a schema stands in the compiler. It is never fetched.
const home = "dovetail:///schema"

// Error says what is wrong with a schema, and where.
type Error struct {
	Path   string // JSON Pointer into the schema
	Reason string
}

func (e *Error) Error() string {
	if e.Path == "" {
		return "schema: " + e.Reason
	}
	return fmt.Sprintf("schema: %s: %s", e.Path, e.Reason)
}

// Parse reads a schema. Its errors are *[Error], or a *[merge.DocumentError] where the text is no JSON object: an
// unknown policy, and one on a type that it is not about, are errors here and not at the first merge.
func Parse(text []byte) (*merge.Rules, error) {
	canonical, err := merge.Canonical(text)
	if err != nil {
		return nil, fmt.Errorf("schema: %w", err)
	}
	plain, err := jsonschema.UnmarshalJSON(bytes.NewReader(canonical))
	if err != nil {
		return nil, &Error{Reason: err.Error()}
	}
	compiled, err := compile(plain)
	if err != nil {
		return nil, err
	}
	r := reader{rules: map[*jsonschema.Schema]*merge.Rule{}, conditions: map[string][]string{}}
	root := r.read(compiled)
	r.follow()
	r.idle()
	r.head(compiled)
	if r.err != nil {
		return nil, r.err
	}
	r.out.Root = root
	r.out.Check = &checker{schema: compiled, conditions: r.conditions}
	return &r.out, nil
}

// nowhere refuses to load what a schema refers to outside itself.
type nowhere struct{}

func (nowhere) Load(url string) (any, error) {
	return nil, fmt.Errorf("%s is outside the schema, and nothing is loaded from elsewhere", url)
}

func compile(plain any) (*jsonschema.Schema, error) {
	c := jsonschema.NewCompiler()
	c.DefaultDraft(jsonschema.Draft2020)
	c.UseLoader(nowhere{})
	c.AssertFormat()
	c.AssertVocabs()
	c.RegisterVocabulary(&vocabulary)
	c.RegisterVocabulary(&annotations)
	if err := c.AddResource(home, plain); err != nil {
		return nil, compileError(err)
	}
	compiled, err := c.Compile(home)
	if err != nil {
		return nil, compileError(err)
	}
	return compiled, nil
}

// compileError finds the place in the schema that the compiler complains about.
func compileError(err error) error {
	var whole *jsonschema.SchemaValidationError
	if errors.As(err, &whole) {
		err = whole.Err
	}
	var invalid *jsonschema.ValidationError
	if !errors.As(err, &invalid) {
		return &Error{Reason: strings.ReplaceAll(err.Error(), home, "")}
	}
	for len(invalid.Causes) > 0 {
		invalid = invalid.Causes[0]
	}
	return &Error{Path: pointer(invalid.InstanceLocation), Reason: words(invalid.ErrorKind)}
}

// place returns the pointer of a compiled schema's location.
func place(location string) string {
	_, fragment, _ := strings.Cut(location, "#")
	if plain, err := url.PathUnescape(fragment); err == nil {
		return plain
	}
	return fragment
}

func pointer(tokens []string) string {
	var b strings.Builder
	for _, token := range tokens {
		b.WriteByte('/')
		b.WriteString(strings.NewReplacer("~", "~0", "/", "~1").Replace(token))
	}
	return b.String()
}
