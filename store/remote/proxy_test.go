package remote_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"dovetail/fixtures"
	"dovetail/store"
	"dovetail/store/remote"
	"dovetail/store/replicate"
	"dovetail/store/replicate/world"
	"dovetail/store/serve"
)

// network is a hub behind its handler, and a proxy before it that does to what passes what networks do. It implements
// [world.Network].
type network struct {
	t             testing.TB
	behind, front *httptest.Server

	mu      sync.Mutex
	hub     *store.Store
	handler http.Handler
	trouble fixtures.Trouble
	r       *rand.Rand
	hits    map[string]int
	silent  int       // requests from now until one that is never answered; 0: none
	strange bool      // something else than the hub has answered
	late    []message // what is under way still, of all exchanges
}

// message is a request as it passes.
type message struct {
	method, uri, kind string
	body              []byte
}

// response is what the hub answered.
type response struct {
	status int
	kind   string
	body   []byte
}

// newNetwork is a network for one history.
func newNetwork(t testing.TB) *network {
	n := &network{t: t}
	n.behind = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		n.mu.Lock()
		handler := n.handler
		n.mu.Unlock()
		handler.ServeHTTP(w, r)
	}))
	n.front = httptest.NewServer(n)
	t.Cleanup(func() {
		n.front.CloseClientConnections()
		n.front.Close()
		n.behind.Close()
	})
	return n
}

// Look implements [world.Looker]: each conflict comes over the wire as it stands in the hub's file, and merges to the same.
func (n *network) Look(w *world.World) {
	n.mu.Lock()
	n.hub, n.handler = w.Hub, serve.New(w.Hub, serve.Options{Open: "office"})
	n.mu.Unlock()
	far, err := remote.Dial(n.behind.URL, remote.Token{}, remote.Options{})
	if err != nil {
		n.t.Fatal(err)
	}
	defer far.Close()
	w.Hits["conflict on the wire"] += wantSameCases(n.t, w.Hub, far)
}

// Hub implements [world.Network].
func (n *network) Hub(w *world.World, trouble fixtures.Trouble) replicate.Hub {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.hub != w.Hub {
		n.hub, n.handler = w.Hub, serve.New(w.Hub, serve.Options{Open: "office"})
	}
	n.trouble, n.r, n.hits, n.silent, n.strange = trouble, rand.New(rand.NewPCG(trouble.Seed, 3)), w.Hits, 0, false
	opts := remote.Options{Transport: &http.Transport{DisableKeepAlives: n.r.IntN(2) == 0}}
	if n.chance(trouble.Crash/4, "silence") {
		n.silent, opts.Patience = 1+n.r.IntN(3), 50*time.Millisecond
	}
	far, err := remote.Dial(n.front.URL, remote.Token{}, opts)
	if err != nil {
		n.t.Fatal(err)
	}
	return device{far, n}
}

// Lost implements [world.Network].
func (n *network) Lost(err error) bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	return errors.Is(err, remote.ErrUnreachable) || errors.Is(err, remote.ErrCut) || errors.Is(err, remote.ErrFailed) ||
		errors.Is(err, remote.ErrNotHub) && n.strange
}

// chance is of a fault; those that came are counted.
func (n *network) chance(percent int, name string) bool {
	if percent == 0 || n.r.IntN(100) >= percent {
		return false
	}
	n.hits[name]++
	return true
}

func (n *network) locked(percent int, name string) bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.chance(percent, name)
}

func (n *network) below(most int) int {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.r.IntN(most)
}

// device is a hub as a program sees it that may stop at any moment.
type device struct {
	*remote.Hub
	n *network
}

// Deliver implements [replicate.Hub].
func (d device) Deliver(ctx context.Context, lines [][]byte) ([]store.Answer, error) {
	if d.n.locked(d.n.now().Crash, "crash before") {
		return nil, world.ErrCrash
	}
	answers, err := d.Hub.Deliver(ctx, lines)
	if err == nil && d.n.locked(d.n.now().Crash, "crash after") {
		return nil, world.ErrCrash
	}
	return answers, err
}

