package serve

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"testing"
	"time"
	"unicode/utf8"
)

// FuzzStream reads anything as lines: all of them come, in order, however they are bundled.
func FuzzStream(f *testing.F) {
	for _, seed := range []string{"", "\n\n", "{}\r\n[]\n x", "a\n\nb\n", "\xff\x00\n"} {
		f.Add([]byte(seed), true)
		f.Add([]byte(seed), false)
	}
	f.Fuzz(func(t *testing.T, body []byte, sized bool) {
		req := httptest.NewRequest(http.MethodPost, "/v1/changes", bytes.NewReader(body))
		if !sized {
			req.ContentLength = -1
		}
		s := (&call{request: req, out: &recorder{ResponseWriter: httptest.NewRecorder()}}).stream()
		var got, want [][]byte
		for end := error(nil); end == nil; {
			var lines [][]byte
			if lines, end = s.next(2); end != nil && end != errLast {
				t.Fatal(end)
			}
			got = append(got, lines...)
		}
		for line := range bytes.Lines(body) {
			if line = bytes.TrimSpace(line); len(line) > 0 {
				want = append(want, line)
			}
		}
		if !bytes.Equal(bytes.Join(got, []byte("\n")), bytes.Join(want, []byte("\n"))) || len(got) != len(want) {
			t.Fatalf("%q, want %q", got, want)
		}
	})
}

// FuzzWithKey gives anything a key: an object that had none is the same and has it, and nothing else is changed.
func FuzzWithKey(f *testing.F) {
	for _, seed := range []string{`{}`, ` {"record":"deal/1"}`, `{"key":"a"}`, `{"key":null}`, `[{`, "{\"\\u006bey\":\"b\"}"} {
		f.Add([]byte(seed), "a")
		f.Add([]byte(seed), `"\`)
	}
	f.Fuzz(func(t *testing.T, text []byte, key string) {
		got, err := withKey(text, key)
		if err != nil || !utf8.ValidString(key) || key == "" {
			return
		}
		var before, after map[string]any
		if json.Unmarshal(text, &before) != nil || before == nil {
			if !bytes.Equal(got, text) {
				t.Fatalf("%q became %q", text, got)
			}
			return
		}
		if err := json.Unmarshal(got, &after); err != nil {
			t.Fatalf("%q became %q: %v", text, got, err)
		}
		if _, had := before["key"].(string); !had && before["key"] == nil && after["key"] != key {
			t.Fatalf("%q became %q, and not of key %q", text, got, key)
		}
		if before["key"] = after["key"]; len(after) != len(before) {
			t.Fatalf("%q became %q", text, got)
		}
	})
}

// FuzzPlaceOf reads anything as the query for versions: what is asked for is within bounds.
func FuzzPlaceOf(f *testing.F) {
	for _, seed := range []string{"after=1&limit=2", "after=-1", "manners=-1&hash=00&generation=x", "wait=30", "limit=1001", "after=9223372036854775808"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, query string) {
		values, _ := url.ParseQuery(query)
		from, limit, wait, err := placeOf(values)
		if err == nil && (from.Number < 0 || from.Manners < -1 || limit < 0 || limit > maxVersions || wait < 0 || wait > 30*time.Second) {
			t.Fatalf("%q: %+v %d %v", query, from, limit, wait)
		}
	})
}
