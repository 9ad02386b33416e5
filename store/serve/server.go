package serve

import (
	"log/slog"
	"net/http"
	"path"
	"runtime/debug"
	"strings"
	"time"

	"github.com/google/uuid"

	"dovetail/store"
)

// Options are what a handler would otherwise take from the world.
type Options struct {
	Log   *slog.Logger     // nil: nothing is logged
	Now   func() time.Time // nil: time.Now
	NewID func() string    // names a request in the log and in its answer; nil: random ids
	// Open lets everybody in who reaches the handler, as the person of this name and with every scope: for a hub without
	// tokens that only this machine can reach. "": only those with a token. Once the hub has a token, it is the same.
	Open string
	// Closing is closed when the server is about to end: whoever waits for news is answered at once. nil: never.
	Closing <-chan struct{}
	// LookEvery is how often somebody who waits for news is told of what another process wrote; 0: every second.
	LookEvery time.Duration
}

// server is the handler's state; it has none between requests.
type server struct {
	hub *store.Store
	Options
}

// route is one resource with what it answers to.
type route struct {
	pattern string // of [http.ServeMux], without a method
	methods map[string]method
}

// method is what is done on a resource.
type method struct {
	scope store.Scope // "": everybody may, without a token
	do    func(*call) error
}

// New returns the handler of a hub. The caller closes the hub, after the last request has ended.
func New(hub *store.Store, opts Options) http.Handler {
	if opts.Log == nil {
		opts.Log = slog.New(slog.DiscardHandler)
	}
	if opts.Now == nil {
		opts.Now = time.Now
	}
	if opts.NewID == nil {
		opts.NewID = uuid.NewString
	}
	s := &server{hub: hub, Options: opts}
	mux := http.NewServeMux()
	for _, r := range allRoutes {
		mux.Handle(r.pattern, s.handle(r))
	}
	none := s.handle(route{pattern: "none", methods: nil})
	mux.Handle("/", none)
	return http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		// The multiplexer would answer a path that is not clean with another place to look, and not everybody sends a write
		// there as the same write. In an id, what would be cleaned away is escaped.
		if p := req.URL.EscapedPath(); p == "" || p != path.Clean(p) {
			none.ServeHTTP(w, req)
			return
		}
		mux.ServeHTTP(w, req)
	})
}

// handle runs what a resource does, for whoever may ask for it, and answers and logs whatever comes of it.
func (s *server) handle(r route) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		c := &call{server: s, request: req, id: s.NewID(), out: &recorder{ResponseWriter: w}}
		begun := s.Now()
		c.out.Header().Set("X-Content-Type-Options", "nosniff")
		c.out.Header().Set("Cache-Control", "no-store")
		defer func() {
			if p := recover(); p != nil {
				s.Log.Error("panic", "request", c.id, "route", r.pattern, "what", p, "stack", string(debug.Stack()))
				c.fail(errPanic)
			}
			s.Log.Info("request", "request", c.id, "method", methodName(req.Method), "route", r.pattern, "status", c.out.status,
				"bytes", c.out.written, "person", c.who.Person, "took", s.Now().Sub(begun))
		}()
		if err := c.serve(r); err != nil {
			c.fail(err)
		}
	})
}

// methodName is a method that we know, for the log: any other is text of a stranger's.
func methodName(name string) string {
	switch name {
	case http.MethodGet, http.MethodHead, http.MethodPut, http.MethodPost, http.MethodPatch, http.MethodDelete, http.MethodOptions:
		return name
	}
	return "other"
}

// serve finds the method, lets the person in, and has it done.
func (c *call) serve(r route) error {
	if r.methods == nil {
		return errNoResource
	}
	name := c.request.Method
	if name == http.MethodHead {
		name = http.MethodGet // the server drops the body
	}
	m, ok := r.methods[name]
	if !ok {
		c.out.Header().Set("Allow", strings.Join(allowed(r), ", "))
		return errMethod
	}
	if m.scope != "" {
		if err := c.admit(m.scope); err != nil {
			return err
		}
	}
	return m.do(c)
}

// allowed are the methods of a resource, sorted.
func allowed(r route) []string {
	var names []string
	for _, name := range []string{http.MethodDelete, http.MethodGet, http.MethodPatch, http.MethodPost, http.MethodPut} {
		if _, ok := r.methods[name]; ok {
			names = append(names, name)
		}
	}
	return names
}

// recorder notes what was answered.
type recorder struct {
	http.ResponseWriter
	status  int
	written int64
}

// WriteHeader notes the status.
func (w *recorder) WriteHeader(status int) {
	if w.status == 0 {
		w.status = status
	}
	w.ResponseWriter.WriteHeader(status)
}

// Write counts the bytes.
func (w *recorder) Write(p []byte) (int, error) {
	if w.status == 0 {
		w.status = http.StatusOK
	}
	n, err := w.ResponseWriter.Write(p)
	w.written += int64(n)
	return n, err
}

// Unwrap lets [http.ResponseController] reach what is below.
func (w *recorder) Unwrap() http.ResponseWriter { return w.ResponseWriter }

var healthRoutes = []route{{"/healthz", map[string]method{http.MethodGet: {"", (*call).health}}}}

// health says that the hub is there and can be read.
func (c *call) health() error {
	if _, err := c.hub.Counts(c.request.Context(), ""); err != nil {
		return err
	}
	return c.answer(http.StatusOK, map[string]string{"status": "ok"})
}
