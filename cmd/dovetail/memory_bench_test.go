//go:build linux

package main

import (
	"bufio"
	"fmt"
	"io"
	"os/exec"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"

	"dovetail/fixtures"
	"dovetail/merge"
	"dovetail/store"
)

// BenchmarkMemory tells how much memory the program takes at most for an import, a clone, a sync and an export of so many
// records, all of them changed at the hub meanwhile and one in ten on the replica: the same, however many they are. Run it
// with -benchtime 1x; the largest takes some minutes.
func BenchmarkMemory(b *testing.B) {
	for _, records := range []int{10_000, 100_000, 1_000_000} {
		b.Run(strconv.Itoa(records), func(b *testing.B) {
			for b.Loop() {
				m := memory{b, b.TempDir(), fixtures.Standard(records)}
				m.run()
			}
		})
	}
}

type memory struct {
	*testing.B
	dir  string
	load fixtures.Load
}

func (m memory) run() {
	hub, laptop := filepath.Join(m.dir, "hub.db"), filepath.Join(m.dir, "laptop.db")
	m.peak("init", nil, "init", hub)
	m.peak("import", m.version(1), "--db", hub, "import", "-")
	m.peak("clone", nil, "clone", hub, laptop)
	m.edit(laptop)
	m.peak("import", m.version(2), "--db", hub, "import", "-")
	m.peak("sync", nil, "--db", laptop, "sync")
	m.peak("export", nil, "--db", hub, "export")
	m.peak("doctor", nil, "--db", hub, "doctor")
}

// peak runs the program and reports the most memory that it had at once.
func (m memory) peak(name string, input io.Reader, args ...string) {
	m.Helper()
	c := exec.CommandContext(m.Context(), builtProgram(m.B), args...)
	c.Stdin = input
	if err := c.Run(); err != nil && c.ProcessState.ExitCode() != exitUndecided {
		m.Fatalf("%s: %v", name, err)
	}
	most := c.ProcessState.SysUsage().(*syscall.Rusage).Maxrss
	m.ReportMetric(float64(most)/1024, name+"-MiB")
}

// version is the load as records for an import: as all had them, or as the hub's people have changed them.
func (m memory) version(number int) io.Reader {
	from, to := io.Pipe()
	go func() {
		w := bufio.NewWriter(to)
		for key, sides := range m.load.Triples() {
			fields := sides.Base
			if number == 2 {
				fields = sides.Server
			}
			if _, err := fmt.Fprintf(w, `{"type":"record","record":%q,"version":%d,"fields":%s}`+"\n", key, number, fields); err != nil {
				break // whoever reads has stopped, and says why
			}
		}
		w.Flush()
		to.Close()
	}()
	return from
}

// edit changes one record in ten on the replica.
func (m memory) edit(path string) {
	s, err := store.Open(m.Context(), path, store.Options{})
	if err != nil {
		m.Fatal(err)
	}
	defer s.Close()
	for i := 9; i < m.load.Records; i += 10 {
		key, sides := m.load.Triple(i)
		if _, err := s.Write(m.Context(), store.Edit{Record: key, Version: 1, Fields: sides.Local, By: "ana", Steps: []merge.Operation{}}); err != nil {
			m.Fatal(err)
		}
	}
}
