package serve

import (
	"maps"
	"net/http"

	"dovetail/merge"
)

func init() { maps.Copy(operations, queueOperations) }

// queueOperations are those about conflicts, and about how things stand.
var queueOperations = map[string]operation{
	"GET /v1/conflicts": {id: "listConflicts", summary: "A page of the queue",
		query: []parameter{filterText, ownDrafts, {name: "group", about: "only those of a group, as it is listed", schema: anyText},
			{name: "order", about: "oldest first where it is not said", schema: words(oldestFirst, NewestFirst)},
			{name: "after", about: "`last` of the page before", schema: anyText}, {name: "before", about: "`first` of the page after; empty: the last page", schema: anyText},
			{name: "limit", about: "of a page", schema: pageSize}},
		answers: gives[Page]("conflicts, with the places around them")},
	"GET /v1/conflicts/groups": {id: "listGroups", summary: "The conflicts that are alike, in groups", query: []parameter{filterText, ownDrafts}, answers: gives[Groups]("the largest first")},
	"GET /v1/conflicts/values": {id: "listValues", summary: "What a filter may ask for: values that open conflicts have",
		query: []parameter{{name: "name", about: "of a term of the filter", schema: words(merge.FilterNames...), example: "by", needed: true},
			{name: "typed", about: "what they begin with", schema: anyText}, {name: "limit", about: "at most", schema: pageSize}},
		answers: gives[Values]("sorted")},
	"GET /v1/conflicts/counts": {id: "countConflicts", summary: "How much stands in the queue", answers: gives[merge.Counts]("numbers")},
	"GET /v1/conflicts/{conflict}": {id: "getConflict", summary: "A conflict, with all that is needed to decide it",
		answers: gives[Case]("`merge` says what became of each field, and why"), problems: onConflict},
	"GET /v1/conflicts/{conflict}/draft": {id: "getDraft", summary: "What you have decided so far", answers: gives[merge.Draft]("yours; nobody sees another's"), problems: onConflict},
	"PUT /v1/conflicts/{conflict}/draft": {id: "putDraft", summary: "Keep what you have decided so far, without writing it",
		bodies:  takes[merge.Draft](object{"revision": 1, "server_version": 2, "decisions": object{}, "note": "ask ana"}, "revision", "server_version"),
		answers: givesNothing("kept"), problems: onBody},
	"DELETE /v1/conflicts/{conflict}/draft": {id: "deleteDraft", summary: "Forget it", answers: givesNothing("forgotten"), problems: onConflict},
	"POST /v1/conflicts/{conflict}/claim": {id: "claim", summary: "Say that you are at it", bodies: takes[Claim](object{"seconds": 600}, "seconds"),
		answers: gives[Claimed]("until then"), problems: onBody},
	"DELETE /v1/conflicts/{conflict}/claim": {id: "unclaim", summary: "Say that you are not", answers: givesNothing("nobody is"), problems: onConflict},
	"POST /v1/conflicts/{conflict}/snooze": {id: "snooze", summary: "Put it off until a time", bodies: takes[Until](object{"until": "2999-01-01T08:00:00Z"}, "until"),
		answers: givesNothing("it comes back by itself"), problems: onBody},
	"DELETE /v1/conflicts/{conflict}/snooze": {id: "wake", summary: "Have it back now", answers: givesNothing("open"), problems: onConflict},
	"POST /v1/conflicts/{conflict}/resolution": {id: "resolve", summary: "Write what you decided",
		about: "It is written only while the conflict is at the revision, and the record at the version, that were shown: 412 else, and 409 where it was resolved. " +
			"A decision is local, server, base, combined, removed, or edited with a value. Asked again, it is answered as it was.",
		bodies: takes[Writing](object{"revision": 1, "server_version": 2, "decisions": object{"/status": object{"choice": "local"}}, "note": "ana was there"},
			"revision", "server_version", "decisions"),
		answers:  []answer{{status: http.StatusCreated, about: "written", bodies: inJSON[merge.Written]()}, {status: http.StatusOK, about: "it was written already, by you", bodies: inJSON[merge.Written]()}},
		problems: append([]int{http.StatusUnprocessableEntity}, onBody...)},
	"POST /v1/resolutions/{resolution}/undo": {id: "undo", summary: "Take a resolution back, and open its conflict again",
		answers: gives[merge.Written]("the version that undoes it"), problems: append([]int{http.StatusUnprocessableEntity}, onBody...)},

	"GET /v1/status":               {id: "status", summary: "How things stand, and who you are", answers: gives[Status]("now")},
	"GET /v1/moment":               {id: "moment", summary: "A number that is another one after each writing", answers: gives[Moment]("now")},
	"GET /v1/schemas/{collection}": {id: "getSchema", summary: "How the records of a collection are joined and checked", answers: gives[Schema]("as it is now"), problems: onConflict},
	"GET /v1/drafts":               {id: "listRecordDrafts", summary: "What you have edited in records and not written", answers: gives[RecordDrafts]("yours; nobody sees another's")},
	"PUT /v1/records/{collection}/{id}/draft": {id: "putRecordDraft", summary: "Keep what you have edited in a record so far, without writing it",
		about:   "The record may not be there: then it is to be made.",
		bodies:  takes[merge.RecordDraft](object{"version": 2, "edits": object{"/status": object{"value": "closed", "was": "open"}}}, "version"),
		answers: givesNothing("kept"), problems: onBody},
	"DELETE /v1/records/{collection}/{id}/draft":   {id: "deleteRecordDraft", summary: "Forget it", answers: givesNothing("forgotten"), problems: onConflict},
	"GET /v1/records/{collection}/{id}/versions":   {id: "getVersions", summary: "Every version of a record", answers: gives[Versions]("oldest first"), problems: onConflict},
	"GET /v1/records/{collection}/{id}/conflicts":  {id: "getConflictsOf", summary: "The conflicts of a record that are not resolved", answers: gives[Numbers]("by number"), problems: onConflict},
	"GET /v1/records/{collection}/{id}/resolution": {id: "getLastResolution", summary: "The resolution that an undo of a record takes back", answers: gives[Last]("its number"), problems: onConflict},
}

// onConflict is how what is about one thing is refused, and onBody the same where it brings a body.
var (
	onConflict = []int{http.StatusNotFound, http.StatusConflict, http.StatusPreconditionFailed}
	onBody     = append([]int{http.StatusRequestEntityTooLarge, http.StatusUnsupportedMediaType, http.StatusUnprocessableEntity}, onConflict...)
)
