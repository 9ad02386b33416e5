package serve

import (
	"net/http"
	"reflect"

	"dovetail/merge"
	"dovetail/store"
)

// Schemas that several operations have.
var (
	anyText    = object{"type": "string"}
	anyNumber  = object{"type": "integer", "minimum": 0}
	pageSize   = object{"type": "integer", "minimum": 1, "maximum": maxPage}
	aDocument  = object{"type": "object", "description": "a record's bare document"}
	aName      = object{"type": "string", "pattern": "^[a-z0-9_-]+/"}
	aSide      = object{"type": []any{"object", "null"}}
	aTime      = object{"type": "string", "format": "date-time"}
	aPatch     = object{"type": "array", "description": "JSON Patch (RFC 6902)", "maxItems": merge.MaxSteps, "items": object{"type": "object", "required": []any{"op", "path"}, "properties": object{"op": words("add", "remove", "replace", "move", "copy", "test"), "path": anyText, "from": anyText, "value": object{}}}}
	filterText = parameter{name: "where", about: "the words of a filter, such as `collection:deal kind:edit-delete age>2d`", schema: object{"type": "string", "maxLength": maxWhere}}
	ownDrafts  = parameter{name: "drafts", about: "true: only those that the token's person has begun to decide", schema: words("true", "false")}
)

// Headers that several operations have.
var (
	ifMatch     = parameter{name: "If-Match", about: "the ETag of the version that the write was made on; one of it and `If-None-Match: *` is needed", schema: anyText, example: `"2"`}
	ifNoneMatch = parameter{name: "If-None-Match", about: "`*` writes only where there is no such record", schema: anyText}
	ifNews      = parameter{name: "If-None-Match", about: "the ETag that is known: 304 where it still is", schema: anyText}
	requestKey  = parameter{name: "Idempotency-Key", about: "a word of your own for this one request: asked again with it, it has no second effect, and is answered as it was", schema: object{"type": "string", "maxLength": maxRequestKey}, example: "6f1c5c1e-write-1"}
	tagHeader   = parameter{name: "ETag", about: "the record's version, in quotes", schema: object{"type": "string", "pattern": `^"[0-9]+"$`}}
	placeHeader = parameter{name: "Location", about: "where it is", schema: anyText}
)

// writes are the headers of a write.
var writes = []parameter{ifMatch, ifNoneMatch, requestKey}

// inJSON is a JSON body of a type.
func inJSON[T any]() []content { return []content{{kind: typeJSON, of: reflect.TypeFor[T]()}} }

// takes is a JSON body that is read, with an example and the members that it has to have.
func takes[T any](example any, needed ...string) []content {
	return []content{{kind: typeJSON, of: reflect.TypeFor[T](), needed: needed, example: example}}
}

// givesNothing is an answer that holds nothing.
func givesNothing(about string) []answer {
	return []answer{{status: http.StatusNoContent, about: about}}
}

// gives is an answer with a body of a type.
func gives[T any](about string) []answer {
	return []answer{{status: http.StatusOK, about: about, bodies: inJSON[T]()}}
}

// givesRecord is the answer to a write.
func givesRecord(status int, about string) answer {
	return answer{status: status, about: about, bodies: []content{{kind: typeJSON, schema: aDocument}}, headers: []parameter{tagHeader}}
}

// aChange is the schema of the one carrier of changes.
var aChange = object{
	"type":     "object",
	"required": []any{"record"},
	"properties": object{
		"type": object{"type": "string", "description": "change, where it is said; another one is kept, and parked"}, "key": object{"type": "string", "description": "names the change: the same key and payload have one effect. Or Idempotency-Key says it"},
		"record": aName, "base_version": object{"type": "integer", "minimum": 0, "description": "the version that it was made on; 0: there was none"},
		"base_hash": anyText, "base": object{"type": []any{"object", "null"}, "description": "the record as it was changed; null: it did not exist"},
		"local":      object{"type": []any{"object", "null"}, "description": "the record as the change leaves it; null is a deletion"},
		"operations": object{"type": "array", "items": object{"type": "object"}},
		"local_by":   object{"type": "string", "description": "passed over: the token names the person"}, "local_at": aTime, "device": anyText, "sequence": object{"type": "integer"},
		"server": aSide, "server_version": object{"type": "integer"}, "server_by": anyText, "server_at": aTime, "server_ref": object{}, "local_ref": object{},
	},
}

var storyChange = object{"key": "ana-7-12", "record": "deal/D-1042", "base_version": 1, "local": object{"status": "closed", "amount": 50000}}

