package serve_test

import (
	"bufio"
	"context"
	"database/sql"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	_ "modernc.org/sqlite"
)

const (
	badRequests = 10_000
	rawRequests = 600
)

// bad is a request that must come to nothing, with the statuses that it may be answered by.
type bad struct {
	method, path, token, body string
	headers                   []string
	want                      []int
}

// spoiler makes bad requests, the same ones for a seed.
type spoiler struct{ *rand.Rand }

func pick[T any](s spoiler, all ...T) T { return all[s.IntN(len(all))] }

// ways are how a request can be bad.
var ways = []func(spoiler) bad{
	spoiler.document, spoiler.patch, spoiler.change, spoiler.decision, spoiler.address, spoiler.condition,
	spoiler.kind, spoiler.method, spoiler.query, spoiler.stranger, spoiler.cut, spoiler.garbled,
}

// value is JSON that nothing takes, wherever it stands in a document.
func (s spoiler) value() string {
	deep := 33 + s.IntN(2000)
	return pick(s,
		`{"a":1,"a":2}`,
		`{"a":{"b":[{"c":1,"\u0063":2}]}}`,
		strings.Repeat(`[`, deep)+strings.Repeat(`]`, deep),
		strings.Repeat(`{"a":`, deep)+`1`+strings.Repeat(`}`, deep),
		strings.Repeat(`[`, deep),
		strings.Repeat("9", 65+s.IntN(2000)),
		fmt.Sprintf(`1e%d`, 401+s.IntN(1<<30)),
		fmt.Sprintf(`-1e-%d`, 401+s.IntN(1<<30)),
		`01`, `1.`, `.5`, `+1`, `0x10`, `NaN`, `Infinity`, `1e`, `--1`,
		`"\ud800"`, `"\udc00\ud800"`, `"\x41"`, "\"\x01\"", "\"\xff\xfe\"", `"`, `'a'`,
		`tru`, `TRUE`, `undefined`, ``, `{"a"}`, `{"a":}`, `{a:1}`, `[1,]`, `{"a":1,}`, `{,}`, `[1 2]`, `{"a":1}}`, `1 1`, `/* */1`,
	)
}

// noObject is JSON that is no object.
func (s spoiler) noObject() string { return pick(s, `null`, `[]`, `"x"`, `1`, `true`, `[{}]`, `-0`) }

func (s spoiler) document() bad {
	body := pick(s, `{"x":`+s.value()+`}`, s.noObject()+`{"x":1}`, `{"x":1} `+s.value()+`]`, s.noObject(), `{"x":[`+s.value()+`,1]}`)
	return bad{"PUT", "/v1/records/deal/D-1", anyToken, body,
		pick(s, append([]string{"If-Match", `"2"`}, documentBody...), append([]string{"If-None-Match", `*`}, documentBody...)), []int{400, 412}}
}

func (s spoiler) patch() bad {
	step := pick(s,
		`{"op":"add","path":"/x","value":`+s.value()+`}`,
		`{"op":"add","path":"/x","path":"/y","value":1}`,
		`{"op":"`+pick(s, "", "ADD", "rotate", "merge")+`","path":"/x","value":1}`,
		`{"op":"remove","path":`+pick(s, `"x"`, `"/~"`, `"/~9"`, `1`, `null`, `"`+strings.Repeat("/a", 33+s.IntN(500))+`"`)+`}`,
		`{"op":"test","path":"/x"}`, `{"op":"move","path":"/x"}`, `{"op":"copy","from":7,"path":"/x"}`, `{"path":"/x"}`, `{"op":"remove"}`, s.noObject(),
		`{"op":"remove","path":"/none"}`, `{"op":"replace","path":"/none/x","value":1}`, `{"op":"test","path":"/amount","value":77}`,
		`{"op":"add","path":"/list/99","value":1}`, `{"op":"remove","path":""}`, `{"op":"replace","path":"","value":[]}`,
		`{"op":"move","from":"/list","path":"/list/0"}`)
	body := pick(s, `[`+step+`]`, `[`+step+`,{"op":"add","path":"/y","value":1}]`, `[{"op":"add","path":"/y","value":1},`+step+`]`, `{"patch":`+step+`}`)
	return bad{"PATCH", "/v1/records/deal/D-1", anyToken, body, append([]string{"If-Match", `"2"`}, patchBody...), []int{400, 409, 412}}
}

