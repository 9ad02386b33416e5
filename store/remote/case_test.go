package remote_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"reflect"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"dovetail/fixtures"
	"dovetail/merge"
	"dovetail/store"
	"dovetail/store/remote"
	"dovetail/store/serve"
)

// played is a hub that a scenario is played on.
type played struct{ *store.Store }

func (p played) Head(ctx context.Context, record merge.Key) (merge.Document, int64, error) {
	r, err := p.Get(ctx, record)
	if errors.Is(err, merge.ErrNotFound) {
		return nil, 0, nil
	}
	return r.Fields, r.Version, err
}

func (p played) Write(ctx context.Context, w fixtures.Write) error {
	_, err := p.Store.Write(ctx, store.Edit{Record: w.Record, Version: w.Version, Fields: w.Fields, By: w.By, Device: w.Device, At: w.At})
	return err
}

func (p played) Push(ctx context.Context, line []byte) error {
	_, err := p.Store.Push(ctx, line)
	return err
}

// Every conflict of every scenario under each strategy that asks people comes over the wire as it stands in the file, and merges to the
// same there.
func TestScenariosComeWhole(t *testing.T) {
	var conflicts atomic.Int64
	for _, s := range fixtures.Scenarios() {
		for _, strategy := range []merge.Strategy{merge.FieldMerge, merge.OpReplay} {
			t.Run(s.Name+"/"+strategy.String(), func(t *testing.T) {
				t.Parallel()
				r := newRig(t)
				for _, schema := range s.Schemas {
					if _, err := r.file.SetSchema(t.Context(), schema.Collection, schema.Text, ""); err != nil {
						t.Fatal(err)
					}
				}
				for _, record := range s.Records() {
					if err := r.file.SetStrategy(t.Context(), record.Collection, strategy); err != nil {
						t.Fatal(err)
					}
				}
				if err := s.Play(t.Context(), played{r.file}, time.Date(2026, 11, 22, 8, 0, 0, 0, time.UTC)); err != nil {
					t.Fatal(err)
				}
				conflicts.Add(int64(wantSameCases(t, r.file, r.as("ana"))))
			})
		}
	}
	t.Cleanup(func() {
		if conflicts.Load() < 10 {
			t.Errorf("only %d conflicts were compared", conflicts.Load())
		}
	})
}

// allStates chooses every conflict.
func allStates() merge.Filter {
	var f merge.Filter
	for _, state := range []merge.State{merge.Open, merge.Snoozed, merge.Resolved} {
		f.Terms = append(f.Terms, merge.Term{Name: "state", Op: ':', Value: state.String()})
	}
	return f
}

// wantSameCases compares all conflicts of a file with what comes over the wire, and returns how many there are.
func wantSameCases(t testing.TB, file *store.Store, hub *remote.Hub) int {
	t.Helper()
	page, err := file.Conflicts(t.Context(), merge.Query{Filter: allStates(), Limit: 500})
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range page.Conflicts {
		want, err := file.Case(t.Context(), row.Number)
		if err != nil {
			t.Fatal(err)
		}
		got, err := hub.Case(t.Context(), row.Number)
		if err != nil {
			t.Errorf("conflict %d: %v", row.Number, err)
			continue
		}
		wantSameCase(t, got, want)
	}
	return len(page.Conflicts)
}

func wantSameCase(t testing.TB, got, want merge.Case) {
	t.Helper()
	if a, b := resultOf(t, got), resultOf(t, want); a != b {
		t.Errorf("conflict %d merges to\n%s\nand at the hub to\n%s", want.Conflict.Number, a, b)
	}
	if (got.Rules == nil) != (want.Rules == nil) {
		t.Errorf("conflict %d: rules %v, at the hub %v", want.Conflict.Number, got.Rules, want.Rules)
	} else if got.Rules != nil && (got.Rules.Strategy != want.Rules.Strategy || got.Rules.Delete != want.Rules.Delete) {
		t.Errorf("conflict %d: strategy %v, at the hub %v", want.Conflict.Number, got.Rules.Strategy, want.Rules.Strategy)
	}
	got.Rules, want.Rules = nil, nil
	if len(got.Applied) == 0 {
		got.Applied, want.Applied = nil, nil
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("conflict %d came as\n%+v\nnot\n%+v", want.Conflict.Number, got, want)
	}
}

// resultOf is all that a merge says, and what it comes to if local is taken for the rest.
func resultOf(t testing.TB, c merge.Case) string {
	t.Helper()
	r := c.Merge()
	text, err := r.MarshalJSON()
	if err != nil {
		t.Fatal(err)
	}
	decisions := merge.Decisions{}
	for _, path := range r.Undecided(nil) {
		f, _ := r.Field(path)
		decisions[path], _ = f.Choose(merge.TakeLocal, merge.Absent)
	}
	doc, err := r.Apply(decisions)
	if err != nil {
		return string(text) + "\n" + err.Error()
	}
	return string(text) + "\n" + string(doc)
}

