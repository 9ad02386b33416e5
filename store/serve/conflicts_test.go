package serve_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"dovetail/merge"
	"dovetail/store/serve"
)

// deal opens conflict 1, over the status of a deal.
func (r *rig) deal() {
	r.t.Helper()
	r.write("deal/D-1", `{"amount":1,"status":"new"}`, 0)
	r.write("deal/D-1", `{"amount":1,"status":"open"}`, 1)
	if _, err := r.hub.Push(r.t.Context(), []byte(`{"key":"k1","record":"deal/D-1","base_version":1,"local":{"amount":2,"status":"closed"},"local_by":"kim"}`)); err != nil {
		r.t.Fatal(err)
	}
}

const jsonBody = "application/json"

// A client without a merge of its own decides by what it reads, and the hub writes what that comes to.
func TestDecideByHand(t *testing.T) {
	r := newRig(t)
	r.deal()
	a := r.ask("GET", "/v1/conflicts?where=field:status", readToken, "")
	var page struct {
		Conflicts []struct {
			Conflict int64
			Record   string
		}
	}
	if err := json.Unmarshal([]byte(a.body), &page); err != nil || len(page.Conflicts) != 1 || page.Conflicts[0].Record != "deal/D-1" {
		t.Fatalf("%s, %v", a.body, err)
	}
	a = r.ask("GET", "/v1/conflicts/1", readToken, "")
	for _, want := range []string{`"revision":1`, `"server_version":2`, `"base":{"amount":1,"status":"new"}`, `"local":{"amount":2,"status":"closed"}`,
		`"server":{"amount":1,"status":"open"}`, `"strategy":"field-merge"`, `"merge":{"outcome":"conflict"`} {
		if !strings.Contains(a.body, want) {
			t.Errorf("no %s in %s", want, a.body)
		}
	}
	a = r.ask("POST", "/v1/conflicts/1/resolution", anyToken,
		`{"revision":1,"server_version":2,"decisions":{"/status":{"choice":"edited","value":"won"}},"note":"on the phone"}`, "Content-Type", jsonBody)
	if a.status != http.StatusCreated || !strings.Contains(a.body, `"version":3`) || !strings.Contains(a.body, `"result":{"amount":2,"status":"won"}`) {
		t.Fatalf("%+v", a)
	}
	again := r.ask("POST", "/v1/conflicts/1/resolution", anyToken,
		`{"revision":1,"server_version":2,"decisions":{"/status":{"choice":"edited","value":"won"}},"note":"on the phone"}`, "Content-Type", jsonBody)
	if again.status != http.StatusOK || again.body != a.body {
		t.Errorf("once more: %+v", again)
	}
	if log, err := r.hub.Log(t.Context(), merge.Key{Collection: "deal", ID: "D-1"}); err != nil || len(log) != 3 || log[2].By != "dana" {
		t.Errorf("%+v, %v", log, err)
	}
}

