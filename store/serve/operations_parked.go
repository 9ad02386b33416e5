package serve

import (
	"maps"

	"dovetail/store"
)

func init() { maps.Copy(operations, parkedOperations) }

// parkedOperations are those about changes that could not be used.
var parkedOperations = map[string]operation{
	"GET /v1/parked": {id: "listParked", summary: "The changes that could not be used, each whole, with the reason",
		query:   []parameter{{name: "after", about: "`next` of the page before", schema: anyNumber}, {name: "limit", about: "of a page", schema: pageSize}},
		answers: gives[ParkedPage]("in the order in which they came in")},
	"POST /v1/parked/retry": {id: "retryParked", summary: "Take a parked change in again, as if it came in now",
		about:   "What still cannot be used stays parked, with the reason of now. 404 where it is parked no longer: somebody else was first.",
		bodies:  takes[ParkedKey](object{"key": "wish"}, "key"),
		answers: gives[store.Answer]("what became of it"), problems: onBody},
}
