package serve_test

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"dovetail/merge"
	"dovetail/store"
	"dovetail/store/serve"
)

const (
	asJSON  = "application/json"
	asLines = "application/x-ndjson"
)

// push posts one change.
func (r *rig) push(body string, headers ...string) answer {
	r.t.Helper()
	return r.ask("POST", "/v1/changes", anyToken, body, append(headers, "Content-Type", asJSON)...)
}

// outcomes reads an answer of lines: what became of each, and the code of a problem that ends it.
func (r *rig) outcomes(a answer) string {
	r.t.Helper()
	if a.status != 200 || a.header.Get("Content-Type") != asLines {
		r.t.Fatalf("no lines: %+v", a)
	}
	var all []string
	for line := range strings.Lines(a.body) {
		var one struct{ Outcome, Code string }
		if err := json.Unmarshal([]byte(line), &one); err != nil || !strings.HasSuffix(line, "\n") {
			r.t.Fatalf("%q: %v", line, err)
		}
		all = append(all, one.Outcome+one.Code)
	}
	return strings.Join(all, " ")
}

// versions counts the versions of a record.
func (r *rig) versions(name string) int {
	r.t.Helper()
	key, err := merge.ParseKey(name)
	if err != nil {
		r.t.Fatal(err)
	}
	all, err := r.hub.Log(r.t.Context(), key)
	if err != nil && !errors.Is(err, merge.ErrNotFound) {
		r.t.Fatal(err)
	}
	return len(all)
}

// One change is answered by a status that says whether somebody has to look, and again in the same way.
func TestPostOneChange(t *testing.T) {
	r := newRig(t)
	for range 2 {
		a := r.push(`{"key":"1","record":"deal/1","local":{"n":1},"local_by":"somebody else"}`)
		if a.status != 200 || a.body != `{"key":"1","record":"deal/1","outcome":"applied","version":1}`+"\n" {
			t.Errorf("applied: %+v", a)
		}
	}
	r.push(`{"key":"2","record":"deal/1","base_version":1,"local":{"n":2}}`)
	for range 2 {
		a := r.push(`{"key":"3","record":"deal/1","base_version":1,"local":{"n":3}}`)
		if a.status != 202 || a.header.Get("Location") != "/v1/conflicts/1" || !strings.Contains(a.body, `"conflict":1`) {
			t.Errorf("conflict: %+v", a)
		}
	}
	if p := r.problem(r.push(`{"key":"1","record":"deal/1","local":{"n":9}}`)); p.Status != 422 || p.Code != "key-reused" {
		t.Errorf("another change of that key: %+v", p)
	}
	if a := r.push(`{"type":"later","key":"4","record":"deal/1"}`); a.status != 200 || !strings.Contains(a.body, `"parked"`) {
		t.Errorf("parked: %+v", a)
	}
	log, err := r.hub.Log(t.Context(), merge.Key{Collection: "deal", ID: "1"})
	if err != nil || len(log) != 2 || log[0].By != "dana" || log[1].By != "dana" {
		t.Errorf("whose they are: %+v, %v", log, err)
	}
}

func TestPostOneChangeRefuses(t *testing.T) {
	r := newRig(t)
	for body, code := range map[string]string{
		`{"record":"deal/1","local":{}}`:                      "invalid",
		`{"key":"1","record":"deal/1"}`:                       "invalid",
		`{"key":"1","record":"deal/1","local":{"a":1,"a":2}}`: "invalid",
		`{"key":"1","key":"2","record":"deal/1","local":{}}`:  "invalid",
		`{"key":"1","record":"deal/1","local":{}} {}`:         "invalid",
		`{"type":"record","record":"deal/1","fields":{}}`:     "invalid",
		`[]`:                 "invalid",
		``:                   "invalid",
		"{\"key\":\"\xff\"}": "invalid",
		`{"key":"1","record":"deal/1","local":{},"note":"` + strings.Repeat("x", 8<<20) + `"}`: "too-large",
	} {
		if p := r.problem(r.push(body)); p.Code != code {
			t.Errorf("%.60s: %+v", body, p)
		}
	}
	if p := r.problem(r.ask("POST", "/v1/changes", anyToken, "{}", "Content-Type", "text/plain")); p.Status != 415 {
		t.Errorf("another type: %+v", p)
	}
	if p := r.problem(r.ask("POST", "/v1/changes", readToken, "{}", "Content-Type", asJSON)); p.Status != 403 {
		t.Errorf("without the scope: %+v", p)
	}
	if n := r.versions("deal/1"); n != 0 {
		t.Errorf("%d versions", n)
	}
}