func (s spoiler) change() bad {
	body := pick(s,
		`{"key":"k","record":"deal/D-1","local":{"x":`+s.value()+`}}`,
		`{"key":"k","record":"deal/D-1","local":`+s.value()+`}`,
		`{"key":"k","record":`+pick(s, `"D-1"`, `""`, `"/"`, `"Deal/D"`, `"deal/"`, `"deal/\u0000"`, `"deal/\u202e"`, `1`, `null`, `"../etc/passwd"`)+`,"local":{}}`,
		`{"key":`+pick(s, `""`, `1`, `null`, `{}`, `[]`)+`,"record":"deal/D-1","local":{}}`,
		`{"key":"k","record":"deal/D-1","local":{},"base_version":`+pick(s, `-1`, `"1"`, `1.5`, `1e99`, `{}`, `99999999999999999999`)+`}`,
		`{"key":"k","record":"deal/D-1","local":{},"local_at":`+pick(s, `"yesterday"`, `1`, `"2026-13-45T99:00:00Z"`)+`}`,
		`{"key":"k","record":"deal/D-1","local":{},"key":"j"}`,
		fmt.Sprintf(`{"key":"first","record":"deal/D-1","base_version":1,"local":{"n":%d}}`, s.IntN(9)), // the key of another
		`{"key":"k","record":"deal/D-1"}`, `{"key":"k","local":{}}`, `{"record":"deal/D-1","local":{}}`, s.noObject(), s.value())
	return bad{"POST", "/v1/changes", anyToken, body, documentBody, []int{400, 422}}
}

// decision is something about the conflict that cannot be.
func (s spoiler) decision() bad {
	where := pick(s, "resolution", "draft", "claim", "snooze")
	method := "POST"
	if where == "draft" {
		method = "PUT"
	}
	body := pick(s,
		`{"revision":`+s.value()+`,"server_version":2,"decisions":{}}`,
		`{"revision":1,"revision":1,"server_version":2,"decisions":{}}`,
		`{"Revision":1,"SERVER_VERSION":2,"decisions":{}}`,
		`{"revision":1,"server_version":2,"decisions":{"/status":{"choice":"local"}},"by":"somebody"}`,
		`{"revision":1,"server_version":2,"decisions":{"/status":{"choice":"mine"}}}`,
		`{"revision":1,"server_version":2,"decisions":[]}`,
		`{"seconds":"long"}`, `{"seconds":-1,"x":1}`, `{"until":"soon"}`, `{"until":0}`,
		pick(s, `[]`, `"x"`, `1`, `true`), s.value())
	return bad{method, "/v1/conflicts/1/" + where, anyToken, body, documentBody, []int{400, 409, 412, 422}}
}

// address names a record that there cannot be, or is not.
func (s spoiler) address() bad {
	segments := []string{"..", ".", "%2e%2e%2f%2e%2e", "%2E%2E", "%00", "a%00b", "%0d%0aX:1", "%7f", "%ff%fe", "%c0%af", "%E2%80%AE", "a%20b",
		"etc", "passwd", "%5c..%5c", "%252e", strings.Repeat("a", 500+s.IntN(3000)), "Deal", "d%27--", `d%22;drop`, "", "deal", "*", "~", "%F0%9F%92%A9"}
	path := "/v1/records"
	for range 1 + s.IntN(4) {
		path += "/" + pick(s, segments...)
	}
	method := pick(s, "PUT", "PATCH", "DELETE")
	headers := append([]string{"If-Match", `"99"`}, documentBody...)
	if method == "PATCH" {
		headers = append([]string{"If-Match", `"99"`}, patchBody...)
	}
	return bad{method, path, anyToken, pick(s, `{}`, `[]`), headers, []int{400, 404, 405, 412}}
}

// condition says badly, or of another version, what a write is made on.
func (s spoiler) condition() bad {
	tag := pick(s, ``, `*`, `2`, `"2`, `2"`, `W/"2"`, `w/"2"`, `"02"`, `"2 "`, `"1"`, `"3"`, `"-2"`, `"2.0"`, `""`, `"\"2\""`, `'2'`, `"1" "2"`, `"2";"1"`, `*, "2"`,
		`"2", *`, `"99999999999999999999"`, strings.Repeat(`"1",`, 101+s.IntN(300))+`"2"`, `"`+strings.Repeat("2", s.IntN(4000)+2)+`"`, "\"2\u00e9\"")
	headers := append([]string{"If-Match", tag}, documentBody...)
	if s.IntN(4) == 0 {
		headers = append([]string{"If-Match", `"2"`, "If-None-Match", pick(s, `*`, `"2"`, `W/"2"`, `x`, ``)}, documentBody...)
	}
	if s.IntN(6) == 0 {
		headers = append([]string{"If-Match", `"2"`, "Idempotency-Key", pick(s, ``, `"`, `""`, `a b`, `a,b`, `a"b`, strings.Repeat("k", 256+s.IntN(1000)), "\u00e9")}, documentBody...)
	}
	return bad{pick(s, "PUT", "DELETE"), "/v1/records/deal/D-1", anyToken, `{"x":1}`, headers, []int{400, 412, 428}}
}

