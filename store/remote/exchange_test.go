package remote_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"dovetail/merge"
	"dovetail/store"
	"dovetail/store/remote"
	"dovetail/store/replicate"
	"dovetail/store/serve"
)

var _ replicate.Hub = (*remote.Hub)(nil)

// newHub is a hub behind its handler, of which ana has the token.
func newHub(t testing.TB) (*store.Store, *httptest.Server) {
	t.Helper()
	hub, err := store.Create(t.Context(), filepath.Join(t.TempDir(), "hub.db"), store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := hub.AddToken(t.Context(), "ana", store.Scopes, "secret"); err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(serve.New(hub, serve.Options{}))
	t.Cleanup(func() {
		server.Close()
		if err := hub.Close(); err != nil {
			t.Error(err)
		}
	})
	return hub, server
}

// dial is a hub at an address, with the token of everybody in these tests.
func dial(t testing.TB, address string, transport http.RoundTripper) *remote.Hub {
	t.Helper()
	token, err := remote.NewToken("secret")
	if err != nil {
		t.Fatal(err)
	}
	h, err := remote.Dial(address, token, remote.Options{Transport: transport})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { h.Close() })
	return h
}

// line is a change that makes a record.
func line(i int) []byte {
	return fmt.Appendf(nil, `{"key":"k%d","record":"deal/%d","local":{"n":%d}}`, i, i, i)
}

// What is said over the network is what a file would have said.
func TestHubIsLikeAFile(t *testing.T) {
	file, server := newHub(t)
	far := dial(t, server.URL, nil)
	lines := [][]byte{line(1), []byte(`{"key":"bad"}`), line(2), line(1), []byte(`{"type":"later","key":"p","record":"deal/1"}`)}
	first, err := far.Deliver(t.Context(), lines)
	if err != nil || len(first) != len(lines) || first[0].Version != 1 || first[1].Outcome != store.Refused || first[4].Outcome != store.Parked {
		t.Fatalf("%+v, %v", first, err)
	}
	again, err := file.DeliverAs(t.Context(), store.Token{Person: "ana", Scopes: store.Scopes}, lines)
	if err != nil || fmt.Sprint(again) != fmt.Sprint(first) {
		t.Errorf("%+v, %v; want %+v", again, err, first)
	}
	if none, err := far.Deliver(t.Context(), nil); len(none) > 0 || err != nil {
		t.Errorf("%v, %v", none, err)
	}
	for _, limit := range []int{0, 1} {
		got, err := far.Feed(t.Context(), store.Place{}, limit)
		want, failed := file.Feed(t.Context(), store.Place{}, limit)
		if err != nil || failed != nil || fmt.Sprintf("%+v", got) != fmt.Sprintf("%+v", want) {
			t.Errorf("%+v, %v;\nwant %+v, %v", got, err, want, failed)
		}
	}
	for _, at := range []store.Place{{Generation: "x"}, {Generation: file.Info().Generation, Number: 9, Hash: "00"}} {
		_, err := far.Feed(t.Context(), at, 1)
		_, want := file.Feed(t.Context(), at, 1)
		for _, kind := range []error{store.ErrOtherHub, store.ErrWentBack} {
			if errors.Is(err, kind) != errors.Is(want, kind) {
				t.Errorf("%+v: %v, want %v", at, err, want)
			}
		}
	}
	feed, err := far.Feed(t.Context(), store.Place{}, 0)
	if err != nil {
		t.Fatal(err)
	}
	if news, err := far.Wait(t.Context(), store.Place{Generation: feed.Place.Generation}, 0); err != nil || !news {
		t.Errorf("news: %t, %v", news, err)
	}
	if news, err := far.Wait(t.Context(), feed.Place, 0); err != nil || news {
		t.Errorf("no news: %t, %v", news, err)
	}
}

// TestDeliverCutAnywhere cuts the answer at each byte in turn: it is an error, and the same lines again get all answers.
func TestDeliverCutAnywhere(t *testing.T) {
	file, server := newHub(t)
	lines := [][]byte{line(1), line(2), line(3)}
	whole := 0
	for cut, answered := 0, false; !answered; cut++ {
		far := dial(t, server.URL, cutting{cut, false})
		answers, err := far.Deliver(t.Context(), lines)
		if answered = err == nil; answered {
			whole = cut
			if len(answers) != 3 || answers[2].Key != "k3" || answers[2].Version != 1 {
				t.Errorf("%+v", answers)
			}
		} else if !errors.Is(err, remote.ErrCut) {
			t.Fatalf("cut at %d: %v", cut, err)
		}
		// One that ends as if that were all is found by what is missing.
		if answers, err := dial(t, server.URL, cutting{cut, true}).Deliver(t.Context(), lines); err == nil && len(answers) != 3 {
			t.Fatalf("ended at %d: %+v", cut, answers)
		}
	}
	if whole < 100 {
		t.Errorf("whole at %d bytes", whole)
	}
	for i := range 3 {
		if all, err := file.Log(t.Context(), merge.Key{Collection: "deal", ID: fmt.Sprint(i + 1)}); err != nil || len(all) != 1 {
			t.Errorf("%+v, %v", all, err)
		}
	}
}

