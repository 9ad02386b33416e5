package faultfs

import "modernc.org/libc"

// Locks, shared memory and what a file system is like are those of the VFS below: no fault touches them.

func lock(tls *libc.TLS, at uintptr, level int32) int32 {
	under := at + headerSize
	return function[func(*libc.TLS, uintptr, int32) int32](belowOf(under).FxLock)(tls, under, level)
}

func unlock(tls *libc.TLS, at uintptr, level int32) int32 {
	under := at + headerSize
	return function[func(*libc.TLS, uintptr, int32) int32](belowOf(under).FxUnlock)(tls, under, level)
}

func checkReservedLock(tls *libc.TLS, at, out uintptr) int32 {
	under := at + headerSize
	return function[func(*libc.TLS, uintptr, uintptr) int32](belowOf(under).FxCheckReservedLock)(tls, under, out)
}

func fileControl(tls *libc.TLS, at uintptr, what int32, with uintptr) int32 {
	under := at + headerSize
	return function[func(*libc.TLS, uintptr, int32, uintptr) int32](belowOf(under).FxFileControl)(tls, under, what, with)
}

func sectorSize(tls *libc.TLS, at uintptr) int32 {
	under := at + headerSize
	return function[func(*libc.TLS, uintptr) int32](belowOf(under).FxSectorSize)(tls, under)
}

func deviceCharacteristics(tls *libc.TLS, at uintptr) int32 {
	under := at + headerSize
	return function[func(*libc.TLS, uintptr) int32](belowOf(under).FxDeviceCharacteristics)(tls, under)
}

func shmMap(tls *libc.TLS, at uintptr, region, size, extend int32, out uintptr) int32 {
	under := at + headerSize
	return function[func(*libc.TLS, uintptr, int32, int32, int32, uintptr) int32](belowOf(under).FxShmMap)(tls, under, region, size, extend, out)
}

func shmLock(tls *libc.TLS, at uintptr, offset, n, flags int32) int32 {
	under := at + headerSize
	return function[func(*libc.TLS, uintptr, int32, int32, int32) int32](belowOf(under).FxShmLock)(tls, under, offset, n, flags)
}

func shmBarrier(tls *libc.TLS, at uintptr) {
	under := at + headerSize
	function[func(*libc.TLS, uintptr)](belowOf(under).FxShmBarrier)(tls, under)
}

func shmUnmap(tls *libc.TLS, at uintptr, remove int32) int32 {
	under := at + headerSize
	return function[func(*libc.TLS, uintptr, int32) int32](belowOf(under).FxShmUnmap)(tls, under, remove)
}