// The key may stand in the header, and then means the same.
func TestIdempotencyKeyStandsForTheKey(t *testing.T) {
	r := newRig(t)
	for _, key := range []string{"a-key", `"a-key"`} {
		a := r.push(` {"record":"deal/1","local":{"n":1}}`, "Idempotency-Key", key)
		if a.status != 200 || !strings.Contains(a.body, `"key":"a-key"`) {
			t.Errorf("%+v", a)
		}
	}
	if n := r.versions("deal/1"); n != 1 {
		t.Errorf("%d versions", n)
	}
	if a := r.push(`{"key":"2","record":"deal/2","local":{}}`, "Idempotency-Key", "2"); a.status != 200 {
		t.Errorf("both: %+v", a)
	}
	for _, body := range []string{`{"key":"2","record":"deal/3","local":{}}`, `{"key":null,"record":"deal/3","local":{}}`, `{}`, `[]`, `{`} {
		if p := r.problem(r.push(body, "Idempotency-Key", "3")); p.Code != "invalid" {
			t.Errorf("%s: %+v", body, p)
		}
	}
	a := r.ask("POST", "/v1/changes", anyToken, "{}", "Content-Type", asLines, "Idempotency-Key", "3")
	if p := r.problem(a); p.Code != "invalid" {
		t.Errorf("of many: %+v", p)
	}
}