// A case is whole on the wire: whatever is added to one has to be added here, and comes along.
func TestCaseGoesOverTheWireWhole(t *testing.T) {
	at := time.Date(2026, 11, 22, 9, 0, 0, 123456000, time.UTC)
	whole := merge.Case{
		Conflict: merge.Conflict{Number: 7, Record: key("deal/a/b <&>"), Kind: merge.TypeChange, Fields: []string{"/a~1b"}, BaseVersion: 3,
			ServerVersion: 4, State: merge.Snoozed, Revision: 2, LocalBy: "ana", LocalAt: at, ServerBy: "<bo>", ServerAt: at, Device: "ana-7",
			OpenedAt: at, SnoozedUntil: at, ClaimedBy: "bo", ClaimedUntil: at, Draft: &merge.DraftNote{Decided: 1, Stale: true, SavedAt: at}},
		Sides: merge.Sides{Base: merge.Document(`{"a":1.0,"b":"<&>\u001b","c":9007199254740993}`), Local: merge.Document(`{"a":2e0,"b":null}`),
			Server: merge.Document(`{"a":"","c":1}`), BaseLost: true, Recreated: true, Apart: []string{"", "/a"},
			Edits: &merge.Edits{Local: map[string]time.Time{"/a": at}, Server: map[string]time.Time{"": at.Add(time.Second)}}},
		Base:   merge.Stamp{By: "x", Device: "d", At: at, Version: 3, ReceivedAt: at},
		Local:  merge.Stamp{By: "x", Device: "d", At: at, Version: 1, ReceivedAt: at},
		Server: merge.Stamp{By: "x", Device: "d", At: at, Version: 4, ReceivedAt: at},
		Operations: []merge.Operation{{ID: "o1", Verb: merge.AddElement, Path: "/tags", Value: `"<x>"`, Was: "null", At: at},
			{ID: "o2", Verb: merge.UnsetField, Path: "/b", Value: "1", Was: "0.10", At: at}},
		Applied: map[string]bool{"o1": true}, Refused: "UNIQUE constraint failed: <x>",
		Naming: &merge.Naming{Record: key("deal/D-1"), As: key("deal/D-2"), One: true, InKey: true, Set: map[string]merge.Value{"/of": `"<2>"`}},
	}
	under := store.Manner{Strategy: merge.OpReplay, Number: 2, Schema: merge.Document(`{"properties":{"a":{"enum":["<",1.0]}}}`)}
	whole.Rules = (*merge.Rules)(nil).Under(under.Strategy)
	wantNoZero(t, reflect.ValueOf(whole), "case")
	wantNoZero(t, reflect.ValueOf(under), "manner")
	told, err := serve.NewCase(whole, under)
	if err != nil {
		t.Fatal(err)
	}
	text, err := json.Marshal(told) // with HTML's escapes, as some proxy may write it
	if err != nil {
		t.Fatal(err)
	}
	var came serve.Case
	if err := json.Unmarshal(text, &came); err != nil {
		t.Fatal(err)
	}
	came.Merge = told.Merge
	got, err := came.Case(whole.Rules)
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(got, whole) {
		t.Errorf("came as\n%+v\nnot\n%+v", got, whole)
	}
	if !reflect.DeepEqual(came.Rules, under) {
		t.Errorf("under %+v, not %+v", came.Rules, under)
	}
}

// wantNoZero makes sure that a test says something of everything there is. The Rules are made of what is beside them.
func wantNoZero(t *testing.T, v reflect.Value, at string) {
	t.Helper()
	switch {
	case v.IsZero():
		t.Errorf("nothing is said of %s", at)
	case v.Kind() == reflect.Pointer && !strings.HasSuffix(at, ".Rules"):
		wantNoZero(t, v.Elem(), at)
	case v.Kind() == reflect.Struct && v.Type() != reflect.TypeFor[time.Time]():
		for i := range v.NumField() {
			wantNoZero(t, v.Field(i), at+"."+v.Type().Field(i).Name)
		}
	case v.Kind() == reflect.Slice && v.Type().Elem().Kind() == reflect.Struct:
		for i := range v.Len() {
			wantNoZero(t, v.Index(i), at+"[]")
		}
	}
}

// Where the hub merges otherwise than we do, nobody is shown either of the two.
func TestOtherMergeIsRefused(t *testing.T) {
	r := newRig(t)
	r.deal()
	handler := r.server.Config.Handler
	odd := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		rec := httptest.NewRecorder()
		handler.ServeHTTP(rec, req)
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(rec.Code)
		w.Write(bytes.Replace(rec.Body.Bytes(), []byte(`"kind":"edit-edit","base":"new"`), []byte(`"kind":"type","base":"new"`), 1))
	}))
	defer odd.Close()
	token, _ := remote.NewToken("secret-of-ana")
	hub, err := remote.Dial(odd.URL, token, remote.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := hub.Case(t.Context(), 1); !errors.Is(err, serve.ErrOtherMerge) {
		t.Errorf("got %v", err)
	}
	if _, err := r.as("ana").Case(t.Context(), 1); err != nil {
		t.Error(err)
	}
}
