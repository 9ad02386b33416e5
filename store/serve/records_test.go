package serve_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"dovetail/merge"
	"dovetail/store"
)

// Headers that many tests send.
var (
	documentBody = []string{"Content-Type", "application/json"}
	patchBody    = []string{"Content-Type", "application/json-patch+json"}
)

// send writes to deal/D-1 with the token that may do everything.
func (r *rig) send(method, body string, headers ...string) answer {
	r.t.Helper()
	return r.ask(method, "/v1/records/deal/D-1", anyToken, body, headers...)
}

// want compares an answer with a status, a version and a body; version 0 is no ETag.
func (r *rig) want(what string, a answer, status int, version int64, body string) {
	r.t.Helper()
	tag := ""
	if version > 0 {
		tag = fmt.Sprintf(`"%d"`, version)
	}
	if a.status != status || a.header.Get("ETag") != tag || strings.TrimSuffix(a.body, "\n") != body {
		r.t.Errorf("%s: %d, ETag %s, %s, want %d, %s, %s", what, a.status, a.header.Get("ETag"), a.body, status, tag, body)
	}
}

// A record from its creation to its end and back, each step on the version that the one before answered.
func TestRecord(t *testing.T) {
	r := newRig(t)
	a := r.send("PUT", ` {"status": "open", "amount": 1.50}`, append(documentBody, "If-None-Match", "*")...)
	r.want("create", a, 201, 1, `{"amount":1.50,"status":"open"}`)
	if a.header.Get("Location") != "/v1/records/deal/D-1" {
		t.Errorf("created at %q", a.header.Get("Location"))
	}
	r.want("read", r.send("GET", ""), 200, 1, `{"amount":1.50,"status":"open"}`)
	r.want("replace", r.send("PUT", `{"amount":2}`, append(documentBody, "If-Match", `"1"`)...), 200, 2, `{"amount":2}`)
	r.want("replace by the same", r.send("PUT", `{"amount":2.0}`, append(documentBody, "If-Match", `"2"`)...), 200, 2, `{"amount":2}`)
	r.want("patch", r.send("PATCH", `[{"op":"test","path":"/amount","value":2},{"op":"add","path":"/notes","value":"added"}]`,
		append(patchBody, "If-Match", `"2"`)...), 200, 3, `{"amount":2,"notes":"added"}`)
	r.want("read what is known", r.send("GET", "", "If-None-Match", `"3"`), 304, 3, "")
	r.want("read what is new", r.send("GET", "", "If-None-Match", `"2", "1"`), 200, 3, `{"amount":2,"notes":"added"}`)
	head := r.send("HEAD", "")
	r.want("look", head, 200, 3, "")
	if head.header.Get("Content-Length") != "29" {
		t.Errorf("HEAD says %s bytes", head.header.Get("Content-Length"))
	}
	r.want("delete", r.send("DELETE", "", "If-Match", `"3"`), 204, 4, "")
	gone := r.problem(r.send("GET", ""))
	if gone.Status != 404 || gone.Current == nil || gone.Current.Version != 4 || !gone.Current.Deleted {
		t.Errorf("deleted: %+v", gone)
	}
	r.want("create again", r.send("PUT", `{}`, append(documentBody, "If-None-Match", "*")...), 201, 5, `{}`)

	all, err := r.hub.Log(t.Context(), merge.Key{Collection: "deal", ID: "D-1"})
	if err != nil || len(all) != 5 {
		t.Fatalf("versions %+v, %v", all, err)
	}
	for _, v := range all {
		if v.By != "dana" || v.Device != "http" {
			t.Errorf("version %d is by %s on %s", v.Version, v.By, v.Device)
		}
	}
}

