package remote

import (
	"cmp"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"dovetail/store/serve"
)

// patience is how long nothing may move on a line before it is given up.
const patience = time.Minute

// Options are what a hub would otherwise take from the world.
type Options struct {
	Transport http.RoundTripper // nil: one of its own
	// Patience is how long nothing may come or go on a line that waits for it; 0: a minute. However slow, a line on which
	// something moves is not given up.
	Patience time.Duration
}

// Hub is a hub that is reached by HTTP. Its methods may be called from several goroutines at once.
type Hub struct {
	base     string // without a slash at the end
	token    Token
	client   *http.Client
	patience time.Duration
	schemas  sync.Map // by collection, a readSchema
}

// ErrAddress is for a text that is not the address of a hub.
var ErrAddress = errors.New("not the address of a hub")

// Dial returns the hub at an address, such as https://hub.example, of which the path, if any, stands before all that is
// asked of it. Nobody is asked yet. [ErrAddress] where it is none, [ErrPlain] where it is http and not this machine.
func Dial(address string, token Token, opts Options) (*Hub, error) {
	base, err := parseBase(address)
	if err != nil {
		return nil, err
	}
	transport := opts.Transport
	if transport == nil {
		own := http.DefaultTransport.(*http.Transport).Clone()
		own.DisableCompression = true // what is bounded is what comes over the line
		transport = own
	}
	return &Hub{
		base:     base,
		token:    token,
		patience: cmp.Or(opts.Patience, patience),
		client: &http.Client{
			Transport: transport,
			// Where a hub sends one elsewhere, the token would go there.
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
	}, nil
}

func parseBase(address string) (string, error) {
	u, err := url.Parse(address)
	switch {
	case err != nil:
		return "", ErrAddress // the error would repeat the text, which may hold a password
	case u.User != nil:
		return "", fmt.Errorf("%w: a name and a password have no place in it", ErrAddress)
	case u.Scheme != "https" && u.Scheme != "http", u.Host == "":
		return "", fmt.Errorf("%w: it begins with https://", ErrAddress)
	case u.RawQuery != "" || u.ForceQuery || u.Fragment != "":
		return "", fmt.Errorf("%w: it has nothing after the path", ErrAddress)
	case u.Scheme == "http" && !serve.Loopback(u.Host):
		return "", ErrPlain
	}
	return strings.TrimRight(u.Scheme+"://"+u.Host+u.EscapedPath(), "/"), nil
}

// Address is where the hub is, without a slash at the end.
func (h *Hub) Address() string { return h.base }

// Close lets go of the connections that nobody uses.
func (h *Hub) Close() error {
	h.client.CloseIdleConnections()
	return nil
}