// kind is a body of a type that is not taken there.
func (s spoiler) kind() bad {
	kind := pick(s, "", "text/plain", "text/html", "application/xml", "application/merge-patch+json", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x",
		"application/jsonx", "application", "/", ";", "application/json/", "application/json; charset", "*/*", "APPLICATION/YAML", strings.Repeat("a", 2000))
	headers := []string{"If-Match", `"2"`, "Content-Type", kind}
	if s.IntN(5) == 0 {
		headers = []string{"If-Match", `"2"`, "Content-Type", "application/json", "Content-Encoding", pick(s, "gzip", "br", "identity, gzip", "x")}
	}
	to := pick(s, [2]string{"PUT", "/v1/records/deal/D-1"}, [2]string{"PATCH", "/v1/records/deal/D-1"}, [2]string{"POST", "/v1/changes"},
		[2]string{"POST", "/v1/conflicts/1/resolution"}, [2]string{"PUT", "/v1/conflicts/1/draft"}, [2]string{"POST", "/v1/conflicts/1/claim"})
	return bad{to[0], to[1], anyToken, `{"revision":1,"server_version":2,"decisions":{}}`, headers, []int{400, 415}}
}

func (s spoiler) method() bad {
	return bad{pick(s, "POST", "TRACE", "OPTIONS", "PROPFIND", "LOCK", "BREW", "put", "Get", "M-SEARCH"),
		pick(s, "/v1/records/deal/D-1", "/v1/records/deal", "/v1/records", "/v1/status", "/v1/versions", "/v1/resolutions", "/healthz", "/v1/openapi.json",
			"/v1/conflicts", "/v1/conflicts/1", "/v1", "/", "/v2/records", "/admin", "/.git/config", "/v1/records/deal/D-1/versions", "/v1/records/deal/D-1/other"),
		anyToken, `{}`, append([]string{"If-Match", `"2"`, "X-HTTP-Method-Override", "DELETE"}, documentBody...), []int{404, 405}}
}

func (s spoiler) query() bad {
	junk := pick(s, "limit=0", "limit=-1", "limit=501", "limit=1e3", "limit=99999999999999999999", "limit=", "limit=1&limit=2", "odd=1", "%zz=1", "a;b", "limit=%ff",
		"Limit=1", "limit[]=1", "text=%ff", "after=%fe%ff", "person=bo", "__proto__=1")
	path := pick(s, "/v1/records/deal", "/v1/conflicts")
	if path == "/v1/conflicts" {
		junk = pick(s, junk, "where=kind:odd", "where=state:", "where=%ff", "after=x", "before=-1", "after=&before=", "group=[]", `group={"a":1}`, "where="+strings.Repeat("a", 5000))
	}
	return bad{"GET", path + "?" + junk, anyToken, "", nil, []int{400}}
}

// stranger has no token, or one that does not go so far.
func (s spoiler) stranger() bad {
	b := bad{pick(s, "PUT", "DELETE"), "/v1/records/deal/" + pick(s, "D-1", "none", ".."), "", `{}`, append([]string{"If-Match", `"2"`}, documentBody...), []int{401, 404}}
	switch s.IntN(3) {
	case 0:
		b.token, b.want = readToken, []int{403, 404}
	case 1:
		b.token = pick(s, "wrong", "dt_", strings.Repeat("x", 4000), anyToken+"x", anyToken[1:], " "+anyToken+" x", "' OR 1=1 --")
	default:
		b.headers = append(b.headers, "Authorization", pick(s, "", "Bearer", "Bearer ", "bearer x", "Basic ZGFuYTpkYW5h", "Digest", anyToken, "Bearer "+anyToken+", Bearer "+anyToken))
	}
	return b
}

