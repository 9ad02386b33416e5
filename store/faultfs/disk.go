package faultfs

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
)

// Disk is one directory, without those below it, whose files are watched. Its methods may be called from several
// goroutines at once.
type Disk struct {
	dir string

	mu      sync.Mutex
	files   map[string]*file // by path
	handles int
	counts  map[Kinds]int
	fault   Fault
	nth     int    // operations that the fault has counted
	hits    int    // of those, the ones that it made fail
	off     bool   // nothing works: the power is gone, or the process
	lost    error  // why it is not known what the power left
	doomed  string // the file that was being deleted when the power went
}

// Watch begins to watch a directory. What stands in it counts as durable.
func Watch(dir string) (*Disk, error) {
	if err := install(); err != nil {
		return nil, err
	}
	full, err := filepath.Abs(dir)
	if err == nil {
		full, err = filepath.EvalSymlinks(full) // SQLite names files so
	}
	if err != nil {
		return nil, fmt.Errorf("watch %q: %w", dir, err)
	}
	d := &Disk{dir: full, files: map[string]*file{}, counts: map[Kinds]int{}}
	entries, err := os.ReadDir(full)
	if err != nil {
		return nil, fmt.Errorf("watch %q: %w", dir, err)
	}
	for _, entry := range entries {
		if err := d.take(filepath.Join(full, entry.Name())); err != nil {
			return nil, fmt.Errorf("watch %q: %w", dir, err)
		}
	}
	return d, layer.add(d)
}

// Release ends the watch. Files that are still open are an error, and stay watched.
func (d *Disk) Release() error {
	if n := d.Handles(); n > 0 {
		return fmt.Errorf("release %q: %d files are open", d.dir, n)
	}
	layer.remove(d)
	return nil
}

// Handles is how many files are open: none after a database was closed, whatever went wrong before.
func (d *Disk) Handles() int {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.handles
}

// Arm makes operations fail from now on, in place of any fault before.
func (d *Disk) Arm(f Fault) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.fault, d.nth, d.hits = f, 0, 0
	clear(d.counts)
}

// Lift ends the fault. Lost power stays lost.
func (d *Disk) Lift() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.fault = Fault{}
}

// Cut takes the power away between two operations.
func (d *Disk) Cut() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.cut()
}

func (d *Disk) cut() {
	if !d.off {
		d.off, d.lost = true, d.look()
	}
}

// Restart lets a new process find the files as the one left them that was killed. What that did not sync is still not
// safe from a power cut.
func (d *Disk) Restart() error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.handles > 0 {
		return fmt.Errorf("restart on %q: %d files are open", d.dir, d.handles)
	}
	d.off, d.fault = false, Fault{}
	return nil
}

// Hits is how many operations failed by the fault that was armed last, those after a loss of power left out.
func (d *Disk) Hits() int {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.hits
}

// Count is how many operations of some kinds there were since a fault was armed last, those after a loss of power left
// out.
func (d *Disk) Count(of Kinds) int {
	d.mu.Lock()
	defer d.mu.Unlock()
	n := 0
	for kind, count := range d.counts {
		if kind&of != 0 {
			n += count
		}
	}
	return n
}

// next counts an operation and says how it is to fail. Whoever calls holds the lock.
func (d *Disk) next(kind Kinds) Effect {
	if d.off {
		return Error
	}
	d.counts[kind]++
	if d.fault.On&kind == 0 || d.fault.At == 0 {
		return None
	}
	d.nth++
	if d.nth < d.fault.At || d.nth > d.fault.At && !d.fault.Lasting {
		return None
	}
	d.hits++
	switch d.fault.Effect {
	case Loss:
		d.cut()
	case Kill:
		d.off = true
	}
	return d.fault.Effect
}

// look brings the book in line with what Go code did to the directory without SQLite. Whoever calls holds the lock.
func (d *Disk) look() error {
	for path := range d.files {
		if _, err := os.Lstat(path); errors.Is(err, fs.ErrNotExist) {
			delete(d.files, path)
		}
	}
	entries, err := os.ReadDir(d.dir)
	for _, entry := range entries {
		if err == nil {
			err = d.take(filepath.Join(d.dir, entry.Name()))
		}
	}
	return err
}

// take reads a file that is not open here, and counts it as durable unless it is as the book says. To read an open one
// would drop the locks that SQLite holds on it.
func (d *Disk) take(path string) error {
	f := d.files[path]
	info, err := os.Lstat(path)
	if err != nil || !info.Mode().IsRegular() || isIndex(path) || f != nil && f.handles > 0 {
		return err
	}
	now, err := os.ReadFile(path)
	if err == nil && (f == nil || !f.holds(now)) {
		d.files[path] = &file{named: true, durable: now}
	}
	return err
}
