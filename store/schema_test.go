package store_test

import (
	"errors"
	"sync"
	"testing"

	"dovetail/merge"
	"dovetail/merge/schema"
	"dovetail/store"
)

func setSchema(t *testing.T, s *store.Store, collection, text string) int64 {
	t.Helper()
	var d merge.Document
	if text != "" {
		d = doc(text)
	}
	n, err := s.SetSchema(t.Context(), collection, d, "admin")
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// wantSchema checks a collection's schema, "" being none, its number and its strategy.
func wantSchema(t *testing.T, s *store.Store, collection, text string, number int64, strategy merge.Strategy) {
	t.Helper()
	got, n, err := s.Schema(t.Context(), collection)
	if err != nil || string(got) != text || n != number {
		t.Errorf("%s has schema %d %s, %v; want %d %s", collection, n, got, err, number, text)
	}
	rules, err := s.Rules(t.Context(), collection)
	if err != nil {
		t.Fatal(err)
	}
	if bare := text == "" && strategy == merge.FieldMerge; (rules == nil) != bare {
		t.Errorf("%s has rules %v", collection, rules)
	}
	if rules != nil && rules.Strategy != strategy {
		t.Errorf("%s has the strategy %s, want %s", collection, rules.Strategy, strategy)
	}
}

const (
	tagsAreASet    = `{"properties":{"tags":{"x-merge":"set"}}}`
	visitsAreAdded = `{"properties":{"visits":{"x-merge":"counter"}}}`
	replayed       = `{"x-merge-strategy":"op-replay"}`
)

// Of two people who each change a policy, the one who did not see the other's change hears of it, and takes nothing back.
func TestASchemaIsNotWrittenOver(t *testing.T) {
	s := newStore(t)
	for _, was := range []int64{0, 1} {
		text := doc([]string{tagsAreASet, visitsAreAdded}[was])
		if n, err := s.ReplaceSchema(t.Context(), "deal", was, text, "ana"); err != nil || n != was+1 {
			t.Errorf("schema %d, %v", n, err)
		}
	}
	for _, was := range []int64{0, 1, 3} {
		if _, err := s.ReplaceSchema(t.Context(), "deal", was, doc(replayed), "bo"); !errors.Is(err, merge.ErrStale) {
			t.Errorf("on schema %d: %v", was, err)
		}
	}
	wantSchema(t, s, "deal", visitsAreAdded, 2, merge.FieldMerge)
}

func TestASchemaIsKeptWithItsNumber(t *testing.T) {
	s := newStore(t)
	wantSchema(t, s, "deal", "", 0, merge.FieldMerge)
	for i, text := range []string{tagsAreASet, visitsAreAdded, tagsAreASet} {
		if n := setSchema(t, s, "deal", text); n != int64(i+1) {
			t.Errorf("schema %s is number %d, want %d", text, n, i+1)
		}
	}
	s = reopen(t, s)
	wantSchema(t, s, "deal", tagsAreASet, 3, merge.FieldMerge)
	wantSchema(t, s, "other", "", 0, merge.FieldMerge)
	wantRows(t, s, `SELECT number, body, set_by FROM dovetail_schema ORDER BY number`,
		"1 "+tagsAreASet+" admin", "2 "+visitsAreAdded+" admin", "3 "+tagsAreASet+" admin")
}

func TestTheSameSchemaAgainWritesNothing(t *testing.T) {
	s := newStore(t)
	setSchema(t, s, "deal", `{"minProperties": 1.0, "properties": {"tags": {"x-merge": "set"}}}`)
	if n := setSchema(t, s, "deal", `{"properties":{"tags":{"x-merge":"set"}},"minProperties":1}`); n != 1 {
		t.Errorf("the same schema became number %d", n)
	}
	wantRows(t, s, `SELECT count(*) FROM dovetail_schema`, "1")
	if n, err := s.SetSchema(t.Context(), "other", nil, ""); n != 0 || err != nil {
		t.Errorf("taking away what is not there gave %d, %v", n, err)
	}
	wantRows(t, s, `SELECT name FROM dovetail_collection`, "deal")
}

func TestASchemaThatIsTakenAwayKeepsItsNumber(t *testing.T) {
	s := newStore(t)
	setSchema(t, s, "deal", tagsAreASet)
	if n := setSchema(t, s, "deal", ""); n != 0 {
		t.Errorf("no schema is number %d", n)
	}
	s = reopen(t, s)
	wantSchema(t, s, "deal", "", 0, merge.FieldMerge)
	if n := setSchema(t, s, "deal", tagsAreASet); n != 2 {
		t.Errorf("the next schema is number %d, want 2", n)
	}
}

func TestASchemaThatIsWrongChangesNothing(t *testing.T) {
	s := newStore(t)
	setSchema(t, s, "deal", tagsAreASet)
	var wrong *schema.Error
	if _, err := s.SetSchema(t.Context(), "deal", doc(`{"properties":{"tags":{"x-merge":"sett"}}}`), ""); !errors.As(err, &wrong) || wrong.Path != "/properties/tags/x-merge" {
		t.Errorf("an unknown policy gave %v", err)
	}
	var broken *merge.DocumentError
	if _, err := s.SetSchema(t.Context(), "deal", merge.Document(`{"a":1,"a":2}`), ""); !errors.As(err, &broken) {
		t.Errorf("a text that is no document gave %v", err)
	}
	for _, collection := range []string{"", "Deal", "a/b"} {
		if _, err := s.SetSchema(t.Context(), collection, doc(tagsAreASet), ""); !errors.Is(err, merge.ErrKey) {
			t.Errorf("the collection %q gave %v", collection, err)
		}
	}
	wantSchema(t, s, "deal", tagsAreASet, 1, merge.FieldMerge)
}

func TestASchemaSetsTheStrategyItNames(t *testing.T) {
	s := newStore(t)
	setSchema(t, s, "deal", replayed)
	wantSchema(t, s, "deal", replayed, 1, merge.OpReplay)

	if err := s.SetStrategy(t.Context(), "deal", merge.LastWriteWins); err != nil {
		t.Fatal(err)
	}
	wantSchema(t, s, "deal", replayed, 1, merge.LastWriteWins)
	if n := setSchema(t, s, "deal", replayed); n != 1 {
		t.Errorf("the same schema became number %d", n)
	}
	wantSchema(t, s, "deal", replayed, 1, merge.OpReplay)

	setSchema(t, s, "deal", tagsAreASet)
	wantSchema(t, s, "deal", tagsAreASet, 2, merge.FieldMerge) // what a schema said goes with it

	if err := s.SetStrategy(t.Context(), "deal", merge.LastWriteWins); err != nil {
		t.Fatal(err)
	}
	setSchema(t, s, "deal", visitsAreAdded)
	s = reopen(t, s)
	wantSchema(t, s, "deal", visitsAreAdded, 3, merge.LastWriteWins) // what a person said stays
}

func TestAStrategyIsForACollection(t *testing.T) {
	if err := newStore(t).SetStrategy(t.Context(), "A b", merge.OpReplay); !errors.Is(err, merge.ErrKey) {
		t.Errorf("a name that is none gave %v", err)
	}
}

// Rules are shared by whoever reads and writes at once.
func TestRulesMayBeUsedWhileSchemasChange(t *testing.T) {
	s := contested(t, tagsAreASet, `{"tags":["a"],"visits":1}`, `{"tags":["b"],"visits":2}`)
	var group sync.WaitGroup
	for i := range 4 {
		group.Go(func() {
			for n := range 5 {
				schema := []string{tagsAreASet, visitsAreAdded}[(i+n)%2]
				if _, err := s.SetSchema(t.Context(), "deal", doc(schema), ""); err != nil {
					t.Error(err)
				}
				rules, err := s.Rules(t.Context(), "deal")
				if err != nil {
					t.Error(err)
					return
				}
				merge.Record(merge.Sides{Base: doc(`{"tags":["a"]}`), Local: doc(`{"tags":["b"]}`), Server: doc(`{"tags":["c"]}`)}, rules)
			}
		})
	}
	group.Wait()
	if _, number, err := s.Schema(t.Context(), "deal"); err != nil || number < 1 {
		t.Errorf("the last schema is number %d, %v", number, err)
	}
}

// The same strategy again is nothing new, which replicas would have to hear of.
func TestAStrategyThatIsSetAgainChangesNothing(t *testing.T) {
	s := newStore(t)
	for range 2 {
		if err := s.SetStrategy(t.Context(), "deal", merge.LastWriteWins); err != nil {
			t.Fatal(err)
		}
	}
	wantRows(t, s, `SELECT manners FROM dovetail_meta`, "1")
}
