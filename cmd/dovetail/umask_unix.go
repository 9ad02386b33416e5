//go:build unix

package main

import "syscall"

// privateFiles keeps what this process creates to its user: SQLite makes its side files with the process's mask.
func privateFiles() { syscall.Umask(0o077) }
