package serve

import (
	"net/http"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"sync"
)

var openAPIRoutes = []route{{"/v1/openapi.json", map[string]method{http.MethodGet: {"", (*call).openAPI}}}}

// object is a JSON object of the description. Its keys come out sorted.
type object = map[string]any

// operation is what the description says of one method of a route.
type operation struct {
	id      string
	summary string
	about   string
	query   []parameter
	headers []parameter
	bodies  []content
	answers []answer
	// problems are the statuses below 500 by which it is refused, beside those that any operation has.
	problems []int
}

// parameter is part of an address, or a header.
type parameter struct {
	name, about string
	schema      object
	example     any
	needed      bool
}

// content is a body of one type. Where there is no schema, it is that of the type of Go.
type content struct {
	kind    string
	of      reflect.Type
	schema  object
	needed  []string // members that a request has to have
	example any
}

// answer is what comes of an operation that was done.
type answer struct {
	status  int
	about   string
	bodies  []content
	headers []parameter
}

// describeOnce builds the description the first time that it is asked for: it is the same for every hub.
var describeOnce = sync.OnceValues(func() ([]byte, error) { return encode(describe(allRoutes, operations)) })

// openAPI answers with the description of all that the hub answers to.
func (c *call) openAPI() error {
	text, err := describeOnce()
	if err != nil {
		return err
	}
	return c.write(http.StatusOK, typeJSON, text)
}

// describe is the OpenAPI document of some routes, made of them and of the types that go over the wire, so that it says
// neither more nor less than what is there. What told says of an operation is missing where it is not there.
func describe(routes []route, told map[string]operation) object {
	s := newSchemas()
	paths := object{}
	for _, r := range routes {
		item := object{}
		for name, m := range r.methods {
			op := told[name+" "+r.pattern]
			item[strings.ToLower(name)] = op.describe(s, m)
		}
		if params := pathParameters(r.pattern); len(params) > 0 {
			item["parameters"] = params
		}
		paths[r.pattern] = item
	}
	problem := s.answer(reflect.TypeFor[Problem]())
	return object{
		"openapi":           "3.1.0",
		"jsonSchemaDialect": "https://json-schema.org/draft/2020-12/schema",
		"info": object{
			"title":   "dovetail",
			"version": "1",
			"description": "A hub of dovetail: records with strict preconditions, changes in and versions out, and the queue of conflicts. " +
				"A record's body is its bare document, and its ETag its version. Nothing is ever overwritten unseen: " +
				"a write names the version that it was made on, and a change that cannot be joined waits for a person.",
		},
		"paths":    paths,
		"security": []any{object{"token": []any{}}},
		"components": object{
			"schemas": s.components,
			"responses": object{"problem": object{"description": "what was asked was not done, and why (RFC 9457)",
				"content": object{typeProblem: object{"schema": problem}}}},
			"securitySchemes": object{"token": object{"type": "http", "scheme": "bearer",
				"description": "made by `dovetail token add NAME` at the hub. It names the person, and has scopes: read, push, resolve. " +
					"A hub on this machine that never had a token takes everybody here without one."}},
		},
	}
}

// describe is one operation.
func (op operation) describe(s *schemas, m method) object {
	out := object{"operationId": op.id, "summary": op.summary}
	about := op.about
	problems := append([]int{http.StatusBadRequest}, op.problems...)
	if m.scope == "" {
		out["security"] = []any{}
		problems = nil
	} else {
		problems = append(problems, http.StatusUnauthorized, http.StatusForbidden)
		about = strings.TrimSpace(about + " It takes the scope " + string(m.scope) + ".")
	}
	if about != "" {
		out["description"] = about
	}
	var params []any
	for _, p := range op.query {
		params = append(params, p.describe("query"))
	}
	for _, p := range op.headers {
		params = append(params, p.describe("header"))
	}
	if params != nil {
		out["parameters"] = params
	}
	if op.bodies != nil {
		bodies := object{}
		for _, b := range op.bodies {
			bodies[b.kind] = b.describe(s.request)
		}
		out["requestBody"] = object{"required": true, "content": bodies}
	}
	responses := object{"default": object{"$ref": "#/components/responses/problem"}}
	for _, status := range problems {
		responses[strconv.Itoa(status)] = object{"$ref": "#/components/responses/problem"}
	}
	for _, a := range op.answers {
		responses[strconv.Itoa(a.status)] = a.describe(s)
	}
	out["responses"] = responses
	return out
}

func (p parameter) describe(in string) object {
	out := object{"name": p.name, "in": in, "description": p.about, "schema": p.schema}
	if p.needed {
		out["required"] = true
	}
	if p.example != nil {
		out["example"] = p.example
	}
	return out
}

func (b content) describe(schema func(reflect.Type, []string) object) object {
	out := object{"schema": b.schema}
	if b.schema == nil {
		out["schema"] = schema(b.of, b.needed)
	}
	if b.example != nil {
		out["example"] = b.example
	}
	return out
}

func (a answer) describe(s *schemas) object {
	out := object{"description": a.about}
	bodies := object{}
	for _, b := range a.bodies {
		bodies[b.kind] = b.describe(func(t reflect.Type, _ []string) object { return s.answer(t) })
	}
	if len(bodies) > 0 {
		out["content"] = bodies
	}
	headers := object{}
	for _, h := range a.headers {
		headers[h.name] = object{"description": h.about, "schema": h.schema}
	}
	if len(headers) > 0 {
		out["headers"] = headers
	}
	return out
}

// inPath are the parameters that stand in a path, by their names in the routes.
var inPath = map[string]parameter{
	"collection": {about: "the first part of a record's name: a-z, 0-9, _ and -", schema: object{"type": "string", "pattern": "^[a-z0-9_-]+$"}, example: "deal"},
	"id":         {about: "the rest of it, any printable text; a slash in it is %2F", schema: object{"type": "string", "minLength": 1}, example: "D-1042"},
	"conflict":   {about: "a conflict's number", schema: object{"type": "integer", "minimum": 1}, example: 1},
	"resolution": {about: "a resolution's number", schema: object{"type": "integer", "minimum": 1}, example: 1},
}

func pathParameters(pattern string) []any {
	var params []any
	for part := range strings.SplitSeq(pattern, "/") {
		name, is := strings.CutPrefix(part, "{")
		if !is {
			continue
		}
		p := inPath[strings.TrimSuffix(name, "}")]
		p.name, p.needed = strings.TrimSuffix(name, "}"), true
		params = append(params, p.describe("path"))
	}
	return params
}

// allRoutes is all that the handler answers to.
var allRoutes []route

func init() {
	// What describes the routes is one of them, so that the list cannot stand in their declaration.
	allRoutes = slices.Concat(healthRoutes, openAPIRoutes, recordRoutes, changeRoutes, versionRoutes, conflictRoutes, parkedRoutes, aboutRoutes)
}