// valid are bodies that would be taken, with what they are sent to.
var valid = []bad{
	{"PUT", "/v1/records/deal/D-1", anyToken, `{"status":"won","amount":12.50,"list":[1,{"a":null}]}`, []string{"If-Match", `"2"`, "Content-Type", "application/json"}, nil},
	{"PATCH", "/v1/records/deal/D-1", anyToken, `[{"op":"add","path":"/x","value":{"y":[1]}},{"op":"remove","path":"/amount"}]`,
		[]string{"If-Match", `"2"`, "Content-Type", "application/json-patch+json"}, nil},
	{"POST", "/v1/changes", anyToken, `{"key":"k","record":"deal/D-1","base_version":1,"local":{"status":"lost"}}`, []string{"Content-Type", "application/json"}, nil},
	{"POST", "/v1/conflicts/1/resolution", anyToken, `{"revision":1,"server_version":2,"decisions":{"/status":{"choice":"local"}}}`, []string{"Content-Type", "application/json"}, nil},
}

// cut is a body that ends too early.
func (s spoiler) cut() bad {
	b := pick(s, valid...)
	b.body, b.want = b.body[:s.IntN(len(b.body))], []int{400}
	return b
}

// garbled is a body that was damaged on the way, to a version that is not there: some damage nobody can see.
func (s spoiler) garbled() bad {
	b := valid[s.IntN(2)]
	b.headers, b.want = slices.Clone(b.headers), []int{400, 412}
	b.headers[1] = `"99"`
	text := []byte(b.body)
	for range 1 + s.IntN(4) {
		text[s.IntN(len(text))] = byte(s.IntN(256))
	}
	b.body = string(text)
	return b
}

// seals are sums of all rows of all tables, but for those that count what came in.
func (r *rig) seals() map[string]string {
	r.t.Helper()
	db, err := sql.Open("sqlite", "file:"+r.hub.Info().Path+"?mode=ro")
	if err != nil {
		r.t.Fatal(err)
	}
	defer db.Close()
	rows, err := db.QueryContext(context.Background(), `SELECT name, digest FROM dovetail_seal WHERE name NOT IN ('dovetail_exchange', 'dovetail_count')`)
	if err != nil {
		r.t.Fatal(err)
	}
	defer rows.Close()
	all := map[string]string{}
	for rows.Next() {
		var name, digest string
		if err := rows.Scan(&name, &digest); err != nil {
			r.t.Fatal(err)
		}
		all[name] = digest
	}
	if err := rows.Err(); err != nil || len(all) == 0 {
		r.t.Fatal(err)
	}
	return all
}

// attacked makes a hub with a record at version 2 and a conflict, and checks in the end that nothing happened to it.
func attacked(t *testing.T) *rig {
	t.Helper()
	r := newRig(t)
	r.write("deal/D-1", `{"status":"negotiating","amount":1,"list":[]}`, 0)
	r.write("deal/D-1", `{"status":"open","amount":1,"list":[]}`, 1)
	if a := r.push(`{"key":"first","record":"deal/D-1","base_version":1,"local":{"status":"closed","amount":1,"list":[]}}`); a.status != 202 {
		t.Fatalf("%+v", a)
	}
	r.ask("GET", "/v1/status", readToken, "") // that it was used is noted once an hour
	before := r.seals()
	t.Cleanup(func() {
		r.server.Close()
		if strings.Contains(r.log.String(), "panic") || strings.Contains(r.log.String(), `"status":500`) {
			at := max(strings.Index(r.log.String(), "panic"), strings.Index(r.log.String(), `"status":500`), 300)
			t.Errorf("the hub failed: %s", r.log.String()[at-300:])
		}
		for name, digest := range r.seals() {
			if before[name] != digest {
				t.Errorf("%s was changed", name)
			}
		}
	})
	return r
}

// Ten thousand requests that are wrong, each in its way, have no effect, are answered by what is wrong with them, and make
// nothing fail.
func TestBadRequests(t *testing.T) {
	r := attacked(t)
	s := spoiler{rand.New(rand.NewPCG(42, 1))}
	kinds := map[int]int{}
	n := badRequests
	if testing.Short() {
		n /= 10
	}
	for i := range n {
		b := ways[i%len(ways)](s)
		a := r.ask(b.method, b.path, b.token, b.body, b.headers...)
		kinds[a.status]++
		if !slices.Contains(b.want, a.status) {
			t.Errorf("%d: %.300q: %d %.300s", i, fmt.Sprint(b), a.status, a.body)
		}
		if t.Failed() {
			return
		}
	}
	for _, status := range []int{400, 401, 403, 404, 405, 409, 412, 415, 422, 428} {
		if kinds[status]*1000 < n {
			t.Errorf("only %d were answered by %d", kinds[status], status)
		}
	}
}

