//go:build unix

package store

import (
	"os"
	"syscall"
)

// ownerOnly reports whether nobody but its owner may read or write a file.
func ownerOnly(info os.FileInfo) bool { return info.Mode().Perm()&0o077 == 0 }

// linkCount is how many names a file has.
func linkCount(info os.FileInfo) uint64 {
	if stat, ok := info.Sys().(*syscall.Stat_t); ok {
		return uint64(stat.Nlink)
	}
	return 1
}
