package tui

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"dovetail/merge"
	"dovetail/merge/schema"
)

// shelves keep records, as a hub does.
type shelves struct {
	records []RecordShown
	rules   *merge.Rules
	wrote   []RecordEdit
	pending bool
	fail    error // of the next writing
	readErr error
	pages   int
	drafts  map[merge.Key]merge.RecordDraft
	kept    []merge.RecordDraft // each that was saved
	keepErr error
}

func (s *shelves) RecordDrafts(context.Context, string) ([]merge.RecordDraft, error) {
	return slices.SortedFunc(maps.Values(s.drafts), func(a, b merge.RecordDraft) int {
		return strings.Compare(a.Record.String(), b.Record.String())
	}), s.readErr
}

func (s *shelves) SaveRecordDraft(_ context.Context, d merge.RecordDraft) error {
	if s.keepErr != nil {
		return s.keepErr
	}
	s.kept = append(s.kept, d)
	s.drafts[d.Record] = d
	return nil
}

func (s *shelves) DiscardRecordDraft(_ context.Context, key merge.Key, _ string) error {
	delete(s.drafts, key)
	return s.keepErr
}

func (s *shelves) Collections(context.Context) ([]string, error) {
	var names []string
	for i := range s.records {
		names = append(names, s.records[i].Record.Collection)
	}
	slices.Sort(names)
	return slices.Compact(names), s.readErr
}

func (s *shelves) Find(_ context.Context, collection, text, after string, limit int) ([]RecordShown, error) {
	var found []RecordShown
	s.pages++
	for _, r := range s.records {
		if !r.Deleted && r.Record.Collection == collection && r.Record.ID > after && strings.Contains(r.Record.ID+string(r.Fields), text) && len(found) < limit {
			found = append(found, r)
		}
	}
	return found, s.readErr
}

func (s *shelves) at(key merge.Key) *RecordShown {
	i := slices.IndexFunc(s.records, func(r RecordShown) bool { return r.Record == key })
	return &s.records[i]
}

func (s *shelves) Record(_ context.Context, key merge.Key) (RecordShown, error) {
	if !s.holds(key) {
		return RecordShown{Record: key, Rules: s.rules}, s.readErr
	}
	r := *s.at(key)
	r.Rules = s.rules
	return r, s.readErr
}

func (s *shelves) holds(key merge.Key) bool {
	return slices.ContainsFunc(s.records, func(r RecordShown) bool { return r.Record == key })
}

func (s *shelves) WriteRecord(_ context.Context, e RecordEdit) (RecordShown, error) {
	s.wrote = append(s.wrote, e)
	if !s.holds(e.Record) && e.Version == 0 && s.fail == nil {
		s.records = append(s.records, RecordShown{Record: e.Record})
		slices.SortFunc(s.records, func(a, b RecordShown) int { return strings.Compare(a.Record.String(), b.Record.String()) })
	}
	r := s.at(e.Record)
	switch {
	case s.fail != nil:
		return RecordShown{}, s.fail
	case r.Version != e.Version || r.Revision != e.Revision:
		return RecordShown{}, fmt.Errorf("write: %w", merge.ErrStale)
	}
	r.Fields = e.Fields
	if r.Pending = s.pending; s.pending {
		r.Revision++
	} else {
		r.Version++
	}
	return *r, nil
}

const shelvedSchema = `{"type":"object","properties":{"status":{"type":"string","title":"Stage","enum":["lead","open","closed"]},
	"amount":{"type":"number","minimum":0},"due":{"type":"string","format":"date"},"owner":{"type":"string"}}}`

func shelvesOf(t testing.TB) *shelves {
	rules, err := schema.Parse([]byte(shelvedSchema))
	if err != nil {
		t.Fatal(err)
	}
	s := &shelves{rules: rules, drafts: map[merge.Key]merge.RecordDraft{}}
	for i, id := range []string{"D-1042", "D-2", "D-3"} {
		s.records = append(s.records, RecordShown{Record: merge.Key{Collection: "deal", ID: id}, Version: int64(3 + i),
			Fields: merge.Document(fmt.Sprintf(`{"amount":%d,"status":"lead","tags":["a","b"]}`, 100+i))})
	}
	s.records[0].Conflicts = []int64{1}
	s.records = append(s.records, RecordShown{Record: merge.Key{Collection: "account", ID: "A-1"}, Version: 1, Fields: merge.Document(`{"name":"Acme"}`)})
	return s
}

