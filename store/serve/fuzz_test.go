package serve

import (
	"bytes"
	"encoding/json"
	"reflect"
	"strings"
	"testing"

	"dovetail/merge"
	"dovetail/store"
)

// FuzzTags: whatever stands in If-Match, it is refused or is a list that can be written as it was read, and no text matches
// a version but its strong tag.
func FuzzTags(f *testing.F) {
	for _, seed := range []string{`"4"`, `*`, `"1", W/"2",, "x"`, `W/"4"`, `"4`, `4`, `"4" "5"`, ` , `, "\"\x80\""} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		parsed, ok := parseTags(text)
		if !ok {
			if parsed.given || parsed.any || parsed.list != nil {
				t.Fatalf("%q is refused, and is %+v", text, parsed)
			}
			return
		}
		if parsed.any != (len(parsed.list) == 0) || len(parsed.list) > maxTags {
			t.Fatalf("%q is %+v", text, parsed)
		}
		var words []string
		strong := false
		for _, tag := range parsed.list {
			word := `"` + tag.opaque + `"`
			strong = strong || word == `"4"` && !tag.weak
			if tag.weak {
				word = "W/" + word
			}
			words = append(words, word)
		}
		if parsed.has(4, false) != strong {
			t.Fatalf("%q matches version 4: %t", text, !strong)
		}
		if match, _ := (conditions{match: parsed}).stands(store.Record{Version: 4}); match != (strong || parsed.any) {
			t.Fatalf("%q is met by version 4: %t", text, match)
		}
		if again, ok := parseTags(strings.Join(words, " , ")); !parsed.any && (!ok || !reflect.DeepEqual(again, parsed)) {
			t.Fatalf("%q is %+v, then %+v", text, parsed, again)
		}
	})
}

// FuzzStrict: what is taken of a stranger's JSON is what encoding/json reads of it where it knows every member, and none of
// it stands there twice.
func FuzzStrict(f *testing.F) {
	for _, seed := range []string{
		`{"revision":1,"server_version":2,"decisions":{"/status":{"choice":"local","saw":{"base":1}}},"note":"x"}`,
		`{"revision":1,"revision":2}`, `{"Revision":1}`, `{"result":null}`, `{"decisions":{"":{"choice":"both","as":"x"}}} `, `{}{}`, `null`, `[]`, `{"odd":1}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		var strict, loose Writing
		if err := unmarshal(text, &strict); err != nil {
			if p := asProblem(err); p.status >= 500 {
				t.Fatalf("%s: %v", text, err)
			}
			return
		}
		d := json.NewDecoder(bytes.NewReader(text))
		d.DisallowUnknownFields()
		if err := d.Decode(&loose); err != nil || !reflect.DeepEqual(strict, loose) {
			t.Fatalf("%s is %+v, and %+v: %v", text, strict, loose, err)
		}
		if len(strict.Decisions) > 0 && strict.Result.There && strict.Result.Document != nil {
			if _, err := merge.Canonical(strict.Result.Document); err != nil {
				t.Fatal(err)
			}
		}
	})
}
