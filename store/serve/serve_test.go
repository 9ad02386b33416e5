package serve_test

import (
	"bytes"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"

	"dovetail/merge"
	"dovetail/store"
	"dovetail/store/serve"
)

// rig is a hub behind its handler, on loopback.
type rig struct {
	t      *testing.T
	hub    *store.Store
	server *httptest.Server
	log    *bytes.Buffer // to be read once the server is closed
}

// The tokens that every rig knows, by what they may do.
const (
	anyToken  = "secret-of-dana"
	readToken = "secret-of-reader"
)

func newRig(t *testing.T, change ...func(*serve.Options)) *rig {
	t.Helper()
	hub, err := store.Create(t.Context(), filepath.Join(t.TempDir(), "hub.db"), store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	r := &rig{t: t, hub: hub, log: new(bytes.Buffer)}
	opts := serve.Options{Log: slog.New(slog.NewJSONHandler(r.log, nil))}
	for _, f := range change {
		f(&opts)
	}
	for secret, scopes := range map[string][]store.Scope{anyToken: store.Scopes, readToken: {store.ScopeRead}} {
		if opts.Open != "" {
			break
		}
		if _, err := hub.AddToken(t.Context(), strings.TrimPrefix(secret, "secret-of-"), scopes, secret); err != nil {
			t.Fatal(err)
		}
	}
	r.server = httptest.NewServer(serve.New(hub, opts))
	t.Cleanup(func() {
		r.server.Close()
		if err := hub.Close(); err != nil {
			t.Error(err)
		}
	})
	return r
}

// answer is what came back.
type answer struct {
	status int
	header http.Header
	body   string
}

// ask sends a request with a token, "" for none; headers come as pairs.
func (r *rig) ask(method, path, token, body string, headers ...string) answer {
	r.t.Helper()
	req, err := http.NewRequestWithContext(r.t.Context(), method, r.server.URL+path, strings.NewReader(body))
	if err != nil {
		r.t.Fatal(err)
	}
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	for i := 0; i+1 < len(headers); i += 2 {
		if headers[i] == "Host" {
			req.Host = headers[i+1]
		}
		req.Header.Set(headers[i], headers[i+1])
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		r.t.Fatal(err)
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		r.t.Fatal(err)
	}
	a := answer{res.StatusCode, res.Header, string(text)}
	r.conforms(method, path, req.Header.Get("Content-Type"), body, a)
	return a
}

// problem is the problem that an answer holds.
func (r *rig) problem(a answer) serve.Problem {
	r.t.Helper()
	var p serve.Problem
	if a.header.Get("Content-Type") != "application/problem+json" {
		r.t.Fatalf("no problem: %d %s %s", a.status, a.header, a.body)
	}
	if err := json.Unmarshal([]byte(a.body), &p); err != nil || p.Status != a.status {
		r.t.Fatalf("problem %s: %v", a.body, err)
	}
	return p
}

// write puts a record into the hub, behind the handler's back.
func (r *rig) write(name, fields string, version int64) {
	r.t.Helper()
	key, err := merge.ParseKey(name)
	if err != nil {
		r.t.Fatal(err)
	}
	if _, err := r.hub.Write(r.t.Context(), store.Edit{Record: key, Version: version, Fields: merge.Document(fields), By: "ana"}); err != nil {
		r.t.Fatal(err)
	}
}

// Whoever has no token, or one that does not go so far, gets the same answer whatever is there.
func TestOnlyWithToken(t *testing.T) {
	r := newRig(t)
	r.write("deal/D-1", `{"amount":1}`, 0)
	for _, path := range []string{"/v1/records/deal/D-1", "/v1/records/deal/none"} {
		for _, token := range []string{"", "wrong"} {
			if p := r.problem(r.ask("GET", path, token, "")); p.Status != 401 || p.Code != "unauthorized" {
				t.Errorf("GET %s with token %q: %+v", path, token, p)
			}
		}
	}
	if a := r.ask("GET", "/healthz", "", ""); a.status != 200 {
		t.Errorf("healthz: %+v", a)
	}
	if p := r.problem(r.ask("GET", "/nothing", "", "")); p.Status != 404 {
		t.Errorf("nothing: %+v", p)
	}
	if a := r.ask("POST", "/healthz", "", ""); a.status != 405 || a.header.Get("Allow") != "GET" {
		t.Errorf("method: %+v", a)
	}
}

// An open hub takes no orders from pages of other sites that a browser here shows.
func TestOpenIsForThisMachine(t *testing.T) {
	r := newRig(t, func(o *serve.Options) { o.Open = "ana" })
	r.write("deal/D-1", `{"amount":1}`, 0)
	if a := r.ask("GET", "/v1/records/deal/D-1", "", ""); a.status != 200 || a.body != "{\"amount\":1}\n" || a.header.Get("ETag") != `"1"` {
		t.Errorf("from here: %+v", a)
	}
	if a := r.ask("GET", "/v1/records/deal/D-1", "", "", "Origin", "https://elsewhere.example"); a.status != 401 {
		t.Errorf("from another site: %+v", a)
	}
	if a := r.ask("GET", "/v1/records/deal/D-1", "", "", "Host", "rebound.example"); a.status != 401 {
		t.Errorf("by another name: %+v", a)
	}

	// The first token closes it, while it is served, and revoking that one does not open it again.
	token, err := r.hub.AddToken(t.Context(), "bo", store.Scopes, "secret-of-bo")
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if a := r.ask("GET", "/v1/records/deal/D-1", "", ""); a.status != 401 {
			t.Errorf("without the token that there is: %+v", a)
		}
		if err := r.hub.RevokeToken(t.Context(), token.Number); err != nil {
			t.Fatal(err)
		}
	}
}

// No value, id or token stands in the log.
func TestLogHoldsNoValues(t *testing.T) {
	r := newRig(t)
	r.write("deal/who-knows", `{"amount":"planted-value"}`, 0)
	r.ask("GET", "/v1/records/deal/who-knows", anyToken, "")
	r.server.Close()
	for _, planted := range []string{"planted-value", anyToken, "who-knows"} {
		if strings.Contains(r.log.String(), planted) {
			t.Errorf("the log holds %q: %s", planted, r.log)
		}
	}
}