// Lines are answered one by one in their order, bad ones among them, and the last one needs no end.
func TestPostLines(t *testing.T) {
	r := newRig(t)
	lines := []string{
		`{"key":"1","record":"deal/1","local":{"n":1}}`,
		`{"key":"2","record":"deal/1","base_version":1,"local":{"n":2}}`,
		``,
		`not a line`,
		`{"key":"3","record":"deal/1","base_version":1,"local":{"n":3}}`,
		`{"key":"1","record":"deal/1","local":{"n":4}}`,
		`{"type":"later","key":"4","record":"deal/1"}`,
		`{"key":"5","record":"deal/5","local":{"n":5}}`,
	}
	for range 2 {
		got := r.outcomes(r.ask("POST", "/v1/changes", anyToken, strings.Join(lines, "\r\n"), "Content-Type", asLines))
		if want := "applied applied refused conflict refused parked applied"; got != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
	if n := r.versions("deal/1"); n != 2 {
		t.Errorf("%d versions", n)
	}
	if got := r.outcomes(r.ask("POST", "/v1/changes", anyToken, "", "Content-Type", asLines)); got != "" {
		t.Errorf("to nothing: %s", got)
	}
	long := `{"key":"6","record":"deal/6","local":{"n":"` + strings.Repeat("x", store.MaxLine) + `"}}` + "\n" +
		`{"key":"7","record":"deal/7","local":{}}`
	if got := r.outcomes(r.ask("POST", "/v1/changes", anyToken, long, "Content-Type", asLines)); got != "refused applied" {
		t.Errorf("after a line that is too long: %s", got)
	}
}

// streamLine is a change that makes a record of its own.
func streamLine(i int) string {
	return fmt.Sprintf(`{"key":"k%d","record":"deal/%d","local":{"n":%d}}`+"\n", i, i, i)
}

// A stream is cut at each byte in turn, and sent again: all of it is there, each once.
func TestCutAtAnyByte(t *testing.T) {
	r := newRig(t)
	body := streamLine(1) + streamLine(2) + streamLine(3)
	for at := range len(body) {
		conn, err := net.Dial("tcp", r.server.Listener.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(conn, "POST /v1/changes HTTP/1.1\r\nHost: hub\r\nAuthorization: Bearer %s\r\nContent-Type: %s\r\nContent-Length: %d\r\n\r\n%s",
			anyToken, asLines, len(body), body[:at])
		conn.(*net.TCPConn).CloseWrite()
		if res, err := http.ReadResponse(bufio.NewReader(conn), nil); err == nil && res.StatusCode == 200 {
			text, _ := io.ReadAll(res.Body)
			t.Fatalf("cut at %d: %s", at, text)
		}
		conn.Close()
	}
	got := r.outcomes(r.ask("POST", "/v1/changes", anyToken, body, "Content-Type", asLines))
	if got != "applied applied applied" {
		t.Errorf("%s", got)
	}
	for i := range 3 {
		if n := r.versions(fmt.Sprintf("deal/%d", i+1)); n != 1 {
			t.Errorf("%d versions of deal/%d", n, i+1)
		}
	}
}

// beginStream sends the first line of a stream, and returns where the next ones go and what comes back.
func (r *rig) beginStream() (*io.PipeWriter, *http.Response) {
	r.t.Helper()
	body, lines := io.Pipe()
	req, err := http.NewRequestWithContext(r.t.Context(), "POST", r.server.URL+"/v1/changes", body)
	if err != nil {
		r.t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+anyToken)
	req.Header.Set("Content-Type", asLines)
	go io.WriteString(lines, streamLine(0))
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		r.t.Fatal(err)
	}
	r.t.Cleanup(func() { res.Body.Close() })
	return lines, res
}

// Whoever waits for an answer before it says more gets one.
func TestStreamAnswersWhileItIsRead(t *testing.T) {
	r := newRig(t)
	lines, res := r.beginStream()
	answers := bufio.NewReader(res.Body)
	for i := range 3 {
		line, err := answers.ReadString('\n')
		if err != nil || !strings.Contains(line, fmt.Sprintf(`"k%d"`, i)) {
			t.Fatalf("%q, %v", line, err)
		}
		if i < 2 {
			io.WriteString(lines, streamLine(i+1))
		}
	}
	lines.Close()
	if rest, err := io.ReadAll(answers); err != nil || len(rest) > 0 {
		t.Errorf("%q, %v", rest, err)
	}
}

// A hub that fails in the middle of a stream says so in a line, and what it answered before is done.
func TestStreamEndsWithTheProblem(t *testing.T) {
	r := newRig(t)
	lines, res := r.beginStream()
	if err := r.hub.Close(); err != nil {
		t.Fatal(err)
	}
	go func() {
		io.WriteString(lines, streamLine(1))
		lines.Close()
	}()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	if got := r.outcomes(answer{200, res.Header, string(text)}); got != "applied internal" {
		t.Errorf("%s: %s", got, text)
	}
}

// A server that gives a request no time at all gives a stream as much as it needs, while something moves.
func TestSlowStreamHasTime(t *testing.T) {
	r := newRig(t)
	server := httptest.NewUnstartedServer(serve.New(r.hub, serve.Options{}))
	server.Config.ReadHeaderTimeout, server.Config.ReadTimeout, server.Config.WriteTimeout = time.Minute, 1, 1
	server.Start()
	defer server.Close()
	r.server = server
	body := `{"key":"1","record":"deal/1","local":{"n":"` + strings.Repeat("x", 1<<20) + `"}}`
	if got := r.outcomes(r.ask("POST", "/v1/changes", anyToken, body, "Content-Type", asLines)); got != "applied" {
		t.Errorf("lines: %s", got)
	}
	if a := r.ask("GET", "/v1/versions", readToken, ""); a.status != 200 || len(a.body) < 1<<20 {
		t.Errorf("versions: %d, %d bytes", a.status, len(a.body))
	}
}
