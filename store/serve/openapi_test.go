package serve_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"dovetail/merge"
	"dovetail/store/serve"
)

// description is the OpenAPI document as a client reads it.
type description struct {
	document map[string]any
	compiler *jsonschema.Compiler
	mu       sync.Mutex
	compiled map[string]*jsonschema.Schema
}

var pointerEscapes = strings.NewReplacer("~", "~0", "/", "~1")

const descriptionURL = "https://hub.example/openapi.json"

// readDescription asks a handler without a hub for it.
var readDescription = sync.OnceValues(func() (*description, error) {
	out := &buffer{header: http.Header{}}
	req, err := http.NewRequest(http.MethodGet, "http://127.0.0.1/v1/openapi.json", nil)
	if err != nil {
		return nil, err
	}
	serve.New(nil, serve.Options{}).ServeHTTP(out, req)
	parsed, err := jsonschema.UnmarshalJSON(strings.NewReader(out.String()))
	if err != nil {
		return nil, fmt.Errorf("%d %s: %w", out.status, out, err)
	}
	d := &description{document: parsed.(map[string]any), compiler: jsonschema.NewCompiler(), compiled: map[string]*jsonschema.Schema{}}
	d.compiler.DefaultDraft(jsonschema.Draft2020)
	d.compiler.AssertFormat()
	return d, d.compiler.AddResource(descriptionURL, parsed)
})

// buffer is an answer that stays in memory.
type buffer struct {
	strings.Builder
	header http.Header
	status int
}

func (b *buffer) Header() http.Header    { return b.header }
func (b *buffer) WriteHeader(status int) { b.status = status }

// at is what stands in the description at a path of members; references are followed.
func (d *description) at(tokens ...string) (any, string) {
	pointer, value := "#", any(d.document)
	for _, token := range tokens {
		members, ok := value.(map[string]any)
		if !ok {
			return nil, ""
		}
		if value, ok = members[token]; !ok {
			return nil, ""
		}
		pointer += "/" + pointerEscapes.Replace(token)
		if to, is := value.(map[string]any); is && len(to) == 1 && to["$ref"] != nil && token != "schema" {
			value, pointer = d.at(strings.Split(strings.TrimPrefix(to["$ref"].(string), "#/"), "/")...)
		}
	}
	return value, pointer
}

// check validates a text by the schema of a content; what has none is an error.
func (d *description) check(pointer, kind, text string) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	pointer += "/" + strings.ReplaceAll(kind, "/", "~1") + "/schema"
	schema := d.compiled[pointer]
	if schema == nil {
		fragment := (&url.URL{Fragment: pointer[1:]}).String()
		made, err := d.compiler.Compile(descriptionURL + fragment)
		if err != nil {
			return err
		}
		schema, d.compiled[pointer] = made, made
	}
	values := []string{text}
	if kind == "application/x-ndjson" {
		values = strings.Split(strings.TrimSuffix(text, "\n"), "\n")
	}
	for _, one := range values {
		if one == "" && kind == "application/x-ndjson" {
			continue
		}
		value, err := jsonschema.UnmarshalJSON(strings.NewReader(one))
		if err != nil {
			return err
		}
		if err := schema.Validate(value); err != nil {
			return fmt.Errorf("%w in %.500s", err, one)
		}
	}
	return nil
}

// route finds the path of the description that a request is for; "" where there is none.
func (d *description) route(path string) string {
	path, _, _ = strings.Cut(path, "?")
	parts := strings.Split(path, "/")
	found := ""
	for pattern := range d.document["paths"].(map[string]any) {
		wanted := strings.Split(pattern, "/")
		if slices.EqualFunc(wanted, parts, func(w, p string) bool { return w == p || strings.HasPrefix(w, "{") && p != "" }) &&
			(found == "" || strings.Count(pattern, "{") < strings.Count(found, "{")) {
			found = pattern
		}
	}
	return found
}