// What is not exactly what is asked for has no effect.
func TestWritingsThatAreRefused(t *testing.T) {
	r := newRig(t)
	r.deal()
	whole := `"revision":1,"server_version":2,"decisions":{"/status":{"choice":"local"}}`
	for body, want := range map[string]int{
		`{` + whole + `,"note":"` + strings.Repeat("n", 64<<10+1) + `"}`: 400,
		`{` + whole + `,"revision":1}`:                                   400,
		`{` + whole + `,"Revision":1}`:                                   400,
		`{` + whole + `,"person":"bo"}`:                                  400,
		`{` + whole + `} {}`:                                             400,
		`{` + whole:                                                      400,
		`{` + whole + `,"result":7}`:                                     400,
		`{` + whole + `,"result":{"a":1,"a":2}}`:                         400,
		`{` + whole + `,"result":null}`:                                  412,
		`{` + whole + `,"result":{"amount":2,"status":"open"}}`:          412,
		`[]`: 400,
		``:   400,
		`{"server_version":2,"decisions":{"/status":{"choice":"local"}}}`:                          400,
		`{"revision":2,"server_version":2,"decisions":{"/status":{"choice":"local"}}}`:             412,
		`{"revision":1,"server_version":1,"decisions":{"/status":{"choice":"local"}}}`:             412,
		`{"revision":1,"server_version":2,"decisions":{"/status":{"choice":"locl"}}}`:              400,
		`{"revision":1,"server_version":2,"decisions":{"/status":{"choice":"edited"}}}`:            400,
		`{"revision":1,"server_version":2,"decisions":{"/other":{"choice":"local"}}}`:              400,
		`{"revision":1,"server_version":2,"decisions":{"/status":{"choice":"local","saw":{}}}}`:    412,
		`{"revision":1,"server_version":2,"decisions":{"/amount":{"choice":"local"}}}`:             422,
		`{"revision":1,"server_version":2}`:                                                        422,
		`{"revision":1e999,"server_version":2,"decisions":{"/status":{"choice":"local"}}}`:         400,
		`{"revision":1,"server_version":2,"decisions":{"/status":{"choice":"local","choice":""}}}`: 400,
		`{"revision":1,"server_version":2,"decisions":{"/status":{},"/status":{}}}`:                400,
		`{"revision":1,"server_version":2,"decisions":` + strings.Repeat(`{"a":`, 20000) + `}`:     400,
	} {
		if a := r.ask("POST", "/v1/conflicts/1/resolution", anyToken, body, "Content-Type", jsonBody); a.status != want {
			t.Errorf("%.100s: %d %s, want %d", body, a.status, a.body, want)
		}
	}
	if a := r.ask("POST", "/v1/conflicts/1/resolution", anyToken, `{`+whole+`}`, "Content-Type", "text/plain"); a.status != 415 {
		t.Errorf("another type: %+v", a)
	}
	p := r.problem(r.ask("POST", "/v1/conflicts/1/resolution", anyToken, `{"revision":1,"server_version":2}`, "Content-Type", jsonBody))
	if p.Code != "undecided" || !slices.Equal(p.Undecided, []string{"/status"}) {
		t.Errorf("undecided: %+v", p)
	}
	if record, err := r.hub.Get(t.Context(), merge.Key{Collection: "deal", ID: "D-1"}); err != nil || record.Version != 2 {
		t.Errorf("%+v, %v", record, err)
	}
}

// The token says what one may do and whose the drafts are, not what is sent.
func TestScopesOfTheQueue(t *testing.T) {
	r := newRig(t)
	r.deal()
	draft := `{"conflict":99,"person":"reader","decisions":{"/status":{"choice":"local","value":"closed","saw":{}}}}`
	for _, door := range []struct{ method, path, body string }{
		{"PUT", "/v1/conflicts/1/draft", draft},
		{"DELETE", "/v1/conflicts/1/draft", ""},
		{"POST", "/v1/conflicts/1/claim", `{"seconds":60}`},
		{"DELETE", "/v1/conflicts/1/claim", ""},
		{"POST", "/v1/conflicts/1/snooze", `{"until":"2100-01-01T00:00:00Z"}`},
		{"DELETE", "/v1/conflicts/1/snooze", ""},
		{"POST", "/v1/conflicts/1/resolution", `{}`},
		{"POST", "/v1/resolutions/1/undo", `{}`},
		{"PUT", "/v1/records/deal/D-1/draft", `{"version":2}`},
		{"DELETE", "/v1/records/deal/D-1/draft", ""},
		{"POST", "/v1/parked/retry", `{"key":"w"}`},
	} {
		if p := r.problem(r.ask(door.method, door.path, readToken, door.body, "Content-Type", jsonBody)); p.Code != "forbidden" {
			t.Errorf("%s %s for a reader: %+v", door.method, door.path, p)
		}
		if p := r.problem(r.ask(door.method, door.path, "", door.body, "Content-Type", jsonBody)); p.Code != "unauthorized" {
			t.Errorf("%s %s for nobody: %+v", door.method, door.path, p)
		}
	}
	if a := r.ask("PUT", "/v1/conflicts/1/draft", anyToken, draft, "Content-Type", jsonBody); a.status != http.StatusNoContent {
		t.Fatalf("%+v", a)
	}
	if a := r.ask("GET", "/v1/conflicts/1/draft", readToken, ""); strings.Contains(a.body, "local") || !strings.Contains(a.body, `"person":"reader"`) {
		t.Errorf("the reader sees %s", a.body)
	}
	if a := r.ask("GET", "/v1/conflicts/1/draft", anyToken, ""); !strings.Contains(a.body, `"person":"dana"`) || !strings.Contains(a.body, `"choice":"local"`) {
		t.Errorf("dana sees %s", a.body)
	}
	if a := r.ask("DELETE", "/v1/conflicts/1/draft", anyToken, ""); a.status != http.StatusNoContent {
		t.Errorf("%+v", a)
	}
}

