package remote_test

import (
	"bytes"
	"io"
	"net/http"
	"strings"
	"testing"

	"dovetail/store"
	"dovetail/store/remote"
)

// says answers everything with the same.
type says struct {
	status int
	kind   string
	body   []byte
}

// RoundTrip implements [http.RoundTripper].
func (s says) RoundTrip(req *http.Request) (*http.Response, error) {
	return &http.Response{StatusCode: s.status, Header: http.Header{"Content-Type": {s.kind}}, Request: req,
		Body: io.NopCloser(bytes.NewReader(s.body))}, nil
}

// FuzzAnswers has a hub answer anything: what comes of it is an error, or fits what was asked.
func FuzzAnswers(f *testing.F) {
	for _, seed := range []string{
		`{"key":"k1","record":"deal/1","outcome":"applied","version":1}`,
		`{"code":"full","title":"no room","status":507}`,
		`{"place":{"generation":"g","number":2,"manners":1},"newest":9,"versions":[{"place":2,"record":"deal/1","version":1,"fields":{"a":1},"hash":"00"}]}`,
		"{\"outcome\":\"merged\"}\n{\"outcome\":\"merged\"}\n",
		`{"versions":[{"fields":{"a":1,"a":2}}]}`,
	} {
		for _, status := range []int{200, 202, 301, 404, 422, 500} {
			f.Add(status, []byte(seed))
		}
	}
	f.Fuzz(func(t *testing.T, status int, body []byte) {
		if status < 200 || status > 599 {
			return
		}
		for _, kind := range []string{"application/json", "application/x-ndjson", "application/problem+json", "text/html"} {
			far := dial(t, "https://hub.example", says{status, kind, body})
			answers, err := far.Deliver(t.Context(), [][]byte{line(1), line(2)})
			if err == nil && (len(answers) != 2 || status > 299 || !strings.Contains(kind, "ndjson")) {
				t.Fatalf("%d %s %q: %+v", status, kind, body, answers)
			}
			feed, err := far.Feed(t.Context(), store.Place{}, 0)
			if err == nil && (status > 299 || len(feed.Versions) > 0 && feed.Place.Number <= 0) {
				t.Fatalf("%d %s %q: %+v", status, kind, body, feed)
			}
		}
	})
}

// FuzzDial reads anything as the address of a hub: what is taken is https, or of this machine, and as it was.
func FuzzDial(f *testing.F) {
	for _, seed := range []string{"https://hub.example/a", "http://localhost:7733", "http://localhost.evil", "http://[::1]:1/", "https://a@b", "//x", "http://127.0.0.1#@x"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, address string) {
		h, err := remote.Dial(address, remote.Token{}, remote.Options{})
		if err != nil {
			return
		}
		again, err := remote.Dial(h.Address(), remote.Token{}, remote.Options{})
		if err != nil || again.Address() != h.Address() || strings.ContainsAny(h.Address(), "?#@") {
			t.Fatalf("%q is %q: %v", address, h.Address(), err)
		}
	})
}
