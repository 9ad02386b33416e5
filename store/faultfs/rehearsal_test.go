package faultfs_test

import (
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"sync/atomic"
	"testing"
	"time"

	"dovetail/merge"
	"dovetail/store"
	"dovetail/store/faultfs"
)

// rehearsal is a flow with what it comes to where nothing fails.
type rehearsal struct {
	flow
	base   string            // every run has a directory in it
	files  map[string][]byte // that the flow begins with
	states []state           // before the first acknowledgement and after each
	after  []int             // how many acknowledgements there were at the end of each step
	counts map[faultfs.Kinds]int
	runs   atomic.Int64
}

// rehearse plays a flow twice: once looking into the database after every acknowledgement, and once counting what it
// does to the disk.
func rehearse(t *testing.T, f flow) *rehearsal {
	t.Helper()
	r := &rehearsal{flow: f, base: t.TempDir(), files: map[string][]byte{}, counts: map[faultfs.Kinds]int{}}
	r.setUp(t)
	g := r.stage(t)
	note := func() { r.states = append(r.states, inspect(t, g.dir)) }
	note()
	g.acked = note
	for i := range f.steps {
		if _, err := g.play(f.steps[:i+1], i); err != nil {
			t.Fatalf("nothing fails, and yet: %v", err)
		}
		r.after = append(r.after, len(r.states)-1)
	}
	g.leave(t)

	g = r.stage(t)
	g.disk.Arm(faultfs.Fault{})
	if _, err := g.play(f.steps, 0); err != nil {
		t.Fatalf("nothing fails, and yet: %v", err)
	}
	for _, kinds := range []faultfs.Kinds{faultfs.Changes, faultfs.Open, faultfs.Read, faultfs.Write, faultfs.Sync,
		faultfs.Truncate, faultfs.Delete} {
		r.counts[kinds] = g.disk.Count(kinds)
	}
	t.Logf("operations: %v", r.counts)
	g.leave(t)
	r.same(t, "played twice", inspect(t, g.dir))
	if t.Failed() {
		t.FailNow()
	}
	return r
}

func (r *rehearsal) setUp(t *testing.T) {
	t.Helper()
	g := newStage(t, r.dir(t))
	g.begins = g.begins.AddDate(0, 0, -1)
	if _, err := g.play(r.setup, 0); err != nil {
		t.Fatalf("set up: %v", err)
	}
	left := r.dir(t)
	if err := g.disk.Leave(left, faultfs.All, nil); err != nil {
		t.Fatal(err)
	}
	g.leave(t)
	entries, err := os.ReadDir(left)
	if err != nil {
		t.Fatal(err)
	}
	for _, entry := range entries {
		if r.files[entry.Name()], err = os.ReadFile(filepath.Join(left, entry.Name())); err != nil {
			t.Fatal(err)
		}
	}
}

// dir makes a directory.
func (r *rehearsal) dir(t *testing.T) string {
	t.Helper()
	dir := filepath.Join(r.base, strconv.FormatInt(r.runs.Add(1), 10))
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	return dir
}

// stage is one on which the flow can begin.
func (r *rehearsal) stage(t *testing.T) *stage {
	t.Helper()
	dir := r.dir(t)
	for name, content := range r.files {
		if err := os.WriteFile(filepath.Join(dir, name), content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	g := newStage(t, dir)
	begins := g.begins
	g.begins = begins.Add(-time.Hour)
	if _, err := g.play(r.running, 0); err != nil {
		t.Fatalf("nothing fails yet: %v", err)
	}
	g.begins = begins
	return g
}

// stands checks that a database holds what was acknowledged, and nothing else but the one thing that was under way, if
// whoever asked for it was not told that it was not done.
func (r *rehearsal) stands(t *testing.T, what string, acked int, err error, now state) {
	t.Helper()
	before := difference(now, r.states[acked])
	if before == "" {
		return
	}
	if acked+1 < len(r.states) && difference(now, r.states[acked+1]) == "" {
		// What is left of a creation is there to be seen, whatever was said of it.
		if err != nil && !errors.Is(err, store.ErrUnknown) && (acked > 0 || len(r.files) > 0) {
			t.Errorf("%s: it is there, and yet: %v", what, err)
		}
		return
	}
	t.Errorf("%s: after %d acknowledgements the database holds something else:\n%s", what, acked, before)
}

// same checks that a database came to what it comes to where nothing fails.
func (r *rehearsal) same(t *testing.T, what string, now state) {
	t.Helper()
	want := r.states[len(r.states)-1]
	if d := difference(now.settled(), want.settled()); d != "" {
		t.Errorf("%s: it ends as something else:\n%s", what, d)
	}
}

// finish opens a database on which a flow was cut short in a step, does that step again and the rest, and checks what it
// comes to.
func (r *rehearsal) finish(t *testing.T, what string, g *stage, from int) {
	t.Helper()
	if from == len(r.steps) || r.steps[from].name == closing.name {
		g.number = len(r.steps)
		if err := opening.do(g); r.gone && errors.Is(err, store.ErrForeign) {
			g.leave(t)
			r.same(t, what, inspect(t, g.dir))
			return
		} else if err != nil {
			t.Errorf("%s: %v", what, err)
			return
		}
		r.nothingLost(t, what, g)
	} else {
		r.goOn(t, what, g, from)
	}
	g.leave(t)
	r.same(t, what, inspect(t, g.dir))
}

// goOn does a step again and the rest.
func (r *rehearsal) goOn(t *testing.T, what string, g *stage, from int) {
	t.Helper()
	if err := g.repeat(r.steps, from); err != nil {
		t.Errorf("%s: %v", what, err)
		return
	}
	if g.store != nil {
		r.nothingLost(t, what, g)
	}
	if _, err := g.play(r.steps, from+1); err != nil {
		t.Errorf("%s: going on: %v", what, err)
	}
}

// nothingLost asks the store itself.
func (r *rehearsal) nothingLost(t *testing.T, what string, g *stage) {
	t.Helper()
	status, err := g.store.Status(g.ctx, "ana")
	if err != nil || status.Lost != 0 {
		t.Errorf("%s: %d changes are lost, %v", what, status.Lost, err)
	}
}

// honest checks that an error says that the disk failed, and nothing that would send a person elsewhere.
func honest(t *testing.T, what string, err error) {
	t.Helper()
	for _, other := range []error{errAnswer, merge.ErrStale, merge.ErrNotFound, merge.ErrClosed, store.ErrCorrupt,
		store.ErrForeign, store.ErrNewer, store.ErrBusy, store.ErrChanged} {
		if errors.Is(err, other) {
			t.Errorf("%s: a disk that fails is told as %v", what, err)
		}
	}
}
