//go:build unix

package main

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"dovetail/store"
	"dovetail/store/serve"
)

// wire is a hub over HTTP, on a line that can be cut.
type wire struct {
	*httptest.Server
	cut atomic.Bool // nobody is answered
}

// serveFile serves a database file to people who have a token.
func serveFile(t *testing.T, path string, people ...string) *wire {
	t.Helper()
	hub, err := store.Open(t.Context(), path, (&app{}).options())
	if err != nil {
		t.Fatal(err)
	}
	for _, person := range people {
		if _, err := hub.AddToken(t.Context(), person, store.Scopes, "secret-of-"+person); err != nil {
			t.Fatal(err)
		}
	}
	w := &wire{}
	handler := serve.New(hub, serve.Options{})
	w.Server = httptest.NewServer(http.HandlerFunc(func(out http.ResponseWriter, r *http.Request) {
		if w.cut.Load() {
			panic(http.ErrAbortHandler)
		}
		handler.ServeHTTP(out, r)
	}))
	t.Cleanup(func() {
		w.Close()
		hub.Close()
	})
	return w
}

// openAs starts the program on a hub over HTTP, as a person.
func (w *wire) openAs(t *testing.T, person string, args ...string) *terminal {
	t.Helper()
	t.Setenv("DOVETAIL_TOKEN", "secret-of-"+person)
	return open(t, 100, 30, append([]string{"--db", w.URL}, args...)...)
}

// Support staff decide on a hub elsewhere by the same screens: the queue, a draft, the review, and the way back.
func TestTerminalOverHTTP(t *testing.T) {
	db := database(t, storyLines)
	x := serveFile(t, db, "kim").openAs(t, "kim")
	x.sees("deal/D-1042", "1 open", queueFoot)
	x.press("\r", "2 LEFT", resolveFoot)
	x.press("1", "Last step: local for owner", "draft saved")
	decideStatus(x)
	x.press("w", "nothing written yet", "50000", reviewFoot)
	x.press("s", "written v5")
	if version, fields := recordOf(t, db, "deal/D-1042"); version != 5 || fields["owner"] != "kim" || fields["status"] != "closed" {
		t.Errorf("the record is version %d, %v", version, fields)
	}
	if log := dovetail(t, "--db", db, "log", "--json", "deal/D-1042"); !strings.Contains(log, `"cause":"resolution","by":"kim"`) {
		t.Errorf("the log says %s", log)
	}
	x.press("U", "opens again with its draft", "y yes")
	x.press("y", "1 open", queueFoot)
	x.press("q")
	if code := x.ends(); code != 0 {
		t.Errorf("exit code %d:\n%s", code, x.text())
	}
	if version, fields := recordOf(t, db, "deal/D-1042"); version != 6 || fields["owner"] != "diaz" {
		t.Errorf("after the undo the record is version %d, %v", version, fields)
	}
}

// The line is lost in the middle of deciding: the person hears it, nothing is lost, and when it is back all goes on.
func TestTerminalLineLost(t *testing.T) {
	db := database(t, storyLines)
	hub := serveFile(t, db, "kim")
	x := hub.openAs(t, "kim", "resolve", "1")
	x.sees("2 LEFT", resolveFoot)
	hub.cut.Store(true)
	x.press("1", "DRAFT NOT SAVED", "1 LEFT", "L kim", "the draft could not be saved")
	hub.cut.Store(false)
	x.sees("draft saved")
	if got := dovetail(t, "--db", db, "--as", "kim", "show", "--json", "1"); !strings.Contains(got, `"/owner":{"choice":"local"`) {
		t.Errorf("the draft is %s", got)
	}
	decideStatus(x)
	x.press("w", "nothing written yet", reviewFoot)
	hub.cut.Store(true)
	x.press("s", "not written")
	hub.cut.Store(false)
	x.press("s", "written v5")
	if version, fields := recordOf(t, db, "deal/D-1042"); version != 5 || fields["owner"] != "kim" || fields["status"] != "closed" {
		t.Errorf("the record is version %d, %v", version, fields)
	}
}

// Of two people at the same conflict the second sees who is at it; of what both decide one is written, and the other hears
// it with the draft kept.
func TestTerminalTwoPeopleOverHTTP(t *testing.T) {
	db := database(t, storyLines)
	hub := serveFile(t, db, "kim", "lee")
	bothDecide(t, db, func(who string) *terminal { return hub.openAs(t, who, "resolve", "1") })
	if got := dovetail(t, "--db", db, "--as", "lee", "show", "--json", "1"); !strings.Contains(got, `"/status":{"choice":"local"`) {
		t.Errorf("lee's draft is %s", got)
	}
}
