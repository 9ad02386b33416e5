package remote

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"dovetail/merge"
	"dovetail/store"
	"dovetail/store/serve"
)

// What can go wrong on the way to a hub. What was asked may be done all the same, but for the first three.
var (
	ErrUnauthorized = errors.New("the hub does not know the token")
	ErrForbidden    = errors.New("the token does not allow this")
	ErrInvalid      = errors.New("the hub cannot use what it was sent")
	ErrUnreachable  = errors.New("out of reach")
	ErrNotHub       = errors.New("no hub answers there")
	ErrCut          = errors.New("the answer did not come whole")
	ErrTooLarge     = errors.New("the answer is too large")
	ErrFailed       = errors.New("the hub failed") // it, or what stands before it
)

// Error is a problem that a hub told. It unwraps to the error of package store or merge that a hub in a file would have
// had, or to one of this package's.
type Error struct {
	Status  int
	Code    string
	Title   string
	Detail  string
	Request string        // the number of the request in the hub's log
	Current *store.Record // where a write was made on an older version
	// After is how long the hub wants not to be asked; 0: it does not say.
	After time.Duration

	evidence serve.Evidence
}

func (e *Error) Error() string {
	switch {
	case e.Detail == "":
		return e.Title
	case e.Title == "":
		return e.Detail
	}
	return e.Title + ": " + e.Detail
}

// Unwrap tells what kind of error it is.
func (e *Error) Unwrap() error {
	if err := e.evidence.Err(e.Code); err != nil {
		return err
	}
	for _, k := range kinds {
		if k.code == e.Code {
			return k.err
		}
	}
	switch {
	case e.Status == http.StatusUnauthorized:
		return ErrUnauthorized
	case e.Status == http.StatusForbidden:
		return ErrForbidden
	case e.Status >= 500 || e.Status == http.StatusTooManyRequests:
		return ErrFailed
	}
	return ErrInvalid
}

// kinds are the problems by their codes.
var kinds = []struct {
	code string
	err  error
}{
	{"unauthorized", ErrUnauthorized},
	{"forbidden", ErrForbidden},
	{"not-found", merge.ErrNotFound},
	{"closed", merge.ErrClosed},
	{"stale", merge.ErrStale},
	{"other-hub", store.ErrOtherHub},
	{"went-back", store.ErrWentBack},
	{"busy", store.ErrBusy},
	{"full", store.ErrFull},
	{"cancelled", ErrFailed},
	{"internal", ErrFailed},
	{"cut", ErrCut},
}

// told is the problem that an answer holds which is no success.
func told(res *http.Response, body io.Reader) error {
	if res.StatusCode >= 300 && res.StatusCode <= 399 {
		return fmt.Errorf("%w: it answered %d, that it is at %q", ErrNotHub, res.StatusCode, res.Header.Get("Location"))
	}
	if kind, _, _ := mime.ParseMediaType(res.Header.Get("Content-Type")); kind != typeProblem {
		return strange(res)
	}
	text, err := io.ReadAll(&bounded{from: body, left: maxProblem})
	if err != nil {
		return err
	}
	p, ok := problem(text)
	if !ok {
		return strange(res)
	}
	p.Status = res.StatusCode
	if p.Code == "unauthorized" && res.Request.Header.Get("Authorization") != "" {
		p.Title, p.Detail = ErrUnauthorized.Error(), "" // the same words are for whoever has none
	}
	if seconds, err := strconv.Atoi(res.Header.Get("Retry-After")); err == nil && seconds > 0 {
		p.After = time.Duration(min(seconds, 3600)) * time.Second
	}
	return p
}

// strange is an answer that is none of a hub's: of something that stands before it, or instead of it.
func strange(res *http.Response) error {
	if res.StatusCode >= 500 || res.StatusCode == http.StatusTooManyRequests || res.StatusCode == http.StatusRequestTimeout {
		return fmt.Errorf("%w: it answered %d", ErrFailed, res.StatusCode)
	}
	return fmt.Errorf("%w: it answered %d", ErrNotHub, res.StatusCode)
}

// problem reads what a hub calls a problem.
func problem(text []byte) (*Error, bool) {
	var p serve.Problem
	if err := json.Unmarshal(text, &p); err != nil || p.Code == "" {
		return nil, false
	}
	return &Error{Status: p.Status, Code: p.Code, Title: p.Title, Detail: p.Detail, Request: p.ID, Current: p.Current,
		evidence: p.Evidence}, true
}

// unreachable is an error of the way there, without the address, which whoever reads it is told already.
func unreachable(err error) error {
	if errors.Is(err, ErrPlain) {
		return err
	}
	var of *url.Error
	if errors.As(err, &of) {
		err = of.Err
	}
	return &unreachableError{err}
}

// unreachableError keeps what happened on the way, for who wants to know more of it.
type unreachableError struct{ err error }

func (e *unreachableError) Error() string {
	return ErrUnreachable.Error() + ": " + strings.TrimPrefix(e.err.Error(), "net/http: ")
}

func (e *unreachableError) Unwrap() []error { return []error{ErrUnreachable, e.err} }