// Nothing is written unless the request names the version that is there.
func TestRecordPreconditions(t *testing.T) {
	r := newRig(t)
	r.write("deal/D-1", `{"amount":1}`, 0)
	r.write("deal/D-1", `{"amount":2}`, 1)
	for _, c := range []struct {
		name    string
		headers []string
		status  int
		code    string
	}{
		{"none", nil, 428, "precondition-required"},
		{"any version", []string{"If-Match", "*"}, 428, "precondition-required"},
		{"only what it is not", []string{"If-None-Match", `"1"`}, 428, "precondition-required"},
		{"a time", []string{"If-Unmodified-Since", "Sat, 28 Nov 2026 17:20:48 GMT"}, 428, "precondition-required"},
		{"an old version", []string{"If-Match", `"1"`}, 412, "stale"},
		{"a version to come", []string{"If-Match", `"3"`}, 412, "stale"},
		{"weak", []string{"If-Match", `W/"2"`}, 412, "stale"},
		{"another text for the number", []string{"If-Match", `"02"`}, 412, "stale"},
		{"several, none of them", []string{"If-Match", `"1", "x" , W/"2"`}, 412, "stale"},
		{"to create what is there", []string{"If-None-Match", `*`}, 412, "stale"},
		{"the version, but not it", []string{"If-Match", `"2"`, "If-None-Match", `W/"2"`}, 412, "stale"},
		{"no quotes", []string{"If-Match", `2`}, 400, "invalid"},
		{"empty", []string{"If-Match", ``}, 400, "invalid"},
		{"star in a list", []string{"If-Match", `"2", *`}, 400, "invalid"},
		{"not ended", []string{"If-Match", `"2`}, 400, "invalid"},
		{"no comma", []string{"If-Match", `"1" "2"`}, 400, "invalid"},
		{"a blank in it", []string{"If-Match", `"1 "`}, 400, "invalid"},
	} {
		for method, body := range map[string]string{"PUT": `{"amount":9}`, "PATCH": `[{"op":"add","path":"/amount","value":9}]`, "DELETE": ""} {
			headers := append([]string{}, c.headers...)
			switch method {
			case "PUT":
				headers = append(headers, documentBody...)
			case "PATCH":
				headers = append(headers, patchBody...)
			}
			p := r.problem(r.send(method, body, headers...))
			if p.Status != c.status || p.Code != c.code || p.ID == "" {
				t.Errorf("%s %s: %+v, want %d %s", method, c.name, p, c.status, c.code)
			}
			if p.Status == 412 && (p.Current == nil || p.Current.Version != 2 || string(p.Current.Fields) != `{"amount":2}`) {
				t.Errorf("%s %s: current is %+v", method, c.name, p.Current)
			}
		}
	}
	for _, headers := range [][]string{{"If-Match", `"1"`}, {"If-Match", `*`}} {
		if p := r.problem(r.ask("GET", "/v1/records/deal/none", anyToken, "", headers...)); p.Status != 412 || p.Current != nil {
			t.Errorf("GET what is not there if %v: %+v", headers, p)
		}
	}
	if p := r.problem(r.ask("PUT", "/v1/records/deal/none", anyToken, `{}`, append(documentBody, "If-Match", `"1"`)...)); p.Status != 412 || p.Current != nil {
		t.Errorf("PUT what is not there: %+v", p)
	}
	r.want("nothing was written", r.send("GET", "", "If-Match", `*`), 200, 2, `{"amount":2}`)
	r.want("one of several", r.send("PUT", `{"amount":3}`, append(documentBody, "If-Match", `"1",, "2"`)...), 200, 3, `{"amount":3}`)
}

