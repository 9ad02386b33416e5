package faultfs_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"sync/atomic"
	"testing"

	"dovetail/store/faultfs"
)

// The power goes at every operation of every flow, and leaves one of several things. What was acknowledged is there,
// whole and once; what was not can be done again.
func TestNothingAcknowledgedIsLostWithThePower(t *testing.T) {
	var cuts atomic.Int64
	t.Run("flows", func(t *testing.T) {
		for _, f := range flows {
			t.Run(f.name, func(t *testing.T) {
				t.Parallel()
				r, few := rehearse(t, f), 4
				if f.heavy {
					few = 2
				}
				cuts.Add(int64(tried(r.counts[faultfs.Changes]+1, few, *seed, func(n int) bool { return r.cut(t, n) })))
			})
		}
	})
	t.Logf("%d power cuts, %d databases left by them", cuts.Load(), cuts.Load()*int64(len(faultfs.Losses)))
	if cuts.Load() == 0 {
		t.Error("the power never went")
	}
}

// cut takes the power at one operation, and looks at all that this may leave. It is false where that operation is not
// reached, or something is wrong.
func (r *rehearsal) cut(t *testing.T, n int) bool {
	t.Helper()
	g := r.stage(t)
	acked := 0
	g.acked = func() { acked++ }
	g.disk.Arm(faultfs.Fault{On: faultfs.Changes, At: n, Effect: faultfs.Loss})
	at, err := g.play(r.steps, 0)
	hit := g.disk.Hits() > 0
	switch {
	case err != nil:
		honest(t, fmt.Sprintf("power lost at %d", n), err)
	case !hit:
		g.disk.Cut() // once more, after all is done
	}
	_ = g.close()
	for _, style := range faultfs.Losses {
		what := fmt.Sprintf("power lost at %d, in step %d, leaving %s", n, at, style)
		dir := r.dir(t)
		if err := g.disk.Leave(dir, style, rand.New(rand.NewPCG(*seed, uint64(n)<<8|uint64(style)))); err != nil {
			t.Fatal(err)
		}
		after := newStage(t, dir)
		r.stands(t, what, acked, err, inspect(t, after.dir))
		r.finish(t, what, after, at)
		r.forget(t, dir)
	}
	g.leave(t)
	r.forget(t, g.dir)
	return hit && !t.Failed()
}

// A process is killed at every operation, between a write and its sync too. What the next one finds and shows is not
// lost any more, wherever the power goes then.
func TestWhatIsSeenAfterACrashIsNotLost(t *testing.T) {
	var kills atomic.Int64
	t.Run("flows", func(t *testing.T) {
		for _, f := range flows {
			t.Run(f.name, func(t *testing.T) {
				t.Parallel()
				r, few := rehearse(t, f), 4
				if f.heavy {
					few = 2
				}
				kills.Add(int64(tried(r.counts[faultfs.Changes], few, *seed, func(n int) bool { return r.kill(t, n) })))
			})
		}
	})
	t.Logf("%d processes killed", kills.Load())
	if kills.Load() == 0 {
		t.Error("no process was killed")
	}
}

// kill ends a process before one operation, and takes the power once the next process has opened the database. It is
// false where that operation is not reached, or something is wrong.
func (r *rehearsal) kill(t *testing.T, n int) bool {
	t.Helper()
	g := r.stage(t)
	g.disk.Arm(faultfs.Fault{On: faultfs.Changes, At: n, Effect: faultfs.Kill})
	at, _ := g.play(r.steps, 0)
	hit := g.disk.Hits() > 0
	_ = g.close()
	if err := g.disk.Restart(); err != nil {
		t.Fatal(err)
	}
	if opening.do(g) == nil {
		what := fmt.Sprintf("killed at %d, in step %d", n, at)
		seen := inspect(t, g.dir)
		g.disk.Cut()
		_ = g.close()
		for _, style := range faultfs.Losses {
			dir := r.dir(t)
			if err := g.disk.Leave(dir, style, rand.New(rand.NewPCG(*seed, uint64(n)<<8|uint64(style)))); err != nil {
				t.Fatal(err)
			}
			if d := difference(inspect(t, dir), seen); d != "" {
				t.Errorf("%s, and then lost what it showed, with the power that leaves %s:\n%s", what, style, d)
			}
			r.forget(t, dir)
		}
	} else if (at > 0 || len(r.files) > 0) && inspect(t, g.dir).ours() {
		t.Errorf("killed at %d, in step %d: it does not open", n, at)
	}
	g.leave(t)
	r.forget(t, g.dir)
	return hit && !t.Failed()
}

// forget makes room for the next run.
func (r *rehearsal) forget(t *testing.T, dir string) {
	t.Helper()
	if t.Failed() {
		return
	}
	if err := os.RemoveAll(dir); err != nil {
		t.Fatal(err)
	}
}