// conforms compares an exchange with the description: the status is listed, the bodies and headers are as it says.
func (d *description) conforms(method, path, kind, body string, a answer) error {
	pattern := d.route(path)
	name := strings.ToLower(strings.Replace(method, http.MethodHead, http.MethodGet, 1))
	operation, _ := d.at("paths", pattern, name)
	if operation == nil || method != strings.ToUpper(method) {
		if a.status != http.StatusNotFound && a.status != http.StatusMethodNotAllowed {
			return fmt.Errorf("it is answered by %d, and not described", a.status)
		}
		return nil
	}
	status := strconv.Itoa(a.status)
	if _, there := d.at("paths", pattern, name, "responses", status); there == "" {
		if a.status < 500 {
			return fmt.Errorf("the status %d is not described", a.status)
		}
		status = "default"
	}
	response, _ := d.at("paths", pattern, name, "responses", status)
	_, content := d.at("paths", pattern, name, "responses", status, "content")
	if response, ok := response.(map[string]any); ok {
		headers, _ := response["headers"].(map[string]any)
		for header := range headers {
			if a.header.Get(header) == "" {
				return fmt.Errorf("the header %s is missing", header)
			}
		}
	}
	if method == http.MethodHead || content == "" {
		if a.body != "" {
			return fmt.Errorf("there is a body: %s", a.body)
		}
		return nil
	}
	if err := d.check(content, a.header.Get("Content-Type"), a.body); err != nil {
		return fmt.Errorf("the answer: %w", err)
	}
	if _, wanted := d.at("paths", pattern, name, "requestBody", "content"); wanted != "" && a.status < 300 && body != "" {
		kind, _, _ = strings.Cut(kind, ";")
		if err := d.check(wanted, kind, body); err != nil && kind != "application/x-ndjson" { // a bad line has an answer of its own
			return fmt.Errorf("what was taken: %w", err)
		}
	}
	return nil
}

// conforms makes every exchange of every test one that the description is tested by.
func (r *rig) conforms(method, path, kind, body string, a answer) {
	r.t.Helper()
	d, err := readDescription()
	if err == nil {
		err = d.conforms(method, path, kind, body, a)
	}
	if err != nil {
		r.t.Errorf("%s %s is not as it is described: %v", method, path, err)
	}
}

// The description can be read by whoever comes, names nothing twice, and every reference and schema in it can be resolved.
func TestDescription(t *testing.T) {
	r := newRig(t)
	if a := r.ask("GET", "/v1/openapi.json", "", ""); a.status != 200 || a.header.Get("Content-Type") != "application/json" {
		t.Fatalf("%+v", a)
	}
	d, err := readDescription()
	if err != nil {
		t.Fatal(err)
	}
	if d.document["openapi"] != "3.1.0" {
		t.Errorf("openapi %v", d.document["openapi"])
	}
	contents := 0
	var walk func(value any, pointer string)
	walk = func(value any, pointer string) {
		members, ok := value.(map[string]any)
		if !ok {
			return
		}
		if ref, is := members["$ref"].(string); is {
			if to, _ := d.at(strings.Split(strings.TrimPrefix(ref, "#/"), "/")...); to == nil {
				t.Errorf("%s: nothing stands at %s", pointer, ref)
			}
		}
		for name, below := range members {
			if name == "content" {
				for kind, content := range below.(map[string]any) {
					contents++
					err := d.check(pointer+"/content", kind, "null")
					var invalid *jsonschema.ValidationError
					if err != nil && !errors.As(err, &invalid) {
						t.Errorf("%s: %v", pointer, err)
					}
					if example, has := content.(map[string]any)["example"]; has {
						text, err := json.Marshal(example)
						if err != nil {
							t.Fatal(err)
						}
						if err := d.check(pointer+"/content", kind, string(text)); err != nil {
							t.Errorf("the example at %s: %v", pointer, err)
						}
					}
				}
			}
			walk(below, pointer+"/"+pointerEscapes.Replace(name))
		}
	}
	walk(d.document, "#")
	if contents < 30 {
		t.Errorf("only %d bodies are described", contents)
	}
}

// The handler answers to every method that is described, and to no other.
func TestDescriptionIsOfTheHandler(t *testing.T) {
	r := newRig(t)
	d, err := readDescription()
	if err != nil {
		t.Fatal(err)
	}
	methods := []string{"DELETE", "GET", "PATCH", "POST", "PUT"}
	for pattern, item := range d.document["paths"].(map[string]any) {
		path := strings.NewReplacer("{", "", "}", "").Replace(pattern)
		var there []string
		for _, method := range methods {
			if operation, ok := item.(map[string]any)[strings.ToLower(method)].(map[string]any); ok {
				there = append(there, method)
				want := 401
				if open, is := operation["security"].([]any); is && len(open) == 0 {
					want = 200
				}
				if a := r.ask(method, path, "", ""); a.status != want {
					t.Errorf("%s %s: %+v, want %d", method, path, a, want)
				}
			}
		}
		for _, method := range append(methods, "OPTIONS", "BREW") {
			if slices.Contains(there, method) {
				continue
			}
			if a := r.ask(method, path, anyToken, ""); a.status != 405 || a.header.Get("Allow") != strings.Join(there, ", ") {
				t.Errorf("%s %s: %d, allowed %s, want 405, %s", method, path, a.status, a.header.Get("Allow"), there)
			}
		}
	}
}

