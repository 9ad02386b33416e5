//go:build !unix

package store

import "os"

// ownerOnly is true where a file takes its rights from the directory.
func ownerOnly(os.FileInfo) bool { return true }

// linkCount is 1 where the system does not tell.
func linkCount(os.FileInfo) uint64 { return 1 }