// Feed implements [replicate.Hub].
func (d device) Feed(ctx context.Context, from store.Place, limit int) (store.Feed, error) {
	if d.n.locked(d.n.now().Crash, "crash in feed") {
		return store.Feed{}, world.ErrCrash
	}
	if d.n.locked(d.n.now().CutShort, "feed cut short") {
		limit = 1 + d.n.below(3)
	}
	return d.Hub.Feed(ctx, from, limit)
}

// now is what goes wrong at present.
func (n *network) now() fixtures.Trouble {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.trouble
}

// cameLate is a request that was held up and comes now, behind later ones; it may come again.
func (n *network) cameLate() (message, bool) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if len(n.late) == 0 || !n.chance(50, "came late") {
		return message{}, false
	}
	return n.late[n.r.IntN(len(n.late))], true
}

// ServeHTTP passes a request on, or what becomes of it.
func (n *network) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	m := message{r.Method, r.RequestURI, r.Header.Get("Content-Type"), body}
	push, trouble := m.method == http.MethodPost, n.now()
	switch {
	case n.locked(trouble.DropRequest, "request dropped"):
		panic(http.ErrAbortHandler)
	case push && n.locked(trouble.DropRequest, "request cut"):
		n.cut(m)
		panic(http.ErrAbortHandler)
	case n.locked(trouble.DropRequest/4, "another answer"):
		n.mu.Lock()
		n.strange = true
		n.mu.Unlock()
		w.Header().Set("Content-Type", "text/html")
		io.WriteString(w, "<html>Log in to the hotel's network")
		return
	}
	if late, ok := n.cameLate(); ok {
		n.pass(late)
	}
	if push && n.locked(trouble.Late, "held up") {
		n.mu.Lock()
		n.late = append(n.late, m)
		n.mu.Unlock()
		panic(http.ErrAbortHandler)
	}
	answer := n.pass(m)
	if n.locked(trouble.Repeat, "repeated") {
		answer = n.pass(m)
	}
	n.answer(w, r, answer)
}

// answer passes an answer on, or what becomes of it.
func (n *network) answer(w http.ResponseWriter, r *http.Request, a response) {
	n.mu.Lock()
	n.silent--
	silent, trouble := n.silent == 0, n.trouble
	n.mu.Unlock()
	switch {
	case silent:
		<-r.Context().Done()
		panic(http.ErrAbortHandler)
	case n.locked(trouble.DropReply, "answer dropped"):
		panic(http.ErrAbortHandler)
	case n.locked(trouble.DropReply/2, "500 after the commit"):
		w.WriteHeader(http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", a.kind)
	w.Header().Set("Content-Length", fmt.Sprint(len(a.body)))
	w.WriteHeader(a.status)
	switch {
	case len(a.body) > 0 && n.locked(trouble.DropReply, "answer cut"):
		w.Write(a.body[:n.below(len(a.body))])
		http.NewResponseController(w).Flush()
		panic(http.ErrAbortHandler)
	case n.locked(trouble.Late, "slow"):
		for len(a.body) > 0 {
			part := min(len(a.body), 1+n.below(50))
			w.Write(a.body[:part])
			http.NewResponseController(w).Flush()
			a.body = a.body[part:]
		}
	default:
		w.Write(a.body)
	}
}

// pass brings a request to the hub.
func (n *network) pass(m message) response {
	req, err := http.NewRequest(m.method, n.behind.URL+m.uri, bytes.NewReader(m.body))
	if err != nil {
		panic(err)
	}
	req.Header.Set("Content-Type", m.kind)
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	return response{res.StatusCode, res.Header.Get("Content-Type"), body}
}

// cut brings a request to the hub up to one of its bytes, and waits until the hub has done with it.
func (n *network) cut(m message) {
	conn, err := net.Dial("tcp", n.behind.Listener.Addr().String())
	if err != nil {
		return
	}
	defer conn.Close()
	whole := fmt.Appendf(nil, "%s %s HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: %s\r\nContent-Length: %d\r\n\r\n%s",
		m.method, m.uri, m.kind, len(m.body), m.body)
	conn.Write(whole[:n.below(len(whole))])
	conn.(*net.TCPConn).CloseWrite()
	io.Copy(io.Discard, conn)
}
