package faultfs_test

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"dovetail/store"
	"dovetail/store/adopt"
	"dovetail/store/faultfs"
)

// step is something that somebody asks of a store. It returns nil once it was told that all is stored.
type step struct {
	name string
	do   func(*stage) error
	// again does the step where nobody knows whether it was done before; nil: as do, since that is safe.
	again func(*stage) error
	// opens is for a step that begins without an open store.
	opens bool
}

// stage is where steps are played: a directory with a database, open or not, a clock that stands still during a step,
// and ids that count from its start. A step that is done again comes to the same bytes.
type stage struct {
	ctx   context.Context
	dir   string
	store *store.Store // nil: closed
	hub   *store.Store // that a replica follows; nil: none, or closed
	disk  *faultfs.Disk

	begins time.Time // of the first step; each begins a minute after the one before
	number int       // of the step
	ids    int       // that it was given
	acked  func()    // told of what a step was told is stored, before it is done; nil: nobody asks
}

// fileName is what the database is called on every stage. Whatever else stands there and ends in the same way, such as a
// copy, is looked into as well.
const fileName = "test.db"

// newStage watches a directory.
func newStage(t *testing.T, dir string) *stage {
	t.Helper()
	disk, err := faultfs.Watch(dir)
	if err != nil {
		t.Fatal(err)
	}
	return &stage{ctx: t.Context(), dir: dir, disk: disk, begins: time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC)}
}

func (g *stage) path() string { return filepath.Join(g.dir, fileName) }

func (g *stage) now() time.Time { return g.begins.Add(time.Duration(g.number) * time.Minute) }

func (g *stage) options() store.Options {
	return store.Options{Now: g.now, Adoption: new(adopt.Tables), NewID: func() string {
		g.ids++
		return fmt.Sprintf("id-%d-%d", g.now().Unix(), g.ids)
	}}
}

// play does steps in order, from one on, and stops at the first that fails. It returns the number of that step.
func (g *stage) play(steps []step, from int) (int, error) {
	for i := from; i < len(steps); i++ {
		g.number, g.ids = i, 0
		if err := steps[i].do(g); err != nil {
			return i, fmt.Errorf("step %d, %s: %w", i, steps[i].name, err)
		}
		g.ack()
	}
	return len(steps), nil
}

// repeat does one step of which nobody knows whether it was done, and opens the store for it if need be.
func (g *stage) repeat(steps []step, i int) error {
	g.number, g.ids = i, 0
	s := steps[i]
	if g.store == nil && !s.opens {
		if err := opening.do(g); err != nil {
			return fmt.Errorf("open before step %d, %s: %w", i, s.name, err)
		}
	}
	do := s.again
	if do == nil {
		do = s.do
	}
	if err := do(g); err != nil {
		return fmt.Errorf("step %d once more, %s: %w", i, s.name, err)
	}
	return nil
}

func (g *stage) ack() {
	if g.acked != nil {
		g.acked()
	}
}

// close closes the store, whatever it says: a process that ends does not wait for that either.
func (g *stage) close() error {
	var err error
	for _, s := range []*store.Store{g.hub, g.store} {
		if s != nil {
			err = errors.Join(err, s.Close())
		}
	}
	g.hub, g.store = nil, nil
	return err
}

// leave closes the store and ends the watch. Files that are open after that are an error.
func (g *stage) leave(t *testing.T) {
	t.Helper()
	_ = g.close()
	if err := g.disk.Release(); err != nil {
		t.Error(err)
	}
}