// operations say what each method of each route is for.
var operations = map[string]operation{
	"GET /healthz":         {id: "health", summary: "Whether the hub is there", answers: gives[map[string]string]("it is")},
	"GET /v1/openapi.json": {id: "describe", summary: "This description", answers: gives[map[string]any]("an OpenAPI 3.1 document")},

	"GET /v1/records": {id: "listCollections", summary: "The names of the collections", answers: gives[collectionList]("sorted")},
	"GET /v1/records/{collection}": {id: "listRecords", summary: "The records of a collection, by id",
		query: []parameter{{name: "text", about: "only those that hold it in their id or fields", schema: anyText},
			{name: "after", about: "begin after this id: `next` of the page before", schema: anyText}, {name: "limit", about: "of a page", schema: pageSize}},
		answers: gives[recordPage]("a page; without `next` it is the last")},
	"GET /v1/records/{collection}/{id}": {id: "getRecord", summary: "A record's bare document", headers: []parameter{ifNews},
		answers:  []answer{givesRecord(http.StatusOK, "as it is now"), {status: http.StatusNotModified, about: "nothing is new", headers: []parameter{tagHeader}}},
		problems: []int{http.StatusNotFound, http.StatusPreconditionFailed}},
	"PUT /v1/records/{collection}/{id}": {id: "putRecord", summary: "Create a record, or replace it as a whole", headers: writes,
		about:    "Missing precondition: 428. Stale: 412, with the record as it is now in `current`.",
		bodies:   []content{{kind: typeJSON, schema: aDocument, example: object{"status": "open", "amount": 40000}}},
		answers:  []answer{givesRecord(http.StatusOK, "replaced"), givesRecord(http.StatusCreated, "created")},
		problems: writeProblems},
	"PATCH /v1/records/{collection}/{id}": {id: "patchRecord", summary: "Change a part of a record", headers: writes,
		about: "The steps are done together or not at all: 409 where one does not fit.",
		bodies: []content{{kind: typePatch, schema: aPatch,
			example: []any{object{"op": "replace", "path": "/status", "value": "closed"}, object{"op": "add", "path": "/notes", "value": "signed"}}}},
		answers:  []answer{givesRecord(http.StatusOK, "changed")},
		problems: append([]int{http.StatusConflict}, writeProblems...)},
	"DELETE /v1/records/{collection}/{id}": {id: "deleteRecord", summary: "Delete a record; its versions stay", headers: writes,
		answers:  []answer{{status: http.StatusNoContent, about: "deleted, by this version", headers: []parameter{tagHeader}}},
		problems: writeProblems},

	"POST /v1/changes": {id: "postChanges", summary: "Bring changes, and have them joined",
		about: "One change is answered by what became of it. Lines are answered line by line, in their order; what was answered is done, and what was not may be sent again. " +
			"A line that is no change, or whose key was used for another, is answered as refused.",
		headers: []parameter{{name: requestKey.name, about: "the key of a change that has none in it", schema: requestKey.schema}},
		bodies:  []content{{kind: typeJSON, schema: aChange, example: storyChange}, {kind: typeLines, schema: aChange}},
		answers: []answer{
			{status: http.StatusOK, about: "done; or, for lines, an answer for each", bodies: []content{{kind: typeJSON, of: reflect.TypeFor[store.Answer]()},
				{kind: typeLines, schema: object{"anyOf": []any{object{"$ref": "#/components/schemas/Answer"}, object{"$ref": "#/components/schemas/Problem"}}}}}},
			{status: http.StatusAccepted, about: "it waits for a person", bodies: inJSON[store.Answer](), headers: []parameter{placeHeader}}},
		problems: []int{http.StatusRequestEntityTooLarge, http.StatusUnsupportedMediaType, http.StatusUnprocessableEntity}},
	"GET /v1/versions": {id: "pull", summary: "The versions after a place, in the order of their commits",
		about: "`place` of the answer says where the next one begins.",
		query: []parameter{{name: "after", about: "the number of the last version that is known", schema: anyNumber},
			{name: "generation", about: "of the hub that it is of", schema: anyText}, {name: "hash", about: "of that version", schema: anyText},
			{name: "manners", about: "how many settings of collections are known", schema: object{"type": "integer", "minimum": -1}},
			{name: "answered", about: "the key of the last change that was answered", schema: anyText},
			{name: "limit", about: "of versions", schema: object{"type": "integer", "minimum": 0, "maximum": maxVersions}},
			{name: "wait", about: "where there are none, wait for so many seconds", schema: object{"type": "integer", "minimum": 0, "maximum": int(maxWait.Seconds())}}},
		answers: gives[store.Feed]("none, where nothing came"), problems: []int{http.StatusConflict}},
	"GET /v1/resolutions": {id: "listResolutions", summary: "What conflicts came to, in their order, a line each",
		query:   []parameter{{name: "after", about: "the number of the last that is known", schema: anyNumber}, {name: "limit", about: "of lines; 0: all", schema: anyNumber}},
		answers: []answer{{status: http.StatusOK, about: "lines", bodies: []content{{kind: typeLines, of: reflect.TypeFor[store.Resolution]()}}}}},
}

// writeProblems are the statuses by which a write is refused.
var writeProblems = []int{http.StatusNotFound, http.StatusPreconditionFailed, http.StatusRequestEntityTooLarge,
	http.StatusUnsupportedMediaType, http.StatusUnprocessableEntity, http.StatusPreconditionRequired}
