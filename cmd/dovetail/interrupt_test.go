//go:build unix

package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

func TestImportFromPipeIsInterrupted(t *testing.T) {
	for _, signal := range []syscall.Signal{syscall.SIGINT, syscall.SIGTERM} {
		t.Run(signal.String(), func(t *testing.T) {
			db, tmp := filepath.Join(t.TempDir(), "a.db"), t.TempDir()
			dovetail(t, "init", db)
			cmd := exec.Command(builtProgram(t), "--db", db, "import")
			cmd.Env = append(os.Environ(), "DOVETAIL_USER=vera", "TMPDIR="+tmp)
			in, err := cmd.StdinPipe()
			if err != nil {
				t.Fatal(err)
			}
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			defer time.AfterFunc(patience, func() { cmd.Process.Kill() }).Stop()

			// No pipe holds as much: once it is written, the program is reading.
			line := `{"type":"record","record":"deal/D-1","version":1,"fields":{"status":"open"}}` + "\n"
			if _, err := in.Write([]byte(strings.Repeat(line, 1<<15))); err != nil {
				t.Fatal(err)
			}
			if err := cmd.Process.Signal(signal); err != nil {
				t.Fatal(err)
			}
			cmd.Wait()
			if code := cmd.ProcessState.ExitCode(); code != exitInterrupted {
				t.Errorf("exit code %d, want %d", code, exitInterrupted)
			}
			if left, err := os.ReadDir(tmp); err != nil || len(left) > 0 {
				t.Errorf("left behind: %v, %v", left, err)
			}
			if listed := dovetail(t, "--db", db, "ls", "deal"); listed != "" {
				t.Errorf("imported in part: %s", listed)
			}
		})
	}
}
