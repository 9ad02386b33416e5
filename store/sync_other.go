//go:build !unix

package store

// syncDirectory does nothing where a directory cannot be opened.
func syncDirectory(string) error { return nil }