// Whoever sends the examples gets what is described: each on a hub with a record at version 2, a conflict on it, and one
// that was resolved.
func TestExamples(t *testing.T) {
	d, err := readDescription()
	if err != nil {
		t.Fatal(err)
	}
	reading := newRig(t)
	reading.examples()
	for pattern, item := range d.document["paths"].(map[string]any) {
		for method, op := range item.(map[string]any) {
			operation, ok := op.(map[string]any)
			if !ok {
				continue
			}
			t.Run(operation["operationId"].(string), func(t *testing.T) {
				r := reading
				if method != "get" {
					r = newRig(t)
					r.examples()
				}
				r.example(d, pattern, method, operation, item.(map[string]any)["parameters"])
			})
		}
	}
}

// example sends the example of one operation; shared are the parameters of its path.
func (r *rig) example(d *description, pattern, method string, operation map[string]any, shared any) {
	r.t.Helper()
	path := pattern
	if operation["operationId"] == "getLastResolution" {
		path = strings.ReplaceAll(path, "{id}", "D-7")
	}
	var headers []string
	query := url.Values{}
	own, _ := operation["parameters"].([]any)
	inPath, _ := shared.([]any)
	for _, p := range append(inPath, own...) {
		p := p.(map[string]any)
		switch example := p["example"]; {
		case example == nil:
		case p["in"] == "path":
			path = strings.ReplaceAll(path, "{"+p["name"].(string)+"}", fmt.Sprint(example))
		case p["in"] == "header":
			headers = append(headers, p["name"].(string), fmt.Sprint(example))
		case p["in"] == "query":
			query.Set(p["name"].(string), fmt.Sprint(example))
		}
	}
	if len(query) > 0 {
		path += "?" + query.Encode()
	}
	body := ""
	if wanted, _ := d.at("paths", pattern, method, "requestBody", "content"); wanted != nil {
		for kind, content := range wanted.(map[string]any) {
			if example := content.(map[string]any)["example"]; example != nil && body == "" {
				text, err := json.Marshal(example)
				if err != nil {
					r.t.Fatal(err)
				}
				body = string(text)
				headers = append(headers, "Content-Type", kind)
			}
		}
		if body == "" {
			r.t.Errorf("there is no example of the body of %s %s", method, pattern)
		}
	}
	if a := r.ask(strings.ToUpper(method), path, anyToken, body, headers...); a.status >= 300 {
		r.t.Errorf("%s %s %v %s: %+v", method, path, headers, body, a)
	}
}

// examples makes the hub that the examples are of.
func (r *rig) examples() {
	r.t.Helper()
	r.write("deal/D-1042", `{"status":"negotiating","amount":40000}`, 0)
	r.write("deal/D-1042", `{"status":"open","amount":40000,"notes":"added"}`, 1)
	r.write("deal/D-7", `{"status":"negotiating"}`, 0)
	r.write("deal/D-7", `{"status":"open"}`, 1)
	for _, line := range []string{
		`{"key":"first","record":"deal/D-1042","base_version":1,"local":{"status":"closed","amount":50000},"local_by":"dana"}`,
		`{"key":"second","record":"deal/D-7","base_version":1,"local":{"status":"closed"},"local_by":"dana"}`,
		`{"type":"wish","key":"wish","record":"deal/D-7"}`,
	} {
		if _, err := r.hub.Push(r.t.Context(), []byte(line)); err != nil {
			r.t.Fatal(err)
		}
	}
	shown, err := r.hub.Case(r.t.Context(), 2)
	if err != nil {
		r.t.Fatal(err)
	}
	decisions := merge.Decisions{}
	for _, f := range shown.Merge().Fields {
		if d, ok := f.Choose(merge.TakeLocal, merge.Absent); ok && f.Outcome == merge.FieldConflict {
			decisions[f.Path] = d
		}
	}
	result, err := shown.Merge().Apply(decisions)
	if err != nil {
		r.t.Fatal(err)
	}
	if _, err := r.hub.Resolve(r.t.Context(), merge.Writing{Conflict: 2, Revision: shown.Conflict.Revision, ServerVersion: shown.Conflict.ServerVersion,
		Decisions: decisions, Result: result, Person: "dana"}); err != nil {
		r.t.Fatal(err)
	}
	if err := r.hub.SaveDraft(r.t.Context(), merge.Draft{Conflict: 1, Person: "dana", Revision: 1, ServerVersion: 2}); err != nil {
		r.t.Fatal(err)
	}
}