// Asked again with its key, a request is answered as it was and has no second effect, whatever happened since; the key does
// for nothing else.
func TestRecordIdempotencyKey(t *testing.T) {
	r := newRig(t)
	create := func() answer {
		return r.send("PUT", `{"n":1}`, append(documentBody, "If-None-Match", "*", "Idempotency-Key", `"k-1"`)...)
	}
	patch := func() answer {
		return r.send("PATCH", `[{"op":"replace","path":"/n","value":2}]`, append(patchBody, "If-Match", `"1"`, "Idempotency-Key", "k-2")...)
	}
	end := func() answer { return r.send("DELETE", "", "If-Match", `"2"`, "Idempotency-Key", "k-3") }
	for range 3 {
		r.want("create", create(), 201, 1, `{"n":1}`)
	}
	r.want("patch", patch(), 200, 2, `{"n":2}`)
	r.want("delete", end(), 204, 3, ``)
	r.want("create, later", create(), 201, 1, `{"n":1}`)
	r.want("patch, later", patch(), 200, 2, `{"n":2}`)
	r.want("delete, later", end(), 204, 3, ``)
	for name, a := range map[string]answer{
		"another body":    r.send("PUT", `{"n":2}`, append(documentBody, "If-None-Match", "*", "Idempotency-Key", "k-1")...),
		"another version": r.send("PUT", `{"n":1}`, append(documentBody, "If-Match", `"3"`, "Idempotency-Key", "k-1")...),
		"another record":  r.ask("PUT", "/v1/records/deal/D-2", anyToken, `{"n":1}`, append(documentBody, "If-None-Match", "*", "Idempotency-Key", "k-1")...),
		"another method":  r.send("DELETE", "", "If-None-Match", "*", "Idempotency-Key", "k-1"),
	} {
		if p := r.problem(a); p.Status != 422 || p.Code != "key-reused" {
			t.Errorf("%s: %+v", name, p)
		}
	}
	if _, err := r.hub.AddToken(t.Context(), "bo", store.Scopes, "secret-of-bo"); err != nil {
		t.Fatal(err)
	}
	bo := r.ask("PUT", "/v1/records/deal/D-2", "secret-of-bo", `{"n":7}`, append(documentBody, "If-None-Match", "*", "Idempotency-Key", "k-1")...)
	r.want("the key of another person", bo, 201, 1, `{"n":7}`)
	for _, key := range []string{"", `"`, `""`, "two words", "a,b", "ü", strings.Repeat("k", 256)} {
		a := r.ask("PUT", "/v1/records/deal/D-3", anyToken, `{}`, append(documentBody, "If-None-Match", "*", "Idempotency-Key", key)...)
		if p := r.problem(a); p.Status != 400 {
			t.Errorf("key %q: %+v", key, p)
		}
	}
}

// A body that is not what it should be is told, and nothing is written.
func TestRecordBodies(t *testing.T) {
	r := newRig(t)
	r.write("deal/D-1", `{"amount":1}`, 0)
	for _, c := range []struct {
		name, method, kind, body string
		status                   int
		code                     string
	}{
		{"no type", "PUT", "", `{}`, 415, "media-type"},
		{"text", "PUT", "text/plain", `{}`, 415, "media-type"},
		{"a patch put", "PUT", "application/json-patch+json", `[]`, 415, "media-type"},
		{"merge patch", "PATCH", "application/merge-patch+json", `{}`, 415, "media-type"},
		{"a document as a patch", "PATCH", "application/json", `{}`, 415, "media-type"},
		{"nothing", "PUT", "application/json", ``, 400, "invalid"},
		{"null", "PUT", "application/json", `null`, 400, "invalid"},
		{"an array", "PUT", "application/json", `[]`, 400, "invalid"},
		{"a key twice", "PUT", "application/json", `{"a":1,"a":1}`, 400, "invalid"},
		{"behind the end", "PUT", "application/json", `{} {}`, 400, "invalid"},
		{"a long number", "PUT", "application/json", `{"a":` + strings.Repeat("1", 65) + `}`, 400, "invalid"},
		{"too deep", "PUT", "application/json", strings.Repeat(`{"a":`, 32) + `{}` + strings.Repeat(`}`, 32), 400, "invalid"},
		{"no UTF-8", "PUT", "application/json", "{\"a\":\"\xff\"}", 400, "invalid"},
		{"half a pair", "PUT", "application/json", `{"a":"\ud800"}`, 400, "invalid"},
		{"too large", "PUT", "application/json", `{"a":"` + strings.Repeat("a", 8<<20) + `"}`, 413, "too-large"},
		{"no patch", "PATCH", "application/json-patch+json", `{}`, 400, "invalid"},
		{"an unknown step", "PATCH", "application/json-patch+json", `[{"op":"rotate","path":"/a"}]`, 400, "invalid"},
		{"a step that does not fit", "PATCH", "application/json-patch+json", `[{"op":"add","path":"/x","value":1},{"op":"remove","path":"/y"}]`, 409, "patch"},
		{"a test that fails", "PATCH", "application/json-patch+json", `[{"op":"add","path":"/x","value":1},{"op":"test","path":"/amount","value":2}]`, 409, "patch"},
	} {
		headers := []string{"If-Match", `"1"`}
		if c.kind != "" {
			headers = append(headers, "Content-Type", c.kind)
		}
		if p := r.problem(r.send(c.method, c.body, headers...)); p.Status != c.status || p.Code != c.code {
			t.Errorf("%s: %+v, want %d %s", c.name, p, c.status, c.code)
		}
	}
	for _, headers := range [][]string{{"Content-Encoding", "gzip"}, {"Content-Range", "bytes 0-1/2"}} {
		if a := r.send("PUT", `{}`, append(headers, "If-Match", `"1"`, "Content-Type", "application/json")...); a.status != 415 && a.status != 400 {
			t.Errorf("%v: %+v", headers, a)
		}
	}
	r.want("nothing was written", r.send("GET", ""), 200, 1, `{"amount":1}`)
	r.want("charset", r.send("PUT", `{}`, "If-Match", `"1"`, "Content-Type", "application/json; charset=utf-8"), 200, 2, `{}`)
}

