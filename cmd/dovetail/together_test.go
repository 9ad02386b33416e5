//go:build unix

package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"testing"

	"dovetail/store"
)

// TestASetAndASyncAtOnce: two processes work on one replica as often as they can, one that edits and one that exchanges.
// What was acknowledged counts once.
func TestASetAndASyncAtOnce(t *testing.T) {
	k := newVictim(t, 1, map[string]int{})
	edits := 40
	switch {
	case *long:
		edits *= 50
	case testing.Short():
		edits = 10
	}
	done := make(chan error, 1)
	added := map[string]int64{}
	go func() {
		var err error
		for i := 0; i < edits && err == nil; i++ {
			err = setOnce(t, k.laptop, fmt.Sprintf("sum/%d", i%killSums), added)
		}
		done <- err
	}()
	syncs := 0
	for going := true; going; syncs++ {
		select {
		case err := <-done:
			if going = false; err != nil {
				t.Fatal(err)
			}
		default:
		}
		cmd, out := k.start("--db", k.laptop, "sync")
		k.finish(cmd, out)
	}
	var all int64
	for record, n := range added {
		k.added[record] += n
		all += n
	}
	k.issued = number(t, look(t, k.laptop, `SELECT count(*) FROM dovetail_change`)) // several edits may be one change
	k.check(func(hub, laptop *store.Store) {})
	if syncs < 3 || all == 0 {
		t.Errorf("%d exchanges were made beside %d edits", syncs, all)
	}
	t.Logf("%d of %d edits were made, and %d exchanges", all, edits, syncs)
}

// setOnce adds 1 to a record by the program; one that came too late, since the record was exchanged meanwhile, is none.
func setOnce(t *testing.T, db, record string, added map[string]int64) error {
	cmd := exec.Command(builtProgram(t), "--db", db, "set", record, "n+=1")
	cmd.Env = append(os.Environ(), "DOVETAIL_USER=vera")
	out, err := cmd.CombinedOutput()
	var exit *exec.ExitError
	switch {
	case err == nil:
		added[record]++
	case !errors.As(err, &exit) || exit.ExitCode() != exitMoved:
		return fmt.Errorf("%w: %s", err, out)
	}
	return nil
}