func shelvedIn(s *shelves) func(*Config) {
	return func(c *Config) { c.Librarian, c.Drafter, c.History = s, s, past{} }
}

func TestRecordsAreListedAndSearched(t *testing.T) {
	s := shelvesOf(t)
	r := newRig(t, newDesk(deal(t, 1)), shelvedIn(s)).sees("6 Records").press("6").sees("[6 Records]", "account 1 of 2", "A-1", "Acme")
	r.press("tab").sees("deal 2 of 2", "D-1042", "1 conflict", "D-3").seesNot("A-1").press("right").sees("A-1").press("h").sees("D-3")
	r.press("/").press("1", "0", "2").press("enter").sees("holding: 102", "D-3").seesNot("D-2")
	r.press("/").press("x").press("enter").sees("No record of the collection holds that.")
	r.press("/").press("y").press("esc").sees("holding: 102x").press("esc").sees("D-1042").seesNot("holding")
	r.press("?").sees("the next collection").press("esc").press("3").sees("[3 Snoozed").press("6", "esc").sees("[3 Snoozed")
	r.press("6", "q")
	if !r.quit {
		t.Error("q does not quit")
	}
	s.readErr = errBroken
	newRig(t, newDesk(), shelvedIn(s)).press("6").sees("disk is on fire")
	newRig(t, newDesk(), shelvedIn(&shelves{})).press("6").sees("There is no record.").press("tab", "enter", "j")
	newRig(t, newDesk()).seesNot("6 Records").press("6").sees("`dovetail ls` lists records")
}

func TestMoreRecordsAreReadAsTheCursorGoesOn(t *testing.T) {
	s := &shelves{}
	for i := range 250 {
		s.records = append(s.records, RecordShown{Record: merge.Key{Collection: "deal", ID: fmt.Sprintf("D-%03d", i)}, Fields: merge.Document("{}")})
	}
	r := newRig(t, newDesk(), shelvedIn(s)).press("6").sees("D-000")
	if s.pages != 1 {
		t.Errorf("%d pages were read to begin with", s.pages)
	}
	r.press("end", "end", "end").sees("D-249")
	if s.pages != 3 {
		t.Errorf("%d pages were read", s.pages)
	}
	r.press("home").sees("D-000")
	late := s.records[:1]
	r.press("/", "2", "4", "enter").sees("D-240").send(foundMsg{seq: 1, ask: recordsAsk{limit: recordsPage}, records: late}).sees("D-240").seesNot("D-000")
}

func openShelved(t *testing.T, s *shelves, more ...func(*Config)) *rig {
	t.Helper()
	return newRig(t, newDesk(deal(t, 1)), append(more, shelvedIn(s))...).press("6", "tab", "j", "enter").sees("RECORD deal/D-2", "v4", "no conflict")
}

// to goes to a field.
func (r *rig) toField(path string) *rig {
	r.t.Helper()
	r.press("home")
	for range 20 {
		if m := r.root().records; m.open.at().Path == path {
			return r
		}
		r.press("j")
	}
	r.t.Fatalf("no field %s:\n%s", path, r.m.View())
	return r
}

func TestARecordIsEditedByItsSchema(t *testing.T) {
	s := shelvesOf(t)
	r := openShelved(t, s).sees("owner").toField("/status").sees("Stage").press("e").sees("EDIT status", "one of: lead, open, closed")
	r.press("x", "enter").sees("! ").sees("EDIT status").press("esc").sees("typed text is kept", "1 edit not written")
	r.press("e").sees("leadx").press("tab").press("tab", "enter").sees("E status", "1 edit not written")
	r.toField("/amount").press("e").press("-").press("enter").sees("not a number").press("ctrl+u").press("-", "5", "enter").sees("EDIT amount", "! ")
	r.press("ctrl+u").press("7", "enter").toField("/due").press("e", "x", "enter").sees("EDIT due", "! ").press("ctrl+u")
	r.press("2026-03-01", "enter").sees("3 edits not written")
	if len(s.wrote) != 0 {
		t.Fatal("written before anybody said so")
	}
	r.press("enter").press("w").sees("Write 3 fields on v4, as a new version?").press("enter", "n").sees("3 edits not written")
	if len(s.wrote) != 0 {
		t.Fatal("written though nobody said yes")
	}
	r.press("w", "y").sees("written deal/D-2 v5", "v5").seesNot("not written")
	e := s.wrote[0]
	if e.By != "Ana" || e.Version != 4 || len(e.Steps) != 3 || !strings.Contains(string(e.Fields), `"amount":7`) {
		t.Errorf("written: %+v %s", e, e.Fields)
	}
	if step := e.Steps[2]; step.Path != "/status" || step.Was != `"lead"` || step.Verb != merge.SetField {
		t.Errorf("the last step is %+v", step)
	}
	r.press("w").sees("nothing was edited").press("q").sees(`"amount":7`)
}