// cutting is a line that breaks after so many bytes of an answer's body, or ends as if it were whole.
type cutting struct {
	after int
	clean bool
}

// RoundTrip implements [http.RoundTripper].
func (c cutting) RoundTrip(req *http.Request) (*http.Response, error) {
	res, err := http.DefaultTransport.RoundTrip(req)
	if err != nil {
		return nil, err
	}
	text, err := io.ReadAll(res.Body)
	if err = errors.Join(err, res.Body.Close()); err != nil {
		return nil, err
	}
	if c.after < len(text) {
		var end io.Reader = broken{}
		if c.clean {
			end = bytes.NewReader(nil)
		}
		res.Body = io.NopCloser(io.MultiReader(bytes.NewReader(text[:c.after]), end))
		return res, nil
	}
	res.Body = io.NopCloser(bytes.NewReader(text))
	return res, nil
}

// broken is the end of a line that broke.
type broken struct{}

// Read implements [io.Reader].
func (broken) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }

// A hub that answers something else than it was asked is told apart from one that does its work.
func TestStrangeAnswers(t *testing.T) {
	const good = `{"key":"k1","record":"deal/1","outcome":"applied","version":1}` + "\n"
	for name, c := range map[string]struct {
		body string
		want error
	}{
		"more than there were":  {good + good, remote.ErrNotHub},
		"fewer":                 {"", remote.ErrCut},
		"an outcome of its own": {`{"key":"k1","outcome":"lost"}`, remote.ErrNotHub},
		"no object":             {"5\n", remote.ErrNotHub},
		"no JSON":               {"{\n", remote.ErrNotHub},
		"a problem":             {`{"code":"full","title":"no room","status":507}`, store.ErrFull},
		"a line without end":    {`{"key":"` + strings.Repeat("x", 17<<20), remote.ErrTooLarge},
	} {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/x-ndjson")
			io.WriteString(w, c.body)
		}))
		if answers, err := dial(t, server.URL, nil).Deliver(t.Context(), [][]byte{line(1)}); !errors.Is(err, c.want) || answers != nil {
			t.Errorf("%s: %+v, %v, want %v", name, answers, err, c.want)
		}
		server.Close()
	}
	for _, body := range []string{
		`{"place":{"generation":"g","number":0},"newest":5,"versions":[]}`,
		`{"place":{"generation":"g","number":9},"newest":9,"versions":[]}`,
		`{"place":{"number":0},"newest":0,"versions":[]}`,
		`{"place":{"generation":"g","number":2},"newest":9,"versions":[{"place":2,"record":"deal/1","version":0,"fields":{}}]}`,
		`{"place":{"generation":"g","number":2},"newest":9,"versions":[{"place":2,"record":"deal/1","version":1},{"place":2,"record":"deal/1","version":2}]}`,
		`{"place":{"generation":"g","number":2},"newest":9,"versions":[{"place":2,"record":"deal","version":1}]}`,
	} {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			io.WriteString(w, body)
		}))
		if _, err := dial(t, server.URL, nil).Feed(t.Context(), store.Place{}, 0); !errors.Is(err, remote.ErrNotHub) {
			t.Errorf("%s: %v", body, err)
		}
		server.Close()
	}
}

// Whatever stands at the address that is no hub of ours, or lets one not in, is told as such.
func TestNoHubThere(t *testing.T) {
	_, server := newHub(t)
	for address, want := range map[string]error{server.URL + "/v1": remote.ErrNotHub, server.URL + "/of/another": remote.ErrNotHub} {
		far := dial(t, address, nil)
		if _, err := far.Feed(t.Context(), store.Place{}, 1); !errors.Is(err, want) {
			t.Errorf("%s: %v", address, err)
		}
		if _, err := far.Deliver(t.Context(), [][]byte{line(1)}); !errors.Is(err, want) {
			t.Errorf("%s: %v", address, err)
		}
	}
	wrong, err := remote.NewToken("wrong")
	if err != nil {
		t.Fatal(err)
	}
	far, err := remote.Dial(server.URL, wrong, remote.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := far.Feed(t.Context(), store.Place{}, 1); !errors.Is(err, remote.ErrUnauthorized) {
		t.Errorf("another token: %v", err)
	}
	for _, bad := range [][][]byte{{[]byte("{}\n{}")}, {nil}, {[]byte("  ")}} {
		if _, err := dial(t, server.URL, nil).Deliver(t.Context(), bad); err == nil {
			t.Errorf("%q was sent", slices.Concat(bad...))
		}
	}
}
