//go:build !(linux || darwin || freebsd || netbsd || openbsd)

package store

// mayWrite is left to the first write where the system cannot be asked.
func mayWrite(string) bool { return true }
