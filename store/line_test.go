package store_test

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"

	"dovetail/store"
)

// badLines are lines that no sender may get through, and what is said of them.
func badLines() map[string][2]string {
	change := func(local string) string { return `{"type":"change","key":"k","record":"a/1","local":` + local + `}` }
	return map[string][2]string{
		"broken JSON":               {`{"type":"change","key":`, "the line ends inside a value"},
		"not an object":             {`["change"]`, "not a JSON object"},
		"a word":                    {`hello`, "not a JSON object"},
		"trailing data":             {change(`{}`) + ` {}`, "more text after the end"},
		"trailing comma":            {`{"key":"k","record":"a/1","local":{},}`, "no name in quotes"},
		"no comma":                  {`{"key":"k" "record":"a/1"}`, "/key: more text after the end of the value"},
		"no value":                  {`{"key":,"record":"a/1","local":{}}`, "no value"},
		"double key":                {`{"key":"k","record":"a/1","local":{},"key":"k2"}`, "/key: the key is there twice"},
		"double key by an escape":   {`{"key":"k","record":"a/1","local":{},"\u006bey":"k2"}`, "/key: the key is there twice"},
		"double key in a document":  {change(`{"a":{"b":1,"b":2}}`), "/local/a/b: the key is there twice"},
		"unknown name":              {`{"key":"k","record":"a/1","local":{},"locale":"de"}`, "/locale: unknown name"},
		"unknown name with a slash": {`{"key":"k","record":"a/1","local":{},"a/b":1}`, "/a~1b: unknown name"},
		"no key":                    {`{"record":"a/1","local":{}}`, "no key"},
		"empty key":                 {`{"key":"","record":"a/1","local":{}}`, "/key: empty"},
		"null key":                  {`{"key":null,"record":"a/1","local":{}}`, "no key"},
		"long key":                  {`{"key":"` + strings.Repeat("k", 600) + `","record":"a/1","local":{}}`, "/key: longer than 512 bytes"},
		"no record":                 {`{"key":"k","local":{}}`, "no record"},
		"record without a slash":    {`{"key":"k","record":"a1","local":{}}`, "/record: "},
		"record in capitals":        {`{"key":"k","record":"A/1","local":{}}`, "/record: "},
		"record with an escape":     {`{"key":"k","record":"a/\u001b]52;c","local":{}}`, "/record: "},
		"no local":                  {`{"key":"k","record":"a/1"}`, "no local"},
		"local is no object":        {change(`7`), "/local: not a JSON object"},
		"local is a text":           {change(`"{}"`), "/local: not a JSON object"},
		"huge number":               {change(`{"n":` + strings.Repeat("9", 100_000) + `}`), "/local/n: a number of 100000 characters"},
		"huge exponent":             {change(`{"n":1e999999999}`), "/local/n: a number with an exponent"},
		"too deep":                  {change(strings.Repeat(`{"a":`, 10_000) + `1` + strings.Repeat(`}`, 10_000)), "nested deeper than 32 levels"},
		"too deep and unknown":      {`{"type":"x","key":"k","record":"a/1","y":` + strings.Repeat(`[`, 10_000) + strings.Repeat(`]`, 10_000) + `}`, "nested deeper than 32 levels"},
		"too deep and open":         {`{"key":"k","record":"a/1","local":` + strings.Repeat(`[`, 10_000), "the line ends inside a value"},
		"invalid UTF-8":             {change("{\"a\":\"\xff\"}"), "/local/a: a string that is not valid UTF-8"},
		"invalid UTF-8 in a key":    {"{\"key\":\"\xff\",\"record\":\"a/1\",\"local\":{}}", "/key: a string that is not valid UTF-8"},
		"invalid UTF-8 in a name":   {"{\"key\":\"k\",\"record\":\"a/1\",\"local\":{},\"\xff\":1}", "a name that is not a JSON string"},
		"lone surrogate":            {change(`{"a":"\ud800"}`), "/local/a: half of a surrogate pair"},
		"lone surrogate in a key":   {`{"key":"\ud800","record":"a/1","local":{}}`, "/key: half of a surrogate pair"},
		"raw control character":     {change("{\"a\":\"\x1b\"}"), "/local/a: a raw control character"},
		"NaN":                       {change(`{"a":NaN}`), "/local/a: not a JSON value"},
		"single quotes":             {`{'key':'k'}`, "no name in quotes"},
		"version is a text":         {`{"key":"k","record":"a/1","local":{},"base_version":"3"}`, "/base_version: not a whole number"},
		"version has a fraction":    {`{"key":"k","record":"a/1","local":{},"base_version":3.5}`, "/base_version: not a whole number"},
		"version is negative":       {`{"key":"k","record":"a/1","local":{},"base_version":-1}`, "/base_version: not a whole number"},
		"version is too large":      {`{"key":"k","record":"a/1","local":{},"base_version":99999999999999999999}`, "/base_version: not a whole number"},
		"version with a zero":       {`{"key":"k","record":"a/1","local":{},"base_version":03}`, "/base_version: not a whole number"},
		"time is no time":           {`{"key":"k","record":"a/1","local":{},"local_at":"yesterday"}`, "/local_at: not a time"},
		"time without a zone":       {`{"key":"k","record":"a/1","local":{},"local_at":"2026-11-22T09:14:00"}`, "/local_at: not a time"},
		"time in the year 10000":    {`{"key":"k","record":"a/1","local":{},"local_at":"9999-12-31T23:59:59-01:00"}`, "/local_at: not a time"},
		"time before the year 1":    {`{"key":"k","record":"a/1","local":{},"server":{},"server_at":"0001-01-01T00:00:00+01:00"}`, "/server_at: not a time"},
		"operation in 10000":        {`{"key":"k","record":"a/1","local":{},"operations":[{"op":"set","path":"/a","value":1,"at":"9999-12-31T23:59:59-01:00"}]}`, "/operations/0/at: not a time"},
		"server version alone":      {`{"key":"k","record":"a/1","local":{},"server_version":3}`, "server_version without server"},
		"operations are no list":    {`{"key":"k","record":"a/1","local":{},"operations":{"op":"set"}}`, "/operations: not a list"},
		"operation without pointer": {`{"key":"k","record":"a/1","local":{},"operations":[{"op":"set","path":"status"}]}`, "/operations/0/path: not a JSON Pointer"},
		"type is a number":          {`{"type":1,"key":"k","record":"a/1","local":{}}`, "/type: not a string"},
		"a record, to push":         {`{"type":"record","record":"a/1","fields":{}}`, "/type: a record"},
		"unknown type without key":  {`{"type":"x","record":"a/1"}`, "no key"},
	}
}

