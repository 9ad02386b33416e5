package faultfs

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"unsafe"

	"modernc.org/libc"
	lib "modernc.org/sqlite/lib"
)

// layer is what SQLite calls instead of the VFS below it. There is one, as SQLite has one list of them in a process,
// and finds it by nothing but the functions in that list.
var layer = layered{disks: map[string]*Disk{}, open: map[uintptr]*handle{}}

type layered struct {
	below   uintptr // the VFS that does the work
	methods uintptr // the table of functions of a watched file

	mu    sync.Mutex
	disks map[string]*Disk    // by directory
	open  map[uintptr]*handle // by the address of SQLite's struct
}

// handle is one open file. SQLite gives each a struct of the size that its VFS asks for: ours is a pointer to the table
// of functions, and after it the struct of the VFS below.
type handle struct {
	disk *Disk
	file *file
}

const headerSize = unsafe.Sizeof(lib.Tsqlite3_file{})

// install makes the layer the one that SQLite uses where nobody names another, for the rest of the process.
var install = sync.OnceValue(func() error {
	tls := libc.NewTLS()
	defer tls.Close()
	layer.below = lib.Xsqlite3_vfs_find(tls, 0)
	if layer.below == 0 {
		return errors.New("install faultfs: SQLite has no VFS")
	}
	name, err := libc.CString("faultfs")
	if err != nil {
		return fmt.Errorf("install faultfs: %w", err)
	}
	vfs := *pointer[lib.Tsqlite3_vfs](layer.below)
	vfs.FpNext = 0
	vfs.FzName = name
	vfs.FszOsFile += int32(headerSize)
	vfs.FxOpen = address(openFile)
	vfs.FxDelete = address(deleteFile)
	vfs.FxAccess = address(access)
	layer.methods = allocate(tls, methods())
	at := allocate(tls, vfs)
	if layer.methods == 0 || at == 0 {
		return errors.New("install faultfs: no memory")
	}
	if code := lib.Xsqlite3_vfs_register(tls, at, 1); code != lib.SQLITE_OK {
		return fmt.Errorf("install faultfs: SQLite says %d", code)
	}
	return nil
})

func (l *layered) add(d *Disk) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.disks[d.dir] != nil {
		return fmt.Errorf("watch %q: it is watched already", d.dir)
	}
	l.disks[d.dir] = d
	return nil
}

func (l *layered) remove(d *Disk) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.disks, d.dir)
}

// diskOf finds the disk that a name of SQLite's is on, and its path; nil for one that nobody watches.
func (l *layered) diskOf(name uintptr) (*Disk, string) {
	if name == 0 {
		return nil, "" // a temporary file
	}
	path := libc.GoString(name)
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.disks[filepath.Dir(path)], path
}

// handleAt finds the file that SQLite means, and the struct of the VFS below.
func (l *layered) handleAt(at uintptr) (*handle, uintptr) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.open[at], at + headerSize
}

// openFile opens files that nobody watches in the place that SQLite gives, so that they go past this layer.
func openFile(tls *libc.TLS, _, name, at uintptr, flags int32, outFlags uintptr) int32 {
	below := pointer[lib.Tsqlite3_vfs](layer.below)
	open := function[func(*libc.TLS, uintptr, uintptr, uintptr, int32, uintptr) int32](below.FxOpen)
	d, path := layer.diskOf(name)
	if d == nil {
		return open(tls, layer.below, name, at, flags, outFlags)
	}
	pointer[lib.Tsqlite3_file](at).FpMethods = 0 // there is nothing to close
	d.mu.Lock()
	defer d.mu.Unlock()
	effect := d.next(Open)
	if effect != None && effect != Loss {
		return Open.code()
	}
	_, missing := os.Lstat(path)
	if effect == Loss {
		if missing != nil && flags&lib.SQLITE_OPEN_CREATE != 0 {
			d.files[path] = &file{}
		}
		return Open.code()
	}
	under := at + headerSize
	if code := open(tls, layer.below, name, under, flags, outFlags); code != lib.SQLITE_OK {
		closeBelow(tls, under)
		return code
	}
	if code := d.opened(tls, under, path, missing != nil, flags); code != lib.SQLITE_OK {
		closeBelow(tls, under)
		return code
	}
	f := d.files[path]
	f.handles++
	d.handles++
	layer.mu.Lock()
	layer.open[at] = &handle{disk: d, file: f}
	layer.mu.Unlock()
	pointer[lib.Tsqlite3_file](at).FpMethods = layer.methods
	return lib.SQLITE_OK
}

// opened enters a file that was just opened, if it was not open before and is not as the book says.
func (d *Disk) opened(tls *libc.TLS, under uintptr, path string, created bool, flags int32) int32 {
	f := d.files[path]
	if f != nil && f.handles > 0 {
		return lib.SQLITE_OK
	}
	content, code := readWhole(tls, under)
	if code != lib.SQLITE_OK || f != nil && f.holds(content) {
		return code
	}
	heads := created && flags&(lib.SQLITE_OPEN_MAIN_JOURNAL|lib.SQLITE_OPEN_SUPER_JOURNAL|lib.SQLITE_OPEN_WAL) != 0
	d.files[path] = &file{named: !created, heads: heads, durable: content}
	return lib.SQLITE_OK
}

func deleteFile(tls *libc.TLS, _, name uintptr, syncs int32) int32 {
	below := pointer[lib.Tsqlite3_vfs](layer.below)
	remove := function[func(*libc.TLS, uintptr, uintptr, int32) int32](below.FxDelete)
	d, path := layer.diskOf(name)
	if d == nil {
		return remove(tls, layer.below, name, syncs)
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if effect := d.next(Delete); effect != None {
		if effect == Loss {
			d.doomed = path
		}
		return Delete.code()
	}
	code := remove(tls, layer.below, name, 0)
	if code == lib.SQLITE_OK {
		delete(d.files, path)
		if syncs != 0 {
			d.syncNames()
		}
	}
	return code
}

// syncNames makes the names of all files durable. Whoever calls holds the lock.
func (d *Disk) syncNames() {
	for _, f := range d.files {
		f.named = true
	}
}

func access(tls *libc.TLS, _, name uintptr, flags int32, out uintptr) int32 {
	below := pointer[lib.Tsqlite3_vfs](layer.below)
	ask := function[func(*libc.TLS, uintptr, uintptr, int32, uintptr) int32](below.FxAccess)
	if d, _ := layer.diskOf(name); d != nil && d.dark() {
		return lib.SQLITE_IOERR_ACCESS
	}
	return ask(tls, layer.below, name, flags, out)
}

// dark reports whether the power is gone.
func (d *Disk) dark() bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.off
}
