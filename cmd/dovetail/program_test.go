package main

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

// dovetail runs the program without a terminal and returns its output; its exit code must be 0.
func dovetail(t testing.TB, args ...string) string {
	t.Helper()
	cmd := exec.Command(builtProgram(t), args...)
	cmd.Env = append(os.Environ(), "DOVETAIL_USER=vera", "TZ=UTC")
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("dovetail %s: %v\n%s", strings.Join(args, " "), err, out)
	}
	return string(out)
}

var program struct {
	once sync.Once
	dir  string
	err  error
}

// builtProgram is the path of the program, built once for all tests.
func builtProgram(t testing.TB) string {
	t.Helper()
	program.once.Do(func() {
		if program.dir, program.err = os.MkdirTemp("", "dovetail-test-"); program.err != nil {
			return
		}
		var out []byte
		if out, program.err = exec.Command("go", "build", "-o", program.dir, ".").CombinedOutput(); program.err != nil {
			program.err = errors.New(string(out))
		}
	})
	if program.err != nil {
		t.Fatal(program.err)
	}
	return filepath.Join(program.dir, "dovetail")
}

// removeProgram cleans up after builtProgram.
func removeProgram() {
	if program.dir != "" {
		os.RemoveAll(program.dir)
	}
}
