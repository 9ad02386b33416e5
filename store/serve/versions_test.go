package serve_test

import (
	"encoding/json"
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"dovetail/merge"
	"dovetail/store"
	"dovetail/store/serve"
)

// feed asks for versions.
func (r *rig) feed(query string) store.Feed {
	r.t.Helper()
	a := r.ask("GET", "/v1/versions?"+query, readToken, "")
	var f store.Feed
	if err := json.Unmarshal([]byte(a.body), &f); a.status != 200 || err != nil {
		r.t.Fatalf("%s: %+v: %v", query, a, err)
	}
	return f
}

// place is a query for what comes after a place.
func place(p store.Place) string {
	return url.Values{"after": {fmt.Sprint(p.Number)}, "generation": {p.Generation}, "hash": {p.Hash},
		"manners": {fmt.Sprint(p.Manners)}}.Encode()
}

func TestGetVersions(t *testing.T) {
	r := newRig(t)
	for i := range 3 {
		r.write(fmt.Sprintf("deal/%d", i), fmt.Sprintf(`{"n":%d}`, i), 0)
	}
	first := r.feed("limit=2")
	if len(first.Versions) != 2 || first.Newest != 3 || first.Place.Number != 2 || string(first.Versions[1].Fields) != `{"n":1}` {
		t.Errorf("first: %+v", first)
	}
	for _, query := range []string{place(first.Place), "after=2"} {
		if rest := r.feed(query); len(rest.Versions) != 1 || rest.Place.Number != 3 || rest.Place.Generation != r.hub.Info().Generation {
			t.Errorf("rest: %+v", rest)
		}
	}
	other, back, unlike := first.Place, first.Place, first.Place
	other.Generation, back.Number, unlike.Hash = "other", 9, strings.Repeat("0", len(unlike.Hash))
	for code, queries := range map[string][]string{
		"other-hub": {place(other)},
		"went-back": {place(back), place(unlike), "after=9", "answered=never"},
		"invalid":   {"after=x", "after=-1", "limit=1001", "wait=31", "wait=1.5", "more=1", "after=1&after=2", "after=%zz"},
	} {
		for _, query := range queries {
			if p := r.problem(r.ask("GET", "/v1/versions?"+query, readToken, "")); p.Code != code {
				t.Errorf("%s: %+v, want %s", query, p, code)
			}
		}
	}
}

// soon is before anybody who waits for news is sent away without.
const soon = 20 * time.Second

// waiting asks for what comes after a place until there is something, and tells it.
func (r *rig) waiting(p store.Place) <-chan store.Feed {
	got := make(chan store.Feed, 1)
	go func() { got <- r.feed(place(p) + "&wait=30") }()
	return got
}

// soon takes what somebody waited for.
func (r *rig) soon(got <-chan store.Feed) store.Feed {
	r.t.Helper()
	select {
	case f := <-got:
		return f
	case <-time.After(soon):
		r.t.Fatal("nothing came")
		return store.Feed{}
	}
}

// listened is a rig that tells when a request has come, and looks elsewhere as often as it says.
func listened(t *testing.T, every time.Duration, closing <-chan struct{}) (*rig, <-chan struct{}) {
	asked := make(chan struct{}, 1000)
	r := newRig(t, func(o *serve.Options) {
		o.Closing, o.LookEvery = closing, every
		o.Now = func() time.Time { asked <- struct{}{}; return time.Now() }
	})
	r.write("deal/1", `{"n":1}`, 0)
	return r, asked
}

// Whoever waits for news hears at once of what is written here, and that there will be no more.
func TestLongPollHearsAtOnce(t *testing.T) {
	closing := make(chan struct{})
	r, asked := listened(t, time.Hour, closing)
	at := r.feed("").Place
	for len(asked) > 0 {
		<-asked
	}
	got := r.waiting(at)
	<-asked // it is there
	r.write("deal/2", `{"n":2}`, 0)
	f := r.soon(got)
	if len(f.Versions) != 1 || f.Versions[0].Record.ID != "2" {
		t.Fatalf("written here: %+v", f)
	}
	got = r.waiting(f.Place)
	close(closing)
	if last := r.soon(got); len(last.Versions)+len(last.Collections) != 0 || last.Place != f.Place {
		t.Errorf("at the end: %+v", last)
	}
}

// Whoever waits for news hears of what another process writes.
func TestLongPollLooksElsewhere(t *testing.T) {
	r, _ := listened(t, time.Millisecond, nil)
	elsewhere, err := store.Open(t.Context(), r.hub.Info().Path, store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer elsewhere.Close()
	got := r.waiting(r.feed("").Place)
	if _, err := elsewhere.Write(t.Context(), store.Edit{Record: merge.Key{Collection: "deal", ID: "3"}, Fields: merge.Document(`{}`)}); err != nil {
		t.Fatal(err)
	}
	f := r.soon(got)
	if len(f.Versions) != 1 || f.Versions[0].Record.ID != "3" {
		t.Fatalf("written elsewhere: %+v", f)
	}
	got = r.waiting(f.Place)
	if err := elsewhere.SetStrategy(t.Context(), "deal", merge.OpReplay); err != nil {
		t.Fatal(err)
	}
	if f = r.soon(got); len(f.Versions) != 0 || len(f.Collections) != 1 {
		t.Fatalf("another strategy: %+v", f)
	}
}

func TestGetResolutions(t *testing.T) {
	r := newRig(t)
	for i := range 3 {
		r.write(fmt.Sprintf("deal/%d", i), `{"a":1,"b":1}`, 0)
		r.write(fmt.Sprintf("deal/%d", i), `{"a":2,"b":1}`, 1)
		if a := r.push(fmt.Sprintf(`{"key":"%d","record":"deal/%d","base_version":1,"local":{"a":1,"b":2}}`, i, i)); !strings.Contains(a.body, "merged") {
			t.Fatalf("%+v", a)
		}
	}
	numbers := func(query string) (all []int64) {
		a := r.ask("GET", "/v1/resolutions"+query, readToken, "")
		if a.status != 200 || a.header.Get("Content-Type") != asLines {
			t.Fatalf("%s: %+v", query, a)
		}
		for line := range strings.Lines(a.body) {
			var one store.Resolution
			if err := json.Unmarshal([]byte(line), &one); err != nil || one.Type != "resolution" || string(one.Result) != `{"a":2,"b":2}` {
				t.Fatalf("%s: %v", line, err)
			}
			all = append(all, one.Resolution)
		}
		return all
	}
	for query, want := range map[string]string{"": "[1 2 3]", "?after=1": "[2 3]", "?after=1&limit=1": "[2]", "?after=3": "[]"} {
		if got := fmt.Sprint(numbers(query)); got != want {
			t.Errorf("%s: %s, want %s", query, got, want)
		}
	}
	if p := r.problem(r.ask("GET", "/v1/resolutions?after=x", readToken, "")); p.Code != "invalid" {
		t.Errorf("%+v", p)
	}
}
