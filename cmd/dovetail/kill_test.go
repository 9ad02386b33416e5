//go:build unix

package main

import (
	"bufio"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"dovetail/merge"
	"dovetail/store"
	"dovetail/store/replicate"
)

var (
	long     = flag.Bool("long", false, "kill the program 100 times as often")
	killSeed = flag.Uint64("kill-seed", 1, "chooses the moments at which the program is killed")
)

// TestKilledAtAnyMoment kills the program while it syncs and while it resolves, without a warning. After each kill both
// files are opened again and synced, and then look as if nothing had happened: whatever was acknowledged is there, once.
func TestKilledAtAnyMoment(t *testing.T) {
	victims, rounds := uint64(1), 12
	switch {
	case *long:
		victims = 100
	case testing.Short():
		rounds = 3
	}
	hits := map[string]int{}
	for n := range victims {
		k := newVictim(t, *killSeed+n, hits)
		for range rounds {
			k.edit()
			k.killSync()
			k.killResolve()
			k.edit()
			k.killSync()
		}
		if n%10 == 0 {
			t.Logf("seed %d: %v", k.seed, hits)
		}
		k.forget()
	}
	for _, name := range []string{"sync", "resolve"} {
		if hits[name] == 0 {
			t.Errorf("no %s was killed while it ran", name)
		}
	}
	t.Logf("in all: %v", hits)
}

// victim is a hub and a replica at which the program is killed, and what they were told so far.
type victim struct {
	t           *testing.T
	seed        uint64
	r           *rand.Rand
	dir         string
	hub, laptop string
	starts      time.Duration // that the program takes to begin
	takes       time.Duration // a sync that is left alone
	added       map[string]int64
	told        []string       // values that must be somewhere at the hub
	issued      int64          // changes on the replica
	values      int            // given so far
	hits        map[string]int // what was killed while it ran, and what it left
}

const (
	killSums  = 8  // records to which both sides add
	killDeals = 24 // records that both sides change
)