// raw is what no client would send.
func (s spoiler) raw() string {
	body := `{"x":1}`
	head := "PUT /v1/records/deal/" + pick(s, "D-1", "new") + " HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer " + anyToken +
		"\r\nContent-Type: application/json\r\n" + pick(s, "If-Match: \"99\"\r\n", "If-None-Match: *\r\nContent-Length: 900\r\n")
	return pick(s,
		head+"Content-Length: 70\r\n\r\n"+body, // cut
		head+"Content-Length: 7\r\nContent-Length: 8\r\n\r\n"+body,
		head+"Content-Length: -7\r\n\r\n"+body,
		head+"Content-Length: 7\r\nTransfer-Encoding: chunked\r\n\r\n"+body,
		head+"Transfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\n"+body,
		head+"Transfer-Encoding: chunked\r\n\r\n7\r\n"+body[:3],
		head+"Transfer-Encoding: chunked\r\n\r\nz\r\n",
		head+"Transfer-Encoding: gzip\r\n\r\n"+body,
		head+"X: "+strings.Repeat("a", 20<<10)+"\r\n\r\n",
		head+strings.Repeat("X: 1\r\n", 4000)+"\r\n",
		head+" folded: 1\r\n\r\n"+body,
		head+"X\x00Y: 1\r\n\r\n"+body,
		head+"X: a\x01b\r\n\r\n"+body,
		head+"No colon\r\n\r\n",
		head+"Expect: 200-maybe\r\nContent-Length: 7\r\n\r\n"+body,
		strings.Replace(head, "HTTP/1.1", "HTTP/9.9", 1)+"\r\n",
		strings.Replace(head, "HTTP/1.1", "", 1)+"\r\n",
		strings.Replace(head, "Host: 127.0.0.1\r\n", "", 1)+"\r\n",
		strings.Replace(head, "PUT ", "P\x00T ", 1)+"\r\n",
		strings.Replace(head, "/v1", "v1", 1)+"\r\n",
		strings.Replace(head, "/v1", "//v1", 1)+"\r\n",
		strings.Replace(head, "/v1", "http://elsewhere/../v1", 1)+"\r\n",
		strings.Replace(head, "/v1", "/%zz/v1", 1)+"\r\n",
		"CONNECT 127.0.0.1:1 HTTP/1.1\r\nHost: x\r\n\r\n", "OPTIONS * HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
		"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", "\r\n\r\n\r\n", "GET", "\x00", strings.Repeat("A", 20<<10),
	)
}

// What is no HTTP, or not whole, has no effect either.
func TestRawRequests(t *testing.T) {
	r := attacked(t)
	s := spoiler{rand.New(rand.NewPCG(42, 2))}
	for i := range rawRequests {
		text := s.raw()
		conn, err := net.Dial("tcp", r.server.Listener.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		io.WriteString(conn, text) // it may not wait for the end
		conn.(*net.TCPConn).CloseWrite()
		for in := bufio.NewReader(conn); ; {
			res, err := http.ReadResponse(in, nil)
			if err != nil {
				break
			}
			if res.StatusCode >= 200 && res.StatusCode < 300 && !strings.HasPrefix(text, "OPTIONS *") || res.StatusCode == 500 {
				t.Errorf("%d: %.200q is answered by %s", i, text, res.Status)
			}
			io.Copy(io.Discard, res.Body)
			res.Body.Close()
		}
		conn.Close()
	}
}

// Who sends too slowly is not waited for, and nothing of it is done.
func TestSlowRequests(t *testing.T) {
	r := attacked(t)
	impatient := &http.Server{Handler: r.server.Config.Handler, ReadHeaderTimeout: time.Millisecond, ReadTimeout: 2 * time.Millisecond}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	go impatient.Serve(listener)
	defer impatient.Close()
	head := "PUT /v1/records/deal/new HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer " + anyToken + "\r\nIf-None-Match: *\r\n"
	for _, text := range []string{"PUT /v1", head, head + "Content-Type: application/json\r\nContent-Length: 7\r\n\r\n{\"x\""} {
		conn, err := net.Dial("tcp", listener.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		io.WriteString(conn, text)
		answered, err := io.ReadAll(conn) // until the hub has had enough
		if err == nil && strings.Contains(string(answered), "HTTP/1.1 2") {
			t.Errorf("%q is answered by %s", text, answered)
		}
		conn.Close()
	}
}