// Any text that a record may be called by is one segment of the path, and what is no name is no record.
func TestRecordNames(t *testing.T) {
	r := newRig(t)
	for id, path := range map[string]string{
		"a/b":         "a%2Fb",
		"//":          "%2F%2F",
		"..":          "%2E%2E",
		".":           "%2e",
		"a b":         "a%20b",
		"50%":         "50%25",
		"%2F":         "%252F",
		"Å?#":         "%C3%85%3F%23",
		"a+b;c=d&e":   "a+b;c=d&e",
		"it's \"it\"": "it's%20%22it%22",
	} {
		a := r.ask("PUT", "/v1/records/deal/"+path, anyToken, `{}`, append(documentBody, "If-None-Match", "*")...)
		if a.status != 201 || a.header.Get("Location") == "" {
			t.Errorf("%s: %+v", path, a)
			continue
		}
		if got, err := r.hub.Get(t.Context(), merge.Key{Collection: "deal", ID: id}); err != nil || got.Version != 1 {
			t.Errorf("%s is %q: %+v, %v", path, id, got, err)
		}
		if a := r.ask("GET", a.header.Get("Location"), anyToken, ""); a.status != 200 {
			t.Errorf("at the location of %s: %+v", path, a)
		}
	}
	before, err := r.hub.List(t.Context(), "deal", "", "", 100)
	if err != nil {
		t.Fatal(err)
	}
	for path, status := range map[string]int{
		"/v1/records/deal/":                            404,
		"/v1/records/deal/a/b":                         404,
		"/v1/records//D-1":                             404,
		"/v1/records/deal/../zip/Z-1":                  404,
		"/v1/records/deal/./D-1":                       404,
		"/v1/records/deal/%00":                         400,
		"/v1/records/deal/a%0Ab":                       400,
		"/v1/records/deal/%E2%80%AE":                   400,
		"/v1/records/deal/%FF":                         400,
		"/v1/records/Deal/D-1":                         400,
		"/v1/records/%2E%2E/D-1":                       400,
		"/v1/records/deal%2FD-1/x":                     400,
		"/v1/records/deal/" + strings.Repeat("a", 513): 400,
	} {
		if p := r.problem(r.ask("PUT", path, anyToken, `{}`, append(documentBody, "If-None-Match", "*")...)); p.Status != status {
			t.Errorf("%s: %+v, want %d", path, p, status)
		}
	}
	if after, err := r.hub.List(t.Context(), "deal", "", "", 100); err != nil || len(after) != len(before) {
		t.Errorf("%d records, there were %d: %v", len(after), len(before), err)
	}
}