func TestABadLineGetsOneClearLineAndChangesNothing(t *testing.T) {
	s := newStore(t)
	for name, line := range badLines() {
		t.Run(name, func(t *testing.T) {
			_, err := s.Push(t.Context(), []byte(line[0]))
			var bad *store.LineError
			if !errors.As(err, &bad) {
				t.Fatalf("it says %v, want a *LineError", err)
			}
			if text := err.Error(); !strings.Contains(text, line[1]) || strings.ContainsAny(text, "\n\x1b") || !utf8.ValidString(text) || len(text) > 700 {
				t.Errorf("it says %q, want %q in one short line", text, line[1])
			}
		})
	}
	for _, table := range []string{"record", "change", "document", "count", "exchange"} {
		wantRows(t, s, "SELECT count(*) FROM dovetail_"+table, "0")
	}
}

func TestABadLineKeepsAllOthersOfAnImportOut(t *testing.T) {
	alone(t)
	for name, line := range badLines() {
		if name == "a record, to push" {
			continue
		}
		t.Run(name, func(t *testing.T) {
			s := newStore(t)
			input := "\n" + dealV3 + "\r\n" + line[0] + "\n" + dealV4
			_, err := s.Import(t.Context(), strings.NewReader(input), store.ImportOptions{}, func(a store.Answer) error {
				t.Errorf("an answer was given: %+v", a)
				return nil
			})
			var bad *store.LineError
			if !errors.As(err, &bad) || bad.Line != 3 || !strings.HasPrefix(err.Error(), "line 3: ") {
				t.Errorf("it says %v, want a *LineError of line 3", err)
			}
			wantRows(t, s, "SELECT count(*) FROM dovetail_record", "0")
			wantRows(t, s, "SELECT count(*) FROM dovetail_exchange", "0")
		})
	}
}

