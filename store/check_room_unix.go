//go:build linux || darwin

package store

import "syscall"

// freeRoom is how many bytes this user may still write where a file stands; false where the system does not tell.
func freeRoom(path string) (int64, bool) {
	var stat syscall.Statfs_t
	if err := syscall.Statfs(path, &stat); err != nil {
		return 0, false
	}
	return int64(stat.Bavail) * int64(stat.Bsize), true
}
