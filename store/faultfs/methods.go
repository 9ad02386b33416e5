package faultfs

import (
	"bytes"

	"modernc.org/libc"
	lib "modernc.org/sqlite/lib"
)

// methods is the table of functions of a watched file. Version 2 has no memory maps, so that all goes through these.
func methods() lib.Tsqlite3_io_methods {
	return lib.Tsqlite3_io_methods{
		FiVersion:               2,
		FxClose:                 address(closeFile),
		FxRead:                  address(readFile),
		FxWrite:                 address(writeFile),
		FxTruncate:              address(truncateFile),
		FxSync:                  address(syncFile),
		FxFileSize:              address(fileSize),
		FxLock:                  address(lock),
		FxUnlock:                address(unlock),
		FxCheckReservedLock:     address(checkReservedLock),
		FxFileControl:           address(fileControl),
		FxSectorSize:            address(sectorSize),
		FxDeviceCharacteristics: address(deviceCharacteristics),
		FxShmMap:                address(shmMap),
		FxShmLock:               address(shmLock),
		FxShmBarrier:            address(shmBarrier),
		FxShmUnmap:              address(shmUnmap),
	}
}

// belowOf is the table of the VFS below for a struct of its own; nil where the file is not open.
func belowOf(under uintptr) *lib.Tsqlite3_io_methods {
	at := pointer[lib.Tsqlite3_file](under).FpMethods
	if at == 0 {
		return nil
	}
	return pointer[lib.Tsqlite3_io_methods](at)
}

// closeBelow closes a file of the VFS below, if it is open.
func closeBelow(tls *libc.TLS, under uintptr) int32 {
	m := belowOf(under)
	if m == nil {
		return lib.SQLITE_OK
	}
	return function[func(*libc.TLS, uintptr) int32](m.FxClose)(tls, under)
}

// readWhole reads a file of the VFS below.
func readWhole(tls *libc.TLS, under uintptr) ([]byte, int32) {
	m := belowOf(under)
	at := allocate(tls, int64(0))
	if at == 0 {
		return nil, lib.SQLITE_NOMEM
	}
	defer lib.Xsqlite3_free(tls, at)
	code := function[func(*libc.TLS, uintptr, uintptr) int32](m.FxFileSize)(tls, under, at)
	size := *pointer[int64](at)
	if code != lib.SQLITE_OK || size == 0 {
		return nil, code
	}
	room := lib.Xsqlite3_malloc64(tls, lib.Tsqlite3_uint64(size))
	if room == 0 {
		return nil, lib.SQLITE_NOMEM
	}
	defer lib.Xsqlite3_free(tls, room)
	code = function[func(*libc.TLS, uintptr, uintptr, int32, int64) int32](m.FxRead)(tls, under, room, int32(size), 0)
	return bytes.Clone(bytesAt(room, size)), code
}

func closeFile(tls *libc.TLS, at uintptr) int32 {
	h, under := layer.handleAt(at)
	layer.mu.Lock()
	delete(layer.open, at)
	layer.mu.Unlock()
	h.disk.mu.Lock()
	defer h.disk.mu.Unlock()
	h.file.handles--
	h.disk.handles--
	return closeBelow(tls, under)
}

func readFile(tls *libc.TLS, at, into uintptr, n int32, offset int64) int32 {
	h, under := layer.handleAt(at)
	h.disk.mu.Lock()
	defer h.disk.mu.Unlock()
	if h.disk.next(Read) != None {
		return Read.code()
	}
	return function[func(*libc.TLS, uintptr, uintptr, int32, int64) int32](belowOf(under).FxRead)(tls, under, into, n, offset)
}

func writeFile(tls *libc.TLS, at, from uintptr, n int32, offset int64) int32 {
	h, under := layer.handleAt(at)
	h.disk.mu.Lock()
	defer h.disk.mu.Unlock()
	fails := int32(lib.SQLITE_OK)
	switch h.disk.next(Write) {
	case None:
	case Short:
		n /= 2
		fails = Write.code()
	case Full:
		return lib.SQLITE_FULL
	case Loss:
		h.file.write(bytesAt(from, int64(n)), offset)
		return Write.code()
	default:
		return Write.code()
	}
	write := function[func(*libc.TLS, uintptr, uintptr, int32, int64) int32](belowOf(under).FxWrite)
	if code := write(tls, under, from, n, offset); code != lib.SQLITE_OK {
		return code
	}
	h.file.write(bytesAt(from, int64(n)), offset)
	return fails
}

func (f *file) write(data []byte, at int64) {
	f.pending = append(f.pending, change{at: at, data: bytes.Clone(data)})
}

func truncateFile(tls *libc.TLS, at uintptr, size int64) int32 {
	h, under := layer.handleAt(at)
	h.disk.mu.Lock()
	defer h.disk.mu.Unlock()
	cut := change{at: size, truncate: true}
	switch h.disk.next(Truncate) {
	case None:
	case Loss:
		h.file.pending = append(h.file.pending, cut)
		return Truncate.code()
	default:
		return Truncate.code()
	}
	code := function[func(*libc.TLS, uintptr, int64) int32](belowOf(under).FxTruncate)(tls, under, size)
	if code == lib.SQLITE_OK {
		h.file.pending = append(h.file.pending, cut)
	}
	return code
}

// syncFile does not sync what lies below: see the comment on the package.
func syncFile(_ *libc.TLS, at uintptr, _ int32) int32 {
	h, _ := layer.handleAt(at)
	h.disk.mu.Lock()
	defer h.disk.mu.Unlock()
	if h.disk.next(Sync) != None {
		return Sync.code()
	}
	h.file.settle()
	if h.file.heads {
		h.file.heads = false
		h.disk.syncNames()
	}
	return lib.SQLITE_OK
}

func fileSize(tls *libc.TLS, at, out uintptr) int32 {
	h, under := layer.handleAt(at)
	if h.disk.dark() {
		return lib.SQLITE_IOERR_FSTAT
	}
	return function[func(*libc.TLS, uintptr, uintptr) int32](belowOf(under).FxFileSize)(tls, under, out)
}
