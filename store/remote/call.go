package remote

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"time"
)

// What bodies are.
const (
	typeJSON    = "application/json"
	typeLines   = "application/x-ndjson"
	typeProblem = "application/problem+json"
)

// maxAnswer bounds an answer in bytes, where a request does not say, and maxProblem a problem. maxLine is the longest
// line of an answer of lines.
const (
	maxAnswer  = 64 << 20
	maxProblem = 1 << 20
	maxLine    = 16 << 20
)

// request is what is asked of a hub.
type request struct {
	method  string // GET where empty
	path    string // escaped, after the hub's address: /v1/status
	query   url.Values
	header  http.Header // beside those that every request has
	kind    string      // of the body; JSON where empty
	body    []byte      // nil: none
	largest int64       // of the answer, in bytes; 0: 64 MiB
	wait    time.Duration
}

// reply is what came back, with a status of success.
type reply struct {
	status int
	header http.Header
	kind   string
	body   *bufio.Reader // ends with an error where the answer is cut short, or too large
}

// ask sends a request, with in as its body unless it is nil, and reads the JSON that comes back into out, unless that is
// nil.
func (h *Hub) ask(ctx context.Context, r request, in, out any) (reply, error) {
	if in != nil {
		var err error
		if r.body, err = json.Marshal(in); err != nil {
			return reply{}, err
		}
	}
	var got reply
	err := h.do(ctx, r, func(answer reply) error {
		got = answer
		if out == nil {
			return nil
		}
		return readJSON(answer, out)
	})
	return got, err
}

// do sends a request once and has read take in what comes back. Its errors say which hub, and are an *[Error] where the
// hub told what is wrong, else [ErrUnreachable], [ErrNotHub], [ErrCut] or [ErrTooLarge]: whatever was asked may be done
// all the same. An error of ctx comes as it is.
func (h *Hub) do(ctx context.Context, r request, read func(reply) error) error {
	line, err := h.send(ctx, r, read)
	switch {
	case err == nil:
		return nil
	case ctx.Err() != nil:
		return ctx.Err()
	case errors.Is(context.Cause(line), errStill):
		err = fmt.Errorf("%w: nothing came for %v", ErrUnreachable, h.patience+r.wait)
	}
	return fmt.Errorf("%s: %w", h.base, err)
}

// send does one exchange. The context that it returns tells whether it was given up because nothing moved.
func (h *Hub) send(ctx context.Context, r request, read func(reply) error) (context.Context, error) {
	line, moved, hangUp := h.watch(ctx, r.wait)
	defer hangUp()
	req, err := h.request(line, r, moved)
	if err != nil {
		return line, err
	}
	res, err := h.client.Do(req)
	if err != nil {
		return line, unreachable(err)
	}
	defer res.Body.Close()
	if res.StatusCode < 200 || res.StatusCode > 299 {
		return line, told(res, &moving{res.Body, moved})
	}
	largest := r.largest
	if largest == 0 {
		largest = maxAnswer
	}
	kind, _, _ := mime.ParseMediaType(res.Header.Get("Content-Type"))
	bounded := &bounded{from: &moving{res.Body, moved}, left: largest}
	return line, read(reply{status: res.StatusCode, header: res.Header, kind: kind, body: bufio.NewReader(bounded)})
}

func (h *Hub) request(ctx context.Context, r request, moved func()) (*http.Request, error) {
	method, address := r.method, h.base+r.path
	if method == "" {
		method = http.MethodGet
	}
	if len(r.query) > 0 {
		address += "?" + r.query.Encode()
	}
	var body io.Reader
	if r.body != nil {
		body = &moving{bytes.NewReader(r.body), moved}
	}
	req, err := http.NewRequestWithContext(ctx, method, address, body)
	if err != nil {
		return nil, ErrAddress
	}
	for name, values := range r.header {
		req.Header[name] = values
	}
	if r.body != nil {
		req.ContentLength = int64(len(r.body))
		// A connection that the hub had closed is found out only by using it.
		req.GetBody = func() (io.ReadCloser, error) {
			return io.NopCloser(&moving{bytes.NewReader(r.body), moved}), nil
		}
		req.Header.Set("Content-Type", typeJSON)
		if r.kind != "" {
			req.Header.Set("Content-Type", r.kind)
		}
	}
	return req, h.token.Authorize(req)
}

// errStill is the cause of a request that was given up because nothing moved.
var errStill = errors.New("nothing moves")

// watch is a context that ends once nothing moved for too long; moved says that something did.
func (h *Hub) watch(ctx context.Context, wait time.Duration) (line context.Context, moved, hangUp func()) {
	line, cancel := context.WithCancelCause(ctx)
	timer := time.AfterFunc(h.patience+wait, func() { cancel(errStill) })
	return line, func() { timer.Reset(h.patience + wait) }, func() {
		timer.Stop()
		cancel(nil)
	}
}

// moving is a body that says when something of it moves.
type moving struct {
	io.Reader
	moved func()
}

// Read implements [io.Reader].
func (m *moving) Read(p []byte) (int, error) {
	n, err := m.Reader.Read(p)
	if n > 0 {
		m.moved()
	}
	return n, err
}

// bounded is a body that may not be longer than it says.
type bounded struct {
	from io.Reader
	left int64
}

// Read implements [io.Reader].
func (b *bounded) Read(p []byte) (int, error) {
	if b.left <= 0 {
		var one [1]byte
		if n, err := b.from.Read(one[:]); n == 0 {
			return 0, cut(err)
		}
		return 0, ErrTooLarge
	}
	n, err := b.from.Read(p[:min(int64(len(p)), b.left)])
	b.left -= int64(n)
	return n, cut(err)
}

// cut is what an error in the middle of an answer means.
func cut(err error) error {
	if err == nil || err == io.EOF {
		return err
	}
	return fmt.Errorf("%w: %w", ErrCut, err)
}

// readJSON reads an answer that is one JSON value.
func readJSON(answer reply, into any) error {
	if answer.kind != typeJSON {
		return fmt.Errorf("%w: it answered %q", ErrNotHub, answer.kind)
	}
	text, err := io.ReadAll(answer.body)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(text, into); err != nil {
		return fmt.Errorf("%w: %w", ErrNotHub, err)
	}
	return nil
}

// eachLine calls fn for each line of an answer of lines, which it may not keep; an error of fn ends it. The last one needs
// no end, where the answer came whole.
func eachLine(answer reply, fn func(line []byte) error) error {
	if answer.kind != typeLines {
		return fmt.Errorf("%w: it answered %q", ErrNotHub, answer.kind)
	}
	var line []byte
	for {
		part, err := answer.body.ReadSlice('\n')
		if line = append(line, part...); len(line) > maxLine {
			return ErrTooLarge
		}
		if err == bufio.ErrBufferFull {
			continue
		}
		if err != nil && err != io.EOF {
			return err
		}
		if len(bytes.TrimSpace(line)) > 0 {
			if err := fn(line); err != nil {
				return err
			}
		}
		if err == io.EOF {
			return nil
		}
		line = line[:0]
	}
}
