package remote_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/url"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"

	"net/http/httptest"

	"dovetail/store"
	"dovetail/store/linear"
	"dovetail/store/serve"
)

// clients are eight programs that read a hub's records and push changes to them, over lines on which answers get lost.
type clients struct {
	base string
	each []*client
}

type client struct {
	http http.Client
	mu   sync.Mutex
	r    *rand.Rand
	lost int
}

// errAnswerLost says that the answer did not come.
var errAnswerLost = errors.New("the answer was lost")

// RoundTrip implements [http.RoundTripper]: every now and then the answer is lost, or a part of it.
func (c *client) RoundTrip(req *http.Request) (*http.Response, error) {
	res, err := http.DefaultTransport.RoundTrip(req)
	if err != nil {
		return nil, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.r.IntN(8) > 0 {
		return res, nil
	}
	c.lost++
	if c.r.IntN(2) == 0 {
		return nil, errors.Join(errAnswerLost, res.Body.Close())
	}
	text, err := io.ReadAll(res.Body)
	if err = errors.Join(err, res.Body.Close()); err != nil || len(text) == 0 {
		return nil, errors.Join(errAnswerLost, err)
	}
	res.Body = io.NopCloser(io.MultiReader(bytes.NewReader(text[:c.r.IntN(len(text))]), broken{}))
	return res, nil
}

func newClients(t *testing.T, handler http.Handler) *clients {
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	all := &clients{base: server.URL}
	for i := range linear.Writers {
		c := &client{r: rand.New(rand.NewPCG(uint64(i), 5))}
		c.http.Transport = c
		all.each = append(all.each, c)
	}
	return all
}

// ask has one of them do something. Whose answer to a change is lost, as a rule asks again, with the same key.
func (all *clients) ask(ctx context.Context, writer int, a linear.Act) (linear.Answer, error) {
	c := all.each[writer]
	for try := 0; ; try++ {
		got, err := c.do(ctx, all.base, a)
		switch {
		case ctx.Err() != nil:
			return linear.Answer{Unknown: true}, nil
		case errors.Is(err, errAnswerLost) || errors.Is(err, io.ErrUnexpectedEOF):
			if try == 2 || try == 1 && a.Verb != "read" {
				return linear.Answer{Unknown: true}, nil
			}
		default:
			return got, err
		}
	}
}

// request is what an act is over HTTP.
func request(ctx context.Context, base string, a linear.Act) (*http.Request, error) {
	method, address, body := http.MethodGet, base+"/v1/records/"+a.Record.Collection+"/"+url.PathEscape(a.Record.ID), ""
	switch {
	case a.Verb == "push":
		method, address, body = http.MethodPost, base+"/v1/changes", string(linear.Line(a))
	case a.Verb == "put" && a.Fields == "":
		method = http.MethodDelete
	case a.Verb == "put":
		method, body = http.MethodPut, a.Fields
	}
	req, err := http.NewRequestWithContext(ctx, method, address, strings.NewReader(body))
	if err != nil {
		return nil, err
	}
	req.Header.Set("Content-Type", "application/json")
	switch {
	case a.Verb == "put" && a.Version == 0:
		req.Header.Set("If-None-Match", "*")
	case a.Verb == "put":
		req.Header.Set("If-Match", strconv.Quote(strconv.FormatInt(a.Version, 10)))
	}
	if a.Verb == "put" {
		req.Header.Set("Idempotency-Key", a.Key)
	}
	return req, nil
}

func (c *client) do(ctx context.Context, base string, a linear.Act) (linear.Answer, error) {
	req, err := request(ctx, base, a)
	if err != nil {
		return linear.Answer{}, err
	}
	res, err := c.http.Do(req)
	if err != nil {
		return linear.Answer{}, err
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	switch {
	case err != nil:
		return linear.Answer{}, err
	case res.StatusCode >= 500:
		return linear.Answer{Unknown: true}, nil
	case a.Verb == "push":
		var got store.Answer
		if err := json.Unmarshal(text, &got); err != nil || res.StatusCode > 299 {
			return linear.Answer{}, fmt.Errorf("%d %s: %w", res.StatusCode, text, err)
		}
		return linear.Answer{Outcome: string(got.Outcome), Version: got.Version}, nil
	case res.StatusCode == http.StatusPreconditionFailed:
		return linear.Answer{Outcome: "stale"}, nil
	case a.Verb == "put" && res.StatusCode > 299:
		return linear.Answer{}, fmt.Errorf("%d %s", res.StatusCode, text)
	case res.StatusCode == http.StatusNotFound:
		var gone serve.Problem
		if err := json.Unmarshal(text, &gone); err != nil || gone.Current == nil {
			return linear.Answer{Outcome: "none"}, err
		}
		return linear.Answer{Version: gone.Current.Version}, nil // it was deleted
	}
	version, err := strconv.ParseInt(strings.Trim(res.Header.Get("ETag"), `"`), 10, 64)
	return linear.Answer{Version: version, Fields: string(bytes.TrimSpace(text))}, err
}

// everyWrite are the ways in which a client changes a record.
var everyWrite = []string{"put", "push"}

// TestARecordIsLinearizableOverHTTP: what eight clients read, put and push at once, not knowing at times what came of it, could
// have come one after the other.
func TestARecordIsLinearizableOverHTTP(t *testing.T) {
	hub, err := store.Create(t.Context(), filepath.Join(t.TempDir(), "hub.db"), store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer hub.Close()
	all := newClients(t, serve.New(hub, serve.Options{Open: "office"}))
	played := uint64(3)
	if *long {
		played *= 100
	}
	for history := range played {
		linear.Check(t, history, linear.Play(t, history, everyWrite, all.ask))
	}
	for i, c := range all.each {
		if c.lost == 0 {
			t.Errorf("client %d lost no answer", i)
		}
	}
}

// TestAHubThatForgetsKeysIsFound shows that the checker sees something: where a change that is sent again counts again, or a
// request that was done is said to be stale.
func TestAHubThatForgetsKeysIsFound(t *testing.T) {
	hub, err := store.Create(t.Context(), filepath.Join(t.TempDir(), "hub.db"), store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer hub.Close()
	handler, sent := serve.New(hub, serve.Options{Open: "office"}), 0
	var mu sync.Mutex
	all := newClients(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r.Header.Del("Idempotency-Key")
		if r.Method == http.MethodPost {
			text, _ := io.ReadAll(r.Body)
			mu.Lock()
			sent++
			text = bytes.Replace(text, []byte(`"key":"`), fmt.Appendf(nil, `"key":"%d `, sent), 1)
			mu.Unlock()
			r.Body, r.ContentLength = io.NopCloser(bytes.NewReader(text)), int64(len(text))
		}
		handler.ServeHTTP(w, r)
	}))
	for _, verb := range everyWrite {
		found := false
		for history := uint64(0); history < 5 && !found; history++ {
			found = linear.Disordered(linear.Play(t, history, []string{verb}, all.ask))
		}
		if !found {
			t.Errorf("nothing was found where all %s", verb)
		}
	}
}