func TestBadLinesCanBeSkippedAndAreCollectedAsTheyWere(t *testing.T) {
	s := newStore(t)
	long := `{"type":"record","record":"a/1","fields":{"x":"` + strings.Repeat("a", 17<<20) + `"}}`
	lines := []string{dealV3, "{\"key\":\r", dealV4, "{\"key\":\"\xff\"}", dealChange, long}
	var bad bytes.Buffer
	tally, err := s.Import(t.Context(), strings.NewReader(strings.Join(lines, "\n")), store.ImportOptions{SkipBad: &bad},
		func(store.Answer) error { return nil })
	if err != nil {
		t.Fatal(err)
	}
	if want := (store.Tally{Records: 2, Conflicts: 1, Bad: 3}); tally != want {
		t.Errorf("the tally is %+v, want %+v", tally, want)
	}
	if want := lines[1] + "\n" + lines[3] + "\n" + long; bad.String() != want {
		t.Errorf("collected were %d bytes that begin with %.50q, want %d", bad.Len(), bad.String(), len(want))
	}
	wantSum(t, s)
}

func TestALineMayLeaveOutWhatItDoesNotKnowOrSayNull(t *testing.T) {
	s := newStore(t)
	a := push(t, s, `{"key":"k","record":"a/1","local":{"x":1},"base_version":null,"base_hash":null,"operations":null,"local_by":null,
		"local_at":null,"device":null,"sequence":null,"server_version":null,"server_by":null,"server_at":null,"server_ref":null,"local_ref":null}`)
	if a.Outcome != store.Applied || a.Version != 1 {
		t.Errorf("the answer is %+v", a)
	}
}

func TestAnUnknownTypeIsParkedWhole(t *testing.T) {
	s := newStore(t)
	line := `{"type":"merge-request","key":"k","record":"a/1","wish":{"deep":[1,2]}}`
	want := store.Answer{Key: "k", Record: key("a/1"), Outcome: store.Parked, Error: `unknown type "merge-request"`}
	if a := push(t, s, line); fmt.Sprint(a) != fmt.Sprint(want) {
		t.Errorf("the answer is %+v, want %+v", a, want)
	}
	s = reopen(t, s)
	if a := push(t, s, line); fmt.Sprint(a) != fmt.Sprint(want) {
		t.Errorf("again the answer is %+v, want %+v", a, want)
	}
	if got := ask(t, s, `SELECT outcome, payload FROM dovetail_change`); len(got) != 1 || got[0] != "parked "+line {
		t.Errorf("kept is %q", got)
	}
	counts, err := s.Counts(t.Context(), "")
	if err != nil || counts.Parked != 1 {
		t.Errorf("the counts are %+v, %v", counts, err)
	}
	wantSum(t, s)
}

func TestAnUnknownOperationIsParkedWhole(t *testing.T) {
	s := newStore(t)
	line := `{"key":"k","record":"a/1","local":{"x":1},"operations":[{"op":"set","path":"/x","value":1},{"op":"frobnicate","path":"/x"}]}`
	if a := push(t, s, line); a.Outcome != store.Parked || a.Error != `unknown operation "frobnicate"` {
		t.Errorf("the answer is %+v", a)
	}
	wantRows(t, s, `SELECT payload FROM dovetail_change`, line)
	wantRows(t, s, `SELECT count(*) FROM dovetail_version`, "0")
	wantSum(t, s)
}

func FuzzLine(f *testing.F) {
	for _, line := range badLines() {
		if len(line[0]) < 1000 {
			f.Add([]byte(line[0]))
		}
	}
	f.Add([]byte(dealV3))
	f.Add([]byte(dealChange))
	f.Fuzz(func(t *testing.T, text []byte) {
		if err := store.CheckLine(text); err != nil {
			var bad *store.LineError
			if !errors.As(err, &bad) || strings.Contains(err.Error(), "\n") {
				t.Errorf("%q: %v", text, err)
			}
		}
	})
}
