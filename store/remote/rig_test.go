package remote_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"dovetail/merge"
	"dovetail/store"
	"dovetail/store/remote"
	"dovetail/store/serve"
)

// clock goes on by a second each time that it is read.
type clock struct {
	mu sync.Mutex
	at time.Time
}

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(time.Second)
	return c.at
}

// rig is a hub in a file, and the same one over HTTP.
type rig struct {
	t      testing.TB
	file   *store.Store
	server *httptest.Server
}

// people are those who have a token, with what it lets them do.
var people = map[string][]store.Scope{"ana": store.Scopes, "bo": store.Scopes, "reader": {store.ScopeRead}}

func newRig(t testing.TB) *rig {
	t.Helper()
	at := &clock{at: time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC)}
	var ids atomic.Int64
	file, err := store.Create(t.Context(), filepath.Join(t.TempDir(), "hub.db"),
		store.Options{Now: at.now, NewID: func() string { return fmt.Sprintf("id-%d", ids.Add(1)) }})
	if err != nil {
		t.Fatal(err)
	}
	for person, scopes := range people {
		if _, err := file.AddToken(t.Context(), person, scopes, "secret-of-"+person); err != nil {
			t.Fatal(err)
		}
	}
	r := &rig{t: t, file: file, server: httptest.NewServer(serve.New(file, serve.Options{Now: at.now}))}
	t.Cleanup(func() {
		r.server.Close()
		file.Close()
	})
	return r
}

// as is the hub as a person reaches it.
func (r *rig) as(person string) *remote.Hub { return r.over(nil, person) }

// over is the hub as a person reaches it over a line.
func (r *rig) over(line http.RoundTripper, person string) *remote.Hub {
	r.t.Helper()
	token, err := remote.NewToken("secret-of-" + person)
	if err != nil {
		r.t.Fatal(err)
	}
	hub, err := remote.Dial(r.server.URL, token, remote.Options{Transport: line})
	if err != nil {
		r.t.Fatal(err)
	}
	r.t.Cleanup(func() { hub.Close() })
	return hub
}

// push has change lines come in.
func (r *rig) push(lines ...string) {
	r.t.Helper()
	for _, line := range lines {
		if a, err := r.file.Push(r.t.Context(), []byte(line)); err != nil || a.Outcome == store.Refused {
			r.t.Fatalf("push %s: %+v, %v", line, a, err)
		}
	}
}

// write has somebody edit a record at the hub.
func (r *rig) write(name, fields string, version int64) {
	r.t.Helper()
	if _, err := r.file.Write(r.t.Context(), store.Edit{Record: key(name), Version: version, Fields: merge.Document(fields), By: "diaz"}); err != nil {
		r.t.Fatal(err)
	}
}

// deal opens conflict 1, over the status of a deal.
func (r *rig) deal() {
	r.t.Helper()
	r.write("deal/D-1", `{"amount":1,"status":"new"}`, 0)
	r.write("deal/D-1", `{"amount":1,"status":"open"}`, 1)
	r.push(`{"key":"k1","record":"deal/D-1","base_version":1,"local":{"amount":2,"status":"closed"},"local_by":"kim","device":"kim-1","sequence":1}`)
}

func key(name string) merge.Key {
	k, err := merge.ParseKey(name)
	if err != nil {
		panic(err)
	}
	return k
}
