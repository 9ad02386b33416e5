package world

import (
	"errors"

	"dovetail/fixtures"
	"dovetail/merge"
	"dovetail/store"
)

// resolve decides on one of the conflicts that wait, now and then on what it was a moment ago.
func (w *World) resolve(s *store.Store, e fixtures.Move, person string) {
	page, err := s.Conflicts(w.t.Context(), merge.Query{Limit: 100})
	w.must(err)
	if len(page.Conflicts) == 0 {
		return
	}
	c := page.Conflicts[e.Pick%len(page.Conflicts)]
	choice := []merge.Choice{merge.TakeLocal, merge.TakeServer, merge.TakeBase}[e.Pick/100%3]
	writing := Decision(w.t, s, c.Number, choice, person)
	if e.Pick/1000%8 == 0 && s == w.Hub {
		// Somebody else writes in between.
		w.edit(w.Hub, -1, fixtures.Move{Record: e.Record, Field: e.Field})
	}
	out, err := s.Resolve(w.t.Context(), writing)
	w.Note("  %v of %d: %+v %v", choice, c.Number, out, err)
	var broken *merge.RuleError
	switch {
	case errors.Is(err, merge.ErrStale):
		w.Hits["stale resolution"]++
	case errors.As(err, &broken):
	default:
		w.must(err)
		w.Hits["resolution"]++
	}
}

// undoHub takes the newest resolution back that a person made of a record.
func (w *World) undoHub(e fixtures.Move) {
	last, err := merge.Written{}, error(merge.ErrNotFound)
	for i := 0; i < 3*recordsEach && errors.Is(err, merge.ErrNotFound); i++ {
		last, err = w.Hub.LastResolution(w.t.Context(), record(collections[(e.Record+i)%3], (e.Record+i)/3%recordsEach))
	}
	if errors.Is(err, merge.ErrNotFound) {
		return
	}
	w.must(err)
	out, err := w.Hub.Undo(w.t.Context(), last.Resolution, "person-0")
	w.Note("  %d: %+v %v", last.Resolution, out, err)
	if errors.Is(err, merge.ErrStale) {
		return
	}
	w.must(err)
	w.Hits["undo"]++
}

func (w *World) undoOffline(s *store.Store, e fixtures.Move) {
	for i := range 3 * recordsEach {
		key := record(collections[(e.Record+i)%3], (e.Record+i)/3%recordsEach)
		conflict, err := s.PendingDecision(w.t.Context(), key)
		if errors.Is(err, merge.ErrNotFound) {
			continue
		}
		w.must(err)
		out, err := s.UndoPending(w.t.Context(), conflict, "owner")
		w.Note("  %d: %+v %v", conflict, out, err)
		if errors.Is(err, merge.ErrStale) || errors.Is(err, store.ErrSent) {
			return
		}
		w.must(err)
		w.Hits["undo offline"]++
		return
	}
}
