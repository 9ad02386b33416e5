//go:build !(linux || darwin)

package store

// freeRoom is not known where the system is asked in another way.
func freeRoom(string) (int64, bool) { return 0, false }
