package faultfs_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"sync/atomic"
	"testing"

	"dovetail/store"
	"dovetail/store/faultfs"
)

// failures are the ways in which one operation fails.
var failures = []struct {
	on     faultfs.Kinds
	effect faultfs.Effect
}{
	{faultfs.Open, faultfs.Error},
	{faultfs.Read, faultfs.Error},
	{faultfs.Write, faultfs.Error},
	{faultfs.Sync, faultfs.Error},
	{faultfs.Truncate, faultfs.Error},
	{faultfs.Delete, faultfs.Error},
	{faultfs.Write, faultfs.Full},
	{faultfs.Write, faultfs.Short},
}

// courses are what somebody does about it.
var courses = []struct {
	name    string
	lasting bool // it goes on failing, until the store was closed
	reopen  bool // the store is closed and opened, where else the same one is used on
	killed  bool // it is not closed before that: the process is killed, or the power goes
}{
	{name: "once, and the store is used on"},
	{name: "once, and the store is opened again", reopen: true},
	{name: "once, and all ends in the middle", reopen: true, killed: true},
	{name: "until the store is opened again", lasting: true, reopen: true},
}

// Every operation of every flow fails, in every way. What was acknowledged is there, whole and once; what was not can be
// done again, in the same open store where the fault has passed.
func TestNothingAcknowledgedIsLostToAFailingDisk(t *testing.T) {
	hits := make([]atomic.Int64, len(failures)*len(courses))
	var played atomic.Int64
	t.Run("flows", func(t *testing.T) {
		for n, f := range flows {
			t.Run(f.name, func(t *testing.T) {
				t.Parallel()
				r := rehearse(t, f)
				for i := range hits {
					// A run that is not long takes each way to some of the flows, to others for each seed.
					turn, of := *seed+uint64(n+i), uint64(9/fewer(3))
					if *long || *only > 0 || turn%of == 0 && (!f.heavy || turn%(4*of) == 0) {
						hits[i].Add(r.failAll(t, i))
					}
				}
				played.Add(1)
			})
		}
	})
	if t.Failed() || *only > 0 || played.Load() < int64(len(flows)) {
		return // somebody asked for some of it
	}
	total := int64(0)
	for i := range hits {
		n := hits[i].Load()
		total += n
		t.Logf("%6d × %s on %s, %s", n, failures[i/len(courses)].effect, failures[i/len(courses)].on, courses[i%len(courses)].name)
		if n == 0 {
			t.Errorf("no operation failed: %s on %s", failures[i/len(courses)].effect, failures[i/len(courses)].on)
		}
	}
	t.Logf("%d operations failed", total)
}

// failAll lets the operations of one kind fail in one way, with one course taken about it.
func (r *rehearsal) failAll(t *testing.T, i int) int64 {
	t.Helper()
	failure, course := failures[i/len(courses)], courses[i%len(courses)]
	draw := *seed + uint64(i)
	return int64(tried(r.counts[failure.on], 1, draw, func(n int) bool {
		if t.Failed() {
			return false
		}
		fault := faultfs.Fault{On: failure.on, At: n, Effect: failure.effect, Lasting: course.lasting}
		g := r.stage(t)
		p := r.suffer(t, g, fault)
		if course.killed {
			g = r.end(t, &p, g, rand.New(rand.NewPCG(draw, uint64(n))))
		}
		if course.reopen {
			_ = g.close()
		}
		r.recover(t, p, g)
		r.forget(t, g.dir)
		return p.hit && !t.Failed()
	}))
}

// point is how far a flow came.
type point struct {
	what  string // in words
	acked int
	step  int   // the one that was not done; as many as there are where all were
	err   error // what was said of it
	hit   bool  // something failed
}

// suffer plays a flow on a disk that fails.
func (r *rehearsal) suffer(t *testing.T, g *stage, fault faultfs.Fault) point {
	t.Helper()
	p := point{}
	g.acked = func() { p.acked++ }
	g.disk.Arm(fault)
	p.step, p.err = g.play(r.steps, 0)
	p.what = fmt.Sprintf("%s, in step %d", fault, p.step)
	for p.err != nil {
		r.tells(t, p.what, g, fault, p.err)
		// Whoever does not know that it lasts asks again.
		if !fault.Lasting || g.repeat(r.steps, p.step) != nil {
			break
		}
		p.acked = r.after[p.step]
		p.step, p.err = g.play(r.steps, p.step+1)
	}
	p.hit = g.disk.Hits() > 0
	g.disk.Lift()
	g.acked = nil
	return p
}

// end ends all in the middle, and returns the stage that this leaves.
func (r *rehearsal) end(t *testing.T, p *point, g *stage, random *rand.Rand) *stage {
	t.Helper()
	styles := append([]faultfs.Style{faultfs.All}, faultfs.Losses...)
	style := styles[random.IntN(len(styles))]
	p.what += fmt.Sprintf(", then an end that leaves %s", style)
	dir := r.dir(t)
	if err := g.disk.Leave(dir, style, random); err != nil {
		t.Fatal(err)
	}
	g.leave(t)
	r.forget(t, g.dir)
	return newStage(t, dir)
}

// recover checks what a flow that was cut short has left, in the store that is still open if it is, and goes on.
func (r *rehearsal) recover(t *testing.T, p point, g *stage) {
	t.Helper()
	r.stands(t, p.what, p.acked, p.err, inspect(t, g.dir))
	if g.store == nil || p.step == len(r.steps) {
		_ = g.close()
		r.finish(t, p.what, g, p.step)
		return
	}
	r.goOn(t, p.what, g, p.step)
	g.leave(t)
	r.same(t, p.what, inspect(t, g.dir))
}

// tells checks what somebody is told of a step that failed, and that a creation that failed leaves nothing behind.
func (r *rehearsal) tells(t *testing.T, what string, g *stage, fault faultfs.Fault, err error) {
	t.Helper()
	honest(t, what, err)
	if fault.Effect == faultfs.Full && !errors.Is(err, store.ErrFull) {
		t.Errorf("%s: a full disk is told as %v", what, err)
	}
	if g.store != nil || len(r.files) > 0 {
		return
	}
	if entries, err := os.ReadDir(g.dir); err != nil || len(entries) > 0 {
		t.Errorf("%s: what could not be created leaves %v, %v", what, entries, err)
	}
}