// Lists take what they know, and no more of it than is good.
func TestQueriesThatAreRefused(t *testing.T) {
	r := newRig(t)
	r.deal()
	for query, want := range map[string]int{
		"?limit=501": 400, "?limit=0": 400, "?limit=x": 400, "?limit=500": 200, "?after=x": 400, "?after=&before=": 400, "?before=": 200,
		"?where=" + strings.Repeat("a", 4097): 400, "?where=kind:odd": 400, "?where=%ff": 400, "?where=%zz": 400, "?where=a&where=b": 400,
		"?person=reader": 400, "?group={}": 200, "?group={": 400, "?group=" + `{"odd":1}`: 400,
	} {
		if a := r.ask("GET", "/v1/conflicts"+query, readToken, ""); a.status != want {
			t.Errorf("%.60s: %d %s, want %d", query, a.status, a.body, want)
		}
	}
	for _, path := range []string{"/v1/conflicts/0", "/v1/conflicts/-1", "/v1/conflicts/x", "/v1/conflicts/99999999999999999999", "/v1/conflicts/2",
		"/v1/conflicts/2/draft", "/v1/records/deal/none/versions", "/v1/records/deal/D-1/resolution"} {
		if p := r.problem(r.ask("GET", path, readToken, "")); p.Status != 404 {
			t.Errorf("%s: %+v", path, p)
		}
	}
}

// What a status tells holds nothing of the hub's machine.
func TestStatusTellsNoPath(t *testing.T) {
	r := newRig(t)
	r.deal()
	a := r.ask("GET", "/v1/status", anyToken, "")
	var status serve.Status
	if err := json.Unmarshal([]byte(a.body), &status); err != nil || status.Person != "dana" || len(status.Scopes) != 3 || status.Counts.Open != 1 {
		t.Errorf("%s, %v", a.body, err)
	}
	if strings.Contains(a.body, r.hub.Info().Path) || strings.Contains(a.body, ".db") {
		t.Errorf("%s", a.body)
	}
	if a := r.ask("GET", "/v1/schemas/deal", readToken, ""); a.body != `{"schema":null,"number":0,"strategy":"field-merge"}`+"\n" {
		t.Errorf("%s", a.body)
	}
	if a := r.ask("GET", "/v1/records/deal/D-1/versions", readToken, ""); strings.Count(a.body, `"hash"`) != 2 {
		t.Errorf("%s", a.body)
	}
}

// Values that are long or many are cut off nowhere.
func TestLongDraft(t *testing.T) {
	r := newRig(t)
	r.deal()
	long := strings.Repeat("wörd ", 1<<17)
	body := fmt.Sprintf(`{"typed":{"/status":%q},"note":%q}`, long, long)
	if a := r.ask("PUT", "/v1/conflicts/1/draft", anyToken, body, "Content-Type", jsonBody); a.status != http.StatusNoContent {
		t.Fatalf("%d %.200s", a.status, a.body)
	}
	if d, err := r.hub.Draft(t.Context(), 1, "dana"); err != nil || d.Typed["/status"] != long || d.Note != long {
		t.Errorf("%d bytes, %v", len(d.Note), err)
	}
}