// A list goes on after its last record, to the end, and finds what holds a text.
func TestListRecords(t *testing.T) {
	r := newRig(t)
	want := map[string]bool{}
	for i := range 61 {
		id := fmt.Sprintf("D/%03d", i)
		r.write("deal/"+id, fmt.Sprintf(`{"n":%d,"even":%t}`, i, i%2 == 0), 0)
		want[id] = true
	}
	r.write("zip/Z-1", `{}`, 0)
	r.want("collections", r.ask("GET", "/v1/records", readToken, ""), 200, 0, `{"collections":["deal","zip"]}`)
	type page struct {
		Records []store.Record `json:"records"`
		Next    string         `json:"next"`
	}
	read := func(query string) page {
		t.Helper()
		a := r.ask("GET", "/v1/records/deal"+query, readToken, "")
		var p page
		if err := json.Unmarshal([]byte(a.body), &p); err != nil || a.status != 200 {
			t.Fatalf("%s: %+v, %v", query, a, err)
		}
		return p
	}
	pages := 0
	for after := ""; ; pages++ {
		p := read("?limit=20&after=" + after)
		for _, record := range p.Records {
			if !want[record.Record.ID] || record.Version != 1 {
				t.Errorf("%+v is there, or there twice", record)
			}
			delete(want, record.Record.ID)
		}
		if after = strings.ReplaceAll(p.Next, "/", "%2F"); after == "" {
			break
		}
	}
	if len(want) > 0 || pages != 3 {
		t.Errorf("left out in %d pages: %v", pages+1, want)
	}
	if p := read(""); len(p.Records) != 50 || p.Next != "D/049" {
		t.Errorf("the first page: %d, next %q", len(p.Records), p.Next)
	}
	if p := read("?text=TRUE&limit=500"); len(p.Records) != 31 || p.Next != "" {
		t.Errorf("with a text: %d, next %q", len(p.Records), p.Next)
	}
	r.want("nothing is there", r.ask("GET", "/v1/records/none", readToken, ""), 200, 0, `{"records":[]}`)
	for _, query := range []string{"?limit=0", "?limit=501", "?limit=x", "?limt=1", "?limit=1&limit=2", "?after=%FF", "?%zz"} {
		if p := r.problem(r.ask("GET", "/v1/records/deal"+query, readToken, "")); p.Status != 400 {
			t.Errorf("%s: %+v", query, p)
		}
	}
}

// Who may only read writes nothing.
func TestScopes(t *testing.T) {
	r := newRig(t)
	r.write("deal/D-1", `{"amount":1}`, 0)
	for _, method := range []string{http.MethodPut, http.MethodPatch, http.MethodDelete} {
		a := r.ask(method, "/v1/records/deal/D-1", readToken, `{}`, append(documentBody, "If-Match", `"1"`)...)
		if p := r.problem(a); p.Status != 403 || p.Code != "forbidden" {
			t.Errorf("%s: %+v", method, p)
		}
	}
	r.want("as it was", r.send("GET", ""), 200, 1, `{"amount":1}`)
}

// What the collection's schema forbids is refused in its words.
func TestRecordRules(t *testing.T) {
	r := newRig(t)
	if _, err := r.hub.SetSchema(t.Context(), "deal", merge.Document(`{"properties":{"amount":{"minimum":0}}}`), "ana"); err != nil {
		t.Fatal(err)
	}
	p := r.problem(r.send("PUT", `{"amount":-1}`, append(documentBody, "If-None-Match", "*")...))
	if p.Status != 422 || p.Code != "rule" || !strings.Contains(p.Detail, "amount") {
		t.Errorf("%+v", p)
	}
}