func newVictim(t *testing.T, seed uint64, hits map[string]int) *victim {
	dir, err := os.MkdirTemp(memoryDir(), "dovetail-kill-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	k := &victim{t: t, seed: seed, r: rand.New(rand.NewPCG(seed, 3)), dir: dir, added: map[string]int64{}, hits: hits}
	k.hub, k.laptop = filepath.Join(dir, "hub.db"), filepath.Join(dir, "laptop.db")
	dovetail(t, "init", k.hub)
	dovetail(t, "--db", k.hub, "schema", "set", "sum", "--strategy", "op-replay")
	k.with(k.hub, func(hub *store.Store) {
		for i := range killSums {
			k.add(hub, i, 0)
		}
		for i := range killDeals {
			k.write(hub, merge.Key{Collection: "deal", ID: fmt.Sprint(i)}, func(merge.Document) merge.Document { return merge.Document(`{}`) })
		}
	})
	dovetail(t, "clone", k.hub, k.laptop)
	k.edit()
	begun := time.Now()
	dovetail(t, "--db", k.laptop, "ls", "nothing")
	k.starts = time.Since(begun)
	begun = time.Now()
	cmd, out := k.start("--db", k.laptop, "sync")
	k.finish(cmd, out)
	k.takes = time.Since(begun)
	k.check(func(hub, laptop *store.Store) {})
	return k
}

// forget makes room for the next one.
func (k *victim) forget() {
	if err := os.RemoveAll(k.dir); err != nil {
		k.t.Fatal(err)
	}
}

// memoryDir is where files cost no disk, which no kill depends on; empty where the system has no such place.
func memoryDir() string {
	if info, err := os.Stat("/dev/shm"); err == nil && info.IsDir() {
		return "/dev/shm"
	}
	return ""
}

// with opens a database in this process, and closes it.
func (k *victim) with(path string, fn func(*store.Store)) {
	k.t.Helper()
	s, err := store.Open(k.t.Context(), path, store.Options{})
	if err != nil {
		k.t.Fatal(err)
	}
	fn(s)
	if err := s.Close(); err != nil {
		k.t.Fatal(err)
	}
}

func (k *victim) write(s *store.Store, key merge.Key, change func(merge.Document) merge.Document, steps ...merge.Operation) {
	k.t.Helper()
	r, err := s.Get(k.t.Context(), key)
	if err != nil {
		r = store.Record{}
	}
	if _, err := s.Write(k.t.Context(), store.Edit{Record: key, Version: r.Version, Revision: r.Revision, Fields: change(r.Fields),
		Steps: steps, By: s.Info().Role}); err != nil {
		k.t.Fatal(err)
	}
}

func (k *victim) add(s *store.Store, i int, n int64) {
	key := merge.Key{Collection: "sum", ID: fmt.Sprint(i)}
	op := merge.Operation{Verb: merge.IncrementField, Path: "/n", Value: merge.Value(fmt.Sprint(n))}
	k.write(s, key, func(d merge.Document) merge.Document {
		if d == nil {
			d = merge.Document("{}")
		}
		d, err := merge.Perform(d, []merge.Operation{op})
		if err != nil {
			k.t.Fatal(err)
		}
		return d
	}, op)
	k.added[key.String()] += n
}

// tell gives a field a value that nobody else gives.
func (k *victim) tell(s *store.Store, i int, path string) {
	k.values++
	value := fmt.Sprintf(`"v%d."`, k.values)
	k.told = append(k.told, value)
	k.write(s, merge.Key{Collection: "deal", ID: fmt.Sprint(i)}, func(d merge.Document) merge.Document {
		d, err := merge.With(d, path, merge.Value(value))
		if err != nil {
			k.t.Fatal(err)
		}
		return d
	})
}

// edit changes records on both sides, so that some are applied, some merged and some need a person.
func (k *victim) edit() {
	k.editOffline()
	k.editAtHub()
}

func (k *victim) editOffline() {
	k.with(k.laptop, func(s *store.Store) {
		for i := range killSums {
			k.add(s, i, 1+k.r.Int64N(9))
		}
		for i := range killDeals {
			k.tell(s, i, "/status")
		}
	})
	k.issued += killSums + killDeals
}

func (k *victim) editAtHub() {
	k.with(k.hub, func(s *store.Store) {
		for i := range killSums / 2 {
			k.add(s, i, 1+k.r.Int64N(9))
		}
		for i := range killDeals {
			k.tell(s, i, []string{"/status", "/notes"}[k.r.IntN(2)])
		}
	})
}

// start runs the program.
func (k *victim) start(args ...string) (*exec.Cmd, io.Reader) {
	k.t.Helper()
	cmd := exec.Command(builtProgram(k.t), args...)
	cmd.Env = append(os.Environ(), "DOVETAIL_USER=vera", "TZ=UTC")
	out, err := cmd.StdoutPipe()
	if err != nil {
		k.t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		k.t.Fatal(err)
	}
	return cmd, out
}

// finish reads all that the program still prints, line by line, and reports whether it was killed.
func (k *victim) finish(cmd *exec.Cmd, out io.Reader) (lines []string, killed bool) {
	k.t.Helper()
	in := bufio.NewReader(out)
	for {
		line, err := in.ReadString('\n')
		if err != nil {
			break // a line that is not whole was not acknowledged
		}
		lines = append(lines, line)
	}
	if err := cmd.Wait(); err == nil {
		return lines, false
	}
	status, ok := cmd.ProcessState.Sys().(syscall.WaitStatus)
	if killed = ok && status.Signaled() && status.Signal() == syscall.SIGKILL; !killed && cmd.ProcessState.ExitCode() != exitUndecided {
		k.t.Fatalf("%s: %v: %q", cmd.Args[1:], cmd.ProcessState, lines)
	}
	return lines, killed
}

// killSync kills a sync at a moment of the time that one takes, mostly after it has begun.
func (k *victim) killSync() {
	k.t.Helper()
	cmd, out := k.start("--db", k.laptop, "sync")
	earliest, latest := k.starts*4/5, k.takes*6/5
	timer := time.AfterFunc(earliest+time.Duration(k.r.Float64()*float64(latest-earliest)), func() { cmd.Process.Kill() })
	_, killed := k.finish(cmd, out)
	timer.Stop()
	if killed {
		k.hits["sync"]++
	}
	k.check(func(hub, laptop *store.Store) {
		if killed {
			k.hits["sync, "+k.left()]++
		}
	})
}

// left says how far a sync came that was killed.
func (k *victim) left() string {
	outbox := func(n int) []string {
		return strings.Fields(look(k.t, k.laptop, fmt.Sprintf(`SELECT key FROM dovetail_change WHERE outbox = %d`, n)))
	}
	arrived := func(key string) bool {
		return look(k.t, k.hub, `SELECT count(*) FROM dovetail_change WHERE key = '`+key+`'`) != "0"
	}
	switch sent := outbox(2); {
	case len(outbox(3)) > 0:
		return "before the versions came back"
	case slices.ContainsFunc(sent, arrived):
		return "before the answers came"
	case len(sent) > 0:
		return "before the changes arrived"
	case len(outbox(1)) > 0:
		return "before anything was sent"
	}
	return "at its end"
}

// killResolve kills a decision on all conflicts once it has told of so many of them. What it told of was written, and at most
// one more.
func (k *victim) killResolve() {
	k.t.Helper()
	path := []string{k.laptop, k.hub}[k.r.IntN(2)]
	side := []string{"local", "server"}[k.r.IntN(2)]
	const resolved = `SELECT count(*) FROM dovetail_conflict WHERE state = 'resolved'`
	before := number(k.t, look(k.t, path, resolved))
	open := number(k.t, look(k.t, path, `SELECT count(*) FROM dovetail_conflict WHERE state = 'open'`))
	cmd, out := k.start("--db", path, "resolve", "--where", "state:open", "--take", side, "--yes")
	in := bufio.NewReader(out)
	var told []string
	for range k.r.Int64N(open + 1) {
		line, err := in.ReadString('\n')
		if err != nil {
			break
		}
		told = append(told, line)
	}
	cmd.Process.Kill()
	more, killed := k.finish(cmd, in)
	if told = append(told, more...); killed {
		k.hits["resolve"]++
		k.hits[fmt.Sprintf("resolve, after some of its lines: %t", len(told) > 0)]++
	}
	k.check(func(hub, laptop *store.Store) {
		for _, line := range told {
			var record string
			var conflict int64
			if _, err := fmt.Sscanf(line, "%s conflict %d", &record, &conflict); err != nil {
				k.t.Fatalf("%q: %v", line, err)
			}
			if state := look(k.t, path, fmt.Sprintf(`SELECT state FROM dovetail_conflict WHERE id = %d`, conflict)); state != "resolved" {
				k.t.Errorf("it said %q, and the conflict is %s", line, state)
			}
		}
		made := number(k.t, look(k.t, path, resolved)) - before
		if said := int64(len(told)); made < said || made > said+1 {
			k.t.Errorf("it told of %d decisions, and made %d", said, made)
		}
		if path == k.laptop {
			k.issued += made
		}
	})
}

// check opens both files, has first look at them as they are, syncs, and looks for all that they were told.
func (k *victim) check(first func(hub, laptop *store.Store)) {
	k.t.Helper()
	k.with(k.laptop, func(laptop *store.Store) {
		k.with(k.hub, func(hub *store.Store) {
			first(hub, laptop)
			for n := 0; ; n++ {
				report, err := replicate.Sync(k.t.Context(), laptop, hub, nil)
				if err != nil {
					k.t.Fatal(err)
				}
				if report == (replicate.Report{}) {
					break
				}
				if n == 5 {
					k.t.Fatal("it never comes to rest")
				}
			}
			for _, s := range []*store.Store{hub, laptop} {
				if status, err := s.Status(k.t.Context(), ""); err != nil || status.Lost != 0 {
					k.t.Errorf("%d changes are in no place, %v", status.Lost, err)
				}
			}
		})
	})
	k.checkFiles()
	if k.t.Failed() {
		k.t.Fatalf("seed %d, after %v", k.seed, k.hits)
	}
}