func TestAnEditStaysWhereTheRecordMoved(t *testing.T) {
	s := shelvesOf(t)
	r := openShelved(t, s).toField("/amount").press("e", "ctrl+u", "9", "enter")
	moved := s.at(merge.Key{Collection: "deal", ID: "D-2"})
	moved.Version, moved.Fields = 5, merge.Document(`{"amount":555,"status":"open","tags":[]}`)
	r.press("w", "y").sees("Nothing was written: the record moved. It is v5 now: 1 changed on both sides: amount.", "v5", "555 → 9", "~ amount", "changed meanwhile: it was 101", "1 edit not written")
	r.press("home", "k", "w").sees("changed on both sides, so that nothing is written yet: amount. 1 keeps yours").seesNot("y yes")
	if string(moved.Fields) != `{"amount":555,"status":"open","tags":[]}` {
		t.Errorf("written over: %s", moved.Fields)
	}
	r.press("1").sees("your edit of amount stays", "E amount").press("w", "y").sees("written deal/D-2 v6")
	if string(moved.Fields) != `{"amount":9,"status":"open","tags":[]}` {
		t.Errorf("written: %s", moved.Fields)
	}
	moved.Deleted, moved.Fields, moved.Version = true, nil, 7
	r.press("e", "ctrl+u", "1", "enter", "w", "y").sees("Nothing was written", "deleted", "1 edit not written").press("w").sees("nothing can be written to it")
}

func TestARuleThatRefusesIsSaidInItsWords(t *testing.T) {
	s := shelvesOf(t)
	s.fail = &merge.RuleError{Broken: []merge.Violation{{Rule: "closed deals have an amount", Paths: []string{"/amount"}}}}
	openShelved(t, s).toField("/amount").press("0").press("w", "y").sees("Nothing was written", "closed deals have an amount", "1 edit not written").
		press("r").seesNot("not written").press("w").sees("nothing was edited")
}

func TestARecordTellsItsHistoryAndConflicts(t *testing.T) {
	s := shelvesOf(t)
	r := openShelved(t, s).press("i").sees("HISTORY deal/D-2", "v").press("j", "esc").sees("RECORD deal/D-2").press("enter").sees("nothing of it is in conflict")
	r.press("q", "k", "enter").sees("1 conflict: enter opens conflict 1").press("enter").sees("RESOLVE")
}

func TestOnAReplicaAnEditIsSaidToWait(t *testing.T) {
	s := shelvesOf(t)
	s.pending = true
	r := openShelved(t, s, func(c *Config) { c.Replica = true }).toField("/amount").press("e", "1", "enter", "w").sees("to be sent by the next sync")
	r.press("y").sees("the next sync sends it", "changed here, to be sent").toField("/amount").press("e", "2", "enter", "w", "y").press("q").sees("to be sent")
	if len(s.wrote) != 2 || s.wrote[1].Revision != 1 || s.wrote[1].Version != 4 {
		t.Errorf("written: %+v", s.wrote)
	}
}

func TestARecordWithoutFieldsGetsThoseOfItsSchema(t *testing.T) {
	s := shelvesOf(t)
	s.records[1].Fields = merge.Document("{}")
	r := openShelved(t, s).sees("absent").toField("/status").press("e").sees("one of: lead").press("open", "enter", "w", "y").sees("written deal/D-2 v5")
	if string(s.records[1].Fields) != `{"status":"open"}` {
		t.Errorf("written %s", s.records[1].Fields)
	}
	s.rules, s.records[1].Fields = nil, merge.Document("{}")
	r.press("R", "home", "j", "e", "0", "r", "w").sees("nothing was edited")
}
