package world

import (
	"database/sql"
	"net/url"
	"sync"
	"testing"
	"time"

	"dovetail/merge"
	"dovetail/store"
)

// Clock goes on by a second each time that it is read.
type Clock struct {
	mu sync.Mutex
	At time.Time
}

// Now is the time, a second later than before.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.At = c.At.Add(time.Second)
	return c.At
}

// Decision is what a person writes who picks the same for all that is in conflict.
func Decision(t testing.TB, s *store.Store, conflict int64, choice merge.Choice, person string) merge.Writing {
	t.Helper()
	c, err := s.Case(t.Context(), conflict)
	if err != nil {
		t.Fatal(err)
	}
	r := c.Merge()
	w := merge.Writing{Conflict: conflict, Revision: c.Conflict.Revision, ServerVersion: c.Conflict.ServerVersion,
		Decisions: merge.Decisions{}, Person: person}
	for _, path := range r.Conflicts() {
		f, _ := r.Field(path)
		d, ok := f.Choose(choice, merge.Absent)
		if !ok {
			d, _ = f.Choose(merge.TakeServer, merge.Absent)
		}
		w.Decisions[path] = d
	}
	if w.Result, err = r.Apply(w.Decisions); err != nil {
		t.Fatal(err)
	}
	return w
}

// Plain opens a database with the bare driver, to read what stands in it by other code than ours.
func Plain(t testing.TB, path string) *sql.DB {
	t.Helper()
	db, err := sql.Open("sqlite", "file:"+(&url.URL{Path: path}).EscapedPath()+"?mode=ro")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return db
}
