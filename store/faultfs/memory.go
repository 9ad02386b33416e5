package faultfs

import (
	"unsafe"

	"modernc.org/libc"
	lib "modernc.org/sqlite/lib"
)

// pointer reads an address in SQLite's memory, which the garbage collector neither moves nor frees.
func pointer[T any](address uintptr) *T { return *(**T)(unsafe.Pointer(&address)) }

// function reads a function pointer of SQLite, which is a Go function value.
func function[F any](address uintptr) F { return *(*F)(unsafe.Pointer(&address)) }

// address makes a function pointer for SQLite of a function that is declared at top level: nothing else stays where it
// is.
func address[F any](f F) uintptr { return *(*uintptr)(unsafe.Pointer(&f)) }

// allocate puts a value into SQLite's memory, for good. It returns 0 where there is no room.
func allocate[T any](tls *libc.TLS, v T) uintptr {
	at := lib.Xsqlite3_malloc64(tls, lib.Tsqlite3_uint64(unsafe.Sizeof(v)))
	if at != 0 {
		*pointer[T](at) = v
	}
	return at
}

// bytesAt are n bytes in SQLite's memory.
func bytesAt(address uintptr, n int64) []byte {
	if n == 0 {
		return nil
	}
	return unsafe.Slice(pointer[byte](address), n)
}
