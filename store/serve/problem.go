package serve

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"dovetail/merge"
	"dovetail/merge/schema"
	"dovetail/store"
)

// Problem is what a client gets instead of what it asked for (RFC 9457).
type Problem struct {
	Type   string `json:"type"` // urn:dovetail: and the code
	Title  string `json:"title"`
	Status int    `json:"status"`
	Detail string `json:"detail,omitempty"`
	Code   string `json:"code"`              // what programs tell problems apart by
	ID     string `json:"request,omitempty"` // of the request, as the hub's log has it
	// Current is the record as it is now, where a write was made on an older one.
	Current *store.Record `json:"current,omitempty"`
	Evidence
}

// problem is an error that is answered as it stands.
type problem struct {
	status  int
	code    string
	title   string
	detail  string
	current *store.Record

	evidence Evidence
}

func (p *problem) Error() string { return p.title }

// Is makes a problem with a detail the same as one without.
func (p *problem) Is(other error) bool {
	o, ok := other.(*problem)
	return ok && o.code == p.code
}

// because is the problem with what is wrong in this case.
func (p *problem) because(format string, args ...any) *problem {
	told := *p
	told.detail = fmt.Sprintf(format, args...)
	return &told
}

var (
	errNoResource = &problem{status: http.StatusNotFound, code: "not-found", title: "there is nothing here"}
	errMethod     = &problem{status: http.StatusMethodNotAllowed, code: "method", title: "that cannot be done to this resource"}
	errNoToken    = &problem{status: http.StatusUnauthorized, code: "unauthorized", title: "a token is needed"}
	errScope      = &problem{status: http.StatusForbidden, code: "forbidden", title: "the token does not allow this"}
	errTooLarge   = &problem{status: http.StatusRequestEntityTooLarge, code: "too-large", title: "the body is too large",
		detail: fmt.Sprintf("it may have %d bytes", maxBody)}
	errCut       = &problem{status: http.StatusBadRequest, code: "cut", title: "the body did not come whole"}
	errInvalid   = &problem{status: http.StatusBadRequest, code: "invalid", title: "the request makes no sense"}
	errMediaType = &problem{status: http.StatusUnsupportedMediaType, code: "media-type", title: "the body is of another type"}
	errCondition = &problem{status: http.StatusPreconditionRequired, code: "precondition-required",
		title: "If-Match is needed", detail: `the ETag that the record had when it was read, or If-None-Match: * to create it`}
	errStale    = &problem{status: http.StatusPreconditionFailed, code: "stale", title: "the record moved"}
	errKeyTaken = &problem{status: http.StatusUnprocessableEntity, code: "key-reused", title: "the key was used for something else"}
	errRule     = &problem{status: http.StatusUnprocessableEntity, code: "rule", title: "it would break a rule"}
	errPatch    = &problem{status: http.StatusConflict, code: "patch", title: "the patch does not fit the record"}
	errPanic    = &problem{status: http.StatusInternalServerError, code: "internal", title: "the hub failed"}
)

// errGone says that nobody listens any more: there is nothing to answer.
var errGone = errors.New("the client is gone")

func invalid(format string, args ...any) *problem { return errInvalid.because(format, args...) }

func badType(types []string) *problem {
	return errMediaType.because("Content-Type is to be %s", strings.Join(types, " or "))
}

// known are the errors of the store that a client can do something about.
var known = []struct {
	err  error
	tell problem
}{
	{merge.ErrNotFound, problem{status: http.StatusNotFound, code: "not-found", title: "not found"}},
	{merge.ErrClosed, problem{status: http.StatusConflict, code: "closed", title: "the conflict is already resolved"}},
	{merge.ErrStale, problem{status: http.StatusPreconditionFailed, code: "stale", title: "the record moved"}},
	{store.ErrOtherHub, problem{status: http.StatusConflict, code: "other-hub", title: "the replica followed another hub"}},
	{store.ErrWentBack, problem{status: http.StatusConflict, code: "went-back", title: "the hub was set back to an older state"}},
	{store.ErrBarred, problem{status: http.StatusForbidden, code: "forbidden", title: "the token does not allow this",
		detail: store.ErrBarred.Error()}},
	{store.ErrBusy, problem{status: http.StatusServiceUnavailable, code: "busy", title: "the hub is busy"}},
	{store.ErrFull, problem{status: http.StatusInsufficientStorage, code: "full", title: "the hub has no room left"}},
	{store.ErrKeyReused, *errKeyTaken},
	{store.ErrUnknown, problem{status: http.StatusServiceUnavailable, code: "unknown", title: "it is not known whether it was done",
		detail: "ask again: what has a key, or names the version that it was made on, is done once at most"}},
	{merge.ErrKey, problem{status: http.StatusBadRequest, code: "invalid", title: "the request makes no sense"}},
	{merge.ErrPath, problem{status: http.StatusBadRequest, code: "invalid", title: "the request makes no sense"}},
	{context.Canceled, problem{status: http.StatusServiceUnavailable, code: "cancelled", title: "it was broken off"}},
	{context.DeadlineExceeded, problem{status: http.StatusServiceUnavailable, code: "cancelled", title: "it took too long"}},
}

// asProblem is what a client is told of an error. What it cannot do anything about has no detail: that would be about our
// files and statements.
func asProblem(err error) *problem {
	var told *problem
	var document *merge.DocumentError
	var line *store.LineError
	var policies *schema.Error
	var fits *merge.PatchError
	if errors.As(err, &told) {
		return told
	}
	if told = evident(err); told != nil {
		return told
	}
	switch {
	case errors.As(err, &document):
		return invalid("%s", document)
	case errors.As(err, &line):
		return invalid("%s", line)
	case errors.As(err, &policies):
		return invalid("%s", policies)
	case errors.Is(err, store.ErrCursor):
		return invalid("after or before: %s", store.ErrCursor)
	case errors.As(err, &fits):
		return errPatch.because("%s", fits)
	}
	for _, k := range known {
		if errors.Is(err, k.err) {
			tell := k.tell
			return &tell
		}
	}
	return errPanic
}

// fail answers an error, unless something was answered already.
func (c *call) fail(err error) {
	if errors.Is(err, errGone) {
		return
	}
	p := c.problemOf(err)
	if c.out.status != 0 {
		return
	}
	if p.Status == http.StatusUnauthorized {
		c.out.Header().Set("WWW-Authenticate", `Bearer realm="dovetail"`)
	}
	if p.Status == http.StatusServiceUnavailable {
		c.out.Header().Set("Retry-After", "1")
	}
	text, err := encode(p)
	if err == nil {
		err = c.write(p.Status, typeProblem, text)
	}
	if err != nil && !errors.Is(err, errGone) {
		c.Log.Error("answer", "request", c.id, "error", err.Error())
	}
}

// problemOf is an error as the client is told it. What only the hub's people can mend is logged.
func (c *call) problemOf(err error) Problem {
	p := asProblem(err)
	if p.status == http.StatusInternalServerError && !errors.Is(err, errPanic) {
		c.Log.Error("failed", "request", c.id, "error", err.Error())
	}
	return Problem{Type: "urn:dovetail:" + p.code, Title: p.title, Status: p.status, Detail: p.detail,
		Code: p.code, ID: c.id, Current: p.current, Evidence: p.evidence}
}
