package tui

import (
	"fmt"
	"slices"
	"testing"

	"dovetail/merge"
)

// watchedShelf is a rig on records, and what has it look after a writing.
func watchedShelf(t *testing.T, s *shelves) (*rig, func()) {
	c := &clockwork{at: 1}
	r := newRig(t, newDesk(), shelvedIn(s), func(to *Config) { to.Watcher = c }).press("6").send(beatMsg{})
	return r, func() {
		c.at++
		r.send(beatMsg{})
	}
}

// row is the record at the cursor, and how far below the first line in sight.
func (r *rig) row() (id string, line int) {
	m := r.root().records
	return m.rows[m.cursor].key.ID, m.cursor - m.top
}

func TestTheRecordsAreReadAgainWhenSomethingWasWritten(t *testing.T) {
	s := shelvesOf(t)
	r, written := watchedShelf(t, s)
	r.press("tab", "j")
	pages := s.pages
	r.send(beatMsg{})
	if s.pages != pages {
		t.Error("they were read again though nothing was written")
	}
	s.records = append([]RecordShown{{Record: merge.Key{Collection: "deal", ID: "A-0"}, Version: 1, Fields: merge.Document(`{"amount":1}`)}}, s.records...)
	s.at(secondDeal).Fields = merge.Document(`{"amount":987}`)
	s.records = append(s.records, RecordShown{Record: merge.Key{Collection: "visit", ID: "V-1"}, Version: 1, Fields: merge.Document(`{}`)})
	written()
	r.sees("A-0", "987", "deal 2 of 3")
	if id, line := r.row(); id != "D-2" || line != 2 {
		t.Errorf("the cursor is on %s, line %d", id, line)
	}
	s.records = slices.DeleteFunc(s.records, func(r RecordShown) bool { return r.Record == secondDeal })
	written()
	if id, _ := r.seesNot("D-2").row(); id != "D-3" {
		t.Errorf("the cursor is on %s", id)
	}
}

func TestALongListIsReadAgainWhereItIsInSight(t *testing.T) {
	s := &shelves{}
	for i := range 400 {
		s.records = append(s.records, RecordShown{Record: merge.Key{Collection: "deal", ID: fmt.Sprintf("D-%03d", i)}, Version: 1, Fields: merge.Document("{}")})
	}
	r, written := watchedShelf(t, s)
	for range 30 {
		r.press("pgdown")
	}
	for range 5 {
		r.press("pgup")
	}
	id, line := r.row()
	pages := s.pages
	for i := range s.records {
		s.records[i].Fields = merge.Document(`{"new":true}`)
	}
	s.records = slices.Delete(s.records, 3, 5)
	written()
	if s.pages != pages+1 {
		t.Errorf("%d pages were read", s.pages-pages)
	}
	r.sees(`"new":true`)
	if now, at := r.row(); now != id || at != line {
		t.Errorf("the cursor is on %s line %d, was on %s line %d", now, at, id, line)
	}
	for range 40 {
		r.press("pgup")
		m := r.root().records
		for y, row := range m.rows[m.top:] {
			if y < m.page() && row.text != `"new":true` {
				t.Fatalf("what is shown of %s is old", row.id)
			}
		}
	}
	r.sees("D-000", "D-005").seesNot("D-003")
	r.press("end", "end", "end", "end", "end").sees("D-399", `"new":true`)
}

func TestWhatIsTypedAboutRecordsIsNotChangedBehind(t *testing.T) {
	for _, keys := range [][]string{{"/", "x"}, {"n", "x"}} {
		s := shelvesOf(t)
		r, written := watchedShelf(t, s)
		r.press(keys...)
		pages := s.pages
		written()
		if s.pages != pages {
			t.Errorf("after %v the list was read", keys)
		}
		if r.press("esc").send(beatMsg{}); s.pages == pages {
			t.Errorf("after %v the list was not read again", keys)
		}
	}
}

func TestTheRecordThatIsOpenIsReadAgain(t *testing.T) {
	s := shelvesOf(t)
	r, written := watchedShelf(t, s)
	r.press("tab", "j", "enter").toField("/status")
	now := s.at(secondDeal)
	now.Version, now.Fields = 5, merge.Document(`{"amount":7,"status":"open"}`)
	written()
	r.sees("v5", "written meanwhile: it is v5 now", "amount    number   7")
	if m := r.root().records; m.open.at().Path != "/status" {
		t.Errorf("the cursor is on %s", m.open.at().Path)
	}
	r.press("e", "x")
	now.Version, now.Fields = 6, merge.Document(`{"amount":8,"status":"closed"}`)
	written()
	r.sees("v5", "openx").press("ctrl+u", "lead", "enter").send(beatMsg{}).sees("v6", "It is v6 now: 1 changed on both sides: status", "~ status", "closed → lead")
	now.Deleted, now.Fields, now.Version = true, nil, 7
	written()
	r.sees("It was deleted meanwhile", "1 edit not written")
}
