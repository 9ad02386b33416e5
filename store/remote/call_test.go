package remote

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"dovetail/merge"
	"dovetail/store"
)

// dialed is a hub that a function plays.
func dialed(t *testing.T, play http.HandlerFunc) *Hub {
	t.Helper()
	server := httptest.NewServer(play)
	t.Cleanup(server.Close)
	token, err := NewToken("secret")
	if err != nil {
		t.Fatal(err)
	}
	h, err := Dial(server.URL+"/", token, Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { h.Close() })
	return h
}

// says answers everything with the same.
func says(status int, kind, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", kind)
		w.WriteHeader(status)
		io.WriteString(w, body)
	}
}

func TestDialRefuses(t *testing.T) {
	for address, want := range map[string]error{
		"https://hub.example":            nil,
		"https://hub.example/of/ours/":   nil,
		"http://localhost:7733":          nil,
		"http://hub.example":             ErrPlain,
		"http://localhost.example":       ErrPlain,
		"http://127.0.0.1@hub.example/":  ErrAddress,
		"https://ana:sesame@hub.example": ErrAddress,
		"https://hub.example?token=x":    ErrAddress,
		"https://hub.example/#x":         ErrAddress,
		"ftp://hub.example":              ErrAddress,
		"https://":                       ErrAddress,
		"hub.db":                         ErrAddress,
		"https://ana:ses\x00ame@hub":     ErrAddress,
	} {
		_, err := Dial(address, Token{}, Options{})
		if !errors.Is(err, want) || err != nil && strings.Contains(err.Error(), "sesame") {
			t.Errorf("%s: %v, want %v", address, err, want)
		}
	}
}

// The problems that a hub tells are the errors that a file has; whatever else answers is no hub.
func TestProblemsBecomeErrors(t *testing.T) {
	for body, want := range map[string]error{
		`{"code":"stale","title":"the record moved"}`: merge.ErrStale,
		`{"code":"closed","title":"it is"}`:           merge.ErrClosed,
		`{"code":"not-found","title":"not found"}`:    merge.ErrNotFound,
		`{"code":"went-back","title":"it did"}`:       store.ErrWentBack,
		`{"code":"other-hub","title":"it is"}`:        store.ErrOtherHub,
		`{"code":"busy","title":"it is"}`:             store.ErrBusy,
		`{"code":"unauthorized","title":"a token"}`:   ErrUnauthorized,
		`{"code":"forbidden","title":"scope"}`:        ErrForbidden,
		`{"code":"new","title":"of a newer hub"}`:     ErrInvalid,
		`{"title":"of something else"}`:               ErrNotHub,
		`<html>`:                                      ErrNotHub,
	} {
		_, err := dialed(t, says(422, typeProblem, body)).ask(t.Context(), request{path: "/v1/x"}, nil, nil)
		if !errors.Is(err, want) {
			t.Errorf("%s: %v, want %v", body, err, want)
		}
	}
	for status, want := range map[int]error{404: ErrNotHub, 502: ErrFailed, 429: ErrFailed, 308: ErrNotHub} {
		_, err := dialed(t, says(status, "text/html", "<html>")).ask(t.Context(), request{path: "/v1/x"}, nil, nil)
		if !errors.Is(err, want) {
			t.Errorf("%d: %v, want %v", status, err, want)
		}
	}
	_, err := dialed(t, says(200, "text/html", "<html>")).ask(t.Context(), request{path: "/v1/x"}, nil, new(any))
	if !errors.Is(err, ErrNotHub) {
		t.Errorf("a page: %v", err)
	}
}

// A hub that sends one elsewhere does not get the token sent there.
func TestNoRedirectWithToken(t *testing.T) {
	asked := 0
	elsewhere := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { asked++ }))
	defer elsewhere.Close()
	h := dialed(t, func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, elsewhere.URL, http.StatusTemporaryRedirect)
	})
	_, err := h.ask(t.Context(), request{path: "/v1/x"}, nil, nil)
	if !errors.Is(err, ErrNotHub) || asked != 0 {
		t.Errorf("%v, and %d requests came there", err, asked)
	}
}

// An answer that is cut or too large is an error, whatever of it could be read.
func TestAnswerIsWholeOrAnError(t *testing.T) {
	short := func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", typeJSON)
		w.Header().Set("Content-Length", "100")
		io.WriteString(w, `{}`)
	}
	var out any
	if _, err := dialed(t, short).ask(t.Context(), request{path: "/v1/x"}, nil, &out); !errors.Is(err, ErrCut) {
		t.Errorf("cut: %v", err)
	}
	h := dialed(t, says(200, typeJSON, `{"a":1}`))
	if _, err := h.ask(t.Context(), request{path: "/v1/x", largest: 6}, nil, &out); !errors.Is(err, ErrTooLarge) {
		t.Errorf("too large: %v", err)
	}
	if _, err := h.ask(t.Context(), request{path: "/v1/x", largest: 7}, nil, &out); err != nil {
		t.Errorf("as large as it may be: %v", err)
	}
	if _, err := dialed(t, says(200, typeJSON, `{} {}`)).ask(t.Context(), request{path: "/v1/x"}, nil, &out); !errors.Is(err, ErrNotHub) {
		t.Errorf("two: %v", err)
	}
}

// A hub that says nothing is given up; whoever breaks off hears that he did.
func TestSilenceIsGivenUp(t *testing.T) {
	end := make(chan struct{})
	h := dialed(t, func(w http.ResponseWriter, r *http.Request) {
		io.Copy(io.Discard, r.Body)
		select {
		case <-r.Context().Done():
		case <-end:
		}
	})
	defer close(end)
	h.patience = time.Millisecond
	if _, err := h.ask(t.Context(), request{path: "/v1/x"}, nil, nil); !errors.Is(err, ErrUnreachable) {
		t.Errorf("silence: %v", err)
	}
	h.patience = time.Hour
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := h.ask(ctx, request{path: "/v1/x"}, nil, nil); !errors.Is(err, context.Canceled) {
		t.Errorf("broken off: %v", err)
	}
}

// Nobody is there: the error says so, and does not repeat the address over and over.
func TestNobodyIsThere(t *testing.T) {
	server := httptest.NewServer(http.NotFoundHandler())
	server.Close()
	h, err := Dial(server.URL, Token{}, Options{})
	if err != nil {
		t.Fatal(err)
	}
	_, err = h.ask(t.Context(), request{path: "/v1/x"}, nil, nil)
	if !errors.Is(err, ErrUnreachable) || strings.Contains(err.Error(), "/v1/x") {
		t.Errorf("%v", err)
	}
}
